from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from registrations.plivo.sandbox import callbacks, control, endpoints, faults, stories
from registrations.plivo.sandbox.state import State
from registrations.plivo.sandbox.validation import Invalid


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Response:
    """An answer; `drop` cuts the connection instead, `truncate` cuts it in the middle."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0
    drop: bool = False
    truncate: bool = False


class Sandbox:
    """A Plivo without sockets: `handle` answers a request, `run_due` lets time pass.

    `accounts` maps auth ids to auth tokens; the first one is the main account.
    """

    def __init__(self, accounts: dict[str, str], state_file: Path | None = None) -> None:
        self.accounts = accounts
        self.auth_id = next(iter(accounts))
        self.lock = threading.RLock()
        self.state = State(state_file)

    # --- Time ---

    def now(self) -> float:
        return time.time() + self.state.clock_ahead

    def later(self, seconds: float, **event: Any) -> None:
        self.state.events.append({"due": self.now() + seconds, **event})

    def run_due(self) -> int:
        """Do everything whose time has come; answers how much that was."""
        with self.lock:
            now = self.now()
            due = sorted(
                (event for event in self.state.events if event["due"] <= now),
                key=lambda event: event["due"],
            )
            self.state.events = [event for event in self.state.events if event["due"] > now]
            letters = []
            for event in due:
                match event["do"]:
                    case "turn":
                        stories.turn(self, event)
                    case "act":
                        late = event["request"]
                        request = Request(**{**late, "body": late["body"].encode()})
                        self._call(request, request.path)
                    case "deliver":
                        letters.append(event)
            if due:
                self.state.save()
        # The network is not waited for under the lock: the portal may ask us meanwhile.
        for letter in letters:
            callbacks.deliver(self, letter)
        return len(due)

    # --- Requests ---

    def handle(self, request: Request) -> Response:
        """Answer one request to the API, or to the control page and API."""
        if request.path == "/" or request.path.startswith("/control/"):
            return control.handle(self, request)
        with self.lock:
            prefix = f"/v1/Account/{self._signed_in(request)}"
            if not self.state.settings["auth"] or not self._signed_in(request):
                return _json(401, {"api_id": _api_id(), "error": "authentication failed"})
            if not request.path.startswith(f"{prefix}/"):
                return _json(404, {"api_id": _api_id(), "error": "not found"})
            path = request.path.removeprefix(prefix)
            self.state.calls.append({"at": self.now(), "method": request.method, "path": path})
            response = faults.spoil(self, request, path, lambda: self._call(request, path))
            self.state.save()
            return response

    def _call(self, request: Request, path: str) -> Response:
        for method, pattern, endpoint in endpoints.ROUTES:
            match = pattern.match(path)
            if method != request.method or not match:
                continue
            try:
                fields = json.loads(request.body) if request.body else {}
                if not isinstance(fields, dict):
                    raise ValueError
            except ValueError:
                return self.answer(400, {"error": "the body is not a JSON object"})
            try:
                status, body = endpoint(
                    self, fields, dict(parse_qsl(request.query)), *match.groups()
                )
            except Invalid as invalid:
                return self.answer(400, {"error": str(invalid)})
            except endpoints.Missing as missing:
                return self.answer(404, {"error": str(missing)})
            return self.answer(status, body)
        known = any(pattern.match(path) for _, pattern, _ in endpoints.ROUTES)
        return self.answer(405 if known else 404, {"error": "not found"})

    def answer(self, status: int, body: dict[str, Any]) -> Response:
        whole = {"api_id": _api_id(), **body}
        return _json(status, _camel(whole) if self.state.settings["camel_case"] else whole)

    def _signed_in(self, request: Request) -> str:
        """The auth id whose credentials came along, or nothing."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        try:
            auth_id, _, token = base64.b64decode(value).decode().partition(":")
        except ValueError:
            return ""
        right = scheme.lower() == "basic" and self.accounts.get(auth_id) == token and token
        return auth_id if right else ""

    # --- For the endpoints ---

    def path(self, path: str) -> str:
        return f"/v1/Account/{self.auth_id}{path}"

    def bill(self, operation: str, alias: str, fee: str, object_id: str) -> None:
        self.state.ledger.append(
            {
                "at": self.now(),
                "operation": operation,
                "alias": alias,
                "fee": fee,
                "object": object_id,
            }
        )

    def begin_story(
        self, kind: str, object_id: str, fields: dict[str, Any], words: set[str]
    ) -> None:
        stories.begin(self, kind, object_id, fields, words)


def _api_id() -> str:
    return str(uuid.uuid4())


def _json(status: int, body: Any) -> Response:
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/json"})


def _camel(tree: Any) -> Any:
    """Some of Plivo's documents show names in camelCase."""
    if isinstance(tree, dict):
        return {
            name.split("_")[0] + "".join(part.title() for part in name.split("_")[1:]): _camel(
                value
            )
            for name, value in tree.items()
        }
    return [_camel(value) for value in tree] if isinstance(tree, list) else tree
