"""Who may speak: only what Plivo signed, for this address, with a token that is still live."""

import base64
import hmac
from datetime import timedelta

import pytest
from django.utils import timezone

from callbacks.models import Callback
from registrations.models import PlivoAccount
from registrations.plivo.signature import (
    MA_V2,
    MA_V3,
    V2,
    V2_NONCE,
    V3,
    V3_NONCE,
    v2_signature,
    v3_signature,
)
from tests.callbacks.conftest import (
    NONCE,
    moves_by_plivo,
    outcomes,
    path_of,
    signed,
    standing,
)

pytestmark = pytest.mark.django_db

BODY = b"type=brand&status=registered&brand_id=BTEST02"


@pytest.fixture
def true_headers(submission, settings):
    return signed(submission.callback_url, token=settings.PLIVO_AUTH_TOKEN)


@pytest.fixture
def refused(submitted_brand, submission, knock):
    """Knock with these headers; demand that it is answered 403, kept as forged, and unheard."""

    def refused(headers, body=BODY):
        answer = knock(submission, body, headers=headers)

        assert answer.status_code == 403
        assert outcomes() == ["forged"]
        assert standing(submitted_brand) == "submitted"
        assert moves_by_plivo(submitted_brand) == []
        return Callback.objects.get()

    return refused


# --- V2 ---


def test_a_forged_callback_is_kept_but_moves_nothing(refused, submission):
    headers = signed(submission.callback_url, token="not the token")

    callback = refused(headers)

    assert bytes(callback.body) == BODY
    assert callback.submission == submission
    assert callback.explanation == "No live token of the account makes this signature."


def test_a_callback_without_a_signature_is_refused(refused):
    refused({V2_NONCE: NONCE})


def test_a_callback_without_any_header_is_refused(refused):
    refused({})


def test_a_callback_without_a_nonce_is_refused(refused, true_headers):
    del true_headers[V2_NONCE]

    refused(true_headers)


def test_a_signature_with_another_nonce_is_refused(refused, true_headers):
    refused({**true_headers, V2_NONCE: "1"})


def _with_empty_key(url):
    mac = hmac.digest(b"", (url + NONCE).encode(), "sha256")
    return {V2_NONCE: NONCE, V2: base64.b64encode(mac).decode()}


def test_a_signature_with_the_empty_key_is_refused(refused, submission):
    refused(_with_empty_key(submission.callback_url))


def test_a_signature_with_the_empty_key_is_refused_even_if_the_token_is_empty(refused, submission):
    submission.account.tokens.all().delete()
    submission.account.tokens.create(token="")

    refused(_with_empty_key(submission.callback_url))


def test_the_signature_of_another_request_is_refused(refused, campaign_submission, settings):
    headers = signed(campaign_submission.callback_url, token=settings.PLIVO_AUTH_TOKEN)

    refused(headers)


def test_the_token_of_another_account_is_refused(refused, submission):
    stranger = PlivoAccount.objects.create(auth_id="MASTRANGERSTRANGER00")
    stranger.tokens.create(token="the stranger's token")

    refused(signed(submission.callback_url, token="the stranger's token"))


def test_a_signature_over_the_host_that_the_client_claims_is_refused(refused, submission, settings):
    claimed = f"http://testserver{path_of(submission)}"

    refused(signed(claimed, token=settings.PLIVO_AUTH_TOKEN))


def test_the_query_is_not_part_of_what_v2_signs(submitted_brand, submission, knock, true_headers):
    answer = knock(submission, BODY, query="x=1", headers=true_headers)

    assert answer.json() == {"outcome": "applied"}
    assert standing(submitted_brand) == "registered"


def test_no_letter_may_wander_from_the_path_into_the_nonce(
    submitted_brand, submission, knock, true_headers
):
    path = path_of(submission)
    token = path.split("/")[3]
    base = path.removesuffix(f"{token}/")

    answers = [
        knock(None, BODY, path=base, headers={**true_headers, V2_NONCE: f"{token}/{NONCE}"}),
        knock(None, BODY, path=path[:-2], headers={**true_headers, V2_NONCE: path[-2:] + NONCE}),
        knock(None, BODY, path=path[:-1], headers={**true_headers, V2_NONCE: f"/{NONCE}"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 404, 404]
    assert outcomes() == ["forged"]
    assert standing(submitted_brand) == "submitted"


def test_no_letter_may_wander_from_the_nonce_into_the_path(
    submitted_brand, submission, knock, true_headers
):
    path = path_of(submission) + NONCE[:5]

    answers = [
        knock(None, BODY, path=spelt, headers={**true_headers, V2_NONCE: NONCE[5:]})
        for spelt in (path, f"{path}/")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert standing(submitted_brand) == "submitted"


def test_one_signature_with_two_contents_is_suspicious_and_moves_nothing_more(
    submitted_brand, submission, knock, true_headers
):
    knock(submission, b"status=created", headers=true_headers)

    answer = knock(submission, BODY, headers=true_headers)

    assert (answer.status_code, answer.json()) == (200, {"outcome": "suspicious"})
    assert outcomes() == ["applied", "suspicious"]
    assert standing(submitted_brand) == "created"


def test_one_signature_with_another_query_is_suspicious_too(
    submitted_brand, submission, knock, true_headers
):
    knock(submission, b"status=created", headers=true_headers)

    answer = knock(submission, b"status=created", query="x=1", headers=true_headers)

    assert answer.json() == {"outcome": "suspicious"}


# --- Tokens ---


def test_while_tokens_are_changed_the_old_and_the_new_one_are_both_heard(
    submitted_brand, submission, plivo_says, settings
):
    submission.account.tokens.create(token="the new token")

    old = plivo_says(submission, status="created")
    new = plivo_says(submission, token="the new token", status="registered")

    assert [old.json(), new.json()] == [{"outcome": "applied"}] * 2
    assert standing(submitted_brand) == "registered"


def test_a_retired_token_is_refused(refused, submission, true_headers):
    account = submission.account
    account.tokens.update(retired_at=timezone.now())
    account.tokens.create(token="the new token")

    refused(true_headers)


def test_a_token_that_retires_later_is_still_heard(submission, plivo_says):
    submission.account.tokens.update(retired_at=timezone.now() + timedelta(hours=1))

    answer = plivo_says(submission, status="registered")

    assert answer.json() == {"outcome": "applied"}


def test_a_token_that_is_not_active_yet_is_refused(refused, submission):
    later = timezone.now() + timedelta(hours=1)
    submission.account.tokens.create(token="the token of tomorrow", active_from=later)

    refused(signed(submission.callback_url, token="the token of tomorrow"))


@pytest.fixture
def main_account(submission):
    main = PlivoAccount.objects.create(auth_id="MAMAINMAINMAINMAIN00")
    main.tokens.create(token="the main token")
    account = submission.account
    account.main_account = main
    account.save()
    return main


def test_the_main_account_signs_for_its_subaccount(
    submitted_brand, submission, main_account, knock
):
    headers = signed(submission.callback_url, token="the main token", scheme=MA_V2)

    answer = knock(submission, BODY, headers=headers)

    assert answer.json() == {"outcome": "applied"}
    assert Callback.objects.get().scheme == "Ma-V2"
    assert standing(submitted_brand) == "registered"


def test_the_main_token_does_not_stand_behind_the_header_of_the_subaccount(
    refused, submission, main_account
):
    refused(signed(submission.callback_url, token="the main token", scheme=V2))


def test_the_subaccounts_token_does_not_stand_behind_the_header_of_the_main_account(
    refused, submission, main_account, settings
):
    refused(signed(submission.callback_url, token=settings.PLIVO_AUTH_TOKEN, scheme=MA_V2))


# --- V3, which Plivo documents for voice only ---


def _v3(submission, token, params, header=V3):
    signature = v3_signature("POST", submission.callback_url, "31627761595286130198", token, params)
    return {V3_NONCE: "31627761595286130198", header: signature}


@pytest.mark.parametrize("header", [V3, MA_V3])
def test_a_true_v3_signature_is_noted(
    header, submitted_brand, submission, knock, true_headers, settings
):
    v3 = _v3(submission, settings.PLIVO_AUTH_TOKEN, [("status", "registered")], header)

    answer = knock(submission, b"status=registered", headers={**true_headers, **v3})

    assert answer.json() == {"outcome": "applied"}
    assert Callback.objects.get().v3 == "ok"


def test_a_wrong_v3_signature_makes_a_true_v2_suspicious(
    submitted_brand, submission, knock, true_headers, settings
):
    v3 = _v3(submission, settings.PLIVO_AUTH_TOKEN, [("status", "created")])

    answer = knock(submission, b"status=registered", headers={**true_headers, **v3})

    assert (answer.status_code, answer.json()) == (200, {"outcome": "suspicious"})
    assert Callback.objects.get().v3 == "bad"
    assert standing(submitted_brand) == "submitted"


def test_a_suspicious_request_does_not_use_up_the_signature_of_the_true_one(
    submitted_brand, submission, knock, true_headers
):
    knock(submission, b"status=rejected", headers={**true_headers, V3: "AAAA", V3_NONCE: "1"})

    answer = knock(submission, BODY, headers=true_headers)

    assert answer.json() == {"outcome": "applied"}
    assert standing(submitted_brand) == "registered"


# --- Addresses ---


def test_a_token_that_nobody_was_given_leads_nowhere(submission, knock, settings):
    path = f"/callbacks/plivo/{'x' * 40}/"
    headers = signed(settings.PUBLIC_URL + path, token=settings.PLIVO_AUTH_TOKEN)

    answer = knock(None, BODY, path=path, headers=headers)

    assert answer.status_code == 404
    assert outcomes() == []


@pytest.mark.parametrize("name", ["RAW_URI", "REQUEST_URI"])
def test_an_address_that_is_spelt_otherwise_leads_nowhere(
    name, submitted_brand, submission, knock, true_headers
):
    path = path_of(submission)
    token = path.split("/")[3]
    spelt = path.replace(token, f"%{ord(token[0]):02x}{token[1:]}")

    answer = knock(submission, BODY, headers=true_headers, **{name: spelt})

    assert answer.status_code == 404
    assert standing(submitted_brand) == "submitted"


def test_the_whole_url_in_the_request_line_is_the_same_address(submission, knock, true_headers):
    whole = f"http://testserver{path_of(submission)}?x=1"

    answer = knock(submission, BODY, headers=true_headers, RAW_URI=whole)

    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_not_taken(method, submitted_brand, submission, knock, true_headers):
    answer = knock(submission, BODY, headers=true_headers, method=method)

    assert answer.status_code == 405
    assert outcomes() == []
    assert standing(submitted_brand) == "submitted"


def test_a_signature_is_needed_at_the_fixed_address_too(submitted_brand, knock, settings):
    url = f"{settings.PUBLIC_URL}/callbacks/plivo/"
    headers = {V2_NONCE: NONCE, V2: v2_signature(url, NONCE, "not the token")}

    answer = knock(None, BODY, path="/callbacks/plivo/", headers=headers)

    assert answer.status_code == 403
    assert standing(submitted_brand) == "submitted"
