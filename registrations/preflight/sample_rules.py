"""What reviewers look for in the sample messages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import combinations, pairwise

from registrations.models import Campaign
from registrations.models.choices import UseCase
from registrations.preflight import saying
from registrations.preflight.campaign_rules import SAMPLES, brand_of, is_only_codes, kinds_of
from registrations.preflight.finding import BLOCK, INFO, WARN
from registrations.preflight.naming import names_the_brand, without_names
from registrations.preflight.reading import folded, links_in, phones_in, words
from registrations.preflight.rulebook import Rulebook, Seen

rules = Rulebook(Campaign)

SHORTEST = 20
ALIKE = 0.85
MOST_PLACEHOLDERS = 3
# Where carriers refuse a campaign that nobody can leave.
MUST_SHOW_STOP = {
    UseCase.MARKETING,
    UseCase.MIXED,
    UseCase.LOW_VOLUME,
    UseCase.POLLING_VOTING,
}
GIBBERISH = re.compile(r"\blorem ipsum\b|\basdf|\bqwerty|\bfoo ?bar\b|\bblah blah\b")
ONLY_A_TEST = re.compile(
    r"\W*(?:hello,? |hi,? )?(?:this is )?(?:just )?(?:an? |my )?"
    r"(?:test|testing|sample|example|dummy|placeholder)"
    r"(?: (?:sms|text|message|campaign|one|two|number|only))*(?:\W*\d{1,3})?\W*"
)
MENTIONS_A_TEST = re.compile(
    r"\b(?:this is (?:just )?a test\b(?! of)|(?:test|dummy) (?:message|sms))"
)
TEMPLATE = re.compile(
    r"\{\{?[^{}\n]{0,40}\}?\}|\$\{[^{}\n]{0,40}\}|<[a-z][\w ]{0,30}>|%\w{1,30}%|_{3,}",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(r"\[[^\[\]\n]{1,40}\]")
LINK_PLACEHOLDER = re.compile(
    r"[\[{<(][^\[\]{}<>()\n]{0,20}(?:link|url|website)[^\[\]{}<>()\n]{0,20}[\]}>)]", re.IGNORECASE
)
PHONE_PLACEHOLDER = re.compile(
    r"[\[{<(][^\[\]{}<>()\n]{0,20}(?:phone|number|tel)[^\[\]{}<>()\n]{0,20}[\]}>)]", re.IGNORECASE
)
ONLY_A_REPLY = re.compile(
    r"\byou(?:'ve| have| are)? (?:now |successfully )?(?:been )?"
    r"(?:unsubscribed|opted[ -](?:in|out)|subscribed|resubscribed|removed)\b"
)
FIRST_PICTURE = 0x2190


def filled(campaign: Campaign) -> Iterator[tuple[str, str]]:
    """Field and text of each sample that was filled in."""
    for field in SAMPLES:
        if text := getattr(campaign, field).strip():
            yield field, text


@rules.rule(
    "CP-SAMPLE-COUNT",
    BLOCK,
    "A",
    remedy="Give two or more messages as you will really send them.",
    source="Plivo's campaign page, which requires the first two",
)
def there_are_two_samples(campaign: Campaign) -> Iterator[Seen]:
    for field in SAMPLES[:2]:
        if not getattr(campaign, field).strip():
            yield Seen(f"Sample message {field[-1]} is missing.", field=field)


@rules.rule(
    "CP-SAMPLE-LEN",
    BLOCK,
    "A",
    remedy="Write the whole message, in 20 characters at least.",
    source="Plivo's campaign page",
)
def a_sample_is_long_enough(campaign: Campaign) -> Iterator[Seen]:
    for field, text in filled(campaign):
        if len(text) < SHORTEST:
            yield Seen("This sample is shorter than 20 characters.", text, field)


@rules.rule(
    "CP-SAMPLE-PER-USE",
    WARN,
    "A",
    field="sub_usecases",
    remedy="Add a sample for each kind you ticked, or untick it.",
    source="Telnyx's page on carrier codes; Twilio's error 30538",
)
def each_kind_has_a_sample(campaign: Campaign) -> Iterator[Seen]:
    kinds, samples = len(set(kinds_of(campaign))), len(campaign.samples)
    if campaign.is_compound and samples < kinds:
        yield Seen(f"There are {kinds} kinds of messages but {samples} samples.")


@rules.rule(
    "CP-SAMPLE-DISTINCT",
    WARN,
    "B",
    remedy="Show the range of your messages.",
    source="Telnyx's 10DLC guide",
)
def samples_differ(campaign: Campaign) -> Iterator[Seen]:
    for (first, text), (second, other) in combinations(filled(campaign), 2):
        if folded(text) != folded(other) and _likeness(text, other) > ALIKE:
            yield Seen(f"This is nearly the same as sample {first[-1]}.", other, second)


def _likeness(one: str, other: str) -> float:
    """0 to 1: the share of neighbouring word pairs that two texts have in common."""
    pairs, others = set(pairwise(words(one))), set(pairwise(words(other)))
    return 2 * len(pairs & others) / (len(pairs) + len(others) or 1)


@rules.rule(
    "CP-SAMPLE-BRAND",
    BLOCK,
    "A",
    remedy="Begin each sample with the name under which people know the business.",
    source="Twilio's error 30893; Amazon's refusal code for sample mismatch",
)
def samples_name_the_business(campaign: Campaign) -> Iterator[Seen]:
    brand, samples = brand_of(campaign), list(filled(campaign))
    if brand is None or not samples:
        return
    nameless = [(field, text) for field, text in samples if not names_the_brand(brand, text)]
    everywhere = len(nameless) == len(samples)
    for field, text in nameless[:1] if everywhere else nameless:
        yield Seen(
            "No sample names the business." if everywhere else "This sample names no business.",
            text,
            field,
            severity=BLOCK if everywhere else WARN,
        )


@rules.rule(
    "CP-SAMPLE-STOP",
    BLOCK,
    "A",
    field="sample1",
    remedy="Add to a sample: “Reply STOP to opt out.”",
    source="Twilio's error 30893; carrier code 9106",
)
def a_sample_tells_how_to_stop(campaign: Campaign) -> Iterator[Seen]:
    if campaign.samples and not any(saying.opting_out(text) for text in campaign.samples):
        severity = INFO if is_only_codes(campaign) else WARN
        if campaign.usecase in MUST_SHOW_STOP:
            severity = BLOCK
        yield Seen("No sample tells people how to opt out.", severity=severity)


@rules.rule(
    "CP-SAMPLE-STOP-ALL",
    WARN,
    "B",
    remedy="Add: “Reply STOP to opt out.”",
    source="Telnyx's 10DLC guide; Sinch's 10DLC guide",
)
def each_marketing_sample_tells_how_to_stop(campaign: Campaign) -> Iterator[Seen]:
    if campaign.usecase == UseCase.MARKETING:
        silent = [found for found in filled(campaign) if not saying.opting_out(found[1])]
        if len(silent) < len(campaign.samples):
            for field, text in silent:
                yield Seen("This sample does not tell people how to opt out.", text, field)


@rules.rule(
    "CP-SAMPLE-ONLY-STOP",
    WARN,
    "B",
    remedy="Show a message as you will really send it; opt-in and opt-out replies have their own "
    "fields.",
    source="Twilio's troubleshooting page for campaigns",
)
def a_sample_is_no_mere_reply(campaign: Campaign) -> Iterator[Seen]:
    for field, text in filled(campaign):
        if ONLY_A_REPLY.search(folded(text)):
            yield Seen("This is a reply to an opt-in or opt-out, not a sample.", text, field)


@rules.rule(
    "CP-SAMPLE-DUMMY",
    BLOCK,
    "A",
    remedy="Write what people will really read. If a part varies, put an example of it.",
    source="Telnyx's 10DLC guide; Sinch's 10DLC guide",
)
def a_sample_is_real(campaign: Campaign) -> Iterator[Seen]:
    for field, text in filled(campaign):
        said = folded(without_names(brand_of(campaign), text))
        if GIBBERISH.search(said) or ONLY_A_TEST.fullmatch(said):
            yield Seen("This is a filler, not a message.", text, field)
        elif MENTIONS_A_TEST.search(said):
            yield Seen("This reads like a test, not like a message.", text, field, severity=WARN)
        elif match := TEMPLATE.search(text):
            yield Seen(
                "This sample holds a template's token.",
                match.group(),
                field,
                remedy="Put an example there, or the name of what varies in [square brackets].",
                severity=WARN,
            )
        elif len(PLACEHOLDER.findall(text)) > MOST_PLACEHOLDERS:
            yield Seen("This sample is mostly placeholders.", text, field, severity=WARN)


@rules.rule(
    "CP-SAMPLE-EMOJI",
    WARN,
    "C",
    remedy="Leave pictures out of the samples; you may send them later.",
    source="Bandwidth's guide to registering a campaign",
)
def a_sample_has_no_pictures(campaign: Campaign) -> Iterator[Seen]:
    for field, text in filled(campaign):
        if any(ord(sign) >= FIRST_PICTURE and unicodedata.category(sign) == "So" for sign in text):
            yield Seen("Emoji may break the registry's form.", text, field)


@rules.rule(
    "CP-FLAG-LINK",
    BLOCK,
    "A",
    field="embedded_link",
    remedy="Tick it if you ever send links, and show one in a sample. It cannot be changed later.",
    source="Plivo's page on declined campaigns; Telnyx's carrier code 601",
)
def the_link_flag_agrees_with_the_samples(campaign: Campaign) -> Iterator[Seen]:
    brand = brand_of(campaign)
    # A business may be called Acme.com.
    names = [name.lower() for name in brand.sender_names] if brand else []
    texts = list(filled(campaign))
    links = [(field, link) for field, text in texts for link in links_in(text)]
    found = [(field, link) for field, link in links if link.text.lower() not in names]
    if campaign.embedded_link:
        placeholder = any(LINK_PLACEHOLDER.search(text) for _, text in texts)
        if texts and not found and not placeholder:
            yield Seen("Messages are said to hold a link, but no sample has one.")
        return
    for field, link in found[:1]:
        yield Seen(
            f"Sample {field[-1]} holds a link, but messages are said to hold none.",
            link.text,
            # A bare acme.com may not have been meant as a link.
            severity=BLOCK if any(link.is_spelt_out for _, link in found) else WARN,
        )


@rules.rule(
    "CP-FLAG-PHONE",
    BLOCK,
    "A",
    field="embedded_phone",
    remedy="Tick it if you ever send phone numbers, and show one in a sample. It cannot be changed "
    "later.",
    source="Twilio's error 30889; Telnyx's carrier code 601",
)
def the_phone_flag_agrees_with_the_samples(campaign: Campaign) -> Iterator[Seen]:
    texts = list(filled(campaign))
    found = [(field, phone) for field, text in texts for phone in phones_in(text)]
    if campaign.embedded_phone:
        placeholder = any(PHONE_PLACEHOLDER.search(text) for _, text in texts)
        if texts and not found and not placeholder:
            yield Seen("Messages are said to hold a phone number, but no sample has one.")
        return
    for field, phone in found[:1]:
        yield Seen(
            f"Sample {field[-1]} holds a phone number, but messages are said to hold none.", phone
        )
