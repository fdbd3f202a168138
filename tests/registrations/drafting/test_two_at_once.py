"""Two people, or two tabs, at one draft."""

import pytest

from tests.conftest import BRAND
from tests.registrations.drafting.stage import AUTOSAVE, read, seen_in, step_of

pytestmark = pytest.mark.django_db


class TestTwoAtOnce:
    @pytest.fixture
    def url(self, draft_brand):
        return step_of(draft_brand, "address")

    @pytest.fixture
    def seen(self, as_alice, url):
        """What the page showed that alice opened before somebody else changed the city."""
        seen = seen_in(as_alice.get(url).content.decode())
        as_alice.post(url, {"city": "Berkeley"})
        return seen

    def test_what_the_other_changed_is_not_overwritten_and_both_are_shown(
        self, as_alice, draft_brand, url, seen
    ):
        response = as_alice.post(url, {"city": "Oakland", "street": "2 Main Street", "seen": seen})

        page = response.content.decode()
        assert (read(draft_brand).city, read(draft_brand).street) == ("Berkeley", "2 Main Street")
        assert 'value="Oakland"' in page
        assert "Berkeley" in page.split('id="said-city"')[1].split("Keep mine")[0]

    def test_the_same_goes_for_what_saves_itself_however_often(
        self, as_alice, draft_brand, url, seen
    ):
        answer = {"seen": seen}
        for city in ("Oak", "Oakland"):
            response = as_alice.post(url, {"city": city, **answer}, headers=AUTOSAVE)
            answer = {"seen": seen_in(response.content.decode())}

        assert "somebody else changed City too" in response.content.decode()
        assert read(draft_brand).city == "Berkeley"

    def test_she_may_keep_hers(self, as_alice, draft_brand, url, seen):
        response = as_alice.post(url, {"city": "Oakland", "seen": seen, "keep": "city"})

        assert response.url == url
        assert read(draft_brand).city == "Oakland"

    def test_she_may_take_theirs(self, as_alice, draft_brand, url, seen):
        response = as_alice.post(url, {"city": "Oakland", "seen": seen, "take": "city"})

        assert response.url == url
        assert read(draft_brand).city == "Berkeley"

    def test_a_field_that_only_the_other_changed_keeps_the_others_text(
        self, as_alice, draft_brand, url, seen
    ):
        fields = {"city": BRAND["city"], "street": "2 Main Street"}
        response = as_alice.post(url, {**fields, "seen": seen}, headers=AUTOSAVE)
        seen = seen_in(response.content.decode())

        as_alice.post(url, {**fields, "seen": seen})

        assert (read(draft_brand).city, read(draft_brand).street) == ("Berkeley", "2 Main Street")

    def test_another_step_is_no_clash(self, as_alice, draft_brand, seen):
        url = step_of(draft_brand, "person")
        page = as_alice.get(url).content.decode()
        as_alice.post(step_of(draft_brand, "address"), {"city": "Oakland"})

        response = as_alice.post(url, {"contact_title": "Boss", "seen": seen_in(page)})

        assert response.status_code == 302
        assert read(draft_brand).contact_title == "Boss"

    def test_the_stamps_do_not_tell_the_tax_id(self, as_alice, make_brand):
        one, other = make_brand(), make_brand()

        stamps = [
            seen_in(as_alice.get(step_of(brand, "company")).content.decode()).split()
            for brand in (one, other)
        ]

        assert stamps[0][0].startswith("company_name:")
        assert not set(stamps[0]) & set(stamps[1])
