"""What could not be applied at once: when it is tried again, and that trying twice does no harm."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from callbacks import applying, tasks
from callbacks.models import Callback
from tests.callbacks.conftest import moves_by_plivo, outcomes, signed, standing

pytestmark = pytest.mark.django_db


def failing(*words, times=1000):
    """A database that fails so many times at statements with all these words in them."""
    left = [times]

    def wrapper(execute, sql, params, many, context):
        if left[0] and all(word in sql for word in words):
            left[0] -= 1
            raise OperationalError("deadlock detected")
        return execute(sql, params, many, context)

    return connection.execute_wrapper(wrapper)


def aged(callback, age):
    """Bring a callback back that was received so long ago, as evidence cannot be made older."""
    callback.received_at = timezone.now() - age
    return callback


@pytest.fixture
def unapplied(submission, plivo_says, the_only_callback):
    with failing("INSERT", "registrations_auditentry"):
        plivo_says(submission, status="registered")
    assert outcomes() == ["unapplied"]
    return the_only_callback()


def test_a_deadlock_is_tried_once_more_at_once(
    submitted_brand, submission, plivo_says, the_only_callback
):
    with failing("INSERT", "registrations_auditentry", times=1):
        answer = plivo_says(submission, status="registered")

    assert answer.json() == {"outcome": "applied"}
    assert the_only_callback().entry == submitted_brand.trail.order_by("-sequence").first()
    assert moves_by_plivo(submitted_brand) == [("submitted", "registered")]


def test_a_fault_after_the_move_undoes_the_move_and_keeps_the_callback(
    submitted_brand, submission, plivo_says, the_only_callback
):
    with failing("UPDATE", "callbacks_callback", times=2):
        answer = plivo_says(submission, status="registered")

    callback = the_only_callback()
    assert answer.json() == {"outcome": "unapplied"}
    assert (callback.entry, callback.submission) == (None, submission)
    assert standing(submitted_brand) == "submitted"
    assert moves_by_plivo(submitted_brand) == []


def test_two_sweepers_apply_a_callback_once_and_keep_its_line_of_the_trail(
    submitted_brand, unapplied
):
    applying.reapply(unapplied.pk)

    applying.reapply(unapplied.pk)

    unapplied.refresh_from_db()
    assert unapplied.outcome == "applied"
    assert unapplied.entry == submitted_brand.trail.order_by("-sequence").first()
    assert moves_by_plivo(submitted_brand) == [("submitted", "registered")]


def test_what_fails_again_is_tried_ever_more_seldom_and_then_left_to_a_person(unapplied):
    soon = applying._next_try(unapplied)
    later = applying._next_try(aged(unapplied, timedelta(hours=1)))
    never = applying._next_try(aged(unapplied, timedelta(days=3)))

    assert soon <= timezone.now()
    assert later - timezone.now() > timedelta(minutes=59)
    assert never is None


def test_what_is_not_due_is_not_tried(submitted_brand, unapplied):
    in_an_hour = timezone.now() + timedelta(hours=1)
    Callback.objects.update(try_again_at=in_an_hour)

    tasks.sweep()

    assert outcomes() == ["unapplied"]


def test_one_callback_that_never_works_does_not_keep_the_next_from_being_applied(
    unapplied, campaign_submission, plivo_says, submitted_brand
):
    with failing("UPDATE", "registrations_brand"):
        tasks.sweep()
        answer = plivo_says(campaign_submission, status="registered")

    assert answer.json() == {"outcome": "applied"}
    assert outcomes() == ["unapplied", "applied"]


def test_what_nobody_knows_is_left_as_it_is_by_the_sweep(knock, settings, the_only_callback):
    fixed = "/callbacks/plivo/"
    headers = signed(settings.PUBLIC_URL + fixed, token=settings.PLIVO_AUTH_TOKEN)
    knock(None, b"brand_id=BNOBODY&status=registered", path=fixed, headers=headers)
    before = the_only_callback()

    tasks.sweep()

    assert the_only_callback().explanation == before.explanation
    assert outcomes() == ["unrecognised"]


def test_a_word_that_was_learnt_since_is_understood_when_it_is_reapplied(
    submitted_brand, submission, plivo_says, command, monkeypatch, the_only_callback
):
    plivo_says(submission, type="brand", status="approved-by-tcr")
    assert outcomes() == ["unrecognised"]
    from registrations.plivo import vocabulary

    monkeypatch.setitem(vocabulary.REPORTED["brand"], "approved-by-tcr", "registered")

    printed = command("reapply", str(the_only_callback().pk))

    assert printed == "applied"
    assert standing(submitted_brand) == "registered"
