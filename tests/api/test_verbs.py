"""The verbs of the pages, as programs use them: the same law, the same four eyes."""

import pytest

from registrations import actions
from registrations.api.verbs import SCOPES
from registrations.lifecycle import Kind
from registrations.models import Brand, Campaign, NumberLink, Role, Scope
from registrations.models.submission import Submission
from tests.conftest import BRAND

pytestmark = pytest.mark.django_db

PATHS = {Kind.BRAND: "brands", Kind.CAMPAIGN: "campaigns", Kind.NUMBER_LINK: "number-links"}


@pytest.fixture
def in_review(draft_brand, alice):
    actions.send_for_review(draft_brand, by=alice)
    draft_brand.refresh_from_db()
    return draft_brand


def at(registration, verb=""):
    path = f"/{PATHS[registration.kind]}/{registration.reference}/"
    return f"{path}{verb}/" if verb else path


def digest_of(program, registration):
    return program.get(at(registration, "preview")).json()["digest"]


# --- The road --------------------------------------------------------------------------------


def test_a_brand_goes_from_a_draft_into_the_queue_by_two_programs(alices, carols, account):
    made = alices.post("/brands/", BRAND).json()
    address = f"/brands/{made['reference']}"

    submitted = alices.post(f"{address}/submit/")
    seen = carols.get(f"{address}/preview/").json()
    approved = carols.post(f"{address}/approve/", {"digest": seen["digest"]})

    assert (submitted.status_code, submitted.json()["status"]) == (200, "in_review")
    assert submitted.json()["requested_by"] == "alice"
    assert (seen["operation"], seen["fee"]) == ("register_brand", "4.50")
    assert (approved.status_code, approved.json()["status"]) == (200, "queued")
    assert approved["ETag"] == approved.json()["etag"] != submitted["ETag"]
    assert Submission.objects.get().approved_by.username == "carol"


def test_a_preview_masks_the_tax_id(carols, in_review):
    told = carols.get(at(in_review, "preview"))

    assert told.json()["payload"]["profile"]["ein"] == "•••••6780"
    assert "3456780" not in told.content.decode()


def test_what_has_changed_since_the_preview_is_not_approved(carols, in_review):
    seen = digest_of(carols, in_review)
    Brand.objects.update(city="Oakland")

    answer = carols.post(at(in_review, "approve"), {"digest": seen})

    assert (answer.status_code, answer.json()["code"]) == (409, "changed")
    assert not Submission.objects.exists()


def test_an_approval_says_what_was_looked_at(carols, in_review):
    answer = carols.post(at(in_review, "approve"))

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/digest"


def test_it_is_returned_with_notes_about_the_whole_and_beside_fields(alices, carols, in_review):
    notes = {"note": "Look again.", "field_notes": {"website": "It does not open."}}

    carols.post(at(in_review, "return"), notes)

    told = alices.get(at(in_review)).json()
    assert told["status"] == "draft"
    assert told["review_note"] == "Look again."
    assert told["field_notes"] == {"website": "It does not open."}


@pytest.mark.parametrize("said", [{}, {"note": "  "}, {"field_notes": {"nmae": "x"}}])
def test_it_is_not_returned_without_a_word_that_helps(carols, in_review, said):
    answer = carols.post(at(in_review, "return"), said)

    assert (answer.status_code, answer.json()["code"]) == (422, "blocked")


def test_whoever_asked_takes_it_back_from_review(alices, in_review):
    assert alices.post(at(in_review, "withdraw")).json()["status"] == "draft"


def test_what_is_rejected_is_revised(alices, draft_brand):
    Brand.objects.update(status="rejected", plivo_id="BTEST01")

    assert alices.post(at(draft_brand, "revise")).json()["status"] == "draft"


def test_what_waits_in_the_queue_is_stopped(carols, draft_brand, submit):
    submit(draft_brand)

    assert carols.post(at(draft_brand, "take-back")).json()["status"] == "draft"


def test_one_asks_for_a_deactivation_and_another_agrees(alices, carols, registered_brand):
    asked = alices.post(at(registered_brand, "ask-deactivation")).json()
    agreed = carols.post(at(registered_brand, "deactivate"))

    assert asked["deactivation_requested_by"] == "alice"
    assert agreed.status_code == 200
    assert Submission.objects.get().operation == "deactivate_brand"


def test_plivo_is_asked_now(alices, registered_brand):
    assert alices.post(at(registered_brand, "confirm")).status_code == 200
    registered_brand.refresh_from_db()
    assert registered_brand.lookup_due_at is not None


def test_a_conflict_is_settled_with_a_word_on_how_one_knows(carols, registered_brand):
    Brand.objects.update(conflict="Registered and rejected.")

    answer = carols.post(at(registered_brand, "settle-conflict"), {"note": "Plivo wrote so."})

    assert answer.json()["conflict"] == ""


def test_a_comment_is_for_everybody(alices, carols, draft_brand):
    alices.post(at(draft_brand, "comment"), {"text": "The website comes on Monday."})

    [line, _] = carols.get(at(draft_brand), {"include": "trail"}).json()["included"]["trail"]
    assert line["note"] == "Comment: The website comes on Monday."


# --- The law ---------------------------------------------------------------------------------


def test_an_unlawful_move_says_from_where_to_where_and_what_is_lawful(carols, draft_brand):
    seen = digest_of(carols, draft_brand)

    answer = carols.post(at(draft_brand, "approve"), {"digest": seen})

    told = answer.json()
    assert (answer.status_code, told["code"]) == (409, "illegal_move")
    assert (told["from"], told["to"], told["lawful_now"]) == ("draft", "queued", [])
    assert told["verbs_now"] == []
    assert told["request_id"] == answer["X-Request-ID"]


def test_an_unlawful_move_names_the_verbs_that_are_lawful(alices, in_review):
    told = alices.post(at(in_review, "submit")).json()

    assert (told["from"], told["to"]) == ("in_review", "in_review")
    assert (told["lawful_now"], told["verbs_now"]) == (["draft"], ["withdraw"])


def test_what_blocks_is_told_by_its_rule_and_place(alices, draft_brand):
    Brand.objects.update(company_name="")

    answer = alices.post(at(draft_brand, "submit"))

    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "blocked")
    assert "/company_name" in [error["pointer"] for error in told["errors"]]
    assert all(error["remedy"] for error in told["errors"])


def test_ones_own_request_is_not_approved_with_another_key(program_of, carol, acme, draft_brand):
    carol.groups.add(*_groups(Role.MARKETER))
    one, other = program_of(carol, acme), program_of(carol, acme)
    one.post(at(draft_brand, "submit"))

    answer = other.post(at(draft_brand, "approve"), {"digest": digest_of(other, draft_brand)})

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert not Submission.objects.exists()


def test_ones_own_deactivation_is_not_agreed_to_with_another_key(
    program_of, carol, acme, registered_brand
):
    one, other = program_of(carol, acme), program_of(carol, acme)
    one.post(at(registered_brand, "ask-deactivation"))

    assert other.post(at(registered_brand, "deactivate")).status_code == 403


def test_the_owners_roles_still_decide(program_of, dave, acme, draft_brand):
    answer = program_of(dave, acme).post(at(draft_brand, "submit"))

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


# --- What else is said -----------------------------------------------------------------------


@pytest.mark.parametrize("body", [{"digest": "x"}, {"note": "x"}, {"by": 1}])
def test_what_a_verb_does_not_take_is_refused(alices, draft_brand, body):
    answer = alices.post(at(draft_brand, "submit"), body)

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")
    draft_brand.refresh_from_db()
    assert draft_brand.status == "draft"


def test_a_verb_needs_no_body_at_all(alices, draft_brand):
    answer = alices.send_raw(at(draft_brand, "submit"), b"", content_type="text/plain")

    assert answer.status_code == 200


def test_a_verb_is_used_only_on_what_was_read(alices, carols, draft_brand):
    read = alices.get(at(draft_brand))["ETag"]
    carols.post(at(draft_brand, "comment"), {"text": "Wait."})

    stale = alices.post(at(draft_brand, "submit"), If_Match=read)
    fresh = alices.post(at(draft_brand, "submit"), If_Match=alices.get(at(draft_brand))["ETag"])

    assert (stale.status_code, stale.json()["code"]) == (412, "changed_meanwhile")
    assert fresh.json()["status"] == "in_review"


def test_of_one_registration_the_verbs_are_told(alices, carols, in_review):
    def verbs(program):
        return program.get(at(in_review), {"include": "verbs"}).json()["included"]["verbs"]

    assert (verbs(alices), verbs(carols)) == (["withdraw"], ["approve", "return"])


# --- Scopes ----------------------------------------------------------------------------------


def test_every_verb_has_a_scope():
    assert {verb.name for verb in actions.VERBS} == set(SCOPES)


@pytest.mark.parametrize("verb", actions.VERBS, ids=lambda verb: verb.name)
def test_every_verb_has_an_address_for_its_kinds_and_needs_its_scope(
    program_of, carol, acme, registered_brand, make_campaign, verb
):
    campaign = make_campaign()
    link = NumberLink.objects.create(
        campaign=campaign, number="14155550100", created_by=carol,
        organization=acme, account=campaign.account,
    )  # fmt: skip
    others = [scope for scope in Scope if scope != SCOPES[verb.name]]
    lacking = program_of(carol, acme, *others)
    having = program_of(carol, acme, Scope.READ, SCOPES[verb.name])

    for thing in (registered_brand, campaign, link):
        without = lacking.post(at(thing, verb.name), {"surplus": 1})
        with_it = having.post(at(thing, verb.name), {"surplus": 1})
        if thing.kind in verb.kinds:
            assert (without.status_code, without.json()["code"]) == (403, "permission_denied")
            assert (with_it.status_code, with_it.json()["code"]) != (403, "permission_denied")
            assert with_it.status_code == 400
        else:
            assert without.status_code == with_it.status_code == 404


def test_a_campaign_lives_by_the_same_verbs(alices, carols, registered_brand, make_campaign):
    campaign = make_campaign()

    alices.post(at(campaign, "submit"))
    approved = carols.post(at(campaign, "approve"), {"digest": digest_of(carols, campaign)})

    assert approved.json()["status"] == "queued"
    assert Campaign.objects.get().submissions.get().operation == "register_campaign"


def _groups(role):
    from django.contrib.auth.models import Group

    return [Group.objects.get_or_create(name=role)[0]]
