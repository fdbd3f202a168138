"""What true callbacks do to a registration, and what they leave behind."""

from itertools import permutations

import pytest
from django.db import OperationalError, connection

from callbacks import tasks
from callbacks.models import Callback
from registrations import actions
from registrations.lifecycle import Actor, Cause, move_to
from registrations.models import PlivoAccount, State, Submission
from registrations.plivo.signature import MA_V2, V2
from tests.callbacks.conftest import (
    NONCE,
    call,
    moves_by_plivo,
    outcomes,
    path_of,
    said,
    signed,
    standing,
    take,
)

pytestmark = pytest.mark.django_db


# --- Applying ---


def test_created_then_registered_moves_the_brand_twice(submitted_brand, submission, plivo_says):
    plivo_says(submission, type="brand", status="created", brand_id="BTEST02")
    answer = plivo_says(submission, type="brand", status="registered", brand_id="BTEST02")

    assert answer.status_code == 200
    assert answer.json() == {"outcome": "applied"}
    assert moves_by_plivo(submitted_brand) == [
        ("submitted", "created"),
        ("created", "registered"),
    ]


def test_the_line_of_the_trail_is_linked_to_the_callback_that_caused_it(
    submitted_brand, submission, plivo_says, the_only_callback
):
    plivo_says(submission, type="brand", status="registered")

    callback = the_only_callback()
    assert callback.entry == submitted_brand.trail.order_by("-sequence").first()
    assert callback.entry.cause == "callback"
    assert callback.entry.submission == submission
    assert (callback.submission, callback.account) == (submission, submission.account)


def test_what_a_callback_reports_is_not_confirmed_until_it_is_looked_up(
    submitted_brand, submission, plivo_says
):
    type(submitted_brand).objects.filter(pk=submitted_brand.pk).update(lookup_due_at=None)

    plivo_says(submission, type="brand", status="registered")

    submitted_brand.refresh_from_db()
    assert submitted_brand.status == "registered"
    assert submitted_brand.confirmed_status != "registered"
    assert submitted_brand.lookup_due_at is not None


def test_the_path_is_kept_without_the_token_that_opens_it(
    submission, plivo_says, the_only_callback
):
    plivo_says(submission, status="registered")

    token = path_of(submission).split("/")[3]
    callback = the_only_callback()
    assert token not in callback.path
    assert callback.path == f"/callbacks/plivo/{token[:6]}…/"


def test_cookies_and_authorization_are_not_kept(submission, knock, settings, the_only_callback):
    headers = signed(submission.callback_url, token=settings.PLIVO_AUTH_TOKEN)

    knock(
        submission,
        b"status=registered",
        headers={**headers, "Cookie": "a=secret", "Authorization": "Basic secret"},
    )

    assert "secret" not in str(the_only_callback().headers)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_get_and_post_are_heard_alike(method, submitted_brand, submission, plivo_says):
    answer = plivo_says(submission, method=method, type="brand", status="registered")

    assert answer.json() == {"outcome": "applied"}
    assert standing(submitted_brand) == "registered"


def test_a_campaign_is_moved_on_its_own_address(campaign_submission, plivo_says):
    answer = plivo_says(campaign_submission, said(campaign={"status": "REGISTERED"}))

    assert answer.json() == {"outcome": "applied"}
    assert standing(campaign_submission.registration) == "registered"


def test_a_number_is_linked_and_unlinked_on_two_addresses(link, alice, plivo_says):
    linking = link.latest_submission
    names = {"campaign_id": "CTEST01", "number": "14155550100"}

    plivo_says(linking, type="number_linking", status="created", **names)
    plivo_says(linking, type="number_linking", status="success", **names)
    link.refresh_from_db()
    actions.unlink(link, by=alice)
    unlinking = take(call(link.latest_submission))
    plivo_says(unlinking, said(number_unlinking={"status": "success", "numbers": ["14155550100"]}))

    assert outcomes() == ["applied"] * 3
    assert moves_by_plivo(link) == [
        ("link_submitted", "link_created"),
        ("link_created", "linked"),
        ("unlink_submitted", "unlinked"),
    ]


def test_a_callback_about_another_number_moves_nothing(link, plivo_says):
    answer = plivo_says(link.latest_submission, status="success", number="14155550199")

    assert answer.json() == {"outcome": "unrecognised"}
    assert standing(link) == "link_submitted"


def test_a_callback_that_is_faster_than_the_answer_proves_the_request(
    draft_brand, being_sent, plivo_says
):
    submission = being_sent(draft_brand)

    answer = plivo_says(submission, type="brand", status="created", brand_id="BTEST02")

    submission.refresh_from_db()
    assert answer.json() == {"outcome": "applied"}
    assert submission.state == State.ACCEPTED
    assert standing(draft_brand) == "created"


# --- Repeats, latecomers and contradictions ---


def test_one_delivery_five_times_is_five_rows_and_one_move(submitted_brand, submission, plivo_says):
    answers = [
        plivo_says(submission, nonce="12345", type="brand", status="registered") for _ in range(5)
    ]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert outcomes() == ["applied", "repeat", "repeat", "repeat", "repeat"]
    assert moves_by_plivo(submitted_brand) == [("submitted", "registered")]
    first, *others = Callback.objects.order_by("pk")
    assert {other.repeat_of for other in others} == {first}


def test_the_same_word_in_a_new_delivery_is_a_repeat(submitted_brand, submission, plivo_says):
    plivo_says(submission, status="registered")

    plivo_says(submission, status="registered")

    assert outcomes() == ["applied", "repeat"]
    assert len(moves_by_plivo(submitted_brand)) == 1


def test_created_after_registered_comes_late(submitted_brand, submission, plivo_says):
    plivo_says(submission, status="registered")

    answer = plivo_says(submission, status="created")

    assert (answer.status_code, answer.json()) == (200, {"outcome": "late"})
    assert standing(submitted_brand) == "registered"


@pytest.mark.parametrize(
    ("first", "then"), [("registered", "rejected"), ("rejected", "registered")]
)
def test_two_last_words_that_contradict_raise_a_conflict_and_move_nothing(
    first, then, submitted_brand, submission, plivo_says
):
    plivo_says(submission, status=first)

    answer = plivo_says(submission, status=then)

    submitted_brand.refresh_from_db()
    assert (answer.status_code, answer.json()) == (200, {"outcome": "conflict"})
    assert submitted_brand.status == first
    assert then in submitted_brand.conflict
    assert Callback.objects.get(outcome="conflict").entry.note == submitted_brand.conflict


@pytest.mark.parametrize(
    "words", sorted(set(permutations(["created", "created", "registered", "registered"])))
)
def test_in_whatever_order_created_and_registered_come_it_ends_registered(
    words, submitted_brand, submission, plivo_says
):
    answers = [plivo_says(submission, status=word) for word in words]

    assert {answer.status_code for answer in answers} == {200}
    assert standing(submitted_brand) == "registered"
    assert submitted_brand.conflict == ""
    assert moves_by_plivo(submitted_brand)[-1][1] == "registered"


def test_the_callback_of_an_older_request_comes_late(submitted_brand, submission, plivo_says):
    newer = Submission.objects.get(pk=submission.pk)
    newer.pk, newer.alias_code, newer.generation = None, "", submission.generation + 1
    newer.callback_url, newer.callback_token_digest = "", None
    newer.save(force_insert=True)

    answer = plivo_says(submission, status="registered")

    assert answer.json() == {"outcome": "late"}
    assert standing(submitted_brand) == "submitted"


def test_a_late_word_is_a_reason_to_look_all_the_same(submitted_brand, submission, plivo_says):
    plivo_says(submission, status="registered")
    type(submitted_brand).objects.filter(pk=submitted_brand.pk).update(lookup_due_at=None)

    plivo_says(submission, status="created")

    submitted_brand.refresh_from_db()
    assert submitted_brand.lookup_due_at is not None


def test_what_is_said_of_a_deactivated_brand_is_noted(submitted_brand, submission, plivo_says):
    move_to(submitted_brand, "deactivated", actor=Actor.PORTAL, cause=Cause.SUBMISSION)

    answer = plivo_says(submission, status="registered")

    assert (answer.status_code, answer.json()) == (200, {"outcome": "noted"})
    assert standing(submitted_brand) == "deactivated"


def test_the_same_contradiction_twice_is_one_line_of_the_trail(
    submitted_brand, submission, plivo_says
):
    plivo_says(submission, status="registered")
    plivo_says(submission, status="rejected")
    lines = submitted_brand.trail.count()

    plivo_says(submission, status="rejected")

    assert outcomes() == ["applied", "conflict", "conflict"]
    assert submitted_brand.trail.count() == lines


@pytest.mark.parametrize(
    "words", sorted(set(permutations(["created", "created", "registered", "rejected"])))
)
def test_of_two_last_words_the_first_stands_in_whatever_order_they_come(
    words, submitted_brand, submission, plivo_says
):
    answers = [plivo_says(submission, status=word) for word in words]

    first = next(word for word in words if word != "created")
    assert {answer.status_code for answer in answers} == {200}
    assert standing(submitted_brand) == first
    assert submitted_brand.conflict != ""


def test_few_round_trips_are_made(submission, plivo_says, django_assert_max_num_queries):
    with django_assert_max_num_queries(21):  # of which two stand for BEGIN and COMMIT
        answer = plivo_says(submission, type="brand", status="registered", brand_id="BTEST02")

    assert answer.json() == {"outcome": "applied"}


# --- What cannot be taken at its word ---


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "registered", "brand_id": "BOTHER1"},
        {"status": "registered", "type": "campaign"},
        {"status": ["registered", "rejected"]},
        {"status": "PENDING", "brand_id": "BTEST02"},
        {"hello": "world"},
        {"state": "CA"},
    ],
    ids=["another brand", "another kind", "two words", "unknown word", "nothing", "California"],
)
def test_what_cannot_be_understood_moves_nothing_and_asks_for_a_look_up(
    fields, submitted_brand, submission, plivo_says
):
    type(submitted_brand).objects.filter(pk=submitted_brand.pk).update(lookup_due_at=None)

    answer = plivo_says(submission, **fields)

    assert (answer.status_code, answer.json()) == (200, {"outcome": "unrecognised"})
    assert standing(submitted_brand) == "submitted"
    assert submitted_brand.lookup_due_at is not None


def test_a_word_in_the_query_of_a_post_does_not_count(submitted_brand, submission, knock, settings):
    headers = signed(submission.callback_url, token=settings.PLIVO_AUTH_TOKEN)

    answer = knock(submission, b"status=created", query="status=registered", headers=headers)

    assert answer.json() == {"outcome": "unrecognised"}
    assert standing(submitted_brand) == "submitted"


FORM = "application/x-www-form-urlencoded"
# Invented: Plivo does not publish the names of the fields.
INVENTED = {
    "form_brand": (FORM, b"type=brand&status=registered&brand_id=BXYZ123"),
    "form_camel": (FORM, b"Event=campaign&Status=REJECTED&CampaignId=CABC456"),
    "json_flat_link": (
        "application/json",
        said(event="number_linking", status="success", campaign_id="CABC456", number="14155550100"),
    ),
    "json_nested_unlink": (
        "application/json",
        said(
            number_unlinking={
                "status": "failed",
                "campaignId": "CABC456",
                "numbers": ["14155550100"],
            }
        ),
    ),
    "console_word": ("application/json", said(brand_id="BXYZ123", status="PENDING")),
    "empty": (FORM, b""),
    "not_utf8": (FORM, bytes.fromhex("7374617475733dff")),
}
# The word each of them says, and whose it is.
WORDS = {
    "form_brand": ("registered", "brand"),
    "form_camel": ("REJECTED", "campaign"),
    "json_flat_link": ("success", ""),
    "json_nested_unlink": ("failed", ""),
}


@pytest.mark.parametrize("name", INVENTED)
@pytest.mark.parametrize("kind", ["brand", "campaign"])
def test_each_invented_payload_is_archived_and_moves_only_its_own_kind(
    name, kind, draft_brand, make_campaign, accepted, knock, settings, the_only_callback
):
    content_type, body = INVENTED[name]
    if kind == "brand":
        submission = accepted(draft_brand, "BXYZ123")
    else:
        submission = accepted(make_campaign(), "CABC456")
    headers = signed(submission.callback_url, token=settings.PLIVO_AUTH_TOKEN)

    answer = knock(submission, body, content_type=content_type, headers=headers)

    word, owner = WORDS.get(name, ("", ""))
    callback = the_only_callback()
    registration = submission.registration
    assert answer.status_code == 200
    assert bytes(callback.body) == body
    assert callback.outcome == ("applied" if owner == kind else "unrecognised")
    assert standing(registration) == (word.lower() if owner == kind else "submitted")
    assert registration.lookup_due_at is not None
    if word:
        assert callback.word == word


def test_the_invented_get_is_heard(draft_brand, accepted, knock, settings):
    submission = accepted(draft_brand, "BXYZ123")
    headers = signed(submission.callback_url, token=settings.PLIVO_AUTH_TOKEN)

    answer = knock(
        submission,
        method="GET",
        query="type=brand&status=created&brand_id=BXYZ123",
        headers=headers,
        CONTENT_LENGTH="",
    )

    assert (answer.status_code, answer.json()) == (200, {"outcome": "applied"})
    assert standing(draft_brand) == "created"


# --- The address that is not about one request ---

FIXED = "/callbacks/plivo/"


@pytest.fixture
def at_the_fixed_address(knock, settings):
    def deliver(body, *, token=None, nonce=NONCE, **how):
        token = token or settings.PLIVO_AUTH_TOKEN
        headers = signed(settings.PUBLIC_URL + FIXED, token=token, nonce=nonce)
        headers = how.pop("headers", headers)
        return knock(None, body, path=FIXED, headers=headers, **how)

    return deliver


def test_at_the_fixed_address_a_brand_is_found_by_its_id(
    submitted_brand, submission, at_the_fixed_address, the_only_callback
):
    answer = at_the_fixed_address(b"type=brand&status=registered&brand_id=BTEST02")

    assert answer.json() == {"outcome": "applied"}
    assert standing(submitted_brand) == "registered"
    assert the_only_callback().submission == submission


def test_at_the_fixed_address_a_campaign_is_found_by_its_id(
    campaign_submission, at_the_fixed_address
):
    answer = at_the_fixed_address(b"type=campaign&status=registered&campaign_id=CTEST02")

    assert answer.json() == {"outcome": "applied"}
    assert standing(campaign_submission.registration) == "registered"


def test_at_the_fixed_address_what_nobody_knows_is_kept_as_unrecognised(
    submitted_brand, at_the_fixed_address
):
    answer = at_the_fixed_address(b"type=brand&status=registered&brand_id=BNOBODY")

    assert (answer.status_code, answer.json()) == (200, {"outcome": "unrecognised"})
    assert standing(submitted_brand) == "submitted"


def test_what_nobody_knew_is_applied_by_the_sweep_once_somebody_does(
    draft_brand, being_sent, at_the_fixed_address
):
    being_sent(draft_brand)
    at_the_fixed_address(b"type=brand&status=registered&brand_id=BLATE01")
    type(draft_brand).objects.filter(pk=draft_brand.pk).update(plivo_id="BLATE01")

    tasks.sweep()

    assert outcomes() == ["applied"]
    assert standing(draft_brand) == "registered"


def test_at_the_fixed_address_a_number_is_found_by_its_campaign(link, at_the_fixed_address):
    answer = at_the_fixed_address(
        b"type=number_linking&status=success&campaign_id=CTEST01&number=%2B14155550100"
    )

    assert answer.json() == {"outcome": "applied"}
    assert standing(link) == "linked"


def test_at_the_fixed_address_a_word_about_linking_does_not_undo_the_unlinking(
    link, alice, at_the_fixed_address
):
    said = b"&campaign_id=CTEST01&number=14155550100"
    at_the_fixed_address(b"type=number_linking&status=success" + said)
    link.refresh_from_db()
    actions.unlink(link, by=alice)

    answer = at_the_fixed_address(b"type=number_linking&status=created" + said, nonce="1")

    assert answer.json() == {"outcome": "late"}
    assert standing(link) == "unlink_queued"


def test_at_the_fixed_address_an_account_speaks_only_for_its_own(
    submitted_brand, at_the_fixed_address
):
    stranger = PlivoAccount.objects.create(auth_id="MASTRANGERSTRANGER00")
    stranger.tokens.create(token="the stranger's token")

    answer = at_the_fixed_address(
        b"type=brand&status=registered&brand_id=BTEST02", token="the stranger's token"
    )

    assert answer.json() == {"outcome": "unrecognised"}
    assert standing(submitted_brand) == "submitted"


def test_at_the_fixed_address_a_subaccount_speaks_for_itself_although_main_signs_too(
    submitted_brand, submission, at_the_fixed_address, settings
):
    # Main stands before its subaccount in the list of accounts, as MA… does before SA….
    main = PlivoAccount.objects.create(auth_id="AAMAIN")
    main.tokens.create(token="main token")
    account = submission.account
    account.main_account = main
    account.save()
    url = settings.PUBLIC_URL + FIXED
    headers = {
        **signed(url, token=settings.PLIVO_AUTH_TOKEN, scheme=V2),
        **signed(url, token="main token", scheme=MA_V2),
    }

    answer = at_the_fixed_address(b"status=registered&brand_id=BTEST02", headers=headers)

    assert answer.json() == {"outcome": "applied"}
    assert standing(submitted_brand) == "registered"


# --- Faults of our own ---


def _refusing(*words):
    """A database that fails at statements with all these words in them."""

    def wrapper(execute, sql, params, many, context):
        if all(word in sql for word in words):
            raise OperationalError("the disk is full")
        return execute(sql, params, many, context)

    return connection.execute_wrapper(wrapper)


def test_a_database_that_cannot_keep_it_is_answered_503_and_plivo_may_try_again(
    submitted_brand, submission, plivo_says
):
    with _refusing("INSERT", "callbacks_callback"):
        failed = plivo_says(submission, nonce="12345", status="registered")
    again = plivo_says(submission, nonce="12345", status="registered")

    assert failed.status_code == 503
    assert failed["Retry-After"] == "30"
    assert again.json() == {"outcome": "applied"}
    assert moves_by_plivo(submitted_brand) == [("submitted", "registered")]


def test_a_database_that_cannot_even_be_asked_is_answered_503(submission, knock, settings):
    headers = signed(submission.callback_url, token=settings.PLIVO_AUTH_TOKEN)

    with _refusing("SELECT"):
        answer = knock(submission, b"status=registered", headers=headers)

    assert answer.status_code == 503


@pytest.fixture
def unapplied(submission, plivo_says, the_only_callback):
    """A callback that was kept, although what it says could not be written down."""
    with _refusing("INSERT", "registrations_auditentry"):
        answer = plivo_says(submission, status="registered")
    assert answer.json() == {"outcome": "unapplied"}
    return the_only_callback()


def test_a_fault_in_applying_leaves_the_callback_kept_and_nothing_half_done(
    submitted_brand, unapplied
):
    assert standing(submitted_brand) == "submitted"
    assert moves_by_plivo(submitted_brand) == []
    assert unapplied.entry is None
    assert "the disk is full" in unapplied.explanation


def test_reapply_applies_what_a_fault_kept_back(submitted_brand, unapplied, command):
    printed = command("reapply", str(unapplied.pk))

    unapplied.refresh_from_db()
    assert printed == "applied"
    assert unapplied.outcome == "applied"
    assert unapplied.entry.to_status == "registered"
    assert standing(submitted_brand) == "registered"


def test_the_sweep_applies_what_a_fault_kept_back(submitted_brand, unapplied):
    tasks.sweep()

    assert standing(submitted_brand) == "registered"
