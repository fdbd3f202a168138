"""Several callbacks at once, in real threads with connections of their own."""

from collections import Counter
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client

from tests.callbacks.conftest import moves_by_plivo, outcomes, path_of, signed, standing

FORM = "application/x-www-form-urlencoded"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def all_at_once(settings):
    """Deliver these bodies, each under its nonce, at the same moment; answer the status codes."""

    def all_at_once(submission, deliveries):
        path, url = path_of(submission), submission.callback_url
        gate = Barrier(len(deliveries))
        answers = []

        def deliver(nonce, body):
            headers = signed(url, token=settings.PLIVO_AUTH_TOKEN, nonce=nonce)
            gate.wait()
            try:
                answer = Client().post(path, body, FORM, headers=headers)
                answers.append((answer.status_code, answer.json().get("outcome")))
            finally:
                connection.close()

        threads = [Thread(target=deliver, args=delivery) for delivery in deliveries]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    return all_at_once


def test_eight_identical_callbacks_at_once_make_one_move(
    shared_database, submitted_brand, submission, all_at_once
):
    answers = all_at_once(submission, [("12345", "status=registered")] * 8)

    assert Counter(answers) == {(200, "applied"): 1, (200, "repeat"): 7}
    assert Counter(outcomes()) == {"applied": 1, "repeat": 7}
    assert moves_by_plivo(submitted_brand) == [("submitted", "registered")]


def test_the_same_word_in_eight_deliveries_at_once_makes_one_move(
    shared_database, submitted_brand, submission, all_at_once
):
    answers = all_at_once(submission, [(str(n), "status=registered") for n in range(8)])

    assert Counter(answers) == {(200, "applied"): 1, (200, "repeat"): 7}
    assert moves_by_plivo(submitted_brand) == [("submitted", "registered")]


def test_created_and_registered_at_once_end_registered(
    shared_database, submitted_brand, submission, all_at_once
):
    words = ["created", "registered"] * 4

    answers = all_at_once(submission, [(str(n), f"status={w}") for n, w in enumerate(words)])

    assert {status for status, _ in answers} == {200}
    assert {outcome for _, outcome in answers} <= {"applied", "repeat", "late"}
    assert standing(submitted_brand) == "registered"
    assert submitted_brand.conflict == ""
    assert moves_by_plivo(submitted_brand)[-1][1] == "registered"


def test_last_words_that_contradict_at_once_leave_one_standing_and_a_conflict(
    shared_database, submitted_brand, submission, all_at_once
):
    words = ["registered", "rejected"] * 3

    answers = all_at_once(submission, [(str(n), f"status={w}") for n, w in enumerate(words)])

    assert Counter(answers) == {(200, "applied"): 1, (200, "repeat"): 2, (200, "conflict"): 3}
    assert standing(submitted_brand) in ("registered", "rejected")
    assert submitted_brand.conflict != ""


def test_callbacks_at_once_that_are_faster_than_the_answer_prove_the_request_once(
    shared_database, draft_brand, being_sent, all_at_once
):
    submission = being_sent(draft_brand)

    answers = all_at_once(submission, [("12345", "status=created")] * 6)

    submission.refresh_from_db()
    assert Counter(answers) == {(200, "applied"): 1, (200, "repeat"): 5}
    assert submission.state == "accepted"
    assert standing(draft_brand) == "created"
