"""Whatever bytes come with a true signature: they are kept as they are, and answered 200."""

import gzip
import json
import random
from io import BytesIO

import pytest

from tests.callbacks.conftest import outcomes, signed, standing

pytestmark = pytest.mark.django_db

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
NOISE = random.Random(10).randbytes(4096)
MANY = "&".join(f"field{number}={number}" for number in range(1001))
MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="status"\r\n\r\nregistered\r\n'
    b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nhi\r\n--x--\r\n'
)

ODD = {
    "random bytes": (FORM, NOISE),
    "random bytes called JSON": (JSON, NOISE),
    "deep JSON": (JSON, b"[" * 30_000 + b"]" * 30_000),
    "deep objects": (JSON, b'{"a":' * 8_000 + b"1" + b"}" * 8_000),
    "broken JSON": (JSON, b'{"status": "regis'),
    "a long number in JSON": (JSON, b'{"status": ' + b"9" * 50_000 + b"}"),
    "no number in JSON": (JSON, b'{"status": NaN, "brand_id": Infinity}'),
    "JSON that is no object": (JSON, b'"registered"'),
    "NUL in a form": (FORM, b"brand\x00id=\x00&note=%00\x00"),
    "NUL in JSON": (JSON, b'{"no\\u0000te": "\\u0000"}'),
    "a lone surrogate in JSON": (JSON, b'{"note": "\\ud800", "\\udfff": 1}'),
    "a lone surrogate in a form": (FORM, b"note=%ED%A0%80"),
    "1001 fields": (FORM, MANY.encode()),
    "a charset nobody knows": (f"{FORM}; charset=klingon", b"note=1"),
    "a charset that is no charset": (f"{FORM}; charset=hex", b"note=1"),
    "UTF-16": (f"{JSON}; charset=utf-16", json.dumps({"note": "ü"}).encode("utf-16")),
    "gzip": (JSON, gzip.compress(b'{"note": 1}', mtime=0)),
    "multipart": ("multipart/form-data; boundary=x", MULTIPART),
    "multipart without boundary": ("multipart/form-data", MULTIPART),
    "no content type": ("", b"note=1"),
    "a long word": (FORM, b"status=" + b"x" * 5_000),
    "emoji": (FORM, "note=🦜".encode()),
}


@pytest.fixture
def headers(submission, settings):
    return signed(submission.callback_url, token=settings.PLIVO_AUTH_TOKEN)


@pytest.mark.parametrize("name", ODD)
def test_odd_bytes_are_kept_byte_for_byte(
    name, submitted_brand, submission, knock, headers, the_only_callback
):
    content_type, body = ODD[name]

    answer = knock(submission, body, content_type=content_type, headers=headers)

    callback = the_only_callback()
    assert (answer.status_code, answer.json()) == (200, {"outcome": "unrecognised"})
    assert bytes(callback.body) == body
    assert callback.body_length == len(body)
    assert standing(submitted_brand) == "submitted"


@pytest.mark.parametrize("name", ODD)
def test_odd_bytes_without_a_signature_are_refused_like_any_other(
    name, submission, knock, the_only_callback
):
    content_type, body = ODD[name]

    answer = knock(submission, body, content_type=content_type, headers={})

    callback = the_only_callback()
    assert (answer.status_code, callback.outcome) == (403, "forged")
    assert bytes(callback.body) == body[:4096]
    assert callback.body_length == len(body)


@pytest.mark.parametrize(
    "query", [MANY, "a=%00&%ED%A0%80=%ff", "\xff\xfe", "format=xml", "&&==&", "a" * 9_000]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_odd_query_is_kept(method, query, submission, knock, headers, the_only_callback):
    answer = knock(submission, method=method, query=query, headers=headers)

    assert (answer.status_code, answer.json()) == (200, {"outcome": "unrecognised"})
    assert the_only_callback().query


@pytest.mark.parametrize(
    "odd",
    [
        {"Accept": "text/plain"},
        {"Accept": "application/xml;version=;;;"},
        {"Content-Encoding": "gzip"},
        {"X-Http-Method-Override": "DELETE"},
        {"User-Agent": "\xff\x00"},
        {"X-Forwarded-Host": "elsewhere.example.com"},
        {"Cookie": "sessionid=\x00"},
    ],
    ids=lambda odd: next(iter(odd)) + " " + ascii(next(iter(odd.values()))),
)
def test_odd_headers_cannot_lose_a_true_callback(odd, submitted_brand, submission, knock, headers):
    answer = knock(submission, b"status=registered", headers={**headers, **odd})

    assert (answer.status_code, answer.json()) == (200, {"outcome": "applied"})
    assert standing(submitted_brand) == "registered"


def test_a_charset_that_is_no_charset_cannot_lose_a_true_get(
    submitted_brand, submission, knock, headers
):
    answer = knock(
        submission,
        method="GET",
        query="status=registered",
        content_type=f"{FORM}; charset=hex",
        headers=headers,
    )

    assert answer.json() == {"outcome": "applied"}


def test_a_body_of_the_greatest_length_is_taken(
    submission, knock, headers, settings, the_only_callback
):
    body = b"x" * settings.CALLBACK_MAX_BYTES

    answer = knock(submission, body, headers=headers)

    assert answer.status_code == 200
    assert bytes(the_only_callback().body) == body


def test_a_longer_body_is_not_taken(submission, knock, headers, settings):
    answer = knock(submission, b"x" * (settings.CALLBACK_MAX_BYTES + 1), headers=headers)

    assert answer.status_code == 413
    assert outcomes() == []


@pytest.mark.parametrize("length", ["", "-1", "many", "²"])
def test_a_post_must_say_how_long_its_body_is(length, submission, knock, headers):
    answer = knock(submission, headers=headers, CONTENT_LENGTH=length)

    assert answer.status_code == 411
    assert outcomes() == []


def test_a_body_that_was_cut_short_does_not_use_up_the_signature_of_the_whole_one(
    submitted_brand, submission, knock, headers
):
    body = b"type=brand&status=registered"

    cut = knock(submission, body, headers=headers, **{"wsgi.input": BytesIO(body[:10])})
    whole = knock(submission, body, headers=headers)

    assert (cut.status_code, whole.json()) == (400, {"outcome": "applied"})
    assert outcomes() == ["applied"]
    assert standing(submitted_brand) == "registered"


def test_a_length_beyond_all_measure_is_not_taken(submission, knock, headers):
    answer = knock(submission, headers=headers, CONTENT_LENGTH="9" * 5_000)

    assert answer.status_code == 413
