from __future__ import annotations

import contextlib
import ipaddress
import queue
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from registrations.plivo.sandbox.calls import Response, json_response
from registrations.plivo.sandbox.sandbox import Sandbox

# How many callbacks are under way at once: a receiver may take 8 seconds for one.
CARRIERS = 16
LARGEST_BODY = 1024 * 1024


class Server:
    """A sandbox behind a socket, in the background from `start` to `stop`; port 0 is any free one.

    With `keep_time` off nothing happens by itself: whoever holds the sandbox calls `step`.
    Raises OSError if the address cannot be used.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        keep_time: bool = True,
    ) -> None:
        self.sandbox = sandbox
        self.over = threading.Event()
        self._work = [self._listen]
        if keep_time:
            self._work += [self._keep_time, *[self._carry] * CARRIERS]
        self._http = _Sockets((host, port), _Handler)
        self._http.room = self
        self._letters: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.port = int(self._http.server_address[1])
        self.url = f"http://{host}:{self.port}"

    def start(self) -> None:
        for work in self._work:
            threading.Thread(target=work, name=f"sandbox{work.__name__}", daemon=True).start()

    def stop(self) -> None:
        """Stop listening, drop the connections, send no more callbacks. They stay planned."""
        self.over.set()
        self.sandbox.news.set()
        self._http.shutdown()
        self._http.server_close()
        self._http.drop_connections()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _listen(self) -> None:
        self._http.serve_forever(poll_interval=0.05)

    def _keep_time(self) -> None:
        while not self.over.is_set():
            self.sandbox.news.clear()
            for letter in self.sandbox.take_due():
                self._letters.put(letter)
            self.sandbox.news.wait(self.sandbox.seconds_to_next())
        for _ in range(CARRIERS):
            self._letters.put("")

    def _carry(self) -> None:
        while letter := self._letters.get():
            if self.over.is_set():
                self.sandbox.release(letter)
            else:
                self.sandbox.deliver(letter)


def serve(
    sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0, *, keep_time: bool = True
) -> Server:
    """Start a Server; in a `with` it stops by itself."""
    server = Server(sandbox, host, port, keep_time=keep_time)
    server.start()
    return server


class _Sockets(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    room: Server

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def drop_connections(self) -> None:
        """A stopped Plivo does not go on answering on connections that were kept alive."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are everyday life, and some tests are made of it."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Sockets
    protocol_version = "HTTP/1.1"
    server_version = "PlivoSandbox"
    timeout = 75
    # One packet an answer, at once.
    wbufsize = -1
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdigit() or int(length) > LARGEST_BODY:
            self.close_connection = True
            self._send(json_response(413, {"error": "the body is too large"}))
            return
        body = self.rfile.read(int(length))
        path, _, query = self.path.partition("?")
        sandbox, over = self.server.room.sandbox, self.server.room.over
        if over.is_set():
            self.close_connection = True
            return
        if (path == "/" or path.startswith("/control/")) and not self._is_near():
            self._send(json_response(403, {"error": "only this machine may control the sandbox"}))
            return
        response = sandbox.handle(self.command, path, query, dict(self.headers), body)
        if response.delay:
            over.wait(response.delay)
        self._send(response)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _answer

    def _is_near(self) -> bool:
        return ipaddress.ip_address(self.client_address[0]).is_loopback

    def _send(self, response: Response) -> None:
        if response.cut in ("closed", "reset"):
            self.close_connection = True
            if response.cut == "reset":
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
            return
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if response.cut == "half":
            self.close_connection = True
            self.wfile.write(response.body[: len(response.body) // 2])
        else:
            self.wfile.write(response.body)

    def log_message(self, format: str, *args: object) -> None:
        """The sandbox remembers its calls itself."""
