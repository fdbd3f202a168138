"""The inspector: every callback as it came, found by what can be asked, for those who may know."""

import csv
import io
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.contrib.messages import get_messages
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from callbacks import telling
from callbacks.models import Callback, Outcome, RefusedCount
from registrations.models import PlivoAccount, SecurityEvent
from tests.callbacks.conftest import outcomes, signed, standing

pytestmark = pytest.mark.django_db

LIST = "/callbacks/"
NASTY = '"><img src=x onerror=alert(1)>'


@pytest.fixture
def seen_by(client):
    """The page at an address as a person sees it."""

    def seen_by(person, url=LIST, **query):
        client.force_login(person)
        return client.get(url, query).content.decode()

    return seen_by


@pytest.fixture
def nobodys(knock, settings):
    """A callback at the fixed address that names nothing the portal knows."""

    def nobodys(body=b"brand_id=BNOBODY&status=registered", nonce="777"):
        url = settings.PUBLIC_URL + "/callbacks/plivo/"
        headers = signed(url, token=settings.PLIVO_AUTH_TOKEN, nonce=nonce)
        return knock(None, body, path="/callbacks/plivo/", headers=headers)

    return nobodys


def url_of(callback):
    return reverse("callback", args=[callback.pk])


def shown(html):
    """The numbers of the callbacks in the list, in their order."""
    return [int(number) for number in re.findall(r'id="callback-(\d+)"', html)]


def numbers(**facts):
    return list(Callback.objects.filter(**facts).order_by("-pk").values_list("pk", flat=True))


@pytest.fixture
def several(submission, campaign_submission, plivo_says, nobodys):
    """One of each: applied, repeat, forged, unrecognised; of brand, campaign and nobody."""
    plivo_says(submission, status="created")
    plivo_says(submission, status="created")
    plivo_says(campaign_submission, method="GET", status="registered")
    plivo_says(submission, token="not the token", status="registered")
    nobodys()
    assert outcomes() == ["applied", "repeat", "applied", "forged", "unrecognised"]


# --- Who sees what ---


@pytest.mark.parametrize("person", ["carol", "audrey", "oscar"])
def test_the_house_sees_every_callback_newest_first(person, request, seen_by, several):
    html = seen_by(request.getfixturevalue(person))

    assert shown(html) == numbers()


def test_a_marketer_sees_what_is_about_her_own_registrations(alice, seen_by, several):
    assert shown(seen_by(alice)) == numbers(submission__isnull=False)


def test_a_marketer_of_another_organization_sees_nothing(bob, client, seen_by, several):
    html = seen_by(bob)

    assert shown(html) == []
    assert "None has come yet" in html
    assert {client.get(reverse("callback", args=[pk])).status_code for pk in numbers()} == {404}
    assert len(_exported(client)) == 1
    assert all("<b>0</b>" in tile for tile in re.findall(r'<a class="tile".*?</a>', html))


def test_a_marketer_learns_nothing_of_what_nobody_owns(alice, client, seen_by, several):
    RefusedCount.objects.create(minute=timezone.now() - timedelta(hours=2), count=4711)

    html = seen_by(alice)

    assert "4711" not in html
    assert client.get(url_of(Callback.objects.get(submission=None))).status_code == 404


def test_a_marketer_sees_that_hers_was_refused_without_the_diagnosis_and_without_buttons(
    alice, seen_by, several
):
    html = seen_by(alice, url_of(Callback.objects.get(outcome="forged")))

    assert "Its signature does not hold." in html
    assert "Why it was refused" not in html
    assert "Verify again" not in html
    assert "token 1" not in html


def test_nobody_looks_without_signing_in(client, several):
    for url in [LIST, "/callbacks/news/", "/callbacks/test/", url_of(Callback.objects.first())]:
        assert client.get(url).url.startswith("/sign-in/")


@pytest.mark.parametrize("person", ["alice", "audrey"])
@pytest.mark.parametrize("deed", ["verify", "apply", "verify-all", "test"])
def test_only_compliance_and_operators_act(person, deed, request, client, several):
    client.force_login(request.getfixturevalue(person))
    of = {"verify": "forged", "apply": "applied"}.get(deed)
    arguments = [Callback.objects.filter(outcome=of).first().pk] if of else []

    answer = client.post(reverse(f"callback-{deed}", args=arguments))

    assert answer.status_code == 403
    assert not SecurityEvent.objects.filter(user=request.getfixturevalue(person)).exclude(
        deed="signed_in"
    )


# --- Filters ---


@pytest.mark.parametrize(
    ("query", "facts"),
    [
        ({"outcome": "forged"}, {"outcome": "forged"}),
        ({"outcome": ["forged", "repeat"]}, {"outcome__in": ["forged", "repeat"]}),
        ({"kind": "brand"}, {"submission__brand__isnull": False}),
        ({"kind": "campaign"}, {"submission__campaign__isnull": False}),
        ({"kind": "none"}, {"submission": None}),
        ({"kind": "number_linking"}, {"pk": 0}),
        ({"method": "GET"}, {"method": "GET"}),
        ({"scheme": "V2"}, {"scheme": "V2"}),
        ({"scheme": "none"}, {"scheme": ""}),
        ({"q": "BTEST02"}, {"submission__plivo_id": "BTEST02"}),
        ({"q": "CrEaTeD"}, {"word": "created"}),
        ({"q": "No live token"}, {"outcome": "forged"}),
        ({"q": "/callbacks/plivo/"}, {}),
        ({"q": "127.0.0.1"}, {}),
        ({"q": "no such thing"}, {"pk": 0}),
        ({"outcome": "applied", "kind": "campaign"}, {"submission__campaign__isnull": False}),
    ],
    ids=lambda query: str(query)[:40],
)
def test_callbacks_are_found_by_what_can_be_asked(query, facts, carol, seen_by, several):
    assert shown(seen_by(carol, **query)) == numbers(**facts)


def test_callbacks_are_found_by_registration_account_and_number(
    carol, seen_by, several, submission, account
):
    reference, first = submission.registration.reference, numbers()[-1]
    other = PlivoAccount.objects.create(auth_id="MAOTHER")

    assert shown(seen_by(carol, registration=reference.lower())) == numbers(submission=submission)
    assert shown(seen_by(carol, registration="BR-00000000")) == []
    assert shown(seen_by(carol, registration=NASTY)) == []
    assert shown(seen_by(carol, account=account.pk)) == numbers(account=account)
    assert shown(seen_by(carol, account=other.pk)) == []
    assert first in shown(seen_by(carol, q=str(first)))


def test_times_are_meant_on_the_readers_clock(carol, client, seen_by, several):
    client.cookies["time_zone"] = "America/New_York"
    now = timezone.now()
    there = now.astimezone(ZoneInfo("America/New_York"))

    def around(hours):
        return (there + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")

    assert shown(seen_by(carol, since=around(-1), until=around(0))) == numbers()
    assert shown(seen_by(carol, since=around(1))) == []
    assert shown(seen_by(carol, until=around(-1))) == []


@pytest.mark.parametrize(
    "query",
    [
        {"outcome": "<script>"},
        {"kind": "brand' OR 1=1"},
        {"account": "9" * 400},
        {"account": "x"},
        {"scheme": "V9"},
        {"method": "DELETE"},
        {"since": "yesterday"},
        {"since": "0001-01-01T00:00"},
        {"until": "9999-12-31T23:59"},
        {"q": "a\x00b"},
        {"q": "x" * 5_000},
        {"registration": "\x00"},
    ],
    ids=lambda query: str(query)[:40],
)
def test_a_filter_that_is_not_understood_shows_nothing_and_says_so(
    query, carol, client, seen_by, several
):
    client.cookies["time_zone"] = "Asia/Kolkata"

    html = seen_by(carol, **query)

    assert shown(html) == []
    assert "A filter was not understood" in html
    assert "<script>" not in html.replace('<script src="', "")


@pytest.mark.parametrize(
    "query",
    [
        {"submission__account__tokens__token__startswith": "x"},
        {"ordering": "body"},
        {"q": "%"},
        {"q": "9" * 400},
        {"q": "\N{RIGHT-TO-LEFT OVERRIDE}"},
        {"before": "nonsense~1"},
        {"after": "2026-11-25T12:00:00Z~" + "9" * 99},
    ],
    ids=lambda query: str(query)[:40],
)
def test_what_is_no_filter_has_no_effect_and_breaks_nothing(query, carol, client, several):
    client.force_login(carol)

    assert client.get(LIST, query).status_code == 200


def test_what_was_typed_is_shown_again_as_text(carol, seen_by):
    html = seen_by(carol, q=NASTY)

    assert NASTY not in html
    assert "&quot;&gt;&lt;img" in html


# --- Reading on ---


def test_older_callbacks_are_reached_page_by_page_with_the_filters_kept(carol, seen_by, several):
    Callback.objects.bulk_create(
        Callback(method="POST", path="/callbacks/plivo/", body_digest="", outcome="late")
        for _ in range(60)
    )

    first = seen_by(carol, outcome="late")
    older = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = seen_by(carol, LIST + older)

    assert shown(first) + shown(second) == numbers(outcome="late")
    assert parse_qs(urlsplit(older).query)["outcome"] == ["late"]


def test_a_list_costs_the_same_however_long_it_is(
    carol, client, several, link, plivo_says, django_assert_max_num_queries
):
    client.force_login(carol)
    client.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        client.get(LIST)
    cost = len(queries)
    for _ in range(30):
        plivo_says(link.latest_submission, status="created")

    with django_assert_max_num_queries(cost):
        html = client.get(LIST).content.decode()

    assert len(shown(html)) == 35
    assert cost <= 9


def test_a_page_costs_the_same_however_often_the_callback_was_repeated(
    carol, client, submission, plivo_says, django_assert_max_num_queries
):
    client.force_login(carol)
    plivo_says(submission, nonce="1", status="registered")
    plivo_says(submission, nonce="1", status="registered")
    first = Callback.objects.get(outcome="applied")
    client.get(url_of(first))
    with CaptureQueriesContext(connection) as queries:
        client.get(url_of(first))
    cost = len(queries)
    for _ in range(20):
        plivo_says(submission, nonce="1", status="registered")

    with django_assert_max_num_queries(cost):
        html = client.get(url_of(first)).content.decode()

    assert html.count('data-outcome="repeat"') == 21


# --- Live ---


@pytest.fixture
def news(client):
    """Ask for news as the page does that shows this."""

    def news(html):
        address = re.search(r'hx-get="([^"]+)"', html)[1].replace("&amp;", "&")
        return client.get(address)

    return news


def test_nothing_new_is_no_content_and_cheap(
    carol, seen_by, several, news, django_assert_max_num_queries
):
    html = seen_by(carol)

    with django_assert_max_num_queries(7):
        answer = news(html)

    assert (answer.status_code, answer.content) == (204, b"")


def test_a_new_callback_appears_and_is_marked_as_new(
    carol, seen_by, several, news, submission, plivo_says
):
    html = seen_by(carol)
    plivo_says(submission, status="registered")

    answer = news(html)

    fresh = answer.content.decode()
    assert shown(fresh) == numbers()
    assert fresh.count('class="fresh"') == 1
    assert "1 new callback." in fresh
    assert news(fresh).status_code == 204


def test_news_keeps_to_the_filters(carol, seen_by, several, news, submission, plivo_says):
    html = seen_by(carol, outcome="forged")
    plivo_says(submission, status="registered")
    nothing_of_that_kind = news(html)
    plivo_says(submission, token="not the token")

    answer = news(html)

    assert nothing_of_that_kind.status_code == 204
    assert shown(answer.content.decode()) == numbers(outcome="forged")


def test_what_becomes_of_a_callback_later_is_news_too(
    carol, seen_by, several, news, make_brand, accepted
):
    html = seen_by(carol)
    Callback.objects.filter(outcome="unrecognised").update(outcome="noted")

    assert 'data-outcome="noted">Noted' in news(html).content.decode()


def test_a_marketer_gets_no_news_of_others(bob, seen_by, several, news, submission, plivo_says):
    html = seen_by(bob)
    plivo_says(submission, status="registered")
    RefusedCount.objects.create(minute=timezone.now() - timedelta(days=300), count=5)

    assert news(html).status_code == 204


def test_whoever_reads_older_ones_or_paused_is_left_in_peace(carol, seen_by, several):
    older = seen_by(carol, before=f"{timezone.now():%Y-%m-%dT%H:%M:%S.%fZ}~999999")
    paused = seen_by(carol, live="off", outcome="forged")

    assert "hx-get" not in older.split('id="live"')[1]
    assert "hx-get" not in paused.split('id="live"')[1]
    assert 'href="?outcome=forged">Go on</a>' in paused


@pytest.mark.parametrize("seen", ["", "~", "x~y", "~" + "9" * 400, "~-1", "~²"])
def test_whatever_a_page_claims_to_have_seen_it_gets_the_news(seen, carol, client, several):
    client.force_login(carol)

    assert client.get("/callbacks/news/", {"seen": seen}).status_code == 200


# --- Counts and export ---


def test_the_last_day_is_counted_by_outcome_and_so_are_refusals(carol, seen_by, several):
    yesterday = timezone.now() - timedelta(days=2)
    Callback.objects.create(
        method="POST", path="/", body_digest="", outcome="applied", received_at=yesterday
    )
    RefusedCount.objects.create(minute=timezone.now() - timedelta(hours=2), count=1234)
    RefusedCount.objects.create(minute=yesterday, count=99)

    html = seen_by(carol)

    tiles = dict(re.findall(r'class="tile" href="\?outcome=(\w+)"[^>]*><b>(\d+)</b>', html))
    assert tiles == dict.fromkeys(Outcome.values, "0") | {
        "applied": "2",
        "repeat": "1",
        "forged": "1",
        "unrecognised": "1",
    }
    assert "1235 refused, of which 1234 were only counted" in html


def _exported(client, **query):
    answer = client.get(LIST, {**query, "format": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_what_is_filtered_is_exported_without_what_it_holds(
    carol, client, several, submission, plivo_says
):
    plivo_says(submission, type="brand", status="=HYPERLINK(1)", note="what is private")
    client.force_login(carol)

    header, *lines = _exported(client, outcome=["forged", "unrecognised"])

    assert [int(line[0]) for line in lines] == numbers(outcome__in=["forged", "unrecognised"])
    assert lines[0][header.index("word")] == "'=HYPERLINK(1)"
    assert "private" not in str(lines)
    assert SecurityEvent.objects.get(deed="exported").user == carol


# --- One callback ---


def test_a_callback_tells_its_verdict_and_leads_to_all_it_touched(
    carol, seen_by, submission, plivo_says
):
    plivo_says(submission, type="brand", status="registered", brand_id="BTEST02", api_id="abc-1")
    callback = Callback.objects.get()

    html = seen_by(carol, url_of(callback))

    reference = submission.registration.reference
    assert f"by its word {reference} went from submitted to registered." in html
    assert submission.registration.get_absolute_url() in html
    assert reverse("admin:callbacks_callback_change", args=[callback.pk]) in html
    assert reverse("admin:registrations_submission_change", args=[submission.pk]) in html
    assert "type=brand&amp;status=registered" in html
    assert "<dt>Brand id</dt><dd><bdi>BTEST02</bdi>" in html
    assert "<dt>Which is here</dt><dd><bdi>Registered</bdi>" in html


def test_a_marketer_is_not_led_into_the_admin(alice, seen_by, submission, plivo_says):
    plivo_says(submission, status="registered")

    assert "/admin/" not in seen_by(alice, url_of(Callback.objects.get()))


def test_a_repeat_and_what_it_repeats_lead_to_each_other(carol, seen_by, submission, plivo_says):
    plivo_says(submission, nonce="1", status="registered")
    plivo_says(submission, nonce="1", status="registered")
    again, first = Callback.objects.order_by("-pk")

    assert url_of(again) in seen_by(carol, url_of(first))
    assert url_of(first) in seen_by(carol, url_of(again))


def test_hostile_content_is_shown_as_text_and_turns_nothing_around(
    carol, seen_by, submission, knock, settings
):
    text = f"status={NASTY}&a=\N{RIGHT-TO-LEFT OVERRIDE}evil\x00\x1b[31m"
    headers = signed(submission.callback_url, token=settings.PLIVO_AUTH_TOKEN)
    headers |= {"User-Agent": f"{NASTY}\N{RIGHT-TO-LEFT OVERRIDE}"}
    knock(submission, text.encode(), headers=headers, query=NASTY)
    callback = Callback.objects.get()

    for html in [seen_by(carol, url_of(callback)), seen_by(carol)]:
        assert NASTY not in html
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in html
        assert "\x00" not in html
        assert "\x1b" not in html
    assert "⟨U+202E⟩evil␀␛[31m" in seen_by(carol, url_of(callback))


def test_bytes_that_are_no_text_are_shown_in_numbers_too(
    carol, seen_by, submission, knock, settings
):
    headers = signed(submission.callback_url, token=settings.PLIVO_AUTH_TOKEN)
    knock(submission, b"status=\xff\xfe<b>", headers=headers)

    html = seen_by(carol, url_of(Callback.objects.get()))

    assert "000000  73 74 61 74 75 73 3d ff fe 3c 62 3e" in html
    assert "status=··&lt;b&gt;" in html


def test_a_body_of_64_kib_is_shown_whole(carol, seen_by, submission, knock, settings):
    headers = signed(submission.callback_url, token=settings.PLIVO_AUTH_TOKEN)
    body = (b"status=registered&note=" + b"x" * 65_536)[:65_536]
    knock(submission, body, headers=headers)

    html = seen_by(carol, url_of(Callback.objects.get()))

    assert body.decode().replace("&", "&amp;") in html


def test_of_a_long_forgery_the_page_says_that_only_the_beginning_was_kept(
    carol, seen_by, submission, plivo_says
):
    plivo_says(submission, token="not it", note="x" * 9_000)

    assert "Only the first 4096 were kept" in seen_by(carol, url_of(Callback.objects.get()))


@pytest.mark.parametrize("pk", [0, 999_999, 10**30])
def test_there_is_no_page_of_a_callback_that_is_not(pk, carol, client):
    client.force_login(carol)

    assert client.get(f"/callbacks/{pk}/").status_code == 404


def test_every_outcome_has_its_meaning_in_the_legend(carol, seen_by):
    html = seen_by(carol)

    for outcome in Outcome:
        assert f'data-outcome="{outcome}">{outcome.label}</span></dt>' in html
        assert telling.MEANINGS[outcome]


def test_the_secret_of_an_address_is_cut_wherever_a_proxy_repeats_it(
    alice, seen_by, submission, knock, settings
):
    path = "/" + submission.callback_url.split("/", 3)[3]
    headers = signed(submission.callback_url, token=settings.PLIVO_AUTH_TOKEN)
    knock(submission, b"status=registered", headers={**headers, "X-Original-URI": path})

    html = seen_by(alice, url_of(Callback.objects.get()))

    assert path.split("/")[-2] not in html
    assert f"{path[:23]}…" in html


# --- Acting ---


def said_to(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.mark.parametrize("person", ["carol", "oscar"])
def test_what_a_learnt_token_proves_is_received_when_it_is_verified_again(
    person, request, client, submitted_brand, submission, plivo_says
):
    person = request.getfixturevalue(person)
    plivo_says(submission, token="the new token", status="registered")
    forged = Callback.objects.get()
    submission.account.tokens.create(token="the new token")
    client.force_login(person)

    answer = client.post(reverse("callback-verify", args=[forged.pk]))

    received = Callback.objects.get(outcome="applied")
    assert answer.url == url_of(received)
    assert said_to(answer) == ["It is Plivo's, and was received now: applied."]
    assert standing(submitted_brand) == "registered"
    event = SecurityEvent.objects.get(deed="callback_replayed")
    assert (event.user, event.peer) == (person, "127.0.0.1")
    assert event.detail == f"Callback {forged.pk} verified: received as {received.pk}."


def test_what_still_proves_nothing_stays_refused_and_the_reason_is_there(
    carol, client, submitted_brand, several
):
    client.force_login(carol)
    forged = Callback.objects.get(outcome="forged")

    page = client.post(reverse("callback-verify", args=[forged.pk]), follow=True)

    assert "Verified again: nothing was received." in page.content.decode()
    assert "combinations of your addresses and tokens" in page.content.decode()
    assert standing(submitted_brand) == "created"


def test_only_what_was_refused_is_verified_again(carol, client, several):
    client.force_login(carol)
    applied = Callback.objects.filter(outcome="applied").first()

    answer = client.post(reverse("callback-verify", args=[applied.pk]))

    assert said_to(answer) == ["Only what was refused can be verified again."]
    assert len(outcomes()) == 5


def test_the_whole_quarantine_is_verified_again_at_once(
    oscar, client, submitted_brand, submission, plivo_says
):
    plivo_says(submission, token="the new token", status="created")
    plivo_says(submission, token="a stranger's", status="rejected")
    plivo_says(submission, token="the new token", status="registered")
    submission.account.tokens.create(token="the new token")
    client.force_login(oscar)

    answer = client.post(reverse("callback-verify-all"))

    assert said_to(answer) == ["2 of 3 proved to be Plivo's, and were received."]
    assert outcomes() == ["forged", "forged", "forged", "applied", "applied"]
    assert standing(submitted_brand) == "registered"
    assert SecurityEvent.objects.get(deed="callback_replayed").user == oscar


def test_from_a_page_only_the_newest_of_the_quarantine_are_looked_at(
    oscar, client, submission, plivo_says, monkeypatch
):
    monkeypatch.setattr("callbacks.actions.VERIFIED_AT_ONCE", 1)
    plivo_says(submission, token="the new token", status="created")
    plivo_says(submission, token="the new token", status="registered")
    submission.account.tokens.create(token="the new token")
    client.force_login(oscar)

    answer = client.post(reverse("callback-verify-all"))

    [told] = said_to(answer)
    assert told.startswith("1 of 1 proved")
    assert "the command reverify_quarantine looks at all" in told
    assert Callback.objects.get(outcome="applied").word == "registered"


def test_what_a_fault_kept_back_is_applied_again(
    carol, client, submitted_brand, submission, plivo_says
):
    def full(execute, sql, params, many, context):
        if "registrations_auditentry" in sql:
            raise OperationalError("the disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(full):
        plivo_says(submission, status="registered")
    kept = Callback.objects.get()
    client.force_login(carol)

    before = client.get(url_of(kept)).content.decode()
    answer = client.post(reverse("callback-apply", args=[kept.pk]))

    assert "Apply again" in before
    assert said_to(answer) == ["Applied again. It is now: applied."]
    assert standing(submitted_brand) == "registered"
    event = SecurityEvent.objects.get(deed="callback_replayed")
    assert event.detail == f"Callback {kept.pk} applied again: applied."


def test_what_was_applied_is_not_applied_again(carol, client, several):
    client.force_login(carol)
    applied = Callback.objects.filter(outcome="applied").first()

    answer = client.post(reverse("callback-apply", args=[applied.pk]))

    assert said_to(answer) == ["It is applied; it is not applied again."]
    assert "Apply again" not in client.get(url_of(applied)).content.decode()


def test_a_foreign_callback_cannot_be_acted_on(bob, client, several):
    client.force_login(bob)

    for pk in numbers():
        assert client.post(reverse("callback-verify", args=[pk])).status_code == 404
        assert client.post(reverse("callback-apply", args=[pk])).status_code == 404


def test_looking_changes_nothing(carol, client, several):
    client.force_login(carol)
    pk = Callback.objects.get(outcome="forged").pk

    for name, arguments in [("verify", [pk]), ("apply", [pk]), ("verify-all", [])]:
        assert client.get(reverse(f"callback-{name}", args=arguments)).status_code == 405
