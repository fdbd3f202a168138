"""Many numbers in one request: each has its own answer, and a worker that dies loses none."""

import os
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import pre_save
from django.test import Client

from registrations import actions
from registrations.actions import batches
from registrations.models import LinkBatch, NumberLink, Scope, Submission
from tests.api.test_idempotency import secret_of
from tests.registrations.numbers.stage import fiction, stand

pytestmark = pytest.mark.django_db

BATCHES = "/api/v1/link-batches/"
NOBODYS = "CA-00000000"


class Program:
    """A program of somebody's, with a key."""

    def __init__(self, person, organization, *scopes):
        secret = secret_of(person, organization, *scopes)
        self._client = Client(headers={"Authorization": f"Bearer {secret}"})

    def post(self, items, **more):
        return self._client.post(BATCHES, {"items": items, **more}, "application/json")

    def get(self, path, **query):
        return self._client.get(path, query)


def wishes(campaign, numbers):
    return [{"campaign": campaign.reference, "number": number} for number in numbers]


@pytest.fixture
def campaign(registered_campaign):
    return registered_campaign


@pytest.fixture
def other_campaign(registered_brand, make_campaign_on):
    return stand(make_campaign_on(registered_brand, name="News"), "registered", plivo_id="CTEST02")


@pytest.fixture
def globex_campaign(globex, registered_brand, make_campaign_on):
    theirs = make_campaign_on(registered_brand, name="Secret plans")
    return stand(theirs, "registered", plivo_id="CTEST09", organization=globex)


@pytest.fixture
def without_plivo(settings):
    """Nobody listens at Plivo's address."""
    settings.PLIVO_API_URL = "http://127.0.0.1:9"


@pytest.fixture
def shop(alice, acme):
    return Program(alice, acme)


@pytest.fixture
def link(shop):
    """Ask for these, have a worker do it, and answer what became of each."""

    def link(items):
        where = shop.post(items)["Location"]
        batches.sweep_here()
        return shop.get(f"{where}items/").json()["items"]

    return link


class TestTakingIn:
    def test_a_batch_is_taken_in_at_once_and_can_be_watched(self, shop, campaign):
        answer = shop.post(wishes(campaign, ["+1 (415) 555-0100", "14155550101"]))

        batch = LinkBatch.objects.get()
        assert answer.status_code == 202
        assert answer["Location"] == f"http://testserver{BATCHES}{batch.reference}/"
        assert answer.json() == shop.get(answer["Location"]).json()
        told = answer.json()
        assert (told["counts"], told["total"], told["is_settled"]) == ({"waiting": 2}, 2, False)
        assert shop.get(told["items_url"]).json()["items"][0] == {
            "position": 1,
            "campaign": campaign.reference,
            "number": "14155550100",
            "state": "waiting",
            "problem": "",
            "link": None,
        }
        assert not NumberLink.objects.exists()

    def test_a_thousand_are_taken_and_one_more_is_refused(self, shop):
        item = {"campaign": NOBODYS, "number": "14155550100"}

        assert shop.post([item] * 1000).status_code == 202
        answer = shop.post([item] * 1001)

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "/items"
        assert LinkBatch.objects.count() == 1

    @pytest.mark.parametrize(
        ("items", "pointer"),
        [
            ([], "/items"),
            ("14155550100", "/items"),
            (["14155550100"], "/items/0"),
            ([{"number": "14155550100"}], "/items/0/campaign"),
            ([{"campaign": NOBODYS, "number": None}], "/items/0/number"),
            ([{"campaign": NOBODYS, "number": "1", "note": "x"}], "/items/0/note"),
            ([{"campaign": NOBODYS, "number": "1" * 101}], "/items/0/number"),
            ([{"campaign": NOBODYS, "number": "1\x00"}], "/items/0/number"),
        ],
    )
    def test_what_is_no_list_of_numbers_with_campaigns_is_refused_whole(self, shop, items, pointer):
        answer = shop.post(items)

        assert answer.status_code == 400
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]
        assert not LinkBatch.objects.exists()

    def test_fields_and_parameters_that_nobody_knows_are_refused(self, shop, campaign):
        shop.post(wishes(campaign, fiction(1)))

        assert shop.post(wishes(campaign, fiction(1)), colour="red").status_code == 400
        assert shop.get(BATCHES, colour="red").json()["code"] == "unknown_parameter"
        assert shop.get(f"{BATCHES}{LinkBatch.objects.get().reference}/", x=1).status_code == 400

    def test_who_acts_for_several_organizations_says_for_which(
        self, client, carol, acme, globex, campaign
    ):
        client.force_login(carol)

        def ask(**more):
            body = {"items": wishes(campaign, fiction(1)), **more}
            return client.post(BATCHES, body, "application/json")

        unsaid, said = ask(), ask(organization=acme.pk)

        assert unsaid.json()["errors"][0]["pointer"] == "/organization"
        assert (said.status_code, said.json()["organization"]) == (202, acme.pk)

    def test_a_key_takes_in_nothing_for_another_organization(self, shop, globex, campaign):
        answer = shop.post(wishes(campaign, fiction(1)), organization=globex.pk)

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "/organization"


class TestWhatBecomesOfEach:
    def test_each_good_number_becomes_a_link_on_its_campaign(
        self, plivo, link, campaign, other_campaign
    ):
        told = link(wishes(campaign, ["+1 415 555 0100"]) + wishes(other_campaign, ["4155550101"]))

        links = [NumberLink.objects.get(reference=item["link"]) for item in told]
        assert [item["state"] for item in told] == ["link_queued", "link_queued"]
        assert [(one.number, one.campaign) for one in links] == [
            ("14155550100", campaign),
            ("14155550101", other_campaign),
        ]
        assert Submission.objects.count() == 2

    def test_what_is_wrong_with_one_hinders_no_other(
        self, plivo, link, campaign, other_campaign, globex_campaign, make_campaign, alice
    ):
        draft = make_campaign(name="Not yet")
        actions.link_numbers(other_campaign, ["14155550107"], by=alice)
        told = link(
            [
                *wishes(campaign, ["14155550100", "hello", "", "+1 415 555 0100"]),
                *wishes(campaign, ["18005550123", "14155550107", "14155559999"]),
                *wishes(globex_campaign, ["14155550102"]),
                *wishes(draft, ["14155550103"]),
                {"campaign": NOBODYS, "number": "14155550104"},
                {"campaign": campaign.reference + "0" * 40, "number": "14155550105"},
                *wishes(campaign, ["14155550106"]),
            ]
        )

        states = [item["state"] for item in told]
        assert [at for at, state in enumerate(states) if state == "link_queued"] == [0, 11]
        assert Counter(states) == {"link_queued": 2, "refused": 10}
        reasons = [item["problem"] for item in told]
        expected = [
            "",
            "“hello” is no ten-digit",
            "“” is no ten-digit",
            "The same number stands in item 1",
            "toll-free",
            f"It is on {other_campaign}",
            "not rented in the campaign's Plivo account",
            f"Your organization has no campaign “{globex_campaign.reference}”",
            "is draft",
            f"Your organization has no campaign “{NOBODYS}”",
            "Your organization has no campaign",
            "",
        ]
        for reason, part in zip(reasons, expected, strict=True):
            assert part in reason
            assert bool(part) == bool(reason)
        assert "Secret plans" not in str(told)

    def test_the_246th_number_on_five_campaigns_is_refused_with_the_limit(
        self, without_plivo, shop, registered_brand, make_campaign_on
    ):
        campaigns = [
            stand(make_campaign_on(registered_brand, name=name), "registered", plivo_id=f"C{name}")
            for name in ("ONE", "TWO", "THREE", "FOUR", "FIVE")
        ]
        numbers = fiction(100, "415") + fiction(100, "212") + fiction(46, "310")
        items = [
            {"campaign": campaigns[at % 5].reference, "number": number}
            for at, number in enumerate(numbers)
        ]

        where = shop.post(items)["Location"]
        batches.sweep_here()

        assert shop.get(where).json()["counts"] == {"refused": 1, "link_queued": 245}
        [refused] = shop.get(f"{where}items/", state="refused").json()["items"]
        assert refused["position"] == 246
        assert "The campaign takes 49 numbers" in refused["problem"]
        assert {one.number_links.count() for one in campaigns} == {49}

    def test_of_a_link_that_failed_plivos_own_words_are_told(self, plivo, link, shop, campaign):
        [item] = link(wishes(campaign, fiction(1)))
        reason = {"code": "300", "text": "Number is of another campaign."}
        NumberLink.objects.update(status="link_failed", reasons=[reason])

        batch = LinkBatch.objects.get()
        [item] = shop.get(f"{BATCHES}{batch.reference}/items/").json()["items"]

        assert (item["state"], item["problem"]) == ("link_failed", reason["text"])
        assert shop.get(f"{BATCHES}{batch.reference}/").json()["is_settled"] is True

    def test_who_lost_her_organization_meanwhile_links_nothing(
        self, plivo, shop, campaign, alice, acme
    ):
        shop.post(wishes(campaign, fiction(2)))
        acme.members.remove(alice)

        batches.sweep_here()

        assert not NumberLink.objects.exists()
        problems = LinkBatch.objects.get().items.values_list("problem", flat=True)
        assert all("has no campaign" in problem for problem in problems)

    def test_who_lost_her_role_meanwhile_links_nothing(self, plivo, campaign, carol, acme, audrey):
        Program(carol, acme).post(wishes(campaign, fiction(2)))
        carol.groups.set(audrey.groups.all())

        batches.sweep_here()

        assert not NumberLink.objects.exists()
        problems = LinkBatch.objects.get().items.values_list("problem", flat=True)
        assert set(problems) == {"Marketers and compliance staff link numbers."}

    def test_a_number_that_somebody_else_took_between_two_looks_is_told_as_taken(
        self, without_plivo, link, shop, campaign, other_campaign, alice
    ):
        def somebody_is_faster(sender, instance, **_):
            if instance.campaign_id == campaign.pk and instance.number == "14155550101":
                other_campaign.number_links.update(number=instance.number)

        actions.link_numbers(other_campaign, ["14155550149"], by=alice)
        pre_save.connect(somebody_is_faster, sender=NumberLink)
        try:
            first = link(wishes(campaign, fiction(3)))
        finally:
            pre_save.disconnect(somebody_is_faster, sender=NumberLink)

        assert {item["state"] for item in first} == {"waiting"}
        assert not campaign.number_links.exists()
        batches.sweep_here()
        assert campaign.number_links.count() == 3

    @pytest.mark.django_db(transaction=True)
    def test_the_sweep_command_does_it_without_a_broker(self, plivo, shop, campaign):
        shop.post(wishes(campaign, fiction(2)))

        call_command("sweep", "--once")

        assert NumberLink.objects.count() == 2

    def test_a_batch_that_is_done_is_due_no_more(self, plivo, link, campaign):
        link(wishes(campaign, fiction(2)))

        batch = LinkBatch.objects.get()
        batches.carry_out(batch_id=batch.pk)

        assert batch.due_at is None
        assert NumberLink.objects.count() == 2


class TestReading:
    def test_items_come_in_pages_that_lead_on_and_back(self, shop):
        items = [{"campaign": NOBODYS, "number": number} for number in fiction(100) * 2]
        first = shop.get(f"{shop.post(items + items[:30])['Location']}items/").json()

        second = shop.get(first["next"]).json()
        third = shop.get(second["next"]).json()

        pages = [first, second, third]
        positions = [[item["position"] for item in page["items"]] for page in pages]
        assert sum(positions, []) == list(range(1, 231))
        assert (first["previous"], third["next"]) == (None, None)
        assert shop.get(third["previous"]).json() == second
        assert shop.get(second["previous"]).json()["items"] == first["items"]

    @pytest.mark.parametrize(
        "query",
        [{"cursor": "x"}, {"cursor": "9" * 30}, {"state": "blue"}, {"limit": "1"}],
    )
    def test_what_cannot_be_read_in_the_address_is_refused(self, shop, campaign, query):
        where = shop.post(wishes(campaign, fiction(1))).json()["items_url"]

        assert shop.get(where, **query).status_code == 400

    def test_a_list_of_batches_costs_the_same_however_many_there_are(
        self, shop, campaign, django_assert_max_num_queries
    ):
        shop.post(wishes(campaign, fiction(1)))
        for _ in range(5):
            shop.post(wishes(campaign, fiction(4)))

        with django_assert_max_num_queries(10):
            told = shop.get(BATCHES).json()["items"]

        assert [batch["total"] for batch in told] == [4, 4, 4, 4, 4, 1]

    def test_what_others_have_does_not_exist(self, shop, bob, globex, campaign):
        where = shop.post(wishes(campaign, fiction(1)))["Location"]
        theirs = Program(bob, globex)

        assert theirs.get(where).status_code == 404
        assert theirs.get(f"{where}items/").status_code == 404
        assert theirs.get(BATCHES).json()["items"] == []

    def test_a_key_needs_the_scope(self, alice, acme, campaign):
        reader = Program(alice, acme, Scope.READ)
        writer = Program(alice, acme, Scope.DRAFT)

        assert reader.post(wishes(campaign, fiction(1))).status_code == 403
        assert reader.get(BATCHES).status_code == 200
        assert writer.post(wishes(campaign, fiction(1))).status_code == 202
        assert writer.get(BATCHES).status_code == 403

    def test_an_auditor_links_nothing(self, audrey, acme, campaign):
        answer = Program(audrey, acme).post(wishes(campaign, fiction(1)))

        assert answer.status_code == 403
        assert not LinkBatch.objects.exists()


WORKER = """
    import os, signal, sys
    import django
    django.setup()
    from django.db import connection
    from registrations.actions import batches

    when, batch_id = sys.argv[1:]
    marked = 0

    def die(execute, sql, params, many, context):
        global marked
        is_marking = sql.startswith('UPDATE "registrations_linkbatchitem"')
        marked += is_marking
        if is_marking and marked == 2 and when == "before the second are marked":
            os.kill(os.getpid(), signal.SIGKILL)
        result = execute(sql, params, many, context)
        if is_marking and marked == 2 and when == "before the second are committed":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    connection.ensure_connection()
    with connection.execute_wrapper(die):
        batches.carry_out(batch_id=int(batch_id))
"""


@pytest.mark.usefixtures("shared_database", "without_plivo")
@pytest.mark.django_db(transaction=True)
class TestWorkers:
    @pytest.mark.parametrize(
        "when", ["before the second are marked", "before the second are committed"]
    )
    def test_what_a_killed_worker_had_not_committed_is_done_by_the_next_and_nothing_twice(
        self, shop, campaign, other_campaign, settings, when
    ):
        shop.post(wishes(campaign, fiction(3)) + wishes(other_campaign, fiction(8)[3:]))
        batch = LinkBatch.objects.get()

        killed = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(WORKER), when, str(batch.pk)],
            cwd=Path(__file__).parents[2],
            env={
                **os.environ,
                "DATABASE_URL": database_url(),
                "PLIVO_API_URL": settings.PLIVO_API_URL,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
            },
            capture_output=True,
            timeout=60,
        )

        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
        states = [(item.taken_at is None, item.link is None) for item in batch.items.all()]
        assert states == [(False, False)] * 3 + [(True, True)] * 5
        assert NumberLink.objects.count() == 3
        batches.sweep_here()
        assert NumberLink.objects.count() == Submission.objects.count() == 8
        assert not batch.items.filter(link=None).exists()

    def test_two_workers_at_once_link_each_number_once(self, shop, campaign, other_campaign):
        mixed = zip(fiction(40), fiction(40, "212"), strict=True)
        shop.post(
            [
                wish
                for pair in mixed
                for wish in (*wishes(campaign, pair[:1]), *wishes(other_campaign, pair[1:]))
            ]
        )
        batch, gate, troubles = LinkBatch.objects.get(), Barrier(3), []

        def work():
            gate.wait()
            try:
                batches.carry_out(batch_id=batch.pk)
            except Exception as trouble:
                troubles.append(trouble)
            finally:
                connection.close()

        workers = [Thread(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        batches.sweep_here()

        assert not troubles
        numbers = [link.number for link in NumberLink.objects.all()]
        assert sorted(numbers) == sorted(fiction(40) + fiction(40, "212"))
        assert batch.items.exclude(link=None).values("link").distinct().count() == 80


def database_url():
    """The database of this test, for another process."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    return f"postgres://{facts['USER']}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"
