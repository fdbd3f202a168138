"""The review desk: what waits, what there is to know of it, and deciding it."""

import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registrations import actions
from registrations.actions import Blocked, IllegalMove
from registrations.differences import since_last_version, woven
from registrations.forms.review import QueueForm
from registrations.lifecycle import Actor, Cause, Status, move_to, raise_conflict
from registrations.models import Brand, Operation, State, Submission
from registrations.views.queueing import Queue
from tests.conftest import BRAND

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_carol(client, carol):
    client.force_login(carol)
    return client


@pytest.fixture
def in_review(make_brand, alice):
    """A brand that alice has sent for review; `ago` is how long it has waited."""

    def in_review(ago=timedelta(0), by=alice, **fields):
        brand = make_brand(**fields)
        actions.send_for_review(brand, by=by)
        Brand.objects.filter(pk=brand.pk).update(status_since=timezone.now() - ago)
        brand.refresh_from_db()
        return brand

    return in_review


@pytest.fixture
def two_hats(carol):
    """carol is compliance, and a marketer too."""
    carol.groups.add(Group.objects.get_or_create(name="marketer")[0])
    return carol


@pytest.fixture
def sent_again(alice):
    """Plivo rejects what was sent; alice changes these fields, and sends it again."""

    def sent_again(registration, submission, reasons=(), **changes):
        Submission.objects.filter(pk=submission.pk).update(
            state=State.ACCEPTED, called_at=timezone.now(), settled_at=timezone.now()
        )
        rows = type(registration).objects.filter(pk=registration.pk)
        rows.update(plivo_id=f"XTEST{submission.pk}", reasons=list(reasons))
        registration.refresh_from_db()
        move_to(registration, Status.REJECTED, actor=Actor.PLIVO, cause=Cause.CALLBACK)
        actions.revise(registration, by=alice)
        for name, value in changes.items():
            setattr(registration, name, value)
        actions.edit(registration, changes, by=alice)
        actions.send_for_review(registration, by=alice)
        return registration

    return sent_again


@pytest.fixture
def many_in_review(acme, account, alice):
    """So many brands in review, each a minute younger than the one before; their references."""

    def many_in_review(number):
        now, begun = timezone.now(), Brand.objects.count()
        brands = Brand.objects.bulk_create(
            Brand(
                **BRAND,
                organization=acme,
                account=account,
                reference=f"BR-TEST{begun + n:04}",
                status=Status.IN_REVIEW,
                status_since=now - timedelta(minutes=number - n),
                created_by=alice,
                requested_by=alice,
            )
            for n in range(number)
        )
        return [brand.reference for brand in brands]

    return many_in_review


def approve(registration, by):
    return actions.approve(registration, by=by, digest=actions.preview(registration).digest)


def text_of(response):
    """What a person reads on the page."""
    page = re.sub(r"<(head|script)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def row_of(response, registration):
    """The row of the queue that is about this registration, or ""."""
    rows = re.findall(r"<tr>.*?</tr>", response.content.decode(), flags=re.S)
    return next((row for row in rows if registration.reference in row), "")


def references(response):
    """What the queue shows, in its order."""
    found = re.findall(r'href="/review/([A-Z]{2}-\w+)/', response.content.decode())
    return list(dict.fromkeys(found))


def digest_on(page):
    return re.search(r'name="digest" value="(\w+)"', page.content.decode())[1]


class TestTheQueue:
    def test_the_longest_waiting_comes_first_and_its_age_is_said_in_words(
        self, as_carol, in_review
    ):
        fresh = in_review(timedelta(hours=1))
        old = in_review(timedelta(days=4))
        middle = in_review(timedelta(days=2))

        response = as_carol.get("/review/")

        assert references(response) == [old.reference, middle.reference, fresh.reference]
        assert "over three days" in row_of(response, old)
        assert "over a day" in row_of(response, middle)
        assert ">over " not in row_of(response, fresh)

    def test_everything_that_waits_for_compliance_is_there_and_counted(
        self, as_carol, in_review, make_brand, registered_campaign, alice, submit
    ):
        reviewed = in_review()
        actions.ask_deactivation(registered_campaign, by=alice)
        contradicted = make_brand()
        raise_conflict(contradicted, "Two last words.", actor=Actor.PLIVO, cause=Cause.CALLBACK)
        undecided = make_brand()
        submit(undecided)
        Submission.objects.update(state=State.NEEDS_DECISION, unknown_since=timezone.now())

        everything = as_carol.get("/review/")
        tabs = {
            ask: references(as_carol.get(f"/review/?ask={ask}"))
            for ask in ("review", "deactivation", "conflict", "decision")
        }

        counted = "Everything 4 To approve 1 To deactivate 1 In conflict 1 To decide 1"
        assert counted in text_of(everything)
        assert tabs == {
            "review": [reviewed.reference],
            "deactivation": [registered_campaign.reference],
            "conflict": [contradicted.reference],
            "decision": [undecided.reference],
        }
        assert set(references(everything)) == {found for [found] in tabs.values()}

    def test_a_deactivation_waits_since_it_was_asked_for_and_not_since_the_status(
        self, as_carol, registered_brand, alice
    ):
        Brand.objects.update(status_since=timezone.now() - timedelta(days=30))
        registered_brand.refresh_from_db()
        actions.ask_deactivation(registered_brand, by=alice)

        row = row_of(as_carol.get("/review/"), registered_brand)

        assert "over three days" not in row
        assert "0\xa0minutes" in row

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ("q=findme", {"mine", "hers"}),
            ("kind=campaign", set()),
            ("kind=brand&q=Findme", {"mine", "hers"}),
            ("by=alice", {"other"}),
            ("by=carol", {"mine", "hers"}),
            ("older=1", {"hers"}),
            ("older=3", set()),
            ("mine=on", {"other"}),
            ("organization=nonsense", {"mine", "hers", "other"}),
            ("older=9&by=nobody&kind=%00&q=%00&after=x~y~z", {"mine", "hers", "other"}),
        ],
    )
    def test_it_is_narrowed_by_the_address(self, as_carol, in_review, two_hats, query, shown):
        brands = {
            "mine": in_review(by=two_hats, name="Findme one"),
            "hers": in_review(timedelta(days=2), by=two_hats, name="Findme two"),
            "other": in_review(name="Other"),
        }

        found = references(as_carol.get(f"/review/?{query}"))

        assert set(found) == {brands[name].reference for name in shown}

    def test_the_requests_of_one_organization_are_picked(self, as_carol, in_review, globex):
        ours, theirs = in_review(), in_review()
        Brand.objects.filter(pk=theirs.pk).update(organization=globex)

        picked = references(as_carol.get(f"/review/?organization={globex.pk}"))

        assert picked == [theirs.reference]
        assert ours.reference in references(as_carol.get("/review/"))

    def test_what_one_asked_for_oneself_is_marked_and_cannot_be_ticked(
        self, as_carol, in_review, two_hats
    ):
        own, other = in_review(by=two_hats), in_review()

        response = as_carol.get("/review/")

        assert "You asked for this; somebody else approves it." in row_of(response, own)
        assert " disabled" in row_of(response, own)
        assert " disabled" not in row_of(response, other)
        assert "You asked" not in row_of(response, other)

    def test_it_says_what_is_new(self, as_carol, in_review, make_brand, submit, sent_again):
        first = in_review()
        changed = make_brand()
        sent_again(changed, submit(changed), city="Oakland", street="2 Main Street")
        same = make_brand()
        sent_again(same, submit(same))

        response = as_carol.get("/review/")

        assert ">new<" in row_of(response, first)
        assert "2 fields changed" in row_of(response, changed)
        assert "sent again after rejection" in row_of(response, changed)
        assert "nothing changed" in row_of(response, same)

    def test_it_tells_fees_and_warnings(self, as_carol, in_review, make_campaign, alice):
        vetted = in_review(secondary_vetting=True, contact_email="somebody@gmail.com")
        campaign = make_campaign()
        actions.send_for_review(campaign, by=alice)

        response = as_carol.get("/review/")

        assert "$46.00" in row_of(response, vetted)
        assert "$15.00" in row_of(response, campaign)
        assert "warning" in row_of(response, vetted)

    @pytest.mark.parametrize("changes", [{"description": "Other words. " * 5}, {"age_gated": True}])
    def test_it_knows_the_operation_that_approval_would_choose(
        self, as_carol, make_campaign, submit, sent_again, changes
    ):
        campaign = make_campaign()
        sent_again(campaign, submit(campaign), **changes)

        [row] = as_carol.get("/review/").context["page"].rows

        assert row.differences.operation == actions.preview(campaign).operation

    def test_a_hundred_and_twenty_are_paged_without_gap_or_repetition(
        self, as_carol, many_in_review
    ):
        waiting = many_in_review(120)
        first = as_carol.get("/review/")
        second = as_carol.get(f"/review/?{first.context['later']}")
        third = as_carol.get(f"/review/?{second.context['later']}")
        back = as_carol.get(f"/review/?{third.context['earlier']}")

        pages = [references(page) for page in (first, second, third)]

        assert sum(pages, []) == waiting
        assert [len(page) for page in pages] == [50, 50, 20]
        assert references(back) == pages[1]
        assert not first.context["earlier"] and not third.context["later"]

    def test_what_came_at_the_same_moment_from_several_sources_is_walked_both_ways(
        self, carol, alice, make_brand, make_campaign, in_review
    ):
        moment = timezone.now()
        waiting = [make_campaign(), make_brand(), make_brand(), make_campaign()]
        for registration in waiting:
            actions.send_for_review(registration, by=alice)
            type(registration).objects.filter(pk=registration.pk).update(status_since=moment)
        queue = Queue(carol, QueueForm({}, user=carol))

        pages = [queue.page(size=1)]
        while pages[-1].later:
            pages.append(queue.page(after=pages[-1].later, size=1))
        back = [queue.page(before=pages[-1].earlier, size=1)]
        while back[-1].earlier:
            back.append(queue.page(before=back[-1].earlier, size=1))

        forth = [row.registration for page in pages for row in page.rows]
        assert set(forth) == set(waiting) and len(forth) == len(waiting)
        assert [row.registration for page in back for row in page.rows] == forth[-2::-1]

    def test_it_costs_as_many_queries_for_many_as_for_few(self, as_carol, many_in_review):
        def queries():
            with CaptureQueriesContext(connection) as asked:
                assert as_carol.get("/review/").status_code == 200
            return len(asked)

        many_in_review(2)
        few = queries()
        many_in_review(45)

        assert queries() == few

    def test_the_counts_are_silent_until_there_is_news(self, as_carol, in_review):
        in_review()
        seen = as_carol.get("/review/").context["seen"]

        quiet = as_carol.get(f"/review/counts/?seen={seen}")
        in_review()
        told = as_carol.get(f"/review/counts/?seen={seen}")

        assert quiet.status_code == 204
        assert "The queue has changed" in text_of(told)
        assert "To approve 2" in text_of(told)


class TestTheDifferences:
    def test_a_first_version_is_said_to_be_one(self, as_carol, in_review):
        page = as_carol.get(f"/review/{in_review().reference}/")

        assert "First version" in text_of(page)

    def test_changed_words_are_shown_in_their_sentence(
        self, as_carol, make_campaign, submit, sent_again
    ):
        campaign = make_campaign()
        told = campaign.description.replace("customers who asked", "people who called")
        sent_again(campaign, submit(campaign), description=told)

        page = as_carol.get(f"/review/{campaign.reference}/").content.decode()

        assert re.search(r"<del>(<span[^>]*>removed: </span>)?customers </del>", page)
        assert re.search(r"<ins>(<span[^>]*>added: </span>)?called </ins>", page)
        assert "1 field" not in page
        assert "What changed since request no. 1" in page

    def test_choices_and_flags_are_told_in_words(self, make_brand, submit, sent_again):
        brand = make_brand()
        sent_again(brand, submit(brand), vertical="LEGAL", secondary_vetting=True)

        found = since_last_version(brand, brand.submissions.all())

        assert [(d.label, d.before, d.now) for d in found.fields] == [
            ("Industry", "Retail and consumer products", "Legal"),
            ("Secondary vetting", "No", "Yes"),
        ]

    def test_of_a_tax_id_one_learns_only_that_it_changed(
        self, as_carol, make_brand, submit, sent_again
    ):
        brand = make_brand()
        sent_again(brand, submit(brand), ein="98-7654320")

        page = as_carol.get(f"/review/{brand.reference}/").content.decode()

        assert "The tax id changed." in page
        for secret in ("123456780", "12-3456780", "987654320", "98-7654320"):
            assert secret not in page

    def test_a_tax_id_that_only_lost_its_hyphen_did_not_change(
        self, make_brand, submit, sent_again
    ):
        brand = make_brand()
        sent_again(brand, submit(brand), ein="123456780")

        assert since_last_version(brand, brand.submissions.all()).nothing_changed

    def test_what_an_update_cannot_change_leads_to_another_campaign_and_its_fee(
        self, as_carol, make_campaign, submit, sent_again
    ):
        campaign = make_campaign()
        sent_again(campaign, submit(campaign), vertical="LEGAL", age_gated=True)

        page = text_of(as_carol.get(f"/review/{campaign.reference}/"))

        assert "An update cannot change Industry, Content for adults only" in page
        assert "another campaign is registered" in page
        assert "Campaign, each month" in page

    def test_what_was_emptied_stays_at_plivo_and_that_is_said(
        self, as_carol, make_campaign, submit, sent_again
    ):
        campaign = make_campaign()
        sent_again(campaign, submit(campaign), terms_and_conditions_link="", name="Renamed")

        page = text_of(as_carol.get(f"/review/{campaign.reference}/"))

        assert "An update cannot carry Name, Link to terms and conditions" in page

    def test_a_second_update_is_compared_with_the_first(
        self, make_campaign, submit, sent_again, carol
    ):
        campaign = make_campaign()
        sent_again(campaign, submit(campaign), sample1="Acme Inc.: one. Reply STOP to end.")
        update = approve(campaign, by=carol)
        sent_again(campaign, update, sample1="Acme Inc.: two. Reply STOP to end.")

        [found] = since_last_version(campaign, campaign.submissions.all()).fields

        assert update.operation == Operation.UPDATE_CAMPAIGN
        assert (found.name, found.before) == ("sample1", "Acme Inc.: one. Reply STOP to end.")

    @pytest.mark.parametrize(
        ("before", "now", "told"),
        [
            ("We sell hats.", "We sell red hats.", "We sell {+red +}hats."),
            ("", "All new", "{+All new+}"),
            ("All gone", "", "{-All gone-}"),
            ("one two three", "four five six", "{-one two three-}{+four five six+}"),
        ],
    )
    def test_two_texts_are_woven_into_one(self, before, now, told):
        signs = {(True, False): "{{+{}+}}", (False, True): "{{-{}-}}", (False, False): "{}"}

        woven_text = "".join(
            signs[piece.came, piece.went].format(piece.text) for piece in woven(before, now)
        )

        assert woven_text == told


class TestTheRequest:
    def test_it_tells_facts_findings_fee_and_history(
        self, as_carol, in_review, registered_brand, submit, make_brand
    ):
        other = make_brand(name="Other")
        Submission.objects.filter(pk=submit(other).pk).update(
            state=State.ACCEPTED, called_at=timezone.now()
        )
        brand = in_review(website="http://www.example.com/", secondary_vetting=True)

        page = text_of(as_carol.get(f"/review/{brand.reference}/"))

        assert "•••••6780" in page
        assert "alice asked for it" in page
        assert "Brand registration $4.50 Secondary vetting $41.50" in page
        assert "Now, and not refunded $46.00" in page
        assert "1 registered, 0 rejected or refused, 2 in all" in page
        assert "Spent in twelve months $4.50" in page
        assert "Spent on this one $0.00" in page
        assert str(other) in page
        assert actions.preview(brand).findings[0].message in page

    def test_refused_requests_were_not_spent(self, as_carol, make_brand, submit, sent_again):
        brand = make_brand()
        sent_again(brand, submit(brand))
        before = text_of(as_carol.get(f"/review/{brand.reference}/"))
        Submission.objects.update(state=State.REFUSED)

        after = text_of(as_carol.get(f"/review/{brand.reference}/"))

        assert "Spent on this one $4.50" in before
        assert "Spent on this one $0.00" in after

    def test_what_plivo_refused_and_nobody_changed_is_warned_of(
        self, as_carol, make_brand, submit, sent_again
    ):
        brand = make_brand()
        reasons = [{"code": "1101", "text": "The US EIN provided is invalid."}]
        sent_again(brand, submit(brand), reasons)

        page = text_of(as_carol.get(f"/review/{brand.reference}/"))

        assert "This is what Plivo refused on" in page
        assert "nothing was changed" in page
        assert "1101 The US EIN provided is invalid." in page
        assert "Named here and not changed: Tax id (EIN)." in page

    def test_whether_the_fields_that_plivo_named_were_changed_is_told(
        self, as_carol, make_campaign, submit, sent_again
    ):
        campaign = make_campaign()
        reasons = [{"code": "", "text": "Sample messages name no brand; message_flow is unclear."}]
        sent_again(campaign, submit(campaign), reasons, sample2="Acme Inc.: hello. STOP ends it.")

        page = text_of(as_carol.get(f"/review/{campaign.reference}/"))

        assert "Changed since: Sample message." in page
        assert "Named here and not changed: How people agree." in page
        assert "nothing was changed" not in page

    def test_a_tax_id_that_plivo_repeats_is_masked(self, as_carol, make_brand, submit, sent_again):
        brand = make_brand()
        sent_again(brand, submit(brand), [{"code": "1", "text": "12-3456780 is unknown."}])

        page = as_carol.get(f"/review/{brand.reference}/").content.decode()

        assert "3456780" not in page
        assert "•••••6780 is unknown." in page

    def test_earlier_returns_are_told_with_their_words(self, as_carol, in_review, carol, alice):
        brand = in_review()
        actions.send_back(brand, by=carol, field_notes={"website": "It does not open."})
        brand.refresh_from_db()
        actions.send_for_review(brand, by=alice)

        page = text_of(as_carol.get(f"/review/{brand.reference}/"))

        assert "Returned before" in page
        assert "by carol Website: It does not open." in page

    def test_previous_and_next_walk_the_queue_and_keep_its_filters(self, as_carol, in_review):
        oldest = in_review(timedelta(hours=3))
        middle = in_review(timedelta(hours=2))
        in_review(timedelta(hours=1), name="Elsewhere")

        page = as_carol.get(f"/review/{middle.reference}/?by=alice")
        last_of_filtered = as_carol.get(f"/review/{middle.reference}/?q={middle.reference}")

        assert page.context["before"] == f"/review/{oldest.reference}/?by=alice"
        assert page.context["after"]
        assert not last_of_filtered.context["before"] and not last_of_filtered.context["after"]

    def test_what_waits_for_nothing_leads_to_its_own_page(self, as_carol, draft_brand):
        response = as_carol.get(f"/review/{draft_brand.reference}/")

        assert response.url == draft_brand.get_absolute_url()

    def test_it_costs_as_many_queries_after_many_returns_as_after_one(
        self, as_carol, in_review, carol, alice
    ):
        brand = in_review()

        def return_and_ask():
            actions.send_back(brand, by=carol, note="Once more.")
            brand.refresh_from_db()
            actions.send_for_review(brand, by=alice)
            with CaptureQueriesContext(connection) as asked:
                as_carol.get(f"/review/{brand.reference}/")
            return len(asked)

        once = return_and_ask()

        assert [return_and_ask() for _ in range(5)] == [once] * 5

    def test_hostile_text_is_shown_as_text(self, as_carol, make_brand, submit, sent_again):
        evil = '"><img src=x onerror=alert(1)>'
        brand = make_brand()
        sent_again(brand, submit(brand), [{"code": evil, "text": evil}], doing_business_as=evil)

        page = as_carol.get(f"/review/{brand.reference}/").content.decode()

        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


class TestDeciding:
    def test_approving_sends_what_was_looked_at_and_leads_on(self, as_carol, in_review):
        first, second = in_review(timedelta(hours=2)), in_review()
        page = as_carol.get(f"/review/{first.reference}/")

        response = as_carol.post(
            f"/review/{first.reference}/approve/?kind=brand", {"digest": digest_on(page)}
        )

        first.refresh_from_db()
        assert first.status == Status.QUEUED
        assert response.url == f"/review/{second.reference}/?kind=brand"

    def test_the_last_one_leads_back_to_the_queue(self, as_carol, in_review):
        brand = in_review()
        page = as_carol.get(f"/review/{brand.reference}/")

        response = as_carol.post(
            f"/review/{brand.reference}/approve/", {"digest": digest_on(page)}, follow=True
        )

        assert "Nothing waits for compliance." in text_of(response)
        assert "Approved, and on its way to Plivo" in text_of(response)

    def test_what_changed_since_is_not_approved(self, as_carol, in_review):
        brand = in_review()
        digest = digest_on(as_carol.get(f"/review/{brand.reference}/"))
        Brand.objects.update(city="Oakland")

        response = as_carol.post(
            f"/review/{brand.reference}/approve/", {"digest": digest}, follow=True
        )

        assert "changed since you looked at it" in text_of(response)
        assert not Submission.objects.exists()

    def test_notes_beside_fields_reach_the_marketer(self, as_carol, in_review):
        brand = in_review()

        as_carol.post(
            f"/review/{brand.reference}/return/",
            {"note": "Nearly.", "note-website": " It does not open. ", "note-city": ""},
        )

        brand.refresh_from_db()
        assert brand.status == Status.DRAFT
        assert brand.review_note == "Nearly."
        assert brand.field_notes == {"website": "It does not open."}
        assert brand.trail.first().note == "Nearly.\nWebsite: It does not open."

    def test_every_field_that_can_be_corrected_has_a_box_of_its_own(self, as_carol, in_review):
        page = as_carol.get(f"/review/{in_review().reference}/").content.decode()

        boxes = re.findall(r'<textarea name="note-(\w+)"[^>]* form="return"', page)

        assert {"website", "ein", "doing_business_as", "contact_email"} <= set(boxes)
        assert len(boxes) == len(set(boxes))
        assert not {"organization", "account", "status", "plivo_id"} & set(boxes)

    def test_returning_without_a_word_says_so_and_changes_nothing(self, as_carol, in_review):
        brand = in_review()

        response = as_carol.post(f"/review/{brand.reference}/return/", {"note": " "})

        brand.refresh_from_db()
        assert "The note is missing." in text_of(response)
        assert brand.status == Status.IN_REVIEW

    def test_a_note_that_is_too_long_is_kept_on_the_page(self, as_carol, in_review):
        brand = in_review()

        response = as_carol.post(
            f"/review/{brand.reference}/return/", {"note": "Fine.", "note-city": "x" * 1001}
        )

        assert "x" * 1001 in response.content.decode()
        assert "at most 1000 characters" in text_of(response)

    def test_notes_are_gone_once_it_is_sent_for_review_again(self, in_review, carol, alice):
        brand = in_review()
        actions.send_back(brand, by=carol, field_notes={"city": "Which?"})
        brand.refresh_from_db()
        assert brand.review_note == "See what is noted beside: City."

        actions.send_for_review(brand, by=alice)

        brand.refresh_from_db()
        assert (brand.review_note, brand.field_notes) == ("", {})

    @pytest.mark.parametrize("name", ["status", "nonsense", "reference"])
    def test_a_note_stands_beside_a_field_that_people_fill(self, in_review, carol, name):
        with pytest.raises(Blocked, match="There is no field"):
            actions.send_back(in_review(), by=carol, field_notes={name: "Hm."})

    def test_what_was_approved_meanwhile_is_not_returned(self, in_review, carol, dave):
        brand = in_review()
        stale = Brand.objects.get()
        approve(brand, by=carol)

        with pytest.raises(IllegalMove, match="not in review"):
            actions.send_back(stale, by=dave, note="Wait.")

        assert Brand.objects.get().status == Status.QUEUED

    def test_a_deactivation_is_agreed_to_by_a_second_person_only(
        self, client, registered_brand, two_hats, dave
    ):
        actions.ask_deactivation(registered_brand, by=two_hats)
        url, button = f"/review/{registered_brand.reference}/", "Agree to deactivation"

        client.force_login(two_hats)
        hers = text_of(client.get(url))
        client.force_login(dave)
        his = text_of(client.get(url))

        assert button not in hers and "You asked for this; somebody else approves it." in hers
        assert button in his

    def test_a_conflict_is_settled_with_a_word(self, as_carol, registered_brand):
        raise_conflict(registered_brand, "Two words.", actor=Actor.PLIVO, cause=Cause.CALLBACK)

        page = as_carol.get(f"/review/{registered_brand.reference}/")

        assert "Settle the conflict" in text_of(page)
        assert f"/brands/{registered_brand.reference}/act/settle-conflict/" in str(page.content)


class TestUndecided:
    @pytest.fixture
    def undecided(self, draft_brand, submit):
        submission = submit(draft_brand)
        Submission.objects.update(
            state=State.NEEDS_DECISION,
            unknown_since=timezone.now(),
            called_at=timezone.now(),
            absences=3,
            attempts=1,
            api_id="api-77",
            error="The answer was lost.",
        )
        submission.refresh_from_db()
        return submission

    def buttons(self, client, person, submission):
        client.force_login(person)
        page = client.get(f"/review/{submission.registration.reference}/")
        return re.findall(r'name="decision" value="\w+">([^<]+)<', page.content.decode()), page

    def test_the_evidence_so_far_is_told(self, client, carol, undecided):
        _, page = self.buttons(client, carol, undecided)

        said = text_of(page)
        for told in ("api-77", "The answer was lost.", "attempt 1", "3 times, no trace found"):
            assert told in said

    def test_each_of_two_people_sees_what_a_click_would_mean(
        self, client, carol, dave, audrey, undecided
    ):
        actions.decide(undecided, "send_again", by=carol)

        hers, her_page = self.buttons(client, carol, undecided)
        his, his_page = self.buttons(client, dave, undecided)
        none, _ = self.buttons(client, audrey, undecided)

        assert hers == ["Propose: withdraw"]
        assert his == ["Agree: send again", "Propose: withdraw"]
        assert none == []
        assert "You proposed what to do" in text_of(her_page)
        assert "carol proposes: send again" in text_of(his_page)

    def test_one_person_decides_where_two_are_not_asked_for(
        self, client, carol, undecided, settings
    ):
        settings.FOUR_EYES = False

        assert self.buttons(client, carol, undecided)[0] == ["Send again", "Withdraw"]


class TestApprovingSeveral:
    @pytest.fixture
    def look(self, as_carol):
        def look(*registrations):
            ticked = [registration.reference for registration in registrations]
            return as_carol.get("/review/approve/", {"tick": ticked})

        return look

    def seen_on(self, page):
        return re.findall(r'name="approve" value="([^"]+)"', page.content.decode())

    def test_the_page_before_says_what_each_sends_and_what_all_cost(
        self, look, in_review, make_campaign, alice
    ):
        brand, campaign = in_review(secondary_vetting=True), make_campaign()
        actions.send_for_review(campaign, by=alice)

        page = look(brand, campaign)

        said = text_of(page)
        assert "2 requests, $61.00 now, not refunded." in said
        assert "Campaign review $15.00" in said
        assert campaign.description in said
        assert actions.preview(brand).findings[0].message in said
        assert "3456780" not in page.content.decode()
        assert not Submission.objects.exists()

    def test_each_is_approved_by_itself(self, as_carol, look, in_review):
        brands = [in_review() for _ in range(3)]

        response = as_carol.post("/review/approve/", {"approve": self.seen_on(look(*brands))})

        assert "3 of 3 approved" in text_of(response)
        assert "for $13.50" in text_of(response)
        assert set(Brand.objects.values_list("status", flat=True)) == {Status.QUEUED}

    def test_one_that_cannot_be_approved_keeps_no_other_back_and_is_told(
        self, as_carol, look, in_review, two_hats
    ):
        good, changed, blocked, own, gone = (in_review() for _ in range(5))
        seen = self.seen_on(look(good, changed, blocked, own, gone))
        Brand.objects.filter(pk=changed.pk).update(city="Oakland")
        blocked.ein = "12-34"
        blocked.save()
        digest = actions.preview(blocked).digest
        seen = [
            f"{blocked.reference}:{digest}" if text.startswith(blocked.reference) else text
            for text in seen
        ]
        Brand.objects.filter(pk=own.pk).update(requested_by=two_hats)
        actions.withdraw(gone, by=gone.requested_by)

        response = as_carol.post("/review/approve/", {"approve": seen})

        outcomes = {o.registration: o.kind for o in response.context["outcomes"]}
        assert outcomes == {
            good: "approved",
            changed: "changed",
            blocked: "blocked",
            own: "not_allowed",
            gone: "not_allowed",
        }
        assert "1 of 5 approved" in text_of(response)
        assert [submission.brand for submission in Submission.objects.all()] == [good]

    def test_ones_own_and_what_is_blocked_are_left_out_with_the_reason(
        self, look, in_review, two_hats
    ):
        good, own, blocked = in_review(), in_review(by=two_hats), in_review()
        blocked.ein = "12-34"
        blocked.save()

        page = look(good, own, blocked)

        assert [text.partition(":")[0] for text in self.seen_on(page)] == [good.reference]
        assert "You asked for this; somebody else approves it." in text_of(page)
        assert "would certainly be refused" in text_of(page)

    def test_a_database_that_gives_way_is_told_and_the_others_go_on(self, in_review, carol):
        first, second = in_review(), in_review()
        seen = [(brand, actions.preview(brand).digest) for brand in (first, second)]
        lost = iter([True])

        def lose_one(execute, sql, params, many, context):
            if "INSERT" in sql and "registrations_submission" in sql and next(lost, False):
                raise OperationalError("The server closed the connection.")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(lose_one):
            outcomes = actions.approve_several(seen, by=carol)

        assert [outcome.kind for outcome in outcomes] == ["failed", "approved"]
        first.refresh_from_db()
        assert first.status == Status.IN_REVIEW

    def test_nothing_ticked_leads_back(self, as_carol):
        assert as_carol.get("/review/approve/").url == "/review/"
        assert as_carol.post("/review/approve/").url == "/review/"

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_an_unknown_reference_spoils_all(self, as_carol, in_review, method):
        brand = in_review()
        seen = f"{brand.reference}:{actions.preview(brand).digest}"
        given = {"tick": [brand.reference, "BR-NOWHERE0"], "approve": [seen, "BR-NOWHERE0:x"]}

        response = getattr(as_carol, method)("/review/approve/", given)

        assert response.status_code == 404
        assert not Submission.objects.exists()

    def test_there_is_a_limit(self, as_carol, many_in_review):
        response = as_carol.get("/review/approve/", {"tick": many_in_review(51)})

        assert response.status_code == 400


class TestWhoMay:
    def test_the_desk_is_closed_to_marketers(self, client, alice, bob, in_review):
        brand = in_review()
        pages = ["/review/", "/review/counts/", "/review/approve/", f"/review/{brand.reference}/"]
        for person in (alice, bob):
            client.force_login(person)

            assert {client.get(page).status_code for page in pages} == {403}
            for deed in (f"{brand.reference}/approve", f"{brand.reference}/return", "approve"):
                assert client.post(f"/review/{deed}/", {"note": "x"}).status_code == 403

    @pytest.mark.parametrize("person", ["audrey", "oscar"])
    def test_auditors_and_operators_read_and_have_no_buttons(
        self, client, person, in_review, request
    ):
        brand = in_review()
        client.force_login(request.getfixturevalue(person))

        queue, page = client.get("/review/"), client.get(f"/review/{brand.reference}/")

        assert brand.reference in text_of(queue)
        assert 'name="tick"' not in queue.content.decode()
        assert "Acme Inc." in text_of(page)
        for button in ("Approve and send to Plivo", "Return to the marketer", "<textarea"):
            assert button not in page.content.decode()

    @pytest.mark.parametrize("person", ["audrey", "oscar", "carol"])
    def test_forged_posts_of_those_who_may_not_change_nothing(
        self, client, person, in_review, two_hats, request
    ):
        brand = in_review(by=two_hats)
        digest = actions.preview(brand).digest
        client.force_login(request.getfixturevalue(person))

        client.post(f"/review/{brand.reference}/approve/", {"digest": digest})
        client.post("/review/approve/", {"approve": f"{brand.reference}:{digest}"})
        client.post(f"/brands/{brand.reference}/act/approve/", {"digest": digest})

        brand.refresh_from_db()
        assert brand.status == Status.IN_REVIEW
        assert not Submission.objects.exists()

    def test_a_company_of_one_is_told_that_it_is_recorded(
        self, client, in_review, two_hats, settings
    ):
        settings.FOUR_EYES = False
        brand = in_review(by=two_hats)
        client.force_login(two_hats)
        page = client.get(f"/review/{brand.reference}/")

        client.post(f"/review/{brand.reference}/approve/", {"digest": digest_on(page)})

        assert "You approve your own request; this is recorded." in text_of(page)
        assert Submission.objects.get().self_approved


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("shared_database")
class TestAtTheSameMoment:
    def test_two_who_approve_the_same_make_one_submission(self, in_review, carol, dave):
        brand = in_review()
        digest = actions.preview(brand).digest
        gate, outcomes = Barrier(4), []

        def approve_as(person):
            try:
                fresh = Brand.objects.get(pk=brand.pk)
                gate.wait()
                [outcome] = actions.approve_several([(fresh, digest)], by=person)
                outcomes.append(outcome.kind)
            finally:
                connection.close()

        threads = [Thread(target=approve_as, args=[person]) for person in (carol, dave) * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(outcomes) == ["approved", "not_allowed", "not_allowed", "not_allowed"]
        assert Submission.objects.count() == 1
        assert brand.trail.filter(to_status=Status.QUEUED).count() == 1
