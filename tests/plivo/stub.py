"""A server of few words: it notes each request, and answers what it was told to, byte for byte."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Seen:
    """One request, and the number of the connection that it came on."""

    connection: int
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    def json(self) -> Any:
        return json.loads(self.body)


# What a stub does with a request: it has the connection, and may do anything to it.
Act = Callable[[socket.socket, Seen], None]


def says(status: int, body: Any = "", **headers: str) -> Act:
    """An ordinary answer, after which the connection stays open."""

    def act(connection: socket.socket, seen: Seen) -> None:
        connection.sendall(answer(status, body, **headers))

    return act


def answer(status: int, body: Any = "", **headers: str) -> bytes:
    data = body if isinstance(body, bytes) else text_of(body).encode()
    named = {
        "Content-Type": "application/json",
        "Content-Length": str(len(data)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + data


def text_of(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body)


class Stub:
    """Answers every request with `act`, each connection in a thread of its own."""

    def __init__(self, act: Act | None = None, tls: Any = None) -> None:
        self.act = act or says(200, {})
        self.seen: list[Seen] = []
        self.connections = 0
        self.over = threading.Event()
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        port = self._listener.getsockname()[1]
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{port}"

    def stop(self) -> None:
        self.over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                thread = threading.Thread(
                    target=self._serve, args=(connection, self.connections), daemon=True
                )
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with suppress(OSError), connection:
            connection.settimeout(0.1)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            pending = b""
            while not self.over.is_set() and connection.fileno() >= 0:
                with suppress(TimeoutError):
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    pending += piece
                    if seen := _whole(pending, number):
                        pending = b""
                        self.seen.append(seen)
                        self.act(connection, seen)


def _whole(data: bytes, connection: int) -> Seen | None:
    """The request, once it is there as a whole."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    if len(body) < int(headers.get("content-length", 0)):
        return None
    method, target, _ = first.split(" ")
    return Seen(connection, method, target, headers, body)


# --- Ways to go wrong ---


def closes(connection: socket.socket, seen: Seen) -> None:
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def resets(connection: socket.socket, seen: Seen) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def is_silent(connection: socket.socket, seen: Seen) -> None:
    """Neither answers nor hangs up."""


def drips(data: bytes, stub_is_over: threading.Event) -> Act:
    """A good answer, but a byte at a time: a client that waits for it all gets it in the end."""

    def act(connection: socket.socket, seen: Seen) -> None:
        for byte in data:
            if stub_is_over.wait(0.05):
                return
            connection.sendall(bytes([byte]))

    return act


def breaks_off(data: bytes) -> Act:
    def act(connection: socket.socket, seen: Seen) -> None:
        connection.sendall(data)
        closes(connection, seen)

    return act
