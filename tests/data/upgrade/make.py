#!/usr/bin/env python3
"""Writes a data folder of the binary of today as SQL, for tests/e2e/test_upgrade.py of later ones.

    SPM_BIN=build/release/spm tests/data/upgrade/make.py NAME

makes tests/data/upgrade/NAME: a dump of each database of a small company, with open and closed deals,
timers, request ids, a policy, an event that a service could not take and one that waits behind it; and
expected.json, what the binary answered. Done once, before a release whose schema differs from the last
dump's; never edited.
"""

import json
import pathlib
import sqlite3
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests"))

from support import suite
from support.company import Company

SERVICES = ("org", "orders", "leads", "performance")
METRICS = ["won", "lost", "open", "revenue", "leads_created", "win_rate"]


def fill(running):
    """Commands of every kind; the last one's request and reply."""
    company = Company(running)
    reps = [company.id[n] for n in ("ann", "bob", "cid", "eva")]
    customers = [company.customer(f"customer {n}", sector=f"sector {n % 3}")["id"] for n in range(6)]
    opened, won = company.stage_of_kind("OPEN"), company.stage_of_kind("WON")[0]
    company.import_deals([{
        "external_id": f"deal {n}", "owner_id": reps[n % 4], "product_id": company.product,
        "customer_id": customers[n % 6], "amount": suite.money(100 + n) if n % 2 else None,
        "history": company.history((opened[0], f"2025-{1 + n % 11:02}-03"),
                                   *([(won, f"2025-{1 + n % 11:02}-20")] if n % 2 else []))}
        for n in range(12)])
    for n in range(8):
        deal = company.deal(name=f"live {n}", owner_id=reps[n % 4], customer_id=customers[n % 6])
        if n % 4 == 0:
            company.win(deal, 1000 + n)
        elif n % 4 == 1:
            company.lose(deal)
    for n in range(8):
        company.lead(f"lead {n}", owner_id=reps[n % 4], source="web", intent=80 - n)
    board = running.get("/v1/policies/performance", kind="leaderboard")["policies"][-1]["body"]
    running.command("/v1/policies", {"service": "performance", "kind": "leaderboard",
                                     "body": board, "reason": "as before"})
    body = {"request_id": suite.new_id(), "lead": {"name": "known", "source": "web"}}
    reply = running.post("/v1/leads", body)
    running.settled()
    return {"body": body, "reply": reply}


def hold(folder):
    """An event of leads that nobody can decode, and one after it, as a bad release would leave them."""
    with sqlite3.connect(folder / "leads.db") as database:
        columns = ("aggregate_id, version, type, occurred_us, recorded_us, actor, request_id, "
                   "policies, trace, payload")
        last = database.execute(f"SELECT seq, {columns} FROM journal WHERE type = "
                                "'spm.leads.v1.OpportunityCreated' ORDER BY seq LIMIT 1").fetchone()
        top = database.execute("SELECT MAX(seq) FROM journal").fetchone()[0]
        now = database.execute("SELECT MAX(recorded_us) FROM journal").fetchone()[0]
        for n in (1, 2):
            row = ("0192f3a0-0000-7000-8000-00000000dead", n, last[3], now, now, "local",
                   f"broken-{n}", "", "", b"\xff\xff\xff")
            database.execute(f"INSERT INTO journal (seq, {columns}) VALUES ({'?, ' * 10}?)",
                             (top + n, *row))
            database.execute("INSERT INTO outbox (part, seq) VALUES (0, ?)", (top + n,))


def answers(running):
    today = running.get("/v1/company")["today"]
    rows = running.query(METRICS, ["rep"], "2025-01-01", today)["rows"]
    return {"today": today,
            "figures": {r["groups"][0].get("name", ""): [v.get("value") for v in r["values"]]
                        for r in rows}}


def main():
    target = pathlib.Path(__file__).resolve().parent / sys.argv[1]
    target.mkdir()
    with suite.Suite(folder=tempfile.mkdtemp(prefix="spm-upgrade-")) as running:
        known = fill(running)
        assert running.stop() == 0
        hold(running.folder)
        running.start()
        suite.until(lambda: running.cli_json("dlq", "list"), what="the held event")
        running.settled()
        expected = {"known": known, **answers(running)}
        assert running.stop() == 0
        for service in SERVICES:
            with sqlite3.connect(running.folder / f"{service}.db") as database:
                (target / f"{service}.sql").write_text(
                    "\n".join(database.iterdump()) + "\n", encoding="utf-8")
        (target / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
