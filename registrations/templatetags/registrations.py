"""Addresses of a registration's pages, which are named after its kind, and evidence as text."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.urls import reverse

from registrations import legible

register = template.Library()

# What would be invisible, or would turn the text around it: written out, so that it is seen.
# Line feeds and tabs stay what they are.
CONTROLS = {code: chr(0x2400 + code) for code in range(0x20) if code not in (0x09, 0x0A)}
WRITTEN_OUT = {
    **CONTROLS,
    0x7F: "\N{SYMBOL FOR DELETE}",
    **{code: f"⟨U+{code:04X}⟩" for code in range(0x80, 0xA0)},
    **legible.WRITTEN_OUT,
}

# An address that Plivo calls back is a capability: whoever knows it may knock there.
CALLBACK_TOKEN = re.compile(r"(/callbacks/plivo/[A-Za-z0-9]{6})[A-Za-z0-9]+")

# Characters and lines that are more than one wants to read past.
LONG, LONG_LINES = 1500, 12

SIGNATURE = re.compile(r"signature", re.IGNORECASE)


@register.simple_tag
def list_url(kind: Any) -> str:
    return reverse(f"{kind.value}-list")


@register.simple_tag
def page_url(registration: Any, page: str) -> str:
    """The address of "edit" or "live" of this registration."""
    return reverse(f"{registration.kind.value}-{page}", args=[registration.reference])


@register.simple_tag
def act_url(registration: Any, verb: Any) -> str:
    return reverse(f"{registration.kind.value}-act", args=[registration.reference, verb.name])


@register.filter
def written_out(text: Any) -> str:
    """Evidence as it may be read: nothing in it is invisible, turned around or a secret address.

    Several values are joined by commas.
    """
    text = ", ".join(text) if isinstance(text, list) else str(text)
    return CALLBACK_TOKEN.sub(r"\1…", text.translate(WRITTEN_OUT))


@register.filter
def is_signature(header: str) -> bool:
    return bool(SIGNATURE.search(header))


@register.filter
def is_long(text: str) -> bool:
    """It scrolls in a frame of its own, which must be reached by the keyboard then."""
    return len(text) > LONG or text.count("\n") > LONG_LINES


@register.filter
def of(notes: dict[str, str], name: str) -> str:
    """What is noted beside the field of this name."""
    return notes.get(name, "")
