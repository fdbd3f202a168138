"""Nobody edits a trail unseen."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from registrations import evidence
from registrations.models import AuditEntry
from registrations.models.append_only import drop_statements
from tests.conftest import EVIDENCE, _triggers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def brand(draft_brand, submit):
    submit(draft_brand)
    draft_brand.refresh_from_db()
    return draft_brand


@pytest.fixture
def as_administrator():
    """Run SQL as a database administrator could, who takes the triggers away for a moment."""

    def run(*statements):
        created = _triggers()
        with connection.cursor() as cursor:
            for table in EVIDENCE:
                for statement in drop_statements(table, connection.vendor):
                    cursor.execute(statement)
            for statement in statements:
                cursor.execute(statement)
            for statement in created:
                cursor.execute(statement)

    return run


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registrations_auditentry SET note = 'nothing happened'",
        "DELETE FROM registrations_auditentry",
    ],
)
def test_the_database_refuses_to_alter_a_trail(brand, statement):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert brand.trail.count() == 3


def test_the_orm_cannot_either(brand):
    entry = brand.trail.first()
    entry.note = "nothing happened"

    with pytest.raises(DatabaseError), transaction.atomic():
        entry.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.all().delete()


def test_an_untouched_trail_is_whole(brand, capsys):
    call_command("verify_audit")

    assert "as it was written" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE registrations_auditentry SET note = 'x' WHERE sequence = 2",
            "line 2: was altered",
        ),
        ("DELETE FROM registrations_auditentry WHERE sequence = 2", "line 2 is missing"),
        ("DELETE FROM registrations_auditentry WHERE sequence = 3", "ends at line 2 of 3"),
        ("UPDATE registrations_brand SET status = 'registered'", "shows registered"),
    ],
)
def test_what_an_administrator_edits_is_found_and_named(brand, as_administrator, statement, said):
    as_administrator(statement)

    with pytest.raises(CommandError, match=said):
        call_command("verify_audit")


def test_a_cut_off_tail_shows_against_a_checkpoint(brand, as_administrator, tmp_path, capsys):
    call_command("export_checkpoint")
    kept = tmp_path / "checkpoint.json"
    kept.write_text(capsys.readouterr().out)
    as_administrator(
        "DELETE FROM registrations_auditentry WHERE sequence = 3",
        "UPDATE registrations_brand SET version = 2, status = 'in_review'",
    )

    assert list(evidence.faults()) == []
    with pytest.raises(CommandError, match="line 3: was there at the checkpoint"):
        call_command("verify_audit", "--checkpoint", str(kept))


def test_a_checkpoint_that_was_edited_is_not_believed(brand, tmp_path):
    forged = {**evidence.checkpoint(), "heads": {}}
    kept = tmp_path / "checkpoint.json"
    kept.write_text(json.dumps(forged))

    with pytest.raises(CommandError, match="seal"):
        call_command("verify_audit", "--checkpoint", str(kept))
