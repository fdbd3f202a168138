"""What reviewers look for in a campaign as a whole: who, what for, and under which flags.

Where a source says "Plivo's campaign page" it is
https://www.plivo.com/docs/messaging/api/10dlc/campaign
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from registrations.models import Brand, Campaign
from registrations.models.choices import SUB_USE_CASES, EntityType, UseCase, Vertical
from registrations.preflight.data import ENGLISH_WORDS, OTHER_LANGUAGES_WORDS
from registrations.preflight.finding import BLOCK, INFO, WARN
from registrations.preflight.naming import names_the_brand
from registrations.preflight.reading import (
    folded,
    host_of,
    registrable,
    trouble_with_url,
    words,
)
from registrations.preflight.rulebook import Rulebook, Seen, too_long

rules = Rulebook(Campaign)

SAMPLES = ("sample1", "sample2", "sample3", "sample4", "sample5")
REPLIES = ("optin_message", "optout_message", "help_message")
TEXTS = ("description", "message_flow", *SAMPLES, *REPLIES)
FEWEST_KINDS, MOST_KINDS = 2, 5
DESCRIPTION_LENGTH = FLOW_LENGTH = 40
THIN_CHARACTERS = 100
THIN_WORDS = 15

AUDIENCE = re.compile(
    r"\b(?:customers?|clients?|members?|patients?|students?|employees?|users?|subscribers?|guests?"
    r"|residents?|parents?|tenants?|donors?|volunteers?|shoppers?|buyers?|visitors?|drivers?"
    r"|applicants?|homeowners?|attendees?|passengers?|people|persons?|staff|families|citizens"
    r"|account ?holders?|borrowers?|policyholders?|owners?|recipients?|consumers?|riders?)\b"
)
ENOUGH_WORDS = 5
NOT_LATIN = re.compile(r"[\u0370-\u1cff\u2c00-\ud7ff]")
LETTER = re.compile(r"[^\W\d_]")


def brand_of(campaign: Campaign) -> Brand | None:
    """The campaign's brand; a form that is half filled has none yet."""
    return getattr(campaign, "brand", None)


def kinds_of(campaign: Campaign) -> list[str]:
    """The use cases whose messages this campaign sends."""
    if campaign.is_compound:
        kinds = campaign.sub_usecases
        return [str(kind) for kind in kinds] if isinstance(kinds, list) else []
    return [campaign.usecase] if campaign.usecase else []


def is_only_codes(campaign: Campaign) -> bool:
    return kinds_of(campaign) == [UseCase.TWO_FACTOR]


@rules.rule(
    "CP-BRAND-READY",
    BLOCK,
    "A",
    field="brand",
    remedy="Wait until Plivo has confirmed that the brand is registered.",
    source="Plivo's campaign page; the registry's API description",
)
def the_brand_is_registered(campaign: Campaign) -> Iterator[Seen]:
    brand = brand_of(campaign)
    if brand is None:
        yield Seen("The brand is missing.", remedy="Choose the brand that sends.")
    elif not brand.is_confirmed_registered:
        yield Seen("The brand is not registered yet.", brand.name)


@rules.rule(
    "BR-VET-FIRST",
    WARN,
    "B",
    field="brand",
    remedy="Wait for the score if you need the throughput: it does not raise a campaign already "
    "made.",
    source="Amazon's and Convey's pages on brand vetting",
)
def a_score_comes_before_the_campaign(campaign: Campaign) -> Iterator[Seen]:
    brand = brand_of(campaign)
    if brand and brand.secondary_vetting and brand.vetting_score is None:
        yield Seen("The brand is still being scored by an outside agency.")


@rules.rule(
    "CP-USECASE-AUTHPLUS",
    INFO,
    "A",
    field="brand",
    remedy="See that the link in the registry's mail was clicked.",
    source="Twilio's error 30900; Bandwidth's page on Authentication+",
)
def a_public_company_authenticates_first(campaign: Campaign) -> Iterator[Seen]:
    brand = brand_of(campaign)
    if brand and brand.entity_type == EntityType.PUBLIC:
        yield Seen("A public company gets no campaign before it has authenticated itself.")


@rules.rule(
    "CP-FIELD-LENGTH",
    BLOCK,
    "A",
    remedy="Shorten it.",
    source="The registry's field limits, as Bandwidth and Amazon publish them",
)
def nothing_is_longer_than_its_limit(campaign: Campaign) -> Iterator[Seen]:
    yield from too_long(campaign)


@rules.rule(
    "CP-USECASE-OFFERED",
    BLOCK,
    "A",
    field="usecase",
    remedy="Choose the use case that fits the messages.",
    source="Plivo's campaign page",
)
def the_use_case_is_offered(campaign: Campaign) -> Iterator[Seen]:
    brand = brand_of(campaign)
    if campaign.usecase not in UseCase.values:
        yield Seen("The use case is missing, or Plivo does not offer it.", campaign.usecase)
    elif brand and brand.open_usecases and campaign.usecase not in brand.open_usecases:
        yield Seen("Plivo does not open this use case to the brand.", campaign.usecase)


@rules.rule(
    "CP-SUB-COUNT",
    BLOCK,
    "A",
    field="sub_usecases",
    remedy="Tick two to five kinds of messages.",
    source="Plivo's campaign page; the registry allows one for low volume",
)
def a_compound_use_case_has_two_to_five_kinds(campaign: Campaign) -> Iterator[Seen]:
    if not campaign.is_compound:
        if campaign.sub_usecases:
            yield Seen(
                "Only the mixed and low-volume use cases have kinds of messages.",
                severity=INFO,
                remedy="They will not be sent to Plivo.",
            )
        return
    count = len(kinds_of(campaign))
    if count == 1 and campaign.usecase == UseCase.LOW_VOLUME:
        yield Seen("Plivo asks for two kinds of messages at least.", severity=WARN)
    elif not FEWEST_KINDS <= count <= MOST_KINDS:
        yield Seen(f"This use case takes two to five kinds of messages, and has {count}.")


@rules.rule(
    "CP-SUB-VALID",
    BLOCK,
    "A",
    field="sub_usecases",
    remedy="Tick each kind once, and only kinds of the list.",
    source="Plivo's campaign page",
)
def each_kind_is_a_plain_use_case(campaign: Campaign) -> Iterator[Seen]:
    kinds = kinds_of(campaign)
    if not campaign.is_compound:
        return
    for kind in kinds:
        if kind not in dict(SUB_USE_CASES):
            yield Seen("This cannot be one of the kinds of messages.", kind)
    if len(set(kinds)) < len(kinds):
        yield Seen("A kind of message stands twice.")


@rules.rule(
    "CP-VERTICAL",
    BLOCK,
    "A",
    field="vertical",
    remedy="Choose the industry that fits best.",
    source="Plivo's campaign page",
)
def the_industry_is_of_the_list(campaign: Campaign) -> Iterator[Seen]:
    if campaign.vertical not in Vertical.values:
        yield Seen("The industry is missing or unknown.", campaign.vertical)


@rules.rule(
    "CP-DESC-LEN",
    BLOCK,
    "A",
    field="description",
    remedy="Say who sends what to whom, and why, in 40 characters at least.",
    source="Plivo's campaign page",
)
def the_description_says_enough(campaign: Campaign) -> Iterator[Seen]:
    if len(campaign.description.strip()) < DESCRIPTION_LENGTH:
        yield Seen("The description is missing or shorter than 40 characters.")


@rules.rule(
    "CP-DESC-THIN",
    WARN,
    "C",
    field="description",
    remedy="Say more: short descriptions are refused as vague.",
    source="The rule set of a public checking tool",
)
def the_description_is_not_thin(campaign: Campaign) -> Iterator[Seen]:
    text = campaign.description.strip()
    is_thin = len(text) < THIN_CHARACTERS or len(words(text)) < THIN_WORDS
    if is_thin and len(text) >= DESCRIPTION_LENGTH:
        yield Seen("The description is short.", text)


@rules.rule(
    "CP-DESC-PARTS",
    WARN,
    "B",
    field="description",
    remedy="Write: “<Business> sends <kind of message> to <people> who <agreed where>, so that "
    "<purpose>.”",
    source="Twilio's error 30886; Amazon's page on refused registrations",
)
def the_description_says_who_and_to_whom(campaign: Campaign) -> Iterator[Seen]:
    brand, text = brand_of(campaign), campaign.description
    if len(text.strip()) < DESCRIPTION_LENGTH:
        return
    if brand and not names_the_brand(brand, text):
        yield Seen("The description does not name the business.", text)
    if not AUDIENCE.search(folded(text)):
        yield Seen("The description does not say who gets the messages.", text)


@rules.rule(
    "CP-DESC-RESTATES",
    WARN,
    "B",
    field="description",
    remedy="Describe this program, not the category.",
    source="Twilio's error 30886",
)
def the_description_is_no_use_case_name(campaign: Campaign) -> Iterator[Seen]:
    said = set(words(campaign.description))
    label = dict(UseCase.choices).get(campaign.usecase, "")
    named = set(words(f"{campaign.usecase.replace('_', ' ')} {label}"))
    filler = {"this", "campaign", "is", "for", "the", "a", "messages", "sms", "will", "be", "used"}
    filler |= {"to", "send", "text", "our", "customers", "of", "we", "use", "case"}
    if said and not said - named - filler:
        yield Seen("The description only repeats the use case.", campaign.description)


@rules.rule(
    "CP-FLAGS-TRUE",
    BLOCK,
    "A",
    remedy="Tick it once your program does it. No campaign is approved without.",
    source="Plivo's campaign page; Amazon's field table",
)
def people_can_agree_stop_and_get_help(campaign: Campaign) -> Iterator[Seen]:
    if not campaign.subscriber_optin:
        yield Seen("People must opt in before the first message.", field="subscriber_optin")
    if not campaign.subscriber_optout:
        # The registry lets pure one-time codes do without.
        yield Seen(
            "People must be able to opt out at any time.",
            field="subscriber_optout",
            severity=WARN if is_only_codes(campaign) else BLOCK,
        )
    if not campaign.subscriber_help:
        yield Seen("People who ask for help must get it.", field="subscriber_help")


@rules.rule(
    "CP-FLAG-AFFILIATE",
    BLOCK,
    "A",
    field="affiliate_marketing",
    remedy="Carriers approve no affiliate marketing: do not send it by ten-digit numbers.",
    source="Telnyx's carrier code 708; Amazon's page on refused registrations",
)
def there_is_no_affiliate_marketing(campaign: Campaign) -> Iterator[Seen]:
    if campaign.affiliate_marketing:
        yield Seen("The campaign is declared as affiliate marketing.")


@rules.rule(
    "CP-POLICY-LINKS",
    BLOCK,
    "A",
    remedy="Publish both on the business's own website and give their https addresses.",
    source="Plivo's campaign page; Telnyx's carrier code 805; Twilio's errors 30882 and 30908",
)
def the_policies_are_public(campaign: Campaign) -> Iterator[Seen]:
    brand = brand_of(campaign)
    site = registrable(host_of(brand.website)) if brand else ""
    for field, name in (
        ("privacy_policy_link", "privacy policy"),
        ("terms_and_conditions_link", "terms and conditions"),
    ):
        link = getattr(campaign, field).strip()
        if not link:
            yield Seen(f"The link to the {name} is missing.", field=field, severity=WARN)
        elif trouble := trouble_with_url(link):
            yield Seen(f"The link to the {name} {trouble}.", link, field)
        elif site and registrable(host_of(link)) != site:
            yield Seen(
                f"The link to the {name} leads away from the brand's website.",
                link,
                field,
                severity=WARN,
            )


@rules.rule(
    "CP-DUP-TEXT",
    BLOCK,
    "B",
    remedy="Each field answers its own question: write this one anew.",
    source="Amazon's refusal code for reused templates",
)
def no_text_stands_in_two_fields(campaign: Campaign) -> Iterator[Seen]:
    fields_by_text = defaultdict(list)
    for field in TEXTS:
        if text := folded(getattr(campaign, field)):
            fields_by_text[text].append(field)
    for text, (first, *others) in fields_by_text.items():
        for field in others:
            label = campaign._meta.get_field(first).verbose_name  # type: ignore[union-attr]
            yield Seen(f"This is the same text as “{label}”.", text, field)


@rules.rule(
    "CP-ENGLISH",
    BLOCK,
    "A",
    remedy="Write in English. Beside a sample in another language put its translation.",
    source="Twilio's error 30910; Telnyx's carrier code 506",
)
def everything_is_in_english(campaign: Campaign) -> Iterator[Seen]:
    for field in TEXTS:
        text = getattr(campaign, field)
        spoken = words(text)
        foreign = sum(word in OTHER_LANGUAGES_WORDS for word in spoken)
        english = sum(word in ENGLISH_WORDS for word in spoken)
        letters, not_latin = len(LETTER.findall(text)), len(NOT_LATIN.findall(text))
        if not_latin > letters / 2:
            told_to_people = field in ("description", "message_flow")
            yield Seen(
                "This is not in English.",
                text,
                field,
                severity=BLOCK if told_to_people else WARN,
            )
        elif foreign >= ENOUGH_WORDS and foreign > 2 * english:
            yield Seen("This seems not to be in English.", text, field, severity=WARN)
