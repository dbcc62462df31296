"""A small company in a running suite: two regions, three teams, a rep or two in each, one product.

    company   exec (executive)
      north   nora leads          south   sam leads
        n1    mona leads; ann, bob      s1    max leads; eva
        n2    mike leads; cid
"""

from support import suite

PEOPLE = [  # name, role, unit, leads it, manager
    ("exec", "ROLE_EXECUTIVE", None, False, None),
    ("nora", "ROLE_MANAGER", "north", True, "exec"),
    ("sam", "ROLE_MANAGER", "south", True, "exec"),
    ("mona", "ROLE_MANAGER", "n1", True, "nora"),
    ("mike", "ROLE_MANAGER", "n2", True, "nora"),
    ("max", "ROLE_MANAGER", "s1", True, "sam"),
    ("ann", "ROLE_REP", "n1", False, "mona"),
    ("bob", "ROLE_REP", "n1", False, "mona"),
    ("cid", "ROLE_REP", "n2", False, "mike"),
    ("eva", "ROLE_REP", "s1", False, "max"),
]


class Company:
    def __init__(self, running):
        self.suite = running
        self.unit, self.id = {}, {}
        tops = running.get("/v1/units", kind="UNIT_KIND_COMPANY").get("units", [])
        self.unit["company"] = (tops[0] if tops else self.create_unit("Acme", "COMPANY", ""))["id"]
        for name, kind, parent in (("north", "REGION", "company"), ("south", "REGION", "company"),
                                   ("n1", "TEAM", "north"), ("n2", "TEAM", "north"),
                                   ("s1", "TEAM", "south")):
            self.unit[name] = self.create_unit(name, kind, self.unit[parent])["id"]
        for name, role, unit, leads, manager in PEOPLE:
            self.id[name] = self.create_person(name, role, self.unit[unit or "company"], leads,
                                               self.id.get(manager))["id"]
        self.product = running.command("/v1/products", {"product": {
            "name": "Pump", "line": "Machines", "list_price": suite.money(1000)}})["id"]
        running.settled()

    def create_unit(self, name, kind, parent):
        placements = [{"parent_id": parent}] if parent else []
        return self.suite.command("/v1/units", {"unit": {
            "name": name, "kind": "UNIT_KIND_" + kind, "placements": placements}})

    def create_person(self, name, role="ROLE_REP", unit=None, leads=False, manager=None, **more):
        person = {"name": name, "roles": [role],
                  "memberships": [{"unit_id": unit or self.unit["company"], "leads": leads}],
                  "external_ids": [{"source": "hr", "id": name}], **more}
        if manager:
            person["reporting"] = [{"manager_id": manager}]
        return self.suite.command("/v1/people", {"person": person})

    def deal(self, as_=None, **fields):
        fields.setdefault("product_id", self.product)
        return self.suite.command("/v1/opportunities", {"opportunity": fields}, as_)

    def lead(self, name="Lead", as_=None, **fields):
        return self.suite.command("/v1/leads", {"lead": {"name": name, **fields}}, as_)

    def customer(self, name="Customer", as_=None, **fields):
        return self.suite.command("/v1/customers", {"customer": {"name": name, **fields}}, as_)

    def policy(self, kind):
        policies = self.suite.get("/v1/policies/leads", kind=kind).get("policies", [])
        return max(policies, key=lambda p: int(p["version"]))["body"]

    def stages(self, pipeline="default"):
        return self.policy("pipeline:" + pipeline)["stages"]

    def stage_of_kind(self, kind, pipeline="default"):
        """Ids of the stages of a kind: OPEN, WON, LOST."""
        return [s["id"] for s in self.stages(pipeline) if s["kind"] == "STAGE_KIND_" + kind]

    def finish_checklist(self, deal, as_=None):
        stage = next(s for s in self.stages(deal.get("pipeline") or "default")
                     if s["id"] == deal["stage"])
        for item in stage.get("checklist", []):
            deal = self.suite.command(f"/v1/opportunities/{deal['id']}:completeItem",
                                      {"item": item["id"]}, as_)
        return deal

    def advance(self, deal, to_stage, as_=None, **more):
        return self.suite.command(f"/v1/opportunities/{deal['id']}:advance",
                                  {"to_stage": to_stage, **more}, as_)

    def win(self, deal, amount=None, as_=None):
        """Walks a deal through its stages to won."""
        pipeline = deal.get("pipeline") or "default"
        order = self.stage_of_kind("OPEN", pipeline) + self.stage_of_kind("WON", pipeline)[:1]
        for stage in order[order.index(deal["stage"]) + 1:]:
            self.finish_checklist(deal, as_)
            more = {"amount": suite.money(amount)} if stage == order[-1] and amount else {}
            deal = self.advance(deal, stage, as_, **more)
        return deal

    def lose(self, deal, as_=None):
        return self.advance(deal, self.stage_of_kind("LOST")[0], as_, lost_reason="price")

    def import_deals(self, rows, source="crm"):
        return self.suite.command("/v1/opportunities:batchImport",
                                  {"source": source, "rows": rows})["results"]

    def history(self, *steps, pipeline="default"):
        """steps: (stage id, yyyy-mm-dd)."""
        return [{"stage": stage, "day": suite.date(day)} for stage, day in steps]

    def events(self, aggregate_id, service="leads"):
        """Types of the events of an aggregate, without their package."""
        answer = self.suite.get(f"/v1/journals/{service}/aggregates/{aggregate_id}")
        return [e["type"].rsplit(".", 1)[-1] for e in answer.get("events", [])]
