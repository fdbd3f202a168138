"""The sandbox's answers beside the bodies that Plivo publishes: same keys, same texts."""

import pytest

from tests.plivo.sandbox_stage import Stage, published


@pytest.fixture
def stage():
    return Stage()


def keys_of(tree):
    """Every key, with its path; lists by their first row."""
    if isinstance(tree, dict):
        return set(tree) | {
            f"{key}.{inner}" for key, value in tree.items() for inner in keys_of(value)
        }
    return keys_of(tree[0]) if isinstance(tree, list) and tree else set()


def test_creating_a_profile_answers_as_published(stage):
    answer = stage.call("POST", "/Profile/", published("profile_create_request"))

    expected = published("profile_create_response")
    assert answer.status == 200
    assert keys_of(answer.json()) == keys_of(expected)
    assert answer.json()["message"] == expected["message"]


def test_creating_a_brand_answers_as_published(stage):
    answer = stage.create_brand()

    expected = published("brand_create_response")
    assert answer.status == 200
    assert keys_of(answer.json()) == keys_of(expected)
    assert answer.json()["message"] == expected["message"]


def test_a_registered_brand_reads_as_published(stage):
    brand_id = stage.brand(secondary_vetting=True)

    answer = stage.get(f"/10dlc/Brand/{brand_id}/").json()

    expected = published("brand_get_response")
    assert keys_of(answer) == keys_of(expected)
    for name in ("registration_status", "vetting_status", "vetting_score", "ein", "address"):
        assert answer["brand"][name] == expected["brand"][name]


def test_a_rejected_brand_tells_why_as_published(stage):
    brand_id = stage.brand("Reject Me Ltd")

    brand = stage.get(f"/10dlc/Brand/{brand_id}/").json()["brand"]

    expected = published("brand_failed_part")
    assert {name: brand[name] for name in expected} == expected


def test_the_use_cases_of_a_brand_read_as_published(stage):
    brand_id = stage.brand()

    answer = stage.get(f"/10dlc/Brand/{brand_id}/usecases/").json()

    assert keys_of(answer) == keys_of(published("brand_usecases_response"))
    assert {"name": "Customer Care", "code": "CUSTOMER_CARE"}.items() <= {
        name: value
        for row in answer["use_cases"]
        if row["code"] == "CUSTOMER_CARE"
        for name, value in row.items()
    }.items()


def test_creating_a_campaign_answers_as_published(stage):
    answer = stage.create_campaign()

    expected = published("campaign_create_response")
    assert answer.status == 200
    assert keys_of(answer.json()) == keys_of(expected)
    assert answer.json()["message"] == expected["message"]


def test_a_registered_campaign_reads_as_published(stage):
    campaign_id = stage.campaign(stage.brand(secondary_vetting=True))

    campaign = stage.campaign_at_plivo(campaign_id)

    expected = published("campaign_get_response")["campaign"]
    assert keys_of(expected) <= keys_of(campaign)
    same = ("campaign_alias", "sub_usecase", "mno_metadata", "campaign_attributes", "reseller_id")
    for name in (*same, "registration_status", "campaign_source", "usecase"):
        assert campaign[name] == expected[name]


def test_a_rejected_campaign_tells_why_under_the_published_names(stage):
    campaign_id = stage.campaign(campaign_alias="Reject me")

    campaign = stage.campaign_at_plivo(campaign_id)

    expected = published("campaign_failed_part")
    assert campaign["registration_status"] == expected["registration_status"]
    assert campaign["error_code"] == expected["error_code"]
    assert campaign["error_reason"] and campaign["error_description"]


def test_linking_a_number_answers_as_published(stage):
    campaign_id = stage.campaign()

    answer = stage.link(campaign_id, "14155550100").json()

    text = published("link_response")["message"].replace("CAOHTU5", campaign_id)
    assert keys_of(answer) == keys_of(published("link_response"))
    assert answer["message"] == text


def test_linking_a_number_twice_is_an_error_as_published(stage):
    campaign_id = stage.campaign()
    stage.link(campaign_id, "14155550100")

    answer = stage.link(campaign_id, "14155550100")

    assert answer.status == 400
    assert keys_of(answer.json()) == keys_of(published("link_error"))
    assert answer.json()["error"] == published("link_error")["error"]


def test_the_numbers_of_a_campaign_read_as_published(stage):
    campaign_id = stage.campaign()
    stage.link(campaign_id, "14155550102")
    stage.pass_time(60)
    stage.link(campaign_id, "14155550100")

    answer = stage.get(f"/10dlc/Campaign/{campaign_id}/Number/").json()

    expected = published("campaign_numbers_response")
    expected["phone_numbers"].reverse()
    assert set(answer) == set(expected)
    for name in set(expected) - {"api_id", "campaign_id"}:
        assert answer[name] == expected[name]


def test_a_number_that_is_not_linked_is_an_error_as_published(stage):
    campaign_id = stage.campaign()

    answer = stage.get(f"/10dlc/Campaign/{campaign_id}/Number/14155550100/").json()

    assert answer["error"] == published("number_not_linked_error")["error"]


def test_a_number_of_the_account_reads_as_published(stage):
    campaign_id = stage.campaign()
    stage.link(campaign_id, "14155550100")
    stage.pass_time(60)

    number = stage.get("/Number/14155550100/").json()

    expected = published("account_number_part") | {"tendlc_campaign_id": campaign_id}
    del expected["renewal_date"]
    assert {name: number[name] for name in expected} == expected


def test_the_list_of_profiles_tells_its_next_page_as_published(stage):
    for _ in range(25):
        stage.profile()

    meta = stage.get("/Profile/").json()["meta"]

    # Plivo's list of profiles is the one whose meta lacks the total.
    assert set(meta) == set(published("list_meta")) - {"total_count"}
    assert meta["next"].startswith("/v1/Account/") and "limit=20&offset=20" in meta["next"]
    assert meta["previous"] is None


def test_every_answer_carries_an_api_id(stage):
    answers = [
        stage.get("/Profile/"),
        stage.get("/10dlc/Brand/BNOBODY/"),
        stage.call("POST", "/10dlc/Brand/", {}),
        stage.call("PUT", "/10dlc/Brand/", {}),
        stage.get("/Profile/", token="wrong"),
    ]

    assert [answer.status for answer in answers] == [200, 404, 400, 405, 401]
    assert all(answer.json()["api_id"] for answer in answers)
