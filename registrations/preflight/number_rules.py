"""Which numbers can be on a campaign, as far as the digits tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from registrations.models import NumberLink
from registrations.preflight.data import TOLL_FREE
from registrations.preflight.finding import BLOCK
from registrations.preflight.rulebook import Rulebook, Seen

rules = Rulebook(NumberLink)

LONG_CODE = re.compile(r"1[2-9]\d{2}[2-9]\d{6}")


@rules.rule(
    "NM-SHAPE",
    BLOCK,
    "A",
    field="number",
    remedy="Give an ordinary US or Canadian number: 1 and ten digits, as 14155550100.",
    source="Plivo's campaign page; The Campaign Registry serves ten-digit long codes only",
)
def the_number_is_a_ten_digit_long_code(link: NumberLink) -> Iterator[Seen]:
    if not LONG_CODE.fullmatch(link.number):
        yield Seen(f"“{link.number}” is no ten-digit US or Canadian number.", link.number)
    elif link.number[1:4] in TOLL_FREE:
        yield Seen(f"“{link.number}” is toll-free, which is registered elsewhere.", link.number)
