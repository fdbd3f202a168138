"""What takes longer than it should, and what to do about it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registrations import ageing
from registrations.lifecycle import Kind
from registrations.models import Organization

ON_A_PAGE = 25


class StuckForm(forms.Form):
    """What of it is asked for; nothing chosen means all."""

    why = forms.ChoiceField(choices=[("", "Anything"), *ageing.Why.choices], required=False)
    kind = forms.ChoiceField(choices=[("", "All"), *Kind.choices], required=False)
    organization = forms.ModelChoiceField(
        Organization.objects.none(), required=False, empty_label="All"
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = Organization.objects.for_user(user)


@login_required
@require_safe
def stuck(request: HttpRequest) -> HttpResponse:
    """Everything that is stuck of what this person may know, gravest and longest first."""
    form = StuckForm(request.GET, user=request.user)
    # Rows that were not asked for would be a wrong answer, worse than none.
    found = ageing.cases(request.user, **form.cleaned_data) if form.is_valid() else []
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    told = ageing.tell(list(page.object_list), request.user)
    context = {
        "form": form,
        "filtered": any(form.cleaned_data.values()),
        "page": page,
        "grave_in_all": sum(case.grave for case in found),
        "groups": [
            ("Act now", [one for one in told if one.grave]),
            ("Slower than normal", [one for one in told if not one.grave]),
        ],
    }
    return render(request, "registrations/stuck.html", context)
