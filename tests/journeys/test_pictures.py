"""The README's pictures are of pages as they are, after four weeks of a lively house.

They are made anew with README_PICTURES=1; otherwise the pages are only looked at.
"""

from __future__ import annotations

import base64
import os
import struct
import zlib
from collections import Counter
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
import time_machine
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from callbacks.quarantine import Doorkeeper
from registrations import actions
from registrations.models import Brand, Campaign
from registrations.plivo.signature import V2, V2_NONCE, v2_signature
from tests.conftest import BRAND, CAMPAIGN
from tests.journeys.browsing import DESK, WIDE, fill

# The library is frozen in a form that warns under the newest Python's typing.
pytestmark = pytest.mark.filterwarnings("default")

FOLDER = Path(__file__).parents[2] / ".readme"
LIMIT = 150_000

# A window that shows more, in a picture as large as those of the others.
FURTHER = {"viewport": WIDE, "device_scale_factor": 0.8}

# How wide a picture is, and the bytes of its pixels: red, green, blue and opacity of each.
PIXELS = """async png => {
  const bytes = Uint8Array.from(atob(png), letter => letter.charCodeAt());
  const bitmap = await createImageBitmap(new Blob([bytes]));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  canvas.drawImage(bitmap, 0, 0);
  const { data } = canvas.getImageData(0, 0, bitmap.width, bitmap.height);
  let text = "";
  for (let at = 0; at < data.length; at += 8192) {
    text += String.fromCharCode(...data.subarray(at, at + 8192));
  }
  return [bitmap.width, btoa(text)];
}"""

# How many numbers were linked on each of the last days; none on weekends.
LINKED = [3, 4, 2, 0, 0, 3, 5, 1, 4, 2, 0, 0, 4, 2, 5, 3, 1, 0, 0, 4]
AREAS = [212, 415, 312, 617, 206, 305, 404, 503, 602, 713]


@pytest.fixture(autouse=True, scope="module")
def the_database_beside_a_browser():
    """A browser's library keeps a loop of its own, in which Django would not touch a database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture
def portal(shared_database, settings, plivo, account, monkeypatch):
    """The portal in this process, whose clock can be turned back."""
    # It counts forgeries at once: a second later the clock may stand elsewhere.
    monkeypatch.setattr("callbacks.views.doorkeeper", Doorkeeper(later=lambda write: write()))
    account.tokens.update(active_from=timezone.now() - timedelta(days=90))
    # Not the one of the whole session, which was begun with a database in memory.
    server = LiveServer("127.0.0.1")
    settings.PUBLIC_URL = server.url
    yield SimpleNamespace(url=server.url, password="correct horse")
    server.stop()


@pytest.fixture
def house(portal, plivo, account, acme, globex, alice, bob, carol, dave, work_off):
    """Four weeks of work, and what waits today."""

    class House:
        def __init__(self):
            self.now = timezone.now()
            self.people = {acme: alice, globex: bob}

        def at(self, **ago):
            return time_machine.travel(self.now - timedelta(**ago), tick=True)

        def brand(self, organization, name, **fields):
            number = Brand.objects.count()
            company = fields.pop("company_name", f"{name} Inc.")
            said = {**BRAND, "name": name, "company_name": company, "ein": f"12-34568{number:02}"}
            said["contact_email"] = f"{name.split()[0].lower()}@example.com"
            one = Brand(organization=organization, account=account, **{**said, **fields})
            return self._written(one)

        def campaign(self, brand, name, **fields):
            said = {
                field: value.replace("Acme Inc.", brand.company_name)
                if isinstance(value, str)
                else value
                for field, value in CAMPAIGN.items()
            }
            one = Campaign(
                brand=brand, organization=brand.organization, account=account,
                **{**said, "name": name, **fields},
            )  # fmt: skip
            return self._written(one)

        def _written(self, one):
            actions.draft(one, by=self.people[one.organization])
            return one

        def asks(self, one):
            actions.send_for_review(one, by=self.people[one.organization])
            return one

        def approves(self, one):
            actions.approve(one, by=carol, digest=actions.preview(one).digest)
            work_off(rounds=2)

        def hears(self, one=None):
            plivo.step(3600)
            work_off(rounds=2)
            if one:
                one.refresh_from_db()
            return one

        def registers(self, days, hours, make, *about, **fields):
            """Written, approved an hour later, and heard of after so many hours more."""
            with self.at(days=days):
                one = self.asks(make(*about, **fields))
            with self.at(days=days, hours=-1):
                self.approves(one)
            with self.at(days=days, hours=-1 - hours):
                return self.hears(one)

    return House()


@pytest.fixture
def month(house, acme, globex, alice, carol, portal):
    """What happened, and what waits; answers what has a page to be shown."""
    shoes = house.registers(27, 20, house.brand, acme, "Acme Shoes")
    outdoors = house.registers(25, 31, house.brand, acme, "Acme Outdoors")
    orders = house.registers(25, 50, house.campaign, shoes, "Order updates")
    air = house.registers(22, 44, house.brand, globex, "Globex Air")
    toys = house.registers(19, 12, house.brand, acme, "Acme Toys")
    house.registers(18, 70, house.campaign, air, "Gate changes")
    house.registers(12, 1, house.campaign, outdoors, "Forever outdoors")
    house.registers(9, 30, house.brand, acme, "Acme Garden", company_name="Reject Garden Inc.")
    for day, many in enumerate(LINKED):
        numbers = [f"1{AREAS[i]}55501{day:02}" for i in range(many)]
        with house.at(days=len(LINKED) - day):
            if numbers:
                actions.link_numbers(orders, numbers, by=alice)
            house.hears()
        with house.at(days=len(LINKED) - day, hours=-2):
            house.hears()
        if day % 6 == 1:
            with house.at(days=len(LINKED) - day):
                knock(portal, "https://elsewhere.example.com/", token="f" * 40)
    with house.at(hours=4):
        [failed] = actions.link_numbers(orders, ["12125550190"], by=alice)
        house.hears()
        house.hears()
    with house.at(days=3):
        actions.ask_deactivation(toys, by=alice)
    with house.at(days=2, hours=3):
        bikes = house.asks(house.brand(acme, "Acme Bikes"))
    with house.at(hours=26):
        actions.comment(bikes, by=carol, text="I asked the tax office about the legal name.")
    with house.at(hours=5):
        house.asks(house.campaign(outdoors, "Delivery updates"))
    with house.at(minutes=40):
        house.asks(house.brand(globex, "Globex Labs"))
    return SimpleNamespace(draft=house.campaign(shoes, "Winter sale", sample1=""), failed=failed)


def knock(portal, signed_for, token):
    """As Plivo would, with a signature over this address."""
    headers = {V2: v2_signature(signed_for, "1234567890", token), V2_NONCE: "1234567890"}
    said = {"type": "campaign", "status": "COMPLETED", "campaign_id": "CKNOCK1"}
    return requests.post(f"{portal.url}/callbacks/plivo/", said, headers=headers, timeout=10)


def take(page, name):
    """What the window shows, as it is in the README, and small enough for it."""
    if not os.environ.get("README_PICTURES"):
        return
    shown = base64.b64encode(page.screenshot(animations="disabled", caret="hide")).decode()
    blank = page.context.new_page()
    width, pixels = blank.evaluate(PIXELS, shown)
    blank.close()
    picture = with_a_palette(base64.b64decode(pixels), width)
    assert len(picture) < LIMIT
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.png").write_bytes(picture)


def with_a_palette(pixels, width):
    """A PNG of at most 256 colours, which is all that a page needs, and half as large."""
    colours = [pixels[at : at + 3] for at in range(0, len(pixels), 4)]
    palette = [colour for colour, _ in Counter(colours).most_common(256)]
    index = {colour: nearest(colour, palette) for colour in set(colours)}
    lines = (colours[at : at + width] for at in range(0, len(colours), width))
    # Each line begins with how it is filtered: not at all.
    data = b"".join(b"\0" + bytes(index[colour] for colour in line) for line in lines)
    header = struct.pack(">IIBBBBB", width, len(colours) // width, 8, 3, 0, 0, 0)
    parts = [(b"IHDR", header), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(data, 9))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in [*parts, (b"IEND", b"")])


def nearest(colour, palette):
    distances = [sum((a - b) ** 2 for a, b in zip(colour, other, strict=True)) for other in palette]
    return distances.index(min(distances))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_the_pictures_of_the_readme(page_as, portal, month, settings):
    carol, alice = page_as("carol", **FURTHER), page_as("alice", viewport=DESK)
    carol.goto("/")
    expect(carol.get_by_role("heading", name="What waits for compliance")).to_be_visible()
    take(carol, "home")

    alice.goto(f"/campaigns/{month.draft.reference}/edit/samples/")
    alice.locator("#field-sample1 summary").click()
    fill(
        alice, {"sample1": "Acme Shoes: your order 1234 has left our store. Reply STOP to opt out."}
    )
    expect(alice.locator("[data-counts=id_sample1]")).to_contain_text("1 part")
    take(alice, "wizard")

    alice = page_as("alice", **FURTHER)
    alice.goto(month.failed.get_absolute_url())
    expect(alice.locator(".trail")).to_contain_text("Link failed")
    take(alice, "registration")

    meant = portal.url.replace("http:", "https:") + "/callbacks/plivo/"
    assert knock(portal, meant, settings.PLIVO_AUTH_TOKEN).status_code == 403
    carol.goto("/callbacks/?outcome=forged")
    carol.locator("tbody a").first.click()
    expect(carol.get_by_role("region", name="Why it was refused")).to_contain_text(meant)
    carol.get_by_text("What was tried").click()
    take(carol, "callback")
