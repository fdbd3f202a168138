"""A world in which every text that people, programs or Plivo can fill holds a hostile one.

The columns are read off the models. What cannot be filled from outside stands in `OURS` with the
reason; a new column of text is filled without anybody's thinking of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models

from callbacks import receiving
from callbacks.models import Callback, Outcome
from registrations import actions, lifecycle
from registrations.lifecycle import Actor, Cause
from registrations.models import (
    Deed,
    IdempotentRequest,
    LinkBatch,
    PlivoAccount,
    SecurityEvent,
)
from registrations.models.secret import SecretBytesField, SecretField, SecretJSONField
from tests.portal import world as world_of
from tests.portal.world import World

MARKUP = '"><xss a=1>'
IMAGE = "<img src=x onerror=alert(1)>"
TURNED = "\u202egpj.exe\u2066"
BREAKS = "\r\nX-Injected: 1\r\n"
# What is cut to fit still begins with a formula and markup.
LINE = f"={MARKUP}{TURNED}{IMAGE}{BREAKS}"
TEXT = (
    f'{LINE}{{{{ 7919|add:"7907" }}}}{{% now "Y" %}}'
    "</textarea></title></script><script>alert(1)</script><!--' onfocus=alert(1) autofocus "
    "javascript:alert(1) \x1b[31m\u2028\u200f"
)
LONG = 64 * 1024

# Columns of addresses, and how a hostile one begins.
SCRIPT_LINK = "javascript:alert(1)//"
LINKS = {"website", "url", "terms_and_conditions_link", "privacy_policy_link"}

# What cannot be filled from outside, by why not.
OURS = {
    "drawn by chance, or counted": [
        "registrations.ApiKey.prefix", "registrations.Brand.reference",
        "registrations.Campaign.reference", "registrations.NumberLink.reference",
        "registrations.LinkBatch.reference", "registrations.Submission.alias_code",
        "registrations.Submission.lease_token", "registrations.Delivery.message_id",
        "registrations.WebhookSecret.secret", "registrations.IdempotentRequest.caller",
        "portal.SecondFactor.secret", "admin.LogEntry.object_id",
    ],
    "a digest": [
        "registrations.ApiKey.secret_digest", "registrations.AuditEntry.previous_hash",
        "registrations.AuditEntry.hash", "registrations.Brand.ein_index",
        "registrations.IdempotentRequest.digest", "registrations.SecurityEvent.name_index",
        "registrations.Submission.payload_digest", "registrations.Submission.approved_digest",
        "registrations.Submission.callback_token_digest", "callbacks.Callback.body_digest",
        "callbacks.Callback.mac", "portal.SecondFactor.recovery_digests", "auth.User.password",
    ],
    "one of our own words": [
        "registrations.ApiKey.scopes", "registrations.Webhook.event_types",
        "registrations.Event.type", "registrations.Preferences.time_zone",
        "registrations.Brand.confirmed_status", "registrations.Campaign.confirmed_status",
        "registrations.NumberLink.confirmed_status",
        "registrations.Brand.conflict_looked_up_status",
        "registrations.Campaign.conflict_looked_up_status",
        "registrations.NumberLink.conflict_looked_up_status",
        "callbacks.Callback.method", "callbacks.Callback.scheme", "callbacks.Callback.v3",
    ],
    "built from our settings": ["registrations.Submission.callback_url"],
    "headers of an answer of ours": ["registrations.IdempotentRequest.headers"],
    "Django's own": [
        "auth.Permission.name", "auth.Permission.codename", "auth.Group.name",
        "contenttypes.ContentType.app_label", "contenttypes.ContentType.model",
        "sessions.Session.session_key", "sessions.Session.session_data",
    ],
}  # fmt: skip

# Written once, so that it is born hostile; or of use only if there is a good one, too.
BORN = {"registrations.AuditEntry", "registrations.SecurityEvent", "callbacks.Callback"}
BORN |= {"admin.LogEntry", "registrations.PlivoToken"}


def text(room: int | None = None, *, tell_apart: int = 0, begin: str = "") -> str:
    """The most hostile text that fits; with 64 KiB more where everything fits."""
    whole = begin + TEXT if room else begin + TEXT + " a long tail," * (LONG // 13)
    end = str(tell_apart) if tell_apart else ""
    return whole[: room - len(end)] + end if room else whole


def columns() -> Iterator[tuple[Any, Any]]:
    """(model, field) of every text that something from outside may stand in."""
    ours = {name for names in OURS.values() for name in names}
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            kinds = (models.CharField, models.TextField, models.JSONField, SecretBytesField)
            if isinstance(field, kinds) and not field.choices:
                if f"{model._meta.label}.{field.name}" not in ours:
                    yield model, field


def holds(model: Any, field: Any) -> bool:
    """Whether a row of this model holds a hostile text in this column."""
    # Of two letters no more fits than what ends an attribute.
    mark = '"' if field.max_length == 2 else "<xss"
    mark = quote(mark) if isinstance(field, SecretBytesField) else mark
    values = model._base_manager.values_list(field.name, flat=True)
    return any(mark in _plain(value) for value in values)


def _plain(value: Any) -> str:
    return bytes(value).decode() if isinstance(value, bytes | memoryview) else _words(value)


def _words(value: Any) -> str:
    """All that stands in a JSON value, without what writing it as JSON would add."""
    if isinstance(value, dict):
        return " ".join(f"{_words(name)} {_words(of)}" for name, of in value.items())
    if isinstance(value, list):
        return " ".join(_words(one) for one in value)
    return str(value)


def value(model: Any, field: Any, row: Any) -> Any:
    """What stands in this column of this row."""
    if isinstance(field, models.JSONField | SecretJSONField):
        return _json(model, field.name)
    # The column of the tax id is encrypted and has no limit; its form and its API have.
    room = 20 if field.name == "ein" else field.max_length
    if isinstance(field, models.EmailField):
        return f'"=<xss>{row.pk}"@example.com'  # an address all the same
    if isinstance(field, SecretField) or (room is None and connection.vendor == "sqlite"):
        # Only PostgreSQL keeps no NUL; what is encrypted may hold it there, too.
        return text(room) + "\x00"
    begin = SCRIPT_LINK if field.name in LINKS else ""
    # Some columns hold each text only once.
    return text(room, tell_apart=row.pk if room and room > 8 else 0, begin=begin)


def _json(model: Any, name: str) -> Any:
    match name:
        case "reasons":
            return [{"code": text(40), "text": text()}]
        case "field_notes" | "typed":
            return {field.name: text(4000) for field in model._meta.fields if field.editable}
        case "open_usecases" | "sub_usecases" | "plivo_ids_before":
            return [text(100)]
        case "mno_metadata":
            return {text(100): {"tpm": text(100), text(100): [text(100)]}}
    return {text(100): text(), "ein": text(100)}


def build(account: PlivoAccount) -> World:
    world = world_of.build(account)
    root, carol = world.people["root"], world.people["carol"]
    acme = world.acme
    for registration in acme.registrations[:12]:
        actions.comment(registration, by=carol, text=TEXT)
        lifecycle.note(registration, text(), actor=Actor.PLIVO, cause=Cause.SUBMISSION)
    for name in ("plivoaccount", "brand", "user"):
        kind = ContentType.objects.get(model=name)
        LogEntry.objects.create(
            user=root, content_type=kind, object_id=_first(kind.model_class()).pk,
            object_repr=text(200), action_flag=CHANGE, change_message=text(1000),
        )  # fmt: skip
    SecurityEvent.write(Deed.INVITED, by=root, about=root, peer=text(64), detail=text())
    batch = LinkBatch.objects.create(organization=acme.organization, created_by=root)
    batch.items.create(position=1)
    IdempotentRequest.objects.create(caller="key 1", key="1", digest="1")
    account.tokens.create(token=text() + "\x00")
    for number, outcome in enumerate(acme.callbacks):
        acme.callbacks[outcome] = callback(outcome, acme.undecided, account, f"{number:064}")
    world.stray = callback("forged", None, None, "")
    for model in dict.fromkeys(model for model, _ in columns()):
        if model._meta.label not in BORN:
            _fill(model)
    for estate in (world.acme, world.globex):
        for one in [*estate.registrations, estate.undecided, estate.queued]:
            one.refresh_from_db()
    return world


def callback(outcome: str, submission: Any, account: Any, mac: str) -> Callback:
    """One whose body, query, headers and whatever was found out about it are hostile."""
    body = urlencode({"status": TEXT, TEXT: TEXT, "error_code": TEXT, "long": "x" * LONG}).encode()
    # Of what is not believed, only so much is kept.
    kept = receiving.KEPT_OF_A_FORGERY if outcome == Outcome.FORGED else LONG
    return Callback.objects.create(
        submission=submission, account=account, outcome=outcome, mac=mac, method="POST",
        path=text(200), query=text()[:kept], headers={TEXT: TEXT, "User-Agent": text()[:kept]},
        body=body[:kept], body_length=len(body), body_digest="0" * 64, peer=text(64),
        word=text(60), explanation=text(),
    )  # fmt: skip


def _fill(model: Any) -> None:
    fields = [field for of, field in columns() if of is model]
    for row in model._base_manager.all():
        filled = {field.name: value(model, field, row) for field in fields}
        model._base_manager.filter(pk=row.pk).update(**filled)


def _first(model: Any) -> Any:
    return model._base_manager.order_by("pk").first()
