"""One message over the wire: to the address that was checked, in time, and no further."""

from __future__ import annotations

import ssl
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from registrations.notices.webhooks.sending import KEPT_OF_ANSWER, Letter, send
from tests.registrations.webhooks.receiver import leads_to


def letter(url, body=b'{"a":1}'):
    return Letter(url, body, {"webhook-id": "msg_1"})


def test_a_message_is_posted_as_json_and_the_answer_is_told(receiver):
    listening = receiver((202, b"taken"))

    reply = send(letter(listening.url))

    [taken] = listening.taken
    assert (reply.status, reply.answer, reply.error) == (202, "taken", "")
    assert (reply.address, reply.was_taken) == ("127.0.0.1", True)
    assert (taken.path, taken.body) == ("/hook", b'{"a":1}')
    assert taken.headers["Content-Type"] == "application/json"
    assert taken.headers["Host"] == f"127.0.0.1:{listening.port}"
    assert taken.headers["webhook-id"] == "msg_1"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(receiver, status):
    elsewhere = receiver()
    listening = receiver((status, b"", {"Location": elsewhere.url}))

    reply = send(letter(listening.url))

    assert (reply.status, reply.was_taken) == (status, False)
    assert elsewhere.taken == []


def test_the_name_is_resolved_once_and_the_connection_made_to_what_was_checked(receiver):
    listening, asked = receiver(), []

    def once(host, port, **how):
        asked.append(host)
        return leads_to("127.0.0.1")(host, port, **how)

    reply = send(letter(f"http://hooks.example.com:{listening.port}/hook"), resolve=once)

    assert reply.status == 200
    assert asked == ["hooks.example.com"]
    assert listening.taken[0].headers["Host"] == f"hooks.example.com:{listening.port}"


def test_a_name_that_leads_inside_by_now_is_not_connected_to(receiver, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    listening = receiver()

    url = f"https://hooks.example.com:{listening.port}/"
    reply = send(letter(url), resolve=leads_to("127.0.0.1"))

    assert reply.status is None
    assert "not a public address" in reply.error
    assert listening.taken == []


def test_the_next_address_is_tried_when_one_takes_no_connection(receiver):
    listening = receiver()

    url = f"http://hooks.example.com:{listening.port}/hook"
    reply = send(letter(url), resolve=leads_to("127.0.0.2", "127.0.0.1"))

    assert (reply.status, reply.address) == (200, "127.0.0.1")


def test_proxies_of_the_environment_are_not_asked(receiver, monkeypatch):
    proxy, listening = receiver(), receiver()
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

    assert send(letter(listening.url)).status == 200
    assert proxy.taken == []


def test_nobody_listening_is_told_as_what_it_is(raw):
    listening = raw(lambda connection: None)
    listening.stop()

    reply = send(letter(listening.url))

    assert reply.status is None
    assert reply.error.startswith("The connection failed")


def test_no_more_of_an_answer_is_read_than_is_kept(receiver):
    listening = receiver((500, b"x" * 5_000_000))

    reply = send(letter(listening.url))

    assert reply.status == 500
    assert reply.answer == "x" * KEPT_OF_ANSWER


def test_an_answer_of_any_bytes_is_kept(receiver):
    listening = receiver((200, b"\xff\x00caf\xc3\xa9"))

    assert send(letter(listening.url)).answer == "�\x00café"


def drip(connection, begin=b"", piece=b"x"):
    connection.settimeout(30)
    connection.recv(65536)
    connection.sendall(begin)
    while True:
        connection.sendall(piece)
        time.sleep(0.05)


DRIPS = {
    "the status": (b"", b"H"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "a header": (b"HTTP/1.1 200 OK\r\nX: ", b"y"),
    "going on": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize(("begin", "piece"), DRIPS.values(), ids=DRIPS)
def test_whoever_drips_is_cut_off_when_the_time_is_over(raw, begin, piece):
    listening = raw(lambda connection: drip(connection, begin, piece))
    begun = time.monotonic()

    reply = send(letter(listening.url), whole_seconds=0.6)

    assert time.monotonic() - begun < 3
    assert reply.status is None
    assert reply.error


def test_whoever_drips_his_words_after_the_status_has_taken_the_message(raw):
    begin = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    listening = raw(lambda connection: drip(connection, begin))
    begun = time.monotonic()

    reply = send(letter(listening.url), whole_seconds=0.6)

    assert time.monotonic() - begun < 3
    assert reply.was_taken
    assert set(reply.answer) == {"x"}


def test_whoever_says_nothing_is_not_waited_for(raw):
    listening = raw(lambda connection: time.sleep(5))
    begun = time.monotonic()

    reply = send(letter(listening.url), whole_seconds=0.5)

    assert time.monotonic() - begun < 3
    assert (reply.status, reply.error) == (None, "It took longer than 0.5 seconds.")


def test_whoever_hangs_up_has_not_taken_it(raw):
    def hang_up(connection):
        connection.recv(65536)

    reply = send(letter(raw(hang_up).url))

    assert reply.status is None
    assert reply.error.startswith("The connection failed")


@pytest.mark.parametrize(
    "said", [b"hello\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x16\x03\x01", b"HTTP/9.9 200 OK\r\n\r\n"]
)
def test_whoever_speaks_something_else_has_not_taken_it(raw, said):
    def speak(connection):
        connection.recv(65536)
        connection.sendall(said)

    assert not send(letter(raw(speak).url)).was_taken


# --- TLS ---------------------------------------------------------------------------------------


@pytest.fixture
def certified(tmp_path, monkeypatch):
    """A TLS context for this name, whose authority this machine trusts if it should."""

    def certified(name, *, trusted=True):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A test")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        chain, secret = tmp_path / "chain.pem", tmp_path / "key.pem"
        chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(chain))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, secret)
        return context

    return certified


def test_the_certificate_is_checked_against_the_name_though_the_address_is_pinned(
    receiver, certified
):
    listening = receiver(tls=certified("hooks.example.com"))

    url = f"https://hooks.example.com:{listening.port}/hook"
    reply = send(letter(url), resolve=leads_to("127.0.0.1"))

    assert (reply.status, reply.answer) == (200, "thanks")


def test_a_certificate_for_another_name_is_not_good(receiver, certified):
    listening = receiver(tls=certified("other.example.com"))

    url = f"https://hooks.example.com:{listening.port}/hook"
    reply = send(letter(url), resolve=leads_to("127.0.0.1"))

    assert reply.status is None
    assert reply.error.startswith("The certificate is not good")
    assert listening.taken == []


def test_a_certificate_of_an_authority_that_nobody_knows_is_not_good(receiver, certified):
    listening = receiver(tls=certified("hooks.example.com", trusted=False))

    url = f"https://hooks.example.com:{listening.port}/hook"
    reply = send(letter(url), resolve=leads_to("127.0.0.1"))

    assert reply.error.startswith("The certificate is not good")


def test_whoever_never_shakes_hands_is_cut_off(raw):
    listening = raw(lambda connection: time.sleep(5))
    begun = time.monotonic()

    url = f"https://hooks.example.com:{listening.port}/hook"
    reply = send(letter(url), resolve=leads_to("127.0.0.1"), whole_seconds=0.5)

    assert time.monotonic() - begun < 3
    assert reply.status is None


def test_whoever_drips_through_tls_is_cut_off(receiver, certified):
    def slowly(handler):
        for _ in range(100):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: y"[:1])
            handler.wfile.flush()
            time.sleep(0.05)

    listening = receiver(slowly, tls=certified("hooks.example.com"))
    begun = time.monotonic()

    url = f"https://hooks.example.com:{listening.port}/hook"
    reply = send(letter(url), resolve=leads_to("127.0.0.1"), whole_seconds=0.8)

    assert time.monotonic() - begun < 3
    assert (reply.status, bool(reply.error)) == (None, True)
