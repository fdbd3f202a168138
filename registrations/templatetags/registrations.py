"""Addresses of a registration's pages, which are named after its kind."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

register = template.Library()


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
