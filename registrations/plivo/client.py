"""Plivo's 10DLC API over HTTPS: one method a call, and errors that say what is provable.

Every call is made once: no retry, no redirect, no proxy or netrc from the environment. What went
wrong is classified below `requests`' own exceptions, because it raises the same one for "refused"
and for "closed after acting" (https://www.plivo.com/docs/messaging/api/overview).
"""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests
from urllib3 import exceptions as below

PAGE = 20
MOST_PAGES = 500
LARGEST_ANSWER = 5 * 1024 * 1024


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


@dataclass(frozen=True)
class Answer:
    """A 2xx answer: its JSON with names in snake_case, and the text as it came."""

    status: int
    body: dict[str, Any]
    text: str
    api_id: str


class PlivoClient:
    """One account's view of Plivo. Safe to share between threads: each has its own session."""

    def __init__(
        self,
        auth_id: str,
        auth_token: str,
        *,
        base_url: str,
        connect_seconds: float = 5,
        read_seconds: float = 60,
    ) -> None:
        self._auth = (auth_id, auth_token)
        self._account = f"/v1/Account/{auth_id}"
        self._base_url = base_url.rstrip("/")
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._local = threading.local()

    def __repr__(self) -> str:
        return f"<PlivoClient {self._auth[0]} at {self._base_url}>"

    # --- Profiles ---

    def create_profile(self, fields: dict[str, Any]) -> Answer:
        return self._call("POST", "/Profile/", fields)

    def get_profile(self, profile_uuid: str) -> dict[str, Any]:
        return self._object(f"/Profile/{_part(profile_uuid)}/", "profile")

    def list_profiles(self) -> list[dict[str, Any]]:
        return self._list("/Profile/", "profiles", "profile_uuid")

    def update_profile(self, profile_uuid: str, fields: dict[str, Any]) -> Answer:
        return self._call("POST", f"/Profile/{_part(profile_uuid)}/", fields)

    def delete_profile(self, profile_uuid: str) -> Answer:
        return self._call("DELETE", f"/Profile/{_part(profile_uuid)}/")

    # --- Brands ---

    def create_brand(self, fields: dict[str, Any]) -> Answer:
        return self._call("POST", "/10dlc/Brand/", fields)

    def get_brand(self, brand_id: str) -> dict[str, Any]:
        return self._object(f"/10dlc/Brand/{_part(brand_id)}/", "brand")

    def list_brands(self) -> list[dict[str, Any]]:
        return self._list("/10dlc/Brand/", "brands", "brand_id")

    def brand_usecases(self, brand_id: str) -> list[dict[str, Any]]:
        """The use cases open to this brand: name, code, details."""
        answer = self._call("GET", f"/10dlc/Brand/{_part(brand_id)}/usecases/")
        return _rows(answer, "use_cases")

    def delete_brand(self, brand_id: str) -> Answer:
        return self._call("DELETE", f"/10dlc/Brand/{_part(brand_id)}/")

    # --- Campaigns ---

    def create_campaign(self, fields: dict[str, Any]) -> Answer:
        return self._call("POST", "/10dlc/Campaign/", fields)

    def import_campaign(self, fields: dict[str, Any]) -> Answer:
        return self._call("POST", "/10dlc/Campaign/Import/", fields)

    def get_campaign(self, campaign_id: str) -> dict[str, Any]:
        return self._object(f"/10dlc/Campaign/{_part(campaign_id)}/", "campaign")

    def list_campaigns(self, brand_id: str | None = None) -> list[dict[str, Any]]:
        query = {"brand_id": brand_id} if brand_id else {}
        return self._list("/10dlc/Campaign/", "campaigns", "campaign_id", query)

    def update_campaign(self, campaign_id: str, fields: dict[str, Any]) -> Answer:
        return self._call("POST", f"/10dlc/Campaign/{_part(campaign_id)}/", fields)

    def delete_campaign(self, campaign_id: str) -> Answer:
        return self._call("DELETE", f"/10dlc/Campaign/{_part(campaign_id)}/")

    # --- Numbers on campaigns ---

    def link_numbers(self, campaign_id: str, numbers: list[str], *, callback_url: str) -> Answer:
        fields = {"numbers": numbers, "url": callback_url, "method": "POST"}
        return self._call("POST", f"/10dlc/Campaign/{_part(campaign_id)}/Number/", fields)

    def campaign_numbers(self, campaign_id: str) -> list[dict[str, Any]]:
        """Every number of a campaign: [{"number": "14155550100", "status": "COMPLETED"}]."""
        path = f"/10dlc/Campaign/{_part(campaign_id)}/Number/"
        return self._list(path, "phone_numbers", "number")

    def campaign_number(self, campaign_id: str, number: str) -> dict[str, Any] | None:
        """One number of a campaign, or None if Plivo says that it is not linked to it."""
        path = f"/10dlc/Campaign/{_part(campaign_id)}/Number/{_part(number)}/"
        try:
            rows = _rows(self._call("GET", path), "phone_numbers")
        except Refused as refusal:
            if isinstance(refusal, NotFound) or "not linked" in refusal.error:
                return None
            raise
        return next((row for row in rows if _digits(row.get("number")) == number), None)

    def unlink_number(self, campaign_id: str, number: str, *, callback_url: str) -> Answer:
        path = f"/10dlc/Campaign/{_part(campaign_id)}/Number/{_part(number)}/"
        return self._call("DELETE", path, {"url": callback_url, "method": "POST"})

    # --- The account's own numbers ---

    def account_numbers(self, **filters: Any) -> list[dict[str, Any]]:
        return self._list("/Number/", "objects", "number", filters)

    def account_number(self, number: str) -> dict[str, Any]:
        return self._call("GET", f"/Number/{_part(number)}/").body

    # --- One call ---

    def _object(self, path: str, key: str) -> dict[str, Any]:
        answer = self._call("GET", path)
        found = answer.body.get(key)
        if not isinstance(found, dict):
            raise Unknown(
                f"Plivo answered without a {key}.",
                status=answer.status,
                text=answer.text,
                api_id=answer.api_id,
            )
        return found

    def _list(
        self, path: str, key: str, identity: str, query: dict[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """All pages, each object once: the order is not documented, so pages may overlap."""
        found: dict[str, dict[str, Any]] = {}
        for page in range(MOST_PAGES):
            window = {"limit": PAGE, "offset": page * PAGE}
            answer = self._call("GET", path, query={**(query or {}), **window})
            rows = _rows(answer, key)
            found |= {str(row.get(identity)): row for row in rows}
            meta = answer.body.get("meta")
            more = meta.get("next") if isinstance(meta, dict) else len(rows) == PAGE
            if not more or not rows:
                return list(found.values())
        raise Unknown(f"{path} has more than {MOST_PAGES} pages.")

    def _call(
        self,
        method: str,
        path: str,
        fields: dict[str, Any] | None = None,
        query: dict[str, Any] | None = None,
    ) -> Answer:
        session = self._session()
        if method != "GET":
            # A kept connection may have died unseen, and what is sent on it is lost *somewhere*.
            session.close()
        started = time.monotonic()
        try:
            response = session.request(
                method,
                f"{self._base_url}{self._account}{path}",
                params=query,
                json=fields,
                auth=self._auth,
                timeout=(self._connect_seconds, self._read_seconds),
                allow_redirects=False,
                stream=True,
            )
            with response:
                text = self._read(response, started)
        except (requests.RequestException, below.HTTPError, OSError) as trouble:
            raise _classified(trouble) from trouble
        return _understood(response, text)

    def _read(self, response: requests.Response, started: float) -> str:
        """The body, of bounded size and within the time-out as a whole: it may come in drips."""
        parts: list[bytes] = []
        size = 0
        for part in response.iter_content(64 * 1024):
            parts.append(part)
            size += len(part)
            late = time.monotonic() - started > self._read_seconds
            if size > LARGEST_ANSWER or late:
                raise Unknown(
                    "Plivo's answer is too large or too slow.", status=response.status_code
                )
        return b"".join(parts).decode("utf-8", "replace")

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.trust_env = False  # no proxy, no netrc, no other certificates
            session.headers["Accept"] = "application/json"
            session.headers["User-Agent"] = "10dlc-portal"
            self._local.session = session
        return self._local.session


def _classified(trouble: Exception) -> PlivoTrouble:
    """What is provable: a connection that never came to be has carried nothing."""
    causes = []
    cause: BaseException | None = trouble
    while cause is not None and len(causes) < 10:
        causes.append(cause)
        inner = getattr(cause, "reason", None) or (cause.args[0] if cause.args else None)
        cause = inner if isinstance(inner, BaseException) else cause.__cause__
    never_connected = (
        requests.ConnectTimeout,
        below.NewConnectionError,
        below.ConnectTimeoutError,
        below.NameResolutionError,
    )
    if any(isinstance(cause, never_connected) for cause in causes):
        return NotSent(f"Plivo could not be reached: {_short(trouble)}")
    if any("certificate verify failed" in str(cause) for cause in causes):
        return NotSent("Plivo's TLS certificate could not be verified.")
    return Unknown(f"The connection to Plivo broke: {_short(trouble)}")


def _short(trouble: Exception) -> str:
    return type(trouble).__name__


def _understood(response: requests.Response, text: str) -> Answer:
    status = response.status_code
    try:
        tree = _snake_case(json.loads(text)) if text.strip() else {}
    except (ValueError, RecursionError):
        tree = None
    body = tree if isinstance(tree, dict) else {}
    api_id = str(body.get("api_id") or "")
    error = _error_in(body)
    facts: dict[str, Any] = {"status": status, "text": text, "api_id": api_id}
    if status in (401, 403):
        raise Unauthorised(error or f"HTTP {status}", **facts)
    if status == 429:
        wait = response.headers.get("Retry-After", "")
        raise RateLimited(
            "Plivo asked us to slow down.",
            **facts,
            retry_after=float(wait) if wait.isdigit() else None,
        )
    if status == 404 and (error or response.request.method == "GET"):
        raise NotFound(error or "Plivo does not know it.", **facts)
    if status in (400, 405, 422) and error:
        raise Refused(error, **facts)
    if status not in (200, 201, 202, 204):
        raise Unknown(f"Plivo answered HTTP {status}. {error}".strip(), **facts)
    if error:
        raise Refused(error, **facts)
    if tree is None or (text.strip() and not isinstance(tree, dict)):
        raise Unknown("Plivo's answer is not JSON.", **facts)
    return Answer(status=status, body=body, text=text, api_id=api_id)


def _error_in(body: dict[str, Any]) -> str:
    error = body.get("error")
    if not error:
        return ""
    return error if isinstance(error, str) else json.dumps(error)


def _rows(answer: Answer, key: str) -> list[dict[str, Any]]:
    rows = answer.body.get(key)
    if not isinstance(rows, list):
        raise Unknown(
            f"Plivo answered without {key}.",
            status=answer.status,
            text=answer.text,
            api_id=answer.api_id,
        )
    return [row for row in rows if isinstance(row, dict)]


def _snake_case(tree: Any, name: str = "") -> Any:
    """Documents show both apiId and api_id: here it is always the latter.

    The operators' names inside mno_metadata are values, not names of fields.
    """
    if isinstance(tree, dict):
        if name == "mno_metadata":
            return tree
        return {
            snake: _snake_case(value, snake)
            for key, value in tree.items()
            for snake in [re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", str(key)).lower()]
        }
    if isinstance(tree, list):
        return [_snake_case(value, name) for value in tree]
    return tree


def _digits(number: Any) -> str:
    return "".join(letter for letter in str(number) if letter.isdigit())


def _part(text: str) -> str:
    return quote(text, safe="")
