from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from registrations.plivo.sandbox import Sandbox, Server


class Command(BaseCommand):
    help = "Run the Plivo sandbox: a small Plivo on this machine, for demos and tests."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, help="default: the port of PLIVO_API_URL")
        parser.add_argument("--state", type=Path, help="default: sandbox.json in DATA_DIR")

    def handle(self, *args: Any, host: str, port: int | None, **options: Any) -> None:
        port = urlsplit(settings.PLIVO_API_URL).port if port is None else port
        state = options["state"] or settings.DATA_DIR / "sandbox.json"
        accounts = {settings.PLIVO_AUTH_ID: settings.PLIVO_AUTH_TOKEN}
        try:
            server = Server(Sandbox(accounts, state), host, port or 0)
        except OSError as taken:
            raise CommandError(f"Port {port} on {host} cannot be used: {taken}.") from taken
        server.start()
        self.stdout.write(f"The Plivo sandbox listens on {server.url}/")
        over = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: over.set())
        over.wait()
        server.stop()
