"""By what lists are filtered: as the pages are, and by what programs know. All else is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.models import DateTimeField, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.http import HttpRequest
from django_filters import (  # type: ignore[import-untyped]
    CharFilter,
    FilterSet,
    IsoDateTimeFilter,
    ModelChoiceFilter,
)
from django_filters.rest_framework import DjangoFilterBackend  # type: ignore[import-untyped]

from registrations.api import callers
from registrations.api.problems import Problem, wrong_parameter
from registrations.filters import (
    BrandFilter,
    CampaignFilter,
    NumberLinkFilter,
    digits_of,
    reference_in,
)
from registrations.lifecycle import Kind
from registrations.models import REGISTRATION_MODELS, AuditEntry, Scope

# What is committed late was written before: whoever asks for news is told so much again.
OVERLAP = timedelta(minutes=1)


class Filters(DjangoFilterBackend):
    """A view's `filterset_class`; what it does not understand is refused, not passed over."""

    def filter_queryset(self, request: Any, rows: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filters = self.get_filterset(request, rows, view)
        for name in filters.filters if filters else ():
            # Left empty by accident, it would tell far more than was asked for.
            if request.query_params.get(name, "-").strip() == "":
                raise wrong_parameter(name, "Give a value, or leave it out.")
        if filters is None or filters.is_valid():
            return rows if filters is None else filters.qs
        errors = [
            {"code": "invalid_parameter", "pointer": "", "parameter": name, "detail": str(said)}
            for name, several in filters.errors.items()
            for said in several
        ]
        raise Problem(400, "invalid_parameter", "A parameter is not understood.", errors)


class RefusesUnknown:
    """A view that refuses what it does not know in its address, before it does anything."""

    # By action, what may stand behind the question mark, beside the format of the answer.
    known: ClassVar[Mapping[str, Collection[str]]] = {}
    # What the view tells of each action; see `HasScope`.
    scopes: ClassVar[dict[str, Scope]]
    action: str

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if self.action not in self.scopes:
            return  # it answers that the method is not understood
        known = self.parameters()
        for name in request.query_params:
            if name not in known:
                words = f"Known here: {', '.join(sorted(known))}."
                raise wrong_parameter(name, words, "unknown_parameter")

    def parameters(self) -> Collection[str]:
        """What the address of the present action may hold."""
        return {"format", *self.known.get(self.action, ())}


class AboutList(FilterSet):
    """A list of what is about registrations; `row_to` leads from a row to what names its own."""

    row_to: ClassVar[str] = ""
    registration = CharFilter(label="Reference of the registration", method="about", max_length=20)

    def about(self, rows: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        reference, models = reference_in(text), REGISTRATION_MODELS
        model = next((m for m in models if reference.startswith(m.reference_prefix)), None)
        if model is None:
            return rows.none()
        return rows.filter(**{f"{self.row_to}{model.kind.value}__reference": reference})


def listed(request: Any, name: str, known: Collection[str]) -> list[str] | None:
    """The values of a parameter that names several, as `?fields=reference,status`."""
    if name not in request.query_params:
        return None
    asked = [one.strip() for one in request.query_params[name].split(",") if one.strip()]
    for one in asked:
        if one not in known:
            raise wrong_parameter(name, f"Known here: {', '.join(sorted(known))}.")
    return list(dict.fromkeys(asked))


def with_updated_at(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Each registration with the moment at which anything about it was last written down.

    Whatever people do and Plivo says writes a line of the trail, whose last has the number
    `version`; only edits of a draft and what a look-up brings along do not, and have times of
    their own.
    """
    last_line = AuditEntry.objects.order_by().filter(
        **{rows.model.kind.value: OuterRef("pk")}, sequence=OuterRef("version")
    )
    edited = F("edited_at")
    return rows.annotate(
        updated_at=Greatest(
            edited,
            Coalesce(F("last_lookup_at"), edited),
            Coalesce(Subquery(last_line.values("at")), edited),
            output_field=DateTimeField(),
        )
    )


def own_organizations(request: HttpRequest) -> QuerySet[Any]:
    return callers.organizations(request)  # type: ignore[arg-type]


class ProgramFilter(FilterSet):
    """What programs ask beyond what the pages' lists are filtered by."""

    organization = ModelChoiceFilter(queryset=own_organizations)
    account = CharFilter(label="Auth id", field_name="account__auth_id", max_length=20)
    external_id = CharFilter(label="How you call it", max_length=100)
    updated_since = IsoDateTimeFilter(
        label="Written or looked up since then, at least; a minute before is told again",
        method="since",
    )

    def since(self, rows: QuerySet[Any], name: str, moment: datetime) -> QuerySet[Any]:
        # Far from now there is no minute before.
        begin = moment - OVERLAP if moment.year > 1900 else moment
        return rows.filter(updated_at__gte=begin)


# Where both declare a filter, the first one named wins.
class BrandList(ProgramFilter, BrandFilter):
    plivo_id = CharFilter(label="Plivo id", max_length=40)


class CampaignList(ProgramFilter, CampaignFilter):
    plivo_id = CharFilter(label="Plivo id", max_length=40)


class NumberLinkList(ProgramFilter, NumberLinkFilter):
    number = CharFilter(label="The number, in any usual form", method="of_number", max_length=40)

    def of_number(self, rows: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        digits = digits_of(text)
        return rows.filter(number=f"1{digits}" if len(digits) == 10 else digits)


LISTS: dict[Kind, type[FilterSet]] = {
    Kind.BRAND: BrandList,
    Kind.CAMPAIGN: CampaignList,
    Kind.NUMBER_LINK: NumberLinkList,
}
