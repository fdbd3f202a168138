# ruff: noqa: F811  (fixtures that are imported)
"""Webhooks as programs make and look after them."""

from __future__ import annotations

import pytest

from registrations.models import Organization, Scope, Webhook
from tests.api.tiny import bearer, key_of
from tests.registrations.webhooks.conftest import (  # noqa: F401
    again,
    hooked,
    raw,
    receiver,
    tell,
    time_for_the_next_try,
)

pytestmark = pytest.mark.django_db

HOOKS = "/api/v1/webhooks/"


class Program:
    """A program that shows this key."""

    def __init__(self, client, secret):
        self.client, self.headers = client, bearer(secret)

    def get(self, path="", **asked):
        return self.client.get(HOOKS + path, asked, headers=self.headers)

    def post(self, path="", said=None, **headers):
        return self._say("post", path, said, headers)

    def patch(self, path, said):
        return self._say("patch", path, said, {})

    def delete(self, path):
        return self.client.delete(HOOKS + path, headers=self.headers)

    def _say(self, method, path, said, headers):
        return getattr(self.client, method)(
            HOOKS + path,
            said,
            content_type="application/json",
            headers={**self.headers, **headers},
        )


@pytest.fixture
def program(client, alice, acme):
    return Program(client, key_of(alice, acme, Scope.READ, Scope.DRAFT)[1])


@pytest.fixture
def foreign(client, bob, globex):
    return Program(client, key_of(bob, globex, Scope.READ, Scope.DRAFT)[1])


def test_a_program_makes_a_webhook_and_is_told_its_secret_once(
    program, receiver, make_brand, tell, acme
):
    listening = receiver()

    answer = program.post("", {"url": listening.url, "event_types": ["brand.*"]})

    told = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"http://testserver{HOOKS}{told['id']}/"
    assert (told["state"], told["organization"]) == ("active", acme.pk)
    assert "secret" not in program.get(f"{told['id']}/").json()
    assert "whsec_" not in program.get().content.decode()
    make_brand()
    tell()
    assert listening.taken[0].verified(told["secret"])["type"] == "brand.draft"


def test_asking_twice_with_one_key_makes_one_and_tells_the_same(program, receiver):
    said = {"url": receiver().url}

    first = program.post("", said, **{"Idempotency-Key": "once"})
    second = program.post("", said, **{"Idempotency-Key": "once"})

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert Webhook.objects.count() == 1


def test_it_is_changed_field_by_field(program, receiver, hooked):
    webhook = hooked(receiver(), description="shop", event_types=["brand.*"])

    answer = program.patch(f"{webhook.pk}/", {"event_types": []})

    assert answer.status_code == 200
    assert answer.json()["event_types"] == []
    assert (answer.json()["url"], answer.json()["description"]) == (webhook.url, "shop")


@pytest.mark.parametrize(
    ("said", "status", "pointer"),
    [
        ({}, 400, "/url"),
        ({"url": "https://127.0.0.1/"}, 422, "/url"),
        ({"url": "http://8.8.8.8/"}, 422, "/url"),
        ({"url": "https://8.8.8.8/", "event_types": ["brand.married"]}, 400, "/event_types/0"),
        ({"url": "https://8.8.8.8/", "event_types": "brand.*"}, 400, "/event_types"),
        ({"url": "https://8.8.8.8/", "secret": "whsec_mine"}, 400, "/secret"),
        ({"url": "https://8.8.8.8/", "read_up_to": 0}, 400, "/read_up_to"),
        ({"url": "https://8.8.8.8/\u0000"}, 400, "/url"),
        ({"url": 5}, 400, "/url"),
        ({"url": "https://8.8.8.8/", "organization": 2**70}, 400, "/organization"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(program, settings, said, status, pointer):
    settings.WEBHOOK_ALLOW_PRIVATE = False

    answer = program.post("", said)

    assert answer.status_code == status
    places = [error["pointer"] for error in answer.json()["errors"]]
    assert any(place.startswith(pointer) for place in places)
    assert Webhook.objects.count() == 0


def test_pausing_resuming_and_rotating(program, receiver, hooked, make_brand, tell):
    listening = receiver()
    webhook = hooked(listening)
    path = f"{webhook.pk}/"
    assert program.post(f"{path}pause/").json()["state"] == "paused"
    make_brand()
    tell()
    assert program.post(f"{path}pause/").status_code == 409
    assert program.post(f"{path}resume/", {"since": 0}).status_code == 400
    assert program.post(f"{path}resume/", {"since": 1}).json()["state"] == "active"

    secret = program.post(f"{path}rotate-secret/").json()["secret"]
    tell()

    assert listening.taken[0].verified(secret)["data"]["number"] == 1


def test_verbs_that_take_nothing_refuse_to_be_told_something(program, receiver, hooked):
    path = f"{hooked(receiver()).pk}/"

    for verb in ("pause", "rotate-secret", "test"):
        answer = program.post(f"{path}{verb}/", {"since": 1})
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")


def test_the_log_tells_each_attempt_and_a_message_is_sent_once_more(
    program, receiver, hooked, make_brand, tell, time_for_the_next_try
):
    listening = receiver((500, b"out of order"), 200)
    webhook = hooked(listening)
    make_brand()
    tell()
    time_for_the_next_try()
    tell()

    [row] = program.get(f"{webhook.pk}/deliveries/").json()["items"]

    assert (row["type"], row["event"], row["state"]) == ("brand.draft", 1, "delivered")
    assert [attempt["answer_status"] for attempt in row["attempts"]] == [200, 500]
    assert row["attempts"][1]["answer"] == "out of order"
    assert row["attempts"][0]["body"] == listening.taken[0].body.decode()
    answer = program.post(f"{webhook.pk}/deliveries/{row['message_id']}/redeliver/")
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    tell()
    assert listening.ids == [row["message_id"]] * 3
    assert program.get(f"{webhook.pk}/deliveries/", state="given_up").json()["items"] == []
    assert program.get(f"{webhook.pk}/deliveries/", state="x").status_code == 400


def test_a_test_message_is_on_its_way(program, receiver, hooked, tell):
    listening = receiver()
    webhook = hooked(listening)

    answer = program.post(f"{webhook.pk}/test/")
    tell()

    assert (answer.status_code, answer.json()["type"]) == (202, "test.ping")
    assert answer.json()["event"] is None
    assert listening.ids == [answer.json()["message_id"]]
    assert program.post(f"{webhook.pk}/test/").status_code == 202


def test_a_deleted_one_is_gone(program, receiver, hooked):
    path = f"{hooked(receiver()).pk}/"

    assert program.delete(path).status_code == 204
    assert program.get(path).status_code == 404
    assert program.get().json()["items"] == []


def test_unknown_parameters_are_refused(program, receiver, hooked):
    webhook = hooked(receiver())

    for path in ("", f"{webhook.pk}/deliveries/"):
        answer = program.get(path, colour="red")
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")


def test_others_webhooks_do_not_exist(foreign, program, receiver, hooked, make_brand, tell):
    webhook = hooked(receiver())
    make_brand()
    tell()
    path, message = f"{webhook.pk}/", webhook.deliveries.get().message_id

    assert foreign.get().json()["items"] == []
    assert foreign.get(path).status_code == 404
    assert foreign.get(f"{path}deliveries/").status_code == 404
    assert foreign.patch(path, {"description": "mine"}).status_code == 404
    assert foreign.delete(path).status_code == 404
    for verb in ("pause", "resume", "rotate-secret", "test", f"deliveries/{message}/redeliver"):
        assert foreign.post(f"{path}{verb}/").status_code == 404


def test_none_is_made_for_another_organization(foreign, receiver, acme):
    answer = foreign.post("", {"url": receiver().url, "organization": acme.pk})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/organization"
    assert Webhook.objects.count() == 0


def test_whoever_acts_for_several_says_for_which(client, alice, receiver):
    alice.organizations.add(Organization.objects.create(name="Acme East"))
    client.force_login(alice)

    answer = client.post(HOOKS, {"url": receiver().url}, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/organization"


def test_a_key_that_may_only_read_changes_nothing(client, alice, acme, receiver, hooked):
    webhook = hooked(receiver())
    program = Program(client, key_of(alice, acme, Scope.READ)[1])
    path = f"{webhook.pk}/"

    assert program.get(path).status_code == 200
    assert program.get(f"{path}deliveries/").status_code == 200
    assert program.post("", {"url": receiver().url}).status_code == 403
    assert program.patch(path, {"description": "x"}).status_code == 403
    assert program.delete(path).status_code == 403
    for verb in ("pause", "resume", "rotate-secret", "test", "deliveries/msg_1/redeliver"):
        assert program.post(f"{path}{verb}/").status_code == 403


def test_compliance_reads_and_does_not_change(client, carol, receiver, hooked):
    webhook = hooked(receiver())
    client.force_login(carol)

    assert client.get(f"{HOOKS}{webhook.pk}/").status_code == 200
    answer = client.post(f"{HOOKS}{webhook.pk}/pause/", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
