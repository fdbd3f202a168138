"""Who may come in and what they may touch, and what knocks from outside, in a real browser."""

import email
import email.policy
import json
import re
import time

import pyotp
import pytest
import requests
from playwright.sync_api import expect

from registrations.plivo.signature import V2, V2_NONCE, v2_signature
from tests.conftest import BRAND
from tests.journeys.browsing import (
    expect_accessible,
    expect_to_stand_at,
    picture,
    sign_in,
)
from tests.journeys.stage import Portal, live_in, until

# The library is frozen in a form that warns under the newest Python's typing.
pytestmark = pytest.mark.filterwarnings("default")

PASSWORD = "unusual lantern harvest"
FIXED = "/callbacks/plivo/"

OUTLINED = """() => {
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
  return outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
}"""
IS_FOCUSED = "element => element === document.activeElement"


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """The embedded portal, whose mails are files."""
    folder = tmp_path_factory.mktemp("portal")
    portal = Portal(folder, EMAIL_URL=f"filemail:///{folder / 'mail'}")
    try:
        portal.start_embedded()
        live_in(portal)
        yield portal
    finally:
        portal.stop_all()


@pytest.fixture
def knocks(portal):
    """Let somebody send what Plivo might, signed over this address; answers its number."""

    def knocks(signed_for, token):
        headers = {V2: v2_signature(signed_for, "1234567890", token), V2_NONCE: "1234567890"}
        said = {"type": "campaign", "status": "COMPLETED", "campaign_id": "CKNOCK1"}
        answer = requests.post(portal.url + FIXED, said, headers=headers, timeout=10)
        assert answer.status_code == 403
        return max(one["id"] for one in portal.state()["callbacks"])

    return knocks


@pytest.fixture
def tokens(portal):
    """Plivo's auth token, and one of somebody else's."""
    return json.loads((portal.folder / "keys.json").read_text())["PLIVO_AUTH_TOKEN"], "f" * 40


def link_in_the_mail_to(portal, address):
    """The one that the newest mail to this address holds."""

    def found():
        for path in sorted((portal.folder / "mail").glob("*"), reverse=True):
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if mail["To"] == address:
                return re.search(r"https?://\S+", mail.get_body(("plain",)).get_content()).group()
        return None

    return until(found, f"a mail to {address}")


# --- People -------------------------------------------------------------------------------------


def test_from_an_invitation_to_a_role_that_is_taken_away(page_as, page_of_somebody, portal):
    oscar, erin = page_as("oscar"), page_of_somebody()
    oscar.goto("/people/")
    oscar.get_by_role("link", name="Invite somebody").click()
    oscar.get_by_label("E-mail address").fill("erin@example.com")
    oscar.get_by_label("First name").fill("Erin")
    oscar.get_by_label("Username").fill("erin")
    oscar.get_by_label("Compliance").check()
    oscar.get_by_role("button", name="Send the invitation").click()
    expect(oscar.get_by_role("heading", level=1)).to_have_text("Erin")
    person = oscar.url

    erin.goto(link_in_the_mail_to(portal, "erin@example.com"))
    expect(erin.get_by_role("heading", level=1)).to_have_text("Welcome, Erin")
    expect_accessible(erin)
    for field in erin.locator("input[type=password]").all():
        field.fill(PASSWORD)
    erin.get_by_role("button", name="Set password").click()
    sign_in(erin, "erin", PASSWORD)
    erin.locator("details.who").click()
    erin.get_by_role("link", name="Second factor").click()
    erin.get_by_role("button", name="Set it up").click()
    app = pyotp.TOTP(erin.locator(".secret").inner_text().replace(" ", ""))
    expect_accessible(erin)
    picture(erin, "second-factor-begun")
    erin.get_by_label("Code").fill(app.now())
    erin.get_by_role("button", name="Confirm").click()
    expect(erin.locator(".codes li")).to_have_count(10)
    expect_accessible(erin)
    erin.get_by_role("link", name="I have them").click()

    erin.locator("details.who").click()
    erin.get_by_role("button", name="Sign out").click()
    sign_in(erin, "erin", PASSWORD)
    expect(erin.get_by_role("heading", level=1)).to_have_text("Your code")
    expect_accessible(erin)
    # Each code is taken once; the next one counts already, since clocks differ.
    erin.get_by_label("Code").fill(app.at(int(time.time()) + app.interval))
    erin.get_by_role("button", name="Go on").click()
    erin.get_by_role("link", name="Review", exact=True).click()
    expect(erin.get_by_role("heading", level=1)).to_have_text("Review")

    oscar.goto(person)
    oscar.get_by_label("Compliance").uncheck()
    oscar.get_by_label("Auditor").check()
    oscar.get_by_role("button", name="Save").click()
    erin.get_by_role("link", name="Brands").click()

    expect(erin.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(oscar.locator("table")).to_contain_text("auditor")
    picture(oscar, "person-with-a-past")


def test_an_auditor_reads_everything_and_is_offered_nothing_that_changes_it(page_as):
    audrey = page_as("audrey")
    kinds = [("/brands/", "registered"), ("/campaigns/", "in_review"), ("/numbers/", "linked")]
    for section, status in kinds:
        audrey.goto(f"{section}?status={status}")
        expect_only_to_read(audrey)
        audrey.locator("tbody a").first.click()
        expect(audrey.locator(".trail > li").first).to_be_visible()
        expect_only_to_read(audrey)
    audrey.goto("/review/")
    audrey.locator("tbody a").first.click()
    expect(audrey.locator(".facts").first).to_be_visible()
    expect_only_to_read(audrey)
    audrey.goto("/callbacks/")
    audrey.locator("tbody a").first.click()
    expect(audrey.get_by_role("heading", name="What came", exact=True)).to_be_visible()
    for address in ("/", "/review/", "/stuck/", "/callbacks/", audrey.url):
        audrey.goto(address)
        expect_only_to_read(audrey)


def expect_only_to_read(page):
    """Whatever can be pressed only asks: filters and searches."""
    assert page.locator("main form[method=post]").count() == 0, page.url
    outside = page.locator("main button:not(form *)")
    assert outside.count() == 0, page.url


def test_whoever_looks_at_a_tax_id_is_written_down_where_auditors_look(page_as):
    carol, audrey = page_as("carol"), page_as("audrey")
    carol.goto("/brands/?status=registered")
    carol.get_by_role("row", name="Acme Outlet").get_by_role("link").first.click()
    carol.get_by_text("See the whole tax id").click()
    carol.get_by_label("Why you need to see it").fill("The tax office called")

    carol.get_by_role("button", name="Show it once").click()

    expect(carol.locator(".stand code")).to_have_text("12-3456770")
    audrey.goto("/admin/registrations/securityevent/")
    line = audrey.get_by_role("row", name="carol").filter(has_text="tax id")
    expect(line.first).to_be_visible()
    assert "12-3456770" not in audrey.content()


# --- Callbacks ----------------------------------------------------------------------------------


def test_a_forged_callback_appears_by_itself_and_its_page_tells_why(page_as, knocks, tokens):
    carol = page_as("carol")
    carol.goto("/callbacks/")
    carol.evaluate("window.isTheSamePage = true")

    number = knocks("https://portal.example.com/elsewhere/", token=tokens[1])

    line = carol.get_by_role("row", name=str(number)).filter(has_text="Forged")
    expect(line).to_be_visible(timeout=10_000)
    assert carol.evaluate("window.isTheSamePage")
    line.get_by_role("link", name=str(number), exact=True).click()
    why = carol.get_by_role("region", name="Why it was refused")
    expect(why).to_contain_text("What to do:")
    expect(why.locator(".message")).not_to_be_empty()
    expect_accessible(carol)


def test_what_was_signed_for_another_address_is_told_with_the_address(
    page_as, portal, knocks, tokens
):
    carol = page_as("carol")
    meant = portal.url.replace("http:", "https:") + FIXED

    carol.goto(f"/callbacks/{knocks(meant, token=tokens[0])}/")

    expect(carol.get_by_role("region", name="Why it was refused")).to_contain_text(meant)


def test_a_test_callback_goes_all_the_way(page_as):
    carol = page_as("carol")
    carol.goto("/callbacks/")
    carol.get_by_role("link", name="Send a test callback").click()

    carol.get_by_role("button", name="Send", exact=True).click()

    expect(carol.get_by_role("heading", name="It came through")).to_be_visible()
    expect_accessible(carol)
    picture(carol, "callback-test-came-through")
    carol.get_by_role("link", name="Open callback").click()
    expect(carol.get_by_text("Signature that holds").locator("..")).to_contain_text("V2")


# --- The keyboard alone -------------------------------------------------------------------------


def tab_to(page, wanted):
    """Press Tab until this has the focus; whatever has it on the way shows that it has."""
    pressed = 0
    while not wanted.evaluate(IS_FOCUSED):
        pressed += 1
        assert pressed < 120, f"Tab does not lead to {wanted}"
        page.keyboard.press("Tab")
        on = page.evaluate("document.activeElement.outerHTML.slice(0, 150)")
        assert page.evaluate(OUTLINED), f"one cannot see the focus on {on}"


def enter_leads_on(page, wanted):
    tab_to(page, wanted)
    before = page.url
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: address != before)


def types_the_step(page, left):
    """Fill in what this step asks, in the order in which Tab comes to it."""
    for field in page.locator("#draft :is(input, select, textarea):visible").all():
        name = field.get_attribute("name")
        if name not in left:
            continue
        value = left.pop(name)
        tab_to(page, field)
        if field.evaluate("field => field.tagName") == "SELECT":
            value = field.locator(f'option[value="{value}"]').inner_text()
        page.keyboard.type(value)


def test_a_brand_is_written_and_sent_with_the_keyboard_alone(page_of_somebody, portal):
    page = page_of_somebody()
    page.goto("/sign-in/")
    tab_to(page, page.get_by_label("Username"))
    page.keyboard.type("alice")
    tab_to(page, page.get_by_label("Password"))
    page.keyboard.type(portal.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    enter_leads_on(page, page.get_by_role("link", name="Register a brand"))

    left = {**BRAND, "name": "By keys", "ein": "12-3456795"}
    while not page.url.endswith("/check/"):
        types_the_step(page, left)
        enter_leads_on(page, page.get_by_role("button", name="Next"))
    assert left == {}
    enter_leads_on(page, page.get_by_role("button", name="Send for review"))

    expect_to_stand_at(page, "In review", confirmed=False)
