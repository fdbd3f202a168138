"""What waits for compliance: where it stands in the database, and what there is to know of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from registrations import actions, preflight
from registrations.differences import Differences, since_last_version
from registrations.forms.review import Ask, QueueForm
from registrations.lifecycle import Kind, Status
from registrations.models import AuditEntry, Brand, Campaign, NumberLink, State, Submission
from registrations.preflight import fees

# From when on somebody has waited long, and too long.
LONG, TOO_LONG = timedelta(days=1), timedelta(days=3)

SEARCHED: dict[type, list[str]] = {
    Brand: ["reference", "name", "company_name", "plivo_id", "organization__name"],
    Campaign: ["reference", "name", "brand__name", "plivo_id", "organization__name"],
    NumberLink: ["reference", "number", "campaign__name", "organization__name"],
}

# Who asked, by what is asked.
ASKER = {
    Ask.REVIEW: "requested_by",
    Ask.DEACTIVATION: "deactivation_requested_by",
    Ask.DECISION: "requested_by",
}

# Who has had a part in it, so that another person decides.
FIRST_PERSON = {**ASKER, Ask.DECISION: "decision_proposed_by"}


# What compliance is asked for, as one reads it in a row.
ASKED = {
    Ask.REVIEW: "approval",
    Ask.DEACTIVATION: "deactivation",
    Ask.CONFLICT: "settling a conflict",
    Ask.DECISION: "a decision",
}


@dataclass(frozen=True)
class Source:
    """The rows of one model that wait for one thing, each with the moment `since` it waits."""

    ask: Ask
    name: str
    rows: QuerySet[Any]


@dataclass
class Waiting:
    """One request of the queue: what waits, for what, since when, and whether one may decide."""

    ask: Ask
    registration: Any
    since: datetime
    asked_by: Any = None
    submission: Submission | None = None
    fee: Decimal | None = None
    differences: Differences | None = None
    # How it ended last time: "rejected", "refused", or "" if it never did.
    ended: str = ""
    blocks: int = 0
    warnings: int = 0
    # Why somebody else decides, in words; "" if this person may.
    not_mine: str = ""
    may_approve: bool = False

    @property
    def title(self) -> str:
        """What people call it; its reference stands beside."""
        if isinstance(self.registration, NumberLink):
            return f"+{self.registration.number}"
        return self.registration.name or self.registration.reference

    @property
    def asked(self) -> str:
        return ASKED[self.ask]

    @property
    def waits_long(self) -> bool:
        return LONG < timezone.now() - self.since <= TOO_LONG

    @property
    def waits_too_long(self) -> bool:
        return timezone.now() - self.since > TOO_LONG


def sources(user: Any, filters: QueueForm | None = None) -> list[Source]:
    """Everything that waits for compliance, or what of it these filters leave."""
    found = _sources(user)
    if filters is None:
        return list(found)
    return [Source(s.ask, s.name, _narrowed(s, user, filters)) for s in found]


def described(source: Source, row: Any, user: Any) -> Waiting:
    """A row of this source, told for this person."""
    registration = row.registration if source.ask == Ask.DECISION else row
    waiting = Waiting(source.ask, registration, row.since)
    match source.ask:
        case Ask.REVIEW:
            waiting.asked_by = row.requested_by
            _describe_review(waiting, user)
        case Ask.DEACTIVATION:
            waiting.asked_by = row.deactivation_requested_by
        case Ask.DECISION:
            waiting.asked_by, waiting.submission, waiting.fee = (
                row.requested_by,
                row,
                row.fee_expected,
            )
    first = getattr(row, FIRST_PERSON.get(source.ask, ""), None)
    if settings.FOUR_EYES and first == user:
        waiting.not_mine = (
            "you proposed what to do; somebody else agrees or does not"
            if source.ask == Ask.DECISION
            else "you asked for this; somebody else approves it"
        )
    return waiting


def _describe_review(waiting: Waiting, user: Any) -> None:
    registration = waiting.registration
    waiting.ended = registration.ended or ""
    differences = since_last_version(registration, registration.submissions.all())
    waiting.differences = differences
    waiting.fee = fees.total(fees.expected(differences.operation, registration))
    # Of the text alone: to look for its likes costs queries, and is done on its page.
    severities = [found.severity for found in preflight.check_alone(registration)]
    waiting.blocks = severities.count(preflight.BLOCK)
    waiting.warnings = severities.count(preflight.WARN)
    verbs = {verb.name for verb in actions.what_can_be_done(registration, user)}
    waiting.may_approve = "approve" in verbs


def _sources(user: Any) -> Iterator[Source]:
    for model in (Brand, Campaign):
        rows = _told(model, user).filter(status=Status.IN_REVIEW)
        ends = AuditEntry.objects.filter(
            to_status__in=[Status.REGISTERED, Status.REJECTED, Status.REFUSED]
        )
        rows = rows.annotate(since=F("status_since"), ended=_latest(model, ends, "to_status"))
        earlier = Submission.objects.defer("answer", "callback_url")
        rows = rows.prefetch_related(Prefetch("submissions", queryset=earlier))
        yield Source(Ask.REVIEW, f"{Ask.REVIEW}-{model.kind}", rows)
    for model in (Brand, Campaign):
        rows = _told(model, user).filter(deactivation_requested_by__isnull=False)
        # In the words of `ask_deactivation`.
        asked = AuditEntry.objects.filter(note="Deactivation asked for.")
        yield Source(Ask.DEACTIVATION, f"{Ask.DEACTIVATION}-{model.kind}", _since(rows, asked))
    for model in (Brand, Campaign, NumberLink):
        rows = _told(model, user).exclude(conflict="")
        raised = AuditEntry.objects.filter(note=OuterRef("conflict"))
        yield Source(Ask.CONFLICT, f"{Ask.CONFLICT}-{model.kind}", _since(rows, raised))
    undecided = Submission.objects.for_user(user).filter(state=State.NEEDS_DECISION)
    people = ["requested_by", "approved_by", "decision_proposed_by"]
    undecided = undecided.select_related(
        "account", *people, *(f"{kind}__organization" for kind in Kind)
    )
    since = Coalesce("unknown_since", "requested_at")
    yield Source(Ask.DECISION, Ask.DECISION, undecided.annotate(since=since))


def _told(model: Any, user: Any) -> QuerySet[Any]:
    """What this person may know of, with what a row of the queue shows beside it."""
    beside = {Campaign: "brand", NumberLink: "campaign"}.get(model, "account")
    return model.objects.for_user(user).select_related(
        "organization", "requested_by", "deactivation_requested_by", beside
    )


def _since(rows: QuerySet[Any], told: QuerySet[AuditEntry]) -> QuerySet[Any]:
    """Each with the moment when its trail told of it last."""
    moment = Coalesce(_latest(rows.model, told, "at"), F("status_since"))
    return rows.annotate(since=moment)


def _latest(model: Any, entries: QuerySet[AuditEntry], name: str) -> Subquery:
    """This field of the last of these lines in a row's own trail."""
    own = entries.filter(**{model.kind.value: OuterRef("pk")}).order_by("-sequence")
    return Subquery(own.values(name)[:1])


def _narrowed(source: Source, user: Any, filters: QueueForm) -> QuerySet[Any]:
    rows, chosen = source.rows, filters.chosen
    # How one gets from a row to the registrations that it may be about.
    if source.ask == Ask.DECISION:
        ways = {Brand: "brand__", Campaign: "campaign__", NumberLink: "number_link__"}
    else:
        ways = {rows.model: ""}
    if kind := chosen("kind"):
        ways = {model: way for model, way in ways.items() if model.kind == kind}
        if source.ask == Ask.DECISION:
            rows = rows.filter(**{f"{kind}__isnull": False})
    if organization := chosen("organization"):
        rows = rows.filter(_any({f"{way}organization": organization for way in ways.values()}))
    if asker := chosen("by"):
        by = ASKER.get(source.ask)
        rows = rows.filter(**{by: asker}) if by else rows.none()
    if older := chosen("older"):
        rows = rows.filter(since__lt=timezone.now() - older)
    if chosen("mine") and settings.FOUR_EYES and source.ask in FIRST_PERSON:
        rows = rows.exclude(**{FIRST_PERSON[source.ask]: user})
    if wanted := chosen("q"):
        names = [way + name for model, way in ways.items() for name in SEARCHED[model]]
        rows = rows.filter(_any({f"{name}__icontains": wanted.lstrip("+") for name in names}))
    return rows if ways else rows.none()


def _any(conditions: dict[str, Any]) -> Q:
    return reduce(or_, (Q(**{name: value}) for name, value in conditions.items()), Q())
