from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registrations import reconcile, tasks
from registrations.models import REGISTRATION_MODELS, PlivoAccount
from registrations.plivo.client import PlivoTrouble


class Command(BaseCommand):
    help = "Compare what we show with what Plivo says, now, and look up what differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("references", nargs="*", help="only these, as BR-… CA-… NL-…")

    def handle(self, *args: Any, references: list[str], **options: Any) -> None:
        if references:
            for reference in references:
                reconcile.ask_for_look_up(self._find(reference))
        else:
            for account in PlivoAccount.objects.all():
                try:
                    reconcile.sweep_lists(account)
                except (PlivoTrouble, LookupError) as trouble:
                    raise CommandError(f"{account}: {trouble}") from trouble
        due = reconcile.due_look_ups()
        for kind, pk in due:
            tasks.look_up(kind=kind, pk=pk)
        self.stdout.write(f"{len(due)} looked up.")

    def _find(self, reference: str) -> Any:
        for model in REGISTRATION_MODELS:
            registration = model.objects.filter(reference=reference).first()
            if registration is not None:
                return registration
        raise CommandError(f"There is no registration {reference}.")
