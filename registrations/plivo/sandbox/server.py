from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from registrations.plivo.sandbox.sandbox import Request, Response, Sandbox

# How often the sandbox looks whether something is due, in seconds.
TICK = 0.05


class Server:
    """The sandbox behind a socket, with a clock of its own. Port 0 takes any free one.

    Raises OSError if the port is taken.
    """

    def __init__(self, sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> None:
        self.sandbox = sandbox
        handler = type("Handler", (_Handler,), {"sandbox": sandbox})
        self._http = ThreadingHTTPServer((host, port), handler)
        self._http.daemon_threads = True
        self.url = f"http://{host}:{self._http.server_address[1]}"
        self._over = threading.Event()

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self._http.serve_forever, args=(TICK,), daemon=True).start()
        threading.Thread(target=self._keep_time, daemon=True).start()

    def stop(self) -> None:
        self._over.set()
        self._http.shutdown()
        self._http.server_close()

    def _keep_time(self) -> None:
        while not self._over.wait(TICK):
            self.sandbox.run_due()


class _Handler(BaseHTTPRequestHandler):
    sandbox: Sandbox
    protocol_version = "HTTP/1.1"
    timeout = 75

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        url = urlsplit(self.path)
        response = self.sandbox.handle(
            Request(
                method=self.command,
                path=url.path,
                query=url.query,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(length),
            )
        )
        time.sleep(response.wait)
        if response.drop:
            self.close_connection = True
        else:
            self._send(response)

    do_GET = do_POST = do_DELETE = _answer

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        body = response.body[: len(response.body) // 2] if response.truncate else response.body
        self.wfile.write(body)
        self.close_connection = self.close_connection or response.truncate

    def log_message(self, format: str, *args: object) -> None:
        """The sandbox remembers its calls itself."""
