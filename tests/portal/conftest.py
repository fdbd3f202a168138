"""What acceptance tests stand on: one world for all tests of a module, and its people's browsers.

Each test finds the world as it was built: whatever it changes is rolled back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from callbacks.quarantine import Doorkeeper
from registrations.models import PlivoAccount


@contextmanager
def rolled_back() -> Iterator[None]:
    """Whatever is written in here was never written."""
    atomic = transaction.atomic()
    # As in Django's own tests: what commits "durably" may do so in here.
    atomic._from_testcase = True
    with atomic:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def built(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Callable[[Any], Any]]:
    """Build a world, given as a function of a Plivo account, that lasts for the module."""
    with django_db_blocker.unblock(), rolled_back():
        account, _ = PlivoAccount.objects.get_or_create(auth_id=settings.PLIVO_AUTH_ID)
        if settings.PLIVO_AUTH_TOKEN not in account.live_tokens():
            account.tokens.create(token=settings.PLIVO_AUTH_TOKEN)
        yield lambda build: build(account)


@pytest.fixture
def a_quiet_place(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing answers at the addresses of Plivo and of the portal, and no thread stays behind."""
    settings.PLIVO_API_URL = "http://127.0.0.1:9"
    settings.PUBLIC_URL = "http://127.0.0.1:9"
    monkeypatch.setattr("callbacks.views.doorkeeper", Doorkeeper(later=lambda write: None))
