"""The test callback: what it proves when all is well, and what it tells of what is in the way."""

import socket
import ssl
import threading
from contextlib import closing
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from callbacks import applying, rehearsal
from callbacks.models import Callback
from registrations.models import PlivoAccount, SecurityEvent
from registrations.plivo.signature import MA_V2, V2
from tests.callbacks.conftest import outcomes, signed

SEND = "/callbacks/test/"


@pytest.fixture
def portal(live_server, settings):
    """The portal itself behind a real socket, under its public address."""
    settings.PUBLIC_URL = live_server.url
    return live_server


@pytest.fixture
def at_the_public_address(settings):
    """Another server at the public address: `answers` makes (status, headers, body) of a request.

    It answers a list to which the path of each request is added.
    """
    servers = []

    def serve(answers):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                asked.append(self.path)
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers, body = answers(dict(self.headers), body)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": len(body)}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        asked = []
        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        servers.append(server)
        settings.PUBLIC_URL = f"http://127.0.0.1:{server.server_port}"
        return asked

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def stranger(at_the_public_address):
    """A server that has nothing to do with the portal and answers what the test says."""

    def stranger(status, body=b"", **headers):
        return at_the_public_address(lambda *request: (status, headers, body))

    return stranger


@pytest.fixture
def proxy(at_the_public_address, live_server):
    """A proxy before the portal that alters what it passes on."""

    def proxy(alter):
        def pass_on(headers, body):
            headers, body = alter(headers, body)
            url = live_server.url + "/callbacks/plivo/"
            answer = requests.post(url, data=body, headers=headers, timeout=10)
            return answer.status_code, {}, answer.content

        return at_the_public_address(pass_on)

    return proxy


@pytest.fixture
def a_closed_port():
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def step(sent, name):
    """The last step of this name."""
    return [one for one in sent.steps if one.name == name][-1]


def verdicts(sent):
    return {one.name: one.verdict for one in sent.steps}


# --- All is well ---


@pytest.mark.django_db(transaction=True)
def test_a_test_callback_comes_through_and_every_step_is_proven(portal, account):
    sent = rehearsal.rehearse(account)

    assert sent.succeeded
    assert verdicts(sent) == {
        "Name": "proven",
        "Reach": "caution",
        "Secrecy": "caution",
        "Connection": "proven",
        "Answer": "proven",
        "Signature": "proven",
        "Content": "proven",
    }
    callback = Callback.objects.get()
    assert sent.callback == callback
    assert callback.outcome == "noted"
    assert callback.explanation == "A test callback that the portal sent to itself."
    assert callback.account == account
    assert sent.milliseconds > 0


@pytest.mark.django_db(transaction=True)
def test_compliance_sends_one_from_the_page_and_reads_what_was_proven(
    portal, client, carol, account
):
    client.force_login(carol)
    form = client.get(SEND).content.decode()

    html = client.post(SEND, {"account": account.pk}).content.decode()

    assert portal.url + "/callbacks/plivo/" in form
    assert "It came through" in html
    callback = Callback.objects.get(outcome="noted")
    assert reverse("callback", args=[callback.pk]) in html
    event = SecurityEvent.objects.get(deed="test_callback_sent")
    assert (event.user, event.peer) == (carol, "127.0.0.1")
    assert not [token for token in account.live_tokens() if token in html + event.detail]


@pytest.mark.django_db(transaction=True)
def test_a_subaccount_is_known_by_its_own_token(portal, account, settings):
    sub = PlivoAccount.objects.create(auth_id="SASUB", main_account=account)
    sub.tokens.create(token="the subaccount's own")

    sent = rehearsal.rehearse(sub)

    assert sent.succeeded
    assert (sent.callback.account, sent.callback.scheme) == (sub, "V2")


@pytest.mark.django_db(transaction=True)
def test_nothing_from_the_environment_redirects_it(portal, account, monkeypatch, a_closed_port):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{a_closed_port}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    assert rehearsal.rehearse(account).succeeded


# --- Something is in the way ---


@pytest.mark.django_db(transaction=True)
def test_a_proxy_that_drops_headers_is_found_and_the_refused_row_says_why(
    proxy, client, carol, account
):
    proxy(lambda headers, body: ({"Content-Type": headers["Content-Type"]}, body))

    sent = rehearsal.rehearse(account)

    assert not sent.succeeded
    assert "did not find the signature right" in step(sent, "Answer").text
    assert "See which headers came" in step(sent, "Arrival").remedy
    client.force_login(carol)
    html = client.get(reverse("callback", args=[Callback.objects.get().pk])).content.decode()
    assert "It carries no signature at all" in html


@pytest.mark.django_db(transaction=True)
def test_a_proxy_that_alters_the_signature_leads_to_the_refused_row(proxy, account):
    def quote(headers, body):
        return {**headers, V2: f'"{headers[V2]}"', MA_V2: ""}, body

    proxy(quote)

    sent = rehearsal.rehearse(account)

    assert step(sent, "Signature").verdict == "failed"
    assert sent.callback.outcome == "forged"
    assert (
        f"arrived as callback {sent.callback.pk}, and was refused" in step(sent, "Signature").text
    )


@pytest.mark.django_db(transaction=True)
def test_a_proxy_that_alters_bodies_is_found(proxy, account):
    def respell(headers, body):
        return {**headers, "Content-Length": str(len(body) + 1)}, body + b" "

    proxy(respell)

    sent = rehearsal.rehearse(account)

    assert not sent.succeeded
    assert step(sent, "Signature").verdict == "proven"
    assert step(sent, "Content").text == "Its content was altered on the way."


@pytest.mark.django_db
def test_nobody_listening_is_told(account, settings, a_closed_port):
    settings.PUBLIC_URL = f"http://127.0.0.1:{a_closed_port}"

    sent = rehearsal.rehearse(account)

    assert step(sent, "Connection").verdict == "failed"
    assert "was refused: nobody listens" in step(sent, "Connection").text
    assert "Start the web server" in step(sent, "Connection").remedy
    assert outcomes() == []


@pytest.mark.django_db
def test_a_name_that_leads_nowhere_is_told(account, settings):
    settings.PUBLIC_URL = "https://no-such-host.invalid"

    sent = rehearsal.rehearse(account)

    assert verdicts(sent) == {"Name": "failed"}
    assert "no-such-host.invalid leads nowhere" in step(sent, "Name").text


@pytest.mark.django_db
def test_a_port_that_speaks_no_tls_is_told(account, settings, stranger):
    stranger(200)
    settings.PUBLIC_URL = settings.PUBLIC_URL.replace("http:", "https:")

    sent = rehearsal.rehearse(account)

    assert step(sent, "Connection").verdict == "proven"
    assert step(sent, "TLS").text == "What listens there does not speak TLS."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ("certificate verify failed: certificate has expired", "has expired"),
        ("certificate verify failed: Hostname mismatch", "is for another name"),
        ("certificate verify failed: self-signed certificate", "not from an authority"),
        ("certificate verify failed: unable to get local issuer certificate", "not from an auth"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "does not speak TLS"),
        ("something else", "could not be agreed on"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_told(trouble, told):
    text, remedy = rehearsal._about_tls(str(ssl.SSLError(trouble)))

    assert told in text
    assert remedy


@pytest.mark.django_db
def test_silence_is_told(account, settings, monkeypatch):
    monkeypatch.setattr(rehearsal, "READ_SECONDS", 0.2)
    with closing(socket.socket()) as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        settings.PUBLIC_URL = f"http://127.0.0.1:{deaf.getsockname()[1]}"

        sent = rehearsal.rehearse(account)

    assert "There was no answer within" in step(sent, "Answer").text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "body", "headers", "told", "remedy"),
    [
        (301, b"", {"Location": "https://portal.example.com/"}, "sends callers on to", "https"),
        (400, b"<h1>Bad Request (400)</h1>", {}, "thought malformed", "ALLOWED_HOSTS"),
        (401, b"", {}, "wants a password", "without one"),
        (403, b"<html>WAF</html>", {}, "turned it away", "firewall"),
        (403, b'{"error": "Plivo did not sign this."}', {}, "did not find the sig", "PUBLIC_URL"),
        (404, b"<html>nginx</html>", {}, "nothing at that path", "cut the path"),
        (404, b'{"error": "There is nothing here."}', {}, "another spelling", "slash at the end"),
        (405, b"", {}, "POST is not taken", "pass POST on"),
        (411, b'{"error": "Say how long."}', {}, "Say how long.", "with their length"),
        (413, b"", {}, "did not come as it was sent", "no chunks"),
        (502, b"<html>", {}, "does not reach the portal", "Start the web server"),
        (504, b"", {}, "does not reach the portal", "Start the web server"),
        (503, b'{"error": "could not be kept"}', {}, "could not write", "/readyz"),
        (200, b"<html>Welcome</html>", {}, "page of some other server", "not the portal"),
        (200, b"[" * 100_000, {}, "the portal never does", "instead of the portal"),
        (200, b'{"outcome": 7}', {}, "the portal never does", "instead of the portal"),
        (418, b"", {}, "the portal never does", "instead of the portal"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_another_answer_means_is_told_with_its_remedy(
    status, body, headers, told, remedy, account, stranger
):
    asked = stranger(status, body, **headers)

    sent = rehearsal.rehearse(account)

    answer = step(sent, "Answer")
    assert not sent.succeeded
    assert answer.verdict == "failed"
    assert f"Answered {status} after" in answer.text
    assert told in answer.text
    assert remedy in answer.remedy
    assert asked == ["/callbacks/plivo/"]  # asked once; no redirect was followed


@pytest.mark.django_db
def test_another_portals_answer_does_not_pass_for_ours(account, stranger):
    stranger(200, b'{"outcome": "noted"}')

    sent = rehearsal.rehearse(account)

    assert not sent.succeeded
    assert "not among the callbacks of this portal" in step(sent, "Arrival").text


@pytest.mark.django_db
def test_what_another_server_sends_is_shown_as_text(client, oscar, account, stranger):
    nasty = '"><img src=x onerror=alert(1)>'
    stranger(302, b"", Location=nasty)
    client.force_login(oscar)

    html = client.post(SEND, {"account": account.pk}).content.decode()

    assert nasty not in html
    assert "It did not come through" in html


@pytest.mark.django_db
def test_without_a_live_token_nothing_is_sent(account, stranger):
    asked = stranger(200)
    account.tokens.update(retired_at=timezone.now() - timedelta(days=1))

    sent = rehearsal.rehearse(account)

    assert "no live token" in step(sent, "Token").text
    assert asked == []


# --- Who, and how often ---


@pytest.mark.django_db
@pytest.mark.parametrize("person", ["alice", "audrey"])
def test_others_may_not_send_one(person, request, client, account, stranger):
    asked = stranger(200)
    client.force_login(request.getfixturevalue(person))

    assert client.get(SEND).status_code == 403
    assert client.post(SEND, {"account": account.pk}).status_code == 403
    assert asked == []


@pytest.mark.django_db
def test_one_person_sends_one_in_a_few_seconds(client, carol, oscar, account, stranger):
    asked = stranger(200)
    for person in [carol, carol, oscar]:
        client.force_login(person)
        answer = client.post(SEND, {"account": account.pk})

    assert answer.status_code == 200
    assert len(asked) == 2
    client.force_login(carol)
    too_soon = client.post(SEND, {"account": account.pk})
    [told] = get_messages(too_soon.wsgi_request)
    assert "Wait a few seconds" in str(told)


@pytest.mark.django_db
@pytest.mark.parametrize("chosen", ["", "0", "x", "9" * 400, "http://169.254.169.254/"])
def test_where_it_goes_is_nobodys_choice(chosen, client, oscar, account, stranger):
    asked = stranger(200)
    client.force_login(oscar)

    answer = client.post(SEND, {"account": chosen, "url": "http://169.254.169.254/"})

    assert answer.url == SEND
    assert asked == []


# --- What passes for a test callback ---


@pytest.fixture
def at_the_fixed_address(knock, settings):
    def knocked(body, query=""):
        url = settings.PUBLIC_URL + "/callbacks/plivo/"
        headers = signed(url, token=settings.PLIVO_AUTH_TOKEN)
        return knock(
            None,
            body,
            path="/callbacks/plivo/",
            headers=headers,
            query=query,
            content_type="application/json",
        ).json()["outcome"]

    return knocked


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'{"portal_test": "abc"}', "noted"),
        (b'{"portal_test": "abc", "brand_id": "BNOBODY"}', "unrecognised"),
        (b'{"portal_test": "abc", "note": "more"}', "unrecognised"),
        (b'{"other": "abc"}', "unrecognised"),
        (b"{}", "unrecognised"),
    ],
)
def test_only_the_mark_alone_is_a_test(body, outcome, at_the_fixed_address, account):
    assert at_the_fixed_address(body) == outcome


@pytest.mark.django_db
def test_the_mark_beside_a_known_object_does_not_hide_what_is_said_of_it(
    at_the_fixed_address, submitted_brand
):
    body = b'{"portal_test": "abc", "brand_id": "BTEST02", "status": "registered"}'

    assert at_the_fixed_address(body) == "applied"


@pytest.mark.django_db
def test_at_the_address_of_a_request_the_mark_is_no_word_that_is_known(submission, plivo_says):
    answer = plivo_says(submission, portal_test="abc")

    assert answer.json() == {"outcome": "unrecognised"}


@pytest.mark.django_db
def test_a_test_is_left_alone_by_the_sweep(at_the_fixed_address, account):
    at_the_fixed_address(b'{"portal_test": "abc"}')

    callback = applying.reapply(Callback.objects.get().pk)

    assert callback.outcome == "noted"
