"""How callbacks are told: outcomes in words, and bytes that are no text in numbers."""

from __future__ import annotations

import unicodedata

from callbacks.models import Callback, Outcome
from registrations.plivo.signature import HEADERS

MEANINGS = {
    Outcome.APPLIED: "Plivo signed it, and its word moved the registration.",
    Outcome.REPEAT: "Plivo said again what was known already. Nothing changed.",
    Outcome.LATE: "It is older than what is known by now. Nothing changed.",
    Outcome.NOTED: "It was understood, and there was nothing to change.",
    Outcome.CONFLICT: "It contradicts a last word that came before. Nothing changed; Plivo is "
    "asked, and a look-up or compliance settles it.",
    Outcome.UNRECOGNISED: "Plivo signed it, but the portal does not understand it, or does not "
    "know what it is about. Plivo is asked; it can be applied again once that is mended.",
    Outcome.UNAPPLIED: "Plivo signed it, and a fault of the portal's own kept it from being "
    "applied. The portal tries again by itself.",
    Outcome.SUSPICIOUS: "The signature holds, but was seen with another content, or does not cover "
    "this one. It is not believed; Plivo is asked.",
    Outcome.FORGED: "Its signature does not hold. It was refused, and is not believed; some of "
    "these are kept in quarantine, to find out why.",
}


def legend() -> list[tuple[Outcome, str]]:
    return [(outcome, MEANINGS[outcome]) for outcome in Outcome]


def verdict(callback: Callback) -> str:
    """What came of it, in one sentence."""
    entry = callback.entry
    if callback.outcome == Outcome.APPLIED and entry is not None:
        return (
            f"Plivo signed it, and by its word {entry.registration.reference} went from "
            f"{entry.get_from_status_display().lower()} to {entry.get_to_status_display().lower()}."
        )
    return MEANINGS[Outcome(callback.outcome)]


def signature_headers(callback: Callback) -> list[tuple[str, str]]:
    """Each header that may carry a signature, and what it held; "" if it did not come."""
    return [(name, callback.headers.get(name, "")) for name in HEADERS]


def is_text(body: bytes) -> bool:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return not any(
        unicodedata.category(letter) == "Cc" and letter not in "\t\r\n" for letter in text
    )


def hexadecimal(body: bytes) -> str:
    """Bytes as a table: place, sixteen bytes, and the letters among them."""
    pieces = ((place, body[place : place + 16]) for place in range(0, len(body), 16))
    return "\n".join(
        f"{place:06x}  {piece.hex(' '):<47}  {_letters(piece)}" for place, piece in pieces
    )


def _letters(piece: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in piece)
