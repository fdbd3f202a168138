"""Programs adopt what was made outside the portal, as far as their keys and owners reach."""

import itertools

import pytest
from django.db import connection

from registrations.models import Brand, Campaign, NumberLink, Organization, PlivoAccount, Scope
from tests.api.test_problems import problem
from tests.outside import Outside

pytestmark = pytest.mark.django_db(transaction=True)

LIST, ADOPT = "/adoptable/", "/adoptable/adopt/"


@pytest.fixture
def outside(plivo, settings, account):
    return Outside(plivo, settings)


@pytest.fixture
def found(outside):
    """A brand, a campaign and a number that only Plivo has."""
    brand_id = outside.brand(alias="Initech")
    campaign_id = outside.campaign(brand_id, alias="Initech orders")
    return brand_id, campaign_id, outside.number(campaign_id)


def wishes(*plivo_ids, **more):
    return {"items": [{"plivo_id": plivo_id} for plivo_id in plivo_ids], **more}


def results(answer):
    assert answer.status_code == 200, answer.content
    return {one["plivo_id"]: one["result"] for one in answer.json()["items"]}


class TestLooking:
    def test_what_only_plivo_has_is_listed(self, carols, found, account):
        told = carols.get(LIST).json()

        assert told["account"] == account.auth_id
        assert [offer["plivo_id"] for offer in told["offers"]] == list(found)
        assert told["offers"][1] == {
            "plivo_id": found[1],
            "kind": "campaign",
            "name": "Initech orders",
            "status": "registered",
            "plivo_status": "ACTIVE",
            "brand_id": found[0],
            "organization": None,
            "obstacle": "",
            "made_by": None,
        }

    def test_only_one_kind_is_listed_if_asked(self, carols, found):
        told = carols.get(LIST, {"kind": "number_link"}).json()

        assert [offer["plivo_id"] for offer in told["offers"]] == [found[2]]

    def test_what_cannot_be_adopted_says_why(self, carols, plivo, found):
        plivo.state.brands.change(found[0], registration_status="PONDERING")

        obstacles = [offer["obstacle"] for offer in carols.get(LIST).json()["offers"]]

        assert "PONDERING" in obstacles[0]
        assert all(obstacles)

    def test_what_stands_otherwise_there_is_listed(self, carols, plivo, account, registered_brand):
        [drift] = carols.get(LIST).json()["drift"]

        assert drift["reference"] == registered_brand.reference
        assert (drift["status"], drift["plivo_status"]) == ("registered", "")
        assert drift["detail"] == "We show registered; Plivo does not list it."
        assert drift["html_url"].endswith(registered_brand.get_absolute_url())

    def test_a_key_of_another_organization_learns_nothing(
        self, program_of, carol, carols, globex, found, outside
    ):
        carols.post(ADOPT, wishes(found[0]))

        told = program_of(carol, globex).get(LIST).json()

        assert (told["offers"], told["drift"]) == ([], [])

    def test_which_account_is_meant_has_to_be_said_if_there_are_several(self, carols, found):
        PlivoAccount.objects.create(auth_id="MAOTHER")

        problem(carols.get(LIST), 400, "invalid_parameter")
        told = carols.get(LIST, {"account": "MAOTHER"})
        assert problem(told, 503, "plivo_unavailable")["detail"].endswith("add one.")

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ({"kind": "nonsense"}, "invalid_parameter"),
            ({"account": "MANOWHERE"}, "invalid_parameter"),
            ({"account": "\x00"}, "invalid_parameter"),
            ({"status": "registered"}, "unknown_parameter"),
        ],
    )
    def test_what_is_not_understood_is_refused(self, carols, account, query, code):
        problem(carols.get(LIST, query), 400, code)

    def test_plivos_silence_is_a_problem_of_its_own(self, carols, plivo, account):
        plivo.state.set(auth=False)

        told = problem(carols.get(LIST), 503, "plivo_unavailable")

        assert "does not accept our credentials" in told["detail"]


class TestAdopting:
    def test_each_is_answered_with_what_it_is_here(self, carols, found, acme, carol):
        answer = carols.post(ADOPT, wishes(*found))

        told = answer.json()["items"]
        assert [one["result"] for one in told] == ["adopted"] * 3
        brand = Brand.objects.get()
        assert brand.organization == acme
        assert brand.trail.get().user == carol
        assert told[0]["reference"] == brand.reference
        assert told[0]["html_url"].endswith(brand.get_absolute_url())
        assert carols.get(told[0]["url"]).json()["plivo_id"] == found[0]
        assert carols.get(told[2]["url"]).json()["number"] == NumberLink.objects.get().number

    def test_all_numbers_of_a_campaign_come_at_one_word(self, carols, found):
        carols.post(ADOPT, wishes(found[0], found[1], f"{found[1]}/*"))

        assert NumberLink.objects.count() == 1

    def test_a_dry_run_changes_nothing(self, carols, found):
        answer = carols.post(ADOPT, wishes(*found, dry_run=True))

        assert set(results(answer).values()) == {"would_be_adopted"}
        assert answer.json()["dry_run"] is True
        assert not Brand.objects.exists()

    def test_what_is_refused_says_why_and_hinders_nothing_else(self, carols, found):
        answer = carols.post(ADOPT, wishes("BNOTHING", found[0]))

        assert results(answer) == {found[0]: "adopted", "BNOTHING": "refused"}
        refused = answer.json()["items"][1]
        assert "Plivo does not list it" in refused["reason"]
        assert (refused["kind"], refused["reference"], refused["url"]) == ("", None, None)

    def test_asked_again_it_is_here_already(self, carols, found):
        carols.post(ADOPT, wishes(*found))

        answer = carols.post(ADOPT, wishes(*found))

        assert set(results(answer).values()) == {"already_here"}
        assert Brand.objects.count() == 1

    def test_under_one_idempotency_key_it_is_answered_once(self, carols, plivo, found):
        first = carols.post(ADOPT, wishes(*found), Idempotency_Key="adopt-1")
        calls = len(plivo.state.calls)

        again = carols.post(ADOPT, wishes(*found), Idempotency_Key="adopt-1")

        assert set(results(first).values()) == {"adopted"}
        assert again.content == first.content
        assert again["Idempotency-Replayed"] == "true"
        assert len(plivo.state.calls) == calls

    def test_after_plivos_silence_the_same_idempotency_key_may_be_used_again(
        self, carols, plivo, found
    ):
        plivo.state.set(auth=False)
        silence = carols.post(ADOPT, wishes(*found), Idempotency_Key="adopt-1")
        plivo.state.set(auth=True)

        answer = carols.post(ADOPT, wishes(*found), Idempotency_Key="adopt-1")

        problem(silence, 503, "plivo_unavailable")
        assert set(results(answer).values()) == {"adopted"}

    def test_others_can_write_while_plivo_is_asked(
        self, shared_database, carols, plivo, found, monkeypatch
    ):
        answer_of_plivo, number = plivo.handle, itertools.count()

        def write_meanwhile(*request):
            Organization.objects.create(name=f"Written meanwhile {next(number)}")
            connection.close()
            return answer_of_plivo(*request)

        monkeypatch.setattr(plivo, "handle", write_meanwhile)

        answer = carols.post(ADOPT, wishes(*found), Idempotency_Key="adopt-1")

        assert set(results(answer).values()) == {"adopted"}

    def test_a_key_gives_nothing_to_another_organization(self, carols, found, globex):
        said = {"items": [{"plivo_id": found[0], "organization": globex.pk}]}

        problem(carols.post(ADOPT, said), 400, "invalid")

        assert not Brand.objects.exists()

    def test_a_person_says_to_whom_a_brand_shall_belong(self, client, oscar, found, acme, globex):
        client.force_login(oscar)
        item = {"plivo_id": found[0], "organization": globex.pk}

        answer = client.post(f"/api/v1{ADOPT}", {"items": [item]}, content_type="application/json")

        assert results(answer) == {found[0]: "adopted"}
        assert Brand.objects.get().organization == globex

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"items": []},
            {"items": [{}]},
            {"items": ["BX7Q2M4"]},
            {"items": [{"plivo_id": "BX7Q2M4"}], "dry_run": "yes"},
            {"items": [{"plivo_id": "B" * 101}]},
            {"items": [{"plivo_id": "B\nX"}]},
            {"items": [{"plivo_id": "BX7Q2M4", "organization": "Acme Inc."}]},
            {"items": [{"plivo_id": "BX7Q2M4"}], "account": "MANOWHERE"},
            {"items": [{"plivo_id": f"B{number}"} for number in range(301)]},
        ],
    )
    def test_what_makes_no_sense_is_refused_before_plivo_is_asked(
        self, carols, plivo, account, body
    ):
        problem(carols.post(ADOPT, body), 400, "invalid")

        assert not plivo.state.calls

    def test_a_refusal_is_kept_under_its_idempotency_key(self, carols, plivo, account):
        first = carols.post(ADOPT, {"items": []}, Idempotency_Key="adopt-1")

        again = carols.post(ADOPT, {"items": []}, Idempotency_Key="adopt-1")

        problem(first, 400, "invalid")
        assert again["Idempotency-Replayed"] == "true"


class TestWhoMay:
    @pytest.mark.parametrize("scope", [Scope.READ, Scope.DRAFT, Scope.SUBMIT, Scope.EVIDENCE])
    def test_a_key_needs_the_scope_approve(self, program_of, carol, acme, account, scope):
        program = program_of(carol, acme, scope)

        problem(program.get(LIST), 403, "permission_denied")
        problem(program.post(ADOPT, wishes("BX7Q2M4")), 403, "permission_denied")

    def test_the_scope_alone_makes_nobody_compliance(self, alices, account):
        problem(alices.get(LIST), 403, "permission_denied")

    def test_a_person_without_the_role_is_told_who_may(self, client, alice, account):
        client.force_login(alice)

        told = problem(client.get(f"/api/v1{LIST}"), 403, "not_allowed")

        assert "Compliance staff and operators" in told["detail"]


def test_what_hangs_on_the_brand_of_another_is_not_there_for_a_key(
    program_of, carol, carols, globex, found
):
    carols.post(ADOPT, wishes(found[0]))

    answer = program_of(carol, globex).post(ADOPT, wishes(found[1]))

    assert results(answer) == {found[1]: "refused"}
    assert "does not list it" in answer.json()["items"][0]["reason"]
    assert not Campaign.objects.exists()
