"""kill -9 twenty times under load: nothing acknowledged is lost, nothing happens twice, every
aggregate's events stay in order, and what follows them has followed all (G1 to G4)."""

import json
import os
import pathlib
import random
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import audit, suite
from support.company import Company
from support.http1 import Connection, Disconnected
from support.ledger import Ledger

# SPM_LONG is the long form of tests/run --all.
KILLS = 100 if os.environ.get("SPM_LONG") else 20
THREADS = 8
ONCE = {"LeadCreated", "OpportunityCreated", "OpportunityStageAdvanced", "OpportunityWon",
        "OpportunityLost"}


class Load:
    """Threads that send commands and repeat each under its id until it is answered."""

    def __init__(self, running, company, ledger):
        self.suite, self.ledger = running, ledger
        self.owners = [company.id[n] for n in ("ann", "bob", "cid", "eva")]
        self.product = company.product
        self.stages = company.stage_of_kind("OPEN") + company.stage_of_kind("WON")[:1]
        self.stopping = threading.Event()
        self.answered = self.repeats = 0
        self.surprises = []
        self.threads = [threading.Thread(target=self._guarded, args=(n,)) for n in range(THREADS)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)

    def _guarded(self, number):
        try:
            self._run(number)
        except Exception as error:  # Seen by the test, which would else wait in vain.
            self.surprises.append(repr(error))

    def _run(self, number):
        connection, n = Connection(self.suite.port, timeout=15.0), 0
        while not self.stopping.is_set():
            n += 1
            if n % 3:
                self._send(connection, "CreateLead", "/v1/leads", {"lead": {
                    "name": f"lead {number}-{n}", "intent": n % 101, "source": "load"}})
                continue
            deal = self._send(connection, "CreateOpportunity", "/v1/opportunities", {"opportunity": {
                "name": f"deal {number}-{n}", "owner_id": self.owners[n % 4],
                "product_id": self.product}})
            for stage in self.stages[1:1 + n % len(self.stages)]:
                deal = self._send(connection, "AdvanceStage",
                                  f"/v1/opportunities/{deal['id']}:advance",
                                  {"to_stage": stage, "override_reason": "load",
                                   "etag": str(deal["version"])})

    def _send(self, connection, kind, path, body):
        request_id = suite.new_id()
        data = json.dumps({"request_id": request_id, **body}).encode()
        self.ledger.sent(request_id, kind)
        while True:
            try:
                status, _, answer = connection.request("POST", path, data)
                if status == 200:
                    break
                if status not in (429, 503, 504):
                    raise AssertionError(f"{kind} answered {status} {answer[:300]}")
            except Disconnected:
                pass
            self.repeats += 1
            time.sleep(0.05)
        reply = suite.snake(json.loads(answer))
        self.ledger.answered(request_id, status,
                             {"id": reply["id"], "version": int(reply["version"])})
        self.answered += 1
        return reply


class KillNine(unittest.TestCase):
    def test_twenty_times_under_load(self):
        with suite.Suite() as running:
            company = Company(running)
            ledger = Ledger(running.folder / "ledger.jsonl")
            load = Load(running, company, ledger)
            load.start()
            downs, rng = [], random.Random(20)
            for _ in range(KILLS):
                time.sleep(rng.uniform(0.8, 2.8))
                self.assertEqual(load.surprises, [])
                started = time.monotonic()
                running.kill()
                running.start()
                downs.append(time.monotonic() - started)
            time.sleep(1)
            load.stop()
            self.assertEqual(load.surprises, [])
            running.settled(120)
            figures = {m: running.figure(m, "2000-01-01", running.get("/v1/company")["today"])
                       for m in ("leads_created", "won", "open")}
            self.assertEqual(running.stop(), 0)
            ledger.close()
            self.check(running.folder, ledger, load, downs, figures)

    def check(self, folder, ledger, load, downs, figures):
        sent, answered = ledger.read()
        journal = audit.Journal(folder, "leads")
        versions = journal.versions()
        lost = sum(1 for request_id, (_, reply) in answered.items()
                   if versions.get((reply["id"], reply["version"])) != request_id)
        doubled = journal.doubled(ONCE)
        disorder = journal.out_of_order()
        stale, rows = journal.stale_rows()
        outbox, held = journal.waiting()
        late = audit.behind(folder, "performance", journal)
        print(f"killed {KILLS} times; back after {max(downs):.2f} s at the most; "
              f"{len(sent)} commands sent, {len(answered)} acknowledged, {load.repeats} repeats; "
              f"{len(journal.events)} events of {len(journal.last)} aggregates, {rows} rows")
        print(f"acknowledged and lost: {lost}; happened twice: {doubled}; out of order: {disorder}; "
              f"rows behind their events: {stale}; left in the outbox: {outbox}; held: {held}; "
              f"not followed by performance: {late}")
        self.assertGreater(len(answered), 1000)
        self.assertEqual(len(sent), len(answered), "a command was never answered")
        self.assertEqual((lost, doubled, disorder, stale, outbox, held, late), (0,) * 7)
        count = {}
        for event in journal.events:
            name = event[3].rsplit(".", 1)[-1]
            count[name] = count.get(name, 0) + 1
        won = count.get("OpportunityWon", 0)
        want = {"leads_created": count["LeadCreated"], "won": won,
                "open": count["OpportunityCreated"] - won}
        print(f"figures: {figures}")
        self.assertEqual(figures, want)
        self.assertLess(max(downs), 5.0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
