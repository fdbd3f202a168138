"""Writing a brand or a campaign, step by step."""

import re

import pytest

from registrations.lifecycle import Status
from registrations.models import Brand, Campaign
from tests.conftest import BRAND
from tests.registrations.drafting.stage import (
    BRAND_STEPS,
    CAMPAIGN_STEPS,
    FIRST_BRAND,
    WHOLE_BRAND,
    WHOLE_CAMPAIGN,
    as_posted,
    fields_in,
    read,
    step_of,
)

pytestmark = pytest.mark.django_db


class TestSteps:
    def test_the_first_step_begins_the_draft_and_next_leads_to_the_second(
        self, as_alice, acme, account
    ):
        response = as_alice.post("/brands/new/", {**FIRST_BRAND, "go": "next"})

        brand = Brand.objects.get()
        assert response.url == step_of(brand, "company")
        assert (brand.status, brand.name, brand.organization) == (Status.DRAFT, "Acme", acme)

    def test_who_has_one_organization_is_not_asked_for_it(self, as_alice, acme, globex, account):
        page = as_alice.get("/brands/new/").content.decode()

        assert fields_in(page) >= {"name", "entity_type"}
        assert not fields_in(page) & {"organization", "account"}

    def test_who_has_several_chooses_one(self, as_alice, alice, acme, globex, account):
        globex.members.add(alice)
        missing = as_alice.post("/brands/new/", FIRST_BRAND)

        as_alice.post("/brands/new/", {**FIRST_BRAND, "organization": globex.pk})

        assert missing.status_code == 200
        assert Brand.objects.get().organization == globex

    def test_a_draft_that_cannot_begin_keeps_what_was_typed_in_the_page(self, as_alice, account):
        response = as_alice.post("/brands/new/", {"name": "Begun", "entity_type": ""})

        page = response.content.decode()
        assert 'value="Begun"' in page
        assert "cannot be left empty" in page
        assert not Brand.objects.exists()

    def test_edit_leads_to_the_first_step_that_is_not_complete(self, as_alice, open_draft):
        response = as_alice.get(f"/brands/{open_draft.reference}/edit/")

        assert response.url == step_of(open_draft, "company")

    def test_edit_leads_to_the_first_step_when_all_are_complete(self, as_alice, draft_brand):
        response = as_alice.get(f"/brands/{draft_brand.reference}/edit/")

        assert response.url == step_of(draft_brand, "start")

    def test_there_is_no_step_of_another_name(self, as_alice, draft_brand):
        assert as_alice.get(step_of(draft_brand, "samples")).status_code == 404

    @pytest.mark.parametrize("slug", BRAND_STEPS)
    def test_a_step_of_a_brand_asks_its_fields(self, as_alice, open_draft, slug):
        page = as_alice.get(step_of(open_draft, slug)).content.decode()

        assert fields_in(page) >= set(BRAND_STEPS[slug])

    @pytest.mark.parametrize("slug", CAMPAIGN_STEPS)
    def test_a_step_of_a_campaign_asks_its_fields(self, as_alice, make_campaign, slug):
        page = as_alice.get(step_of(make_campaign(), slug)).content.decode()

        assert fields_in(page) >= set(CAMPAIGN_STEPS[slug])

    @pytest.mark.parametrize(
        ("go", "leads_to"), [("next", "person"), ("back", "company"), ("extras", "extras")]
    )
    def test_every_way_out_of_a_step_saves_it(self, as_alice, open_draft, go, leads_to):
        response = as_alice.post(step_of(open_draft, "address"), {"city": "Oakland", "go": go})

        assert response.url == step_of(open_draft, leads_to)
        assert read(open_draft).city == "Oakland"

    def test_closing_saves_too(self, as_alice, open_draft):
        response = as_alice.post(step_of(open_draft, "address"), {"city": "Oakland", "go": "close"})

        assert response.url == open_draft.get_absolute_url()
        assert read(open_draft).city == "Oakland"

    def test_the_list_of_steps_tells_how_far_each_is(self, as_alice, make_brand):
        brand = make_brand(state="California", contact_first_name="", contact_last_name="",
                           contact_email="", contact_phone="", contact_title="",
                           contact_seniority="")  # fmt: skip

        page = as_alice.get(step_of(brand, "address")).content.decode()

        listed = re.findall(r'data-state="(\w+)">\s*<button name="go" value="(\w+)"', page)
        assert {slug: state for state, slug in listed} == {
            "start": "done",
            "company": "done",
            "address": "mend",
            "person": "todo",
            "extras": "free",
            "check": "todo",
        }
        assert '<button name="go" value="address" aria-current="step">' in page

    def test_a_brand_is_written_from_the_first_step_to_the_last(self, as_alice, acme, account):
        as_alice.post("/brands/new/", as_posted({k: WHOLE_BRAND[k] for k in BRAND_STEPS["start"]}))
        brand = Brand.objects.get()
        for slug in list(BRAND_STEPS)[1:]:
            values = {name: WHOLE_BRAND.get(name, "") for name in BRAND_STEPS[slug]}
            as_alice.post(step_of(brand, slug), as_posted(values))

        response = as_alice.post(step_of(brand, "check"), {"go": "send"})

        assert response.url == brand.get_absolute_url()
        assert read(brand).status == Status.IN_REVIEW
        assert {name: getattr(read(brand), name) for name in BRAND} == BRAND

    def test_a_campaign_is_written_from_the_first_step_to_the_last(
        self, as_alice, registered_brand
    ):
        whole = {**WHOLE_CAMPAIGN, "brand": registered_brand.pk}
        as_alice.post("/campaigns/new/", {"name": whole["name"], "brand": whole["brand"]})
        campaign = Campaign.objects.get()
        for slug in list(CAMPAIGN_STEPS)[1:]:
            values = {name: whole.get(name) for name in CAMPAIGN_STEPS[slug]}
            as_alice.post(step_of(campaign, slug), as_posted(values))

        as_alice.post(step_of(campaign, "check"), {"go": "send"})

        campaign = read(campaign)
        assert campaign.status == Status.IN_REVIEW
        assert campaign.organization == registered_brand.organization
        assert {name: getattr(campaign, name) for name in WHOLE_CAMPAIGN} == WHOLE_CAMPAIGN
