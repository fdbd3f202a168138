"""Every address × every person: who is answered what, and that nobody learns what is not hers.

The addresses are read off the resolver and the answers stand in `answers.py`: an address without
an answer, or an answer without an address, fails here.
"""

from urllib.parse import urlsplit

import pytest
from django.contrib import admin
from django.contrib.messages import WARNING, get_messages

from callbacks.models import RefusedCount
from tests.portal import answers
from tests.portal import world as world_of
from tests.portal.conftest import rolled_back
from tests.portal.routes import every_route
from tests.portal.snapshot import changed_since, everything
from tests.portal.world import PERSONAS

# Programs have a matrix of their own, of keys and scopes: see tests/api.
ROUTES = {route.label: route for route in every_route() if not route.pattern.startswith("api/")}
MODELS = {
    f"{model._meta.app_label}_{model._meta.model_name}": model for model in admin.site._registry
}
ROWS = answers.portal_rows() + answers.admin_rows(sorted(MODELS))

REFUSED = {"door", "401", "403", "404"}
STRANGERS = ("bob", "nora", "nobody")


@pytest.fixture(scope="module")
def world(built):
    return built(world_of.build)


@pytest.fixture(scope="module")
def models(world):
    """One row of everything that the admin shows, by the name of its model."""
    RefusedCount.objects.create(minute="2026-11-25T12:00Z", count=3)
    rows = {name: model._default_manager.order_by("pk").first() for name, model in MODELS.items()}
    return {**rows, "auth_user": world.people["alice"]}


@pytest.fixture(scope="module")
def before(world, models):
    return everything()


@pytest.fixture(autouse=True)
def db(before, a_quiet_place):
    """The world as it was built, for each test anew."""
    with rolled_back():
        yield


def ask(world, models, row, name, method=None):
    """Send what the row says to where it says, as this person."""
    browser, method = world.browser(name), method or row.method
    path = ROUTES[row.label].path(**answers.places(row, world, models))
    if method == "GET":
        response = browser.get(path, answers.asked(row, world))
    else:
        response = browser.post(path, answers.sent(row, world, models))
    if response.status_code == 302 and response.url.startswith("/admin/login/"):
        response = browser.get(response.url)  # the admin's own way of saying who may come in
    return response


def told(response, before):
    """The answer, in the words of the table."""
    status = response.status_code
    changed = changed_since(before)
    if changed and status < 400:
        return "done"
    if changed:
        return f"{status}, but {changed} changed"
    if status != 302:
        return str(status)
    if urlsplit(response.url).path == "/sign-in/":
        return "door"
    if any(message.level >= WARNING for message in get_messages(response.wsgi_request)):
        return "told"
    return "302"


def traces_in(response, estate):
    """Whatever of this company the answer tells, beside what was named in asking."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    text = f"{response.headers}\n{content.decode()}"
    request = response.wsgi_request
    named = f"{request.path} {dict(request.GET.lists())} {dict(request.POST.lists())}"
    return [trace for trace in estate.traces if trace in text and trace not in named]


# --- The matrix ----------------------------------------------------------------------------------


def test_every_address_has_its_answers_and_every_answer_its_address():
    assert {row.label for row in ROWS} == set(ROUTES)


@pytest.mark.parametrize(
    ("row", "name"),
    [pytest.param(row, name, id=f"{row} as {name}") for row in ROWS for name in PERSONAS],
)
def test_everybody_is_answered_what_her_role_allows(world, models, before, row, name):
    response = ask(world, models, row, name)

    assert told(response, before) == row.answers[name]
    if name in STRANGERS:
        assert traces_in(response, world.acme) == []


@pytest.mark.parametrize("label", sorted(ROUTES))
def test_no_other_method_does_anything(world, models, before, label):
    rows = [row for row in ROWS if row.label == label]
    others = {"GET", "POST"} - {row.method for row in rows}
    # Some pages of Django's own answer whatever they are asked with as if they were looked at.
    is_djangos = ROUTES[label].is_admin or ROUTES[label].pattern == "favicon.ico"

    for method in others:
        for name in PERSONAS:
            answer = told(ask(world, models, rows[0], name, method), before)

            if is_djangos:
                assert answer in {"200", "301", "302", "405", *REFUSED}, f"{method} as {name}"
            elif rows[0].answers[name] in REFUSED:
                assert answer in {"405", *REFUSED}, f"{method} as {name}"
            else:
                assert answer == "405", f"{method} as {name}"
