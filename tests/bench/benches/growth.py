"""B14, embedded: how the import's cost of a row and a question's cost grow with the data.

The data set is copied under new keys (deals, accounts, reps). A figure is the cost at the most
copies over that at one; its floor is how the same SQL grows. A question that adds up everything
costs its time a copy; that of one rep, whose facts do not grow, its time.
"""

from benches import data_set, query
from benches.base import Figure, floor_rows
from benches.data_import import FACTS, OWNERS, floor_seconds, timed
from support import suite


def at(copies, size):
    """Cost of a row in microseconds, here and in the floor, and the questions' figures."""
    with data_set.folder(copies, size.deals) as (path, rows), suite.Suite() as running:
        seconds = timed(running, path)
        questions = query.figures(running, max(size.asked // 4, 5))
        running.stop()
        floor = floor_seconds(running, {**OWNERS, **FACTS})
    return seconds / rows * 1e6, floor / rows * 1e6, questions


def measure(size):
    results = [at(copies, size) for copies in size.copies]
    names = [f"{copies}x" for copies in size.copies]
    (first, floor, _), (last, last_floor, _) = results[0], results[-1]
    out = [Figure("B14 import", f"cost of a row, {names[-1]} to 1x", last / first, "times", "less",
                  last_floor / floor, 1.3,
                  more={f"{name}_us": round(cost, 1) for name, (cost, _, _) in zip(names, results)})]
    for n, question in enumerate(query.QUESTIONS):
        figures = [result[2][n].more for result in results]
        copies = [1 if question.of_rep else of for of in size.copies]
        cost, under = ([figure[key] / of for figure, of in zip(figures, copies)]
                       for key in ("p50_ms", "floor_p50_ms"))
        out.append(Figure(question.name.replace("query", "B14"),
                          f"{question.work}, {names[-1]} to 1x", cost[-1] / cost[0], "times", "less",
                          under[-1] / max(under[0], 0.001), 1.3,
                          more={f"{name}_ms": figure["p50_ms"] for name, figure in zip(names, figures)}))
    return out
