"""Spans of time as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import timezone

from registrations.ageing import in_words

register = template.Library()


@register.filter
def span(length: timedelta) -> str:
    """ "3 days 4 hours"."""
    return in_words(length)


@register.filter
def age(moment: datetime) -> str:
    """How long ago it was, as "12 minutes"."""
    return in_words(timezone.now() - moment)
