"""How one person wants the portal: her clock, her light, and what she is written about."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from registrations.models import Preferences, Theme
from registrations.notices.choosing import mail_choices_of

# Names that are kept for old programs only: Etc/GMT+3 lies, and EST knows no summer.
OLD_NAMES = ("Etc/", "SystemV/", "US/", "Brazil/", "Canada/", "Chile/", "Mexico/")


class PreferencesForm(forms.ModelForm):
    """Only the kinds of mail are offered that can concern this person at all."""

    time_zone = forms.ChoiceField(
        required=False,
        choices=lambda: [("", "That of my browser"), *_time_zones()],
        help_text="On this clock every time is shown.",
    )
    theme = forms.ChoiceField(
        required=False,
        choices=[("", "As my device has it"), *Theme.choices],
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Preferences
        fields = [
            "time_zone",
            "theme",
            "mail_rejected",
            "mail_conflict",
            "mail_decision",
            "mail_registered",
            "mail_digest",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = {f"mail_{kind.value}" for kind in mail_choices_of(self.instance.user)}
        for name in [name for name in self.fields if name.startswith("mail_")]:
            if name not in offered:
                del self.fields[name]

    def mail_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("mail_")]


@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    mine = Preferences.of(request.user)
    form = PreferencesForm(request.POST or None, instance=mine)
    if request.method == "POST" and form.is_valid():
        form.save()
        remember(request.session, mine)
        messages.success(request, "Saved.")
        return redirect("preferences")
    return render(request, "portal/preferences.html", {"form": form})


def remember(session: SessionBase, chosen: Preferences) -> None:
    """Put into the session what every page needs, so that no page asks the database for it."""
    session["time_zone"], session["theme"] = chosen.time_zone, chosen.theme


def _time_zones() -> list[tuple[str, str]]:
    names = sorted(name for name in available_timezones() if "/" in name)
    return [(name, name.replace("_", " ")) for name in names if not name.startswith(OLD_NAMES)] + [
        ("UTC", "UTC")
    ]
