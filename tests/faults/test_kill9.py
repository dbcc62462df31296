"""kill -9 twenty times under load: nothing acknowledged is lost, nothing happens twice, every
aggregate's events stay in order, and what follows them has followed all (G1 to G4)."""

import os
import pathlib
import random
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import audit, suite
from support.company import Company
from support.ledger import Ledger
from support.load import ONCE, Load, lost

# SPM_LONG is the long form of tests/run --all.
KILLS = 100 if os.environ.get("SPM_LONG") else 20


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
        missing = lost(journal, answered)
        doubled = journal.doubled(ONCE)
        disorder = journal.out_of_order()
        stale, rows = journal.stale_rows()
        outbox, held = journal.waiting()
        late = audit.behind(folder, "performance", journal)
        print(f"killed {KILLS} times; back after {max(downs):.2f} s at the most; "
              f"{len(sent)} commands sent, {len(answered)} acknowledged, {load.repeats} repeats; "
              f"{len(journal.events)} events of {len(journal.last)} aggregates, {rows} rows")
        print(f"acknowledged and lost: {missing}; happened twice: {doubled}; out of order: {disorder}; "
              f"rows behind their events: {stale}; left in the outbox: {outbox}; held: {held}; "
              f"not followed by performance: {late}")
        self.assertGreater(len(answered), 1000)
        self.assertEqual(len(sent), len(answered), "a command was never answered")
        self.assertEqual((missing, doubled, disorder, stale, outbox, held, late), (0,) * 7)
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
