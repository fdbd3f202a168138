"""PostgreSQL, Redis, two workers; things are killed, and nothing is lost or doubled."""

import re
import signal

import pytest

from tests.conftest import BRAND, CAMPAIGN
from tests.journeys.stage import Person, Portal, until


@pytest.fixture(scope="module")
def portal(tmp_path_factory, servers):
    portal = Portal(
        tmp_path_factory.mktemp("production"),
        **servers,
        ABSENCE_GRACE_SECONDS="3",
    )
    try:
        portal.start_apart("first", "second")
        yield portal
    finally:
        portal.stop_all()


@pytest.fixture(scope="module")
def people(portal):
    return Person(portal, "alice"), Person(portal, "carol")


def submit_brand(people, **changes):
    """Through review by both; answers the brand's page."""
    alice, carol = people
    page = alice.writes("brands", {**BRAND, "customer_type": "DIRECT", **changes})
    alice.sends_for_review(page)
    carol.act(page, "approve")
    return page


def brands_made(portal, name):
    entries = portal.sandbox("ledger")["entries"]
    return [
        entry["id"]
        for entry in entries
        if entry["operation"] == "create_brand" and name in entry["alias"] and entry["made"]
    ]


def test_the_same_journey_with_the_web_server_restarted_in_between(portal, people):
    alice, carol = people
    brand = submit_brand(people, name="Production")
    portal.stop("web")
    portal.start_web()
    alice.waits_for(brand, "Registered confirmed")

    on = {"brand": alice.finds("/campaigns/new/", brand.split("/")[2])}
    campaign = alice.writes("campaigns", {**CAMPAIGN, **on})
    alice.sends_for_review(campaign)
    carol.act(campaign, "approve")
    alice.waits_for(campaign, "Registered confirmed")

    alice.links(campaign, "14155550120", "14155550121")
    links = sorted(set(re.findall(r"/numbers/NL-\w+/", alice.open(campaign))))
    assert len(links) == 2
    for link in links:
        alice.waits_for(link, "Linked confirmed")
    alice.act(links[0], "unlink")
    alice.waits_for(links[0], "Unlinked confirmed")


@pytest.mark.parametrize("kind", ["lost_answer", "truncated", "error_500_after"])
def test_plivo_acts_and_its_answer_is_lost(portal, people, kind):
    portal.sandbox("faults", kind=kind, operation="create_brand")
    name = kind.replace("_", " ")

    brand = submit_brand(people, name=name, ein=f"12-345679{len(kind) % 10}")

    people[0].waits_for(brand, "Registered confirmed")
    assert len(brands_made(portal, name)) == 1


def test_the_worker_is_killed_during_the_call(portal, people):
    portal.sandbox("settings", callbacks_lost=True)
    portal.sandbox("faults", kind="slow", operation="create_brand", seconds=4)
    brand = submit_brand(people, name="Killed", ein="12-3456770")
    until(lambda: brands_made(portal, "Killed"), "the call to arrive")

    for name in ("first", "second"):
        portal.stop(name, signal.SIGKILL)
    portal.sandbox("settings", callbacks_lost=False)
    portal.start_worker("third")

    people[0].waits_for(brand, "Registered confirmed")
    assert len(brands_made(portal, "Killed")) == 1


def test_a_broker_that_forgot_everything_loses_nothing(portal, people, servers):
    import redis

    portal.stop("beat")
    portal.stop("third")
    brand = submit_brand(people, name="Forgotten", ein="12-3456771")
    client = redis.Redis.from_url(servers["REDIS_URL"])
    client.flushdb()
    client.close()

    portal.start_worker("fourth")
    portal.start_beat()

    people[0].waits_for(brand, "Registered confirmed")
    assert len(brands_made(portal, "Forgotten")) == 1


def test_every_trail_is_whole_at_the_end(portal):
    assert "as it was written" in portal.manage("verify_audit")
    state = portal.state()
    caused = [callback["entry"] for callback in state["callbacks"] if callback["entry"]]
    assert len(caused) == len(set(caused)) > 10
