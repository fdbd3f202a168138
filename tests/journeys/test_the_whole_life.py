"""The portal's main job in a real browser, against the portal that `./run demo` starts."""

import pytest
from playwright.sync_api import expect

from tests.conftest import BRAND
from tests.journeys.browsing import (
    approve,
    expect_accessible,
    expect_to_stand_at,
    fill,
    go_on,
    picture,
    submit_brand,
    submit_campaign,
    write,
)

# The library is frozen in a form that warns under the newest Python's typing.
pytestmark = pytest.mark.filterwarnings("default")


def test_a_brand_a_campaign_and_two_numbers_from_form_to_end(page_as):
    alice, carol = page_as("alice"), page_as("carol")

    brand = submit_brand(alice, name="Journey", ein="12-3456781")
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

    campaign = submit_campaign(alice)
    approve(carol, campaign)
    expect_to_stand_at(alice, "Registered")

    alice.get_by_role("link", name="Link numbers").click()
    alice.get_by_role("textbox", name="Numbers").fill("+1 415 555 0110\n+1 415 555 0111")
    alice.get_by_role("button", name="Check").click()
    alice.get_by_role("button", name="Link the 2 good numbers").click()
    expect(alice.get_by_text("Every number has its outcome")).to_be_visible(timeout=30_000)
    alice.get_by_role("link", name="14155550110").click()
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
    fill(alice, {"name": "Fifth", "entity_type": "PRIVATE"})
    go_on(alice)
    fill(alice, {"company_name": BRAND["company_name"], "ein": "12-34"})
    go_on(alice)

    go_on(alice, "Back")

    expect(alice.locator("#field-ein")).to_contain_text("nine digits")
    assert alice.locator("[name=company_name]").input_value() == "Acme Inc."
    picture(alice, "brand-form-findings")


def test_what_would_be_refused_is_not_sent(page_as):
    alice = page_as("alice")
    alice.goto("/brands/new/")
    write(alice, {**BRAND, "name": "Sixth", "city": ""})

    alice.get_by_role("button", name="Send for review").click()

    expect(alice.get_by_role("alert")).to_contain_text("It was not sent yet.")
    alice.locator(".findings").get_by_role("link", name="City").click()
    expect(alice.locator("[name=city]")).to_be_focused()
