"""What an answer of Plivo's means: a yes, a no, or nothing that anybody could rely on."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from registrations.plivo.vocabulary import storable

SUCCESS = {200, 201, 202, 204}
# What Plivo documents for "no". Not 409 (conflict): it may be about an earlier request of ours.
REFUSAL = {400, 404, 405, 422}


class PlivoTrouble(Exception):
    """A call to Plivo did not go well. `text` is what Plivo answered, if it answered."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        text: str = "",
        api_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.text = text
        self.api_id = api_id
        self.retry_after = retry_after


class NotSent(PlivoTrouble):
    """The request provably never reached Plivo: no name, no connection, no TLS."""


class OutOfTime(NotSent):
    """The time that was given for asking is over, so this was not asked any more."""


class Refused(PlivoTrouble):
    """Plivo read the request and would not do it; `error` is its reason, word for word."""

    def __init__(self, error: str, **facts: Any) -> None:
        super().__init__(error, **facts)
        self.error = error


class NotFound(Refused):
    """Plivo does not know the object (404)."""


class RateLimited(PlivoTrouble):
    """Too many requests (429): not carried out. `retry_after` in seconds, if Plivo said so."""


class Unauthorised(PlivoTrouble):
    """Plivo does not accept our credentials, or the account may not do this (401, 403)."""


class Unknown(PlivoTrouble):
    """Nobody can tell whether Plivo acted: look before anything is sent again."""


class Reply(NamedTuple):
    """An HTTP answer as it came, whatever it says."""

    status: int
    text: str
    retry_after: str


@dataclass(frozen=True)
class Answer:
    """A 2xx answer: its JSON with names in snake_case, and the text as it came."""

    status: int
    body: dict[str, Any]
    text: str
    api_id: str

    def get(self, name: str) -> Any:
        """A value of the answer, or None."""
        return self.body.get(name)

    def useless(self, why: str) -> Unknown:
        """The trouble to raise where a yes lacks what it is needed for."""
        return Unknown(why, status=self.status, text=self.text, api_id=self.api_id)


def understood(reply: Reply) -> Answer:
    """A yes as an answer; anything else raises the PlivoTrouble it means."""
    status, tree = reply.status, _tree(reply.text)
    body = _normalised(tree) if isinstance(tree, dict) else {}
    api_id = str(body.get("api_id") or "")
    error = _error_in(tree)
    facts: dict[str, Any] = {"status": status, "text": reply.text, "api_id": api_id}
    if status in (401, 403):
        raise Unauthorised(error or f"Plivo answered HTTP {status}.", **facts)
    if status == 429:
        seconds = _seconds(reply.retry_after)
        raise RateLimited(error or "Plivo asks us to slow down.", **facts, retry_after=seconds)
    # A page of HTML with the same status comes from a gateway, which cannot speak for Plivo.
    if status in REFUSAL and (error or api_id):
        reason = error or str(body.get("message") or f"Plivo answered HTTP {status}.")
        raise (NotFound if status == 404 else Refused)(reason, **facts)
    if status not in SUCCESS:
        raise Unknown(f"Plivo answered HTTP {status}. {error}".strip(), **facts)
    if error:
        raise Refused(error, **facts)
    if not isinstance(tree, dict) and not (status == 204 and not reply.text.strip()):
        raise Unknown(f"Plivo answered HTTP {status}, but not with a JSON object.", **facts)
    return Answer(status=status, body=body, text=reply.text, api_id=api_id)


def _tree(text: str) -> Any:
    """The JSON of an answer, or None. What no database keeps (NaN, infinity) becomes null."""
    try:
        tree = json.loads(text, parse_float=_finite, parse_constant=lambda name: None)
        return _clean(tree)
    except (ValueError, RecursionError):
        return None


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _clean(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {storable(name): _clean(value) for name, value in tree.items()}
    if isinstance(tree, list):
        return [_clean(value) for value in tree]
    return storable(tree) if isinstance(tree, str) else tree


def _normalised(tree: Any) -> Any:
    """Documents show both apiId and api_id: here it is always the latter.

    Names that are not camelCase stay as they are, and so do those inside mno_metadata: the
    operators' own names.
    """
    if isinstance(tree, dict):
        named = {_snake_case(name): value for name, value in tree.items()}
        return {
            name: value if name == "mno_metadata" else _normalised(value)
            for name, value in named.items()
        }
    return [_normalised(value) for value in tree] if isinstance(tree, list) else tree


def _snake_case(name: str) -> str:
    if not re.fullmatch(r"[a-z][A-Za-z0-9]*", name):
        return name
    return re.sub(r"(?<=[a-z0-9])[A-Z]", lambda capital: f"_{capital[0]}", name).lower()


def _error_in(tree: Any) -> str:
    error = tree.get("error") if isinstance(tree, dict) else None
    if not error:
        return ""
    return error if isinstance(error, str) else json.dumps(error, ensure_ascii=False)


def _seconds(retry_after: str) -> float | None:
    """Seconds to wait, from either form of Retry-After (RFC 9110, section 10.2.3)."""
    if re.fullmatch(r"[0-9]{1,9}", retry_after.strip()):
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
