"""What the forms of brands and campaigns share."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from registrations.forms.guidance import CHECK, Help, Step
from registrations.forms.merging import as_typed, displayed_value, stamp, stamps_in
from registrations.models import Organization, PlivoAccount

# What no keyboard types: control characters, and marks that turn the direction of reading.
UNSEEN = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Changes:
    """What becomes of one POST: fields to save, and all that was typed and does not fit.

    `misfits` are the fields of this POST that do not fit. `behind` are those that somebody else
    changed since the page was opened, so that it shows something older; `clashes` those of them
    that this page changed as well.
    """

    fields: list[str]
    typed: dict[str, Any]
    misfits: list[str]
    behind: list[str]
    clashes: list[str]


class RegistrationForm(forms.ModelForm):
    """One step of a brand's or a campaign's form.

    It saves whatever fits its field and keeps the rest as it was typed: a draft may be incomplete,
    and nothing is lost because it was wrong. `user` limits every choice to what this person may
    know of.
    """

    steps: ClassVar[tuple[Step, ...]]
    helps: ClassVar[Mapping[str, Help]]
    # What says who or what it is, and stays for ever once it is registered; and how that is said.
    unchangeable: ClassVar[tuple[str, ...]]
    unchangeable_note: ClassVar[str]
    # Words by which a refusal speaks of a field, beside the field's own name.
    pointers: ClassVar[Mapping[str, str]]

    def __init__(
        self, data: QueryDict | None = None, *, user: Any, step: Step, **kwargs: Any
    ) -> None:
        self.user, self.step = user, step
        plain = _with_plain_line_ends(data) if data else None
        super().__init__(plain, label_suffix="", **kwargs)
        for name in self.fields.keys() - set(step.fields):
            del self.fields[name]
        self._choose_owner()
        # The fields that are columns too, and how they stand before anything is cleaned.
        of_model = {field.name for field in self._meta.model._meta.fields}
        self.columns = [name for name in self.fields if name in of_model]
        self.stored = {name: getattr(self.instance, self._attribute(name)) for name in self.columns}
        self.displayed = {name: displayed_value(self.instance, name) for name in self.columns}
        for name, field in self.fields.items():
            self._dress(name, field)

    @classmethod
    def step_called(cls, slug: str) -> Step | None:
        return next((step for step in cls.steps if step.slug == slug), None)

    @classmethod
    def sections(cls) -> list[tuple[str, list[str]]]:
        """(title, names of fields) of each step, as it is read outside the form."""
        return [(step.title, step.fields) for step in cls.steps if step is not CHECK]

    def help_for(self, name: str) -> Help:
        return self.helps.get(name, Help())

    def business(self) -> str:
        """The name to put into a model text."""
        return "[Business]"

    def changes(self, *, keep: Collection[str] = (), take: Collection[str] = ()) -> Changes:
        """Weigh this POST against what is stored now, and leave the instance so.

        Where somebody else changed a field since the page was opened and this page did too, it is
        a clash, unless the person has seen both and chose: `keep` hers, or `take` the other's.
        """
        changes = Changes([], dict(self.instance.typed or {}), [], [], [])
        seen = stamps_in(self.data.get("seen", ""))
        for name in self._posted():
            fits = name in self.cleaned_data
            mine = _plain(self.cleaned_data[name]) if fits else as_typed(self._raw(name))
            theirs = self.displayed[name]
            base = seen.get(name) or stamp(self.instance, name, theirs)
            is_news = stamp(self.instance, name, theirs) != base and mine != theirs
            is_left_alone = self.is_left_alone(name)
            if name in take:
                continue
            if is_news and name not in keep:
                changes.behind.append(name)
                if not is_left_alone and stamp(self.instance, name, mine) != base:
                    changes.clashes.append(name)
            elif is_left_alone:
                continue
            elif not fits:
                changes.misfits.append(name)
                changes.typed[name] = self._raw(name)
            elif mine != theirs:
                changes.fields.append(name)
                changes.typed.pop(name, None)
        for name in set(self.columns) - set(changes.fields):
            # Cleaning has put what was posted into the instance.
            setattr(self.instance, self._attribute(name), self.stored[name])
        return changes

    def is_left_alone(self, name: str) -> bool:
        """Whether what was posted means: leave it as it is."""
        return False

    def full_clean(self) -> None:
        super().full_clean()
        if not self.is_bound:
            self._recall_what_does_not_fit()

    def _recall_what_does_not_fit(self) -> None:
        """Show again what was typed, and say again why it does not fit."""
        self.cleaned_data = {}
        for name, raw in (self.instance.typed or {}).items():
            if name not in self.fields:
                continue
            self.initial[name] = raw
            try:
                self.fields[name].clean(raw)
                self.instance._meta.get_field(name).run_validators(raw)
            except ValidationError as error:
                self.add_error(name, error)
            else:
                self.add_error(name, "It was not saved. Save this step once more.")

    def _choose_owner(self) -> None:
        """For whom, and through which account: asked only where there is a choice."""
        for name, rows in (
            ("organization", Organization.objects.for_user(self.user)),
            ("account", PlivoAccount.objects.all()),
        ):
            if name not in self.fields:
                continue
            several = list(rows[:2])
            if self.instance.pk:
                # A draft stays where it was begun.
                del self.fields[name]
            elif len(several) == 1:
                setattr(self.instance, name, several[0])
                del self.fields[name]
            else:
                self.fields[name].queryset = rows

    def _dress(self, name: str, field: Any) -> None:
        """Take away what would cut a text short, and tie the field to what is said of it."""
        told, attrs = self.help_for(name), field.widget.attrs
        attrs.pop("maxlength", None)
        # Both stand in the page, empty or not: see _draft_field.html.
        attrs["aria-describedby"] = f"help-{name} said-{name}"
        field.error_messages["required"] = "This cannot be left empty."
        field.error_messages["invalid_choice"] = "This is not one of the choices."
        if isinstance(field, forms.ModelChoiceField):
            field.empty_label = "Choose one"
        elif isinstance(field, forms.TypedChoiceField):
            choices: Any = field.choices
            field.choices = [(code, label if code else "Choose one") for code, label in choices]
        if type(field) is not forms.CharField:
            return
        many_lines = isinstance(field.widget, forms.Textarea)
        field.validators.append(no_unseen_signs if many_lines else one_line)
        column = self._meta.model._meta.get_field(name)
        if most := getattr(column, "max_length", None):
            attrs["data-most"] = most
        if told.least:
            attrs["data-least"] = told.least
        if told.is_message:
            attrs["data-message"] = ""

    def _posted(self) -> list[str]:
        """What the browser sent. An unticked box sends nothing, and means no."""
        return [
            name
            for name in self.columns
            if not self.fields[name].disabled
            and not self.fields[name].widget.value_omitted_from_data(self.data, self.files, name)
        ]

    def _raw(self, name: str) -> Any:
        several = isinstance(self.fields[name], forms.MultipleChoiceField)
        return self.data.getlist(name) if several else self.data.get(name, "")

    def _attribute(self, name: str) -> str:
        return self.instance._meta.get_field(name).attname


def _plain(value: Any) -> Any:
    """A value as its column holds it: of a chosen row, the key."""
    return getattr(value, "pk", value)


def _with_plain_line_ends(data: QueryDict) -> QueryDict:
    """Browsers send CR LF for what everybody else counts as one character."""
    plain = data.copy()
    for name, values in plain.lists():
        plain.setlist(name, [value.replace("\r\n", "\n") for value in values])
    return plain


def no_unseen_signs(text: str) -> None:
    if UNSEEN.search(text):
        raise ValidationError(
            "It holds characters that cannot be seen, as texts from elsewhere sometimes do. Type "
            "it by hand."
        )


def one_line(text: str) -> None:
    if "\n" in text or "\t" in text:
        raise ValidationError("It has to be one line.")
    no_unseen_signs(text)
