from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url


def admin_sign_in(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """The admin has no door of its own: one place to sign in, and from there back into it."""
    if admin.site.has_permission(request):
        return redirect("admin:index")
    if request.user.is_authenticated:
        raise PermissionDenied("The admin is for compliance staff, auditors and operators.")
    return redirect_to_login(request.GET.get("next") or resolve_url("admin:index"))


def admin_password(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """Passwords are changed in one place, which counts guesses and writes the change down."""
    return redirect("password-change")
