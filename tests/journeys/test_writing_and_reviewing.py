"""A marketer writes, compliance decides, and both see what is asked of them next."""

import pytest
from playwright.sync_api import expect

from tests.conftest import BRAND
from tests.journeys.browsing import (
    expect_accessible,
    expect_to_stand_at,
    fill,
    go_on,
    picture,
    send_for_review,
    submit_campaign,
)
from tests.journeys.stage import Person

# The library is frozen in a form that warns under the newest Python's typing.
pytestmark = pytest.mark.filterwarnings("default")

# Twelve entries: eight to link (of which Plivo will fail one), and four that want a word.
TWELVE_NUMBERS = """Telephone number,Owner
+1 (415) 555-0150,Orders
415-555-0151,Orders
14155550152,Orders
14155550153,Returns
14155550154,Returns
14155550155,Returns
14155550156,Returns
14155550190,fails at Plivo
(415) 555 0150,double
555-0157,too short
18005550158,toll-free
12125551234,somebody else's
"""


@pytest.fixture(scope="module")
def alice_writes(portal):
    """Let alice bring a brand to review over HTTP, where writing it is not the story."""
    alice = Person(portal, "alice")

    def alice_writes(**changes):
        page = alice.writes("brands", {**BRAND, "customer_type": "DIRECT", **changes})
        alice.sends_for_review(page)
        return page

    return alice_writes


def test_a_tab_closed_in_the_midst_of_writing_loses_nothing(page_as):
    alice = page_as("alice")
    alice.goto("/brands/new/")
    fill(alice, {"name": "Interrupted", "entity_type": "PRIVATE"})
    go_on(alice)
    draft = alice.url
    with alice.expect_response(lambda answer: answer.request.method == "POST"):
        alice.locator("[name=company_name]").fill("Interrupted Inc.")
    alice.locator("[name=website]").fill("https://interrupted.example.com/")

    later = alice.context.new_page()
    alice.close(run_before_unload=True)

    later.goto("/")
    later.get_by_role("link", name="(Interrupted)").first.click()
    later.wait_for_url(draft)
    expect(later.locator("[name=company_name]")).to_have_value("Interrupted Inc.")
    expect(later.locator("[name=website]")).to_have_value("https://interrupted.example.com/")


def test_a_note_beside_a_field_leads_to_the_correction_and_to_yes(page_as, alice_writes):
    brand = alice_writes(name="Returned", ein="12-3456701", company_name="Returned")
    alice, carol = page_as("alice"), page_as("carol")
    carol.goto("/review/")
    picture(carol, "review-queue")
    carol.get_by_role("link", name="Returned").click()
    picture(carol, "review-first-version")
    expect_accessible(carol)

    told = carol.locator("#field-company_name")
    told.locator("summary").click()
    told.get_by_role("textbox").fill("The tax letter says “Returned Inc.”")
    carol.get_by_label("What is to be changed").fill("Only the legal name.")
    carol.get_by_role("button", name="Return to the marketer").click()

    alice.goto("/")
    asked = alice.locator(".asked li", has_text="Returned")
    expect(asked).to_contain_text("Only the legal name.")
    asked.get_by_role("link").last.click()
    alice.goto(f"{brand}edit/company/")
    expect(alice.locator("#field-company_name")).to_contain_text("“Returned Inc.”")
    picture(alice, "draft-returned")
    expect_accessible(alice)
    fill(alice, {"company_name": "Returned Inc."})
    alice.locator("#steps").get_by_role("button", name="Check and send").click()
    alice.wait_for_url("**/check/")
    send_for_review(alice)

    carol.goto(f"/review/{brand.split('/')[2]}/")
    picture(carol, "review-second-version")
    carol.get_by_role("button", name="Approve and send to Plivo").click()

    expect_to_stand_at(alice, "Registered")


def test_two_are_approved_at_once_and_each_tells_what_became_of_it(page_as, alice_writes):
    brands = [
        alice_writes(name=f"Together {number}", ein=f"12-345671{number}") for number in (1, 2)
    ]
    carol = page_as("carol")
    carol.goto("/review/")

    for brand in brands:
        carol.get_by_label(f"Tick {brand.split('/')[2]}").check()
    carol.get_by_role("button", name="Look at what is ticked together").click()
    picture(carol, "review-together")
    expect_accessible(carol)
    carol.get_by_role("button", name="Approve 2 and send to Plivo").click()

    expect(carol.get_by_role("heading", level=1)).to_have_text("2 of 2 approved")
    picture(carol, "review-outcomes")
    expect_accessible(carol)
    for brand in brands:
        carol.goto(brand)
        expect_to_stand_at(carol, "Registered")


def test_what_plivo_rejected_is_corrected_where_the_reasons_point(page_as, portal, alice_writes):
    brand = alice_writes(name="Wrong first", ein="12-3456720", company_name="Reject Inc.")
    alice, carol = page_as("alice"), Person(portal, "carol")
    carol.act(brand, "approve")
    alice.goto(brand)
    expect_to_stand_at(alice, "Rejected")
    expect(alice.locator(".stand ~ .message")).to_contain_text("The US EIN provided is invalid.")

    alice.get_by_role("button", name="Correct it").click()
    alice.get_by_role("link", name="Edit the draft").click()
    expect(alice.locator(".message")).to_contain_text("The US EIN provided is invalid.")
    alice.locator(".message").get_by_role("link", name="Tax id").click()
    expect(alice.locator("[name=ein]")).to_be_focused()
    picture(alice, "draft-rejected")
    fill(alice, {"company_name": "Right Inc.", "ein": "12-3456721"})
    alice.locator("#steps").get_by_role("button", name="Check and send").click()
    alice.wait_for_url("**/check/")
    picture(alice, "draft-check")
    send_for_review(alice)
    carol.act(brand, "approve")

    expect_to_stand_at(alice, "Registered")


def test_a_campaign_and_twelve_numbers_of_which_some_have_problems(page_as, portal):
    alice, carol = page_as("alice"), Person(portal, "carol")
    alice.goto("/brands/?status=registered")
    alice.get_by_role("row", name="Acme Outlet").get_by_role("link").first.click()
    campaign = submit_campaign(alice, name="Twelve numbers").removeprefix(portal.url)
    carol.act(campaign, "approve")
    expect_to_stand_at(alice, "Registered")

    alice.get_by_role("link", name="Link numbers").click()
    file = {"name": "numbers.csv", "mimeType": "text/csv", "buffer": TWELVE_NUMBERS.encode()}
    alice.get_by_label("Or a CSV file").set_input_files(file)
    alice.get_by_role("button", name="Check").click()

    found = alice.locator(".check")
    expect(found).to_contain_text("12 numbers")
    verdicts = found.get_by_role("region", name="Numbers that cannot be linked")
    expect(verdicts.get_by_role("row")).to_have_count(1 + 4)
    expect(verdicts.get_by_role("row", name="(415) 555 0150")).to_contain_text("same number")
    picture(alice, "numbers-checked")
    expect_accessible(alice)

    alice.get_by_role("button", name="Link the 8 good numbers").click()
    expect(alice.get_by_text("Every number has its outcome")).to_be_visible(timeout=30_000)
    expect(alice.get_by_role("heading", name="1 failed")).to_be_visible()
    expect(alice.get_by_text("3 entries that you gave are not linked yet")).to_be_visible()
    picture(alice, "numbers-progress")
    expect_accessible(alice)

    alice.get_by_label("Choose +14155550151").check()
    alice.get_by_label("Choose +14155550152").check()
    alice.get_by_role("button", name="Unlink the chosen").click()
    past = alice.locator(".tile", has_text="past")
    expect(past.locator("b")).to_have_text("2", timeout=30_000)


def test_two_people_end_a_brand(page_as, alice_writes, portal):
    brand = alice_writes(name="To be ended", ein="12-3456730")
    carol, dave = page_as("carol"), page_as("dave")
    Person(portal, "carol").act(brand, "approve")
    carol.goto(brand)
    expect_to_stand_at(carol, "Registered")

    carol.get_by_role("button", name="Ask for deactivation").click()
    expect(carol.get_by_role("button", name="Agree to deactivation")).to_have_count(0)
    expect(carol.get_by_text("you asked for this yourself")).to_be_visible()
    dave.goto("/review/?ask=deactivation")
    dave.get_by_role("link", name="To be ended").click()
    picture(dave, "review-deactivation")
    dave.get_by_role("button", name="Agree to deactivation").click()

    expect_to_stand_at(carol, "Deactivated", confirmed=False)
