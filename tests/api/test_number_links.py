"""Number links: one number put on a campaign; many go in batches."""

import pytest

from registrations import actions
from registrations.models import Campaign, NumberLink
from tests.conftest import CAMPAIGN

pytestmark = pytest.mark.django_db
NUMBER = "14155550100"


def first_error(answer):
    return answer.json()["errors"][0]


@pytest.mark.parametrize("written", [NUMBER, "+1 (415) 555-0100", "415.555.0100"])
def test_a_number_is_linked_however_it_is_written(alices, registered_campaign, written):
    answer = alices.post(
        "/number-links/",
        {"campaign": registered_campaign.reference, "number": written, "external_id": "desk-1"},
    )

    told, link = answer.json(), NumberLink.objects.get()
    assert answer.status_code == 201
    assert answer["Location"].endswith(f"/api/v1/number-links/{link.reference}/")
    assert (told["number"], told["status"], told["external_id"]) == (
        NUMBER,
        "link_queued",
        "desk-1",
    )
    assert link.submissions.get().operation == "link_number"


def test_what_is_no_number_is_refused_by_its_rule(alices, registered_campaign):
    answer = alices.post(
        "/number-links/", {"campaign": registered_campaign.reference, "number": "555"}
    )

    assert answer.status_code == 422
    assert (first_error(answer)["code"], first_error(answer)["pointer"]) == ("NM-SHAPE", "/number")
    assert not NumberLink.objects.exists()


def test_the_fiftieth_number_is_refused_with_the_limit_as_the_reason(alices, registered_campaign):
    Campaign.objects.update(number_pool_limit=1)
    registered_campaign.refresh_from_db()
    wanted = {"campaign": registered_campaign.reference}
    alices.post("/number-links/", {**wanted, "number": NUMBER})

    answer = alices.post("/number-links/", {**wanted, "number": "14155550101"})

    assert answer.status_code == 422
    assert first_error(answer)["code"] == "NM-LIMIT-49"
    assert "limit" in first_error(answer)["detail"]
    assert "Unlink" in first_error(answer)["remedy"]


def test_a_campaign_that_is_not_registered_takes_none(alices, make_campaign):
    answer = alices.post(
        "/number-links/", {"campaign": make_campaign().reference, "number": NUMBER}
    )

    assert answer.status_code == 422
    assert first_error(answer)["pointer"] == "/campaign"


def test_the_key_of_somebody_who_sees_more_tells_nothing_of_it(
    program_of, carol, globex, registered_campaign, make_brand, make_campaign_on, bob
):
    theirs = make_campaign_on(make_brand())
    theirs.organization = globex
    theirs.save()
    Campaign.objects.filter(pk=theirs.pk).update(status="registered", name="Gregarious")
    theirs.refresh_from_db()
    carols = program_of(carol, registered_campaign.organization)
    actions.link_numbers(theirs, [NUMBER], by=bob)

    answer = carols.post(
        "/number-links/", {"campaign": registered_campaign.reference, "number": NUMBER}
    )

    assert answer.status_code == 422
    assert first_error(answer)["code"] == "NM-ONE-CAMPAIGN"
    assert theirs.reference not in answer.content.decode()
    assert "Gregarious" not in answer.content.decode()


def test_an_external_id_that_is_taken_links_nothing(alices, registered_campaign):
    wanted = {"campaign": registered_campaign.reference, "external_id": "desk-1"}
    alices.post("/number-links/", {**wanted, "number": NUMBER})

    answer = alices.post("/number-links/", {**wanted, "number": "14155550101"})

    assert (answer.status_code, answer.json()["code"]) == (409, "external_id_taken")
    assert NumberLink.objects.count() == 1


def test_a_link_keeps_its_number_and_campaign(alices, registered_campaign, alice):
    [link] = actions.link_numbers(registered_campaign, [NUMBER], by=alice)
    address = f"/number-links/{link.reference}/"

    named = alices.patch(address, {"external_id": "desk-1"})
    moved = alices.patch(address, {"number": "14155550101", "campaign": "CA-00000000"})

    assert named.json()["external_id"] == "desk-1"
    assert {error["code"] for error in moved.json()["errors"]} == {"read_only"}


def test_a_number_is_unlinked_and_linked_again(alices, registered_campaign, alice):
    [link] = actions.link_numbers(registered_campaign, [NUMBER], by=alice)
    link.submissions.update(state="accepted")
    NumberLink.objects.update(status="linked")
    address = f"/number-links/{link.reference}"

    unlinked = alices.post(f"{address}/unlink/").json()
    link.submissions.update(state="accepted")
    NumberLink.objects.update(status="link_failed")
    linked = alices.post(f"{address}/link/").json()

    assert (unlinked["status"], linked["status"]) == ("unlink_queued", "link_queued")


def test_links_are_found_by_campaign_and_by_number(
    alices, registered_campaign, make_campaign_on, alice
):
    other = make_campaign_on(registered_campaign.brand, **CAMPAIGN)
    Campaign.objects.filter(pk=other.pk).update(status="registered")
    other.refresh_from_db()
    actions.link_numbers(registered_campaign, [NUMBER], by=alice)
    actions.link_numbers(other, ["14155550101"], by=alice)

    def found(**query):
        return [link["number"] for link in alices.get("/number-links/", query).json()["items"]]

    assert found(campaign=other.reference) == ["14155550101"]
    assert found(number="+1 415 555 0100") == [NUMBER]
    assert found(campaign=other.reference, number=NUMBER) == []
