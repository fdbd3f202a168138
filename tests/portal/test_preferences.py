"""Everybody has the portal on her own clock, and hears only of what she wants."""

import pytest

from registrations.models import Preferences

pytestmark = pytest.mark.django_db


def test_times_are_shown_on_the_clock_she_chose(client, alice, draft_brand):
    type(draft_brand).objects.update(created_at="2026-03-01T23:30:00Z")
    client.force_login(alice)

    client.post("/preferences/", {"time_zone": "Asia/Tokyo", "theme": "dark"})

    page = client.get("/preferences/").content.decode()
    assert "Asia/Tokyo" in page
    assert 'data-theme="dark"' in page
    assert "2 Mar 2026" in client.get(draft_brand.get_absolute_url()).content.decode()


def test_without_a_choice_it_is_the_browsers_clock(client, alice):
    client.force_login(alice)
    client.cookies["time_zone"] = "America%2FNew_York"

    assert "America/New_York" in client.get("/preferences/").content.decode()


@pytest.mark.parametrize("made_up", ["", "Nowhere/At_all", "../../etc/passwd", "\x00", "x" * 9999])
def test_a_made_up_clock_is_none(client, alice, made_up):
    client.force_login(alice)
    client.cookies["time_zone"] = made_up

    assert "on the clock of UTC." in client.get("/preferences/").content.decode()


def test_only_mail_that_can_concern_her_is_offered(client, alice, carol):
    client.force_login(alice)
    offered_to_alice = client.get("/preferences/").content.decode()
    client.force_login(carol)
    offered_to_carol = client.get("/preferences/").content.decode()

    assert "mail_registered" in offered_to_alice and "mail_decision" not in offered_to_alice
    assert "mail_decision" in offered_to_carol and "mail_registered" not in offered_to_carol


def test_declining_one_kind_leaves_the_others(client, alice):
    client.force_login(alice)

    client.post("/preferences/", {"time_zone": "", "theme": "", "mail_rejected": "on"})

    mine = Preferences.objects.get(user=alice)
    assert (mine.mail_rejected, mine.mail_registered, mine.mail_conflict) == (True, False, True)
