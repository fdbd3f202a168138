"""The portal's main job in a real browser, against the portal that `./run demo` starts."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.conftest import BRAND, CAMPAIGN

# The library is frozen in a form that warns under the newest Python's typing.
pytestmark = pytest.mark.filterwarnings("default")

SCREENSHOTS = os.environ.get("SCREENSHOTS")


def picture(page, name):
    if SCREENSHOTS:
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png", full_page=True)


def fill(page, values):
    for name, value in values.items():
        field = page.locator(f"[name={name}]").first
        if isinstance(value, bool):
            field.set_checked(value)
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def expect_to_stand_at(page, status, confirmed=True):
    """Without a reload by hand: the page tells by itself."""
    stand = page.locator(".stand")
    expect(stand).to_contain_text(status, timeout=30_000)
    if confirmed:
        expect(stand).to_contain_text("confirmed", timeout=30_000)


def submit_brand(page, **changes):
    page.goto("/brands/new/")
    fill(page, {**BRAND, **changes})
    page.get_by_role("button", name="Save and send for review").click()
    expect_to_stand_at(page, "In review", confirmed=False)
    return page.url


def approve(page, url):
    page.goto(url)
    page.get_by_role("button", name="Approve and send to Plivo").click()


def expect_accessible(page):
    serious = [
        (found["id"], [node["html"] for node in found["nodes"]])
        for found in Axe().run(page).response["violations"]
        if found["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_a_brand_a_campaign_and_two_numbers_from_form_to_end(page_as):
    alice, carol = page_as("alice"), page_as("carol")

    brand = submit_brand(alice, name="Journey", ein="12-3456789"[:-1] + "1")
    picture(alice, "brand-in-review")
    carol.goto("/review/")
    expect(carol.get_by_text("Journey")).to_be_visible()
    picture(carol, "review")
    carol.goto(brand)
    picture(carol, "approve")
    approve(carol, brand)
    expect_to_stand_at(carol, "Registered")
    expect_to_stand_at(alice, "Registered")
    picture(alice, "brand-registered")
    expect_accessible(alice)

    alice.get_by_role("link", name="New campaign").click()
    picture(alice, "campaign-form")
    fill(alice, CAMPAIGN)
    alice.get_by_role("button", name="Save and send for review").click()
    campaign = alice.url
    approve(carol, campaign)
    expect_to_stand_at(alice, "Registered")

    alice.get_by_role("link", name="Link numbers").click()
    alice.get_by_label("Numbers").fill("+1 415 555 0110\n+1 415 555 0111")
    alice.get_by_role("button", name="Link", exact=True).click()
    alice.get_by_role("row", name="14155550110").get_by_role("link").click()
    expect_to_stand_at(alice, "Linked")
    alice.get_by_role("button", name="Unlink").click()
    expect_to_stand_at(alice, "Unlinked")
    picture(alice, "number-unlinked")

    words = alice.locator(".trail .status").all_inner_texts()
    assert words == [
        "Unlinked", "Unlink created", "Unlink submitted", "Unlink queued",
        "Linked", "Link created", "Link submitted", "Link queued",
    ]  # fmt: skip
    callbacks = alice.locator(".trail details.callback")
    assert callbacks.count() == 4
    callbacks.first.locator("summary").click()
    expect(callbacks.first.locator("pre")).to_contain_text("status=success")


def test_a_rejected_brand_shows_plivos_reasons_word_for_word(page_as):
    alice, carol = page_as("alice"), page_as("carol")
    brand = submit_brand(alice, name="Second", company_name="Reject Inc.", ein="12-3456782")

    approve(carol, brand)

    expect_to_stand_at(alice, "Rejected")
    expect(alice.get_by_text("The US EIN provided is invalid.").first).to_be_visible()
    expect(alice.get_by_text("1101").first).to_be_visible()
    picture(alice, "brand-rejected")


def test_a_refused_brand_shows_the_fields_error(page_as):
    alice, carol = page_as("alice"), page_as("carol")
    brand = submit_brand(alice, name="Third", company_name="Refuse Inc.", ein="12-3456783")

    approve(carol, brand)

    expect_to_stand_at(alice, "Refused", confirmed=False)
    expect(alice.get_by_text("company_name").first).to_be_visible()


def test_a_lost_answer_makes_one_brand_which_the_portal_adopts(page_as, portal):
    alice, carol = page_as("alice"), page_as("carol")
    brand = submit_brand(alice, name="Fourth", company_name="LostAnswer Inc.", ein="12-3456784")

    approve(carol, brand)

    expect_to_stand_at(alice, "Registered")
    made = [
        entry
        for entry in portal.sandbox("ledger")["entries"]
        if entry["operation"] == "create_brand" and "Fourth" in entry["alias"]
    ]
    assert len(made) == 1


def test_bad_input_is_explained_beside_the_field(page_as):
    alice = page_as("alice")
    alice.goto("/brands/new/")
    fill(alice, {**BRAND, "name": "Fifth", "ein": "12-34"})

    alice.get_by_role("button", name="Save and send for review").click()

    field = alice.locator(".field", has=alice.locator("[name=ein]"))
    expect(field).to_contain_text("nine digits")
    assert alice.locator("[name=company_name]").input_value() == "Acme Inc."
    picture(alice, "brand-form-findings")


@pytest.mark.parametrize("person", ["alice", "carol", "audrey", "oscar"])
def test_everybodys_pages_are_accessible_and_keep_to_the_policy(page_as, person):
    page = page_as(person)

    forms = ("/brands/new/", "/campaigns/new/", "/numbers/new/") if person == "alice" else ()
    for path in ("/", "/brands/", "/campaigns/", "/numbers/", *forms):
        page.goto(path)
        expect_accessible(page)
    picture(page, f"home-{person}")


def test_the_pages_suit_a_phone_in_the_dark(page_as):
    page = page_as("alice", color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/")

    wider = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")

    assert not wider
    expect_accessible(page)
    picture(page, "home-phone-dark")


def test_the_admin_opens_for_compliance(page_as):
    page = page_as("carol")

    for path in ("", "registrations/brand/", "callbacks/callback/", "registrations/auditentry/"):
        page.goto(f"/admin/{path}")
    picture(page, "admin")
