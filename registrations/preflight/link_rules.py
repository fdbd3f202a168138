"""What carriers look for in the links that a campaign shows."""

from __future__ import annotations

from collections.abc import Iterator

from registrations.models import Campaign
from registrations.preflight.campaign_rules import REPLIES, SAMPLES, brand_of
from registrations.preflight.data import LINK_PAGES, SHORTENERS
from registrations.preflight.finding import BLOCK, WARN
from registrations.preflight.reading import (
    Link,
    belongs_to,
    host_of,
    is_ip_address,
    links_in,
    registrable,
    trouble_with_url,
)
from registrations.preflight.rulebook import Rulebook, Seen

rules = Rulebook(Campaign)

MESSAGES = (*SAMPLES, *REPLIES)
POLICIES = ("privacy_policy_link", "terms_and_conditions_link")


def _links(campaign: Campaign, *fields: str) -> Iterator[tuple[str, Link]]:
    for field in fields:
        for link in links_in(getattr(campaign, field)):
            yield field, link


def _site(campaign: Campaign) -> str:
    brand = brand_of(campaign)
    return registrable(host_of(brand.website)) if brand else ""


@rules.rule(
    "LK-SHORTENER",
    BLOCK,
    "A",
    remedy="Link to the business's own domain: carriers filter public shorteners.",
    source="Twilio's error 30892; Sinch's 10DLC guide",
)
def links_are_not_shortened(campaign: Campaign) -> Iterator[Seen]:
    for field, link in _links(campaign, *MESSAGES, *POLICIES):
        if registrable(link.host) == _site(campaign):
            continue
        if belongs_to(link.host, SHORTENERS):
            yield Seen(f"The host {link.host} is a public link shortener.", link.text, field)
        elif belongs_to(link.host, LINK_PAGES):
            yield Seen(f"The host {link.host} is a page of links.", link.text, field, severity=WARN)


@rules.rule(
    "LK-HTTP",
    BLOCK,
    "B",
    remedy="Write https:// instead, and see that the page opens.",
    source="Twilio's error 30892",
)
def links_are_secure(campaign: Campaign) -> Iterator[Seen]:
    for field, link in _links(campaign, *MESSAGES, *POLICIES):
        if link.text.lower().startswith("http://"):
            yield Seen("This link is not secured by https.", link.text, field)


@rules.rule(
    "LK-OFFDOMAIN",
    WARN,
    "A",
    remedy="Link to the brand's own website, or explain in the description whose domain it is.",
    source="Twilio's error 30892; Amazon's page on refused registrations",
)
def links_lead_home(campaign: Campaign) -> Iterator[Seen]:
    site = _site(campaign)
    for field, link in _links(campaign, *SAMPLES) if site else ():
        if link.host and registrable(link.host) != site:
            yield Seen(f"This link leads to {link.host}, not to {site}.", link.text, field)


@rules.rule(
    "LK-IP-PORT",
    WARN,
    "U",
    remedy="Link to a plain https address of the business's own domain.",
    source="Our inference",
)
def links_hide_nothing(campaign: Campaign) -> Iterator[Seen]:
    for field, link in _links(campaign, *MESSAGES):
        if "://" not in link.text:
            continue
        if is_ip_address(link.host):
            yield Seen("This link names a machine by its number.", link.text, field)
        elif "xn--" in link.host:
            yield Seen("This link may imitate another name.", link.text, field)
        elif trouble := trouble_with_url(link.text):
            yield Seen(f"This link {trouble}.", link.host, field)
