"""What Plivo answers becomes a yes, a no, or nothing to rely on."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrations.plivo.client import (
    Answer,
    NotFound,
    PlivoTrouble,
    RateLimited,
    Refused,
    Unauthorised,
    Unknown,
)
from registrations.plivo.client.answers import Reply, understood

HTML = "<html><h1>Bad gateway</h1></html>"


def answer_to(status, document="", retry_after=""):
    text = document if isinstance(document, str) else json.dumps(document)
    return understood(Reply(status, text, retry_after))


def trouble_with(status, document="", retry_after=""):
    with pytest.raises(PlivoTrouble) as caught:
        answer_to(status, document, retry_after)
    return caught.value


# --- Yes ---


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_success_is_a_yes(status):
    answer = answer_to(status, {"api_id": "a-1", "brand_id": "BTEST01"})

    assert answer.status == status
    assert answer.api_id == "a-1"
    assert answer.get("brand_id") == "BTEST01"
    assert answer.get("campaign_id") is None
    assert answer.text == '{"api_id": "a-1", "brand_id": "BTEST01"}'


def test_a_success_without_content_may_be_empty():
    assert answer_to(204) == Answer(status=204, body={}, text="", api_id="")


@pytest.mark.parametrize("nothing", [None, "", False, [], {}])
def test_an_error_field_that_holds_nothing_is_no_error(nothing):
    assert answer_to(200, {"api_id": "a-1", "error": nothing}).status == 200


# --- No ---


@pytest.mark.parametrize("status", [200, 202, 400, 405, 422])
def test_what_plivo_will_not_do_is_refused_with_its_reason(status):
    trouble = trouble_with(status, {"api_id": "a-1", "error": "ein is invalid"})

    assert type(trouble) is Refused
    assert trouble.error == str(trouble) == "ein is invalid"
    assert trouble.status == status
    assert trouble.api_id == "a-1"
    assert trouble.text == '{"api_id": "a-1", "error": "ein is invalid"}'


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"brandId": ["is required", "żółw"]}, '{"brandId": ["is required", "żółw"]}'),
        (["one", "two"], '["one", "two"]'),
        (1101, "1101"),
        (True, "true"),
    ],
)
def test_a_reason_in_another_shape_is_kept_word_for_word(error, reason):
    assert trouble_with(400, {"error": error}).error == reason


def test_a_refusal_without_error_gives_its_message():
    trouble = trouble_with(400, {"api_id": "a-1", "message": "Not like this."})

    assert trouble.error == "Not like this."


def test_a_refusal_without_any_reason_is_still_one():
    assert trouble_with(422, {"api_id": "a-1"}).error == "Plivo answered HTTP 422."


def test_an_object_that_plivo_does_not_know_is_not_found():
    trouble = trouble_with(404, {"error": "Profile not found."})

    assert isinstance(trouble, NotFound)
    assert trouble.error == "Profile not found."


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("document", [{"error": "no"}, HTML, ""])
def test_credentials_that_do_not_open_are_said_to_be_that(status, document):
    assert isinstance(trouble_with(status, document), Unauthorised)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("", None), ("2", 2.0), (" 30 ", 30.0), ("-5", None), ("²", None), ("soon", None)]
    + [("9" * 400, None), ("1.5", None), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)],
)
def test_too_many_requests_may_say_how_long_to_wait(header, seconds):
    trouble = trouble_with(429, {"error": "rate limit exceeded"}, header)

    assert isinstance(trouble, RateLimited)
    assert trouble.retry_after == seconds


def test_the_wait_may_be_given_as_a_moment():
    moment = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)

    assert 86_000 < trouble_with(429, "", moment).retry_after <= 86_400


# --- Nothing to rely on ---


@pytest.mark.parametrize(
    "status", [100, 206, 300, 302, 304, 402, 408, 409, 410, 418, 500, 502, 503, 504, 599]
)
def test_any_other_status_leaves_the_outcome_unknown(status):
    trouble = trouble_with(status, {"api_id": "a-1", "error": "Hm."})

    assert isinstance(trouble, Unknown)
    assert str(trouble) == f"Plivo answered HTTP {status}. Hm."
    assert (trouble.status, trouble.api_id) == (status, "a-1")


@pytest.mark.parametrize("status", [400, 404, 405, 422])
@pytest.mark.parametrize("document", [HTML, "", "[]", '{"detail": "Not Found"}'])
def test_a_gateway_cannot_refuse_for_plivo(status, document):
    assert isinstance(trouble_with(status, document), Unknown)


@pytest.mark.parametrize(
    "text",
    [HTML, "", "   ", '"yes"', "[1]", "null", "1", '{"api_id":', "[" * 100_000, "9" * 5_000],
    ids=lambda text: text[:12] or "empty",
)
def test_a_success_that_is_no_json_object_leaves_the_outcome_unknown(text):
    trouble = trouble_with(200, text)

    assert isinstance(trouble, Unknown)
    assert trouble.text == text


# --- What the answer holds ---


def test_names_are_in_snake_case_on_every_level():
    answer = answer_to(
        200,
        {
            "apiId": "a-1",
            "brand": {"brandId": "B1", "declinedReasons": [{"errorCode": 1}], "sample1": "x"},
            "phone_numbers_summary": {"COMPLETED": 2},
        },
    )

    assert answer.api_id == "a-1"
    assert answer.body == {
        "api_id": "a-1",
        "brand": {"brand_id": "B1", "declined_reasons": [{"error_code": 1}], "sample1": "x"},
        "phone_numbers_summary": {"COMPLETED": 2},
    }


@pytest.mark.parametrize("name", ["mno_metadata", "mnoMetadata"])
def test_operators_keep_their_names(name):
    operators = {"AT&T": {"tpm": 240}, "T-Mobile": {"brand_tier": "TOP"}, "usCellular": None}

    assert answer_to(200, {"campaign": {name: operators}}).get("campaign") == {
        "mno_metadata": operators
    }


def test_what_no_database_keeps_is_replaced():
    answer = answer_to(
        200, r'{"a": NaN, "b": -Infinity, "c": 1e400, "d": "x\u0000\ud800", "e": 1.5}'
    )

    assert answer.body == {"a": None, "b": None, "c": None, "d": "x\ufffd\ufffd", "e": 1.5}


@given(st.sampled_from([200, 204, 302, 400, 404, 409, 429, 500]), st.text(), st.text())
def test_any_answer_is_either_an_answer_or_trouble(status, text, retry_after):
    try:
        answer = understood(Reply(status, text, retry_after))
    except PlivoTrouble as trouble:
        assert trouble.status == status
    else:
        assert status in (200, 204)
        assert isinstance(answer.body, dict)
