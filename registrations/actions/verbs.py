"""The verbs as a table: what each is called, who may use it, and from where.

Pages and admin draw their buttons from it, and the API its routes, so that all three offer the
same. What really decides is the action itself, which asks the law.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from registrations.actions import aftercare, numbers, review
from registrations.actions.ground import DRAFTERS, NotAllowed
from registrations.lifecycle import AWAITING_PLIVO, QUEUED, Kind, Status
from registrations.models import Role, State, roles_of

FORMS = {Kind.BRAND, Kind.CAMPAIGN}
S = Status


@dataclass(frozen=True)
class Verb:
    """One thing a person may do with one registration."""

    name: str
    label: str
    does: Callable[..., Any]
    kinds: set[Kind]
    statuses: set[Status]
    roles: set[Role]
    explanation: str = ""
    # What must be said with it: "note" (words), "digest" (what was looked at), or nothing.
    takes: str = ""
    tone: str = "plain"
    # Where the registration stands afterwards, where that is the same from everywhere.
    leads_to: str = ""
    # The person who asked may not also agree.
    second_person: str = ""
    also: Callable[[Any], bool] = lambda registration: True


def _has_queued_request(registration: Any) -> bool:
    return registration.submissions.filter(state=State.QUEUED).exists()


def _may_end(registration: Any) -> bool:
    return bool(registration.plivo_id) and registration.deactivation_requested_by_id is None


VERBS = [
    Verb(
        name="submit",
        label="Send for review",
        does=review.send_for_review,
        kinds=FORMS,
        statuses={S.DRAFT},
        roles={Role.MARKETER},
        leads_to=S.IN_REVIEW,
        explanation="Compliance looks at it, approves the fee, and it goes to Plivo.",
        tone="main",
    ),
    Verb(
        name="withdraw",
        label="Take back from review",
        does=review.withdraw,
        kinds=FORMS,
        statuses={S.IN_REVIEW},
        roles={Role.MARKETER},
        leads_to=S.DRAFT,
        explanation="It becomes a draft again.",
    ),
    Verb(
        name="approve",
        label="Approve and send to Plivo",
        does=review.approve,
        kinds=FORMS,
        statuses={S.IN_REVIEW},
        roles={Role.COMPLIANCE},
        leads_to=S.QUEUED,
        explanation="The fee is spent and is not refunded.",
        takes="digest",
        tone="main",
        second_person="requested_by_id",
    ),
    Verb(
        name="return",
        label="Return to the marketer",
        does=review.send_back,
        kinds=FORMS,
        statuses={S.IN_REVIEW},
        roles={Role.COMPLIANCE},
        leads_to=S.DRAFT,
        explanation="Say what is to be changed.",
        takes="note",
    ),
    Verb(
        name="revise",
        label="Correct it",
        does=review.revise,
        kinds=FORMS,
        statuses={S.REJECTED, S.REFUSED},
        roles=DRAFTERS,
        leads_to=S.DRAFT,
        explanation="It becomes a draft again; sending it again costs the fee again.",
        tone="main",
    ),
    Verb(
        name="take-back",
        label="Stop before it is sent",
        does=review.take_back,
        kinds=set(Kind),
        statuses=set(QUEUED),
        roles={Role.COMPLIANCE},
        explanation="Possible while the request provably has not reached Plivo.",
        also=_has_queued_request,
    ),
    Verb(
        name="link",
        label="Link again",
        does=numbers.link_again,
        kinds={Kind.NUMBER_LINK},
        statuses={S.LINK_FAILED, S.REFUSED},
        roles=DRAFTERS,
        leads_to=S.LINK_QUEUED,
        tone="main",
    ),
    Verb(
        name="unlink",
        label="Unlink",
        does=numbers.unlink,
        kinds={Kind.NUMBER_LINK},
        statuses={S.LINKED, S.UNLINK_FAILED},
        roles=DRAFTERS,
        leads_to=S.UNLINK_QUEUED,
        explanation="The number can send no more texts until it is linked to a campaign again.",
        tone="danger",
    ),
    Verb(
        name="confirm",
        label="Ask Plivo now",
        does=aftercare.look_up_now,
        kinds=set(Kind),
        statuses=set(AWAITING_PLIVO)
        | {S.REGISTERED, S.REJECTED, S.EXPIRED, S.LINKED, S.LINK_FAILED}
        | {S.UNLINKED, S.UNLINK_FAILED},
        roles=DRAFTERS | {Role.OPERATOR},
        explanation="A look-up costs nothing and changes nothing at Plivo.",
    ),
    Verb(
        name="settle-conflict",
        label="Settle the conflict",
        does=aftercare.settle_conflict,
        kinds=set(Kind),
        statuses=set(Status),
        roles={Role.COMPLIANCE},
        explanation="What is shown is right; say how you know.",
        takes="note",
        also=lambda registration: bool(registration.conflict),
    ),
    Verb(
        name="ask-deactivation",
        label="Ask for deactivation",
        does=aftercare.ask_deactivation,
        kinds=FORMS,
        statuses=set(AWAITING_PLIVO) | {S.REGISTERED, S.REJECTED, S.EXPIRED},
        roles=DRAFTERS,
        explanation="It cannot be undone, so another person has to agree.",
        tone="danger",
        also=_may_end,
    ),
    Verb(
        name="deactivate",
        label="Agree to deactivation",
        does=aftercare.deactivate,
        kinds=FORMS,
        statuses=set(AWAITING_PLIVO) | {S.REGISTERED, S.REJECTED, S.EXPIRED},
        roles={Role.COMPLIANCE},
        explanation="It ends at Plivo and cannot be undone.",
        tone="danger",
        second_person="deactivation_requested_by_id",
        also=lambda registration: registration.deactivation_requested_by_id is not None,
    ),
]


def what_can_be_done(registration: Any, user: Any) -> list[Verb]:
    """The verbs that this person may use on this registration now."""
    worn = roles_of(user)
    return [
        verb
        for verb in VERBS
        if registration.kind in verb.kinds
        and registration.status in verb.statuses
        and worn & verb.roles
        and not _would_be_alone(verb, registration, user)
        and verb.also(registration)
    ]


def waits_for_another(registration: Any, user: Any) -> list[Verb]:
    """The verbs that this person could use, had she not asked for it herself."""
    return [
        verb
        for verb in VERBS
        if registration.kind in verb.kinds
        and registration.status in verb.statuses
        and roles_of(user) & verb.roles
        and _would_be_alone(verb, registration, user)
        and verb.also(registration)
    ]


def act(name: str, registration: Any, *, by: Any, **said: str) -> None:
    """Do the verb of this name. Raises NotAllowed also if there is no such verb for this kind."""
    for verb in VERBS:
        if verb.name == name and registration.kind in verb.kinds:
            verb.does(
                registration,
                by=by,
                **({verb.takes: said.get(verb.takes, "")} if verb.takes else {}),
            )
            return
    raise NotAllowed(f"There is no such action for a {registration.kind.label.lower()}.")


def _would_be_alone(verb: Verb, registration: Any, user: Any) -> bool:
    if not verb.second_person or not settings.FOUR_EYES:
        return False
    return getattr(registration, verb.second_person) == user.pk
