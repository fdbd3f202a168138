"""True signatures are told from forged ones, as Plivo's own SDK tells them."""

import base64
import hmac
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plivo.utils import validate_signature, validate_v3_signature

from registrations.plivo.signature import (
    HEADERS,
    LONGEST_HEADER,
    MA_V2,
    MA_V3,
    MOST_CANDIDATES,
    NONCE,
    V2,
    V2_NONCE,
    V3,
    V3_NONCE,
    v2_mac,
    v2_signature,
    v3_mac,
    v3_signature,
    verify,
)

VECTORS = json.loads((Path(__file__).parent / "samples" / "signature_vectors.json").read_text())
URL = "https://portal.example.com/webhooks/plivo/10dlc/tkn-7Qm2/"
NONCE_GIVEN = "05429567804466091622"
OWN, MAIN = "sub_account_auth_token_0002", "main_account_auth_token_0001"
FORM = [("brand_id", "BXYZ123"), ("status", "registered")]
GOOD = v2_signature(URL, NONCE_GIVEN, OWN)
MALFORMED = "The V2 signature is malformed."
NOT_MADE_BY_US = "No live token of the account makes this signature."


def judge(signature=GOOD, *, nonce=NONCE_GIVEN, own=(OWN,), main=(MAIN,), url=URL, **more):
    return verify({V2: signature, V2_NONCE: nonce}, url, list(own), list(main), **more)


def vectors(version):
    return [pytest.param(vector, id=vector["id"]) for vector in VECTORS[version]]


def params_of(vector):
    params = vector["params"]
    return dict(VECTORS[params] if isinstance(params, str) else params)


def signed_url(vector):
    """The URL that was called: a GET carries its parameters in the query."""
    if not vector.get("merge"):
        return vector["url"]
    joint = "&" if "?" in vector["url"] else "?"
    return vector["url"] + joint + urlencode(params_of(vector))


# --- The published vectors, and the SDK ---


@pytest.mark.parametrize("vector", vectors("v2"))
def test_v2_agrees_with_the_vector(vector):
    signature = v2_signature(vector["url"], vector["nonce"], vector["token"])

    assert (signature == vector["signature"]) is vector["valid"]


@pytest.mark.parametrize("vector", vectors("v2"))
def test_verifying_agrees_with_the_v2_vector(vector):
    verdict = judge(
        vector["signature"],
        nonce=vector["nonce"],
        own=[vector["token"]],
        main=[],
        url=vector["url"],
    )

    assert verdict.valid is vector["valid"]


@pytest.mark.parametrize("vector", vectors("v2"))
def test_the_official_sdk_agrees_on_the_v2_vector(vector):
    accepted = validate_signature(
        vector["url"], vector["nonce"], vector["signature"], vector["token"]
    )

    assert accepted is vector["valid"]


@pytest.mark.parametrize("vector", vectors("v3"))
def test_v3_agrees_with_the_vector(vector):
    signature = v3_signature(
        vector["method"],
        signed_url(vector),
        vector["nonce"],
        vector["token"],
        params_of(vector).items(),
    )

    assert (signature == vector["signature"]) is vector["valid"]


@pytest.mark.parametrize("vector", vectors("v3"))
def test_the_official_sdk_agrees_on_the_v3_vector(vector):
    accepted = validate_v3_signature(
        vector["method"],
        vector["url"],
        vector["nonce"],
        vector["token"],
        vector["signature"],
        params_of(vector),
    )

    assert accepted is vector["valid"]


@pytest.mark.parametrize("vector", vectors("v1"))
@pytest.mark.parametrize("header", ["X-Plivo-Signature", V2, MA_V2])
def test_v1_is_never_accepted(vector, header):
    headers = {header: vector["signature"], V2_NONCE: NONCE_GIVEN}

    verdict = verify(headers, vector["url"], [vector["token"]], [], form=[*params_of(vector)])

    assert not verdict.valid


@given(nonce=st.from_regex(NONCE, fullmatch=True), token=st.text("abcXYZ019", min_size=1))
def test_the_official_sdk_accepts_what_we_sign(nonce, token):
    v2 = v2_signature(URL, nonce, token)
    v3 = v3_signature("POST", URL, nonce, token, FORM)

    assert validate_signature(URL, nonce, v2, token)
    assert validate_v3_signature("POST", URL, nonce, token, v3, dict(FORM))


# --- The nonce ---


def test_a_request_without_a_nonce_is_refused():
    verdict = verify({V2: GOOD}, URL, [OWN], [MAIN])

    assert not verdict.valid
    assert verdict.reason == "There is no V2 nonce."


def test_an_empty_nonce_is_no_nonce():
    verdict = judge(v2_signature(URL, "", OWN), nonce="")

    assert verdict.reason == "There is no V2 nonce."


@pytest.mark.parametrize(
    "nonce",
    ["1 2", "1\n", "x" * 129, "１２３", "a=b", "\x00", "naïve", "<b>"],
    ids=["blank", "line end", "129 letters", "wide digits", "equals", "NUL", "accent", "tag"],
)
def test_a_malformed_nonce_is_refused_even_if_it_is_signed(nonce):
    verdict = judge(v2_signature(URL, nonce, OWN), nonce=nonce)

    assert not verdict.valid
    assert verdict.reason == "The V2 nonce is malformed, or came twice."


@pytest.mark.parametrize("joint", [",", ", "])
def test_a_nonce_that_came_twice_is_refused_even_if_it_is_signed(joint):
    doubled = NONCE_GIVEN + joint + NONCE_GIVEN

    verdict = judge(v2_signature(URL, doubled, OWN), nonce=doubled)

    assert verdict.reason == "The V2 nonce is malformed, or came twice."


def test_a_piece_of_the_path_cannot_be_passed_off_as_the_nonce():
    """Path and nonce are signed as one text: without this, it could be split elsewhere."""
    shorter = "https://portal.example.com/webhooks/plivo/10dlc/"

    verdict = judge(GOOD, url=shorter, nonce="tkn-7Qm2/" + NONCE_GIVEN)

    assert v2_signature(shorter, "tkn-7Qm2/" + NONCE_GIVEN, OWN) == GOOD
    assert not verdict.valid


def test_a_nonce_of_128_letters_is_taken():
    nonce = "n" * 128

    verdict = judge(v2_signature(URL, nonce, OWN), nonce=nonce)

    assert verdict.valid


# --- The signature's header ---


@pytest.mark.parametrize("headers", [{}, {V2: ""}, {V2: "", MA_V2: ""}])
def test_a_request_without_a_signature_is_refused(headers):
    verdict = verify({**headers, V2_NONCE: NONCE_GIVEN}, URL, [OWN], [MAIN])

    assert not verdict.valid
    assert verdict.reason == "There is no V2 signature."


def test_a_v3_signature_does_not_stand_in_for_v2():
    headers = {V3: v3_signature("POST", URL, "n", OWN), V3_NONCE: "n", V2_NONCE: NONCE_GIVEN}

    verdict = verify(headers, URL, [OWN], [MAIN])

    assert verdict.reason == "There is no V2 signature."


@pytest.mark.parametrize("name", [str.lower, str.upper, str.title])
def test_letter_case_of_header_names_does_not_matter(name):
    headers = {name(V2): GOOD, name(V2_NONCE): NONCE_GIVEN}

    verdict = verify(headers, URL, [OWN], [MAIN])

    assert verdict.valid


@pytest.mark.parametrize("header", [f"{GOOD},{GOOD}", f"x, {GOOD}", f"{GOOD} ,\t!", f",,,{GOOD}"])
def test_any_of_up_to_four_candidates_may_hold(header):
    assert header.count(",") < MOST_CANDIDATES

    verdict = judge(header)

    assert verdict.valid


@pytest.mark.parametrize("header", [f",,,,{GOOD}", ",".join([GOOD] * 5)])
def test_more_than_four_candidates_are_not_looked_at(header):
    verdict = judge(header)

    assert not verdict.valid
    assert verdict.reason == MALFORMED


def test_a_header_over_one_kilobyte_is_not_looked_at():
    longest = GOOD + " " * (LONGEST_HEADER - len(GOOD))

    assert judge(longest).valid
    assert judge(longest + " ").reason == MALFORMED


@pytest.mark.parametrize("header", ["é" * 44, GOOD[:-2] + "０=", "\udcff", GOOD + "\u00a0"])
def test_a_header_that_is_not_ascii_is_refused_without_a_fault(header):
    verdict = judge(header)

    assert verdict.reason == MALFORMED


def other_last_letter(signature):
    """Another text that decodes to the same bytes: the last letter has two bits to spare."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return signature[:-2] + letters[letters.index(signature[-2]) + 1] + "="


MAC_WITH_BOTH = v2_signature(VECTORS["v2"][6]["url"], NONCE_GIVEN, MAIN)  # has a slash and a plus


@pytest.mark.parametrize(
    "spell",
    [
        lambda text: text.rstrip("="),
        lambda text: text + "=",
        lambda text: text.replace("+", "-").replace("/", "_"),
        lambda text: text[:20] + " " + text[20:],
        lambda text: text[:20] + "\n" + text[20:],
        lambda text: text + "\n",
        lambda text: text.swapcase(),
        lambda text: base64.b64decode(text).hex(),
        lambda text: base64.b64encode(base64.b64decode(text) + b"\0").decode(),
        lambda text: base64.b64encode(base64.b64decode(text)[:20]).decode(),
        other_last_letter,
    ],
    ids=[
        "unpadded",
        "padded twice",
        "url-safe",
        "blank within",
        "line end within",
        "line end after",
        "other letter case",
        "hexadecimal",
        "longer",
        "shorter",
        "other last letter",
    ],
)
def test_only_the_one_spelling_of_base64_is_taken(spell):
    assert judge(MAC_WITH_BOTH, own=[MAIN], main=[]).valid
    assert {"+", "/"} <= set(MAC_WITH_BOTH)

    verdict = judge(spell(MAC_WITH_BOTH), own=[MAIN], main=[])

    assert not verdict.valid


# --- The tokens ---


def test_an_empty_token_signs_nothing():
    with pytest.raises(ValueError, match="empty auth token"):
        v2_mac(URL, NONCE_GIVEN, "")
    with pytest.raises(ValueError, match="empty auth token"):
        v3_mac("POST", URL, NONCE_GIVEN, "")


def test_what_an_empty_token_would_sign_does_not_verify():
    forged = base64.b64encode(hmac.digest(b"", (URL + NONCE_GIVEN).encode(), "sha256")).decode()

    among_others = judge(forged, own=["", OWN], main=[""])
    alone = judge(forged, own=[""], main=[])

    assert among_others.reason == NOT_MADE_BY_US
    assert alone.reason == "The account has no live token to verify with."


def test_an_account_without_tokens_verifies_nothing():
    verdict = judge(own=[], main=[])

    assert verdict.reason == "The account has no live token to verify with."


def test_a_wrong_token_is_refused():
    verdict = judge(own=["another_token"])

    assert not verdict.valid
    assert verdict.mac == b""
    assert verdict.token_index == -1
    assert verdict.reason == NOT_MADE_BY_US


def test_the_verdict_tells_which_token_made_it_and_knows_the_request_again():
    verdict = judge(f"x,{GOOD}", own=["newer_token", "", OWN])

    assert (verdict.scheme, verdict.token_index) == ("V2", 2)
    assert verdict.mac == base64.b64decode(GOOD)
    assert verdict.reason == ""


def test_ma_v2_is_made_with_the_main_account_s_tokens():
    headers = {MA_V2: v2_signature(URL, NONCE_GIVEN, MAIN), V2_NONCE: NONCE_GIVEN}

    verdict = verify(headers, URL, [OWN], ["old_main_token", MAIN])

    assert verdict.valid
    assert (verdict.scheme, verdict.token_index) == ("Ma-V2", 1)


def test_ma_v2_holds_where_v2_does_not():
    headers = {V2: "nonsense", MA_V2: v2_signature(URL, NONCE_GIVEN, MAIN), V2_NONCE: NONCE_GIVEN}

    verdict = verify(headers, URL, [OWN], [MAIN])

    assert verdict.scheme == "Ma-V2"


@pytest.mark.parametrize(("header", "token"), [(V2, MAIN), (MA_V2, OWN)])
def test_a_token_does_not_sign_for_the_other_header(header, token):
    headers = {header: v2_signature(URL, NONCE_GIVEN, token), V2_NONCE: NONCE_GIVEN}

    verdict = verify(headers, URL, [OWN], [MAIN])

    assert not verdict.valid


def test_an_account_that_is_itself_the_main_one_signs_both_headers():
    headers = {MA_V2: GOOD, V2_NONCE: NONCE_GIVEN}

    verdict = verify(headers, URL, [OWN], [])

    assert verdict.scheme == "Ma-V2"


# --- V3, where it is present ---


def with_v3(signature, *, header=V3, nonce="v3-nonce", form=FORM, **more):
    headers = {V2: GOOD, V2_NONCE: NONCE_GIVEN, header: signature, V3_NONCE: nonce}
    return verify(headers, URL, [OWN], [MAIN], form=form, **more)


def test_v3_is_not_demanded():
    verdict = judge()

    assert verdict.valid
    assert verdict.v3 == "absent"


@pytest.mark.parametrize(("header", "token"), [(V3, OWN), (MA_V3, MAIN)])
def test_v3_is_ok_when_it_covers_the_form(header, token):
    verdict = with_v3(v3_signature("POST", URL, "v3-nonce", token, FORM), header=header)

    assert verdict.v3 == "ok"


def test_v3_is_ok_when_it_covers_the_query():
    url = f"{URL}?status=registered&brand_id=BXYZ123"
    signature = v3_signature("GET", url, "v3-nonce", OWN)

    verdict = with_v3(signature, method="GET", query="status=registered&brand_id=BXYZ123", form=[])

    assert verdict.v3 == "ok"


@pytest.mark.parametrize(
    ("changed", "nonce"),
    [
        ({"form": [("brand_id", "BXYZ123"), ("status", "rejected")]}, "v3-nonce"),
        ({"query": "status=rejected"}, "v3-nonce"),
        ({"method": "GET"}, "v3-nonce"),
        ({}, "another"),
        ({}, "v3-nonce,v3-nonce"),
        ({}, ""),
    ],
    ids=["form", "query", "method", "nonce", "doubled nonce", "no nonce"],
)
def test_v3_is_bad_when_something_it_covers_was_changed_and_v2_still_holds(changed, nonce):
    signature = v3_signature("POST", URL, "v3-nonce", OWN, FORM)

    verdict = with_v3(signature, nonce=nonce, **changed)

    assert verdict.valid
    assert verdict.v3 == "bad"


def test_v3_does_not_survive_half_a_surrogate_pair_and_does_not_fail_on_it():
    signature = v3_signature("POST", URL, "v3-nonce", OWN, FORM)

    verdict = with_v3(signature, form=[("status", "\ud800")])

    assert verdict.v3 == "bad"


def test_the_order_of_the_form_does_not_matter_to_v3():
    backwards = FORM[::-1]

    verdict = with_v3(v3_signature("POST", URL, "v3-nonce", OWN, FORM), form=backwards)

    assert verdict.v3 == "ok"


# --- Properties ---

SEGMENTS = st.lists(st.text("abcXYZ019-_~", min_size=1), min_size=1, max_size=4)
URLS = SEGMENTS.map(lambda parts: f"https://portal.example.com/{'/'.join(parts)}/")
NONCES = st.from_regex(NONCE, fullmatch=True)
# HMAC fills a short key up with NULs, so tokens that end in them would be the same one.
TOKENS = st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), min_size=1)


@given(url=URLS, nonce=NONCES, token=TOKENS)
def test_what_is_signed_verifies(url, nonce, token):
    signature = v2_signature(url, nonce, token)

    verdict = judge(signature, nonce=nonce, own=[token], main=[], url=url)

    assert verdict.valid
    assert verdict.mac == v2_mac(url, nonce, token)


@given(
    signed=st.tuples(URLS, NONCES, TOKENS),
    used=st.tuples(URLS, NONCES, TOKENS),
    same=st.sampled_from([(0, 1), (0, 2), (1, 2), ()]),
)
def test_what_is_signed_does_not_verify_for_another_path_nonce_or_token(signed, used, same):
    used = tuple(signed[part] if part in same else used[part] for part in range(3))
    signature = v2_signature(*signed)

    url, nonce, token = used
    verdict = judge(signature, nonce=nonce, own=[token], main=[], url=url)

    assert verdict.valid is (used == signed)


@given(bit=st.integers(0, 255))
def test_a_signature_with_one_bit_flipped_does_not_verify(bit):
    mac = bytearray(base64.b64decode(GOOD))
    mac[bit // 8] ^= 1 << bit % 8

    verdict = judge(base64.b64encode(mac).decode())

    assert verdict.reason == NOT_MADE_BY_US


@given(headers=st.dictionaries(st.sampled_from(HEADERS), st.text()), good_nonce=st.booleans())
def test_verifying_never_fails_whatever_the_headers_hold(headers, good_nonce):
    if good_nonce:
        headers[V2_NONCE] = NONCE_GIVEN

    verdict = verify(headers, URL, [OWN], [MAIN], form=FORM)

    assert not verdict.valid
    assert verdict.reason
