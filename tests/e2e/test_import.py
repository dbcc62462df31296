"""Importing files by a mapping: what is refused and why, repeats, changes, other ways to write things."""

import csv
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import suite

QUICKSTART = suite.ROOT / "examples" / "quickstart"
SUITE = None


def setUpModule():
    global SUITE
    SUITE = suite.Suite().start()


def tearDownModule():
    if SUITE is not None:
        SUITE.__exit__(None)


def counts(summary, kind):
    found = next(k for k in summary["kinds"] if k["kind"] == kind)
    return {name: found[name] for name in ("rows", "created", "updated", "unchanged", "refused")}


class Folder:
    """A folder of files with a mapping."""

    def __init__(self, **files):
        self._folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self._folder.name)
        for name, text in files.items():
            self.write(name, text)

    def __del__(self):
        self._folder.cleanup()

    def write(self, name, text):
        suffix = ".yaml" if name == "mapping" else ".csv"
        data = text if isinstance(text, bytes) else text.encode()
        (self.path / (name + suffix)).write_bytes(data)

    def run(self, *args, running=None):
        return (running or SUITE).cli("import", self.path / "mapping.yaml", self.path, *args)

    def json(self, *args, code=0, running=None):
        result = self.run("--json", *args, running=running)
        assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
        return json.loads(result.stdout)


class Quickstart(unittest.TestCase):
    def test_it_imports_once_whatever_is_repeated(self):
        args = ["import", QUICKSTART / "mapping.yaml", QUICKSTART]
        dry = SUITE.cli_json(*args, "--dry-run")
        self.assertEqual((dry["dry_run"], dry["rows"], dry["refused"]), (True, 165, 0))
        self.assertEqual(SUITE.get("/v1/people").get("people", []), [])
        first = SUITE.cli_json(*args)
        self.assertEqual((first["rows"], first["created"], first["refused"]), (165, 165, 0))
        self.assertEqual(next(k for k in first["kinds"] if k["kind"] == "leads")["defaults"],
                         {"lead_source": 5})
        again = SUITE.cli_json(*args)
        self.assertEqual((again["rows"], again["unchanged"]), (165, 165))
        rows = SUITE.cli_json("metrics", "target,attainment", "--from", "2025-01-01", "--to",
                              "2025-12-31")
        with open(QUICKSTART / "targets.csv", encoding="utf-8") as file:
            planned = sum(int(v) for r in csv.DictReader(file)
                          for k, v in r.items() if k not in ("employee", "year"))
        self.assertEqual(rows[0]["target"], planned)
        with open(QUICKSTART / "deals.csv", encoding="utf-8") as file:
            deals = list(csv.DictReader(file, delimiter=";"))
        won = SUITE.cli_json("metrics", "won,lost,revenue", "--from", "2025-01-01", "--to",
                             "2026-06-30")[0]
        self.assertEqual(won["won"], sum(d["state"] == "won" for d in deals))
        self.assertEqual(won["lost"], sum(d["state"] == "lost" for d in deals))
        cents = sum(round(float(d["amount"].replace(",", "")) * 100) for d in deals
                    if d["state"] == "won")
        self.assertEqual(round(won["revenue"] * 100), cents)


MAPPING = """
source: other
dates: [dd/mm/yyyy, d.m.yy]
numbers: {decimal: ",", thousands: "."}
files:
  deals: {path: deals.csv, delimiter: ";"}
  people: {path: people.csv, delimiter: ";"}
units: {file: people, distinct: unit, kind: team}
people: {file: people, key: name, unit: unit}
products: {file: deals, distinct: product, repeats: first, list_price: price}
opportunities:
  file: deals
  key: id
  owner: rep
  product: product
  amount: {column: value, when: {state: won}}
  history:
    - {stage: need, date: opened}
    - {stage: won, date: closed, when: {state: won}}
    - {stage: lost, date: closed, when: {state: lost}}
targets: {file: people, subject: person, key: name, year: 2024, quarters: [q1, q2, q3, q4]}
"""
PEOPLE = "name;unit;q1;q2;q3;q4\nJürgen;Süd;1.000,00 €;1.000;1.000;1.000\nÅsa;Nord;2,50;0;0;0\n"
DEALS = ("id;rep;product;price;value;state;opened;closed\n"
         "x1;Jürgen;Öl;1.234,50;1.200,25 €;won;05/01/2024;31.3.24\n"
         "x2;Åsa;Öl;1.234,50;;open;06/01/2024;\n")


class OtherForms(unittest.TestCase):
    def test_decimal_commas_several_date_forms_and_a_changed_row(self):
        data = tempfile.TemporaryDirectory()
        self.addCleanup(data.cleanup)
        (pathlib.Path(data.name) / "spm.yaml").write_text("company: {currency: EUR}\n")
        with suite.Suite(folder=data.name) as running:
            folder = Folder(mapping=MAPPING, people=PEOPLE, deals=DEALS)
            summary = folder.json(running=running)
            self.assertEqual(counts(summary, "opportunities")["created"], 2)
            query = ["metrics", "revenue,won,pipeline_value,target", "--from", "2024-01-01", "--to",
                     "2024-12-31"]
            self.assertEqual(running.cli_json(*query), [
                {"revenue": 1200.25, "won": 1, "pipeline_value": 1234.5, "target": 4002.5}])
            folder.write("deals", DEALS.replace("1.200,25", "1.300,25"))
            summary = folder.json(running=running)
            self.assertEqual(counts(summary, "opportunities"),
                             {"rows": 2, "created": 0, "updated": 1, "unchanged": 1, "refused": 0})
            self.assertEqual(running.cli_json(*query)[0]["revenue"], 1300.25)


REFUSED = """
source: refused
files: {people: people.csv, deals: deals.csv}
people: {file: people, key: name}
opportunities:
  file: deals
  key: id
  owner: rep
  amount: amount
  history:
    - {stage: need, date: opened}
    - {stage: won, date: closed, when: {state: won}}
"""
BAD_DEALS = ("id,rep,amount,opened,closed,state\n"
             "r1,ann,10,2024-01-01,2024-02-01,won\n"
             "r2,ann,ten,2024-01-01,,open\n"
             "r3,zoe,10,2024-01-01,,open\n"
             "r4,ann,10,2024-02-30,,open\n"
             "r5,ann,10,2024-03-01,2024-02-01,won\n"
             "r6,ann,10\n"
             "r1,ann,10,2024-01-01,,open\n"
             "r7,ann,10.001,2024-01-01,,open\n"
             "r8,ann,10,2999-01-01,,open\n")


class Refusals(unittest.TestCase):
    def test_each_bad_row_is_reported_with_its_place_and_the_others_are_in(self):
        folder = Folder(mapping=REFUSED, people="name\nann\n", deals=BAD_DEALS)
        report = folder.path / "report.json"
        result = folder.run("--report", report)
        self.assertEqual(result.returncode, 3, result.stderr)
        refusals = {r["line"]: r for r in json.loads(report.read_text())["refusals"]}
        self.assertEqual(sorted(refusals), [3, 4, 5, 6, 7, 8, 9, 10])
        self.assertTrue(all(r["file"] == "deals.csv" and r["reason"] for r in refusals.values()))
        for line, field in ((3, "amount"), (4, "owner"), (5, "history[0].date"), (8, "key"),
                            (9, "amount")):
            self.assertEqual(refusals[line]["field"], field)
        self.assertIn("zoe", refusals[4]["reason"])
        self.assertIn("2024-02-30", refusals[5]["reason"])
        self.assertEqual(counts(json.loads(report.read_text()), "opportunities"),
                         {"rows": 9, "created": 1, "updated": 0, "unchanged": 0, "refused": 8})
        table = folder.path / "report.csv"
        self.assertEqual(folder.run("--report", table).returncode, 3)
        with open(table, encoding="utf-8") as file:
            rows = [r for r in csv.DictReader(file) if r["record"] == "refused"]
        self.assertEqual([int(r["line"]) for r in rows], sorted(refusals))

    def test_a_dry_run_finds_the_same_in_the_files(self):
        folder = Folder(mapping=REFUSED.replace("source: refused", "source: dry"),
                        people="name\nann\n", deals=BAD_DEALS)
        summary = folder.json("--dry-run", code=3)
        self.assertLessEqual({3, 4, 5, 6, 7, 8, 9}, {r["line"] for r in summary["refusals"]})

    def test_unreadable_files_and_wrong_mappings_import_nothing(self):
        good = dict(mapping=REFUSED.replace("source: refused", "source: none"),
                    people="name\nbert\n", deals="id,rep,amount,opened,closed,state\n")
        for change, word in (
                ({"deals": good["deals"] + 'q1,"ann,1\n'}, "line 2"),
                ({"deals": good["deals"] + "q1,a\0nn,1\n"}, "NUL"),
                ({"deals": good["deals"].encode("utf-16")}, "UTF-16"),
                ({"deals": "id,rep\n"}, "amount"),
                ({"mapping": good["mapping"].replace("amount: amount", "amuont: amount")}, ":9:"),
                ({"mapping": good["mapping"].replace("deals.csv", "gone.csv")}, "gone.csv"),
                ({"mapping": "source: [\n"}, "YAML")):
            result = Folder(**{**good, **change}).run()
            self.assertIn(result.returncode, (1, 2), word)
            self.assertIn(word, result.stderr)
        names = {p["name"] for p in SUITE.pages("/v1/people", "people", page_size=1000)}
        self.assertNotIn("bert", names)

    def test_bytes_that_are_no_utf8_refuse_their_row_alone(self):
        folder = Folder(mapping="source: bytes\nfiles: {p: p.csv}\npeople: {file: p, key: name}\n",
                        p=b"\xef\xbb\xbfname\r\ngood one\r\nb\xffd\r\n\"two\r\nlines\"\r\n")
        summary = folder.json(code=3)
        self.assertEqual([r["line"] for r in summary["refusals"]][:1], [3])
        self.assertIn("UTF-8", summary["refusals"][0]["reason"])
        self.assertGreaterEqual(counts(summary, "people")["created"], 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
