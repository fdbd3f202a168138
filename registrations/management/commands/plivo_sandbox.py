from __future__ import annotations

import signal
import sqlite3
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from registrations.plivo.sandbox import Sandbox, outside, serve


class Command(BaseCommand):
    help = "Run the Plivo sandbox: a small Plivo on this machine, for demos and tests."
    # It stands in for somebody else's service, so it starts whatever state the portal is in.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, help="default: the port of PLIVO_API_URL")
        parser.add_argument(
            "--state", type=Path, help="the file it remembers in; default: in DATA_DIR"
        )
        parser.add_argument(
            "--delay", type=float, help="seconds from a request to Plivo's last word on it"
        )
        parser.add_argument(
            "--outside",
            action="store_true",
            help="while it has no brand, begin with one that was made outside the portal",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        host = options["host"]
        port = options["port"]
        if port is None:
            port = urlsplit(settings.PLIVO_API_URL).port
        if port is None:
            raise CommandError("PLIVO_API_URL names no port of this machine: give --port.")
        path = options["state"] or Path(settings.DATA_DIR) / "sandbox.sqlite3"
        accounts = {settings.PLIVO_AUTH_ID: settings.PLIVO_AUTH_TOKEN}
        try:
            sandbox = Sandbox(accounts, path)
        except ValueError:
            raise CommandError(
                "Set PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN: the sandbox's account has them too."
            ) from None
        except (sqlite3.DatabaseError, OSError) as trouble:
            raise CommandError(
                f"{path} cannot be the sandbox's memory ({trouble}): "
                "move it away or name another with --state."
            ) from trouble
        if options["delay"] is not None:
            sandbox.state.set(created_after=options["delay"] / 3, final_after=options["delay"])
        if options["outside"] and not len(sandbox.state.brands):
            outside.make(sandbox)
        # Before anything is announced: whoever reads the line below may stop us at once.
        over = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: over.set())
        try:
            server = serve(sandbox, host, port)
        except OSError as trouble:
            raise CommandError(
                f"Port {port} on {host} cannot be used ({trouble.strerror}): "
                "stop what runs there or give another --port."
            ) from trouble
        with server:
            self.stdout.write(f"The Plivo sandbox is ready at {server.url}/")
            self.stdout.flush()
            over.wait()
