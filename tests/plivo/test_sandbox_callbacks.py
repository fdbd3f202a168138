"""How the sandbox calls back: what it says, how it signs, and how often it tries."""

import json

import plivo
import pytest
from plivo.utils.signature_v3 import validate_v3_signature

from registrations.plivo.signature import v2_signature
from tests.plivo.sandbox_stage import AUTH_TOKEN, CALLBACK_URL, SUB_ID, SUB_TOKEN, Stage, published


@pytest.fixture
def stage():
    return Stage()


def signed_by(letter, token, header="X-Plivo-Signature-V2"):
    _, url, headers, _ = letter
    return headers[header] == v2_signature(url, headers["X-Plivo-Signature-V2-Nonce"], token)


def test_a_brands_callback_names_the_brand(stage):
    brand_id = stage.create_brand().json()["brand_id"]
    stage.pass_time(0.6)

    (letter,) = stage.letterbox.letters
    assert letter[:2] == ("POST", CALLBACK_URL)
    assert letter[2]["Content-Type"] == "application/x-www-form-urlencoded"
    assert stage.letterbox.says(letter) == {
        "type": "brand",
        "status": "created",
        "brand_id": brand_id,
    }


def test_a_numbers_callback_names_campaign_and_number(stage):
    campaign_id = stage.campaign()
    stage.link(campaign_id, "14155550100")
    stage.pass_time(60)
    stage.unlink(campaign_id, "14155550100")
    stage.pass_time(60)

    said = [stage.letterbox.says(letter) for letter in stage.letterbox.letters]
    assert {(row["campaign_id"], row["number"]) for row in said} == {(campaign_id, "14155550100")}
    assert [row["type"] for row in said] == ["number_linking"] * 2 + ["number_unlinking"] * 2


def test_the_official_sdk_accepts_the_signature(stage):
    stage.create_brand()
    stage.pass_time(0.6)

    ((_, url, headers, _),) = stage.letterbox.letters
    nonce, signature = headers["X-Plivo-Signature-V2-Nonce"], headers["X-Plivo-Signature-V2"]
    assert len(nonce) == 20 and nonce.isdigit()
    assert plivo.utils.validate_signature(url, nonce, signature, AUTH_TOKEN)
    assert not plivo.utils.validate_signature(url, nonce, signature, "another token")


def test_the_official_sdk_accepts_the_third_signature_with_its_parameters(stage):
    stage.control("settings", callback_v3=True)
    stage.create_brand()
    stage.pass_time(0.6)

    (letter,) = stage.letterbox.letters
    _, url, headers, _ = letter
    nonce, signature = headers["X-Plivo-Signature-V3-Nonce"], headers["X-Plivo-Signature-V3"]
    said = stage.letterbox.says(letter)
    assert validate_v3_signature("POST", url, nonce, AUTH_TOKEN, signature, said)
    said["status"] = "rejected"
    assert not validate_v3_signature("POST", url, nonce, AUTH_TOKEN, signature, said)


def test_a_subaccounts_callback_carries_the_main_accounts_signature_too(stage):
    profile = published("profile_create_request")
    profile_uuid = stage.call("POST", "/Profile/", profile, account=SUB_ID).json()["profile_uuid"]
    fields = published("brand_create_request") | {"profile_uuid": profile_uuid}
    stage.call("POST", "/10dlc/Brand/", fields, account=SUB_ID)
    stage.pass_time(0.6)

    (letter,) = stage.letterbox.letters
    assert signed_by(letter, SUB_TOKEN)
    assert signed_by(letter, AUTH_TOKEN, "X-Plivo-Signature-Ma-V2")


def test_get_puts_everything_into_the_query(stage):
    brand_id = stage.create_brand(method="GET").json()["brand_id"]
    stage.pass_time(0.6)

    (letter,) = stage.letterbox.letters
    assert (letter[0], letter[3]) == ("GET", b"")
    assert stage.letterbox.says(letter)["brand_id"] == brand_id
    assert signed_by(letter, AUTH_TOKEN)


@pytest.mark.parametrize(
    ("shape", "content_type", "body"),
    [
        ("form_camel", "form", b"Event=brand&Status=CREATED&BrandId=%s"),
        ("json", "json", b'{"type": "brand", "status": "created", "brand_id": "%s"}'),
        ("nested", "json", b'{"brand": {"status": "created", "brand_id": "%s"}}'),
        ("empty", "form", b""),
    ],
)
def test_the_shape_of_the_body_can_be_chosen(stage, shape, content_type, body):
    stage.control("settings", callback_shape=shape)
    brand_id = stage.create_brand().json()["brand_id"]
    stage.pass_time(0.6)

    ((_, _, headers, sent),) = stage.letterbox.letters
    assert content_type in headers["Content-Type"]
    assert sent == (body % brand_id.encode() if body else body)


def test_no_url_means_no_callback(stage):
    stage.create_brand(url="")
    stage.pass_time(60)

    assert stage.letterbox.letters == []


# --- Tries ---


def test_a_callback_is_tried_again_after_60_120_and_240_seconds_and_then_given_up(stage):
    stage.control("settings", retry_scale=1, final_after=100_000)
    stage.create_brand()
    stage.letterbox.answers = [500, 302, 201, "ConnectTimeout"]
    stage.pass_time(0.5)

    tries = [len(stage.letterbox.letters)]
    for seconds in (59, 1, 119, 1, 239, 1, 10_000):
        stage.pass_time(seconds)
        tries.append(len(stage.letterbox.letters))

    assert tries == [1, 1, 2, 2, 3, 3, 4, 4]
    answered = [row["status"] for row in stage.look("state")["deliveries"]]
    assert answered == [500, 302, 201, "ConnectTimeout"]


def test_a_callback_that_was_answered_200_is_not_repeated(stage):
    stage.create_brand()
    stage.letterbox.answers = [500]
    stage.pass_time(0.6)
    stage.pass_time(10)
    stage.pass_time(10_000)

    assert sorted(stage.letterbox.words) == ["created", "created", "registered"]


@pytest.mark.parametrize(("same", "nonces"), [(True, 1), (False, 2)])
def test_a_further_try_has_the_same_nonce_or_a_new_one(stage, same, nonces):
    stage.control("settings", same_nonce_on_retry=same, final_after=100_000)
    stage.create_brand()
    stage.letterbox.answers = [500]
    stage.pass_time(0.6)
    stage.pass_time(60)

    letters = stage.letterbox.letters
    assert len(letters) == 2
    assert len({headers["X-Plivo-Signature-V2-Nonce"] for _, _, headers, _ in letters}) == nonces
    assert all(signed_by(letter, AUTH_TOKEN) for letter in letters)


def test_lost_callbacks_stay_lost(stage):
    stage.control("callbacks", drop="all")
    brand_id = stage.create_brand().json()["brand_id"]
    stage.pass_time(60)
    stage.control("callbacks", drop="none")
    stage.pass_time(10_000)

    assert (stage.brand_status(brand_id), stage.letterbox.letters) == ("COMPLETED", [])
    assert [row["status"] for row in stage.look("state")["deliveries"]] == ["lost", "lost"]


# --- Said by hand ---


def test_a_callback_said_by_hand_moves_nothing_at_plivo(stage):
    brand_id = stage.brand()

    stage.control("callbacks", id=brand_id, word="rejected", times=2)
    stage.pass_time(0)

    assert stage.letterbox.words == ["rejected", "rejected"]
    assert stage.brand_status(brand_id) == "COMPLETED"
    assert all(signed_by(letter, AUTH_TOKEN) for letter in stage.letterbox.letters)


def test_a_forged_callback_is_signed_with_nobodys_token(stage):
    brand_id = stage.brand()

    stage.control("callbacks", id=brand_id, word="registered", forged=True, retried=False)
    stage.letterbox.answers = [403]
    stage.pass_time(0)
    stage.pass_time(10_000)

    (letter,) = stage.letterbox.letters
    assert not signed_by(letter, AUTH_TOKEN)
    assert not signed_by(letter, AUTH_TOKEN, "X-Plivo-Signature-Ma-V2")


def test_a_captured_nonce_can_be_replayed_with_another_word(stage):
    brand_id = stage.create_brand().json()["brand_id"]
    stage.pass_time(60)

    stage.control("callbacks", id=brand_id, word="rejected", nonce="same")
    stage.pass_time(0)

    (_, _, said, _), (_, _, replayed, _) = stage.letterbox.letters[-2:]
    assert said["X-Plivo-Signature-V2"] == replayed["X-Plivo-Signature-V2"]
    assert stage.letterbox.words[-2:] == ["registered", "rejected"]


def test_anything_can_be_said_in_any_form(stage):
    brand_id = stage.brand()

    stage.control("callbacks", id=brand_id, word="???", shape="json")
    stage.control("callbacks", id=brand_id, fields={"Status": "PENDING"}, method="GET")
    raw = {"content_type": "text/plain", "body": "not a callback"}
    stage.control("callbacks", id=brand_id, raw=raw, after=5)
    stage.pass_time(10)

    odd, in_query, late = stage.letterbox.letters
    assert json.loads(odd[3])["status"] == "???"
    assert in_query[1] == f"{CALLBACK_URL}?Status=PENDING"
    assert (late[2]["Content-Type"], late[3]) == ("text/plain", b"not a callback")
