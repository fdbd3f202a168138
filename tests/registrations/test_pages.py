"""The pages, asked for as a browser would."""

import pytest

from registrations import actions
from registrations.lifecycle import Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def as_carol(client, carol):
    client.force_login(carol)
    return client


def test_whoever_is_not_signed_in_is_sent_to_the_door(client):
    response = client.get("/brands/")

    assert response.status_code == 302
    assert response.url.startswith("/sign-in/")


def test_sending_for_review_and_approving_by_buttons(client, alice, carol, draft_brand):
    act = f"/brands/{draft_brand.reference}/act"
    client.force_login(alice)
    client.post(f"{act}/submit/")
    client.force_login(carol)
    page = client.get(draft_brand.get_absolute_url()).content.decode()
    digest = page.split('name="digest" value="')[1].split('"')[0]

    client.post(f"{act}/approve/", {"digest": digest})

    draft_brand.refresh_from_db()
    assert draft_brand.status == Status.QUEUED


def test_a_button_of_another_role_does_nothing_and_says_so(as_alice, draft_brand, alice):
    actions.send_for_review(draft_brand, by=alice)

    response = as_alice.post(f"/brands/{draft_brand.reference}/act/approve/", follow=True)

    draft_brand.refresh_from_db()
    assert draft_brand.status == Status.IN_REVIEW
    assert "Compliance staff approve" in response.content.decode()


def test_a_foreign_registration_does_not_exist(client, bob, draft_brand):
    client.force_login(bob)
    base = f"/brands/{draft_brand.reference}/"

    answers = [client.get(base + page).status_code for page in ("", "edit/", "live/")]
    answers.append(client.post(base + "act/submit/").status_code)

    assert answers == [404] * 4
    assert draft_brand.reference not in client.get("/brands/").content.decode()
    assert draft_brand.reference not in client.get("/").content.decode()


def test_an_auditor_reads_and_has_no_buttons(client, audrey, draft_brand):
    client.force_login(audrey)

    page = client.get(draft_brand.get_absolute_url()).content.decode()

    assert draft_brand.reference in page
    assert "What you can do" not in page
    assert client.get("/brands/new/").status_code == 403


def test_what_people_type_is_shown_as_text(as_alice, make_brand):
    brand = make_brand(company_name='"><img src=x onerror=alert(1)> Inc.')

    page = as_alice.get(brand.get_absolute_url()).content.decode()

    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_the_list_searches_and_filters(as_alice, make_brand):
    make_brand(name="Findme")
    other = make_brand(name="Other")

    found = as_alice.get("/brands/?q=findm").content.decode()
    none = as_alice.get("/brands/?status=registered").content.decode()

    assert "Findme" in found and other.reference not in found
    assert "None here" in none


@pytest.mark.parametrize("path", ["/", "/brands/", "/campaigns/", "/numbers/", "/review/"])
def test_every_page_opens_for_compliance(as_carol, path, registered_campaign):
    assert as_carol.get(path).status_code == 200


class TestAdmin:
    PAGES = [
        "registrations/brand",
        "registrations/campaign",
        "registrations/numberlink",
        "registrations/submission",
        "registrations/auditentry",
        "registrations/organization",
        "registrations/plivoaccount",
        "callbacks/callback",
        "callbacks/refusedcount",
    ]

    @pytest.mark.parametrize("page", PAGES)
    def test_every_list_opens_and_searches(self, client, carol, registered_campaign, page):
        client.force_login(carol)

        assert client.get(f"/admin/{page}/?q=a").status_code == 200

    def test_a_brand_opens_with_its_trail_and_without_its_tax_id(self, client, carol, draft_brand):
        client.force_login(carol)

        page = client.get(f"/admin/registrations/brand/{draft_brand.pk}/change/")

        assert page.status_code == 200
        assert "3456780" not in page.content.decode().replace("•••••6780", "")

    @pytest.mark.parametrize("page", ["registrations/auditentry", "callbacks/callback"])
    def test_evidence_cannot_be_added_changed_or_deleted(self, client, oscar, draft_brand, page):
        client.force_login(oscar)
        entry = draft_brand.trail.get()

        answers = [
            client.post(f"/admin/{page}/add/", {}).status_code,
            client.post(f"/admin/registrations/auditentry/{entry.pk}/change/", {}).status_code,
            client.post(f"/admin/registrations/auditentry/{entry.pk}/delete/", {}).status_code,
        ]

        assert answers == [403, 403, 403]

    def test_a_marketer_has_no_admin(self, client, alice):
        client.force_login(alice)

        assert client.get("/admin/", follow=True).status_code == 403

    def test_compliance_approves_from_the_admin_through_the_same_action(
        self, client, alice, carol, draft_brand
    ):
        actions.send_for_review(draft_brand, by=alice)
        client.force_login(carol)

        client.post(
            "/admin/registrations/brand/",
            {"action": "approve", "_selected_action": [draft_brand.pk]},
        )

        draft_brand.refresh_from_db()
        assert draft_brand.status == Status.QUEUED

    def test_an_operator_adds_a_token_and_never_sees_it_again(self, client, oscar, account):
        client.force_login(oscar)
        url = f"/admin/registrations/plivoaccount/{account.pk}/change/"
        page = client.get(url).content.decode()
        token = account.tokens.get()

        response = client.post(
            url,
            {
                "auth_id": account.auth_id,
                "name": "Main",
                "main_account": "",
                "tokens-TOTAL_FORMS": 2,
                "tokens-INITIAL_FORMS": 1,
                "tokens-0-id": token.pk,
                "tokens-0-account": account.pk,
                "tokens-0-active_from_0": "2026-01-01",
                "tokens-0-active_from_1": "00:00:00",
                "tokens-1-account": account.pk,
                "tokens-1-token": "the-next-token-of-this-account",
                "tokens-1-active_from_0": "2026-01-02",
                "tokens-1-active_from_1": "00:00:00",
            },
        )

        assert response.status_code == 302, response.content.decode()
        assert token.token not in page
        token.refresh_from_db()
        assert set(account.live_tokens()) == {token.token, "the-next-token-of-this-account"}
