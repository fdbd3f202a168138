"""The page on which what only Plivo has is looked at, tried and adopted."""

import re

import pytest

from registrations.actions import adopting
from registrations.models import AuditEntry, Brand, Campaign, NumberLink, Organization, PlivoAccount
from tests.outside import Outside

pytestmark = pytest.mark.django_db(transaction=True)

ADOPT = "/adopt/"


@pytest.fixture
def outside(plivo, settings, account):
    return Outside(plivo, settings)


@pytest.fixture
def as_carol(client, carol):
    client.force_login(carol)
    return client


def words_of(answer):
    """What a page says, without its markup."""
    assert answer.status_code == 200
    content = re.search(r"<main.*</main>", answer.content.decode(), re.S)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", content).split())


def look(browser, account):
    return browser.get(ADOPT, {"account": account.auth_id})


def press(browser, go, account, *ticked, owner=None, of=()):
    owners = {f"owner-{brand_id}": owner.pk for brand_id in of}
    said = {"account": account.auth_id, "adopt": list(ticked), "go": go, **owners}
    return browser.post(ADOPT, said)


class TestLooking:
    def test_plivo_is_not_asked_before_somebody_says_so(self, plivo, as_carol, account):
        page = as_carol.get(ADOPT).content.decode()

        assert "Look at Plivo" in page
        assert not plivo.state.calls

    def test_what_only_plivo_has_is_shown_under_its_brand(self, outside, as_carol, account, acme):
        brand_id = outside.brand(alias="Initech")
        campaign_id = outside.campaign(brand_id, alias="Initech orders")
        number = outside.number(campaign_id)

        answer = look(as_carol, account)

        words = words_of(answer)
        assert "Brand Initech Registered" in words
        assert "Campaign Initech orders Registered" in words
        assert "+14155550100 Linked" in words
        page = answer.content.decode()
        for plivo_id in (brand_id, campaign_id, number):
            assert f'name="adopt" value="{plivo_id}"' in page
        assert f'name="owner-{brand_id}"' in page
        assert f'<option value="{acme.pk}">Acme Inc.</option>' in page

    def test_looking_changes_nothing(self, outside, as_carol, account):
        outside.brand()

        look(as_carol, account)

        assert not Brand.objects.exists()

    def test_what_cannot_be_adopted_has_a_reason_instead_of_a_box(
        self, plivo, outside, as_carol, account
    ):
        brand_id = outside.brand()
        plivo.state.brands.change(brand_id, registration_status="PONDERING")

        answer = look(as_carol, account)

        assert "Cannot be adopted. Plivo says “PONDERING” of it" in words_of(answer)
        assert 'type="checkbox"' not in answer.content.decode()
        assert "Try it" not in answer.content.decode()

    def test_what_hangs_on_a_brand_that_is_here_says_to_whom_it_will_belong(
        self, outside, as_carol, account, acme
    ):
        brand_id = outside.brand()
        press(as_carol, "adopt", account, brand_id, owner=acme, of=[brand_id])
        outside.campaign(brand_id)

        answer = look(as_carol, account)

        assert "is here. What is adopted on it belongs to Acme Inc." in words_of(answer)
        assert f'href="{Brand.objects.get().get_absolute_url()}"' in answer.content.decode()
        assert f"owner-{brand_id}" not in answer.content.decode()

    def test_many_numbers_are_ticked_as_one(self, outside, as_carol, account):
        campaign_id = outside.campaign(outside.brand())
        for ending in range(7):
            outside.number(campaign_id, f"1415555010{ending}")

        answer = look(as_carol, account)

        assert "All 7 numbers" in words_of(answer)
        assert f'value="{campaign_id}/*"' in answer.content.decode()

    def test_what_stands_otherwise_there_is_told_with_its_page(
        self, plivo, as_carol, account, registered_brand
    ):
        answer = look(as_carol, account)

        assert "We show registered; Plivo does not list it." in words_of(answer)
        assert f'href="{registered_brand.get_absolute_url()}"' in answer.content.decode()

    def test_a_profile_without_a_brand_is_told(self, outside, as_carol, account):
        outside.profile(alias="Lonely")

        assert "Profiles without a brand" in words_of(look(as_carol, account))

    def test_where_everything_is_here_it_says_so(self, plivo, as_carol, account):
        assert "has at Plivo is here already" in words_of(look(as_carol, account))

    def test_why_plivo_could_not_be_asked_is_told_in_place(self, plivo, as_carol, account):
        plivo.state.set(auth=False)

        assert "Plivo does not accept our credentials" in words_of(look(as_carol, account))

    @pytest.mark.parametrize("auth_id", ["MANOWHERE", "M" * 5000])
    def test_an_account_that_there_is_not_is_told(self, as_carol, account, auth_id):
        answer = as_carol.get(ADOPT, {"account": auth_id})

        assert "There is no such account." in words_of(answer)

    def test_an_account_of_unseen_signs_is_told_to_be_none(self, as_carol, account):
        answer = as_carol.get(ADOPT, {"account": "\x00"})

        assert 'role="alert"' in answer.content.decode()

    def test_one_of_several_accounts_is_chosen(self, as_carol, account):
        PlivoAccount.objects.create(auth_id="MAOTHER", name="Other")

        page = as_carol.get(ADOPT).content.decode()

        assert f'<option value="{account.auth_id}">' in page
        assert '<option value="MAOTHER">Other (MAOTHER)</option>' in page

    def test_what_is_beyond_the_page_is_said(self, outside, as_carol, account, monkeypatch):
        monkeypatch.setattr("registrations.views.adopting.MOST_SHOWN", 1)
        outside.brand(alias="Initech")
        outside.brand(alias="Hooli")

        words = words_of(look(as_carol, account))

        assert "the first 1 of 2 brands" in words
        assert "Hooli" not in words


class TestAdopting:
    @pytest.fixture
    def found(self, outside):
        """A brand, a campaign and a number that only Plivo has."""
        brand_id = outside.brand(alias="Initech")
        campaign_id = outside.campaign(brand_id, alias="Initech orders")
        return brand_id, campaign_id, outside.number(campaign_id)

    def test_what_was_ticked_gets_its_rows_here(self, as_carol, account, acme, carol, found):
        answer = press(as_carol, "adopt", account, *found, owner=acme, of=found[:1])

        assert "3 of 3 adopted" in words_of(answer)
        for model in (Brand, Campaign, NumberLink):
            row = model.objects.get()
            assert row.organization == acme
            assert row.get_absolute_url() in answer.content.decode()
        assert {entry.user for entry in AuditEntry.objects.all()} == {carol}

    def test_what_was_not_ticked_stays_where_it_is(self, as_carol, account, acme, found):
        press(as_carol, "adopt", account, found[0], owner=acme, of=found[:1])

        assert Brand.objects.exists()
        assert not Campaign.objects.exists()

    def test_a_trial_says_what_would_happen_and_changes_nothing(
        self, as_carol, account, acme, found
    ):
        answer = press(as_carol, "try", account, *found, owner=acme, of=found[:1])

        assert "3 of 3 would be adopted" in words_of(answer)
        assert not Brand.objects.exists()

    def test_what_was_tried_is_adopted_by_one_more_press(self, as_carol, account, acme, found):
        tried = press(as_carol, "try", account, *found, owner=acme, of=found[:1])
        hidden = re.findall(
            r'<input type="hidden" name="([^"]+)" value="([^"]*)">', tried.content.decode()
        )
        said = {}
        for name, value in hidden:
            said.setdefault(name, []).append(value)

        answer = as_carol.post(ADOPT, {**said, "go": "adopt"})

        assert "3 of 3 adopted" in words_of(answer)
        assert Brand.objects.get().organization == acme

    def test_a_brand_for_which_nobody_was_chosen_is_refused_in_words(
        self, as_carol, account, found
    ):
        answer = press(as_carol, "adopt", account, found[0])

        assert "0 of 1 adopted" in words_of(answer)
        assert "Choose the organization to which it shall belong." in words_of(answer)

    def test_an_owner_that_there_is_not_is_nobody(self, as_carol, account, found):
        said = {"account": account.auth_id, "adopt": found[0], f"owner-{found[0]}": "987654"}

        answer = as_carol.post(ADOPT, {**said, "go": "adopt"})

        assert "Choose the organization" in words_of(answer)

    def test_whatever_else_is_sent_is_answered_in_words(self, as_carol, account, plivo):
        said = {"account": account.auth_id, "adopt": ["\x00", "B" * 500], "owner-\x00": "\x00"}

        answer = as_carol.post(ADOPT, {**said, "go": "adopt"})

        assert "0 of 1 adopted" in words_of(answer)

    def test_pressed_twice_it_is_adopted_once(self, as_carol, account, acme, found):
        for _ in range(2):
            answer = press(as_carol, "adopt", account, *found, owner=acme, of=found[:1])

        assert "3 of 3 adopted" in words_of(answer)
        assert "Already here" in words_of(answer)
        assert Brand.objects.count() == 1

    def test_nothing_ticked_is_nothing_done(self, as_carol, account):
        assert "Nothing was ticked." in words_of(press(as_carol, "adopt", account))

    def test_more_than_a_page_can_adopt_is_a_task_for_the_command(self, as_carol, account):
        ticked = [f"B{number}" for number in range(adopting.MOST_AT_ONCE + 1)]

        words = words_of(press(as_carol, "adopt", account, *ticked))

        assert "You ticked 301; at most 300 are adopted at once." in words
        assert "manage.py adopt --everything" in words

    def test_when_plivo_cannot_be_asked_nothing_is_adopted_and_it_says_so(
        self, plivo, as_carol, account, acme, found
    ):
        plivo.state.set(auth=False)

        answer = press(as_carol, "adopt", account, *found, owner=acme, of=found[:1])

        assert "Nothing was adopted. Plivo does not accept our credentials" in words_of(answer)
        assert not Brand.objects.exists()


class TestWhoMay:
    def test_operators_adopt_too(self, client, oscar, outside, account, acme):
        client.force_login(oscar)
        brand_id = outside.brand()

        press(client, "adopt", account, brand_id, owner=acme, of=[brand_id])

        assert Brand.objects.get().trail.get().user == oscar

    @pytest.mark.parametrize("person", ["alice", "audrey"])
    def test_marketers_and_auditors_do_not(self, client, request, account, person):
        client.force_login(request.getfixturevalue(person))

        assert client.get(ADOPT).status_code == 403
        assert press(client, "adopt", account, "BANYTHING").status_code == 403

    @pytest.mark.parametrize(("person", "shown"), [("carol", 1), ("oscar", 1), ("alice", 0)])
    def test_home_leads_there_whoever_may(self, client, request, account, person, shown):
        client.force_login(request.getfixturevalue(person))

        assert client.get("/").content.decode().count('href="/adopt/"') == shown


def test_an_only_organization_is_chosen_already(outside, as_carol, account, acme):
    outside.brand()
    assert "Choose one" not in look(as_carol, account).content.decode()

    Organization.objects.create(name="Globex LLC")

    assert "Choose one" in look(as_carol, account).content.decode()
