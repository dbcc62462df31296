"""Backups of a running suite are of one moment over all databases, whole or not there; what is restored
goes on as if nothing had been."""

import json
import os
import pathlib
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import audit, checks, suite
from support.company import Company
from support.ledger import Ledger
from support.load import ONCE, Load, lost
from support.state import raw_hash

LONG = bool(os.environ.get("SPM_LONG"))
BACKUPS = 12 if LONG else 3
KILLS = 30 if LONG else 6
SERVICES = ("org", "orders", "leads", "performance")


class Shelf(unittest.TestCase):
    """A folder for backups."""

    def setUp(self):
        self.shelf = pathlib.Path(tempfile.mkdtemp(prefix="spm-backups-"))
        self.addCleanup(shutil.rmtree, self.shelf, True)

    def run_cli(self, *args, **more):
        return subprocess.run([str(suite.binary()), *map(str, args)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=120, check=False, **more)

    def refused(self, result, *words):
        self.assertNotEqual(result.returncode, 0, result.stdout)
        for word in words:
            self.assertIn(str(word), result.stderr)

    def restored(self, backup, name):
        result = self.run_cli("--data", self.shelf / name, "restore", backup)
        self.assertEqual(result.returncode, 0, result.stderr)
        return self.shelf / name


class UnderLoad(Shelf):
    def test_each_shows_one_moment(self):
        with suite.Suite() as running:
            company = Company(running)
            ledger = Ledger(running.folder / "ledger.jsonl")
            load = Load(running, company, ledger, threads=6, pause=0.002).start()
            time.sleep(2)
            spans, manifests, before = [], [], []
            for n in range(BACKUPS):
                before.append(list(load.done))
                begun = time.monotonic()
                manifests.append(running.cli_json("backup", self.shelf / str(n)))
                spans.append((begun, time.monotonic()))
                time.sleep(1)
            load.stop()
            self.assertEqual(load.surprises, [])
            ledger.close()
        inside = [load.p99_ms(*span) for span in spans]
        outside, count = load.p99_ms(0, spans[0][0])
        print(f"{load.answered} commands, {load.repeats} repeats; {BACKUPS} backups of "
              f"{manifests[-1]['bytes'] / 1e6:.1f} MB took "
              f"{max(end - begin for begin, end in spans):.2f} s at the most and held commands for "
              f"{max(m['held_us'] for m in manifests) / 1000:.1f} ms; p99 of commands "
              f"{max(p for p, _ in inside):.1f} ms during a backup, {outside:.1f} ms before "
              f"({count})")
        self.assertEqual(load.repeats, 0, "a command failed during a backup")
        for n in range(BACKUPS):
            self.check(self.shelf / str(n), before[n], manifests[n])
        self.goes_on(load)

    def check(self, folder, acknowledged, manifest):
        """Everything acknowledged before is in it, in order, and nothing is half there."""
        journal = audit.Journal(folder, "leads")
        missing = lost(journal, {d[2]: (200, {"id": d[3], "version": d[4]}) for d in acknowledged})
        disorder, doubled = journal.out_of_order(), journal.doubled(ONCE)
        stale, rows = journal.stale_rows()
        outbox, held = journal.waiting()
        late = audit.behind(folder, "performance", journal)
        print(f"backup {folder.name}: {len(journal.events)} events, {rows} rows; of "
              f"{len(acknowledged)} acknowledged before it {missing} are missing; out of order "
              f"{disorder}, doubled {doubled}, rows behind {stale}, held {held}; {outbox} events "
              f"wait in the outbox for {late} aggregates")
        self.assertEqual((missing, disorder, doubled, stale, held), (0,) * 5)
        self.assertLessEqual(late, outbox)
        self.assertEqual(len(journal.events), journal.events[-1][0])
        seqs = {s["service"]: s["journal_seq"] for s in manifest["services"]}
        self.assertEqual(seqs["leads"], len(journal.events))
        checked = self.run_cli("backup", "--check", folder, "--json")
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertEqual(subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder,
                                        check=False).returncode, 0)

    def goes_on(self, load):
        """The last backup, restored: what waited is delivered, requests are known, figures are those of
        a rebuild, and new commands come on top."""
        backup = self.shelf / str(BACKUPS - 1)
        with suite.Suite(folder=self.restored(backup, "restored")) as running:
            state = raw_hash(running)
            seq = len(audit.Journal(running.folder, "leads").events)
            self.assertEqual(running.get("/v1/heldEvents").get("total", "0"), "0")
            request_id, id_, version = load.done[0][2:5]
            scope, = sqlite3.connect(running.folder / "leads.db").execute(
                "SELECT scope FROM handled WHERE id = ?", (request_id,)).fetchone()
            self.assertIn("/", scope)
            running.cli("rebuild", "performance", check=0)
            self.assertEqual(raw_hash(running), state)
            with checks.refused(self, "INVALID_ARGUMENT", "REQUEST_ID_REUSED"):
                running.post("/v1/leads", {"request_id": request_id, "lead": {"name": "other"}})
            self.assertEqual(len(audit.Journal(running.folder, "leads").events), seq)
            won = running.figure("leads_created", "2025-01-01", running.get("/v1/company")["today"])
            made = running.command("/v1/leads", {"lead": {"name": "after"}})
            running.settled()
            today = running.get("/v1/company")["today"]
            self.assertEqual(running.figure("leads_created", "2025-01-01", today), won + 1)
            self.assertEqual(running.stop(), 0)
            journal = audit.Journal(running.folder, "leads")
            self.assertEqual(journal.waiting(), (0, 0))
            self.assertEqual(audit.behind(running.folder, "performance", journal), 0)
            self.assertIn((made["id"], 1), journal.versions())


class Timers(Shelf):
    def test_fire_after_a_restore_and_the_test_clock_goes_on(self):
        with suite.Suite(test_clock=True) as running:
            company = Company(running)
            leads = {company.lead(f"lead {n}", owner_id=company.id["ann"])["id"] for n in range(20)}
            running.advance("10s")
            now = int(running.get("/v1/status")["now_us"])
            running.cli("backup", self.shelf / "a", check=0)
        with suite.Suite(folder=self.restored(self.shelf / "a", "b"), test_clock=True) as running:
            self.assertGreaterEqual(int(running.get("/v1/status")["now_us"]), now)
            due = sqlite3.connect(running.folder / "leads.db").execute(
                "SELECT key, due_us FROM timer WHERE kind = 'contact'").fetchall()
            self.assertEqual({key for key, _ in due}, leads)
            running.advance("30d")
            overdue = [(e["aggregate_id"], int(e["occurred_us"])) for e in running.journal(
                "leads", ["spm.leads.v1.LeadFirstContactOverdue"])]
            self.assertEqual(sorted(overdue), sorted(due))


class BrokenOff(Shelf):
    def test_leaves_nothing_that_looks_whole(self):
        with suite.Suite() as running:
            load = Load(running, Company(running), Ledger(self.shelf / "ledger"), threads=6).start()
            time.sleep(6)
            load.stop()
            middle = whole = 0
            rng = random.Random(1)
            for n in range(KILLS):
                target, done = self.shelf / f"k{n}", threading.Event()
                backup = subprocess.Popen(
                    [str(suite.binary()), "--data", str(running.folder), "backup", str(target)],
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                partial = self.shelf / f"k{n}.partial"
                suite.until(lambda: partial.exists() or target.exists() or backup.poll() is not None)
                time.sleep(rng.uniform(0, 0.15))
                if n % 2 == 0:
                    running.kill()
                    running.start()
                else:
                    backup.kill()
                    suite.until(lambda: not partial.exists(), 20, "the end of the backup")
                backup.wait()
                done.set()
                if target.exists():
                    whole += 1
                    self.assertEqual(self.run_cli("backup", "--check", target).returncode, 0)
                else:
                    middle += 1
                    self.refused(self.run_cli("backup", "--check", target), target)
                    # The next one clears away what the killed one left.
                    running.cli("backup", target, check=0)
                    self.assertFalse(partial.exists())
            print(f"{KILLS} backups broken off, by the suite's death or the command's: {middle} left "
                  f"nothing, {whole} were whole before")
            self.assertGreater(middle, 0)
            self.a_suite_that_stops_breaks_it_off(running)

    def a_suite_that_stops_breaks_it_off(self, running):
        target = self.shelf / "stopped"
        backup = subprocess.Popen(
            [str(suite.binary()), "--data", str(running.folder), "backup", str(target)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        suite.until(lambda: (self.shelf / "stopped.partial").exists() or target.exists())
        self.assertEqual(running.stop(), 0)
        self.assertEqual(backup.wait(30) == 0, target.exists())
        self.assertFalse((self.shelf / "stopped.partial").exists())


class Refusals(Shelf):
    @classmethod
    def setUpClass(cls):
        cls.running = suite.Suite().start()
        company = Company(cls.running)
        for n in range(30):
            company.lead(f"lead {n}")

    @classmethod
    def tearDownClass(cls):
        cls.running.__exit__(None)

    def test_of_a_backup(self):
        running, shelf = self.running, self.shelf
        (shelf / "there").mkdir()
        (shelf / "file").write_text("")
        for target, word in (("there", "exists"), ("none/a", "make it"), ("file/a", "no folder")):
            self.refused(running.cli("backup", shelf / target), shelf / target.split("/")[0], word)
        self.refused(running.cli("backup", running.folder / "inside"), "data folder")
        (shelf / "link").symlink_to(running.folder)
        self.refused(running.cli("backup", shelf / "link" / "inside"), "data folder")
        self.refused(running.cli("backup", "/sys/spm"), "/sys/spm", "cannot be made")
        with checks.refused(self, "INVALID_ARGUMENT", field="folder"):
            running.post("/v1/backups", {"folder": "relative"})
        company_id = next(p["id"] for p in running.pages("/v1/people", "people")
                          if p["name"] == "ann")
        with checks.refused(self, "PERMISSION_DENIED"):
            running.post("/v1/backups", {"folder": str(shelf / "ann")}, as_=company_id)
        self.assertEqual(sorted(p.name for p in shelf.iterdir()), ["file", "link", "there"])

    def test_of_a_full_disk_leaves_nothing(self):
        """A limit on the size of files stands for the disk: what is written beyond it fails."""
        with suite.Suite() as other:
            Company(other)
            self.assertEqual(other.stop(), 0)

            def small():
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
            result = self.run_cli("--data", other.folder, "backup", self.shelf / "a",
                                  preexec_fn=small)
            self.refused(result, self.shelf / "a")
            self.assertEqual(list(self.shelf.iterdir()), [])
            result = self.run_cli("--data", other.folder, "backup", self.shelf / "a")
            self.assertEqual(result.returncode, 0, result.stderr)
            other.start()

    def test_of_a_restore(self):
        running, shelf = self.running, self.shelf
        running.cli("backup", shelf / "a", check=0)
        pid = running.process.pid
        for more in ((), ("--replace",)):
            self.refused(running.cli("restore", shelf / "a", *more), f"process {pid}",
                         f"port {running.port}", "deploy/down")
        self.refused(self.run_cli("--data", shelf / "b", "restore", shelf / "none"), "none")
        (shelf / "home").mkdir()
        (shelf / "home" / "letter.txt").write_text("dear")
        self.refused(self.run_cli("--data", shelf / "home", "restore", shelf / "a", "--replace"),
                     "letter.txt")
        self.assertEqual([p.name for p in (shelf / "home").iterdir()], ["letter.txt"])
        # An empty folder is as good as none; one with data is kept, and only with --replace.
        (shelf / "empty").mkdir()
        self.restored(shelf / "a", "empty")
        with open(shelf / "empty" / "spm.yaml", "a", encoding="utf-8") as settings:
            settings.write("# mine\n")
        self.refused(self.run_cli("--data", shelf / "empty", "restore", shelf / "a"), "--replace")
        result = self.run_cli("--data", shelf / "empty", "restore", shelf / "a", "--replace", "--json")
        aside = pathlib.Path(json.loads(result.stdout)["aside"])
        self.assertTrue(aside.name.startswith("empty.before-"))
        self.assertIn("# mine", (aside / "spm.yaml").read_text())
        for folder in (aside, shelf / "empty"):
            with suite.Suite(folder=folder) as other:
                self.assertEqual(len(other.pages("/v1/leads", "leads", page_size=1000)), 30)

    def test_of_what_a_newer_spm_made(self):
        self.running.cli("backup", self.shelf / "a", check=0)

        def edit(manifest):
            manifest["services"][2]["schema"] = 99
            next(t for t in manifest["services"][2]["tables"] if t["table"] == "migration")["rows"] = \
                str(int(next(t for t in manifest["services"][2]["tables"]
                             if t["table"] == "migration")["rows"]) + 1)
        with sqlite3.connect(self.shelf / "a" / "leads.db") as database:
            database.execute("INSERT INTO migration VALUES (99, '0099_later')")
        database.close()
        self.rewrite(self.shelf / "a", edit)
        self.refused(self.run_cli("--data", self.shelf / "b", "restore", self.shelf / "a"), "leads",
                     "schema 99", "newer")
        self.rewrite(self.shelf / "a", lambda m: m.update(format=2))
        self.refused(self.run_cli("backup", "--check", self.shelf / "a"), "newer")
        self.assertFalse((self.shelf / "b").exists())

    @staticmethod
    def rewrite(folder, edit):
        """Another manifest, with sums that fit."""
        manifest = json.loads((folder / "manifest.json").read_text())
        edit(manifest)
        (folder / "manifest.json").write_text(json.dumps(manifest))
        names = sorted(p.name for p in folder.iterdir() if p.name != "SHA256SUMS")
        sums = subprocess.run(["sha256sum", *names], cwd=folder, capture_output=True, check=True)
        (folder / "SHA256SUMS").write_bytes(sums.stdout)

    def test_of_what_is_damaged(self):
        self.running.cli("backup", self.shelf / "a", check=0)
        rng, count = random.Random(3), 0

        def flip(path):
            data = bytearray(path.read_bytes())
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            path.write_bytes(data)

        def cut(path):
            path.write_bytes(path.read_bytes()[:-100])
        files = [f"{s}.db" for s in SERVICES] + ["spm.yaml", "manifest.json", "SHA256SUMS"]
        for name in files:
            for what in (flip, cut, pathlib.Path.unlink):
                folder = self.shelf / "damaged"
                shutil.copytree(self.shelf / "a", folder)
                what(folder / name)
                # A sum that was changed is told by the file that it is of.
                words = [folder] if name == "SHA256SUMS" else [folder / name]
                self.refused(self.run_cli("backup", "--check", folder), *words)
                self.refused(self.run_cli("--data", self.shelf / "b", "restore", folder), *words)
                self.assertFalse((self.shelf / "b").exists())
                self.assertFalse((self.shelf / "b.partial").exists())
                shutil.rmtree(folder)
                count += 1
        print(f"{count} damaged backups refused, each with the file named")

    def test_of_files_of_two_moments(self):
        """Files that are whole, each for itself, but were copied one after another."""
        self.running.cli("backup", self.shelf / "a", check=0)
        for n in range(5):
            self.running.command("/v1/leads", {"lead": {"name": f"between {n}"}})
        self.running.settled()
        self.running.cli("backup", self.shelf / "b", check=0)
        mixed = self.shelf / "mixed"
        shutil.copytree(self.shelf / "a", mixed)
        shutil.copy(self.shelf / "b" / "performance.db", mixed / "performance.db")
        newer = json.loads((self.shelf / "b" / "manifest.json").read_text())["services"]
        self.rewrite(mixed, lambda m: m.update(services=[
            next(n for n in newer if n["service"] == "performance")
            if s["service"] == "performance" else s for s in m["services"]]))
        self.refused(self.run_cli("backup", "--check", mixed), mixed / "performance.db", "beyond")
        shutil.copytree(self.shelf / "b", self.shelf / "other")
        shutil.copy(self.shelf / "a" / "performance.db", self.shelf / "other" / "performance.db")
        older = json.loads((self.shelf / "a" / "manifest.json").read_text())["services"]
        self.rewrite(self.shelf / "other", lambda m: m.update(services=[
            next(n for n in older if n["service"] == "performance")
            if s["service"] == "performance" else s for s in m["services"]]))
        self.refused(self.run_cli("backup", "--check", self.shelf / "other"),
                     self.shelf / "other" / "performance.db", "neither applied nor waiting")


if __name__ == "__main__":
    unittest.main(verbosity=2)
