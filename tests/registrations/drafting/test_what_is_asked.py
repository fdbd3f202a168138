"""Fields that are asked under a condition, and use cases that are open to the brand."""

import re

import pytest

from registrations import actions
from registrations.lifecycle import Status
from registrations.models import Brand, Campaign
from registrations.plivo.payloads import brand_payload, campaign_payload
from tests.registrations.drafting.stage import fields_in, read, step_of

pytestmark = pytest.mark.django_db


class TestConditions:
    def test_the_stock_exchange_is_asked_of_public_companies_only(self, as_alice, open_draft):
        url = step_of(open_draft, "company")
        private = as_alice.get(url).content.decode()

        as_alice.post(step_of(open_draft, "start"), {"name": "Acme", "entity_type": "PUBLIC"})

        assert "stock_symbol" not in fields_in(private)
        assert "stock_symbol" in fields_in(as_alice.get(url).content.decode())

    def test_a_symbol_of_a_company_that_is_not_public_is_kept_but_not_sent_nor_held_against_it(
        self, make_brand
    ):
        brand = make_brand(stock_symbol="ACME", business_contact_email="nonsense")

        profile = brand_payload(brand)["profile"]

        assert not {"stock_symbol", "business_contact_email"} & set(profile)
        assert {f.severity for f in actions.findings_about(brand) if "stock" in f.field} == {"info"}
        brand.entity_type = "PUBLIC"
        assert brand_payload(brand)["profile"]["stock_symbol"] == "ACME"

    def test_what_does_not_fit_such_a_field_keeps_nobody_back(self, make_brand, alice):
        brand = make_brand(typed={"stock_symbol": "TOO LONG FOR THIS"})

        actions.send_for_review(brand, by=alice)

        assert brand.status == Status.IN_REVIEW

    def test_conditions_of_the_same_step_are_told_to_the_browser_and_to_readers(
        self, as_alice, make_campaign
    ):
        campaign = make_campaign()

        purpose = as_alice.get(step_of(campaign, "purpose")).content.decode()
        consent = as_alice.get(step_of(campaign, "consent")).content.decode()

        assert 'data-shown-when="usecase=MIXED,LOW_VOLUME"' in purpose
        assert "Only for the use cases mixed and low volume" in purpose
        assert 'data-shown-when="subscriber_optin=True"' in consent

    def test_an_opt_in_message_without_opt_in_is_not_sent(self, make_campaign):
        campaign = make_campaign(subscriber_optin=False)

        sent = campaign_payload(campaign)["campaign"]

        assert not {"optin_message", "optin_keywords"} & set(sent)


class TestUseCases:
    @pytest.fixture
    def campaign(self, make_campaign):
        return make_campaign(usecase="CUSTOMER_CARE")

    def open_to(self, campaign, *codes):
        Brand.objects.filter(pk=campaign.brand_id).update(open_usecases=codes)

    def offered(self, page, name="usecase"):
        options = page.split(f'name="{name}"')[1].split("</select>")[0]
        return [code for code in re.findall(r'<option value="(\w+)"', options) if code]

    def test_all_are_offered_with_a_note_while_plivo_has_not_told(self, as_alice, campaign):
        page = as_alice.get(step_of(campaign, "purpose")).content.decode()

        assert len(self.offered(page)) == 12
        assert "Plivo has not said yet" in page

    def test_only_those_of_the_brand_are_offered_and_why_others_are_missing(
        self, as_alice, campaign
    ):
        self.open_to(campaign, "2FA", "CUSTOMER_CARE")

        page = as_alice.get(step_of(campaign, "purpose")).content.decode()

        assert self.offered(page) == ["2FA", "CUSTOMER_CARE"]
        assert "Not listed, because Plivo does not open them to Acme" in page
        assert "answers to customers who asked" in page

    def test_one_that_was_chosen_before_stays_to_be_seen_and_is_marked(self, as_alice, campaign):
        self.open_to(campaign, "2FA")

        page = as_alice.get(step_of(campaign, "purpose")).content.decode()

        assert self.offered(page) == ["2FA", "CUSTOMER_CARE"]
        assert "Customer care – not open to this brand" in page
        assert "does not open this use case to the brand" in page

    def test_one_that_is_not_offered_cannot_be_chosen(self, as_alice, campaign):
        self.open_to(campaign, "2FA", "CUSTOMER_CARE")

        as_alice.post(step_of(campaign, "purpose"), {"usecase": "MARKETING"})

        campaign = read(campaign)
        assert (campaign.usecase, campaign.typed) == ("CUSTOMER_CARE", {"usecase": "MARKETING"})

    def test_the_choices_follow_the_brand(self, as_alice, campaign, make_brand):
        other = make_brand(name="Other", open_usecases=["MARKETING"])

        as_alice.post(step_of(campaign, "start"), {"name": campaign.name, "brand": other.pk})

        page = as_alice.get(step_of(campaign, "purpose")).content.decode()
        assert self.offered(page) == ["CUSTOMER_CARE", "MARKETING"]

    def test_a_campaign_that_is_at_plivo_stays_with_its_brand(self, as_alice, campaign, make_brand):
        Campaign.objects.filter(pk=campaign.pk).update(plivo_id="CTEST77")

        as_alice.post(step_of(campaign, "start"), {"name": "New", "brand": make_brand().pk})

        assert (read(campaign).name, read(campaign).brand) == ("New", campaign.brand)
