"""What people say of a webhook: where it leads, and what it is told of."""

from __future__ import annotations

from typing import Any

from django import forms

from registrations import actions
from registrations.forms.registration import one_line
from registrations.lifecycle import Kind, statuses_of
from registrations.models import Organization
from registrations.notices.events import CONFIRMED

EVERYTHING, CHOSEN = "everything", "chosen"


class WebhookForm(forms.Form):
    """A webhook. Whose it is, is said once, when it is made."""

    organization = forms.ModelChoiceField(
        Organization.objects.none(), help_text="It is told of nothing of anybody else."
    )
    url = forms.CharField(
        label="Address",
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://hooks.example.com/10dlc"}),
        help_text="Where your program listens. It must begin with https:// and be reachable from "
        "everywhere.",
    )
    description = forms.CharField(
        label="What it is for",
        max_length=200,
        required=False,
        validators=[one_line],
        help_text="For whoever reads this list after you, as “shop system”.",
    )
    scope = forms.ChoiceField(
        label="What it is told of",
        choices=[(EVERYTHING, "Every change"), (CHOSEN, "Only what I tick here")],
        initial=EVERYTHING,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, user: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_new:
            organizations = Organization.objects.for_user(user)
            self.fields["organization"].queryset = organizations
            if len(only := organizations[:2]) == 1:
                self.fields["organization"].initial = only[0]
        else:
            del self.fields["organization"]
        for kind in Kind:
            self.fields[kind.value] = forms.MultipleChoiceField(
                label=f"{kind.label}s",
                required=False,
                choices=_choices(kind),
                widget=forms.CheckboxSelectMultiple,
            )

    @property
    def kinds(self) -> list[forms.BoundField]:
        """The tick boxes, kind by kind."""
        return [self[kind.value] for kind in Kind]

    def clean(self) -> None:
        wanted = self._ticked()
        if self.cleaned_data.get("scope") == CHOSEN and not wanted:
            self.add_error("scope", "Tick at least one change, or choose every change.")
        if self.cleaned_data.get("scope") == EVERYTHING and wanted:
            self.add_error("scope", "You ticked changes: choose “only what I tick here”, or none.")

    @property
    def given(self) -> dict[str, Any]:
        """What the actions take."""
        names = [name for name in ("organization", "url", "description") if name in self.fields]
        return {name: self.cleaned_data[name] for name in names} | {"event_types": self._ticked()}

    @staticmethod
    def initial_of(webhook: Any) -> dict[str, Any]:
        """What the form shows of a webhook that there is."""
        ticked = {
            kind.value: [name for name in webhook.event_types if name.startswith(f"{kind.value}.")]
            for kind in Kind
        }
        scope = CHOSEN if webhook.event_types else EVERYTHING
        told = {"url": webhook.url, "description": webhook.description, "scope": scope}
        return {**told, **ticked}

    def say(self, refusal: actions.Blocked) -> None:
        """Put each finding beside the box that it is about."""
        for found in refusal.findings:
            name = "scope" if found.field == "event_types" else found.field
            self.add_error(name or None, f"{found.message} {found.remedy}")

    def _ticked(self) -> list[str]:
        return [name for kind in Kind for name in self.cleaned_data.get(kind.value) or []]


class ResumeForm(forms.Form):
    """From where a paused webhook goes on."""

    STOPPED, NOW, NUMBER = "stopped", "now", "number"

    begin = forms.ChoiceField(
        label="It is told of",
        choices=[
            (STOPPED, "everything that it missed"),
            (NOW, "only what happens from now on"),
            (NUMBER, "everything since the event numbered"),
        ],
        initial=STOPPED,
        widget=forms.RadioSelect,
    )
    since = forms.IntegerField(
        label="Number of the first event", required=False, min_value=1, max_value=2**63 - 1
    )

    def clean(self) -> None:
        if self.cleaned_data.get("begin") == self.NUMBER and not self.cleaned_data.get("since"):
            self.add_error("since", "Give the number of the first event.")

    @property
    def first(self) -> int | None:
        """The number of the first event to tell; None to go on where it stopped."""
        match self.cleaned_data["begin"]:
            case self.NOW:
                return 2**63 - 1  # beyond whatever is the last one
            case self.NUMBER:
                return self.cleaned_data["since"]
        return None


def _choices(kind: Kind) -> list[tuple[str, str]]:
    words = [(status.value, str(status.label)) for status in statuses_of(kind)]
    words.append((CONFIRMED, "Confirmed by a look-up"))
    everything = (f"{kind.value}.*", f"Everything about {kind.label.lower()}s")
    return [everything, *((f"{kind.value}.{word}", label) for word, label in words)]
