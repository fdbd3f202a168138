"""Rules that compare a registration with its neighbours.

They work for a registration that has not been saved yet. What belongs to another organization is
never named: to this one it does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Count, Q, QuerySet

from registrations.lifecycle import Status
from registrations.models import Brand, Campaign, NumberLink
from registrations.models.choices import EntityType
from registrations.models.number_link import HOLDING
from registrations.models.secret import blind_index
from registrations.preflight.campaign_rules import brand_of, kinds_of
from registrations.preflight.finding import BLOCK, WARN
from registrations.preflight.naming import core_words, short_names
from registrations.preflight.reading import words
from registrations.preflight.rulebook import Rulebook, Seen
from registrations.preflight.sample_rules import filled

brand_rules = Rulebook(Brand)
campaign_rules = Rulebook(Campaign)
number_rules = Rulebook(NumberLink)

CAMPAIGNS_PER_BRAND = 100
ALIKE = 0.8
# These do not live at the registry: not yet, or not any more.
NOT_ALIVE = (Status.DRAFT, Status.REFUSED, Status.DEACTIVATED, Status.EXPIRED)


def live_brands_beside(brand: Brand) -> QuerySet[Brand]:
    return Brand.objects.exclude(pk=brand.pk).exclude(status__in=NOT_ALIVE)


def live_campaigns_beside(campaign: Campaign) -> QuerySet[Campaign]:
    """The brand's other campaigns."""
    others = Campaign.objects.exclude(pk=campaign.pk).exclude(status__in=NOT_ALIVE)
    return others.filter(brand=campaign.brand_id)


class NumbersHeld:
    """Which numbers are held now, as far as the rules ask: two questions, however many numbers.

    Of several links that are asked for at once, each that is found good joins, and the next one is
    judged beside it too.
    """

    def __init__(self, campaign: Campaign, numbers: Iterable[str]) -> None:
        held = NumberLink.objects.filter(status__in=HOLDING)
        same = held.filter(account=campaign.account_id, number__in=set(numbers))
        self.by_number = {link.number: link for link in same.select_related("campaign")}
        totals = held.filter(campaign__brand=campaign.brand_id).aggregate(
            of_brand=Count("pk"), on_campaign=Count("pk", filter=Q(campaign=campaign.pk))
        )
        self.of_brand: int = totals["of_brand"]
        self.on_campaign: int = totals["on_campaign"]

    def join(self, link: NumberLink) -> None:
        self.by_number[link.number] = link
        self.of_brand += 1
        self.on_campaign += 1

    def leave(self, link: NumberLink) -> None:
        del self.by_number[link.number]
        self.of_brand -= 1
        self.on_campaign -= 1


def _held_beside(link: NumberLink, held: NumbersHeld | None) -> NumbersHeld | None:
    """What is held beside a link that is asked for; None if it holds its number already."""
    if link.pk is not None and link.status in HOLDING:
        return None
    return held or NumbersHeld(link.campaign, [link.number])


@brand_rules.rule(
    "BR-EIN-DUP-LOCAL",
    WARN,
    "A",
    field="ein",
    remedy="One legal entity, one brand: use the existing one. If two are truly needed, be ready "
    "to tell reviewers why.",
    source="Telnyx's carrier code 711; Twilio's error 30898",
)
def one_legal_entity_has_one_brand(brand: Brand) -> Iterator[Seen]:
    if not brand.ein_digits:
        return
    twins = live_brands_beside(brand).filter(ein_index=blind_index(brand.ein_digits))
    ours = twins.filter(organization=brand.organization_id).first()
    if ours:
        yield Seen(f"{ours} has this tax id already.")
    elif twins.exists():
        yield Seen("Another brand has this tax id already.")


@brand_rules.rule(
    "BR-FIELD-DUP-LOCAL",
    WARN,
    "B",
    remedy="Two registrations with the same value may collide: use the existing brand, or check "
    "which value is right.",
    source="Twilio's error 30703",
)
def brands_do_not_share_their_particulars(brand: Brand) -> Iterator[Seen]:
    fields = ("company_name", "website", "contact_email", "stock_symbol")
    given = {field: value for field in fields if (value := getattr(brand, field).strip())}
    ours = live_brands_beside(brand).filter(organization=brand.organization_id)
    for field, value in given.items():
        if twin := ours.filter(**{f"{field}__iexact": value}).first():
            yield Seen(f"{twin} has the same value here.", value, field)


@campaign_rules.rule(
    "CP-BRAND-100",
    BLOCK,
    "B",
    field="brand",
    remedy="Deactivate campaigns that are not used.",
    source="Twilio's error 30930",
)
def a_brand_has_at_most_a_hundred_campaigns(campaign: Campaign) -> Iterator[Seen]:
    if campaign.brand_id and live_campaigns_beside(campaign).count() >= CAMPAIGNS_PER_BRAND:
        yield Seen(f"The brand has {CAMPAIGNS_PER_BRAND} campaigns already.")


@campaign_rules.rule(
    "CP-SP-ONE",
    BLOCK,
    "A",
    field="brand",
    remedy="Deactivate the other campaign, or register a company with an EIN.",
    source="Telnyx's sole-proprietor guide; Twilio's brand registration limits",
)
def an_individual_has_one_campaign(campaign: Campaign) -> Iterator[Seen]:
    brand = brand_of(campaign)
    if not brand or not brand.pk or brand.entity_type != EntityType.INDIVIDUAL:
        return
    if other := live_campaigns_beside(campaign).first():
        yield Seen(f"An individual has one campaign, and this one has {other}.")


@campaign_rules.rule(
    "CP-SAMPLE-OTHERBRAND",
    WARN,
    "A",
    remedy="One campaign, one brand: name only the business whose messages these are.",
    source="Amazon's refusal code for several brands; Telnyx's carrier code 603",
)
def samples_name_no_other_brand(campaign: Campaign) -> Iterator[Seen]:
    brand = brand_of(campaign)
    if brand is None or not campaign.organization_id or not campaign.samples:
        return
    own = short_names(brand)
    others = Brand.objects.filter(organization=campaign.organization_id).exclude(pk=brand.pk)
    names = {
        " ".join(core_words(name)): name
        for pair in others.values_list("doing_business_as", "company_name")
        for name in pair
    }
    for field, text in filled(campaign):
        said = f" {' '.join(words(text))} "
        for core, name in names.items():
            if core and core.replace(" ", "") not in own and f" {core} " in said:
                yield Seen(f"This sample names another brand, {name}.", text, field)


@campaign_rules.rule(
    "LC-DUP-CAMPAIGN",
    WARN,
    "A",
    remedy="Use the existing campaign: several of the same kind look like a way around limits.",
    source="Amazon's refusal code for several campaigns; Telnyx's 10DLC guide",
)
def campaigns_do_not_repeat_each_other(campaign: Campaign) -> Iterator[Seen]:
    if not campaign.brand_id or not kinds_of(campaign):
        return
    said = set(words(campaign.description))
    for other in live_campaigns_beside(campaign).filter(usecase=campaign.usecase):
        theirs = set(words(other.description))
        alike = len(said & theirs) > ALIKE * len(said | theirs)
        if alike and set(kinds_of(other)) == set(kinds_of(campaign)):
            yield Seen(f"{other} is nearly the same.", field="description")


@campaign_rules.rule(
    "LC-EDIT-NOT-NEW",
    WARN,
    "A",
    field="usecase",
    remedy="Correct the rejected campaign, unless its use case or one of its flags was at fault.",
    source="Plivo's page on declined campaigns",
)
def a_rejected_campaign_is_corrected(campaign: Campaign) -> Iterator[Seen]:
    if campaign.brand_id and not campaign.plivo_id and campaign.usecase:
        rejected = Q(status=Status.REJECTED, usecase=campaign.usecase)
        if other := live_campaigns_beside(campaign).filter(rejected).first():
            yield Seen(f"{other} has the same use case, was rejected, and can be corrected.")


@number_rules.rule(
    "NM-ONE-CAMPAIGN",
    BLOCK,
    "A",
    field="number",
    remedy="Unlink it there first, and wait until Plivo says that it is done.",
    source="Plivo's campaign page",
)
def a_number_is_on_one_campaign(
    link: NumberLink, held: NumbersHeld | None = None
) -> Iterator[Seen]:
    held = _held_beside(link, held)
    if held and link.number in held.by_number:
        yield Seen(f"“{link.number}” is on a campaign, or on its way to or from one.", link.number)


@number_rules.rule(
    "NM-LIMIT-49",
    BLOCK,
    "A",
    field="number",
    remedy="Unlink a number that is not used, or ask Plivo for a number pool.",
    source="Plivo's campaign numbers page: number_pool_limit",
)
def a_campaign_is_not_overfull(link: NumberLink, held: NumbersHeld | None = None) -> Iterator[Seen]:
    limit = link.campaign.number_pool_limit
    held = _held_beside(link, held)
    if held and held.on_campaign >= limit:
        yield Seen(f"The campaign has {limit} numbers already, which is its limit.")


@number_rules.rule(
    "NM-SP-1",
    BLOCK,
    "A",
    field="number",
    remedy="Unlink the other number, or register a company with an EIN.",
    source="Telnyx's sole-proprietor guide",
)
def an_individual_has_one_number(
    link: NumberLink, held: NumbersHeld | None = None
) -> Iterator[Seen]:
    if link.campaign.brand.entity_type != EntityType.INDIVIDUAL:
        return
    held = _held_beside(link, held)
    if held and held.of_brand:
        yield Seen("An individual has one number, and this one has it already.")
