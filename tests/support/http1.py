"""A small HTTP/1.1 client over one kept-alive socket.

http.client spends half a millisecond of Python on each call; the fault tests send tens of thousands
of them beside the server on two cores. One Connection belongs to one thread.
"""

import socket


class Disconnected(Exception):
    """The peer went away before the whole answer had come. The command may or may not have run."""


class Connection:
    def __init__(self, port, host="127.0.0.1", timeout=30.0):
        self._address = (host, port)
        self._host = f"{host}:{port}"
        self._timeout = timeout
        self._socket = None
        self._buffer = b""

    def close(self):
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._buffer = b""

    def __del__(self):
        self.close()

    def request(self, method, path, body=None, headers=None):
        """Sends and returns (status, headers, body bytes). Raises Disconnected."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._address, self._timeout)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(self._encode(method, path, body, headers))
            return self._read(method)
        except (OSError, Disconnected) as error:
            self.close()
            raise Disconnected(str(error)) from error

    def _encode(self, method, path, body, headers):
        fields = {"Host": self._host}
        if body is not None:
            fields["Content-Type"] = "application/json"
            fields["Content-Length"] = str(len(body))
        fields.update(headers or {})
        head = [f"{method} {path} HTTP/1.1"]
        head += [f"{name}: {value}" for name, value in fields.items() if value is not None]
        return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + (body or b"")

    def _more(self):
        data = self._socket.recv(1 << 18)
        if not data:
            raise Disconnected("connection closed in the middle of an answer")
        self._buffer += data

    def _line(self):
        while True:
            end = self._buffer.find(b"\r\n")
            if end >= 0:
                line, self._buffer = self._buffer[:end], self._buffer[end + 2:]
                return line
            self._more()

    def _exactly(self, size):
        if len(self._buffer) < size:
            parts, have = [self._buffer], len(self._buffer)
            while have < size:
                data = self._socket.recv(1 << 20)
                if not data:
                    raise Disconnected("connection closed in the middle of a body")
                parts.append(data)
                have += len(data)
            self._buffer = b"".join(parts)
        out, self._buffer = self._buffer[:size], self._buffer[size:]
        return out

    def _read(self, method):
        status = int(self._line().split(b" ", 2)[1])
        headers = {}
        while True:
            line = self._line()
            if not line:
                break
            name, _, value = line.partition(b":")
            headers[name.strip().lower().decode()] = value.strip().decode("latin-1")
        if method == "HEAD" or status in (204, 304):
            body = b""
        elif headers.get("transfer-encoding", "").lower() == "chunked":
            body = self._chunks()
        else:
            body = self._exactly(int(headers.get("content-length", "0")))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return status, headers, body

    def _chunks(self):
        parts = []
        while True:
            size = int(self._line().split(b";")[0], 16)
            if size == 0:
                while self._line():
                    pass
                return b"".join(parts)
            parts.append(self._exactly(size))
            self._line()
