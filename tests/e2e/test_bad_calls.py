"""Every RPC that reflection finds, with every kind of bad value in every field: the answer names the
field, nothing is written, nothing is a bug. Then thousands of mutated requests by gRPC and JSON."""

import json
import os
import pathlib
import random
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import suite, venv

venv.enter()

import grpc
from google.api import field_behavior_pb2
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor as Field

from support.company import Company
from support.grpc_client import Client, details
from support.grpc_walk import Case, methods, places

MUTATED = 40_000 if os.environ.get("SPM_LONG") else 2_500
NOBODY = "00000000-0000-7000-8000-000000000000"
# Not called with what may be right: they work on the whole suite.
HEAVY = {"RebuildService", "AdvanceClock", "SetCurrency"}
# A bad value in them is no error: they say which rows one wants to see, and none is.
FILTERS = ("List", "Read", "Get", "Query", "Explain", "Replay")

SUITE = COMPANY = CLIENT = None


def setUpModule():
    global SUITE, COMPANY, CLIENT
    SUITE = suite.Suite(args=["--reflection"]).start()
    COMPANY = Company(SUITE)
    CLIENT = Client(SUITE.grpc_port)
    SUITE.settled()


def tearDownModule():
    if SUITE is not None:
        SUITE.__exit__(None)


def bugs():
    """Calls that ended with INTERNAL or UNKNOWN, by the suite's own count."""
    text = SUITE.raw("GET", "/metrics")[2].decode()
    return [line for line in text.splitlines() if line.startswith("spm_rpc_requests_total")
            and ('code="INTERNAL"' in line or 'code="UNKNOWN"' in line)]


class Walk(unittest.TestCase):
    def setUp(self):
        SUITE.settled()
        self.before, self.calls = SUITE.written(), 0

    def tearDown(self):
        self.assertEqual(SUITE.written(), self.before, "a refused request left a trace")
        self.assertEqual(SUITE.raw("GET", "/readyz")[0], 200)
        self.assertEqual(bugs(), [])
        print(f"\n  {self.id().rsplit('.', 1)[-1]}: {self.calls} calls", end=" ", flush=True)

    def refused(self, case, what):
        """Sends the case; the answer must be INVALID_ARGUMENT with the case's place in it."""
        self.calls += 1
        code, fields, text = case.send(CLIENT)
        label = f"{case.method.full_name} {case.path} with {what}: {code} {fields or text}"
        self.assertEqual(code, "INVALID_ARGUMENT", label)
        named = [f for f in fields for p in (case.path, case.whole)
                 if f == p or f.startswith(p + ".")]
        self.assertTrue(named, label)
        self.assertGreater(len(fields[named[0]]), 8, "no remedy: " + label)

    def each(self, wanted):
        for method in methods(CLIENT):
            for place in places(method.input_type):
                if wanted(place[-1]):
                    yield method, place

    def test_request_ids(self):
        found = [m for m in methods(CLIENT) if "request_id" in m.input_type.fields_by_name]
        self.assertGreater(len(found), 30)
        for method in found:
            place = (method.input_type.fields_by_name["request_id"],)
            for bad in ("", "abc", "0" * 36, suite.new_id() + "0",
                        "c232ab00-9414-11ec-b3c8-9f6bdeced846"):
                self.refused(Case(method, place, bad), f"request_id {bad!r}")

    def test_texts(self):
        bad = {"a control character": "a\u0007b", "NUL": "a\0b", "a direction override": "a\u202eb",
               "an isolate": "\u2066ab", "a zero width space": "a\u200bb", "1 MiB": "x" * (1 << 20)}
        for method, place in self.each(lambda f: f.type == Field.TYPE_STRING):
            for what, text in bad.items():
                if what == "1 MiB" and self.calls % 7:  # Of every field, in turn.
                    continue
                self.refused(Case(method, place, text), what)

    def test_ill_formed_utf8(self):
        for method, place in self.each(lambda f: f.type == Field.TYPE_STRING):
            self.refused(Case(method, place, "a@@b", swap=(b"a@@b", b"a\xff\xfeb")), "bytes")

    def test_enums(self):
        for method, place in self.each(lambda f: f.type == Field.TYPE_ENUM):
            for number in (99, -1):
                self.refused(Case(method, place, number), f"enum {number}")

    def test_days(self):
        bad = {"30 February": (2017, 2, 30), "29 February": (2100, 2, 29), "month 13": (2017, 13, 1),
               "day 0": (2017, 1, 0), "before 1900": (1899, 12, 31), "after 2200": (2201, 1, 1),
               "a year alone": (2017, 0, 0), "negative": (-5, 1, 1)}
        for method, place in self.each(lambda f: kind(f) == "google.type.Date"):
            for what, (year, month, day) in bad.items():
                self.refused(Case(method, place, dict(year=year, month=month, day=day)), what)

    def test_moments(self):
        for method, place in self.each(lambda f: kind(f) == "google.protobuf.Timestamp"):
            for seconds, nanos in ((-2208988801, 0), (7289654400, 0), (0, -1), (0, 10 ** 9),
                                   (-2 ** 63, 0), (2 ** 63 - 1, 0)):
                self.refused(Case(method, place, dict(seconds=seconds, nanos=nanos)), "a moment")

    def test_money(self):
        bad = {"too much": dict(units=10 ** 13 + 1), "int64": dict(units=2 ** 63 - 1),
               "mixed signs": dict(units=1, nanos=-1), "nanos": dict(nanos=10 ** 9),
               "no currency": dict(units=1, currency_code="usd"),
               "a long code": dict(units=1, currency_code="USDX")}
        for method, place in self.each(lambda f: kind(f) == "google.type.Money"):
            for what, fields in bad.items():
                self.refused(Case(method, place, fields), what)

    def test_page_sizes_and_tokens(self):
        for method, place in self.each(lambda f: f.name == "page_size"):
            for size in (-1, -2 ** 31):
                self.refused(Case(method, place, size), f"page_size {size}")
            for size in (0, 1_000_000):
                self.calls += 1
                _, fields, _ = Case(method, place, size).send(CLIENT)
                self.assertNotIn("page_size", fields)
        for method, place in self.each(lambda f: f.name == "page_token"):
            if any(required(f) for f in method.input_type.fields):
                continue
            for token in ("garbage", "A" * 900, NOBODY):
                self.refused(Case(method, place, token), f"page_token {token[:20]}")

    def test_unknown_ids(self):
        known = {
            "service": "leads",
            "unit": COMPANY.unit["n1"], "parent": COMPANY.unit["north"], "person": COMPANY.id["ann"],
            "owner": COMPANY.id["ann"], "manager": COMPANY.id["mona"], "product": COMPANY.product,
            "from": COMPANY.id["ann"], "to": COMPANY.id["bob"],
            "lead": COMPANY.lead("known")["id"], "customer": COMPANY.customer("known")["id"],
            "opportunity": COMPANY.deal(name="known")["id"]}
        known["subject"] = known["lead"]
        known["contact"] = SUITE.command("/v1/contacts", {"contact": {
            "name": "known", "customer_id": known["customer"]}})["id"]
        SUITE.settled()
        self.before, empty = SUITE.written(), []
        for method, place in self.each(is_id):
            case = Case(method, place, NOBODY)
            case.fill(known)
            self.calls += 1
            code, fields, text = case.send(CLIENT)
            label = f"{method.full_name} {case.path}: {code} {text}"
            if code == "OK" and method.name.startswith(FILTERS):
                empty.append(method.name)
                self.assertFalse(has_rows(case.reply), label)
                continue
            with self.subTest(label):
                self.assertIn(code, ("NOT_FOUND", "INVALID_ARGUMENT"))
                self.assertTrue(any(case.path.startswith(f) for f in fields)
                                or place[-1].name in text or NOBODY in text)
        print(f"\n  no rows, and no error: {sorted(set(empty))}", end="")


class Mutations(unittest.TestCase):
    """Seeded, so that what one run finds another finds too."""

    def setUp(self):
        self.rng = random.Random(20)
        self.count = {}

    def tearDown(self):
        self.assertEqual(SUITE.raw("GET", "/readyz")[0], 200)
        self.assertIsNone(SUITE.process.poll(), "the suite ended")
        self.assertEqual(bugs(), [])
        print(f"\n  {self.id().rsplit('.', 1)[-1]}: {self.count}", end=" ", flush=True)

    def note(self, code):
        self.count[code] = self.count.get(code, 0) + 1

    def mutated(self, data):
        data, rng = bytearray(data), self.rng
        for _ in range(rng.randrange(1, 6)):
            at = rng.randrange(len(data) + 1)
            match rng.randrange(5):
                case 0:
                    data[at:at] = rng.randbytes(rng.randrange(1, 9))
                case 1:
                    del data[at:at + rng.randrange(1, 9)]
                case 2 if at < len(data):
                    data[at] ^= 1 << rng.randrange(8)
                case 3:
                    data[at:at] = data[:rng.randrange(64)]
                case _:
                    data[at:at + 2] = rng.choice((b"\xff\xff", b"\0\0", b"\x80", b"\x0a\xff"))
        return bytes(data[:1 << 20])

    def test_grpc(self):
        found = [m for m in methods(CLIENT) if m.name not in HEAVY]
        for n in range(MUTATED):
            method = found[n % len(found)]
            case = Case(method, None, None)
            case.scramble(self.rng)
            data = case.request.SerializeToString()
            if self.rng.random() < 0.7:
                data = self.mutated(data)
            if self.rng.random() < 0.05:
                data = self.rng.randbytes(self.rng.randrange(2000))
            path = "/" + "/".join(method.full_name.rsplit(".", 1))
            try:
                CLIENT.channel.unary_unary(path)(data, timeout=20)
                code = "OK"
            except grpc.RpcError as error:
                code = error.code().name
                if code == "INVALID_ARGUMENT":
                    info, fields = details(error)
                    self.assertTrue(info is not None and (fields or info.reason), error)
            self.note(code)
            self.assertNotIn(code, ("INTERNAL", "UNKNOWN", "UNAVAILABLE", "DEADLINE_EXCEEDED"),
                             f"{method.full_name} {data[:300]!r}")

    def test_json(self):
        paths = json.loads(SUITE.raw("GET", "/openapi.json")[2])["paths"]
        by_name = {m.full_name: m for m in methods(CLIENT)}
        found = [(path, verb.upper(), by_name[one["operationId"].replace("/", ".")])
                 for path, verbs in paths.items() for verb, one in verbs.items()
                 if verb in ("post", "patch")
                 and one["operationId"].rsplit("/", 1)[-1] not in HEAVY]
        for n in range(MUTATED):
            path, verb, method = found[n % len(found)]
            case = Case(method, None, None)
            case.scramble(self.rng)
            tree = json_format.MessageToDict(case.request, descriptor_pool=CLIENT.pool)
            for name in re.findall(r"{(\w+)}", path):
                tree.pop(camel(name), None)
            if self.rng.random() < 0.5:
                self.spoil(tree, 0)
            body = json.dumps(tree).encode()
            if self.rng.random() < 0.4:
                body = self.mutated(body)
            status, _, answer = SUITE.raw(verb, re.sub(r"[{}]", "", path), body)
            self.note(status)
            self.assertNotIn(status, (500, 502, 503, 504), f"{path} {body[:300]!r} {answer[:300]!r}")

    def spoil(self, tree, depth):
        """Puts something of another type, or an unknown name, into a tree of JSON."""
        rng = self.rng
        for key in list(tree):
            if isinstance(tree[key], dict) and rng.random() < 0.7:
                self.spoil(tree[key], depth + 1)
            elif rng.random() < 0.4:
                tree[key] = rng.choice((
                    None, True, -1, 0, 1.5, 2 ** 63, 1e308, "", "x", "\u202e", "9" * 400,
                    "2017-02-30", [], {}, [[]], [{}], NOBODY, {"@type": "x"}))
        if rng.random() < 0.2:
            tree[rng.choice(("name", "@type", "requestId", "year", "nobody"))] = "x"


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def kind(field):
    return field.message_type.full_name if field.message_type is not None else ""


def required(field):
    behavior = field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
    return field_behavior_pb2.REQUIRED in behavior


def is_id(field):
    return (field.type == Field.TYPE_STRING and field.name.endswith("_id")
            and field.name not in ("request_id", "external_id"))


def has_rows(reply):
    return any(f.label == Field.LABEL_REPEATED and f.name != "sources" and len(v)
               for f, v in reply.ListFields())


if __name__ == "__main__":
    unittest.main(verbosity=2)
