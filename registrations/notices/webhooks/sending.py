"""One message over the wire, once: to the address that was checked, and nowhere else.

No redirect is followed, no proxy of the environment is used, no more of the answer is read than is
kept, and whatever the other end does, it is over in time.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from registrations.notices.webhooks.addresses import (
    IPAddress,
    Resolve,
    Target,
    Unfit,
    addresses_of,
    check,
)

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
WHOLE_SECONDS = 15.0
KEPT_OF_ANSWER = 4096


@dataclass(frozen=True)
class Letter:
    """What is sent to where. It reads nothing from the database, so that a thread may carry it."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Reply:
    """What came of it: a status and the beginning of an answer, or why there is none."""

    status: int | None = None
    answer: str = ""
    error: str = ""
    address: str = ""
    milliseconds: int = 0

    @property
    def was_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def send(
    letter: Letter,
    *,
    resolve: Resolve = socket.getaddrinfo,
    whole_seconds: float = WHOLE_SECONDS,
) -> Reply:
    """Post one message and tell what came of it. Never raises for what the other end does."""
    reply, begun = Reply(), time.monotonic()
    try:
        target = check(letter.url)
        addresses = addresses_of(target, resolve)
        left = whole_seconds - (time.monotonic() - begun)
        with _Line(target, addresses, reply, left) as line:
            line.post(letter)
    except Unfit as refusal:
        reply.error = str(refusal)
    except (OSError, http.client.HTTPException, ValueError) as trouble:
        # What was said after the status is only for the log.
        if reply.status is None:
            reply.error = _in_words(trouble)
    elapsed = time.monotonic() - begun
    if reply.status is None and elapsed >= whole_seconds:
        reply.error = f"It took longer than {whole_seconds:g} seconds."
    reply.milliseconds = int(elapsed * 1000)
    return reply


class _Line:
    """A connection to one of the checked addresses, which is cut when its time is over."""

    def __init__(
        self, target: Target, addresses: list[IPAddress], reply: Reply, seconds: float
    ) -> None:
        self._target, self._addresses, self._reply = target, addresses, reply
        self._deadline = time.monotonic() + seconds
        self._socket: socket.socket | None = None
        self._secured: ssl.SSLSocket | None = None
        # The socket's own time-out counts from byte to byte: who drips would never meet it.
        self._cutter = threading.Timer(max(seconds, 0), self._cut)
        self._cutter.daemon = True

    def __enter__(self) -> _Line:
        self._cutter.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._cutter.cancel()
        for open_end in (self._secured, self._socket):
            if open_end is not None:
                open_end.close()

    def post(self, letter: Letter) -> None:
        connection = http.client.HTTPConnection(self._target.host, self._target.port)
        connection.sock = self._connected()
        connection.putrequest("POST", self._target.path, skip_host=True, skip_accept_encoding=True)
        for name, value in {
            "Host": self._target.host_header,
            "User-Agent": "10dlc-portal",
            "Content-Type": "application/json",
            "Content-Length": str(len(letter.body)),
            "Accept-Encoding": "identity",
            "Connection": "close",
            **letter.headers,
        }.items():
            connection.putheader(name, value)
        connection.endheaders(letter.body)
        response = connection.getresponse()
        if time.monotonic() >= self._deadline:
            raise TimeoutError  # it was cut amid its headers, which reads like their end
        self._reply.status, answer = response.status, bytearray()
        try:
            while piece := response.read1(KEPT_OF_ANSWER - len(answer)):
                answer += piece
        finally:
            self._reply.answer = answer.decode("utf-8", "replace")

    def _connected(self) -> socket.socket:
        trouble: OSError | None = None
        for address in self._addresses:
            left = self._deadline - time.monotonic()
            if left <= 0:
                break
            self._reply.address = str(address)
            try:
                place = (str(address), self._target.port)
                self._socket = socket.create_connection(place, timeout=min(CONNECT_SECONDS, left))
            except OSError as refused:
                trouble = refused
                continue
            self._socket.settimeout(min(READ_SECONDS, left))
            if not self._target.secure:
                return self._socket
            self._secured = _tls().wrap_socket(
                self._socket, server_hostname=self._target.host, do_handshake_on_connect=False
            )
            self._secured.do_handshake()
            return self._secured
        raise trouble or TimeoutError()

    def _cut(self) -> None:
        if self._socket is not None:
            # Not the method of an SSL socket, which would first take its parts away from whoever
            # reads. What is closed already cannot be shut.
            with suppress(OSError):
                socket.socket.shutdown(self._secured or self._socket, socket.SHUT_RDWR)


def _tls() -> ssl.SSLContext:
    """Certificates are checked against the authorities of this machine and the public ones."""
    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


def _in_words(trouble: Exception) -> str:
    if isinstance(trouble, ssl.SSLCertVerificationError):
        return f"The certificate is not good: {trouble.verify_message}"
    if isinstance(trouble, TimeoutError):
        return "There was no answer in time."
    return f"The connection failed: {str(trouble) or type(trouble).__name__}"
