"""In which form an answer goes out: JSON, and lists also as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.serializers import BaseSerializer


class Negotiation(DefaultContentNegotiation):
    """By the header Accept, or by `?format=`; a form that there is not is a 406 either way."""

    def filter_renderers(self, renderers: Any, format: str) -> list[BaseRenderer]:
        fitting = [renderer for renderer in renderers if renderer.format == format]
        if not fitting:
            raise NotAcceptable(available_renderers=renderers)
        return fitting


class CSV(BaseRenderer):
    """Says that a list can be had as CSV. It is streamed by `exporting.csv_response`."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("CSV is streamed.")


def cells(serializer: BaseSerializer[Any], rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Each row as its fields are told in JSON; what has parts is JSON within its cell."""
    for row in rows:
        yield [_cell(value) for value in serializer.to_representation(row).values()]


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value
