"""Somebody has the page of a registration open while its story goes on."""

import re
from datetime import datetime

import pytest
from playwright.sync_api import expect

from tests.journeys.browsing import approve, expect_accessible, picture

# The library is frozen in a form that warns under the newest Python's typing.
pytestmark = pytest.mark.filterwarnings("default")

NOTES_WHEN = """word => {
  const stand = document.querySelector("#live");
  new MutationObserver(() => {
    const shown = stand.querySelector(".stand")?.textContent ?? "";
    if (shown.includes(word)) window.shownAt ??= Date.now();
  }).observe(stand, { childList: true, subtree: true });
}"""


def open_the_reviewed_brand(page):
    page.goto("/brands/?status=in_review")
    page.locator("tbody a").first.click()
    page.locator(".stand").wait_for()
    return page.url


def test_news_comes_within_two_seconds_and_leaves_alone_what_people_do(page_as):
    bob, carol = page_as("bob"), page_as("carol")
    address = open_the_reviewed_brand(bob)
    bob.get_by_label("Comment").fill("Half a thought")
    bob.evaluate(NOTES_WHEN, "Registered")

    approve(carol, address)
    carol.locator(".request > summary").first.click()

    expect(bob.locator(".stand")).to_contain_text("confirmed", timeout=30_000)
    expect(bob.locator(".stand")).to_contain_text("Registered", timeout=30_000)
    told = bob.locator(".trail li", has=bob.locator("[data-status=registered]")).first
    moment = told.locator("time").first.get_attribute("datetime")
    waited = bob.evaluate("window.shownAt") / 1000 - datetime.fromisoformat(moment).timestamp()
    assert waited < 2 + 1  # the line tells whole seconds
    assert bob.get_by_label("Comment").input_value() == "Half a thought"
    expect(carol.locator(".request[open]")).to_have_count(1)
    lines = bob.locator(".trail > li").evaluate_all("lines => lines.map(line => line.id)")
    assert lines == [f"line-{number}" for number in range(len(lines), 0, -1)]
    expect(bob.locator(".step[aria-current=step]")).to_contain_text("Registered")

    bob.get_by_role("button", name="Add the comment").click()
    expect(carol.locator(".trail .comment")).to_contain_text("Half a thought", timeout=5_000)
    expect_accessible(bob)
    expect_accessible(carol)
    picture(carol, "registration-watched")


def test_on_paper_all_that_is_folded_is_open_and_nothing_can_be_pressed(page_as):
    carol = page_as("carol")
    carol.goto("/brands/?status=registered")
    carol.locator("tbody a").first.click()

    carol.emulate_media(media="print")

    body = carol.locator(".trail details.callback pre").first
    expect(body).to_be_visible()
    assert body.bounding_box()["height"] > 10
    assert not [found for found in carol.locator("button").all() if found.is_visible()]
    expect(carol.locator(".printed")).to_contain_text("by carol")
    picture(carol, "registration-printed")


def test_without_javascript_the_page_tells_everything(page_as, portal):
    audrey = page_as("audrey")
    state = audrey.context.storage_state()
    plain = audrey.context.browser.new_context(
        base_url=portal.url, java_script_enabled=False, storage_state=state
    )
    page = plain.new_page()
    page.goto("/brands/?status=registered")
    page.locator("tbody a").first.click()

    page.locator("details.callback summary").first.click()

    expect(page.locator("details.callback pre").first).to_contain_text("status=")
    assert re.search(r"Registered", page.locator(".stand").inner_text())
    plain.close()


def test_a_tax_id_is_shown_once(page_as):
    carol = page_as("carol")
    carol.goto("/brands/?status=registered")
    carol.locator("tbody a").first.click()
    address = carol.url
    carol.get_by_text("See the whole tax id").click()
    carol.get_by_label("Why you need to see it").fill("The registry asks")

    carol.get_by_role("button", name="Show it once").click()

    shown = carol.locator(".stand code").inner_text()
    assert re.fullmatch(r"\d\d-\d{7}", shown)
    assert shown not in carol.url
    expect_accessible(carol)
    picture(carol, "tax-id")
    carol.goto(address)
    assert shown not in carol.content()
    expect(carol.locator(".trail")).to_contain_text("Looked at the tax id: The registry asks")
