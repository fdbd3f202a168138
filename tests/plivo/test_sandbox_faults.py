"""Answers that go wrong, and what they leave behind."""

import pytest

from registrations.plivo.sandbox.faults import KINDS
from tests.plivo.sandbox_stage import Stage


@pytest.fixture
def stage():
    return Stage()


def brands(stage):
    return stage.get("/10dlc/Brand/").json()["brands"]


ACTS = {
    "lost_answer": True,
    "drop_before": False,
    "timeout_before": False,
    "timeout_after": True,
    "act_late": False,
    "slow": True,
    "error_500_before": False,
    "error_500_after": True,
    "rate_limited": False,
    "forbidden": False,
    "html_body": True,
    "no_id": True,
    "other_id": True,
    "redirect": False,
    "truncated": True,
    "error_in_2xx": False,
    "early_callback": True,
}


def test_every_fault_is_tried_here():
    assert set(ACTS) == set(KINDS)


@pytest.mark.parametrize(("kind", "acts"), ACTS.items())
def test_a_fault_acts_or_does_not_and_is_billed_accordingly(stage, kind, acts):
    profile_uuid = stage.profile()
    stage.control("faults", kind=kind, operation="create_brand")

    stage.create_brand(profile_uuid=profile_uuid)

    assert len(brands(stage)) == acts
    assert stage.look("ledger")["total"] == ("4.50" if acts else "0.00")


def test_a_fault_meets_one_call_only_and_only_the_one_it_waits_for(stage):
    stage.control("faults", kind="error_500_before", operation="create_brand")

    statuses = [stage.get("/Profile/").status]
    statuses += [stage.create_brand().status, stage.create_brand().status]

    assert statuses == [200, 500, 200]


def test_a_fault_can_wait_for_a_path_and_for_several_calls(stage):
    stage.control("faults", kind="error_500_before", path="^GET /10dlc/", times=2, status=503)

    statuses = [stage.get("/10dlc/Brand/").status for _ in range(3)]

    assert statuses == [503, 503, 200]


def test_planned_faults_can_be_forgotten(stage):
    stage.control("faults", kind="error_500_before")
    stage.control("faults", clear=True)

    assert stage.get("/Profile/").status == 200


@pytest.mark.parametrize(
    "fault", [{"kind": "nonsense"}, {"kind": "slow", "operation": "nonsense"}, {}, {"path": "("}]
)
def test_a_fault_that_makes_no_sense_is_refused(stage, fault):
    assert stage.control("faults", **fault).status == 400


def test_an_answer_can_be_cut_off(stage):
    stage.control("faults", kind="lost_answer", operation="create_brand")
    stage.control("faults", kind="lost_answer", operation="create_brand", reset=True)
    stage.control("faults", kind="truncated", operation="create_brand")

    cuts = [stage.create_brand().cut for _ in range(4)]

    assert cuts == ["closed", "reset", "half", ""]


def test_an_answer_can_be_held_back(stage):
    stage.control("faults", kind="slow", seconds=9)
    stage.control("faults", kind="timeout_after", seconds=9)
    stage.control("faults", kind="timeout_before")

    answers = [stage.get("/Profile/") for _ in range(3)]

    assert [(answer.delay, answer.cut) for answer in answers] == [
        (9, ""),
        (9, "closed"),
        (70, "closed"),
    ]


def test_a_request_can_be_carried_out_after_its_connection_is_gone(stage):
    stage.control("faults", kind="act_late", operation="create_brand", seconds=5)

    answer = stage.create_brand()
    at_first = brands(stage)
    stage.pass_time(5)

    assert (answer.cut, at_first, len(brands(stage))) == ("closed", [], 1)
    assert stage.look("ledger")["counts"]["create_brand"] == {
        "calls": 1,
        "made": 1,
        "fees": "4.50",
    }
    stage.pass_time(60)
    assert stage.letterbox.words == ["created", "registered"]


def test_a_callback_can_come_before_the_answer(stage):
    stage.control("faults", kind="early_callback", operation="create_brand")

    answer = stage.create_brand()

    # No time has passed, and yet the letter is there.
    assert (answer.status, stage.letterbox.words) == (200, ["created"])
    stage.pass_time(60)
    assert stage.letterbox.words == ["created", "registered"]


def test_the_last_word_can_come_before_the_answer(stage):
    fault = {"kind": "early_callback", "operation": "create_brand", "word": "registered"}
    stage.control("faults", **fault)

    brand_id = stage.create_brand().json()["brand_id"]

    assert stage.letterbox.words == ["registered"]
    assert stage.brand_status(brand_id) == "COMPLETED"


def test_an_answer_can_lack_its_id_or_bear_another(stage):
    stage.control("faults", kind="no_id", operation="create_brand")
    stage.control("faults", kind="other_id", operation="create_brand")

    without, other = stage.create_brand().json(), stage.create_brand().json()

    assert "brand_id" not in without and without["api_id"] and without["message"]
    assert other["brand_id"] not in [brand["brand_id"] for brand in brands(stage)]


def test_answers_that_are_no_answers_look_like_the_real_thing(stage):
    stage.control("faults", kind="redirect", to="https://elsewhere.example.com/")
    stage.control("faults", kind="html_body")
    stage.control("faults", kind="error_in_2xx", error="something is wrong")
    stage.control("faults", kind="rate_limited", retry_after=7)

    redirect, page, error, limited = (stage.get("/Profile/") for _ in range(4))

    location = redirect.headers["Location"]
    assert (redirect.status, location) == (302, "https://elsewhere.example.com/")
    assert page.status == 200 and page.body.startswith(b"<!doctype html>")
    assert (error.status, error.json()["error"]) == (200, "something is wrong")
    assert (limited.status, limited.headers["Retry-After"]) == (429, "7")


@pytest.mark.parametrize(
    ("word", "first", "made"),
    [
        ("LostAnswer", ("closed", 200), 1),
        ("Error500Before", ("", 500), 0),
        ("Error500After", ("", 500), 1),
        ("RateLimit", ("", 429), 0),
    ],
)
def test_a_card_spoils_the_first_answer_only(stage, word, first, made):
    profile_uuid = stage.profile(company_name=f"{word} Inc.")

    spoilt = stage.create_brand(profile_uuid=profile_uuid)
    made_at_first = len(brands(stage))
    again = stage.create_brand(profile_uuid=profile_uuid)

    assert (spoilt.cut, spoilt.status) == first
    assert made_at_first == made
    # What was made cannot be made again: one profile, one brand.
    assert again.status == (400 if made else 200)


def test_early_is_a_card_too(stage):
    stage.create_brand("Early Bird Ltd")

    assert stage.letterbox.words == ["created"]


def test_a_number_can_lose_its_answer_once_each_way(stage):
    campaign_id = stage.campaign()

    link = stage.link(campaign_id, "14155550195")
    stage.pass_time(60)
    unlink = stage.unlink(campaign_id, "14155550195")
    stage.pass_time(60)

    assert (link.cut, unlink.cut) == ("closed", "closed")
    assert stage.number_status(campaign_id, "14155550195") is None
