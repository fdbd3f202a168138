"""One request over the wire, once: no retry, no redirect, no proxy or netrc of the environment.

`requests` raises the same exception for "refused" and for "closed after acting". What is provable
is whether a connection ever came to be: before that, not one byte of the request has left us.
"""

from __future__ import annotations

import http.client
import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3 import exceptions as below
from urllib3.connection import HTTPConnection, HTTPSConnection

from registrations.plivo.client.answers import NotSent, PlivoTrouble, Reply, Unknown
from registrations.plivo.vocabulary import storable

PIECE = 64 * 1024


class Wire:
    """Carries requests that are signed in with one account. Each thread has its own session."""

    def __init__(
        self,
        auth: tuple[str, str],
        *,
        connect_seconds: float,
        read_seconds: float,
        max_bytes: int,
    ) -> None:
        # As bytes: requests would encode text as Latin-1, and fail on what that does not know.
        self._auth = HTTPBasicAuth(auth[0].encode(), auth[1].encode())
        self._timeout = (connect_seconds, read_seconds)
        self._max_bytes = max_bytes
        self._local = threading.local()

    def carry(
        self,
        method: str,
        url: str,
        *,
        query: dict[str, Any] | None = None,
        fields: dict[str, Any] | None = None,
    ) -> Reply:
        """Send one request and read the whole answer, whatever it says.

        Raises NotSent if it provably never left us, Unknown if nobody can tell.
        """
        session = self._session()
        if method != "GET":
            # A kept connection may have died unseen, and what is sent on it is lost *somewhere*.
            session.close()
        try:
            with session.request(
                method,
                url,
                params=query,
                json=fields,
                auth=self._auth,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                return Reply(
                    status=response.status_code,
                    text=self._read(response),
                    retry_after=response.headers.get("Retry-After", ""),
                )
        except (requests.RequestException, below.HTTPError, OSError) as trouble:
            outcome = _provable(trouble)
        # Raised out here, or it would hold the trouble, that the request, and that the token.
        raise outcome

    def _read(self, response: requests.Response) -> str:
        body = bytearray()
        for piece in response.iter_content(PIECE):
            body += piece
            if len(body) > self._max_bytes:
                raise Unknown(
                    f"Plivo's answer is longer than {self._max_bytes} bytes.",
                    status=response.status_code,
                )
        return storable(body.decode("utf-8", "replace"))

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = _Session()
        return self._local.session


def _provable(trouble: Exception) -> PlivoTrouble:
    wrapped = trouble.args[0] if trouble.args else None
    cause: BaseException = trouble
    while inner := cause.__cause__ or cause.__context__:
        cause = inner
    if isinstance(getattr(wrapped, "reason", None), _NeverConnected):
        return NotSent(f"Plivo could not be reached: {cause}")
    return Unknown(f"The connection to Plivo broke: {cause or type(cause).__name__}")


class _Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False  # no proxy, no netrc, no other certificates
        self.headers.update(
            {
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "10dlc-portal",
            }
        )
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter())

    def get_redirect_target(self, resp: Any) -> None:
        """None: requests would read the body of a redirect, of any size, even to not follow it."""


class _NeverConnected(below.NewConnectionError):
    """No connection came to be, so nothing was sent on it."""


@contextmanager
def _connecting(connection: HTTPConnection) -> Iterator[None]:
    try:
        yield
    except (OSError, below.HTTPError) as trouble:
        raise _NeverConnected(connection, str(trouble)) from trouble


class _AnswerInTime(http.client.HTTPResponse):
    """An answer that must be there as a whole within the socket's read time-out.

    The socket counts from one byte to the next: a server that drips could hold us for ever.
    """

    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        seconds = sock.gettimeout()
        if seconds is not None:
            self.fp = io.BufferedReader(_Draught(sock, self.fp.detach(), seconds))


class _Draught(io.RawIOBase):
    def __init__(self, sock: socket, raw: io.RawIOBase, seconds: float) -> None:
        self._sock, self._raw = sock, raw
        self._deadline = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("The answer took too long.")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Http(HTTPConnection):
    response_class = _AnswerInTime

    def connect(self) -> None:
        with _connecting(self):
            super().connect()


class _Https(HTTPSConnection):
    response_class = _AnswerInTime

    def connect(self) -> None:
        with _connecting(self):
            super().connect()


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
