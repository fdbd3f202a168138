"""Giving a CSV file of brands or campaigns: uploaded, pasted, or as an answer brought it back."""

from __future__ import annotations

import io
from typing import IO, Any

from django import forms
from django.core import signing

from registrations.models import Organization, Role, roles_of

# Between a check and the import of what was checked nobody needs longer.
SECONDS = 24 * 3600


def sealed(text: str, *, kind: str, user: Any) -> str:
    """An answered file as its page carries it: this person's own, and unchanged when it returns."""
    return signing.dumps([user.pk, kind, text], salt=__name__, compress=True)


def opened(seal: str, *, user: Any) -> tuple[str, str]:
    """(kind, text) of what was sealed; raises BadSignature if it is not hers, or too old."""
    owner, kind, text = signing.loads(seal, salt=__name__, max_age=SECONDS)
    if owner != user.pk:
        raise signing.BadSignature("Somebody else was given this.")
    return kind, text


class ImportForm(forms.Form):
    """For whom, and the file. `answer` carries one that was checked, so that it is imported."""

    organization = forms.ModelChoiceField(
        Organization.objects.none(),
        empty_label="Choose one",
        help_text="Every row becomes a draft of it.",
    )
    file = forms.FileField(
        label="CSV file",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv,text/plain"}),
        help_text="In UTF-8, with commas, semicolons or tabs. At most 1,000 rows and 5 MB.",
    )
    text = forms.CharField(
        label="Or paste it",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text="With the line that names the columns.",
    )
    answer = forms.CharField(required=False, widget=forms.HiddenInput)
    send = forms.BooleanField(
        label="Send for review whatever nothing stands against",
        required=False,
        help_text="The other rows become drafts, to be completed on their pages.",
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        # Beside which field it is said if the file cannot be read.
        self.source = "file"
        organizations = Organization.objects.for_user(user)
        field = self.fields["organization"]
        field.queryset = organizations
        if len(only := organizations[:2]) == 1:
            field.initial, field.widget = only[0], forms.HiddenInput()
        if Role.MARKETER not in roles_of(user):
            del self.fields["send"]

    def clean(self) -> None:
        given = [name for name in ("file", "text", "answer") if self.cleaned_data.get(name)]
        if len(given) > 1:
            self.add_error("text", "Upload a file or paste one, not both.")
        elif not given and not self.errors:
            self.add_error("file", "Choose a file, or paste one below.")
        else:
            self.source = given[0] if given else self.source
        if self.source == "answer":
            self._open_answer()

    def given(self) -> IO[bytes]:
        """The file, wherever it came from."""
        found = self.cleaned_data[self.source]
        return io.BytesIO(found.encode()) if isinstance(found, str) else found

    def _open_answer(self) -> None:
        try:
            _, self.cleaned_data["answer"] = opened(self.cleaned_data["answer"], user=self.user)
        except signing.BadSignature:
            self.source = "file"
            self.add_error("file", "What you checked is not at hand any more. Choose it again.")
