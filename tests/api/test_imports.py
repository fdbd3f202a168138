"""Importing through the API: as JSON or as the same file, done once under a key."""

import json

import pytest

from registrations.api.importing import LARGEST_BODY
from registrations.importing import LAYOUTS
from registrations.models import Brand, Campaign, IdempotentRequest, Scope
from tests.api.test_problems import problem
from tests.conftest import BRAND
from tests.registrations.test_importing import CAMPAIGN_ROW, csv_of, rows_of

pytestmark = pytest.mark.django_db

BRANDS, CAMPAIGNS = "/imports/brands/", "/imports/campaigns/"


@pytest.fixture(autouse=True)
def the_account(account):
    """There is one account at Plivo, and nobody need name it."""


def give(program, data, address=BRANDS, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return program._client.post(f"/api/v1{address}", data, content_type="text/csv", headers=named)


def test_rows_become_drafts_and_are_told_in_json(alices, acme, alice):
    data = csv_of({**BRAND, "external_id": "a"}, {**BRAND, "entity_type": "Company"})

    answer = give(alices, data)

    told, brand = answer.json(), Brand.objects.get()
    assert answer.status_code == 200
    assert (brand.organization, brand.created_by) == (acme, alice)
    assert told["dry_run"] is False
    assert told["counts"] == {"created": 1, "refused": 1}
    first, second = told["rows"]
    assert first["row"] == 2
    assert first["external_id"] == "a"
    assert first["result"] == "created"
    assert first["reference"] == brand.reference
    assert second["row"] == 3
    assert second["result"] == "refused"
    assert second["reference"] is None
    [reason] = second["reasons"]
    assert reason["pointer"] == "/entity_type"
    assert reason["rule"] == "invalid_choice"
    assert reason["severity"] == "block"
    assert "PRIVATE" in reason["remedy"]


@pytest.mark.parametrize("how", [{"Accept": "text/csv"}, "?format=csv"], ids=["header", "query"])
def test_the_same_file_comes_back_with_what_became_of_each_row(alices, how):
    query, headers = (how, {}) if isinstance(how, str) else ("", how)

    answer = give(alices, csv_of(BRAND), f"{BRANDS}{query}", **headers)

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    [row] = rows_of(answer.content.decode())
    assert row["name"] == BRAND["name"]
    assert row["result"] == "created"


def test_a_dry_run_saves_nothing(alices):
    told = give(alices, csv_of(BRAND), f"{BRANDS}?dry_run=true").json()

    assert told["dry_run"] is True
    assert told["counts"] == {"would_be_created": 1}
    assert not Brand.objects.exists()


def test_campaigns_find_their_brands_by_the_programs_own_names(alices):
    give(alices, csv_of({**BRAND, "external_id": "shop-42"}))

    told = give(alices, csv_of({**CAMPAIGN_ROW, "brand_external_id": "shop-42"}), CAMPAIGNS).json()

    assert told["counts"] == {"created": 1}
    assert told["rows"][0]["reference"] == Campaign.objects.get().reference


def test_sending_for_review_needs_the_scope_for_it(program_of, alice, acme):
    drafter = program_of(alice, acme, Scope.DRAFT)
    sender = program_of(alice, acme, Scope.DRAFT, Scope.SUBMIT)

    problem(give(drafter, csv_of(BRAND), f"{BRANDS}?send=true"), 403, "permission_denied")
    assert not Brand.objects.exists()

    told = give(sender, csv_of(BRAND), f"{BRANDS}?send=true").json()
    assert told["counts"] == {"sent_for_review": 1}


def test_a_key_that_may_not_draft_imports_nothing(program_of, alice, acme):
    answer = give(program_of(alice, acme, Scope.READ), csv_of(BRAND))

    problem(answer, 403, "permission_denied")


def test_a_key_imports_for_its_own_organization(carols, bobs, acme, globex):
    give(carols, csv_of(BRAND))
    give(bobs, csv_of(BRAND))

    assert [brand.organization for brand in Brand.objects.order_by("pk")] == [acme, globex]


def test_a_foreign_brand_is_no_brand(bobs, draft_brand):
    row = {**CAMPAIGN_ROW, "brand": draft_brand.reference}

    told = give(bobs, csv_of(row), CAMPAIGNS).json()

    assert told["counts"] == {"refused": 1}
    assert not Campaign.objects.exists()


def test_a_person_with_several_organizations_says_which(client, alice, acme, globex):
    globex.members.add(alice)
    client.force_login(alice)

    def post(query=""):
        return client.post(f"/api/v1{BRANDS}{query}", csv_of(BRAND), content_type="text/csv")

    problem(post(), 400, "invalid_parameter")
    for wrong in ("0", "x", "9" * 30, str(globex.pk + 1000)):
        problem(post(f"?organization={wrong}"), 400, "invalid_parameter")
    assert post(f"?organization={globex.pk}").status_code == 200
    assert Brand.objects.get().organization == globex


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty"),
        (b"name\nA\n", "“entity_type” is missing"),
        (b"name,entity_type\n\xff,PRIVATE\n", "Line 2 is not UTF-8"),
        (b"name,entity_type\nA\x00,PRIVATE\n", "Line 2 holds a NUL"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(alices, data, said):
    told = problem(give(alices, data), 400, "invalid")

    assert said in told["errors"][0]["detail"]
    assert not Brand.objects.exists()


def test_what_is_too_large_is_refused(alices):
    problem(give(alices, b"x" * (LARGEST_BODY + 1)), 413, "too_large")
    problem(give(alices, b"x" * (LARGEST_BODY + 1), Idempotency_Key="a"), 413, "too_large")


def test_only_csv_is_understood_and_only_csv_and_json_are_spoken(alices):
    problem(alices.post(BRANDS, {"name": "Acme"}), 415, "unsupported_media_type")
    problem(give(alices, csv_of(BRAND), Accept="text/html"), 406, "not_acceptable")


@pytest.mark.parametrize("query", ["?dry_run=maybe", "?send=1", "?really=true"])
def test_parameters_that_are_not_understood_are_refused(alices, query):
    assert give(alices, csv_of(BRAND), f"{BRANDS}{query}").status_code == 400
    assert not Brand.objects.exists()


def test_it_is_a_post_and_nothing_else(alices):
    problem(alices.get(BRANDS), 405, "method_not_allowed")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
def test_asked_twice_under_one_key_it_is_done_once(alices, accept):
    first = give(alices, csv_of(BRAND), Idempotency_Key="import-1", Accept=accept)
    again = give(alices, csv_of(BRAND), Idempotency_Key="import-1", Accept=accept)

    assert Brand.objects.count() == 1
    assert again["Idempotency-Replayed"] == "true"
    assert (again.content, again["Content-Type"]) == (first.content, first["Content-Type"])


@pytest.mark.django_db(transaction=True)
def test_a_file_that_cannot_be_read_leaves_its_key_free(alices):
    problem(give(alices, b"name\nA\n", Idempotency_Key="import-1"), 400, "invalid")

    assert not IdempotentRequest.objects.exists()
    assert give(alices, csv_of(BRAND), Idempotency_Key="import-1").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_answer_that_is_kept_for_a_key_holds_no_tax_id_in_the_clear(alices):
    give(alices, csv_of(BRAND), Idempotency_Key="import-1", Accept="text/csv")

    stored = IdempotentRequest.objects.extra(select={"raw": "body"}).values("raw").get()["raw"]  # noqa: S610
    assert BRAND["ein"] not in stored


def test_the_columns_are_called_as_the_fields_of_the_api_are(alices, draft_brand):
    told = json.loads(alices.get(f"/brands/{draft_brand.reference}/").content)

    assert set(LAYOUTS[Brand].names) - set(told) == {"ein"}  # which is told masked
