from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from callbacks import applying
from callbacks.models import PENDING, Callback


class Command(BaseCommand):
    help = "Apply a kept callback once more, after what kept it from being applied was mended."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("callback", type=int, help="its number")

    def handle(self, *args: Any, **options: Any) -> None:
        number = options["callback"]
        callback = Callback.objects.filter(pk=number).first()
        if callback is None:
            raise CommandError(f"There is no callback {number}.")
        if callback.outcome not in PENDING:
            raise CommandError(f"Callback {number} is {callback.outcome}; it is not applied again.")
        self.stdout.write(applying.reapply(number).outcome)
