"""Signatures, with the standard's own library as the oracle."""

from __future__ import annotations

import json
import time

import pytest
from standardwebhooks import Webhook as Oracle
from standardwebhooks import WebhookVerificationError

from registrations.models import WebhookSecret
from registrations.notices.webhooks.signing import headers_for

BODY = '{"type":"brand.registered","note":"Café ☕ \\u0000"}'.encode()


def test_the_standards_own_library_finds_our_signature_good():
    secret = WebhookSecret.new()

    headers = headers_for("msg_1", int(time.time()), BODY, [secret])

    assert Oracle(secret).verify(BODY, headers) == json.loads(BODY)


def test_the_example_of_the_standard_is_signed_as_it_says():
    # From the tests of the standard's libraries.
    secret, payload = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'

    headers = headers_for("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, payload, [secret])

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_during_a_rotation_both_secrets_find_a_signature():
    new, old = WebhookSecret.new(), WebhookSecret.new()

    headers = headers_for("msg_1", int(time.time()), BODY, [new, old])

    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (new, old):
        Oracle(secret).verify(BODY, headers)


@pytest.mark.parametrize("changed", ["body", "webhook-id", "webhook-timestamp", "secret"])
def test_whatever_is_changed_on_the_way_is_found_out(changed):
    secret, body = WebhookSecret.new(), BODY
    headers = headers_for("msg_1", int(time.time()), body, [secret])
    match changed:
        case "body":
            body = body.replace(b"registered", b"rejected")
        case "secret":
            secret = WebhookSecret.new()
        case "webhook-timestamp":
            headers[changed] = str(int(headers[changed]) - 1)
        case "webhook-id":
            headers[changed] = "msg_2"

    with pytest.raises(WebhookVerificationError):
        Oracle(secret).verify(body, headers)


def test_secrets_are_of_the_length_that_the_standard_asks_for_and_never_the_same():
    made = {WebhookSecret.new() for _ in range(50)}

    assert len(made) == 50
    assert all(24 <= len(Oracle(secret)._whsecret) <= 64 for secret in made)
