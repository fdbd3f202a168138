"""What the sandbox's API refuses, and what it lists."""

import pytest

from tests.plivo.sandbox_stage import SUB_ID, Stage, published


@pytest.fixture
def stage():
    return Stage()


def refusal(answer):
    assert 400 <= answer.status < 500
    return answer.json()["error"]


# --- Who may call ---


def test_wrong_credentials_are_refused(stage):
    assert stage.get("/Profile/", token="wrong").status == 401
    assert stage.sandbox.handle("GET", "/v1/Account/MA/Profile/").status == 401
    garbage = {"Authorization": "Basic ÄÖ=not base64"}
    assert stage.sandbox.handle("GET", "/v1/Account/MA/Profile/", "", garbage).status == 401


def test_nobody_reads_another_accounts_path(stage):
    own = stage.call("GET", "/Profile/")
    other = stage.call("GET", "/Profile/", account=SUB_ID)

    assert own.status == other.status == 200
    assert own.json()["profiles"] != other.json()["profiles"]


def test_an_object_of_another_account_does_not_exist(stage):
    brand_id = stage.brand()

    assert stage.get(f"/10dlc/Brand/{brand_id}/", account=SUB_ID).status == 404
    assert stage.get("/10dlc/Brand/", account=SUB_ID).json()["brands"] == []


def test_a_path_without_its_last_slash_is_not_found(stage):
    assert stage.get("/10dlc/Brand").status == 404


def test_more_than_300_calls_in_5_seconds_are_too_many(stage):
    answers = [stage.get("/Profile/").status for _ in range(301)]
    stage.clock.time += 5

    assert answers == [200] * 300 + [429]
    assert stage.get("/Profile/").status == 200


def test_a_body_that_is_no_json_object_is_refused(stage):
    assert refusal(stage.call("POST", "/Profile/", ["a list"])) == "the body is not a JSON object"


# --- Profiles ---


@pytest.mark.parametrize(
    "field", ["profile_alias", "customer_type", "entity_type", "company_name", "vertical", "ein"]
)
def test_a_profile_needs_its_fields(stage, field):
    fields = published("profile_create_request")
    del fields[field]

    assert refusal(stage.call("POST", "/Profile/", fields)) == f"{field} is required"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("entity_type", "PRIVATE_PROFIT"),
        ("vertical", "SPACE"),
        ("customer_type", "OTHER"),
        ("company_name", "x" * 101),
        ("ein", 1234567),
        ("address", "1 Main St"),
        ("alt_business_id_type", "VAT"),
    ],
)
def test_a_profile_takes_only_documented_values(stage, field, value):
    fields = {**published("profile_create_request"), field: value}

    assert refusal(stage.call("POST", "/Profile/", fields)).startswith(field)


def test_a_public_company_names_its_stock(stage):
    fields = {**published("profile_create_request"), "entity_type": "PUBLIC"}

    assert refusal(stage.call("POST", "/Profile/", fields)) == "stock_symbol is required"


def test_a_profile_keeps_its_alias_and_changes_its_name(stage):
    path = f"/Profile/{stage.profile()}/"

    changed = stage.call("POST", path, {"company_name": "Acme LLC"}).json()["profile"]
    refused = stage.call("POST", path, {"profile_alias": "another"})

    assert changed["company_name"] == "Acme LLC"
    assert changed["profile_alias"] == published("profile_create_request")["profile_alias"]
    assert refusal(refused) == "profile_alias cannot be updated"


def test_a_deleted_profile_is_not_found(stage):
    path = f"/Profile/{stage.profile()}/"

    deleted = stage.call("DELETE", path)
    again = stage.call("DELETE", path)

    assert deleted.json()["message"] == "Profile deleted successfully."
    assert (again.status, again.json()["error"]) == (404, "Profile not found.")


# --- Brands ---


def test_a_brand_without_a_type_is_a_starter_and_refused(stage):
    fields = published("brand_create_request") | {"profile_uuid": stage.profile()}
    del fields["brand_type"]

    assert "STARTER" in refusal(stage.call("POST", "/10dlc/Brand/", fields))


def test_secondary_vetting_is_a_boolean_and_not_a_text(stage):
    answer = stage.create_brand(secondary_vetting="false")

    assert refusal(answer) == "secondary_vetting must be true or false"


@pytest.mark.parametrize(("field", "value"), [("profile_uuid", ["x"]), ("brand_alias", 1)])
def test_a_brand_is_named_by_texts(stage, field, value):
    assert refusal(stage.create_brand(**{field: value})) == f"{field} must be a string"


def test_a_profile_carries_one_brand(stage):
    profile_uuid = stage.profile()
    stage.create_brand(profile_uuid=profile_uuid)

    assert "already" in refusal(stage.create_brand(profile_uuid=profile_uuid))


@pytest.mark.parametrize("url", ["portal", "ftp://example.com/", "http://[", "https:///path"])
def test_a_callback_url_must_be_one(stage, url):
    assert refusal(stage.create_brand(url=url)) == "url is not a valid URL"


def test_a_brand_with_an_active_campaign_stays(stage):
    brand_id = stage.brand()
    campaign_id = stage.campaign(brand_id)

    refused = stage.call("DELETE", f"/10dlc/Brand/{brand_id}/")
    stage.call("DELETE", f"/10dlc/Campaign/{campaign_id}/")
    deleted = stage.call("DELETE", f"/10dlc/Brand/{brand_id}/").json()

    assert "active campaigns" in refusal(refused)
    assert (deleted["message"], deleted["brand_id"]) == ("Brand Deactivated", brand_id)


# --- Campaigns ---


def test_a_campaign_waits_for_its_brand(stage):
    brand_id = stage.create_brand().json()["brand_id"]

    assert refusal(stage.create_campaign(brand_id)) == "The brand is not registered"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", "too short"),
        ("sample1", "x" * 19),
        ("message_flow", "x" * 39),
        ("help_message", "x" * 19),
        ("usecase", "POLITICAL"),
        ("age_gated", "false"),
        ("sub_usecases", ["MARKETING"]),
        ("sub_usecases", ["MARKETING", "MIXED"]),
        ("campaign_alias", ""),
        ("method", "PUT"),
    ],
)
def test_a_campaign_takes_only_documented_values(stage, field, value):
    assert refusal(stage.create_campaign(**{field: value})).startswith(field)


def test_a_single_use_case_has_no_sub_use_cases(stage):
    assert "not allowed" in refusal(stage.create_campaign(usecase="2FA"))
    assert stage.create_campaign(usecase="2FA", sub_usecases=[]).status == 200


def test_a_registered_campaign_cannot_be_updated(stage):
    campaign_id = stage.campaign()

    answer = stage.call("POST", f"/10dlc/Campaign/{campaign_id}/", {"help_message": "x" * 20})

    assert "only after it has failed" in refusal(answer)


@pytest.mark.parametrize("field", ["usecase", "vertical", "embedded_link", "brand_id"])
def test_an_update_changes_texts_only(stage, field):
    campaign_id = stage.campaign(campaign_alias="Reject")
    value = published("campaign_create_request")[field] or True

    answer = stage.call("POST", f"/10dlc/Campaign/{campaign_id}/", {field: value})

    assert refusal(answer) == f"{field} cannot be updated"


def test_a_campaign_with_numbers_in_processing_stays(stage):
    campaign_id = stage.campaign()
    stage.link(campaign_id, "14155550100")

    refused = stage.call("DELETE", f"/10dlc/Campaign/{campaign_id}/")
    stage.pass_time(60)
    deleted = stage.call("DELETE", f"/10dlc/Campaign/{campaign_id}/").json()

    assert "in processing" in refusal(refused)
    assert deleted["message"] == "Campaign Deactivated"
    assert stage.get(f"/10dlc/Campaign/{campaign_id}/").status == 404
    assert stage.get("/Number/14155550100/").json()["tendlc_campaign_id"] is None


# --- Numbers ---


def test_only_an_active_campaign_takes_numbers(stage):
    campaign_id = stage.create_campaign().json()["campaign_id"]

    assert refusal(stage.link(campaign_id, "14155550100")) == "The campaign is not active"


@pytest.mark.parametrize(
    "number",
    ["+14155550100", "4155550100", "14155551234", "18005550100", "14155550189", "14155550198"],
    ids=["plus", "no country", "not ours", "toll-free", "no sms", "card"],
)
def test_a_number_that_cannot_be_linked_is_not_a_valid_number(stage, number):
    answer = stage.link(stage.campaign(), number)

    assert refusal(answer) == f"The number {number} is not a valid number"


def test_a_number_serves_one_campaign(stage):
    brand_id = stage.brand()
    first, second = stage.campaign(brand_id), stage.campaign(brand_id)
    stage.link(first, "14155550100")
    stage.pass_time(60)

    assert "already requested" in refusal(stage.link(second, "14155550100"))


def test_a_bad_number_keeps_the_good_ones_from_being_linked(stage):
    campaign_id = stage.campaign()

    stage.link(campaign_id, "14155550100", "14155551234")

    assert stage.number_status(campaign_id, "14155550100") is None


def test_a_campaign_holds_49_numbers(stage):
    campaign_id = stage.campaign()
    numbers = [f"141555501{ending:02}" for ending in range(49)]

    taken = stage.link(campaign_id, *numbers)
    one_more = stage.link(campaign_id, "14155550149")

    assert taken.status == 202
    assert "limit of 49" in refusal(one_more)


def test_a_failed_number_may_be_linked_again(stage):
    campaign_id = stage.campaign()
    stage.link(campaign_id, "14155550190")
    stage.pass_time(60)

    assert stage.number_status(campaign_id, "14155550190") == "FAILED"
    assert stage.link(campaign_id, "14155550190").status == 202


def test_only_a_linked_number_can_be_unlinked(stage):
    answer = stage.unlink(stage.campaign(), "14155550100")

    assert refusal(answer) == "The number 14155550100 is not linked to this campaign"


# --- Lists ---


def test_pages_follow_each_other_to_the_end(stage):
    made = {stage.profile() for _ in range(44)}
    path, query, seen, pages = "/Profile/", "limit=20", set(), 0

    while True:
        answer = stage.get(path, query).json()
        seen |= {row["profile_uuid"] for row in answer["profiles"]}
        pages += 1
        if not answer["meta"]["next"]:
            break
        query = answer["meta"]["next"].partition("?")[2]

    assert pages == 3
    assert made < seen and len(seen) == 45


@pytest.mark.parametrize("query", ["limit=0", "limit=21", "limit=x", "offset=-1"])
def test_a_page_has_its_limits(stage, query):
    assert stage.get("/10dlc/Brand/", query).status == 400


def test_campaigns_are_listed_by_brand_and_status(stage):
    acme, globex = stage.brand(), stage.brand("Globex LLC")
    of_acme = stage.campaign(acme)
    stage.campaign(globex)

    def listed(query):
        answer = stage.get("/10dlc/Campaign/", query).json()
        return [row["campaign_id"] for row in answer["campaigns"]]

    assert listed(f"brand_id={acme}") == [of_acme]
    assert len(listed("registration_status=Active")) == 2
    assert listed("registration_status=Failed") == []
    assert listed("campaign_source=shared") == []


def test_an_imported_campaign_is_a_shared_one(stage):
    fields = {"campaign_id": "CSHARED", "campaign_alias": "from elsewhere"}

    stage.call("POST", "/10dlc/Campaign/Import/", fields)
    stage.pass_time(60)

    campaign = stage.campaign_at_plivo("CSHARED")
    assert (campaign["campaign_source"], campaign["registration_status"]) == ("shared", "ACTIVE")


def test_the_accounts_numbers_tell_what_may_be_linked(stage):
    campaign_id = stage.campaign()
    stage.link(campaign_id, "14155550100")
    stage.pass_time(60)

    def listed(query):
        answer = stage.get("/Number/", f"limit=20&{query}").json()
        return [row["number"] for row in answer["objects"]]

    assert listed("tendlc_registration_status=registered") == ["14155550100"]
    assert listed(f"tendlc_campaign_id={campaign_id}") == ["14155550100"]
    assert "14155550100" not in listed("tendlc_registration_status=unregistered")
    assert listed("type=tollfree") == ["18005550100"]
    assert listed("number_startswith=1415555018") == ["14155550189"]
    assert listed("number_startswith=1415555018&services=sms") == []
    assert stage.get("/Number/14155551234/").status == 404
