"""What machines that watch the portal are told."""

import pytest
from django.db import connection

from registrations.models import State, Submission

pytestmark = pytest.mark.django_db


def test_alive_does_not_mean_that_the_database_answers(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"


def test_ready_when_every_migration_is_there(client):
    assert client.get("/readyz").json() == {"ready": True}


def test_not_ready_while_a_migration_is_missing(client):
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'callbacks' AND name LIKE '0002%'"
        )

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "migrations" in answer.json()["why"]


def test_the_numbers_tell_what_lags(client, draft_brand, submit):
    submit(draft_brand)
    Submission.objects.update(state=State.NEEDS_DECISION)

    told = client.get("/metrics").content.decode()

    assert "portal_submissions_needing_decision 1\n" in told
    assert "portal_audit_entries 3\n" in told
    assert "portal_last_list_sweep_seconds -1\n" in told
