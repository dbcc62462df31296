"""The command lines that users and scripts rely on: forms, exit codes, JSON shapes, clear errors."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import suite
from support.company import Company

SUITE = None
COMPANY = None


def setUpModule():
    global SUITE, COMPANY
    SUITE = suite.Suite(test_clock=True).start()
    COMPANY = Company(SUITE)
    first, won = COMPANY.stage_of_kind("OPEN")[0], COMPANY.stage_of_kind("WON")[0]
    odd = SUITE.command("/v1/products", {"product": {"name": 'Valve, "large"', "line": "Parts",
                                                     "list_price": suite.money(80)}})["id"]
    # Deals name it by the copy that leads keeps.
    SUITE.settled()
    COMPANY.import_deals([
        {"external_id": "c1", "owner_id": COMPANY.id["ann"], "product_id": COMPANY.product,
         "amount": suite.money("1234.56"),
         "history": COMPANY.history((first, "2017-04-01"), (won, "2017-05-31"))},
        {"external_id": "c2", "owner_id": COMPANY.id["eva"], "product_id": odd,
         "amount": suite.money(70),
         "history": COMPANY.history((first, "2017-04-01"), (won, "2017-06-01"))},
        {"external_id": "c3", "owner_id": COMPANY.id["bob"], "product_id": odd,
         "history": COMPANY.history((first, "2017-12-20"))}])
    SUITE.settled()


def tearDownModule():
    if SUITE is not None:
        SUITE.__exit__(None)


def spm(*args, env=None, timeout=60):
    """Runs spm without a folder."""
    clean = {k: v for k, v in os.environ.items() if k != "SPM_DATA"}
    return subprocess.run([str(suite.binary()), *map(str, args)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=timeout,
                          env={**clean, **(env or {})}, cwd=tempfile.gettempdir())


RANGE = ["--from", "2017-01-01", "--to", "2017-12-31"]


class Shapes(unittest.TestCase):
    def test_metrics_by_every_period(self):
        for period, names in (("day", ["2017-05-31", "2017-06-01"]), ("week", ["2017-W22"]),
                              ("month", ["2017-05", "2017-06"]), ("quarter", ["2017-Q2"]),
                              ("year", ["2017"])):
            rows = SUITE.cli_json("metrics", "revenue", "--by", period, *RANGE)
            self.assertEqual([r[period] for r in rows], names)
            self.assertEqual(set(rows[0]), {period, "revenue"})
            self.assertAlmostEqual(sum(r["revenue"] for r in rows), 1304.56)

    def test_numbers_are_json_numbers_in_major_units(self):
        rows = SUITE.cli_json("metrics", "revenue,won,win_rate,cycle_days,growth_yoy", "--by", "rep",
                              "--names", *RANGE)
        ann = next(r for r in rows if r["rep"] == "ann")
        self.assertEqual(ann, {"rep": "ann", "revenue": 1234.56, "won": 1, "win_rate": 1,
                               "cycle_days": 60, "growth_yoy": None})

    def test_ids_and_nulls(self):
        rows = SUITE.cli_json("metrics", "revenue", "--by", "rep,customer", *RANGE)
        self.assertEqual({(r["rep"], r["customer"]) for r in rows},
                         {(COMPANY.id["ann"], None), (COMPANY.id["eva"], None)})

    def test_the_range_is_inclusive(self):
        for start, end, won in (("2017-05-31", "2017-06-01", 2), ("2017-05-31", "2017-05-31", 1),
                                ("2017-06-01", "2017-06-01", 1), ("2017-06-02", "2017-12-31", 0)):
            rows = SUITE.cli_json("metrics", "won", "--from", start, "--to", end)
            self.assertEqual(sum(r["won"] for r in rows), won, (start, end))

    def test_where_by_name_by_id_quoted_and_repeated(self):
        for where, want in ((["region=north"], 1234.56), ([f"rep={COMPANY.id['eva']}"], 70),
                            (["region=south,product_line=Parts"], 70),
                            (["region=south", "--where", "product_line=Parts"], 70),
                            (['"product=Valve, ""large"""'], 70)):
            rows = SUITE.cli_json("metrics", "revenue", *RANGE, "--where", *where)
            self.assertEqual([r["revenue"] for r in rows], [want], where)

    def test_unknown_names_are_errors(self):
        for args, word in ((["metrics", "revenue", *RANGE, "--where", "region=Nowhere"], "Nowhere"),
                           (["metrics", "revenue", *RANGE, "--where", "colour=red"], "colour"),
                           (["metrics", "no_such", *RANGE], "no_such"),
                           (["metrics", "revenue", "--by", "no_such", *RANGE], "no_such"),
                           (["explain", "no_such"], "no_such"),
                           (["leaderboard", "--period", "2017-Q7"], "2017-Q7"),
                           (["rebuild", "no_such"], "no_such")):
            result = SUITE.cli(*args)
            self.assertIn(result.returncode, (1, 2), args)
            self.assertIn(word, result.stderr, args)

    def test_leaderboard(self):
        rows = SUITE.cli_json("leaderboard", "--period", "2017-Q2", "--by", "rep")
        self.assertEqual([(r["rank"], r["name"], r["revenue"], r["won"]) for r in rows],
                         [(1, "ann", 1234.56, 1), (2, "eva", 70, 1)])
        every = SUITE.cli_json("leaderboard", "--period", "2017-Q2", "--by", "rep", "--include-empty")
        self.assertLessEqual({"ann", "eva", "bob", "cid"}, {r["name"] for r in every})
        self.assertEqual([r["rank"] for r in every], list(range(1, len(every) + 1)))
        teams = SUITE.cli_json("leaderboard", "--period", "2017", "--by", "team", "--metric", "won")
        self.assertEqual([r["name"] for r in teams], ["n1", "s1"])

    def test_stalled_compares_days(self):
        for days, as_of, count in ((7, "2017-12-27", 0), (7, "2017-12-28", 1), (0, "2017-12-20", 0),
                                   (0, "2017-12-21", 1)):
            rows = SUITE.cli_json("stalled", "--days", days, "--as-of", as_of)
            self.assertEqual(len(rows), count, (days, as_of))
        self.assertIsInstance(rows[0], dict)

    def test_explain(self):
        text = SUITE.cli("explain", "revenue", "ann", "--period", "2017-05", check=0).stdout
        self.assertIn("1234.56", text.replace(",", ""))
        json.loads(SUITE.cli("explain", "revenue", "ann", "--period", "2017-05", "--json",
                             check=0).stdout)

    def test_tables_for_people(self):
        out = SUITE.cli("metrics", "revenue,win_rate", "--by", "rep", "--names", *RANGE,
                        check=0).stdout
        self.assertIn("ann", out)
        self.assertIn("revenue", out.lower())

    def test_dlq_and_rebuild(self):
        self.assertEqual(SUITE.cli_json("dlq", "list"), [])
        SUITE.cli("rebuild", "performance", check=0)
        self.assertEqual(SUITE.figure("revenue"), 1304.56)

    def test_clock(self):
        before = int(SUITE.get("/v1/status")["now_us"])
        SUITE.cli("clock", "advance", "7d", check=0)
        moved = int(SUITE.get("/v1/status")["now_us"]) - before
        self.assertTrue(0 <= moved - 7 * 86_400_000_000 < 20_000_000, moved)
        self.assertEqual(SUITE.cli("clock", "advance", "soon").returncode, 2)


class Errors(unittest.TestCase):
    def test_usage(self):
        for args in (["no-such-command"], ["metrics"], ["metrics", "won", "--no-such-option"],
                     ["metrics", "won", "--from", "yesterday", "--to", "2017-12-31"],
                     ["import"], ["clock"]):
            result = SUITE.cli(*args)
            self.assertEqual(result.returncode, 2, (args, result.stdout, result.stderr))
            self.assertTrue(result.stderr.strip(), args)

    def test_every_command_has_help_with_an_example(self):
        for args in (["import"], ["metrics"], ["leaderboard"], ["stalled"], ["explain"], ["dlq"],
                     ["rebuild"], ["clock"], ["demo"], ["serve"]):
            result = spm(*args, "--help")
            self.assertEqual(result.returncode, 0, args)
            self.assertIn("xample", result.stdout, args)
            self.assertIn(f"spm {args[0]}", result.stdout, args)

    def test_not_running_says_what_to_type(self):
        with tempfile.TemporaryDirectory() as folder:
            for args in (["metrics", "won", *RANGE], ["stalled"], ["dlq", "list"],
                         ["rebuild", "performance"]):
                result = spm("--data", folder, *args)
                self.assertEqual(result.returncode, 1, args)
                self.assertRegex(result.stderr, r"deploy/up|spm serve")
                self.assertIn(folder, result.stderr)

    def test_a_stopped_suite_is_not_running(self):
        other = suite.Suite()
        with other:
            self.assertEqual(other.stop(), 0)
            result = other.cli("metrics", "won", *RANGE)
            self.assertEqual(result.returncode, 1)
            self.assertRegex(result.stderr, r"deploy/up|spm serve")
            other.start()

    def test_folder_by_environment_and_config_file(self):
        result = spm("metrics", "won", *RANGE, "--json", env={"SPM_DATA": str(SUITE.folder)})
        self.assertEqual(json.loads(result.stdout), [{"won": 2}])
        result = spm("--config", SUITE.folder / "spm.yaml", "metrics", "won", *RANGE, "--json")
        self.assertEqual(json.loads(result.stdout), [{"won": 2}], result.stderr)

    def test_a_port_in_use_is_a_clear_error(self):
        with tempfile.TemporaryDirectory() as folder:
            result = spm("serve", "--data", folder, "--port", SUITE.port)
            self.assertEqual(result.returncode, 1)
            self.assertIn(f"port {SUITE.port} is in use", result.stderr)

    def test_a_folder_in_use_is_a_clear_error(self):
        result = spm("serve", "--data", SUITE.folder, "--port", suite.free_port())
        self.assertEqual(result.returncode, 1)
        self.assertIn(str(SUITE.folder), result.stderr + result.stdout)

    def test_clock_needs_the_test_clock(self):
        with suite.Suite() as other:
            result = other.cli("clock", "advance", "1d")
            self.assertEqual(result.returncode, 1)
            self.assertIn("test-clock", result.stderr)

    def test_an_unknown_key_of_the_config_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "spm.yaml"
            path.write_text("company: {currency: EUR, colour: red}\n")
            result = spm("serve", "--data", folder, "--port", suite.free_port())
            self.assertNotEqual(result.returncode, 0)
            self.assertIn("colour", result.stderr + result.stdout)


class Folders(unittest.TestCase):
    def test_two_side_by_side(self):
        with suite.Suite() as one, suite.Suite() as two:
            one.command("/v1/leads", {"lead": {"name": "only here"}})
            self.assertEqual(len(one.get("/v1/leads")["leads"]), 1)
            self.assertEqual(two.get("/v1/leads").get("leads", []), [])
            self.assertEqual(one.cli_json("metrics", "leads_created", "--from", "2000-01-01", "--to",
                                          one.get("/v1/company")["today"]), [{"leads_created": 1}])

    def test_company_settings_are_read_at_the_first_start_only(self):
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder) / "spm.yaml"
            config.write_text("company: {currency: JPY, zone: Asia/Tokyo, language: zh}\n")
            running = suite.Suite(folder=folder)
            with running:
                company = running.get("/v1/company")
                self.assertEqual((company["currency"], company["zone"], company["language"]),
                                 ("JPY", "Asia/Tokyo", "zh"))
                running.stop()
                text = config.read_text()
                config.write_text(text.replace("JPY", "EUR"))
                running.start()
                self.assertEqual(running.get("/v1/company")["currency"], "JPY")

    def test_the_demo_is_marked_and_lasts_180_days(self):
        with suite.Suite(demo=True) as running:
            def people():
                return running.get("/v1/people", page_size=5).get("people")
            person = suite.until(people, 60, "the demo's people")[0]
            self.assertEqual({e["source"] for e in person["external_ids"]}, {"demo"})
            suite.until(lambda: running.figure("won", "2000-01-01", running.get(
                "/v1/company")["today"]), 120, "the demo's deals")


class Deploy(unittest.TestCase):
    """deploy/up and deploy/down, with what is built."""

    def run_script(self, *args, check=0):
        env = {k: v for k, v in os.environ.items() if k != "SPM_DATA"}
        result = subprocess.run(list(map(str, args)), capture_output=True, text=True, timeout=900,
                                stdin=subprocess.DEVNULL, env=env, cwd=suite.ROOT)
        self.assertEqual(result.returncode, check, result.stdout[-2000:] + result.stderr[-2000:])
        return result

    @unittest.skipUnless((suite.ROOT / "build" / "release" / "spm").exists(), "deploy/up would build first")
    def test_up_detached_and_down(self):
        up, down = suite.ROOT / "deploy" / "up", suite.ROOT / "deploy" / "down"
        with tempfile.TemporaryDirectory() as folder:
            one, two = pathlib.Path(folder) / "one", pathlib.Path(folder) / "two"
            ports = {f: suite.free_port() for f in (one, two)}
            try:
                for data, port in ports.items():
                    out = self.run_script(up, "--data", data, "--port", port, "--no-demo",
                                          "--detach", "--test-clock").stdout
                    self.assertIn(f":{port}", out)
                for data in ports:
                    self.assertTrue((data / "spm.yaml").exists())
                    result = spm("--data", data, "dlq", "list", "--json")
                    self.assertEqual(result.returncode, 0, result.stderr)
                busy = subprocess.run([str(up), "--data", f"{folder}/three", "--port",
                                       str(ports[one]), "--no-demo", "--detach"],
                                      capture_output=True, text=True, timeout=900,
                                      stdin=subprocess.DEVNULL, cwd=suite.ROOT)
                self.assertNotEqual(busy.returncode, 0)
                self.assertIn(str(ports[one]), busy.stdout + busy.stderr)
            finally:
                for data in ports:
                    self.run_script(down, "--data", data)
            for data in ports:
                self.assertEqual(spm("--data", data, "dlq", "list").returncode, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
