"""Programs sign in with a key: which are believed, what each may do, and when one stops."""

import logging
import re
import sys
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.signals import got_request_exception
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from django.views.debug import ExceptionReporter

from registrations import actions
from registrations.models import ApiKey, Brand, Deed, Role, Scope, SecurityEvent
from tests.api.tiny import TINY, bearer, key_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.tiny")]


def ask(client, secret, method="get", address=TINY, **more):
    return getattr(client, method)(address, headers=bearer(secret), **more)


def in_days(days):
    return timezone.now() + timedelta(days=days)


# --- Showing a key ---------------------------------------------------------------------------


def test_a_key_acts_as_its_owner(client, alice, acme):
    _, secret = key_of(alice, acme)

    answer = ask(client, secret, "post")

    assert (answer.status_code, answer.json()) == (201, "alice")


def test_the_word_bearer_may_be_written_in_any_case_and_be_followed_by_several_blanks(
    client, alice, acme
):
    _, secret = key_of(alice, acme)

    answer = client.get(TINY, headers={"Authorization": f"bEARER   {secret}"})

    assert answer.status_code == 200


def test_what_a_key_opens_is_kept_by_no_cache(client, alice, acme):
    _, secret = key_of(alice, acme)

    assert "no-store" in ask(client, secret)["Cache-Control"]


def test_nobody_without_a_key_is_let_in(client, db):
    answer = client.get(TINY)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer ")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_authenticated"


PREFIX, SECRET = "0123ABCD", "s" * 43
MALFORMED = {
    "no key": "Bearer",
    "a blank key": "Bearer  ",
    "basic": "Basic YWxpY2U6Y29ycmVjdCBob3JzZQ==",
    "another word": f"Token dlc_{PREFIX}_{SECRET}",
    "a tab": f"Bearer\tdlc_{PREFIX}_{SECRET}",
    "no word": f"dlc_{PREFIX}_{SECRET}",
    "two keys": f"Bearer dlc_{PREFIX}_{SECRET} dlc_{PREFIX}_{SECRET}",
    "several headers": f"Bearer dlc_{PREFIX}_{SECRET},Bearer dlc_{PREFIX}_{SECRET}",
    "another mark": f"Bearer sk_{PREFIX}_{SECRET}",
    "no prefix": f"Bearer dlc__{SECRET}",
    "a short secret": f"Bearer dlc_{PREFIX}_{SECRET[1:]}",
    "a long secret": f"Bearer dlc_{PREFIX}_{SECRET}s",
    "huge": f"Bearer dlc_{PREFIX}_{'s' * 1_000_000}",
    "not ASCII": f"Bearer dlc_{PREFIX}_{'é' * 43}",
    "other digits": f"Bearer dlc_{PREFIX}_{chr(0x663) * 43}",
    "a line end": f"Bearer dlc_{PREFIX}_{SECRET}\n",
    "a NUL": f"Bearer dlc_{PREFIX}_{SECRET[1:]}\x00",
}


@pytest.mark.parametrize("header", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_key_is_refused_without_asking_the_database(
    client, db, header, django_assert_num_queries
):
    with django_assert_num_queries(0):
        answer = client.get(TINY, headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer ")
    assert answer.json()["code"] == "authentication_failed"


def test_a_guess_costs_one_query_and_is_not_told_from_another(
    client, alice, acme, django_assert_num_queries
):
    key, secret = key_of(alice, acme)
    right_prefix = secret[:-1] + ("a" if secret[-1] != "a" else "b")

    with django_assert_num_queries(1):
        known = ask(client, right_prefix)
    with django_assert_num_queries(1):
        unknown = ask(client, f"dlc_{PREFIX}_{SECRET}")

    answers = [known.json(), unknown.json()]
    assert [answer.pop("request_id") != "" for answer in answers] == [True, True]
    assert answers[0] == answers[1]
    assert (known.status_code, unknown.status_code) == (401, 401)


def test_a_bad_key_is_not_made_good_by_a_session(client, alice):
    client.force_login(alice)

    answer = ask(client, f"dlc_{PREFIX}_{SECRET}")

    assert answer.status_code == 401


def test_a_key_opens_no_pages(client, alice, acme):
    _, secret = key_of(alice, acme)

    assert ask(client, secret, address="/keys/").status_code == 302


def test_a_key_in_the_address_is_not_looked_at(client, alice, acme):
    _, secret = key_of(alice, acme)

    assert client.get(TINY, {"key": secret, "access_token": secret}).status_code == 401


def test_a_session_is_enough_to_read_and_needs_a_token_against_forgery_to_write(alice):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)

    assert browser.get(TINY).status_code == 200
    assert browser.post(TINY).status_code == 403


def test_using_a_key_costs_two_queries_before_the_work_is_begun(
    client, alice, acme, django_assert_num_queries
):
    """The key, and its owner's roles, which everything after it asks for anyhow."""
    _, secret = key_of(alice, acme, last_used_at=timezone.now())
    ask(client, secret)

    # And one for counting, one for the brands.
    with django_assert_num_queries(4):
        ask(client, secret)


def test_when_a_key_was_last_used_is_noticed_once_a_minute(client, alice, acme):
    key, secret = key_of(alice, acme)
    seen = []

    with time_machine.travel(timezone.now(), tick=False) as clock:
        for seconds in (0, 30, 31):
            clock.shift(seconds)
            ask(client, secret)
            key.refresh_from_db()
            seen.append(key.last_used_at)

    assert seen[0] == seen[1] < seen[2]


# --- What it may do --------------------------------------------------------------------------

# (method, the scope that it needs)
NEEDS = [("get", "read"), ("post", "draft"), ("patch", "submit"), ("put", "approve")]


@pytest.mark.parametrize("scope", Scope.values)
def test_a_key_does_only_what_its_scope_names(client, carol, acme, draft_brand, scope):
    _, secret = key_of(carol, acme, scope)
    one = f"{TINY}{draft_brand.reference}/"

    answers = {
        needed: ask(client, secret, method, TINY if method in ("get", "post") else one)
        for method, needed in NEEDS
    }

    assert {needed for needed, answer in answers.items() if answer.status_code < 300} == (
        {scope} & {needed for _, needed in NEEDS}
    )
    refused = [answer for needed, answer in answers.items() if needed != scope]
    assert {answer.status_code for answer in refused} == {403}
    assert all("lacks the scope" in answer.json()["detail"] for answer in refused)


def test_what_no_scope_is_named_for_no_key_does(client, carol, acme, draft_brand):
    _, secret = key_of(carol, acme)

    answer = ask(client, secret, "delete", f"{TINY}{draft_brand.reference}/")

    assert answer.status_code == 403
    assert answer.json()["detail"] == "Keys do not do this."


def test_a_key_of_the_house_sees_only_its_own_organization(client, carol, acme, globex, make_brand):
    mine, foreign = make_brand(), make_brand(name="Globex")
    Brand.objects.filter(pk=foreign.pk).update(organization=globex)
    _, secret = key_of(carol, acme)

    listed = ask(client, secret).json()
    found = ask(client, secret, address=f"{TINY}{foreign.reference}/")

    assert listed == [mine.reference]
    assert found.status_code == 404
    assert foreign.reference not in found.content.decode()


def test_a_scope_that_the_owners_roles_do_not_allow_counts_for_nothing(
    client, audrey, acme, draft_brand
):
    _, secret = key_of(audrey, acme)

    assert ask(client, secret).status_code == 200
    answer = ask(client, secret, "post")

    assert answer.status_code == 403
    assert "do not allow “draft”" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("marketer", {"read", "draft", "submit", "evidence"}),
        ("compliance", {"read", "draft", "submit", "approve", "evidence"}),
        ("auditor", {"read", "evidence"}),
        ("operator", {"read", "evidence"}),
    ],
)
def test_what_the_keys_of_each_role_may_do(bob, globex, role, allowed):
    bob.groups.set([Group.objects.get(name=role)])

    for scope in Scope:
        given = {"by": bob, "organization": globex, "name": scope, "scopes": [scope]}
        try:
            actions.make_key(**given, expires_at=in_days(30))
        except actions.NotAllowed:
            assert scope not in allowed
        else:
            assert scope in allowed


# --- When it stops ---------------------------------------------------------------------------


def revoke(key):
    actions.revoke_key(key, by=key.owner)


def expire(key):
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now())


def deactivate(key):
    key.owner.is_active = False
    key.owner.save()


def take_the_role(key):
    key.owner.groups.clear()


def leave(key):
    key.organization.members.remove(key.owner)


@pytest.mark.parametrize("ends", [revoke, expire, deactivate, take_the_role, leave])
def test_a_key_stops_at_once(client, alice, acme, ends):
    key, secret = key_of(alice, acme)
    assert ask(client, secret).status_code == 200

    ends(key)

    answer = ask(client, secret)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer ")


def test_who_knows_the_key_is_told_why_it_stopped(client, alice, acme):
    key, secret = key_of(alice, acme)
    leave(key)

    assert "Its owner has left Acme Inc." in ask(client, secret).json()["detail"]


def test_who_left_the_house_and_is_no_member_has_no_key_any_more(client, carol, acme):
    _, secret = key_of(carol, acme)
    assert ask(client, secret).status_code == 200

    carol.groups.set([Group.objects.get_or_create(name=Role.MARKETER)[0]])

    assert ask(client, secret).status_code == 401


def test_with_one_role_of_two_only_its_scopes_are_lost(client, alice, acme, draft_brand):
    alice.groups.add(Group.objects.get_or_create(name=Role.COMPLIANCE)[0])
    _, secret = key_of(alice, acme)
    one = f"{TINY}{draft_brand.reference}/"
    assert ask(client, secret, "put", one).status_code == 200

    alice.groups.remove(Group.objects.get(name=Role.COMPLIANCE))

    assert ask(client, secret, "put", one).status_code == 403
    assert ask(client, secret, "post").status_code == 201


def test_a_key_that_never_expires_goes_on(client, alice, acme):
    _, secret = key_of(alice, acme, expires_at=None)

    with time_machine.travel(in_days(1000)):
        assert ask(client, secret).status_code == 200


# --- Nothing tells it ------------------------------------------------------------------------


def test_the_database_keeps_no_key(alice, acme):
    key, secret = actions.make_key(
        by=alice, organization=acme, name="shop", scopes=[], expires_at=in_days(30)
    )

    kept = [str(value) for value in ApiKey.objects.filter(pk=key.pk).values_list()[0]]
    told = [event.detail for event in SecurityEvent.objects.all()]

    assert secret.startswith(f"dlc_{key.prefix}_")
    assert not [text for text in kept + told if secret.split("_", 2)[2] in text]


def test_no_log_tells_a_key(client, alice, acme, caplog):
    caplog.set_level(logging.DEBUG)
    key, secret = key_of(alice, acme)
    caplog.clear()  # of what the test itself wrote

    ask(client, secret)
    ask(client, secret[:-1] + "!")
    revoke(key)
    ask(client, secret)

    assert "Unauthorized: /api/v1/tiny/" in caplog.text
    assert secret[13:-1] not in caplog.text


@pytest.fixture
def reports():
    """What Django would write of each fault of ours, in words and as a page."""
    written = []

    def write(request, **_):
        reporter = ExceptionReporter(request, *sys.exc_info())
        written.append(reporter.get_traceback_text() + reporter.get_traceback_html())

    got_request_exception.connect(write)
    yield written
    got_request_exception.disconnect(write)


def fails(table):
    """Whatever is asked of this table fails."""

    def fail(execute, sql, params, many, context):
        if table in sql:
            raise OperationalError("The disk is full.")
        return execute(sql, params, many, context)

    return connection.execute_wrapper(fail)


@pytest.mark.parametrize("table", ["registrations_apikey", "auth_group", "registrations_apiuse"])
def test_no_error_report_tells_the_key_that_was_shown(alice, acme, reports, table):
    _, secret = key_of(alice, acme)
    client = Client(raise_request_exception=False)

    with fails(table):
        answer = ask(client, secret)

    assert answer.status_code == 500
    assert "The disk is full." in reports[0]
    assert secret.split("_", 2)[2] not in reports[0]


@pytest.mark.parametrize("table", ['INTO "registrations_apikey"', "registrations_securityevent"])
def test_no_error_report_tells_a_key_that_is_being_made(alice, acme, reports, table):
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    form = {"name": "shop", "organization": acme.pk, "life": "30"}

    with fails(table):
        answer = client.post("/keys/new/", form)

    assert answer.status_code == 500
    assert "The disk is full." in reports[0]
    assert not re.search(r"dlc_\w{8}_|[\w-]{43}(?![\w-])", _values(reports[0]))


def _values(report):
    """The variables in a report: what else is as long as a secret there are digests and names."""
    values = re.findall(r'<td class="code"><pre>(.*?)</pre>', report, re.DOTALL)
    return "\n".join(value for value in values if not re.search(r"[0-9a-f]{64}", value))


# --- Making, rotating, revoking --------------------------------------------------------------


def make(by, organization, **facts):
    given = {"name": "shop", "scopes": [Scope.DRAFT], "expires_at": in_days(30), **facts}
    return actions.make_key(by=by, organization=organization, **given)


def test_every_key_can_read(alice, acme):
    key, _ = make(alice, acme, scopes=[])

    assert key.scopes == ["read"]


def test_nobody_makes_a_key_for_a_foreign_organization(alice, globex):
    with pytest.raises(actions.NotAllowed, match="your own organizations"):
        make(alice, globex)


def test_the_house_makes_keys_for_every_organization(carol, globex):
    key, _ = make(carol, globex)

    assert key.organization == globex


def test_whoever_has_no_role_makes_no_key(alice, acme):
    alice.groups.clear()

    with pytest.raises(actions.NotAllowed):
        make(alice, acme, scopes=[])


@pytest.mark.parametrize(("days", "told"), [(0, "over already"), (8, "at most 7 days")])
def test_no_key_lives_longer_than_the_setting_allows(alice, acme, settings, days, told):
    settings.API_KEY_MAX_DAYS = 7

    with pytest.raises(actions.Blocked, match=told):
        make(alice, acme, expires_at=in_days(days))


def test_a_person_has_one_live_key_of_a_name_for_an_organization(alice, carol, acme, globex):
    key, _ = make(carol, acme)

    with pytest.raises(actions.Blocked, match="already"):
        make(carol, acme)
    make(carol, globex)
    make(alice, acme)
    revoke(key)
    make(carol, acme)

    assert ApiKey.objects.live().filter(name="shop").count() == 3


def test_a_rotated_key_works_on_for_the_chosen_time(client, alice, acme):
    old, old_secret = make(alice, acme)

    new, new_secret = actions.rotate_key(old, by=alice, overlap=timedelta(hours=24))

    def works(*, hours):
        with time_machine.travel(timezone.now() + timedelta(hours=hours)):
            return [ask(client, secret).status_code for secret in (old_secret, new_secret)]

    assert works(hours=0) == [200, 200]
    assert works(hours=23) == [200, 200]
    assert works(hours=25) == [401, 200]
    assert (new.scopes, new.name, new.organization) == (old.scopes, old.name, acme)
    assert new.replaces == old
    assert new.expires_at - timezone.now() == pytest.approx(timedelta(days=30), abs=timedelta(1))


def test_without_overlap_the_old_key_ends_at_once(client, alice, acme):
    old, old_secret = make(alice, acme)

    _, new_secret = actions.rotate_key(old, by=alice, overlap=timedelta())

    assert ask(client, old_secret).status_code == 401
    assert ask(client, new_secret).status_code == 200


def test_rotating_never_lets_the_old_key_live_longer_than_it_would(alice, acme):
    old, _ = make(alice, acme, expires_at=timezone.now() + timedelta(hours=2))
    before = old.expires_at

    actions.rotate_key(old, by=alice, overlap=timedelta(hours=72))

    old.refresh_from_db()
    assert old.expires_at == before


def test_rotating_never_makes_a_key_that_lives_longer_than_the_setting_allows(
    alice, acme, settings
):
    old, _ = key_of(alice, acme, expires_at=None)
    settings.API_KEY_MAX_DAYS = 7

    new, _ = actions.rotate_key(old, by=alice, overlap=timedelta())

    assert new.expires_at <= in_days(7)


def test_the_new_key_has_no_right_that_its_owner_lost(alice, acme):
    old, _ = key_of(alice, acme)

    new, _ = actions.rotate_key(old, by=alice, overlap=timedelta())

    assert new.scopes == ["read", "draft", "submit", "evidence"]


def test_a_key_is_rotated_once(alice, acme):
    key, _ = make(alice, acme)
    actions.rotate_key(key, by=alice, overlap=timedelta(hours=1))

    with pytest.raises(actions.IllegalMove, match="rotated already"):
        actions.rotate_key(key, by=alice, overlap=timedelta(hours=1))


def test_only_its_owner_rotates_a_key(alice, oscar, acme):
    key, _ = make(alice, acme)

    with pytest.raises(actions.NotAllowed):
        actions.rotate_key(key, by=oscar, overlap=timedelta())

    assert ApiKey.objects.count() == 1


def test_what_has_left_the_organization_rotates_nothing(alice, acme):
    key, _ = make(alice, acme)
    leave(key)

    with pytest.raises(actions.NotAllowed, match="left Acme"):
        actions.rotate_key(key, by=alice, overlap=timedelta())


@pytest.mark.parametrize("ends", [revoke, expire])
def test_what_is_over_is_neither_rotated_nor_revoked(alice, acme, ends):
    key, _ = make(alice, acme)
    ends(key)

    with pytest.raises(actions.IllegalMove):
        actions.rotate_key(key, by=alice, overlap=timedelta())
    with pytest.raises(actions.IllegalMove):
        actions.revoke_key(key, by=alice)


def test_operators_revoke_everybodys_keys_and_others_do_not(alice, bob, carol, oscar, acme):
    key, _ = make(alice, acme)

    for person in (bob, carol):
        with pytest.raises(actions.NotAllowed):
            actions.revoke_key(key, by=person)
    actions.revoke_key(key, by=oscar)

    key.refresh_from_db()
    assert not key.is_live


def test_what_is_done_with_keys_is_written_down(alice, oscar, acme):
    old, _ = actions.make_key(
        by=alice,
        organization=acme,
        name="shop",
        scopes=[Scope.DRAFT],
        expires_at=in_days(30),
        peer="192.0.2.1",
    )
    new, _ = actions.rotate_key(old, by=alice, overlap=timedelta(hours=1), peer="192.0.2.2")
    actions.revoke_key(old, by=oscar, peer="192.0.2.3")

    made, rotated, revoked = SecurityEvent.objects.order_by("pk")
    assert [made.deed, rotated.deed, revoked.deed] == [
        Deed.KEY_MADE, Deed.KEY_ROTATED, Deed.KEY_REVOKED,
    ]  # fmt: skip
    assert [made.user, rotated.user, revoked.user] == [alice, alice, oscar]
    assert {made.about, rotated.about, revoked.about} == {alice}
    assert [made.peer, rotated.peer, revoked.peer] == ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
    assert f"shop ({old.prefix}) for Acme Inc.; may read, draft; until " in made.detail
    assert f"replaced by shop ({new.prefix})" in rotated.detail
