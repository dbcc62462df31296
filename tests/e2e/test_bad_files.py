"""Bad CSV files and mappings: the command names file, line, column and remedy, its exit code is that
of the manual (2 wrong mapping or files and nothing imported, 3 some rows refused), and what is right
is imported once."""

import json
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import suite

MAPPING = """source: {source}
files:
  people: people.csv
people:
  file: people
  key: no
  name: name
"""

SUITE = None


def setUpModule():
    global SUITE
    SUITE = suite.Suite().start()


def tearDownModule():
    if SUITE is not None:
        SUITE.__exit__(None)


class Import(unittest.TestCase):
    number = 0

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="spm-test-")
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        Import.number += 1
        self.source = f"src{Import.number}"
        self.mapping = MAPPING.format(source=self.source)

    def run_import(self, people=b"no,name\n1,Ann\n", mapping=None, args=()):
        mapping = self.mapping if mapping is None else mapping
        (self.path / "mapping.yaml").write_bytes(
            mapping if isinstance(mapping, bytes) else mapping.encode())
        if people is not None:
            (self.path / "people.csv").write_bytes(people)
        result = SUITE.cli("import", self.path / "mapping.yaml", self.path, *args)
        self.assertGreaterEqual(result.returncode, 0, "it crashed")
        return result

    def names(self):
        return sorted(p["name"] for p in SUITE.pages("/v1/people", "people", page_size=1000)
                      if any(e["source"] == self.source for e in p["external_ids"]))

    def nothing(self, words, **given):
        """Exit code 2, the words in the error, and nobody is imported."""
        result = self.run_import(**given)
        with self.subTest(given=str(given)[:200]):
            self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
            for word in words:
                self.assertIn(word, result.stderr)
            self.assertEqual(self.names(), [])

    def in_part(self, people, kept, *refusals):
        """Exit code 3; each refusal is (line, words of its reason); the others are in."""
        report = self.path / "report.json"
        result = self.run_import(people, args=("--report", report))
        self.assertEqual(result.returncode, 3, result.stdout + result.stderr)
        refused = json.loads(report.read_text())["refusals"]
        self.assertEqual([r["line"] for r in refused], [line for line, *_ in refusals], refused)
        for got, (line, *words) in zip(refused, refusals):
            self.assertEqual(got["file"], "people.csv")
            for word in words:
                self.assertIn(word, f"{got.get('field', '')}: {got['reason']}")
            self.assertIn(f"people.csv:{line}", result.stdout)
        self.assertEqual(self.names(), sorted(kept))


class Files(Import):
    def test_that_cannot_be_read_at_all(self):
        self.nothing(["people.csv", "empty"], people=b"")
        self.nothing(["people.csv", "empty"], people=b"\n\r\n\n")
        self.nothing(["people.csv, line 3", "never closed", "twice"],
                     people=b'no,name\n1,Ann\n2,"Bob\n3,Cid\n')
        self.nothing(["people.csv, line 2", "NUL byte", "UTF-8"], people=b"no,name\n1,A\0nn\n")
        self.nothing(["people.csv, line 1", "UTF-16", "UTF-8"],
                     people="no,name\n1,Ann\n".encode("utf-16"))
        self.nothing(["people.csv, line 1", "not UTF-8"],
                     people="no,name,größe\n1,Ann,2\n".encode("latin-1"))
        self.nothing(["people.csv, line 1"], people=b"PK\x03\x04\x14\x00\x06\x00" + bytes(range(256)))

    def test_that_are_not_there(self):
        self.nothing(["mapping.yaml:3", "people.csv", "No such file"], people=None)
        (self.path / "people.csv").mkdir()
        self.nothing(["mapping.yaml:3", "people.csv", "not a file"], people=None)
        if os.geteuid() != 0:  # Root reads everything.
            (self.path / "people.csv").rmdir()
            (self.path / "people.csv").write_text("no,name\n1,Ann\n")
            (self.path / "people.csv").chmod(0)
            self.nothing(["people.csv", "Permission denied"], people=None)

    def test_without_a_header_or_with_another(self):
        self.nothing(["mapping.yaml:6", "column 'no'", "its columns: 1, Ann", "`columns`"],
                     people=b"1,Ann\n2,Bob\n")
        self.nothing(["mapping.yaml:7", "column 'name'", "did you mean 'nam'?"],
                     people=b"no,nam\n1,Ann\n")
        self.nothing(["column 'no'", 'delimiter: ";"'], people=b"no;name\n1;Ann\n")
        self.nothing(["column 'no'", 'delimiter: "tab"'], people=b"no\tname\n1\tAnn\n")
        self.nothing(["mapping.yaml:7", "column 'name' occurs twice"],
                     people=b"no,name,name\n1,Ann,Bob\n")

    def test_rows_of_another_width(self):
        self.in_part(b"no,name\n1,Ann,x\n2\n3,Cid\n", ["Cid"],
                     (2, "has 3 columns where the file has 2", "quotes"),
                     (3, "has 1 columns where the file has 2"))

    def test_rows_in_another_encoding(self):
        self.in_part("no,name\n1,Jürgen\n2,Dan\n".encode("latin-1"), ["Dan"], (2, "not UTF-8"))

    def test_texts(self):
        people = ("no,name\n1,A\u0007nn\n2,B\u202enn\n3,C\u200bnn\n4,\u3000\n,Eve\n"
                  "6,\u202aFay\u202c\u00a0\n6,Gil\n8," + "x" * (1 << 20) + "\n").encode()
        self.in_part(people, ["Fay"],
                     (2, "name", "control character (U+0007)", "leave it out"),
                     (3, "name", "direction control (U+202E)"),
                     (4, "name", "invisible character (U+200B)"),
                     (5, "name", "blank"), (6, "key", "blank"), (8, "key", "'6'", "line 7"),
                     (9, "name", "has 1048576 bytes; at most"))

    def test_phones_have_one_form(self):
        mapping = (f"source: {self.source}\nfiles: {{people: people.csv}}\n"
                   "customers: {file: people, key: no, name: name, phone: phone}\n")
        rows = ["no,name,phone", "1,A,138 0013 8000", "2,B,+86 138-0013-8000", "3,C,008613800138000",
                "4,D,＋８６ １３８ ００１３ ８０００", "5,E,\u202d138 0013 8000\u202c", "6,F,(+86)138.0013.8000",
                "7,G,no phone", "8,H,13900139000"]
        (self.path / "mapping.yaml").write_text(mapping)
        (self.path / "people.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        report = self.path / "report.json"
        result = SUITE.cli("import", self.path / "mapping.yaml", self.path, "--report", report)
        self.assertEqual(result.returncode, 3, result.stderr)
        refused = json.loads(report.read_text())["refusals"]
        self.assertEqual([r["line"] for r in refused], [3, 4, 5, 6, 7, 8])
        for one in refused[:5]:
            self.assertIn("another customer has this phone", one["reason"])
        self.assertIn("is no phone number; write it like", refused[5]["reason"])
        phones = {c["phone"] for c in SUITE.pages("/v1/customers", "customers")}
        self.assertEqual(phones, {"+8613800138000", "+8613900139000"})

    def test_a_header_alone_is_no_error(self):
        result = self.run_import(b"no,name\n")
        self.assertEqual(result.returncode, 0, result.stderr)


class Mappings(Import):
    def bad(self, mapping, *words):
        self.nothing(["mapping.yaml", *words], mapping=mapping)

    def test_unknown_names(self):
        self.bad(self.mapping + "  rolez: x\n", ":8:", "unknown key 'rolez' in people", "'roles'?")
        self.bad(self.mapping + "poeple: 1\n", ":8:", "unknown key 'poeple'", "'people'?")
        self.bad(self.mapping.replace("name: name", "name: nmae"), ":7:", "column 'nmae'", "'name'?")
        self.bad(self.mapping.replace("file: people", "file: peple"), ":5:", "'peple'", "`files`")
        self.bad(self.mapping.replace("people:\n  file", "peeple:\n  file"), ":4:", "'peeple'",
                 "'people'?")

    def test_what_is_missing_or_twice(self):
        self.bad("", "a mapping has keys")
        self.bad(self.mapping.replace("  key: no\n", ""), ":5:", "key")
        self.bad(self.mapping.replace(f"source: {self.source}\n", ""), "`source` is missing")
        self.bad(self.mapping + "source: x\n", ":8:", "occurs twice")

    def test_what_is_no_mapping(self):
        self.bad("source: [", "no YAML")
        self.bad("- a\n", "a mapping has keys")
        self.bad("source: x\nfiles: " + "[" * 5000 + "\n", "nested too deep")
        self.bad(b"source: x\n# gr\xf6\xdfe\n" + self.mapping.encode(), ":2:", "UTF-8")
        self.bad(b"source: c\0rm\n", ":1:", "UTF-8")

    def test_paths(self):
        for args, word in ((("/nowhere.yaml", self.path), "/nowhere.yaml"),
                           ((self.path, self.path), "is a folder"),
                           ((suite.ROOT / "examples/quickstart/mapping.yaml", "/nowhere"),
                            "/nowhere is no folder"),
                           ((suite.ROOT / "examples/quickstart/mapping.yaml", "/etc/passwd"),
                            "is no folder"), ((), "MAPPING is required")):
            result = SUITE.cli("import", *args)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn(word, result.stderr)

    def test_a_report_that_cannot_be_written_is_known_before(self):
        self.nothing(["--report", "/nowhere/report.csv", "Nothing was imported"],
                     args=("--report", "/nowhere/report.csv"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
