"""Every command has its effect exactly once (G2): 20,000 commands, each sent one to four times on 32
threads at the same time; a tenth of the repeats of accepted ones is altered, and refused."""

import collections
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
from support.http1 import Connection

# SPM_LONG is the long form of tests/run --all.
COMMANDS = 100_000 if os.environ.get("SPM_LONG") else 20_000
THREADS = 32
ALTERED = 0.10


class Plan:
    """What is sent: each command one to four times, its repeats close to it in time."""

    def __init__(self, company, seed=3):
        rng = random.Random(seed)
        owners = [company.id[n] for n in ("ann", "bob", "cid", "eva")]
        self.path, self.body, self.other = [], [], []
        self.altered_after = collections.defaultdict(int)
        sends = []
        for n in range(COMMANDS):
            if n % 4:
                path, kind = "/v1/leads", "lead"
                fields = {"name": f"lead {n}", "intent": n % 101, "source": "once"}
            else:
                path, kind = "/v1/opportunities", "opportunity"
                fields = {"name": f"deal {n}", "owner_id": owners[n % 3],
                          "product_id": company.product}
            request_id = suite.new_id()
            self.path.append(path)
            self.body.append(json.dumps({"request_id": request_id, kind: fields}).encode())
            altered = {**fields, "name": fields["name"] + " altered"}
            self.other.append(json.dumps({"request_id": request_id, kind: altered}).encode())
            sends.append((n, n))
            for _ in range(rng.randrange(4)):
                if rng.random() < ALTERED:
                    self.altered_after[n] += 1
                else:
                    sends.append((n + rng.uniform(0, 60), n))
        self.sends = collections.deque(n for _, n in sorted(sends))
        self.altered = sum(self.altered_after.values())
        self.total = len(self.sends) + self.altered


class Sender:
    def __init__(self, port, plan):
        self.port, self.plan = port, plan
        self.after = collections.deque()
        self.lock = threading.Lock()
        self.replies = {}
        self.refused = self.different = self.same = 0
        self.wrong = []

    def run(self):
        threads = [threading.Thread(target=self._guarded) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _guarded(self):
        try:
            self._work(Connection(self.port))
        except Exception as error:
            self.wrong.append(repr(error))

    def _next(self):
        for tasks, altered in ((self.after, True), (self.plan.sends, False), (self.after, True)):
            try:
                return tasks.popleft(), altered
            except IndexError:
                pass
        return None, False

    def _work(self, connection):
        plan = self.plan
        while True:
            n, altered = self._next()
            if n is None:
                return
            status, _, answer = connection.request(
                "POST", plan.path[n], plan.other[n] if altered else plan.body[n])
            if altered:
                with self.lock:
                    if status != 200 and b"REQUEST_ID_REUSED" in answer:
                        self.refused += 1
                    else:
                        self.wrong.append((status, answer[:200]))
                continue
            if status != 200:
                self.wrong.append((status, answer[:200]))
                continue
            with self.lock:
                first = self.replies.setdefault(n, answer)
                if first is answer:
                    self.after.extend([n] * plan.altered_after.get(n, 0))
                elif first == answer:
                    self.same += 1
                else:
                    self.different += 1


class Once(unittest.TestCase):
    def test_twenty_thousand_commands(self):
        with suite.Suite() as running:
            plan = Plan(Company(running))
            before = int(running.get("/v1/journals/leads/events", page_size=1).get("last_seq", 0))
            sender, started = Sender(running.port, plan), time.monotonic()
            sender.run()
            took = time.monotonic() - started
            running.settled(60)
            today = running.get("/v1/company")["today"]
            figures = [running.figure(m, "2000-01-01", today) for m in ("leads_created", "open")]
            self.assertEqual(running.stop(), 0)
            journal = audit.Journal(running.folder, "leads")
        events = [e for e in journal.events if e[0] > before]
        effects = collections.Counter(e[5] for e in events
                                      if e[3].endswith(("LeadCreated", "OpportunityCreated")))
        print(f"{COMMANDS} commands sent {plan.total} times on {THREADS} threads in {took:.1f} s "
              f"({plan.total / took:.0f}/s): {sum(effects.values())} effects of {len(effects)} "
              f"commands; {sender.same} repeats had the first reply, {sender.different} another; "
              f"{sender.refused} of {plan.altered} altered ones refused")
        self.assertEqual(sender.wrong[:5], [])
        self.assertEqual(len(sender.replies), COMMANDS)
        self.assertEqual(set(effects.values()), {1})
        self.assertEqual(len(effects), COMMANDS)
        self.assertEqual(sender.different, 0)
        self.assertEqual(sender.refused, plan.altered)
        self.assertGreater(plan.altered, COMMANDS * 0.1)
        self.assertEqual(figures, [COMMANDS * 3 / 4, COMMANDS / 4])


if __name__ == "__main__":
    unittest.main(verbosity=2)
