"""Looking at numbers before they are linked: which are good, and what is wrong with the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models

from registrations import preflight
from registrations.actions.ground import DRAFTERS, Blocked, acting_as, blocker
from registrations.lifecycle import Status
from registrations.models import Campaign, NumberLink
from registrations.models.campaign import NUMBERS_PER_CAMPAIGN
from registrations.plivo.owning import Ownership, Owning, Standing
from registrations.preflight import Finding, NumbersHeld

# Somebody waits for the answer: what Plivo does not say in this time is told by linking.
SECONDS_TO_ASK = 4.0
# Numbers that turn out not to be ours make room for others, which are asked for in their turn.
MOST_ASKED = 2 * NUMBERS_PER_CAMPAIGN


class NumberVerdict(models.TextChoices):
    """What a check finds of one number."""

    GOOD = "good", "Good"
    UNCHECKED = "unchecked", "Not checked"
    WRONG = "wrong", "Wrong"
    DOUBLE = "double", "Double"
    TAKEN = "taken", "Taken"
    NOT_OURS = "not_ours", "Not ours"
    OVER_LIMIT = "over_limit", "Over the limit"


LINKABLE = {NumberVerdict.GOOD, NumberVerdict.UNCHECKED}

_VERDICT_OF_RULE = {
    "NM-SHAPE": NumberVerdict.WRONG,
    "NM-ONE-CAMPAIGN": NumberVerdict.TAKEN,
    "NM-LIMIT-49": NumberVerdict.OVER_LIMIT,
    "NM-SP-1": NumberVerdict.OVER_LIMIT,
}

_NOT_OURS = {
    Standing.NOT_RENTED: (
        "This number is not rented in the campaign's Plivo account.",
        "Rent it at Plivo first, or choose a campaign of the account that has it.",
    ),
    Standing.WITHOUT_SMS: (
        "Plivo cannot send texts from this number.",
        "Take one with SMS enabled, or have it enabled at Plivo.",
    ),
    Standing.OF_ANOTHER_SUBACCOUNT: (
        "This number belongs to another subaccount at Plivo.",
        "Move it to the campaign's account at Plivo, or take another.",
    ),
}


@dataclass(frozen=True)
class TypedNumber:
    """A number as somebody gave it.

    `place` says where it stood ("line 3"), `text` how it read, `number` what is understood: digits
    with country code, or the text again. `damage` is what its way here has done to it, if
    anything.
    """

    place: str
    text: str
    number: str
    damage: str = ""


@dataclass(frozen=True)
class CheckedNumber:
    """A number with its verdict, in words, and what to do about it.

    `holder` is the link that has it already, if the person who asks may know of that.
    """

    typed: TypedNumber
    verdict: NumberVerdict
    message: str = ""
    remedy: str = ""
    holder: NumberLink | None = None

    @property
    def is_linkable(self) -> bool:
        return self.verdict in LINKABLE

    @property
    def understood(self) -> str:
        """The number in full, or "" if it is none."""
        return "" if self.verdict == NumberVerdict.WRONG else f"+{self.typed.number}"


@dataclass(frozen=True)
class NumbersCheck:
    """What a check found, number by number, in the order in which they were given."""

    campaign: Campaign
    on_campaign: int
    rows: list[CheckedNumber]

    @property
    def linkable(self) -> list[str]:
        return [row.typed.number for row in self.rows if row.is_linkable]

    @property
    def problems(self) -> list[CheckedNumber]:
        return [row for row in self.rows if not row.is_linkable]

    @property
    def counts(self) -> list[tuple[NumberVerdict, int]]:
        """How many numbers got each verdict that was given at all."""
        given = Counter(row.verdict for row in self.rows)
        return [(verdict, given[verdict]) for verdict in NumberVerdict if given[verdict]]


def check_numbers(campaign: Campaign, typed: Iterable[TypedNumber], *, by: Any) -> NumbersCheck:
    """Say of each number whether it can be linked to the campaign. Nothing is changed by it.

    Plivo is asked whose the numbers are, for a few seconds at most. Raises Blocked if the campaign
    takes no numbers at all.
    """
    acting_as(by, DRAFTERS, "Marketers and compliance staff link numbers.")
    demand_open(campaign)
    owning = Owning(
        campaign.account,
        subaccounts=[campaign.brand.plivo_subaccount],
        most=MOST_ASKED,
        seconds=SECONDS_TO_ASK,
    )
    return judged(campaign, typed, by=by, owning=owning)


def demand_open(campaign: Campaign) -> None:
    if campaign.status != Status.REGISTERED:
        raise Blocked(
            [
                blocker(
                    "campaign",
                    f"{campaign} is {campaign.get_status_display().lower()}.",
                    "Numbers can be linked once the campaign is registered.",
                )
            ]
        )


def judged(
    campaign: Campaign, typed: Iterable[TypedNumber], *, by: Any, owning: Owning | None = None
) -> NumbersCheck:
    """The verdicts, by preflight's rules; Plivo is asked only with `owning`.

    The number of questions to the database does not depend on the number of numbers.
    """
    given = list(typed)
    held = NumbersHeld(campaign, [one.number for one in given])
    on_campaign = held.on_campaign
    judge = _Judge(campaign, held, by)
    verdicts: dict[int, CheckedNumber] = {}
    first: dict[str, TypedNumber] = {}
    waiting: list[int] = []
    for at, one in enumerate(given):
        if found := judge.at_first_sight(one, first):
            verdicts[at] = found
        else:
            waiting.append(at)
        first.setdefault(one.number, one)
    # A number that is not ours gives its place to the next, so it takes turns.
    while batch := judge.seated(given[at] for at in waiting):
        answers = owning.ask([one.number for one in batch]) if owning else {}
        for at, one in zip(waiting, batch, strict=False):
            verdicts[at] = judge.by_plivo(one, answers.get(one.number))
        waiting = waiting[len(batch) :]
    for at in waiting:
        verdicts[at] = judge.left_over(given[at])
    return NumbersCheck(campaign, on_campaign, [verdicts[at] for at in range(len(given))])


class _Judge:
    """Judges numbers for one campaign beside all that are held already."""

    def __init__(self, campaign: Campaign, held: NumbersHeld, by: Any) -> None:
        self._campaign = campaign
        self._held = held
        self._had = held.on_campaign
        holders = [link.pk for link in held.by_number.values()]
        visible = NumberLink.objects.for_user(by).filter(pk__in=holders)
        self._visible = set(visible.values_list("pk", flat=True))

    def at_first_sight(
        self, typed: TypedNumber, first: dict[str, TypedNumber]
    ) -> CheckedNumber | None:
        """The verdict on what is wrong with the number itself; None if it is fit to be linked."""
        if typed.damage:
            remedy = "Format the column as text in the spreadsheet, and take the numbers again."
            return CheckedNumber(typed, NumberVerdict.WRONG, typed.damage, remedy)
        found = self._grave(typed.number)
        if NumberVerdict.WRONG in found:
            wrong = found[NumberVerdict.WRONG]
            return CheckedNumber(typed, NumberVerdict.WRONG, wrong.message, wrong.remedy)
        if twin := first.get(typed.number):
            message = f"The same number stands in {twin.place}."
            return CheckedNumber(typed, NumberVerdict.DOUBLE, message, "Nothing: it counts once.")
        if NumberVerdict.TAKEN in found:
            return self._taken(typed, found[NumberVerdict.TAKEN])
        return None

    def seated(self, row: Iterable[TypedNumber]) -> list[TypedNumber]:
        """The first of these for which the campaign has room; they take it."""
        batch = []
        for typed in row:
            if self._blocking(typed.number):
                break
            self._held.join(self._link(typed.number))
            batch.append(typed)
        return batch

    def by_plivo(self, typed: TypedNumber, answer: Ownership | None) -> CheckedNumber:
        """The verdict on a number that fits, after what Plivo says (None: nobody asked)."""
        if answer is None:
            return CheckedNumber(typed, NumberVerdict.GOOD)
        if answer.standing in _NOT_OURS:
            self._held.leave(self._link(typed.number))
            return CheckedNumber(typed, NumberVerdict.NOT_OURS, *_NOT_OURS[answer.standing])
        if answer.campaign_id not in ("", self._campaign.plivo_id):
            self._held.leave(self._link(typed.number))
            return CheckedNumber(
                typed,
                NumberVerdict.TAKEN,
                "Plivo has it on another campaign.",
                "Unlink it there first, and wait until Plivo says that it is done.",
            )
        if answer.standing is Standing.UNKNOWN:
            return CheckedNumber(
                typed,
                NumberVerdict.UNCHECKED,
                "Plivo could not be asked whether it is yours.",
                "It can be linked all the same: then Plivo will tell.",
            )
        return CheckedNumber(typed, NumberVerdict.GOOD)

    def left_over(self, typed: TypedNumber) -> CheckedNumber:
        """The verdict on a number for which there is no room any more."""
        [found] = self._blocking(typed.number)[:1]
        message = found.message
        if found.rule == "NM-LIMIT-49":
            limit, new = self._campaign.number_pool_limit, self._held.on_campaign - self._had
            message = f"The campaign takes {limit} numbers: it has {self._had}" + (
                f", and {new} of these fill it." if new else "."
            )
        return CheckedNumber(typed, NumberVerdict.OVER_LIMIT, message, found.remedy)

    def _blocking(self, number: str) -> list[Finding]:
        return preflight.blocking(preflight.check_beside(self._link(number), self._held))

    def _link(self, number: str) -> NumberLink:
        return NumberLink(campaign=self._campaign, account=self._campaign.account, number=number)

    def _grave(self, number: str) -> dict[NumberVerdict, Finding]:
        return {
            _VERDICT_OF_RULE.get(found.rule, NumberVerdict.WRONG): found
            for found in self._blocking(number)
        }

    def _taken(self, typed: TypedNumber, found: Finding) -> CheckedNumber:
        holder = self._held.by_number[typed.number]
        if holder.pk not in self._visible:
            message, remedy = "It is taken.", "If it should be yours, ask compliance staff."
            return CheckedNumber(typed, NumberVerdict.TAKEN, message, remedy)
        if holder.campaign_id != self._campaign.pk:
            message, remedy = f"It is on {holder.campaign}.", found.remedy
        elif holder.status in (Status.LINKED, Status.UNLINK_FAILED):
            message, remedy = "It is on this campaign already.", "Nothing: leave it out."
        else:
            stand = holder.get_status_display().lower()
            message, remedy = f"It has its place on this campaign: {stand}.", "Wait for Plivo."
        return CheckedNumber(typed, NumberVerdict.TAKEN, message, remedy, holder)
