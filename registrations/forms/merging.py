"""Two people, or two tabs, at one draft.

A page carries a stamp of every field as it showed it. So at saving it is known of each field who
changed it: this page, somebody else meanwhile, both, or nobody. The stamps are keyed: nobody reads
a value, such as a tax id, out of one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.crypto import salted_hmac


def as_typed(raw: Any) -> list[Any]:
    """What was typed and does not fit; never equal to a value that does."""
    return ["typed", raw]


def displayed_value(registration: Any, name: str) -> Any:
    """What the form shows in a field: what was typed and does not fit yet, else what is stored."""
    typed = registration.typed or {}
    if name in typed:
        return as_typed(typed[name])
    return registration._meta.get_field(name).value_from_object(registration)


def stamp(registration: Any, name: str, value: Any) -> str:
    told = json.dumps([str(registration.reference), name, value], cls=DjangoJSONEncoder)
    return salted_hmac("registrations.forms.merging", told).hexdigest()[:16]


def stamps_of(registration: Any, names: Iterable[str]) -> dict[str, str]:
    """A stamp of every field as it is shown now."""
    return {name: stamp(registration, name, displayed_value(registration, name)) for name in names}


def written(stamps: dict[str, str]) -> str:
    return " ".join(f"{name}:{value}" for name, value in stamps.items())


def stamps_in(text: str) -> dict[str, str]:
    """The stamps that a page sent back."""
    pairs = (part.partition(":") for part in text.split())
    return {name: value for name, _, value in pairs if value}
