"""Operators look after people, and nobody raises herself."""

import pytest
from django.contrib.auth.models import Group, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_oscar(client, oscar):
    client.force_login(oscar)
    return client


def change(client, person, **fields):
    return client.post(
        f"/admin/auth/user/{person.pk}/change/",
        {"username": person.username, "is_active": "on", **fields},
    )


def test_an_operator_gives_a_role(as_oscar, alice):
    compliance, _ = Group.objects.get_or_create(name="compliance")

    assert change(as_oscar, alice, groups=[compliance.pk]).status_code == 302

    assert list(alice.groups.all()) == [compliance]


def test_an_operator_makes_a_person(as_oscar):
    as_oscar.post(
        "/admin/auth/user/add/",
        {
            "username": "erin",
            "usable_password": "true",
            "password1": "a long enough secret",
            "password2": "a long enough secret",
        },
    )

    assert User.objects.filter(username="erin").exists()


def test_an_operator_does_not_raise_himself(as_oscar, oscar):
    compliance, _ = Group.objects.get_or_create(name="compliance")

    assert change(as_oscar, oscar, groups=[compliance.pk]).status_code == 403

    assert compliance not in oscar.groups.all()


def test_an_operator_makes_no_superuser_and_changes_none(as_oscar, alice):
    root = User.objects.create_superuser("root")

    change(as_oscar, alice, is_superuser="on")
    refused = change(as_oscar, root, email="mine@example.com")

    alice.refresh_from_db()
    assert not alice.is_superuser
    assert refused.status_code == 403


@pytest.mark.parametrize("person", ["carol", "audrey"])
def test_nobody_else_sees_the_people(client, request, person):
    client.force_login(request.getfixturevalue(person))

    assert client.get("/admin/auth/user/").status_code == 403


def test_people_are_deactivated_and_never_deleted(as_oscar, alice):
    assert as_oscar.post(f"/admin/auth/user/{alice.pk}/delete/").status_code == 403

    change(as_oscar, alice, is_active="")

    assert User.objects.filter(username="alice").exists()
