"""Where a brand is, how it is reached, and its website."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from registrations.models import Brand
from registrations.models.choices import EntityType
from registrations.preflight.data import FREE_MAIL, ROLE_ADDRESSES, SOCIAL_HOSTS, US_STATES
from registrations.preflight.finding import BLOCK, INFO, WARN
from registrations.preflight.reading import (
    belongs_to,
    domain_of_email,
    host_of,
    registrable,
    trouble_with_url,
)
from registrations.preflight.rulebook import Rulebook, Seen

rules = Rulebook(Brand)

ADDRESS = ("street", "city", "state", "postal_code", "country")
PO_BOX = re.compile(r"\b(?:p\.?\s?o\.?\s?box|post office box|postal box|pmb)\b", re.IGNORECASE)
FIVE_DIGITS = re.compile(r"\d{5}")
# Plivo's own examples leave out the plus sign of American numbers.
E164 = re.compile(r"\+[1-9]\d{6,14}|1\d{10}")
# Numbers kept for films and examples: North American Numbering Plan, 555-0100 to 555-0199.
FICTION = re.compile(r"\+?1\d{3}55501\d{2}")


def _is_american(brand: Brand) -> bool:
    return brand.country.upper() == "US"


def _is_email(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def _site(brand: Brand) -> str:
    return registrable(host_of(brand.website))


@rules.rule(
    "BR-ADDR-COMPLETE",
    BLOCK,
    "A",
    remedy="Use the address that the tax authority has on file.",
    source="Plivo's profile page",
)
def the_address_is_complete(brand: Brand) -> Iterator[Seen]:
    for name in ADDRESS:
        if not getattr(brand, name).strip():
            label = str(brand._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            yield Seen(f"The {label} is missing from the address.", field=name)


@rules.rule(
    "BR-ADDR-COUNTRY",
    BLOCK,
    "B",
    field="country",
    remedy="Give the country's two letters (ISO 3166), for example US or GB.",
    source="Plivo's profile page; Twilio's error 30729",
)
def the_country_is_a_country(brand: Brand) -> Iterator[Seen]:
    if brand.country and brand.country.upper() not in phonenumbers.SUPPORTED_REGIONS:
        yield Seen("There is no country with this code.", brand.country)


@rules.rule(
    "BR-ADDR-STATE-US",
    BLOCK,
    "A",
    field="state",
    remedy="Give two letters, for example NY.",
    source="The registry's API description",
)
def an_american_state_has_two_letters(brand: Brand) -> Iterator[Seen]:
    state = brand.state.strip()
    if _is_american(brand) and state and state.upper() not in US_STATES:
        yield Seen("This is not the two-letter code of a US state.", state)


@rules.rule(
    "BR-ADDR-ZIP-US",
    WARN,
    "A",
    field="postal_code",
    remedy="Give the five-digit ZIP code.",
    source="The registry's API description",
)
def an_american_zip_has_five_digits(brand: Brand) -> Iterator[Seen]:
    code = brand.postal_code.strip()
    if _is_american(brand) and code and not FIVE_DIGITS.fullmatch(code):
        yield Seen("A US ZIP code has five digits here.", code)


@rules.rule(
    "BR-ADDR-POBOX",
    WARN,
    "B",
    field="street",
    remedy="Give the physical address.",
    source="Telnyx's 10DLC guide",
)
def the_address_is_no_box(brand: Brand) -> Iterator[Seen]:
    if PO_BOX.search(brand.street):
        yield Seen("A post-office box often cannot be verified.", brand.street)


@rules.rule(
    "BR-CONTACT-NAME",
    BLOCK,
    "A",
    remedy="Name somebody who can answer for the business.",
    source="Plivo's profile page; the registry's API description",
)
def somebody_is_named(brand: Brand) -> Iterator[Seen]:
    for name in ("contact_first_name", "contact_last_name"):
        if not getattr(brand, name).strip():
            label = str(brand._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            yield Seen(f"The {label} is missing.", field=name)


@rules.rule(
    "BR-PHONE-E164",
    BLOCK,
    "A",
    field="contact_phone",
    remedy="Write the plus sign, the country code and the number without blanks: +14155550100.",
    source="Plivo's profile page; ITU-T E.164",
)
def the_contact_has_a_telephone(brand: Brand) -> Iterator[Seen]:
    phone = brand.contact_phone.strip()
    if not phone:
        yield Seen("The contact's phone number is missing.")
        return
    number = _dialled(phone, brand.country)
    if number is None:
        yield Seen("This cannot be a telephone number.", phone)
    elif not E164.fullmatch(phone):
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        yield Seen(
            "The phone number is not in international form.", phone, remedy=f"Write {written}."
        )


def _dialled(phone: str, country: str) -> phonenumbers.PhoneNumber | None:
    """The number as the world dials it; `country` helps with one written as at home."""
    international = f"+{phone}" if E164.fullmatch(phone) and phone[0] != "+" else phone
    try:
        number = phonenumbers.parse(international, country.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


@rules.rule(
    "BR-PHONE-FICTION",
    WARN,
    "U",
    field="contact_phone",
    remedy="Reviewers call it: give a number that works.",
    source="Our inference",
)
def the_telephone_exists(brand: Brand) -> Iterator[Seen]:
    phone = brand.contact_phone.strip()
    number = _dialled(phone, brand.country) if phone else None
    if number is None:
        return
    if FICTION.fullmatch(phone) or not phonenumbers.is_valid_number(number):
        yield Seen("No operator has given out this number.", phone)


@rules.rule(
    "BR-EMAIL-FORMAT",
    BLOCK,
    "A",
    field="contact_email",
    remedy="Give the e-mail address of the contact, for example jo@acme.com.",
    source="Plivo's profile page",
)
def the_contact_has_an_email_address(brand: Brand) -> Iterator[Seen]:
    if not brand.contact_email.strip():
        yield Seen("The contact's e-mail address is missing.")
    elif not _is_email(brand.contact_email.strip()):
        yield Seen("This is not an e-mail address.", brand.contact_email)


@rules.rule(
    "BR-EMAIL-FREEMAIL",
    WARN,
    "A",
    field="contact_email",
    remedy="Use an address at the company's own domain; large companies are refused for this.",
    source="Sinch's code CR2001; Amazon's page on refused registrations; Telnyx's code 713",
)
def the_contact_writes_from_the_company(brand: Brand) -> Iterator[Seen]:
    is_free = domain_of_email(brand.contact_email) in FREE_MAIL
    if is_free and brand.entity_type != EntityType.INDIVIDUAL:
        yield Seen("This is an address at a free mail service.", brand.contact_email)


@rules.rule(
    "BR-EMAIL-SITE-MISMATCH",
    WARN,
    "A",
    field="contact_email",
    remedy="Use an address at the website's domain, or explain in the campaign's description how "
    "the two belong together.",
    source="Telnyx's 10DLC guide; Amazon's page on refused registrations",
)
def the_contact_writes_from_the_website(brand: Brand) -> Iterator[Seen]:
    domain = registrable(domain_of_email(brand.contact_email))
    if domain and _site(brand) and domain not in FREE_MAIL and domain != _site(brand):
        yield Seen(f"The e-mail is at {domain}, the website at {_site(brand)}.", domain)


@rules.rule(
    "BR-AUTHPLUS-EMAIL",
    BLOCK,
    "A",
    field="business_contact_email",
    remedy="Name somebody who works there, at the company's own domain: the registry mails a link "
    "that has to be clicked within seven days.",
    source="Plivo's profile page; Bandwidth's and Amazon's pages on Authentication+",
)
def a_public_company_is_reached_by_mail(brand: Brand) -> Iterator[Seen]:
    if brand.entity_type != EntityType.PUBLIC:
        return
    address = brand.business_contact_email.strip().lower()
    name, domain = address.partition("@")[0], domain_of_email(address)
    if not address:
        yield Seen("A public company needs an e-mail address for its authentication.")
    elif not _is_email(address):
        yield Seen("This is not an e-mail address.", address)
    elif domain in FREE_MAIL:
        yield Seen("This is an address at a free mail service.", address)
    elif name in ROLE_ADDRESSES:
        yield Seen("This address belongs to a desk, not to a person.", address)
    elif _site(brand) and registrable(domain) != _site(brand):
        yield Seen("This address is not at the website's domain.", address, severity=WARN)


@rules.rule(
    "BR-WEB-REQUIRED",
    WARN,
    "B",
    field="website",
    remedy="Give the home page. Without one, give a public page that shows the business.",
    source="Telnyx's code 804; Bandwidth's code 1100",
)
def the_business_has_a_website(brand: Brand) -> Iterator[Seen]:
    if not brand.website.strip() and brand.entity_type != EntityType.INDIVIDUAL:
        yield Seen("Reviewers look for the business on its website, and none is given.")


@rules.rule(
    "BR-WEB-HTTPS",
    BLOCK,
    "B",
    field="website",
    remedy="Give the https address of the public home page, for example https://acme.com.",
    source="Twilio's brand fields; Bandwidth's code 1103",
)
def the_website_is_public_and_secure(brand: Brand) -> Iterator[Seen]:
    if website := brand.website.strip():
        if trouble := trouble_with_url(website):
            # A password in the address is not for the eyes of others.
            yield Seen(f"This address {trouble}.", "" if "@" in website else website)
        elif website.lower().startswith("http://"):
            yield Seen("The website is not secured by https.", website, severity=WARN)


@rules.rule(
    "BR-WEB-SOCIAL",
    WARN,
    "B",
    field="website",
    remedy="Use a website of your own. Only individuals pass with a profile page.",
    source="Convey's list of refused sites; Amazon's page on refused registrations",
)
def the_website_is_ones_own(brand: Brand) -> Iterator[Seen]:
    host = host_of(brand.website)
    if brand.entity_type != EntityType.INDIVIDUAL and belongs_to(host, SOCIAL_HOSTS):
        yield Seen("This page belongs to a social network, a shop or a form service.", host)


@rules.rule(
    "BR-WEB-DEEP",
    INFO,
    "C",
    field="website",
    remedy="The home page works best for the brand.",
    source="Telnyx's 10DLC guide",
)
def the_website_is_the_home_page(brand: Brand) -> Iterator[Seen]:
    if host_of(brand.website) and brand.website.partition("://")[2].partition("/")[2]:
        yield Seen("This is not the home page.", brand.website)
