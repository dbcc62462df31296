"""B10, embedded: QueryMetrics over the sales data set, asked over HTTP one after another.

The floor of each question gets the same sums by one SQL statement over `fact`, by sqlite3 from
Python; the sums are compared.
"""

import dataclasses
import sqlite3
import time

from benches import data_set
from benches.base import Figure, median, percentile
from benches.data_import import timed
from support import suite

FROM, TO = "2017-01-01", "2017-12-31"
DAYS = (17167, 17531)                    # the same, since 1970
SUM = "SELECT SUM(amount) FROM fact WHERE measure = 'revenue' AND occurred_day BETWEEN ? AND ?"
MONTH = "strftime('%Y-%m', occurred_day * 86400, 'unixepoch')"


@dataclasses.dataclass
class Question:
    name: str
    work: str
    metric: str
    groups: tuple
    sql: str
    of_rep: bool = False                 # filtered by one rep, whom the SQL takes as ?3


QUESTIONS = [
    Question("query total", "revenue of a year", "revenue", (), SUM),
    Question("query rep", "revenue by rep", "revenue", ("rep",), SUM.replace(
        "SELECT", "SELECT rep_id,") + " GROUP BY rep_id"),
    Question("query rep month", "revenue by rep, month", "revenue", ("rep", "month"), SUM.replace(
        "SELECT", f"SELECT rep_id, {MONTH},") + f" GROUP BY rep_id, {MONTH}"),
    Question("query stock day", "open deals by day", "open", ("day",),
             "SELECT occurred_day, SUM(SUM(amount)) OVER (ORDER BY occurred_day) FROM fact "
             "WHERE measure = 'open' AND occurred_day <= ?2 AND ?1 > 0 GROUP BY occurred_day"),
    Question("query one rep", "revenue of one rep by month", "revenue", ("month",), SUM.replace(
        "SELECT", f"SELECT {MONTH},") + f" AND rep_id = ?3 GROUP BY {MONTH}", True),
]


def floor_of(database, question, rep, times):
    """Milliseconds of each time, and the last column of the rows."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    took = []
    for _ in range(times):
        began = time.perf_counter()
        rows = connection.execute(question.sql, (*DAYS, *([rep] if question.of_rep else []))).fetchall()
        took.append((time.perf_counter() - began) * 1000)
    connection.close()
    return took, [row[-1] for row in rows]


def ask(running, question, rep):
    return running.query([question.metric], question.groups, FROM, TO,
                         {"rep": [rep]} if question.of_rep else None)


def minor(metric, value):
    return round(value["value"] * (100 if metric == "revenue" else 1))


def agree(question, answer, sums):
    """The floor does the same work: its sums are the answer's. A stock's last day is enough."""
    got = [minor(question.metric, row["values"][0]) for row in answer["rows"]]
    if question.metric == "open":
        assert got[-1] == sums[-1], f"{question.name}: {got[-1]} and {sums[-1]}"
    else:
        assert sum(got) == sum(sums), f"{question.name}: {sum(got)} and {sum(sums)}"


def figures(running, asked):
    database = running.folder / "performance.db"
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    rep, = connection.execute("SELECT rep_id FROM fact WHERE measure = 'revenue' LIMIT 1").fetchone()
    facts, = connection.execute("SELECT COUNT(*) FROM fact").fetchone()
    connection.close()
    out = []
    for question in QUESTIONS:
        under, sums = floor_of(database, question, rep, asked)
        running.get("/v1/company")       # Anew, where the connection rested too long meanwhile.
        agree(question, ask(running, question, rep), sums)
        took = []
        for _ in range(asked):
            began = time.perf_counter()
            answer = ask(running, question, rep)
            took.append((time.perf_counter() - began) * 1000)
        out.append(Figure(question.name, question.work, percentile(took, 0.99), "ms p99", "less",
                          percentile(under, 0.99), 20,
                          more={"p50_ms": round(median(took), 2),
                                "floor_p50_ms": round(median(under), 2),
                                "rows": len(answer["rows"]), "facts": facts}))
    return out


def measure(size):
    with data_set.folder(deals=size.deals) as (path, _), suite.Suite() as running:
        timed(running, path)
        return figures(running, size.asked)
