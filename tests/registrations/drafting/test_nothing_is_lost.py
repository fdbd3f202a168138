"""Nothing that was typed is ever lost, and a tax id is shown to nobody."""

import re

import pytest

from registrations import actions
from registrations.actions import Blocked
from registrations.lifecycle import Status
from registrations.models import Campaign
from tests.conftest import BRAND
from tests.registrations.drafting.stage import (
    AUTOSAVE,
    BRAND_STEPS,
    CAMPAIGN_STEPS,
    read,
    seen_in,
    step_of,
)

pytestmark = pytest.mark.django_db

HOSTILE = {
    "markup": '"><img src=x onerror=alert(1)>',
    "64 KiB": "x" * 64 * 1024,
    "NUL": "a\x00b",
    "bidi": "Acme \u202ecni",
    "lines": "Acme\r\nBcc: all@example.com",
    "formula": "=HYPERLINK('x')",
}


class TestNothingTypedIsLost:
    def test_what_fits_is_saved_and_what_does_not_is_kept_as_it_was_typed(
        self, as_alice, open_draft
    ):
        typed = "California, the sunny one"

        response = as_alice.post(
            step_of(open_draft, "address"), {"city": "Oakland", "state": typed}, follow=True
        )

        brand = read(open_draft)
        assert (brand.city, brand.state, brand.typed) == ("Oakland", "", {"state": typed})
        assert "does not fit yet: State or region" in response.content.decode()

    def test_it_stands_in_its_field_again_with_the_reason(self, as_alice, open_draft):
        as_alice.post(step_of(open_draft, "address"), {"state": "California, the sunny one"})

        page = as_alice.get(step_of(open_draft, "address")).content.decode()

        assert 'value="California, the sunny one"' in page
        assert "at most 20 characters" in page
        assert 'aria-invalid="true"' in page

    def test_what_was_put_right_is_stored_and_forgotten_as_typed(self, as_alice, open_draft):
        as_alice.post(step_of(open_draft, "address"), {"state": "California, the sunny one"})

        as_alice.post(step_of(open_draft, "address"), {"state": "CA"})

        assert (read(open_draft).state, read(open_draft).typed) == ("CA", {})

    def test_another_step_does_not_touch_it(self, as_alice, open_draft):
        as_alice.post(step_of(open_draft, "address"), {"state": "California, the sunny one"})

        as_alice.post(step_of(open_draft, "company"), {"company_name": "Acme Inc."})

        assert read(open_draft).typed == {"state": "California, the sunny one"}

    def test_a_draft_with_such_a_field_is_not_sent_and_its_field_and_step_are_named(
        self, as_alice, draft_brand, alice
    ):
        as_alice.post(step_of(draft_brand, "address"), {"state": "California, the sunny one"})

        response = as_alice.post(step_of(draft_brand, "check"), {"go": "send"})

        page = response.content.decode()
        assert read(draft_brand).status == Status.DRAFT
        assert "Its address: State or region" in page
        assert f"{step_of(draft_brand, 'address')}?check#id_state" in page
        with pytest.raises(Blocked, match="state or region"):
            actions.send_for_review(read(draft_brand), by=alice)

    def test_a_name_that_was_emptied_is_missed_and_the_old_one_kept(self, as_alice, open_draft):
        as_alice.post(step_of(open_draft, "start"), {"name": "", "entity_type": "PUBLIC"})

        brand = read(open_draft)
        assert (brand.name, brand.entity_type, brand.typed) == ("Acme", "PUBLIC", {"name": ""})

    def test_a_field_that_the_browser_did_not_send_stays(self, as_alice, draft_brand):
        as_alice.post(step_of(draft_brand, "address"), {"city": "Oakland"})

        assert read(draft_brand).street == BRAND["street"]

    def test_a_telephone_number_may_be_longer_as_people_write_it(self, as_alice, open_draft):
        as_alice.post(step_of(open_draft, "person"), {"contact_phone": "+1 (415) 555-0101"})

        assert (read(open_draft).contact_phone, read(open_draft).typed) == ("+14155550101", {})

    def test_no_browser_cuts_a_text_short(self, as_alice, make_campaign):
        pages = [
            as_alice.get(step_of(make_campaign(), slug)).content.decode() for slug in CAMPAIGN_STEPS
        ]

        assert "maxlength" not in "".join(pages)

    def test_line_ends_count_once(self, as_alice, make_campaign):
        campaign = make_campaign()

        as_alice.post(step_of(campaign, "samples"), {"sample1": "Acme Inc.:\r\nhello"})

        assert read(campaign).sample1 == "Acme Inc.:\nhello"

    @pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE)
    @pytest.mark.parametrize("slug", BRAND_STEPS)
    def test_hostile_text_in_every_field_of_a_brand_is_kept_and_shown_as_text(
        self, as_alice, open_draft, slug, payload
    ):
        url = step_of(open_draft, slug)

        answers = [
            as_alice.post(url, dict.fromkeys(BRAND_STEPS[slug], payload)),
            *(as_alice.get(step_of(open_draft, each)) for each in [*BRAND_STEPS, "check"]),
            as_alice.get(open_draft.get_absolute_url()),
        ]

        assert [answer.status_code for answer in answers[1:]] == [200] * (len(answers) - 1)
        assert "<img src=x" not in "".join(answer.content.decode() for answer in answers)
        brand = read(open_draft)
        wanted = payload.replace("\r\n", "\n")
        for name in BRAND_STEPS[slug]:
            if name != "secondary_vetting":
                kept = brand.typed.get(name, getattr(brand, name))
                assert kept in (wanted, wanted.upper()), name

    @pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE)
    @pytest.mark.parametrize("slug", CAMPAIGN_STEPS)
    def test_hostile_text_in_every_field_of_a_campaign_is_kept_and_shown_as_text(
        self, as_alice, make_campaign, slug, payload
    ):
        campaign = make_campaign()
        texts = [
            field.name
            for field in Campaign._meta.fields
            if field.name in CAMPAIGN_STEPS[slug]
            and field.get_internal_type() in ("CharField", "TextField", "ForeignKey")
        ]

        answers = [
            as_alice.post(step_of(campaign, slug), dict.fromkeys(CAMPAIGN_STEPS[slug], payload)),
            *(as_alice.get(step_of(campaign, each)) for each in [*CAMPAIGN_STEPS, "check"]),
        ]

        assert [answer.status_code for answer in answers[1:]] == [200] * (len(answers) - 1)
        assert "<img src=x" not in "".join(answer.content.decode() for answer in answers)
        for name in texts:
            kept = read(campaign).typed.get(name, getattr(read(campaign), name))
            assert kept == payload.replace("\r\n", "\n"), name


class TestTaxId:
    def test_a_stored_one_is_masked_and_stays_when_left_empty(self, as_alice, draft_brand):
        page = as_alice.get(step_of(draft_brand, "company")).content.decode()

        as_alice.post(step_of(draft_brand, "company"), {"ein": "", "website": "https://acme.com"})

        assert "12-3456780" not in page
        assert "•••••6780" in page
        assert (read(draft_brand).ein, read(draft_brand).website) == (
            "12-3456780",
            "https://acme.com",
        )

    def test_one_that_does_not_fit_is_kept_and_shown_to_nobody(self, as_alice, open_draft):
        typed = "12-3456780 " + "9" * 100

        answers = [
            as_alice.post(step_of(open_draft, "company"), {"ein": typed}, follow=True),
            as_alice.get(step_of(open_draft, "company")),
            as_alice.post(step_of(open_draft, "company"), {"ein": typed}, headers=AUTOSAVE),
            as_alice.get(step_of(open_draft, "check")),
        ]

        assert read(open_draft).typed == {"ein": typed}
        assert "3456780" not in "".join(answer.content.decode() for answer in answers)
        assert "at most 100 characters" in answers[1].content.decode()

    def test_leaving_it_empty_does_not_lose_what_does_not_fit(self, as_alice, open_draft):
        as_alice.post(step_of(open_draft, "company"), {"ein": "9" * 101})

        as_alice.post(step_of(open_draft, "company"), {"ein": ""})

        assert read(open_draft).typed == {"ein": "9" * 101}

    @pytest.mark.parametrize("typed", ["12-3456780", "9" * 101])
    def test_it_can_be_forgotten(self, as_alice, open_draft, typed):
        as_alice.post(step_of(open_draft, "company"), {"ein": typed})

        as_alice.post(step_of(open_draft, "company"), {"ein": "", "forget_ein": "on"})

        brand = read(open_draft)
        assert (brand.ein, brand.ein_index, brand.typed) == ("", "", {})

    def test_the_page_after_a_clash_does_not_show_it_either(self, as_alice, draft_brand):
        url = step_of(draft_brand, "company")
        seen = seen_in(as_alice.get(url).content.decode())
        as_alice.post(url, {"ein": "12-3456781", "seen": seen})

        page = as_alice.post(url, {"ein": "12-3456782", "seen": seen}).content.decode()

        assert "3456781" not in page.replace("•••••6781", "")
        assert "3456782" not in page
        assert read(draft_brand).ein == "12-3456781"


class TestSavingByItself:
    def test_it_answers_with_what_changes_in_the_page(self, as_alice, open_draft):
        url = step_of(open_draft, "address")

        response = as_alice.post(url, {"city": "Oakland"}, headers=AUTOSAVE)

        page = response.content.decode()
        assert read(open_draft).city == "Oakland"
        assert re.search(r'<p id="saved">Saved \d\d:\d\d', page)
        assert 'id="steps"' in page and 'id="said-city"' in page
        assert seen_in(page) == seen_in(as_alice.get(url).content.decode())

    def test_what_does_not_fit_is_kept_and_said_beside_its_field(self, as_alice, open_draft):
        response = as_alice.post(
            step_of(open_draft, "address"), {"state": "x" * 21}, headers=AUTOSAVE
        )

        page = response.content.decode()
        assert read(open_draft).typed == {"state": "x" * 21}
        assert "at most 20 characters" in page.split('id="said-state"')[1].split("</div>")[0]

    def test_what_carriers_would_refuse_is_said_at_once(self, as_alice, open_draft):
        response = as_alice.post(
            step_of(open_draft, "person"), {"contact_email": "jo@gmail.com"}, headers=AUTOSAVE
        )

        page = response.content.decode()
        assert "free mail service" in page.split('id="said-contact_email"')[1].split("</div>")[0]

    def test_what_is_in_review_is_not_saved_and_that_is_said(self, as_alice, draft_brand, alice):
        actions.send_for_review(draft_brand, by=alice)

        response = as_alice.post(
            step_of(draft_brand, "address"), {"city": "Oakland"}, headers=AUTOSAVE
        )

        assert response.status_code == 409
        assert response.content.decode().startswith("Not saved: ")
        assert read(draft_brand).city == BRAND["city"]

    def test_a_button_pressed_after_it_went_into_review_keeps_the_text_in_the_page(
        self, as_alice, draft_brand, alice
    ):
        actions.send_for_review(draft_brand, by=alice)

        response = as_alice.post(step_of(draft_brand, "address"), {"city": "Oakland"})

        page = response.content.decode()
        assert "This was not saved." in page
        assert "Somebody else changed" not in page
        assert 'value="Oakland"' in page
        assert read(draft_brand).city == BRAND["city"]
