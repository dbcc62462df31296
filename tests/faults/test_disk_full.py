"""The disk is full under load (T13, G16): writes are refused cleanly, reads go on, nothing that was
acknowledged is lost, and writing goes on by itself when there is space again."""

import contextlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import audit, small_disk, suite

small_disk.enter()

from support.company import Company
from support.ledger import Ledger
from support.load import ONCE, TOLD, Load, lost

# SPM_LONG is the long form of tests/run --all.
ROUNDS = 12 if os.environ.get("SPM_LONG") else 3
FULL_SECONDS = 3.0
RESUMES_SECONDS = 10.0
MEGABYTES = 96
SERVICES = ("org", "orders", "leads", "performance")


class Watched(Load):
    """Counts what the full disk is answered with."""

    refusals = 0

    def once(self, channel, kind, path, body):
        status, headers, answer = channel.request("POST", path, json.dumps(body).encode())
        if status == 200:
            return suite.snake(json.loads(answer))
        error = suite.ApiError(status, suite.snake(json.loads(answer)))
        if (error.code, error.reason) != ("RESOURCE_EXHAUSTED", "DISK_FULL"):
            raise AssertionError(f"{kind} answered {error}")
        if not error.retry or "retry-after" not in headers or "space" not in error.message:
            raise AssertionError(f"{kind}: no retry or no remedy: {error} {headers}")
        self.refusals += 1
        return TOLD


class DiskFull(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.disk = small_disk.SmallDisk(MEGABYTES)

    @classmethod
    def tearDownClass(cls):
        cls.disk.unmount()

    def test_under_load(self):
        folder = self.disk.path / "data"
        with tempfile.TemporaryDirectory(prefix="spm-test-") as kept, \
                suite.Suite(folder=folder) as running:
            company = Company(running)
            ledger = Ledger(pathlib.Path(kept) / "ledger.jsonl")
            load = Watched(running, company, ledger, threads=4).start()
            resumed, reads = [], 0
            for round_ in range(ROUNDS):
                time.sleep(1.5)
                refusals = load.refusals
                reads += self.full(running, load, refusals)
                answered, freed = load.answered, time.monotonic()
                self.disk.free()
                suite.until(lambda: load.answered > answered + 20, 30, "an accepted command")
                resumed.append(time.monotonic() - freed)
                self.assertEqual(load.surprises, [])
            load.stop()
            self.assertEqual(load.surprises, [])
            running.settled(60)
            self.check_counters(running)
            figures = {m: running.figure(m, "2000-01-01", running.get("/v1/company")["today"])
                       for m in ("leads_created", "won", "open")}
            self.check_start_on_a_full_disk(running)
            self.assertEqual(running.stop(), 0)
            ledger.close()
            self.check(folder, ledger, load, resumed, reads, figures)

    def full(self, running, load, refusals):
        """Fills the disk and keeps it full; returns how many reads were answered meanwhile."""
        end, reads = time.monotonic() + FULL_SECONDS, 0
        while time.monotonic() < end or load.refusals == refusals:
            self.disk.fill()
            self.assertIn("leads", running.get("/v1/leads", page_size=5))
            self.assertIn("rows", running.query(["won"], start="2020-01-01", end="2030-01-01"))
            self.assertEqual(running.raw("GET", "/readyz")[0], 200)
            reads += 3
            self.assertLess(time.monotonic(), end + 20, "the disk never was full")
            self.assertEqual(load.surprises, [])
            time.sleep(0.05)
        return reads

    def check_counters(self, running):
        """The live counters, which memory holds, are what a question to the facts answers."""
        month = running.get("/v1/company")["today"][:7]

        def counters():
            found = running.get("/v1/counters", grain="rep", period=month, metric="won")
            return {c["subject"]: c.get("value", 0) for c in found.get("counters", [])}

        rows = running.query(["won"], ["rep"], month + "-01", running.get("/v1/company")["today"])
        want = {r["groups"][0]["id"]: r["values"][0].get("value", 0) for r in rows.get("rows", [])}
        self.assertEqual(len(want), 4)
        suite.until(lambda: counters() == want, 10, f"counters {counters()} like {want}")

    def check_start_on_a_full_disk(self, running):
        """Refused with the reason, and later as if nothing had been."""
        self.assertEqual(running.stop(), 0)
        # What the suite keeps is there; only new bytes have no room.
        self.disk.fill()
        with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
            result = subprocess.run(
                [str(suite.binary()), "--data", str(running.folder), "serve", "--port",
                 str(running.port)], stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=30,
                check=False)
            out.seek(0)
            said = out.read()
        self.assertEqual(result.returncode, 1, said)
        self.assertRegex(said, "space|full")
        self.disk.free()
        running.start()

    def check(self, folder, ledger, load, resumed, reads, figures):
        sent, answered = ledger.read()
        journal = audit.Journal(folder, "leads")
        gone, doubled = lost(journal, answered), journal.doubled(ONCE)
        stale, rows = journal.stale_rows()
        outbox, held = journal.waiting()
        late = audit.behind(folder, "performance", journal)
        integrity = []
        for service in SERVICES:
            with contextlib.closing(sqlite3.connect(folder / f"{service}.db")) as db:
                integrity.append(db.execute("PRAGMA integrity_check").fetchone()[0])
        wal = sum(p.stat().st_size for p in folder.glob("*-wal")) >> 20
        print(f"full {ROUNDS} times; {load.refusals} refusals with DISK_FULL, {reads} reads answered "
              f"meanwhile; writing again {max(resumed):.2f} s after space was freed at the most; "
              f"{len(sent)} commands sent, {len(answered)} acknowledged")
        print(f"acknowledged and lost: {gone}; happened twice: {doubled}; out of order: "
              f"{journal.out_of_order()}; rows behind their events: {stale} of {rows}; left in the "
              f"outbox: {outbox}; held: {held}; not followed by performance: {late}; integrity: "
              f"{integrity}; write-ahead logs left: {wal} MiB; figures: {figures}")
        self.assertGreater(load.refusals, ROUNDS)
        self.assertLess(max(resumed), RESUMES_SECONDS)
        self.assertEqual(len(sent), len(answered), "a command was never answered")
        self.assertEqual((gone, doubled, journal.out_of_order(), stale, outbox, held, late), (0,) * 7)
        self.assertEqual(integrity, ["ok"] * len(SERVICES))
        count = {}
        for event in journal.events:
            name = event[3].rsplit(".", 1)[-1]
            count[name] = count.get(name, 0) + 1
        won = count.get("OpportunityWon", 0)
        self.assertEqual(figures, {"leads_created": count["LeadCreated"], "won": won,
                                   "open": count["OpportunityCreated"] - won})


if __name__ == "__main__":
    unittest.main(verbosity=2)
