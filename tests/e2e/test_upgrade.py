"""A data folder of an earlier release is taken over: every row, reply, timer and figure stays, and it goes
on from there. What was released stays as it is: migrations by their hashes.

tests/data/upgrade/<name> are such folders as SQL, written by tests/data/upgrade/make.py with the binary of
their time.
"""

import atexit
import hashlib
import json
import pathlib
import re
import shutil
import sqlite3
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import audit, suite
from support.audit import Journal, open_database
from support.company import Company
from support.wall_clock import WallClock

DATA = suite.ROOT / "tests/data/upgrade"
SERVICES = ("org", "orders", "leads", "performance")
DAY_US = 86_400_000_000
METRICS = ["won", "lost", "open", "revenue", "leads_created", "win_rate"]


def load(name):
    """The databases of a dump in a folder of their own."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="spm-upgrade-"))
    atexit.register(shutil.rmtree, folder, True)
    for service in SERVICES:
        database = sqlite3.connect(folder / f"{service}.db")
        database.executescript((DATA / name / f"{service}.sql").read_text(encoding="utf-8"))
        database.close()
    return folder


def rows(folder, service, sql):
    database = open_database(folder, service)
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


def journal_of(folder):
    return {s: rows(folder, s, "SELECT * FROM journal ORDER BY seq") for s in SERVICES}


def figures(running, today):
    return {r["groups"][0].get("name", ""): [v.get("value") for v in r["values"]]
            for r in running.query(METRICS, ["rep"], "2025-01-01", today)["rows"]}


class Upgrade(unittest.TestCase):
    def test_every_earlier_folder(self):
        names = sorted(p.name for p in DATA.iterdir() if p.is_dir() and p.name != "__pycache__")
        self.assertTrue(names, "no data folder of an earlier release")
        for name in names:
            with self.subTest(name):
                self.take_over(name)

    def take_over(self, name):
        folder = load(name)
        expected = json.loads((DATA / name / "expected.json").read_text())
        schema = {s: rows(folder, s, "SELECT MAX(number) FROM migration")[0][0] for s in SERVICES}
        before = journal_of(folder)
        handled = {s: set(rows(folder, s, "SELECT id, scope, hash, reply FROM handled"))
                   for s in SERVICES}
        timers = audit.timers(folder)
        held = rows(folder, "performance", "SELECT state FROM held ORDER BY version")
        # The day after it was written, so that the test is the same at any time.
        clock = WallClock()
        clock.set(max(e[5] for events in before.values() for e in events) + DAY_US - clock.now_us())
        with suite.Suite(folder=folder, env=clock.env) as running:
            now = {s["service"]: int(s["schema"]) for s in running.get("/v1/status")["services"]}
            for service in SERVICES:
                self.assertGreaterEqual(now[service], schema[service])
            # What it showed, it shows; what was held is held.
            self.assertEqual(figures(running, expected["today"]), expected["figures"])
            events = [e["state"] for e in running.get("/v1/heldEvents").get("held_events", [])]
            self.assertEqual(sorted(events), sorted("STATE_" + s.upper() for (s,) in held))
            # A request of then has the reply of then.
            known = expected["known"]
            reply = running.post("/v1/leads", known["body"])
            self.assertEqual({k: reply.get(k) for k in known["reply"]}, known["reply"])
            self.adds(running, expected)
            shown = figures(running, expected["today"])
            running.cli("rebuild", "performance", check=0)
            self.assertEqual(figures(running, expected["today"]), shown)
            kept = len(timers & audit.timers(folder))
            clock.jump(60 * 86400)
            suite.until(lambda: not timers & audit.timers(folder), 20, "the firing of the timers")
            running.settled()
            self.assertEqual(running.stop(), 0)
            after = journal_of(folder)
            for service in SERVICES:
                self.assertEqual(after[service][:len(before[service])], before[service], service)
                self.assertEqual(Journal(folder, service).stale_rows()[0], 0, service)
            self.assertEqual(set(audit.fired(folder, timers)), {1})
        count = sum(len(events) for events in before.values())
        print(f"{name}: schemas {schema} taken over to {now}; {count} events, "
              f"{sum(len(h) for h in handled.values())} replies, {len(held)} held events as they "
              f"were; {len(timers)} timers fired once, when due, {kept} of them two months later",
              flush=True)

    def adds(self, running, expected):
        """A deal is won and a lead comes in on top of what was there."""
        rep = next(p for p in running.pages("/v1/people", "people") if p["name"] == "ann")
        product = running.pages("/v1/products", "products")[0]["id"]
        company = Company.__new__(Company)
        company.suite, company.product, company.id = running, product, {}
        won = running.figure("won", "2025-01-01", running.get("/v1/company")["today"])
        company.win(company.deal(name="later", owner_id=rep["id"]), 500)
        running.settled()
        self.assertEqual(
            running.figure("won", "2025-01-01", running.get("/v1/company")["today"]), won + 1)

    def test_policies_of_a_new_folder_are_in_an_old_one(self):
        def kinds(running):
            return {(s, p["kind"]) for s in SERVICES
                    for p in running.get(f"/v1/policies/{s}").get("policies", [])}
        with suite.Suite() as fresh:
            new = kinds(fresh)
        for name in (p.name for p in DATA.iterdir() if (p / "leads.sql").exists()):
            with suite.Suite(folder=load(name)) as old:
                self.assertEqual(new - kinds(old), set(), name)


class Released(unittest.TestCase):
    def test_migrations_never_change(self):
        released, newest = {}, {}
        for line in (DATA / "migrations.sha256").read_text().splitlines():
            hash_, path = line.split()
            released[path] = hash_
            folder, number = path.rsplit("/", 1)[0], re.match(r"\d*", path.rsplit("/", 1)[1])[0]
            newest[folder] = max(newest.get(folder, 0), int(number or 0))
        for path, hash_ in released.items():
            found = hashlib.sha256((suite.ROOT / path).read_bytes()).hexdigest()
            self.assertEqual(found, hash_, f"{path} was released: add a migration instead")
        for file in sorted(suite.ROOT.glob("services/*/schema/*.sql")):
            path = str(file.relative_to(suite.ROOT))
            if path in released:
                continue
            number = int(re.match(r"\d{4}", file.name)[0])
            self.assertGreater(number, newest.get(path.rsplit("/", 1)[0], 0),
                               f"{path} comes before a released one and would never be applied")


if __name__ == "__main__":
    unittest.main(verbosity=2)
