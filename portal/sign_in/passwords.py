"""Changing one's password, and choosing one by a link that came by mail."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from portal import tasks
from portal.sign_in import guesses
from portal.sign_in.forms import AskForLinkForm, ChangePasswordForm
from registrations.models import Deed, SecurityEvent
from registrations.peers import peer_of
from registrations.tasks import nudge


@sensitive_post_parameters()
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """A new password for whoever knows the old one; her other sessions end."""
    form = ChangePasswordForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, form.user)
        _write_down(request, form.user, "at its page")
        messages.success(
            request,
            "Your password is changed. Wherever else you were signed in, you are not any more.",
        )
        return redirect("home")
    return render(request, "portal/password.html", {"form": form})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_link(request: HttpRequest) -> HttpResponse:
    """Have a link mailed by which a new password is chosen.

    The answer, and the time it takes, is the same whether anybody has this address: whom to write
    to is written down, and a worker does it.
    """
    form, status = AskForLinkForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        try:
            _ask_for_link(request, form.cleaned_data["email"])
        except guesses.TooMany as limit:
            form.add_error(None, str(limit))
            status = 429
        else:
            return redirect("password-reset-sent")
    return render(request, "portal/password_reset.html", {"form": form}, status=status)


@never_cache
@require_safe
def link_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/password_reset_sent.html")


class ChoosePassword(PasswordResetConfirmView):
    """Where the link of an invitation or of a reset leads. It works once, and for three days."""

    template_name = "portal/password_choose.html"
    success_url = reverse_lazy("sign-in")
    invited = False

    def get_user(self, uidb64: str) -> Any:
        person = super().get_user(uidb64)
        return person if person is not None and person.is_active else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(invited=self.invited, person=self.user, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        _write_down(self.request, self.user, "by a link that came by mail")
        messages.success(self.request, "Your password is set. Sign in with it.")
        return response


def _ask_for_link(request: HttpRequest, email: str) -> None:
    index, whence = guesses.index_of(email), guesses.whence_of(request)
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    with transaction.atomic():
        guesses.take_turns(whence)
        guesses.stop_if_too_many(Deed.RESET_ASKED, index, whence)
        asked = SecurityEvent.write(Deed.RESET_ASKED, about=person, peer=whence, name_index=index)
        nudge(tasks.send_link, event_id=asked.pk)


def _write_down(request: HttpRequest, person: Any, how: str) -> None:
    peer = peer_of(request)
    SecurityEvent.write(Deed.PASSWORD_CHANGED, by=person, about=person, peer=peer, detail=how)
