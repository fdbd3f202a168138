"""What is normal, what is stuck, and what is written to Plivo about it."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from registrations import ageing
from registrations.ageing import Why, in_words
from registrations.lifecycle import Actor, Cause, Kind, Status, raise_conflict
from registrations.models import Brand, NumberLink, State, Submission

pytestmark = pytest.mark.django_db

NONE, MINUTE, HOUR, DAY = timedelta(0), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = timezone.now()


@pytest.fixture
def waiting(make_brand, lives_through):
    """A brand that Plivo took so long ago, and of which it has said nothing since."""

    def waiting(since, **fields):
        return lives_through(
            make_brand(**fields),
            ("in_review", NONE),
            ("queued", NONE),
            ("submitted", NONE),
            begun=NOW - since,
        )

    return waiting


@pytest.fixture
def history(make_brand, lives_through):
    """Brands that Plivo had for these many hours before it passed them on."""

    def history(hours, begun=NOW - 30 * DAY):
        for taken in hours:
            lives_through(
                make_brand(),
                ("in_review", NONE),
                ("queued", NONE),
                ("submitted", NONE),
                ("created", taken * HOUR),
                ("registered", NONE),
                begun=begun,
            )

    return history


@pytest.fixture
def request_for(alice, carol):
    """A request to Plivo about a registration, as it stands in the outbox."""

    def request_for(registration, state, **facts):
        return Submission.objects.create(
            **{registration.kind.value: registration},
            account=registration.account, generation=1, operation="register_brand",
            payload={"profile": {"ein": "12-3456780"}}, payload_digest="d", approved_digest="d",
            fee_expected=4, requested_by=alice, approved_by=carol, state=state, **facts,
        )  # fmt: skip

    return request_for


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(milliseconds=300), "under a second"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(minutes=12), "12 minutes"),
        (timedelta(minutes=2, seconds=5), "2 minutes"),
        (timedelta(days=1, minutes=5), "1 day"),
        (timedelta(days=3, hours=4, minutes=5), "3 days 4 hours"),
        (timedelta(days=40, hours=4), "40 days"),
    ],
)
def test_spans_are_told_as_people_say_them(span, words):
    assert in_words(span) == words


class TestWhatIsNormal:
    def test_until_there_is_history_published_ranges_hold(self, db):
        known = ageing.normals()

        brand, campaign = known[Kind.BRAND, Status.SUBMITTED], known[Kind.CAMPAIGN, Status.CREATED]
        link = known[Kind.NUMBER_LINK, Status.LINK_SUBMITTED]
        assert (brand.slow_after, brand.grave_after) == (DAY, 7 * DAY)
        assert (campaign.slow_after, campaign.grave_after) == (7 * DAY, 20 * DAY)
        assert (link.slow_after, link.grave_after) == (DAY, 3 * DAY)
        assert known[Kind.BRAND, Status.QUEUED].slow_after == 15 * MINUTE
        assert "published" in brand.source

    def test_it_is_learnt_once_there_are_twenty(self, history):
        history(range(1, 21))

        normal = ageing.normals()[Kind.BRAND, Status.SUBMITTED]

        # Nine in ten of 1, 2 … 20 hours: 18.1 hours.
        assert normal.slow_after == 18.1 * HOUR
        assert normal.grave_after == 7 * DAY
        assert (normal.samples, normal.source) == (20, "nine in ten of our last 20")

    def test_nineteen_are_too_few(self, history):
        history(range(1, 20))

        assert ageing.normals()[Kind.BRAND, Status.SUBMITTED].slow_after == DAY

    def test_what_is_older_than_half_a_year_teaches_nothing(self, history):
        history(range(1, 25), begun=NOW - 200 * DAY)

        assert ageing.normals()[Kind.BRAND, Status.SUBMITTED].samples == 0

    def test_however_quick_things_are_nobody_is_called_within_minutes(self, history):
        history([0.01] * 20)

        assert ageing.normals()[Kind.BRAND, Status.SUBMITTED].slow_after == 15 * MINUTE

    def test_who_is_used_to_slowness_escalates_later(self, history):
        history([10 * 24] * 20)

        normal = ageing.normals()[Kind.BRAND, Status.SUBMITTED]

        assert (normal.slow_after, normal.grave_after) == (10 * DAY, 20 * DAY)

    def test_a_note_in_between_shortens_no_step(self, make_brand, lives_through, history):
        history([5] * 19)
        brand = make_brand()
        begun = NOW - 2 * DAY
        lives_through(
            brand, ("in_review", NONE), ("queued", NONE), ("submitted", NONE), begun=begun
        )
        with time_machine.travel(begun + 4 * HOUR, tick=False):
            raise_conflict(brand, "?", actor=Actor.PLIVO, cause=Cause.CALLBACK)
        lives_through(brand, ("created", 5 * HOUR), begun=begun)

        assert ageing.normals()[Kind.BRAND, Status.SUBMITTED].slow_after == 5 * HOUR

    def test_it_is_one_query(self, history, django_assert_num_queries):
        history([1] * 25)

        with django_assert_num_queries(1):
            ageing.normals()


class TestWhatIsStuck:
    def test_nothing_is_while_everything_is_within_what_is_normal(self, carol, waiting):
        waiting(23 * HOUR)

        assert ageing.stuck(carol) == []

    def test_slower_than_normal_is_stuck_and_much_slower_is_grave(self, carol, waiting):
        slow, grave = waiting(2 * DAY), waiting(8 * DAY)

        first, second = ageing.stuck(carol)

        assert (first.registration, first.grave) == (grave, True)
        assert (second.registration, second.grave) == (slow, False)
        assert second.since == slow.status_since
        assert second.normal.slow_after == DAY
        assert timedelta(0) < second.late - DAY < HOUR

    def test_what_we_learnt_is_what_counts(self, carol, history, waiting):
        history([1] * 20)
        waiting(2 * HOUR)

        (one,) = ageing.stuck(carol)

        assert one.normal.slow_after == HOUR

    def test_drafts_and_last_words_wait_for_nobody(self, carol, registered_campaign):
        with time_machine.travel(NOW + 300 * DAY):
            assert ageing.stuck(carol) == []

    def test_a_review_that_takes_long_is_compliances_own(self, carol, draft_brand, lives_through):
        lives_through(draft_brand, ("in_review", NONE), begun=NOW - 2 * DAY)

        (one,) = ageing.stuck(carol)

        assert "Compliance reviews it" in one.remedy
        assert one.escalation is None

    def test_what_waits_in_the_queue_says_what_for(
        self, carol, draft_brand, lives_through, request_for
    ):
        lives_through(draft_brand, ("in_review", NONE), ("queued", NONE), begun=NOW - HOUR)
        request_for(draft_brand, State.QUEUED, waiting_for="Plivo is not reachable.")

        (one,) = ageing.stuck(carol)

        assert "Plivo is not reachable." in one.remedy

    def test_a_paused_account_is_named_as_the_hindrance(self, carol, draft_brand, lives_through):
        lives_through(draft_brand, ("in_review", NONE), ("queued", NONE), begun=NOW - HOUR)
        draft_brand.account.pause("Plivo does not accept our credentials.")

        (one,) = ageing.stuck(carol)

        assert "paused: Plivo does not accept our credentials." in one.remedy
        assert "operator" in one.remedy

    def test_a_contradiction_is_stuck_at_once_since_it_was_raised(self, carol, registered_brand):
        with time_machine.travel(NOW - 2 * HOUR, tick=False):
            raise_conflict(
                registered_brand, "Rejected after registered.", actor=Actor.PLIVO,
                cause=Cause.CALLBACK,
            )  # fmt: skip

        (one,) = ageing.stuck(carol)

        assert (one.why, one.grave) == (Why.CONFLICT, True)
        assert one.since == NOW - 2 * HOUR
        assert "Rejected after registered." in one.escalation.body

    def test_a_request_that_needs_a_decision_is_grave_at_once(
        self, carol, draft_brand, lives_through, request_for
    ):
        lives_through(draft_brand, ("in_review", NONE), ("queued", NONE), begun=NOW - MINUTE)
        request_for(draft_brand, State.NEEDS_DECISION, unknown_since=NOW - 20 * MINUTE)

        (one,) = ageing.stuck(carol)

        assert (one.why, one.grave) == (Why.DECISION, True)
        assert "two people of compliance decide" in one.remedy
        assert "your answer to it was lost" in one.escalation.body

    @pytest.mark.parametrize(("for_so_long", "found"), [(5 * MINUTE, 0), (40 * MINUTE, 1)])
    def test_an_unknown_outcome_is_stuck_when_looking_took_too_long(
        self, carol, draft_brand, lives_through, request_for, for_so_long, found
    ):
        lives_through(draft_brand, ("in_review", NONE), ("queued", NONE), begun=NOW - MINUTE)
        request_for(draft_brand, State.UNKNOWN, unknown_since=NOW - for_so_long)

        assert len([one for one in ageing.stuck(carol) if one.why == Why.LOST]) == found

    def test_one_registration_is_told_once_with_the_weightiest_reason(
        self, carol, waiting, request_for
    ):
        brand = waiting(9 * DAY)
        request_for(brand, State.NEEDS_DECISION)
        raise_conflict(brand, "Two words.", actor=Actor.PLIVO, cause=Cause.CALLBACK)

        (one,) = ageing.stuck(carol)

        assert one.why == Why.CONFLICT

    def test_a_marketer_sees_her_own_and_nobody_elses(self, alice, bob, waiting, request_for):
        brand = waiting(2 * DAY)
        request_for(brand, State.NEEDS_DECISION)

        assert [one.registration for one in ageing.stuck(alice)] == [brand]
        assert ageing.stuck(bob) == []
        assert ageing.cases(bob) == []

    def test_more_of_them_cost_no_more_queries(
        self, carol, waiting, request_for, django_assert_max_num_queries
    ):
        for days in range(2, 12):
            request_for(waiting(days * DAY), State.ACCEPTED)

        with django_assert_max_num_queries(12):
            assert len(ageing.stuck(carol)) == 10


class TestEscalation:
    def test_it_names_every_id_and_time_that_support_asks_for(
        self, carol, waiting, request_for, lives_through
    ):
        brand = waiting(8 * DAY)
        Brand.objects.filter(pk=brand.pk).update(plivo_id="BABC123")
        request_for(
            brand, State.ACCEPTED, called_at=NOW - 8 * DAY, answer_status=202,
            api_id="5a9fcc68-ad15-11ee-9e4d-0242ac110003",
        )  # fmt: skip
        lives_through(brand, ("created", NONE), begun=NOW - 7.5 * DAY)

        (one,) = ageing.stuck(carol)

        letter = one.escalation
        assert "BABC123" in letter.subject
        for told in (
            brand.reference,
            brand.account.auth_id,
            "BABC123",
            "5a9fcc68-ad15-11ee-9e4d-0242ac110003",
            "HTTP 202",
            f"{NOW - 8 * DAY:%Y-%m-%d %H:%M:%S} UTC",
            f"What we last heard: {NOW - 7.5 * DAY:%Y-%m-%d %H:%M:%S} UTC, by a callback: created",
        ):
            assert told in letter.body

    @pytest.mark.parametrize("spelt", ["12-3456780", "123456780", "12 345 6780", "123-45-6789"])
    def test_no_tax_id_leaves_the_house_however_plivo_quotes_it(self, carol, waiting, spelt):
        brand = waiting(8 * DAY)
        Brand.objects.filter(pk=brand.pk).update(
            reasons=[{"code": "1101", "text": f"The tax id {spelt} is not that of Acme Inc."}]
        )
        raise_conflict(brand, f"About {spelt}.", actor=Actor.PLIVO, cause=Cause.CALLBACK)

        (one,) = ageing.stuck(carol)

        letter = one.escalation.subject + one.escalation.body
        assert spelt not in letter
        assert "The tax id (tax id) is not that of Acme Inc." in letter

    def test_a_number_is_named_with_its_campaign(
        self, carol, alice, acme, account, registered_campaign, lives_through
    ):
        link = NumberLink.objects.create(
            organization=acme, account=account, campaign=registered_campaign,
            number="14155550100", created_by=alice,
        )  # fmt: skip
        lives_through(link, ("link_submitted", NONE), begun=NOW - 4 * DAY)

        (one,) = ageing.stuck(carol)

        assert "+14155550100" in one.escalation.body
        assert "Campaign id: CTEST01" in one.escalation.body


class TestThePage:
    def test_it_tells_what_to_do_with_the_letter_to_copy(self, client, carol, waiting):
        brand = waiting(8 * DAY)
        client.force_login(carol)

        page = client.get("/stuck/").content.decode()

        assert "Act now" in page and brand.reference in page
        assert "Normal is up to 1 day" in page
        assert "readonly" in page and f"Our reference: {brand.reference}" in page
        assert "3456780" not in page

    def test_nothing_stuck_is_said_calmly(self, client, carol):
        client.force_login(carol)

        assert "Nothing is stuck" in client.get("/stuck/").content.decode()

    def test_it_filters_by_kind_organization_and_reason(self, client, carol, waiting, globex):
        brand = waiting(2 * DAY)
        client.force_login(carol)

        def shown(query):
            return brand.reference in client.get(f"/stuck/?{query}").content.decode()

        assert shown(f"kind=brand&organization={brand.organization_id}&why=slow")
        assert not shown("kind=campaign")
        assert not shown(f"organization={globex.pk}")
        assert not shown("why=conflict")
        assert not shown("kind=nonsense")

    def test_a_marketer_opens_it_with_her_own(self, client, alice, bob, waiting):
        brand = waiting(2 * DAY)
        answers = {}
        for person in (alice, bob):
            client.force_login(person)
            answers[person] = client.get("/stuck/").content.decode()

        assert brand.reference in answers[alice]
        assert brand.reference not in answers[bob]
        assert "Acme Inc." not in answers[bob]

    def test_long_queues_are_turned_leaf_by_leaf(self, client, carol, waiting):
        for _ in range(26):
            waiting(2 * DAY)
        client.force_login(carol)

        first, second = (client.get(f"/stuck/?page={n}").content.decode() for n in (1, 2))

        assert "26 in all" in first
        assert (first.count("<article"), second.count("<article")) == (25, 1)
