"""A program is told of everything, though it fails for a while and the worker is killed."""

from __future__ import annotations

import re
import signal
import threading

import pytest

from tests.conftest import BRAND, CAMPAIGN
from tests.journeys.stage import Person, Portal, until
from tests.journeys.telling import by_registration, feed, trails
from tests.registrations.webhooks.receiver import Receiver

TOLD = {"name": "Told", "ein": "12-3456785", "customer_type": "DIRECT"}
UNTOLD = {"name": "Untold", "ein": "12-3456786", "customer_type": "DIRECT"}
NUMBERS = [f"1415555{last:04}" for last in range(140, 152)]


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    portal = Portal(
        tmp_path_factory.mktemp("webhooks"),
        EVENT_SECONDS="1",
        EVENT_CHECK_SECONDS="5",
        WEBHOOK_RETRY_SECONDS=",".join(["1"] * 30),
        NOTICE_GATHER_SECONDS="600",
    )
    try:
        portal.start_apart("first")
        yield portal
    finally:
        portal.stop_all()


def fails_for_a_while():
    """Answers of all sorts, none of which takes a message."""

    def hang_up(handler):
        handler.connection.close()

    return [500, (302, b"", {"Location": "/elsewhere"}), hang_up, (503, b"x" * 100_000), hang_up]


def test_feed_and_receiver_agree_exactly_with_the_trail(portal):
    alice, carol = Person(portal, "alice"), Person(portal, "carol")
    bob = Person(portal, "bob")
    holding, release = threading.Event(), threading.Event()

    def hold(handler):
        holding.set()
        release.wait(60)

    receiver = Receiver(*fails_for_a_while(), 200, 200, 200, hold, 200)
    try:
        page = alice.open("/webhooks/new/")
        organization = re.search(r'<option value="(\d+)" selected', page).group(1)
        until(
            lambda: by_registration(feed(alice)) == trails(portal, int(organization)),
            "the feed to tell what was before",
        )
        known = len(feed(alice))
        made = alice.press(
            "/webhooks/new/",
            "/webhooks/new/",
            organization=organization,
            url=receiver.url,
            scope="everything",
        ).text
        secret = re.search(r"whsec_[0-9A-Za-z+/=]+", made).group(0)

        brand = alice.writes("brands", {**BRAND, **TOLD})
        alice.sends_for_review(brand)
        carol.act(brand, "approve")
        assert holding.wait(60), "no message was ever on its way"
        portal.stop("first", signal.SIGKILL)
        bob.writes("brands", {**BRAND, **UNTOLD})
        portal.start_worker("second")
        alice.waits_for(brand, "Registered confirmed")

        choices = alice.open(f"/campaigns/new/?brand={brand.split('/')[2]}")
        chosen = re.search(r'<option value="(\d+)" selected', choices).group(1)
        campaign = alice.writes("campaigns", {"brand": chosen, **CAMPAIGN})
        alice.sends_for_review(campaign)
        carol.act(campaign, "approve")
        alice.waits_for(campaign, "Registered confirmed")
        portal.stop("second", signal.SIGKILL)
        alice.links(campaign, *NUMBERS)
        portal.start_worker("third")
        links = sorted(set(re.findall(r"/numbers/NL-\w+/", alice.open(f"{campaign}numbers/"))))
        assert len(links) == len(NUMBERS)
        for link in links:
            alice.waits_for(link, "Linked confirmed")

        def received():
            return {taken.id: taken for taken in list(receiver.taken)}

        def everything_is_taken():
            numbers = {taken.verified(secret)["data"]["number"] for taken in received().values()}
            told = feed(alice, after=known)
            return len(numbers) == len(told) and told

        until(everything_is_taken, "every event to be taken", patience=120)
        until(lambda: all_delivered(alice, len(feed(alice, after=known))), "the log to say so")
        told = feed(alice)
    finally:
        release.set()
        receiver.stop()

    assert [item["number"] for item in told] == list(range(1, len(told) + 1))
    assert by_registration(told) == trails(portal, int(organization))
    said = [taken.verified(secret) for taken in received().values()]
    assert all(message["type"] == message["data"]["type"] for message in said)
    by_number = sorted((message["data"] for message in said), key=lambda data: data["number"])
    assert by_number == told[known:]
    assert len(receiver.taken) > len(received()), "nothing was ever sent again"
    assert not any("Untold" in taken.body.decode() for taken in receiver.taken)


def all_delivered(person, how_many):
    """Whether the log says of so many messages that they were delivered, and of none else."""
    states, address = [], f"{person.portal.url}/api/v1/webhooks/"
    [webhook] = person.session.get(address, timeout=30).json()["items"]
    address = f"{address}{webhook['id']}/deliveries/?limit=100"
    while address:
        page = person.session.get(address, timeout=30).json()
        states += [row["state"] for row in page["items"]]
        address = page["next"]
    return states == ["delivered"] * how_many
