"""A 200 is durable: whatever breaks on the way, Plivo hears 503 and tries again."""

from contextlib import contextmanager

import pytest
from django.db import connection

from tests.callbacks.conftest import moves_by_plivo, outcomes, standing

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def cut_before(*words):
    """Close the true connection to the database before a statement with all these words."""

    def wrapper(execute, sql, params, many, context):
        if all(word in sql for word in words):
            connection.connection.close()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        ("INSERT", "callbacks_callback"),
        ("INSERT", "registrations_auditentry"),
        ("UPDATE", "callbacks_callback"),
        ("UPDATE", "lookup_due_at"),
        ("RELEASE SAVEPOINT",),
    ],
    ids=" ".join,
)
def test_a_connection_that_breaks_on_the_way_is_answered_503_and_the_next_try_succeeds(
    statement, shared_database, submitted_brand, submission, plivo_says
):
    with cut_before(*statement):
        broken = plivo_says(submission, nonce="12345", status="registered")
    kept = outcomes()
    again = plivo_says(submission, nonce="12345", status="registered")

    assert (broken.status_code, kept) == (503, [])
    assert again.json() == {"outcome": "applied"}
    assert standing(submitted_brand) == "registered"
    assert moves_by_plivo(submitted_brand) == [("submitted", "registered")]


def test_a_commit_that_fails_is_answered_503(
    shared_database, submitted_brand, submission, plivo_says, monkeypatch
):
    commit = connection._commit
    monkeypatch.setattr(connection, "_commit", lambda: (connection.connection.close(), commit()))

    broken = plivo_says(submission, nonce="12345", status="registered")
    monkeypatch.undo()
    connection.close()

    assert (broken.status_code, outcomes()) == (503, [])
    assert standing(submitted_brand) == "submitted"
