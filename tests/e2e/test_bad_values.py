"""What the state of a record forbids, and values that may be written in several ways."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import suite
from support.checks import refused
from support.company import Company

SUITE = None
COMPANY = None


def setUpModule():
    global SUITE, COMPANY
    SUITE = suite.Suite().start()
    COMPANY = Company(SUITE)


def tearDownModule():
    if SUITE is not None:
        SUITE.__exit__(None)


class Closing(unittest.TestCase):
    """What the state of a deal forbids, with the field that it is about."""

    def forbidden(self, reason, field, call, *words):
        before = SUITE.written()
        with refused(self, "FAILED_PRECONDITION", reason, field) as got:
            call()
        for word in words:
            self.assertIn(word, got.error.message)
        self.assertEqual(SUITE.written(), before)

    def test_stages(self):
        deal = COMPANY.deal(name="staged")
        opened = COMPANY.stage_of_kind("OPEN")
        for stage in ("nowhere", opened[-1], opened[0]):
            self.forbidden("ILLEGAL_STAGE", "to_stage", lambda s=stage: COMPANY.advance(deal, s),
                           stage, "allowed: " + opened[1])
        self.forbidden("CHECKLIST_OPEN", "override_reason",
                       lambda: COMPANY.advance(deal, opened[1]), "need_confirmed")
        with refused(self, "INVALID_ARGUMENT", field="item") as got:
            SUITE.command(f"/v1/opportunities/{deal['id']}:completeItem", {"item": "nothing"})
        self.assertIn("need_confirmed", got.error.message)

    def test_closing_twice(self):
        for end in (COMPANY.win, COMPANY.lose):
            closed = end(COMPANY.deal(name="closed"))
            for stage in ("won", "lost", "need"):
                self.forbidden("DEAL_CLOSED", "to_stage",
                               lambda c=closed, s=stage: COMPANY.advance(c, s, lost_reason="x"))


class NormalForms(unittest.TestCase):
    """What may be written in several ways is kept in one."""

    FORMS = ("{0}138 0013 {1}", "{0}+86 138-0013-{1}", "{0}0086138 0013 {1}", "{0}(+86)138.0013.{1}",
             "{0}86-1380013{1}", "{0}＋８６ １３８ ００１３ {2}", "{0}１３８００１３{2}")

    def forms(self, number):
        wide = "".join(chr(ord(c) - ord("0") + ord("０")) for c in number)
        return [form.format("", number, wide) for form in self.FORMS]

    def test_phones(self):
        # Of each kind of record, one number in all its forms: kept as one, and taken once.
        for n, (path, name) in enumerate((("/v1/leads", "lead"), ("/v1/customers", "customer"))):
            forms = self.forms(f"80{n:02}")
            first = SUITE.command(path, {name: {"name": "x", "phone": forms[0]}})
            self.assertEqual(first["phone"], f"+86138001380{n:02}")
            for phone in forms[1:]:
                with refused(self, "ALREADY_EXISTS", "PHONE_TAKEN", f"{name}.phone") as got:
                    SUITE.command(path, {name: {"name": "y", "phone": phone}})
                self.assertEqual(got.error.metadata["id"], first["id"])
            for bad in ("abc", "+", "12", "+86138\u202d00138000", "1" * 16, "٠١٢٣٤٥٦٧٨٩"):
                with refused(self, "INVALID_ARGUMENT", field=f"{name}.phone"):
                    SUITE.command(path, {name: {"name": "y", "phone": bad}})
        customer = COMPANY.customer("with contacts")
        kept = {SUITE.command("/v1/contacts", {"contact": {
            "name": "x", "customer_id": customer["id"], "phone": phone}})["phone"]
            for phone in self.forms("8077")}
        self.assertEqual(kept, {"+8613800138077"})

    def test_texts_are_trimmed(self):
        made = SUITE.command("/v1/leads", {"lead": {"name": " \u3000Acme Pumps\u00a0\n",
                                                    "sector": "\u200b"}})
        self.assertEqual((made["name"], made["sector"]), ("Acme Pumps", ""))
        for blank in (" ", "\u3000", "\u00a0\u200b", "\t\n"):
            with refused(self, "INVALID_ARGUMENT", field="lead.name"):
                SUITE.command("/v1/leads", {"lead": {"name": blank}})

    def test_numbers(self):
        for units in (5, "5", 5.0, "5.0", "5e0"):
            made = SUITE.command("/v1/leads", {"lead": {"name": "x", "budget": {"units": units}}})
            self.assertEqual(made["budget"]["units"], "5")
        for intent in (40, "40", 40.0, 4e1):
            self.assertEqual(COMPANY.lead(intent=intent)["intent"], 40)

    def test_page_sizes(self):
        everything = SUITE.get("/v1/leads", page_size=1_000_000)["leads"]
        self.assertEqual(len(SUITE.get("/v1/leads", page_size=0)["leads"]), min(50, len(everything)))
        with refused(self, "INVALID_ARGUMENT", field="page_size"):
            SUITE.get("/v1/leads", page_size=-1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
