"""A data set of another kind, imported with a mapping written from the documentation alone: other
delimiter, number and date forms, quotes and line breaks, people by number, a log of stage changes.
Refused rows are told with file, line, field and reason; repeating and mending do what they should."""

import csv
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import suite

MAPPING = """
source: erp
currency: EUR
zone: Europe/Berlin
dates: dd.mm.yyyy
numbers: {decimal: ",", thousands: "."}
blank: ["-"]

files:
  staff: {path: staff.csv, delimiter: ";"}
  articles: {path: articles.csv, delimiter: ";"}
  deals: {path: deals.csv, delimiter: ";"}
  changes: {path: changes.csv, delimiter: ";"}

units:
  - {file: staff, distinct: Gebiet, kind: region}
  - {file: staff, distinct: Team, kind: team, parent: Gebiet}

people:
  file: staff
  key: Nummer
  name: {template: "{Vorname} {Name}"}
  unit: Team
  leads: {column: Rang, map: {Leiter: yes}, else: no}
  roles: {column: Rang, map: {Leiter: manager}, else: rep}

products:
  file: articles
  key: Artikel
  line: Reihe
  list_price: Preis

customers:
  file: deals
  distinct: Kunde

opportunities:
  file: deals
  key: Vorgang
  name: Titel
  owner: {column: Betreuer, lookup: {file: staff, key: Name, take: Nummer}}
  customer: Kunde
  product: Artikel
  quantity: Menge
  amount: {column: Wert, when: {Stand: gewonnen}}
  lead_source: Quelle
  history:
    - file: changes
      match: Vorgang
      stage: {column: Nach, map: {Bedarf: need, Angebot: quote, gewonnen: won, verloren: lost}}
      date: {column: Am, format: dd.mm.yyyy hh:mm}
"""
STAFF = '''Nummer;Vorname;Name;Team;Gebiet;Rang
7;Jörg;Weiß;Süd 1;Süd;Leiter
8;"Anna ""Anni""";Meier;Süd 1;Süd;
9;Otto;Krüger;Nord 1;Nord;
'''
ARTICLES = '''Artikel;Reihe;Preis
"Pumpe; groß";Pumpen;1.250,50 €
Ventil;Ventile;99
'''
DEALS = '''Vorgang;Titel;Betreuer;Kunde;Artikel;Menge;Wert;Stand;Quelle
V1;"Neubau
Halle 3";Meier;Müller AG;"Pumpe; groß";2;2.400,00;gewonnen;Messe
V2;Ersatz;Krüger;Schmidt & Söhne;Ventil;10;-;offen;
V3;Ausbau;Krüger;Müller AG;Ventil;3;250,75;gewonnen;Messe
V4;Zweifel;Meier;-;Ventil;1;-;verloren;Web
V5;Falsch;Niemand;Müller AG;Ventil;1;10;gewonnen;
V6;Krumm;Meier;Müller AG;Ventil;1;10,005;gewonnen;
V7;zu;viele;Spalten;in;dieser;Zeile;hier;und;da
'''
CHANGES = """Vorgang;Nach;Am
V1;gewonnen;01.04.2017 00:30
V1;Bedarf;02.03.2017 09:00
V2;Bedarf;05.03.2017 10:00
V3;Bedarf;31.03.2017 23:59
V3;Angebot;02.04.2017 08:00
V3;gewonnen;12.04.2017 08:00
V4;Bedarf;01.02.2017 08:00
V4;verloren;03.02.2017 08:00
V5;gewonnen;03.02.2017 08:00
V6;gewonnen;03.02.2017 08:00
"""


class OtherData(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="spm-import-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.mapping = self.folder / "mapping.yaml"
        self.mapping.write_text(MAPPING, encoding="utf-8")
        self.write("staff.csv", STAFF)
        self.write("articles.csv", ARTICLES)
        self.write("deals.csv", DEALS)
        self.write("changes.csv", CHANGES)

    def write(self, name, text):
        """With byte order mark and Windows line ends, as spreadsheets save it."""
        data = text.replace("\n", "\r\n").encode("utf-8-sig")
        (self.folder / name).write_bytes(data)

    def run_import(self, running, *args, check):
        return running.cli("import", self.mapping, self.folder, *args, check=check)

    def summary(self, running, *args, check):
        return json.loads(self.run_import(running, "--json", *args, check=check).stdout)

    def test_refused_repeated_mended(self):
        with suite.Suite() as running:
            report = self.folder / "report.csv"
            got = self.summary(running, "--report", report, check=3)
            self.assertEqual(running.get("/v1/company")["currency"], "EUR")
            refusals = {r["line"]: r for r in got["refusals"]}
            # The title of V1 has a line break: V5 begins on line 7.
            self.assertEqual(set(refusals), {7, 8, 9})
            self.assertTrue(all(r["file"].endswith("deals.csv") for r in got["refusals"]))
            self.assertIn("Niemand", refusals[7]["reason"])
            self.assertEqual((refusals[7]["field"], refusals[8]["field"]), ("owner", "amount"))
            self.assertIn("EUR", refusals[8]["reason"])
            with open(report, newline="", encoding="utf-8") as file:
                lines = [int(r["line"]) for r in csv.DictReader(file) if r["record"] == "refused"]
            self.assertEqual(sorted(set(lines)), [7, 8, 9])
            self.check_figures(running)

            # Again: nothing changes, what was refused is refused again.
            before = {s: len(running.journal(s)) for s in ("org", "orders", "leads")}
            again = self.summary(running, check=3)
            self.assertEqual((again["created"], again["updated"]), (0, 0))
            self.assertEqual({s: len(running.journal(s)) for s in before}, before)

            # Mended and changed.
            mended = DEALS.replace("Niemand", "Meier").replace("10,005", "10,01").replace(
                "250,75", "260,75")
            self.write("deals.csv", "\n".join(mended.split("\n")[:-2]) + "\n")
            last = self.summary(running, check=0)
            deals = next(k for k in last["kinds"] if k["kind"] == "opportunities")
            self.assertEqual((deals["created"], deals["updated"], deals["unchanged"]), (2, 1, 3))
            self.assertEqual(running.figure("revenue"), 2400 + 260.75 + 10 + 10.01)

    def check_figures(self, running):
        self.assertEqual(running.figure("revenue"), 2650.75)
        self.assertEqual((running.figure("won"), running.figure("lost"), running.figure("open")),
                         (2, 1, 1))
        # 00:30 in Berlin on the first of April is still March in UTC: the company's zone counts.
        rows = running.cli_json("metrics", "revenue", "--by", "day", "--from", "2017-01-01", "--to",
                                "2017-12-31")
        zone = running.get("/v1/company")["zone"]
        first = {"UTC": "2017-03-31", "Europe/Berlin": "2017-04-01"}.get(zone)
        if first:
            self.assertEqual([r["day"] for r in rows], [first, "2017-04-12"])
        rows = running.cli_json("metrics", "list_value,won", "--by", "product,rep", "--names",
                                "--from", "2017-01-01", "--to", "2017-12-31", "--where",
                                '"product=Pumpe; groß"')
        self.assertEqual(rows, [{"product": "Pumpe; groß", "rep": 'Anna "Anni" Meier',
                                 "list_value": 2501, "won": 1}])
        self.assertEqual(running.figure("pipeline_value"), 990)
        rows = running.cli_json("metrics", "stage_entered", "--by", "stage", "--from", "2017-01-01",
                                "--to", "2017-12-31")
        entered = {r["stage"]: r["stage_entered"] for r in rows}
        # A stage that is passed over counts as entered.
        self.assertEqual((entered["need"], entered["quote"], entered["sign"], entered["lost"]),
                         (4, 2, 2, 1))
        deals = running.get("/v1/opportunities")["opportunities"]
        self.assertIn("Neubau Halle 3", {d["name"] for d in deals})
        people = {p["name"]: p for p in running.get("/v1/people")["people"]}
        self.assertTrue(people["Jörg Weiß"]["memberships"][0]["leads"])
        regions = running.cli_json("metrics", "won", "--by", "region", "--names", "--from",
                                   "2017-01-01", "--to", "2017-12-31")
        self.assertEqual({r["region"]: r["won"] for r in regions}, {"Süd": 1, "Nord": 1})

    def test_a_wrong_mapping_names_its_line_and_writes_nothing(self):
        with suite.Suite() as running:
            before = len(running.journal("org"))
            for old, new, word in (("Preis", "Preiss", "Preis"), ("owner:", "ownr:", "ownr"),
                                   ("dd.mm.yyyy hh:mm", "tt.mm.jjjj", "tt.mm.jjjj"),
                                   ("path: staff.csv", "path: nobody.csv", "nobody.csv"),
                                   ("path: changes.csv", "paht: changes.csv", "paht"),
                                   ("currency: EUR", "currency: EURO", "EURO")):
                self.mapping.write_text(MAPPING.replace(old, new), encoding="utf-8")
                result = running.cli("import", self.mapping, self.folder)
                with self.subTest(new=new):
                    self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
                    self.assertIn(word, result.stderr)
            self.assertEqual(len(running.journal("org")), before)

    def test_files_that_cannot_be_read(self):
        with suite.Suite() as running:
            for data in (DEALS.encode() + b"V8;\xff\xfe;x;x;x;1;1;offen;\n",
                         DEALS.encode() + b'V8;"never closed;x;x;x;1;1;offen;\n', b"",
                         DEALS.encode() + b"V8;\x00;x;x;x;1;1;offen;\n"):
                (self.folder / "deals.csv").write_bytes(data)
                result = running.cli("import", self.mapping, self.folder)
                self.assertIn(result.returncode, (1, 2, 3), result.stderr)
                self.assertIn("deals.csv", result.stderr + result.stdout)

    def test_another_currency_later_is_refused(self):
        with suite.Suite() as running:
            self.run_import(running, check=3)
            self.mapping.write_text(MAPPING.replace("EUR", "USD"), encoding="utf-8")
            result = running.cli("import", self.mapping, self.folder)
            self.assertIn(result.returncode, (1, 2))
            self.assertIn("EUR", result.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
