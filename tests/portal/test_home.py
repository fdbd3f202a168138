"""The roof: home for each role, the door, and what every page says."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from callbacks.models import Callback
from portal.home import last_visit_ended_at
from registrations import actions
from registrations.lifecycle import Actor, Cause, raise_conflict
from registrations.models import (
    Brand,
    Campaign,
    Deed,
    Notice,
    NumberLink,
    PlivoAccount,
    Preferences,
    SecurityEvent,
)

pytestmark = pytest.mark.django_db

NONE, MINUTE, HOUR, DAY = timedelta(0), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def home_of(client):
    """The home page as this person sees it."""

    def home_of(person):
        client.force_login(person)
        return client.get("/").content.decode()

    return home_of


@pytest.fixture
def link(acme, alice, account, registered_campaign):
    def link(number, status, **fields):
        return NumberLink.objects.create(
            organization=acme, account=account, campaign=registered_campaign, number=number,
            created_by=alice, status=status, **fields,
        )  # fmt: skip

    return link


def keep_callback(outcome, **fields):
    return Callback.objects.create(
        method="POST", path="/callbacks/plivo/abc…/", body_digest="0" * 64, outcome=outcome,
        **fields,
    )  # fmt: skip


def section(page, heading):
    """The part of the page from this heading to the next of its rank."""
    rank = re.search(rf"<(h\d)[^>]*>{re.escape(heading)}", page)
    assert rank, f"no heading {heading!r}"
    rest = page[rank.end() :]
    return rest.split(f"<{rank[1]}")[0]


class TestMarketer:
    def test_who_is_here_for_the_first_time_is_told_where_to_begin(self, home_of, alice):
        page = home_of(alice)

        assert "Begin here" in page
        assert page.index("A brand:") < page.index("A campaign:") < page.index("Numbers:")
        assert 'href="/brands/new/"' in page

    def test_who_belongs_nowhere_is_told_whom_to_ask(self, home_of, alice, acme):
        acme.members.clear()

        page = home_of(alice)

        assert "An operator can add you" in page
        assert "/brands/new/" not in page

    def test_what_came_back_is_asked_of_her_with_the_note_and_what_to_do(
        self, home_of, alice, carol, draft_brand
    ):
        actions.send_for_review(draft_brand, by=alice)
        actions.send_back(draft_brand, by=carol, note="The website does not open.")

        asked = section(home_of(alice), "Asked of you")

        assert "The website does not open." in asked
        assert "Returned" in asked
        assert f"/brands/{draft_brand.reference}/edit/" in asked

    def test_a_rejection_is_asked_of_her_with_plivos_reason(self, home_of, alice, draft_brand):
        Brand.objects.update(
            status="rejected", reasons=[{"code": "1101", "text": "The EIN is not that of Acme."}]
        )

        asked = section(home_of(alice), "Asked of you")

        assert "The EIN is not that of Acme." in asked
        assert draft_brand.get_absolute_url() in asked

    def test_a_lapsed_campaign_is_asked_of_her(self, home_of, alice, registered_campaign):
        Campaign.objects.update(status="expired")

        assert "lapsed at Plivo" in section(home_of(alice), "Asked of you")

    def test_numbers_that_failed_together_are_one_line(self, home_of, alice, link):
        for number in range(14155550100, 14155550112):
            link(str(number), "link_failed")
        link("14155550199", "refused")

        asked = section(home_of(alice), "Asked of you")

        assert asked.count("<li>") == 2
        assert "12 numbers on campaign" in asked
        assert "Number +14155550199" in asked

    def test_drafts_are_to_be_finished_and_not_asked_of_her(self, home_of, alice, draft_brand):
        page = home_of(alice)

        assert draft_brand.reference in section(page, "Drafts to finish")
        assert draft_brand.reference not in section(page, "Asked of you")

    def test_what_is_on_its_way_says_where_it_stands_and_what_is_usual(
        self, home_of, alice, draft_brand, lives_through
    ):
        begun = timezone.now() - 3 * HOUR
        lives_through(
            draft_brand, ("in_review", NONE), ("queued", NONE), ("submitted", NONE), begun=begun
        )

        way = section(home_of(alice), "On its way")

        assert draft_brand.reference in way
        assert "Plivo has it." in way and "3 hours ago" in way
        assert "Usually up to 1 day" in way

    def test_what_is_slower_than_usual_is_said_to_be(
        self, home_of, alice, draft_brand, lives_through
    ):
        begun = timezone.now() - 2 * DAY
        lives_through(
            draft_brand, ("in_review", NONE), ("queued", NONE), ("submitted", NONE), begun=begun
        )

        assert "Slower than usual" in section(home_of(alice), "On its way")

    def test_what_moved_since_she_was_last_here_is_told_and_nothing_older(
        self, home_of, alice, make_brand, lives_through
    ):
        old, new = make_brand(), make_brand()
        yesterday = timezone.now() - DAY
        lives_through(old, ("in_review", NONE), begun=yesterday - DAY)
        with time_machine.travel(yesterday):
            last_visit_ended_at(alice)
        lives_through(new, ("in_review", HOUR), ("queued", HOUR), begun=yesterday)

        moved = section(home_of(alice), "What moved since you were here")

        assert new.reference in moved and "Queued" in moved
        assert old.reference not in moved

    def test_when_nothing_moved_the_last_moves_are_told(
        self, home_of, alice, draft_brand, lives_through
    ):
        lives_through(draft_brand, ("in_review", NONE), begun=timezone.now() - 5 * DAY)
        with time_machine.travel(timezone.now() - DAY):
            last_visit_ended_at(alice)

        moved = section(home_of(alice), "What moved last")

        assert "Nothing moved since you were last here" in moved
        assert draft_brand.reference in moved

    def test_nothing_of_another_organization_is_on_it(
        self, home_of, bob, make_brand, registered_campaign, link, lives_through
    ):
        lives_through(make_brand(name="Acme secret"), ("in_review", NONE), begun=timezone.now())
        link("14155550100", "link_failed")
        Campaign.objects.update(status="rejected")

        page = home_of(bob)

        assert "Acme" not in page and "14155550100" not in page
        assert registered_campaign.reference not in page

    def test_a_marketer_who_also_works_for_the_house_is_asked_only_of_her_own(
        self, home_of, bob, carol, draft_brand
    ):
        Brand.objects.update(status="rejected")
        carol.groups.add(Group.objects.get_or_create(name="marketer")[0])
        bob.organizations.get().members.add(carol)

        page = home_of(carol)

        assert "Begin here" in page
        assert draft_brand.reference in section(page, "What waits for compliance")

    def test_what_came_back_can_be_nothing(self, home_of, alice, registered_brand):
        assert "Nothing is asked of you" in home_of(alice)


class TestVisits:
    def test_the_first_visit_has_none_before_it(self, alice):
        assert last_visit_ended_at(alice) is None

    def test_a_visit_lasts_while_she_looks_every_half_hour(self, alice):
        begun = timezone.now()
        answers = []
        for minutes in (0, 20, 49, 78):
            with time_machine.travel(begun + minutes * MINUTE, tick=False):
                answers.append(last_visit_ended_at(alice))

        assert answers == [None] * 4

    def test_after_half_an_hour_away_the_last_visit_ended_when_she_last_looked(self, alice):
        begun = timezone.now()
        answers = []
        for minutes in (0, 10, 41, 50):
            with time_machine.travel(begun + minutes * MINUTE, tick=False):
                answers.append(last_visit_ended_at(alice))

        assert answers == [None, None, begun + 10 * MINUTE, begun + 10 * MINUTE]

    def test_what_she_chose_otherwise_stays(self, alice):
        Preferences.objects.create(user=alice, time_zone="Europe/Vienna")

        last_visit_ended_at(alice)

        assert Preferences.objects.get(user=alice).time_zone == "Europe/Vienna"


class TestCompliance:
    def tile(self, page, label):
        """(count, the rest of what the tile says, where it leads)."""
        found = re.search(
            rf'<a class="tile" href="([^"]*)"[^>]*><b>(\d+)</b> {re.escape(label)}(.*?)</a>',
            page,
            re.DOTALL,
        )
        assert found, f"no tile {label!r}"
        return int(found[2]), found[3], found[1]

    def test_the_queue_for_review_is_counted_with_the_age_of_its_oldest(
        self, client, home_of, carol, make_brand, lives_through
    ):
        now = timezone.now()
        for days in (1, 3):
            lives_through(make_brand(), ("in_review", NONE), begun=now - days * DAY)

        count, age, url = self.tile(home_of(carol), "Waiting for review")

        assert (count, url) == (2, "/review/")
        assert "oldest: 3 days" in age
        assert client.get(url).status_code == 200

    def test_the_oldest_requests_are_named(self, home_of, carol, draft_brand, lives_through):
        lives_through(draft_brand, ("in_review", NONE), begun=timezone.now() - DAY)

        assert draft_brand.reference in section(home_of(carol), "Longest in review")

    def test_a_deactivation_that_was_asked_for_is_counted_since_it_was(
        self, home_of, carol, alice, registered_brand
    ):
        with time_machine.travel(timezone.now() - 5 * HOUR):
            actions.ask_deactivation(registered_brand, by=alice)

        count, age, _ = self.tile(home_of(carol), "Deactivations asked for")

        assert count == 1
        assert "oldest: 5 hours" in age

    def test_what_was_refused_and_not_corrected_is_counted_kind_by_kind(
        self, client, home_of, carol, make_brand, link
    ):
        make_brand()
        make_brand()
        Brand.objects.update(status="rejected", status_since=timezone.now() - 40 * DAY)
        link("14155550100", "link_failed")

        page = home_of(carol)

        count, told, url = self.tile(page, "Brands refused")
        assert count == 3
        assert "oldest: 40 days" in told and "0 in the last 30 days" in told
        assert client.get(url).status_code == 200
        assert self.tile(page, "Number links refused")[0] == 1

    def test_conflicts_decisions_and_what_is_stuck_lead_to_their_queue(
        self, client, home_of, carol, registered_brand
    ):
        raise_conflict(registered_brand, "Two words.", actor=Actor.PLIVO, cause=Cause.CALLBACK)

        page = home_of(carol)

        count, _, url = self.tile(page, "In conflict")
        assert count == 1
        assert registered_brand.reference in client.get(url).content.decode()
        assert self.tile(page, "Stuck in all")[0] == 1
        assert self.tile(page, "Needs a decision")[0] == 0

    def test_callbacks_that_changed_nothing_yet_are_counted(self, client, home_of, carol):
        keep_callback("unapplied", received_at=timezone.now() - 2 * HOUR)
        keep_callback("unrecognised")

        page = home_of(carol)

        count, age, url = self.tile(page, "Callbacks: not applied yet")
        assert count == 1 and "oldest: 2 hours" in age
        assert client.get(url).status_code == 200
        assert self.tile(page, "Callbacks: unrecognised")[0] == 1

    def test_more_rows_cost_no_more_queries(
        self, client, carol, alice, make_brand, lives_through, django_assert_num_queries
    ):
        def grow(number):
            for n in range(number):
                brand = make_brand()
                lives_through(brand, ("in_review", NONE), begun=timezone.now() - (n + 2) * DAY)
                brand = make_brand()
                lives_through(
                    brand,
                    ("in_review", NONE), ("queued", NONE), ("submitted", NONE), ("rejected", HOUR),
                    begun=timezone.now() - (n + 2) * DAY,
                )  # fmt: skip
                keep_callback("unapplied")

        grow(2)
        queries = {}
        for person in (carol, alice):
            client.force_login(person)
            client.get("/")
            with CaptureQueriesContext(connection) as captured:
                client.get("/")
            queries[person] = len(captured)
        grow(10)

        for person in (carol, alice):
            client.force_login(person)
            client.get("/")
            with django_assert_num_queries(queries[person]):
                client.get("/")


class TestOperator:
    def test_a_paused_account_is_the_first_thing_said(self, home_of, oscar, account):
        account.pause("Plivo does not accept our credentials.")

        page = home_of(oscar)

        assert "is paused" in page
        assert "Plivo does not accept our credentials." in page

    def test_accounts_tell_their_live_tokens_and_their_last_sweep(self, home_of, oscar, account):
        PlivoAccount.objects.update(last_list_sweep_at=timezone.now() - 2 * HOUR)
        account.tokens.update(retired_at=timezone.now() - HOUR)

        health = section(home_of(oscar), "Plivo accounts")

        assert "none" in health
        assert "2 hours ago" in health and "Overdue" in health

    def test_mails_that_failed_are_told(self, home_of, oscar, alice, draft_brand):
        Notice.objects.create(
            kind="rejected", user=alice, entry=draft_brand.trail.get(), due_at=None,
            error="550 no such mailbox",
        )  # fmt: skip

        assert "550 no such mailbox" in home_of(oscar)

    def test_approvers_without_a_second_factor_are_named(self, home_of, oscar, carol):
        assert "carol" in section(home_of(oscar), "Approvers without a second factor")

    def test_who_did_what_lately_is_told(self, home_of, oscar, carol):
        SecurityEvent.write(Deed.EXPORTED, by=carol)

        assert "carol: exported rows" in section(home_of(oscar), "Who did what lately")


class TestAuditor:
    def test_the_latest_lines_of_all_trails_are_told(self, home_of, audrey, draft_brand):
        assert draft_brand.reference in section(home_of(audrey), "Written last")

    def test_evidence_is_one_click_away_and_opens(self, client, home_of, audrey):
        links = re.findall(
            r'href="(/(?:callbacks|admin)/[^"]*)"', section(home_of(audrey), "Evidence")
        )

        assert len(links) == 4
        assert [client.get(url).status_code for url in links] == [200] * 4

    def test_an_auditor_is_offered_nothing_to_do(self, home_of, audrey, draft_brand):
        page = home_of(audrey)

        assert "Register a brand" not in page
        assert "What waits for compliance" not in page


class TestCharts:
    def test_every_chart_is_an_image_with_a_title_and_its_numbers_beside_it(
        self, home_of, audrey, draft_brand, lives_through
    ):
        lives_through(
            draft_brand,
            ("in_review", NONE), ("queued", NONE), ("submitted", NONE), ("registered", HOUR),
            begun=timezone.now() - DAY,
        )  # fmt: skip
        keep_callback("applied")

        page = home_of(audrey)

        charts = re.findall(r'<svg class="(?:bar|days)".*?</svg>', page, re.DOTALL)
        assert len(charts) == 3
        assert all('role="img"' in chart and "<title>" in chart for chart in charts)
        assert page.count("The numbers") == 3
        assert "Brands by status: 1 registered" in page
        assert "half within 1 hour" in page
        assert "Callbacks of the last 30 days: 1 applied" in page

    def test_nothing_carries_a_style_the_policy_would_drop(
        self, home_of, audrey, carol, alice, oscar, registered_campaign
    ):
        keep_callback("applied")

        for person in (audrey, carol, alice, oscar):
            page = home_of(person)
            assert "<svg" in page
            assert "style=" not in page and "<style" not in page and "onclick" not in page

    def test_a_marketer_is_told_nothing_of_other_peoples_callbacks(self, home_of, alice):
        keep_callback("forged")

        assert "Callbacks per day" not in home_of(alice)

    def test_without_anything_there_are_words_instead_of_drawings(self, home_of, audrey):
        page = home_of(audrey)

        assert "No callback came in the last 30 days." in page
        assert "Nothing was registered in this time." in page


def test_who_has_no_role_is_told_whom_to_ask(home_of, alice):
    alice.groups.clear()

    assert "You have no role here yet" in home_of(alice)


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
