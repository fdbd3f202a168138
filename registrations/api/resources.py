"""What every resource stands on: whose rows, by which name, and which scope an action needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from registrations.api.callers import visible
from registrations.api.filtering import Filters, RefusesUnknown, listed
from registrations.api.idempotency import AnswersOnce
from registrations.api.paging import CursorPages, order_of
from registrations.api.rendering import CSV, cells
from registrations.exporting import csv_response
from registrations.models import Scope

PIECE = 500


class Resource(RefusesUnknown, AnswersOnce, GenericViewSet):
    """Rows of one model, as far as the caller may know of them; a foreign one is a 404.

    `scopes` names the scope that each action needs of a key; see `HasScope`.
    """

    model: ClassVar[type[Model]]
    scopes: ClassVar[dict[str, Scope]] = {"list": Scope.READ, "retrieve": Scope.READ}
    # Leads from a row to the registration that it is about, where it is about one.
    about = ""

    def get_queryset(self) -> QuerySet[Any]:
        rows = self.model._default_manager.all()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return visible(rows, self.request, prefix=self.about)


class Readable(Resource):
    """A resource that is listed, page by page or as CSV, and read one by one.

    Its rows are told whole, or `?fields=` of them. Parameters that it does not know are refused.
    """

    pagination_class = CursorPages
    filter_backends = [Filters]
    # By which fields of time the list can be ordered, the first by default, newest first.
    orders: ClassVar[tuple[str, ...]] = ("created_at",)
    # What is told of each row is read along with it.
    related: ClassVar[tuple[str, ...]] = ()

    def parameters(self) -> Collection[str]:
        shape = {"format"}
        if self.action in ("list", "retrieve"):
            shape |= {"fields"}
        if self.action == "list":
            filters = getattr(self, "filterset_class", None)
            shape |= {"order", *(filters.base_filters if filters else ())}
            if not self._is_csv():
                shape |= {"cursor", "limit"}
        return shape

    def get_renderers(self) -> list[BaseRenderer]:
        return [JSONRenderer(), CSV()] if self.action == "list" else [JSONRenderer()]

    def shown(self) -> QuerySet[Any]:
        """The rows with all that is told of them."""
        return self.get_queryset().select_related(*self.related)

    def told(self, rows: Any, **options: Any) -> Any:
        """The serializer that tells of one row, or `many`, cut to the fields that were asked."""
        serializer: Any = self.get_serializer_class()
        context = self.get_serializer_context()
        return serializer(rows, only=self.fields_asked(), context=context, **options)

    def fields_asked(self) -> Sequence[str] | None:
        """Those that the address names; None for all."""
        return listed(self.request, "fields", self.fields_told())

    def fields_told(self) -> Sequence[str]:
        serializer: Any = self.get_serializer_class()()
        return [name for name, field in serializer.fields.items() if not field.write_only]

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        rows = self.filter_queryset(self.shown())
        if self._is_csv():
            return self._csv(request, rows)
        return self.get_paginated_response(self.told(self.paginate_queryset(rows), many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.told(self.get_object()).data)

    def get_object(self) -> Any:
        wanted = self.kwargs[self.lookup_field].upper()
        return get_object_or_404(self.shown(), **{self.lookup_field: wanted})

    def _is_csv(self) -> bool:
        return getattr(self.request, "accepted_renderer", None).__class__ is CSV

    def _csv(self, request: Request, rows: QuerySet[Any]) -> Any:
        name = str(self.model._meta.verbose_name_plural).replace(" ", "-")
        serializer = self.told(None)
        header = [field for field, how in serializer.fields.items() if not how.write_only]
        order = order_of(request, self.orders)
        last = "-pk" if order.startswith("-") else "pk"
        lines = rows.order_by(order, last).iterator(chunk_size=PIECE)
        return csv_response(request, name, header, cells(serializer, lines))
