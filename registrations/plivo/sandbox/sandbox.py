from __future__ import annotations

import base64
import json
import secrets
import string
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from registrations.plivo.sandbox import callbacks, cards, control, endpoints, faults, life
from registrations.plivo.sandbox.calls import Call, Refusal, Request, Response, json_response
from registrations.plivo.sandbox.state import Document, Shelf, State

BILLED = ("create_brand", "create_campaign", "update_campaign")
# Plivo's limit on calls counts those of so many seconds.
RATE_WINDOW = 5


class Sandbox:
    """A Plivo without sockets: `handle` answers a request, `step` lets time pass.

    `accounts` maps auth ids to auth tokens; the first is the main account. `state_path` is the file
    that remembers everything (None: only memory does). `clock` answers seconds since 1970.
    `transport` takes a callback's method, URL, headers and body, and answers its HTTP status.

    Raises ValueError for an account without a token: anybody could sign in and sign.
    """

    def __init__(
        self,
        accounts: Mapping[str, str],
        state_path: Path | str | None = None,
        clock: Callable[[], float] = time.time,
        transport: Callable[[str, str, dict[str, str], bytes], int | str] = callbacks.over_http,
    ) -> None:
        if not accounts or not all(accounts) or not all(accounts.values()):
            raise ValueError("The sandbox needs an account with an auth id and an auth token.")
        self.accounts = dict(accounts)
        self.main_account = next(iter(accounts))
        self.transport = transport
        self.lock = threading.RLock()
        # Set whenever something new is planned; whoever serves the sandbox waits for it.
        self.news = threading.Event()
        self.state = State(state_path)
        self._clock = clock
        self._under_way: set[str] = set()
        self._recent: deque[float] = deque()
        self._found_profiles()

    def reset(self) -> None:
        """Forget everything, settings and clock included."""
        self.state.clear()
        self._recent.clear()
        self._found_profiles()
        self.state.commit()

    # --- Time ---

    def now(self) -> float:
        return self._clock() + self.state.clock_ahead

    def timestamp(self) -> str:
        moment = datetime.fromtimestamp(self.now(), UTC)
        return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")

    def later(self, seconds: float, **event: Any) -> str:
        """Plan something; answers the id under which it is planned."""
        self.news.set()
        return self.state.events.append({**event, "due": self.now() + seconds})

    def advance(self, seconds: float) -> None:
        with self.lock:
            self.state.clock_ahead += seconds
            self.state.commit()
        self.news.set()

    def step(self, seconds: float = 0) -> int:
        """Let so many seconds pass, then do all that is due; answers how many callbacks it sent."""
        if seconds:
            self.advance(seconds)
        sent = 0
        while letters := self.take_due():
            for letter in letters:
                self.deliver(letter)
            sent += len(letters)
        return sent

    def take_due(self) -> list[str]:
        """Do what is due on this machine; answers the ids of callbacks that are now to be sent.

        They are reserved for the caller, who hands each to `deliver`.
        """
        with self.lock:
            letters = []
            while due := self._due():
                for key, event in due:
                    if event["do"] == "deliver":
                        self.reserve([key])
                        letters.append(key)
                        continue
                    self.state.events.drop(key)
                    if event["do"] == "turn":
                        life.turn(self, event)
                    else:
                        self._act(event)
            self.state.commit()
            return letters

    def seconds_to_next(self) -> float | None:
        """How long until something is due, or None if nothing is planned."""
        with self.lock:
            waiting = [
                event["due"]
                for key, event in self.state.events.items()
                if key not in self._under_way
            ]
            return max(min(waiting) - self.now(), 0) if waiting else None

    def reserve(self, letters: Iterable[str]) -> None:
        self._under_way.update(letters)

    def release(self, letter: str) -> None:
        """A reserved callback is not sent now after all; somebody else may take it."""
        self._under_way.discard(letter)

    def deliver(self, letter: str) -> None:
        """Send a reserved callback."""
        try:
            callbacks.deliver(self, letter)
        finally:
            self.release(letter)

    def _due(self) -> list[tuple[str, Document]]:
        now = self.now()
        due = [
            (key, event)
            for key, event in self.state.events.items()
            if event["due"] <= now and key not in self._under_way
        ]
        return sorted(due, key=lambda item: item[1]["due"])

    # --- Requests ---

    def handle(
        self,
        method: str,
        path: str,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Response:
        """Answer one request to the API, to the control API or for the page."""
        lower = {name.lower(): value for name, value in (headers or {}).items()}
        request = Request(method, path, query, lower, body)
        with self.lock:
            if path == "/" or path.startswith("/control/"):
                response = control.handle(self, request)
            else:
                response = self._api(request)
            # Written before anybody is told.
            self.state.commit()
        for letter in response.first:
            self.deliver(letter)
        return response

    def answer(self, status: int, body: dict[str, Any]) -> Response:
        whole = {"api_id": str(uuid.uuid4()), **body}
        return json_response(status, _camel(whole) if self.state.settings["camel_case"] else whole)

    def _api(self, request: Request) -> Response:
        account = self._signed_in(request.headers.get("authorization", ""))
        prefix = f"/v1/Account/{account}/"
        if not account:
            return self.answer(401, {"error": "authentication failed"})
        if not request.path.startswith(prefix):
            return self.answer(404, {"error": "not found"})
        line = f"{request.method} /{request.path.removeprefix(prefix)}"
        if self._too_many():
            self._note(request, line, "", 429)
            response = self.answer(429, {"error": "rate limit exceeded"})
            return Response(429, response.headers | {"Retry-After": "1"}, response.body)
        try:
            call, act = self._understood(request, account)
        except Refusal as refusal:
            self._note(request, line, "", refusal.status)
            return self.answer(refusal.status, {"error": refusal.text})
        entries = len(self.state.ledger)
        fault = faults.take(call, line)
        response = faults.spoil(call, request, fault, act) if fault else act()
        kind = fault["kind"] if fault else ""
        acted = len(self.state.ledger) > entries
        if call.operation in BILLED and not acted and kind != "act_late":
            self._note_unbilled(call, kind or response.json().get("error", ""))
        self._note(request, line, call.operation, response.status, kind)
        return response

    def _understood(self, request: Request, account: str) -> tuple[Call, Callable[[], Response]]:
        path = request.path.removeprefix(f"/v1/Account/{account}")
        endpoint, ids = endpoints.find(request.method, path)
        query = dict(parse_qsl(request.query))
        fields = _fields(request)
        if request.method == "DELETE":
            # Plivo's documents disagree on where its arguments belong: both places are read.
            fields = {**query, **fields}
        operation = endpoint.__name__
        story = cards.story_of(self.state, operation, fields, ids)
        call = Call(self, account, operation, fields, query, ids, story)

        def act() -> Response:
            try:
                status, body = endpoint(call)
            except Refusal as refusal:
                return self.answer(refusal.status, {"error": refusal.text})
            return self.answer(status, body)

        return call, act

    def _act(self, event: Document) -> None:
        """Carry out a request whose sender has long given up."""
        kept = event["request"]
        request = Request(kept["method"], kept["path"], kept["query"], {}, kept["body"].encode())
        _, act = self._understood(request, event["account"])
        act()

    def _signed_in(self, header: str) -> str:
        """The auth id whose credentials came along, or nothing."""
        scheme, _, value = header.partition(" ")
        try:
            account, _, token = base64.b64decode(value).decode().partition(":")
        except ValueError:
            return ""
        right = scheme.lower() == "basic" and account in self.accounts
        right = right and self.state.settings["auth"] and token == self.token_of(account)
        return account if right else ""

    def _too_many(self) -> bool:
        allowed, now = self.state.settings["calls_in_5_seconds"], self.now()
        while self._recent and self._recent[0] <= now - RATE_WINDOW:
            self._recent.popleft()
        if allowed and len(self._recent) >= allowed:
            return True
        self._recent.append(now)
        return False

    def _note(
        self, request: Request, line: str, operation: str, status: int, fault: str = ""
    ) -> None:
        self.state.calls.append(
            {
                "at": self.now(),
                "call": line,
                "operation": operation,
                "query": request.query,
                "body": request.body.decode("utf-8", "replace")[:4_000],
                "status": status,
                "fault": fault,
            }
        )

    # --- For the endpoints ---

    def token_of(self, account: str) -> str:
        changed = self.state.settings["auth_token"] if account == self.main_account else ""
        return changed or self.accounts[account]

    def primary_profile(self, account: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"plivo-sandbox/{account}"))

    def new_id(self, letter: str, shelf: Shelf) -> str:
        """An id in the registry's form: a letter and six capitals or digits."""
        while True:
            signs = string.ascii_uppercase + string.digits
            fresh = letter + "".join(secrets.choice(signs) for _ in range(6))
            if fresh not in shelf:
                return fresh

    def bill(
        self, call: Call, alias: str, fee: str, object_id: str, *, operation: str = ""
    ) -> None:
        """Write a fee, in US dollars, into the ledger."""
        self.state.ledger.append(
            {
                "at": self.now(),
                "operation": operation or call.operation,
                "alias": alias,
                "fee": fee,
                "made": True,
                "id": object_id,
                "why": "",
            }
        )

    def _note_unbilled(self, call: Call, why: str) -> None:
        alias = call.fields.get("brand_alias") or call.fields.get("campaign_alias", "")
        object_id = call.ids[0] if call.ids else ""
        self.state.ledger.append(
            {
                "at": self.now(),
                "operation": call.operation,
                "alias": alias,
                "fee": "0.00",
                "made": False,
                "id": object_id,
                "why": why,
            }
        )

    def _found_profiles(self) -> None:
        """Each account has a profile of its own from the beginning."""
        for account in self.accounts:
            key = self.primary_profile(account)
            if key not in self.state.profiles:
                self.state.profiles.put(
                    key,
                    {
                        "profile_uuid": key,
                        "profile_alias": "primary",
                        "profile_type": "PRIMARY",
                        "primary_profile": key,
                        "customer_type": "DIRECT",
                        "entity_type": "PRIVATE",
                        "company_name": "The account's own company",
                        "vertical": "TECHNOLOGY",
                        "created_at": self.timestamp(),
                        "_account": account,
                    },
                )


def _fields(request: Request) -> dict[str, Any]:
    """The body's fields. The SDKs send blanks for what was not given: those count as left out."""
    try:
        fields = json.loads(request.body) if request.body else {}
    except ValueError:
        raise Refusal("the body is not valid JSON") from None
    if not isinstance(fields, dict):
        raise Refusal("the body is not a JSON object")
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def _camel(tree: Any) -> Any:
    """Some of Plivo's documents show names in camelCase."""
    if isinstance(tree, list):
        return [_camel(value) for value in tree]
    if not isinstance(tree, dict):
        return tree
    camel = {}
    for name, value in tree.items():
        first, *others = name.split("_")
        camel[first + "".join(word.title() for word in others)] = _camel(value)
    return camel
