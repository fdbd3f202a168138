"""The pages on which webhooks are made, watched and mended."""

from __future__ import annotations

import re

import pytest
from django.utils.html import escape

from registrations.actions import webhooks as verbs
from registrations.models import DeliveryAttempt, Webhook

pytestmark = pytest.mark.django_db

NEW = "/webhooks/new/"


def page(client, person, path):
    client.force_login(person)
    return client.get(path)


def text(response):
    return response.content.decode()


@pytest.fixture
def made(client, receiver, alice, acme):
    """What the page says when alice makes a webhook on it."""

    def made(**fields):
        client.force_login(alice)
        given = {"organization": acme.pk, "url": receiver().url, "scope": "everything", **fields}
        return client.post(NEW, given)

    return made


def test_the_secret_is_shown_when_it_is_made_and_nowhere_after(client, made, alice):
    answer = made(description="shop system")

    webhook = Webhook.objects.get()
    [secret] = webhook.live_secrets()
    assert answer.status_code == 200
    assert secret in text(answer)
    assert "no-store" in answer["Cache-Control"]
    for path in ("/webhooks/", f"/webhooks/{webhook.pk}/", f"/webhooks/{webhook.pk}/edit/"):
        shown = client.get(path)
        assert shown.status_code == 200
        assert "whsec_" not in text(shown)
        assert "shop system" in text(shown)


def test_sending_the_form_again_makes_no_second_one(made, receiver):
    url = receiver().url
    made(url=url)

    answer = made(url=url)

    assert "There is a webhook to this address already." in text(answer)
    assert Webhook.objects.count() == 1


def test_changes_are_chosen_by_ticking(client, made, alice):
    made(scope="chosen", brand=["brand.registered", "brand.rejected"], campaign=["campaign.*"])

    webhook = Webhook.objects.get()
    assert webhook.event_types == ["brand.registered", "brand.rejected", "campaign.*"]
    form = text(client.get(f"/webhooks/{webhook.pk}/edit/"))
    ticked = re.findall(r'<input type="checkbox"[^>]*value="([^"]+)"[^>]*checked', form)
    assert ticked == webhook.event_types


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"url": "https://169.254.169.254/latest/"}, "not a public address"),
        ({"url": "http://example.com/"}, "must begin with https://"),
        ({"url": "javascript:alert(1)"}, "must begin with https://"),
        ({"url": ""}, "This field is required."),
        ({"scope": "chosen"}, "Tick at least one change"),
        ({"scope": "everything", "brand": ["brand.draft"]}, "You ticked changes"),
        ({"scope": "chosen", "brand": ["campaign.draft"]}, "campaign.draft is not one"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(made, settings, fields, complaint):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    given = {"url": "https://8.8.8.8/", **fields}

    answer = made(**given)

    assert complaint in text(answer)
    assert Webhook.objects.count() == 0


def test_it_is_changed_on_its_page(client, made, alice, receiver):
    made()
    webhook, elsewhere = Webhook.objects.get(), receiver()

    answer = client.post(
        f"/webhooks/{webhook.pk}/edit/",
        {"url": elsewhere.url, "description": "", "scope": "chosen", "brand": ["brand.*"]},
    )

    webhook.refresh_from_db()
    assert answer.status_code == 302
    assert (webhook.url, webhook.event_types) == (elsewhere.url, ["brand.*"])


def test_the_log_shows_what_was_sent_and_answered(
    client, receiver, hooked, make_brand, tell, alice, time_for_the_next_try
):
    listening = receiver((500, b"<script>alert('no')</script>"), (200, b"thanks"))
    webhook = hooked(listening)
    brand = make_brand()
    tell()
    time_for_the_next_try()
    tell()

    shown = text(page(client, alice, f"/webhooks/{webhook.pk}/"))

    assert "answered 500" in shown and "answered 200" in shown
    assert brand.reference in shown
    assert escape("<script>alert('no')</script>") in shown
    assert "<script>alert" not in shown
    assert listening.ids[0] in shown


def test_a_log_costs_the_same_however_long_it_is(
    client, receiver, hooked, make_brand, tell, alice, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    webhook = hooked(receiver())
    make_brand()
    tell()
    page(client, alice, f"/webhooks/{webhook.pk}/")
    with CaptureQueriesContext(connection) as few:
        client.get(f"/webhooks/{webhook.pk}/")
    cost = len(few)
    for _ in range(5):
        make_brand()
    tell()

    with django_assert_num_queries(cost):
        client.get(f"/webhooks/{webhook.pk}/")


def test_a_test_message_is_sent_with_a_click(client, receiver, hooked, tell, alice):
    listening = receiver()
    webhook = hooked(listening)
    client.force_login(alice)

    client.post(f"/webhooks/{webhook.pk}/act/test/")
    tell()

    assert listening.taken[0].verified(webhook.secret)["type"] == "test.ping"
    assert "Test message" in text(client.get(f"/webhooks/{webhook.pk}/"))


def test_a_message_is_sent_once_more_with_a_click(
    client, receiver, hooked, make_brand, tell, alice
):
    listening = receiver()
    webhook = hooked(listening)
    make_brand()
    tell()
    client.force_login(alice)
    shown = text(client.get(f"/webhooks/{webhook.pk}/"))
    address = re.search(r'action="([^"]*/redeliver/)"', shown).group(1)

    client.post(address)
    tell()

    assert len(listening.taken) == 2


def test_a_paused_one_says_why_and_how_to_go_on(
    client, receiver, hooked, make_brand, tell, alice, again
):
    listening = receiver(410, 200)
    webhook = hooked(listening)
    for _ in range(2):
        make_brand()
        tell()
    shown = text(page(client, alice, f"/webhooks/{webhook.pk}/"))
    assert "410 Gone" in shown
    assert "Resume" in shown
    assert "/redeliver/" not in shown

    client.post(f"/webhooks/{webhook.pk}/resume/", {"begin": "stopped", "since": ""})
    tell()

    assert again(webhook).paused_at is None
    assert {delivery.state for delivery in webhook.deliveries.all()} == {"delivered"}


def test_the_number_to_begin_with_is_asked_for_where_it_is_missing(
    client, receiver, hooked, alice, again
):
    webhook = hooked(receiver())
    verbs.pause_webhook(webhook, by=alice)
    client.force_login(alice)

    answer = client.post(f"/webhooks/{webhook.pk}/resume/", {"begin": "number", "since": ""})

    assert "Give the number of the first event." in text(answer)
    assert again(webhook).paused_at is not None


def test_a_new_secret_is_shown_once(client, receiver, hooked, alice):
    webhook = hooked(receiver())
    client.force_login(alice)

    answer = client.post(f"/webhooks/{webhook.pk}/rotate/")

    new = webhook.live_secrets()[0]
    assert new != webhook.secret
    assert new in text(answer) and webhook.secret not in text(answer)
    assert "no-store" in answer["Cache-Control"]
    assert "whsec_" not in text(client.get(f"/webhooks/{webhook.pk}/"))


def test_a_deleted_one_is_gone_from_the_pages(client, receiver, hooked, alice):
    webhook = hooked(receiver())
    client.force_login(alice)

    answer = client.post(f"/webhooks/{webhook.pk}/act/delete/", follow=True)

    assert answer.redirect_chain[-1][0] == "/webhooks/"
    assert webhook.url not in text(answer)
    assert client.get(f"/webhooks/{webhook.pk}/").status_code == 404


def test_whoever_may_only_look_sees_no_buttons_and_is_refused(
    client, receiver, hooked, carol, make_brand, tell, again
):
    webhook = hooked(receiver())
    make_brand()
    tell()
    shown = text(page(client, carol, f"/webhooks/{webhook.pk}/"))

    assert "brand" in shown
    assert f"/webhooks/{webhook.pk}/act/" not in shown
    assert "/redeliver/" not in shown
    assert client.get(NEW).status_code == 403
    assert client.get(f"/webhooks/{webhook.pk}/edit/").status_code == 403
    answer = client.post(f"/webhooks/{webhook.pk}/act/pause/", follow=True)
    assert "Marketers and operators look after webhooks." in text(answer)
    assert again(webhook).paused_at is None


def test_others_do_not_know_that_it_exists(client, receiver, hooked, bob, make_brand, tell, alice):
    webhook = hooked(receiver())
    make_brand()
    tell()
    message = webhook.deliveries.get().message_id
    listed = page(client, bob, "/webhooks/")
    base = f"/webhooks/{webhook.pk}/"

    assert webhook.url not in text(listed)
    assert client.get(base).status_code == 404
    assert client.get(f"{base}edit/").status_code == 404
    for path in ("rotate/", "resume/", "act/pause/", "act/delete/", "act/test/",
                 f"messages/{message}/redeliver/"):  # fmt: skip
        assert client.post(base + path).status_code == 404
    assert webhook.live_secrets() == [webhook.secret]


def test_a_message_of_another_webhook_is_not_sent_through_this_one(
    client, receiver, hooked, make_brand, tell, alice
):
    first, second = hooked(receiver()), hooked(receiver())
    make_brand()
    tell()
    message = second.deliveries.get().message_id
    client.force_login(alice)

    answer = client.post(f"/webhooks/{first.pk}/messages/{message}/redeliver/")

    assert answer.status_code == 404
    assert DeliveryAttempt.objects.count() == 2


def test_nothing_is_changed_by_looking(client, receiver, hooked, alice):
    webhook = hooked(receiver())
    client.force_login(alice)

    for path in ("rotate/", "resume/", "act/pause/", "act/delete/", "act/test/"):
        assert client.get(f"/webhooks/{webhook.pk}/{path}").status_code == 405


def test_an_unknown_verb_is_not_found(client, receiver, hooked, alice):
    webhook = hooked(receiver())
    client.force_login(alice)

    assert client.post(f"/webhooks/{webhook.pk}/act/explode/").status_code == 404


def test_the_admin_shows_all_but_secrets_and_bodies(
    client, receiver, hooked, make_brand, tell, audrey
):
    webhook = hooked(receiver((200, b"a word of theirs")))
    make_brand()
    tell()
    client.force_login(audrey)
    for path in (
        "event/",
        "webhook/",
        "delivery/",
        f"webhook/{webhook.pk}/change/",
        f"event/{webhook.deliveries.get().event_id}/change/",
        f"delivery/{webhook.deliveries.get().pk}/change/",
    ):
        shown = client.get(f"/admin/registrations/{path}")
        assert shown.status_code == 200
        assert "whsec_" not in text(shown)
        assert "a word of theirs" not in text(shown)
