from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from registrations import tasks
from registrations.actions import batches


class Command(BaseCommand):
    help = "Do everything that is due, in this process: works also when the broker is gone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then end")

    def handle(self, *args: Any, once: bool = False, **options: Any) -> None:
        while True:
            close_old_connections()
            batches.sweep_here()
            tasks.sweep_here()
            if once:
                return
            time.sleep(settings.SWEEP_SECONDS)
