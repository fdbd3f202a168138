"""How long a session lasts."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from portal.people import verbs
from registrations.models import Deed, SecurityEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_carol(client, carol):
    client.force_login(carol)
    return client


def is_signed_in(client):
    return client.get("/preferences/").status_code == 200


def test_a_session_ends_when_a_role_is_lost_and_says_why(as_carol, carol):
    carol.groups.clear()

    answer = as_carol.get("/review/", follow=True)

    assert answer.redirect_chain[0][0].startswith("/sign-in/")
    assert "a role was taken from you: Compliance" in answer.content.decode()
    event = SecurityEvent.objects.get(deed=Deed.SESSION_ENDED)
    assert (event.user, event.detail) == (carol, "lost: compliance")


def test_the_cookie_of_that_session_opens_nothing_when_the_role_comes_back(as_carol, carol):
    old = as_carol.cookies["sessionid"].value
    carol.groups.clear()
    as_carol.get("/")
    carol.groups.add(Group.objects.get(name="compliance"))

    thief = Client()
    thief.cookies["sessionid"] = old

    assert not is_signed_in(thief)


def test_a_role_that_is_gained_counts_at_once_and_its_loss_later(as_carol, carol):
    auditor, _ = Group.objects.get_or_create(name="auditor")
    carol.groups.add(auditor)
    assert is_signed_in(as_carol)

    carol.groups.remove(auditor)

    assert not is_signed_in(as_carol)


def test_what_she_typed_meanwhile_is_kept_when_a_role_is_lost(as_carol, carol):
    carol.groups.set([Group.objects.get_or_create(name="auditor")[0]])

    door = as_carol.post("/brands/new/", {"name": "Acme"})

    assert door.status_code == 401
    assert "nothing you typed is lost" in door.content.decode()


def test_a_session_ends_with_the_password_it_began_with(client, as_carol, carol):
    elsewhere = Client()
    elsewhere.force_login(carol)
    old = "correct horse"

    as_carol.post(
        "/password/",
        {
            "old_password": old,
            "new_password1": "a long enough secret",
            "new_password2": "a long enough secret",
        },
    )

    assert is_signed_in(as_carol)
    assert not is_signed_in(elsewhere)
    assert SecurityEvent.objects.get().deed == Deed.PASSWORD_CHANGED


def test_a_session_ends_when_she_is_deactivated_and_does_not_live_again(as_carol, carol, oscar):
    verbs.deactivate(carol, by=oscar)
    verbs.reactivate(carol, by=oscar)

    assert not is_signed_in(as_carol)


def test_a_page_costs_no_query_for_it(as_carol, carol, django_assert_num_queries):
    # The session, the person, her roles: what any page asks for.
    with django_assert_num_queries(3):
        as_carol.get("/password/")


def test_health_and_callbacks_pay_nothing_for_it(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/healthz")
    with django_assert_num_queries(1):  # whose address is it?
        client.post("/callbacks/plivo/nobodys-token/", {})


@pytest.mark.parametrize("deed", ["update", "delete"])
def test_what_people_did_cannot_be_unwritten(db, deed, alice):
    SecurityEvent.write(Deed.SIGNED_IN, by=alice)

    with pytest.raises(Exception, match="append-only"):
        if deed == "update":
            SecurityEvent.objects.update(detail="nothing happened")
        else:
            SecurityEvent.objects.all()._raw_delete("default")
