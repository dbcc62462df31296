"""The figures of an imported data set are those of an independent computation, for every group.

Counts and sums of money are compared exactly; a ratio is the correctly rounded double of the exact
fraction, where one unit in the last place is allowed. The same figures and the same state come out
after importing twice, after kill -9 in the middle, under duplicated and interleaved deliveries, and
after a rebuild.
"""

import itertools
import pathlib
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import suite
from support.imported import MAPPING, Imported, compare, difference, import_data
from support.reference import DIMENSIONS, FLOW, PERIODS, STOCK, Reference, day
from support.state import state_difference, state_hash, state_rows

STAGES = ["stage_entered", "stage_conversion"]
KINDS = [d for d in DIMENSIONS if d != "stage"]
EVER = ("2016-01-01", "2017-12-31")

REFERENCE = None
SUITE = None
IMPORTED = None
CLEAN = None


def setUpModule():
    global REFERENCE, SUITE, IMPORTED, CLEAN
    REFERENCE = Reference(suite.sales_data())
    SUITE = suite.Suite().start()
    started = time.monotonic()
    import_data(SUITE)
    print(f"imported in {time.monotonic() - started:.1f} s", flush=True)
    IMPORTED = Imported(SUITE)
    CLEAN = state_rows(SUITE)
    print(f"state {state_hash(SUITE)}", flush=True)


def tearDownModule():
    if SUITE is not None:
        SUITE.__exit__(None)


class Figures(unittest.TestCase):
    def compare(self, *args, **kw):
        return compare(self, IMPORTED, REFERENCE, *args, **kw)

    def all(self, metrics, groups, **kw):
        values, started = 0, time.monotonic()
        for group_by in groups:
            with self.subTest(by=group_by):
                values += self.compare(metrics, group_by, **kw)
        print(f"{len(groups)} groupings of {','.join(metrics)}: {values} values equal "
              f"({time.monotonic() - started:.1f} s)", flush=True)

    def test_known_totals(self):
        got = IMPORTED.figures(["won", "lost", "open", "revenue", "win_rate", "cycle_days"], (),
                               *EVER)[()]
        self.assertEqual([got[m]["value"] for m in ("won", "lost", "open", "revenue")],
                         [4238, 2473, 2089, 10_005_534])
        self.assertEqual(round(got["win_rate"]["value"], 6), 0.631501)
        self.assertEqual(round(got["cycle_days"]["value"], 3), 51.782)

    def test_flow_by_one_and_two_groups(self):
        groups = [()] + [(g,) for g in KINDS + PERIODS]
        groups += list(itertools.combinations(KINDS, 2)) + list(itertools.product(KINDS, PERIODS))
        self.all(FLOW, groups)

    def test_flow_by_three_groups(self):
        self.all(FLOW, [("rep", "product", "month"), ("team", "product_line", "week"),
                        ("customer", "product", "quarter"), ("region", "sector", "day"),
                        ("rep", "customer", "year"), ("country", "manager", "month"),
                        ("source", "region", "product"), ("sector", "country", "team")])

    def test_stock_by_one_and_two_groups(self):
        groups = [()] + [(g,) for g in DIMENSIONS + PERIODS]
        groups += list(itertools.combinations(DIMENSIONS, 2))
        groups += list(itertools.product(DIMENSIONS, PERIODS[1:])) + [("rep", "day"), ("stage", "day")]
        self.all(STOCK, groups)

    def test_stock_by_three_groups(self):
        self.all(STOCK, [("rep", "product", "month"), ("team", "stage", "week"),
                         ("customer", "product", "quarter"), ("region", "sector", "stage")])

    def test_stages_by_one_two_and_three_groups(self):
        groups = [("stage",)] + [("stage", g) for g in KINDS + PERIODS]
        groups += [("stage", "region", "month"), ("stage", "rep", "product")]
        self.all(STAGES, groups, start=EVER[0], end=EVER[1])

    def test_the_order_of_groups_does_not_matter(self):
        self.all(FLOW[:5], [("month", "rep"), ("product", "region"), ("quarter", "sector", "rep")])

    def test_ranges_that_cut_buckets(self):
        for start, end in (("2017-03-17", "2017-08-08"), ("2017-05-05", "2017-05-05"),
                           ("2016-12-30", "2017-01-02"), ("2017-12-31", "2017-12-31")):
            for period in PERIODS:
                self.compare(FLOW, (period, "region"), start=start, end=end)
                self.compare(STOCK, (period, "region"), start=start, end=end)
        self.assertEqual(IMPORTED.figures(FLOW, ("rep",), "2018-01-01", "2018-12-31"), {})

    def test_open_as_of_the_ends_of_quarters(self):
        got = IMPORTED.figures(["open"], ["quarter"])
        self.assertEqual([got[(f"2017-Q{n}",)]["open"]["value"] for n in (1, 2, 3, 4)],
                         [1330, 1686, 2409, 2089])

    def test_filters(self):
        west, some = {"region": ["West"]}, {"product": ["GTX Pro", "MG Special"]}
        for filters in (west, some, {**west, **some}, {"customer": [None]}, {"sector": ["retail"]},
                        {"manager": ["Celia Rouche"], "product_line": ["GTX"]},
                        {"country": ["United States", None]}, {"rep": ["Darcel Schlecht"]},
                        {"customer": [None, "Cancity"]}):
            self.compare(FLOW, ("product",), filters=filters)
            self.compare(STOCK, ("rep", "quarter"), filters=filters)
        self.compare(STOCK, ("rep",), filters={"stage": ["Engaging"]})
        self.compare(["stage_entered"], ("month",), filters={"stage": ["Lost"]})

    def test_growth(self):
        both = ["revenue", "growth_mom", "growth_yoy"]
        for groups in (("month",), ("quarter",), ("year",), ("rep", "month"), ("product", "quarter"),
                       ("customer", "month"), ("region", "product_line", "month")):
            self.compare(both, groups)
        self.compare(both, ("rep",), start="2017-06-01", end="2017-06-30")
        self.compare(both, (), start="2017-06-01", end="2017-06-30")
        with self.assertRaises(suite.ApiError) as refused:
            SUITE.query(["growth_mom"], ["rep"], "2017-06-02", "2017-06-30")
        self.assertEqual(refused.exception.code, "INVALID_ARGUMENT")

    def test_a_metric_names_the_groups_it_can_be_asked_by(self):
        metrics = {m["name"]: m for m in SUITE.get("/v1/metrics")["metrics"]}
        names = set(FLOW + STOCK + STAGES + ["target", "attainment", "growth_mom", "growth_yoy",
                                             "leads_created"])
        self.assertLessEqual(names, set(metrics))
        refused = 0
        for name, metric in metrics.items():
            for group in set(DIMENSIONS + PERIODS) - set(metric["groups"]):
                with self.assertRaises(suite.ApiError) as error:
                    SUITE.query([name], [group])
                self.assertEqual(error.exception.code, "INVALID_ARGUMENT")
                for allowed in metric["groups"][:2]:
                    self.assertIn(allowed, str(error.exception))
                refused += 1
        print(f"{refused} pairs of metric and group refused by name")

    def test_include_empty_shows_people_without_facts(self):
        rows = SUITE.query(["won", "revenue"], ["rep"], include_empty=True)["rows"]
        names = {row["groups"][0].get("name") for row in rows}
        self.assertLessEqual(set(REFERENCE.people), names)
        self.assertEqual(len(IMPORTED.figures(["won", "revenue"], ["rep"])), 30)

    def test_each_answer_says_how_fresh_it_is(self):  # D9
        answer = SUITE.query(["won"])
        self.assertEqual(answer["scope"], "company")
        self.assertGreater(int(answer["freshness"]["recorded_us"]), 1_600_000_000_000_000)
        self.assertEqual(int(answer["freshness"].get("pending", 0)), 0)


class CommandLine(unittest.TestCase):
    def test_metrics(self):
        rows = SUITE.cli_json("metrics", "revenue,win_rate,won,cycle_days", "--by", "rep,quarter",
                              "--from", "2017-01-01", "--to", "2017-12-31", "--names")
        want = REFERENCE.query(["revenue", "win_rate", "won", "cycle_days"], ["rep", "quarter"])
        self.assertEqual({(r["rep"], r["quarter"]) for r in rows}, set(want))
        for row in rows:
            for metric, value in want[(row["rep"], row["quarter"])].items():
                text = difference(metric, {"value": row[metric], "null_reason": "-"}, value)
                self.assertIsNone(text, row)

    def test_null_group_and_ids(self):
        rows = SUITE.cli_json("metrics", "open,pipeline_value", "--by", "customer,week", "--from",
                              "2017-05-29", "--to", "2017-06-04", "--names")
        want = REFERENCE.query(["open", "pipeline_value"], ["customer", "week"], day("2017-05-29"),
                               day("2017-06-04"))
        self.assertEqual({(r["customer"], r["week"]): r["open"] for r in rows},
                         {k: v["open"] for k, v in want.items()})
        self.assertIn((None, "2017-W22"), {(r["customer"], r["week"]) for r in rows})
        by_id = SUITE.cli_json("metrics", "won", "--by", "rep", "--from", "2017-01-01", "--to",
                               "2017-12-31")
        self.assertEqual({r["rep"] for r in by_id} - set(IMPORTED.person.values()), set())

    def test_where(self):
        args = ["metrics", "revenue", "--from", "2017-01-01", "--to", "2017-12-31", "--where"]
        for where, filters in (("region=West,product=MG Special",
                                {"region": ["West"], "product": ["MG Special"]}),
                               ('"customer=Cancity"', {"customer": ["Cancity"]})):
            want = REFERENCE.query(["revenue"], (), filters=filters)[()]["revenue"]
            self.assertEqual(SUITE.cli_json(*args, where), [{"revenue": want}])
        refused = SUITE.cli(*args, "region=Nowhere")
        self.assertIn(refused.returncode, (1, 2))
        self.assertIn("Nowhere", refused.stderr)

    def test_leaderboard(self):
        for period, start, end in (("2017-Q2", "2017-04-01", "2017-06-30"),
                                   ("2017", "2017-01-01", "2017-12-31"),
                                   ("2017-11", "2017-11-01", "2017-11-30")):
            rows = SUITE.cli_json("leaderboard", "--period", period, "--by", "rep")
            self.assertEqual([(r["rank"], r["name"], r["revenue"], r["won"]) for r in rows],
                             [(n + 1, *row) for n, row in
                              enumerate(REFERENCE.leaderboard(day(start), day(end)))])
        everyone = SUITE.cli_json("leaderboard", "--period", "2017-Q2", "--by", "rep",
                                  "--include-empty")
        self.assertLessEqual(set(REFERENCE.people), {r["name"] for r in everyone})

    def test_stalled(self):
        for limit, count in ((7, 1589), (30, 1571), (90, 1479), (180, 730)):
            rows = SUITE.cli_json("stalled", "--days", limit, "--as-of", "2017-12-31")
            self.assertEqual(len(rows), count)

    def test_explain(self):
        out = SUITE.cli("explain", "win_rate", "Darcel Schlecht", "--period", "2017-Q2", check=0)
        self.assertIn("won", out.stdout)


class Explained(unittest.TestCase):
    """X8, P31: a figure lists its facts and evaluates to itself."""

    def explain(self, metric, group_by, key, start="2017-01-01", end="2017-12-31"):
        query = {"metrics": [metric], "group_by": list(group_by), "from": suite.date(start),
                 "to": suite.date(end)}
        rows = SUITE.query([metric], group_by, start, end)["rows"]
        row = next(r for r in rows if key == tuple(
            IMPORTED.label(g, k) for g, k in zip(group_by, r.get("groups", []))))
        facts, token, first = {}, "", None
        while True:
            answer = SUITE.post("/v1/metrics:explain", {
                "query": query, "row": row.get("groups", []), "page_size": 500, "page_token": token})
            first = first or answer
            self.assertEqual(answer["value"].get("value"), row["values"][0].get("value"))
            self.assertEqual(answer["reevaluated"], answer["value"])
            for leaf in leaves(answer["explanation"]):
                for fact in leaf.get("page", []):
                    facts[(leaf["role"], leaf["name"], fact["event_id"], fact.get("n", 0),
                           fact["measure"])] = fact
            token = answer.get("next_page_token", "")
            if not token:
                break
        for leaf in leaves(first["explanation"]):
            own = [f for k, f in facts.items() if k[:2] == (leaf["role"], leaf["name"])]
            self.assertEqual(len(own), int(leaf.get("facts", 0)), leaf["name"])
            self.assertEqual(sum(int(f.get("amount", 0)) for f in own), int(leaf.get("total", 0)))
        return first, list(facts.values())

    def test_sample(self):
        checked = 0
        for metric, group_by, key in (
                ("won", (), ()), ("revenue", ("rep",), ("Darcel Schlecht",)),
                ("win_rate", ("region", "quarter"), ("West", "2017-Q3")),
                ("average_deal_size", ("product",), ("GTK 500",)),
                ("discount_rate", ("team",), ("Celia Rouche",)),
                ("cycle_days", ("sector",), ("retail",)),
                ("cycle_days_median", ("rep",), ("Anna Snelling",)),
                ("new_customers", ("month",), ("2017-03",)),
                ("open", ("customer",), (None,)), ("pipeline_value", ("product",), ("GTX Basic",)),
                ("stage_conversion", ("stage",), ("Engaging",)),
                ("growth_mom", ("month",), ("2017-06",))):
            with self.subTest(metric=metric, by=group_by):
                _, facts = self.explain(metric, group_by, key)
                checked += len(facts)
        print(f"explanations listed {checked} facts")

    def test_the_facts_are_the_deals(self):
        _, facts = self.explain("won", ("rep",), ("Zane Levy",))
        deals = {f["deal_id"]: f for f in facts}
        want = {d.id for d in REFERENCE.deals if d.rep == "Zane Levy" and d.kind == "Won"}
        got = set()
        for deal_id in deals:
            deal = SUITE.get(f"/v1/opportunities/{deal_id}")
            got |= {e["id"] for e in deal["external_ids"]}
        self.assertEqual(got, want)


def leaves(node):
    parts = node.get("parts", [])
    if not parts:
        return [node]
    return [leaf for part in parts for leaf in leaves(part)]


class SameState(unittest.TestCase):
    """However the events came, the state is the same to the bit."""

    def same(self, running):
        text = state_difference(CLEAN, state_rows(running))
        self.assertEqual(text, "")

    def test_1_importing_again_changes_nothing(self):
        before = {s: len(SUITE.journal(s)) for s in ("org", "orders", "leads")}
        import_data(SUITE)
        self.assertEqual({s: len(SUITE.journal(s)) for s in before}, before)
        self.same(SUITE)
        compare(self, IMPORTED, REFERENCE, FLOW, ("rep", "month"))

    def test_2_rebuilding_gives_the_same_state(self):
        SUITE.cli("rebuild", "performance", check=0)
        self.same(SUITE)
        compare(self, IMPORTED, REFERENCE, FLOW + STOCK, ("region", "quarter"))

    def test_3_a_restart_gives_the_same_figures(self):
        SUITE.kill()
        SUITE.start()
        self.same(SUITE)
        compare(self, IMPORTED, REFERENCE, FLOW + STOCK, ("product", "month"))

    def test_killed_in_the_middle_and_repeated(self):
        with suite.Suite() as other:
            for wanted in (300, 2500, 6000):
                job = subprocess.Popen(
                    [str(suite.binary()), "--data", str(other.folder), "import", str(MAPPING),
                     str(suite.sales_data())], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL)
                suite.until(lambda: last_seq(other, "leads") >= wanted or job.poll() is not None, 60)
                seen = last_seq(other, "leads")
                other.kill()
                job.wait(60)
                other.start()
                print(f"killed at event {seen} of leads, importer ended with {job.returncode}")
            import_data(other)
            self.same(other)
            compare(self, Imported(other), REFERENCE, FLOW + STOCK, ("rep", "month"))

    def test_duplicated_and_interleaved(self):
        for seed in (7, 8):
            with suite.Suite(env={"SPM_TEST_BUS": f"seed={seed},duplicates=3"}) as other:
                import_data(other)
                self.same(other)
                compare(self, Imported(other), REFERENCE, FLOW + STOCK, ("rep", "month"))

    def test_dry_run_writes_nothing(self):
        with suite.Suite() as other:
            before = {s: last_seq(other, s) for s in ("org", "orders", "leads", "performance")}
            import_data(other, "--dry-run")
            self.assertEqual({s: last_seq(other, s) for s in before}, before)
            self.assertEqual(other.get("/v1/people").get("people", []), [])


def last_seq(running, service):
    answer = running.get(f"/v1/journals/{service}/events", page_size=1)
    return int(answer.get("last_seq", 0))


if __name__ == "__main__":
    unittest.main(verbosity=2)
