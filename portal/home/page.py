"""The page: the parts of every role that its reader wears, the most urgent first."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from callbacks.statistics import per_day
from portal.home import auditor, charts, compliance, marketer, operator
from portal.home.visits import last_visit_ended_at
from registrations import statistics
from registrations.models import Role, roles_of
from registrations.models.organization import HOUSE_ROLES

# In this order on the page of somebody who wears several.
PARTS = {
    Role.MARKETER: marketer.part,
    Role.COMPLIANCE: compliance.part,
    Role.OPERATOR: operator.part,
    Role.AUDITOR: auditor.part,
}


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is asked of this person, what is on its way, what moved, and how things go."""
    user = request.user
    worn = roles_of(user)
    left_at = last_visit_ended_at(user)
    context: dict[str, Any] = {
        "parts": [
            (f"portal/_home_{role.value}.html", part(user, left_at))
            for role, part in PARTS.items()
            if role in worn
        ],
        "by_status": charts.status_bars(statistics.by_status(user)),
        "times": charts.time_bars(statistics.time_to_registered(user)),
        "worn": worn,
    }
    if worn & HOUSE_ROLES:
        context["callbacks"] = charts.day_columns(per_day(user))
    return render(request, "portal/home.html", context)
