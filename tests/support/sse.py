"""A client of server-sent events that notes when each message came."""

import json
import queue
import socket
import threading
import time

from support.suite import snake


class Stream:
    """Reads /v1/stream in a thread; messages are (monotonic time, event, id, data)."""

    def __init__(self, port, as_=None, path="/v1/stream"):
        self.messages = queue.Queue()
        self.comments = queue.Queue()
        self.reading = threading.Event()
        self.reading.set()
        # The server ended the stream, and did not just break off.
        self.ended = False
        self._socket = socket.create_connection(("127.0.0.1", port), 10)
        self._socket.settimeout(60)
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n"
        if as_:
            head += f"X-Spm-As: {as_}\r\n"
        self._socket.sendall((head + "\r\n").encode())
        self._file = self._socket.makefile("rb", buffering=0)
        first = self._file.readline().split()
        if not first:
            self._socket.close()
            raise ConnectionError("the stream ended before its answer")
        self.status = int(first[1])
        self.headers = {}
        while (line := self._file.readline().strip()):
            name, _, value = line.decode("latin-1").partition(":")
            self.headers[name.lower()] = value.strip()
        self._chunked = self.headers.get("transfer-encoding") == "chunked"
        threading.Thread(target=self._run, daemon=True).start()

    def close(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()

    def _blocks(self):
        while True:
            self.reading.wait()
            if not self._chunked:
                data = self._socket.recv(1 << 16)
                if not data:
                    return
                yield data
                continue
            size = self._file.readline()
            if not size.strip():
                return
            left, parts = int(size, 16), []
            if left == 0:
                self.ended = True
                return
            while left:
                data = self._file.read(left)
                if not data:
                    return
                parts.append(data)
                left -= len(data)
            self._file.readline()
            yield b"".join(parts)

    def _run(self):
        rest = b""
        try:
            for block in self._blocks():
                rest += block.replace(b"\r\n", b"\n")
                while (end := rest.find(b"\n\n")) >= 0:
                    self._take(rest[:end].decode())
                    rest = rest[end + 2:]
        except (OSError, ValueError):
            pass
        self.messages.put((time.monotonic(), "closed", None, None))

    def _take(self, text):
        event, id_, data = "message", None, []
        for line in text.split("\n"):
            if line.startswith(":"):
                self.comments.put((time.monotonic(), line))
                continue
            name, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            if name == "event":
                event = value
            elif name == "id":
                id_ = value
            elif name == "data":
                data.append(value)
        if data:
            self.messages.put((time.monotonic(), event, id_, snake(json.loads("\n".join(data)))))

    def next(self, timeout=5.0):
        """The next message; queue.Empty where none comes in time."""
        return self.messages.get(timeout=timeout)


class Mirror:
    """The counters as a client of the stream knows them."""

    def __init__(self):
        self.values = {}

    def take(self, event, data):
        if event == "snapshot":
            self.values = {}
        for counter in data.get("counters", []):
            self.values[key(counter)] = counter.get("value")


def key(counter):
    return (counter["metric"], counter["grain"], counter["period"], counter.get("subject", ""))
