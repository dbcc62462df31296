"""B7, embedded: from when a command is due to the event on a stream that shows it, at 500 a second.

Deals are created for 50 reps in turn. A rep's number of open deals on the stream says how many of
that rep's commands it shows. The floor is the same command's reply, in the same run.
"""

import subprocess
import threading
import time

from benches.base import Figure, measured, percentile, program
from support import suite
from support.company import Company
from support.sse import Stream

RATE = 500
REPS = 50


class Watch:
    """When the stream first showed each number of open deals of a rep, in microseconds."""

    def __init__(self, stream, reps):
        self.seen = {rep: {} for rep in reps}
        self.stream = stream
        self.failed = None
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while True:
            at, event, _, data = self.stream.next(60)
            if event == "closed":
                return
            for counter in data.get("counters", []):
                if counter["metric"] == "open" and counter.get("subject") in self.seen:
                    self.seen[counter["subject"]].setdefault(int(counter["value"]), at * 1e6)

    def shows(self, rep, number):
        return any(n >= number for n in self.seen[rep])

    def latencies(self, calls, reps):
        """Milliseconds of each call: the first message that shows so many deals of its rep."""
        number, out = dict.fromkeys(reps, 0), []
        for owner, due_us, _ in calls:
            rep = reps[owner]
            number[rep] += 1
            out.append((min(at for n, at in self.seen[rep].items() if n >= number[rep]) - due_us)
                       / 1000)
        return out


def load(running, company, reps, seconds):
    return measured(program("load_deal"), f"127.0.0.1:{running.grpc_port}", int(RATE * seconds),
                    RATE, company.product, *reps)


def measure(size):
    with suite.Suite() as running:
        company = Company(running)
        load(running, company, [company.id["ann"]], min(size.seconds, 2))
        reps = [company.create_person(f"rep {n}", unit=company.unit["n1"])["id"]
                for n in range(REPS)]
        running.settled()
        stream = Stream(running.port)
        watch = Watch(stream, reps)
        got = load(running, company, reps, size.seconds)
        assert got["failed"] == 0
        of_each = [sum(1 for owner, _, _ in got["calls"] if owner == n) for n in range(REPS)]
        suite.until(lambda: all(watch.shows(rep, n) for rep, n in zip(reps, of_each) if n), 30,
                    "every deal on the stream")
        stream.close()
        latencies = watch.latencies(got["calls"], reps)
    replies = [(answered - due) / 1000 for _, due, answered in got["calls"]]
    more = {"rate": RATE, "calls": len(replies), "max_ms": round(max(latencies), 1)}
    return [Figure(f"B7 p{int(share * 100)}", "command -> event on a stream",
                   percentile(latencies, share), "ms", "less", percentile(replies, share), reach,
                   more=more)
            for share, reach in ((0.5, 100), (0.99, 500))]
