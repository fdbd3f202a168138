from __future__ import annotations

from argparse import ArgumentParser, FileType
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from registrations import actions
from registrations.importing import (
    LARGEST_FILE,
    LAYOUTS,
    Import,
    Result,
    Unreadable,
    answered,
    counted,
)
from registrations.models import Brand, Campaign, Organization, Registration

KINDS: dict[str, type[Registration]] = {"brands": Brand, "campaigns": Campaign}


class Command(BaseCommand):
    help = (
        "Import brands or campaigns from a CSV file, and write the file again with the result and "
        "the reasons beside each row. Without --really it is only checked."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=KINDS)
        parser.add_argument("file", type=FileType("rb"), help="the CSV file; - reads it from stdin")
        parser.add_argument("--organization", required=True, help="whose they become, by its name")
        parser.add_argument("--by", required=True, help="the user name of whoever imports them")
        parser.add_argument("--really", action="store_true", help="make drafts, do not only check")
        parser.add_argument(
            "--send", action="store_true", help="also send for review what nothing stands against"
        )
        parser.add_argument(
            "--output", type=Path, help="where to write the answer; default: stdout"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        model = KINDS[options["kind"]]
        try:
            table = LAYOUTS[model].read(options["file"].read(LARGEST_FILE + 1))
            wanted = Import(
                table,
                model,
                _organization(options["organization"]),
                by=_person(options["by"]),
                send=options["send"],
            )
        except (Unreadable, actions.NotAllowed) as refusal:
            raise CommandError(str(refusal)) from refusal
        outcomes = wanted.carry_out() if options["really"] else wanted.outcomes
        answer = answered(table, outcomes)
        if options["output"]:
            options["output"].write_text(answer, encoding="utf-8", newline="")
        else:
            self.stdout.write(answer, ending="")
        counts = counted(outcomes)
        told = ", ".join(f"{count} {result.label.lower()}" for result, count in counts.items())
        if Result.REFUSED in counts:
            raise CommandError(f"{told}.")
        self.stderr.write(f"{told}.")


def _organization(name: str) -> Organization:
    found = Organization.objects.filter(name=name).first()
    if found is None:
        raise CommandError(f"There is no organization {name}.")
    return found


def _person(username: str) -> User:
    found = User.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise CommandError(f"There is nobody {username} who may sign in.")
    return found
