"""Making drafts of rows, each for itself: one that is refused keeps no other back."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import DatabaseError, models, transaction
from django.http import QueryDict

from registrations import actions, preflight
from registrations.forms.guidance import Group, Step
from registrations.forms.registration import RegistrationForm, one_line
from registrations.importing.columns import LAYOUTS, REASONS, RESULT
from registrations.importing.files import Line, Table, write
from registrations.models import (
    Brand,
    Campaign,
    Organization,
    PlivoAccount,
    Registration,
    Role,
    roles_of,
)
from registrations.preflight import BLOCK, INFO, Finding

logger = logging.getLogger(__name__)

# By the rules by which the API takes it.
EXTERNAL_ID = forms.CharField(max_length=100, required=False, validators=[one_line])
WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class Result(models.TextChoices):
    """What became of a row, or would become of it."""

    CREATED = "created", "Created"
    SENT_FOR_REVIEW = "sent_for_review", "Sent for review"
    WOULD_BE_CREATED = "would_be_created", "Would be created"
    ALREADY_HERE = "already_here", "Already here"
    REFUSED = "refused", "Refused"


@dataclass(frozen=True)
class Outcome:
    """What became of one row, why, and the registration that it is now, if any.

    `reasons` are what stands against it, and also what is only to be known.
    """

    line: Line
    result: Result
    reasons: list[Finding]
    registration: Any = None


def answered(table: Table, outcomes: Iterable[Outcome]) -> str:
    """The same file, with what became of each row beside it."""
    rows = (
        [*outcome.line.cells.values(), outcome.result.value, "\n".join(map(told, outcome.reasons))]
        for outcome in outcomes
    )
    return write([*table.headings, RESULT, REASONS], rows, table.delimiter)


def counted(outcomes: Iterable[Outcome]) -> dict[Result, int]:
    """How many rows had each result; what none had is left out."""
    counts = Counter(outcome.result for outcome in outcomes)
    return {result: counts[result] for result in Result if counts[result]}


def told(found: Finding) -> str:
    """A reason as one line: `field: message remedy [severity code]`."""
    about = f"{found.field}: " if found.field else ""
    words = " ".join(f"{found.message} {found.remedy}".split())
    return f"{about}{words} [{' '.join(filter(None, [found.severity, found.rule]))}]"


class _Misfit(Exception):
    """What stands in these cells fits no field; `findings` say why."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__()


class Import:
    """The rows of a file, checked for one organization on behalf of one person.

    `outcomes` say what would become of them; nothing is saved before `carry_out`. With `send`, it
    also asks for review where nothing blocks. Raises NotAllowed if this person may not.
    """

    def __init__(
        self,
        table: Table,
        model: type[Registration],
        organization: Organization,
        *,
        by: Any,
        send: bool = False,
    ) -> None:
        _demand_importer(by, organization, send)
        self.layout, self.organization = LAYOUTS[model], organization
        self.by, self.send = by, send
        self.step = Step("row", "A row", "", (Group(tuple(self.layout.form._meta.fields or ())),))
        self.of_model = {field.name: field for field in model._meta.fields}
        self.accounts = dict(PlivoAccount.objects.values_list("auth_id", "pk"))
        self.brands: dict[tuple[str, str], Brand | None] = {}
        # What has one of the file's external ids: in the database, or in a row above.
        self.owners: dict[str, Any] = self._owners(filter(None, map(_external_id, table.lines)))
        self.drafts: dict[int, Any] = {}
        self.outcomes = [self._checked(line) for line in table.lines]

    def carry_out(self) -> list[Outcome]:
        """Make a draft of each row that fits, each in a transaction of its own."""
        return [
            self._made(outcome) if outcome.result == Result.WOULD_BE_CREATED else outcome
            for outcome in self.outcomes
        ]

    def _checked(self, line: Line) -> Outcome:
        external_id = _external_id(line)
        if external_id in self.owners:
            return _already_here(line, self.owners[external_id])
        try:
            registration = self._read(line)
        except _Misfit as misfit:
            return Outcome(line, Result.REFUSED, misfit.findings)
        if external_id:
            self.owners[external_id] = "A row above"
        self.drafts[line.number] = registration
        return Outcome(line, Result.WOULD_BE_CREATED, preflight.check(registration))

    def _made(self, checked: Outcome) -> Outcome:
        line = checked.line
        try:
            with transaction.atomic():
                return self._saved(checked, self.drafts[line.number])
        except actions.Taken:
            # Somebody else imports the same at this moment.
            owner = next(iter(self._owners([_external_id(line)]).values()), "Another one")
            return _already_here(line, owner)
        except DatabaseError:
            # Those before it are made already, and the person must hear of each.
            logger.exception("Row %s could not be imported", line.number)
            remedy = "Import this row again; if it lasts, tell whoever runs the portal."
            found = _finding("", "error", "It could not be saved.", remedy)
            return Outcome(line, Result.REFUSED, [found])

    def _saved(self, checked: Outcome, registration: Any) -> Outcome:
        line, found = checked.line, checked.reasons
        actions.draft(registration, by=self.by)
        if external_id := _external_id(line):
            actions.give_external_id(registration, external_id, by=self.by)
        if not self.send or preflight.blocking(found):
            return Outcome(line, Result.CREATED, found, registration)
        try:
            actions.send_for_review(registration, by=self.by)
        except actions.Blocked as blocked:
            # A row above has changed what preflight sees.
            return Outcome(line, Result.CREATED, blocked.findings, registration)
        return Outcome(line, Result.SENT_FOR_REVIEW, found, registration)

    def _owners(self, external_ids: Iterable[str]) -> dict[str, Any]:
        """What the organization calls so already."""
        rows = self.layout.model.objects.for_user(self.by).filter(organization=self.organization)
        return {row.external_id: row for row in rows.filter(external_id__in=list(external_ids))}

    def _read(self, line: Line) -> Any:
        """The registration that this row describes, not saved yet."""
        brand = self._brand(line.cells)
        found = list(self._misfits(line.cells, brand))
        form = self.layout.form(self._posted(line.cells, brand), user=self.by, step=self.step)
        if not form.is_valid():
            said = {one.field for one in found}
            found += [one for one in self._errors(form) if one.field not in said]
        if found:
            raise _Misfit(found)
        return form.save(commit=False)

    def _posted(self, cells: dict[str, str], brand: Brand | None) -> QueryDict:
        """What a browser would send for these cells. An empty one is as the form begins."""
        begun, posted = self.layout.model(), QueryDict(mutable=True)
        for name in self.step.fields:
            cell, field = cells.get(name, ""), self.of_model[name]
            word = cell.strip()
            if name == "organization":
                posted[name] = str(self.organization.pk)
            elif name == "account":
                posted[name] = str(self.accounts.get(word, ""))
            elif name == "brand":
                posted[name] = str(brand.pk) if brand else ""
            elif name == "sub_usecases":
                posted.setlist(name, re.findall(r"[^|\s]+", word))
            elif isinstance(field, models.BooleanField):
                posted[name] = str(WORDS.get(word.lower(), False))
            else:
                posted[name] = cell if word else field.value_from_object(begun)
        return posted

    def _misfits(self, cells: dict[str, str], brand: Brand | None) -> Iterator[Finding]:
        """What the form would not see, because a browser cannot send it."""
        for error in _errors_in_external_id(cells):
            yield _finding("external_id", error.code or "invalid", " ".join(error.messages))
        for name, cell in cells.items():
            if isinstance(self.of_model.get(name), models.BooleanField):
                if (word := cell.strip().lower()) and word not in WORDS:
                    message = "This is neither yes nor no."
                    yield _finding(name, "invalid", message, "Write true or false.")
        account = cells.get("account", "").strip()
        if account and account not in self.accounts:
            remedy = "Write its auth id, or leave this empty if there is one only."
            yield _finding("account", "does_not_exist", "There is no such Plivo account.", remedy)
        if self.layout.model is Campaign and brand is None:
            message = f"{self.organization} has no such brand."
            remedy = "Write its reference, or import it first and name it by brand_external_id."
            yield _finding("brand", "does_not_exist", message, remedy)

    def _brand(self, cells: dict[str, str]) -> Brand | None:
        """The brand that a campaign's row names; named in two ways, both have to mean the same."""
        reference = cells.get("brand", "").strip().upper()
        external_id = cells.get("brand_external_id", "").strip()
        if not reference and not external_id:
            return None
        if (reference, external_id) not in self.brands:
            named = {"reference": reference, "external_id": external_id}
            brands = Brand.objects.for_user(self.by).filter(organization=self.organization)
            wanted = brands.filter(**{name: value for name, value in named.items() if value})
            self.brands[reference, external_id] = wanted.first()
        return self.brands[reference, external_id]

    def _errors(self, form: RegistrationForm) -> Iterator[Finding]:
        for name, errors in form.errors.as_data().items():
            field = "" if name == "__all__" else name
            for error in errors:
                remedy = ""
                if error.code == "invalid_choice" and (known := self.layout.choices(name)):
                    remedy = f"Write one of: {', '.join(known)}."
                yield _finding(field, error.code or "invalid", " ".join(error.messages), remedy)


def _demand_importer(by: Any, organization: Organization, send: bool) -> None:
    if not roles_of(by) & actions.DRAFTERS:
        raise actions.NotAllowed("Marketers and compliance staff begin registrations.")
    if send and Role.MARKETER not in roles_of(by):
        raise actions.NotAllowed("Marketers send registrations for review.")
    if not Organization.objects.for_user(by).filter(pk=organization.pk).exists():
        raise actions.NotAllowed(f"You do not act for {organization}.")


def _external_id(line: Line) -> str:
    return line.cells.get("external_id", "").strip()


def _errors_in_external_id(cells: dict[str, str]) -> list[ValidationError]:
    try:
        EXTERNAL_ID.clean(cells.get("external_id", ""))
    except ValidationError as trouble:
        return trouble.error_list
    return []


def _already_here(line: Line, owner: Any) -> Outcome:
    message = f"{owner} has it already."
    found = _finding("external_id", "external_id_taken", message, severity=INFO)
    registration = owner if isinstance(owner, Registration) else None
    return Outcome(line, Result.ALREADY_HERE, [found], registration)


def _finding(
    field: str, code: str, message: str, remedy: str = "", severity: str = BLOCK
) -> Finding:
    return Finding(
        rule=code, severity=severity, certainty="A", field=field, message=message, remedy=remedy
    )
