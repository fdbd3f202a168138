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


@pytest.mark.parametrize("path", ["/", "/brands/", "/campaigns/", "/numbers/", "/review/"])
def test_every_page_opens_for_compliance(as_carol, path, registered_campaign):
    assert as_carol.get(path).status_code == 200
