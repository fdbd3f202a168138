"""The client says what is provable about a call, and makes it once."""

import base64
import datetime
import ipaddress
import json
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from registrations.plivo.client import (
    NotFound,
    NotSent,
    PlivoClient,
    PlivoTrouble,
    RateLimited,
    Refused,
    Unauthorised,
    Unknown,
)
from tests.plivo.stub import (
    Stub,
    answer,
    breaks_off,
    closes,
    drips,
    is_silent,
    resets,
    says,
)

AUTH_ID, TOKEN = "MAXXXXXXXXXXXXXXXXXX", "a-token-nobody-may-see"
ACCOUNT = f"/v1/Account/{AUTH_ID}"
BRAND = {"api_id": "api-1", "brand_id": "BXYZ123", "message": "accepted"}
CALLBACK = "https://portal.example.com/webhooks/plivo/10dlc/tkn/"


@pytest.fixture
def stub():
    stub = Stub()
    yield stub
    stub.stop()


@pytest.fixture
def client(stub):
    return client_of(stub.url)


def client_of(url, **more):
    return PlivoClient(AUTH_ID, TOKEN, base_url=url, **more)


def trouble_of(call):
    with pytest.raises(PlivoTrouble) as caught:
        call()
    return caught.value


# --- Provably not sent ---


def test_a_closed_port_means_that_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = client_of(f"http://127.0.0.1:{port}")

    trouble = trouble_of(lambda: client.create_brand({"name": "Acme"}))

    assert type(trouble) is NotSent
    assert trouble.status is None


def test_a_name_that_does_not_exist_means_that_nothing_was_sent():
    client = client_of("http://nonexistent.invalid")

    trouble = trouble_of(lambda: client.create_brand({"name": "Acme"}))

    assert type(trouble) is NotSent


@pytest.fixture
def self_signed(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    chain = tmp_path / "chain.pem"
    chain.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    return chain


@pytest.fixture
def tls_stub(self_signed):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed)
    stub = Stub(says(200, BRAND), tls=context)
    yield stub
    stub.stop()


def test_a_certificate_nobody_vouches_for_means_that_nothing_was_sent(tls_stub):
    trouble = trouble_of(lambda: client_of(tls_stub.url).create_brand({"name": "Acme"}))

    assert type(trouble) is NotSent
    assert tls_stub.seen == []


def test_the_environment_cannot_vouch_for_another_certificate(tls_stub, self_signed, monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(self_signed))

    trouble = trouble_of(lambda: client_of(tls_stub.url).create_brand({"name": "Acme"}))

    assert type(trouble) is NotSent
    assert tls_stub.seen == []


def test_a_server_that_does_not_speak_tls_means_that_nothing_was_sent(stub):
    client = client_of(stub.url.replace("http:", "https:"), read_seconds=0.3, connect_seconds=0.3)

    trouble = trouble_of(lambda: client.create_brand({"name": "Acme"}))

    assert type(trouble) is NotSent
    assert stub.seen == []


# --- Nobody can tell ---

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
UNKNOWABLE = {
    "reset": resets,
    "closed without an answer": closes,
    "silence": is_silent,
    "half a status line": breaks_off(b"HTTP/1."),
    "half the headers": breaks_off(b"HTTP/1.1 200 OK\r\nContent-"),
    "not HTTP": breaks_off(b"220 mail.example.com ready\r\n\r\n"),
    "truncated": breaks_off(answer(200, BRAND, Content_Length="5000")),
    "truncated in chunks": breaks_off(CHUNKED + b"ff\r\n{}"),
    "chunks that are none": breaks_off(CHUNKED + b"nonsense\r\n"),
    "a length that is none": breaks_off(answer(200, BRAND, Content_Length="many")[:-5]),
    "HTML": says(200, "<html>Welcome</html>", Content_Type="text/html"),
    "half of its JSON": says(200, '{"brand_id": "BX'),
    "a list": says(200, [BRAND]),
    "nothing": says(200, ""),
    "deep nesting": says(200, "[" * 100_000),
    "too large": says(200, {**BRAND, "more": "x" * 5000}),
    "302": says(302, BRAND, Location="/elsewhere/"),
    "307": says(307, BRAND, Location="/elsewhere/"),
    "409": says(409, {"error": "conflict"}),
    "500": says(500, {"error": "server error"}),
    "502": says(502, "<html>Bad gateway</html>"),
    "503": says(503, "", Retry_After="1"),
    "504": says(504, ""),
    "400 of a gateway": says(400, "<html>Bad request</html>"),
    "404 of a gateway": says(404, "<html>Not found</html>"),
    "another encoding": says(200, b"\x1f\x8bnonsense", Content_Encoding="gzip"),
}


@pytest.mark.parametrize("act", UNKNOWABLE.values(), ids=UNKNOWABLE)
def test_nobody_can_tell_whether_plivo_acted_and_it_is_asked_once(stub, act):
    stub.act = act
    client = client_of(stub.url, read_seconds=0.3, max_bytes=2000)

    trouble = trouble_of(lambda: client.create_brand({"name": "Acme"}))

    assert type(trouble) is Unknown
    assert len(stub.seen) == 1


@pytest.mark.parametrize("headers_too", [True, False], ids=["from the start", "the body"])
def test_an_answer_in_drips_is_not_waited_for(stub, headers_too):
    whole = answer(200, {**BRAND, "more": "x" * 40})
    head = b"" if headers_too else whole[: whole.index(b"\r\n\r\n") + 4]
    drip = drips(whole[len(head) :], stub.over)

    def act(connection, seen):
        connection.sendall(head)
        drip(connection, seen)

    stub.act = act
    client = client_of(stub.url, read_seconds=0.3)

    trouble = trouble_of(lambda: client.create_brand({"name": "Acme"}))

    assert type(trouble) is Unknown
    assert len(stub.seen) == 1


def test_a_server_error_comes_with_what_plivo_said(stub, client):
    stub.act = says(500, {"api_id": "api-9", "error": "server error"})

    trouble = trouble_of(lambda: client.create_brand({}))

    assert trouble.status == 500
    assert trouble.api_id == "api-9"
    assert json.loads(trouble.text)["error"] == "server error"


def test_a_yes_without_the_id_of_what_was_made_is_no_yes(stub, client):
    stub.act = says(202, {"api_id": "api-1", "message": "accepted"})

    trouble = trouble_of(lambda: client.create_brand({}))

    assert type(trouble) is Unknown
    assert trouble.api_id == "api-1"


@pytest.mark.parametrize("body", [{}, {"brand": None}, {"brand": []}])
def test_a_look_up_without_the_object_is_no_look_up(stub, client, body):
    stub.act = says(200, body)

    trouble = trouble_of(lambda: client.get_brand("BXYZ123"))

    assert type(trouble) is Unknown


# --- No ---


@pytest.mark.parametrize("status", [400, 405, 422])
def test_a_refusal_is_told_word_for_word(stub, client, status):
    stub.act = says(status, {"api_id": "api-2", "error": "ein is invalid – prüfen"})

    trouble = trouble_of(lambda: client.create_brand({}))

    assert type(trouble) is Refused
    assert trouble.error == "ein is invalid – prüfen"
    assert (trouble.status, trouble.api_id) == (status, "api-2")
    assert len(stub.seen) == 1


@pytest.mark.parametrize("status", [200, 201, 202])
def test_an_error_in_an_answer_that_says_yes_is_a_refusal(stub, client, status):
    stub.act = says(status, {**BRAND, "error": "The number is already requested for linking"})

    trouble = trouble_of(lambda: client.link_numbers("C1", ["14155550100"], callback_url=CALLBACK))

    assert type(trouble) is Refused
    assert trouble.error == "The number is already requested for linking"


def test_an_error_that_is_an_object_is_told_as_it_is(stub, client):
    stub.act = says(400, {"error": {"ein": ["is invalid"]}})

    trouble = trouble_of(lambda: client.create_brand({}))

    assert trouble.error == '{"ein": ["is invalid"]}'


@pytest.mark.parametrize("error", [None, "", {}, []])
def test_an_error_without_content_is_none(stub, client, error):
    stub.act = says(200, {**BRAND, "error": error})

    made = client.create_brand({})

    assert made.get("brand_id") == "BXYZ123"


def test_what_plivo_does_not_know_is_not_found(stub, client):
    stub.act = says(404, {"api_id": "api-3", "error": "not found"})

    trouble = trouble_of(lambda: client.get_brand("BXYZ123"))

    assert type(trouble) is NotFound
    assert trouble.status == 404


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [{"error": "no"}, "<html>no</html>", ""])
def test_credentials_that_are_not_accepted_are_told_apart(stub, client, status, body):
    stub.act = says(status, body)

    trouble = trouble_of(lambda: client.create_brand({}))

    assert type(trouble) is Unauthorised
    assert trouble.status == status
    assert len(stub.seen) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry_After": "2"}, 2.0),
        ({"Retry_After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "-1"}, None),
        ({"Retry_After": "nan"}, None),
        ({"Retry_After": "9" * 400}, None),
        ({"Retry_After": "²"}, None),
    ],
    ids=["absent", "seconds", "date", "word", "negative", "nan", "endless", "superscript"],
)
def test_too_many_requests_tell_how_long_to_wait_if_plivo_says_so(stub, client, headers, seconds):
    stub.act = says(429, {"error": "slow down"}, **headers)

    trouble = trouble_of(lambda: client.create_brand({}))

    assert type(trouble) is RateLimited
    assert trouble.retry_after == seconds
    assert len(stub.seen) == 1


# --- Yes ---


def test_a_write_is_sent_as_json_with_our_credentials(stub, client):
    stub.act = says(202, BRAND)

    made = client.create_brand({"brand_alias": "Äcme"})

    [seen] = stub.seen
    assert (seen.method, seen.target) == ("POST", f"{ACCOUNT}/10dlc/Brand/")
    assert seen.json() == {"brand_alias": "Äcme"}
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["authorization"] == basic(AUTH_ID, TOKEN)
    assert (made.status, made.api_id, made.get("brand_id")) == (202, "api-1", "BXYZ123")
    assert json.loads(made.text) == BRAND


def basic(name, password):
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


CALLS = {
    "get_profile": ("p", "GET", "/Profile/p/", None),
    "update_profile": ("p", {"a": 1}, "POST", "/Profile/p/", {"a": 1}),
    "delete_profile": ("p", "DELETE", "/Profile/p/", None),
    "get_brand": ("B1", "GET", "/10dlc/Brand/B1/", None),
    "brand_usecases": ("B1", "GET", "/10dlc/Brand/B1/usecases/", None),
    "delete_brand": ("B1", "DELETE", "/10dlc/Brand/B1/", None),
    "create_campaign": ({"a": 1}, "POST", "/10dlc/Campaign/", {"a": 1}),
    "import_campaign": ({"a": 1}, "POST", "/10dlc/Campaign/Import/", {"a": 1}),
    "get_campaign": ("C1", "GET", "/10dlc/Campaign/C1/", None),
    "update_campaign": ("C1", {"a": 1}, "POST", "/10dlc/Campaign/C1/", {"a": 1}),
    "delete_campaign": ("C1", "DELETE", "/10dlc/Campaign/C1/", None),
    "account_number": ("14155550100", "GET", "/Number/14155550100/", None),
}


@pytest.mark.parametrize("call", CALLS)
def test_each_call_goes_where_plivo_expects_it(stub, client, call):
    *arguments, method, path, sent = CALLS[call]
    stub.act = says(
        200,
        {
            "profile": {},
            "brand": {},
            "campaign": {},
            "use_cases": [],
            "campaign_id": "C1",
            "number": "14155550100",
        },
    )

    getattr(client, call)(*arguments)

    [seen] = stub.seen
    assert (seen.method, seen.target) == (method, ACCOUNT + path)
    assert (seen.json() if seen.body else None) == sent


def test_numbers_are_linked_and_unlinked_with_the_url_to_call_back(stub, client):
    client.link_numbers("C1", ["14155550100"], callback_url=CALLBACK)
    client.unlink_number("C1", "+1 415 555 0100", callback_url=CALLBACK)

    linked, unlinked = stub.seen
    assert (linked.method, linked.path) == ("POST", f"{ACCOUNT}/10dlc/Campaign/C1/Number/")
    assert linked.json() == {"numbers": ["14155550100"], "url": CALLBACK, "method": "POST"}
    assert unlinked.method == "DELETE"
    assert unlinked.path == f"{ACCOUNT}/10dlc/Campaign/C1/Number/14155550100/"
    assert unlinked.json() == {"url": CALLBACK, "method": "POST"}


def test_a_deletion_may_be_answered_with_nothing(stub, client):
    stub.act = breaks_off(b"HTTP/1.1 204 No Content\r\n\r\n")

    deleted = client.delete_brand("B1")

    assert (deleted.status, deleted.body, deleted.text) == (204, {}, "")


def test_a_part_of_the_path_cannot_become_another_path(stub, client):
    stub.act = says(200, {"brand": {}})

    client.get_brand("../Campaign/C1?x#y")

    assert stub.seen[0].target == f"{ACCOUNT}/10dlc/Brand/..%2FCampaign%2FC1%3Fx%23y/"


@pytest.mark.parametrize("nothing", ["", ".", ".."])
def test_what_names_nothing_is_not_asked_for(stub, client, nothing):
    with pytest.raises(ValueError, match="names nothing"):
        client.delete_brand(nothing)

    assert stub.seen == []


@pytest.mark.parametrize(
    "url",
    ["", "api.plivo.com", "ftp://api.plivo.com", "https://api.plivo.com/v1", "https://a:b@c.d"],
)
def test_an_address_that_is_more_or_less_than_scheme_and_host_is_refused(url):
    with pytest.raises(ValueError, match="scheme and host only"):
        client_of(url)


def test_names_in_camel_case_are_read_as_the_others_and_operators_keep_theirs(stub, client):
    operators = {"AT&T": {"tpmPrefix": 1}, "T-Mobile": {"brandTier": "LOW"}}
    stub.act = says(
        200,
        {
            "apiId": "api-4",
            "campaign": {
                "campaignId": "C1",
                "campaignAlias": "Acme",
                "subUsecases": [{"useCase": "a"}],
                "mno_metadata": operators,
            },
        },
    )

    campaign = client.get_campaign("C1")

    assert campaign == {
        "campaign_id": "C1",
        "campaign_alias": "Acme",
        "sub_usecases": [{"use_case": "a"}],
        "mno_metadata": operators,
    }


def test_the_id_of_the_call_is_found_in_camel_case_too(stub, client):
    stub.act = says(200, {"apiId": "api-4"})

    deleted = client.delete_brand("B1")

    assert deleted.api_id == "api-4"


def test_what_no_database_keeps_is_taken_out(stub, client):
    stub.act = says(200, '{"brand": {"a": NaN, "b": 1e400, "c": "x\\u0000y\\ud800", "d": 1.5}}')

    brand = client.get_brand("B1")

    assert brand["a"] is brand["b"] is None
    assert "\x00" not in brand["c"]
    brand["c"].encode()
    assert brand["d"] == 1.5


# --- Lists ---


def pages(total=45, *, meta=True, overlap=0, key="profiles", identity="profile_uuid"):
    """Act as a list of `total` objects, whose pages may begin early."""

    def act(connection, seen):
        limit, offset = int(seen.query["limit"]), int(seen.query["offset"])
        rows = [{identity: f"id-{number}"} for number in range(total)]
        body = {key: rows[max(0, offset - overlap) :][:limit]}
        if meta:
            more = offset + limit < total
            next_page = f"{seen.path}?limit={limit}&offset={offset + limit}" if more else None
            body["meta"] = {"next": next_page, "total_count": total}
        connection.sendall(answer(200, body))

    return act


@pytest.mark.parametrize("meta", [True, False], ids=["with meta", "without meta"])
@pytest.mark.parametrize("overlap", [0, 3], ids=["side by side", "overlapping"])
def test_every_page_is_read_and_each_object_comes_once(stub, client, meta, overlap):
    stub.act = pages(meta=meta, overlap=overlap)

    found = client.list_profiles()

    assert [row["profile_uuid"] for row in found] == [f"id-{number}" for number in range(45)]
    assert [seen.query["offset"] for seen in stub.seen] == ["0", "20", "40"]


@pytest.mark.parametrize("meta", [True, False], ids=["with meta", "without meta"])
@pytest.mark.parametrize("total", [0, 1, 20, 40])
def test_a_list_of_whole_pages_ends_too(stub, client, meta, total):
    stub.act = pages(total, meta=meta)

    found = client.list_profiles()

    assert len(found) == total


def test_a_list_that_takes_no_offset_ends(stub, client):
    stub.act = says(200, {"profiles": [{"profile_uuid": f"id-{n}"} for n in range(20)]})

    found = client.list_profiles()

    assert len(found) == 20


def test_a_filter_goes_with_every_page(stub, client):
    stub.act = pages(meta=False, key="campaigns", identity="campaign_id")

    client.list_campaigns("B1")

    assert [seen.query["brand_id"] for seen in stub.seen] == ["B1"] * 3


def test_half_a_list_is_no_list(stub, client):
    whole = pages()

    def act(connection, seen):
        second = seen.query["offset"] == "20"
        (says(500, {"error": "server error"}) if second else whole)(connection, seen)

    stub.act = act

    trouble = trouble_of(client.list_profiles)

    assert type(trouble) is Unknown


@pytest.mark.parametrize("body", [{}, {"profiles": None}, {"profiles": {}}])
def test_an_answer_without_the_list_is_not_an_empty_list(stub, client, body):
    stub.act = says(200, body)

    trouble = trouble_of(client.list_profiles)

    assert type(trouble) is Unknown


def test_pages_that_lead_in_a_circle_are_left(stub, client):
    again = f"{ACCOUNT}/Profile/?limit=20&offset=0"
    stub.act = says(200, {"profiles": [{"profile_uuid": "a"}], "meta": {"next": again}})

    trouble = trouble_of(client.list_profiles)

    assert type(trouble) is Unknown


def test_a_next_page_never_leads_to_another_host(stub, client):
    other = Stub(says(200, {"profiles": [], "meta": {"next": None}}))

    def act(connection, seen):
        next_page = None if "offset=20" in seen.target else f"{other.url}/there/?offset=20"
        rows = [{"profile_uuid": seen.target}]
        connection.sendall(answer(200, {"profiles": rows, "meta": {"next": next_page}}))

    stub.act = act

    client.list_profiles()

    other.stop()
    assert [seen.path for seen in stub.seen] == [f"{ACCOUNT}/Profile/", "/there/"]
    assert other.seen == []


# --- One number of a campaign ---


def test_a_number_of_a_campaign_is_found_however_it_is_spelt(stub, client):
    rows = [{"number": "14155550101"}, {"number": "+14155550100", "status": "COMPLETED"}]
    stub.act = says(200, {"phone_numbers": rows})

    found = client.campaign_number("C1", "14155550100")

    assert found["status"] == "COMPLETED"
    assert stub.seen[0].path == f"{ACCOUNT}/10dlc/Campaign/C1/Number/14155550100/"


@pytest.mark.parametrize("status", [200, 400, 404])
def test_a_number_that_plivo_says_is_not_linked_is_none(stub, client, status):
    error = "The number 14155550100 is not linked to this campaign"
    stub.act = says(status, {"api_id": "api-5", "error": error})

    found = client.campaign_number("C1", "14155550100")

    assert found is None


def test_a_number_is_none_if_the_answer_is_about_others(stub, client):
    stub.act = says(200, {"phone_numbers": [{"number": "14155550101"}]})

    found = client.campaign_number("C1", "14155550100")

    assert found is None


def test_a_number_that_is_not_found_is_looked_for_in_the_list(stub, client):
    def act(connection, seen):
        alone = seen.path.endswith("/14155550100/")
        rows = {"phone_numbers": [{"number": "14155550101"}]}
        (says(404, {"error": "not found"}) if alone else says(200, rows))(connection, seen)

    stub.act = act

    found = client.campaign_number("C1", "14155550100")

    assert found is None


def test_a_campaign_that_is_not_found_is_not_taken_for_a_number_not_linked(stub, client):
    stub.act = says(404, {"error": "not found"})

    trouble = trouble_of(lambda: client.campaign_number("C1", "14155550100"))

    assert type(trouble) is NotFound


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Refused), (500, Unknown), (401, Unauthorised), (429, RateLimited)]
)
def test_any_other_trouble_does_not_make_a_number_not_linked(stub, client, status, kind):
    stub.act = says(status, {"error": "something else"})

    trouble = trouble_of(lambda: client.campaign_number("C1", "14155550100"))

    assert type(trouble) is kind


# --- What the environment may not do, and what nobody may see ---


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"])
def test_a_proxy_of_the_environment_is_ignored(stub, client, monkeypatch, name):
    proxy = Stub(says(200, {**BRAND, "brand_id": "of the proxy"}))
    for exempt in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(exempt, raising=False)
    monkeypatch.setenv(name, proxy.url)
    stub.act = says(200, BRAND)

    made = client.create_brand({})

    proxy.stop()
    assert made.get("brand_id") == "BXYZ123"
    assert proxy.connections == 0


def test_a_proxy_of_the_environment_is_ignored_with_tls_too(tls_stub, monkeypatch):
    proxy = Stub()
    for exempt in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(exempt, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)

    trouble_of(lambda: client_of(tls_stub.url).create_brand({}))

    proxy.stop()
    assert proxy.connections == 0
    assert tls_stub.connections == 1


def test_a_netrc_does_not_replace_our_credentials(stub, client, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))

    client.delete_brand("B1")

    assert stub.seen[0].headers["authorization"] == basic(AUTH_ID, TOKEN)


def test_credentials_may_hold_any_letter(stub):
    client = PlivoClient(AUTH_ID, "tökén–✓", base_url=stub.url)

    client.delete_brand("B1")

    assert stub.seen[0].headers["authorization"] == basic(AUTH_ID, "tökén–✓")


def test_nobody_sees_the_token_in_the_client(client):
    shown = f"{client!r} {client} {client!s} {[client]}"

    assert AUTH_ID in shown
    assert TOKEN not in shown


@pytest.mark.parametrize("act", [closes, says(500, {"error": "no"}), says(401, "")])
def test_nobody_sees_the_token_in_a_trouble(stub, client, act):
    stub.act = act

    trouble = trouble_of(lambda: client.create_brand({}))

    assert TOKEN not in f"{trouble!r} {trouble} {vars(trouble)}"
    assert basic(AUTH_ID, TOKEN).split()[1] not in f"{trouble!r} {trouble} {vars(trouble)}"


# --- Connections ---


def test_a_write_never_travels_on_a_connection_that_was_kept(stub, client):
    stub.act = says(200, {**BRAND, "brand": {}})

    client.get_brand("B1")
    client.get_brand("B1")
    client.create_brand({})
    client.get_brand("B1")
    client.create_brand({})
    client.delete_brand("B1")

    assert [seen.connection for seen in stub.seen] == [1, 1, 2, 2, 3, 4]


def test_a_cookie_is_not_carried_to_other_threads_or_accounts(stub, client):
    stub.act = says(200, {"brand": {}}, Set_Cookie="session=1")
    client.get_brand("B1")

    thread = threading.Thread(target=client.get_brand, args=["B1"])
    thread.start()
    thread.join()
    client_of(stub.url).get_brand("B1")

    assert all("cookie" not in seen.headers for seen in stub.seen)
    assert stub.connections == 3
