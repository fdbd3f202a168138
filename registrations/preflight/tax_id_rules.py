"""What the registry looks for in a brand's tax id and its other ids.

A finding about a tax id never quotes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from registrations.models import Brand
from registrations.models.choices import AltBusinessIdType, EntityType
from registrations.preflight.data import DUMMY_EINS, EIN_PREFIXES
from registrations.preflight.finding import BLOCK, WARN
from registrations.preflight.rulebook import Rulebook, Seen

rules = Rulebook(Brand)

EIN_SHAPE = re.compile(r"\d{2}-?\d{7}")
SSN_SHAPE = re.compile(r"\d{3}[-\s]\d{2}[-\s]\d{4}")
TWO_LETTERS = re.compile(r"[A-Za-z]{2}")
FOREIGN_ID_SHAPE = re.compile(r"[A-Za-z0-9 ./-]+")
FOREIGN_ID_LENGTH = 21
ALT_ID_SHAPES = {
    AltBusinessIdType.DUNS: (re.compile(r"\d{2}-?\d{3}-?\d{4}"), "nine digits"),
    AltBusinessIdType.LEI: (re.compile(r"[A-Z0-9]{18}\d{2}"), "20 letters and digits"),
    AltBusinessIdType.GIIN: (
        re.compile(r"[A-Z0-9]{6}\.[A-Z0-9]{5}\.[A-Z]{2}\.\d{3}"),
        "19 characters such as 98Q96B.00000.LE.250",
    ),
}


def _is_person(brand: Brand) -> bool:
    return brand.entity_type == EntityType.INDIVIDUAL


def _is_american(brand: Brand) -> bool:
    return brand.ein_issuing_country.upper() == "US"


def _is_dummy(digits: str) -> bool:
    return digits in DUMMY_EINS or (digits.isdigit() and len(set(digits)) == 1)


def _looks_like_ssn(ein: str) -> bool:
    return bool(SSN_SHAPE.fullmatch(ein.strip()))


@rules.rule(
    "BR-EIN-REQUIRED",
    BLOCK,
    "A",
    field="ein",
    remedy="Give the tax id of the company. A person without one registers as an individual.",
    source="The registry's API description; Plivo's profile page",
)
def an_organization_has_a_tax_id(brand: Brand) -> Iterator[Seen]:
    if not _is_person(brand) and not brand.ein_digits:
        yield Seen("The tax id is missing.")


@rules.rule(
    "BR-EIN-LOOKS-SSN",
    BLOCK,
    "B",
    field="ein",
    remedy="Never send a social security number: get an EIN from the IRS, which is free.",
    source="Twilio's error pages 30795 and 30799",
)
def a_tax_id_is_no_social_security_number(brand: Brand) -> Iterator[Seen]:
    if _looks_like_ssn(brand.ein):
        yield Seen("This has the shape of a personal social security number.")


@rules.rule(
    "BR-EIN-FORMAT-US",
    BLOCK,
    "A",
    field="ein",
    remedy="Write nine digits, with a hyphen after the second: 12-3456789.",
    source="The registry's API description",
)
def an_american_tax_id_has_nine_digits(brand: Brand) -> Iterator[Seen]:
    ein = brand.ein.strip()
    if not ein or not _is_american(brand) or _is_person(brand):
        return
    if not EIN_SHAPE.fullmatch(ein) and not _looks_like_ssn(ein):
        yield Seen("A US tax id has exactly nine digits.")


@rules.rule(
    "BR-EIN-DUMMY",
    BLOCK,
    "A",
    field="ein",
    remedy="Enter the number on the tax letter.",
    source="Self-evident",
)
def a_tax_id_is_no_placeholder(brand: Brand) -> Iterator[Seen]:
    if brand.ein_digits and _is_dummy(brand.ein_digits):
        yield Seen("This tax id is a placeholder.")


@rules.rule(
    "BR-EIN-PREFIX-US",
    WARN,
    "B",
    field="ein",
    remedy="Check the letter for a typing slip. Brand-new numbers may be right nevertheless.",
    source="irs.gov, valid EIN prefixes",
)
def a_tax_id_begins_as_the_irs_begins_them(brand: Brand) -> Iterator[Seen]:
    digits = brand.ein_digits
    if not _is_american(brand) or not EIN_SHAPE.fullmatch(digits) or _is_dummy(digits):
        return
    if digits[:2] not in EIN_PREFIXES:
        yield Seen(f"No IRS office issues tax ids that begin with {digits[:2]}.")


@rules.rule(
    "BR-EIN-COUNTRY",
    BLOCK,
    "A",
    field="ein_issuing_country",
    remedy="Give the two letters of the country that issued the tax id, for example US.",
    source="Plivo's profile page; the registry's API description",
)
def a_tax_id_has_a_country(brand: Brand) -> Iterator[Seen]:
    if brand.ein and not TWO_LETTERS.fullmatch(brand.ein_issuing_country):
        yield Seen(
            "The country that issued the tax id is missing or not two letters.",
            brand.ein_issuing_country,
        )


@rules.rule(
    "BR-EIN-FOREIGN",
    WARN,
    "B",
    field="ein",
    remedy="Give the number of the national business register, at most 21 letters and digits.",
    source="Amazon's field table for 10DLC brands",
)
def a_foreign_tax_id_is_short_and_plain(brand: Brand) -> Iterator[Seen]:
    if brand.ein and not _is_american(brand):
        too_many = len(brand.ein_digits) > FOREIGN_ID_LENGTH
        if too_many or not FOREIGN_ID_SHAPE.fullmatch(brand.ein):
            yield Seen("This does not look like the number of a business register.")


@rules.rule(
    "BR-ALTID-NOT-EIN",
    BLOCK,
    "B",
    field="alt_business_id",
    remedy="Give the EIN. A D-U-N-S number does not replace it for a US brand.",
    source="Twilio's troubleshooting page for A2P brands",
)
def another_id_does_not_replace_the_tax_id(brand: Brand) -> Iterator[Seen]:
    is_american = brand.country.upper() == "US" and not _is_person(brand)
    if is_american and brand.alt_business_id and not brand.ein_digits:
        yield Seen("A US organization gives another id, but no tax id.", brand.alt_business_id)


@rules.rule(
    "BR-ALTID-PAIR",
    WARN,
    "U",
    field="alt_business_id",
    remedy="Give the other id and its kind together, or neither.",
    source="Our reading of Plivo's profile page",
)
def another_id_comes_with_its_kind(brand: Brand) -> Iterator[Seen]:
    has_kind = brand.alt_business_id_type not in ("", AltBusinessIdType.NONE)
    if bool(brand.alt_business_id) != has_kind:
        yield Seen("The other business id and its kind do not go together.", brand.alt_business_id)


@rules.rule(
    "BR-ALTID-SHAPE",
    WARN,
    "B",
    field="alt_business_id",
    remedy="Check it for a typing slip, and check which kind of id it is.",
    source="Dun & Bradstreet (D-U-N-S), ISO 17442 (LEI), irs.gov (GIIN)",
)
def another_id_has_the_shape_of_its_kind(brand: Brand) -> Iterator[Seen]:
    shape = ALT_ID_SHAPES.get(brand.alt_business_id_type)  # type: ignore[call-overload]
    if shape and brand.alt_business_id:
        pattern, words_for_it = shape
        if not pattern.fullmatch(brand.alt_business_id):
            kind = AltBusinessIdType(brand.alt_business_id_type).label
            yield Seen(f"A {kind} has {words_for_it}.", brand.alt_business_id)
