"""The roof: home, the door, and what every page says."""

import pytest

pytestmark = pytest.mark.django_db


def test_home_shows_what_there_is_and_what_asks_for_somebody(client, alice, make_brand):
    brand = make_brand()
    type(brand).objects.update(status="rejected")
    client.force_login(alice)

    page = client.get("/").content.decode()

    assert "Asks for somebody" in page
    assert brand.reference in page


def test_while_plivo_is_the_sandbox_every_page_says_so(client, settings):
    settings.PLIVO_IS_SANDBOX = True

    assert "sandbox" in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize("path", ["/", "/brands/", "/brands/new/", "/review/", "/admin/"])
def test_nothing_mentions_the_sandbox_once_plivo_is_elsewhere(client, carol, settings, path):
    settings.PLIVO_IS_SANDBOX = False
    settings.PLIVO_API_URL = "https://api.plivo.com"
    client.force_login(carol)

    assert "sandbox" not in client.get(path).content.decode().lower()


def test_a_signed_in_page_is_kept_by_no_cache_and_runs_no_foreign_script(client, alice):
    client.force_login(alice)

    headers = client.get("/").headers

    assert "no-store" in headers["Cache-Control"]
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


def test_a_wrong_password_is_said_and_the_name_is_kept(client, alice):
    page = client.post("/sign-in/", {"username": "alice", "password": "wrong"}).content.decode()

    assert "correct username and password" in page
    assert 'value="alice"' in page
