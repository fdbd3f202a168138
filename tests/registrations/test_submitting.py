"""The road of a request, against the sandbox over real HTTP: once, and never lost."""

import pytest
from django.utils import timezone

from registrations import submitting
from registrations.lifecycle import Status
from registrations.models import Phase, State, Submission
from registrations.plivo.sandbox import faults
from registrations.submitting import recording

pytestmark = pytest.mark.django_db(transaction=True)


def brands_at(plivo):
    return [row["brand_id"] for row in plivo.state.brands.rows()]


def profiles_at(plivo):
    rows = plivo.state.profiles.rows()
    return [row for row in rows if row["profile_type"] == "SECONDARY"]


def fault(plivo, kind, on="create_brand", **more):
    plivo.state.faults.append(faults.check({"kind": kind, "operation": on, **more}))


@pytest.fixture
def submission(draft_brand, submit):
    return submit(draft_brand)


def test_a_request_is_sent_and_accepted(plivo, submission):
    submitting.send(submission.pk)

    submission.refresh_from_db()
    assert submission.state == State.ACCEPTED
    assert submission.plivo_id == submission.brand.plivo_id == brands_at(plivo)[0]
    assert submission.brand.status == Status.SUBMITTED
    assert submission.brand.profile_uuid == profiles_at(plivo)[0]["profile_uuid"]


def test_sending_twice_makes_one_brand(plivo, submission):
    submitting.send(submission.pk)
    submitting.send(submission.pk)

    assert len(brands_at(plivo)) == len(profiles_at(plivo)) == 1


def test_only_what_was_filled_in_is_sent(plivo, submission):
    submitting.send(submission.pk)

    profile = profiles_at(plivo)[0]
    assert "stock_symbol" not in profile
    assert profile["ein"] == "123456780"


def test_what_the_api_refuses_ends_refused_with_its_words(plivo, make_brand, submit):
    submission = submit(make_brand(company_name="Refuse Inc."))

    submitting.send(submission.pk)

    submission.refresh_from_db()
    assert submission.state == State.REFUSED
    assert submission.brand.status == Status.REFUSED
    assert submission.brand.reasons[0]["text"] == submission.error != ""
    assert brands_at(plivo) == []


@pytest.mark.parametrize(
    "kind", ["lost_answer", "error_500_after", "html_body", "no_id", "truncated"]
)
def test_a_request_whose_answer_was_lost_is_found_and_not_sent_again(
    plivo, submission, work_off, kind
):
    fault(plivo, kind)

    assert submitting.send(submission.pk) == State.UNKNOWN
    work_off()

    submission.refresh_from_db()
    assert submission.state == State.ACCEPTED
    assert submission.brand.plivo_id == brands_at(plivo)[0]
    assert len(brands_at(plivo)) == 1


def test_a_lost_profile_is_found_and_the_brand_made_on_it(plivo, submission, work_off):
    fault(plivo, "lost_answer", on="create_profile")

    assert submitting.send(submission.pk) == State.UNKNOWN
    work_off()

    submission.refresh_from_db()
    assert submission.state == State.ACCEPTED
    assert len(profiles_at(plivo)) == len(brands_at(plivo)) == 1


def test_what_left_no_trace_waits_for_two_people(plivo, submission, work_off, settings):
    settings.ABSENCE_GRACE_SECONDS = 0
    fault(plivo, "error_500_before")

    submitting.send(submission.pk)
    work_off()

    submission.refresh_from_db()
    assert submission.state == State.NEEDS_DECISION
    assert brands_at(plivo) == []


def test_absence_proves_nothing_before_plivo_had_time_to_act_late(plivo, submission, work_off):
    fault(plivo, "error_500_before")

    submitting.send(submission.pk)
    work_off()

    submission.refresh_from_db()
    assert submission.state == State.UNKNOWN


def test_too_many_requests_means_later(plivo, submission, account):
    fault(plivo, "rate_limited", retry_after=7)

    assert submitting.send(submission.pk) == State.QUEUED

    account.refresh_from_db()
    submission.refresh_from_db()
    assert account.hold_until > timezone.now()
    assert submission.due_at == account.hold_until


def test_credentials_that_fail_pause_the_account_and_reject_nothing(plivo, submission, account):
    account.tokens.all().delete()
    account.tokens.create(token="not the token that Plivo knows")

    assert submitting.send(submission.pk) == State.QUEUED

    account.refresh_from_db()
    submission.refresh_from_db()
    assert account.paused_at
    assert submission.brand.status == Status.QUEUED


def test_an_unreachable_plivo_means_later(submission, settings):
    settings.PLIVO_API_URL = "http://127.0.0.1:9"

    assert submitting.send(submission.pk) == State.QUEUED

    submission.refresh_from_db()
    assert submission.due_at > timezone.now()
    assert "could not be reached" in submission.waiting_for


def test_a_worker_that_died_before_calling_has_sent_nothing(submission):
    Submission.objects.update(
        state=State.SENDING,
        phase=Phase.PREPARED,
        lease_token="gone",
        lease_until=timezone.now(),
    )

    submitting.expire_leases()

    submission.refresh_from_db()
    assert submission.state == State.QUEUED


def test_a_worker_that_died_while_calling_leaves_an_unknown_and_never_a_second_call(submission):
    Submission.objects.update(
        state=State.SENDING,
        phase=Phase.CALLING,
        lease_token="gone",
        lease_until=timezone.now(),
    )

    submitting.expire_leases()

    submission.refresh_from_db()
    assert submission.state == State.UNKNOWN


def test_a_worker_that_comes_back_late_overwrites_nothing(plivo, submission):
    submitting.send(submission.pk)
    late = Submission.objects.get(pk=submission.pk)
    late.lease_token = "expired long ago"

    recording.put_back(late, "late", until=timezone.now())

    submission.refresh_from_db()
    assert submission.state == State.ACCEPTED


def test_a_campaign_waits_until_its_brand_is_confirmed(
    plivo, make_campaign, submit, registered_brand
):
    submission = submit(make_campaign())
    type(registered_brand).objects.update(confirmed_at=None, confirmed_status="")

    assert submitting.send(submission.pk) == ""

    submission.refresh_from_db()
    assert submission.state == State.QUEUED
    assert "not confirmed" in submission.waiting_for
    assert not plivo.state.calls


def test_a_runaway_stops_at_the_hourly_limit(plivo, submission, make_brand, submit, settings):
    settings.MAX_PAID_CALLS_PER_HOUR = 1
    second = submit(make_brand(name="Second", ein="12-3456781"))
    submitting.send(submission.pk)

    submitting.send(second.pk)

    second.refresh_from_db()
    assert second.state == State.QUEUED
    assert "hourly limit" in second.waiting_for
    assert len(brands_at(plivo)) == 1
