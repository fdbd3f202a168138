"""Lists: pages that writes do not shift, filters, news since a moment, and what is told."""

import csv
import io
import json
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registrations import actions
from registrations.api.paging import Cursor
from registrations.lifecycle import Actor, Cause, Status, move_to
from registrations.models import Brand, Deed, Scope, SecurityEvent

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def names(answer):
    assert answer.status_code == 200, answer.content
    return [item["name"] for item in answer.json()["items"]]


@pytest.fixture
def five(make_brand):
    """Five brands, 1 the oldest."""
    made = [make_brand(name=str(number)) for number in range(1, 6)]
    for age, brand in enumerate(reversed(made)):
        stamp = NOW - timedelta(minutes=age)
        Brand.objects.filter(pk=brand.pk).update(created_at=stamp)
    return made


# --- Pages -----------------------------------------------------------------------------------


def test_a_list_is_read_page_by_page_and_back(alices, five):
    first = alices.get("/brands/", {"limit": 2})
    second = alices.get(first.json()["next"])
    third = alices.get(second.json()["next"])
    back = alices.get(third.json()["previous"])
    first_again = alices.get(back.json()["previous"])

    assert [names(page) for page in (first, second, third)] == [["5", "4"], ["3", "2"], ["1"]]
    assert (first.json()["previous"], third.json()["next"]) == (None, None)
    assert names(back) == ["3", "2"]
    assert names(first_again) == ["5", "4"]
    assert first_again.json()["previous"] is None


def test_a_list_is_read_from_its_oldest_end(alices, five):
    first = alices.get("/brands/", {"limit": 3, "order": "created_at"})
    second = alices.get(first.json()["next"])

    assert (names(first), names(second)) == (["1", "2", "3"], ["4", "5"])
    assert names(alices.get(second.json()["previous"])) == ["1", "2", "3"]


def test_rows_of_the_same_moment_are_each_told_once(alices, five):
    Brand.objects.update(created_at=NOW)
    told, address = [], "/api/v1/brands/?limit=2"

    while address:
        page = alices.get(address)
        told += names(page)
        address = page.json()["next"]

    assert sorted(told) == ["1", "2", "3", "4", "5"]


def test_what_is_written_meanwhile_shifts_no_page(alices, five, make_brand):
    first = alices.get("/brands/", {"limit": 2})
    make_brand(name="6")
    Brand.objects.filter(name="5").update(city="Oakland")

    assert names(alices.get(first.json()["next"])) == ["3", "2"]


def test_filters_stay_from_page_to_page(alices, five):
    Brand.objects.filter(name__in=["5", "3", "1"]).update(status="registered")

    first = alices.get("/brands/", {"limit": 2, "status": ["registered", "rejected"]})

    assert names(first) == ["5", "3"]
    assert names(alices.get(first.json()["next"])) == ["1"]


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "", "1.5", "٣", "9" * 30])
def test_a_page_has_1_to_200_rows(alices, limit):
    answer = alices.get("/brands/", {"limit": limit})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "limit"


@pytest.mark.parametrize(
    "cursor",
    [
        *("", "x", "é", "AAAA", "%00", "a" * 5000),
        str(Cursor("created_at", NOW, 1)),
        str(Cursor("-created_at", NOW.replace(tzinfo=None), 1)),
        str(Cursor("-created_at", NOW, 2**70)),
        str(Cursor("-created_at", NOW, -1)),
        str(Cursor("-created_at", NOW.replace(year=1), 1)),
        str(Cursor("-created_at", NOW.replace(year=9999), 1)),
        str(Cursor("-ein", NOW, 1)),
    ],
    ids=range(13),  # two workers would else name them after two moments
)
def test_a_cursor_that_no_answer_gave_is_refused(alices, five, cursor):
    answer = alices.get("/brands/", {"cursor": cursor})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")


@pytest.mark.parametrize("order", ["ein", "--created_at", "organization__name", "", "created_at,"])
def test_only_what_is_declared_orders_a_list(alices, order):
    answer = alices.get("/brands/", {"order": order})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")


@pytest.mark.parametrize("include", ["", "submissions,trail,brand,numbers"])
def test_a_page_of_many_costs_as_many_queries_as_a_page_of_one(
    carols, registered_brand, make_campaign, submit, include
):
    def cost():
        query = {"include": include} if include else None
        carols.get("/campaigns/", query)  # what is remembered for a while is remembered now
        with CaptureQueriesContext(connection) as asked:
            assert carols.get("/campaigns/", query).status_code == 200
        return len(asked)

    submit(make_campaign())
    one = cost()

    for _ in range(4):
        submit(make_campaign())

    assert cost() == one


# --- Filters ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["nmae", "ein", "organization__name", "brand__organization__members__password__startswith"],
)
def test_a_filter_that_there_is_not_is_refused(alices, name):
    answer = alices.get("/brands/", {name: "x"})

    told = answer.json()
    assert (answer.status_code, told["code"]) == (400, "unknown_parameter")
    assert told["errors"][0]["parameter"] == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "linked"),
        ("organization", "987654"),
        ("organization", "x"),
        ("created_from", "yesterday"),
        ("updated_since", "yesterday"),
        ("q", "nothing\x00"),
        ("confirmed", "perhaps"),
        ("external_id", "x" * 101),
    ],
)
def test_what_a_filter_does_not_understand_is_refused(alices, name, value):
    answer = alices.get("/brands/", {name: value})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
    assert answer.json()["errors"][0]["parameter"] == name


def test_an_organization_of_others_is_none(carols, acme, globex):
    assert carols.get("/brands/", {"organization": acme.pk}).status_code == 200
    assert carols.get("/brands/", {"organization": globex.pk}).status_code == 400


def test_campaigns_are_found_by_their_brand(alices, make_campaign, make_brand):
    campaign, other = make_campaign(), make_brand()

    assert names(alices.get("/campaigns/", {"brand": campaign.brand.reference})) == [campaign.name]
    assert names(alices.get("/campaigns/", {"brand": other.reference})) == []


# --- News ------------------------------------------------------------------------------------


def test_what_was_done_since_is_told_whatever_it_was(alices, make_brand, alice, five):
    edited, moved, remarked, looked_up, quiet = five
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        edited.city = "Oakland"
        actions.edit(edited, ["city"], by=alice)
        move_to(moved, Status.IN_REVIEW, actor=Actor.MARKETER, cause=Cause.PERSON)
        actions.comment(remarked, by=alice, text="Look.")
    Brand.objects.filter(pk=looked_up.pk).update(last_lookup_at=NOW + timedelta(hours=2))

    since = (NOW + timedelta(hours=1)).isoformat()
    answer = alices.get("/brands/", {"updated_since": since, "order": "updated_at"})

    assert sorted(names(answer)) == sorted(
        brand.name for brand in (edited, moved, remarked, looked_up)
    )
    updated = [item["updated_at"] for item in answer.json()["items"]]
    assert updated == sorted(updated)


def test_what_was_done_shortly_before_is_told_again(alices, five):
    Brand.objects.update(edited_at=NOW)

    def since(moment):
        return len(names(alices.get("/brands/", {"updated_since": moment.isoformat()})))

    assert since(NOW + timedelta(seconds=30)) == 5
    assert since(NOW + timedelta(minutes=10)) == 0


def test_the_beginning_of_time_is_a_moment_too(alices, five):
    assert len(names(alices.get("/brands/", {"updated_since": "0001-01-01T00:00:00Z"}))) == 5


def test_news_are_read_page_by_page(alices, five):
    for hours, brand in enumerate(five):
        at = NOW + timedelta(hours=hours)
        Brand.objects.filter(pk=brand.pk).update(edited_at=at, last_lookup_at=at)

    first = alices.get("/brands/", {"order": "updated_at", "limit": 3})

    assert names(first) == ["1", "2", "3"]
    assert names(alices.get(first.json()["next"])) == ["4", "5"]


# --- What is told ----------------------------------------------------------------------------


def test_only_the_fields_that_were_asked_for_are_told(alices, draft_brand):
    listed = alices.get("/brands/", {"fields": "reference,status"}).json()["items"]
    alone = alices.get(f"/brands/{draft_brand.reference}/", {"fields": "status"}).json()

    assert listed == [{"reference": draft_brand.reference, "status": "draft"}]
    assert alone == {"status": "draft"}


@pytest.mark.parametrize("name", ["ein", "organization__name", "password", "typed"])
def test_a_field_that_is_not_told_cannot_be_asked_for(alices, name):
    answer = alices.get("/brands/", {"fields": f"reference,{name}"})

    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "fields")


def test_what_belongs_to_it_is_told_along(carols, registered_brand, make_campaign, submit):
    campaign = make_campaign()
    submit(campaign)
    asked = {"include": "brand,submissions,trail,numbers", "fields": "reference"}

    [told] = carols.get("/campaigns/", asked).json()["items"]

    assert told.keys() == {"reference", "included"}
    beside = told["included"]
    assert beside["brand"]["reference"] == registered_brand.reference
    assert [one["operation"] for one in beside["submissions"]] == ["register_campaign"]
    assert [one["to_status"] for one in beside["trail"]] == ["queued", "in_review", "draft"]
    assert beside["numbers"] == []


def test_evidence_is_told_along_only_to_who_may_read_it(program_of, alice, acme, draft_brand):
    reader = program_of(alice, acme, Scope.READ)

    for address in ("/brands/", f"/brands/{draft_brand.reference}/"):
        assert reader.get(address, {"include": "trail"}).status_code == 403
        assert reader.get(address, {"include": "submissions"}).status_code == 403


@pytest.mark.parametrize("name", ["organization", "brand", "password", "trail__user"])
def test_what_does_not_belong_to_it_cannot_be_asked_for(alices, name):
    answer = alices.get("/brands/", {"include": name})

    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "include")


# --- CSV -------------------------------------------------------------------------------------


def rows_of(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("how", [{"format": "csv"}, {"Accept": "text/csv"}])
def test_a_list_is_had_as_csv_whole(alices, five, how):
    accept = how.pop("Accept", "*/*")
    answer = alices.get("/brands/", {"order": "created_at", **how}, Accept=accept)

    rows = rows_of(answer)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert [row["name"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert json.loads(rows[0]["reasons"]) == []
    assert "ein" not in rows[0]
    assert "included" not in rows[0]
    assert SecurityEvent.objects.filter(deed=Deed.EXPORTED).count() == 1


def test_csv_has_the_fields_that_were_asked_for(alices, five):
    answer = alices.get(
        "/brands/", {"format": "csv", "fields": "reference,status", "q": five[0].reference}
    )

    assert rows_of(answer) == [{"reference": five[0].reference, "status": "draft"}]


def test_csv_runs_in_no_spreadsheet(alices, make_brand):
    make_brand(name='=HYPERLINK("http://evil.example.com")')

    [row] = rows_of(alices.get("/brands/", {"format": "csv"}))

    assert row["name"].startswith("'=")


@pytest.mark.parametrize("name", ["cursor", "limit", "include"])
def test_csv_has_no_pages(alices, name):
    answer = alices.get("/brands/", {"format": "csv", name: "1"})

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")


def test_a_refusal_is_json_also_where_csv_was_asked_for(alices):
    answer = alices.get("/brands/", {"format": "csv", "status": "nonsense"})

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert not SecurityEvent.objects.filter(deed=Deed.EXPORTED).exists()
