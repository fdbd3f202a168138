"""Submissions, trails and callbacks, as programs read them; and decisions about submissions."""

import pytest
from django.utils import timezone

from callbacks.models import Callback
from registrations.models import Brand, Scope, Submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission(draft_brand, submit):
    return submit(draft_brand)


@pytest.fixture
def undecided(submission):
    Submission.objects.update(state="needs_decision", unknown_since=timezone.now())
    return submission


def callback_about(submission, **facts):
    told = {
        "method": "POST",
        "path": "/callbacks/plivo/aB3x9Q…/",
        "outcome": "applied",
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
        "body": b"BrandID=BTEST01&Event=BRAND_STATUS&ein=12-3456780",
        "body_digest": "0" * 64,
    }
    return Callback.objects.create(submission=submission, **{**told, **facts})


# --- Submissions -----------------------------------------------------------------------------


def test_a_submission_tells_who_asked_who_approved_and_what_it_costs(alices, submission):
    told = alices.get(f"/submissions/{submission.pk}/").json()

    assert (told["requested_by"], told["approved_by"]) == ("alice", "carol")
    assert (told["operation"], told["state"], told["fee_expected"]) == (
        "register_brand",
        "queued",
        "4.50",
    )
    assert told["registration"] == submission.registration.reference
    assert told["payload_digest"] == told["approved_digest"]


def test_no_tax_id_callback_address_or_lease_is_told(alices, submission):
    secret = "https://portal.example.com/callbacks/plivo/secret/"
    Submission.objects.update(
        answer="ein 123456780 and 12-3456780", error="12 3456780", callback_url=secret,
        lease_token="lease", waiting_for="12-3456780",
    )  # fmt: skip

    answer = alices.get(f"/submissions/{submission.pk}/")

    text = answer.content.decode()
    assert answer.json()["payload"]["profile"]["ein"] == "•••••6780"
    assert "3456780" not in text
    assert secret not in text
    assert "lease" not in text


def test_submissions_are_found_by_registration_and_state(alices, submission, make_brand, submit):
    other = submit(make_brand())
    Submission.objects.filter(pk=other.pk).update(state="accepted")

    def found(**query):
        return [one["id"] for one in alices.get("/submissions/", query).json()["items"]]

    assert found() == [other.pk, submission.pk]
    assert found(registration=other.registration.reference) == [other.pk]
    assert found(registration="BR-00000000") == found(registration="nonsense") == []
    assert found(state="queued") == [submission.pk]


def test_two_people_decide(carols, program_of, dave, acme, undecided):
    address = f"/submissions/{undecided.pk}/decide/"

    proposed = carols.post(address, {"decision": "withdraw"})
    by_herself = carols.post(address, {"decision": "withdraw"})
    decided = program_of(dave, acme).post(address, {"decision": "withdraw"})

    assert (proposed.status_code, proposed.json()["decision_proposed_by"]) == (200, "carol")
    assert by_herself.json()["state"] == "needs_decision"
    assert (decided.json()["state"], decided.json()["decided_by"]) == ("withdrawn", "dave")
    assert Brand.objects.get().status == "draft"


def test_what_needs_no_decision_gets_none(carols, submission):
    answer = carols.post(f"/submissions/{submission.pk}/decide/", {"decision": "withdraw"})

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")


@pytest.mark.parametrize("said", [{}, {"decision": "wait"}, {"decision": "withdraw", "by": 1}])
def test_a_decision_is_one_of_two(carols, undecided, said):
    assert carols.post(f"/submissions/{undecided.pk}/decide/", said).status_code == 400


# --- Trails ----------------------------------------------------------------------------------


def test_the_trail_is_told_line_by_line(alices, submission):
    told = alices.get("/audit-entries/").json()["items"]

    assert [(one["from_status"], one["to_status"]) for one in told] == [
        ("in_review", "queued"),
        ("draft", "in_review"),
        ("", "draft"),
    ]
    assert [one["previous_hash"] for one in told[:2]] == [one["hash"] for one in told[1:]]
    assert (told[0]["user"], told[0]["submission"]) == ("carol", submission.pk)


def test_the_trail_is_filtered(alices, submission):
    def lines(**query):
        return len(alices.get("/audit-entries/", query).json()["items"])

    assert lines(to_status="queued") == 1
    assert lines(actor="marketer") == 2
    assert lines(registration=submission.registration.reference, cause="person") == 3


# --- Callbacks -------------------------------------------------------------------------------


def test_a_callback_is_told_as_it_came_without_the_tax_id(alices, submission):
    callback = callback_about(submission)

    answer = alices.get(f"/callbacks/{callback.pk}/")

    told = answer.json()
    assert (told["outcome"], told["registration"]) == (
        "applied",
        submission.registration.reference,
    )
    assert told["decoded"]["brand_id"] == ["BTEST01"]
    assert told["body_text"].startswith("BrandID=BTEST01")
    assert "3456780" not in answer.content.decode()


def test_callbacks_are_found_by_registration_and_outcome(alices, submission):
    applied = callback_about(submission)
    late = callback_about(submission, outcome="late")

    def found(**query):
        return [one["id"] for one in alices.get("/callbacks/", query).json()["items"]]

    assert found() == [late.pk, applied.pk]
    assert found(outcome="late") == [late.pk]
    assert found(registration=submission.registration.reference) == [late.pk, applied.pk]


def test_quarantine_is_for_the_house(alices, carols, submission):
    forged = callback_about(submission, outcome="forged")

    assert carols.get(f"/callbacks/{forged.pk}/").status_code == 200
    assert alices.get(f"/callbacks/{forged.pk}/").status_code == 404
    assert alices.get("/callbacks/").json()["items"] == []


# --- Scopes ----------------------------------------------------------------------------------


def test_evidence_needs_its_scope(program_of, alice, acme, submission):
    callback = callback_about(submission)
    others = [scope for scope in Scope if scope not in (Scope.EVIDENCE, Scope.APPROVE)]
    reader, witness = program_of(alice, acme, *others), program_of(alice, acme, Scope.EVIDENCE)

    for address in (
        *("/submissions/", "/audit-entries/", "/callbacks/"),
        f"/submissions/{submission.pk}/",
        f"/audit-entries/{submission.trail.get().pk}/",
        f"/callbacks/{callback.pk}/",
    ):
        assert reader.get(address).status_code == 403
        assert witness.get(address).status_code == 200


def test_evidence_can_be_had_as_csv(alices, submission):
    callback_about(submission)

    for address in ("/submissions/", "/audit-entries/", "/callbacks/", "/organizations/"):
        answer = alices.get(address, {"format": "csv"})
        text = b"".join(answer.streaming_content).decode()
        assert answer.status_code == 200
        assert text.count("\n") >= 2
        assert "3456780" not in text
