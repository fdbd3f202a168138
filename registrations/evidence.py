"""Proving that nobody edited a trail.

Each trail is a chain of hashes, numbered without gaps; a checkpoint, kept outside the database,
remembers how long every trail was and how it ended, so that a cut-off tail shows too.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils import timezone

from registrations.models import REGISTRATION_MODELS, AuditEntry


def faults(checkpoint: dict[str, Any] | None = None) -> Iterator[str]:
    """Every break of a chain, in words; nothing if the trails are as they were written.

    Raises ValueError if the checkpoint itself was tampered with.
    """
    for model in REGISTRATION_MODELS:
        for registration in model.objects.order_by("pk").iterator(chunk_size=500):
            yield from _faults_of(registration)
    if checkpoint is not None:
        yield from _missing_since(checkpoint)


def checkpoint() -> dict[str, Any]:
    """How long every trail is now and how it ends, signed with a key not in the database."""
    heads = {}
    for model in REGISTRATION_MODELS:
        kind = model.kind.value
        ends = model.objects.order_by("pk").values_list("pk", "version")
        for pk, last in ends.iterator(chunk_size=500):
            entry = AuditEntry.objects.filter(**{kind: pk}, sequence=last).first()
            heads[f"{kind} {pk}"] = [last, entry.hash if entry else ""]
    content = {"at": timezone.now().isoformat(), "heads": heads}
    return {**content, "seal": _seal(content)}


def _faults_of(registration: Any) -> Iterator[str]:
    previous, expected = "", 1
    for entry in registration.trail.order_by("sequence"):
        where = f"{registration.reference} line {entry.sequence}"
        if entry.sequence != expected:
            yield f"{where}: line {expected} is missing"
        elif entry.previous_hash != previous:
            yield f"{where}: does not follow from the line before"
        if entry.hash != entry.computed_hash():
            yield f"{where}: was altered"
        previous, expected = entry.hash, entry.sequence + 1
    if expected - 1 != registration.version:
        length = registration.version
        yield f"{registration.reference}: its trail ends at line {expected - 1} of {length}"
    elif entry.to_status != registration.status:
        yield f"{registration.reference}: shows {registration.status}, its trail {entry.to_status}"


def _missing_since(checkpoint: dict[str, Any]) -> Iterator[str]:
    content = {name: checkpoint[name] for name in ("at", "heads")}
    if not hmac.compare_digest(_seal(content), str(checkpoint.get("seal"))):
        raise ValueError("The checkpoint does not carry our seal.")
    for trail, (sequence, digest) in checkpoint["heads"].items():
        kind, pk = trail.split()
        entry = AuditEntry.objects.filter(**{kind: pk}, sequence=sequence).first()
        if entry is None:
            yield f"{trail} line {sequence}: was there at the checkpoint, and is gone"
        elif entry.hash != digest:
            yield f"{trail} line {sequence}: differs from the checkpoint"


def _seal(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hmac.new(settings.INDEX_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
