"""Whatever is sent, the answer is a problem document that helps, and never a fault of ours."""

import json

import pytest
from django.test import Client

from registrations.api.reading import LARGEST_BODY
from registrations.models import Brand
from tests.conftest import BRAND

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_account(account):
    """There is one account at Plivo, and nobody need name it."""


def problem(answer, status, code):
    told = json.loads(answer.content)
    assert (answer.status_code, told["code"]) == (status, code), told
    assert answer["Content-Type"] == "application/problem+json"
    assert told["status"] == status
    assert told["detail"] and told["title"]
    assert told["request_id"] == answer["X-Request-ID"]
    assert told["type"] == f"/api/docs/problems/{code}"
    return told


@pytest.mark.parametrize(
    "body",
    [
        *("{", "", "nonsense", '{"name": }', "NaN", '{"name": NaN}', '{"name": Infinity}'),
        *('{"name": "a", "name": "b"}', '{"name": "\\ud800"}', '{"\\udc00": 1}', "'a'"),
        "[" * 100_000,
        "[" * 50 + "]" * 50,
        '{"name":' * 40 + "1" + "}" * 40,
        '{"name": ' + "9" * 5000 + "}",
        b'{"name": "\xff"}',
        "\ufeff{}".encode(),
        "{}".encode("utf-16"),
    ],
)
def test_what_is_no_json_that_can_be_read_is_refused(alices, body):
    answer = alices.send_raw("/brands/", body or " ")

    problem(answer, 400, "parse_error")


@pytest.mark.parametrize("body", ["[]", "1", "null", '"text"', "true", "1e400"])
def test_a_body_is_an_object(alices, body):
    answer = alices.send_raw("/brands/", body)

    assert answer.status_code == 400
    assert not Brand.objects.exists()


@pytest.mark.parametrize("verb", ["submit", "comment", "withdraw"])
@pytest.mark.parametrize("body", ["[]", "1", "null", '"text"'])
def test_what_is_said_with_a_verb_is_an_object_too(alices, draft_brand, verb, body):
    answer = alices.send_raw(f"/brands/{draft_brand.reference}/{verb}/", body)

    assert answer.status_code == 400


def test_a_body_that_is_too_large_is_refused(alices):
    answer = alices.send_raw("/brands/", json.dumps({"name": "x" * LARGEST_BODY}))

    problem(answer, 413, "too_large")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "x"])
def test_only_json_is_read(alices, content_type):
    answer = alices.send_raw("/brands/", "name=Acme", content_type=content_type)

    problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*"])
def test_only_json_and_csv_are_written(alices, draft_brand, accept):
    problem(alices.get("/brands/", Accept=accept), 406, "not_acceptable")
    one = alices.get(f"/brands/{draft_brand.reference}/", Accept="text/csv")
    problem(one, 406, "not_acceptable")


def test_a_format_that_there_is_not_is_refused(alices):
    problem(alices.get("/brands/", {"format": "xml"}), 406, "not_acceptable")


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("put", "/brands/"),
        ("delete", "/brands/BR-00000000/"),
        ("put", "/number-links/NL-00000000/"),
        ("post", "/brands/BR-00000000/"),
        ("get", "/brands/BR-00000000/submit/"),
        ("post", "/enums/"),
        ("get", "/preflight/"),
        ("patch", "/submissions/1/"),
        ("delete", "/audit-entries/1/"),
        ("post", "/callbacks/"),
        ("options", "/brands/"),
    ],
)
def test_a_method_that_an_address_does_not_know_is_refused(alices, method, address):
    answer = alices.ask(method, address)

    problem(answer, 405, "method_not_allowed")
    assert method.upper() not in answer["Allow"].split(", ") or method == "options"


@pytest.mark.parametrize(
    "address",
    [
        *("/brands/BR-00000000/", "/brands/nonsense/", "/brands/BR-%00000000/", "/nowhere/"),
        *("/submissions/999999999999999999/", "/submissions/99999999999999999999/"),
        *("/submissions/x/", "/brands/BR-00000000/preview/", "/brands", "/audit-entries/-1/"),
        *("/callbacks/987654/", "/organizations/987654/", "/brands/NL-00000000/usecases/"),
    ],
)
def test_what_there_is_not_is_told_so(alices, address):
    problem(alices.get(address), 404, "not_found")


def test_without_a_key_nothing_is_told(db):
    answer = Client().get("/api/v1/brands/")

    problem(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("reference", ["br-{}", "Br-{}"])
def test_a_reference_may_be_written_small(alices, draft_brand, reference):
    written = reference.format(draft_brand.reference[3:].lower())

    assert alices.get(f"/brands/{written}/").json()["reference"] == draft_brand.reference


@pytest.mark.parametrize(
    "body",
    [
        {"note": {"a": 1}},
        {"note": "x" * 5000},
        {"note": "n\x00"},
        {"field_notes": []},
        {"field_notes": {"website": {"a": []}}},
        {"field_notes": {"\x00": "n"}},
        {"field_notes": {"pk": "x"}},
    ],
)
def test_notes_of_any_shape_are_answered(carols, draft_brand, body):
    Brand.objects.update(status="in_review")

    answer = carols.post(f"/brands/{draft_brand.reference}/return/", body)

    assert answer.status_code in (400, 422)
    assert Brand.objects.get().status == "in_review"


@pytest.mark.parametrize(
    "value", [None, True, 0, -1, 10**40, 1.5, "", "\x00", "\U0001f600", [], {}]
)
@pytest.mark.parametrize("field", [*BRAND, "organization", "account", "external_id", "status"])
def test_no_value_in_any_field_is_a_fault_of_ours(alices, field, value):
    answer = alices.post("/brands/", {**BRAND, field: value})

    assert answer.status_code in (201, 400)
