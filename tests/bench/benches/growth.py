"""B14, embedded: how the import's cost of a row and a question's time grow with the data.

The data set is copied under new keys (deals, accounts, reps). A figure is the cost at the most
copies over that at one; its floor is how the same SQL grows.
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
    (first, floor, asked), (last, last_floor, last_asked) = results[0], results[-1]
    out = [Figure("B14 import", f"cost of a row, {names[-1]} to 1x", last / first, "times", "less",
                  last_floor / floor, 1.3,
                  more={f"{name}_us": round(cost, 1) for name, (cost, _, _) in zip(names, results)})]
    for n, question in enumerate(asked):
        times = [figures[n].more["p50_ms"] for _, _, figures in results]
        floors = [figures[n].more["floor_p50_ms"] for _, _, figures in results]
        out.append(Figure(question.name.replace("query", "B14"), f"{question.work}, {names[-1]} to 1x",
                          times[-1] / times[0], "times", "less", floors[-1] / max(floors[0], 0.001), 1.3,
                          more={**{f"{name}_ms": t for name, t in zip(names, times)},
                                "rows": last_asked[n].more["rows"]}))
    return out
