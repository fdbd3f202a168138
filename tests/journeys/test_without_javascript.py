"""All of the portal's work is done in a browser that runs no scripts."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.browsing import (
    expect_to_stand_at,
    picture,
    submit_brand,
    submit_campaign,
)

# The library is frozen in a form that warns under the newest Python's typing.
pytestmark = pytest.mark.filterwarnings("default")

# What could only be pressed, or only lead somewhere, by a script.
DEAD_ENDS = ':is(button[type=button], button:not(form *):not([form]), a[href="#"], a:not([href]))'

PAGES = {
    "alice": [
        *("/", "/brands/", "/brands/new/", "/campaigns/", "/campaigns/new/", "/numbers/"),
        *("/numbers/new/", "/callbacks/", "/stuck/", "/keys/", "/keys/new/", "/webhooks/"),
        *("/webhooks/new/", "/preferences/", "/second-factor/", "/password/", "/search/?q=Acme"),
    ],
    "carol": ["/", "/review/", "/stuck/", "/callbacks/", "/callbacks/test/"],
    "oscar": ["/", "/people/", "/people/new/", "/callbacks/", "/keys/", "/webhooks/"],
}


@pytest.fixture
def plain_page_as(page_as):
    return lambda username: page_as(username, java_script_enabled=False)


def expect_no_dead_end(page):
    visible = [end for end in page.locator(DEAD_ENDS).all() if end.is_visible()]
    assert [end.evaluate("end => end.outerHTML") for end in visible] == [], page.url


def _approve_in_the_queue(carol, name):
    carol.goto("/review/")
    carol.get_by_role("link", name=name, exact=True).click()
    expect_no_dead_end(carol)
    carol.get_by_role("button", name="Approve and send to Plivo").click()


def test_from_the_form_of_a_brand_to_its_numbers_and_a_word_on_the_trail(plain_page_as):
    alice, carol = plain_page_as("alice"), plain_page_as("carol")
    brand = submit_brand(alice, name="Plain", ein="12-3456790")
    expect_no_dead_end(alice)
    _approve_in_the_queue(carol, "Plain")
    alice.goto(brand)
    expect_to_stand_at(alice, "Registered")

    campaign = submit_campaign(alice, name="Plain texts")
    _approve_in_the_queue(carol, "Plain texts")
    alice.goto(campaign)
    expect_to_stand_at(alice, "Registered")
    expect_no_dead_end(alice)

    alice.get_by_role("link", name="Link numbers").click()
    alice.get_by_role("textbox", name="Numbers").fill("+1 415 555 0160, 415-555-0161\n0162")
    alice.get_by_role("button", name="Check").click()
    expect(alice.locator(".check")).to_contain_text("3 numbers")
    expect_no_dead_end(alice)
    alice.get_by_role("button", name="Link the 2 good numbers").click()
    expect(alice.get_by_text("Every number has its outcome")).to_be_visible(timeout=30_000)
    picture(alice, "plain-numbers")
    expect_no_dead_end(alice)

    alice.get_by_role("link", name="14155550160").click()
    expect_to_stand_at(alice, "Linked")
    alice.get_by_label("Comment").fill("Written without a script.")
    alice.get_by_role("button", name="Add the comment").click()
    expect(alice.locator(".trail .comment")).to_contain_text("Written without a script.")
    alice.locator("details.callback summary").first.click()
    expect(alice.locator("details.callback pre").first).to_contain_text("status=")


def test_a_list_is_narrowed_and_taken_along(plain_page_as):
    alice = plain_page_as("alice")
    alice.goto("/brands/")
    expect(alice.get_by_role("row", name="Acme Garden")).to_be_visible()

    alice.get_by_label("Search brands").fill("Outlet")
    alice.get_by_role("button", name="Show", exact=True).click()
    expect(alice.get_by_role("row", name="Acme Garden")).to_have_count(0)
    expect(alice.get_by_role("row", name="Acme Outlet")).to_be_visible()
    with alice.expect_download() as download:
        alice.get_by_role("link", name="Export as CSV").click()

    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 1 + 1
    assert "Acme Outlet" in lines[1]


@pytest.mark.parametrize("username", sorted(PAGES))
def test_nothing_is_offered_that_does_nothing(plain_page_as, username):
    page = plain_page_as(username)
    for address in PAGES[username]:
        page.goto(address)
        expect_no_dead_end(page)


def test_nothing_is_promised_that_only_a_script_does(plain_page_as):
    carol = plain_page_as("carol")
    carol.goto("/callbacks/")

    expect(carol.locator("table.callbacks")).to_be_visible()
    expect(carol.get_by_text("new ones appear by themselves")).to_be_hidden()
