"""The wall clock jumps by an hour and by a day, on and back, under load and while the suite is down: no
timer is lost or fires twice, each fires for the time when it was due, windows stay what they are, and no
journal goes back in time (T12). Then the same jumps of the test clock."""

import os
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import audit, suite
from support.company import Company
from support.ledger import Ledger
from support.load import ONCE, Load, lost
from support.wall_clock import WallClock

HOUR, DAY = 3600, 86400
JUMPS = [HOUR, -HOUR, DAY, -DAY, -HOUR, HOUR, -DAY, DAY]
ROUNDS = 6 if os.environ.get("SPM_LONG") else 1


def journal(folder, columns, where="1"):
    return audit.open_database(folder, "leads").execute(
        f"SELECT {columns} FROM journal WHERE {where} ORDER BY seq").fetchall()


def windows(folder, timers):
    """Distances, in microseconds, from the creation of leads to the times for their first contact."""
    made = dict(journal(folder, "aggregate_id, occurred_us", "type = 'spm.leads.v1.LeadCreated'"))
    return {due - made[key] for kind, key, due in timers if kind == "contact"}


class Jumps(unittest.TestCase):
    def seen(self, running, company, clock, known):
        """Adds a few records and the timers that they set."""
        running.get("/v1/company")  # Connects again after a restart.
        for n in range(3):
            company.lead(f"at {clock.offset_us} {n}", owner_id=company.id["ann"], intent=50)
            company.deal(name=f"at {clock.offset_us} {n}", owner_id=company.id["bob"])
        known |= audit.timers(running.folder)

    def test_of_the_wall_clock(self):
        clock, known = WallClock(), set()
        with suite.Suite(env=clock.env) as running:
            company = Company(running)
            self.seen(running, company, clock, known)
            ledger = Ledger(running.folder / "ledger.jsonl")
            load = Load(running, company, ledger, threads=2, pause=0.02).start()
            for jump in JUMPS * ROUNDS:
                clock.jump(jump)
                self.seen(running, company, clock, known)
                time.sleep(0.5)
            for jump, stop in ((-DAY, running.kill), (DAY, running.stop), (-HOUR, running.stop),
                               (HOUR, running.kill)):
                stop()
                clock.jump(jump)
                running.start()
                self.jobs_run(running, clock)
                self.seen(running, company, clock, known)
            load.stop()
            self.assertEqual(load.surprises, [])
            ledger.close()
            known |= audit.timers(running.folder)
            limits = windows(running.folder, known)
            clock.jump(40 * DAY)
            suite.until(lambda: not known & audit.timers(running.folder), 30, "the last timer")
            running.settled()
            self.assertEqual(running.stop(), 0)
            self.check(running.folder, ledger, load, known, limits)

    def jobs_run(self, running, clock):
        """A lease of the killed process ends, though the clock says that it has a day to go."""
        def over():
            ends = [r[0] for r in audit.open_database(running.folder, "leads").execute(
                "SELECT until_us FROM lease")]
            return ends and max(ends) <= clock.now_us() + 31_000_000
        suite.until(over, 10, "the end of the old leases")

    def check(self, folder, ledger, load, known, limits):
        fired = audit.fired(folder, known)
        leads = audit.Journal(folder, "leads")
        _, answered = ledger.read()
        recorded = [r[0] for r in journal(folder, "recorded_us")]
        back = sum(1 for a, b in zip(recorded, recorded[1:]) if b < a)
        # A deadline that is kept does not fire: those of deals that moved on are no longer set.
        doubled = sum(n - 1 for n in fired if n > 1)
        set_for_good = {t for t in known if t[0] == "contact"}
        lost_timers = sum(1 for n in audit.fired(folder, set_for_good) if n == 0)
        print(f"{len(JUMPS) * ROUNDS + 5} jumps of the wall clock; {len(known)} timers seen: "
              f"{sum(1 for n in fired if n)} fired, {lost_timers} lost, {doubled} twice; "
              f"windows {sorted(round(w / 3.6e9, 3) for w in limits)} h; recorded back in time {back}; "
              f"{load.answered} commands acknowledged, lost {lost(leads, answered)}, doubled "
              f"{leads.doubled(ONCE)}, out of order {leads.out_of_order()}")
        self.assertEqual((doubled, lost_timers, back), (0, 0, 0))
        self.assertEqual((lost(leads, answered), leads.doubled(ONCE), leads.out_of_order()),
                         (0, 0, 0))
        self.assertGreater(len(set_for_good), 30)
        self.assertEqual(len(limits), 1, "the time to a first contact depends on the clock's jumps")

    def test_of_the_test_clock(self):
        with suite.Suite(test_clock=True) as running:
            company, known = Company(running), set()
            for n, by in enumerate(("1h", "1d", "1h", "1d", "1d")):
                company.lead(f"lead {n}", owner_id=company.id["ann"])
                company.deal(name=f"deal {n}", owner_id=company.id["bob"])
                known |= audit.timers(running.folder)
                running.advance(by)
            # Moved while nothing ran.
            self.assertEqual(running.stop(), 0)
            file = running.folder / "clock"
            file.write_text(str(int(file.read_text()) + DAY * 1_000_000))
            running.start()
            suite.until(lambda: not any(due < int(running.get("/v1/status")["now_us"])
                                        for _, _, due in audit.timers(running.folder)))
            running.advance("40d")
            fired = audit.fired(running.folder, known)
            print(f"test clock: {len(known)} timers, fired {sum(fired)} times")
            self.assertEqual(set(fired), {1})


if __name__ == "__main__":
    unittest.main(verbosity=2)
