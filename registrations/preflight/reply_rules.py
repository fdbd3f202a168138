"""What reviewers look for in the three automatic replies and their keywords."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from registrations.models import Brand, Campaign
from registrations.preflight import saying
from registrations.preflight.campaign_rules import brand_of
from registrations.preflight.finding import BLOCK, WARN
from registrations.preflight.naming import names_the_brand
from registrations.preflight.reading import (
    email_domains_in,
    host_of,
    links_in,
    phones_in,
    registrable,
    straightened,
)
from registrations.preflight.rulebook import Rulebook, Seen

rules = Rulebook(Campaign)

SHORTEST = 20
LONG_FOR_SOME = 255
KEYWORD_FIELDS = ("optin_keywords", "optout_keywords", "help_keywords")
KEYWORDS = re.compile(r"[A-Za-z0-9]+(?:,[A-Za-z0-9]+)*")
# "Text JOIN to 12345": the word stands in capitals, and a number or "us" follows.
TEXTED_KEYWORD = re.compile(
    r"""\b(?:[Tt]ext|[Tt]exting|[Ss]end|[Ss]ending|[Tt]xt|TEXT)\s{1,3}(?:the\ (?:key)?word\s)?
        ["']?([A-Z][A-Z0-9]{1,19})["']?\s{1,3}(?:by\ text\s)?
        (?:to\s{1,3}(?:[\d+(]|our|us\b|the\b|this|that|a\ ))""",
    re.VERBOSE,
)
# Cities answer 211 and 311.
SERVICE_CODE = re.compile(r"\b(?:call|dial)\s{1,3}\d{3,6}\b", re.IGNORECASE)
WORDS_OF_REPLIES = frozenset(
    ["STOP", "END", "QUIT", "CANCEL", "UNSUBSCRIBE", "HELP", "INFO", "STOPALL", "REVOKE"]
)


def keywords(text: str) -> list[str]:
    return [word.strip().upper() for word in text.split(",") if word.strip()]


def _trouble_with_length(text: str) -> Iterator[Seen]:
    if len(text) < SHORTEST:
        yield Seen("This reply is shorter than 20 characters.", text)


def _unnamed(brand: Brand | None, text: str) -> bool:
    return brand is not None and not names_the_brand(brand, text)


@rules.rule(
    "CP-OPTIN-MSG",
    BLOCK,
    "A",
    field="optin_message",
    remedy="Write: “[Business]: you are signed up for [kind of] texts. Message frequency varies. "
    "Message and data rates may apply. Reply HELP for help, STOP to opt out.”",
    source="Telnyx's carrier code 611; Amazon's field table",
)
def the_opt_in_is_confirmed(campaign: Campaign) -> Iterator[Seen]:
    text = campaign.optin_message.strip()
    if not text:
        if campaign.subscriber_optin:
            yield Seen("People opt in, but no message tells them that they did.")
        return
    yield from _trouble_with_length(text)
    if len(text) > LONG_FOR_SOME:
        yield Seen("Some carriers take 255 characters only.", text, severity=WARN)


@rules.rule(
    "CP-OPTIN-MSG-PARTS",
    WARN,
    "A",
    field="optin_message",
    remedy="Add the missing part.",
    source="Telnyx's carrier code 611; Amazon's page on refused registrations",
)
def the_opt_in_message_has_its_five_parts(campaign: Campaign) -> Iterator[Seen]:
    text = campaign.optin_message.strip()
    if not text:
        return
    for missing, part in (
        (_unnamed(brand_of(campaign), text), "the name of the business"),
        (not saying.frequency(text), "how often messages come: “Message frequency varies.”"),
        (not saying.rates(text), "“Message and data rates may apply.”"),
        (not saying.getting_help(text), "“Reply HELP for help.”"),
        (not saying.opting_out(text), "“Reply STOP to opt out.”"),
    ):
        if missing:
            yield Seen(f"The opt-in message lacks {part.rstrip('.')}.", text)


@rules.rule(
    "CP-OPTOUT-MSG",
    BLOCK,
    "A",
    field="optout_message",
    remedy="Write: “[Business]: you have opted out and will receive no further messages. Reply "
    "START to rejoin.”",
    source="Plivo's campaign page; Telnyx's carrier code 611; Twilio's error 30887",
)
def the_opt_out_is_confirmed(campaign: Campaign) -> Iterator[Seen]:
    text = campaign.optout_message.strip()
    if not text:
        yield Seen("The opt-out message is missing.")
        return
    yield from _trouble_with_length(text)
    if _unnamed(brand_of(campaign), text):
        yield Seen("The opt-out message does not name the business.", text)
    if not saying.opted_out(text):
        yield Seen("The opt-out message does not say that the person has opted out.", text)
    if not saying.no_more_messages(text):
        yield Seen("The opt-out message does not say that no more messages will come.", text)


@rules.rule(
    "CP-HELP-MSG",
    BLOCK,
    "A",
    field="help_message",
    remedy="Write: “[Business]: for help call [phone] or e-mail [address]. Message and data rates "
    "may apply. Reply STOP to opt out.”",
    source="Plivo's campaign page; Telnyx's carrier code 611; Twilio's error 30890",
)
def help_is_given(campaign: Campaign) -> Iterator[Seen]:
    text = campaign.help_message.strip()
    if not text:
        yield Seen("The help message is missing.")
        return
    yield from _trouble_with_length(text)
    if _unnamed(brand_of(campaign), text):
        yield Seen("The help message does not name the business.", text)
    if not _has_contact(brand_of(campaign), text):
        yield Seen("The help message gives no phone number, e-mail address or link.", text)


def _has_contact(brand: Brand | None, text: str) -> bool:
    host = host_of(brand.website).removeprefix("www.") if brand else ""
    return bool(
        phones_in(text)
        or email_domains_in(text)
        or links_in(text)
        or SERVICE_CODE.search(text)
        or (host and host in text.lower())
    )


@rules.rule(
    "CP-HELP-DOMAIN",
    WARN,
    "B",
    field="help_message",
    remedy="Use the business's own contact.",
    source="Amazon's refusal code for help messages",
)
def help_comes_from_the_business(campaign: Campaign) -> Iterator[Seen]:
    brand, text = brand_of(campaign), campaign.help_message
    site = registrable(host_of(brand.website)) if brand else ""
    hosts = email_domains_in(text) + [link.host for link in links_in(text)]
    for host in hosts if site else []:
        if registrable(host) != site:
            yield Seen(f"Help comes from {host}, the brand's website is {site}.", host)


@rules.rule(
    "CP-KW-FORMAT",
    BLOCK,
    "A",
    remedy="Write letters and digits with commas between, and no blanks: STOP,END,QUIT.",
    source="Plivo's campaign page; Sinch's 10DLC guide",
)
def keywords_are_plain_words(campaign: Campaign) -> Iterator[Seen]:
    for field in KEYWORD_FIELDS:
        listed = getattr(campaign, field)
        if listed and not KEYWORDS.fullmatch(listed):
            yield Seen("The list of keywords holds blanks or other signs.", listed, field)


@rules.rule(
    "CP-KW-STOP",
    BLOCK,
    "A",
    field="optout_keywords",
    remedy="Add STOP; also offer UNSUBSCRIBE, CANCEL, END, QUIT, REVOKE and OPTOUT.",
    source="The registry's default; the FCC's rule of 11 April 2025",
)
def stop_stops(campaign: Campaign) -> Iterator[Seen]:
    listed = keywords(campaign.optout_keywords)
    if not listed:
        yield Seen("No opt-out keyword is listed.", severity=WARN)
    elif "STOP" not in listed:
        yield Seen("STOP is not among the opt-out keywords.", campaign.optout_keywords)


@rules.rule(
    "CP-KW-HELP",
    BLOCK,
    "A",
    field="help_keywords",
    remedy="Add HELP.",
    source="The registry's default",
)
def help_helps(campaign: Campaign) -> Iterator[Seen]:
    listed = keywords(campaign.help_keywords)
    if not listed:
        yield Seen("No help keyword is listed.", severity=WARN)
    elif "HELP" not in listed:
        yield Seen("HELP is not among the help keywords.", campaign.help_keywords)


@rules.rule(
    "CP-KW-OPTIN",
    BLOCK,
    "A",
    remedy="List the words people text to join, and write the reply they get.",
    source="Twilio's errors 30896 and 30909",
)
def joining_by_keyword_is_declared(campaign: Campaign) -> Iterator[Seen]:
    texted = [
        match.group(1)
        for match in TEXTED_KEYWORD.finditer(straightened(campaign.message_flow))
        if match.group(1) not in WORDS_OF_REPLIES
    ]
    if not texted:
        return
    for field, name in (
        ("optin_keywords", "no opt-in keyword is listed"),
        ("optin_message", "there is no opt-in message"),
    ):
        if not getattr(campaign, field).strip():
            yield Seen(f"People join by texting {texted[0]}, but {name}.", texted[0], field)


@rules.rule(
    "CP-KW-CLASH",
    WARN,
    "U",
    remedy="Keep each word in one list only.",
    source="Our inference",
)
def no_keyword_has_two_meanings(campaign: Campaign) -> Iterator[Seen]:
    lists = {field: set(keywords(getattr(campaign, field))) for field in KEYWORD_FIELDS}
    counts = Counter(word for listed in lists.values() for word in listed)
    for word in sorted(word for word, count in counts.items() if count > 1):
        field = next(field for field in reversed(KEYWORD_FIELDS) if word in lists[field])
        yield Seen(f"{word} stands in two lists of keywords.", word, field)
