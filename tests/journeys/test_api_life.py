"""Programs bring registrations from a draft to their end: by curl, and with a client made for them.

The lines of curl are those of the README; the client is made from the schema that the portal
serves. What the feed tells of it all is what the trail holds.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import BRAND, CAMPAIGN
from tests.journeys.stage import ROOT, Person, Portal, until
from tests.journeys.telling import by_registration, feed, trails

CAMPAIGNS, LIMIT = 5, 49
CLIENT = "portal_client"


@pytest.fixture(scope="module")
def portal(tmp_path_factory, servers):
    portal = Portal(
        tmp_path_factory.mktemp("api"),
        **servers,
        EVENT_SECONDS="1",
        API_REQUESTS_PER_MINUTE="6000",
        MAX_PAID_CALLS_PER_HOUR="1000",
    )
    try:
        portal.start_apart("first")
        yield portal
    finally:
        portal.stop_all()


@pytest.fixture(scope="module")
def alice(portal):
    return Person(portal, "alice")


@pytest.fixture(scope="module")
def keys(portal, alice):
    """Alice's key and that of carol, who approves; both for Acme."""

    def make(person, *scopes):
        acme = person.finds("/keys/new/", "Acme")
        said = {"name": "shop", "organization": acme, "scopes": [*scopes], "life": "30"}
        made = person.press("/keys/new/", "/keys/new/", **said).text
        return re.search(r'<pre id="key"[^>]*>([^<]+)<', made).group(1)

    return make(alice, "draft", "submit"), make(Person(portal, "carol"), "approve")


# --- As the README tells it ---------------------------------------------------------------------


def blocks_of_the_readme():
    """The shell's lines of the section about the API, piece by piece."""
    readme = (ROOT / "README.md").read_text()
    section = readme.split("## The API in ten lines\n")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def test_the_readmes_lines_of_curl_do_what_it_says(portal, keys, tmp_path):
    settings, files, life, _ = blocks_of_the_readme()
    names = re.findall(r"^(\w+)=", settings, re.MULTILINE)
    said = dict(zip(names, (f"{portal.url}/api/v1", *keys), strict=True))
    lines = [line for line in life.splitlines() if re.match(r"(\w+=\$\()?curl ", line)]
    assert len(lines) == 10

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{files}\n{life}"],
        cwd=tmp_path,
        env={**os.environ, **said},
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    answers = re.split(r"(?<=\})(?=\{)", done.stdout)
    items, events = (json.loads(answer) for answer in answers[-2:])
    assert [(item["number"], item["state"]) for item in items["items"]] == [
        ("14155550130", "linked")
    ]
    kinds = {event["registration"]["kind"] for event in events["items"]}
    assert kinds == {"brand", "campaign", "number_link"}


# --- With a client made from the schema ----------------------------------------------------------


@pytest.fixture(scope="module")
def client(portal, keys, tmp_path_factory):
    """Two programs, marketer and approver, that speak through a client made from the schema."""
    folder = tmp_path_factory.mktemp("client")
    # Files are files to it, once it is told so.
    overrides = "content_type_overrides:\n  text/csv: application/octet-stream\n"
    (folder / "config.yaml").write_text(f"post_hooks: []\n{overrides}")
    made = subprocess.run(
        [
            *(Path(sys.executable).with_name("openapi-python-client"), "generate"),
            *("--url", f"{portal.url}/api/schema/", "--config", "config.yaml"),
            *("--meta", "none", "--output-path", CLIENT, "--fail-on-warning"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield Program(portal.url, keys[0]), Program(portal.url, keys[1])
    sys.path.remove(str(folder))


class Program:
    """One key's user. `ask("brands.create", …)` calls the client's function for that operation."""

    def __init__(self, url, key):
        made = importlib.import_module(f"{CLIENT}.client").AuthenticatedClient
        self.client = made(base_url=url, token=key, raise_on_unexpected_status=True, timeout=60)
        self.models = importlib.import_module(f"{CLIENT}.models")

    def ask(self, operation, *places, **said):
        tag, _, what = operation.partition(".")
        module = importlib.import_module(f"{CLIENT}.api.{tag}.{tag}_{what}")
        answer = module.sync(*places, client=self.client, **said)
        assert not isinstance(answer, self.models.Problem), answer
        return answer

    def body(self, model, **fields):
        return getattr(self.models, model).from_dict(fields)


def brought_to_approval(client, what, registration):
    """Sent for review by one program, looked at and approved by the other."""
    marketer, approver = client
    marketer.ask(f"{what}.submit", registration.reference)
    looked_at = approver.ask(f"{what}.preview", registration.reference)
    approver.ask(
        f"{what}.approve",
        registration.reference,
        body=approver.body("DigestRequest", digest=looked_at.digest),
    )


def is_confirmed(program, what, registration):
    now = program.ask(f"{what}.retrieve", registration.reference)
    return now.status.value == "registered" and now.confirmed


def numbers_on(campaigns, how_many):
    """So many numbers that the sandbox's account has, shared out among the campaigns.

    What ends in 90 to 99 has a story of its own there, and is left out.
    """
    tame = (f"1{area}55501{last:02}" for area in (212, 213, 214, 215, 216) for last in range(90))
    return [
        {"campaign": campaigns[at % len(campaigns)].reference, "number": number}
        for at, number in zip(range(how_many), tame, strict=False)
    ]


def test_a_client_from_the_schema_lives_the_whole_life(portal, client, alice):
    marketer, _ = client
    acme = marketer.ask("organizations.list").items[0].id
    brand = marketer.ask(
        "brands.create",
        body=marketer.body("BrandRequest", **BRAND | {"name": "Acme Five", "ein": "12-3456788"}),
        idempotency_key="brand",
    )
    brought_to_approval(client, "brands", brand)
    until(lambda: is_confirmed(marketer, "brands", brand), "the brand to be registered")

    campaigns = []
    for number in range(CAMPAIGNS):
        fields = {**CAMPAIGN, "name": f"Acme orders {number}", "brand": brand.reference}
        body = marketer.body("CampaignRequest", **fields)
        campaigns.append(marketer.ask("campaigns.create", body=body))
        brought_to_approval(client, "campaigns", campaigns[-1])
    for campaign in campaigns:
        until(
            lambda campaign=campaign: is_confirmed(marketer, "campaigns", campaign),
            f"{campaign.reference} to be registered",
            patience=180,
        )

    wishes = numbers_on(campaigns, CAMPAIGNS * LIMIT + 1)
    body = marketer.body("NewLinkBatchRequest", items=wishes)
    batch = marketer.ask("link_batches.create", body=body)
    until(
        lambda: marketer.ask("link_batches.retrieve", batch.reference).is_settled,
        "every number to have its outcome",
        patience=300,
        every=1,
    )

    counts = marketer.ask("link_batches.retrieve", batch.reference).counts
    state = marketer.models.LinkBatchesItemsState("refused")
    [refused] = marketer.ask("link_batches.items", batch.reference, state=state).items
    assert counts.to_dict() == {"linked": CAMPAIGNS * LIMIT, "refused": 1}
    assert str(LIMIT) in refused.problem
    until(
        lambda: by_registration(feed(alice)) == trails(portal, acme),
        "the feed to tell what the trail holds",
        patience=180,
        every=2,
    )
    told = feed(alice)
    assert [item["number"] for item in told] == list(range(1, len(told) + 1))
