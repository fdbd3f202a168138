"""Why a request was refused: each thing that may be wrong is found, told, and given its remedy."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from callbacks import diagnosis
from callbacks.diagnosis import Key, Refused, explain
from callbacks.diagnosis.trying import MOST_TRIED
from callbacks.models import Callback
from registrations.models import PlivoAccount
from registrations.plivo.signature import (
    MA_V2,
    V2,
    V2_NONCE,
    V3,
    V3_NONCE,
    v2_mac,
    v2_signature,
    v3_signature,
)
from tests.callbacks.conftest import NONCE, outcomes, path_of, signed, standing

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=100)
EXPECTED = "https://portal.example.com/callbacks/plivo/"
TOKEN = "the live token 0001"

OWN = Key(1, "Acme (MAACME)", TOKEN, LONG_AGO, signs=frozenset({V2, MA_V2}))
RETIRED = Key(2, "Acme (MAACME)", "old token 0002", LONG_AGO, NOW, frozenset({V2, MA_V2}))
EARLY = Key(3, "Acme (MAACME)", "new 3", NOW + timedelta(hours=1), signs=frozenset({V2, MA_V2}))
FOREIGN = Key(4, "Globex (MAGLOBEX)", "their token 0004", LONG_AGO)
MAIN = Key(5, "Main (MAMAIN)", "main token 0005", LONG_AGO, signs=frozenset({MA_V2}))
KEYS = [OWN, RETIRED, EARLY, FOREIGN, MAIN]


def refused(url=EXPECTED, token=TOKEN, *, header=V2, **facts):
    """A request at the fixed address, signed over `url` with `token`."""
    headers = {header: v2_signature(url, NONCE, token), V2_NONCE: NONCE}
    headers |= facts.pop("headers", {})
    return Refused(
        headers=headers, url=EXPECTED, fixed=True, public_url="https://portal.example.com", **facts
    )


def told(request, keys=KEYS):
    found = explain(request, keys, now=NOW)
    return f"{found.sentence} {found.remedy}"


# --- Addresses ---


@pytest.mark.parametrize(
    ("url", "what", "remedy"),
    [
        (
            "http://portal.example.com/callbacks/plivo/",
            "it begins with http:// and not with https://",
            f"Give Plivo the address {EXPECTED}",
        ),
        (
            "https://old.example.com/callbacks/plivo/",
            "the host is old.example.com and not portal.example.com",
            "set PUBLIC_URL to https://old.example.com and verify again",
        ),
        (
            "https://www.portal.example.com/callbacks/plivo/",
            "the host is www.portal.example.com and not portal.example.com",
            "set PUBLIC_URL to https://www.portal.example.com",
        ),
        (
            "https://portal.example.com:443/callbacks/plivo/",
            "it names the port 443",
            "set PUBLIC_URL to https://portal.example.com:443",
        ),
        (
            "https://portal.example.com:8443/callbacks/plivo/",
            "it names the port 8443",
            "set PUBLIC_URL to https://portal.example.com:8443",
        ),
        (
            "https://portal.example.com/callbacks/plivo",
            "it ends without the slash",
            f"Give Plivo the address exactly as {EXPECTED}",
        ),
        (
            "https://portal.example.com/callbacks/plivo//",
            "it ends with one slash too many",
            f"Give Plivo the address exactly as {EXPECTED}",
        ),
        (
            "http://old.example.com/callbacks/plivo/",
            "it begins with http:// and not with https://, the host is old.example.com",
            f"Give Plivo the address {EXPECTED}",
        ),
    ],
)
def test_an_address_that_differs_is_found_and_named(url, what, remedy):
    request = refused(url, headers={"Host": "old.example.com", "X-Forwarded-Port": "8443"})

    sentence = told(request)

    assert sentence.startswith(f"Plivo signed {url}, and ")
    assert what in sentence
    assert remedy in sentence


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "seen.example.com"},
        {"X-Forwarded-Host": "seen.example.com, inner"},
        {"Forwarded": 'for=192.0.2.1;host="seen.example.com";proto=https'},
    ],
)
def test_the_host_is_looked_for_wherever_a_proxy_may_have_put_it(headers):
    sentence = told(refused("https://seen.example.com/callbacks/plivo/", headers=headers))

    assert "the host is seen.example.com" in sentence


def test_a_host_that_the_portal_had_before_is_tried_too():
    request = refused("https://before.example.com/callbacks/plivo/", hosts=["before.example.com"])

    assert "the host is before.example.com" in told(request)


def test_a_port_that_is_expected_and_was_not_signed_is_found():
    request = refused("https://portal.example.com/callbacks/plivo/")
    request = replace(request, url="https://portal.example.com:8443/callbacks/plivo/")

    assert "it names no port, and you expect 8443" in told(request)


def test_a_query_that_was_signed_is_found():
    mac = v2_mac(EXPECTED, f"?a=b{NONCE}", TOKEN)
    request = refused(query="a=b", headers={V2: base64.b64encode(mac).decode()})

    sentence = told(request)

    assert sentence.startswith(f"Plivo signed {EXPECTED}?a=b")
    assert "the query was signed too" in sentence


def test_the_secret_part_of_an_address_is_cut_in_whatever_letters_it_is_written():
    secret = "aB3x9QLongSecretLongSecretLongSecretLong"
    url = f"https://portal.example.com/callbacks/plivo/{secret}/"
    headers = {V2: v2_signature(url.lower(), NONCE, TOKEN), V2_NONCE: NONCE}
    request = Refused(
        headers=headers,
        url=url,
        fixed=False,
        secret=secret,
        public_url="https://portal.example.com",
    )

    found = explain(request, KEYS, now=NOW)

    assert "the path is all in small letters" in found.sentence
    assert secret.lower() not in repr(found).lower()
    assert "/callbacks/plivo/ab3x9q…/" in found.sentence


# --- Tokens ---


def test_a_retired_token_is_named_with_the_time_of_its_retirement():
    sentence = told(refused(token=RETIRED.token))

    assert "made with token 2 of Acme (MAACME), which was retired at 25 Nov 2026 12:00" in sentence
    assert "give it a later date of retirement" in sentence


def test_a_token_that_does_not_hold_yet_is_named_with_the_time_it_will():
    sentence = told(refused(token=EARLY.token))

    assert "token 3 of Acme (MAACME), which only holds from 25 Nov 2026 13:00 on" in sentence


def test_the_token_of_another_account_is_named():
    sentence = told(refused(token=FOREIGN.token))

    assert "token 4 of Globex (MAGLOBEX), and that account does not speak" in sentence
    assert "enter it there as such" in sentence


def test_a_main_accounts_signature_in_the_other_header_is_found():
    sentence = told(refused(token=MAIN.token, header=V2))

    assert f"token 5 of Main (MAMAIN), which does not belong into the header {V2}" in sentence


def test_two_faults_at_once_are_both_told():
    sentence = told(refused("http://portal.example.com/callbacks/plivo/", RETIRED.token))

    assert "it begins with http://" in sentence
    assert "was retired at" in sentence


def test_what_holds_by_now_is_said_to():
    found = explain(refused(), KEYS, now=NOW)

    assert found.holds
    assert found.sentence == "By now it proves to be Plivo's: it is signed with token 1 of " + (
        "Acme (MAACME)."
    )


def test_no_token_appears_in_what_is_told():
    for key in KEYS:
        found = explain(refused(token=key.token), KEYS, now=NOW)

        assert not [other for other in KEYS if other.token in repr(found)]


# --- Headers ---


def test_a_nonce_that_came_twice_is_told():
    sentence = told(refused(headers={V2_NONCE: f"{NONCE},{NONCE}"}))

    assert sentence.startswith(f"The header {V2_NONCE} came again and again")


@pytest.mark.parametrize(
    "alter",
    [
        lambda text: text.rstrip("="),
        lambda text: text.replace("+", "-").replace("/", "_").rstrip("="),
        lambda text: text.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
        lambda text: f'"{text}"',
    ],
    ids=["no padding", "letters of URLs", "escaped", "quoted"],
)
def test_a_signature_that_was_spelt_anew_is_told(alter):
    header = alter(v2_signature(EXPECTED, NONCE, TOKEN))

    sentence = told(refused(headers={V2: header}))

    assert sentence.startswith(f"The header {V2} was altered on its way")


def test_a_header_that_came_too_often_is_told():
    header = ",".join([v2_signature(EXPECTED, NONCE, TOKEN)] * 5)

    assert told(refused(headers={V2: header})).startswith(f"The header {V2} came again and again")


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({}, "It carries no signature at all"),
        ({V2_NONCE: NONCE}, "It carries a nonce, but not the signature"),
        ({V2: v2_signature(EXPECTED, NONCE, TOKEN)}, "It carries a signature, but not the nonce"),
        ({"X-Plivo-Signature": "x"}, "It carries Plivo's first kind of signature only"),
        ({V2: "nonsense", V2_NONCE: NONCE}, "What it carries is no signature"),
        (
            {V3: v3_signature("POST", EXPECTED, NONCE, TOKEN), V3_NONCE: NONCE},
            "It carries a V3 signature only, which was made with a token you know",
        ),
        (
            {V3: v3_signature("POST", EXPECTED, NONCE, "not it"), V3_NONCE: NONCE},
            "It carries a V3 signature only, which none of your tokens makes",
        ),
    ],
)
def test_what_is_missing_is_told(headers, sentence):
    request = replace(refused(), headers=headers)

    assert told(request).startswith(sentence)


def test_what_nothing_makes_is_said_to_be_nobody_we_know_with_the_number_of_tries():
    found = explain(refused(token="a stranger's"), [OWN], now=NOW)

    assert found.sentence.startswith(f"None of {found.tried} combinations of your addresses")
    assert len(found.urls) == found.tried > 10
    assert not found.proven


def test_the_tries_are_bounded_whatever_comes():
    hosts = [f"h{number}.example.com" for number in range(1000)]
    request = refused(token="a stranger's", hosts=hosts, query="a=b")

    found = explain(request, KEYS * 20, now=NOW)

    assert found.tried <= MOST_TRIED


@pytest.mark.parametrize(
    "nasty",
    [
        '"><img src=x onerror=alert(1)>',
        "http://[",
        "a" * 5000,
        "\x00",
        "\N{RIGHT-TO-LEFT OVERRIDE}",
    ],
)
def test_whatever_the_headers_hold_nothing_breaks(nasty):
    names = ["Host", "X-Forwarded-Host", "Forwarded", "X-Forwarded-Port", V2, MA_V2, V2_NONCE]
    for name in names:
        found = explain(refused(headers={name: nasty}), KEYS, now=NOW)

        assert nasty not in "".join(found.urls)


def test_without_any_token_that_is_what_is_missing():
    assert told(refused(), keys=[]).startswith("The portal knows no auth token")


# --- On the page, of what was really refused ---


@pytest.fixture
def page_of(client, carol):
    def page_of(callback):
        client.force_login(carol)
        return client.get(reverse("callback", args=[callback.pk])).content.decode()

    return page_of


def refused_row():
    return Callback.objects.get(outcome="forged")


@pytest.mark.django_db
def test_the_page_says_which_address_of_a_request_plivo_signed(
    submission, knock, settings, page_of
):
    url = submission.callback_url
    scheme = "https" if url.startswith("http://") else "http"
    other = f"{scheme}://{url.split('://')[1]}"
    knock(submission, headers=signed(other, token=settings.PLIVO_AUTH_TOKEN))

    html = page_of(refused_row())

    token = url.split("/")[-2]
    assert f"Plivo signed {other.replace(token, token[:6] + '…')}" in html
    assert "ask Plivo on the registration&#x27;s page" in html
    assert token not in html


@pytest.mark.django_db
def test_a_wrong_public_url_is_told_and_verifying_again_receives_once_it_is_right(
    submitted_brand, submission, knock, settings, page_of, client
):
    fixed, right = "/callbacks/plivo/", settings.PUBLIC_URL
    headers = signed("https://portal.example.com" + fixed, token=settings.PLIVO_AUTH_TOKEN)
    headers["X-Forwarded-Host"] = "portal.example.com"
    knock(None, b"brand_id=BTEST02&status=registered", path=fixed, headers=headers)
    callback = refused_row()

    before = page_of(callback)
    settings.PUBLIC_URL = "https://portal.example.com"
    answer = client.post(reverse("callback-verify", args=[callback.pk]), follow=True)

    assert f"your PUBLIC_URL says {right}" in before
    assert "set PUBLIC_URL to https://portal.example.com and verify again" in before
    assert "was received now: applied" in answer.content.decode()
    assert standing(submitted_brand) == "registered"


@pytest.mark.django_db
def test_what_carries_no_signature_is_not_offered_to_be_verified_again(submission, knock, page_of):
    knock(submission, b"status=registered", headers={})

    html = page_of(refused_row())

    assert "It carries no signature at all" in html
    assert "Verify again" not in html


@pytest.mark.django_db
def test_a_token_that_was_retired_too_early_is_told(submission, plivo_says, page_of, account):
    old = account.tokens.create(
        token="the very secret old token", retired_at=timezone.now() - timedelta(hours=1)
    )
    plivo_says(submission, token="the very secret old token", status="registered")

    html = page_of(refused_row())

    assert f"made with token {old.pk} of {account}, which was retired at" in html
    assert "very secret" not in html


@pytest.mark.django_db
def test_the_token_of_another_account_is_told_on_the_page(submission, plivo_says, page_of):
    other = PlivoAccount.objects.create(auth_id="MAOTHER", name="Other")
    other.tokens.create(token="the other's secret")
    plivo_says(submission, token="the other's secret", status="registered")

    html = page_of(refused_row())

    assert "of Other (MAOTHER), and that account does not speak for this request" in html
    assert "other&#x27;s secret" not in html


@pytest.mark.django_db
def test_a_main_accounts_token_counts_in_its_own_header_only(submission, knock, account, settings):
    main = PlivoAccount.objects.create(auth_id="MAMAIN", name="Main")
    main.tokens.create(token="the main token")
    account.main_account = main
    account.save()
    headers = signed(submission.callback_url, token="the main token", scheme=V2)
    knock(submission, headers=headers)

    found = diagnosis.of(refused_row())

    assert f"of Main (MAMAIN), which does not belong into the header {V2}" in found.sentence


@pytest.mark.django_db
def test_what_the_diagnosis_says_holds_is_received_when_it_is_verified_again(
    submission, plivo_says, account, client, oscar
):
    plivo_says(submission, token="learnt later", status="registered")
    account.tokens.create(token="learnt later")

    found = diagnosis.of(refused_row())
    client.force_login(oscar)
    client.post(reverse("callback-verify", args=[refused_row().pk]))

    assert found.holds
    assert outcomes() == ["forged", "applied"]


@pytest.mark.django_db
def test_what_was_received_meanwhile_is_said_to_be(submission, plivo_says, account):
    plivo_says(submission, nonce="12345", token="learnt later", status="registered")
    account.tokens.create(token="learnt later")
    plivo_says(submission, nonce="12345", token="learnt later", status="registered")

    found = diagnosis.of(refused_row())

    received = Callback.objects.get(outcome="applied")
    assert found.sentence.endswith(f"was received since as callback {received.pk}.")


@pytest.mark.django_db
def test_a_signature_that_was_copied_from_another_address_is_recognised(
    submission, campaign_submission, knock, settings
):
    headers = signed(submission.callback_url, token=settings.PLIVO_AUTH_TOKEN)
    knock(submission, b"status=created", headers=headers)
    knock(campaign_submission, b"status=registered", headers=headers)

    found = diagnosis.of(refused_row())

    first = Callback.objects.get(outcome="applied")
    assert found.sentence.startswith(f"Its signature is that of callback {first.pk}")


@pytest.mark.django_db
def test_of_a_seen_signature_it_is_told_what_differs(submission, knock, settings, page_of):
    headers = signed(submission.callback_url, token=settings.PLIVO_AUTH_TOKEN)
    knock(submission, b"status=created", headers=headers)
    knock(submission, b"status=registered", headers=headers)

    html = page_of(Callback.objects.get(outcome="suspicious"))

    first = Callback.objects.get(outcome="applied")
    assert f"It bears the signature of callback {first.pk} with another body." in html
    assert "Verify again" not in html


@pytest.mark.django_db
def test_of_what_was_believed_there_is_nothing_to_diagnose(submission, plivo_says, page_of):
    plivo_says(submission, status="registered")

    callback = Callback.objects.get()

    assert diagnosis.of(callback) is None
    assert "Why it was refused" not in page_of(callback)


@pytest.mark.django_db
def test_the_path_of_another_request_stays_secret_in_what_was_tried(
    submission, campaign_submission, plivo_says, page_of
):
    plivo_says(submission, token="not the token", status="registered")

    html = page_of(refused_row())

    for asked in (submission, campaign_submission):
        assert path_of(asked).split("/")[-2] not in html
