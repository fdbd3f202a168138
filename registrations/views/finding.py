"""Finding what an address names, among what this person may know of."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from registrations.models import (
    Registration,
)


def find(model: type[Registration], reference: str, user: Any) -> Any:
    rows = model.objects.for_user(user).select_related("organization", "account", "requested_by")
    return get_object_or_404(rows, reference=reference)


def preset(model: type[Registration], request: HttpRequest) -> Any:
    """The registration that the address names as ?brand=BR-… or ?campaign=CA-…"""
    reference = request.GET.get(model.kind.value, "")
    return model.objects.for_user(request.user).filter(reference=reference).first()
