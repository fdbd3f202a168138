"""How often somebody may guess wrong, counted in the log of security events.

An answer counts only in its turn: one that comes when enough wrong ones stand written down is not
given, even if the password was right. So guesses that come all at once learn no more than as many
that come one by one, and nobody who guesses from elsewhere keeps the right person out.
"""

from __future__ import annotations

import hashlib
import math
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from registrations.models import Deed, SecurityEvent
from registrations.models.secret import blind_index
from registrations.peers import peer_of

CODES_AT_ONCE, CODES_WINDOW_SECONDS = 5, 300


class TooMany(Exception):
    """Too many guesses were wrong. The message says how long to wait; `seconds` too."""

    def __init__(self, seconds: float) -> None:
        self.seconds = math.ceil(seconds)
        minutes = math.ceil(seconds / 60)
        wait = "a minute" if minutes <= 1 else f"{minutes} minutes"
        super().__init__(f"That was tried too often. Wait {wait}, then try again.")


def check_password(request: HttpRequest, name: str, password: str) -> User | None:
    """The person of this name if the password is hers, else None. The only place that asks."""
    index, whence = index_of(name), whence_of(request)
    stop_if_too_many(Deed.SIGN_IN_FAILED, index, whence)
    person = authenticate(request, username=name, password=password)
    with transaction.atomic():
        take_turns(whence)
        # Others may have guessed while we calculated.
        stop_if_too_many(Deed.SIGN_IN_FAILED, index, whence)
        if person is None:
            SecurityEvent.write(Deed.SIGN_IN_FAILED, peer=whence, name_index=index)
    return person if isinstance(person, User) else None


def stop_if_too_many(deed: Deed, index: str, whence: str) -> None:
    """Raise `TooMany` while this address did it too often, with this name or with any."""
    done = SecurityEvent.objects.filter(deed=deed, peer=whence)
    window = settings.SIGN_IN_WINDOW_SECONDS
    wait = max(
        _seconds_to_wait(
            done.filter(name_index=index), settings.SIGN_IN_FAILURES_PER_PERSON, window
        ),
        _seconds_to_wait(done, settings.SIGN_IN_FAILURES_PER_ADDRESS, window),
    )
    if wait:
        raise TooMany(wait)


def stop_if_too_many_codes(person: Any) -> None:
    """Raise `TooMany` while too many codes for this person's second factor were wrong."""
    wrong = SecurityEvent.objects.filter(deed=Deed.SECOND_FACTOR_FAILED, user=person.pk)
    if wait := _seconds_to_wait(wrong, CODES_AT_ONCE, CODES_WINDOW_SECONDS):
        raise TooMany(wait)


def take_turns(whence: str) -> None:
    """Until this transaction ends, no other one that counts the same address goes on."""
    # On SQLite every transaction of ours begins IMMEDIATE: there is only one that writes.
    if connection.vendor == "postgresql":
        number = int.from_bytes(hashlib.sha256(whence.encode()).digest()[:8], signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def index_of(name: str) -> str:
    return blind_index(name.lower())


def whence_of(request: HttpRequest) -> str:
    """The address as it is counted: of IPv6 the network, since a house has 2⁶⁴ of them."""
    peer = peer_of(request)
    try:
        address = ip_address(peer)
    except ValueError:
        return peer[:64]
    if address.version == 4:
        return peer
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network(f"{address.exploded}/64", strict=False))


def _seconds_to_wait(done: QuerySet[SecurityEvent], limit: int, window: float) -> float:
    """How long until fewer than `limit` of them lie within the window; 0 if they do now."""
    now = timezone.now()
    latest = done.filter(at__gt=now - timedelta(seconds=window)).order_by("-at")
    for moment in latest.values_list("at", flat=True)[limit - 1 : limit]:
        return max(window - (now - moment).total_seconds(), 1)
    return 0
