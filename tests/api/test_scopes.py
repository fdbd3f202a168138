"""Every operation of the API × every kind of key, on one's own things and on another company's.

The operations are read off the resolver and the answers stand in `answers.py`: an operation
without an answer, or an answer without an operation, fails here.
"""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from registrations import actions
from registrations.models import Scope
from tests.api import answers
from tests.api.answers import CALLERS
from tests.api.tiny import bearer, key_of
from tests.portal import world as world_of
from tests.portal.conftest import rolled_back
from tests.portal.routes import every_route
from tests.portal.snapshot import changed_since, everything

ROUTES = {
    route.label: route
    for route in every_route()
    if route.pattern.startswith("api/v1/") and route.methods
}
ROWS = answers.rows()
STRANGERS = {"nobody", "unknown", "revoked", "foreign", "house"}


@pytest.fixture(scope="module")
def world(built):
    return built(_world)


def _world(account):
    """The world of the pages, each company with a batch of numbers beside what it has."""
    world = world_of.build(account)
    for estate in (world.acme, world.globex):
        wish = actions.Wish(estate.campaigns["registered"].reference, "14155550188")
        estate.batch = actions.take_in_batch(estate.organization, [wish], by=estate.marketer)
    return world


@pytest.fixture(scope="module")
def callers(world):
    """A client for each column of the table."""
    people, acme = world.people, world.acme.organization
    mine = {"owner": people["alice"], "organization": acme}
    headers = {"nobody": {}, "unknown": bearer("dlc_AAAAAAAA_" + "A" * 43)}
    for scope in Scope:
        owner = people["carol" if scope == Scope.APPROVE else "alice"]
        _, secret = key_of(owner, acme, scope)
        headers[scope.value] = bearer(secret)
    old, secret = key_of(**mine)
    actions.revoke_key(old, by=people["alice"])
    headers["revoked"] = bearer(secret)
    headers["all"] = bearer(key_of(**mine)[1])
    for name, owner in (("foreign", "bob"), ("house", "carol")):
        headers[name] = bearer(key_of(people[owner], world.globex.organization)[1])
    clients = {name: Client(headers=header) for name, header in headers.items()}
    clients["browser"] = world.browser("alice")
    return clients


@pytest.fixture(scope="module")
def before(world, callers):
    return everything()


@pytest.fixture(autouse=True)
def db(before, a_quiet_place):
    """The world as it was built, for each test anew."""
    with rolled_back():
        yield


def ask(world, client, row):
    path = ROUTES[row.label].path(**answers.places(row, world.acme))
    if row.method == "GET":
        return client.get(path)
    said = answers.sent(row, world.acme)
    return client.generic(row.method, path, said, content_type=answers.content_type(row))


def told(response, before):
    """The answer, in the words of the table."""
    changed = changed_since(before)
    if changed and response.status_code >= 400:
        return f"{response.status_code}, but {changed} changed"
    return "done" if changed else str(response.status_code)


def traces_in(response, estate):
    text = f"{response.headers}\n{response.content.decode()}"
    return traces_in_text(text, response.wsgi_request.path, estate)


def traces_in_text(text, named, estate):
    """Whatever of this company the text tells, beside what was named in asking."""
    return [trace for trace in estate.traces if trace in text and trace not in named]


def test_every_operation_has_its_answers_and_every_answer_its_operation():
    understood = {(label, method) for label, route in ROUTES.items() for method in route.methods}
    assert {(row.label, row.method) for row in ROWS} == understood


@pytest.mark.parametrize(
    ("row", "name"),
    [pytest.param(row, name, id=f"{row} with {name}") for row in ROWS for name in CALLERS],
)
def test_each_key_is_answered_what_its_scopes_allow(world, callers, before, row, name):
    response = ask(world, callers[name], row)

    assert told(response, before) == row.answers[name]
    assert settings.SESSION_COOKIE_NAME not in response.cookies
    others = world.acme if name in STRANGERS else world.globex
    assert traces_in(response, others) == []
