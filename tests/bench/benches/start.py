"""B13: from the start of the process until it is ready, and its memory at rest.

The floor of the start is `spm --help`: the same binary and libraries, without a suite.
"""

import http.client
import subprocess
import time

from benches.base import Figure, median
from support import suite


def ready_ms(folder, port):
    """Starts a suite; milliseconds until /readyz answers 200, and the suite."""
    running = suite.Suite(folder, port)
    began = time.monotonic()
    running.folder.mkdir(parents=True, exist_ok=True)
    running.process = subprocess.Popen(
        [str(suite.binary()), "serve", "--data", str(folder), "--port", str(port)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=running.env, start_new_session=True, preexec_fn=suite.end_with_parent)
    while True:
        try:
            probe = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
            probe.request("GET", "/readyz")
            if probe.getresponse().status == 200:
                return (time.monotonic() - began) * 1000, running
        except OSError:
            pass
        assert time.monotonic() - began < 30, "not ready in 30 s"
        time.sleep(0.001)


def help_ms():
    began = time.monotonic()
    subprocess.run([str(suite.binary()), "--help"], check=True, stdout=subprocess.DEVNULL)
    return (time.monotonic() - began) * 1000


def memory(pid):
    """MiB resident, and of it what is the process's own."""
    status = open(f"/proc/{pid}/status", encoding="utf-8").read()
    kib = {line.split(":")[0]: int(line.split()[1]) for line in status.splitlines()
           if line.startswith(("VmRSS", "RssAnon"))}
    return kib["VmRSS"] / 1024, kib["RssAnon"] / 1024


def once():
    """A start in an empty folder and one in the folder that it left."""
    with suite.Suite() as place:
        place.stop()
        first, running = ready_ms(place.folder / "new", place.port)
        running.settled()
        time.sleep(1)
        resident, own = memory(running.process.pid)
        services = len(running.get("/v1/status")["services"])
        running.stop()
        again, running = ready_ms(place.folder / "new", place.port)
        running.stop()
    return first, again, resident, own, services


def measure(size):
    starts = [once() for _ in range(size.starts)]
    floor = median([help_ms() for _ in range(size.starts)])
    first, again, resident, own, services = zip(*starts)
    return [
        Figure("B13 ready", "start in a new folder until ready", median(first), "ms", "less", floor,
               500, more={"worst_ms": round(max(first), 1)}),
        Figure("B13 again", "start in a folder that is there", median(again), "ms", "less", floor,
               500, more={"worst_ms": round(max(again), 1)}),
        Figure("B13 memory", "resident at rest, a service", median(resident) / services[0], "MiB",
               "less", None, 64, more={"process_mib": round(median(resident), 1), "services": services[0],
                                       "own_mib": round(median(own), 1)}),
    ]
