"""Every call of the API goes where Plivo documents it, and every list is read to its end."""

import pytest

from registrations.plivo.client import NotFound, PlivoClient, Refused, Unknown
from tests.plivo.client_stage import (
    AUTH_ID,
    AUTH_TOKEN,
    BASE,
    CALLBACK_URL,
    StubServer,
    page,
    says,
)

FIELDS = {"company_name": "Żółw Inc.", "secondary_vetting": False}
CALLBACK = {"url": CALLBACK_URL, "method": "POST"}
NUMBER = "14155550100"
NOT_LINKED = f"The number {NUMBER} is not linked to this campaign"


@pytest.fixture
def server():
    server = StubServer()
    yield server
    server.stop()


def numbers(*given, status="COMPLETED"):
    return [{"number": number, "status": status} for number in given]


def brands(first, count):
    return [{"brand_id": f"B{number:04}"} for number in range(first, first + count)]


def ids(rows):
    return [row["brand_id"] for row in rows]


# --- Where each call goes ---


@pytest.mark.parametrize(
    ("call", "method", "path", "body"),
    [
        (lambda c: c.create_profile(FIELDS), "POST", "/Profile/", FIELDS),
        (lambda c: c.get_profile("P1"), "GET", "/Profile/P1/", None),
        (lambda c: c.update_profile("P1", FIELDS), "POST", "/Profile/P1/", FIELDS),
        (lambda c: c.delete_profile("P1"), "DELETE", "/Profile/P1/", None),
        (lambda c: c.create_brand(FIELDS), "POST", "/10dlc/Brand/", FIELDS),
        (lambda c: c.get_brand("B1"), "GET", "/10dlc/Brand/B1/", None),
        (lambda c: c.brand_usecases("B1"), "GET", "/10dlc/Brand/B1/usecases/", None),
        (lambda c: c.delete_brand("B1"), "DELETE", "/10dlc/Brand/B1/", None),
        (lambda c: c.create_campaign(FIELDS), "POST", "/10dlc/Campaign/", FIELDS),
        (lambda c: c.import_campaign(FIELDS), "POST", "/10dlc/Campaign/Import/", FIELDS),
        (lambda c: c.get_campaign("C1"), "GET", "/10dlc/Campaign/C1/", None),
        (lambda c: c.update_campaign("C1", FIELDS), "POST", "/10dlc/Campaign/C1/", FIELDS),
        (lambda c: c.delete_campaign("C1"), "DELETE", "/10dlc/Campaign/C1/", None),
        (
            lambda c: c.link_numbers("C1", [NUMBER], callback_url=CALLBACK_URL),
            "POST",
            "/10dlc/Campaign/C1/Number/",
            {"numbers": [NUMBER], **CALLBACK},
        ),
        (
            lambda c: c.campaign_number("C1", NUMBER),
            "GET",
            f"/10dlc/Campaign/C1/Number/{NUMBER}/",
            None,
        ),
        (
            lambda c: c.unlink_number("C1", f"+{NUMBER}", callback_url=CALLBACK_URL),
            "DELETE",
            f"/10dlc/Campaign/C1/Number/{NUMBER}/",
            CALLBACK,
        ),
        (lambda c: c.account_number(NUMBER), "GET", f"/Number/{NUMBER}/", None),
    ],
)
def test_a_call_goes_where_plivo_documents_it(server, call, method, path, body):
    everything = {
        "profile": {},
        "brand": {},
        "campaign": {},
        "use_cases": [],
        "phone_numbers": [],
        "profile_uuid": "P1",
        "brand_id": "B1",
        "campaign_id": "C1",
        "number": NUMBER,
    }
    server.will(says(everything))

    call(server.client())

    assert (server.last.method, server.last.target) == (method, BASE + path)
    assert (server.last.json if server.last.body else None) == body


def test_objects_come_without_their_wrapping(server):
    server.will(
        says({"apiId": "a-1", "brand": {"brandId": "B1"}}),
        says({"api_id": "a-1", "use_cases": [{"code": "2FA"}]}),
        says({"api_id": "a-1", "number": NUMBER, "sms_enabled": True}),
    )
    client = server.client()

    assert client.get_brand("B1") == {"brand_id": "B1"}
    assert client.brand_usecases("B1") == [{"code": "2FA"}]
    assert client.account_number(NUMBER)["sms_enabled"] is True


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.create_profile(FIELDS),
        lambda c: c.create_brand(FIELDS),
        lambda c: c.create_campaign(FIELDS),
        lambda c: c.import_campaign(FIELDS),
        lambda c: c.get_profile("P1"),
        lambda c: c.get_brand("B1"),
        lambda c: c.get_campaign("C1"),
        lambda c: c.list_brands(),
        lambda c: c.brand_usecases("B1"),
        lambda c: c.account_number(NUMBER),
    ],
)
def test_a_yes_without_what_it_is_needed_for_leaves_the_outcome_unknown(server, call):
    server.will(says({"api_id": "a-1", "message": "Done.", "brand": None, "brands": {}}))

    with pytest.raises(Unknown) as caught:
        call(server.client())

    assert (caught.value.status, caught.value.api_id) == (200, "a-1")
    assert "Done." in caught.value.text


# --- One number of a campaign ---


def test_a_linked_number_is_found_however_it_is_written(server):
    server.will(says({"phone_numbers": numbers("+1 415-555-0100")}))

    row = server.client().campaign_number("C1", NUMBER)

    assert row["status"] == "COMPLETED"


@pytest.mark.parametrize("status", [200, 400, 404, 422])
def test_a_number_that_plivo_calls_not_linked_is_none(server, status):
    server.will(says({"api_id": "a-1", "error": NOT_LINKED}, status))

    assert server.client().campaign_number("C1", NUMBER) is None


def test_an_answer_about_other_numbers_is_none(server):
    server.will(says({"phone_numbers": numbers("14155550199")}))

    assert server.client().campaign_number("C1", NUMBER) is None


@pytest.mark.parametrize(("listed", "found"), [(NUMBER, True), ("14155550199", False)])
def test_if_plivo_does_not_know_the_number_the_list_decides(server, listed, found):
    server.will(says({"error": "not found"}, 404), says({"phone_numbers": numbers(listed)}))

    assert bool(server.client().campaign_number("C1", NUMBER)) is found


def test_an_unknown_campaign_is_not_taken_for_a_number_that_is_not_linked(server):
    server.will(says({"error": "not found"}, 404), says({"error": "not found"}, 404))

    with pytest.raises(NotFound):
        server.client().campaign_number("C1", NUMBER)


def test_another_refusal_says_nothing_about_the_number(server):
    server.will(says({"error": "not a valid number"}, 400))

    with pytest.raises(Refused, match="not a valid number"):
        server.client().campaign_number("C1", NUMBER)


# --- Lists ---


def test_pages_are_followed_to_the_end(server):
    server.will(
        says(
            {"brands": brands(0, 20), "meta": {"next": f"{BASE}/10dlc/Brand/?limit=20&offset=20"}}
        ),
        says({"brands": brands(20, 20), "meta": {"next": "?limit=20&cursor=a%2Bb"}}),
        says({"brands": brands(40, 1), "meta": {"next": None}}),
    )

    rows = server.client().list_brands()

    assert ids(rows) == ids(brands(0, 41))
    assert [request.query for request in server.requests] == [
        {"limit": "20", "offset": "0"},
        {"limit": "20", "offset": "20"},
        {"limit": "20", "cursor": "a+b"},
    ]
    assert {request.path for request in server.requests} == {f"{BASE}/10dlc/Brand/"}


def test_an_object_that_moved_to_the_next_page_meanwhile_is_listed_once(server):
    server.will(
        says({"brands": brands(0, 20), "meta": {"next": "?offset=20"}}),
        says({"brands": brands(19, 3), "meta": {"next": None}}),
    )

    assert ids(server.client().list_brands()) == ids(brands(0, 22))


def test_an_empty_page_in_the_middle_is_not_the_end(server):
    server.will(
        says({"brands": [], "meta": {"next": "?offset=20"}}),
        says({"brands": brands(0, 1), "meta": {"next": None}}),
    )

    assert ids(server.client().list_brands()) == ["B0000"]


@pytest.mark.parametrize("meta", [{}, {"meta": None}, {"meta": {"limit": 20}}])
def test_without_word_of_a_next_page_a_short_one_is_the_last(server, meta):
    server.will(says({"brands": brands(0, 20), **meta}), says({"brands": brands(20, 3), **meta}))

    assert ids(server.client().list_brands()) == ids(brands(0, 23))
    assert [request.query["offset"] for request in server.requests] == ["0", "20"]


def test_a_list_that_takes_no_offset_is_read_once_more_at_most(server):
    pool = says({"phone_numbers": numbers(*range(14155550100, 14155550149))})
    server.will(pool, pool)

    assert len(server.client().campaign_numbers("C1")) == 49


def test_filters_are_sent_with_every_page(server):
    server.will(says({"campaigns": [{"campaign_id": f"C{n}"} for n in range(20)]}))
    server.will(says({"campaigns": []}))

    server.client().list_campaigns(brand_id="B1")

    assert [request.query["brand_id"] for request in server.requests] == ["B1", "B1"]


@pytest.mark.parametrize(
    ("call", "path", "key"),
    [
        (lambda c: c.list_profiles(), "/Profile/", "profiles"),
        (lambda c: c.list_campaigns(), "/10dlc/Campaign/", "campaigns"),
        (lambda c: c.campaign_numbers("C1"), "/10dlc/Campaign/C1/Number/", "phone_numbers"),
        (lambda c: c.account_numbers(services="sms"), "/Number/", "objects"),
    ],
)
def test_rows_without_their_id_are_all_listed(server, call, path, key):
    server.will(says({key: [{"alias": "one"}, {"alias": "two"}, "not an object"]}))

    rows = call(server.client())

    assert rows == [{"alias": "one"}, {"alias": "two"}]
    assert server.last.path == BASE + path


@pytest.mark.parametrize("leads_away", ["http://127.0.0.1:{}/v1/", "//127.0.0.1:{}/v1/"])
def test_no_page_leads_away_from_our_host(server, leads_away):
    elsewhere = StubServer()
    following = leads_away.format(elsewhere.port) + "?offset=20"
    server.will(says({"brands": brands(0, 20), "meta": {"next": following}}))
    server.will(says({"brands": [], "meta": {"next": None}}))

    server.client().list_brands()

    assert elsewhere.connections == 0
    assert server.last.target == "/v1/?offset=20"
    elsewhere.stop()


@pytest.mark.parametrize("following", [{"cursor": "x"}, 7, ["?offset=20"], "http://[half"])
def test_a_next_page_that_is_no_address_makes_the_list_unknown(server, following):
    server.will(says({"brands": brands(0, 20), "meta": {"next": following}}))

    with pytest.raises(Unknown, match="no address"):
        server.client().list_brands()


def test_pages_that_lead_in_a_circle_make_the_list_unknown(server):
    circle = says({"brands": brands(0, 20), "meta": {"next": "?offset=20"}})
    server.will(circle, circle, circle)

    with pytest.raises(Unknown, match="circle"):
        server.client().list_brands()


def test_a_list_without_end_is_unknown(server):
    server.will(
        *(
            says({"brands": brands(n * 20, 20), "meta": {"next": f"?offset={n * 20}"}})
            for n in range(1, 502)
        )
    )

    with pytest.raises(Unknown, match="500 pages"):
        server.client().list_brands()

    assert len(server.requests) == 500


def test_half_a_list_is_never_taken_for_the_whole(server):
    server.will(says({"brands": brands(0, 20), "meta": {"next": "?offset=20"}}), page("Oops", 502))

    with pytest.raises(Unknown):
        server.client().list_brands()


# --- What the client is given ---


@pytest.mark.parametrize(
    "url", ["https://api.plivo.com", "http://127.0.0.1:8001", "https://[::1]/"]
)
def test_the_address_is_scheme_and_host(url):
    assert url.rstrip("/") in repr(PlivoClient(AUTH_ID, AUTH_TOKEN, base_url=url))


@pytest.mark.parametrize(
    "url",
    ["", "api.plivo.com", "ftp://api.plivo.com", "https://", "https://api.plivo.com/v1/Account/"]
    + ["https://api.plivo.com?x=1", "https://api.plivo.com#x", "https://me:you@api.plivo.com"],
)
def test_an_address_with_more_or_less_than_that_is_not_taken(url):
    with pytest.raises(ValueError, match="scheme and host only"):
        PlivoClient(AUTH_ID, AUTH_TOKEN, base_url=url)


@pytest.mark.parametrize("missing", ["", ".", ".."])
def test_an_id_that_names_nothing_is_not_sent(server, missing):
    with pytest.raises(ValueError, match="names nothing"):
        server.client().delete_brand(missing)

    assert server.connections == 0


def test_an_id_stays_one_part_of_the_path(server):
    server.will(says({"message": "Brand Deactivated"}))

    server.client().delete_brand("../Campaign/C1?x=1#y")

    assert server.last.target == f"{BASE}/10dlc/Brand/..%2FCampaign%2FC1%3Fx%3D1%23y/"
