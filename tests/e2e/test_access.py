"""Who sees what: own, team, region, company; what is out of scope reads like what is missing."""

import datetime
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import suite
from support.checks import refused
from support.company import Company

SUITE = None
COMPANY = None
DEALS = {}
REPS = ["ann", "bob", "cid", "eva"]
SEES = {"ann": {"ann"}, "mona": {"ann", "bob"}, "mike": {"cid"}, "nora": {"ann", "bob", "cid"},
        "sam": {"eva"}, "exec": set(REPS)}
NOBODY = "00000000-0000-7000-8000-000000000000"


def setUpModule():
    begin()


def begin():
    """A fresh suite with a customer, an open deal, a lead and a won deal of each rep."""
    global SUITE, COMPANY
    tearDownModule()
    SUITE = suite.Suite(test_clock=True).start()
    COMPANY = Company(SUITE)
    for n, rep in enumerate(REPS):
        customer = COMPANY.customer(f"customer of {rep}", owner_id=COMPANY.id[rep])
        deal = COMPANY.deal(name=f"deal of {rep}", owner_id=COMPANY.id[rep],
                            customer_id=customer["id"])
        lead = COMPANY.lead(f"lead of {rep}", owner_id=COMPANY.id[rep])
        won = COMPANY.win(COMPANY.deal(name=f"won by {rep}", owner_id=COMPANY.id[rep]), 10 ** n)
        DEALS[rep] = {"customer": customer["id"], "deal": deal["id"], "lead": lead["id"],
                      "won": won["id"]}
    SUITE.settled()


def tearDownModule():
    if SUITE is not None:
        SUITE.__exit__(None)


def today():
    return SUITE.get("/v1/company")["today"]


class Scope(unittest.TestCase):
    def test_lists(self):
        for person, reps in SEES.items():
            as_ = COMPANY.id[person]
            for path, field, kind in (("/v1/opportunities", "opportunities", "deal"),
                                      ("/v1/leads", "leads", "lead"),
                                      ("/v1/customers", "customers", "customer")):
                got = {r["id"] for r in SUITE.pages(path, field, as_, page_size=2)}
                known = {DEALS[r][kind] for r in REPS}
                self.assertEqual(got & known, {DEALS[r][kind] for r in reps}, (person, path))

    def test_reads_and_commands_out_of_scope_read_like_missing(self):
        eva = DEALS["eva"]
        ann = COMPANY.id["ann"]
        calls = [("GET", "/v1/opportunities/{}", "deal", None), ("GET", "/v1/leads/{}", "lead", None),
                 ("GET", "/v1/customers/{}", "customer", None),
                 ("GET", "/v1/timeline/{}", "deal", None),
                 ("POST", "/v1/opportunities/{}:advance", "deal",
                  {"to_stage": COMPANY.stage_of_kind("OPEN")[1]}),
                 ("POST", "/v1/opportunities/{}:completeItem", "deal", {"item": "any"}),
                 ("PATCH", "/v1/opportunities/{}", "deal",
                  {"opportunity": {"name": "x"}, "update_mask": "name"}),
                 ("PATCH", "/v1/leads/{}", "lead", {"lead": {"intent": 1}, "update_mask": "intent"}),
                 ("POST", "/v1/leads/{}:disqualify", "lead", {"reason": "none"}),
                 ("POST", "/v1/leads/{}:convert", "lead", {}),
                 ("POST", "/v1/customers/{}:tag", "customer", {"add": ["x"]})]
        for method, path, kind, body in calls:
            answers = []
            for id_ in (eva[kind], NOBODY):
                full = None if body is None else {"request_id": suite.new_id(), **body}
                with refused(self, "NOT_FOUND") as got:
                    SUITE.call(method, path.format(id_), full, ann)
                # Each has its own trace, and nothing else that differs.
                details = got.error.body["details"]
                self.assertEqual(details.pop()["@type"], "type.googleapis.com/google.rpc.RequestInfo")
                answers.append(str(got.error.body).replace(id_, "ID"))
            self.assertEqual(answers[0], answers[1], path)
        self.assertEqual(SUITE.get(f"/v1/opportunities/{eva['deal']}", COMPANY.id["eva"])["id"],
                         eva["deal"])

    def test_a_filter_on_another_owner_shows_nothing(self):
        got = SUITE.pages("/v1/opportunities", "opportunities", COMPANY.id["ann"],
                          owner_id=COMPANY.id["eva"])
        self.assertEqual(got, [])

    def test_customers_without_owner_or_with_a_deal_of_mine_are_readable(self):
        free = COMPANY.customer("nobody's")["id"]
        other = COMPANY.customer("eva's other", owner_id=COMPANY.id["eva"])["id"]
        ann = COMPANY.id["ann"]
        self.assertEqual(SUITE.get(f"/v1/customers/{free}", ann)["id"], free)
        with refused(self, "NOT_FOUND"):
            SUITE.get(f"/v1/customers/{other}", ann)
        COMPANY.deal(name="shared", owner_id=ann, customer_id=other)
        self.assertEqual(SUITE.get(f"/v1/customers/{other}", ann)["id"], other)
        with refused(self, "NOT_FOUND"):
            SUITE.get(f"/v1/customers/{other}", COMPANY.id["cid"])

    def test_figures_name_their_scope_and_cover_it_only(self):
        worth = {rep: 10 ** n for n, rep in enumerate(REPS)}
        for person, scope in (("ann", "own"), ("mona", "team"), ("nora", "region"),
                              ("exec", "company"), (None, "company")):
            answer = SUITE.query(["revenue"], (), "2000-01-01", today(),
                                 as_=COMPANY.id.get(person))
            self.assertEqual(answer["scope"], scope, person)
            total = sum(worth[r] for r in SEES.get(person, REPS))
            self.assertEqual(answer["rows"][0]["values"][0]["value"], total, person)

    def test_explanations_stay_in_scope(self):
        query = {"metrics": ["won"], "from": suite.date("2000-01-01"), "to": suite.date(today())}
        mine = SUITE.post("/v1/metrics:explain", {"query": query}, COMPANY.id["ann"])
        self.assertEqual(mine["value"]["value"], 1)
        self.assertNotIn(DEALS["eva"]["won"], str(mine))

    def test_the_leaderboard_alone_shows_others(self):
        rows = SUITE.get("/v1/leaderboard", COMPANY.id["ann"], period=today()[:7])["rows"]
        self.assertEqual([(r["rank"], r["name"], r["revenue"]) for r in rows],
                         [(1, "eva", 1000), (2, "cid", 100), (3, "bob", 10), (4, "ann", 1)])

    def test_counters_stay_in_scope(self):
        def subjects(person):
            answer = SUITE.get("/v1/counters", COMPANY.id[person], metric="revenue", grain="rep")
            return {c["subject"] for c in answer.get("counters", [])}
        suite.until(lambda: COMPANY.id["eva"] in subjects("exec"), 5, "the counters")
        self.assertEqual(subjects("ann") - {COMPANY.id["ann"]}, set())
        self.assertNotIn(COMPANY.id["eva"], subjects("nora"))


class Caller(unittest.TestCase):
    def test_unknown_people_are_unauthenticated(self):
        for as_ in ("nobody", NOBODY, "hr:nobody", ":", "hr:"):
            with refused(self, "UNAUTHENTICATED") as got:
                SUITE.get("/v1/company", as_)
            self.assertEqual(got.error.status, 401)

    def test_a_person_by_id_or_by_external_id(self):
        for as_ in (COMPANY.id["ann"], "hr:ann"):
            me = SUITE.get("/v1/company", as_)
            self.assertEqual((me["caller_name"], me["scope"]), ("ann", "own"))
        self.assertEqual(SUITE.get("/v1/company")["scope"], "company")

    def test_inactive_people_are_unauthenticated(self):
        left = COMPANY.create_person("left", inactive=True)
        SUITE.settled()
        with refused(self, "UNAUTHENTICATED"):
            SUITE.get("/v1/company", left["id"])

    def test_roles(self):
        for as_, path, body in (
                ("ann", "/v1/units", {"unit": {"name": "x", "kind": "UNIT_KIND_TEAM"}}),
                ("mona", "/v1/opportunities:batchImport", {"source": "x", "rows": []}),
                ("ann", f"/v1/opportunities/{DEALS['ann']['deal']}:assign",
                 {"owner_id": COMPANY.id["bob"]}),
                ("ann", "/v1/targetPlans", {"plan": {"year": 2020}}),
                ("exec", "/v1/clock:advance", {"by_us": "1"})):
            with refused(self, "PERMISSION_DENIED") as got:
                SUITE.command(path, body, COMPANY.id[as_]) if "clock" not in path else SUITE.post(
                    path, body, COMPANY.id[as_])
            self.assertEqual(got.error.status, 403)
        with refused(self, "PERMISSION_DENIED"):
            SUITE.get("/v1/journals/leads/events", COMPANY.id["exec"])

    def test_a_rep_cannot_give_work_to_others(self):
        with refused(self, ("PERMISSION_DENIED", "NOT_FOUND", "INVALID_ARGUMENT")):
            COMPANY.deal(name="for eva", owner_id=COMPANY.id["eva"], as_=COMPANY.id["ann"])

    def test_host_and_origin(self):
        own = f"127.0.0.1:{SUITE.port}"

        def status(method="GET", path="/v1/company", body=None, **headers):
            fields = {k.replace("_", "-"): v for k, v in headers.items()}
            return SUITE.raw(method, path, body, fields)[0]
        self.assertEqual(status(), 200)
        self.assertEqual(status(Host=f"localhost:{SUITE.port}"), 200)
        self.assertEqual(status(Origin=f"http://{own}"), 200)
        for host in ("evil.example", f"evil.example:{SUITE.port}", "127.0.0.1:1", "",
                     f"127.0.0.1.evil.example:{SUITE.port}"):
            self.assertIn(status(Host=host), (400, 403, 421), host)
        for origin in ("http://evil.example", "null", f"https://{own}", "http://127.0.0.1:1"):
            self.assertEqual(status(Origin=origin), 403, origin)
        body = b'{"metrics":["won"]}'
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
            self.assertEqual(status("POST", "/v1/metrics:query", body, Content_Type=kind), 415, kind)


class Moves(unittest.TestCase):
    """Moving a person changes who sees what from that day, and no figure of before."""

    @classmethod
    def setUpClass(cls):
        begin()

    @classmethod
    def tearDownClass(cls):
        begin()

    def deals_of(self, person):
        return {d["id"] for d in
                SUITE.pages("/v1/opportunities", "opportunities", COMPANY.id[person])}

    def teams(self, start, end, as_=None):
        rows = SUITE.query(["revenue"], ["team"], start, end, as_=as_).get("rows", [])
        return {r["groups"][0].get("name"): r["values"][0]["value"] for r in rows}

    def test_a_move_takes_effect_on_its_day(self):
        bob, first = COMPANY.id["bob"], COMPANY.stage_of_kind("OPEN")[0]
        won = COMPANY.stage_of_kind("WON")[0]
        COMPANY.import_deals([{"external_id": "past", "owner_id": bob, "amount": suite.money(77),
                               "history": COMPANY.history((first, "2016-01-01"),
                                                          (won, "2016-02-01"))}])
        SUITE.settled()
        before = self.teams("2016-01-01", today())
        self.assertEqual(self.teams("2016-01-01", "2016-12-31"), {"n1": 77})
        self.assertIn(DEALS["bob"]["deal"], self.deals_of("mona"))
        SUITE.advance("36h")
        move_day = today()
        SUITE.command(f"/v1/people/{bob}:move", {
            "unit_id": COMPANY.unit["n2"], "manager_id": COMPANY.id["mike"],
            "from": suite.date(move_day)})
        SUITE.settled()
        self.assertNotIn(DEALS["bob"]["deal"], self.deals_of("mona"))
        self.assertIn(DEALS["bob"]["deal"], self.deals_of("mike"))
        self.assertIn(DEALS["bob"]["deal"], self.deals_of("nora"))
        # No figure of before has changed, for anybody.
        self.assertEqual(self.teams("2016-01-01", "2016-12-31"), {"n1": 77})
        self.assertEqual(self.teams("2016-01-01", "2016-12-31", COMPANY.id["mona"]), {"n1": 77})
        self.assertEqual(self.teams("2016-01-01", "2016-12-31", COMPANY.id["mike"]), {})
        self.assertEqual(self.teams("2016-01-01", today()), before)
        # What he wins from that day on counts for the new team.
        COMPANY.win(COMPANY.deal(name="after", owner_id=bob), 5000)
        SUITE.settled()
        self.assertEqual(self.teams(move_day, today()).get("n2"), 5000)
        # Open deals are stock: as of the day before the move they were the old team's.
        rows = SUITE.query(["open"], ["team"], "2016-01-01", today(), {"rep": [bob]})["rows"]
        self.assertEqual([r["groups"][0]["name"] for r in rows], ["n2"])

    def test_a_move_of_tomorrow_changes_nothing_today(self):
        cid = COMPANY.id["cid"]
        # The clock may be near the end of a day: tomorrow is two days on.
        later = (datetime.date.fromisoformat(today()) + datetime.timedelta(2)).isoformat()
        SUITE.command(f"/v1/people/{cid}:move", {
            "unit_id": COMPANY.unit["s1"], "manager_id": COMPANY.id["max"],
            "from": suite.date(later)})
        SUITE.settled()
        self.assertIn(DEALS["cid"]["deal"], self.deals_of("mike"))
        self.assertNotIn(DEALS["cid"]["deal"], self.deals_of("max"))
        SUITE.advance("49h")
        self.assertNotIn(DEALS["cid"]["deal"], self.deals_of("mike"))
        self.assertIn(DEALS["cid"]["deal"], self.deals_of("max"))

    def test_reassigning_a_deal_moves_it_and_not_its_past(self):
        deal = COMPANY.deal(name="passed on", owner_id=COMPANY.id["ann"])["id"]
        self.assertIn(deal, self.deals_of("ann"))
        SUITE.command(f"/v1/opportunities/{deal}:assign", {"owner_id": COMPANY.id["eva"]})
        self.assertNotIn(deal, self.deals_of("ann"))
        self.assertIn(deal, self.deals_of("eva"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
