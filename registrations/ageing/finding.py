"""What is stuck: slower than normal, contradicted, undecided, or gone out of sight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from registrations.ageing import escalating
from registrations.ageing.escalating import Escalation
from registrations.ageing.normal import LEAST, Normal, in_words, normals
from registrations.lifecycle import QUEUED, Actor, Kind, Status
from registrations.models import REGISTRATION_MODELS, AuditEntry, Operation, State, Submission
from registrations.models.about import about_organizations

# The most that are told at once, in a digest or to a program; the page turns leaves instead.
AT_MOST = 200


class Why(models.TextChoices):
    """Why something is stuck; what comes first here is said first."""

    CONFLICT = "conflict", "Plivo contradicts itself"
    DECISION = "decision", "Needs a decision"
    LOST = "lost", "Outcome unknown"
    SLOW = "slow", "Slower than normal"


# Two look-ups that agree settle a contradiction within minutes.
CONTRADICTED = Normal(timedelta(0), timedelta(hours=1), "two look-ups settle it within minutes")
UNDECIDED = Normal(timedelta(0), timedelta(0), "two people decide at once")
UNSENT = Normal(LEAST, timedelta(hours=2), "our own promise: sent within minutes")


@dataclass(frozen=True)
class Case:
    """That one registration is stuck, since when and why; enough to count and to sort."""

    kind: Kind
    pk: int
    why: Why
    since: datetime
    normal: Normal
    grave: bool


@dataclass(frozen=True)
class Stuck:
    """One stuck registration, with all that is needed to go on."""

    registration: Any
    why: Why
    since: datetime
    normal: Normal
    grave: bool
    remedy: str
    # What to write to Plivo's support; None if Plivo can do nothing about it.
    escalation: Escalation | None

    @property
    def late(self) -> timedelta:
        """How much longer than normal it has lasted."""
        return timezone.now() - self.since - self.normal.slow_after


def stuck(user: Any) -> list[Stuck]:
    """What is stuck of all that this person may know of, gravest and longest first.

    The first 200; a constant number of queries.
    """
    return tell(cases(user)[:AT_MOST], user)


def cases(user: Any, *, kind: str = "", organization: Any = None, why: str = "") -> list[Case]:
    """Everything that is stuck, gravest and longest first, without loading it."""
    found: dict[tuple[Kind, int], Case] = {}
    for case in _all_cases(user, organization):
        # The first word about a registration is the weightiest.
        found.setdefault((case.kind, case.pk), case)
    chosen = [case for case in found.values() if kind in ("", case.kind) and why in ("", case.why)]
    return sorted(chosen, key=lambda case: (not case.grave, case.since))


def tell(chosen: Sequence[Case], user: Any) -> list[Stuck]:
    """Load these cases, in their order, with what to do about each. For a page at a time."""
    loaded: dict[tuple[Kind, int], Any] = {}
    for model in REGISTRATION_MODELS:
        pks = [case.pk for case in chosen if case.kind == model.kind]
        if pks:
            rows = _with_their_story(model.objects.for_user(user).filter(pk__in=pks))
            loaded |= {(model.kind, row.pk): row for row in rows}
    return [
        _told(case, loaded[case.kind, case.pk])
        for case in chosen
        if (case.kind, case.pk) in loaded  # it may have gone while we looked
    ]


def _all_cases(user: Any, organization: Any) -> Iterator[Case]:
    now = timezone.now()
    known = normals()
    kinds = []
    for model in REGISTRATION_MODELS:
        rows = model.objects.for_user(user).order_by()
        kinds.append((model.kind, rows.filter(organization=organization) if organization else rows))
    for kind, rows in kinds:
        yield from _contradicted(kind, rows, now)
    yield from _about_requests(user, organization, now)
    for kind, rows in kinds:
        yield from _slow(kind, rows, known, now)


def _contradicted(kind: Kind, rows: Any, now: datetime) -> Iterator[Case]:
    raised = AuditEntry.objects.filter(
        **{kind.value: OuterRef("pk")}, note=OuterRef("conflict")
    ).order_by("-sequence")
    contradicted = rows.exclude(conflict="").annotate(
        since=Coalesce(Subquery(raised.values("at")[:1]), F("status_since"))
    )
    for pk, since in contradicted.values_list("pk", "since"):
        yield _case(kind, pk, Why.CONFLICT, since, CONTRADICTED, now)


def _about_requests(user: Any, organization: Any, now: datetime) -> Iterator[Case]:
    patience = timedelta(seconds=settings.ABSENCE_GRACE_SECONDS)
    lost = Normal(2 * patience, timedelta(days=1), "the portal finds it within minutes")
    endings = [Operation.DEACTIVATE_BRAND, Operation.DEACTIVATE_CAMPAIGN]
    requests = Submission.objects.for_user(user).filter(
        Q(state=State.NEEDS_DECISION)
        | Q(state=State.UNKNOWN, unknown_since__lt=now - lost.slow_after)
        # While it waits to be ended, the registration itself looks as if nothing were to happen.
        | Q(state=State.QUEUED, operation__in=endings, approved_at__lt=now - UNSENT.slow_after)
    )
    if organization:
        requests = requests.filter(about_organizations([organization]))
    reasons = {
        State.NEEDS_DECISION: (Why.DECISION, UNDECIDED),
        State.UNKNOWN: (Why.LOST, lost),
        State.QUEUED: (Why.SLOW, UNSENT),
    }
    told = requests.order_by().values_list(
        "state", "unknown_since", "approved_at", "requested_at", *(kind.value for kind in Kind)
    )
    for state, unknown_since, approved_at, requested_at, *about in told:
        kind, pk = next((kind, pk) for kind, pk in zip(Kind, about, strict=True) if pk)
        why, normal = reasons[State(state)]
        since = unknown_since or approved_at or requested_at
        yield _case(kind, pk, why, since, normal, now)


def _slow(kind: Kind, rows: Any, known: dict[Any, Normal], now: datetime) -> Iterator[Case]:
    steps = {status: normal for (of, status), normal in known.items() if of == kind}
    late = Q()
    for status, normal in steps.items():
        late |= Q(status=status, status_since__lt=now - normal.slow_after)
    for pk, status, since in rows.filter(late).values_list("pk", "status", "status_since"):
        yield _case(kind, pk, Why.SLOW, since, steps[Status(status)], now)


def _case(kind: Kind, pk: int, why: Why, since: datetime, normal: Normal, now: datetime) -> Case:
    return Case(kind, pk, why, since, normal, grave=now - since >= normal.grave_after)


def _with_their_story(rows: Any) -> Any:
    """These registrations with their requests and what Plivo said, secrets and bulk left out."""
    requests = Submission.objects.only(
        "operation", "generation", "state", "called_at", "answer_status", "api_id", "error",
        "waiting_for", "brand", "campaign", "number_link",
    )  # fmt: skip
    heard = AuditEntry.objects.filter(actor__in=[Actor.PLIVO, Actor.LOOKUP])
    related = ["organization", "account"]
    if rows.model.kind == Kind.CAMPAIGN:
        related.append("brand")
    if rows.model.kind == Kind.NUMBER_LINK:
        related.append("campaign")
    return (
        rows.select_related(*related)
        .defer("last_lookup", "typed")
        .prefetch_related(
            Prefetch("submissions", requests.order_by("generation"), to_attr="requests"),
            Prefetch("trail", heard.order_by("sequence"), to_attr="heard"),
        )
    )


def _told(case: Case, registration: Any) -> Stuck:
    escalation = None
    if case.why != Why.SLOW or registration.awaits_plivo:
        escalation = escalating.write(
            registration,
            since=case.since,
            normal=case.normal,
            lost=case.why in (Why.DECISION, Why.LOST),
        )
    return Stuck(
        registration=registration,
        why=case.why,
        since=case.since,
        normal=case.normal,
        grave=case.grave,
        remedy=_remedy(case, registration),
        escalation=escalation,
    )


def _remedy(case: Case, registration: Any) -> str:
    """What somebody can do about it now, in a sentence or two."""
    match case.why:
        case Why.CONFLICT:
            return (
                "Two look-ups that agree settle it by themselves. If they do not, ask Plivo's "
                "support which word holds, and settle it on its page."
            )
        case Why.DECISION:
            return (
                "Ask Plivo's support whether they have the request. Then two people of compliance "
                "decide on its page: send it again, or withdraw it."
            )
        case Why.LOST:
            return "Nothing is sent twice: the portal goes on looking for it at Plivo. " + (
                _hindrance(registration) or "Plivo's support can tell whether they have it."
            )
    if registration.status == Status.IN_REVIEW:
        return "Compliance reviews it: approve it, or return it with a note."
    if registration.status in QUEUED or not registration.awaits_plivo:
        return _hindrance(registration) or (
            "It has not been sent, and nothing is known to keep it. Operators see on their home "
            "page whether work is being done."
        )
    if case.grave:
        return "Write to Plivo's support. A letter with every id they ask for is ready under Stuck."
    patience = in_words(case.normal.grave_after)
    return (
        f"Press “Ask Plivo now” on its page. If it has not moved {patience} after it began, "
        "write to Plivo's support; the letter is ready under Stuck."
    )


def _hindrance(registration: Any) -> str:
    """What keeps its request from going on, as far as the portal knows."""
    account = registration.account
    if account.paused_at:
        return f"Its Plivo account is paused: {account.pause_reason} An operator resumes it."
    waiting_for = next((row.waiting_for for row in registration.requests if row.waiting_for), "")
    return f"It waits: {waiting_for}" if waiting_for else ""
