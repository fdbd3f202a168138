"""A program of a client, which takes messages and answers as it is told to."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
from dataclasses import dataclass

from standardwebhooks import Webhook as Oracle


@dataclass
class Taken:
    """One message as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self):
        return self.headers["webhook-id"]

    def verified(self, secret):
        """What it says, if the standard's own library finds that this secret signed it."""
        return Oracle(secret).verify(self.body, self.headers)


class Receiver:
    """Listens on this machine; `answers` are given one after the other, the last one for ever."""

    def __init__(self, *answers, port=0, tls=None):
        self.answers, self.taken = list(answers or [200]), []
        self.arrived = threading.Condition()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver._take(Taken(self.path, dict(self.headers), body), self)

            def do_GET(self):
                receiver._take(Taken(f"GET {self.path}", dict(self.headers), b""), self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", port), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def _take(self, taken, handler):
        with self.arrived:
            self.taken.append(taken)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            self.arrived.notify_all()
        if callable(answer):
            answer(handler)
            return
        status, body, headers = (
            (answer, b"thanks", {}) if isinstance(answer, int) else (*answer, {})[:3]
        )
        with contextlib.suppress(OSError):
            handler.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(body)

    @property
    def ids(self):
        return [taken.id for taken in self.taken]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Raw:
    """A server that speaks no HTTP of its own: `serve` is given each connection."""

    def __init__(self, serve):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"
        self.connections = 0

        def loop():
            while True:
                try:
                    connection, _ = self.listening.accept()
                except OSError:
                    return
                self.connections += 1
                with connection, contextlib.suppress(OSError):
                    serve(connection)

        threading.Thread(target=loop, daemon=True).start()

    def stop(self):
        self.listening.close()


def leads_to(*addresses):
    """A resolver for which every name stands for these."""

    def resolve(host, port, **_):
        for address in addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            yield family, socket.SOCK_STREAM, 6, "", (address, port)

    return resolve
