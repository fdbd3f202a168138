"""Who is written to, about what, and that nobody is written to twice."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from registrations import actions, notices
from registrations.lifecycle import Actor, Cause, Status, move_to, raise_conflict
from registrations.models import Notice, NoticeKind, Preferences, State, Submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def deliver(settings):
    """Do what beat and a worker do: write down what is news and send what is due."""
    settings.NOTICE_GATHER_SECONDS = 0

    def deliver():
        before = len(mail.outbox)
        notices.write_down_news()
        for user_id, kind in notices.due_letters():
            notices.send_letter(user_id, kind)
        return mail.outbox[before:]

    return deliver


@pytest.fixture
def reject(submit):
    def reject(registration, *reasons):
        if registration.status == Status.DRAFT:
            submit(registration)
        registration.refresh_from_db()
        move_to(registration, Status.REJECTED, actor=Actor.PLIVO, cause=Cause.CALLBACK)
        type(registration).objects.filter(pk=registration.pk).update(reasons=list(reasons))

    return reject


def readers(letters):
    return sorted(address for letter in letters for address in letter.to)


def test_a_rejection_is_told_to_its_marketer_and_to_compliance_with_plivos_reason(
    deliver, reject, draft_brand, bob, dave, audrey
):
    reject(draft_brand, {"code": "1101", "text": "The US EIN provided is invalid."})

    letters = deliver()

    assert readers(letters) == ["alice@example.com", "carol@example.com", "dave@example.com"]
    letter = letters[0]
    html = letter.alternatives[0].content
    assert draft_brand.reference in letter.subject
    assert "1101 The US EIN provided is invalid." in letter.body
    assert "The US EIN provided is invalid." in html
    assert draft_brand.get_absolute_url() in letter.body and draft_brand.get_absolute_url() in html


def test_nobody_is_told_twice(deliver, reject, draft_brand):
    reject(draft_brand)

    assert len(deliver()) == 2
    assert deliver() == []


def test_a_registration_is_told_to_the_marketers_of_its_organization_only(
    deliver, submit, draft_brand, bob, dave
):
    submit(draft_brand)
    draft_brand.refresh_from_db()
    move_to(draft_brand, Status.REGISTERED, actor=Actor.LOOKUP, cause=Cause.LOOKUP)

    letters = deliver()

    assert readers(letters) == ["alice@example.com"]
    assert "is registered" in letters[0].subject
    assert "not yet confirmed" in letters[0].body


def test_what_compliance_returned_is_told_with_what_she_wrote(deliver, draft_brand, alice, carol):
    actions.send_for_review(draft_brand, by=alice)
    actions.send_back(draft_brand, by=carol, note="The website does not open.")

    letters = deliver()

    assert "alice@example.com" in readers(letters)
    assert "The website does not open." in letters[0].body


def test_a_contradiction_is_told_to_compliance_once(deliver, submit, draft_brand, carol):
    submit(draft_brand)
    raise_conflict(draft_brand, "It stood at rejected, and a callback says registered.",
                   actor=Actor.PLIVO, cause=Cause.CALLBACK)  # fmt: skip

    letters = deliver()

    assert readers(letters) == ["carol@example.com"]
    assert "a callback says registered" in letters[0].body
    assert deliver() == []


def test_a_needed_decision_is_told_to_compliance(deliver, submit, draft_brand):
    submission = submit(draft_brand)
    Submission.objects.filter(pk=submission.pk).update(state=State.NEEDS_DECISION)

    letters = deliver()

    assert readers(letters) == ["carol@example.com"]
    assert "two people decide" in letters[0].body


def test_many_at_once_are_one_mail(deliver, reject, make_brand):
    for number in range(3):
        reject(make_brand(name=f"Brand {number}", ein=f"12-345678{number}"))

    letters = [letter for letter in deliver() if letter.to == ["alice@example.com"]]

    assert len(letters) == 1
    assert "3 registrations came back" in letters[0].subject
    assert all(f"Brand {number}" in letters[0].body for number in range(3))


def test_whoever_declined_a_kind_is_spared_it(deliver, reject, draft_brand, alice):
    Preferences.objects.create(user=alice, mail_rejected=False)
    reject(draft_brand)

    assert readers(deliver()) == ["carol@example.com"]


def test_whoever_left_or_has_no_address_is_not_written_to(
    deliver, reject, draft_brand, alice, carol
):
    reject(draft_brand)
    type(alice).objects.filter(pk=alice.pk).update(email="")
    type(carol).objects.filter(pk=carol.pk).update(is_active=False)

    assert deliver() == []
    assert Notice.objects.get().user is None


def test_news_of_last_week_is_none(deliver, reject, draft_brand):
    reject(draft_brand)

    with time_machine.travel(timezone.now() + timedelta(days=7), tick=False):
        assert deliver() == []


def test_a_mail_server_that_is_down_delays_the_mail_and_loses_none(
    deliver, reject, draft_brand, settings
):
    reject(draft_brand)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    deliver()
    failed = list(Notice.objects.values_list("attempts", "sent_at"))

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        letters = deliver()

    assert failed == [(1, None), (1, None)]
    assert readers(letters) == ["alice@example.com", "carol@example.com"]


def test_names_cannot_forge_a_header_or_mark_up_a_mail(deliver, reject, make_brand):
    brand = make_brand(name='Acme\r\nBcc: x@example.com "><img src=x onerror=alert(1)>')
    reject(brand)

    letter = deliver()[0]

    assert "\n" not in letter.subject and "\r" not in letter.subject
    assert letter.recipients() == letter.to
    assert "<img src=x" not in letter.alternatives[0].content


def test_no_mail_holds_a_tax_id(deliver, reject, draft_brand):
    reject(draft_brand)

    for letter in deliver():
        told = letter.subject + letter.body + letter.alternatives[0].content
        assert "3456780" not in told and "12-345" not in told


class TestDigest:
    @pytest.fixture
    def stuck_brand(self, submit, draft_brand):
        submit(draft_brand)
        draft_brand.refresh_from_db()
        move_to(draft_brand, Status.SUBMITTED, actor=Actor.PORTAL, cause=Cause.SUBMISSION)
        type(draft_brand).objects.update(status_since=timezone.now() - timedelta(days=30))
        return draft_brand

    @pytest.fixture
    def at_noon(self):
        noon = timezone.now().replace(hour=12, minute=0)
        with time_machine.travel(noon, tick=False):
            yield noon

    def send(self):
        before = len(mail.outbox)
        notices.write_digests()
        for user_id, kind in notices.due_letters():
            if kind == NoticeKind.DIGEST:
                notices.send_letter(user_id, kind)
        return mail.outbox[before:]

    def test_what_is_stuck_is_told_once_a_day(self, stuck_brand, bob, at_noon):
        first, again = self.send(), self.send()
        with time_machine.travel(at_noon + timedelta(days=1), tick=False):
            tomorrow = self.send()

        assert readers(first) == ["alice@example.com", "carol@example.com"]
        assert stuck_brand.reference in first[0].body
        assert again == []
        assert readers(tomorrow) == readers(first)

    def test_it_waits_for_the_readers_morning(self, stuck_brand, alice, carol, at_noon):
        Preferences.objects.create(user=alice, time_zone="Pacific/Honolulu")
        Preferences.objects.create(user=carol, mail_digest=False)

        assert self.send() == []
        with time_machine.travel(at_noon + timedelta(hours=8), tick=False):
            assert readers(self.send()) == ["alice@example.com"]

    def test_a_day_on_which_nothing_is_stuck_brings_no_mail(self, draft_brand, alice, at_noon):
        assert self.send() == []
