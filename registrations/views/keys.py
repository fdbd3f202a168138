"""The keys with which programs sign in: each person's own; operators look after everybody's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registrations import actions
from registrations.forms.keys import WHAT_SCOPES_DO, KeyForm, RotateForm, WhichKeys
from registrations.models import ApiKey, ApiUse, Role, Scope, roles_of
from registrations.models.api_key import scopes_open_to
from registrations.paging import page_of
from registrations.peers import peer_of

# Somebody should think of the next one from then on.
SOON = timedelta(days=14)


class _Shown:
    """A key as a page shows it; reads nothing that was not fetched with it."""

    def __init__(self, key: ApiKey) -> None:
        self.key = key
        self.successor = next(iter(key.replaced_by.all()), None)
        self.why_stopped = key.why_stopped() if key.is_live else ""
        self.state, self.tone = self._standing()

    def _standing(self) -> tuple[str, str]:
        if self.key.revoked_at is not None:
            return "Revoked", ""
        if not self.key.is_live:
            return ("Replaced" if self.successor else "Expired"), ""
        if self.why_stopped:
            return "Stopped", "red"
        if self.successor:
            return "Being replaced", "amber"
        if self.key.expires_at and self.key.expires_at - timezone.now() < SOON:
            return "Expires soon", "amber"
        return "Works", "green"

    @property
    def scopes(self) -> list[dict[str, Any]]:
        """What it was made for, and whether its owner's roles still allow it."""
        usable = self.key.usable_scopes
        return [
            {"name": scope.value, "does": WHAT_SCOPES_DO[scope], "counts": scope in usable}
            for scope in Scope
            if scope in self.key.scopes
        ]


@login_required
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    form = WhichKeys(request.GET, user=request.user)
    page = page_of(form.narrowed(_keys_of(request.user)), request)
    context = {
        "form": form,
        "page": page,
        "shown": [_Shown(key) for key in page.rows],
        "of_everybody": Role.OPERATOR in roles_of(request.user),
        "may_make": bool(scopes_open_to(request.user)),
    }
    return render(request, "registrations/keys.html", context)


@sensitive_variables("secret")
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_key(request: HttpRequest) -> HttpResponse:
    if not scopes_open_to(request.user):
        raise PermissionDenied("Whoever has no role has no key.")
    given = request.POST if request.method == "POST" else None
    form = KeyForm(given, owner=request.user)
    if form.is_valid():
        try:
            key, secret = actions.make_key(**form.given, by=request.user, peer=peer_of(request))
        except actions.Blocked as refusal:
            form.say(refusal)
        except actions.NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return _show_once(request, key, secret)
    return render(request, "registrations/key_new.html", {"form": form})


@login_required
@require_safe
def key(request: HttpRequest, prefix: str) -> HttpResponse:
    shown = _Shown(_found(request, prefix))
    is_mine = shown.key.owner_id == request.user.pk
    context = {
        "shown": shown,
        "is_mine": is_mine,
        "may_rotate": is_mine and shown.key.is_live and not shown.successor,
        "rotate_form": RotateForm(),
    }
    return render(request, "registrations/key.html", context)


@sensitive_variables("secret")
@login_required
@never_cache
@require_POST
def rotate_key(request: HttpRequest, prefix: str) -> HttpResponse:
    old, form = _found(request, prefix), RotateForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say how long the old key shall work on.")
        return redirect("key", prefix)
    overlap = form.cleaned_data["overlap"]
    try:
        new, secret = actions.rotate_key(
            old, by=request.user, overlap=overlap, peer=peer_of(request)
        )
    except (actions.NotAllowed, actions.IllegalMove) as refusal:
        messages.error(request, str(refusal))
        return redirect("key", prefix)
    return _show_once(request, new, secret)


@login_required
@require_POST
def revoke_key(request: HttpRequest, prefix: str) -> HttpResponse:
    found = _found(request, prefix)
    try:
        actions.revoke_key(found, by=request.user, peer=peer_of(request))
    except (actions.NotAllowed, actions.IllegalMove) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{found} is revoked. Whatever still uses it is refused now.")
    return redirect("key", prefix)


# Its variables are kept out of error reports altogether: a template's are among them.
@sensitive_variables()
def _show_once(request: HttpRequest, key: ApiKey, secret: str) -> HttpResponse:
    """The only page that ever shows a secret: the answer itself, which nothing keeps."""
    if key.replaces:
        key.replaces.refresh_from_db()
    context = {"key": key, "secret": secret, "address": f"{settings.PUBLIC_URL}/api/v1/brands/"}
    return render(request, "registrations/key_made.html", context)


def _keys_of(user: Any) -> QuerySet[ApiKey]:
    """Those she may see, with all that a page says of them."""
    an_hour_ago = timezone.now() - timedelta(hours=1)
    uses = (
        ApiUse.objects.filter(key=OuterRef("pk"), minute__gt=an_hour_ago)
        .order_by()
        .values("key")
        .annotate(sum=Sum("count"))
        .values("sum")
    )
    keys = ApiKey.objects.for_user(user).with_owner().select_related("replaces")
    return keys.annotate(uses_in_an_hour=Coalesce(Subquery(uses), 0)).prefetch_related(
        "owner__groups", "replaced_by"
    )


def _found(request: HttpRequest, prefix: str) -> ApiKey:
    return get_object_or_404(_keys_of(request.user), prefix=prefix)
