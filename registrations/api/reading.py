"""Reading what programs send, and refusing early what nobody sends on purpose."""

from __future__ import annotations

import json
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from registrations.api.problems import Problem

LARGEST_BODY = 1024 * 1024
DEEPEST = 32


class StrictJSONParser(JSONParser):
    """JSON as RFC 8259 has it: UTF-8, each name once, and of a size that makes sense here."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        body = stream.read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            raise Problem(
                413, "too_large", f"A body has at most {LARGEST_BODY:,} bytes. Send less at once."
            )
        try:
            text = body.decode()
            told = json.loads(text, object_pairs_hook=_named_once, parse_constant=_no_number)
            _demand_shallow(told)
            if "\\u" in text:
                # One half of a pair of surrogates is no character, and nothing can write it.
                json.dumps(told, ensure_ascii=False).encode()
        except RecursionError as deep:
            raise ParseError(f"The JSON is nested deeper than {DEEPEST} levels.") from deep
        except ValueError as trouble:
            raise ParseError(f"This is not JSON that can be read: {_words(trouble)}") from trouble
        return told


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a name stands twice in one object.")
    return told


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON.")


def _demand_shallow(told: Any) -> None:
    level = [told]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                below += one.values()
            elif isinstance(one, list):
                below += one
        if not below:
            return
        level = below
    raise RecursionError


def _words(trouble: ValueError) -> str:
    if isinstance(trouble, json.JSONDecodeError):
        return f"{trouble.msg} (line {trouble.lineno}, column {trouble.colno})."
    if isinstance(trouble, UnicodeError):
        return "it is not UTF-8."
    return str(trouble)
