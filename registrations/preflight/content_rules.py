"""What the messages are about. Nothing here blocks: only people can read what is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from registrations.models import Campaign
from registrations.models.choices import UseCase
from registrations.preflight.campaign_rules import brand_of, is_only_codes, kinds_of
from registrations.preflight.content_classes import CLASSES, FOR_ADULTS, LENDING, ContentClass
from registrations.preflight.finding import INFO, WARN
from registrations.preflight.naming import without_names
from registrations.preflight.reading import folded, is_negated, sentences
from registrations.preflight.rulebook import Rulebook, Seen
from registrations.preflight.sample_rules import filled

rules = Rulebook(Campaign)

A_STRONG_SIGN = 2
ENOUGH_SIGNS = 2

CODE = re.compile(
    r"\b(?:verification|security|log-?in|sign-?in|one-time|authentication|2fa) (?:pass)?codes?\b"
    r"|\bpasscodes?\b|\botp\b|\bone-time pass\w{1,5}\b"
)
ABOUT_CODES = re.compile(
    r"\b(?:codes?|passcodes?|otp|pin|verif\w{1,9}|log-?in|sign-?in|tokens?|passwords?"
    r"|authenticat\w{1,4}|\d{4,8})\b"
)
MARKETING = re.compile(
    r"\d ?% off\b|\b(?:promo(?:tion\w{0,2})? codes?|promotions?|discounts?|coupons?|flash sale"
    r"|on sale|(?:big|summer|winter|spring|fall|holiday|clearance|anniversary|our) sale"
    r"|special offers?|limited[- ]time offer|shop now|bogo|buy one)\b"
)
PHISHING = re.compile(
    r"\b(?:enter|send|reply with|provide|confirm|update|verify) (?:us )?(?:your )?(?:full |bank )?"
    r"(?:password|pin|ssn|social security|(?:credit |debit )?card number|cvv|bank details)\b"
)
TESTING = re.compile(
    r"\b(?:for|only|just|of) testing\b"
    r"|\btest(?:ing)? (?:purposes?|campaign|only|account|messages)\b"
)


def _places(campaign: Campaign) -> dict[str, str]:
    """Where content shows, by model field; names of the sender say nothing about it."""
    brand = brand_of(campaign)
    texts = {
        "description": campaign.description,
        "message_flow": campaign.message_flow,
        "sample1": "\n".join(campaign.samples),
    }
    return {field: without_names(brand, text) for field, text in texts.items()}


def _signs(kind: ContentClass, campaign: Campaign) -> tuple[int, str, str]:
    """How many signs of this content there are, and field and sentence of the first one."""
    strong, weak, innocent = kind.patterns
    signs, where, shown = 0, "", ""
    for field, text in _places(campaign).items():
        found: dict[str, int] = {}
        for sentence in sentences(text):
            said = innocent.sub(" ", sentence)
            # "No prescription needed" denies nothing: the words around it decide.
            if is_negated(weak.sub(" ", strong.sub(" ", said))):
                continue
            found |= {match.group(): 1 for match in weak.finditer(said)}
            found |= {match.group(): A_STRONG_SIGN for match in strong.finditer(said)}
            if found and not where:
                where, shown = field, sentence
        signs += sum(found.values())
    return signs, where, shown


def _suspicion(kind: ContentClass, campaign: Campaign) -> Iterator[Seen]:
    signs, field, shown = _signs(kind, campaign)
    if not signs:
        return
    brand = brand_of(campaign)
    names, verticals = [], {campaign.vertical}
    if brand:
        names, verticals = brand.sender_names, {campaign.vertical, brand.vertical}
    signs += kind.vertical in verticals - {""}
    signs += any(kind.patterns[1].search(folded(name)) for name in names)
    severity = WARN if signs >= ENOUGH_SIGNS else INFO
    yield Seen(f"This may be read as {kind.called}.", shown, field, severity=severity)


for _kind in CLASSES:
    rules.rule(_kind.rule, WARN, _kind.certainty, remedy=_kind.remedy, source=_kind.source)(
        partial(_suspicion, _kind)
    )


@rules.rule(
    "CP-FLAG-AGE",
    WARN,
    "A",
    field="age_gated",
    remedy="If it is for adults, tick “for adults only” and ask for the date of birth on the "
    "website and in the opt-in.",
    source="Telnyx's carrier codes 702, 706 and 707; Twilio's error 30888",
)
def content_for_adults_is_declared(campaign: Campaign) -> Iterator[Seen]:
    for kind in [] if campaign.age_gated else FOR_ADULTS:
        for seen in _suspicion(kind, campaign):
            yield Seen(seen.message, seen.excerpt, severity=seen.severity)


@rules.rule(
    "CP-FLAG-LENDING",
    WARN,
    "A",
    field="direct_lending",
    remedy="Any business that lends its own money ticks “content about loans”, even for one-time "
    "codes. It cannot be changed later.",
    source="Plivo's code 1003; Telnyx's carrier code 712; Twilio's error 30895",
)
def lending_is_declared(campaign: Campaign) -> Iterator[Seen]:
    if not campaign.direct_lending:
        for seen in _suspicion(LENDING, campaign):
            yield Seen(seen.message, seen.excerpt, severity=seen.severity)


@rules.rule(
    "CT-2FA-MIX",
    WARN,
    "A",
    remedy="Declare two-factor authentication where codes are sent, and nothing else beside it "
    "unless the campaign is mixed.",
    source="Telnyx's carrier code 602",
)
def codes_are_declared(campaign: Campaign) -> Iterator[Seen]:
    kinds = kinds_of(campaign)
    for field, text in filled(campaign):
        said = folded(text)
        if is_only_codes(campaign):
            if not ABOUT_CODES.search(said):
                yield Seen("This is no one-time code, which the campaign is for.", text, field)
        elif kinds and UseCase.TWO_FACTOR not in kinds and CODE.search(said):
            yield Seen("This is a one-time code, which the campaign does not declare.", text, field)


@rules.rule(
    "CT-MKT-HIDDEN",
    WARN,
    "A",
    remedy="Declare marketing, or leave the offer out.",
    source="Telnyx's carrier code 602",
)
def marketing_is_declared(campaign: Campaign) -> Iterator[Seen]:
    kinds = kinds_of(campaign)
    if not kinds or UseCase.MARKETING in kinds:
        return
    for field, text in [("description", campaign.description), *filled(campaign)]:
        for sentence in sentences(text):
            if MARKETING.search(sentence) and not is_negated(sentence):
                yield Seen("This is marketing, which is not declared.", sentence, field)


@rules.rule(
    "CT-PHISH",
    WARN,
    "B",
    remedy="Never ask for a secret by text: send people to your website to sign in.",
    source="T-Mobile's code of conduct; Twilio's error 30884",
)
def no_secret_is_asked_for(campaign: Campaign) -> Iterator[Seen]:
    for field, text in filled(campaign):
        for sentence in sentences(text):
            if PHISHING.search(sentence) and not is_negated(sentence):
                yield Seen("This asks for a secret, as frauds do.", sentence, field)


@rules.rule(
    "CT-TEST",
    WARN,
    "B",
    field="description",
    remedy="Describe the real program.",
    source="Twilio's error 30534",
)
def the_campaign_is_no_test(campaign: Campaign) -> Iterator[Seen]:
    for sentence in sentences(campaign.description):
        if TESTING.search(sentence) and not is_negated(sentence):
            yield Seen("A campaign for testing is refused.", sentence)
