from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from portal.management.commands.seed_demo import DEMO_PEOPLE

# How long a part may take to come up, and to end when asked to, in seconds.
START_PATIENCE = 60
STOP_PATIENCE = 15

# A client that sends its body slowly occupies a thread: there are more of these than one would
# expect slow clients, and one that only waits costs next to nothing.
WEB_THREADS = "96"

DIES_WITH_ITS_PARENT = 1  # prctl's PR_SET_PDEATHSIG


class Command(BaseCommand):
    help = "Run the whole portal on this machine: web, worker with its clock, and the sandbox."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000, help="of the portal")
        parser.add_argument("--sandbox-port", type=int, default=8001)
        parser.add_argument("--demo", action="store_true", help="with people to sign in as")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        sandbox_port = options["sandbox_port"] if settings.PLIVO_IS_SANDBOX else None
        _demand_free(host, port, "--port")
        if sandbox_port is not None:
            _demand_free("127.0.0.1", sandbox_port, "--sandbox-port")
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        self.wanted = True
        call_command("migrate", verbosity=0)
        if options["demo"]:
            call_command("seed_demo")
        parts = _parts(host, port, sandbox_port, demo=options["demo"])
        environment = _environment(port, sandbox_port)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        try:
            for name, arguments in parts.items():
                self.running[name] = _start(name, arguments, environment)
            if self._wait_until_it_answers(f"http://{host}:{port}/readyz"):
                self._greet(host, port, sandbox_port, demo=options["demo"])
            while self.wanted and not self._fallen():
                time.sleep(0.2)
            fallen = self._fallen()
        finally:
            self._end()
        if self.wanted and fallen:
            raise CommandError("\n".join(_obituary(name, self.running[name]) for name in fallen))
        self.stdout.write("Everything has stopped.")

    def _stop(self, *_: Any) -> None:
        self.wanted = False

    def _fallen(self) -> list[str]:
        return [name for name, part in self.running.items() if part.poll() is not None]

    def _wait_until_it_answers(self, url: str) -> bool:
        patience = time.monotonic() + START_PATIENCE
        while self.wanted and not self._fallen() and time.monotonic() < patience:
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return True
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        return False

    def _greet(self, host: str, port: int, sandbox_port: int | None, *, demo: bool) -> None:
        self.stdout.write(f"\nThe portal is open at http://{host}:{port}/")
        if sandbox_port is not None:
            self.stdout.write(
                f"Requests go to the sandbox at http://127.0.0.1:{sandbox_port}/, never to Plivo."
            )
        if demo:
            self.stdout.write(f"\nSign in with the password  {settings.DEMO_PASSWORD}  as")
            for username, _, _, purpose in DEMO_PEOPLE:
                self.stdout.write(f"  {username:<8}{purpose}")
        self.stdout.write("\nCtrl-C stops everything.\n")
        self.stdout.flush()

    def _end(self) -> None:
        for part in self.running.values():
            if part.poll() is None:
                part.terminate()
        patience = time.monotonic() + STOP_PATIENCE
        for part in self.running.values():
            try:
                part.wait(max(0.1, patience - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(part.pid, signal.SIGKILL)
                part.wait()


def _parts(host: str, port: int, sandbox_port: int | None, *, demo: bool) -> dict[str, list[str]]:
    """What to run, as arguments of this Python."""
    parts = {
        "web": [
            *("-m", "granian", "--interface", "wsgi", "--no-ws", "--host", host),
            *("--port", str(port), "--workers", "1", "--blocking-threads", WEB_THREADS),
            *("--blocking-threads-idle-timeout", "600", "--log-level", "error"),
            "portal.wsgi:application",
        ],
        "worker": [
            *("-m", "celery", "-A", "portal", "worker", "-B", "--pool", "threads"),
            *("--concurrency", "4", "--loglevel", "WARNING"),
            *("--schedule", str(settings.DATA_DIR / "beat"), "--without-gossip"),
            "--without-mingle",
        ],
    }
    if sandbox_port is not None:
        sandbox = ["manage.py", "plivo_sandbox", "--port", str(sandbox_port)]
        # The demo begins with something to adopt.
        sandbox += ["--outside"] if demo else []
        parts = {"sandbox": sandbox, **parts}
    return parts


def _environment(port: int, sandbox_port: int | None) -> dict[str, str]:
    environment = {"DEBUG": str(settings.DEBUG), "DATA_DIR": str(settings.DATA_DIR), **os.environ}
    if "PUBLIC_URL" not in os.environ and settings.DEBUG:
        environment["PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    if sandbox_port is not None:
        environment["PLIVO_API_URL"] = f"http://127.0.0.1:{sandbox_port}"
    return environment


def _start(name: str, arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    with open(_log(name), "wb") as log:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Else Ctrl-C would reach every part twice, and a second one means "at once".
            start_new_session=True,
            preexec_fn=_die_with_the_parent,
        )


def _die_with_the_parent() -> None:
    """If this process is killed outright, its parts must not live on by themselves."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(DIES_WITH_ITS_PARENT, signal.SIGTERM)


def _demand_free(host: str, port: int, option: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise CommandError(
                f"Port {port} on {host} cannot be used ({taken.strerror}); "
                f"stop what uses it, or choose another with {option}."
            ) from taken


def _log(name: str) -> Path:
    folder = Path(settings.DATA_DIR) / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"


def _obituary(name: str, part: subprocess.Popen[bytes]) -> str:
    last = _log(name).read_text(errors="replace").splitlines()[-10:]
    lines = "\n".join(f"    {line}" for line in last)
    return (
        f"The {name} ended unasked with status {part.returncode}, so everything was stopped.\n"
        f"Its last words, from {_log(name)}:\n{lines}"
    )
