"""What people say of a key: for what it is, what it may do, how long it lives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet, TextChoices
from django.utils import timezone

from registrations import actions
from registrations.models import ApiKey, Organization, Scope
from registrations.models.api_key import scopes_open_to

WHAT_SCOPES_DO = {
    Scope.READ: "Look at brands, campaigns, numbers and events. Every key can.",
    Scope.DRAFT: "Write and change drafts; link and unlink numbers.",
    Scope.SUBMIT: "Send drafts for review, take them back, ask for a deactivation.",
    Scope.APPROVE: "Approve, which spends fees; return and decide. "
    "Never what you asked for yourself, with whichever key.",
    Scope.EVIDENCE: "Look at callbacks, at requests to Plivo and at trails.",
}
LIVES = [30, 90, 365]
A_DATE = "date"


class KeyForm(forms.Form):
    """A new key. Only what its owner could do herself is offered."""

    name = forms.CharField(
        max_length=100, help_text="The program that will use it, as “shop system”."
    )
    organization = forms.ModelChoiceField(
        Organization.objects.none(),
        empty_label="Choose one",
        help_text="With this key a program sees and does nothing for any other.",
    )
    scopes = forms.TypedMultipleChoiceField(
        label="What else it may do",
        coerce=Scope,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    life = forms.ChoiceField(label="How long it lives", widget=forms.RadioSelect)
    until = forms.DateField(
        label="Until the end of",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, owner: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organizations = Organization.objects.for_user(owner)
        self.fields["organization"].queryset = organizations
        if len(only := organizations[:2]) == 1:
            self.fields["organization"].initial = only[0]
        open_to_her = scopes_open_to(owner) - {Scope.READ}
        self.fields["scopes"].choices = [
            (scope.value, f"{scope.value}: {WHAT_SCOPES_DO[scope]}")
            for scope in Scope
            if scope in open_to_her
        ]
        self._now = timezone.now()
        self._latest = self._now + actions.longest_key_life()
        lives = [days for days in LIVES if timedelta(days=days) <= actions.longest_key_life()]
        self.fields["life"].choices = [
            *((str(days), f"{days} days") for days in lives),
            (A_DATE, "Until a day that I choose"),
        ]
        self.fields["life"].initial = str(lives[:2][-1]) if lives else A_DATE
        self.fields["until"].widget.attrs |= {
            "min": timezone.localdate(self._now).isoformat(),
            "max": timezone.localdate(self._latest).isoformat(),
        }

    def clean(self) -> None:
        chosen, until = self.cleaned_data.get("life"), self.cleaned_data.get("until")
        if chosen == A_DATE and until:
            self._take_date(until)
        elif chosen == A_DATE and "until" not in self.errors:
            self.add_error("until", "Choose the day.")
        elif until:
            self.add_error("until", "Leave this empty, or choose “Until a day that I choose”.")
        elif chosen and chosen != A_DATE:
            self.cleaned_data["expires_at"] = self._now + timedelta(days=int(chosen))

    def _take_date(self, day: date) -> None:
        today, last = timezone.localdate(self._now), timezone.localdate(self._latest)
        if not today <= day <= last:
            self.add_error("until", f"Choose a day from today to {last:%-d %B %Y}.")
            return
        midnight = datetime.combine(day + timedelta(days=1), time.min)
        ends = midnight.replace(tzinfo=timezone.get_current_timezone())
        self.cleaned_data["expires_at"] = min(ends, self._latest)

    @property
    def given(self) -> dict[str, Any]:
        """What `actions.make_key` takes."""
        names = ("name", "organization", "scopes", "expires_at")
        return {name: self.cleaned_data[name] for name in names}

    def say(self, refusal: actions.Blocked) -> None:
        """Put each finding beside the box that it is about."""
        boxes = {"expires_at": "until"}
        for found in refusal.findings:
            name = boxes.get(found.field, found.field)
            self.add_error(name or None, f"{found.message} {found.remedy}")


class RotateForm(forms.Form):
    """How long the old key lives on beside the new one."""

    overlap = forms.TypedChoiceField(
        label="The old key works on",
        choices=[
            ("24", "for 24 hours"),
            ("72", "for three days"),
            ("1", "for one hour"),
            ("0", "no more: it ends at once"),
        ],
        coerce=lambda hours: timedelta(hours=int(hours)),
    )


class WhichKeys(forms.Form):
    """Which keys to see. What makes no sense in an address is passed over."""

    class State(TextChoices):
        LIVE = "live", "that work"
        OVER = "over", "that are over"

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    organization = forms.ModelChoiceField(
        Organization.objects.none(), required=False, empty_label="all"
    )
    state = forms.ChoiceField(label="Keys", choices=[("", "all"), *State.choices], required=False)

    def __init__(self, data: Mapping[str, Any], *, user: Any) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.fields["organization"].queryset = Organization.objects.for_user(user)
        self.is_valid()

    def narrowed(self, keys: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        for word in self.cleaned_data.get("q", "").split():
            keys = keys.filter(
                Q(name__icontains=word)
                | Q(prefix__iexact=word)
                | Q(owner__username__icontains=word)
            )
        if organization := self.cleaned_data.get("organization"):
            keys = keys.filter(organization=organization)
        live = Q(pk__in=ApiKey.objects.live())
        match self.cleaned_data.get("state"):
            case self.State.LIVE:
                return keys.filter(live)
            case self.State.OVER:
                return keys.exclude(live)
        return keys
