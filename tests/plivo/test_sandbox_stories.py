"""How objects fare after the API took them: turns, test cards, and a life across restarts."""

import pytest

from tests.plivo.sandbox_stage import CALLBACK_URL, Letterbox, Stage


@pytest.fixture
def stage():
    return Stage()


def test_a_brand_goes_from_processing_to_completed(stage):
    brand_id = stage.create_brand().json()["brand_id"]

    assert stage.brand_status(brand_id) == "PROCESSING"
    stage.pass_time(0.6)
    assert (stage.brand_status(brand_id), stage.letterbox.words) == ("PROCESSING", ["created"])
    stage.pass_time(1)
    assert stage.brand_status(brand_id) == "COMPLETED"
    assert stage.letterbox.words == ["created", "registered"]


def test_a_number_is_linked_and_unlinked(stage):
    campaign_id = stage.campaign()

    stage.link(campaign_id, "14155550100")
    assert stage.number_status(campaign_id, "14155550100") == "PROCESSING"
    stage.pass_time(60)
    assert stage.number_status(campaign_id, "14155550100") == "COMPLETED"
    assert stage.unlink(campaign_id, "14155550100").status == 202
    assert stage.number_status(campaign_id, "14155550100") == "COMPLETED"
    stage.pass_time(60)

    assert stage.number_status(campaign_id, "14155550100") is None
    assert stage.letterbox.words == ["created", "success", "created", "success"]


@pytest.mark.parametrize(
    ("company", "reason"),
    [
        ("Reject Me Ltd", "1101"),
        ("RejectName Inc.", "does not match"),
        ("RejectGovernment", "government"),
        ("RejectNonprofit", "tax-exempt"),
    ],
)
def test_a_brand_is_rejected_for_the_reason_on_its_card(stage, company, reason):
    brand_id = stage.create_brand(company).json()["brand_id"]
    stage.pass_time(60)

    brand = stage.get(f"/10dlc/Brand/{brand_id}/").json()["brand"]

    assert brand["registration_status"] == "FAILED"
    assert reason in str(brand["declined_reasons"])
    assert stage.letterbox.words == ["created", "rejected"]


@pytest.mark.parametrize(
    ("alias", "code"),
    [
        ("Reject me", "1004"),
        ("RejectContent", "1001"),
        ("RejectReseller", "1002"),
        ("RejectLending", "1003"),
        ("RejectUnknown", "9999"),
    ],
)
def test_a_campaign_is_rejected_for_the_reason_on_its_card(stage, alias, code):
    campaign_id = stage.campaign(campaign_alias=alias)

    assert stage.campaign_at_plivo(campaign_id)["error_code"] == code


def test_a_card_counts_as_a_whole_word_in_any_case(stage):
    rejected = stage.brand("please REJECT this")
    registered = stage.brand("Rejection Letters Inc.")

    assert stage.brand_status(rejected) == "FAILED"
    assert stage.brand_status(registered) == "COMPLETED"


def test_a_corrected_campaign_is_registered(stage):
    campaign_id = stage.campaign(campaign_alias="Reject me")
    flow = "Customers tick a box at https://www.example.com/checkout, unchecked at first."

    answer = stage.call("POST", f"/10dlc/Campaign/{campaign_id}/", {"message_flow": flow})
    between = stage.campaign_at_plivo(campaign_id)
    stage.pass_time(60)

    # Plivo's examples of this answer still show the status from before.
    assert answer.json()["campaign"]["registration_status"] == "FAILED"
    assert between["registration_status"] == "PROCESSING" and "error_code" not in between
    after = stage.campaign_at_plivo(campaign_id)
    assert (after["registration_status"], after["message_flow"]) == ("ACTIVE", flow)
    assert stage.letterbox.words == ["created", "registered"]


def test_blank_texts_leave_a_campaign_as_it_is(stage):
    campaign_id = stage.campaign(campaign_alias="Reject me")
    before = stage.campaign_at_plivo(campaign_id)["description"]

    stage.call(
        "POST", f"/10dlc/Campaign/{campaign_id}/", {"description": "", "sample1": "new " * 10}
    )

    assert stage.campaign_at_plivo(campaign_id)["description"] == before


def test_a_refused_brand_is_not_made_and_not_billed(stage):
    answer = stage.create_brand("Refuse Inc.")

    assert (answer.status, answer.json()["error"]) == (400, "company_name is not acceptable")
    assert stage.get("/10dlc/Brand/").json()["brands"] == []
    assert stage.look("ledger")["total"] == "0.00"


def test_forever_is_never_decided(stage):
    brand_id = stage.create_brand("Forever Ltd").json()["brand_id"]
    stage.pass_time(10_000_000)

    assert (stage.brand_status(brand_id), stage.letterbox.words) == ("PROCESSING", ["created"])


def test_slow_takes_ten_times_as_long(stage):
    brand_id = stage.create_brand("Slow Ltd").json()["brand_id"]

    stage.pass_time(14)
    assert stage.brand_status(brand_id) == "PROCESSING"
    stage.pass_time(2)
    assert stage.brand_status(brand_id) == "COMPLETED"


def test_silent_changes_and_tells_nobody(stage):
    brand_id = stage.create_brand("Silent Ltd").json()["brand_id"]
    stage.pass_time(60)

    assert (stage.brand_status(brand_id), stage.letterbox.words) == ("COMPLETED", [])


def test_duplicate_tells_everything_twice_with_two_nonces(stage):
    stage.create_brand("Duplicate Ltd")
    stage.pass_time(60)

    nonces = [headers["X-Plivo-Signature-V2-Nonce"] for _, _, headers, _ in stage.letterbox.letters]
    assert sorted(stage.letterbox.words) == ["created", "created", "registered", "registered"]
    assert len(set(nonces)) == 4


def test_reorder_tells_the_last_word_first(stage):
    brand_id = stage.create_brand("Reorder Ltd").json()["brand_id"]
    stage.pass_time(60)

    assert stage.letterbox.words == ["registered", "created"]
    assert stage.brand_status(brand_id) == "COMPLETED"


def test_contradict_tells_both_and_the_api_keeps_to_the_first(stage):
    brand_id = stage.create_brand("Contradict Ltd").json()["brand_id"]
    stage.pass_time(60)

    assert stage.letterbox.words == ["created", "registered", "rejected"]
    assert stage.brand_status(brand_id) == "COMPLETED"


def test_expire_ends_a_campaign_without_a_callback(stage):
    campaign_id = stage.create_campaign(campaign_alias="Expire soon").json()["campaign_id"]
    stage.letterbox.letters.clear()
    stage.pass_time(60)

    assert stage.campaign_at_plivo(campaign_id)["registration_status"] == "EXPIRED"
    assert stage.letterbox.words == ["created", "registered"]


@pytest.mark.parametrize(
    ("number", "status", "words"),
    [
        ("14155550190", "FAILED", ["created", "failed"]),
        ("14155550191", "COMPLETED", ["created", "success"]),
        ("14155550192", "PROCESSING", ["created"]),
        ("14155550193", "COMPLETED", []),
        ("14155550196", "COMPLETED", ["created", "created", "success", "success"]),
        ("14155550197", "COMPLETED", ["success", "created"]),
    ],
)
def test_the_end_of_a_number_chooses_how_its_link_ends(stage, number, status, words):
    campaign_id = stage.campaign()

    stage.link(campaign_id, number)
    stage.pass_time(10)

    assert stage.number_status(campaign_id, number) == status
    assert stage.letterbox.words == words


def test_an_unlink_can_fail_and_leaves_the_number_linked(stage):
    campaign_id = stage.campaign()
    stage.link(campaign_id, "14155550191")
    stage.pass_time(60)

    stage.unlink(campaign_id, "14155550191")
    stage.pass_time(60)

    assert stage.letterbox.words[-1] == "failed"
    assert stage.number_status(campaign_id, "14155550191") == "COMPLETED"


def test_a_campaigns_speed_follows_the_brands_score(stage):
    vetted = stage.campaign(stage.brand(secondary_vetting=True))
    not_vetted = stage.campaign(stage.brand(secondary_vetting=False))
    low_volume = stage.campaign(usecase="LOW_VOLUME")

    speeds = [
        stage.campaign_at_plivo(campaign_id)["mno_metadata"]["AT&T"]["tpm"]
        for campaign_id in (vetted, not_vetted, low_volume)
    ]

    assert speeds == [4500, 240, 75]


# --- Across restarts ---


def test_everything_survives_a_restart(tmp_path):
    path = tmp_path / "sandbox.sqlite3"
    before = Stage(path)
    campaign_id = before.campaign()
    before.link(campaign_id, "14155550100")
    before.control("settings", callback_shape="json")
    before.control("faults", kind="slow", times=2)
    looks = before.look("state"), before.look("ledger")
    # Its process dies without a farewell.
    after = Stage(path, clock=before.clock)

    assert (after.look("state"), after.look("ledger")) == looks
    assert after.number_status(campaign_id, "14155550100") == "PROCESSING"


def test_what_fell_due_while_the_sandbox_was_down_happens_afterwards(tmp_path):
    path = tmp_path / "sandbox.sqlite3"
    before = Stage(path)
    brand_id = before.create_brand().json()["brand_id"]
    after = Stage(path, clock=before.clock)

    after.pass_time(3600)

    assert after.brand_status(brand_id) == "COMPLETED"
    assert after.letterbox.words == ["created", "registered"]


def test_a_callback_that_was_under_way_when_the_sandbox_died_is_sent_again(tmp_path):
    class PowerCut(Exception):
        pass

    def power_cut(*message):
        raise PowerCut

    path = tmp_path / "sandbox.sqlite3"
    before = Stage(path, letterbox=power_cut)
    before.create_brand()
    with pytest.raises(PowerCut):
        before.pass_time(0.6)
    after = Stage(path, clock=before.clock)

    after.pass_time(0)

    assert after.letterbox.words == ["created"]


def test_an_answer_is_written_down_before_it_is_given(tmp_path):
    stage = Stage(tmp_path / "sandbox.sqlite3")

    brand_id = stage.create_brand().json()["brand_id"]

    witness = Stage(tmp_path / "sandbox.sqlite3", letterbox=Letterbox())
    assert witness.brand_status(brand_id) == "PROCESSING"


def test_a_new_request_replaces_what_the_old_one_had_planned(stage):
    campaign_id = stage.create_campaign(campaign_alias="Slow and Reject").json()["campaign_id"]
    stage.letterbox.letters.clear()

    stage.call("POST", f"/10dlc/Campaign/{campaign_id}/", {"sample1": "A better sample " * 3})
    stage.pass_time(3600)

    assert stage.letterbox.words == ["created", "registered"]
    assert all(url == CALLBACK_URL for _, url, _, _ in stage.letterbox.letters)
