"""The calls of Plivo's API, as one account makes them."""

from __future__ import annotations

import json
import math
import re
import time
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from registrations.plivo.client.answers import (
    Answer,
    NotFound,
    OutOfTime,
    Refused,
    Reply,
    Unknown,
    understood,
)
from registrations.plivo.client.wire import Wire

PAGE = 20
MOST_PAGES = 500
LARGEST_ANSWER = 5 * 1024 * 1024

Fields = dict[str, Any]


class PlivoClient:
    """One account's view of Plivo. Safe to share between threads.

    `base_url` is scheme and host only, such as https://api.plivo.com. `read_seconds` is for the
    whole answer, however it trickles in. No call is begun after `until`, a moment of the monotonic
    clock. Every call raises PlivoTrouble, of the kind that says what is provable; ValueError means
    that the caller named nothing.
    """

    def __init__(
        self,
        auth_id: str,
        auth_token: str,
        *,
        base_url: str,
        connect_seconds: float = 5.0,
        read_seconds: float = 60.0,
        max_bytes: int = LARGEST_ANSWER,
        until: float = math.inf,
    ) -> None:
        self._auth_id = auth_id
        self._until = until
        self._base_url = _scheme_and_host(base_url)
        self._wire = Wire(
            (auth_id, auth_token),
            connect_seconds=connect_seconds,
            read_seconds=read_seconds,
            max_bytes=max_bytes,
        )

    def __repr__(self) -> str:
        return f"<PlivoClient {self._auth_id} at {self._base_url}>"

    # --- Profiles ---

    def create_profile(self, fields: Fields) -> Answer:
        return self._create("/Profile/", fields, "profile_uuid")

    def get_profile(self, profile_uuid: str) -> Fields:
        return self._object(f"/Profile/{_part(profile_uuid)}/", "profile")

    def list_profiles(self) -> list[Fields]:
        return self._list("/Profile/", "profiles", "profile_uuid")

    def update_profile(self, profile_uuid: str, fields: Fields) -> Answer:
        return self._call("POST", f"/Profile/{_part(profile_uuid)}/", fields=fields)

    def delete_profile(self, profile_uuid: str) -> Answer:
        return self._call("DELETE", f"/Profile/{_part(profile_uuid)}/")

    # --- Brands ---

    def create_brand(self, fields: Fields) -> Answer:
        return self._create("/10dlc/Brand/", fields, "brand_id")

    def get_brand(self, brand_id: str) -> Fields:
        return self._object(f"/10dlc/Brand/{_part(brand_id)}/", "brand")

    def list_brands(self) -> list[Fields]:
        return self._list("/10dlc/Brand/", "brands", "brand_id")

    def brand_usecases(self, brand_id: str) -> list[Fields]:
        """The use cases open to this brand: name, code, details."""
        answer = self._call("GET", f"/10dlc/Brand/{_part(brand_id)}/usecases/")
        return _rows(answer, "use_cases")

    def delete_brand(self, brand_id: str) -> Answer:
        return self._call("DELETE", f"/10dlc/Brand/{_part(brand_id)}/")

    # --- Campaigns ---

    def create_campaign(self, fields: Fields) -> Answer:
        return self._create("/10dlc/Campaign/", fields, "campaign_id")

    def import_campaign(self, fields: Fields) -> Answer:
        return self._create("/10dlc/Campaign/Import/", fields, "campaign_id")

    def get_campaign(self, campaign_id: str) -> Fields:
        return self._object(f"/10dlc/Campaign/{_part(campaign_id)}/", "campaign")

    def list_campaigns(self, brand_id: str | None = None) -> list[Fields]:
        query = {"brand_id": brand_id} if brand_id else {}
        return self._list("/10dlc/Campaign/", "campaigns", "campaign_id", query)

    def update_campaign(self, campaign_id: str, fields: Fields) -> Answer:
        return self._call("POST", f"/10dlc/Campaign/{_part(campaign_id)}/", fields=fields)

    def delete_campaign(self, campaign_id: str) -> Answer:
        return self._call("DELETE", f"/10dlc/Campaign/{_part(campaign_id)}/")

    # --- Numbers on campaigns ---

    def link_numbers(self, campaign_id: str, numbers: list[str], *, callback_url: str) -> Answer:
        fields = {"numbers": numbers, "url": callback_url, "method": "POST"}
        return self._call("POST", f"/10dlc/Campaign/{_part(campaign_id)}/Number/", fields=fields)

    def campaign_numbers(self, campaign_id: str) -> list[Fields]:
        """Every number of a campaign: [{"number": "14155550100", "status": "COMPLETED"}]."""
        path = f"/10dlc/Campaign/{_part(campaign_id)}/Number/"
        return self._list(path, "phone_numbers", "number")

    def campaign_number(self, campaign_id: str, number: str) -> Fields | None:
        """One number of a campaign, or None if Plivo says that it is not linked to it.

        Raises NotFound if it is the campaign that Plivo does not know.
        """
        path = f"/10dlc/Campaign/{_part(campaign_id)}/Number/{_part(_digits(number))}/"
        try:
            rows = _rows(self._call("GET", path), "phone_numbers")
        except Refused as refusal:
            if "not linked" in refusal.error.lower():
                return None
            if not isinstance(refusal, NotFound):
                raise
            # Which of the two it does not know, the list tells.
            rows = self.campaign_numbers(campaign_id)
        return next((row for row in rows if _digits(row.get("number")) == _digits(number)), None)

    def unlink_number(self, campaign_id: str, number: str, *, callback_url: str) -> Answer:
        path = f"/10dlc/Campaign/{_part(campaign_id)}/Number/{_part(_digits(number))}/"
        # Plivo's own page puts the arguments of this DELETE into a JSON body.
        return self._call("DELETE", path, fields={"url": callback_url, "method": "POST"})

    # --- The account's own numbers ---

    def account_numbers(self, **filters: Any) -> list[Fields]:
        return self._list("/Number/", "objects", "number", filters)

    def account_number(self, number: str) -> Fields:
        answer = self._call("GET", f"/Number/{_part(_digits(number))}/")
        if not answer.get("number"):
            raise answer.useless("Plivo answered without a number.")
        return answer.body

    # --- How a call is made ---

    def _create(self, path: str, fields: Fields, id_name: str) -> Answer:
        answer = self._call("POST", path, fields=fields)
        if not answer.get(id_name):
            raise answer.useless(f"Plivo answered HTTP {answer.status} without a {id_name}.")
        return answer

    def _object(self, path: str, key: str) -> Fields:
        answer = self._call("GET", path)
        found = answer.get(key)
        if not isinstance(found, dict):
            raise answer.useless(f"Plivo answered without a {key}.")
        return found

    def _list(
        self, path: str, key: str, identity: str, filters: Fields | None = None
    ) -> list[Fields]:
        """All pages, each object once: the order is not documented, so pages may overlap.

        Half a list would make what is on the other half look absent: it is all or Unknown.
        """
        found: dict[str, Fields] = {}
        first_url, window = self._url(path), {**(filters or {}), "limit": PAGE}
        url, query = first_url, {**window, "offset": 0}
        asked = set()
        for page in range(1, MOST_PAGES + 1):
            answer = understood(self._carry("GET", url, query=query))
            rows = _rows(answer, key)
            known = len(found)
            found |= {_identity(row, identity): row for row in rows}
            meta = answer.get("meta")
            if isinstance(meta, dict) and "next" in meta:
                if not meta["next"]:
                    return list(found.values())
                url, query = self._next(url, meta["next"], answer), {}
                if url in asked:
                    raise answer.useless(f"The pages of {path} lead in a circle.")
                asked.add(url)
            # Without word of a next page: a short one was the last, and so was one without news,
            # from a list that takes no offset.
            elif len(rows) < PAGE or len(found) == known:
                return list(found.values())
            else:
                url, query = first_url, {**window, "offset": page * PAGE}
        raise Unknown(f"{path} has more than {MOST_PAGES} pages.")

    def _next(self, url: str, following: Any, answer: Answer) -> str:
        """The next page's address: only its path and query, for we never leave our host."""
        try:
            target = urlsplit(urljoin(url, following))
        except (TypeError, ValueError, AttributeError):
            raise answer.useless("Plivo names a next page that is no address.") from None
        return f"{self._base_url}/{target.path.lstrip('/')}?{target.query}"

    def _call(self, method: str, path: str, *, fields: Fields | None = None) -> Answer:
        return understood(self._carry(method, self._url(path), fields=fields))

    def _carry(self, method: str, url: str, **sent: Any) -> Reply:
        if time.monotonic() >= self._until:
            raise OutOfTime("There was no time left to ask Plivo.")
        return self._wire.carry(method, url, **sent)

    def _url(self, path: str) -> str:
        return f"{self._base_url}/v1/Account/{_part(self._auth_id)}{path}"


def _scheme_and_host(url: str) -> str:
    parts = urlsplit(url)
    plain = f"{parts.scheme}://{parts.netloc}"
    named = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    if not named or url.removesuffix("/") != plain:
        raise ValueError(
            "Plivo's address is scheme and host only, as https://api.plivo.com; what follows is "
            "ours to add."
        )
    return plain


def _rows(answer: Answer, key: str) -> list[Fields]:
    rows = answer.get(key)
    if not isinstance(rows, list):
        raise answer.useless(f"Plivo answered without {key}.")
    return [row for row in rows if isinstance(row, dict)]


def _identity(row: Fields, name: str) -> str:
    return str(row.get(name) or json.dumps(row, sort_keys=True))


def _digits(number: Any) -> str:
    return re.sub(r"[^0-9]", "", str(number))


def _part(text: str) -> str:
    """A part of a path. Raises ValueError for one that would name something else, as .. or ""."""
    if not text.strip("."):
        raise ValueError(f"{text!r} names nothing at Plivo.")
    return quote(text, safe="")
