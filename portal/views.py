from __future__ import annotations

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse


def admin_sign_in(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """The admin has no door of its own: one place to sign in."""
    if request.user.is_authenticated:
        raise PermissionDenied("The admin is for compliance staff, auditors and operators.")
    return redirect_to_login(request.get_full_path())
