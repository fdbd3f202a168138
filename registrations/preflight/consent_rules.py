"""What reviewers look for in the story of how people agree: the most frequent cause of refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from registrations.models import Campaign
from registrations.models.choices import UseCase
from registrations.preflight import saying
from registrations.preflight.campaign_rules import FLOW_LENGTH, brand_of, is_only_codes, kinds_of
from registrations.preflight.finding import BLOCK, WARN
from registrations.preflight.naming import names_the_brand
from registrations.preflight.reading import folded, is_negated, links_in, sentences
from registrations.preflight.rulebook import Rulebook, Seen

rules = Rulebook(Campaign)

WEB = re.compile(
    r"\b(?:web ?sites?|web|online|web ?pages?|landing page|checkout|(?:sign[- ]?up|contact|order"
    r"|registration|booking|enrol?lment|intake|application|opt-in) (?:web ?)?(?:forms?|pages?))\b"
)
KEYWORD = re.compile(
    r"\b(?:keywords?|(?:text|texts|texting|send|sends|sending)\s(?:the word\s)?[\"']?\w{2,20}[\"']?"
    r"\sto\b|texts? us)"
)
GATED = re.compile(
    r"\b(?:log(?:ged|ging|s)?[- ]?in|portal|mobile app|app|ios|android|paper|printed|password"
    r"|not (?:yet )?live|coming soon)\b"
)
QR = re.compile(r"\bqr\b")
VERBAL = re.compile(
    r"\b(?:verbal(?:ly)?|oral(?:ly)?|over the (?:tele)?phone|by (?:tele)?phone|phone call"
    r"|on (?:a|the) call|spoken|call center)\b"
)
OTHER_METHODS = re.compile(
    r"\b(?:forms?|in[- ]person|in[- ]store|point of sale|pos|kiosk|counter|reception|front desk"
    r"|site|page|account|sign(?:s|ed|ing)?[- ]?up|enrol\w{0,8}|regist\w{1,8}|agreement|contract"
    r"|lease|application|tablet|call|email|e-mail)\b"
)
QUOTED = re.compile(r"\"[^\"]{40,}\"")
CHOICE = re.compile(
    r"\b(?:box|boxes|checkbox\w{0,2}|tick\w{0,3}|check(?:s|ed|ing)?|select\w{0,3}|toggle\w{0,1}"
    r"|repl(?:y|ies|ying) (?:with )?[\"']?(?:yes|y|start|join)|signs?|signature|signed|written"
    r"|verbal\w{0,2}|keyword|optional\w{0,2}|button|switch|choose\w{0,1}|opt(?:s|ed|ing)?[- ]in)\b"
)
BY_GIVING_A_NUMBER = re.compile(
    r"\bby (?:providing|giving|entering|submitting|supplying|sharing|leaving)\b.{0,80}"
    r"\b(?:agree|consent|opt|accept|authoriz)"
)
AUTOMATIC = re.compile(
    r"\b(?:automatically|by default|are all) (?:\w+ ){0,2}(?:enrolled|added|subscribed|opted[- ]in)"
)
ASKS_BY_TEXT = re.compile(
    r"\b(?:text|texts|message|sms)\b.{0,60}\b(?:asks?|asking|requests?|requesting)\b.{0,40}"
    r"\b(?:consent|permission|opt[- ]?in)\b"
)
SOMEBODY_ELSES_LIST = re.compile(
    r"""\b(?:purchas(?:e|ed|es|ing)|b(?:uy|uys|ought|uying)|rent(?:ed|ing)?|scrap(?:e|ed|ing))\b
            \ (?:\w+\ ){0,3}(?:lists?|leads?|numbers?|contacts?|data(?:base)?)\b
      | \b(?:purchased|bought|rented|scraped|third[- ]party)\ (?:\w+\ ){0,2}
            (?:lists?|leads?|numbers|contacts)\b
      | \bscraped\b | \bco-?registration\b
      | \blead\ (?:vendors?|providers?|aggregators?|brokers?|generation|generators?|sellers?)\b
      | \bdata\ (?:brokers?|vendors?)\b
      | \b(?:numbers?|contacts?|leads?|lists?|opt-ins?|consents?)\ (?:\w+\ ){0,4}
            (?:from|by|through)\ (?:\w+\ ){0,2}(?:partners|affiliates|third[- ]part(?:y|ies))\b""",
    re.VERBOSE,
)
MARKETING = re.compile(
    r"\b(?:marketing|promo\w{0,8}|offers?|deals?|discounts?|sales?|newsletters?|specials?|coupons?"
    r"|advertis\w{1,6}|rewards?|new arrivals|savings)\b"
)
PURPOSE = re.compile(
    r"\b(?:alerts?|reminders?|codes?|passcodes?|otps?|notif\w{1,10}|updates?|appointments?"
    r"|verif\w{1,9}|authenticat\w{1,4}|deliver\w{1,4}|orders?|support|accounts?|security|fraud"
    r"|confirmations?|information\w{0,2}|announcements?|news|schedul\w{1,4}|shipping|shipments?"
    r"|billing|payments?|service|care|surveys?|polls?|tips|emergenc\w{1,3}|outages?|bookings?"
    r"|reservations?|events?|classes|invoices?|receipts?|status|results?|refills?|prescriptions?"
    r"|notices?|about|regarding|questions|conversations?|log-?ins?|sign-?ins?)\b"
)
NOT_A_CONDITION = re.compile(
    r"\bnot (?:\w+ ){0,3}(?:conditions?|required|requirement|necessary|needed)\b|\boptional\b"
    r"|\bwithout (?:\w+ ){0,3}(?:agreeing|consent\w{0,3}|opting)|\bno purchase\b|\bvoluntar"
)


def flow_of(campaign: Campaign) -> str:
    """How people agree, folded; "" while it is too short to be judged."""
    text = campaign.message_flow.strip()
    return folded(text) if len(text) >= FLOW_LENGTH else ""


@rules.rule(
    "CP-FLOW-LEN",
    BLOCK,
    "A",
    field="message_flow",
    remedy="Tell step by step how a person agrees, in 40 characters at least.",
    source="Plivo's campaign page",
)
def the_flow_is_told(campaign: Campaign) -> Iterator[Seen]:
    if not flow_of(campaign):
        yield Seen("How people agree is missing or shorter than 40 characters.")


@rules.rule(
    "CN-METHOD-NAMED",
    BLOCK,
    "A",
    field="message_flow",
    remedy="Say where a person signs up: a web form, a keyword, a paper form, a call, a counter or "
    "an app.",
    source="Telnyx's carrier code 806; Twilio's errors 30896 and 30909",
)
def a_way_to_sign_up_is_named(campaign: Campaign) -> Iterator[Seen]:
    flow = flow_of(campaign)
    ways = (WEB, KEYWORD, GATED, QR, VERBAL, OTHER_METHODS)
    if flow and not links_in(flow) and not any(way.search(flow) for way in ways):
        yield Seen("The text does not say where people sign up.", campaign.message_flow)


@rules.rule(
    "CN-WEB-URL",
    BLOCK,
    "A",
    field="message_flow",
    remedy="Paste the https address of the page with the form. If it needs a login or is not live, "
    "put a screenshot at a public address and paste that.",
    source="Bandwidth's code 2120; Twilio's errors 30543 and 30891",
)
def the_web_form_is_linked(campaign: Campaign) -> Iterator[Seen]:
    flow = flow_of(campaign)
    if WEB.search(flow) and not links_in(flow):
        another_way = KEYWORD.search(flow) or GATED.search(flow) or VERBAL.search(flow)
        yield Seen(
            "People sign up on the web, but the page's address is missing.",
            campaign.message_flow,
            severity=WARN if another_way else BLOCK,
        )


@rules.rule(
    "CN-GATED-EVIDENCE",
    WARN,
    "A",
    field="message_flow",
    remedy="Put a screenshot, the paper form or the script at a public address and paste that.",
    source="Twilio's error 30909; Amazon's page on refused registrations",
)
def what_reviewers_cannot_open_is_shown(campaign: Campaign) -> Iterator[Seen]:
    flow = flow_of(campaign)
    if GATED.search(flow) and not links_in(flow):
        yield Seen("Reviewers cannot open this place, and nothing shows it.", campaign.message_flow)


@rules.rule(
    "CN-QR",
    WARN,
    "A",
    field="message_flow",
    remedy="Give the address of the page behind the code.",
    source="Twilio's error 30909",
)
def the_page_behind_a_qr_code_is_linked(campaign: Campaign) -> Iterator[Seen]:
    flow = flow_of(campaign)
    if QR.search(flow) and not links_in(flow) and not KEYWORD.search(flow):
        yield Seen("Reviewers cannot scan the QR code.", campaign.message_flow)


@rules.rule(
    "CN-VERBAL",
    WARN,
    "A",
    field="message_flow",
    remedy="Quote the script with all that is told: frequency, rates, STOP and HELP.",
    source="Telnyx's page on carrier code 806",
)
def the_spoken_script_is_quoted(campaign: Campaign) -> Iterator[Seen]:
    flow = flow_of(campaign)
    if VERBAL.search(flow) and not QUOTED.search(flow):
        yield Seen("People agree by word of mouth, but the words are missing.")


@rules.rule(
    "CN-TEXT-FREQ",
    BLOCK,
    "A",
    field="message_flow",
    remedy="Add to the form and to this text how often messages come: “Message frequency varies.”",
    source="Twilio's error 30545; Telnyx's carrier code 806; Sinch's code CR4005",
)
def people_are_told_how_often(campaign: Campaign) -> Iterator[Seen]:
    flow = flow_of(campaign)
    if flow and not saying.frequency(flow):
        yield Seen("The text does not say how often messages come.")


@rules.rule(
    "CN-TEXT-RATES",
    BLOCK,
    "A",
    field="message_flow",
    remedy="Add to the form and to this text: “Message and data rates may apply.”",
    source="Twilio's error 30569; Telnyx's carrier code 806; Sinch's code CR4006",
)
def people_are_told_what_it_costs(campaign: Campaign) -> Iterator[Seen]:
    if flow_of(campaign) and not saying.rates(campaign.message_flow):
        yield Seen("The text does not say that message and data rates may apply.")


@rules.rule(
    "CN-TEXT-STOP",
    BLOCK,
    "A",
    field="message_flow",
    remedy="Add to the form and to this text: “Reply STOP to opt out.”",
    source="Sinch's codes CR4003 and CR4004; Telnyx's carrier code 806; Twilio's error 30570",
)
def people_are_told_how_to_stop(campaign: Campaign) -> Iterator[Seen]:
    if flow_of(campaign) and not saying.opting_out(campaign.message_flow):
        yield Seen(
            "The text does not say how people opt out.",
            severity=WARN if is_only_codes(campaign) else BLOCK,
        )


@rules.rule(
    "CN-TEXT-HELP",
    BLOCK,
    "A",
    field="message_flow",
    remedy="Add to the form and to this text: “Reply HELP for help.”",
    source="Sinch's codes CR4003 and CR4004; Telnyx's carrier code 806; Twilio's error 30570",
)
def people_are_told_how_to_get_help(campaign: Campaign) -> Iterator[Seen]:
    if flow_of(campaign) and not saying.getting_help(campaign.message_flow):
        yield Seen("The text does not say how people get help.")


@rules.rule(
    "CN-TEXT-BRAND",
    BLOCK,
    "A",
    field="message_flow",
    remedy="Name the business in the words people agree to.",
    source="Sinch's code CR4002; Amazon's page on refused registrations",
)
def people_are_told_who_writes(campaign: Campaign) -> Iterator[Seen]:
    brand = brand_of(campaign)
    if brand and flow_of(campaign) and not names_the_brand(brand, campaign.message_flow):
        yield Seen("The text does not name the business.", campaign.message_flow)


@rules.rule(
    "CN-TEXT-PURPOSE",
    BLOCK,
    "A",
    field="message_flow",
    remedy="Say what kind of messages people agree to; for marketing say “marketing”.",
    source="Twilio's error 30544; Telnyx's carrier codes 602 and 806",
)
def people_are_told_what_for(campaign: Campaign) -> Iterator[Seen]:
    flow = flow_of(campaign)
    if not flow:
        return
    if UseCase.MARKETING in kinds_of(campaign):
        if not MARKETING.search(flow):
            yield Seen("The text does not say that people agree to marketing.")
    elif not PURPOSE.search(flow) and not MARKETING.search(flow):
        yield Seen("The text does not say what kind of messages people agree to.")


@rules.rule(
    "CN-TEXT-SMS",
    BLOCK,
    "B",
    field="message_flow",
    remedy="Say “text messages” or “SMS”, not only “communications”.",
    source="Twilio's error 30551",
)
def people_are_told_that_it_is_by_text(campaign: Campaign) -> Iterator[Seen]:
    flow = flow_of(campaign)
    if flow and not saying.texting(flow):
        yield Seen("The text does not say that people agree to text messages.")


@rules.rule(
    "CN-TEXT-LINKS",
    BLOCK,
    "A",
    field="message_flow",
    remedy="Put links to both beside the form, mention them here, and fill in their fields.",
    source="Telnyx's carrier codes 805 and 806; Sinch's code CR4007",
)
def people_are_shown_the_policies(campaign: Campaign) -> Iterator[Seen]:
    flow = flow_of(campaign)
    if not flow:
        return
    for word, link, name in (
        ("privacy", campaign.privacy_policy_link, "privacy policy"),
        ("terms", campaign.terms_and_conditions_link, "terms"),
    ):
        if word not in flow and not link.strip():
            yield Seen(f"The text does not point to the {name}.")


@rules.rule(
    "CN-NOT-CONDITION",
    WARN,
    "B",
    field="message_flow",
    remedy="Add to the form and to this text: “Consent is not a condition of purchase.”",
    source="Telnyx's 10DLC guide",
)
def marketing_is_no_condition(campaign: Campaign) -> Iterator[Seen]:
    flow = flow_of(campaign)
    if flow and UseCase.MARKETING in kinds_of(campaign) and not NOT_A_CONDITION.search(flow):
        yield Seen("The text does not say that one can buy without agreeing to marketing.")


@rules.rule(
    "CN-PURCHASED-LIST",
    BLOCK,
    "A",
    field="message_flow",
    remedy="Text only people who asked you for it, themselves.",
    source="Telnyx's carrier code 708; Bandwidth's guide; Amazon's page on refused registrations",
)
def consent_is_given_to_the_business_itself(campaign: Campaign) -> Iterator[Seen]:
    for sentence in sentences(campaign.message_flow):
        if SOMEBODY_ELSES_LIST.search(sentence) and not is_negated(sentence):
            yield Seen("Numbers come from somebody else.", sentence)


@rules.rule(
    "CN-IMPLIED",
    WARN,
    "B",
    field="message_flow",
    remedy="Describe a choice of its own: an empty box that may stay empty, a keyword, a "
    "signature.",
    source="Telnyx's carrier code 803",
)
def agreeing_is_a_choice(campaign: Campaign) -> Iterator[Seen]:
    flow = flow_of(campaign)
    if is_only_codes(campaign) or CHOICE.search(flow):
        # For one-time codes a plain statement beside the number is published as enough.
        return
    if BY_GIVING_A_NUMBER.search(flow) or AUTOMATIC.search(flow):
        yield Seen("Giving a number is taken for agreeing.", campaign.message_flow)


@rules.rule(
    "CN-SMS-FIRST",
    WARN,
    "C",
    field="message_flow",
    remedy="Let people agree elsewhere first.",
    source="The rule set of a public checking tool",
)
def nobody_is_asked_by_text(campaign: Campaign) -> Iterator[Seen]:
    flow = flow_of(campaign)
    if ASKS_BY_TEXT.search(flow) and not CHOICE.search(flow) and not links_in(flow):
        yield Seen("The first message is the one that asks for consent.", campaign.message_flow)
