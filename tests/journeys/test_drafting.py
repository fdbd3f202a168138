"""What the form of a draft does by itself in a real browser."""

import re

import pytest
from playwright.sync_api import expect

# The library is frozen in a form that warns under the newest Python's typing.
pytestmark = pytest.mark.filterwarnings("default")

PARTS = {
    "a" * 160: "1 part (GSM-7)",
    "a" * 161: "2 parts (GSM-7)",
    "a" * 153 + "b" * 153: "2 parts (GSM-7)",
    "a" * 307: "3 parts (GSM-7)",
    # The sign of the euro takes two places, and is not torn: 152 + 2 do not fit into 153.
    "a" * 152 + "€" + "a" * 10: "2 parts (GSM-7)",
    "a" * 152 + "€" + "a" * 151: "2 parts (GSM-7)",
    "a" * 152 + "€" + "a" * 152: "3 parts (GSM-7)",
    "ж" * 70: "1 part, shorter ones because of ж (UCS-2)",
    "ж" * 71: "2 parts, shorter ones because of ж (UCS-2)",
    # A picture is two units and is not torn either: 33 of them fit into 67.
    "😀" * 66: "2 parts, shorter ones because of 😀 (UCS-2)",
    "😀" * 67: "3 parts, shorter ones because of 😀 (UCS-2)",
}


def saved(page):
    return page.locator("#saved", has_text=re.compile(r"^Saved \d\d:\d\d"))


@pytest.fixture
def alice(page_as):
    return page_as("alice")


@pytest.fixture
def brand(alice):
    """A draft of alice's, open at its second step."""
    alice.goto("/brands/new/")
    alice.locator("[name=name]").fill("By itself")
    alice.locator("[name=entity_type]").select_option("PRIVATE")
    alice.get_by_role("button", name="Next").click()
    alice.wait_for_url("**/edit/company/")
    return alice.url.split("/")[4]


@pytest.fixture
def campaign(alice, brand):
    alice.goto(f"/campaigns/new/?brand={brand}")
    alice.locator("[name=name]").fill("By itself")
    alice.get_by_role("button", name="Next").click()
    alice.wait_for_url("**/edit/purpose/")
    return alice.url.split("/")[4]


def test_a_draft_saves_itself_and_tells_what_would_be_refused(alice, brand):
    with alice.expect_response(lambda answer: answer.request.method == "POST"):
        alice.locator("[name=website]").fill("http://acme.example")

    expect(saved(alice)).to_be_visible()
    expect(alice.locator("#said-website")).to_contain_text("not secured by https")
    alice.reload()
    expect(alice.locator("[name=website]")).to_have_value("http://acme.example")


def test_what_was_typed_just_before_a_button_is_saved_without_a_clash(alice, brand):
    alice.locator("[name=company_name]").fill("Acme")
    alice.locator("[name=website]").press_sequentially("https://acme.example")
    alice.get_by_role("button", name="Next").click()
    alice.wait_for_url("**/edit/address/")

    alice.get_by_role("button", name="Back").click()

    expect(alice.locator("[name=company_name]")).to_have_value("Acme")
    expect(alice.locator("[name=website]")).to_have_value("https://acme.example")


def test_enter_leads_to_the_next_step(alice, brand):
    alice.locator("[name=company_name]").press("Enter")

    alice.wait_for_url("**/edit/address/")


def test_whoever_was_signed_out_loses_nothing(alice, brand, browser):
    # A browser of its own: this one complains aloud about being signed out.
    context = browser.new_context(storage_state=alice.context.storage_state())
    page = context.new_page()
    page.goto(alice.url)
    context.clear_cookies()
    with page.expect_response(lambda answer: answer.status == 401):
        page.locator("[name=company_name]").fill("Acme Inc.")
    expect(page.locator("#saved")).to_contain_text("Your text is still here")

    context.add_cookies(alice.context.cookies())
    page.locator("[name=doing_business_as]").fill("Acme Outdoors")

    expect(saved(page)).to_be_visible()
    page.reload()
    expect(page.locator("[name=company_name]")).to_have_value("Acme Inc.")
    context.close()


def test_what_is_not_asked_is_not_shown(alice, campaign):
    kinds = alice.get_by_role("group", name="Kinds of messages")
    expect(kinds).to_be_hidden()

    alice.locator("[name=usecase]").select_option("LOW_VOLUME")

    expect(kinds).to_be_visible()


def test_characters_and_parts_of_a_message_are_counted(alice, campaign):
    alice.goto(f"/campaigns/{campaign}/edit/samples/")
    count = alice.locator("[data-counts=id_sample1]")

    for text, parts in PARTS.items():
        alice.locator("[name=sample1]").fill(text)
        expect(count).to_contain_text(f"{len(text)} of 20 to 1024 characters")
        expect(count).to_contain_text(f"goes out in {parts}")


def test_a_model_text_names_the_business(alice, campaign):
    alice.goto(f"/campaigns/{campaign}/edit/samples/")
    alice.locator("#field-sample1 summary").click()

    alice.get_by_role("button", name="Begin with this text").click()

    expect(alice.locator("[name=sample1]")).to_have_value(re.compile(r"^By itself: your order"))
