"""Keeping tax ids out of what people read: they stand in forms, and Plivo's answers repeat them."""

from __future__ import annotations

import re

from registrations.models import Brand

# As many characters as a tax id has; what is shorter may stand in any text by chance.
WHOLE = 9


def masked_in(text: str, tax_id: str) -> str:
    """`text` with this tax id masked wherever it stands, however it is punctuated there."""
    brand = Brand(ein=tax_id)
    digits = brand.ein_digits
    if len(digits) < WHOLE:
        return brand.masked_ein if digits and text == tax_id else text
    punctuated = r"[\s.\-]?".join(digits)
    return re.sub(punctuated, brand.masked_ein, text, flags=re.IGNORECASE)
