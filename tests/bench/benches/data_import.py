"""import: the sales data set, from its CSV files until every figure is there.

Two floors: the same rows of org, orders and leads into the same tables through sqlite3 alone, 500
deals a transaction; and with them performance's facts, 5,000 a transaction.
"""

import sqlite3
import time

from benches import data_set
from benches.base import Figure, floor_rows, middle
from support import suite
from support.imported import MAPPING

# What an import writes for good, with the table that counts first.
OWNERS = {"leads": ["opportunity"], "org": ["person"], "orders": ["product"]}
FACTS = {"performance": ["fact"]}
# Copies of the organisation, marks and sums are what following costs, not what the import writes.
PASSED_OVER = {"outbox", "sqlite_sequence", "sqlite_stat1", "lease", "policy", "held", "changed",
               "schema_version", "migration", "org_member", "org_closure", "consumed", "timer",
               "rollup", "rollup_mark"}


def tables_of(database, leading):
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    names = [n for n, in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    filled = [n for n in names if n not in PASSED_OVER and n not in leading
              and connection.execute(f"SELECT 1 FROM {n} LIMIT 1").fetchone()]
    connection.close()
    return [*leading, *filled, "outbox"]


def floor_seconds(running, services):
    return sum(floor_rows(running.folder / f"{service}.db", 5000 if service == "performance" else 500,
                          tables_of(running.folder / f"{service}.db", leading))["seconds"]
               for service, leading in services.items())


def timed(running, path):
    began = time.monotonic()
    running.cli("import", MAPPING, path, check=0)
    return time.monotonic() - began


def once(deals):
    with data_set.folder(deals=deals) as (path, rows), suite.Suite() as running:
        seconds = timed(running, path)
        running.stop()
        owners, facts = floor_seconds(running, OWNERS), floor_seconds(running, FACTS)
    more = {"rows": rows, "seconds": round(seconds, 3)}
    return (Figure("import", "sales data set", rows / seconds, "rows/s", "more", rows / owners, 0.4,
                   True, dict(more)),
            Figure("figures", "the same, facts in the floor", rows / seconds, "rows/s", "more",
                   rows / (owners + facts), 0.4, True, dict(more)))


def measure(size):
    rounds = [once(size.deals) for _ in range(size.rounds)]
    return [middle([r[0] for r in rounds]), middle([r[1] for r in rounds])]
