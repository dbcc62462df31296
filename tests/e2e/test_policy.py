"""spm policy: a candidate is shown with the difference it makes before it is saved, and what it said
is what comes."""

import json
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
FOLDER = None


def setUpModule():
    global SUITE, COMPANY, FOLDER
    SUITE = suite.Suite(test_clock=True).start()
    COMPANY = Company(SUITE)
    FOLDER = tempfile.TemporaryDirectory()


def tearDownModule():
    if SUITE is not None:
        SUITE.__exit__(None)
        FOLDER.cleanup()


def show(kind):
    return SUITE.cli("policy", "show", kind, check=0).stdout


def candidate(text):
    path = pathlib.Path(FOLDER.name) / f"{suite.new_id()}.yaml"
    path.write_text(text)
    return path


def propose(kind, text, *args, code=0):
    result = SUITE.cli("policy", "propose", kind, candidate(text), *args, "--json", check=code)
    return json.loads(result.stdout)


def refused(kind, text, *args, code=2):
    return SUITE.cli("policy", "propose", kind, candidate(text), *args, check=code).stderr


def effects(answer):
    return {e["name"]: (e["before"], e["after"]) for e in answer["effects"]}


class Form(unittest.TestCase):
    def test_every_kind_is_listed_with_version_author_and_date(self):
        rows = {(r["service"], r["kind"]): r for r in SUITE.cli_json("policy", "show")}
        for key in (("org", "company"), ("leads", "grade"), ("leads", "assignment"),
                    ("leads", "contact"), ("leads", "close"), ("leads", "pipeline:default"),
                    ("performance", "leaderboard")):
            self.assertIn(key, rows)
            self.assertEqual(rows[key]["author"], "spm", key)
            self.assertEqual(rows[key]["effective"], "ever", key)
        only = SUITE.cli_json("policy", "show", "--service", "performance")
        self.assertEqual([r["kind"] for r in only], ["leaderboard"])
        table = SUITE.cli("policy", "show", check=0).stdout
        self.assertRegex(table, r"leads +pipeline:default +1 +ever +spm")

    def test_one_comes_as_yaml_that_proposes_no_change(self):
        for kind in ("grade", "assignment", "contact", "close", "pipeline:default", "pipeline:s4",
                     "leaderboard", "company"):
            text = show(kind)
            self.assertIn("version 1, in force since ever, by spm", text)
            if kind != "company":
                self.assertEqual(propose(kind, text)["changes"], [], kind)
        self.assertIn("kind: open", show("pipeline:default"))
        self.assertIn("需求确认", show("pipeline:default"))

    def test_one_as_json(self):
        policy = SUITE.cli_json("policy", "show", "grade")
        self.assertEqual(policy["body"]["intent_weight"], 40)

    def test_an_unknown_kind_names_the_nearest(self):
        result = SUITE.cli("policy", "show", "grad", check=2)
        self.assertIn("did you mean grade?", result.stderr)
        self.assertIn("no day", SUITE.cli("policy", "show", "--at", "soon", check=2).stderr)


class Refusal(unittest.TestCase):
    def test_a_fault_of_the_file_names_its_line(self):
        text = show("pipeline:default")
        lines = text.splitlines()
        at = next(i for i, line in enumerate(lines) if "stall_days" in line)
        for bad, what in (("stall_dais: 7", "did you mean 'stall_days'?"),
                          ("stall_days: soon", "whole number"),
                          ("stall_days: [7]", "whole number"),
                          ("stall_days: 99999999999", "whole number"),
                          ("stall_days: 7\n    stall_days: 8", "occurs twice")):
            changed = lines[:at] + ["    " + bad] + lines[at + 1:]
            error = refused("pipeline:default", "\n".join(changed))
            self.assertRegex(error, rf"\.yaml:{at + 1 + bad.count(chr(10))}: ", error)
            self.assertIn(what, error)
        self.assertIn("open, won, lost", refused("pipeline:default",
                                                 text.replace("kind: won", "kind: gained")))
        self.assertIn("no YAML", refused("grade", "intent_weight: [1"))
        self.assertIn("is empty", refused("grade", ""))
        self.assertIn("cannot be read", SUITE.cli("policy", "propose", "grade", "/no/such", check=2)
                      .stderr)

    def test_a_fault_of_sense_names_its_field(self):
        for kind, old, new, field in (
                ("grade", "intent_weight: 40", "intent_weight: 41", "body.intent_weight"),
                ("grade", "grade_a_points: 80", "grade_a_points: 60", "body.grade_a_points"),
                ("assignment", "capacity: 200", "capacity: 0", "body.capacity"),
                ("contact", "first_contact_hours: 24", "first_contact_hours: -1",
                 "body.first_contact_hours"),
                ("close", "grace_days: 0", "grace_days: -1", "body.grace_days"),
                ("pipeline:default", 'id: "quote"', 'id: "need"', "body.stages[1].id"),
                ("pipeline:default", "kind: won", "kind: lost", "body.stages")):
            error = refused(kind, show(kind).replace(old, new, 1))
            self.assertIn(field, error)

    def test_the_same_is_refused_by_the_api(self):
        body = dict(COMPANY.policy("assignment"))
        body["capacity"] = 0
        for path in ("/v1/policies", "/v1/policies:preview"):
            with self.assertRaises(suite.ApiError) as got:
                request = {"service": "leads", "kind": "assignment", "body": body}
                if path == "/v1/policies":
                    SUITE.command(path, request)
                else:
                    SUITE.post(path, request)
            self.assertEqual(got.exception.code, "INVALID_ARGUMENT")
            self.assertIn("body.capacity", got.exception.violations)

    def test_saving_wants_a_reason_and_a_day_to_come(self):
        text = show("close").replace("grace_days: 0", "grace_days: 3")
        self.assertIn("--reason", refused("close", text, "--save"))
        today = SUITE.get("/v1/company")["today"]
        self.assertIn("has begun already", refused("close", text, "--effective", today))
        self.assertIn("no day", refused("close", text, "--effective", "soon"))
        self.assertEqual(len(SUITE.cli_json("policy", "history", "close")), 1)

    def test_only_operators_and_executives_may(self):
        text = show("close").replace("grace_days: 0", "grace_days: 3")
        result = SUITE.cli("--as", COMPANY.id["ann"], "policy", "propose", "close",
                           candidate(text), check=1)
        self.assertIn("OPERATOR", result.stderr.upper())
        SUITE.cli("--as", COMPANY.id["ann"], "policy", "show", check=0)
        SUITE.cli("--as", COMPANY.id["exec"], "policy", "propose", "close", candidate(text), check=0)


class Saving(unittest.TestCase):
    def test_what_the_preview_says_is_what_comes(self):
        for intent in (100, 100, 60, 0):
            COMPANY.lead(f"Lead {intent}", intent=intent)
        # 40 points are a C.
        text = show("grade").replace("grade_c_points: 40", "grade_c_points: 24")
        shown = propose("grade", text)
        self.assertEqual(shown["changes"],
                         [{"path": "grade_c_points", "before": "40", "after": "24"}])
        self.assertFalse(shown["saved"])
        self.assertEqual(SUITE.cli_json("policy", "show", "grade")["version"], 1)
        said = effects(shown)
        self.assertEqual(said["leads_c"][1] - said["leads_c"][0], 1)
        saved = propose("grade", text, "--save", "--reason", "more to call")
        self.assertTrue(saved["saved"])
        self.assertEqual(effects(saved), said)
        SUITE.advance("2s")
        suite.until(lambda: len(SUITE.pages("/v1/leads", "leads", grade="GRADE_C"))
                    == said["leads_c"][1], what="the new grades")
        count = {g: len(SUITE.pages("/v1/leads", "leads", grade=f"GRADE_{g}")) for g in "ABCD"}
        self.assertEqual(count, {g: said[f"leads_{g.lower()}"][1] for g in "ABCD"})
        # The version in force makes no difference to itself.
        again = propose("grade", text)
        self.assertEqual(again["changes"], [])
        self.assertTrue(all(before == after for before, after in effects(again).values()))

    def test_a_stage_with_deals_cannot_go(self):
        COMPANY.deal(owner_id=COMPANY.id["ann"], name="Stays")
        text = show("pipeline:default")
        start = text.index('  - id: "need"')
        shorter = text[:start] + text[text.index('  - id: "quote"'):]
        error = refused("pipeline:default", shorter, "--save", "--reason", "short", code=3)
        self.assertIn("need (1 deal)", error)
        answer = propose("pipeline:default", shorter, code=3)
        self.assertEqual(effects(answer)["deals_without_stage"], (0, 1))
        example = next(e for e in answer["effects"] if e["name"] == "deals_without_stage")
        self.assertEqual(example["examples"][0]["name"], "Stays")
        with self.assertRaises(suite.ApiError) as got:
            body = COMPANY.policy("pipeline:default")
            body["stages"] = body["stages"][1:]
            SUITE.command("/v1/policies", {"service": "leads", "kind": "pipeline:default",
                                           "body": body})
        self.assertEqual((got.exception.code, got.exception.reason),
                         ("FAILED_PRECONDITION", "STAGE_IN_USE"))

    def test_a_new_pipeline_begins_from_ever(self):
        text = (show("pipeline:s4").replace('id: "s4"', 'id: "short"')
                .replace("Six steps", "Short"))
        saved = propose("pipeline:short", text, "--save", "--reason", "for small deals")
        self.assertEqual((saved["version"], saved["replaces"], saved["effective"]),
                         (1, 0, "ever"))
        deal = COMPANY.deal(owner_id=COMPANY.id["ann"], pipeline="short")
        self.assertEqual(deal["stage"], "acquire")
        self.assertIn("body.id", refused("pipeline:other", text))

    def test_history_says_since_when_who_why_and_what(self):
        text = show("contact").replace("first_contact_hours: 24", "first_contact_hours: 8")
        result = SUITE.cli("--as", COMPANY.id["exec"], "policy", "propose", "contact",
                           candidate(text), "--save", "--reason", "customers wait", check=0)
        self.assertIn("saved as version 2", result.stdout)
        later = show("contact").replace("first_contact_hours: 8", "first_contact_hours: 6")
        propose("contact", later, "--effective", "2099-01-01", "--save", "--reason", "one day")
        versions = SUITE.cli_json("policy", "history", "contact")
        self.assertEqual([v["version"] for v in versions], [1, 2, 3])
        self.assertEqual(versions[1]["author"], COMPANY.id["exec"])
        self.assertEqual(versions[1]["reason"], "customers wait")
        self.assertEqual(versions[1]["changes"], [{"path": "first_contact_hours", "before": "24",
                                                   "after": "8"}])
        out = SUITE.cli("policy", "history", "contact", check=0).stdout
        self.assertRegex(out, r"version 2, since 20\S+, by exec: customers wait\n"
                              r"  first_contact_hours: 24 -> 8")
        # Scheduled: shown as what comes, and not in force yet.
        self.assertIn("first_contact_hours: 8", show("contact"))
        self.assertIn("then version 3 from 2099-01-01", show("contact"))
        self.assertIn("first_contact_hours: 6",
                      SUITE.cli("policy", "show", "contact", "--at", "2099-01-01", check=0).stdout)
        self.assertIn("first_contact_hours: 24",
                      SUITE.cli("policy", "show", "contact", "--at", "2001-01-01", check=0).stdout)
        # It is journaled with who did it.
        events = SUITE.journal("leads", ["spm.base.v1.PolicyPublished"])
        self.assertIn(COMPANY.id["exec"], {e["actor"] for e in events})

    def test_two_at_once_are_told(self):
        newest = SUITE.cli_json("policy", "history", "leaderboard")[-1]["version"]
        body = {"@type": "type.googleapis.com/spm.performance.v1.LeaderboardPolicy"}
        request = {"service": "performance", "kind": "leaderboard", "body": body,
                   "base_version": newest}
        made = SUITE.command("/v1/policies", request)
        self.assertEqual(int(made["version"]), newest + 1)
        body["beyond_scope"] = True
        with self.assertRaises(suite.ApiError) as got:
            SUITE.command("/v1/policies", request)
        self.assertEqual((got.exception.code, got.exception.reason),
                         ("ABORTED", "VERSION_CONFLICT"))

    def test_standard_input_is_a_file(self):
        text = show("close").replace("grace_days: 0", "grace_days: 2")
        result = subprocess.run(
            [str(suite.binary()), "--data", str(SUITE.folder), "policy", "propose", "close", "-"],
            input=text, capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("grace_days  0       2", result.stdout)
        self.assertIn("nothing was saved", result.stderr)


class CommandLine(unittest.TestCase):
    def test_help_has_examples_and_completion_knows_it(self):
        for command in ("show", "propose", "history"):
            out = SUITE.cli("policy", command, "--help", check=0).stdout
            self.assertIn(f"spm policy {command}", out)
        for shell in ("bash", "zsh", "fish"):
            out = SUITE.cli("completion", shell, check=0).stdout
            self.assertIn("propose", out)
            self.assertIn("effective", out)

    def test_usage(self):
        for args in ([], ["propose"], ["propose", "grade"], ["history"], ["show", "a", "b"]):
            self.assertEqual(SUITE.cli("policy", *args).returncode, 2, args)


if __name__ == "__main__":
    unittest.main(verbosity=2)
