import os
import secrets
import shutil
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.journeys.browsing import TELLS_VIOLATIONS, sign_in
from tests.journeys.stage import Portal

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def skip_or_fail(reason):
    """What cannot run for want of something is skipped, but not where it decides."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def worker_number():
    """Which of the processes that run the tests this is, counted from 0."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """The embedded portal, as `./run demo` starts it."""
    portal = Portal(tmp_path_factory.mktemp("portal"))
    try:
        portal.start_embedded()
        yield portal
    finally:
        portal.stop_all()


@pytest.fixture(scope="module")
def servers():
    """The settings of a PostgreSQL database and of one of Redis that nobody else uses now."""
    server, redis = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    if not (server and redis):
        skip_or_fail("TEST_DATABASE_URL and TEST_REDIS_URL name no PostgreSQL and Redis servers.")
    name = f"portal_journey_{os.getpid()}_{secrets.token_hex(3)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    first = urlsplit(redis)
    own = int(first.path.strip("/") or 0) + worker_number()
    yield {
        "DATABASE_URL": urlsplit(server)._replace(path=f"/{name}").geturl(),
        "REDIS_URL": first._replace(path=f"/{own}").geturl(),
    }
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        skip_or_fail("There is no chromium here (Debian: apt install chromium).")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        yield browser
        browser.close()


@pytest.fixture
def page_of_somebody(portal, browser):
    """Open a browser; whatever it complains about fails the test at its end."""
    contexts, complaints = [], []

    def page_of_somebody(**looks):
        context = browser.new_context(
            **{"base_url": portal.url, "viewport": {"width": 1280, "height": 900}, **looks}
        )
        contexts.append(context)
        context.add_init_script(TELLS_VIOLATIONS)
        page = context.new_page()
        page.set_default_timeout(60_000)

        def complain(of):
            complaints.append(f"{page.url}: {of}")

        page.on("pageerror", lambda error: complain(error))
        page.on("console", lambda said: said.type == "error" and complain(said.text))
        page.on("request", lambda asked: asked.url.startswith(portal.url) or complain(asked.url))
        return page

    yield page_of_somebody
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page_as(portal, page_of_somebody):
    """Open a browser as somebody who is signed in."""

    def page_as(username, **looks):
        page = page_of_somebody(**looks)
        sign_in(page, username, portal.password)
        page.locator("details.who").wait_for()
        return page

    return page_as
