"""What an operator has on one machine: spm status, spm dlq, /metrics, and logs in which one trace is
found from the request to the last consumer."""

import json
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import suite
from support.company import Company

CREATED = "spm.leads.v1.OpportunityCreated"


def aggregates(rows, state=None):
    return [r["aggregate_id"] for r in rows if state in (None, r["state"])]


class Poisoned(unittest.TestCase):
    """performance refuses every new deal, until it is cured."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.cure = pathlib.Path(self.folder.name) / "cured"
        self.suite = suite.Suite(env={
            "SPM_TEST_BUS": f"poison=1/1,in=performance,type={CREATED},cure={self.cure}"}).start()
        self.addCleanup(self.suite.__exit__, None)
        self.company = Company(self.suite)
        self.sick = self.company.deal(owner_id=self.company.id["ann"], name="Sick")
        self.other = self.company.deal(owner_id=self.company.id["bob"], name="Other")
        self.suite.command(f"/v1/opportunities/{self.sick['id']}:assign",
                           {"owner_id": self.company.id["eva"]})
        self.suite.settled()

    def test_status_says_what_to_do(self):
        result = self.suite.cli("status", check=3)
        self.assertIn("2 dead, 1 parked", result.stdout)
        self.assertIn("spm dlq replay --service performance --all", result.stderr)
        status = json.loads(self.suite.cli("status", "--json", check=3).stdout)
        self.assertFalse(status["healthy"])
        by_name = {s["service"]: s for s in status["services"]}
        self.assertEqual((by_name["performance"]["dead"], by_name["performance"]["parked"]), (2, 1))
        held = {f["service"]: f["held"] for f in by_name["performance"]["followed"]}
        self.assertEqual(held["leads"], 3)
        self.assertEqual(by_name["leads"]["held"], 0)
        self.cure.touch()
        self.suite.cli("dlq", "replay", "--all", check=0)
        status = json.loads(self.suite.cli("status", "--json", check=0).stdout)
        self.assertTrue(status["healthy"])

    def test_list_filters(self):
        rows = self.suite.cli_json("dlq", "list")
        self.assertEqual(len(rows), 3)
        self.assertEqual({r["service"] for r in rows}, {"performance"})
        self.assertEqual({r["source"] for r in rows}, {"leads"})
        self.assertTrue(all(r["age_seconds"] >= 0 for r in rows))
        self.assertEqual(sorted(aggregates(rows, "dead")),
                         sorted([self.sick["id"], self.other["id"]]))
        self.assertEqual(aggregates(rows, "parked"), [self.sick["id"]])
        for args, count in ((["--state", "dead"], 2), (["--state", "parked"], 1),
                            (["--type", CREATED], 2), (["--service", "performance"], 3),
                            (["--service", "leads"], 0), ([self.other["id"]], 1),
                            ([suite.new_id()], 0)):
            self.assertEqual(len(self.suite.cli_json("dlq", "list", *args)), count, args)
        self.assertIn("poison", self.suite.cli("dlq", "list", check=0).stdout)
        self.assertEqual(self.suite.cli("dlq", "list", "--state", "ill").returncode, 2)
        self.assertEqual(self.suite.cli("dlq", "list", "--service", "nobody").returncode, 2)

    def test_pages(self):
        first = self.suite.get("/v1/heldEvents", page_size=2)
        self.assertEqual((len(first["held_events"]), int(first["total"])), (2, 3))
        second = self.suite.get("/v1/heldEvents", page_size=2, page_token=first["next_page_token"])
        self.assertEqual((len(second["held_events"]), int(second["total"])), (1, 3))
        self.assertEqual(second.get("next_page_token", ""), "")
        with self.assertRaises(suite.ApiError):
            self.suite.get("/v1/heldEvents", service="leads", page_token=first["next_page_token"])

    def test_show_and_export(self):
        rows = self.suite.cli_json("dlq", "show", self.sick["id"])
        self.assertEqual([r["version"] for r in rows], [1, 2])
        self.assertEqual(rows[0]["payload"]["step"]["state"]["owner_id"], self.company.id["ann"])
        self.assertIn("poison", rows[0]["error"])
        self.assertRegex(rows[0]["trace"], r"^00-[0-9a-f]{32}-")
        one = self.suite.cli_json("dlq", "show", self.sick["id"], "1")
        self.assertEqual(len(one), 1)
        text = self.suite.cli("dlq", "show", self.sick["id"], "1", check=0).stdout
        self.assertIn("tried 1 times", text)
        self.assertEqual(self.suite.cli("dlq", "show", suite.new_id()).returncode, 2)
        lines = self.suite.cli("dlq", "export", "--json", check=0).stdout.splitlines()
        self.assertEqual(len(lines), 3)
        self.assertEqual({json.loads(line)["type"] for line in lines},
                         {CREATED, "spm.leads.v1.OpportunityAssigned"})

    def test_replay(self):
        # Still poison: it stays, is counted, and the exit code says so.
        result = self.suite.cli("dlq", "replay", self.sick["id"], check=3)
        self.assertIn("0 applied, 2 still held", result.stdout)
        self.assertEqual(self.suite.cli_json("dlq", "show", self.sick["id"], "1")[0]["tries"], 2)
        self.cure.touch()
        answer = self.suite.cli_json("dlq", "replay", self.sick["id"])
        self.assertEqual(answer, {"applied": 2, "still_held": 0})
        self.assertEqual(self.suite.cli_json("dlq", "replay", self.sick["id"]),
                         {"applied": 0, "still_held": 0})
        answer = self.suite.cli_json("dlq", "replay", "--service", "performance", "--all")
        self.assertEqual(answer, {"applied": 1, "still_held": 0})
        self.assertEqual(self.suite.cli_json("dlq", "list"), [])
        rows = self.suite.query(["open"], ["rep"], "2017-01-01", "2099-12-31")["rows"]
        self.assertEqual(sum(r["values"][0]["value"] for r in rows), 2)
        self.assertEqual(self.suite.cli("dlq", "replay").returncode, 2)

    def test_discard_keeps_who_and_why(self):
        self.assertEqual(self.suite.cli("dlq", "discard", self.other["id"]).returncode, 2)
        answer = self.suite.cli_json("dlq", "discard", self.other["id"], "--reason", "of a test")
        self.assertEqual((answer["discarded"], answer["version"]), (1, 1))
        self.assertEqual(self.suite.cli("dlq", "discard", self.other["id"], "--reason", "again")
                         .returncode, 2)
        # The one after it runs by itself.
        self.suite.cli("dlq", "discard", self.sick["id"], "--version", "1", "--reason", "gone",
                       check=0)
        self.assertEqual(self.suite.cli_json("dlq", "list"), [])
        events = self.suite.journal("performance", ["spm.base.v1.HeldEventDiscarded"])
        self.assertEqual(len(events), 2)
        self.assertEqual({e["actor"] for e in events}, {"local"})
        self.assertTrue(all(e["trace"] for e in events))
        # The API wants a reason, too, and never gives up the next one at a repeat.
        with self.assertRaises(suite.ApiError) as got:
            self.suite.post("/v1/heldEvents:discard",
                            {"service": "performance", "aggregate_id": self.sick["id"]})
        self.assertIn("reason", got.exception.violations)
        with self.assertRaises(suite.ApiError) as got:
            self.suite.post("/v1/heldEvents:discard",
                            {"service": "performance", "aggregate_id": self.sick["id"],
                             "reason": "x", "version": 1})
        self.assertEqual(got.exception.code, "NOT_FOUND")


class Healthy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = suite.Suite(test_clock=True, env={"SPM_LOG_LEVEL": "debug"}).start()
        cls.addClassCleanup(cls.suite.__exit__, None)
        cls.company = Company(cls.suite)

    def log(self):
        text = (self.suite.folder / "log" / "spm.log").read_text()
        return text, [json.loads(line) for line in text.splitlines()]

    def lines_of(self, trace):
        return [line for line in self.log()[1] if line.get("trace") == trace]

    # Status.

    def test_status(self):
        self.suite.settled()
        status = json.loads(self.suite.cli("status", "--json", check=0).stdout)
        self.assertTrue(status["ready"] and status["healthy"])
        self.assertEqual(status["todo"], [])
        self.assertGreater(status["uptime_ms"], 0)
        self.assertEqual(status["data_folder"], str(self.suite.folder.resolve()))
        by_name = {s["service"]: s for s in status["services"]}
        self.assertEqual(set(by_name), {"org", "orders", "leads", "performance"})
        for s in by_name.values():
            self.assertEqual((s["held"], s["timers_overdue"], s["lane_depth"]), (0, 0, 0), s)
            self.assertGreater(s["journal_seq"], 0)
            self.assertGreater(s["data_bytes"], 0)
        self.assertGreaterEqual(status["data_bytes"],
                                sum(s["data_bytes"] for s in by_name.values()) // 2)
        self.assertEqual({f["service"] for f in by_name["performance"]["followed"]},
                         {"org", "orders", "leads"})
        lead = self.company.lead("With a timer", owner_id=self.company.id["ann"])
        status = json.loads(self.suite.cli("status", "--json", check=0).stdout)
        leads = next(s for s in status["services"] if s["service"] == "leads")
        self.assertGreaterEqual(leads["timers"], 1)
        self.assertIsNotNone(leads["next_due"])
        table = self.suite.cli("status", check=0)
        self.assertEqual(table.stderr, "")
        self.assertRegex(table.stdout, r"next in \d+ h")
        self.suite.delete(f"/v1/leads/{lead['id']}")

    def test_not_running(self):
        with tempfile.TemporaryDirectory() as folder:
            result = suite.Suite(folder=folder).cli("status", check=1)
        self.assertIn("deploy/up", result.stderr)

    # Metrics.

    def scrape(self):
        status, headers, body = self.suite.raw("GET", "/metrics")
        self.assertEqual(status, 200)
        helps, types, samples = {}, {}, []
        for line in body.decode().splitlines():
            if line.startswith("# HELP "):
                _, _, name, text = line.split(" ", 3)
                self.assertNotIn(name, helps, "told twice")
                helps[name] = text
            elif line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ", 3)
                types[name] = kind
            elif line:
                name, labels, value = re.fullmatch(
                    r"([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)", line).groups()
                pairs = dict(re.findall(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"', labels or ""))
                samples.append((name, pairs, float(value)))
        return helps, types, samples

    def test_metrics_are_named_as_prometheus_has_it(self):
        self.company.lead("Counted")
        helps, types, samples = self.scrape()
        process = {"process_cpu_seconds_total", "process_open_fds", "process_max_fds",
                   "process_resident_memory_bytes", "process_virtual_memory_bytes",
                   "process_start_time_seconds"}
        for name, kind in types.items():
            self.assertTrue(name.startswith("spm_") or name in process, name)
            self.assertRegex(name, r"^[a-z][a-z0-9_]*$")
            self.assertTrue(helps.get(name, "").strip(), f"{name} has no help")
            self.assertEqual(name.endswith("_total"), kind == "counter", name)
            self.assertNotRegex(name, r"_(ms|us|millis|minutes|hours|kb|mb|percent)(_|$)", name)
            self.assertFalse(name.endswith(("_count", "_sum", "_bucket")), name)
            if kind == "histogram":
                self.assertTrue(name.endswith(("_seconds", "_bytes")), name)
            # A counter is its family's name and _total.
            if kind == "counter":
                self.assertNotIn(name.removesuffix("_total"), types)
        self.assertTrue(process <= set(types))
        for name, labels, value in samples:
            for label, text in labels.items():
                self.assertIn(label, {"service", "source", "state", "method", "code", "server",
                                      "status", "le", "version"}, name)
                self.assertLess(len(text), 80, (name, text))
                self.assertNotRegex(text, r"[0-9a-f]{8}-[0-9a-f]{4}-", (name, text))
            self.assertEqual(value, value, f"{name} is no number")

    def test_metrics_tell_what_operators_ask(self):
        before = self.value("spm_rpc_requests_total", code="OK",
                            method="spm.leads.v1.LeadService/CreateLead")
        self.company.lead("Counted")
        with self.assertRaises(suite.ApiError):
            self.suite.command("/v1/leads", {"lead": {"name": ""}})
        self.suite.settled()
        self.assertEqual(self.value("spm_rpc_requests_total", code="OK",
                                    method="spm.leads.v1.LeadService/CreateLead"), before + 1)
        self.assertGreaterEqual(
            self.value("spm_rpc_requests_total", code="INVALID_ARGUMENT",
                       method="spm.leads.v1.LeadService/CreateLead"), 1)
        for name, labels in (
                ("spm_rpc_seconds_count", {"method": "spm.leads.v1.LeadService/CreateLead"}),
                ("spm_lane_batch_seconds_count", {"service": "leads"}),
                ("spm_lane_wait_seconds_count", {"service": "leads"}),
                ("spm_lane_commands_total", {"service": "leads"}),
                ("spm_events_applied_total", {"service": "performance", "source": "leads"}),
                ("spm_events_delivered_total", {"service": "leads"}),
                ("spm_journal_position", {"service": "leads"}),
                ("spm_database_bytes", {"service": "leads"}),
                ("spm_ready", {}), ("spm_build_info", {}), ("process_open_fds", {}),
                ("process_resident_memory_bytes", {}), ("process_cpu_seconds_total", {})):
            self.assertGreater(self.value(name, **labels), 0, name)
        for name, labels in (
                ("spm_lane_depth", {"service": "leads"}),
                ("spm_outbox_events", {"service": "leads"}),
                ("spm_outbox_age_seconds", {"service": "leads"}),
                ("spm_events_pending", {"service": "performance", "source": "leads"}),
                ("spm_events_lag_seconds", {"service": "performance", "source": "leads"}),
                ("spm_held_events", {"service": "performance", "state": "dead"}),
                ("spm_timers_overdue", {"service": "leads"})):
            self.assertEqual(self.value(name, **labels), 0, name)
        start = self.value("process_start_time_seconds")
        self.assertLess(abs(start - self.suite.folder.stat().st_ctime), 600)

    def value(self, name, **labels):
        found = [v for n, have, v in self.scrape()[2]
                 if n == name and all(have.get(k) == text for k, text in labels.items())]
        return found[0] if found else 0

    def test_metrics_are_those_of_the_documentation(self):
        names = set(self.scrape()[1])
        told = set()
        for readme in [suite.ROOT / "README.md", *suite.ROOT.glob("services/*/README.md")]:
            told |= set(re.findall(r"`(spm_[a-z_]+|process_[a-z_]+)(?:\{[a-z, ]*\})?`",
                                   readme.read_text()))
        # What is counted at its first time only.
        first_time = {"spm_timers_fired_total", "spm_events_held_total"}
        self.assertEqual(names - told, set(), "told nowhere")
        self.assertEqual(told - names - first_time, set(), "there is no such metric")

    # Logs.

    def test_every_line_is_an_object(self):
        _, lines = self.log()
        self.assertGreater(len(lines), 50)
        for line in lines:
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
            self.assertIn(line["level"], ("debug", "info", "warn", "error"))
            self.assertTrue(line["message"])
            if line["message"] in ("call", "call refused"):
                self.assertTrue(line["service"] and line["method"] and line["trace"], line)

    def test_one_trace_from_the_request_to_the_consumer(self):
        trace = "0af7651916cd43dd8448eb211c80319c"
        request_id = suite.new_id()
        deal = self.suite.call(
            "POST", "/v1/opportunities",
            {"request_id": request_id, "opportunity": {"name": "Traced",
                                                       "product_id": self.company.product}},
            headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
        self.suite.settled()
        event = next(e for e in self.suite.journal("leads", [CREATED])
                     if e["aggregate_id"] == deal["id"])
        self.assertEqual(event["trace"].split("-")[1], trace)
        self.assertEqual(event["request_id"], request_id)
        lines = suite.until(lambda: [line for line in self.lines_of(trace)
                                     if line["message"] == "event applied"] and
                            self.lines_of(trace))
        call = next(line for line in lines if line["message"] == "call")
        self.assertEqual((call["service"], call["request_id"], call["code"]),
                         ("leads", request_id, "OK"))
        applied = next(line for line in lines if line["message"] == "event applied")
        self.assertEqual((applied["service"], applied["source"], applied["event"]),
                         ("performance", "leads", deal["id"] + ".1"))

    def test_an_error_names_the_trace_of_its_line(self):
        for number, (path, body) in enumerate((
                ("/v1/leads", {"request_id": suite.new_id(), "lead": {"name": ""}}),
                ("/v1/leads", {"no_such_field": 1}))):
            trace = f"{number + 1:032x}"
            with self.assertRaises(suite.ApiError) as got:
                self.suite.call("POST", path, body,
                                headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
            details = got.exception.body["details"]
            info = next(d for d in details if d["@type"].endswith("google.rpc.RequestInfo"))
            self.assertEqual(info["request_id"], trace)
            self.assertTrue(self.lines_of(trace), body)
        # Without one, the reply says which was made.
        with self.assertRaises(suite.ApiError) as got:
            self.suite.get(f"/v1/leads/{suite.new_id()}")
        info = next(d for d in got.exception.body["details"]
                    if d["@type"].endswith("google.rpc.RequestInfo"))
        self.assertTrue(self.lines_of(info["request_id"]))

    def test_nothing_personal_is_logged(self):
        secrets = {"name": "Zaphodina Beeblebroxova", "phone": "13987654321",
                   "email": "zaphodina@heartofgold.example", "address": "42 Improbability Lane",
                   "title": "Galactic Presidentess"}
        person = {"name": secrets["name"], "phone": secrets["phone"], "email": secrets["email"]}
        lead = self.company.lead("Corp", contact_name=secrets["name"], phone=secrets["phone"],
                                 email=secrets["email"])
        customer = self.company.customer("Corp", phone="13811112222", address=secrets["address"])
        contact = self.suite.command("/v1/contacts", {"contact": {
            **person, "customer_id": customer["id"], "title": secrets["title"]}})
        calls = [
            ("POST", "/v1/leads", {"lead": {"name": "Twice", "phone": secrets["phone"]}}),
            ("POST", "/v1/leads", {"lead": {"name": "", "contact_name": secrets["name"],
                                            "phone": "+" + secrets["phone"] * 9,
                                            "email": secrets["email"] * 200}}),
            ("POST", "/v1/leads", {"lead": {"name": 1, "phone": secrets["phone"], "no": 1}}),
            ("POST", "/v1/leads", {"lead": {"name": "x", secrets["email"]: secrets["phone"]}}),
            ("POST", "/v1/customers", {"customer": {"name": "C", "phone": "13811112222",
                                                    "address": secrets["address"] + "\u0000"}}),
            ("PATCH", f"/v1/leads/{lead['id']}", {"lead": {"phone": "x" + secrets["phone"]}}),
            ("PATCH", f"/v1/contacts/{contact['id']}", {"contact": {"email": secrets["email"],
                                                                    "name": ""},
                                                        "update_mask": "email,name"}),
            ("POST", "/v1/leads:batchImport", {"source": "crm", "rows": [
                {"external_id": "a", "lead": {"name": "B", "phone": secrets["phone"]}},
                {"external_id": "b", "name": "", "phone": secrets["phone"]}]}),
            ("POST", "/v1/contacts:batchImport", {"source": "crm", "rows": [
                {"external_id": "c", "customer_id": "nobody", **person}]}),
        ]
        refused = 0
        for method, path, body in calls:
            try:
                self.suite.command(path, body, method=method)
            except suite.ApiError:
                refused += 1
        self.assertGreaterEqual(refused, 6)
        for query in (secrets["phone"], secrets["email"]):
            try:
                self.suite.get("/v1/customers", phone=query, page_token=query)
            except suite.ApiError:
                pass
        mapping = self.suite.folder / "m.yaml"
        (self.suite.folder / "c.csv").write_text(
            f"k,n,p,e\n1,{secrets['name']},{secrets['phone']},{secrets['email']}\n"
            f"2,,{secrets['phone']},{secrets['email']}\n")
        mapping.write_text("source: x\nfiles: {c: c.csv}\nleads:\n  file: c\n  key: k\n  name: n\n"
                           "  contact_name: n\n  phone: p\n  email: e\n")
        self.suite.cli("import", mapping, self.suite.folder)
        self.suite.delete(f"/v1/contacts/{contact['id']}")
        self.suite.settled()
        text, _ = self.log()
        for what, secret in secrets.items():
            self.assertNotIn(secret, text, what)
        _, _, metrics = self.suite.raw("GET", "/metrics")
        for what, secret in secrets.items():
            self.assertNotIn(secret, metrics.decode(), what)
        for event in self.suite.journal("leads"):
            raw = json.dumps(event)
            for secret in secrets.values():
                self.assertNotIn(secret, raw)


if __name__ == "__main__":
    unittest.main(verbosity=2)
