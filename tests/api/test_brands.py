"""Brands: read, begun, written and checked by programs."""

import pytest
from django.conf import settings

from registrations.models import AuditEntry, Brand, Organization, PlivoAccount
from tests.conftest import BRAND

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_account(account):
    """There is one account at Plivo, and nobody need name it."""


def codes(answer):
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


class TestBeginning:
    def test_a_draft_is_begun_and_the_answer_says_where_it_is(self, alices, alice, acme):
        answer = alices.post("/brands/", {**BRAND, "external_id": "shop-17"})

        told, brand = answer.json(), Brand.objects.get()
        assert answer.status_code == 201
        assert answer["Location"] == f"http://testserver/api/v1/brands/{brand.reference}/"
        assert answer["ETag"] == told["etag"]
        assert (told["status"], told["external_id"], told["created_by"]) == (
            "draft",
            "shop-17",
            "alice",
        )
        assert (brand.organization, brand.created_by, brand.ein) == (acme, alice, "12-3456780")
        assert told["html_url"] == settings.PUBLIC_URL + brand.get_absolute_url()
        assert AuditEntry.objects.get().to_status == "draft"

    def test_the_tax_id_is_never_told(self, alices):
        answer = alices.post("/brands/", BRAND)

        assert answer.json()["masked_ein"] == "•••••6780"
        assert "3456780" not in answer.content.decode()

    def test_a_draft_may_be_incomplete(self, alices):
        answer = alices.post("/brands/", {"name": "Acme", "entity_type": "PRIVATE"})

        assert answer.status_code == 201
        assert answer.json()["country"] == "US"

    def test_what_a_draft_needs_is_asked_for(self, alices):
        answer = alices.post("/brands/", {})

        assert answer.status_code == 400
        assert codes(answer) == {"/name": "required", "/entity_type": "required"}

    def test_values_are_kept_as_the_form_keeps_them(self, alices):
        written = {**BRAND, "contact_phone": " +1 (415) 555-0101 ", "country": "us", "city": " SF "}

        alices.post("/brands/", written)

        brand = Brand.objects.get()
        assert (brand.contact_phone, brand.country, brand.city) == ("+14155550101", "US", "SF")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", "x" * 61),
            ("name", "two\nlines"),
            ("name", "turned \u202e round"),
            ("name", "nothing\x00"),
            ("name", 17),
            ("name", None),
            ("name", ["Acme"]),
            ("entity_type", "CLUB"),
            ("entity_type", {"PRIVATE": 1}),
            ("secondary_vetting", "yes"),
            ("secondary_vetting", 1),
            ("contact_phone", "1" * 30),
            ("country", "USA"),
            ("organization", 10**30),
            ("organization", True),
            ("organization", 1e300),
            ("organization", "1"),
            ("account", 5),
            ("account", "a\u0000b"),
            ("account", "MAUNKNOWN"),
            ("external_id", "x" * 101),
        ],
    )
    def test_what_does_not_fit_is_refused_with_its_place(self, alices, field, value):
        answer = alices.post("/brands/", {**BRAND, field: value})

        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"
        assert list(codes(answer)) == [f"/{field}"]
        assert not Brand.objects.exists()

    @pytest.mark.parametrize(
        "field",
        [
            *("status", "reference", "plivo_id", "confirmed", "created_by", "requested_by"),
            *("masked_ein", "etag", "review_note", "open_usecases", "conflict", "html_url"),
        ],
    )
    def test_what_is_not_hers_to_set_is_refused(self, alices, field):
        answer = alices.post("/brands/", {**BRAND, field: "registered"})

        assert answer.json()["code"] == "read_only"
        assert codes(answer) == {f"/{field}": "read_only"}
        assert not Brand.objects.exists()

    @pytest.mark.parametrize("field", ["approved_by", "brand_type", "nmae", "a/b", "a~b", "é"])
    def test_a_field_that_there_is_not_is_refused_by_name(self, alices, field):
        answer = alices.post("/brands/", {**BRAND, field: 1})

        pointer = field.replace("~", "~0").replace("/", "~1")
        assert answer.json()["code"] == "unknown_field"
        assert codes(answer) == {f"/{pointer}": "unknown_field"}

    def test_all_that_is_wrong_is_told_at_once(self, alices):
        answer = alices.post("/brands/", {"entity_type": "CLUB", "nmae": 1, "status": "draft"})

        assert codes(answer) == {
            "/name": "required",
            "/entity_type": "invalid_choice",
            "/nmae": "unknown_field",
            "/status": "read_only",
        }

    def test_her_own_organization_may_be_named_and_no_other(self, alices, acme, globex):
        own = alices.post("/brands/", {**BRAND, "organization": acme.pk})
        foreign = alices.post("/brands/", {**BRAND, "organization": globex.pk})
        none = alices.post("/brands/", {**BRAND, "organization": 987654})

        assert own.status_code == 201
        assert codes(foreign) == codes(none) == {"/organization": "does_not_exist"}

    def test_a_key_of_the_house_is_for_its_organization_only(self, carols, acme, globex):
        own = carols.post("/brands/", BRAND)
        foreign = carols.post("/brands/", {**BRAND, "organization": globex.pk})

        assert own.json()["organization"] == acme.pk
        assert foreign.status_code == 400

    def test_of_several_accounts_one_is_named(self, alices):
        PlivoAccount.objects.create(auth_id="MAOTHER")

        unnamed = alices.post("/brands/", BRAND)
        named = alices.post("/brands/", {**BRAND, "account": "MAOTHER"})

        assert codes(unnamed) == {"/account": "required"}
        assert named.json()["account"] == "MAOTHER"

    def test_who_only_reads_begins_nothing(self, program_of, audrey, acme):
        answer = program_of(audrey, acme).post("/brands/", BRAND)

        assert answer.status_code == 403
        assert not Brand.objects.exists()


class TestExternalId:
    def test_ones_own_things_are_found_by_it(self, alices):
        alices.post("/brands/", {**BRAND, "external_id": "shop-17"})
        alices.post("/brands/", BRAND)

        found = alices.get("/brands/", {"external_id": "shop-17"}).json()["items"]

        assert [brand["external_id"] for brand in found] == ["shop-17"]

    def test_it_is_given_once_in_an_organization(self, alices):
        alices.post("/brands/", {**BRAND, "external_id": "shop-17"})

        again = alices.post("/brands/", {**BRAND, "external_id": "shop-17"})

        assert (again.status_code, again.json()["code"]) == (409, "external_id_taken")
        assert codes(again) == {"/external_id": "external_id_taken"}
        assert Brand.objects.count() == 1

    def test_another_organization_gives_the_same(self, alices, bobs):
        alices.post("/brands/", {**BRAND, "external_id": "shop-17"})

        assert bobs.post("/brands/", {**BRAND, "external_id": "shop-17"}).status_code == 201

    def test_what_is_registered_can_still_be_named(self, alices, registered_brand):
        address = f"/brands/{registered_brand.reference}/"

        answer = alices.patch(address, {"external_id": "shop-17"})

        assert (answer.status_code, answer.json()["external_id"]) == (200, "shop-17")

    def test_a_name_can_be_taken_away(self, alices):
        made = alices.post("/brands/", {**BRAND, "external_id": "shop-17"}).json()

        alices.patch(f"/brands/{made['reference']}/", {"external_id": ""})

        assert Brand.objects.get().external_id == ""


class TestWriting:
    def test_only_what_is_given_changes(self, alices, draft_brand):
        answer = alices.patch(f"/brands/{draft_brand.reference}/", {"city": "Oakland"})

        assert (answer.status_code, answer.json()["city"]) == (200, "Oakland")
        draft_brand.refresh_from_db()
        assert (draft_brand.city, draft_brand.ein) == ("Oakland", "12-3456780")

    def test_another_tax_id_is_found_as_the_old_one_was(self, alices, draft_brand):
        before = draft_brand.ein_index

        alices.patch(f"/brands/{draft_brand.reference}/", {"ein": "98-7654320"})

        draft_brand.refresh_from_db()
        assert draft_brand.ein == "98-7654320"
        assert draft_brand.ein_index not in ("", before)

    def test_what_a_person_typed_and_does_not_fit_gives_way(self, alices, draft_brand):
        typed = {"state": "California, of course", "city": "x" * 200}
        Brand.objects.filter(pk=draft_brand.pk).update(typed=typed)

        alices.patch(f"/brands/{draft_brand.reference}/", {"state": "CA"})

        draft_brand.refresh_from_db()
        assert list(draft_brand.typed) == ["city"]

    def test_what_is_beyond_a_draft_keeps_its_content(self, alices, registered_brand):
        answer = alices.patch(f"/brands/{registered_brand.reference}/", {"city": "Oakland"})

        told = answer.json()
        assert (answer.status_code, told["code"]) == (409, "illegal_move")
        assert (told["from"], told["verbs_now"]) == (
            "registered",
            ["confirm", "ask-deactivation"],
        )
        registered_brand.refresh_from_db()
        assert registered_brand.city == "San Francisco"

    def test_a_draft_stays_where_it_was_begun(self, alices, draft_brand, alice):
        other = Organization.objects.create(name="Acme Two")
        other.members.add(alice)

        answer = alices.patch(f"/brands/{draft_brand.reference}/", {"organization": other.pk})

        assert codes(answer) == {"/organization": "read_only"}

    def test_nothing_is_replaced_whole_or_deleted(self, alices, draft_brand):
        for method in ("put", "delete", "options"):
            answer = alices.ask(method, f"/brands/{draft_brand.reference}/")
            assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


class TestLostUpdates:
    def test_an_edit_of_what_was_read_is_made(self, alices, draft_brand):
        address = f"/brands/{draft_brand.reference}/"
        read = alices.get(address)

        answer = alices.patch(address, {"city": "Oakland"}, If_Match=read["ETag"])

        assert answer.status_code == 200
        assert answer["ETag"] != read["ETag"]

    def test_an_edit_of_what_has_changed_since_is_not(self, alices, draft_brand):
        address = f"/brands/{draft_brand.reference}/"
        read = alices.get(address)
        hers = alices.patch(address, {"city": "Oakland"})

        answer = alices.patch(address, {"city": "Berkeley"}, If_Match=read["ETag"])

        told = answer.json()
        assert (answer.status_code, told["code"]) == (412, "changed_meanwhile")
        assert told["etag"] == hers["ETag"]
        draft_brand.refresh_from_db()
        assert draft_brand.city == "Oakland"

    @pytest.mark.parametrize("header", ['"made up"', "made up", 'W/"x"', ""])
    def test_what_is_no_etag_of_it_matches_nothing(self, alices, draft_brand, header):
        answer = alices.patch(
            f"/brands/{draft_brand.reference}/", {"city": "Oakland"}, If_Match=header
        )

        assert answer.status_code == 412

    def test_a_star_matches_whatever_there_is(self, alices, draft_brand):
        answer = alices.patch(
            f"/brands/{draft_brand.reference}/", {"city": "Oakland"}, If_Match="*"
        )

        assert answer.status_code == 200

    def test_another_tax_id_with_the_same_end_is_a_change(self, alices, draft_brand):
        address = f"/brands/{draft_brand.reference}/"
        read = alices.get(address)

        alices.patch(address, {"ein": "99-9996780"})

        assert alices.get(address)["ETag"] != read["ETag"]

    def test_what_one_has_is_not_sent_again(self, alices, draft_brand):
        address = f"/brands/{draft_brand.reference}/"
        read = alices.get(address)

        again = alices.get(address, If_None_Match=read["ETag"])

        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == read["ETag"]

    def test_lists_tell_the_same_etag(self, alices, draft_brand):
        read = alices.get(f"/brands/{draft_brand.reference}/")

        [listed] = alices.get("/brands/").json()["items"]

        assert listed["etag"] == read["ETag"]


def test_the_use_cases_open_to_a_brand_are_told(alices, registered_brand):
    address = f"/brands/{registered_brand.reference}/usecases/"
    unknown = alices.get(address).json()
    Brand.objects.update(open_usecases=["MARKETING", "NEW_ONE"])

    known = alices.get(address).json()

    assert (unknown["known"], len(unknown["items"])) == (False, 12)
    assert known == {
        "known": True,
        "items": [
            {"value": "MARKETING", "label": "Marketing"},
            {"value": "NEW_ONE", "label": "NEW_ONE"},
        ],
    }
