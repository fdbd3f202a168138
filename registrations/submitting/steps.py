"""What each operation does at Plivo, step by step.

A step can find its own trace at Plivo (before it calls, and when an answer was lost), make its one
call, and say what a refusal means. Only a brand takes two steps: its profile, which is free, and
then the brand itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from registrations.lifecycle import Status
from registrations.models import Brand, Operation, Phase, Submission
from registrations.plivo import finding
from registrations.plivo.client import Answer, PlivoClient, Refused, Unknown
from registrations.plivo.payloads import alias_of


def _already_requested(refusal: Refused) -> bool:
    return "already requested for linking" in refusal.error


def _not_linked(refusal: Refused) -> bool:
    return "not linked to this campaign" in refusal.error


def _never(refusal: Refused) -> bool:
    return False


@dataclass(frozen=True)
class Step:
    """One call to Plivo.

    `find` answers the id that shows it took effect, or ""; `call` makes it; `id_in` reads the id
    from the answer; `already_done` tells a refusal that says Plivo has it already.
    """

    phase: Phase
    call: Callable[[PlivoClient, Submission], Answer]
    id_in: Callable[[Answer, Submission], str]
    find: Callable[[PlivoClient, Submission], str] = finding.find
    already_done: Callable[[Refused], bool] = _never
    paid: bool = False


def _create_profile(client: PlivoClient, submission: Submission) -> Answer:
    return client.create_profile(
        {"profile_alias": alias_of(submission), **submission.payload["profile"]}
    )


def _create_brand(client: PlivoClient, submission: Submission) -> Answer:
    return client.create_brand(
        {
            "brand_alias": alias_of(submission),
            "profile_uuid": submission.brand.profile_uuid,
            **submission.payload["brand"],
            "url": submission.callback_url,
            "method": "POST",
        }
    )


def _create_campaign(client: PlivoClient, submission: Submission) -> Answer:
    return client.create_campaign(
        {
            "campaign_alias": alias_of(submission),
            **submission.payload["campaign"],
            "url": submission.callback_url,
            "method": "POST",
        }
    )


def _update_campaign(client: PlivoClient, submission: Submission) -> Answer:
    return client.update_campaign(submission.payload["campaign_id"], submission.payload["changes"])


def _link(client: PlivoClient, submission: Submission) -> Answer:
    return client.link_numbers(
        submission.number_link.campaign.plivo_id,
        submission.payload["numbers"],
        callback_url=submission.callback_url,
    )


def _unlink(client: PlivoClient, submission: Submission) -> Answer:
    return client.unlink_number(
        submission.number_link.campaign.plivo_id,
        submission.number_link.number,
        callback_url=submission.callback_url,
    )


def _id_field(name: str) -> Callable[[Answer, Submission], str]:
    def id_in(answer: Answer, submission: Submission) -> str:
        value = answer.body.get(name)
        if not value:
            raise Unknown(
                f"Plivo answered {answer.status} without a {name}.",
                status=answer.status,
                text=answer.text,
                api_id=answer.api_id,
            )
        return str(value)

    return id_in


def _number(answer: Answer, submission: Submission) -> str:
    return submission.number_link.number


def _same_campaign(answer: Answer, submission: Submission) -> str:
    return str(submission.payload["campaign_id"])


def _same_object(answer: Answer, submission: Submission) -> str:
    return str(submission.payload["plivo_id"])


PROFILE_STEP = Step(
    phase=Phase.PROFILE,
    call=_create_profile,
    id_in=_id_field("profile_uuid"),
    find=finding.find_profile,
)

LAST_STEP = {
    Operation.REGISTER_BRAND: Step(
        phase=Phase.CALLING, call=_create_brand, id_in=_id_field("brand_id"), paid=True
    ),
    Operation.REGISTER_CAMPAIGN: Step(
        phase=Phase.CALLING, call=_create_campaign, id_in=_id_field("campaign_id"), paid=True
    ),
    Operation.UPDATE_CAMPAIGN: Step(
        phase=Phase.CALLING, call=_update_campaign, id_in=_same_campaign, paid=True
    ),
    Operation.LINK_NUMBER: Step(
        phase=Phase.CALLING, call=_link, id_in=_number, already_done=_already_requested
    ),
    Operation.UNLINK_NUMBER: Step(
        phase=Phase.CALLING, call=_unlink, id_in=_number, already_done=_not_linked
    ),
    Operation.DEACTIVATE_CAMPAIGN: Step(
        phase=Phase.CALLING,
        call=lambda client, submission: client.delete_campaign(submission.payload["plivo_id"]),
        id_in=_same_object,
    ),
    Operation.DEACTIVATE_BRAND: Step(
        phase=Phase.CALLING,
        call=lambda client, submission: client.delete_brand(submission.payload["plivo_id"]),
        id_in=_same_object,
    ),
}

# Where Plivo's yes takes the registration, and where its no does (None: it stays where it is).
STATUS_WHEN_ACCEPTED = {
    Operation.REGISTER_BRAND: Status.SUBMITTED,
    Operation.REGISTER_CAMPAIGN: Status.SUBMITTED,
    Operation.UPDATE_CAMPAIGN: Status.SUBMITTED,
    Operation.LINK_NUMBER: Status.LINK_SUBMITTED,
    Operation.UNLINK_NUMBER: Status.UNLINK_SUBMITTED,
    Operation.DEACTIVATE_CAMPAIGN: Status.DEACTIVATED,
    Operation.DEACTIVATE_BRAND: Status.DEACTIVATED,
}
STATUS_WHEN_REFUSED = {
    Operation.REGISTER_BRAND: Status.REFUSED,
    Operation.REGISTER_CAMPAIGN: Status.REFUSED,
    Operation.UPDATE_CAMPAIGN: Status.REFUSED,
    Operation.LINK_NUMBER: Status.REFUSED,
    Operation.UNLINK_NUMBER: Status.UNLINK_FAILED,
    Operation.DEACTIVATE_CAMPAIGN: None,
    Operation.DEACTIVATE_BRAND: None,
}


def current_step(submission: Submission) -> Step:
    """The step that comes next, or that was under way when the outcome got lost."""
    if submission.operation == Operation.REGISTER_BRAND and not submission.brand.profile_uuid:
        return PROFILE_STEP
    return LAST_STEP[Operation(submission.operation)]


def keep_profile(submission: Submission, profile_uuid: str) -> None:
    """The profile step is done; the brand remembers its profile."""
    Brand.objects.filter(submissions=submission).update(profile_uuid=profile_uuid)
    submission.brand.profile_uuid = profile_uuid
