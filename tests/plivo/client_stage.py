"""A server that answers as a test tells it to, well or badly, over real sockets."""

import contextlib
import json
import socket
import ssl
import struct
import threading
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from registrations.plivo.client import PlivoClient

AUTH_ID, AUTH_TOKEN = "MASTAGESTAGESTAGEST", "a-token-that-nobody-may-see"
BASE = f"/v1/Account/{AUTH_ID}"
CALLBACK_URL = "https://portal.example.com/callbacks/plivo/tkn-7Qm2/"


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def path(self):
        return urlsplit(self.target).path

    @property
    def query(self):
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def json(self):
        return json.loads(self.body)


# --- Answers: each is given the connection, and says whether it may be kept ---


def raw(data):
    """These very bytes, then the end."""

    def answer(connection, over):
        connection.sendall(data)
        return False

    return answer


def page(body, status=200, **headers):
    """A well-formed answer, whatever its body."""
    data = body if isinstance(body, bytes) else body.encode()
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(data)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    message = "\r\n".join(lines).encode() + b"\r\n\r\n" + data

    def answer(connection, over):
        connection.sendall(message)
        return True

    return answer


def says(document, status=200, **headers):
    return page(json.dumps(document), status, Content_Type="application/json", **headers)


def hangs_up(connection, over):
    return False


def resets(connection, over):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def is_silent(connection, over):
    over.wait(30)
    return False


def drips(before, drop=b" "):
    """Says `before`, then a drop again and again for as long as anybody listens."""

    def answer(connection, over):
        connection.sendall(before)
        while not over.wait(0.05):
            connection.sendall(drop)
        return False

    return answer


def floods(before):
    """Says `before`, then twenty megabytes as fast as they are taken, and no end."""

    def answer(connection, over):
        connection.sendall(before)
        for _ in range(20):
            connection.sendall(b"x" * 1_000_000)
        return is_silent(connection, over)

    return answer


class StubServer:
    """Gives the planned answers, one a request and in order; keeps what it was asked."""

    def __init__(self, tls=None):
        self.requests = []
        self.connections = 0
        self._answers = []
        self._tls = tls
        self._over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def will(self, *answers):
        self._answers.extend(answers)

    def client(self, **options):
        return PlivoClient(AUTH_ID, AUTH_TOKEN, **{"base_url": self.url, **options})

    @property
    def last(self):
        return self.requests[-1]

    def stop(self):
        self._over.set()
        with contextlib.suppress(OSError):
            # Closing alone would let the thread that waits for a connection take one more.
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            number = self.connections
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection, number):
        # Whatever the other side does to the connection is its right: tests look at the client.
        try:
            if isinstance(self._tls, ssl.SSLContext):
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as stream:
                while (request := _read(stream, number)) is not None:
                    self.requests.append(request)
                    if not self._answers.pop(0)(connection, self._over):
                        break
        except OSError:
            connection.close()


def _read(stream, number):
    line = stream.readline().decode("latin-1")
    if "HTTP/1.1" not in line:
        return None
    method, target, _ = line.split(" ", 2)
    headers = {}
    while (line := stream.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return Request(method, target, headers, body, number)
