"""What is written to do harm stands in a real browser as text, on every page it gets to."""

import json

import pytest
import requests
from playwright.sync_api import expect

from registrations.plivo.signature import V2, V2_NONCE, v2_signature
from tests.conftest import BRAND, CAMPAIGN
from tests.journeys.browsing import fill, go_on, is_wider_than_its_window, picture
from tests.journeys.stage import Person

# The library is frozen in a form that warns under the newest Python's typing.
pytestmark = pytest.mark.filterwarnings("default")

IMAGE = '"><img src=x onerror=alert(1)>'
SCRIPT = "</textarea></script><script>alert(2)</script>"
TURNED = "\u202egpj.exe"
COMMENT = f"=cmd|' /C calc'!A0 {IMAGE}{SCRIPT} {{{{7*7}}}} {TURNED}\r\n javascript:alert(3)"


@pytest.fixture(scope="module")
def alice(portal):
    return Person(portal, "alice")


@pytest.fixture(scope="module")
def brand(portal, alice):
    """In review, and told of by a comment; the address of its page."""
    said = {**BRAND, "name": IMAGE, "doing_business_as": SCRIPT, "contact_title": IMAGE}
    page = alice.writes("brands", {**said, "customer_type": "DIRECT"})
    alice.press(page, f"{page}comment/", comment=COMMENT)
    alice.sends_for_review(page)
    return page


@pytest.fixture(scope="module")
def campaign(portal, alice):
    """A draft, of whose texts some are hostile; the address of its page."""
    on = alice.finds("/campaigns/new/", "Acme")
    texts = {"name": SCRIPT, "description": CAMPAIGN["description"] + IMAGE, "sample1": COMMENT}
    ticks = {name: value for name, value in CAMPAIGN.items() if value is True}
    return alice.writes("campaigns", {"brand": on, "usecase": "CUSTOMER_CARE", **ticks, **texts})


@pytest.fixture(scope="module")
def callback(portal, brand):
    """What Plivo signed and nobody understands; the number of the callback."""
    token = json.loads((portal.folder / "keys.json").read_text())["PLIVO_AUTH_TOKEN"]
    url, nonce = f"{portal.url}/callbacks/plivo/", "1234567890"
    said = {"status": IMAGE, SCRIPT: COMMENT, "reason": IMAGE + TURNED, "long": "x" * 60_000}
    headers = {V2: v2_signature(url, nonce, token), V2_NONCE: nonce, "User-Agent": IMAGE}
    answer = requests.post(url, data=said, headers=headers, timeout=30)
    assert answer.json() == {"outcome": "unrecognised"}
    return max(one["id"] for one in portal.state()["callbacks"])


@pytest.fixture
def reader(page_as):
    """Open a browser as somebody; a dialog that a page opens fails the test at its end."""
    dialogs = []

    def reader(username):
        page = page_as(username)
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        return page

    yield reader
    assert dialogs == []


def reads(page, address, *texts):
    """The page shows these texts, has made nothing else of them, and is no wider for them."""
    page.goto(address)
    shown = page.locator("body")
    for text in texts:
        expect(shown).to_contain_text(text)
    assert page.locator("img[src=x], script:not([src]), [onerror]").count() == 0
    assert not is_wider_than_its_window(page)


def test_a_marketer_reads_what_was_written(reader, brand, campaign):
    page = reader("alice")

    reads(page, brand, IMAGE, SCRIPT, "⟨U+202E⟩gpj.exe", "{{7*7}}")
    picture(page, "hostile-brand")
    reads(page, campaign, SCRIPT, IMAGE)
    reads(page, f"{campaign}edit/check/", SCRIPT)
    for address in ("/", "/brands/", "/campaigns/", f"/search/?q={IMAGE}", f"/brands/?q={SCRIPT}"):
        reads(page, address)
    page.goto("/brands/")
    expect(page.get_by_role("row", name=IMAGE)).to_be_visible()


def test_what_is_typed_into_a_draft_is_shown_again_as_it_was_typed(reader, campaign):
    page = reader("alice")
    page.goto(f"{campaign}edit/samples/")

    fill(page, {"sample2": COMMENT.replace("\r", "")})
    go_on(page)

    reads(page, f"{campaign}edit/samples/")
    expect(page.locator("[name=sample2]")).to_have_value(COMMENT.replace("\r", ""))


def test_compliance_reads_it_where_it_decides(reader, brand, callback):
    page, reference = reader("carol"), brand.split("/")[2]

    reads(page, "/review/", IMAGE)
    reads(page, f"/review/{reference}/", IMAGE, SCRIPT)
    picture(page, "hostile-review")
    reads(page, "/callbacks/", IMAGE)
    reads(page, f"/callbacks/{callback}/", IMAGE, SCRIPT, "⟨U+202E⟩gpj.exe")
    picture(page, "hostile-callback")
    reads(page, brand, IMAGE)


def test_the_admin_shows_it_as_text_too(reader, brand, callback):
    page, reference = reader("oscar"), brand.split("/")[2]

    reads(page, f"/admin/registrations/brand/?q={reference}", IMAGE)
    page.get_by_role("link", name=reference).first.click()
    reads(page, page.url, IMAGE)
    reads(page, "/admin/registrations/auditentry/")
    reads(page, "/admin/callbacks/callback/", IMAGE)
    reads(page, f"/admin/callbacks/callback/{callback}/change/", IMAGE)
