"""Everybody walks through every page that her role opens: each is fit to be used by anybody.

A walk begins at home and follows every link and every form that only asks, one for each address
of the resolver. What a role may see stands in `tests/portal/answers.py`: a page that no link
leads to fails here, as does one that somebody could not read, see or fit on a phone.
"""

import re
from collections import deque
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib import admin
from django.urls import resolve

from registrations.forms import BrandForm, CampaignForm
from registrations.forms.guidance import CHECK
from tests.journeys.browsing import (
    DESK,
    PHONE,
    WIDE,
    is_wider_than_its_window,
    picture,
    what_axe_finds,
)
from tests.journeys.stage import live_in
from tests.portal import answers
from tests.portal.routes import every_route

# The library is frozen in a form that warns under the newest Python's typing.
pytestmark = pytest.mark.filterwarnings("default")

LABELS = {route.pattern.replace("^", ""): route.label for route in every_route()}
MODELS = sorted(
    f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry
)
ROWS = answers.portal_rows() + answers.admin_rows(MODELS)

# What answers to being looked at and yet is no page that one comes to by a link.
NO_PAGES = {
    "healthz": "for machines",
    "readyz": "for machines",
    "metrics": "for machines",
    "callback-news": "a part of a page",
    "review-counts": "a part of a page",
    "brand-live": "a part of a page",
    "campaign-live": "a part of a page",
    "campaign-numbers-live": "a part of a page",
    "number_link-live": "a part of a page",
    "password-reset-sent": "is led to by asking for a link",
    "password-reset-choose": "is led to by a mail",
    "review-several": "asks to tick something first",
    "admin:app_list": "is the admin's index, parted",
    "admin:autocomplete": "a part of a page",
    "admin:jsi18n": "a part of a page",
    "admin:password_change_done": "is led to by nothing: the portal has its own page for passwords",
}
# For whoever cannot sign in, though nobody is kept from looking.
AT_THE_DOOR = {"password-reset"}
# Programs have a matrix of their own; these of the API's addresses are pages.
OF_THE_API = {"api-docs", "api-problems", "api-problem", "api-schema"}

# The admin's colours fade into each other.
FADED = """() => Promise.allSettled(document.getAnimations()
  .filter(moving => moving instanceof CSSTransition).map(fading => fading.finished))"""

NOBODY, MARKETER, ADMINISTRATOR = "nobody", "alice", "root"

# Where links lead, and where forms ask; questions and places within a page set aside.
LINKS = """links => links
  .map(link => new URL(link.getAttribute("href") ?? link.getAttribute("action") ?? "", location))
  .filter(address => address.origin === location.origin)
  .map(address => address.pathname)"""


@pytest.fixture(scope="module", autouse=True)
def drafts(portal):
    """The pages of the drafts that are in a portal which people have used for a while."""
    portal.add_superuser(ADMINISTRATOR)
    return live_in(portal)


@pytest.fixture(scope="module")
def steps(drafts):
    """Each step of each draft: it is a button that leads there, since that saves."""
    brand, campaign = drafts
    written = ((brand, BrandForm), (campaign, CampaignForm))
    return [f"{page}edit/{step.slug}/" for page, form in written for step in (*form.steps, CHECK)]


def pages_of(name, of_the_admin=False):
    """The labels of all pages of the portal, or of the admin, that this person may look at."""
    rows = {row.label for row in ROWS if row.method == "GET" and row.answers[name] == "200"}
    labels = rows - set(NO_PAGES)
    if name != NOBODY:
        labels = labels - AT_THE_DOOR | OF_THE_API
    return {label for label in labels if label.startswith("admin") == of_the_admin}


def known_as(path):
    """What an address is called; the steps of a draft are pages of their own."""
    found = resolve(path)
    return LABELS[found.route], found.kwargs.get("slug", "")


class Walk:
    """Through every page that can be come to, in the browser of this person."""

    def __init__(self, page, name):
        self.page, self.name = page, name
        self.heard_of, self.met, self.complaints = set(), set(), []

    def goes(self, *firsts, to):
        """Follow every way of a new kind; and others, as long as some page was not met.

        A draft does not lead where a registered brand leads, though their addresses are alike.
        """
        ways, others, patience = deque(firsts), deque(), 40
        kinds = {known_as(first) for first in firsts}
        while ways:
            for way in self._look_at(ways.popleft()):
                kind = known_as(way)
                (others if kind in kinds else ways).append(way)
                kinds.add(kind)
            if not ways and others and to - self.met and patience:
                ways.append(others.popleft())
                patience -= 1

    def _look_at(self, path):
        """Examine what stands there; answers where it leads that was not heard of before."""
        self.met.add(known_as(path)[0])
        answer = self.page.request.get(path)
        if not answer.ok:
            self.complaints.append(f"{path}: {answer.status}")
        if not answer.ok or not answer.headers["content-type"].startswith("text/html"):
            return []
        self.page.goto(path)
        self.met.add(known_as(urlsplit(self.page.url).path)[0])
        self._examine(path)
        unheard = {way for way in self._links() if self._is_meant(way)} - self.heard_of
        self.heard_of |= unheard
        return sorted(unheard)

    def _examine(self, path):
        page = self.page
        self._complain(path, what_axe_finds(page))
        page.emulate_media(color_scheme="dark")
        page.evaluate(FADED)
        self._complain(f"{path} in the dark", what_axe_finds(page, rules=["color-contrast"]))
        self._picture("dark", path)
        page.emulate_media(color_scheme="light")
        for size in (PHONE, WIDE, DESK):
            page.set_viewport_size(size)
            if is_wider_than_its_window(page):
                self.complaints.append(f"{path}: wider than {size['width']}")
            self._picture(str(size["width"]), path)

    def _complain(self, where, findings):
        self.complaints += [f"{where}: {finding}" for finding in findings]

    def _picture(self, how, path):
        words = [self.name, *known_as(path), how]
        picture(self.page, re.sub(r"[^a-z0-9]+", "-", "-".join(words)))

    def _links(self):
        return self.page.locator("a[href], form:not([method=post])").evaluate_all(LINKS)

    def _is_meant(self, way):
        """The admin is walked through by itself."""
        is_file = way.startswith(settings.STATIC_URL)
        return not is_file and way.startswith("/admin/") == (self.name == ADMINISTRATOR)


@pytest.mark.parametrize("name", [MARKETER, "carol", "audrey", "oscar"])
def test_every_page_that_a_role_opens_is_linked_and_fit_for_use(page_as, steps, name):
    walk = Walk(page_as(name), name)

    walk.goes("/", *(steps if name == MARKETER else []), to=pages_of(name))

    assert walk.complaints == []
    assert pages_of(name) - walk.met == set()


def test_every_page_before_the_door_is_linked_and_fit_for_use(page_of_somebody):
    walk = Walk(page_of_somebody(), NOBODY)

    walk.goes("/sign-in/", to=pages_of(NOBODY))

    assert walk.complaints == []
    assert pages_of(NOBODY) - walk.met == set()


def test_every_page_of_the_admin_is_linked_and_fit_for_use(page_as):
    walk = Walk(page_as(ADMINISTRATOR), ADMINISTRATOR)

    walk.goes("/admin/", to=pages_of(ADMINISTRATOR, of_the_admin=True))

    assert walk.complaints == []
    assert pages_of(ADMINISTRATOR, of_the_admin=True) - walk.met == set()
