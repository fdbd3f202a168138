from django import forms


class CodeForm(forms.Form):
    """A code of the app, or one of those for the day it is lost."""

    code = forms.CharField(
        label="Code",
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
