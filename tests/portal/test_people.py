"""Operators look after people, nobody raises herself, and each change is written down."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.test import Client

from portal.people import verbs
from portal.second_factor import codes
from registrations.actions import NotAllowed
from registrations.models import Deed, Organization, Role, SecurityEvent
from tests.portal.test_sign_in import choose, is_signed_in, link_in, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_oscar(client, oscar):
    client.force_login(oscar)
    return client


@pytest.fixture
def root(db):
    return User.objects.create_superuser("root", "root@example.com", "correct horse")


def roles_of(person):
    return sorted(person.groups.values_list("name", flat=True))


def told(deed):
    event = SecurityEvent.objects.get(deed=deed)
    return event.user, event.about, event.detail


def invite(client, **fields):
    return client.post(
        "/people/new/",
        {"email": "erin@example.com", "username": "erin", "first_name": "Erin", **fields},
    )


# --- Inviting --------------------------------------------------------------------------------


def test_an_invited_person_chooses_a_password_and_comes_in(as_oscar, oscar, acme):
    invite(as_oscar, roles=["marketer"], organizations=[acme.pk])
    (letter,) = mail.outbox
    erin = Client()

    chosen = choose(erin, link_in(letter))
    sign_in(erin, "erin", "a long enough secret")

    assert letter.to == ["erin@example.com"]
    assert "oscar invites you" in letter.body
    assert letter.alternatives[0].mimetype == "text/html"
    assert chosen["Location"] == "/sign-in/"
    assert is_signed_in(erin)
    person = User.objects.get(username="erin")
    assert roles_of(person) == ["marketer"]
    assert list(person.organizations.all()) == [acme]
    assert not person.is_staff
    detail = "erin@example.com; roles: marketer; organizations: Acme Inc."
    assert told(Deed.INVITED) == (oscar, person, detail)


def test_until_then_nobody_comes_in_as_her(as_oscar):
    invite(as_oscar, roles=["auditor"])

    assert sign_in(Client(), "erin", "").status_code == 200
    assert not User.objects.get(username="erin").has_usable_password()


def test_the_admin_opens_to_whoever_wears_a_role_of_the_house(as_oscar):
    invite(as_oscar, roles=["auditor"])

    assert User.objects.get(username="erin").is_staff


@pytest.mark.parametrize(
    "fields, why",
    [
        ({"username": "ALICE"}, "has this username already"),
        ({"email": "Alice@Example.com"}, "has this address already"),
        ({"roles": ["marketer"]}, "needs at least one organization"),
        ({"roles": ["emperor"]}, "Select a valid choice"),
        ({"username": "two words"}, "Enter a valid username"),
        ({"email": "x@example.com\nBcc: all@example.com"}, "Enter a valid email"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_with_a_reason(as_oscar, alice, fields, why):
    page = invite(as_oscar, **fields)

    assert why in page.content.decode()
    assert mail.outbox == []


def test_a_mail_server_that_is_down_loses_nobody(as_oscar, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    page = as_oscar.get(invite(as_oscar, roles=["auditor"])["Location"]).content.decode()

    assert "the mail server did not take the letter" in page
    assert User.objects.filter(username="erin").exists()


def test_an_invitation_is_sent_again(as_oscar):
    invite(as_oscar, roles=["auditor"])
    erin = User.objects.get(username="erin")

    as_oscar.post(f"/people/{erin.pk}/act/invite-again/")

    assert len(mail.outbox) == 2
    assert choose(Client(), link_in(mail.outbox[1]))["Location"] == "/sign-in/"


def test_nobody_invites_who_does_not_operate(carol):
    with pytest.raises(NotAllowed):
        verbs.invite(
            username="x",
            email="x@example.com",
            first_name="",
            last_name="",
            roles=[Role.COMPLIANCE],
            organizations=[],
            by=carol,
        )


# --- What somebody may do ------------------------------------------------------------------------


def test_roles_and_organizations_are_changed_and_what_was_before_is_told(
    as_oscar, oscar, alice, acme, globex
):
    as_oscar.post(
        f"/people/{alice.pk}/access/",
        {"roles": ["marketer", "auditor"], "organizations": [globex.pk]},
    )

    alice.refresh_from_db()
    assert roles_of(alice) == ["auditor", "marketer"]
    assert list(alice.organizations.all()) == [globex]
    assert alice.is_staff
    assert told(Deed.ROLES_CHANGED) == (oscar, alice, "marketer → auditor, marketer")
    assert told(Deed.ORGANIZATIONS_CHANGED) == (oscar, alice, "Acme Inc. → Globex LLC")


def test_what_does_not_change_is_not_told(as_oscar, alice, acme):
    as_oscar.post(
        f"/people/{alice.pk}/access/", {"roles": ["marketer"], "organizations": [acme.pk]}
    )

    assert not SecurityEvent.objects.exists()


def test_a_role_that_is_lost_closes_the_admin_too(as_oscar, audrey):
    as_oscar.post(f"/people/{audrey.pk}/access/", {"roles": []})

    audrey.refresh_from_db()
    assert not audrey.is_staff


EVERY_VERB = [
    lambda person, by: verbs.change_roles(person, list(Role), by=by),
    lambda person, by: verbs.change_organizations(person, Organization.objects.all(), by=by),
    lambda person, by: verbs.change_address(person, "mine@example.com", by=by),
    lambda person, by: verbs.invite_again(person, by=by),
    lambda person, by: verbs.deactivate(person, by=by),
    lambda person, by: verbs.reactivate(person, by=by),
    lambda person, by: verbs.remove_second_factor(person, by=by),
]


@pytest.mark.parametrize("verb", EVERY_VERB)
def test_nobody_raises_herself(oscar, acme, verb):
    with pytest.raises(NotAllowed):
        verb(oscar, oscar)

    assert roles_of(oscar) == ["operator"]
    assert not SecurityEvent.objects.exists()


@pytest.mark.parametrize("verb", EVERY_VERB)
def test_only_a_superuser_touches_a_superuser(oscar, root, acme, verb):
    with pytest.raises(NotAllowed):
        verb(root, oscar)

    root.refresh_from_db()
    assert root.is_active and root.email == "root@example.com"


@pytest.mark.parametrize("verb", EVERY_VERB)
@pytest.mark.parametrize("who", ["alice", "carol", "audrey"])
def test_nobody_else_looks_after_people(request, bob, who, verb):
    with pytest.raises(NotAllowed):
        verb(bob, request.getfixturevalue(who))


@pytest.mark.parametrize(
    "verb",
    [lambda p, by: verbs.deactivate(p, by=by), lambda p, by: verbs.change_roles(p, [], by=by)],
)
def test_the_last_operator_stays_one(oscar, root, verb):
    with pytest.raises(NotAllowed, match="last operator"):
        verb(oscar, root)

    oscar.refresh_from_db()
    assert oscar.is_active
    assert roles_of(oscar) == ["operator"]


def test_of_two_operators_who_depose_each_other_the_second_comes_too_late(oscar):
    olga = User.objects.create_user("olga")
    olga.groups.add(Group.objects.get(name="operator"))
    olga_as_a_page_knows_her = User.objects.get(pk=olga.pk)
    verbs.deactivate(olga, by=oscar)

    with pytest.raises(NotAllowed):
        verbs.deactivate(oscar, by=olga_as_a_page_knows_her)


# --- Addresses, leaving, lost apps -----------------------------------------------------------


def test_whoever_gets_another_address_proves_that_it_is_hers(as_oscar, alice):
    hers = Client()
    hers.force_login(alice)

    as_oscar.post(f"/people/{alice.pk}/address/", {"email": "new@example.com"})

    warning, link = mail.outbox
    assert warning.to == ["alice@example.com"] and "another e-mail address" in warning.body
    assert link.to == ["new@example.com"]
    assert not is_signed_in(hers)
    assert sign_in(Client(), "alice").status_code == 200
    assert told(Deed.ADDRESS_CHANGED)[2] == "alice@example.com → new@example.com"


def test_somebody_leaves_and_comes_back(as_oscar, oscar, alice):
    hers = Client()
    hers.force_login(alice)

    as_oscar.post(f"/people/{alice.pk}/act/deactivate/")
    assert not is_signed_in(hers)
    as_oscar.post(f"/people/{alice.pk}/act/reactivate/")

    assert sign_in(Client(), "alice").status_code == 302
    assert told(Deed.DEACTIVATED) == (oscar, alice, "active → deactivated")
    assert told(Deed.REACTIVATED) == (oscar, alice, "deactivated → active")


def test_a_lost_second_factor_is_removed_and_she_is_told(as_oscar, oscar, alice):
    import pyotp

    secret = codes.new_secret()
    codes.add(alice, secret, pyotp.TOTP(secret).now())

    as_oscar.post(f"/people/{alice.pk}/act/remove-second-factor/")

    assert not codes.has_one(alice)
    assert mail.outbox[0].to == ["alice@example.com"]
    assert told(Deed.SECOND_FACTOR_REMOVED)[:2] == (oscar, alice)


# --- The pages --------------------------------------------------------------------------------


def names_on(page):
    return re.findall(r'<a href="/people/\d+/">([^<]+)</a>', page.content.decode())


@pytest.mark.parametrize(
    "query, who",
    [
        ("", {"alice", "bob", "carol", "oscar"}),
        ("?q=ali", {"alice"}),
        ("?q=ali+example.com", {"alice"}),
        ("?role=compliance", {"carol"}),
        ("?state=deactivated", {"bob"}),
        ("?state=invited", set()),
        ("?q=%00&role=emperor&organization=x&state=y", {"alice", "bob", "carol", "oscar"}),
    ],
)
def test_people_are_found_by_what_the_address_asks_for(as_oscar, alice, bob, carol, query, who):
    User.objects.filter(pk=bob.pk).update(is_active=False)

    assert set(names_on(as_oscar.get(f"/people/{query}"))) == who


def test_people_of_one_organization(as_oscar, alice, bob, acme):
    assert names_on(as_oscar.get(f"/people/?organization={acme.pk}")) == ["alice"]


def test_the_list_costs_the_same_for_any_number(
    as_oscar, acme, django_assert_max_num_queries, django_assert_num_queries
):
    with django_assert_max_num_queries(9) as before:
        as_oscar.get("/people/")
    for number in range(30):
        person = User.objects.create_user(f"person{number}")
        person.organizations.add(acme)

    with django_assert_num_queries(len(before)):
        as_oscar.get("/people/")


def test_a_persons_page_tells_what_she_did_and_who_failed_at_her_door(as_oscar, alice):
    sign_in(Client(), "alice", "wrong", whence="198.51.100.7")
    sign_in(Client(), "alice")

    page = as_oscar.get(f"/people/{alice.pk}/").content.decode()

    assert "Signed in" in page
    assert "Failed to sign in" in page and "198.51.100.7" in page


def test_what_people_are_called_is_shown_as_text(as_oscar, alice):
    User.objects.filter(pk=alice.pk).update(first_name='"><img src=x onerror=alert(1)>')

    for path in ("/people/", f"/people/{alice.pk}/"):
        assert "<img src=x" not in as_oscar.get(path).content.decode()


@pytest.mark.parametrize("who", ["alice", "carol", "audrey"])
def test_nobody_else_sees_people(client, request, who):
    person = request.getfixturevalue(who)
    client.force_login(person)

    assert client.get("/people/").status_code == 403
    assert client.get(f"/people/{person.pk}/").status_code == 403
    assert client.post(f"/people/{person.pk}/access/", {"roles": ["operator"]}).status_code == 403
    assert client.get("/admin/auth/user/", follow=True).status_code == 403


@pytest.mark.parametrize("number", ["999", "9" * 30])
def test_who_is_not_there_is_not_found(as_oscar, number):
    assert as_oscar.get(f"/people/{number}/").status_code == 404


# --- The admin --------------------------------------------------------------------------------


def test_in_the_admin_nothing_is_changed_but_a_name(as_oscar, alice):
    compliance, _ = Group.objects.get_or_create(name="compliance")

    as_oscar.post(
        f"/admin/auth/user/{alice.pk}/change/",
        {
            "first_name": "Alicia",
            "last_name": "Doe",
            "username": "root",
            "email": "mine@example.com",
            "is_superuser": "on",
            "groups": [compliance.pk],
        },
    )

    alice.refresh_from_db()
    assert alice.first_name == "Alicia"
    assert (alice.username, alice.email) == ("alice", "alice@example.com")
    assert not alice.is_superuser
    assert roles_of(alice) == ["marketer"]


@pytest.mark.parametrize("path", ["add/", "{pk}/delete/", "{pk}/password/"])
def test_the_admin_makes_nobody_deletes_nobody_and_sets_no_password(as_oscar, alice, path):
    answer = as_oscar.post(
        f"/admin/auth/user/{path.format(pk=alice.pk)}",
        {"password1": "a long enough secret", "password2": "a long enough secret", "post": "yes"},
    )

    assert answer.status_code in (302, 403, 404)
    alice.refresh_from_db()
    assert alice.check_password("correct horse")
    assert User.objects.count() == 2


def test_an_operator_changes_no_superuser_there(as_oscar, root):
    assert (
        as_oscar.post(f"/admin/auth/user/{root.pk}/change/", {"first_name": "x"}).status_code == 403
    )


def test_what_people_did_is_shown_there_and_cannot_be_changed(client, audrey, alice):
    event = SecurityEvent.write(Deed.SIGNED_IN, by=alice)
    client.force_login(audrey)
    address = "/admin/registrations/securityevent/"

    assert "Signed in" in client.get(f"{address}?deed=signed_in").content.decode()
    assert client.get(f"{address}{event.pk}/change/").status_code == 200
    for path in ("add/", f"{event.pk}/change/", f"{event.pk}/delete/"):
        assert client.post(f"{address}{path}", {"post": "yes"}).status_code == 403
