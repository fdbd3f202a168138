"""How often a key may ask: counted in the database, and never for Plivo's callbacks."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import close_old_connections, connection
from django.urls import reverse
from django.utils import timezone

from callbacks.quarantine import Doorkeeper
from callbacks.views import CallbackView
from registrations import tasks
from registrations.models import ApiUse
from tests.api.tiny import TINY, bearer, key_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.tiny")]

NOON = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def three_in_a_minute(settings):
    settings.API_REQUESTS_PER_MINUTE = 3


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def ask(client, secret, method="get"):
    return getattr(client, method)(TINY, headers=bearer(secret))


def test_a_key_that_asks_too_often_is_told_when_to_come_back(client, alice, acme, clock):
    _, secret = key_of(alice, acme)
    clock.shift(47.5)

    answers = [ask(client, secret) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3]["Retry-After"] == "13"
    assert answers[3]["Content-Type"] == "application/problem+json"
    assert answers[3].json()["code"] == "throttled"
    assert "3 times a minute" in answers[3].json()["detail"]


def test_whoever_waits_as_told_is_let_in_again(client, alice, acme, clock):
    _, secret = key_of(alice, acme)
    refused = [ask(client, secret) for _ in range(4)][3]

    clock.shift(int(refused["Retry-After"]))

    assert ask(client, secret).status_code == 200


def test_reading_and_writing_count_alike(client, alice, acme, clock):
    _, secret = key_of(alice, acme)

    answers = [ask(client, secret, method) for method in ("get", "post", "get", "post")]

    assert [answer.status_code for answer in answers] == [200, 201, 200, 429]


def test_each_key_is_counted_for_itself(client, alice, acme, clock):
    (_, one), (_, other) = key_of(alice, acme), key_of(alice, acme)
    for _ in range(4):
        ask(client, one)

    assert ask(client, other).status_code == 200


def test_a_person_in_a_browser_is_not_counted(client, alice, clock):
    client.force_login(alice)

    assert {client.get(TINY).status_code for _ in range(9)} == {200}
    assert not ApiUse.objects.exists()


def test_counting_is_one_statement_and_refusing_writes_nothing(
    client, alice, acme, clock, django_assert_num_queries
):
    key, _ = key_of(alice, acme)
    assert ApiUse.count_one(key, NOON, most=3)

    with django_assert_num_queries(1):
        assert ApiUse.count_one(key, NOON, most=3)
    ApiUse.count_one(key, NOON, most=3)

    assert not ApiUse.count_one(key, NOON, most=3)
    assert ApiUse.objects.get().count == 3


def test_of_many_at_once_no_more_are_let_in_than_allowed(shared_database, alice, acme):
    key, _ = key_of(alice, acme)
    crowd, let_in = 12, []
    gate = Barrier(crowd)

    def come():
        try:
            gate.wait()
            let_in.append(ApiUse.count_one(key, NOON, most=5))
        finally:
            close_old_connections()
            connection.close()

    threads = [Thread(target=come) for _ in range(crowd)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(let_in), sum(let_in)) == (crowd, 5)
    assert ApiUse.objects.get().count == 5


@pytest.fixture
def quick_doorkeeper(monkeypatch):
    """It counts at once: in the second that it takes elsewhere, the test is over."""
    monkeypatch.setattr("callbacks.views.doorkeeper", Doorkeeper(later=lambda write: write()))


@pytest.mark.usefixtures("quick_doorkeeper")
def test_no_callback_is_ever_told_to_wait(client, alice, acme, clock):
    _, secret = key_of(alice, acme)
    for _ in range(4):
        assert ask(client, secret)
    addresses = [reverse("plivo-callback-fixed"), reverse("plivo-callback", args=["aB3x9Q"])]

    answers = {
        getattr(client, method)(address, headers=bearer(secret)).status_code
        for address in addresses
        for method in ("get", "post")
        for _ in range(10)
    }

    assert ask(client, secret).status_code == 429
    assert answers == {403, 404}
    assert CallbackView().get_throttles() == []


def test_a_signed_callback_is_taken_however_many_came_before(
    plivo, submit, draft_brand, work_off, plivo_says
):
    submission = submit(draft_brand)
    work_off()
    draft_brand.refresh_from_db()
    said = {"status": "created", "brand_id": draft_brand.plivo_id}

    answers = {plivo_says(submission, **said).status_code for _ in range(9)}

    assert answers == {200}


def test_uses_are_forgotten_after_a_day(alice, acme):
    key, _ = key_of(alice, acme)
    for hours in (0, 23, 25, 300):
        ApiUse.count_one(key, timezone.now() - timedelta(hours=hours), most=9)

    tasks.forget_uses()

    assert ApiUse.objects.count() == 2


def test_a_worker_is_asked_to_forget(settings):
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert tasks.forget_uses.name in scheduled
