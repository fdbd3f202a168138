from __future__ import annotations

import json
from argparse import ArgumentParser, FileType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registrations import evidence


class Command(BaseCommand):
    help = "Prove that no line of any trail was altered, removed or slipped in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--checkpoint", type=FileType("r"), help="a file that export_checkpoint wrote"
        )

    def handle(self, *args: Any, checkpoint: Any = None, **options: Any) -> None:
        try:
            remembered = json.load(checkpoint) if checkpoint else None
            found = list(evidence.faults(remembered))
        except (ValueError, KeyError) as trouble:
            raise CommandError(f"The checkpoint cannot be used: {trouble}") from trouble
        if found:
            raise CommandError("The audit trail is broken:\n - " + "\n - ".join(found))
        self.stdout.write("Every trail is as it was written.")
