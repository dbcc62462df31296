"""What a load generator has sent and what it was answered, on disk before the generator goes on."""

import json
import os
import threading


class Ledger:
    """Lines of JSON; one fsync serves all threads that wait at the same time."""

    def __init__(self, path):
        self._fd = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o644)
        self._changed = threading.Condition()
        self._pending, self._written, self._durable = [], 0, 0
        self._closing = False
        self.path = path
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def sent(self, request_id, kind):
        self._append({"sent": request_id, "kind": kind}, wait=False)

    def answered(self, request_id, status, reply):
        """Returns when the line is durable."""
        self._append({"answered": request_id, "status": status, "reply": reply}, wait=True)

    def _append(self, record, wait):
        line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
        with self._changed:
            self._pending.append(line)
            self._written += 1
            number = self._written
            self._changed.notify_all()
            while wait and self._durable < number:
                self._changed.wait()

    def _run(self):
        while True:
            with self._changed:
                while not self._pending and not self._closing:
                    self._changed.wait()
                lines, upto = self._pending, self._written
                self._pending = []
                if not lines:
                    return
            os.write(self._fd, b"".join(lines))
            os.fsync(self._fd)
            with self._changed:
                self._durable = upto
                self._changed.notify_all()

    def close(self):
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        os.close(self._fd)

    def read(self):
        """{request_id: kind} of what was sent, {request_id: (status, reply)} of the answers."""
        sent, answered = {}, {}
        with open(self.path, encoding="utf-8") as file:
            for line in file:
                record = json.loads(line)
                if "sent" in record:
                    sent[record["sent"]] = record["kind"]
                else:
                    answered[record["answered"]] = (record["status"], record["reply"])
        return sent, answered
