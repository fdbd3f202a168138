"""What operators type."""

import json

import pytest
from django.core.management import CommandError, call_command

from registrations.lifecycle import Status
from registrations.models import Brand, State, Submission

pytestmark = pytest.mark.django_db(transaction=True)


def test_sweep_does_without_a_broker_what_is_due(plivo, draft_brand, submit):
    submission = submit(draft_brand)

    call_command("sweep", "--once")

    submission.refresh_from_db()
    assert submission.state == State.ACCEPTED


def test_reconcile_finds_what_callbacks_did_not_tell(plivo, draft_brand, submit, capsys):
    plivo.state.set(callbacks_lost=True)
    submit(draft_brand)
    call_command("sweep", "--once")
    plivo.step(5)

    call_command("reconcile")

    assert Brand.objects.get().status == Status.REGISTERED
    assert capsys.readouterr().out == "1 looked up.\n"


def test_reconcile_says_that_it_does_not_know_a_reference():
    with pytest.raises(CommandError, match="no registration BR-NOWHERE"):
        call_command("reconcile", "BR-NOWHERE")


def test_after_a_restore_what_was_queued_is_looked_for_and_not_sent(plivo, draft_brand, submit):
    submit(draft_brand)

    call_command("after_restore")
    call_command("sweep", "--once")

    assert Submission.objects.get().state == State.UNKNOWN
    assert len(plivo.state.brands) == 0


def test_the_state_is_exported_in_a_stable_form(draft_brand, submit, capsys):
    submit(draft_brand)

    call_command("export_state", "--json")

    state = json.loads(capsys.readouterr().out)
    assert [row["reference"] for row in state["registrations"]] == [draft_brand.reference]
    assert [row["to"] for row in state["audit_entries"]] == ["draft", "in_review", "queued"]
    assert state["submissions"][0]["fee_expected"] == "4.50"
