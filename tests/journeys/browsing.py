"""What people do on the portal's pages in a browser, and what every page owes them."""

from __future__ import annotations

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.conftest import BRAND, CAMPAIGN

# A busy machine is slow, and no page is wrong for it.
expect.set_options(timeout=20_000)

# With PICTURES=<folder> the journeys leave pictures there of what they pass by.
PICTURES = os.environ.get("PICTURES")

PHONE = {"width": 390, "height": 800}
DESK = {"width": 1280, "height": 800}
WIDE = {"width": 1600, "height": 1000}

# The part of a page that somebody else's program draws.
NOT_OURS = {"exclude": ["#swagger"]}

# What a page does with what the policy forbids it, said aloud.
TELLS_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error("The policy forbade", event.effectiveDirective, event.blockedURI, event.sample));"""


def picture(page, name):
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def sign_in(page, username, password):
    page.goto("/sign-in/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def fill(page, values):
    """Fill fields by their names; boxes first, since some of them ask for more."""
    for name, value in sorted(values.items(), key=lambda item: not isinstance(item[1], bool)):
        field = page.locator(f"#draft [name={name}]").first
        if isinstance(value, bool):
            field.set_checked(value)
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def go_on(page, button="Next"):
    """Leave a step of a draft by one of its buttons."""
    before = page.url
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_url(lambda address: address != before)


def write(page, values):
    """Write a draft from this step to its last one, each with what it asks."""
    left = dict(values)
    while not page.url.endswith("/check/"):
        names = "fields => fields.map(field => field.name)"
        asked = page.locator("#draft :is(input, select, textarea)").evaluate_all(names)
        fill(page, {name: left.pop(name) for name in set(asked) & set(left)})
        go_on(page)
    assert not left, f"nothing asked for {left}"


def send_for_review(page):
    """From the last step of a draft; answers the address of its page."""
    go_on(page, "Send for review")
    expect_to_stand_at(page, "In review", confirmed=False)
    return page.url


def submit_brand(page, **changes):
    page.goto("/brands/new/")
    write(page, {**BRAND, **changes})
    return send_for_review(page)


def submit_campaign(page, **changes):
    """For the brand whose page is open."""
    page.get_by_role("link", name="New campaign").click()
    write(page, {**CAMPAIGN, **changes})
    return send_for_review(page)


def approve(page, address):
    page.goto(address)
    page.get_by_role("button", name="Approve and send to Plivo").click()


def expect_to_stand_at(page, status, confirmed=True):
    """Without a reload by hand: the page tells by itself."""
    stand = page.locator(".stand")
    expect(stand).to_contain_text(status, timeout=90_000)
    if confirmed:
        expect(stand).to_contain_text("confirmed", timeout=90_000)


def what_axe_finds(page, rules=()):
    """What keeps people from using the page, each with where it stands; by all rules or these."""
    # It would load sheets into the page by itself, which the policy forbids.
    options = {"resultTypes": ["violations"], "preload": False}
    options |= {"runOnly": rules} if rules else {}
    axe = Axe() if page.evaluate("!window.axe") else Axe("")  # once on a page is enough
    return [
        (found["id"], [node["html"] for node in found["nodes"]])
        for found in axe.run(page, NOT_OURS, options).response["violations"]
        if found["impact"] in ("serious", "critical")
    ]


def expect_accessible(page):
    assert what_axe_finds(page) == []


def is_wider_than_its_window(page):
    """Whether one has to scroll sideways."""
    return page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
