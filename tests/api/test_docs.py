"""What programs' authors read, and what answers beside the API's own views."""

import json

import pytest
import yaml
from django.test import Client

from portal.api_docs import SCHEMA_FILE
from registrations.api.remedies import REMEDIES


@pytest.fixture
def anybody(db):
    return Client()


def test_the_schema_is_served_as_committed_and_needs_no_sign_in(anybody):
    answer = anybody.get("/api/schema/")

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/yaml")
    assert answer.content == SCHEMA_FILE.read_bytes()


@pytest.mark.parametrize(
    ("query", "accept"),
    [("?format=json", "*/*"), ("", "application/json")],
    ids=["query", "header"],
)
def test_the_schema_comes_as_json_too(anybody, query, accept):
    answer = anybody.get(f"/api/schema/{query}", headers={"Accept": accept})

    assert answer["Content-Type"].startswith("application/json")
    assert answer.json() == json.loads(
        json.dumps(yaml.safe_load(SCHEMA_FILE.read_text()), default=str)
    )


def test_the_schema_is_not_sent_again_to_who_has_it(anybody):
    etag = anybody.get("/api/schema/")["ETag"]

    answer = anybody.get("/api/schema/", headers={"If-None-Match": etag})

    assert answer.status_code == 304
    assert answer.content == b""


def test_the_page_lists_every_operation_without_javascript(anybody):
    page = anybody.get("/api/docs/").content.decode()

    for path in yaml.safe_load(SCHEMA_FILE.read_text())["paths"]:
        assert f"<code>{path}</code>" in page


def test_the_page_has_nothing_from_elsewhere_and_nothing_inline(anybody):
    answer = anybody.get("/api/docs/")

    page = answer.content.decode()
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "//cdn" not in page
    assert "<style" not in page
    assert "<script>" not in page


@pytest.mark.parametrize("code", REMEDIES)
def test_each_code_has_a_page_with_its_remedy(client, code):
    page = client.get(f"/api/docs/problems/{code}")

    assert page.status_code == 200
    assert code in page.content.decode()
    assert code in client.get("/api/docs/problems/").content.decode()


def test_an_unknown_code_has_no_page(client):
    assert client.get("/api/docs/problems/nonsense").status_code == 404


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize(
    "path", ["/api/v1/brandz/", "/api/v1/brands", "/api/v2/brands/", "/api/x", "/api/v1/a%0Ab/"]
)
def test_an_unknown_address_is_a_problem_document(anybody, method, path):
    answer = getattr(anybody, method)(path)

    assert_problem(answer, 404, "not_found")


def test_a_wrong_method_is_a_problem_document(anybody):
    answer = anybody.post("/api/schema/")

    assert_problem(answer, 405, "method_not_allowed")
    assert "GET" in answer["Allow"]


def test_a_format_that_is_not_spoken_is_a_problem_document(anybody):
    assert_problem(anybody.get("/api/schema/?format=xml"), 406, "not_acceptable")
    assert_problem(
        anybody.get("/api/schema/", headers={"Accept": "image/png"}), 406, "not_acceptable"
    )


def test_a_fault_of_ours_is_a_problem_document_with_the_number_of_the_request(monkeypatch, db):
    def fails(*_, **__):
        raise RuntimeError("a secret")

    monkeypatch.setattr("portal.api_docs.SchemaView.get", fails)
    browser = Client(raise_request_exception=False)

    answer = browser.get("/api/schema/")

    assert_problem(answer, 500, "error")
    assert "a secret" not in answer.content.decode()


def assert_problem(answer, status, code):
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert told["code"] == code
    assert told["type"] == f"/api/docs/problems/{code}"
    assert told["request_id"] == answer["X-Request-ID"]
    assert told["detail"]
