"""The last page before it is sent, and what came back with notes or reasons."""

import pytest

from registrations import actions
from registrations.lifecycle import Status
from registrations.models import Brand, Campaign
from tests.conftest import BRAND
from tests.registrations.drafting.stage import BRAND_STEPS, read, step_of

pytestmark = pytest.mark.django_db


class TestTheLastPage:
    def test_it_shows_everything_with_a_way_to_change_it(self, as_alice, draft_brand):
        page = as_alice.get(step_of(draft_brand, "check")).content.decode()

        for value in set(BRAND.values()) - {"PRIVATE", "RETAIL", "DIRECTOR", BRAND["ein"]}:
            assert value in page
        assert "•••••6780" in page and BRAND["ein"] not in page
        for slug in BRAND_STEPS:
            assert f'href="{step_of(draft_brand, slug)}">Change' in page

    def test_it_shows_the_fee_line_by_line(self, as_alice, make_campaign):
        campaign = make_campaign()

        page = as_alice.get(step_of(campaign, "check")).content.decode()

        for line in actions.preview(campaign).fee_lines:
            assert f"<td>{line.label}</td>" in page
            assert str(line.amount) in page

    @pytest.mark.parametrize(
        "label", ["Legal company name", "Legal form", "Tax id (EIN)", "Country"]
    )
    def test_it_says_what_of_a_brand_can_never_be_changed(self, as_alice, draft_brand, label):
        page = as_alice.get(step_of(draft_brand, "check")).content.decode()

        assert f"<dt>{label}</dt>" in page.split("can never be changed afterwards</h3>")[1]

    def test_it_says_what_of_a_campaign_can_never_be_changed(self, as_alice, make_campaign):
        campaign = make_campaign(usecase="MIXED")

        page = as_alice.get(step_of(campaign, "check")).content.decode()

        told = page.split("can never be changed afterwards</h3>")[1].lower()
        for name in Campaign.UNCHANGEABLE:
            assert f"<dt>{Campaign._meta.get_field(name).verbose_name}</dt>".lower() in told

    def test_findings_lead_to_their_fields(self, as_alice, make_brand):
        brand = make_brand(ein="12-34")

        page = as_alice.get(step_of(brand, "check")).content.decode()

        assert f'href="{step_of(brand, "company")}?check#id_ein"' in page
        assert page.count("A US tax id has exactly nine digits.") == 2

    def test_what_blocks_is_said_when_it_is_sent_and_nothing_is(self, as_alice, make_brand):
        brand = make_brand(ein="12-34")

        page = as_alice.post(step_of(brand, "check"), {"go": "send"}).content.decode()

        assert "It was not sent yet." in page
        assert read(brand).status == Status.DRAFT

    def test_whoever_comes_from_there_is_told_what_is_missing(self, as_alice, open_draft):
        url = step_of(open_draft, "address")

        fresh, checked = (as_alice.get(url + more).content.decode() for more in ("", "?check"))

        assert "missing from the address" not in fresh
        assert "missing from the address" in checked

    def test_compliance_drafts_but_does_not_send(self, client, carol, draft_brand):
        client.force_login(carol)
        page = client.get(step_of(draft_brand, "check")).content.decode()

        client.post(step_of(draft_brand, "check"), {"go": "send"})

        assert "Send for review" not in page
        assert read(draft_brand).status == Status.DRAFT

    def test_the_old_address_of_findings_leads_here(self, as_alice, draft_brand):
        response = as_alice.get(f"/brands/{draft_brand.reference}/edit/?check")

        assert response.url == step_of(draft_brand, "check")


class TestWhatCameBack:
    @pytest.fixture
    def returned(self, draft_brand, alice, carol):
        actions.send_for_review(draft_brand, by=alice)
        actions.send_back(
            draft_brand, by=carol, note="Nearly.", field_notes={"website": "Not the home page."}
        )
        return draft_brand

    def test_notes_stand_at_the_top_beside_their_field_and_in_the_list(self, as_alice, returned):
        page = as_alice.get(step_of(returned, "company")).content.decode()

        assert "Nearly." in page
        assert "Not the home page." in page.split('id="said-website"')[1].split("</div>")[0]
        assert "1 noted by compliance" in page
        assert f'href="{step_of(returned, "company")}#id_website"' in page

    def test_they_are_gone_when_it_was_sent_again(self, returned, alice):
        actions.send_for_review(returned, by=alice)

        assert (read(returned).review_note, read(returned).field_notes) == ("", {})

    def test_reasons_of_a_rejection_stand_at_the_top_with_their_fields(
        self, as_alice, draft_brand, alice
    ):
        Brand.objects.filter(pk=draft_brand.pk).update(
            status="rejected",
            reasons=[{"code": "1101", "text": "The US EIN 12-3456780 provided is invalid."}],
        )
        actions.revise(read(draft_brand), by=alice)

        page = as_alice.get(step_of(draft_brand, "start")).content.decode()

        assert "Why Plivo said no" in page and "1101" in page
        assert f'href="{step_of(draft_brand, "company")}#id_ein"' in page
        assert "12-3456780" not in page
