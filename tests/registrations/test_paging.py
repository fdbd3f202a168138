"""Reading a long list page by page."""

import pytest
from django.test import RequestFactory

from registrations.models import Brand
from registrations.paging import page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def brands(make_brand):
    return [make_brand(name=f"Brand {number}") for number in range(7)]


def read(query, **options):
    return page_of(Brand.objects.all(), RequestFactory().get(f"/brands/{query}"), size=3, **options)


def test_following_older_shows_every_row_once_newest_first(brands):
    first = read("?status=draft")
    second = read(first.older)
    third = read(second.older)

    shown = [row.pk for page in (first, second, third) for row in page.rows]
    assert shown == [brand.pk for brand in reversed(brands)]
    assert "status=draft" in third.newer
    assert (first.newer, third.older) == ("", "")


def test_newer_leads_back_to_the_same_rows(brands):
    first = read("")
    second = read(first.older)

    assert [row.pk for row in read(second.newer).rows] == [row.pk for row in first.rows]


def test_rows_that_came_in_the_same_instant_are_neither_lost_nor_doubled(brands):
    Brand.objects.update(created_at=brands[0].created_at)

    first = read("")
    second = read(first.older)
    third = read(second.older)

    shown = [row.pk for page in (first, second, third) for row in page.rows]
    assert shown == sorted((brand.pk for brand in brands), reverse=True)


def test_a_brand_that_comes_meanwhile_shifts_nobodys_page(brands, make_brand):
    first = read("")
    make_brand(name="Came meanwhile")

    assert [row.pk for row in read(first.older).rows] == [b.pk for b in reversed(brands[1:4])]


@pytest.mark.parametrize(
    "position",
    ["", "~", "x~1", "2026-01-01~1", "2026-13-01T00:00:00Z~1", "2026-01-01T00:00:00Z~²",
     "2026-01-01T00:00:00Z~" + "9" * 40, "0001-01-01T00:00:00+14:00~1",
     "9999-12-31T23:59:59-14:00~1", "\x00~1"],
)  # fmt: skip
def test_a_place_that_is_none_is_the_first_page(brands, position):
    request = RequestFactory().get("/brands/", {"before": position})

    page = page_of(Brand.objects.all(), request, size=3)

    assert [row.pk for row in page.rows] == [brand.pk for brand in reversed(brands[4:])]


def test_a_page_costs_one_query_however_deep(brands, django_assert_num_queries):
    deep = read(read("").older).older

    with django_assert_num_queries(1):
        read(deep)
