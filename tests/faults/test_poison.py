"""One event in a hundred is poison to performance: it is held and what comes after it of its aggregate waits,
while everything else goes on as fast as without; what is held is known exactly, and replayed it leads to
the state of a clean run (T10, G6)."""

import os
import pathlib
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import audit, suite
from support.company import Company
from support.state import state_difference, state_hash, state_rows

LONG = bool(os.environ.get("SPM_LONG"))
# Each has four events; about one in twenty-five has one that is poison.
DEALS = 2500 if LONG else 750
THREADS = 3
PROBES = 400 if LONG else 120
SHARE, OF = 1, 100


def murmur2(text):
    """As Kafka's Java client computes it."""
    data, mask, m = text.encode(), 0xFFFFFFFF, 0x5BD1E995
    h = 0x9747B28C ^ len(data)
    for at in range(0, len(data) - len(data) % 4, 4):
        k = int.from_bytes(data[at:at + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    tail = data[len(data) - len(data) % 4:]
    if tail:
        h = (h ^ int.from_bytes(tail, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def is_poison(aggregate, version):
    return murmur2(f"{aggregate}.{version}") % OF < SHARE


class Run:
    """The same deals, whatever is refused on the way."""

    def __init__(self, running):
        self.suite, self.company = running, Company(running)
        self.label = {id_: f"person {n}" for n, id_ in self.company.id.items()}
        self.label |= {id_: f"unit {n}" for n, id_ in self.company.unit.items()}
        self.label[self.company.product] = "product"
        self.reps = [self.company.id[n] for n in ("ann", "bob", "cid", "eva")]
        self.stages = self.company.stage_of_kind("OPEN")
        self.lags, self.surprises, self.lock = [], [], threading.Lock()

    def all(self):
        threads = [threading.Thread(target=self.guarded, args=(self.deals, n))
                   for n in range(THREADS)]
        threads.append(threading.Thread(target=self.guarded, args=(self.probes, 0)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self

    def guarded(self, work, number):
        try:
            work(number)
        except Exception as error:
            self.surprises.append(repr(error))

    def make(self, name, n):
        deal = self.company.deal(name=name, owner_id=self.reps[n % 4])
        with self.lock:
            self.label[deal["id"]] = name
        return deal

    def deals(self, number):
        for n in range(number, DEALS, THREADS):
            deal = self.make(f"deal {n}", n)
            for stage in self.stages[1:3]:
                deal = self.company.advance(deal, stage, override_reason="load")
            self.suite.command(f"/v1/opportunities/{deal['id']}:assign",
                               {"owner_id": self.reps[(n + 1) % 4]})

    def probes(self, _):
        """How long it takes from a command's answer until performance has followed it."""
        followed = audit.open_database(self.suite.folder, "performance")
        for n in range(PROBES):
            id_ = self.make(f"probe {n}", n)["id"]
            if is_poison(id_, 1):
                continue
            begun = time.monotonic()
            while not followed.execute("SELECT 1 FROM consumed WHERE aggregate_id = ?",
                                       (id_,)).fetchone():
                if time.monotonic() > begun + 30:
                    raise TimeoutError(f"performance does not follow probe {n}")
                time.sleep(0.0005)
            self.lags.append(time.monotonic() - begun)
            time.sleep(0.01)

    def lag_ms(self, share):
        return sorted(self.lags)[int(len(self.lags) * share)] * 1000


def expected(folder):
    """(dead, parked) of what performance follows."""
    dead = parked = 0
    for service in ("org", "orders", "leads"):
        held = set()
        for aggregate, version in audit.open_database(folder, service).execute(
                "SELECT aggregate_id, version FROM journal ORDER BY seq"):
            if aggregate in held:
                parked += 1
            elif is_poison(aggregate, version):
                held.add(aggregate)
                dead += 1
    return dead, parked


def counts(running):
    found = dict(audit.open_database(running.folder, "performance").execute(
        "SELECT state, COUNT(*) FROM held GROUP BY state").fetchall())
    return found.get("dead", 0), found.get("parked", 0)


class Poison(unittest.TestCase):
    def test_the_rest_goes_on_and_a_replay_heals(self):
        cure = pathlib.Path(tempfile.mkdtemp(prefix="spm-cure-")) / "cured"
        bus = f"poison={SHARE}/{OF},in=performance,cure={cure}"
        # Side by side, so that both have the same machine.
        with suite.Suite() as other, suite.Suite(env={"SPM_TEST_BUS": bus}) as running:
            clean, poisoned = Run(other), Run(running)
            beside = threading.Thread(target=clean.all)
            beside.start()
            poisoned.all()
            beside.join()
            self.assertEqual((clean.surprises, poisoned.surprises), ([], []))
            state, hash_ = state_rows(other, clean.label), state_hash(other, clean.label)
            running.settled(60)
            want, held = expected(running.folder), counts(running)
            told = int(running.get("/v1/heldEvents", page_size=1).get("total", 0))
            events = sum(len(audit.Journal(running.folder, s).events)
                         for s in ("org", "orders", "leads"))
            print(f"{events} events, {want[0]} of them poison to as many aggregates: held {held[0]} "
                  f"dead and {held[1]} parked, expected {want[0]} and {want[1]}; lag of the others "
                  f"{poisoned.lag_ms(.5):.1f} ms (median) and {poisoned.lag_ms(.95):.1f} ms (p95), "
                  f"of a clean run {clean.lag_ms(.5):.1f} and {clean.lag_ms(.95):.1f}", flush=True)
            self.assertEqual(held, want)
            self.assertEqual(told, sum(want))
            self.assertGreater(held[0], 10)
            # Replayed before its cause is mended, it is held again, and nothing is lost.
            running.cli("dlq", "replay", "--service", "performance", "--all", check=3)
            self.assertEqual(counts(running), want)
            cure.touch()
            running.cli("dlq", "replay", "--service", "performance", "--all", check=0)
            self.assertEqual(counts(running), (0, 0))
            self.assertEqual(state_difference(state, state_rows(running, poisoned.label)), "")
            self.assertEqual(state_hash(running, poisoned.label), hash_)
        # A quiet machine's lag is a millisecond or two, which is no measure for twice as much.
        for share in (.5, .95):
            self.assertLessEqual(poisoned.lag_ms(share), 2 * clean.lag_ms(share) + 5)


if __name__ == "__main__":
    unittest.main(verbosity=2)
