"""B3: CreateLead over gRPC on SQLite (synchronous FULL), version-4 request ids, 256 in flight.

Its floor writes the same four rows a lead through sqlite3 alone, 64 leads a transaction.
"""

from benches.base import Figure, floor_rows, measured, middle, program
from support import suite
from support.company import Company

TABLES = ["lead", "journal", "handled", "outbox"]
IN_FLIGHT = 256
# The server takes 100 calls at once on each.
CONNECTIONS = 3


def once(leads):
    with suite.Suite() as running:
        Company(running)
        load = [program("load_lead"), f"127.0.0.1:{running.grpc_port}"]
        warm = measured(*load, min(leads, 2000), IN_FLIGHT, CONNECTIONS)
        got = measured(*load, leads, IN_FLIGHT, CONNECTIONS)
        running.settled(300)
        running.stop()
        under = floor_rows(running.folder / "leads.db", 64, TABLES)
    assert warm["failed"] == got["failed"] == 0
    return Figure("B3", "CreateLead embedded", got["per_second"], "leads/s", "more",
                  under["per_second"], 0.5, True, {"p50_ms": got["p50_ms"], "p99_ms": got["p99_ms"]})


def measure(size):
    return [middle([once(size.leads) for _ in range(size.rounds)])]
