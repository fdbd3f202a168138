"""Lists of registrations."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.views.generic import ListView

from registrations.lifecycle import statuses_of
from registrations.models import (
    Brand,
    Campaign,
    NumberLink,
)

SEARCHED = {
    Brand: ["reference", "name", "company_name", "plivo_id"],
    Campaign: ["reference", "name", "brand__name", "plivo_id"],
    NumberLink: ["reference", "number", "campaign__name"],
}


class RegistrationList(LoginRequiredMixin, ListView):
    """Every registration of one kind that this person may know of."""

    paginate_by = 50
    template_name = "registrations/list.html"

    def get_queryset(self) -> QuerySet[Any]:
        rows = self.model.objects.for_user(self.request.user).select_related("organization")
        if self.model is NumberLink:
            rows = rows.select_related("campaign")
        status = self.request.GET.get("status", "")
        if status:
            rows = rows.filter(status=status)
        wanted = self.request.GET.get("q", "").strip().replace("\x00", "")
        if wanted:
            match = Q()
            for name in SEARCHED[self.model]:
                match |= Q(**{f"{name}__icontains": wanted.lstrip("+")})
            rows = rows.filter(match)
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            kind=self.model.kind,
            title=self.model._meta.verbose_name_plural,
            statuses=statuses_of(self.model.kind),
            chosen=self.request.GET.get("status", ""),
            wanted=self.request.GET.get("q", ""),
            new_url=reverse(f"{self.model.kind.value}-new"),
            **kwargs,
        )
