"""Commands from several threads that keep a ledger and follow the retry policy: a call without an
answer, or with UNAVAILABLE, RESOURCE_EXHAUSTED or DEADLINE_EXCEEDED, is repeated under its id."""

import json
import threading
import time

from support import suite
from support.http1 import Connection, Disconnected

# A command that has one of these has no other event of the same type.
ONCE = {"LeadCreated", "OpportunityCreated", "OpportunityStageAdvanced", "OpportunityWon",
        "OpportunityLost"}
# Seconds before a repeat: as RetryInfo says, and after a lost connection.
TOLD, LOST = 0.5, 0.05


class Load:
    """Threads that send commands and repeat each under its id until it is answered."""

    def __init__(self, running, company, ledger, threads=8, pause=0.0):
        self.suite, self.ledger, self.pause = running, ledger, pause
        self.owners = [company.id[n] for n in ("ann", "bob", "cid", "eva")]
        self.product = company.product
        self.stages = company.stage_of_kind("OPEN") + company.stage_of_kind("WON")[:1]
        self.stopping = threading.Event()
        self.repeats = 0
        # (when it was answered by the monotonic clock, seconds, request id, aggregate, version)
        self.done = []
        self.surprises = []
        self.threads = [threading.Thread(target=self._guarded, args=(n,)) for n in range(threads)]

    @property
    def answered(self):
        return len(self.done)

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)

    def p99_ms(self, begin=0.0, end=float("inf")):
        """Of the commands answered between two times, and their number."""
        took = sorted(d[1] for d in self.done if begin <= d[0] <= end)
        return (took[len(took) * 99 // 100] * 1000 if took else 0.0), len(took)

    def _guarded(self, number):
        try:
            self._run(number)
        except Exception as error:  # Seen by the test, which would else wait in vain.
            self.surprises.append(repr(error))

    def _run(self, number):
        channel, n = self.connect(), 0
        while not self.stopping.is_set():
            n += 1
            if n % 3:
                self._send(channel, "CreateLead", "/v1/leads", {"lead": {
                    "name": f"lead {number}-{n}", "intent": n % 101, "source": "load"}})
                continue
            deal = self._send(channel, "CreateOpportunity", "/v1/opportunities", {"opportunity": {
                "name": f"deal {number}-{n}", "owner_id": self.owners[n % 4],
                "product_id": self.product}})
            for stage in self.stages[1:1 + n % len(self.stages)]:
                deal = self._send(channel, "AdvanceStage",
                                  f"/v1/opportunities/{deal['id']}:advance",
                                  {"to_stage": stage, "override_reason": "load",
                                   "etag": str(deal["version"])})

    def _send(self, channel, kind, path, body):
        request_id = suite.new_id()
        self.ledger.sent(request_id, kind)
        while True:
            begun = time.monotonic()
            reply = self.once(channel, kind, path, {"request_id": request_id, **body})
            if isinstance(reply, dict):
                break
            self.repeats += 1
            time.sleep(reply)
        ended = time.monotonic()
        self.ledger.answered(request_id, 200, {"id": reply["id"], "version": int(reply["version"])})
        self.done.append((ended, ended - begun, request_id, reply["id"], int(reply["version"])))
        if self.pause:
            time.sleep(self.pause)
        return reply

    # How a command is sent; another transport has its own.

    def connect(self):
        return Connection(self.suite.port, timeout=15.0)

    def once(self, channel, kind, path, body):
        """The reply, or after how many seconds it is to be repeated."""
        try:
            status, _, answer = channel.request("POST", path, json.dumps(body).encode())
        except Disconnected:
            return LOST
        if status == 200:
            return suite.snake(json.loads(answer))
        if status not in (429, 503, 504) or (status != 504 and b"RetryInfo" not in answer):
            raise AssertionError(f"{kind} answered {status} {answer[:300]}")
        return TOLD


def lost(journal, answered):
    """Answered commands of a ledger whose event is not in the journal as it was told."""
    versions = journal.versions()
    return sum(1 for request_id, (_, reply) in answered.items()
               if versions.get((reply["id"], reply["version"])) != request_id)
