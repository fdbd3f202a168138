"""Programs that speak to the API, each with the key of a person."""

import pytest
from django.test import Client

from tests.api.tiny import bearer, key_of

# The small world of the pages is that of programs, too.
from tests.portal.conftest import a_quiet_place, built  # noqa: F401

API = "/api/v1"


class Program:
    """A program with a key. Addresses are given without /api/v1, or whole, as answers give them."""

    def __init__(self, secret):
        self._client = Client(headers=bearer(secret))

    def get(self, address, query=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.get(self._whole(address), query, headers=named)

    def post(self, address, body=None, **headers):
        return self._send("post", address, body, headers)

    def patch(self, address, body, **headers):
        return self._send("patch", address, body, headers)

    def send_raw(self, address, body, content_type="application/json", method="post"):
        return getattr(self._client, method)(self._whole(address), body, content_type=content_type)

    def ask(self, method, address):
        return getattr(self._client, method)(self._whole(address))

    def _send(self, method, address, body, headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(self._client, method)(
            self._whole(address),
            {} if body is None else body,
            content_type="application/json",
            headers=named,
        )

    def _whole(self, address):
        return address if address.startswith(("http", "/api")) else f"{API}{address}"


@pytest.fixture
def program_of():
    """A program of this person's for this organization; with every scope, or with these."""

    def program_of(person, organization, *scopes):
        _, secret = key_of(person, organization, *scopes)
        return Program(secret)

    return program_of


@pytest.fixture
def alices(program_of, alice, acme):
    return program_of(alice, acme)


@pytest.fixture
def bobs(program_of, bob, globex):
    return program_of(bob, globex)


@pytest.fixture
def carols(program_of, carol, acme):
    """Carol is of the house, but her key is for Acme."""
    return program_of(carol, acme)
