"""What is only at Plivo, what is only here, and what stands differently there and here."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from registrations.actions.ground import acting_as
from registrations.lifecycle import FINAL_WORDS, Cause, Kind, Status
from registrations.models import (
    AuditEntry,
    Brand,
    Campaign,
    NumberLink,
    Operation,
    Organization,
    PlivoAccount,
    Role,
    State,
    Submission,
)
from registrations.models.number_link import HOLDING
from registrations.models.submission import LIVE
from registrations.plivo.listing import Listing, ProfileThere, There

ADOPTERS = {Role.COMPLIANCE, Role.OPERATOR}
WHO_ADOPTS = "Compliance staff and operators adopt what was made outside the portal."

# How the first line of an adopted registration's trail begins: by this it is known again.
ADOPTED = "Adopted: {}."

# A link that stands so is the number's own row here; what it was before is over.
CURRENT_LINK = [*HOLDING, Status.LINK_FAILED]

# Last words, which nobody waits to see changed.
SETTLED = {Status.EXPIRED, Status.DEACTIVATED}.union(*FINAL_WORDS)


@dataclass(frozen=True)
class Offer:
    """Something that Plivo has and we have not.

    `obstacle` says what stands against adopting it, "" if nothing does. `owner` is the
    organization that it would belong to, where its brand is here already; `brand_id` is that of
    the brand at Plivo on which it hangs, and a brand's own. `made_by` is the registration whose
    request made it.
    """

    there: There
    brand_id: str = ""
    owner: Organization | None = None
    obstacle: str = ""
    made_by: Any = None

    @property
    def plivo_id(self) -> str:
        return self.there.plivo_id

    def is_seen_within(self, organization: Organization | None) -> bool:
        """Whether a caller of this one organization may know of it; None is one of all."""
        if organization is None:
            return True
        made_by_others = (
            self.made_by is not None and self.made_by.organization_id != organization.pk
        )
        return self.owner in (None, organization) and not made_by_others

    @property
    def status_label(self) -> str:
        return str(Status(self.there.status).label) if self.there.status else self.there.word


@dataclass(frozen=True)
class Drift:
    """A registration that Plivo has otherwise, in its word `there`; "" if it has it not at all."""

    registration: Any
    there: str

    @property
    def words(self) -> str:
        here = self.registration.get_status_display().lower()
        if not self.there:
            return f"We show {here}; Plivo does not list it."
        return f"We show {here}; Plivo says {self.there}."


@dataclass(frozen=True)
class Comparison:
    """One account, as Plivo's lists and our rows tell it.

    `unread` are the campaigns whose numbers there was no time to read.
    """

    account: PlivoAccount
    offers: list[Offer] = field(default_factory=list)
    drift: list[Drift] = field(default_factory=list)
    profiles: list[ProfileThere] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    @property
    def adoptable(self) -> list[Offer]:
        return [offer for offer in self.offers if not offer.obstacle]


def compare(
    account: PlivoAccount,
    *,
    by: Any,
    seconds: float = math.inf,
    within: Organization | None = None,
) -> Comparison:
    """Compare Plivo's lists with our rows of this account. Nothing is changed by it.

    Plivo is asked for so many seconds at most; raises CannotAsk if it gave no answer. With
    `within`, what belongs to another organization is left out, as if it did not exist.
    """
    acting_as(by, ADOPTERS, WHO_ADOPTS)
    begun = timezone.now()
    listing = Listing(account, seconds=seconds)
    profiles, brands, campaigns = listing.profiles, listing.brands, listing.campaigns
    numbers = listing.numbers(list(campaigns))
    found = [*brands.values(), *campaigns.values()]
    known = Known(account, found, codes={profile.code for profile in profiles.values()})
    found += [link for links in numbers.values() for link in links.values()]
    offers = [offer for there in found if (offer := known.offer(there)) is not None]
    return Comparison(
        account=account,
        offers=[offer for offer in _with_what_waits(offers) if offer.is_seen_within(within)],
        drift=[
            drift
            for drift in _drift(account, listing, numbers, begun)
            if within is None or drift.registration.organization_id == within.pk
        ],
        profiles=[] if within else _without_brand(profiles, brands, known),
        unread=[campaign_id for campaign_id in campaigns if campaign_id not in numbers],
    )


class Known:
    """Our rows of one account, as far as they answer for these objects at Plivo."""

    def __init__(
        self, account: PlivoAccount, found: Iterable[There], codes: Iterable[str] = ()
    ) -> None:
        self.account = account
        self.found = {there.plivo_id: there for there in found}
        ours = {"account": account}
        with_id = Q(**ours) & ~Q(plivo_id="")
        rows = Brand.objects.filter(with_id).select_related("organization")
        self.brands = {brand.plivo_id: brand for brand in rows}
        campaigns = Campaign.objects.filter(with_id).select_related("organization", "brand")
        self.campaigns = {campaign.plivo_id: campaign for campaign in campaigns}
        self.profiles = {
            brand.profile_uuid: brand
            for brand in Brand.objects.filter(**ours).exclude(profile_uuid="")
        }
        links = NumberLink.objects.filter(**ours, status__in=CURRENT_LINK)
        self.links = list(links.select_related("campaign", "organization"))
        self.on_campaign = {(link.campaign_id, link.number) for link in self.links}
        self.held = {link.number: link for link in self.links if link.status in HOLDING}
        self._requests({*codes, *(there.code for there in self.found.values())})

    def offer(self, there: There) -> Offer | None:
        """What can be said of it; None if it is here already."""
        match there.kind:
            case Kind.BRAND:
                return None if there.plivo_id in self.brands else self._brand(there)
            case Kind.CAMPAIGN:
                return None if there.plivo_id in self.campaigns else self._campaign(there)
            case _:
                return self._number(there)

    def is_made_by_a_request(self, code: str) -> bool:
        return code in self.by_code

    def learn(self, there: There) -> None:
        """Plivo has told more of this object than its lists do."""
        self.found[there.plivo_id] = there
        self._learn({there.code})

    def _brand(self, there: There) -> Offer:
        made_by, obstacle = self._request_for(there)
        obstacle = obstacle or unknown_word(there)
        return Offer(there, there.plivo_id, None, obstacle, made_by)

    def _campaign(self, there: There) -> Offer:
        made_by, obstacle = self._request_for(there)
        brand = self.brands.get(there.parent)
        if not obstacle and brand is None and there.parent not in self.found:
            obstacle = "Plivo does not list the brand on which it hangs. Adopt that first."
        if not obstacle and brand is not None and self._may_be_ours(there, brand):
            made_by = brand
            obstacle = (
                f"A request for a campaign of {brand} is under way, and this may be what it made. "
                "Wait until that is known."
            )
        owner = brand.organization if brand else None
        obstacle = obstacle or unknown_word(there)
        return Offer(there, there.parent, owner, obstacle, made_by)

    def _number(self, there: There) -> Offer | None:
        campaign = self.campaigns.get(there.parent)
        if campaign is not None and (campaign.pk, there.number) in self.on_campaign:
            return None
        obstacle, made_by = unknown_word(there), None
        if not re.fullmatch(r"1\d{10}", there.number):
            obstacle = "It is no number of North America."
        elif there.status in HOLDING and there.number in self.held:
            made_by = self.held[there.number]
            obstacle = (
                f"We show it on {made_by.campaign}. Look that up: once it is unlinked there, this "
                "can be adopted."
            )
        if campaign is not None:
            return Offer(there, campaign.brand.plivo_id, campaign.organization, obstacle, made_by)
        brand_id = self._brand_id_of(there.parent)
        brand = self.brands.get(brand_id)
        return Offer(there, brand_id, brand.organization if brand else None, obstacle, made_by)

    def _brand_id_of(self, campaign_id: str) -> str:
        campaign = self.found.get(campaign_id)
        return campaign.parent if campaign else ""

    def _requests(self, codes: set[str]) -> None:
        """The requests of ours that left their mark on these objects, and what was adopted once."""
        ids = set(self.found) - set(self.brands) - set(self.campaigns)
        self.by_code: dict[str, Submission] = {}
        self._learn(codes)
        requests = self._all_requests()
        made = [Operation.REGISTER_BRAND, Operation.REGISTER_CAMPAIGN]
        by_id = requests.filter(plivo_id__in=ids, operation__in=made)
        self.by_id = {request.plivo_id: request for request in by_id}
        self.nameless = list(
            Submission.objects.filter(
                account=self.account,
                operation=Operation.REGISTER_CAMPAIGN,
                state__in=[State.SENDING, State.UNKNOWN, State.NEEDS_DECISION],
            ).select_related("campaign")
        )
        self.adopted = dict(self._adopted(ids)) if ids else {}

    def _learn(self, codes: set[str]) -> None:
        requests = self._all_requests().filter(alias_code__in=codes - {""})
        self.by_code |= {request.alias_code: request for request in requests}

    def _all_requests(self) -> Any:
        requests = Submission.objects.filter(account=self.account)
        requests = requests.defer("payload", "answer", "callback_url")
        return requests.select_related("brand__organization", "campaign__organization")

    def _adopted(self, ids: set[str]) -> Iterator[tuple[str, Any]]:
        entries = AuditEntry.objects.filter(
            Q(brand__account=self.account) | Q(campaign__account=self.account),
            sequence=1,
            cause=Cause.LOOKUP,
            from_status="",
        ).select_related("brand", "campaign")
        by_beginning = {ADOPTED.format(plivo_id): plivo_id for plivo_id in ids}
        for entry in entries:
            beginning = entry.note[: entry.note.find(". ") + 1]
            if beginning in by_beginning:
                yield by_beginning[beginning], entry.registration

    def _request_for(self, there: There) -> tuple[Any, str]:
        """(registration, why it stands against adoption) if a request of ours made this object."""
        request = self.by_code.get(there.code) or self.by_id.get(there.plivo_id)
        if request is not None:
            registration = request.registration
            if request.state in LIVE:
                return registration, (
                    f"The request of {registration} made it, and its outcome is being looked up. "
                    "It needs no adoption."
                )
            return registration, f"An earlier request of {registration} made it."
        if there.plivo_id in self.adopted:
            registration = self.adopted[there.plivo_id]
            return registration, f"It was adopted as {registration}, which was sent anew since."
        holder = self.profiles.get(there.parent) if there.kind == Kind.BRAND else None
        if holder is not None:
            return holder, f"It carries the profile of {holder}, whose look-up will find it."
        return None, ""

    def _may_be_ours(self, there: There, brand: Brand) -> bool:
        return not there.code and any(
            request.campaign.brand_id == brand.pk and there.plivo_id not in request.plivo_ids_before
            for request in self.nameless
        )


def unknown_word(there: There) -> str:
    """Why something cannot be adopted whose status at Plivo is not understood, or ""."""
    if there.status:
        return ""
    said = f"says “{there.word}” of it, which is not known here" if there.word else "is silent"
    return f"Plivo {said}, so that nobody can tell how it stands."


def _with_what_waits(offers: list[Offer]) -> list[Offer]:
    """What hangs on something that cannot be adopted cannot be either."""
    stopped = {offer.plivo_id for offer in offers if offer.obstacle}
    told = []
    for offer in offers:
        above = offer.there.parent
        if not offer.obstacle and above in stopped:
            stopped.add(offer.plivo_id)
            what = "brand" if offer.there.kind == Kind.CAMPAIGN else "campaign"
            offer = replace(offer, obstacle=f"It hangs on {what} {above}, which cannot be adopted.")
        told.append(offer)
    return told


def _without_brand(
    profiles: Mapping[str, ProfileThere], brands: Mapping[str, There], known: Known
) -> list[ProfileThere]:
    used = {brand.parent for brand in brands.values()}
    return [
        profile
        for profile in profiles.values()
        if not profile.is_primary
        and profile.plivo_id not in used
        and profile.plivo_id not in known.profiles
        and not known.is_made_by_a_request(profile.code)
    ]


def _drift(
    account: PlivoAccount,
    listing: Listing,
    numbers: Mapping[str, Mapping[str, There]],
    begun: datetime,
) -> Iterator[Drift]:
    """Only of last words: what is under way there or here is looked up by itself.

    What has changed here since the lists were begun, they may not know yet.
    """
    for model, lists in ((Brand, listing.brands), (Campaign, listing.campaigns)):
        rows = model.objects.filter(account=account, status__in=SETTLED, status_since__lt=begun)
        for row in rows.exclude(plivo_id="").select_related("organization"):
            yield from _differs(row, lists.get(row.plivo_id))
    links = NumberLink.objects.filter(
        account=account,
        status_since__lt=begun,
        campaign__plivo_id__in=numbers,
        status__in=[Status.LINKED, Status.LINK_FAILED, Status.UNLINK_FAILED],
    )
    for link in links.select_related("campaign", "organization"):
        campaign_id = link.campaign.plivo_id
        yield from _differs(link, numbers[campaign_id].get(f"{campaign_id}/{link.number}"))


def _differs(registration: Any, there: There | None) -> Iterator[Drift]:
    here = registration.status
    if there is None:
        # A link that failed is not always listed.
        if here not in (Status.DEACTIVATED, Status.LINK_FAILED):
            yield Drift(registration, "")
        return
    # A number that could not be unlinked is still linked.
    same = {here, Status.LINKED} if here == Status.UNLINK_FAILED else {here}
    differs = there.status in SETTLED and there.status not in same
    if differs or here == Status.DEACTIVATED:
        yield Drift(registration, there.word)
