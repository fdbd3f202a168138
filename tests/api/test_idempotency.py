"""A request that comes again with its Idempotency-Key is answered again, and done once."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.utils import timezone

from registrations import tasks
from registrations.models import ApiKey, Brand, IdempotentRequest, LinkBatch, Scope

pytestmark = pytest.mark.django_db

BRANDS, BATCHES = "/api/v1/brands/", "/api/v1/link-batches/"
ONE_NUMBER = {"items": [{"campaign": "CA-00000000", "number": "+1 415 555 0100"}]}


def secret_of(person, organization, *scopes):
    """What a program of this person signs in with."""
    key = ApiKey(
        owner=person,
        organization=organization,
        name="shop system",
        scopes=list(scopes or Scope.values),
    )
    secret = key.make_secret()
    key.save()
    return secret


@pytest.fixture
def secret(alice, acme):
    return secret_of(alice, acme)


def post(secret, path=BATCHES, body=ONE_NUMBER, key="order-1", **headers):
    data = body if isinstance(body, bytes) else json.dumps(body)
    headers = {"Authorization": f"Bearer {secret}", **headers}
    if key is not None:
        headers["Idempotency-Key"] = key
    return Client().post(path, data, "application/json", headers=headers)


def kept_of(response):
    """What of an answer is the same whenever it is given."""
    headers = ("Content-Type", "Location", "ETag", "Allow")
    return (
        response.status_code,
        response.content,
        [response.headers.get(name) for name in headers],
    )


class TestAskingAgain:
    def test_the_same_request_is_answered_the_same_and_done_once(self, secret):
        first = post(secret)

        again = post(secret)

        assert first.status_code == 202
        assert kept_of(again) == kept_of(first)
        assert "Idempotency-Replayed" not in first.headers
        assert again["Idempotency-Replayed"] == "true"
        assert LinkBatch.objects.count() == 1

    def test_without_a_key_each_request_is_a_new_one(self, secret):
        post(secret, key=None)
        post(secret, key=None)

        assert LinkBatch.objects.count() == 2
        assert not IdempotentRequest.objects.exists()

    def test_another_key_is_another_request(self, secret):
        post(secret, key="order-1")
        post(secret, key="order-2")

        assert LinkBatch.objects.count() == 2

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            (BATCHES, {"items": [{"campaign": "CA-00000000", "number": "+1 415 555 0101"}]}),
            (f"{BATCHES}?format=json", ONE_NUMBER),
            (BATCHES, json.dumps(ONE_NUMBER, indent=1).encode()),
            ("/api/v1/brands/", ONE_NUMBER),
        ],
        ids=["another body", "another query", "other bytes", "another path"],
    )
    def test_the_same_key_for_another_request_is_refused(self, secret, path, body):
        post(secret)

        answer = post(secret, path, body)

        assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
        assert LinkBatch.objects.count() == 1

    def test_a_refusal_of_what_was_asked_is_kept_too(self, secret):
        first = post(secret, body={"items": []})

        again = post(secret, body={"items": []})

        assert first.status_code == 400
        assert kept_of(again) == kept_of(first)
        assert again["Idempotency-Replayed"] == "true"

    def test_a_refusal_of_who_asks_is_not_kept(self, client, audrey, acme):
        client.force_login(audrey)

        def ask():
            body, headers = {**ONE_NUMBER, "organization": acme.pk}, {"Idempotency-Key": "order-1"}
            return client.post(BATCHES, body, "application/json", headers=headers)

        refused = ask()
        audrey.groups.add(Group.objects.get_or_create(name="compliance")[0])
        answer = ask()

        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
        assert answer.status_code == 202

    @pytest.mark.parametrize("key", ["", "x" * 256, "sm\u00f8rrebr\u00f8d", "a\tb"])
    def test_a_key_that_is_none_is_refused_and_nothing_is_done(self, secret, key):
        answer = post(secret, key=key)

        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")
        assert not LinkBatch.objects.exists()

    @pytest.mark.parametrize(
        "key", ["x", "x" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "a b"]
    )
    def test_every_printable_key_will_do(self, secret, key):
        assert post(secret, key=key).status_code == 202
        assert post(secret, key=key)["Idempotency-Replayed"] == "true"


class TestWhoseKeysTheyAre:
    def test_two_callers_with_one_key_do_not_meet(self, secret, bob, globex):
        post(secret)

        theirs = post(secret_of(bob, globex))

        assert theirs.status_code == 202
        assert "Idempotency-Replayed" not in theirs.headers
        assert LinkBatch.objects.filter(organization=globex).count() == 1

    def test_a_person_in_a_browser_has_them_too(self, client, alice):
        client.force_login(alice)

        def ask():
            headers = {"Idempotency-Key": "order-1"}
            return client.post(BATCHES, ONE_NUMBER, "application/json", headers=headers)

        first, again = ask(), ask()

        assert kept_of(again) == kept_of(first)
        assert LinkBatch.objects.count() == 1

    def test_who_may_not_sign_in_any_more_gets_no_kept_answer(self, secret):
        post(secret)
        ApiKey.objects.update(revoked_at=timezone.now())

        assert post(secret).status_code == 401

    def test_a_key_without_the_scope_gets_no_kept_answer(self, secret):
        post(secret)
        ApiKey.objects.update(scopes=[Scope.READ])

        assert post(secret).status_code == 403


class TestWhatIsKept:
    def test_neither_question_nor_answer_can_be_read_in_the_database(self, secret):
        post(secret)

        with connection.cursor() as cursor:
            cursor.execute("SELECT body, digest, headers FROM registrations_idempotentrequest")
            [row] = cursor.fetchall()
        assert LinkBatch.objects.get().reference not in str(row[0])
        assert "415" not in str(row[0])
        assert len(row[1]) == 64

    def test_an_answer_is_forgotten_after_a_week(self, secret):
        with time_machine.travel(timezone.now() - timedelta(days=8)):
            post(secret, key="old")
        post(secret, key="new")

        tasks.forget_answers()

        assert list(IdempotentRequest.objects.values_list("key", flat=True)) == ["new"]


@pytest.fixture
def the_database_refuses(transactional_db):
    """From now on, writing to this table fails in the database itself, until it is let go."""
    table = []

    def refuse(name, deed):
        table.append(name)
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute(
                    f"CREATE TRIGGER refuses BEFORE {deed} ON {name} "
                    "BEGIN SELECT RAISE(ABORT, 'refused'); END"
                )
            else:
                cursor.execute(
                    "CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN RAISE EXCEPTION 'refused'; END $$"
                )
                cursor.execute(
                    f"CREATE TRIGGER refuses BEFORE {deed} ON {name} "
                    "FOR EACH ROW EXECUTE FUNCTION refuses()"
                )

    def let_go():
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("DROP TRIGGER IF EXISTS refuses")
            elif table:
                cursor.execute("DROP FUNCTION IF EXISTS refuses() CASCADE")

    refuse.let_go = let_go
    yield refuse
    let_go()


@pytest.mark.django_db(transaction=True)
class TestTrouble:
    def test_a_fault_of_ours_leaves_nothing_and_the_key_may_be_used_again(
        self, secret, the_database_refuses
    ):
        the_database_refuses("registrations_linkbatchitem", "INSERT")
        with pytest.raises(Exception, match="refused"):
            post(secret)
        the_database_refuses.let_go()

        answer = post(secret)

        assert answer.status_code == 202
        assert "Idempotency-Replayed" not in answer.headers
        assert LinkBatch.objects.count() == 1

    def test_if_the_answer_cannot_be_kept_the_work_is_not_done(self, secret, the_database_refuses):
        the_database_refuses("registrations_idempotentrequest", "UPDATE")

        with pytest.raises(Exception, match="refused"):
            post(secret)

        assert not LinkBatch.objects.exists()

    def test_whoever_is_at_work_too_long_is_named_and_not_waited_for(self, secret):
        post(secret)
        now = timezone.now()
        IdempotentRequest.objects.update(
            answer_status=None, lease_until=now + timedelta(seconds=50)
        )

        answer = post(secret)

        assert timezone.now() - now < timedelta(seconds=2)
        assert (answer.status_code, answer.json()["code"]) == (409, "in_progress")
        assert int(answer["Retry-After"]) > 0

    def test_a_claim_whose_worker_died_is_taken_over_when_its_lease_is_over(self, secret):
        post(secret)
        LinkBatch.objects.all().delete()
        over = timezone.now() - timedelta(seconds=1)
        IdempotentRequest.objects.update(answer_status=None, lease_until=over, body="", headers={})

        answer = post(secret)

        assert answer.status_code == 202
        assert "Idempotency-Replayed" not in answer.headers
        assert LinkBatch.objects.count() == 1
        assert kept_of(post(secret)) == kept_of(answer)


PROGRAM = """
    import os, signal, sys
    import django
    django.setup()
    from django.db import connection
    from django.test import Client

    when, path, body, secret = sys.argv[1:]

    def die(execute, sql, params, many, context):
        is_answer = sql.startswith('UPDATE "registrations_idempotentrequest"')
        if is_answer and when == "before the answer":
            os.kill(os.getpid(), signal.SIGKILL)
        result = execute(sql, params, many, context)
        if is_answer and when == "before the commit":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    connection.ensure_connection()
    with connection.execute_wrapper(die):
        Client().post(path, body, "application/json", headers={
            "Authorization": f"Bearer {secret}", "Idempotency-Key": "order-1"})
    os.kill(os.getpid(), signal.SIGKILL)  # after the commit, before the answer is heard
"""


@pytest.mark.usefixtures("shared_database")
@pytest.mark.django_db(transaction=True)
class TestAProcessThatIsKilled:
    @pytest.fixture
    def is_killed(self, secret):
        """Ask in a process of its own, which is killed at this moment."""

        def is_killed(when):
            name = connection.settings_dict["NAME"]
            url = f"sqlite:///{name}"
            if connection.vendor == "postgresql":
                host, port = connection.settings_dict["HOST"], connection.settings_dict["PORT"]
                url = f"postgres://{connection.settings_dict['USER']}@{host}:{port}/{name}"
            done = subprocess.run(
                [
                    *(sys.executable, "-c", textwrap.dedent(PROGRAM)),
                    *(when, BATCHES, json.dumps(ONE_NUMBER), secret),
                ],
                cwd=Path(__file__).parents[2],
                env={
                    **os.environ,
                    "DATABASE_URL": url,
                    "DJANGO_SETTINGS_MODULE": "tests.settings",
                },
                capture_output=True,
                timeout=60,
            )
            assert done.returncode == -signal.SIGKILL, done.stderr.decode()

        return is_killed

    @pytest.mark.parametrize("when", ["before the answer", "before the commit"])
    def test_before_the_commit_nothing_was_done_and_asking_again_does_it(
        self, is_killed, secret, when
    ):
        is_killed(when)

        assert not LinkBatch.objects.exists()
        assert post(secret).json()["code"] == "in_progress"
        with time_machine.travel(timezone.now() + timedelta(seconds=61)):
            answer = post(secret)
        assert answer.status_code == 202
        assert LinkBatch.objects.count() == 1

    def test_after_the_commit_asking_again_gets_the_answer(self, is_killed, secret):
        is_killed("after the commit")

        answer = post(secret)

        assert answer["Idempotency-Replayed"] == "true"
        assert answer.json()["reference"] == LinkBatch.objects.get().reference


@pytest.mark.usefixtures("shared_database")
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    @pytest.fixture
    def at_once(self, secret):
        """Ask as many times at the same moment; answer the responses."""

        def at_once(asks):
            gate, answers = Barrier(len(asks)), []

            def ask(asked):
                gate.wait()
                try:
                    answers.append(post(secret, **asked))
                finally:
                    connection.close()

            threads = [Thread(target=ask, args=[asked]) for asked in asks]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return answers

        return at_once

    def test_fifty_at_once_make_one_brand_and_one_answer(self, at_once, acme, account):
        body = {"name": "Acme", "company_name": "Acme Inc.", "entity_type": "PRIVATE"}

        answers = at_once([{"path": BRANDS, "body": body}] * 50)

        assert len({repr(kept_of(answer)) for answer in answers}) == 1
        assert answers[0].status_code == 201
        replayed = Counter(answer.headers.get("Idempotency-Replayed") for answer in answers)
        assert replayed == {None: 1, "true": 49}
        brand = Brand.objects.get()
        assert answers[0].json()["reference"] == brand.reference
        assert brand.trail.count() == 1

    def test_fifty_at_once_make_one_batch_and_one_answer(self, at_once):
        answers = at_once([{}] * 50)

        assert len({repr(kept_of(answer)) for answer in answers}) == 1
        assert LinkBatch.objects.count() == 1

    def test_of_two_requests_at_once_under_one_key_one_is_refused(self, at_once):
        other = {"items": [{"campaign": "CA-00000000", "number": "+1 415 555 0101"}]}

        answers = at_once([{}, {"body": other}] * 5)

        codes = Counter(answer.status_code for answer in answers)
        assert codes == {202: 5, 422: 5}
        assert LinkBatch.objects.count() == 1

    def test_of_two_who_work_under_one_key_one_commits(self, secret, at_once):
        """The first was so slow that its lease ended: both work, one of them in vain."""
        post(secret)
        LinkBatch.objects.all().delete()
        over = timezone.now() - timedelta(seconds=1)
        IdempotentRequest.objects.update(answer_status=None, lease_until=over)

        answers = at_once([{}] * 10)

        assert len({repr(kept_of(answer)) for answer in answers}) == 1
        assert LinkBatch.objects.count() == 1
