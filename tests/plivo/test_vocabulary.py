"""What a callback says is read leniently, and what cannot be known is not guessed."""

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrations.lifecycle import Kind, Status
from registrations.plivo.vocabulary import (
    CONFIRMED,
    LONGEST_VALUE,
    MOST_FIELDS,
    REPORTED,
    Said,
    campaign_reasons,
    confirmed_status,
    declined_reasons,
    decode,
    form_pairs,
    reported_status,
    storable,
)

PAYLOADS = json.loads((Path(__file__).parent / "samples" / "payloads.json").read_text())
WORDS_OF_CALLBACKS = {"created", "registered", "rejected", "success", "failed"}
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def read_form(body):
    return decode("POST", FORM, "", body.encode())


def read_json(tree):
    body = tree if isinstance(tree, str) else json.dumps(tree)
    return decode("POST", JSON, "", body.encode())


def read_payload(name):
    payload = next(payload for payload in PAYLOADS if payload["name"] == name)
    body = bytes.fromhex(payload.get("body_hex", "")) or payload.get("body", "").encode()
    method, content_type = payload.get("method", "POST"), payload.get("content_type", "")
    return payload, decode(method, content_type, payload.get("query", ""), body)


# --- The invented payloads ---


@pytest.mark.parametrize("name", [payload["name"] for payload in PAYLOADS])
def test_an_invented_payload_says_what_it_was_made_to_say(name):
    payload, said = read_payload(name)

    known = said.word.lower() if said.word.lower() in WORDS_OF_CALLBACKS else None

    assert known == payload["expect_status"]
    assert not said.ambiguous
    assert not said.misplaced


@pytest.mark.parametrize(
    ("name", "kind", "status"),
    [
        ("form_brand", "brand", Status.REGISTERED),
        ("form_camel", "campaign", Status.REJECTED),
        ("json_flat_link", "number_linking", Status.LINKED),
        ("json_nested_unlink", "number_unlinking", Status.UNLINK_FAILED),
        ("get_query", "brand", Status.CREATED),
        ("console_word", "", None),
        ("empty", "", None),
        ("not_utf8", "", None),
    ],
)
def test_an_invented_payload_names_its_kind_and_has_a_status_here(name, kind, status):
    _, said = read_payload(name)

    assert said.kind == kind
    assert reported_status(said.kind, said.word) == status


@pytest.mark.parametrize(
    ("name", "brand_id", "campaign_id", "numbers"),
    [
        ("form_brand", "BXYZ123", "", ()),
        ("form_camel", "", "CABC456", ()),
        ("json_flat_link", "", "CABC456", ("14155550100",)),
        ("json_nested_unlink", "", "CABC456", ("14155550100",)),
        ("get_query", "BXYZ123", "", ()),
        ("console_word", "BXYZ123", "", ()),
    ],
)
def test_an_invented_payload_names_what_it_is_about(name, brand_id, campaign_id, numbers):
    _, said = read_payload(name)

    assert (said.brand_id, said.campaign_id, said.numbers) == (brand_id, campaign_id, numbers)


def test_a_word_that_is_not_known_stays_what_it_is():
    _, said = read_payload("console_word")

    assert said.word == "PENDING"


# --- Words ---


@pytest.mark.parametrize("spell", [str.lower, str.upper, str.title, " {} ".format])
@pytest.mark.parametrize(("kind", "word"), [(k, w) for k, words in REPORTED.items() for w in words])
def test_letter_case_and_blanks_of_a_reported_word_do_not_matter(kind, word, spell):
    assert reported_status(kind, spell(word)) == REPORTED[kind][word]


@pytest.mark.parametrize("kind", CONFIRMED)
def test_processing_never_confirms_an_end(kind):
    status = confirmed_status(kind, "PROCESSING")

    assert status in {Status.CREATED, Status.LINK_SUBMITTED}


@pytest.mark.parametrize(
    ("kind", "word", "status"),
    [
        (Kind.BRAND, "COMPLETED", Status.REGISTERED),
        (Kind.CAMPAIGN, "ACTIVE", Status.REGISTERED),
        (Kind.CAMPAIGN, "EXPIRED", Status.EXPIRED),
        (Kind.NUMBER_LINK, "COMPLETED", Status.LINKED),
        ("brand", "FAILED", Status.REJECTED),
    ],
)
def test_a_look_up_confirms_its_own_words(kind, word, status):
    assert confirmed_status(kind, word) == status


@pytest.mark.parametrize("word", ["", "PENDING", None, 7, True, [], {"a": 1}, "registered!"])
@pytest.mark.parametrize("kind", ["brand", "campaign", "number_link", "number_linking", "else", ""])
def test_a_word_that_is_not_known_has_no_status_here(kind, word):
    assert confirmed_status(kind, word) is None
    assert reported_status(kind, word) is None


def test_completed_says_nothing_of_an_unlinking():
    assert reported_status("number_unlinking", "COMPLETED") is None


# --- Shapes ---


@pytest.mark.parametrize(
    "tree",
    [
        {"brand": {"status": "registered", "brand_id": "B1"}},
        {"brand": {"registrationStatus": "registered", "brandId": "B1"}},
        {"data": {"type": "brand", "status": "registered", "BrandID": "B1"}},
        {"Brand": [{"Status": "registered", "brand-id": "B1"}]},
        [{"event": "Brand", "status": "registered", "tcr_brand_id": "B1"}],
        {"type": "brand", "data": {"object": {"status": "registered", "brand_id": "B1"}}},
    ],
)
def test_nested_and_camel_case_and_arrays_say_the_same(tree):
    said = read_json(tree)

    assert (said.kind, said.word, said.brand_id) == ("brand", "registered", "B1")
    assert not said.ambiguous


@pytest.mark.parametrize(
    "kind", ["number_linking", "numberLinking", "Number Linking", "NUMBER-LINKING"]
)
def test_the_kind_is_known_in_any_spelling(kind):
    said = read_json({"event": kind, "status": "success"})

    assert said.kind == "number_linking"


@pytest.mark.parametrize(
    "given",
    [
        ["14155550100", "14155550101"],
        ["+1 (415) 555-0100", "4155550101"],
        "14155550100,14155550101",
        "14155550100; 14155550101",
        [14155550100, 14155550101, "14155550100"],
        [{"number": "14155550100"}, {"phone_number": "14155550101"}],
    ],
)
def test_numbers_are_read_however_they_come(given):
    said = read_json({"numbers": given})

    assert said.numbers == ("14155550100", "14155550101")


def test_json_is_known_by_its_look_too():
    said = decode("POST", FORM, b"", b'\xef\xbb\xbf {"status": "registered"}')

    assert said.word == "registered"


def test_a_form_without_a_content_type_is_read():
    said = decode("POST", "", "", b"status=registered")

    assert said.word == "registered"


def test_all_that_could_be_read_is_kept():
    said = read_form("Brand_ID=B1&brandId=B1&somethingElse=x&empty=")

    assert said.fields == {"brand_id": ["B1", "B1"], "somethingelse": ["x"], "empty": [""]}


def test_reasons_are_kept_together():
    said = read_form("status=rejected&error_code=1101&reason=EIN+mismatch")

    assert set(said.reason.split("; ")) == {"1101", "EIN mismatch"}


def test_the_state_of_california_is_no_status():
    said = read_json({"state": "CA", "brand": {"registration_status": "registered"}})

    assert said.word == "registered"
    assert not said.ambiguous


# --- Ambiguous, misplaced ---


@pytest.mark.parametrize(
    "body",
    [
        "status=registered&status=rejected",
        "status=registered&event_status=rejected",
        "brand_id=B1&brand_id=B2",
        "campaign_id=C1&campaignId=C2",
        "type=brand&event=campaign",
    ],
)
def test_two_values_for_one_thing_are_ambiguous(body):
    assert read_form(body).ambiguous


@pytest.mark.parametrize(
    "body",
    [
        '{"status": "registered", "status": "rejected"}',
        '{"status": ["registered", "rejected"]}',
        '{"status": "registered", "brand": {"status": "rejected"}}',
        '[{"brand_id": "B1"}, {"brand_id": "B2"}]',
    ],
)
def test_two_values_for_one_thing_in_json_are_ambiguous(body):
    assert read_json(body).ambiguous


@pytest.mark.parametrize(
    "body",
    [
        "status=registered&status=REGISTERED",
        "status=registered&event_status=COMPLETED",
        "brand_id=B1&brandId=B1&tcr_brand_id=BT1",
        "type=brand&event=brand",
        "status=registered&status=",
        "number=14155550100&number=14155550101",
    ],
)
def test_the_same_said_twice_is_not_ambiguous(body):
    assert not read_form(body).ambiguous


def test_a_query_counts_for_nothing_in_a_post():
    said = decode("POST", FORM, "status=rejected", b"status=registered")

    assert said.word == "registered"
    assert said.misplaced
    assert not said.ambiguous


def test_a_body_counts_for_nothing_in_a_get():
    said = decode("get", JSON, "status=registered", b'{"brand": {"status": "rejected"}}')

    assert said.word == "registered"
    assert said.misplaced


def test_what_means_nothing_is_not_misplaced():
    said = decode("POST", FORM, "utm_source=x", b"status=registered")

    assert not said.misplaced


# --- Whatever the bytes are ---

NOTHING = Said()


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"a":' * 500 + '"status"' + "}" * 500,
        "{",
        "[]",
        "{}",
        "null",
        '"registered"',
        "[null, [], {}]",
    ],
    ids=lambda body: body[:12],
)
def test_json_that_says_nothing_says_nothing(body):
    assert read_json(body) == NOTHING


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e400", "-0.0", "9" * 1000])
def test_a_number_stays_the_text_that_it_was(number):
    said = read_json(f'{{"brand_id": {number}, "status": "registered"}}')

    assert said.brand_id == number
    assert said.word == "registered"


def test_a_whole_number_of_5000_digits_is_cut_and_not_counted():
    said = read_json('{"brand_id": %s, "status": "registered"}' % ("9" * 5000))

    assert said.brand_id == "9" * LONGEST_VALUE
    assert said.word == "registered"


def test_true_false_and_null_are_told_as_json_tells_them():
    said = read_json({"a": True, "b": False, "status": None})

    assert said.fields == {"a": ["true"], "b": ["false"], "status": [""]}
    assert said.word == ""


def test_only_so_many_fields_are_read():
    said = read_form("&".join(f"f{number}=x" for number in range(5000)) + "&status=registered")

    assert len(said.fields) == MOST_FIELDS
    assert said.word == ""


def test_a_multipart_body_is_kept_elsewhere_and_says_nothing_here():
    body = b'--x\r\nContent-Disposition: form-data; name="status"\r\n\r\nregistered\r\n--x--'

    said = decode("POST", "multipart/form-data; boundary=x", "", body)

    assert said == NOTHING


@pytest.mark.parametrize("escape", ["\\u0000", "\\ud800", "\\udfff"])
def test_what_no_database_keeps_is_replaced(escape):
    said = read_json(f'{{"brand_id": "B{escape}1", "na{escape}me": "x"}}')

    assert said.brand_id == "B\N{REPLACEMENT CHARACTER}1"
    assert "na\N{REPLACEMENT CHARACTER}me" in said.fields


def texts_of(said):
    yield from (said.kind, said.word, said.brand_id, said.campaign_id, said.api_id, said.reason)
    yield from said.numbers
    yield from said.fields
    for values in said.fields.values():
        yield from values


def can_be_stored(text):
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


METHODS = st.sampled_from(["POST", "GET", "post", "PUT", ""])
TYPES = st.sampled_from([FORM, JSON, "", "multipart/form-data", "text/plain"]) | st.text()
NAMES = st.sampled_from(["status", "Type", "brandId", "numbers", "error", "brand"]) | st.text()
# Half a surrogate pair is what JSON can spell and UTF-8 cannot.
ANY_TEXT = st.text(st.characters(exclude_categories=[]))
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(NAMES | ANY_TEXT, inner),
    max_leaves=20,
)
BODIES = st.binary() | TREES.map(lambda tree: json.dumps(tree).encode())


@given(method=METHODS, content_type=TYPES, query=st.binary() | ANY_TEXT, body=BODIES)
def test_reading_never_fails_and_what_is_read_can_be_stored(method, content_type, query, body):
    said = decode(method, content_type, query, body)

    assert all(can_be_stored(text) for text in texts_of(said))
    assert all(len(value) <= LONGEST_VALUE for values in said.fields.values() for value in values)


@given(pairs=st.lists(st.tuples(NAMES, ANY_TEXT)))
def test_a_form_that_spells_odd_bytes_is_read(pairs):
    body = urlencode(pairs, errors="surrogatepass").encode()

    said = decode("POST", FORM, "", body)

    assert all(can_be_stored(text) for text in texts_of(said))


@given(content_type=TYPES, body=BODIES)
def test_the_pairs_of_a_form_are_read_from_any_body(content_type, body):
    pairs = form_pairs(content_type, body)

    assert all(len(pair) == 2 for pair in pairs)


@given(text=ANY_TEXT)
def test_what_is_storable_stays_as_it_is_and_as_long(text):
    kept = storable(text)

    assert can_be_stored(kept)
    assert len(kept) == len(text)
    assert kept == text or not can_be_stored(text)


# --- Why something was declined ---


@pytest.mark.parametrize("code", ["1101", 1101])
@pytest.mark.parametrize("name", ["message", "reason", "description"])
def test_a_declined_brand_tells_each_code_and_its_text(code, name):
    brand = {"declined_reasons": [{"code": code, name: "EIN mismatch"}, {"code": "1102"}]}

    reasons = declined_reasons(brand)

    assert reasons == [{"code": "1101", "text": "EIN mismatch"}, {"code": "1102", "text": ""}]


@pytest.mark.parametrize(
    ("given", "reasons"),
    [
        (None, []),
        ([], []),
        ("", []),
        ([None, "", {}, []], []),
        ("EIN mismatch", [{"code": "", "text": "EIN mismatch"}]),
        (["one", "two"], [{"code": "", "text": "one"}, {"code": "", "text": "two"}]),
        ({"code": 1101, "message": "one"}, [{"code": "1101", "text": "one"}]),
        ([[{"code": "1101", "message": "one"}]], [{"code": "1101", "text": "one"}]),
        ([7], [{"code": "", "text": "7"}]),
        ([{"why": "é"}], [{"code": "", "text": '{"why": "é"}'}]),
        ([{"code": "1", "message": ["a"]}], [{"code": "1", "text": '["a"]'}]),
    ],
)
def test_reasons_of_a_brand_are_shown_in_whatever_shape_they_come(given, reasons):
    assert declined_reasons({"declined_reasons": given}) == reasons


def test_a_brand_without_reasons_has_none():
    assert declined_reasons({}) == []


@pytest.mark.parametrize("code", ["1001", 1001, ["1001"], [1001]])
def test_a_declined_campaign_tells_its_code_reason_and_description(code):
    campaign = {"error_code": code, "error_reason": "Content", "error_description": "Prohibited."}

    reasons = campaign_reasons(campaign)

    assert reasons == [{"code": "1001", "text": "Content – Prohibited."}]


@pytest.mark.parametrize(
    ("campaign", "reasons"),
    [
        ({}, []),
        ({"error_code": None, "error_reason": "", "error_description": None}, []),
        ({"error_code": "9999"}, [{"code": "9999", "text": ""}]),
        ({"error_reason": "Content"}, [{"code": "", "text": "Content"}]),
        ({"error_reason": "Same", "error_description": "Same"}, [{"code": "", "text": "Same"}]),
        (
            {"error_code": ["1001", 1003], "error_reason": ["Content"]},
            [{"code": "1001", "text": "Content"}, {"code": "1003", "text": "Content"}],
        ),
    ],
)
def test_reasons_of_a_campaign_are_shown_in_whatever_shape_they_come(campaign, reasons):
    assert campaign_reasons(campaign) == reasons


@given(tree=TREES)
def test_reasons_never_fail_and_are_always_text(tree):
    brand = {"declined_reasons": tree}
    campaign = {"error_code": tree, "error_reason": tree, "error_description": tree}

    reasons = declined_reasons(brand) + campaign_reasons(campaign)

    assert all(isinstance(text, str) for reason in reasons for text in reason.values())
