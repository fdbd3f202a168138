"""Who may write what."""

import pytest

from registrations import actions
from registrations.models import Brand, Campaign
from tests.conftest import BRAND
from tests.registrations.drafting.stage import AUTOSAVE, BRAND_STEPS, FIRST_BRAND, read, step_of

pytestmark = pytest.mark.django_db


class TestWhoMay:
    PATHS = ["edit/", "edit/company/", "edit/check/"]

    @pytest.mark.parametrize("path", PATHS)
    def test_a_foreign_draft_does_not_exist(self, client, bob, draft_brand, path):
        client.force_login(bob)
        url = f"/brands/{draft_brand.reference}/{path}"

        answers = [client.get(url).status_code]
        if path != "edit/":
            answers += [
                client.post(url, {"company_name": "Mine", "go": "send"}).status_code,
                client.post(url, {"company_name": "Mine"}, headers=AUTOSAVE).status_code,
            ]

        assert set(answers) == {404}
        assert read(draft_brand).company_name == BRAND["company_name"]

    @pytest.mark.parametrize("path", ["new/", *PATHS])
    @pytest.mark.parametrize("who", ["audrey", "oscar"])
    def test_who_drafts_nothing_does_not_get_the_form(
        self, client, request, draft_brand, who, path
    ):
        client.force_login(request.getfixturevalue(who))
        path = path if path == "new/" else f"{draft_brand.reference}/{path}"

        assert client.get(f"/brands/{path}").status_code == 403

    def test_a_forged_field_is_not_written(self, as_alice, draft_brand, globex, account, carol):
        other = type(account).objects.create(auth_id="MAOTHERACCOUNT000000")
        forged = {
            "organization": globex.pk, "account": other.pk, "status": "registered",
            "plivo_id": "BFORGED", "requested_by": carol.pk, "created_by": carol.pk,
            "typed": "{}", "field_notes": "{}", "reference": "BR-FORGED00",
        }  # fmt: skip
        before = Brand.objects.filter(pk=draft_brand.pk).values(*forged).get()

        for slug in BRAND_STEPS:
            as_alice.post(step_of(draft_brand, slug), {"city": "Oakland", **forged})

        assert Brand.objects.filter(pk=draft_brand.pk).values(*forged).get() == before

    def test_a_draft_cannot_begin_in_a_foreign_organization(self, as_alice, acme, globex, account):
        as_alice.post("/brands/new/", {**FIRST_BRAND, "organization": globex.pk})

        assert [brand.organization for brand in Brand.objects.all()] == [acme]

    def test_a_campaign_cannot_begin_or_move_to_a_foreign_brand(
        self, client, bob, globex, account, make_campaign, registered_brand
    ):
        client.force_login(bob)
        brand = Brand(organization=globex, account=account, name="Globex", entity_type="PRIVATE")
        actions.draft(brand, by=bob)
        client.post("/campaigns/new/", {"name": "Mine", "brand": brand.pk})
        campaign = Campaign.objects.get()

        answer = client.post("/campaigns/new/", {"name": "Theirs", "brand": registered_brand.pk})
        client.post(step_of(campaign, "start"), {"name": "x", "brand": registered_brand.pk})

        assert answer.status_code == 200
        assert (read(campaign).brand, read(campaign).name) == (brand, "x")
        assert Campaign.objects.count() == 1

    def test_who_is_not_signed_in_is_sent_to_the_door(self, client, draft_brand):
        response = client.get(step_of(draft_brand, "company"))

        assert response.url.startswith("/sign-in/")
