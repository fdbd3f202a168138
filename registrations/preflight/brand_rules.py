"""What the registry looks for in a brand: who is this, by law?

Where a source says "Plivo's profile page" it is
https://www.plivo.com/docs/messaging/api/10dlc/profile
"""

from __future__ import annotations

from collections.abc import Iterator

from registrations.models import Brand
from registrations.models.choices import (
    AltBusinessIdType,
    CustomerType,
    EntityType,
    Seniority,
    StockExchange,
    Vertical,
)
from registrations.preflight.data import (
    COMPANY_ONLY_FORMS,
    LEGAL_FORMS,
    OFFICIAL_SUFFIXES,
)
from registrations.preflight.finding import BLOCK, INFO, WARN
from registrations.preflight.naming import core_words, short_names
from registrations.preflight.reading import host_of, registrable, words
from registrations.preflight.rulebook import Rulebook, Seen, too_long

rules = Rulebook(Brand)

CLOSELY_REVIEWED = {
    Vertical.GAMBLING,
    Vertical.FINANCIAL,
    Vertical.INSURANCE,
    Vertical.REAL_ESTATE,
    Vertical.POLITICAL,
    Vertical.LEGAL,
}


def _is_person(brand: Brand) -> bool:
    return brand.entity_type == EntityType.INDIVIDUAL


@rules.rule(
    "BR-ENTITY-VALUE",
    BLOCK,
    "A",
    field="entity_type",
    remedy="Choose the legal form that your tax letter shows.",
    source="Plivo's profile page; the registry's API description",
)
def legal_form_is_one_of_five(brand: Brand) -> Iterator[Seen]:
    if brand.entity_type not in EntityType.values:
        yield Seen("The legal form is missing or unknown.", brand.entity_type)


@rules.rule(
    "BR-FIELD-VALUE",
    BLOCK,
    "A",
    remedy="Choose one of the list.",
    source="Plivo's profile page",
)
def choices_are_of_the_lists(brand: Brand) -> Iterator[Seen]:
    for field, allowed in (
        ("customer_type", CustomerType.values),
        ("contact_seniority", ["", *Seniority.values]),
        ("alt_business_id_type", ["", *AltBusinessIdType.values]),
    ):
        value = getattr(brand, field)
        if value not in allowed:
            yield Seen("Plivo does not know this choice.", str(value), field)


@rules.rule(
    "BR-FIELD-LENGTH",
    BLOCK,
    "A",
    remedy="Shorten it.",
    source="Field limits on Plivo's profile page and in its Go SDK",
)
def nothing_is_longer_than_its_limit(brand: Brand) -> Iterator[Seen]:
    yield from too_long(brand)


@rules.rule(
    "BR-NAME-REQUIRED",
    BLOCK,
    "A",
    field="company_name",
    remedy="Enter the legal name as the tax letter shows it, not the trade name.",
    source="Plivo's profile page",
)
def there_is_a_legal_name(brand: Brand) -> Iterator[Seen]:
    if not brand.company_name.strip():
        yield Seen("The legal company name is missing.")


@rules.rule(
    "BR-NAME-LEGAL-FORM",
    WARN,
    "B",
    field="company_name",
    remedy="Copy the name exactly as on the IRS letter CP 575 or 147C, legal ending included: "
    "“Acme” fails where the record says “Acme Inc.”.",
    source="Plivo's 10DLC help pages; another provider's registration guide",
)
def a_company_bears_its_legal_form(brand: Brand) -> Iterator[Seen]:
    name = words(brand.company_name.replace(".", ""))
    is_company = brand.entity_type in (EntityType.PRIVATE, EntityType.PUBLIC)
    if is_company and name and not LEGAL_FORMS.intersection(name):
        yield Seen("The legal name has no ending such as Inc., LLC or Corp.", brand.company_name)


@rules.rule(
    "BR-STOCK-REQUIRED",
    BLOCK,
    "A",
    field="stock_symbol",
    remedy="Give the ticker symbol and the exchange, or choose another legal form.",
    source="Plivo's profile page",
)
def a_public_company_names_its_stock(brand: Brand) -> Iterator[Seen]:
    if brand.entity_type == EntityType.PUBLIC:
        if not brand.stock_symbol.strip():
            yield Seen("A public company needs its stock symbol.")
        if brand.stock_exchange not in StockExchange.values:
            yield Seen(
                "A public company needs its stock exchange.", brand.stock_exchange, "stock_exchange"
            )


@rules.rule(
    "BR-STOCK-FORBIDDEN",
    INFO,
    "U",
    field="stock_symbol",
    remedy="It will not be sent to Plivo. If the company is public, choose that as its legal form.",
    source="Our inference",
)
def only_public_companies_have_stock(brand: Brand) -> Iterator[Seen]:
    if brand.entity_type != EntityType.PUBLIC and (brand.stock_symbol or brand.stock_exchange):
        yield Seen("Only a public company has a stock symbol.", brand.stock_symbol)


@rules.rule(
    "BR-VERTICAL",
    BLOCK,
    "A",
    field="vertical",
    remedy="Choose the industry that fits best.",
    source="Plivo's profile page",
)
def the_industry_is_of_the_list(brand: Brand) -> Iterator[Seen]:
    if brand.vertical not in Vertical.values:
        yield Seen("The industry is missing or unknown.", brand.vertical)


@rules.rule(
    "BR-VERTICAL-RISK",
    INFO,
    "U",
    field="vertical",
    remedy="Have licences and the pages about consent ready.",
    source="Our inference from published refusal codes",
)
def some_industries_are_reviewed_closely(brand: Brand) -> Iterator[Seen]:
    if brand.vertical in CLOSELY_REVIEWED:
        yield Seen(f"Carriers look closely at {Vertical(brand.vertical).label.lower()}.")


@rules.rule(
    "BR-DBA",
    WARN,
    "A",
    field="doing_business_as",
    remedy="If people know you by another name, fill in “doing business as” and then use that one "
    "name everywhere.",
    source="Telnyx's carrier code 603; Amazon's page on refused registrations",
)
def a_trade_name_is_declared(brand: Brand) -> Iterator[Seen]:
    host = host_of(brand.website).replace("-", "")
    label = registrable(host).partition(".")[0]
    parts = core_words(brand.company_name)
    if brand.doing_business_as or not host or not parts:
        return
    known = {*short_names(Brand(company_name=brand.company_name)), "".join(p[0] for p in parts)}
    if label not in known and not any(part in host or label in part for part in parts):
        yield Seen("The website bears another name than the company.", host)


@rules.rule(
    "BR-NONPROFIT-PROOF",
    INFO,
    "A",
    field="entity_type",
    remedy="Have the IRS determination letter ready.",
    source="The registry's API description",
)
def a_non_profit_can_prove_it(brand: Brand) -> Iterator[Seen]:
    if brand.entity_type == EntityType.NON_PROFIT:
        yield Seen("The registry checks whether the IRS lists a non-profit as tax-exempt.")


@rules.rule(
    "BR-GOV-PROOF",
    WARN,
    "B",
    field="entity_type",
    remedy="If it is not a government body choose its true form; else have a letter ready.",
    source="Plivo's help pages on refused brands",
)
def a_government_body_shows_it(brand: Brand) -> Iterator[Seen]:
    host = host_of(brand.website)
    if brand.entity_type == EntityType.GOVERNMENT and not host.endswith(OFFICIAL_SUFFIXES):
        yield Seen("A government body without a .gov, .us, .mil or .edu site is doubted.", host)


@rules.rule(
    "BR-SP-NOT-COMPANY",
    BLOCK,
    "A",
    field="entity_type",
    remedy="A company, and anybody with an EIN, registers as a company.",
    source="The registry's API description; Telnyx's carrier code 801",
)
def an_individual_is_no_company(brand: Brand) -> Iterator[Seen]:
    if not _is_person(brand):
        return
    if brand.ein_digits:
        yield Seen("An individual registers without a tax id.", field="ein")
    if COMPANY_ONLY_FORMS.intersection(words(brand.company_name.replace(".", ""))):
        yield Seen("This is a company's name.", brand.company_name, "company_name")


@rules.rule(
    "BR-SP-MOBILE",
    BLOCK,
    "B",
    field="contact_phone",
    remedy="Give your own mobile number: a code is sent to it.",
    source="Telnyx's sole-proprietor guide; Twilio's error 30751",
)
def an_individual_has_an_american_mobile(brand: Brand) -> Iterator[Seen]:
    if _is_person(brand) and brand.contact_phone.lstrip("+")[:1] not in ("", "1"):
        yield Seen("An individual needs a mobile number of the US or Canada.", brand.contact_phone)


@rules.rule(
    "BR-SP-PAUSED",
    WARN,
    "B",
    field="entity_type",
    remedy="Ask Plivo's support first, or get an EIN from the IRS, which is free.",
    source="Plivo's brand page: starter brands are paused since October 2022",
)
def plivo_has_paused_individuals(brand: Brand) -> Iterator[Seen]:
    if _is_person(brand):
        yield Seen("Plivo has paused the registration of individuals.")


@rules.rule(
    "BR-SP-LIMITS",
    INFO,
    "A",
    field="entity_type",
    remedy="If you will grow, get an EIN first.",
    source="The registry's API description; Telnyx's sole-proprietor guide",
)
def an_individual_stays_small(brand: Brand) -> Iterator[Seen]:
    if _is_person(brand):
        yield Seen("An individual has one campaign, one number and the lowest throughput.")
