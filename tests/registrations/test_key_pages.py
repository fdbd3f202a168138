"""The pages of API keys: made with a few clicks, shown once, and ended with one."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from registrations.models import ApiKey, ApiUse, Role, Scope, SecurityEvent
from tests.api.tiny import bearer, key_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.tiny")]

WHOLE = re.compile(r"dlc_[0-9A-Z]{8}_[\w-]{43}")
NOON = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice)
    return client


def make(client, organization, **fields):
    form = {"name": "shop", "organization": organization.pk, "scopes": ["draft"], "life": "90"}
    return client.post("/keys/new/", {**form, **fields})


def secret_in(answer):
    return WHOLE.search(answer.content.decode())[0]


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def opens(secret):
    return Client().get("/api/v1/tiny/", headers=bearer(secret)).status_code == 200


# --- Making one ------------------------------------------------------------------------------


def test_the_answer_shows_the_whole_key_and_a_line_that_uses_it(as_alice, acme, settings):
    settings.PUBLIC_URL = "https://portal.example.com"

    answer = make(as_alice, acme)

    secret = secret_in(answer)
    assert answer.status_code == 200
    assert opens(secret)
    line = f'curl -H "Authorization: Bearer {secret}" https://portal.example.com/api/v1/brands/'
    assert f">{line}</pre>" in answer.content.decode()


def test_the_secret_is_seen_only_there(as_alice, acme):
    answer = make(as_alice, acme)
    secret = secret_in(answer).split("_", 2)[2]
    prefix = ApiKey.objects.get().prefix

    later = [as_alice.get(f"/keys/{place}") for place in ("", f"{prefix}/", "new/")]

    assert "no-store" in answer["Cache-Control"]
    assert not answer.has_header("Location")
    assert secret not in answer.request["PATH_INFO"] + answer.request["QUERY_STRING"]
    assert secret not in str(dict(as_alice.session)) + str(as_alice.cookies)
    assert not [page for page in later if secret in page.content.decode()]
    assert not [event for event in SecurityEvent.objects.all() if secret in event.detail]


def test_a_reload_of_the_answer_makes_no_second_key(as_alice, acme):
    make(as_alice, acme)

    again = make(as_alice, acme)

    assert ApiKey.objects.count() == 1
    assert "You have a key “shop” for Acme Inc. already." in text_of(again)
    assert not WHOLE.search(again.content.decode())


@pytest.mark.parametrize(
    ("persona", "offered"),
    [
        ("alice", ["draft", "submit", "evidence"]),
        ("carol", ["draft", "submit", "approve", "evidence"]),
        ("audrey", ["evidence"]),
        ("oscar", ["evidence"]),
    ],
)
def test_only_what_the_owner_could_do_is_offered(client, request, acme, persona, offered):
    client.force_login(request.getfixturevalue(persona))

    page = client.get("/keys/new/").content.decode()

    assert re.findall(r'name="scopes" value="(\w+)"', page) == offered


def test_what_is_not_offered_is_not_taken(as_alice, acme):
    answer = make(as_alice, acme, scopes=["draft", "approve"])

    assert "approve is not one of the available choices" in text_of(answer)
    assert not ApiKey.objects.exists()


def test_a_foreign_organization_is_neither_offered_nor_taken(as_alice, acme, globex):
    page = as_alice.get("/keys/new/")
    answer = make(as_alice, globex)

    assert "Globex" not in text_of(page) + text_of(answer)
    assert not ApiKey.objects.exists()


def test_who_has_one_organization_need_not_choose_it(as_alice, acme):
    page = as_alice.get("/keys/new/").content.decode()

    assert f'<option value="{acme.pk}" selected>' in page


def test_whoever_has_no_role_makes_none_and_is_told_why(client, alice, acme):
    alice.groups.clear()
    client.force_login(alice)

    assert client.get("/keys/new/").status_code == 403
    assert make(client, acme).status_code == 403
    assert "You have no role" in text_of(client.get("/keys/"))


@pytest.mark.parametrize("days", [30, 90, 365])
def test_a_key_lives_as_many_days_as_chosen(as_alice, acme, days):
    with time_machine.travel(NOON, tick=False):
        make(as_alice, acme, life=str(days))

    assert ApiKey.objects.get().expires_at == NOON + timedelta(days=days)


def test_a_key_lives_to_the_end_of_the_chosen_day_on_the_owners_clock(as_alice, acme):
    as_alice.cookies["time_zone"] = "America/New_York"

    with time_machine.travel(NOON, tick=False):
        make(as_alice, acme, life="date", until="2026-11-25")

    assert ApiKey.objects.get().expires_at == datetime(2026, 11, 26, 5, 0, 0, tzinfo=UTC)


def test_the_last_day_that_may_be_chosen_is_taken(as_alice, acme, settings):
    settings.API_KEY_MAX_DAYS = 10

    with time_machine.travel(NOON, tick=False):
        make(as_alice, acme, life="date", until="2026-12-05")

    assert ApiKey.objects.get().expires_at == NOON + timedelta(days=10)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"life": "date", "until": "2026-11-24"}, "Choose a day from today to 5 December 2026."),
        ({"life": "date", "until": "2026-12-06"}, "Choose a day from today to 5 December 2026."),
        ({"life": "date", "until": "9999-12-31"}, "Choose a day from today to 5 December 2026."),
        ({"life": "date", "until": ""}, "Choose the day."),
        ({"life": "date", "until": "soon"}, "Enter a valid date."),
        ({"life": "90"}, "90 is not one of the available choices."),
        ({"life": ""}, "This field is required."),
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_what_makes_no_sense_is_told_and_makes_no_key(as_alice, acme, settings, fields, told):
    settings.API_KEY_MAX_DAYS = 10

    with time_machine.travel(NOON, tick=False):
        answer = make(as_alice, acme, **{"life": "date", "until": "2026-11-30", **fields})

    assert told in text_of(answer)
    assert not ApiKey.objects.exists()


def test_a_day_beside_another_choice_is_asked_about(as_alice, acme):
    answer = make(as_alice, acme, life="90", until=f"{timezone.localdate():%Y-%m-%d}")

    assert "Leave this empty" in text_of(answer)


def test_lives_longer_than_the_setting_are_not_offered(as_alice, acme, settings):
    settings.API_KEY_MAX_DAYS = 60

    page = as_alice.get("/keys/new/").content.decode()

    assert re.findall(r'name="life" value="(\w+)"', page) == ["30", "date"]


def test_a_name_is_text_and_nothing_else(as_alice, acme):
    name = '<img src=x onerror=alert(1)>"'

    make(as_alice, acme, name=name)

    prefix = ApiKey.objects.get().prefix
    for place in ("", f"{prefix}/"):
        page = as_alice.get(f"/keys/{place}").content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


# --- The second factor -----------------------------------------------------------------------


@pytest.fixture
def demanded(settings):
    settings.SECOND_FACTOR_FOR_APPROVERS = True


@pytest.mark.usefixtures("demanded")
def test_who_approves_makes_no_key_before_the_second_factor_was_shown(client, carol, acme):
    client.force_login(carol)
    old, _ = key_of(carol, acme)

    answers = [
        client.get("/keys/new/"),
        make(client, acme, scopes=["approve"]),
        client.post(f"/keys/{old.prefix}/rotate/", {"overlap": "24"}),
    ]

    assert {answer["Location"] for answer in answers} == {"/second-factor/"}
    assert list(ApiKey.objects.all()) == [old]


@pytest.mark.usefixtures("demanded")
def test_a_session_that_began_before_its_person_became_an_approver_makes_none(
    as_alice, alice, acme
):
    assert as_alice.get("/keys/new/").status_code == 200

    alice.groups.add(Group.objects.get_or_create(name=Role.COMPLIANCE)[0])

    assert make(as_alice, acme, scopes=["approve"])["Location"] == "/second-factor/"
    assert not ApiKey.objects.exists()


@pytest.mark.usefixtures("demanded")
def test_once_the_second_factor_was_shown_a_key_that_approves_is_made(client, carol, acme):
    client.force_login(carol)
    session = client.session
    session["second_factor"] = True
    session.save()

    answer = make(client, acme, scopes=["approve"])

    assert opens(secret_in(answer))


# --- Looking at them -------------------------------------------------------------------------


def rows(client, **query):
    """The rows of the list, as what stands in their cells."""
    page = client.get("/keys/", query).content.decode()
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", cell)).strip() for cell in row.split("</td>")]
        for row in body.split("</tr>")[:-1]
    ]


def test_the_list_says_all_about_a_key_but_its_secret(client, oscar, alice, acme):
    with time_machine.travel(NOON, tick=False):
        key, _ = key_of(alice, acme, "read", "draft", last_used_at=NOON - timedelta(minutes=5))
        for minutes, count in ((61, 100), (50, 30), (0, 7)):
            ApiUse.objects.create(key=key, minute=NOON - timedelta(minutes=minutes), count=count)
        client.force_login(oscar)

        [row] = rows(client)

    assert row[:-1] == [
        f"shop dlc_{key.prefix}_…",
        "Acme Inc.",
        "alice",
        "read, draft",
        "25 Nov 2026",
        "25 Dec 2026 12:00",
        "25 Nov 2026 11:55",
        "37",
        "Works",
    ]


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, "Works"),
        ({"expires_at": None}, "Works"),
        ({"expires_at": timezone.now() + timedelta(days=13)}, "Expires soon"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "Expired"),
        ({"revoked_at": timezone.now() - timedelta(days=1)}, "Revoked"),
    ],
)
def test_the_list_says_how_a_key_stands(as_alice, alice, acme, facts, state):
    key_of(alice, acme, **facts)

    assert rows(as_alice)[0][-2] == state


def test_the_list_says_what_stopped_a_key_and_where_one_replaces_another(
    client, oscar, alice, bob, acme, globex
):
    old, _ = key_of(alice, acme)
    key_of(alice, acme, replaces=old)
    key_of(bob, globex)
    globex.members.remove(bob)
    client.force_login(oscar)

    states = [row[-2] for row in rows(client)]

    assert states == ["Stopped Its owner has left Globex LLC.", "Works", "Being replaced"]


def test_people_see_their_own_keys_and_operators_everybodys(
    client, alice, bob, carol, oscar, acme, globex
):
    mine, other = key_of(alice, acme)[0], key_of(bob, globex)[0]

    seen = {}
    for person in (alice, carol, oscar):
        client.force_login(person)
        seen[person.username] = {
            key.prefix for key in (mine, other) if key.prefix in text_of(client.get("/keys/"))
        }

    assert seen == {"alice": {mine.prefix}, "carol": set(), "oscar": {mine.prefix, other.prefix}}


@pytest.mark.parametrize("page", ["", "rotate/", "revoke/"])
def test_a_foreign_key_does_not_exist(as_alice, bob, globex, page):
    key, _ = key_of(bob, globex)
    method = as_alice.post if page else as_alice.get

    assert method(f"/keys/{key.prefix}/{page}").status_code == 404
    assert ApiKey.objects.get().is_live


def test_an_operator_finds_the_keys_of_a_person_and_those_that_work(
    client, oscar, alice, bob, acme, globex
):
    key_of(alice, acme)
    key_of(alice, acme, revoked_at=timezone.now())
    key_of(bob, globex)
    client.force_login(oscar)

    assert len(rows(client, q="alice")) == 2
    assert len(rows(client, q="alice", state="live")) == 1
    assert len(rows(client, q="alice", state="over")) == 1
    assert len(rows(client, organization=globex.pk)) == 1
    assert len(rows(client, state="unheard of", organization="x", q="\x00")) == 3
    assert rows(client, q="nobody") == []


def test_the_cost_of_the_list_does_not_grow_with_it(
    client, oscar, alice, bob, acme, globex, django_assert_max_num_queries
):
    client.force_login(oscar)

    def cost():
        with django_assert_max_num_queries(20) as queries:
            client.get("/keys/")
        return len(queries)

    key_of(alice, acme)
    few = cost()
    for _ in range(5):
        old, _ = key_of(bob, globex)
        key_of(bob, globex, replaces=old)

    assert cost() == few


# --- Rotating and revoking -------------------------------------------------------------------


def test_rotating_shows_the_new_key_once_and_says_how_long_the_old_one_works(as_alice, acme):
    old = secret_in(make(as_alice, acme))
    page = f"/keys/{ApiKey.objects.get().prefix}/"

    answer = as_alice.post(f"{page}rotate/", {"overlap": "72"})

    new = secret_in(answer)
    assert "no-store" in answer["Cache-Control"]
    assert opens(old)
    assert opens(new)
    assert "works on until" in text_of(answer)
    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        assert not opens(old)
    again = as_alice.post(f"{page}rotate/", {"overlap": "72"}, follow=True)
    assert "was rotated already" in text_of(again)
    assert not WHOLE.search(again.content.decode())
    assert ApiKey.objects.count() == 2


@pytest.mark.parametrize("overlap", ["", "2", "1000000", "x"])
def test_another_overlap_is_not_taken(as_alice, acme, overlap):
    make(as_alice, acme)

    as_alice.post(f"/keys/{ApiKey.objects.get().prefix}/rotate/", {"overlap": overlap})

    assert ApiKey.objects.count() == 1


def test_an_operator_is_not_offered_to_rotate_the_key_of_another_and_cannot(
    client, oscar, alice, acme
):
    key, _ = key_of(alice, acme)
    client.force_login(oscar)

    page = client.get(f"/keys/{key.prefix}/")
    told = client.post(f"/keys/{key.prefix}/rotate/", {"overlap": "0"}, follow=True)

    assert "rotate/" not in page.content.decode()
    assert "Only its owner rotates a key." in text_of(told)
    assert list(ApiKey.objects.all()) == [key]


@pytest.mark.parametrize("persona", ["alice", "oscar"])
def test_a_revoked_key_opens_nothing_from_then_on(client, request, alice, acme, persona):
    key, secret = key_of(alice, acme)
    client.force_login(request.getfixturevalue(persona))

    answer = client.post(f"/keys/{key.prefix}/revoke/", follow=True)

    assert "is revoked" in text_of(answer)
    assert not opens(secret)
    again = client.post(f"/keys/{key.prefix}/revoke/", follow=True)
    assert "was revoked already" in text_of(again)


def test_a_page_says_what_the_owner_lost(as_alice, alice, acme):
    key, _ = key_of(alice, acme, Scope.READ, Scope.APPROVE)

    page = text_of(as_alice.get(f"/keys/{key.prefix}/"))

    assert page.count("roles do not allow it") == 1


# --- In the admin ----------------------------------------------------------------------------


def test_the_admin_shows_keys_and_changes_none(client, oscar, alice, acme):
    key, _ = key_of(alice, acme)
    client.force_login(oscar)
    listed = client.get(reverse("admin:registrations_apikey_changelist"))
    change = reverse("admin:registrations_apikey_change", args=[key.pk])

    shown = client.get(change)
    posted = client.post(change, {"name": "mine"})

    assert key.prefix in text_of(listed)
    assert "read, draft, submit, approve, evidence" in text_of(shown)
    assert key.secret_digest not in shown.content.decode() + listed.content.decode()
    assert posted.status_code == 403


def test_the_admin_shows_the_key_of_another_only_to_operators(client, carol, alice, acme):
    key, _ = key_of(alice, acme)
    client.force_login(carol)

    listed = client.get(reverse("admin:registrations_apikey_changelist"))

    assert key.prefix not in text_of(listed)
