"""Runs the real binary in a folder of its own and talks to it: JSON gateway, command line, signals.

Nothing here knows how the suite works inside; answers come back as plain dicts whose keys are
snake_case, whatever the gateway's spelling.
"""

import ctypes
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
import uuid

from support.http1 import Connection, Disconnected

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Numbers of google.rpc.Code.
CODES = ["OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
         "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
         "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
         "UNAUTHENTICATED"]


def binary():
    """Path of spm: SPM_BIN, else the build's."""
    if "SPM_BIN" in os.environ:
        return pathlib.Path(os.environ["SPM_BIN"]).resolve()
    for candidate in ("build/spm", "build/release/spm", "build/dev/spm"):
        if (ROOT / candidate).exists():
            return ROOT / candidate
    raise FileNotFoundError("no spm binary: build it, or set SPM_BIN")


def shared():
    """The folder that holds data/: SPM_SHARED, else ../shared. Missing data fails the test."""
    folder = pathlib.Path(os.environ.get("SPM_SHARED", ROOT.parent / "shared")).resolve()
    if not (folder / "data").is_dir():
        raise FileNotFoundError(
            f"{folder}/data does not exist: set SPM_SHARED to the folder that has "
            "data/crm-sales-opportunities in it")
    return folder


def sales_data():
    return shared() / "data" / "crm-sales-opportunities"


def new_id():
    return str(uuid.uuid4())


def free_port():
    """A port that is free together with the next one, which gRPC takes."""
    while True:
        port = random.randrange(20000, 32000, 2)
        try:
            for number in (port, port + 1):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
            return port
        except OSError:
            continue


def snake(value):
    """The same value with snake_case keys; what is a free map (metadata) keeps its keys."""
    if isinstance(value, list):
        return [snake(v) for v in value]
    if isinstance(value, dict):
        return {re.sub(r"([A-Z])", lambda m: "_" + m.group(1).lower(), k):
                (v if k == "metadata" else snake(v)) for k, v in value.items()}
    return value


def date(text):
    year, month, day = (int(part) for part in str(text).split("-"))
    return {"year": year, "month": month, "day": day}


def money(amount, currency="USD"):
    """Major units as google.type.Money; a text keeps its decimals."""
    sign = -1 if str(amount).startswith("-") else 1
    units, _, decimals = str(amount).lstrip("-").partition(".")
    out = {"currencyCode": currency, "units": str(sign * int(units))}
    if decimals:
        out["nanos"] = sign * int(decimals.ljust(9, "0"))
    return out


def minor(value):
    """Minor units of a google.type.Money of two digits."""
    return int(value.get("units", 0)) * 100 + int(value.get("nanos", 0)) // 10_000_000


def end_with_parent():
    """In a child: it is killed when this process ends, however that happens (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class ApiError(Exception):
    """A refused call: code by name, reason, message, violations {field: text}, metadata."""

    def __init__(self, status, body):
        self.status = status
        self.body = body
        error = body.get("error", body) if isinstance(body, dict) else {}
        code = error.get("status", error.get("code"))
        self.code = CODES[code] if isinstance(code, int) and code < len(CODES) else code
        self.message = error.get("message", "")
        self.reason, self.metadata, self.violations, self.retry = "", {}, {}, False
        for detail in error.get("details", []):
            kind = detail.get("@type", "").rsplit(".", 1)[-1]
            if kind == "ErrorInfo":
                self.reason = detail.get("reason", "")
                self.metadata = detail.get("metadata", {})
            elif kind == "BadRequest":
                for violation in detail.get("field_violations", []):
                    self.violations[violation.get("field", "")] = violation.get("description", "")
            elif kind == "RetryInfo":
                self.retry = True
        super().__init__(f"HTTP {status} {self.code} {self.reason}: {self.message} "
                         f"{self.violations or ''}")


class Suite:
    """One running `spm serve` with its folder. Use as a context manager."""

    def __init__(self, folder=None, port=None, demo=False, test_clock=False, env=None, args=(),
                 quiet=True):
        self._own_folder = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="spm-test-"))
        self.port = port or free_port()
        self.args = list(args)
        if demo:
            self.args.append("--demo")
        if test_clock:
            self.args.append("--test-clock")
        self.env = {**os.environ, **(env or {})}
        self.env.pop("SPM_DATA", None)
        self.process = None
        self._local = threading.local()
        self._quiet = quiet

    @property
    def grpc_port(self):
        return self.port + 1

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        if self.process is not None:
            self.kill()
        if kind is not None:
            self._show_log()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _show_log(self):
        log = self.folder / "test.out"
        if log.exists():
            print(f"--- last lines of {log}")
            print("\n".join(log.read_text(errors="replace").splitlines()[-15:]))

    # Process.

    def start(self, timeout=30.0):
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "test.out", "ab") as out:
            self.process = subprocess.Popen(
                [str(binary()), "serve", "--data", str(self.folder), "--port", str(self.port),
                 *self.args], stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self.env,
                start_new_session=True, preexec_fn=end_with_parent)
        self.wait_ready(timeout)
        return self

    def wait_ready(self, timeout=30.0):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.process.poll() is not None:
                self._show_log()
                raise RuntimeError(f"spm serve ended with {self.process.returncode}")
            try:
                connection = Connection(self.port, timeout=2.0)
                status, _, _ = connection.request("GET", "/readyz")
                connection.close()
                if status == 200:
                    return
            except Disconnected:
                pass
            time.sleep(0.02)
        self._show_log()
        raise TimeoutError(f"spm serve was not ready in {timeout} s")

    def stop(self, timeout=30.0):
        """SIGTERM, as an operator stops it; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout)
        self.process = None
        return code

    def kill(self):
        """kill -9; returns when the process is gone."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def restart(self):
        self.stop()
        return self.start()

    # Calls.

    def connection(self):
        """This thread's connection."""
        if not hasattr(self._local, "connection"):
            self._local.connection = Connection(self.port)
        return self._local.connection

    def raw(self, method, path, body=None, headers=None):
        """(status, headers, body bytes); `body` is bytes. One repeat where the server had closed an
        idle connection of a call that changes nothing."""
        connection = self.connection()
        try:
            return connection.request(method, path, body, headers)
        except Disconnected:
            if method != "GET":
                raise
            return connection.request(method, path, body, headers)

    def call(self, method, path, body=None, as_=None, query=None, headers=None):
        """The answer as a dict. Raises ApiError."""
        if query:
            pairs = [(k, v) for k, v in query.items() if v is not None]
            path += "?" + urllib.parse.urlencode(pairs, doseq=True)
        fields = dict(headers or {})
        if as_ is not None:
            fields["X-Spm-As"] = as_
        data = None if body is None else json.dumps(body).encode()
        status, _, answer = self.raw(method, path, data, fields)
        try:
            parsed = snake(json.loads(answer)) if answer else {}
        except ValueError:
            parsed = {"message": answer.decode(errors="replace")}
        if status != 200:
            raise ApiError(status, parsed)
        return parsed

    def get(self, path, as_=None, **query):
        return self.call("GET", path, as_=as_, query=query)

    def post(self, path, body=None, as_=None):
        return self.call("POST", path, body if body is not None else {}, as_)

    def command(self, path, body=None, as_=None, method="POST", request_id=None):
        """A mutation with a request id of its own."""
        return self.call(method, path, {"request_id": request_id or new_id(), **(body or {})}, as_)

    def delete(self, path, as_=None, **query):
        return self.call("DELETE", path, as_=as_, query={"request_id": new_id(), **query})

    def pages(self, path, field, as_=None, **query):
        """Every record of a list, over its pages."""
        out, token = [], ""
        while True:
            answer = self.get(path, as_=as_, page_token=token or None, **query)
            out += answer.get(field, [])
            token = answer.get("next_page_token", "")
            if not token:
                return out

    def query(self, metrics, group_by=(), start="2017-01-01", end="2017-12-31", filters=None,
              as_=None, include_empty=False):
        """QueryMetrics as it answers; filters is {dimension: [values]}."""
        return self.post("/v1/metrics:query", {
            "metrics": list(metrics), "group_by": list(group_by),
            "from": date(start), "to": date(end), "include_empty": include_empty,
            "filters": [{"dimension": d, "values": v} for d, v in (filters or {}).items()]}, as_)

    def figure(self, metric, start="2017-01-01", end="2017-12-31", filters=None, as_=None):
        """One figure without groups: a number, or None."""
        rows = self.query([metric], (), start, end, filters, as_).get("rows", [])
        return rows[0]["values"][0].get("value") if rows else 0

    def written(self):
        """How far each service's journal goes: equal where nothing was written between."""
        return [self.get(f"/v1/journals/{service}/events", page_size=1).get("last_seq", 0)
                for service in ("org", "orders", "leads", "performance")]

    def journal(self, service, types=(), from_seq=0):
        """Every event of a service after a position; short type names choose."""
        out, seq = [], from_seq
        while True:
            answer = self.get(f"/v1/journals/{service}/events", from_seq=seq, page_size=5000,
                              types=list(types) or None)
            events = answer.get("events", [])
            out += events
            if not events or int(events[-1]["seq"]) >= int(answer.get("last_seq", 0)):
                return out
            seq = int(events[-1]["seq"])

    def settled(self, timeout=60.0):
        """Waits until every service has applied everything that was published."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            status = self.get("/v1/status")
            applied = self.get("/v1/journals/performance/applied")
            waiting = sum(int(s.get("outbox", 0)) + int(s.get("lane_depth", 0))
                          for s in status.get("services", []))
            waiting += sum(int(s.get("pending", 0)) for s in applied.get("sources", []))
            if waiting == 0:
                return
            time.sleep(0.02)
        raise TimeoutError(f"not settled in {timeout} s: {status} {applied}")

    # Command line.

    def cli(self, *args, check=None, env=None, timeout=600, text=True):
        """Runs `spm --data FOLDER ARGS...`; check is the exit code expected."""
        result = subprocess.run(
            [str(binary()), "--data", str(self.folder), *[str(a) for a in args]],
            stdin=subprocess.DEVNULL, capture_output=True, text=text, timeout=timeout,
            env={**self.env, **(env or {})}, cwd=ROOT)
        if check is not None and result.returncode != check:
            raise AssertionError(f"spm {' '.join(map(str, args))} ended with {result.returncode}, "
                                 f"expected {check}\n{result.stdout[-3000:]}{result.stderr[-3000:]}")
        return result

    def cli_json(self, *args):
        return json.loads(self.cli(*args, "--json", check=0).stdout)

    def advance(self, by):
        """Moves the test clock, for example by 7d or 1s."""
        self.cli("clock", "advance", by, check=0)


def until(condition, timeout=10.0, what="the condition"):
    """Waits for condition() to be true and returns its value."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come within {timeout} s")
        time.sleep(0.01)
