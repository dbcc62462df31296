"""Bad input gets a clear error that names the field and the remedy, and leaves no trace."""

import json
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


class NoTrace(unittest.TestCase):
    """Nothing is written by a refused request, and the server still answers."""

    def setUp(self):
        SUITE.settled()
        self.before = SUITE.written()

    def tearDown(self):
        self.assertEqual(SUITE.written(), self.before, "a refused request left a trace")
        self.assertEqual(SUITE.raw("GET", "/readyz")[0], 200)


class RequestId(NoTrace):
    def test_missing_or_malformed(self):
        for request_id in ("", "abc", "123", "0" * 36, "not-a-uuid-at-all-but-thirty-six-long",
                           "c232ab00-9414-11ec-b3c8-9f6bdeced846",  # Version 1.
                           suite.new_id() + "0", "{" + suite.new_id() + "}"):
            with refused(self, "INVALID_ARGUMENT", field="request_id"):
                SUITE.post("/v1/leads", {"request_id": request_id, "lead": {"name": "x"}})
        with refused(self, "INVALID_ARGUMENT", field="request_id"):
            SUITE.post("/v1/leads", {"lead": {"name": "x"}})


class Repeats(unittest.TestCase):
    def test_same_request_same_reply_other_request_refused(self):
        request_id = suite.new_id()
        body = {"lead": {"name": "once", "intent": 10}}
        first = SUITE.command("/v1/leads", body, request_id=request_id)
        before = SUITE.written()
        self.assertEqual(SUITE.command("/v1/leads", body, request_id=request_id), first)
        with refused(self, ("ALREADY_EXISTS", "FAILED_PRECONDITION", "INVALID_ARGUMENT"),
                     "REQUEST_ID_REUSED"):
            SUITE.command("/v1/leads", {"lead": {"name": "other"}}, request_id=request_id)
        self.assertEqual(SUITE.written(), before)

    def test_another_callers_id_finds_nothing(self):
        request_id = suite.new_id()
        one = SUITE.command("/v1/leads", {"lead": {"name": "mine"}}, COMPANY.id["ann"],
                            request_id=request_id)
        two = SUITE.command("/v1/leads", {"lead": {"name": "yours"}}, COMPANY.id["bob"],
                            request_id=request_id)
        self.assertNotEqual(one["id"], two["id"])

    def test_a_refused_request_may_be_repeated_and_is_decided_anew(self):
        deal = COMPANY.deal(name="anew")
        request_id, opened = suite.new_id(), COMPANY.stage_of_kind("OPEN")
        body = {"to_stage": opened[1]}
        path = f"/v1/opportunities/{deal['id']}:advance"
        with refused(self, "FAILED_PRECONDITION", "CHECKLIST_OPEN"):
            SUITE.command(path, body, request_id=request_id)
        COMPANY.finish_checklist(deal)
        self.assertEqual(SUITE.command(path, body, request_id=request_id)["stage"], opened[1])


class Fields(NoTrace):
    def lead(self, code="INVALID_ARGUMENT", field=None, reason=None, **fields):
        with refused(self, code, reason, field) as got:
            SUITE.command("/v1/leads", {"lead": {"name": "x", **fields}})
        return got.error

    def test_required(self):
        self.lead(field="lead.name", name="")
        with refused(self, "INVALID_ARGUMENT", field="lead"):
            SUITE.command("/v1/leads")
        with refused(self, "INVALID_ARGUMENT", field="to_stage"):
            SUITE.command(f"/v1/opportunities/{suite.new_id()}:advance")

    def test_ranges_and_sizes(self):
        self.lead(field="lead.intent", intent=101)
        self.lead(field="lead.intent", intent=-1)
        self.lead(field="lead.decision_days", decision_days=3651)
        self.lead(field="lead.name", name="x" * 201)
        self.lead(field="lead.name", name="多" * 67)
        self.lead(field="lead.name", name="x" * (1 << 20))
        with refused(self, "INVALID_ARGUMENT", field="leads"):
            SUITE.command("/v1/leads:batchCreate", {"leads": [{"name": "x"}] * 1001})

    def test_text(self):
        for text in ("a\u0000b", "a\u0007b", "a\nb", "a\x7fb", "a\u0085b", "a\u2028b", "a\u202eb",
                     "\u2066ab", "a\u200bb", "a\ufeffb", "a\ufffe"):
            with self.subTest(text=text):
                self.lead(field="lead.name", name=text)

    def test_money(self):
        for budget in (suite.money("-1"), suite.money("-0.01"), suite.money(10 ** 18),
                       suite.money("9223372036854775807"), suite.money(5, "EUR"),
                       suite.money(5, "usd"), suite.money("1.005"),
                       suite.money("0.001"), {"currencyCode": "USD", "units": "1", "nanos": -10 ** 8},
                       {"currencyCode": "USD", "units": "1", "nanos": 1_000_000_000}):
            with self.subTest(budget=budget):
                error = self.lead(budget=budget)
                self.assertTrue(any(f.startswith("lead.budget") for f in error.violations), error)
        with refused(self, "INVALID_ARGUMENT") as got:
            COMPANY.deal(name="x", amount=suite.money("-5"))
        self.assertTrue(any(f.startswith("opportunity.amount") for f in got.error.violations))
        with refused(self, "INVALID_ARGUMENT") as got:
            SUITE.command("/v1/products", {"product": {"name": "x", "list_price": suite.money(-1)}})
        self.assertTrue(any(f.startswith("product.list_price") for f in got.error.violations))

        with refused(self, "INVALID_ARGUMENT", field="lead.budget.units"):
            SUITE.command("/v1/leads", {"lead": {"name": "x", "budget": {"units": 2 ** 63}}})

    def test_a_value_beyond_all_amounts(self):
        dear = SUITE.command("/v1/products", {"product": {
            "name": "dear", "list_price": suite.money(10 ** 13)}})["id"]
        SUITE.settled()
        self.before = SUITE.written()
        with refused(self, "INVALID_ARGUMENT", field="opportunity.quantity"):
            COMPANY.deal(name="x", product_id=dear, quantity=100_000)
        for quantity in (-1, 1_000_001, 2 ** 31 - 1):
            with refused(self, "INVALID_ARGUMENT", field="opportunity.quantity"):
                COMPANY.deal(name="x", quantity=quantity)

    def test_days(self):
        for day in ("2017-02-30", "30.2.2017", "tomorrow", "", {"year": 2026},
                    {"year": 1899, "month": 12, "day": 31}, {"year": 2201, "month": 1, "day": 1}):
            with refused(self, "INVALID_ARGUMENT", field="opportunity.expected_close"):
                COMPANY.deal(name="x", expected_close=day)
        for period in ("2017-13", "2017-02-30", "1899", "2201", "0001", "99999", "Q1"):
            with refused(self, "INVALID_ARGUMENT", field="period"):
                SUITE.get("/v1/leaderboard", period=period)
        row = {"metric": "revenue", "period": "2017", "value": "1", "source": "x",
               "published_on": "2199-01-01"}
        results = SUITE.command("/v1/benchmarks:batchImport", {"rows": [row]})["results"]
        self.assertIn("lies in the future", results[0]["error"]["message"])

    def test_an_update_that_cannot_be_is_not_passed_over(self):
        customer = COMPANY.customer("updated")
        self.before = SUITE.written()
        path = f"/v1/customers/{customer['id']}"
        with refused(self, "INVALID_ARGUMENT", field="customer.owner_id"):
            SUITE.command(path, {"customer": {"name": "y", "owner_id": COMPANY.id["ann"]}},
                          method="PATCH")

    def test_occur_time(self):
        body = {"lead": {"name": "x"}, "occur_time": "2099-01-01T00:00:00Z"}
        with refused(self, "INVALID_ARGUMENT", field="occur_time"):
            SUITE.command("/v1/leads", body)
        with refused(self, "PERMISSION_DENIED"):
            SUITE.command("/v1/leads", {**body, "occur_time": "2020-01-01T00:00:00Z"},
                          COMPANY.id["ann"])

    def test_references(self):
        nobody = "00000000-0000-7000-8000-000000000000"
        for field in ("customer_id", "product_id", "owner_id"):
            with self.subTest(field=field):
                with refused(self, ("INVALID_ARGUMENT", "NOT_FOUND")) as got:
                    COMPANY.deal(name="x", **{field: nobody})
                self.assertTrue(nobody in str(got.error) or field in str(got.error), got.error)
        with refused(self, ("INVALID_ARGUMENT", "NOT_FOUND")):
            COMPANY.deal(name="x", pipeline="no-such-pipeline")

    def test_output_only_fields_are_refused_or_ignored(self):
        try:
            made = SUITE.command("/v1/leads", {"lead": {"name": "x", "grade": "GRADE_A",
                                                        "status": "LEAD_STATUS_CONVERTED"}})
        except suite.ApiError as error:
            self.assertEqual(error.code, "INVALID_ARGUMENT")
            return
        self.before = SUITE.written()
        self.assertEqual(made["status"], "LEAD_STATUS_NEW")
        self.assertNotEqual(made["grade"], "GRADE_A")

    def test_update_masks(self):
        lead = COMPANY.lead("masked")
        self.before = SUITE.written()
        for mask in ("grade", "owner_id", "no_such_field", "version"):
            with refused(self, "INVALID_ARGUMENT"):
                SUITE.command(f"/v1/leads/{lead['id']}", {
                    "lead": {"name": "y"}, "update_mask": mask}, method="PATCH")

    def test_stale_etag(self):
        lead = COMPANY.lead("etag")
        self.before = SUITE.written()
        for etag in ("99", "abc", str(int(lead["version"]) - 1)):
            with refused(self, ("ABORTED", "INVALID_ARGUMENT")) as got:
                SUITE.command(f"/v1/leads/{lead['id']}:disqualify", {"reason": "x", "etag": etag})
        self.assertEqual(got.error.code, "ABORTED")


class Lists(NoTrace):
    def test_page_tokens(self):
        for n in range(3):
            COMPANY.customer(f"page {n}", sector="paged")
        self.before = SUITE.written()
        first = SUITE.get("/v1/customers", sector="paged", page_size=2)
        self.assertEqual(len(first["customers"]), 2)
        token = first["next_page_token"]
        rest = SUITE.get("/v1/customers", sector="paged", page_size=2, page_token=token)
        self.assertEqual(len(rest["customers"]), 1)
        for bad in ({"sector": "other"}, {"sector": "paged", "tag": "x"}):
            with refused(self, "INVALID_ARGUMENT", field="page_token"):
                SUITE.get("/v1/customers", page_token=token, **bad)
        for bad in ("garbage", token[2:], "x" + token, "!!", "A" * 900):
            with refused(self, "INVALID_ARGUMENT", field="page_token"):
                SUITE.get("/v1/customers", sector="paged", page_token=bad)
        with refused(self, "INVALID_ARGUMENT", field="page_token"):
            SUITE.get("/v1/leads", page_token=token)

    def test_page_sizes_are_coerced(self):
        self.assertIn("customers", SUITE.get("/v1/customers", page_size=1_000_000))

    def test_unknown_query_parameters_and_enums(self):
        with refused(self, "INVALID_ARGUMENT") as got:
            SUITE.get("/v1/customers", no_such_filter="x")
        self.assertIn("no_such_filter", str(got.error))
        with refused(self, "INVALID_ARGUMENT") as got:
            SUITE.get("/v1/leads", grade="GRADE_Z")
        self.assertIn("grade", str(got.error))
        with refused(self, "INVALID_ARGUMENT"):
            SUITE.get("/v1/leads", page_size="many")


class Queries(NoTrace):
    def bad(self, field, **changes):
        body = {"metrics": ["won"], "group_by": ["rep"], "from": suite.date("2017-01-01"),
                "to": suite.date("2017-12-31"), **changes}
        with refused(self, "INVALID_ARGUMENT") as got:
            SUITE.post("/v1/metrics:query", body)
        self.assertTrue(any(f.startswith(field) for f in got.error.violations), str(got.error))
        return str(got.error)

    def test_metrics(self):
        self.assertIn("no_such", self.bad("metrics", metrics=["no_such"]))
        self.bad("metrics", metrics=[])
        self.bad("metrics", metrics=["won", "won"])
        self.bad("metrics", metrics=["won'; DROP TABLE fact; --"])

    def test_groups(self):
        self.bad("group_by", group_by=["rep", "team", "region", "product"])
        self.bad("group_by", group_by=["no_such"])
        self.bad("group_by", group_by=["rep", "rep"])
        self.bad("group_by", group_by=["stage"], metrics=["new_customers"])
        self.bad("filters", filters=[{"dimension": "no_such", "values": ["x"]}])
        self.assertIn("Nowhere", self.bad("filters",
                                          filters=[{"dimension": "region", "values": ["Nowhere"]}]))

    def test_dates(self):
        self.bad("from", **{"from": {"year": 2017, "month": 2, "day": 30}})
        self.bad("from", **{"from": None})
        self.bad("to", to={"year": 2017, "month": 13, "day": 1})
        self.bad("to", to={"year": 2017, "month": 0, "day": 0})
        self.bad("to", to=suite.date("2016-01-01"))
        self.bad("to", to={"year": 2147483647, "month": 1, "day": 1})


class Bytes(NoTrace):
    """What is not JSON of the request's shape."""

    def post(self, body, path="/v1/leads"):
        status, headers, answer = SUITE.raw("POST", path, body)
        self.assertIn("application/json", headers.get("content-type", ""))
        return status, json.loads(answer)

    def rejected(self, body, word=None):
        status, answer = self.post(body)
        self.assertEqual(status, 400, answer)
        if word:
            self.assertIn(word, json.dumps(answer))

    def request(self, lead, more=""):
        return ('{"request_id":"%s","lead":%s%s}' % (suite.new_id(), lead, more)).encode()

    def test_broken(self):
        for body in (b"", b"{", b"[]", b"null", b"1", b'"x"', b"{]", b"\x00", b"{'a':1}", b"{}{}",
                     self.request('{"name":"x"}')[:-1], self.request('{"name":"x"}') + b"x",
                     self.request('{"name":NaN}'), self.request('{"name":"x",}')):
            with self.subTest(body=body[:60]):
                self.rejected(body)

    def test_unknown_fields(self):
        self.rejected(self.request('{"name":"x","colour":"red"}'), "colour")
        self.rejected(self.request('{"name":"x"}', ',"extra":1'), "extra")

    def test_duplicate_keys(self):
        self.rejected(self.request('{"name":"x","name":"y"}'), "name")
        self.rejected(self.request('{"name":"x","contactName":"a","contact_name":"b"}'))
        self.rejected(self.request('{"name":"x","budget":{"units":1,"units":2}}'), "units")
        body = ('{"requestId":"%s","service":"leads","kind":"close","body":{"@type":'
                '"type.googleapis.com/spm.leads.v1.ClosePolicy","graceDays":1,"graceDays":2}}')
        status, answer = self.post((body % suite.new_id()).encode(), "/v1/policies")
        self.assertEqual(status, 400, answer)
        self.assertIn("graceDays", json.dumps(answer))
        status, answer = self.post((body % suite.new_id()).replace(
            '"graceDays":1,"graceDays":2', '"graceDays":"many"').encode(), "/v1/policies")
        self.assertEqual(status, 400, answer)
        self.assertIn("graceDays", json.dumps(answer))

    def test_wrong_types(self):
        for lead in ('{"name":1}', '{"name":["x"]}', '"x"', "[]", '{"name":"x","intent":"many"}',
                     '{"name":"x","intent":1.5}', '{"name":"x","intent":99999999999}',
                     '{"name":"x","budget":5}'):
            with self.subTest(lead=lead):
                self.rejected(self.request(lead))

    def test_utf8(self):
        for raw in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe4\xb8"):
            with self.subTest(raw=raw):
                self.rejected(self.request('{"name":"a@b"}').replace(b"@", raw))
        self.rejected(self.request('{"name":"\\ud800"}'))

    def test_deep_nesting(self):
        for depth in (200, 100_000):
            self.rejected(self.request('{"name":' + "[" * depth + "]" * depth + "}"))
            self.rejected(b'{"a":' * depth + b"1" + b"}" * depth)

    def test_large(self):
        status, _ = self.post(self.request('{"name":"' + "x" * (6 << 20) + '"}'))
        self.assertIn(status, (400, 413))

    def test_paths_and_methods(self):
        self.assertEqual(SUITE.raw("GET", "/v1/nothing")[0], 404)
        self.assertEqual(SUITE.raw("GET", "/v1/leads/%00")[0] // 100, 4)
        self.assertEqual(SUITE.raw("GET", "/v1/leads/..%2f..%2fetc")[0] // 100, 4)
        self.assertIn(SUITE.raw("PUT", "/v1/leads", b"{}")[0], (404, 405))
        self.assertEqual(SUITE.raw("GET", "/v1/leads/" + "x" * 5000)[0] // 100, 4)
        with refused(self, ("INVALID_ARGUMENT", "NOT_FOUND")):
            SUITE.get("/v1/leads/not-an-id")


class Batches(unittest.TestCase):
    def test_one_bad_row_refuses_itself_alone(self):
        rows = [{"name": f"row {n}"} for n in range(5)]
        rows[2] = {"name": "row 2", "intent": 500}
        results = SUITE.command("/v1/leads:batchCreate", {"leads": rows})["results"]
        self.assertEqual([r["outcome"] for r in results], [
            "OUTCOME_CREATED"] * 2 + ["OUTCOME_REFUSED"] + ["OUTCOME_CREATED"] * 2)
        self.assertIn("intent", json.dumps(results[2]["error"]))

    def test_or_the_whole_call_by_a_flag(self):
        before = SUITE.written()
        with refused(self, "INVALID_ARGUMENT") as got:
            SUITE.command("/v1/leads:batchCreate", {
                "leads": [{"name": "a"}, {"name": ""}], "all_or_nothing": True})
        self.assertIn("leads[1]", str(got.error))
        self.assertEqual(SUITE.written(), before)

    def test_a_thousand_rows_are_taken(self):
        results = SUITE.command("/v1/leads:batchCreate",
                                {"leads": [{"name": f"n{n}"} for n in range(1000)]})["results"]
        self.assertEqual({r["outcome"] for r in results}, {"OUTCOME_CREATED"})
        self.assertEqual(len({r["id"] for r in results}), 1000)

    def test_a_duplicate_within_the_batch(self):
        results = SUITE.command("/v1/leads:batchCreate", {"leads": [
            {"name": "one", "phone": "+4930111"}, {"name": "two", "phone": "+49 30 111"}]})["results"]
        self.assertEqual([r["outcome"] for r in results], ["OUTCOME_CREATED", "OUTCOME_REFUSED"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
