"""Codes of an authenticator app (TOTP, RFC 6238), and recovery codes. Each is taken once."""

from __future__ import annotations

import hmac
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pyotp
import segno
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.models import SecondFactor
from portal.sign_in import guesses
from registrations.actions import NotAllowed
from registrations.models import Deed, Role, SecurityEvent, roles_of
from registrations.models.secret import blind_index

# How somebody proved to be who she is, as the log of security events tells it.
APP, RECOVERY = "a code of the app", "a recovery code"

RECOVERY_CODES = 10
# Nothing that is read for something else: no 0 and o, no 1, i and l.
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


class WrongCode(Exception):
    """This code does not fit; the message says what to try."""

    def __init__(self) -> None:
        super().__init__(
            "This code does not fit. Each is taken once: wait for the next one, and see that "
            "your device's clock is right."
        )


@dataclass(frozen=True)
class Drawing:
    """A QR code for a template to draw: so many units wide, dark along this path."""

    size: int
    path: str


def of(person: Any) -> SecondFactor | None:
    return SecondFactor.objects.filter(user=person.pk).first()


def has_one(person: Any) -> bool:
    return of(person) is not None


def is_required_of(person: Any) -> bool:
    return settings.SECOND_FACTOR_FOR_APPROVERS and Role.COMPLIANCE in roles_of(person)


def new_secret() -> str:
    return pyotp.random_base32()


def drawing_for_app(person: Any, secret: str) -> Drawing:
    """What the app photographs to share the secret."""
    issuer = f"10DLC portal ({urlsplit(settings.PUBLIC_URL).hostname})"
    address = pyotp.TOTP(secret).provisioning_uri(name=person.get_username(), issuer_name=issuer)
    code = segno.make_qr(address, error="m")
    edge = code.default_border_size
    path = "".join(
        f"M{edge + run.start()} {edge + y}h{run.end() - run.start()}v1h{run.start() - run.end()}z"
        for y, row in enumerate(code.matrix)
        for run in re.finditer(rb"\x01+", bytes(row))
    )
    return Drawing(size=len(code.matrix) + 2 * edge, path=path)


def add(person: Any, secret: str, typed: str, *, peer: str = "") -> list[str]:
    """Take this app for the person's second factor if the code is its; answer the recovery codes.

    They are shown once and kept only as digests. An app that she had before is no longer hers.
    """
    step = _step_of(secret, _bare(typed))
    if step is None:
        raise WrongCode
    codes = _new_recovery_codes()
    with transaction.atomic():
        SecondFactor.objects.update_or_create(
            user=person,
            defaults={
                "secret": secret,
                "added_at": timezone.now(),
                "last_step": step,
                "recovery_digests": [_digest(person, code) for code in codes],
            },
        )
        SecurityEvent.write(Deed.SECOND_FACTOR_ADDED, by=person, peer=peer, detail="an app")
    return codes


def use(person: Any, typed: str, *, peer: str = "") -> str:
    """Take this code, once; answer what it was. Raises `WrongCode` or `TooMany`."""
    with transaction.atomic():
        # Two requests with the same code take turns here; on SQLite they do anyhow.
        factor = SecondFactor.objects.select_for_update().filter(user=person).first()
        guesses.stop_if_too_many_codes(person)
        how = _take(factor, _bare(typed)) if factor else ""
        if not how:
            SecurityEvent.write(Deed.SECOND_FACTOR_FAILED, by=person, peer=peer)
    if not how:  # only after the commit: it has to stay written
        raise WrongCode
    return how


def replace_recovery_codes(person: Any, typed: str, *, peer: str = "") -> list[str]:
    """New recovery codes in place of those left, for whoever has a current code."""
    use(person, typed, peer=peer)
    codes = _new_recovery_codes()
    with transaction.atomic():
        digests = [_digest(person, code) for code in codes]
        SecondFactor.objects.filter(user=person).update(recovery_digests=digests)
        SecurityEvent.write(
            Deed.SECOND_FACTOR_ADDED, by=person, peer=peer, detail="new recovery codes"
        )
    return codes


def remove(person: Any, typed: str, *, peer: str = "") -> None:
    """Do without, for whoever has a current code and approves nothing."""
    if is_required_of(person):
        raise NotAllowed("Whoever approves needs a second factor; move it to another app instead.")
    use(person, typed, peer=peer)
    with transaction.atomic():
        SecondFactor.objects.filter(user=person).delete()
        SecurityEvent.write(Deed.SECOND_FACTOR_REMOVED, by=person, about=person, peer=peer)


def how_many_are_left(person: Any) -> str:
    left = len(SecondFactor.objects.get(user=person).recovery_digests)
    return (
        f"You used a recovery code; {left or 'none'} {'is' if left == 1 else 'are'} left. If your "
        "app is gone, set it up anew under “Second factor”."
    )


def _take(factor: SecondFactor, typed: str) -> str:
    step = _step_of(factor.secret, typed)
    if step is not None:
        # Compare and swap: a code, and every one before it, is spent when it was taken.
        unspent = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step)
        return APP if unspent.update(last_step=step) else ""
    digest = _digest(factor.user, typed)
    if digest not in factor.recovery_digests:
        return ""
    factor.recovery_digests.remove(digest)
    factor.save(update_fields=["recovery_digests"])
    return RECOVERY


def _step_of(secret: str, typed: str) -> int | None:
    """The 30 seconds in which the app shows this code: those of now, or those beside them."""
    clock = pyotp.TOTP(secret)
    now = int(time.time()) // clock.interval
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(clock.generate_otp(step).encode(), typed.encode()):
            return step
    return None


def _bare(typed: str) -> str:
    return re.sub(r"[\s-]", "", typed).lower()


def _new_recovery_codes() -> list[str]:
    return [
        "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
        for _ in range(RECOVERY_CODES)
    ]


def _digest(person: Any, code: str) -> str:
    return blind_index(f"recovery code of {person.pk}: {_bare(code)}")
