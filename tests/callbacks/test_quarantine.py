"""What is kept of requests that Plivo did not sign, and what nobody may alter afterwards."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone

from callbacks import quarantine, receiving
from callbacks.models import Callback, RefusedCount
from registrations.plivo.signature import V2_NONCE
from tests.callbacks.conftest import moves_by_plivo, outcomes, signed, standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def forged(submission, plivo_says):
    """Three forgeries beside one true callback."""
    plivo_says(submission, status="created")
    for number in range(3):
        plivo_says(submission, token="not the token", status="registered", note=number)
    return Callback.objects.filter(outcome="forged").order_by("pk")


# --- Bounds ---


def test_trimming_lets_go_of_the_oldest_forgeries_and_of_nothing_that_was_verified(
    forged, settings
):
    settings.QUARANTINE_MAX_ROWS = 2
    newest = list(forged)[1:]

    quarantine.trim()

    assert list(forged.all()) == newest
    assert outcomes() == ["applied", "forged", "forged"]


def test_trimming_also_bounds_the_bytes(forged, settings):
    settings.QUARANTINE_MAX_BYTES = 10

    quarantine.trim()

    assert outcomes() == ["applied"]


def test_trimming_below_the_bounds_lets_go_of_nothing(forged):
    quarantine.trim()

    assert outcomes() == ["applied", "forged", "forged", "forged"]


def test_of_many_forgeries_a_few_are_kept_and_all_are_refused(
    submitted_brand, submission, plivo_says
):
    answers = [
        plivo_says(submission, token="not the token", status="registered") for _ in range(20)
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert outcomes() == ["forged"] * quarantine.KEPT_PER_SOURCE
    assert RefusedCount.objects.count() >= 1
    assert standing(submitted_brand) == "submitted"


def test_of_a_long_forgery_only_the_beginning_is_kept(submission, plivo_says, the_only_callback):
    plivo_says(submission, token="not the token", note="x" * 10_000)

    callback = the_only_callback()
    assert len(callback.body) == 4096
    assert callback.body_length > 10_000


def test_nobody_fills_the_disk_with_headers_or_queries(submission, knock, the_only_callback):
    many = {f"X-Header-{number}": "x" * 2_000 for number in range(100)}

    knock(submission, headers={**many, V2_NONCE: "12345"}, query="q" * 10_000)

    callback = the_only_callback()
    assert len(callback.query) == 4096
    assert len(callback.headers) == receiving.MOST_HEADERS_KEPT
    assert max(len(value) for value in callback.headers.values()) == 1024
    assert callback.headers[V2_NONCE] == "12345"


def test_the_bound_on_bytes_counts_headers_and_queries_too(submission, knock, settings):
    knock(submission, headers={}, query="q" * 4_000)
    settings.QUARANTINE_MAX_BYTES = 3_000

    quarantine.trim()

    assert outcomes() == []


def test_every_refusal_is_counted(submission, plivo_says):
    for _ in range(20):
        plivo_says(submission, token="not the token", status="registered")

    assert sum(RefusedCount.objects.values_list("count", flat=True)) == 20


def test_counts_that_could_not_be_written_down_are_written_with_the_next(submission, plivo_says):
    def full(execute, sql, params, many, context):
        if "callbacks_refusedcount" in sql:
            raise OperationalError("the disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(full):
        answers = [plivo_says(submission, token="not the token") for _ in range(3)]
    plivo_says(submission, token="not the token")

    assert {answer.status_code for answer in answers} == {403}
    assert RefusedCount.objects.get().count == 4


def test_what_is_counted_meanwhile_is_written_down_once_and_needs_no_further_refusal():
    when_it_is_time = []
    doorkeeper = quarantine.Doorkeeper(later=when_it_is_time.append)
    arrival = receiving.Arrival("POST", "/callbacks/plivo/", "", {}, b"", "192.0.2.1")
    for _ in range(50):
        doorkeeper.refuse(arrival, "It is not signed.")

    [write_down] = when_it_is_time
    write_down()

    assert sum(RefusedCount.objects.values_list("count", flat=True)) == 50


def test_a_full_quarantine_still_answers_403(submission, plivo_says):
    def full(execute, sql, params, many, context):
        if "INSERT" in sql:
            raise OperationalError("the disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(full):
        answer = plivo_says(submission, token="not the token", status="registered")

    assert answer.status_code == 403
    assert outcomes() == []


def test_forgeries_make_plivo_be_asked_at_most_once_in_five_minutes(
    submitted_brand, submission, plivo_says
):
    brands = type(submitted_brand).objects.filter(pk=submitted_brand.pk)
    brands.update(lookup_due_at=None)
    plivo_says(submission, token="not the token")
    asked_first = brands.filter(lookup_due_at__isnull=False).exists()
    brands.update(lookup_due_at=None)

    plivo_says(submission, token="not the token")

    assert asked_first
    assert not brands.filter(lookup_due_at__isnull=False).exists()


def test_counts_are_let_go_of_after_a_year_and_some():
    now = timezone.now()
    RefusedCount.objects.create(minute=now - timedelta(days=401), count=3)
    RefusedCount.objects.create(minute=now - timedelta(days=1), count=4)

    quarantine.trim()

    assert RefusedCount.objects.get().count == 4


# --- Evidence ---


def _refused_by_the_database(deed):
    with pytest.raises(DatabaseError), transaction.atomic():
        deed()


@pytest.mark.parametrize("column", ["body", "headers", "received_at", "path", "mac", "peer"])
def test_what_arrived_cannot_be_changed(column, submission, plivo_says, the_only_callback):
    plivo_says(submission, status="registered")
    callback = the_only_callback()

    def alter():
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE callbacks_callback SET {column} = {column}")

    _refused_by_the_database(alter)

    assert Callback.objects.get().body_digest == callback.body_digest


def test_a_changed_body_cannot_be_saved(submission, plivo_says, the_only_callback):
    plivo_says(submission, status="registered")
    callback = the_only_callback()
    before, callback.body = bytes(callback.body), b"status=rejected"

    _refused_by_the_database(callback.save)

    assert bytes(the_only_callback().body) == before


def test_a_verified_callback_cannot_be_deleted(forged):
    true = Callback.objects.get(outcome="applied")

    _refused_by_the_database(true.delete)

    assert outcomes() == ["applied", "forged", "forged", "forged"]


def test_a_verified_callback_cannot_be_called_forged_to_be_deleted(forged):
    true = Callback.objects.filter(outcome="applied")

    _refused_by_the_database(lambda: true.update(outcome="forged"))

    assert outcomes() == ["applied", "forged", "forged", "forged"]


def test_a_forged_callback_may_be_deleted(forged):
    forged.first().delete()

    assert outcomes() == ["applied", "forged", "forged"]


# --- Second thoughts ---


@pytest.fixture
def refused_for_want_of_a_token(submitted_brand, submission, plivo_says):
    plivo_says(submission, token="the new token", status="registered")
    plivo_says(submission, token="not the token", status="rejected")
    assert outcomes() == ["forged", "forged"]


def test_what_was_refused_for_want_of_a_token_is_received_once_the_token_is_known(
    submitted_brand, submission, refused_for_want_of_a_token, command
):
    submission.account.tokens.create(token="the new token")

    printed = command("reverify_quarantine")

    assert printed == "1 of 2 are Plivo's."
    assert outcomes() == ["forged", "forged", "applied"]
    assert standing(submitted_brand) == "registered"


def test_reverifying_again_changes_nothing_more(
    submitted_brand, submission, refused_for_want_of_a_token, command
):
    submission.account.tokens.create(token="the new token")
    command("reverify_quarantine")

    command("reverify_quarantine")

    assert moves_by_plivo(submitted_brand) == [("submitted", "registered")]


def test_reverifying_without_a_new_token_receives_nothing(
    submitted_brand, refused_for_want_of_a_token, command
):
    printed = command("reverify_quarantine")

    assert printed == "0 of 2 are Plivo's."
    assert standing(submitted_brand) == "submitted"


def test_what_was_received_meanwhile_is_not_received_again_from_quarantine(
    submission, plivo_says, command
):
    plivo_says(submission, nonce="12345", token="the new token", status="registered")
    submission.account.tokens.create(token="the new token")
    plivo_says(submission, nonce="12345", token="the new token", status="registered")

    command("reverify_quarantine")

    assert outcomes() == ["forged", "applied"]


def test_at_the_fixed_address_too_what_proves_true_is_received(
    submitted_brand, submission, knock, settings, command
):
    fixed = "/callbacks/plivo/"
    right, settings.PUBLIC_URL = settings.PUBLIC_URL, "https://wrong.example.com"
    headers = signed(right + fixed, token=settings.PLIVO_AUTH_TOKEN)
    knock(None, b"brand_id=BTEST02&status=registered", path=fixed, headers=headers)
    settings.PUBLIC_URL = right

    printed = command("reverify_quarantine")

    assert printed == "1 of 1 are Plivo's."
    assert standing(submitted_brand) == "registered"


def test_of_a_true_callback_that_was_too_long_to_be_kept_whole_plivo_is_asked(
    submitted_brand, submission, plivo_says, command
):
    plivo_says(submission, token="the new token", status="registered", note="x" * 5_000)
    submission.account.tokens.create(token="the new token")
    brands = type(submitted_brand).objects.filter(pk=submitted_brand.pk)
    brands.update(lookup_due_at=None)

    command("reverify_quarantine")

    assert outcomes() == ["forged"]
    assert brands.filter(lookup_due_at__isnull=False).exists()


def test_a_forged_callback_is_never_reapplied(submitted_brand, forged):
    with pytest.raises(CommandError, match="is forged"):
        call_command("reapply", str(forged.first().pk))

    assert standing(submitted_brand) == "created"


def test_an_applied_callback_is_not_applied_again(forged):
    true = Callback.objects.get(outcome="applied")

    with pytest.raises(CommandError, match="is applied"):
        call_command("reapply", str(true.pk))


def test_reapply_says_so_if_there_is_no_such_callback():
    with pytest.raises(CommandError, match="no callback 4711"):
        call_command("reapply", "4711")
