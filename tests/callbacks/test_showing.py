"""Callbacks on pages: read by those who may, changed by nobody, and inert whatever they hold."""

import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from callbacks.models import Callback
from tests.callbacks.conftest import outcomes, standing

pytestmark = pytest.mark.django_db

NASTY = '"><script>alert(1)</script>'
ADMIN = "admin:callbacks_callback_"


@pytest.fixture
def callback(submission, plivo_says, the_only_callback):
    plivo_says(submission, type="brand", status=NASTY, brand_id="BTEST02")
    return the_only_callback()


def test_what_a_callback_holds_is_shown_and_does_not_run(client, carol, submitted_brand, callback):
    client.force_login(carol)

    pages = [
        submitted_brand.get_absolute_url(),
        reverse(ADMIN + "changelist"),
        reverse(ADMIN + "change", args=[callback.pk]),
    ]

    for page in pages:
        html = client.get(page).content.decode()
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert(1)" not in html


def test_the_token_that_opens_the_address_is_shown_nowhere(client, oscar, submission, callback):
    client.force_login(oscar)
    token = submission.callback_url.split("/")[-2]

    html = client.get(reverse(ADMIN + "change", args=[callback.pk])).content.decode()

    assert f"{token[:6]}…" in html
    assert token not in html


@pytest.mark.parametrize("person", ["carol", "audrey", "oscar"])
def test_nobody_adds_changes_or_deletes_evidence_through_the_admin(
    person, request, client, callback
):
    client.force_login(request.getfixturevalue(person))

    answers = [
        client.post(reverse(ADMIN + "add"), {"outcome": "applied"}),
        client.post(reverse(ADMIN + "change", args=[callback.pk]), {"outcome": "applied"}),
        client.post(reverse(ADMIN + "delete", args=[callback.pk]), {"post": "yes"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert outcomes() == ["unrecognised"]


def test_a_marketer_sees_the_callbacks_of_her_own_organization_only(alice, bob, carol, callback):
    assert list(Callback.objects.for_user(alice)) == [callback]
    assert list(Callback.objects.for_user(carol)) == [callback]
    assert list(Callback.objects.for_user(bob)) == []


@pytest.mark.parametrize("searched", ["BTEST02", "reference", NASTY])
def test_callbacks_are_found_by_what_they_are_about(
    searched, client, audrey, submitted_brand, callback
):
    client.force_login(audrey)
    if searched == "reference":
        searched = submitted_brand.reference

    html = client.get(reverse(ADMIN + "changelist"), {"q": searched}).content.decode()

    assert "1 callback" in html


@pytest.fixture
def not_applied(submission, plivo_says, the_only_callback):
    def fails(execute, sql, params, many, context):
        if "registrations_auditentry" in sql:
            raise OperationalError("the disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fails):
        plivo_says(submission, status="registered")
    return the_only_callback()


def test_an_operator_applies_what_a_fault_kept_back(client, oscar, submitted_brand, not_applied):
    client.force_login(oscar)
    chosen = {"action": "reapply", "_selected_action": [not_applied.pk]}

    page = client.post(reverse(ADMIN + "changelist"), chosen, follow=True)

    assert "Now: 1 applied." in page.content.decode()
    assert standing(submitted_brand) == "registered"


def test_others_may_not_apply_it(client, audrey, submitted_brand, not_applied):
    client.force_login(audrey)
    chosen = {"action": "reapply", "_selected_action": [not_applied.pk]}

    response = client.post(reverse(ADMIN + "changelist"), chosen)

    assert response.status_code == 403
    assert outcomes() == ["unapplied"]
    assert standing(submitted_brand) == "submitted"
