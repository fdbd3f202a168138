"""What the page of one request tells the person who decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from registrations import actions, preflight
from registrations.differences import Differences, since_last_version
from registrations.facts import facts_about
from registrations.forms.review import ReturnForm
from registrations.forms.showing import label_of
from registrations.lifecycle import Actor, Status
from registrations.models import (
    AuditEntry,
    Brand,
    Campaign,
    Decision,
    Role,
    State,
    Submission,
    roles_of,
)
from registrations.models.conditions import counts
from registrations.models.submission import PAID
from registrations.preflight import Finding

# A year, as far as money is concerned.
LATELY = timedelta(days=365)

# From here on a value needs a line of its own.
LONG_TEXT = 60


@dataclass
class Line:
    """One field: what it says, whether that is new, what was found, and a box for a note."""

    name: str
    label: str
    value: str
    changed: bool = False
    findings: list[Finding] = field(default_factory=list)
    note: forms.BoundField | None = None

    @property
    def is_long(self) -> bool:
        return len(self.value) > LONG_TEXT or bool(self.findings)


@dataclass
class Facts:
    """The fields in their sections, those that were left empty, and what concerns none of them."""

    sections: list[tuple[str, list[Line]]]
    empty: list[Line]
    general: list[Finding]


def facts_to_review(
    registration: Any,
    findings: Iterable[Finding],
    changed: set[str],
    form: ReturnForm | None,
) -> Facts:
    """Everything it says, with what there is to know of each field beside it."""
    lines: dict[str, Line] = {}
    sections = []
    for section, told in facts_about(registration):
        shown = [Line(fact.name, fact.label, fact.value) for fact in told]
        lines |= {line.name: line for line in shown}
        sections.append((section, shown))
    empty = [
        Line(name, label, "") for name, label in noted(registration).items() if name not in lines
    ]
    lines |= {line.name: line for line in empty}
    for line in lines.values():
        line.changed = line.name in changed
        line.note = form.beside(line.name) if form else None
    general = []
    for found in findings:
        if found.field in lines:
            lines[found.field].findings.append(found)
        else:
            general.append(found)
    # What is missing and somebody should fill is not hidden among what needs not be filled.
    missing = [line for line in empty if line.findings or line.changed]
    if missing:
        sections.append(("Not filled in", missing))
    return Facts(sections, [line for line in empty if line not in missing], general)


def noted(registration: Any) -> dict[str, str]:
    """The fields that a marketer can correct, and a note may stand beside, with their labels."""
    fixed = {"organization", "account", "brand"}
    return {
        known.name: label_of(registration, known.name)
        for known in registration._meta.fields
        if known.editable and known.name not in fixed and counts(registration, known.name)
    }


@dataclass(frozen=True)
class History:
    """How this organization has fared, and what it has spent."""

    organization: Any
    # (kind, how many registered, how many rejected or refused, how many in all)
    counts: list[tuple[Any, int, int, int]]
    latest: list[Any]
    spent_lately: Decimal


def history_beside(registration: Any) -> History:
    """The organization's other brands and campaigns, those that moved last first."""
    organization = registration.organization
    counts: list[tuple[Any, int, int, int]] = []
    latest: list[Any] = []
    bad = Q(status__in=[Status.REJECTED, Status.REFUSED])
    for model in (Brand, Campaign):
        rows = model.objects.filter(organization=organization)
        if isinstance(registration, model):
            rows = rows.exclude(pk=registration.pk)
        told = rows.aggregate(
            registered=Count("pk", filter=Q(status=Status.REGISTERED)),
            bad=Count("pk", filter=bad),
            all=Count("pk"),
        )
        counts.append((model.kind, told["registered"], told["bad"], told["all"]))
        others = rows.exclude(status=Status.DRAFT).defer("last_lookup", "typed")
        latest += others.order_by("-status_since", "-pk")[:5]
    latest.sort(key=lambda other: other.status_since, reverse=True)
    own = Q(brand__organization=organization) | Q(campaign__organization=organization)
    lately = Submission.objects.filter(own, called_at__gt=timezone.now() - LATELY)
    return History(organization, counts, latest[:5], spent(lately))


def spent(submissions: QuerySet[Submission]) -> Decimal:
    """The fees of those requests that Plivo took, or may have taken. US dollars."""
    called = submissions.filter(operation__in=PAID, called_at__isnull=False)
    # Sent back by the queue, or not taken by Plivo: not billed.
    called = called.exclude(state__in=[State.QUEUED, State.REFUSED])
    total = called.aggregate(fees=Sum("fee_expected"))["fees"] or Decimal(0)
    # SQLite adds without keeping the cents' places.
    return total.quantize(Decimal("0.01"))


def returns_of(registration: Any) -> QuerySet[AuditEntry]:
    """When compliance returned it before, by whom, with which words; the last first."""
    back = registration.trail.filter(
        from_status=Status.IN_REVIEW, to_status=Status.DRAFT, actor=Actor.COMPLIANCE
    )
    return back.select_related("user").order_by("-sequence")


def refused_at(registration: Any) -> datetime | None:
    """When Plivo said no to it last."""
    refused = registration.trail.filter(to_status__in=[Status.REJECTED, Status.REFUSED])
    moved = refused.exclude(from_status=F("to_status")).order_by("-sequence")
    return moved.values_list("at", flat=True).first()


def proposal_of(submission: Submission) -> AuditEntry | None:
    """The line of the trail in which the proposal that stands was made."""
    if submission.decision_proposed_by is None:
        return None
    said = AuditEntry.objects.filter(submission=submission, user=submission.decision_proposed_by)
    return said.filter(note__startswith="Proposed:").order_by("-sequence").first()


@dataclass(frozen=True)
class Choice:
    """One button under an undecided request, and what pressing it means for this person."""

    decision: Decision
    label: str
    agrees: bool


def choices_for(submission: Submission, user: Any) -> list[Choice]:
    """What this person can say about it: propose, agree, or propose something else."""
    if Role.COMPLIANCE not in roles_of(user):
        return []
    choices = []
    for decision in Decision:
        proposed = submission.decision == decision
        if proposed and submission.decision_proposed_by == user and settings.FOUR_EYES:
            continue
        if not settings.FOUR_EYES:
            label = decision.label
        elif proposed:
            label = f"Agree: {decision.label.lower()}"
        else:
            label = f"Propose: {decision.label.lower()}"
        choices.append(Choice(decision, label, agrees=proposed and settings.FOUR_EYES))
    return choices


@dataclass(frozen=True)
class Candidate:
    """One of several that somebody wants to approve, and what stands against it ("" if nothing)."""

    registration: Any
    preview: actions.Preview
    differences: Differences
    facts: Facts
    obstacle: str


def candidate(registration: Any, user: Any) -> Candidate:
    """Exactly what approving it would send, cost and risk."""
    preview = actions.preview(registration)
    differences = since_last_version(registration, registration.submissions.all())
    return Candidate(
        registration,
        preview,
        differences,
        facts_to_review(registration, preview.findings, differences.names, None),
        obstacle_to_approval(registration, preview, user),
    )


def obstacle_to_approval(registration: Any, preview: actions.Preview, user: Any) -> str:
    """Why this person cannot approve this now, in words; "" if she can."""
    if registration.status != Status.IN_REVIEW:
        return f"It waits for no approval: it is {registration.get_status_display().lower()}."
    if Role.COMPLIANCE not in roles_of(user):
        return "Compliance staff approve registrations."
    if settings.FOUR_EYES and registration.requested_by_id == user.pk:
        return "You asked for this; somebody else approves it."
    if preflight.blocking(preview.findings):
        return "Something was found that would certainly be refused: so it cannot be approved yet."
    return ""
