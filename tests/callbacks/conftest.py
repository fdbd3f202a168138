"""Requests that Plivo was asked to call back about, and ways to knock at their addresses."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from django.core.management import call_command

from callbacks.models import Callback
from callbacks.quarantine import Doorkeeper
from registrations import actions
from registrations.lifecycle import Actor, Cause
from registrations.models import Phase
from registrations.plivo.signature import MA_V2, V2, V2_NONCE, v2_signature
from registrations.submitting import claiming, recording

NONCE = "05429567804466091622"


@pytest.fixture(autouse=True)
def a_rested_doorkeeper(monkeypatch):
    """It keeps only so many forgeries in a minute, and all tests together take less than one.

    It counts at once: in the second that it takes elsewhere, a test and its database are gone.
    """
    monkeypatch.setattr("callbacks.views.doorkeeper", Doorkeeper(later=lambda write: write()))


def call(submission):
    """Bring a queued request to where Plivo is being called and has not answered."""
    submission = claiming.claim(submission.pk)
    assert claiming.enter(submission, Phase.CALLING, [])
    submission.refresh_from_db()
    return submission


def take(submission, plivo_id=""):
    """Bring a request that is being sent to where Plivo took it and owes its last word."""
    recording.accept(submission, plivo_id, actor=Actor.PORTAL, cause=Cause.SUBMISSION)
    submission.refresh_from_db()
    return submission


@pytest.fixture
def being_sent(submit):
    """Bring a draft to where Plivo is being called and has not answered."""
    return lambda registration: call(submit(registration))


@pytest.fixture
def accepted(being_sent):
    """Bring a draft to where Plivo took the request and owes its last word."""

    def accepted(registration, plivo_id):
        submission = take(being_sent(registration), plivo_id)
        registration.refresh_from_db()
        return submission

    return accepted


@pytest.fixture
def link(registered_campaign, alice):
    """A number that Plivo was asked to link."""
    [link] = actions.link_numbers(registered_campaign, ["14155550100"], by=alice)
    take(call(link.latest_submission))
    link.refresh_from_db()
    return link


@pytest.fixture
def submitted_brand(draft_brand, accepted):
    accepted(draft_brand, "BTEST02")
    return draft_brand


@pytest.fixture
def submission(submitted_brand):
    return submitted_brand.latest_submission


@pytest.fixture
def campaign_submission(make_campaign, accepted):
    return accepted(make_campaign(), "CTEST02")


def path_of(submission):
    return "/" + submission.callback_url.split("/", 3)[3]


def signed(url, *, token, nonce=NONCE, scheme=None):
    """The headers of a V2 signature: both schemes, as Plivo sends them, or only the one named."""
    signature = v2_signature(url, nonce, token)
    schemes = [scheme] if scheme else [V2, MA_V2]
    return {V2_NONCE: nonce, **dict.fromkeys(schemes, signature)}


@pytest.fixture
def knock(client):
    """Send bytes to a request's address, with these headers and nothing added to them."""

    def knock(
        submission,
        body=b"",
        *,
        headers,
        content_type="application/x-www-form-urlencoded",
        method="POST",
        path=None,
        query="",
        **environ,
    ):
        environ.setdefault("CONTENT_LENGTH", str(len(body)))
        return client.generic(
            method,
            path or path_of(submission),
            body,
            content_type,
            headers=headers,
            QUERY_STRING=query,
            **environ,
        )

    return knock


@pytest.fixture
def plivo_says(plivo_says, knock, settings):
    """As everywhere, but fields are POSTed as Plivo's forms are: URL-encoded, not multipart."""
    nonces = iter(range(10**18, 10**19))

    def says(submission, body=None, *, token=None, nonce=None, method="POST", **fields):
        if method != "POST" or body is not None:
            return plivo_says(submission, body, token=token, nonce=nonce, method=method, **fields)
        headers = signed(
            submission.callback_url,
            token=token or settings.PLIVO_AUTH_TOKEN,
            nonce=nonce or str(next(nonces)),
        )
        return knock(submission, urlencode(fields, doseq=True).encode(), headers=headers)

    return says


@pytest.fixture
def the_only_callback(db):
    return lambda: Callback.objects.get()


@pytest.fixture
def command(capsys):
    """Run a management command and answer what it printed."""

    def command(*args):
        call_command(*args)
        return capsys.readouterr().out.strip()

    return command


def moves_by_plivo(registration):
    """What Plivo's word did to a registration, in order."""
    trail = registration.trail.filter(actor=Actor.PLIVO).order_by("sequence")
    return [(entry.from_status, entry.to_status) for entry in trail]


def standing(registration):
    """Where it stands now, whatever the object in hand remembers."""
    registration.refresh_from_db()
    return registration.status


def outcomes():
    """What came of the callbacks, in the order they came."""
    return list(Callback.objects.order_by("pk").values_list("outcome", flat=True))


def said(**fields):
    return json.dumps(fields).encode()
