"""The rows that objects of Plivo's get when they are adopted, and what keeps one from its row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from registrations.actions.adoptable import ADOPTED, CURRENT_LINK
from registrations.lifecycle import AWAITING_PLIVO, Actor, Cause, Kind, begin
from registrations.models import Brand, Campaign, NumberLink, Organization, PlivoAccount
from registrations.models.choices import EntityType, UseCase
from registrations.plivo.fields import Told, brand_told, campaign_told
from registrations.plivo.listing import There
from registrations.reconcile import Facts

FIRST_LOOK_AFTER = timedelta(seconds=2)


class NotAdoptable(Exception):
    """It cannot be adopted; the message says why and what to do."""


@dataclass(frozen=True)
class Read:
    """One object with what Plivo says of it now."""

    there: There
    # For a brand, to whom it shall belong; others follow their brand, and this may agree.
    organization: Organization | None
    facts: Facts
    profile: dict[str, Any] = field(default_factory=dict, repr=False)


def write(registration: Any, facts: Facts, told: Told, by: Any) -> None:
    """Save the row as Plivo tells it, confirmed at once, and begin its trail."""
    now = timezone.now()
    registration.created_by = by
    registration.last_lookup, registration.last_lookup_at = facts.raw, now
    registration.reasons = facts.reasons
    registration.confirmed_status, registration.confirmed_at = registration.status, now
    if registration.status in AWAITING_PLIVO:
        registration.lookup_due_at = now + FIRST_LOOK_AFTER
    for name, value in {**facts.extras, **told.fields}.items():
        setattr(registration, name, value)
    _stop_if_incomplete(registration, facts)
    registration.save()
    known_by = registration.plivo_id or f"+{registration.number}"
    said = [ADOPTED.format(known_by), facts.in_words]
    if told.unfit:
        said.append(left_out(told))
    begin(registration, actor=Actor.LOOKUP, cause=Cause.LOOKUP, user=by, note=" ".join(said))


def left_out(told: Told) -> str:
    """What Plivo tells and no field holds, in words; "" if there is nothing of it."""
    if not told.unfit:
        return ""
    return f"Left out, because it fits no field here: {', '.join(told.unfit)}."


def row_for(read: Read, account: PlivoAccount, within: Organization | None) -> tuple[Any, Told]:
    """A row for this object, not saved yet, and the fields to fill; or the row that it has already.

    To be asked in the transaction that will `write` it. Raises NotAdoptable.
    """
    made: tuple[Any, Told] = _MAKERS[read.there.kind](read, account, within)
    return made


def _brand(read: Read, account: PlivoAccount, within: Organization | None) -> tuple[Brand, Told]:
    # Those who adopt for one account take turns; so nothing is adopted twice.
    PlivoAccount.objects.select_for_update().get(pk=account.pk)
    plivo_id, organization = read.there.plivo_id, read.organization
    if there_already := Brand.objects.filter(account=account, plivo_id=plivo_id).first():
        return there_already, Told()
    if organization is None:
        raise NotAdoptable("Choose the organization to which it shall belong.")
    if within is not None and organization != within:
        raise NotAdoptable(f"Here it can only be given to {within}.")
    profile_uuid = str(read.facts.raw.get("profile_uuid") or read.there.parent)
    if Brand.objects.filter(account=account, profile_uuid=profile_uuid).exclude(profile_uuid=""):
        raise NotAdoptable("Its profile is that of another brand here, whose look-up will find it.")
    return (
        Brand(
            account=account,
            organization=organization,
            name=read.there.name,
            status=read.facts.status,
            plivo_id=plivo_id,
            profile_uuid=profile_uuid,
        ),
        brand_told(read.facts.raw, read.profile),
    )


def _campaign(
    read: Read, account: PlivoAccount, within: Organization | None
) -> tuple[Campaign, Told]:
    brand_id = str(read.facts.raw.get("brand_id") or read.there.parent)
    brand = _parent(Brand, account, brand_id, "brand", within)
    _stop_if_given_away(read.organization, brand.organization)
    plivo_id = read.there.plivo_id
    if there_already := Campaign.objects.filter(account=account, plivo_id=plivo_id).first():
        return there_already, Told()
    return (
        Campaign(
            account=account,
            organization=brand.organization,
            brand=brand,
            name=read.there.name,
            status=read.facts.status,
            plivo_id=plivo_id,
        ),
        campaign_told(read.facts.raw),
    )


def _link(
    read: Read, account: PlivoAccount, within: Organization | None
) -> tuple[NumberLink, Told]:
    campaign = _parent(Campaign, account, read.there.parent, "campaign", within)
    _stop_if_given_away(read.organization, campaign.organization)
    current = NumberLink.objects.filter(account=account, status__in=CURRENT_LINK)
    if on_it := current.filter(campaign=campaign, number=read.there.number).first():
        return on_it, Told()
    return (
        NumberLink(
            account=account,
            organization=campaign.organization,
            campaign=campaign,
            number=read.there.number,
            status=read.facts.status,
        ),
        Told(),
    )


_MAKERS: dict[Kind, Any] = {
    Kind.BRAND: _brand,
    Kind.CAMPAIGN: _campaign,
    Kind.NUMBER_LINK: _link,
}


def _parent(
    model: Any, account: PlivoAccount, plivo_id: str, what: str, within: Organization | None
) -> Any:
    """What it hangs on, locked: so those who adopt for it take turns."""
    rows = model.objects.select_for_update().filter(account=account, plivo_id=plivo_id)
    found = rows.exclude(plivo_id="").first()
    # To a caller of one organization, what others have does not exist.
    if found is None or (within is not None and found.organization_id != within.pk):
        raise NotAdoptable(f"Adopt its {what} first.")
    return found


def _stop_if_given_away(wanted: Organization | None, owner: Organization) -> None:
    if wanted is not None and wanted != owner:
        raise NotAdoptable(f"It belongs to {owner}, as its brand does, and to nobody else.")


def _stop_if_incomplete(registration: Any, facts: Facts) -> None:
    """What the database demands of anything that is no draft, in words."""
    for column in registration._meta.fields:
        if column.name not in ("plivo_id", "profile_uuid"):
            continue
        if len(getattr(registration, column.name)) > column.max_length:
            raise NotAdoptable("Its id at Plivo is longer than any that is known.")
    if registration.kind == Kind.BRAND:
        if not registration.company_name:
            raise NotAdoptable(
                "Plivo tells no company name of it. Complete its profile at Plivo, and try it "
                "again."
            )
        if registration.entity_type not in EntityType.values:
            said = facts.raw.get("entity_type")
            raise NotAdoptable(
                f"Plivo calls its legal form “{said or ''}”, which is not known here. Correct its "
                "profile at Plivo, and try it again."
            )
    elif registration.kind == Kind.CAMPAIGN and registration.usecase not in UseCase.values:
        raise NotAdoptable(
            f"Its use case is “{facts.raw.get('usecase') or ''}”, which is not known here. Look "
            "after it in Plivo's console."
        )
