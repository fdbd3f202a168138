"""Every address of the portal, read off Django's own resolver."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver

# A place in a pattern, written as a path has it or as a regular expression has it.
PLACE = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^()]*\)")


@dataclass(frozen=True)
class Route:
    """One address: its name ("" if it has none) and its pattern, as `brands/<reference>/`.

    `methods` are those that a resource of the API understands here; pages do not say theirs.
    """

    name: str
    pattern: str
    methods: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What it is called; an address without a name is called by its pattern."""
        return self.name or self.pattern

    @property
    def is_admin(self) -> bool:
        return self.pattern.startswith("admin/")

    @property
    def takes(self) -> list[str]:
        """The names of the places that have to be filled in."""
        return [path or regular for path, regular in PLACE.findall(self.pattern)]

    def path(self, **given: object) -> str:
        """Where it lies once its places are filled with these, whatever they are."""
        filled = PLACE.sub(lambda place: quote(str(given[place[1] or place[2]])), self.pattern)
        return "/" + re.sub(r"\^|\$$", "", filled)


def every_route() -> list[Route]:
    return list(_routes(get_resolver()))


def _routes(resolver: URLResolver, before: str = "", namespace: str = ""):
    for entry in resolver.url_patterns:
        pattern = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            methods = tuple(map(str.upper, getattr(entry.callback, "actions", None) or ()))
            yield Route(f"{namespace}{entry.name}" if entry.name else "", pattern, methods)
        else:
            inside = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _routes(entry, pattern, inside)
