"""What people may do, and what is kept from them."""

import pytest

from registrations import actions
from registrations.actions import Blocked, IllegalMove, NotAllowed
from registrations.lifecycle import Status
from registrations.models import Operation, State, Submission

pytestmark = pytest.mark.django_db


def test_a_complete_draft_goes_into_review(draft_brand, alice):
    actions.send_for_review(draft_brand, by=alice)

    draft_brand.refresh_from_db()
    assert draft_brand.status == Status.IN_REVIEW
    assert draft_brand.requested_by == alice


def test_what_carriers_would_refuse_stays_a_draft_and_says_why(make_brand, alice):
    brand = make_brand(ein="12-34", company_name="Acme Inc.")

    with pytest.raises(Blocked) as blocked:
        actions.send_for_review(brand, by=alice)

    assert [found.field for found in blocked.value.findings] == ["ein"]
    brand.refresh_from_db()
    assert brand.status == Status.DRAFT


def test_approval_queues_exactly_what_was_looked_at(draft_brand, alice, carol):
    actions.send_for_review(draft_brand, by=alice)
    seen = actions.preview(draft_brand)

    submission = actions.approve(draft_brand, by=carol, digest=seen.digest)

    assert submission.operation == Operation.REGISTER_BRAND
    assert submission.payload == seen.payload
    assert submission.approved_digest == submission.payload_digest == seen.digest
    assert str(submission.fee_expected) == "4.50"
    draft_brand.refresh_from_db()
    assert draft_brand.status == Status.QUEUED


def test_what_changed_since_it_was_looked_at_is_not_approved(draft_brand, alice, carol):
    actions.send_for_review(draft_brand, by=alice)

    with pytest.raises(Blocked, match="changed since you looked"):
        actions.approve(draft_brand, by=carol, digest="of something else")

    assert not Submission.objects.exists()


def test_nobody_approves_what_she_asked_for(draft_brand, alice, carol):
    carol.groups.add(alice.groups.get())
    actions.send_for_review(draft_brand, by=carol)

    with pytest.raises(NotAllowed, match="somebody else"):
        actions.approve(draft_brand, by=carol, digest=actions.preview(draft_brand).digest)


def test_a_company_of_one_may_approve_and_it_is_recorded_as_what_it_is(
    draft_brand, alice, carol, settings
):
    settings.FOUR_EYES = False
    carol.groups.add(alice.groups.get())
    actions.send_for_review(draft_brand, by=carol)

    submission = actions.approve(draft_brand, by=carol, digest=actions.preview(draft_brand).digest)

    assert submission.self_approved


@pytest.mark.parametrize("person", ["alice", "audrey", "oscar"])
def test_only_compliance_approves(person, draft_brand, alice, request):
    actions.send_for_review(draft_brand, by=alice)

    with pytest.raises(NotAllowed, match="Compliance"):
        actions.approve(
            draft_brand,
            by=request.getfixturevalue(person),
            digest=actions.preview(draft_brand).digest,
        )


def test_compliance_returns_with_a_note(draft_brand, alice, carol):
    actions.send_for_review(draft_brand, by=alice)

    actions.send_back(draft_brand, by=carol, note="The name lacks its Inc.")

    draft_brand.refresh_from_db()
    assert draft_brand.status == Status.DRAFT
    assert draft_brand.review_note == "The name lacks its Inc."
    assert draft_brand.trail.first().note == "The name lacks its Inc."


def test_returning_without_a_word_is_not_possible(draft_brand, alice, carol):
    actions.send_for_review(draft_brand, by=alice)

    with pytest.raises(Blocked, match="note is missing"):
        actions.send_back(draft_brand, by=carol, note="  ")


def test_what_is_in_review_is_not_edited(draft_brand, alice):
    actions.send_for_review(draft_brand, by=alice)
    draft_brand.company_name = "Other Inc."

    with pytest.raises(IllegalMove, match="only a draft"):
        actions.edit(draft_brand, ["company_name"], by=alice)

    draft_brand.refresh_from_db()
    assert draft_brand.company_name == "Acme Inc."


def test_editing_never_writes_a_status(draft_brand, alice):
    stale = type(draft_brand).objects.get(pk=draft_brand.pk)
    stale.city = "Oakland"
    stale.__dict__["status"] = "registered"

    actions.edit(stale, ["city"], by=alice)

    draft_brand.refresh_from_db()
    assert (draft_brand.city, draft_brand.status) == ("Oakland", Status.DRAFT)


def test_a_brand_that_is_registered_again_forgets_the_object_that_was_rejected(
    draft_brand, submit, alice
):
    type(draft_brand).objects.filter(pk=draft_brand.pk).update(
        status="rejected", plivo_id="BOLD001", profile_uuid="old", confirmed_status="rejected"
    )
    draft_brand.refresh_from_db()
    actions.revise(draft_brand, by=alice)

    submit(draft_brand)

    draft_brand.refresh_from_db()
    assert (draft_brand.plivo_id, draft_brand.profile_uuid) == ("", "")
    assert draft_brand.confirmed_status == ""


def test_two_approvals_make_one_submission(draft_brand, alice, carol, dave):
    actions.send_for_review(draft_brand, by=alice)
    seen = actions.preview(draft_brand).digest
    actions.approve(draft_brand, by=carol, digest=seen)

    with pytest.raises(IllegalMove):
        actions.approve(draft_brand, by=dave, digest=seen)

    assert Submission.objects.count() == 1


def test_a_queued_request_can_be_stopped_before_it_is_sent(draft_brand, submit, carol):
    submission = submit(draft_brand)

    actions.take_back(draft_brand, by=carol)

    submission.refresh_from_db()
    draft_brand.refresh_from_db()
    assert submission.state == State.WITHDRAWN
    assert draft_brand.status == Status.DRAFT


def test_a_request_whose_fate_is_unknown_takes_two_people(draft_brand, submit, carol, dave):
    submission = submit(draft_brand)
    Submission.objects.update(state=State.NEEDS_DECISION)

    assert actions.decide(submission, "send_again", by=carol) is False
    assert actions.decide(submission, "send_again", by=carol) is False
    assert actions.decide(submission, "send_again", by=dave) is True

    submission.refresh_from_db()
    assert submission.state == State.QUEUED
    assert (submission.decision_proposed_by, submission.decided_by) == (carol, dave)


def test_two_people_may_withdraw_it_too(draft_brand, submit, carol, dave):
    submission = submit(draft_brand)
    Submission.objects.update(state=State.NEEDS_DECISION)

    actions.decide(submission, "withdraw", by=carol)
    actions.decide(submission, "withdraw", by=dave)

    draft_brand.refresh_from_db()
    assert draft_brand.status == Status.DRAFT
