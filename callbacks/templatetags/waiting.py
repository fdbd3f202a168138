"""What waits among the callbacks, told on pages that are about something else."""

from __future__ import annotations

from typing import Any

from django import template

from callbacks.statistics import pending

register = template.Library()


@register.inclusion_tag("callbacks/_waiting.html", takes_context=True)
def callbacks_to_look_at(context: Any) -> dict[str, Any]:
    """A line for each outcome that needs somebody, with a link to the callbacks; mostly none."""
    return {"waiting": pending(context["request"].user)}
