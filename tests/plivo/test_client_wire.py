"""What went wrong on the wire is called by what is provable: never sent, or unknown."""

import datetime
import ipaddress
import socket
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from registrations.plivo.client import NotSent, PlivoClient, PlivoTrouble, RateLimited, Unknown
from tests.plivo.client_stage import (
    AUTH_ID,
    AUTH_TOKEN,
    StubServer,
    drips,
    floods,
    hangs_up,
    is_silent,
    page,
    raw,
    resets,
    says,
)

BRAND = {"brand_alias": "Acme (7qm2)"}
CREATED = says({"api_id": "a-1", "brand_id": "BTEST01"})
BEGUN = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"


@pytest.fixture
def server():
    server = StubServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody but its owner vouches for: (file, key file)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stage")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def tls_server(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = StubServer(tls=context)
    yield server
    server.stop()


@pytest.fixture
def trusted(certificate, monkeypatch):
    """This machine trusts the certificate, as it does those of public authorities."""
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate[0]))


def client_for(url, **options):
    return PlivoClient(AUTH_ID, AUTH_TOKEN, base_url=url, **options)


# --- Never sent ---


def test_a_closed_port_means_that_nothing_was_sent(server):
    server.stop()

    with pytest.raises(NotSent, match="refused"):
        server.client().create_brand(BRAND)


def test_a_name_that_nobody_knows_means_that_nothing_was_sent():
    with pytest.raises(NotSent, match="could not be reached"):
        client_for("https://nonexistent.invalid").create_brand(BRAND)


def test_a_connection_that_does_not_come_to_be_in_time_means_that_nothing_was_sent():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = []
        # Whoever comes after the queue is full gets no answer at all.
        for _ in range(16):
            caller = socket.socket()
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
            waiting.append(caller)

        with pytest.raises(NotSent, match="timed out"):
            url = f"http://127.0.0.1:{full.getsockname()[1]}"
            client_for(url, connect_seconds=0.2, read_seconds=5).create_brand(BRAND)

        for caller in waiting:
            caller.close()


def test_a_certificate_that_nobody_vouches_for_means_that_nothing_was_sent(tls_server):
    tls_server.will(CREATED)

    with pytest.raises(NotSent, match="certificate"):
        tls_server.client().create_brand(BRAND)

    assert tls_server.requests == []


def test_a_certificate_for_another_host_means_that_nothing_was_sent(tls_server, trusted):
    with pytest.raises(NotSent, match="localhost"):
        client_for(f"https://localhost:{tls_server.port}").create_brand(BRAND)

    assert tls_server.requests == []


def test_a_server_that_speaks_no_tls_means_that_nothing_was_sent(server):
    server.will(raw(b"HTTP/1.1 400 Bad Request\r\n\r\n"))

    with pytest.raises(NotSent):
        client_for(f"https://127.0.0.1:{server.port}").create_brand(BRAND)


def test_a_server_that_is_silent_in_the_handshake_means_that_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"https://127.0.0.1:{mute.getsockname()[1]}"

        with pytest.raises(NotSent, match="timed out"):
            client_for(url, connect_seconds=0.2, read_seconds=5).create_brand(BRAND)


# --- Unknown ---


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(hangs_up, id="closed without an answer"),
        pytest.param(resets, id="reset"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Le"), id="broken off in a header"),
        pytest.param(raw(BEGUN + b'{"api_id": "a-1"}'), id="broken off in the body"),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), id="odd chunks"
        ),
        pytest.param(
            raw(b'HTTP/1.1 200 OK\r\n\r\n{"api_id": "a-1", "brand_'), id="ended without a length"
        ),
        pytest.param(raw(b"220 mail.example.com ESMTP\r\n\r\n"), id="not HTTP"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}"), id="odd length"),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\n" + b"X-More: of it\r\n" * 200 + b"\r\n"), id="200 headers"
        ),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"),
            id="not the gzip it claims to be",
        ),
    ],
)
def test_after_a_connection_that_broke_nobody_knows_what_plivo_did(server, answer):
    server.will(answer)

    with pytest.raises(Unknown):
        server.client().create_brand(BRAND)

    assert len(server.requests) == 1


def test_a_server_that_never_answers_leaves_the_outcome_unknown(server):
    server.will(is_silent)

    with pytest.raises(Unknown, match="timed out"):
        server.client(read_seconds=0.3).create_brand(BRAND)


# Each of these drops comes in time for a time-out that counts from one byte to the next.
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(drips(b"HTTP/1.1 200 OK\r\nX-Slow: "), id="in a header"),
        pytest.param(drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="in interim answers"),
        pytest.param(drips(BEGUN), id="in the body"),
        pytest.param(drips(b"HTTP/1.1 200 OK\r\n\r\n"), id="in a body without a length"),
        pytest.param(
            drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
            id="in chunks",
        ),
    ],
)
def test_a_server_that_drips_does_not_hold_us_for_ever(server, answer):
    server.will(answer)

    with pytest.raises(Unknown):
        server.client(read_seconds=0.4).create_brand(BRAND)


def test_an_answer_that_trickles_in_before_its_time_is_up_is_taken(server):
    parts = [b'{"api_id": "a-1",', b' "brand_id":', b' "BTEST01"}']

    def trickles(connection, over):
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for part in parts:
            over.wait(0.05)
            connection.sendall(part)
        return False

    server.will(trickles)

    answer = server.client(read_seconds=20).create_brand(BRAND)

    assert answer.get("brand_id") == "BTEST01"


@pytest.mark.parametrize("head", ["200 OK", "302 Found\r\nLocation: /elsewhere/"])
def test_an_answer_without_end_is_not_read_to_its_end(server, head):
    server.will(floods(f"HTTP/1.1 {head}\r\n\r\n".encode()))

    with pytest.raises(Unknown, match="longer than 100000 bytes"):
        server.client(max_bytes=100_000, read_seconds=5).create_brand(BRAND)


def test_a_connection_that_breaks_after_the_handshake_leaves_the_outcome_unknown(
    tls_server, trusted
):
    tls_server.will(hangs_up)

    with pytest.raises(Unknown):
        tls_server.client().create_brand(BRAND)

    assert len(tls_server.requests) == 1


# --- How a request travels ---


def test_a_trusted_server_is_spoken_to_over_tls(tls_server, trusted):
    tls_server.will(CREATED)

    assert tls_server.client().create_brand(BRAND).get("brand_id") == "BTEST01"


def test_nothing_is_tried_twice(server):
    server.will(page("", 503), CREATED)

    with pytest.raises(Unknown):
        server.client().create_brand(BRAND)

    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server, status):
    elsewhere = StubServer()
    server.will(page("", status, Location=f"{elsewhere.url}/v1/"))

    with pytest.raises(Unknown, match=str(status)):
        server.client().create_brand(BRAND)

    assert elsewhere.connections == 0
    elsewhere.stop()


def test_proxies_of_the_environment_are_not_used(server, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    server.will(CREATED)

    assert server.client().create_brand(BRAND).status == 200


def test_credentials_of_a_netrc_file_are_not_used(server, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.will(CREATED)

    server.client().create_brand(BRAND)

    # Base64 of the stage's id and token, joined by a colon.
    assert server.last.headers["authorization"] == (
        "Basic TUFTVEFHRVNUQUdFU1RBR0VTVDphLXRva2VuLXRoYXQtbm9ib2R5LW1heS1zZWU="
    )


def test_looking_keeps_its_connection_and_writing_takes_a_new_one(server):
    brand = says({"api_id": "a-1", "brand": {"brand_id": "BTEST01"}})
    server.will(brand, brand, CREATED, says({"message": "Brand Deactivated"}), brand)
    client = server.client()

    client.get_brand("BTEST01")
    client.get_brand("BTEST01")
    client.create_brand(BRAND)
    client.delete_brand("BTEST01")
    client.get_brand("BTEST01")

    assert [request.connection for request in server.requests] == [1, 1, 2, 3, 3]


def test_a_token_in_any_script_can_be_sent(server):
    server.will(CREATED)

    PlivoClient(AUTH_ID, "tøken-ключ", base_url=server.url).create_brand(BRAND)

    assert len(server.requests) == 1


# --- What nobody may see ---


def test_the_token_is_never_shown(server):
    server.will(hangs_up, page("", 500), says({"error": "slow down"}, 429))
    client = server.client()
    shown = [repr(client), str(client)]

    for expected in (Unknown, Unknown, RateLimited):
        with pytest.raises(expected) as caught:
            client.create_brand(BRAND)
        trouble: PlivoTrouble = caught.value
        shown += [repr(trouble), str(vars(trouble)), str(caught.getrepr(style="short"))]
        # An error report that follows what led to it must not come upon the request.
        assert trouble.__context__ is None

    assert AUTH_ID in shown[0]
    assert AUTH_TOKEN not in "".join(shown)
