"""The control API and the page: who may use them, and what they change."""

import pytest

from registrations.plivo import sandbox as package
from registrations.plivo.sandbox.cards import CARDS, NUMBER_ENDINGS
from tests.plivo.sandbox_stage import AUTH_TOKEN, Stage

FORM = {"Host": "127.0.0.1:8001", "Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def stage():
    return Stage()


# --- Who may ---


@pytest.mark.parametrize("host", ["127.0.0.1:8001", "localhost", "[::1]:8001"])
def test_this_machine_controls_the_sandbox(stage, host):
    own_page = {"Host": host, "Origin": f"http://{host}"}

    assert stage.sandbox.handle("GET", "/", "", {"Host": host}).status == 200
    assert stage.sandbox.handle("POST", "/control/reset", "", own_page, b"{}").status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example.com"},
        {"Host": "127.0.0.1.example.com:8001"},
        {"Host": "[oops"},
        {"Host": "127.0.0.1:8001", "Origin": "https://evil.example.com"},
        {"Host": "127.0.0.1:8001", "Origin": "http://127.0.0.1:8000"},
        {"Host": "127.0.0.1:8001", "Origin": "null"},
    ],
)
def test_no_web_page_elsewhere_controls_the_sandbox(stage, headers):
    brand_id = stage.brand()

    answer = stage.sandbox.handle("POST", "/control/reset", "", headers, b"{}")

    assert answer.status == 403
    assert stage.brand_status(brand_id) == "COMPLETED"


def test_the_api_itself_answers_under_any_host_name(stage):
    headers = {"Host": "plivo-sandbox:8001"}

    assert stage.sandbox.handle("GET", "/v1/Account/MA/Profile/", "", headers).status == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/", 405),
        ("GET", "/control/nonsense", 404),
        ("GET", "/control/reset", 405),
        ("POST", "/control/state", 405),
        ("DELETE", "/control/reset", 405),
    ],
)
def test_the_control_api_has_few_addresses(stage, method, path, status):
    assert stage.sandbox.handle(method, path, "", {"Host": "localhost"}).status == status


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("outcome", {}),
        ("outcome", {"id": "BNOBODY", "word": "registered"}),
        ("silent", {"id": "BNOBODY", "vetting_score": 50}),
        ("settings", {"no_such_setting": 1}),
        ("settings", {"meta": "perhaps"}),
        ("settings", {"final_after": "soon"}),
        ("settings", {"callback_shape": "xml"}),
        ("callbacks", {"drop": "some"}),
        ("faults", {"kind": "slow", "seconds": "long"}),
        ("advance", {}),
    ],
)
def test_nonsense_is_refused_with_a_reason(stage, name, said):
    answer = stage.control(name, **said)

    assert answer.status == 400
    assert answer.json()["error"]


def test_a_word_of_another_kind_is_refused(stage):
    brand_id = stage.brand()

    assert stage.control("outcome", id=brand_id, word="success").status == 400
    assert stage.control("silent", id=brand_id, word="expired").status == 400
    assert stage.brand_status(brand_id) == "COMPLETED"


# --- Deciding ---


def test_an_outcome_is_decided_at_once_and_told(stage):
    brand_id = stage.create_brand("Forever Ltd").json()["brand_id"]

    stage.control("outcome", id=brand_id, word="reject", reason="name")
    stage.pass_time(60)

    brand = stage.get(f"/10dlc/Brand/{brand_id}/").json()["brand"]
    assert "does not match" in brand["declined_reasons"][0]["message"]
    assert stage.letterbox.words == ["rejected"]


def test_an_outcome_can_be_turned_round(stage):
    campaign_id = stage.campaign(campaign_alias="Reject")

    stage.control("outcome", id=campaign_id, word="approve")

    campaign = stage.campaign_at_plivo(campaign_id)
    assert campaign["registration_status"] == "ACTIVE" and "error_code" not in campaign


def test_a_numbers_unlinking_is_decided_by_its_own_words(stage):
    campaign_id = stage.campaign()
    key = f"{campaign_id}/14155550100"
    stage.link(campaign_id, "14155550100")
    stage.control("outcome", id=key, word="success")
    stage.unlink(campaign_id, "14155550100")

    answer = stage.control("outcome", id=key, word="success").json()

    assert answer == {"ok": True, "kind": "number_unlinking", "word": "success"}
    assert stage.number_status(campaign_id, "14155550100") is None


def test_silent_changes_are_not_told(stage):
    brand_id = stage.brand()
    campaign_id, other_id = stage.campaign(brand_id), stage.campaign(brand_id)
    stage.link(campaign_id, "14155550100")
    stage.pass_time(60)
    stage.letterbox.letters.clear()

    stage.control("silent", id=f"{campaign_id}/14155550100", word="unlinked")
    stage.control("silent", id=campaign_id, word="expired")
    stage.control("silent", id=other_id, word="gone")
    stage.control("silent", id=brand_id, vetting_score=42)
    stage.pass_time(60)

    assert stage.number_status(campaign_id, "14155550100") is None
    assert stage.campaign_at_plivo(campaign_id)["registration_status"] == "EXPIRED"
    assert stage.get(f"/10dlc/Campaign/{other_id}/").status == 404
    assert stage.get(f"/10dlc/Brand/{brand_id}/").json()["brand"]["vetting_score"] == 42
    assert stage.letterbox.letters == []


# --- Settings ---


def test_nobody_signs_in_while_auth_is_off(stage):
    stage.control("settings", auth=False)
    off = stage.get("/Profile/").status
    stage.control("settings", auth=True)

    assert (off, stage.get("/Profile/").status) == (401, 200)


def test_a_new_token_replaces_the_old_one(stage):
    stage.control("settings", auth_token="the-new-token")

    assert stage.get("/Profile/").status == 401
    assert stage.get("/Profile/", token="the-new-token").status == 200
    assert "the-new-token" not in stage.sandbox.handle("GET", "/control/state").body.decode()


def test_answers_can_be_in_camel_case(stage):
    stage.control("settings", camel_case=True)
    fields = stage.create_brand

    with pytest.raises(KeyError, match="profile_uuid"):
        fields()
    profile = stage.get("/Profile/").json()["profiles"][0]
    assert {"profileUuid", "companyName", "createdAt"} <= set(profile)


def test_a_list_can_lack_its_meta_and_a_campaign_its_alias(stage):
    campaign_id = stage.campaign()
    stage.control("settings", meta=False, campaign_alias_in_lists=False)

    answer = stage.get("/10dlc/Campaign/").json()

    assert "meta" not in answer
    assert "campaign_alias" not in answer["campaigns"][0]
    assert stage.campaign_at_plivo(campaign_id)["campaign_alias"]


def test_a_campaign_can_read_processing_for_a_while_after_registered(stage):
    stage.control("settings", active_after_registered=100)
    campaign_id = stage.create_campaign().json()["campaign_id"]
    stage.letterbox.letters.clear()
    stage.pass_time(60)

    assert stage.letterbox.words == ["created", "registered"]
    assert stage.campaign_at_plivo(campaign_id)["registration_status"] == "PROCESSING"
    stage.pass_time(100)
    assert stage.campaign_at_plivo(campaign_id)["registration_status"] == "ACTIVE"
    assert stage.letterbox.words == ["created", "registered"]


def test_an_updated_campaign_can_read_failed_for_a_while(stage):
    campaign_id = stage.campaign(campaign_alias="Reject")
    stage.control("settings", update_reads_failed_for=0.2)
    stage.call("POST", f"/10dlc/Campaign/{campaign_id}/", {"sample1": "A better sample. " * 2})

    read = []
    for seconds in (0, 0.3, 60):
        stage.pass_time(seconds)
        read.append(stage.campaign_at_plivo(campaign_id)["registration_status"])

    assert read == ["FAILED", "PROCESSING", "ACTIVE"]


def test_the_clock_can_be_moved_and_everything_forgotten(stage):
    brand_id = stage.create_brand().json()["brand_id"]
    stage.control("advance", seconds=60)
    stage.pass_time(0)
    moved = stage.brand_status(brand_id)

    stage.control("reset")

    assert moved == "COMPLETED"
    assert stage.get("/10dlc/Brand/").json()["brands"] == []
    assert stage.look("state")["now"] == stage.clock.time
    assert stage.look("ledger")["entries"] == []


# --- Looking ---


def test_the_ledger_tells_every_billed_call_and_what_came_of_it(stage):
    brand_id = stage.brand(brand_alias="acme", secondary_vetting=True)
    campaign_id = stage.campaign(brand_id, campaign_alias="Reject")
    stage.call("POST", f"/10dlc/Campaign/{campaign_id}/", {"sample1": "A better sample. " * 2})
    stage.create_campaign(brand_id, campaign_alias="bad", description="short")

    ledger = stage.look("ledger")

    told = [(row["operation"], row["alias"], row["fee"], row["made"]) for row in ledger["entries"]]
    assert told == [
        ("create_brand", "acme", "4.50", True),
        ("secondary_vetting", "acme", "41.50", True),
        ("create_campaign", "Reject", "15.00", True),
        ("update_campaign", "Reject", "15.00", True),
        ("create_campaign", "bad", "0.00", False),
    ]
    assert ledger["counts"]["create_campaign"] == {"calls": 2, "made": 1, "fees": "15.00"}
    assert ledger["total"] == "76.00"


def test_every_call_is_remembered_with_what_it_met(stage):
    stage.control("faults", kind="error_500_before")
    stage.get("/Profile/", "limit=5")
    stage.get("/nowhere/")

    calls = stage.look("calls")["calls"]

    assert [(row["call"], row["query"], row["status"], row["fault"]) for row in calls] == [
        ("GET /Profile/", "limit=5", 500, "error_500_before"),
        ("GET /nowhere/", "", 404, ""),
    ]


# --- The page ---


def test_the_page_shows_objects_cards_and_money(stage):
    campaign_id = stage.campaign(stage.brand("Acme Inc.", brand_alias="acme"))
    stage.link(campaign_id, "14155550100")
    stage.control("faults", kind="slow", operation="create_brand")
    stage.pass_time(60)

    page = stage.sandbox.handle("GET", "/", "", {"Host": "localhost"}).body.decode()

    for text in ("acme", campaign_id, f"{campaign_id}/14155550100", "19.50", "number_linking"):
        assert text in page
    assert all(card.word in page for card in CARDS)
    assert "<script" not in page and AUTH_TOKEN not in page


def test_the_package_documents_every_card():
    assert all(f"    {card.word} " in package.__doc__ for card in CARDS)
    assert all(f"    {ending} " in package.__doc__ for ending in NUMBER_ENDINGS)


@pytest.mark.parametrize("raw", ["text", {"body": "text"}])
def test_a_raw_callback_names_its_content_type(stage, raw):
    brand_id = stage.brand()

    assert stage.control("callbacks", id=brand_id, raw=raw).status == 400


def test_the_page_shows_names_as_text_and_never_as_markup(stage):
    stage.campaign(campaign_alias='"><img src=x onerror=alert(1)>')

    page = stage.sandbox.handle("GET", "/", "", {"Host": "localhost"}).body.decode()

    assert "<img" not in page
    assert "&lt;img" in page


def test_a_button_on_the_page_decides_and_leads_back(stage):
    brand_id = stage.create_brand("Forever Ltd").json()["brand_id"]
    body = f"id={brand_id}&word=rejected".encode()

    answer = stage.sandbox.handle("POST", "/control/outcome", "", FORM, body)

    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert stage.brand_status(brand_id) == "FAILED"


def test_the_pages_forms_plan_faults_and_change_settings(stage):
    for path, body in (
        ("/control/faults", b"operation=&kind=error_500_before"),
        ("/control/settings", b"final_after=30"),
    ):
        assert stage.sandbox.handle("POST", path, "", FORM, body).status == 303

    assert stage.look("state")["settings"]["final_after"] == 30
    assert stage.get("/Profile/").status == 500


# --- What is made outside the portal ---


def test_somebody_may_make_things_elsewhere(stage):
    made = stage.control("outside").json()

    assert stage.brand_status(made["brand_id"]) == "COMPLETED"
    assert stage.campaign_at_plivo(made["campaign_id"])["registration_status"] == "ACTIVE"
    for number in made["numbers"]:
        assert stage.number_status(made["campaign_id"], number) == "COMPLETED"


def test_nobody_is_called_back_about_what_is_made_elsewhere(stage):
    stage.control("outside")
    stage.pass_time(60)

    assert stage.letterbox.letters == []


def test_made_twice_there_are_two_of_everything(stage):
    first, second = (stage.control("outside").json() for _ in range(2))

    assert first["brand_id"] != second["brand_id"]
    assert not set(first["numbers"]) & set(second["numbers"])


def test_what_was_made_elsewhere_can_be_unlinked_and_decided_like_anything(stage):
    made = stage.control("outside").json()
    [number, _] = made["numbers"]

    stage.unlink(made["campaign_id"], number)
    stage.pass_time(60)
    stage.control("outcome", id=made["brand_id"], word="reject")

    assert stage.number_status(made["campaign_id"], number) is None
    assert stage.brand_status(made["brand_id"]) == "FAILED"


def test_the_page_has_a_button_for_it(stage):
    page = stage.sandbox.handle("GET", "/", "", {"Host": "localhost"}).body.decode()

    assert 'action="/control/outside"' in page
