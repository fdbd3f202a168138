"""A step as it is shown: its fields with all that is said of each, and how far the draft is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.text import capfirst

from registrations.forms.guidance import CHECK, Group, Help, Step
from registrations.forms.merging import stamps_in, stamps_of, written
from registrations.forms.registration import Changes, RegistrationForm
from registrations.models.choices import UseCase
from registrations.models.conditions import counts
from registrations.preflight import BLOCK, WARN, Finding


@dataclass(frozen=True)
class Row:
    """One field and what stands beside it.

    If the page is behind, `theirs` is what somebody else wrote meanwhile; it clashes if this page
    wrote something too.
    """

    bound: forms.BoundField
    help: Help
    limits: str
    findings: list[Finding]
    note: str
    is_behind: bool
    clashes: bool
    theirs: str

    @property
    def name(self) -> str:
        return self.bound.name

    @property
    def is_tick(self) -> bool:
        return isinstance(self.bound.field, forms.BooleanField)


@dataclass(frozen=True)
class Section:
    """Fields that stand together. `shown_when` tells the browser the condition, if it is here."""

    title: str
    only: str
    shown_when: str
    rows: list[Row]


def sections_of(
    form: RegistrationForm,
    findings: Iterable[Finding] = (),
    *,
    changes: Changes | None = None,
    of_all: bool = False,
) -> list[Section]:
    """The step's fields. What is missing is said of a field only if `of_all`: not while it is new.

    A group whose condition is decided on another step is left out while it does not hold.
    """
    beside: dict[str, list[Finding]] = {}
    for found in findings:
        if found.rule and (of_all or not is_empty(form.instance, found.field)):
            beside.setdefault(found.field, []).append(found)
    sections = []
    for group in form.step.groups:
        rows = [
            _row(form, name, beside.get(name, []), changes)
            for name in group.fields
            if name in form.fields
        ]
        if rows and _is_shown(form, group):
            sections.append(Section(group.title, *_condition(form, group), rows))
    return sections


def seen_by(form: RegistrationForm, behind: Iterable[str] = ()) -> str:
    """The stamps for the page. Where it shows something older than what is stored, the old one."""
    stamps = stamps_of(form.instance, form.columns)
    old = stamps_in(form.data.get("seen", "")) if form.is_bound else {}
    return written(stamps | {name: old[name] for name in behind if name in old})


def told(registration: Any, name: str) -> str:
    """A field as it is read outside the form; of a tax id, its last four characters."""
    if name == "ein":
        return registration.masked_ein
    if name == "sub_usecases":
        labels = dict(UseCase.choices)
        return ", ".join(str(labels.get(code, code)) for code in registration.sub_usecases)
    display = getattr(registration, f"get_{name}_display", None)
    value = display() if display else getattr(registration, name)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value or "")


def label_of(registration: Any, name: str) -> str:
    return capfirst(str(registration._meta.get_field(name).verbose_name))


def is_empty(registration: Any, name: str) -> bool:
    """Whether nobody has written anything here: it holds nothing, or what it began with."""
    if not name or name in (registration.typed or {}):
        return False
    field = registration._meta.get_field(name)
    value = field.value_from_object(registration)
    return value in field.empty_values or (field.has_default() and value == field.get_default())


def _row(
    form: RegistrationForm, name: str, findings: list[Finding], changes: Changes | None
) -> Row:
    bound, help = form[name], form.help_for(name)
    is_behind = changes is not None and name in changes.behind
    if help.model:
        help = replace(help, model=help.model.format(brand=form.business()))
    return Row(
        bound=bound,
        help=help,
        limits=_limits(bound),
        findings=findings,
        note=(form.instance.field_notes or {}).get(name, ""),
        is_behind=is_behind,
        clashes=changes is not None and name in changes.clashes,
        theirs=_theirs(form, name) if is_behind else "",
    )


def _theirs(form: RegistrationForm, name: str) -> str:
    typed = form.instance.typed or {}
    if name == "ein" or name not in typed:
        return told(form.instance, name)
    return str(typed[name])


def _limits(bound: forms.BoundField) -> str:
    """How long a text may be, in words; nothing for a line, which is seldom too long."""
    attrs = bound.field.widget.attrs
    least, most = attrs.get("data-least"), attrs.get("data-most")
    if not isinstance(bound.field.widget, forms.Textarea) or not most:
        return ""
    return f"{least} to {most:,} characters." if least else f"At most {most:,} characters."


def _is_shown(form: RegistrationForm, group: Group) -> bool:
    return group.only is None or group.only.field in form.fields or group.only.holds(form.instance)


def _condition(form: RegistrationForm, group: Group) -> tuple[str, str]:
    if group.only is None:
        return "", ""
    if group.only.field not in form.fields:
        return group.only.words, ""
    return group.only.words, f"{group.only.field}={','.join(group.only.values)}"


@dataclass(frozen=True)
class Place:
    """A step in the list of steps: how it stands, and where one is."""

    step: Step
    number: int
    state: str
    words: str
    here: bool
    notes: int


def places(
    registration: Any, form: type[RegistrationForm], findings: Iterable[Finding], here: Step
) -> list[Place]:
    """Every step, and whether it is done, has something to put right, or is not begun."""
    findings = list(findings)
    return [
        _place(number, step, registration, findings, here)
        for number, step in enumerate(form.steps, start=1)
    ]


def first_open(registration: Any, form: type[RegistrationForm], findings: list[Finding]) -> Step:
    """The first step that is not complete, or the first."""
    listed = places(registration, form, findings, here=CHECK)
    is_open = [place.step for place in listed if place.state in ("mend", "todo")]
    return next((step for step in is_open if step is not CHECK), form.steps[0])


def _place(
    number: int, step: Step, registration: Any, findings: list[Finding], here: Step
) -> Place:
    of_step = findings if step is CHECK else [f for f in findings if f.field in step.fields]
    blocking = sum(found.severity == BLOCK for found in of_step)
    notes = sum(name in (registration.field_notes or {}) for name in step.fields)
    begun = any(not is_empty(registration, name) for name in _columns(registration, step))
    if step is CHECK:
        state, words = ("todo", "not sent yet") if blocking else ("ready", "ready to be sent")
    elif begun and blocking:
        state, words = "mend", f"{blocking} to put right"
    elif not begun and any(found.severity in (BLOCK, WARN) for found in of_step):
        state, words = "todo", "not filled in yet"
    else:
        state, words = ("done", "done") if begun else ("free", "nothing needed")
    if notes:
        words = f"{words}, {notes} noted by compliance"
    return Place(step, number, state, words, here=step is here, notes=notes)


def _columns(registration: Any, step: Step) -> Iterator[str]:
    for name in step.fields:
        if any(field.name == name for field in registration._meta.fields):
            if counts(registration, name):
                yield name


@dataclass(frozen=True)
class Pointer:
    """A field that something points to, and where it is."""

    step: Step
    name: str
    label: str


def pointer_to(registration: Any, form: type[RegistrationForm], name: str) -> Pointer | None:
    for step in form.steps:
        if name in step.fields:
            return Pointer(step, name, label_of(registration, name))
    return None


def fields_named_in(text: str, registration: Any, form: type[RegistrationForm]) -> list[Pointer]:
    """The fields that a reason of refusal names, by their own names or by words people use."""
    # Whoever writes to us at length names the field at the beginning.
    said = text[:2000]
    own_names = {
        name: name for step in form.steps for name in step.fields if re.search(r"[_\d]", name)
    }
    names = [
        name
        for words, name in {**own_names, **form.pointers}.items()
        if re.search(rf"\b(?:{words})\b", said, re.IGNORECASE)
    ]
    found = (pointer_to(registration, form, name) for name in dict.fromkeys(names))
    return [pointer for pointer in found if pointer]
