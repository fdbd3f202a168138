"""Every address of the portal, read off Django's own resolver."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    """One address: its name ("" if it has none) and its pattern, as `brands/<reference>/`."""

    name: str
    pattern: str

    @property
    def is_admin(self) -> bool:
        return self.pattern.startswith("admin/")


def every_route() -> list[Route]:
    return list(_routes(get_resolver()))


def _routes(resolver: URLResolver, before: str = "", namespace: str = ""):
    for entry in resolver.url_patterns:
        pattern = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield Route(f"{namespace}{entry.name or ''}", pattern)
        else:
            inside = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _routes(entry, pattern, inside)
