"""The people and things that the tests tell stories about.

alice is the marketer of Acme, bob of Globex; carol and dave are compliance; audrey audits, and
oscar operates. Plivo is the sandbox, over real HTTP, in a thread of the test.
"""

from __future__ import annotations

import sqlite3
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.db import connection, connections
from django.test import TransactionTestCase
from django.utils import timezone

from registrations import actions, tasks
from registrations.lifecycle import Actor, Cause, Status, lawful_moves, move_to
from registrations.models import Brand, Campaign, NumberLink, Organization, PlivoAccount, Submission
from registrations.models.append_only import drop_statements
from registrations.plivo.sandbox import Sandbox, Server
from registrations.plivo.signature import MA_V2, V2, V2_NONCE, v2_signature

EVIDENCE = ["registrations_auditentry", "registrations_securityevent", "callbacks_callback"]


@pytest.fixture(scope="session", autouse=True)
def evidence_may_be_flushed_between_tests():
    """The triggers that protect evidence would also keep a test from cleaning up after itself.

    They are lifted for the flush of a test with real transactions, and put back after it.
    """
    flush = TransactionTestCase._fixture_teardown

    def flush_without_triggers(self):
        created = _triggers()
        with connection.cursor() as cursor:
            for table in EVIDENCE:
                for statement in drop_statements(table, connection.vendor):
                    cursor.execute(statement)
        flush(self)
        with connection.cursor() as cursor:
            for statement in created:
                cursor.execute(statement)

    TransactionTestCase._fixture_teardown = flush_without_triggers
    yield
    TransactionTestCase._fixture_teardown = flush


def _triggers() -> list[str]:
    """The SQL that would create the triggers as they stand now."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")
            return [sql for (sql,) in cursor.fetchall()]
        cursor.execute(
            "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE '%_is_append_only'"
        )
        functions = [sql for (sql,) in cursor.fetchall()]
        cursor.execute(
            "SELECT pg_get_triggerdef(oid), tgrelid::regclass, tgname FROM pg_trigger "
            "WHERE NOT tgisinternal"
        )
        triggers = cursor.fetchall()
    return [
        *functions,
        *(sql for sql, _, _ in triggers),
        *(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for _, table, name in triggers),
    ]


@pytest.fixture(autouse=True)
def no_message_is_published(request, monkeypatch):
    """Tests have no worker: what is due stands in the database, and `work_off` does it."""
    if "real_broker" not in request.fixturenames:
        monkeypatch.setattr(tasks, "_publish", lambda task, in_seconds, ids: None)


def _person(username, *roles, organization=None):
    person = User.objects.create_user(
        username, f"{username}@example.com", "correct horse", is_staff=organization is None
    )
    person.groups.set(Group.objects.get_or_create(name=role)[0] for role in roles)
    if organization:
        organization.members.add(person)
    return person


@pytest.fixture
def account(db, settings):
    account, _ = PlivoAccount.objects.get_or_create(auth_id=settings.PLIVO_AUTH_ID)
    if settings.PLIVO_AUTH_TOKEN not in account.live_tokens():
        account.tokens.create(token=settings.PLIVO_AUTH_TOKEN)
    return account


@pytest.fixture
def acme(db):
    return Organization.objects.create(name="Acme Inc.")


@pytest.fixture
def globex(db):
    return Organization.objects.create(name="Globex LLC")


@pytest.fixture
def alice(acme):
    return _person("alice", "marketer", organization=acme)


@pytest.fixture
def bob(globex):
    return _person("bob", "marketer", organization=globex)


@pytest.fixture
def carol(db):
    return _person("carol", "compliance")


@pytest.fixture
def dave(db):
    return _person("dave", "compliance")


@pytest.fixture
def audrey(db):
    return _person("audrey", "auditor")


@pytest.fixture
def oscar(db):
    return _person("oscar", "operator")


BRAND = {
    "name": "Acme",
    "entity_type": "PRIVATE",
    "company_name": "Acme Inc.",
    "ein": "12-3456780",
    "vertical": "RETAIL",
    "website": "https://www.example.com/",
    "street": "1 Main Street",
    "city": "San Francisco",
    "state": "CA",
    "postal_code": "94105",
    "contact_first_name": "Alice",
    "contact_last_name": "Doe",
    "contact_email": "alice@example.com",
    "contact_phone": "+14155550101",
    "contact_title": "Head of Marketing",
    "contact_seniority": "DIRECTOR",
}
CAMPAIGN = {
    "name": "Acme orders",
    "vertical": "RETAIL",
    "usecase": "CUSTOMER_CARE",
    "description": (
        "Acme Inc. answers the questions of customers who asked for help with an order at "
        "www.example.com, and tells them how their order stands."
    ),
    "message_flow": (
        "Customers tick an unchecked box at https://www.example.com/checkout that reads: I agree "
        "to receive customer care texts from Acme Inc. Message frequency varies. Message and data "
        "rates may apply. Reply STOP to opt out, HELP for help. Terms: "
        "https://www.example.com/terms Privacy: https://www.example.com/privacy. Consent is not a "
        "condition of purchase. Mobile numbers are never shared with third parties."
    ),
    "sample1": "Acme Inc.: your order 1234 has left our store. Reply STOP to opt out.",
    "sample2": "Acme Inc. support: we have your question and will answer it today.",
    "optin_message": (
        "Acme Inc.: you are subscribed to customer care texts. Message frequency varies. Message "
        "and data rates may apply. Reply HELP for help, STOP to opt out."
    ),
    "optout_message": "Acme Inc.: you are unsubscribed and will get no more messages from us.",
    "help_message": "Acme Inc.: write to help@example.com for help. Reply STOP to opt out.",
    "optin_keywords": "START,YES",
    "subscriber_optin": True,
    "subscriber_optout": True,
    "subscriber_help": True,
    "terms_and_conditions_link": "https://www.example.com/terms",
    "privacy_policy_link": "https://www.example.com/privacy",
}


@pytest.fixture
def make_brand(account, acme, alice):
    def make(**fields):
        brand = Brand(organization=acme, account=account, **{**BRAND, **fields})
        actions.draft(brand, by=alice)
        return brand

    return make


@pytest.fixture
def draft_brand(make_brand):
    return make_brand()


@pytest.fixture
def submit(alice, carol):
    """Bring a draft through review: alice asks, carol approves."""

    def submit(registration):
        actions.send_for_review(registration, by=alice)
        seen = actions.preview(registration).digest
        return actions.approve(registration, by=carol, digest=seen)

    return submit


@pytest.fixture
def plivo(settings):
    """The sandbox behind a real socket; nothing happens there by itself until `plivo.step()`."""
    sandbox = Sandbox({settings.PLIVO_AUTH_ID: settings.PLIVO_AUTH_TOKEN})
    server = Server(sandbox, keep_time=False)
    server.start()
    settings.PLIVO_API_URL = server.url
    yield sandbox
    server.stop()


@pytest.fixture
def work_off(db):
    """Do what a worker would: everything that is due, again and again until nothing is."""

    def work_off(rounds=5):
        for _ in range(rounds):
            now = timezone.now()
            for model in (Brand, Campaign, NumberLink):
                model.objects.filter(lookup_due_at__isnull=False).update(lookup_due_at=now)
            Submission.objects.live().update(due_at=now)
            tasks.sweep_here()

    return work_off


@pytest.fixture
def plivo_says(client, settings):
    """Deliver a callback as Plivo would, or as somebody who is not Plivo would."""
    nonces = iter(range(10**19, 2 * 10**19))

    def says(submission, body=None, *, token=None, nonce=None, method="POST", **fields):
        submission.refresh_from_db()
        url = submission.callback_url
        path = "/" + url.split("/", 3)[3]
        nonce = nonce or str(next(nonces))
        signature = v2_signature(url, nonce, token or settings.PLIVO_AUTH_TOKEN)
        headers = {V2: signature, MA_V2: signature, V2_NONCE: nonce}
        if method == "GET":
            return client.get(path, fields, headers=headers)
        content_type = "application/json"
        if body is None:
            body, content_type = urlencode(fields, doseq=True), "application/x-www-form-urlencoded"
        return client.post(path, body, content_type=content_type, headers=headers)

    return says


def _stand(registration, status, **facts):
    """Put a registration where a whole journey would have brought it."""
    model = type(registration)
    model.objects.filter(pk=registration.pk).update(
        status=status, confirmed_status=status, confirmed_at=timezone.now(), **facts
    )
    registration.refresh_from_db()
    return registration


@pytest.fixture
def registered_brand(make_brand):
    return _stand(make_brand(), "registered", plivo_id="BTEST01", profile_uuid="profile-1")


@pytest.fixture
def make_campaign_on(alice):
    def make(brand, **fields):
        campaign = Campaign(
            brand=brand,
            organization=brand.organization,
            account=brand.account,
            **{**CAMPAIGN, **fields},
        )
        actions.draft(campaign, by=alice)
        return campaign

    return make


@pytest.fixture
def make_campaign(registered_brand, make_campaign_on):
    return lambda **fields: make_campaign_on(registered_brand, **fields)


@pytest.fixture
def registered_campaign(make_campaign):
    return _stand(make_campaign(), "registered", plivo_id="CTEST01")


@pytest.fixture
def lives_through():
    """Send a registration from status to status, each (status, how long after the one before)."""

    def lives_through(registration, *steps, begun):
        now = begun
        for status, after in steps:
            now += after
            status = Status(status)
            actor = next(
                actor
                for actor in Actor
                if status in lawful_moves(registration.kind, registration.status, actor)
            )
            with time_machine.travel(now, tick=False):
                move_to(registration, status, actor=actor, cause=Cause.PERSON)
        return registration

    return lives_through


@pytest.fixture
def shared_database(transactional_db, tmp_path):
    """SQLite's test database lies in memory, where threads refuse each other instead of waiting.

    For as long as a test runs, it lies in a file, as in production. PostgreSQL needs nothing.
    """
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    in_memory, name = connection.connection, connection.settings_dict["NAME"]
    file = tmp_path / "portal.sqlite3"
    copy = sqlite3.connect(file)
    in_memory.backup(copy)
    copy.close()
    connection.connection = None
    connections["default"].settings_dict["NAME"] = str(file)
    yield
    connection.close()
    connections["default"].settings_dict["NAME"] = name
    connection.connection = in_memory
