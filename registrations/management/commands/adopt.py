from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from registrations import actions
from registrations.actions import Adoption, CannotAsk, NotAllowed, Wanted
from registrations.legible import straightened
from registrations.models import Organization, PlivoAccount

HEADS = ("kind", "id at Plivo", "name", "what becomes of it", "why")


class Command(BaseCommand):
    help = (
        "Adopt what was made outside the portal and exists only at Plivo. "
        "Without --really it only says what would happen."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "ids",
            nargs="*",
            help="of brands and campaigns, CAMPAIGN/NUMBER of numbers, CAMPAIGN/* of all its",
        )
        parser.add_argument("--everything", action="store_true", help="all that only Plivo has")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="who adopts it")
        parser.add_argument(
            "--organization",
            metavar="NAME",
            help="to whom new brands shall belong; what is named beside them must be its already",
        )
        parser.add_argument("--account", metavar="AUTH_ID", help="default: that of the settings")
        parser.add_argument("--really", action="store_true", help="do it")
        parser.add_argument("--json", action="store_true", help="one object a line")

    def handle(self, *args: Any, ids: list[str], **options: Any) -> None:
        if bool(ids) == options["everything"]:
            raise CommandError("Name what to adopt by its ids, or say --everything.")
        by = _person(options["by"])
        account = _account(options["account"])
        organization = _organization(options["organization"])
        try:
            wanted = [Wanted(plivo_id, organization) for plivo_id in ids]
            if options["everything"]:
                wanted = actions.everything_in(actions.compare(account, by=by), organization)
            outcomes = actions.adopt(account, wanted, by=by, dry_run=not options["really"])
        except (NotAllowed, CannotAsk) as trouble:
            raise CommandError(str(trouble)) from trouble
        self._tell(outcomes, as_json=options["json"])
        if not (options["really"] or options["json"]):
            self.stdout.write("Nothing was changed: this was a trial. Say --really to do it.")
        left = sum(not outcome.is_good for outcome in outcomes)
        if left:
            raise CommandError(f"{left} of {len(outcomes)} cannot be adopted.")

    def _tell(self, outcomes: Sequence[Adoption], *, as_json: bool) -> None:
        if as_json:
            for outcome in outcomes:
                self.stdout.write(json.dumps(_told(outcome)))
        elif outcomes:
            rows = [HEADS, *map(_cells, outcomes)]
            widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
            for row in rows:
                cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
                self.stdout.write("  ".join(cells).rstrip())
        else:
            self.stdout.write("Everything that Plivo has is here already.")


def _told(outcome: Adoption) -> dict[str, Any]:
    registration = outcome.registration
    return {
        "plivo_id": outcome.plivo_id,
        "kind": outcome.kind,
        "name": outcome.name,
        "result": outcome.result.value,
        "reason": outcome.reason,
        "reference": registration.reference if registration else None,
    }


def _cells(outcome: Adoption) -> tuple[str, ...]:
    registration = outcome.registration
    reason = outcome.reason or (f"It is {registration}." if registration else "")
    texts = (outcome.kind, outcome.plivo_id, outcome.name, outcome.result.label, reason)
    return tuple(_on_one_line(text) for text in texts)


def _on_one_line(text: str) -> str:
    """Names come from elsewhere: nothing in them moves the cursor or turns the line around."""
    return "".join(sign if sign.isprintable() else "�" for sign in straightened(text))


def _person(username: str) -> User:
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise CommandError(f"There is nobody called {username} who may sign in.")
    return person


def _account(auth_id: str | None) -> PlivoAccount:
    if auth_id is None:
        accounts = list(PlivoAccount.objects.all()[:2])
        if len(accounts) == 1:
            return accounts[0]
        auth_id = settings.PLIVO_AUTH_ID
    account = PlivoAccount.objects.filter(auth_id=auth_id).first()
    if account is None:
        raise CommandError(f"There is no account {auth_id}. Name one with --account.")
    return account


def _organization(name: str | None) -> Organization | None:
    if name is None:
        return None
    organization = Organization.objects.filter(name=name).first()
    if organization is None:
        raise CommandError(f"There is no organization {name}. Make it in the admin first.")
    return organization
