from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from portal.sign_in import guesses


class SignInForm(AuthenticationForm):
    """Name and password; where to go then, and what was typed before, go along unseen."""

    next = forms.CharField(widget=forms.HiddenInput, required=False)
    typed = forms.CharField(widget=forms.HiddenInput, required=False)

    request: HttpRequest
    # How long whoever guessed too often has to wait.
    wait = 0

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name and password:
            try:
                self.user_cache = guesses.check_password(self.request, name, password)
            except guesses.TooMany as limit:
                self.wait = limit.seconds
                raise ValidationError(str(limit), code="too_many") from limit
            if self.user_cache is None:
                raise self.get_invalid_login_error()
        return self.cleaned_data


class ChangePasswordForm(PasswordChangeForm):
    """The old password is guessed no more often here than at the door."""

    def __init__(self, request: Any, *args: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(request.user, *args, **kwargs)

    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        try:
            person = guesses.check_password(self.request, self.user.get_username(), old)
        except guesses.TooMany as limit:
            raise ValidationError(str(limit), code="too_many") from limit
        if person != self.user:
            raise ValidationError("This is not your password of now.", code="password_incorrect")
        return old


class AskForLinkForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )
