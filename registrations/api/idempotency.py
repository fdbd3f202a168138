"""Idempotency-Key: a request that comes again is answered again, and done once.

A program that got no answer cannot know whether its request was done. With a key of its own making
in the header it may simply ask again, whenever and however often within a week.

How it holds, whoever dies when:

1. A row that claims the key is committed, by itself, *before* the work: of fifty at once one is at
   work, and the others find his row. It is a lease of a minute, so that a claim whose worker died
   is taken over by the next who asks.
2. The work and its answer are *one* transaction: the answer is written into the row just before
   the commit, by compare and swap on the lease. So there is no moment at which the work is done
   and the answer is not there: a crash before the commit leaves nothing of either, a crash after
   it leaves both, and a commit of which nobody knows how it ended is found out by asking again.
3. Whoever was so slow that his claim was taken over fails at that swap, and all that he did is
   rolled back with it. Of two who work under one key, one commits.

Kept are answers that tell what came of the request, and refusals of what it asked. Not kept is what
says nothing about the request itself: faults of ours (5xx), who asks (401, 403), how often (429),
and what stood in other headers (406, 412, 415). Then the claim is given up, nothing of the work
stays, and the same key may be used again.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.views import APIView

from registrations.api.callers import name_of
from registrations.api.problems import Problem
from registrations.models import IdempotentRequest

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 255
# How long somebody may be at work before he is held to be dead. Far longer than any request takes.
LEASE = timedelta(minutes=1)
# So long after the first began, whoever asks the same waits for his answer instead of a refusal.
PATIENCE = timedelta(seconds=5)
SHORTEST_PAUSE, LONGEST_PAUSE = 0.02, 0.4

# Refusals that another try with the same content would get again.
KEPT_REFUSALS = {400, 404, 409, 422}
KEPT_HEADERS = ("Content-Type", "Content-Disposition", "Location", "ETag")


class InProgress(Problem):
    """Somebody is at work on the same request."""

    # In seconds, which problems tell as Retry-After.
    wait = int(PATIENCE.total_seconds())

    def __init__(self) -> None:
        super().__init__(
            409,
            "in_progress",
            "A request with this Idempotency-Key is being worked on. Ask again in a few seconds, "
            "with the same key, and you get its answer.",
        )


@dataclass(frozen=True)
class _Asked:
    """Who asked what, under which key. The content is kept only as a digest."""

    caller: str
    key: str
    digest: str


class AnswersOnce(APIView):
    """A view whose POSTs may carry an Idempotency-Key."""

    # False where a POST changes nothing, so that there is nothing to be done once.
    answers_once: ClassVar[bool] = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        has_key = self.answers_once and request.method == "POST" and HEADER in request.headers
        # Before the sign-in, whose check against forged forms may use up what was sent.
        digest = _digest(request) if has_key else ""
        super().initial(request, *args, **kwargs)
        handler = getattr(self, "post", None)
        if has_key and handler:
            # Behind sign-in, scope and throttle, which every repetition passes too, and before
            # whatever the view does.
            asked = _Asked(name_of(request), _key(request), digest)
            self.post = partial(self._once, asked, handler)

    def prepare(self, request: Request) -> None:
        """What somebody else has to be asked for, before the transaction of the work begins.

        Others wait for an open transaction, and a database ends one that idles. What this raises
        is answered as it is, and the key is free again.
        """

    def _once(
        self,
        asked: _Asked,
        handler: Callable[..., Any],
        request: Request,
        *args: Any,
        **kwargs: Any,
    ) -> HttpResponse:
        row = _claim(asked)
        if row.answer_status is not None:
            return _replay(row)
        try:
            self.prepare(request)
            with transaction.atomic(durable=True):
                answer = self._worked(handler, request, *args, **kwargs)
                is_kept = answer.status_code < 300 or answer.status_code in KEPT_REFUSALS
                if is_kept:
                    _keep(row, answer)
                else:
                    transaction.set_rollback(True)
        except BaseException:
            _release(row)
            raise
        if not is_kept:
            _release(row)
        return answer

    def _worked(
        self, handler: Callable[..., Any], request: Request, *args: Any, **kwargs: Any
    ) -> Any:
        """The answer as it goes over the wire; a refusal leaves nothing of what led to it."""
        try:
            with transaction.atomic():
                answer = handler(request, *args, **kwargs)
        except Exception as trouble:  # what is no refusal, this raises again
            answer = self.handle_exception(trouble)
        answer = self.finalize_response(request, answer, *args, **kwargs)
        return answer.render() if hasattr(answer, "render") else answer


def _key(request: Request) -> str:
    key = request.headers[HEADER]
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise Problem(
            400,
            "invalid_idempotency_key",
            f"An Idempotency-Key is 1 to {LONGEST_KEY} printable ASCII characters. "
            "A random UUID is a good one.",
        )
    return key


def _digest(request: Request) -> str:
    """SHA-256 over method, path, query (in any order) and the bytes of the body."""
    query = sorted(request.META.get("QUERY_STRING", "").split("&"))
    what = json.dumps([request.method, request.path, query])
    return hashlib.sha256(what.encode() + b"\n" + request.body).hexdigest()


def _claim(asked: _Asked) -> IdempotentRequest:
    """The row of this request: with its answer, or without one, and then it is ours to give.

    Raises Problem if the key stands for another request, or if somebody else is at work too long.
    """
    pause = SHORTEST_PAUSE
    while True:
        now = timezone.now()
        row = IdempotentRequest.objects.filter(caller=asked.caller, key=asked.key).first()
        if row is None:
            if row := _begin(asked, now):
                return row
        elif row.digest != asked.digest:
            raise Problem(
                422,
                "key_reused",
                "This Idempotency-Key was used for another request. Use a new key for each "
                "request, and the same one only to ask the same again.",
            )
        elif row.lease_until is None:
            return row
        elif row.lease_until <= now:
            if _take_over(row, now):
                return row
        elif now < row.lease_until - LEASE + PATIENCE:
            _stand_aside(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        else:
            raise InProgress


def _begin(asked: _Asked, now: Any) -> IdempotentRequest | None:
    """Claim a key that nobody has; None if somebody was faster."""
    try:
        # Durable: others shall see it now, not when the work is done.
        with transaction.atomic(durable=True):
            return IdempotentRequest.objects.create(
                caller=asked.caller, key=asked.key, digest=asked.digest, lease_until=now + LEASE
            )
    except IntegrityError:
        return None


def _unanswered(row: IdempotentRequest) -> Any:
    """The row, as long as the claim on it is the one that we saw or made."""
    return IdempotentRequest.objects.filter(
        pk=row.pk, answer_status=None, lease_until=row.lease_until
    )


def _take_over(row: IdempotentRequest, now: Any) -> bool:
    """Claim the key of somebody who did not come back; False if somebody was faster."""
    taken = _unanswered(row).update(lease_until=now + LEASE)
    row.lease_until = now + LEASE
    return bool(taken)


def _keep(row: IdempotentRequest, answer: HttpResponse) -> None:
    kept = _unanswered(row).update(
        answer_status=answer.status_code,
        headers={name: answer[name] for name in KEPT_HEADERS if name in answer},
        body=answer.content.decode(),
        lease_until=None,
    )
    if not kept:
        raise InProgress


def _release(row: IdempotentRequest) -> None:
    """Nothing came of it: the key is free again. Without a database, the lease will end."""
    with suppress(DatabaseError):
        _unanswered(row).delete()


def _replay(row: IdempotentRequest) -> HttpResponse:
    headers = {**row.headers, REPLAYED: "true"}
    return HttpResponse(row.body, status=row.answer_status, headers=headers)


def _stand_aside(seconds: float) -> None:
    """Wait without holding a connection, of which there may be few: others have work to do."""
    if not connection.in_atomic_block:
        connection.close()
    time.sleep(seconds)
