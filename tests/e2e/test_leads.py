"""The rules of leads, performance and dashboard as their acceptance is written, on the binary.

Each test names the row of the domain that it proves.
"""

import concurrent.futures
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import suite
from support.checks import micros, refused
from support.company import Company

SUITE = None
COMPANY = None
DAY_US = 86_400_000_000


def setUpModule():
    global SUITE, COMPANY
    SUITE = suite.Suite(test_clock=True).start()
    COMPANY = Company(SUITE)


def tearDownModule():
    if SUITE is not None:
        SUITE.__exit__(None)


def now_us():
    return int(SUITE.get("/v1/status")["now_us"])


def all_pages(path, field, **query):
    return SUITE.pages(path, field, page_size=1000, **query)


class Grading(unittest.TestCase):
    hot = dict(intent=100, budget=suite.money(10_000_000), decision_days=1)
    cold = dict(intent=0, decision_days=3650)

    def update(self, lead, **fields):
        return SUITE.command(f"/v1/leads/{lead['id']}", {
            "lead": fields, "update_mask": ",".join(fields)}, method="PATCH")

    def test_L1_graded_on_input_and_emitted_only_on_change(self):
        lead = COMPANY.lead("L1", **self.hot)
        self.assertEqual(lead["grade"], "GRADE_A")
        before = COMPANY.events(lead["id"]).count("LeadGraded")
        lead = self.update(lead, intent=99)
        self.assertEqual(lead["grade"], "GRADE_A")
        self.assertEqual(COMPANY.events(lead["id"]).count("LeadGraded"), before)
        lead = self.update(lead, intent=0, budget=None, decision_days=3650)
        self.assertEqual(lead["grade"], "GRADE_D")
        self.assertEqual(COMPANY.events(lead["id"]).count("LeadGraded"), before + 1)
        lead = self.update(lead, sector="retail")
        self.assertEqual(COMPANY.events(lead["id"]).count("LeadGraded"), before + 1)

    def test_L1_under_the_active_version_of_the_policy(self):
        lead = COMPANY.lead("L1 policy", intent=50, decision_days=60)
        points, policy = lead.get("points", 0), COMPANY.policy("grade")
        self.assertNotEqual(lead["grade"], "GRADE_A")
        self.assertGreaterEqual(points, 3)
        easier = {**policy, "grade_a_points": points, "grade_b_points": points - 1,
                  "grade_c_points": points - 2}
        made = SUITE.command("/v1/policies", {"service": "leads", "kind": "grade", "body": easier,
                                              "reason": "a test"})
        try:
            lead = self.update(lead, sector="retail", intent=50)
            self.assertEqual(lead["grade"], "GRADE_A")
            events = SUITE.get(f"/v1/journals/leads/aggregates/{lead['id']}")["events"]
            self.assertIn(f"grade@{made['version']}", events[-1]["policies"])
        finally:
            SUITE.command("/v1/policies", {"service": "leads", "kind": "grade", "body": policy})

    def test_L2_queue_never_shows_a_lower_grade_first(self):
        owner = COMPANY.create_person("queue")["id"]
        SUITE.settled()
        for n in range(40):
            COMPANY.lead(f"L2 {n}", owner_id=owner, intent=(n * 37) % 101,
                         decision_days=(n * 53) % 400 + 1, budget=suite.money(n * n * 1000))
        queue = all_pages("/v1/leads", "leads", owner_id=owner, queue="true")
        self.assertEqual(len(queue), 40)
        grades = [lead["grade"] for lead in queue]
        self.assertEqual(grades, sorted(grades))
        self.assertGreater(len(set(grades)), 1)
        for one, two in zip(queue, queue[1:]):
            if one["grade"] == two["grade"]:
                self.assertGreaterEqual(one.get("points", 0), two.get("points", 0))
        small = SUITE.pages("/v1/leads", "leads", owner_id=owner, queue="true", page_size=7)
        self.assertEqual([lead["id"] for lead in small], [lead["id"] for lead in queue])


class Assignment(unittest.TestCase):
    def test_L4_concurrent_assigners_leave_one_owner(self):
        reps = [COMPANY.id[n] for n in ("ann", "bob", "cid", "eva")]
        for round_ in range(5):
            lead = COMPANY.lead(f"L4 {round_}")

            def assign(n):
                try:
                    return SUITE.command(f"/v1/leads/{lead['id']}:assign", {"owner_id": reps[n % 4]})
                except suite.ApiError as error:
                    return error
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                answers = list(pool.map(assign, range(16)))
            winners = [a for a in answers if not isinstance(a, suite.ApiError)]
            losers = [a for a in answers if isinstance(a, suite.ApiError)]
            self.assertEqual(len(winners), 1)
            self.assertEqual({(e.code, e.reason) for e in losers}, {("ABORTED", "CLAIMED_BY_OTHER")})
            self.assertEqual(SUITE.get(f"/v1/leads/{lead['id']}")["owner_id"], winners[0]["owner_id"])
            self.assertEqual(COMPANY.events(lead["id"]).count("LeadAssigned"), 1)

    def test_L4_an_owned_lead_changes_hands_with_its_etag(self):
        lead = COMPANY.lead("L4 etag", owner_id=COMPANY.id["ann"])
        path = f"/v1/leads/{lead['id']}:assign"
        lead = SUITE.get(f"/v1/leads/{lead['id']}")
        with refused(self, "ABORTED", "CLAIMED_BY_OTHER"):
            SUITE.command(path, {"owner_id": COMPANY.id["bob"]})
        moved = SUITE.command(path, {"owner_id": COMPANY.id["bob"], "etag": str(lead["version"])})
        self.assertEqual(moved["owner_id"], COMPANY.id["bob"])

    def test_L5_inactive_and_full_reps_never_receive(self):
        region = COMPANY.create_unit("L5", "REGION", COMPANY.unit["company"])["id"]
        team = COMPANY.create_unit("L5 team", "TEAM", region)["id"]
        boss = COMPANY.create_person("L5 boss", "ROLE_MANAGER", team, True)["id"]
        able = [COMPANY.create_person(f"L5 able {n}", unit=team, capacity=3, manager=boss)["id"]
                for n in range(2)]
        idle = COMPANY.create_person("L5 gone", unit=team, inactive=True, capacity=50)["id"]
        SUITE.settled()
        leads = [COMPANY.lead(f"L5 {n}", region_id=region, as_=boss)["id"] for n in range(12)]

        def assign(lead):
            try:
                return SUITE.command(f"/v1/leads/{lead}:assign", as_=boss)["owner_id"]
            except suite.ApiError as error:
                return error
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(assign, leads))
        owners = [a for a in answers if isinstance(a, str)]
        self.assertNotIn(idle, owners)
        for rep in able:
            held = all_pages("/v1/leads", "leads", owner_id=rep)
            self.assertEqual(len(held), 3)
        for error in (a for a in answers if not isinstance(a, str)):
            self.assertEqual(error.code, "FAILED_PRECONDITION", error)

    def test_L5_naming_a_full_or_inactive_rep_is_refused(self):
        full = COMPANY.create_person("full", capacity=1)["id"]
        gone = COMPANY.create_person("gone", inactive=True)["id"]
        SUITE.settled()
        SUITE.command(f"/v1/leads/{COMPANY.lead('one')['id']}:assign", {"owner_id": full})
        for owner in (full, gone):
            lead = COMPANY.lead("two")
            with refused(self, "FAILED_PRECONDITION"):
                SUITE.command(f"/v1/leads/{lead['id']}:assign", {"owner_id": owner})
            self.assertEqual(COMPANY.events(lead["id"]).count("LeadAssigned"), 0)

    def test_handover_moves_everything_of_a_leaver(self):
        leaver, heir = (COMPANY.create_person(n, capacity=1000)["id"] for n in ("leaver", "heir"))
        SUITE.settled()
        for n in range(230):
            COMPANY.customer(f"handed {n}", owner_id=leaver)
        deals = [COMPANY.deal(owner_id=leaver, name=f"handed {n}") for n in range(4)]
        for n in range(3):
            COMPANY.lead(f"handed {n}", owner_id=leaver)
        won = COMPANY.win(COMPANY.deal(owner_id=leaver, name="kept"), 500)
        job = SUITE.command("/v1/handovers", {"handover": {"from_id": leaver, "to_id": heir}})
        done = suite.until(lambda: (j := SUITE.get(f"/v1/handovers/{job['id']}"))["state"]
                           == "HANDOVER_STATE_DONE" and j, 30, "the handover")
        self.assertEqual((int(done["customers"]), int(done["leads"]), int(done["opportunities"])),
                         (230, 3, 4))
        self.assertEqual(all_pages("/v1/customers", "customers", owner_id=leaver), [])
        self.assertEqual(SUITE.get(f"/v1/opportunities/{deals[0]['id']}")["owner_id"], heir)
        # What is closed stays with who closed it.
        self.assertEqual(SUITE.get(f"/v1/opportunities/{won['id']}")["owner_id"], leaver)


class Stages(unittest.TestCase):
    def test_L6_illegal_transitions_publish_nothing(self):
        stages = [s["id"] for s in COMPANY.stages()]
        opened, won = COMPANY.stage_of_kind("OPEN"), COMPANY.stage_of_kind("WON")[0]
        deal = COMPANY.finish_checklist(COMPANY.deal(name="L6"))
        self.assertEqual(deal["stage"], opened[0])
        before = COMPANY.events(deal["id"])
        for stage in (opened[0], *opened[2:], won):
            with refused(self, "FAILED_PRECONDITION", "ILLEGAL_STAGE"):
                COMPANY.advance(deal, stage)
        with self.assertRaises(suite.ApiError) as unknown:
            COMPANY.advance(deal, "no-such-stage")
        self.assertIn(unknown.exception.code, ("INVALID_ARGUMENT", "FAILED_PRECONDITION"))
        self.assertEqual(COMPANY.events(deal["id"]), before)
        deal = COMPANY.win(deal, 900)
        self.assertEqual(deal["stage_kind"], "STAGE_KIND_WON")
        after = COMPANY.events(deal["id"])
        for stage in stages:
            with refused(self, "FAILED_PRECONDITION"):
                COMPANY.advance(deal, stage)
        self.assertEqual(COMPANY.events(deal["id"]), after)

    def test_L6_the_second_pipeline_has_the_six_steps(self):
        kinds = {p["kind"] for p in SUITE.get("/v1/policies/leads")["policies"]}
        pipelines = [k.split(":", 1)[1] for k in kinds if k.startswith("pipeline:")]
        self.assertIn("default", pipelines)
        six = next(p for p in pipelines if p != "default" and len(COMPANY.stages(p)) >= 7)
        deal = COMPANY.win(COMPANY.deal(name="six", pipeline=six), 10)
        self.assertEqual(deal["stage_kind"], "STAGE_KIND_WON")
        self.assertEqual([e["stage"] for e in deal["history"]],
                         COMPANY.stage_of_kind("OPEN", six) + COMPANY.stage_of_kind("WON", six)[:1])

    def test_L7_checklist_holds_back_and_an_override_is_logged(self):
        opened = COMPANY.stage_of_kind("OPEN")
        ann = COMPANY.id["ann"]
        deal = COMPANY.deal(name="L7", as_=ann)
        first = next(s for s in COMPANY.stages() if s["id"] == opened[0])
        mandatory = [i for i in first["checklist"] if i.get("mandatory")]
        self.assertTrue(mandatory)
        for item in mandatory:
            with refused(self, "FAILED_PRECONDITION", "CHECKLIST_OPEN") as expect:
                COMPANY.advance(deal, opened[1], ann)
            self.assertIn(item["id"], str(expect.error))
            SUITE.command(f"/v1/opportunities/{deal['id']}:completeItem", {"item": item["id"]}, ann)
        deal = COMPANY.advance(deal, opened[1], ann)
        self.assertEqual(deal["stage"], opened[1])
        other = COMPANY.advance(COMPANY.deal(name="L7 override", as_=ann), opened[1], ann,
                                override_reason="the customer was in a hurry")
        entry = other["history"][-1]
        self.assertEqual((entry["actor"], entry["override_reason"]),
                         (ann, "the customer was in a hurry"))
        timeline = SUITE.get(f"/v1/timeline/{other['id']}")["entries"]
        self.assertIn("the customer was in a hurry", timeline[-1]["detail"])

    def test_L8_stalls_once_after_seven_days_and_rearms(self):
        opened = COMPANY.stage_of_kind("OPEN")
        deal = COMPANY.deal(name="L8")
        other = COMPANY.deal(name="L8 moved")
        entered = micros(deal["stage_time"])
        limit = next(s for s in COMPANY.stages() if s["id"] == opened[0])["stall_days"]
        self.assertEqual(limit, 7)

        def stalls(which):
            return COMPANY.events(which["id"]).count("OpportunityStalled")

        def advance_to(moment_us):
            SUITE.post("/v1/clock:advance", {"by_us": str(moment_us - now_us())})

        advance_to(entered + 6 * DAY_US)
        COMPANY.finish_checklist(other)
        moved = COMPANY.advance(other, opened[1])
        advance_to(entered + 7 * DAY_US - 3_000_000)
        self.assertEqual(stalls(deal), 0)
        SUITE.advance("4s")
        self.assertEqual(stalls(deal), 1)
        event = SUITE.get(f"/v1/journals/leads/aggregates/{deal['id']}")["events"][-1]
        late = int(event["occurred_us"]) - entered - 7 * DAY_US
        self.assertTrue(0 <= late <= 1_000_000, late)
        SUITE.advance("7d")
        self.assertEqual(stalls(deal), 1)
        # The other one was advanced on the sixth day: its seven days began anew.
        self.assertEqual(stalls(other), 1)
        event = SUITE.get(f"/v1/journals/leads/aggregates/{other['id']}")["events"][-1]
        late = int(event["occurred_us"]) - micros(moved["stage_time"]) - 7 * DAY_US
        self.assertTrue(0 <= late <= 1_000_000, late)
        COMPANY.finish_checklist(deal)
        COMPANY.advance(deal, opened[1])
        SUITE.advance("6d")
        self.assertEqual(stalls(deal), 1)
        SUITE.advance("2d")
        self.assertEqual(stalls(deal), 2)

    def test_L8_a_closed_deal_never_stalls(self):
        deal = COMPANY.lose(COMPANY.deal(name="L8 lost"))
        SUITE.advance("30d")
        self.assertNotIn("OpportunityStalled", COMPANY.events(deal["id"]))

    def test_first_contact_is_due_once(self):
        lead = COMPANY.lead("first contact", owner_id=COMPANY.id["ann"])
        met = COMPANY.lead("met", owner_id=COMPANY.id["ann"])
        SUITE.command("/v1/interactions", {"interaction": {
            "subject_id": met["id"], "kind": "INTERACTION_KIND_CALL", "note": "called"}})
        hours = int(COMPANY.policy("contact")["first_contact_hours"])
        SUITE.advance(f"{hours + 1}h")
        SUITE.advance("3d")
        self.assertEqual(COMPANY.events(lead["id"]).count("LeadFirstContactOverdue"), 1)
        self.assertNotIn("LeadFirstContactOverdue", COMPANY.events(met["id"]))
        self.assertEqual(SUITE.get(f"/v1/leads/{met['id']}")["status"], "LEAD_STATUS_CONTACTED")


class Figures(unittest.TestCase):
    """Figures over dated histories that are imported here, in years of their own."""

    @classmethod
    def setUpClass(cls):
        cls.opened, cls.won = COMPANY.stage_of_kind("OPEN"), COMPANY.stage_of_kind("WON")[0]
        cls.lost = COMPANY.stage_of_kind("LOST")[0]

    def row(self, key, *steps, owner="ann", amount=None, **more):
        row = {"external_id": key, "owner_id": COMPANY.id[owner], "product_id": COMPANY.product,
               "history": COMPANY.history(*steps), **more}
        if amount is not None:
            row["amount"] = suite.money(amount)
        return row

    def load(self, *rows):
        results = COMPANY.import_deals(list(rows))
        SUITE.settled()
        return [r["outcome"] for r in results]

    def test_L9_D3_stage_conversion_and_its_bottleneck(self):
        a, b, c, d = self.opened[:4] if len(self.opened) >= 4 else (*self.opened, self.won)
        rows = []
        for n in range(10):  # Ten enter a, eight b, two c.
            steps = [(a, "2010-03-01")] + ([(b, "2010-03-05")] if n < 8 else [])
            steps += [(c, "2010-03-09")] if n < 2 else []
            rows.append(self.row(f"L9-{n}", *steps))
        self.assertEqual(set(self.load(*rows)), {"OUTCOME_CREATED"})
        answer = SUITE.query(["stage_entered", "stage_conversion"], ["stage"], "2010-01-01",
                             "2010-12-31")
        by = {r["groups"][0]["id"]: r["values"] for r in answer["rows"]}
        self.assertEqual({s: by[s][0]["value"] for s in (a, b, c)}, {a: 10, b: 8, c: 2})
        self.assertEqual(by[a][1]["value"], 0.8)
        self.assertEqual(by[b][1]["value"], 0.25)
        self.assertEqual(by[c][1].get("value"), 0)
        flagged = [s for s in by if by[s][1].get("bottleneck")]
        self.assertEqual(flagged, [c])  # D3: where most is lost.

    def test_L10_mean_and_median_cycle(self):
        ends = ["2011-05-03", "2011-05-05", "2011-05-10"]  # 2, 4 and 9 days.
        self.load(*[self.row(f"L10-{n}", (self.opened[0], "2011-05-01"), (self.won, end), amount=10)
                    for n, end in enumerate(ends)])
        values = SUITE.query(["cycle_days", "cycle_days_median", "won"], (), "2011-01-01",
                             "2011-12-31")["rows"][0]["values"]
        self.assertEqual([v["value"] for v in values], [5, 4, 3])

    def test_L12_counts_by_source_sum_to_the_total(self):
        sources = ["show", "online", "partner", "referral", "", "online", "show", "show"]
        for n, source in enumerate(sources):
            SUITE.command("/v1/leads", {"lead": {"name": f"L12 {n}", "source": source},
                                        "occur_time": f"2012-02-{n + 1:02}T12:00:00Z"})
        SUITE.settled()
        rows = SUITE.query(["leads_created"], ["source"], "2012-01-01", "2012-12-31")["rows"]
        got = {r["groups"][0].get("id"): r["values"][0]["value"] for r in rows}
        self.assertEqual(got, {"show": 3, "online": 2, "partner": 1, "referral": 1, None: 1})
        self.assertEqual(sum(got.values()),
                         SUITE.figure("leads_created", "2012-01-01", "2012-12-31"))

    def test_import_of_the_same_a_changed_and_a_bad_row(self):
        row = self.row("again", (self.opened[0], "2013-01-02"), (self.won, "2013-01-20"), amount=70)
        self.assertEqual(self.load(row), ["OUTCOME_CREATED"])
        self.assertEqual(self.load(row), ["OUTCOME_UNCHANGED"])
        self.assertEqual(SUITE.figure("revenue", "2013-01-01", "2013-12-31"), 70)
        changed = self.row("again", (self.opened[0], "2013-01-02"), (self.won, "2013-02-20"),
                           amount=90)
        bad = self.row("bad", (self.opened[1], "2013-03-02"), (self.opened[0], "2013-03-01"))
        self.assertEqual(self.load(changed, bad), ["OUTCOME_UPDATED", "OUTCOME_REFUSED"])
        rows = SUITE.query(["revenue"], ["month"], "2013-01-01", "2013-12-31")["rows"]
        self.assertEqual([(r["groups"][0]["id"], r["values"][0]["value"]) for r in rows],
                         [("2013-02", 90)])
        deal = COMPANY.import_deals([changed])[0]["id"]
        self.assertEqual(COMPANY.events(deal).count("OpportunityHistoryCorrected"), 1)

    def test_new_customer_is_credited_once_also_when_an_earlier_win_comes_later(self):
        customer = COMPANY.customer("new one")["id"]
        self.load(self.row("later", (self.opened[0], "2014-04-01"), (self.won, "2014-06-10"),
                           owner="ann", amount=5, customer_id=customer))
        credited = self.new_customers()
        self.assertEqual(credited, {("ann", "2014-06"): 1})
        self.load(self.row("earlier", (self.opened[0], "2014-04-01"), (self.won, "2014-05-10"),
                           owner="eva", amount=5, customer_id=customer))
        self.assertEqual(self.new_customers(), {("eva", "2014-05"): 1})

    def new_customers(self):
        rows = SUITE.query(["new_customers"], ["rep", "month"], "2014-01-01", "2014-12-31")
        return {(r["groups"][0]["name"], r["groups"][1]["id"]): r["values"][0]["value"]
                for r in rows.get("rows", [])}

    def test_P7_zero_base_is_undefined(self):
        self.load(self.row("P7", (self.opened[0], "2015-03-01"), (self.won, "2015-03-09"), amount=50),
                  self.row("P7b", (self.opened[0], "2015-03-01"), (self.won, "2015-04-09"), amount=75))
        rows = SUITE.query(["growth_mom", "growth_yoy", "revenue"], ["month"], "2015-03-01",
                           "2015-04-30")["rows"]
        by = {r["groups"][0]["id"]: r["values"] for r in rows}
        self.assertNotIn("value", by["2015-03"][0])
        self.assertEqual(by["2015-03"][0]["null_reason"], "ZERO_BASE")
        self.assertEqual(by["2015-04"][0]["value"], 0.5)
        self.assertNotIn("value", by["2015-04"][1])

    def test_a_price_is_decided_when_the_deal_is(self):
        product = SUITE.command("/v1/products", {"product": {
            "name": "Fan", "line": "Machines", "list_price": suite.money(300)}})["id"]
        SUITE.settled()
        old = COMPANY.deal(name="old price", product_id=product, quantity=2)
        self.assertEqual((suite.minor(old["value"]), old["value_source"]),
                         (60_000, "VALUE_SOURCE_LIST_PRICE"))
        SUITE.command(f"/v1/products/{product}", {"product": {"list_price": suite.money(400)},
                                                  "update_mask": "list_price"}, method="PATCH")
        SUITE.settled()
        new = COMPANY.deal(name="new price", product_id=product)
        self.assertEqual(suite.minor(SUITE.get(f"/v1/opportunities/{old['id']}")["value"]), 60_000)
        self.assertEqual(suite.minor(new["value"]), 40_000)
        own = COMPANY.deal(name="amount", product_id=product, amount=suite.money("250.50"))
        self.assertEqual((suite.minor(own["value"]), own["value_source"]),
                         (25_050, "VALUE_SOURCE_AMOUNT"))


class Customers(unittest.TestCase):
    def test_L11_the_same_phone_is_a_duplicate_however_it_is_written(self):
        first = COMPANY.customer("L11", phone="+86 139-1234-5678", owner_id=COMPANY.id["ann"])
        for phone in ("+8613912345678", "0086 139 1234 5678", "+86 (139) 1234-5678"):
            with refused(self, "ALREADY_EXISTS") as expect:
                COMPANY.customer("L11 twin", phone=phone)
            self.assertIn(first["id"], expect.error.metadata.values())
        with refused(self, "ALREADY_EXISTS") as expect:
            COMPANY.customer("L11 other", phone="+8613912345678", as_=COMPANY.id["eva"])
        self.assertNotIn(first["id"], str(expect.error.body))
        SUITE.delete(f"/v1/customers/{first['id']}")
        COMPANY.customer("L11 after", phone="+8613912345678")

    def test_L11_leads_too(self):
        first = COMPANY.lead("L11 lead", phone="+49 30 1234567")
        with refused(self, "ALREADY_EXISTS") as expect:
            COMPANY.lead("L11 lead 2", phone="0049-30-1234567")
        self.assertIn(first["id"], expect.error.metadata.values())

    def test_L13_timeline_is_by_time_of_the_event(self):
        customer = COMPANY.customer("L13")["id"]
        deal = COMPANY.deal(name="L13", customer_id=customer)
        for day in (9, 2, 5):
            SUITE.command("/v1/interactions", {"interaction": {
                "subject_id": deal["id"], "kind": "INTERACTION_KIND_VISIT", "note": f"visit {day}",
                "occur_time": f"2009-03-{day:02}T10:00:00Z"}})
        SUITE.command("/v1/interactions", {"interaction": {
            "subject_id": customer, "kind": "INTERACTION_KIND_NOTE", "note": "now"}})
        entries = SUITE.pages(f"/v1/timeline/{customer}", "entries", page_size=2)
        times = [micros(e["occur_time"]) for e in entries]
        self.assertEqual(times, sorted(times))
        notes = [e["interaction"]["note"] for e in entries if "interaction" in e]
        self.assertEqual(notes, ["visit 2", "visit 5", "visit 9", "now"])
        types = {e["type"].rsplit(".", 1)[-1] for e in entries}
        self.assertLessEqual({"CustomerCreated", "OpportunityCreated"}, types)

    def test_L14_a_tag_filters_exactly(self):
        made = [COMPANY.customer(f"L14 {n}")["id"] for n in range(6)]
        for one in made[:4]:
            SUITE.command(f"/v1/customers/{one}:tag", {"add": ["l14-vip", "potential"]})
        SUITE.command(f"/v1/customers/{made[0]}:tag", {"remove": ["l14-vip"]})
        SUITE.command(f"/v1/customers/{made[5]}:tag", {"add": ["l14-vi"]})
        got = {c["id"] for c in all_pages("/v1/customers", "customers", tag="l14-vip")}
        self.assertEqual(got, set(made[1:4]))

    def test_convert_makes_all_four_or_nothing(self):
        lead = COMPANY.lead("Converted Ltd", contact_name="Jo", phone="+14155550100",
                            source="show", owner_id=COMPANY.id["ann"], product_id=COMPANY.product)
        before = {s: len(all_pages(f"/v1/{s}", s)) for s in ("customers", "opportunities")}
        with self.assertRaises(suite.ApiError):
            SUITE.command(f"/v1/leads/{lead['id']}:convert", {"pipeline": "no-such"})
        after = {s: len(all_pages(f"/v1/{s}", s)) for s in before}
        self.assertEqual(after, before)
        out = SUITE.command(f"/v1/leads/{lead['id']}:convert", {"amount": suite.money(1200)})
        self.assertEqual(out["lead"]["status"], "LEAD_STATUS_CONVERTED")
        self.assertEqual(out["customer"]["name"], "Converted Ltd")
        self.assertEqual(out["contact"]["name"], "Jo")
        deal = SUITE.get(f"/v1/opportunities/{out['opportunity']['id']}")
        self.assertEqual((deal["customer_id"], deal["source"], deal["lead_id"]),
                         (out["customer"]["id"], "show", lead["id"]))
        with refused(self, "FAILED_PRECONDITION"):
            SUITE.command(f"/v1/leads/{lead['id']}:convert")


class Targets(unittest.TestCase):
    """P1, P2, P4, P6 and D6."""

    def plan(self, year, company, north, south, **more):
        months = [company // 12] * 11 + [company - company // 12 * 11]
        split = [north // 12] * 11 + [north - north // 12 * 11]
        other = [m - n for m, n in zip(months, split)]
        other[0] += south - (company - north)
        return {"year": year, **more, "nodes": [
            {"subject": "TARGET_SUBJECT_COMPANY", "parent": -1,
             "months_minor": [str(m) for m in months]},
            {"subject": "TARGET_SUBJECT_REGION", "subject_id": COMPANY.unit["north"], "parent": 0,
             "months_minor": [str(m) for m in split]},
            {"subject": "TARGET_SUBJECT_REGION", "subject_id": COMPANY.unit["south"], "parent": 0,
             "months_minor": [str(m) for m in other]}]}

    def save(self, plan):
        return SUITE.command("/v1/targetPlans", {"plan": plan})

    def test_P1_children_sum_to_the_parent(self):
        with refused(self, "INVALID_ARGUMENT", "TARGET_SUM"):
            self.save(self.plan(2001, 1_200_000, 700_000, 499_999))
        with refused(self, "INVALID_ARGUMENT"):
            plan = self.plan(2001, 1_200_000, 700_000, 500_000)
            plan["nodes"][0]["year_minor"] = "1200001"
            self.save(plan)
        saved = self.save(self.plan(2001, 1_200_000, 700_000, 500_000))
        self.assertEqual(int(saved["version"]), 1)
        SUITE.settled()
        self.assertEqual(SUITE.figure("target", "2001-01-01", "2001-12-31"), 12_000)
        rows = SUITE.query(["target"], ["region"], "2001-01-01", "2001-12-31")["rows"]
        self.assertEqual({r["groups"][0]["name"]: r["values"][0]["value"] for r in rows},
                         {"north": 7000, "south": 5000})

    def test_P2_splitting_loses_nothing(self):
        for amount, weights in (("100", []), ("1001", ["0.1"] * 5 + ["0.05"] * 5 + ["0.125"] * 2),
                                ("7", []), ("999999999999", [])):
            months = SUITE.post("/v1/targetPlans:split", {"amount_minor": amount,
                                                          "weights": weights})["months_minor"]
            self.assertEqual(len(months), 12)
            self.assertEqual(sum(int(m) for m in months), int(amount))
        hundred = SUITE.post("/v1/targetPlans:split", {"amount_minor": "100"})["months_minor"]
        self.assertEqual([int(m) for m in hundred], [9] * 4 + [8] * 8)
        with refused(self, "INVALID_ARGUMENT"):
            SUITE.post("/v1/targetPlans:split", {"amount_minor": "100",
                                                 "weights": ["0.1"] * 9 + ["0.05"] * 3})

    def test_P4_an_old_date_answers_with_the_old_revision(self):
        self.save(self.plan(2002, 1_200_000, 600_000, 600_000))
        revised = self.plan(2002, 2_400_000, 1_200_000, 1_200_000,
                            effective_from=suite.date("2002-07-01"))
        self.assertEqual(int(self.save(revised)["version"]), 2)
        SUITE.settled()
        rows = SUITE.query(["target"], ["month"], "2002-01-01", "2002-12-31")["rows"]
        self.assertEqual([r["values"][0]["value"] for r in rows], [1000] * 6 + [2000] * 6)
        old = SUITE.get("/v1/targetPlans/2002", **{"on.year": 2002, "on.month": 3, "on.day": 1})
        self.assertEqual(int(old["version"]), 1)
        self.assertEqual(int(SUITE.get("/v1/targetPlans/2002")["version"]), 2)

    def test_P6_D6_attainment_growth_and_benchmark_of_one_period(self):
        self.save(self.plan(2003, 1_200_000, 600_000, 600_000))
        first, won = COMPANY.stage_of_kind("OPEN")[0], COMPANY.stage_of_kind("WON")[0]
        deals = [{"external_id": f"P6-{n}", "owner_id": COMPANY.id[who], "amount": suite.money(amount),
                  "product_id": COMPANY.product, "history": COMPANY.history((first, "2003-01-02"), (won, day))}
                 for n, (who, amount, day) in enumerate((("ann", 400, "2003-02-10"),
                                                         ("eva", 500, "2003-03-10"),
                                                         ("ann", 250, "2003-03-11")))]
        COMPANY.import_deals(deals)
        SUITE.command("/v1/benchmarks:batchImport", {"rows": [{
            "metric": "revenue", "period": "2003-03", "value": "800", "source": "an institute",
            "published_on": suite.date("2003-04-01")}]})
        SUITE.settled()
        values = SUITE.query(["attainment", "growth_mom", "revenue"], (), "2003-03-01",
                             "2003-03-31")["rows"][0]["values"]
        self.assertEqual([v["value"] for v in values], [0.75, 0.875, 750])
        benchmark = SUITE.get("/v1/benchmarks", metric="revenue", period="2003-03")["benchmarks"]
        self.assertEqual([(b["value"], b["source"]) for b in benchmark], [("800", "an institute")])
        rows = SUITE.query(["attainment"], ["region"], "2003-03-01", "2003-03-31")["rows"]
        self.assertEqual({r["groups"][0]["name"]: r["values"][0]["value"] for r in rows},
                         {"north": 0.5, "south": 1.0})
        # P6: the same rows again change nothing.
        self.assertEqual({r["outcome"] for r in COMPANY.import_deals(deals)}, {"OUTCOME_UNCHANGED"})
        SUITE.settled()
        self.assertEqual(SUITE.figure("attainment", "2003-03-01", "2003-03-31"), 0.75)

    def test_attainment_without_a_target_is_null_with_a_reason(self):
        first, won = COMPANY.stage_of_kind("OPEN")[0], COMPANY.stage_of_kind("WON")[0]
        COMPANY.import_deals([{
            "external_id": "no target", "owner_id": COMPANY.id["ann"], "amount": suite.money(1),
            "product_id": COMPANY.product,
            "history": COMPANY.history((first, "2004-01-02"), (won, "2004-02-02"))}])
        SUITE.settled()
        value = SUITE.query(["attainment", "revenue"], (), "2004-01-01", "2004-12-31")[
            "rows"][0]["values"][0]
        self.assertNotIn("value", value)
        self.assertEqual(value["null_reason"], "NO_TARGET")


class Live(unittest.TestCase):
    def counters(self, **query):
        return SUITE.get("/v1/counters", **query)

    def test_D1_D2_counters_follow_and_a_team_is_the_sum_of_its_members(self):
        COMPANY.win(COMPANY.deal(name="D2 a", as_=COMPANY.id["ann"]), 120, COMPANY.id["ann"])
        COMPANY.win(COMPANY.deal(name="D2 b", as_=COMPANY.id["bob"]), 30, COMPANY.id["bob"])
        SUITE.settled()
        period = SUITE.get("/v1/company")["today"][:7]
        start = period + "-01"

        def equal():
            rep = {c["subject"]: c.get("value", 0) for c in
                   self.counters(metric="revenue", grain="rep", period=period).get("counters", [])}
            team = {c["subject"]: c.get("value", 0) for c in
                    self.counters(metric="revenue", grain="team", period=period).get("counters", [])}
            members = rep.get(COMPANY.id["ann"], 0) + rep.get(COMPANY.id["bob"], 0) + rep.get(
                COMPANY.id["mona"], 0)
            asked = SUITE.query(["revenue"], ["team"], start, SUITE.get("/v1/company")["today"],
                                filters={"team": [COMPANY.unit["n1"]]}).get("rows", [])
            return members == team.get(COMPANY.unit["n1"]) == asked[0]["values"][0]["value"] > 0
        suite.until(equal, 5, "counters that equal the query")

    def test_P31_X8_a_figure_explains_itself(self):
        first, won = COMPANY.stage_of_kind("OPEN")[0], COMPANY.stage_of_kind("WON")[0]
        lost = COMPANY.stage_of_kind("LOST")[0]
        COMPANY.import_deals([{
            "external_id": f"X8-{n}", "owner_id": COMPANY.id["cid"], "product_id": COMPANY.product,
            "amount": suite.money(n + 1),
            "history": COMPANY.history((first, "2005-01-02"), (won if n < 2 else lost, "2005-02-02"))}
            for n in range(3)])
        SUITE.settled()
        query = {"metrics": ["win_rate"], "group_by": ["rep"], "from": suite.date("2005-01-01"),
                 "to": suite.date("2005-12-31")}
        row = SUITE.post("/v1/metrics:query", query)["rows"][0]
        answer = SUITE.post("/v1/metrics:explain", {"query": query, "row": row["groups"]})
        self.assertEqual(answer["value"]["value"], 2 / 3)
        self.assertEqual(answer["reevaluated"], answer["value"])
        facts = []

        def walk(node):
            facts.extend(node.get("page", []))
            for part in node.get("parts", []):
                walk(part)
        walk(answer["explanation"])
        self.assertEqual(len({f["event_id"] for f in facts}), 3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
