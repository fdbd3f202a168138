"""The page of one registration: where it stands, what one can do, and what happened."""

import re
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from callbacks.models import Callback
from registrations import actions, story
from registrations.lifecycle import Actor, Cause, Status, move_to, note, raise_conflict
from registrations.models import (
    Deed,
    NumberLink,
    SecurityEvent,
    State,
    Submission,
)
from registrations.models.submission import token_digest
from registrations.standing import standing
from tests.callbacks.conftest import call, take

pytestmark = pytest.mark.django_db

HOSTILE = '"><img src=x onerror=alert(1)>'
TURNED = "\u202egnp.exe\u202c"


@pytest.fixture
def page_for(client):
    """The page of a registration as this person sees it."""

    def page_for(person, registration, query=""):
        client.force_login(person)
        return client.get(registration.get_absolute_url() + query).content.decode()

    return page_for


@pytest.fixture
def submitted_brand(draft_brand, submit):
    take(call(submit(draft_brand)), "BTEST02")
    draft_brand.refresh_from_db()
    return draft_brand


@pytest.fixture
def linked(registered_campaign, alice):
    [link] = actions.link_numbers(registered_campaign, ["14155550100"], by=alice)
    take(call(link.latest_submission))
    plivo_moves(link, Status.LINK_CREATED, Status.LINKED)
    return link


def plivo_moves(registration, *statuses, cause=Cause.CALLBACK, actor=Actor.PLIVO):
    submission = registration.latest_submission
    for status in statuses:
        move_to(registration, status, actor=actor, cause=cause, submission=submission)
    registration.refresh_from_db()


def text_of(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def steps_of(registration):
    registration.refresh_from_db()
    return [(step.label, step.place) for step in standing(registration, None).steps]


def stops(html):
    """The line of steps as it is read out."""
    line = re.search(r'<ol class="steps".*?</ol>', html, re.S).group(0)
    return [text_of(step) for step in re.findall(r"<li.*?</li>", line, re.S)]


class TestTheLineOfSteps:
    def test_a_draft_has_its_whole_way_ahead(self, draft_brand):
        assert steps_of(draft_brand) == [
            ("Draft", "here"),
            ("In review", "ahead"),
            ("Queued", "ahead"),
            ("Submitted", "ahead"),
            ("Created", "ahead"),
            ("Registered", "ahead"),
            ("Confirmed", "ahead"),
        ]

    def test_steps_are_read_out_with_the_moments_they_were_reached(
        self, page_for, alice, draft_brand, submit
    ):
        with time_machine.travel("2026-03-12T10:31Z", tick=False):
            submission = submit(draft_brand)
        with time_machine.travel("2026-03-12T10:45Z", tick=False):
            take(call(submission), "BTEST02")

        page = page_for(alice, draft_brand)

        assert stops(page)[1:6] == [
            "In review , reached 12 Mar 10:31",
            "Queued , reached 12 Mar 10:31",
            "Submitted , reached 12 Mar 10:45",
            "Created , not reached yet",
            "Registered , not reached yet",
        ]
        assert re.search(r'aria-current="step">\s*<span class="stop">Submitted<', page)

    def test_a_step_that_plivo_passed_over_is_told_as_that(self, page_for, alice, submitted_brand):
        plivo_moves(submitted_brand, Status.REGISTERED)

        assert "Created , passed over" in stops(page_for(alice, submitted_brand))

    def test_a_rejection_ends_the_line_where_it_happened(self, submitted_brand):
        plivo_moves(submitted_brand, Status.CREATED, Status.REJECTED)

        assert steps_of(submitted_brand)[-4:] == [
            ("Submitted", "passed"),
            ("Created", "passed"),
            ("Rejected", "here"),
            ("Confirmed", "ahead"),
        ]

    def test_another_round_begins_its_own_line(self, submitted_brand, alice):
        plivo_moves(submitted_brand, Status.CREATED, Status.REJECTED)
        actions.revise(submitted_brand, by=alice)

        assert steps_of(submitted_brand)[:2] == [("Draft", "here"), ("In review", "ahead")]
        actions.send_for_review(submitted_brand, by=alice)
        assert steps_of(submitted_brand)[:3] == [
            ("Draft", "passed"),
            ("In review", "here"),
            ("Queued", "ahead"),
        ]

    def test_what_ended_is_confirmed_by_no_more_than_a_look_up(self, registered_brand):
        assert steps_of(registered_brand)[-2:] == [("Registered", "here"), ("Confirmed", "passed")]

    def test_a_number_goes_the_way_of_linking_and_then_of_unlinking(self, linked, alice):
        there = steps_of(linked)
        actions.unlink(linked, by=alice)
        back = steps_of(linked)

        assert there == [
            ("Link queued", "passed"),
            ("Link submitted", "passed"),
            ("Link created", "passed"),
            ("Linked", "here"),
            ("Confirmed", "ahead"),
        ]
        assert back[:3] == [
            ("Linked", "passed"),
            ("Unlink queued", "here"),
            ("Unlink submitted", "ahead"),
        ]
        assert all(step.at for step in standing(linked, None).steps[:2])

    def test_an_unlinking_that_was_stopped_leaves_the_number_linked(self, linked, alice, carol):
        actions.unlink(linked, by=alice)
        actions.take_back(linked, by=carol)

        assert steps_of(linked)[3] == ("Linked", "here")


class TestHowSureItIs:
    def test_what_a_callback_said_is_reported(self, page_for, alice, submitted_brand):
        plivo_moves(submitted_brand, Status.REGISTERED)

        page = page_for(alice, submitted_brand)

        assert "Reported by a callback, not yet confirmed by a look-up." in page
        assert 'class="confirmed"' not in page

    def test_what_a_look_up_agreed_with_is_confirmed(self, page_for, alice, registered_brand):
        page = page_for(alice, registered_brand)

        assert "Confirmed by a look-up at Plivo" in page
        assert 'class="reported"' not in page

    def test_a_contradiction_shows_both_words_and_how_it_ends(
        self, page_for, carol, registered_brand
    ):
        raise_conflict(
            registered_brand,
            "It stood at registered, and a callback says rejected.",
            actor=Actor.PLIVO,
            cause=Cause.CALLBACK,
        )

        page = page_for(carol, registered_brand)

        assert "It stood at registered, and a callback says rejected." in page
        assert "Two look-ups at Plivo that agree" in page
        assert "Settle the conflict" in page
        assert steps_of(registered_brand)[-1] == ("Confirmed", "ahead")
        assert "Confirmed by a look-up" not in page

    def test_an_unknown_outcome_is_no_failure_and_cannot_be_sent_again_by_one(
        self, page_for, carol, draft_brand, submit
    ):
        submit(draft_brand)
        Submission.objects.update(state=State.UNKNOWN, error="No answer came.")

        page = page_for(carol, draft_brand)

        assert "verifying with Plivo" in page
        assert "Nothing has failed" in page
        assert "Send again" not in page

    def test_a_decision_by_two_shows_who_proposed_what(
        self, page_for, carol, dave, draft_brand, submit
    ):
        submission = submit(draft_brand)
        Submission.objects.update(state=State.NEEDS_DECISION)
        submission.refresh_from_db()
        actions.decide(submission, "withdraw", by=carol)

        hers, his = (text_of(page_for(who, draft_brand)) for who in (carol, dave))

        assert "carol proposes: withdraw. Somebody else has to agree." in hers
        assert "carol proposes: withdraw." in his
        assert "Somebody else has to agree" not in his


class TestWhatToDo:
    def test_what_brings_it_forward_comes_first(self, page_for, carol, draft_brand, alice):
        actions.send_for_review(draft_brand, by=alice)

        page = page_for(carol, draft_brand)

        assert page.index("Approve and send to Plivo") < page.index("Return to the marketer")
        assert "Compliance looks at it" in page

    def test_who_asked_is_told_that_somebody_else_agrees(self, page_for, carol, registered_brand):
        actions.ask_deactivation(registered_brand, by=carol)

        page = page_for(carol, registered_brand)

        assert "Agree to deactivation: you asked for this yourself" in page

    def test_a_refusal_stands_word_for_word_with_its_code_and_field(
        self, page_for, alice, submitted_brand
    ):
        plivo_moves(submitted_brand, Status.REJECTED)
        type(submitted_brand).objects.update(
            reasons=[{"code": "1101", "text": "company_name does not match the EIN."}]
        )

        page = page_for(alice, submitted_brand)

        assert "<code>1101</code>" in page
        assert "company_name does not match the EIN." in page
        assert "It speaks of the field “Legal company name”" in page
        assert "It is corrected and sent again, which costs the fee again." in page

    def test_what_compliance_noted_stands_at_the_top_and_beside_the_field(
        self, page_for, alice, carol, draft_brand
    ):
        actions.send_for_review(draft_brand, by=alice)
        actions.send_back(
            draft_brand, by=carol, note="Nearly.", field_notes={"website": "It does not open."}
        )

        page = page_for(alice, draft_brand)

        assert "Returned by compliance" in page and "Nearly." in page
        assert page.count("It does not open.") >= 2


class TestTheTrail:
    def test_each_line_tells_who_and_why(self, page_for, alice, submitted_brand):
        trail = text_of(page_for(alice, submitted_brand).split('id="lines"')[1])

        assert "Submitted The portal Plivo's answer to our request request no. 1" in trail
        assert "Queued carol Compliance, a person's decision" in trail

    def test_a_callback_opens_beside_the_line_it_caused(
        self, page_for, alice, submitted_brand, plivo_says
    ):
        plivo_says(submitted_brand.latest_submission, type="brand", status="COMPLETED")

        page = page_for(alice, submitted_brand)

        lines = page.split('id="lines"')[1].split("</ol>")[0]
        assert lines.count('class="callback"') == 1
        assert "status=COMPLETED" in lines
        assert "X-Plivo-Signature-V2" in lines

    def test_a_callback_that_changed_nothing_stands_with_its_request(
        self, page_for, alice, submitted_brand, plivo_says
    ):
        plivo_says(submitted_brand.latest_submission, type="brand", status="who knows")

        page = page_for(alice, submitted_brand)

        assert 'class="callback"' in page.split('id="requests"')[1]
        assert 'class="callback"' not in page.split('id="requests"')[0]

    def test_signatures_are_for_the_house_and_the_address_for_nobody(
        self, page_for, alice, carol, submitted_brand, plivo_says, client
    ):
        submission = submitted_brand.latest_submission
        plivo_says(submission, type="brand", status="COMPLETED")
        headers = Callback.objects.get().headers
        signature = headers["X-Plivo-Signature-V2"]
        token = submission.callback_url.rstrip("/").rpartition("/")[2]

        hers, his = page_for(alice, submitted_brand), page_for(carol, submitted_brand)

        assert signature in his and signature not in hers
        assert token not in his and token not in hers
        assert token[:6] not in hers

    def test_a_proxys_copy_of_the_address_is_cut(self, page_for, carol, submitted_brand):
        submission = submitted_brand.latest_submission
        token = submission.callback_url.rstrip("/").rpartition("/")[2]
        assert submission.callback_token_digest == token_digest(token)
        Callback.objects.create(
            submission=submission,
            account=submission.account,
            outcome=Callback.Outcome.NOTED,
            headers={"X-Original-Uri": f"/callbacks/plivo/{token}/"},
        )

        page = page_for(carol, submitted_brand)

        assert f"/callbacks/plivo/{token[:6]}…/" in page
        assert token not in page

    def test_a_request_shows_what_was_asked_and_answered_without_the_tax_id(
        self, page_for, carol, submitted_brand
    ):
        Submission.objects.update(
            answer='{"api_id": "api-1", "error": "EIN 12-3456780 is odd"}',
            answer_status=400,
            api_id="api-1",
            error="123456780 is no EIN",
        )

        page = page_for(carol, submitted_brand)

        assert "profile company_name" in page and "Acme Inc." in page
        assert "&quot;api_id&quot;: &quot;api-1&quot;" in page
        assert "3456780" not in page
        assert page.count("•••••6780") >= 4

    def test_the_newest_fifty_lines_come_first_and_the_others_on_earlier_pages(
        self, page_for, alice, draft_brand
    ):
        for number in range(2, 121):
            note(draft_brand, f"Line {number}.", actor=Actor.PORTAL, cause=Cause.LOOKUP)

        first = page_for(alice, draft_brand)
        second = page_for(alice, draft_brand, "?before=71")
        whole = page_for(alice, draft_brand, "?whole")

        assert [f"Line {n}." in first for n in (120, 71, 70)] == [True, True, False]
        assert 'href="?before=71#trail"' in first
        assert [f"Line {n}." in second for n in (71, 70, 21, 20)] == [False, True, True, False]
        assert all(f"Line {n}." in whole for n in range(2, 121))

    @pytest.mark.parametrize(
        "query", ["?before=x", "?before=-1", "?before=9999999999", "?before=²"]
    )
    def test_an_odd_address_shows_the_newest(self, page_for, alice, draft_brand, query):
        assert "line-1" in page_for(alice, draft_brand, query)


class TestConstantCost:
    def cost(self, client, url):
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    def lengthen(self, brand, entries, submissions, callbacks):
        for number in range(entries):
            note(brand, f"Line {number}.", actor=Actor.PORTAL, cause=Cause.LOOKUP)
        first = brand.submissions.order_by("generation").first()
        for generation in range(2, submissions + 2):
            Submission.objects.create(
                brand=brand,
                account=brand.account,
                generation=generation,
                operation=first.operation,
                payload=first.payload,
                payload_digest=first.payload_digest,
                approved_digest=first.payload_digest,
                fee_expected=4,
                requested_by=first.requested_by,
                approved_by=first.approved_by,
                state=State.ACCEPTED,
                answer="{}",
            )
        about = {"account": brand.account, "outcome": Callback.Outcome.APPLIED, "body": b"a=b"}
        for entry in brand.trail.order_by("-sequence")[: callbacks // 2]:
            Callback.objects.create(submission=first, entry=entry, **about)
        latest = brand.submissions.order_by("-generation").first()
        for _ in range(callbacks // 2):
            Callback.objects.create(submission=latest, **about)

    def test_a_long_story_costs_no_more_queries_than_a_short_one(
        self, client, carol, make_brand, submit
    ):
        client.force_login(carol)
        short, long = make_brand(), make_brand(name="Long", ein="12-3456781")
        for brand, size in ((short, (5, 1, 2)), (long, (500, 30, 200))):
            take(call(submit(brand)), f"B{brand.pk}")
            self.lengthen(brand, *size)

        costs = [self.cost(client, brand.get_absolute_url()) for brand in (short, long)]

        assert long.trail.count() > 500
        assert costs[0] == costs[1] < 30

    def test_many_neighbours_cost_no_more_than_one(
        self, client, alice, registered_campaign, make_campaign_on
    ):
        client.force_login(alice)
        brand = registered_campaign.brand
        one = self.cost(client, brand.get_absolute_url())
        for number in range(12):
            make_campaign_on(brand, name=f"Campaign {number}")

        many = self.cost(client, brand.get_absolute_url())
        page = client.get(brand.get_absolute_url()).content.decode()

        assert many == one
        assert page.split('id="neighbours"')[1].split("</section>")[0].count("<tr>") == 1 + 10
        assert f'<a href="/campaigns/?brand={brand.reference}">All 13</a>' in page


class TestItUpdatesItself:
    @pytest.fixture
    def poll(self, client):
        """Ask for news as the open page does."""

        def poll(page):
            [address] = re.findall(r'hx-get="([^"]+/live/[^"]+)"', page)
            return client.get(unescape(address), headers={"HX-Request": "true"})

        return poll

    def test_there_is_no_news_of_what_is_shown_and_asking_costs_two_queries(
        self, page_for, poll, alice, submitted_brand
    ):
        page = page_for(alice, submitted_brand)

        with CaptureQueriesContext(connection) as captured:
            answer = poll(page)

        asked = [q["sql"] for q in captured if "django_session" not in q["sql"]]
        asked = [sql for sql in asked if "auth_" not in sql]
        assert answer.status_code == 204
        assert len(asked) == 2
        assert 'last_lookup",' not in asked[0] and "ein" not in asked[0]

    def test_news_brings_only_the_lines_that_are_new(
        self, page_for, poll, alice, submitted_brand, plivo_says
    ):
        page = page_for(alice, submitted_brand)
        plivo_says(submitted_brand.latest_submission, type="brand", status="COMPLETED")

        news = poll(page).content.decode()

        assert "Registered" in text_of(re.search(r'class="stand">(.*?)<small>', news, re.S)[1])
        assert news.count('<li id="line-') == 1
        assert 'hx-swap-oob="afterbegin:#lines"' in news
        assert poll(news).status_code == 204

    def test_what_somebody_writes_beside_the_buttons_stays_while_they_do(
        self, page_for, poll, carol, draft_brand, alice
    ):
        actions.send_for_review(draft_brand, by=alice)
        page = page_for(carol, draft_brand)
        actions.comment(draft_brand, by=alice, text="Please be quick.")
        same = poll(page).content.decode()
        actions.withdraw(draft_brand, by=alice)
        others = poll(page).content.decode()

        assert "Please be quick." in same
        assert 'id="verbs"' not in same
        assert 'id="verbs"' in others

    def test_an_earlier_part_of_the_trail_is_no_place_for_news(
        self, page_for, poll, alice, draft_brand
    ):
        for number in range(60):
            note(draft_brand, f"Line {number}.", actor=Actor.PORTAL, cause=Cause.LOOKUP)
        page = page_for(alice, draft_brand, "?before=20")
        note(draft_brand, "News.", actor=Actor.PORTAL, cause=Cause.LOOKUP)

        news = poll(page)

        assert news.status_code == 200
        assert 'id="line-' not in news.content.decode()

    def test_who_was_signed_out_is_told_so_on_the_open_page(
        self, page_for, poll, client, alice, draft_brand
    ):
        page = page_for(alice, draft_brand)
        client.logout()

        answer = poll(page)

        assert "You are signed out" in answer.content.decode()
        assert draft_brand.name not in answer.content.decode()
        assert client.get(reverse("brand-live", args=[draft_brand.reference])).status_code == 302

    def test_a_callback_that_moved_nothing_is_news_too(
        self, page_for, poll, alice, submitted_brand, plivo_says
    ):
        page = page_for(alice, submitted_brand)
        plivo_says(submitted_brand.latest_submission, type="brand", status="who knows")

        assert "who knows" in poll(page).content.decode()


class TestComments:
    @pytest.mark.parametrize("person", ["alice", "carol", "oscar"])
    def test_who_works_on_it_comments_and_all_read_it(
        self, person, request, client, page_for, audrey, draft_brand
    ):
        person = request.getfixturevalue(person)
        client.force_login(person)

        answer = client.post(
            draft_brand.get_absolute_url() + "comment/", {"comment": "Mind the\r\nwebsite."}
        )

        assert answer.url == draft_brand.get_absolute_url() + "#trail"
        entry = draft_brand.trail.first()
        assert (entry.user, entry.moved, entry.cause) == (person, False, "person")
        page = page_for(audrey, draft_brand)
        assert f"<b>{person}</b> commented" in page
        assert ">Mind the\nwebsite.</blockquote>" in page

    def test_an_auditor_only_reads(self, client, page_for, audrey, draft_brand):
        assert "Add the comment" not in page_for(audrey, draft_brand)
        before = draft_brand.trail.count()

        comment = draft_brand.get_absolute_url() + "comment/"

        answer = client.post(comment, {"comment": "x"}, follow=True)

        assert "Auditors only read." in answer.content.decode()
        assert draft_brand.trail.count() == before

    def test_a_foreign_registration_takes_no_comment(self, client, bob, draft_brand):
        client.force_login(bob)

        answer = client.post(draft_brand.get_absolute_url() + "comment/", {"comment": "x"})

        assert answer.status_code == 404

    @pytest.mark.parametrize(
        ("text", "why"), [("  ", "is empty"), ("x" * 2001, "2,001 characters")]
    )
    def test_one_that_cannot_be_kept_stays_in_its_box(self, client, alice, draft_brand, text, why):
        client.force_login(alice)

        page = client.post(
            draft_brand.get_absolute_url() + "comment/", {"comment": text}
        ).content.decode()

        assert why in page
        assert f">{text}</textarea>" in page

    def test_two_thousand_characters_are_kept(self, draft_brand, alice):
        actions.comment(draft_brand, by=alice, text="x" * 2000)

        assert draft_brand.trail.first().note.endswith("x" * 2000)

    def test_a_comment_moves_nothing_and_is_no_button(self, page_for, alice, draft_brand):
        actions.comment(draft_brand, by=alice, text="Hello")
        draft_brand.refresh_from_db()

        assert draft_brand.status == Status.DRAFT
        assert "/act/comment/" not in page_for(alice, draft_brand)


class TestTheTaxId:
    REASON = "The bank asks for it."

    def reveal(self, client, brand, reason=REASON):
        return client.post(brand.get_absolute_url() + "reveal/", {"reason": reason})

    def test_compliance_sees_it_once_and_it_is_written_down(self, client, carol, draft_brand):
        client.force_login(carol)

        answer = self.reveal(client, draft_brand)

        assert "12-3456780" in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        entry = draft_brand.trail.first()
        assert entry.note == f"Looked at the tax id: {self.REASON}"
        assert (entry.user, entry.moved) == (carol, False)
        event = SecurityEvent.objects.get(deed=Deed.REVEALED)
        assert (event.user, event.peer) == (carol, "127.0.0.1")
        assert draft_brand.reference in event.detail
        assert "3456780" not in event.detail + entry.note
        after = client.get(draft_brand.get_absolute_url()).content.decode()
        assert "12-3456780" not in after and "123456780" not in after

    @pytest.mark.parametrize("person", ["alice", "audrey", "oscar"])
    def test_nobody_else_does(self, person, request, client, page_for, draft_brand):
        person = request.getfixturevalue(person)
        assert "whole tax id" not in page_for(person, draft_brand)

        answer = self.reveal(client, draft_brand)

        assert answer.status_code == 302
        page = client.get(answer.url).content.decode()
        assert "Compliance staff look at tax ids." in page
        assert "12-3456780" not in page
        assert not SecurityEvent.objects.filter(deed=Deed.REVEALED).exists()

    def test_it_takes_a_reason_and_a_post(self, client, carol, draft_brand):
        client.force_login(carol)

        answer = self.reveal(client, draft_brand, reason=" ")

        assert "The reason is empty." in answer.content.decode()
        assert "12-3456780" not in answer.content.decode()
        assert not SecurityEvent.objects.filter(deed=Deed.REVEALED).exists()
        assert client.get(draft_brand.get_absolute_url() + "reveal/").status_code == 405

    def test_a_foreign_brand_has_none(self, client, bob, draft_brand):
        client.force_login(bob)

        assert self.reveal(client, draft_brand).status_code == 404


class TestWhateverIsWritten:
    def test_it_is_text_wherever_it_stands(self, page_for, carol, alice, make_brand, submit):
        brand = make_brand(
            name=HOSTILE,
            company_name=HOSTILE,
            website=HOSTILE,
            street=HOSTILE,
            contact_first_name=HOSTILE,
        )
        type(brand).objects.filter(pk=brand.pk).update(
            reasons=[{"code": HOSTILE, "text": HOSTILE}],
            review_note=HOSTILE,
            conflict=HOSTILE,
            field_notes={"website": HOSTILE},
        )
        brand.refresh_from_db()
        note(brand, HOSTILE, actor=Actor.PORTAL, cause=Cause.LOOKUP)
        actions.comment(brand, by=alice, text=HOSTILE)
        Submission.objects.create(
            brand=brand,
            account=brand.account,
            generation=1,
            operation="register_brand",
            payload={HOSTILE: {HOSTILE: [HOSTILE]}},
            fee_expected=4,
            requested_by=alice,
            approved_by=carol,
            state=State.REFUSED,
            answer=HOSTILE,
            error=HOSTILE,
            api_id=HOSTILE,
        )
        Callback.objects.create(
            submission=brand.latest_submission,
            account=brand.account,
            outcome=Callback.Outcome.UNRECOGNISED,
            method="POST",
            query=HOSTILE,
            headers={HOSTILE: HOSTILE, "Content-Type": "application/json"},
            body=f'{{"{HOSTILE[2:]}": "x"}}'.encode(),
            word=HOSTILE,
            explanation=HOSTILE,
            peer=HOSTILE,
        )

        page = page_for(carol, brand)

        assert "<img src=x" not in page
        assert page.count("&lt;img src=x") > 20

    def test_what_turns_text_around_or_is_invisible_is_written_out_in_evidence(
        self, page_for, carol, submitted_brand
    ):
        Callback.objects.create(
            submission=submitted_brand.latest_submission,
            account=submitted_brand.account,
            outcome=Callback.Outcome.NOTED,
            headers={"X-Odd": "a\r\nSet-Cookie: b"},
            body=f"name={TURNED}\x00".encode(),
        )

        page = page_for(carol, submitted_brand)

        assert "\u202e" not in page
        assert "⟨U+202E⟩gnp.exe⟨U+202C⟩␀" in page
        assert "a␍\nSet-Cookie: b" in page

    def test_64_kib_are_shown_whole_in_a_frame(self, page_for, carol, submitted_brand):
        Callback.objects.create(
            submission=submitted_brand.latest_submission,
            account=submitted_brand.account,
            outcome=Callback.Outcome.NOTED,
            body=b"y" * 65536,
        )

        assert "y" * 65536 in page_for(carol, submitted_brand)


def test_the_head_of_a_print_tells_what_who_and_when(page_for, audrey, draft_brand):
    page = text_of(page_for(audrey, draft_brand))

    assert f"Brand {draft_brand.reference} of Acme Inc., printed " in page
    assert "by audrey" in page


def test_a_number_leads_to_its_campaign_and_brand_page_knows_its_campaigns(page_for, alice, linked):
    campaign = linked.campaign
    assert NumberLink.objects.get() == linked

    assert campaign.get_absolute_url() in page_for(alice, linked)
    assert linked.get_absolute_url() in page_for(alice, campaign)
    assert campaign.get_absolute_url() in page_for(alice, campaign.brand)
    assert campaign.brand.get_absolute_url() in page_for(alice, campaign)


def test_the_requests_come_in_parts_too(page_for, alice, submitted_brand):
    first = submitted_brand.latest_submission
    TestConstantCost().lengthen(submitted_brand, 0, story.REQUESTS + 2, 0)

    newest = page_for(alice, submitted_brand)
    earlier = page_for(alice, submitted_brand, "?requests_before=4")

    assert f'id="request-{first.generation}"' not in newest
    assert 'href="?requests_before=4#requests"' in newest
    assert f'id="request-{first.generation}"' in earlier


def test_an_earlier_part_still_tells_what_is_on_its_way_now(page_for, alice, submitted_brand):
    TestConstantCost().lengthen(submitted_brand, 0, story.REQUESTS + 2, 0)
    newest = submitted_brand.latest_submission
    Submission.objects.filter(pk=newest.pk).update(state=State.UNKNOWN)

    earlier = page_for(alice, submitted_brand, "?requests_before=4")

    assert "verifying with Plivo" in earlier
    assert "requests_before=4" in earlier.split('id="live"')[1].split("</div>")[0]
