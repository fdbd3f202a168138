from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.views import defaults

from registrations.api.problems import CONTENT_TYPE
from registrations.api.schema import document


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


def problem(request: HttpRequest, code: str, detail: str = "") -> HttpResponse:
    """A problem document where the API's own views do not come into play."""
    told = {**document(code), "request_id": getattr(request, "request_id", "")}
    if detail:
        told["detail"] = detail
    return JsonResponse(told, status=told["status"], content_type=CONTENT_TYPE)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours: told to programs in the form of all problems."""
    if request.path.startswith("/api/"):
        return problem(request, "error")
    return defaults.server_error(request)
