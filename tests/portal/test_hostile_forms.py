"""Whatever is typed into a form is refused beside its field, or saved; it never breaks anything.

The forms and their fields are read off the pages, as a browser finds them. Each field in turn is
sent a hostile text and one of 64 KiB, the others stay as the page has them.
"""

import pytest
from django.test import Client
from django.urls import resolve, reverse

from registrations.forms import BrandForm, CampaignForm
from tests.portal import world as world_of
from tests.portal.conftest import rolled_back
from tests.portal.hostile import LONG, MARKUP, TEXT, TURNED
from tests.portal.reading import Forms, Page, assert_is_only_text
from tests.portal.test_who_may_what import REFUSED, ROUTES, ROWS, ask, models  # noqa: F401
from tests.portal.world import PASSWORD, PERSONAS

HOSTILE = f"{TEXT}\x00"
TOO_LONG = "x" * LONG

# No page shows again what was typed here.
SECRET = {"password", "old_password", "new_password1", "new_password2", "code", "ein"}
# A list of numbers may be that long; and the door does not tell what is wrong with a name.
NOT_WRONG = {"/numbers/new/": "numbers", "/sign-in/": "username"}

PAGES = [
    (row, next(name for name in PERSONAS if row.answers[name] not in REFUSED | {"door"}))
    for row in ROWS
    if row.method == "GET" and not ROUTES[row.label].pattern.startswith("admin/(")
    if set(row.answers.values()) - REFUSED - {"door"}
]
STEPS = [(form, step) for form in (BrandForm, CampaignForm) for step in form.steps]
STATES = {
    "brand": ["in_review", "rejected", "torn", "ending", "queued", "undecided"],
    "campaign": ["rejected", "torn", "ending", "queued"],
    "number_link": ["failed", "torn", "queued"],
}


@pytest.fixture(scope="module")
def world(built):
    return built(world_of.build)


@pytest.fixture(scope="module")
def tried():
    """The forms that were tried: many stand on several pages."""
    return set()


@pytest.fixture(autouse=True)
def db(world, models, a_quiet_place):  # noqa: F811
    """The world as it was built, for each test anew."""
    with rolled_back():
        yield


def try_forms_of(page, tried):
    """Send each form of this page, with a hostile text in one field after the other."""
    if page.status_code in (301, 302) and page.url.startswith("/"):
        page = page.client.get(page.url)
    if page.status_code != 200 or not page["Content-Type"].startswith("text/html"):
        return
    here = page.request["PATH_INFO"]
    for form in Forms(page.content.decode()).forms:
        action = (form.action or here).partition("?")[0]
        known = (resolve(action).view_name, form.method, *form.values)
        if known in tried:
            continue
        tried.add(known)
        for name in form.values:
            # From the first a browser makes further rows; of the second, one is like the other.
            if "__prefix__" in name or (name.startswith("note-") and name != "note-name"):
                continue
            for said in (HOSTILE, TOO_LONG) if name in form.typed else (HOSTILE,):
                with rolled_back():
                    answer = send(page.client, form, action, {name: said})
                    assert_is_only_text(answer)
                    if said == TOO_LONG and form.method == "post":
                        assert is_refused_and_kept(answer, name, here), (action, name)


def send(browser, form, action, said):
    fields = {name: values for name, values in form.values.items() if name not in said}
    method = browser.post if form.method == "post" else browser.get
    return method(action, {**fields, **said})


def is_refused_and_kept(answer, name, here):
    """Whether the page says of this field that it is wrong, and still has what was typed."""
    if answer.status_code == 302:
        # What does not fit into a draft is kept beside it, and said on its page.
        answer = answer.client.get(here)
    forms = [form for form in Forms(answer.content.decode()).forms if name in form.values]
    told = any(name in form.wrong for form in forms) or name in SECRET | {NOT_WRONG.get(here)}
    kept = any(TOO_LONG in form.values[name] for form in forms) or name in SECRET
    return told and kept


@pytest.mark.parametrize(
    ("row", "name"), [pytest.param(row, name, id=f"{row} as {name}") for row, name in PAGES]
)
def test_no_form_of_a_page_is_broken(world, models, tried, row, name):  # noqa: F811
    try_forms_of(ask(world, models, row, name), tried)


@pytest.mark.parametrize(
    ("form", "step"),
    [pytest.param(*one, id=f"{one[0].__name__} {one[1].slug}") for one in STEPS],
)
def test_no_step_of_a_draft_is_broken(world, tried, form, step):
    kind = form._meta.model.kind.value
    draft = world.acme.of_kind(kind)["draft"]

    address = reverse(f"{kind}-edit-step", args=[draft.reference, step.slug])

    try_forms_of(world.browser("alice").get(address), tried)


@pytest.mark.parametrize("name", ["alice", "carol"])
@pytest.mark.parametrize(
    ("kind", "state"), [(kind, state) for kind, states in STATES.items() for state in states]
)
def test_no_form_beside_a_registration_is_broken(world, tried, kind, state, name):
    one, browser = world.acme.of_kind(kind)[state], world.browser(name)

    try_forms_of(browser.get(one.get_absolute_url()), tried)
    if name == "carol":
        try_forms_of(browser.get(reverse("review-request", args=[one.reference])), tried)


def test_what_stands_in_a_field_goes_back_as_it_came(world):
    draft = world.acme.brands["draft"]
    address = reverse("brand-edit-step", args=[draft.reference, "company"])
    browser = world.browser("alice")

    browser.post(address, {"company_name": f"Acme {TURNED}"})

    page = browser.get(address).content.decode()
    [form] = [form for form in Forms(page).forms if "company_name" in form.values]
    assert form.values["company_name"] == [f"Acme {TURNED}"]


def test_what_was_typed_when_the_session_had_ended_is_text_too(world):
    browser, brand = Client(), world.acme.brands["registered"]
    door = browser.post(reverse("brand-comment", args=[brand.reference]), {TEXT: TEXT})
    assert_is_only_text(door)
    [form] = [form for form in Forms(door.content.decode()).forms if "typed" in form.values]

    who = {"username": "alice", "password": PASSWORD}
    inside = browser.post(reverse("sign-in"), {**form.values, **who}, follow=True)

    assert_is_only_text(inside)
    assert MARKUP in Page(inside.content.decode()).text
