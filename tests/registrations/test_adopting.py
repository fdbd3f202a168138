"""What was made outside the portal is adopted as Plivo tells it, once; nothing is sent for it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from registrations import actions, notices
from registrations.actions.adopting import Result
from registrations.lifecycle import Actor, Cause, Status
from registrations.models import (
    AuditEntry,
    Brand,
    Campaign,
    Notice,
    NumberLink,
    Operation,
    State,
    Submission,
)
from registrations.plivo.sandbox import faults
from tests.conftest import BRAND, CAMPAIGN
from tests.outside import NUMBER, Outside

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def outside(plivo, settings, account):
    return Outside(plivo, settings)


def offers(account, by, **options):
    comparison = actions.compare(account, by=by, **options)
    return {offer.plivo_id: offer for offer in comparison.offers}


def adopt(account, by, *wanted, **options):
    """What became of each, by its id at Plivo."""
    outcomes = actions.adopt(account, [actions.Wanted(*one) for one in wanted], by=by, **options)
    return {outcome.plivo_id: outcome for outcome in outcomes}


class TestFindingWhatIsOnlyAtPlivo:
    def test_what_was_made_elsewhere_is_offered_with_what_plivo_says(self, outside, account, carol):
        brand_id = outside.brand()
        campaign_id = outside.campaign(brand_id)
        number = outside.number(campaign_id)

        found = offers(account, carol)

        assert list(found) == [brand_id, campaign_id, number]
        assert [offer.obstacle for offer in found.values()] == ["", "", ""]
        assert [offer.there.status for offer in found.values()] == [
            "registered",
            "registered",
            "linked",
        ]
        assert found[brand_id].there.name == "Initech"
        assert found[number].brand_id == brand_id

    def test_our_own_registrations_are_not_offered(
        self, plivo, account, carol, draft_brand, submit, work_off
    ):
        submit(draft_brand)
        work_off()
        plivo.step(5)
        work_off()

        comparison = actions.compare(account, by=carol)

        assert comparison.offers == []
        assert comparison.drift == []
        assert comparison.profiles == []

    @pytest.mark.parametrize("state", [State.SENDING, State.UNKNOWN, State.NEEDS_DECISION])
    def test_what_a_request_of_ours_made_is_left_to_the_request(
        self, outside, account, carol, acme, draft_brand, submit, state
    ):
        submission = submit(draft_brand)
        Submission.objects.filter(pk=submission.pk).update(
            state=state, phase="calling", lease_token="x", lease_until=submission.due_at
        )
        lost = outside.brand(alias=f"Acme ({submission.alias_code})")

        found = offers(account, carol)
        outcome = adopt(account, carol, (lost, acme))[lost]

        assert "needs no adoption" in found[lost].obstacle
        assert found[lost].made_by == draft_brand
        assert outcome.result == Result.REFUSED
        assert Brand.objects.count() == 1

    def test_a_campaign_whose_alias_is_only_told_by_itself_is_known_as_ours(
        self, plivo, outside, account, carol, draft_brand, submit, make_campaign_on, work_off
    ):
        submit(draft_brand)
        work_off()
        plivo.step(5)
        work_off()
        brand = Brand.objects.get()
        submission = submit(make_campaign_on(brand))
        plivo.state.set(campaign_alias_in_lists=False)
        lost = outside.campaign(brand.plivo_id, alias=f"Acme ({submission.alias_code})")

        outcome = adopt(account, carol, (lost,))[lost]

        assert outcome.result == Result.REFUSED
        assert "needs no adoption" in outcome.reason

    def test_a_nameless_campaign_waits_while_a_request_for_one_is_under_way(
        self, plivo, outside, account, carol, registered_brand, make_campaign, submit
    ):
        brand_id = outside.brand()
        Brand.objects.filter(pk=registered_brand.pk).update(plivo_id=brand_id)
        registered_brand.refresh_from_db()
        submission = submit(make_campaign())
        Submission.objects.filter(pk=submission.pk).update(state=State.UNKNOWN)
        nameless = outside.campaign(brand_id)
        plivo.state.campaigns.change(nameless, campaign_alias="")

        assert "may be what it made" in offers(account, carol)[nameless].obstacle

    def test_what_an_adopted_brand_was_before_it_was_sent_anew_is_not_offered_again(
        self, outside, account, carol, alice, acme, submit
    ):
        brand_id = outside.brand(status="FAILED")
        adopt(account, carol, (brand_id, acme))
        brand = Brand.objects.get()
        actions.revise(brand, by=alice)
        submit(brand)

        obstacle = offers(account, carol)[brand_id].obstacle

        assert "adopted as" in obstacle
        assert "sent anew" in obstacle

    def test_a_campaign_whose_brand_cannot_be_adopted_cannot_be_either(
        self, plivo, outside, account, carol
    ):
        brand_id = outside.brand()
        campaign_id = outside.campaign(brand_id)
        number = outside.number(campaign_id)
        plivo.state.brands.change(brand_id, registration_status="PONDERING")

        found = offers(account, carol)

        assert "says “PONDERING”" in found[brand_id].obstacle
        assert f"hangs on brand {brand_id}" in found[campaign_id].obstacle
        assert f"hangs on campaign {campaign_id}" in found[number].obstacle

    def test_a_profile_without_a_brand_is_told(self, outside, account, carol):
        outside.profile("Lonely")

        profiles = actions.compare(account, by=carol).profiles

        assert [profile.name for profile in profiles] == ["Lonely"]

    def test_marketers_and_auditors_do_not_look(self, plivo, account, alice, audrey):
        for person in (alice, audrey):
            with pytest.raises(actions.NotAllowed, match="Compliance staff and operators"):
                actions.compare(account, by=person)

    def test_lists_that_are_too_long_for_a_page_are_said_to_be(self, outside, account, carol):
        outside.brand()

        with pytest.raises(actions.CannotAsk, match="manage.py adopt"):
            actions.compare(account, by=carol, seconds=0)

    def test_a_token_that_plivo_does_not_take_is_said(self, plivo, account, carol):
        plivo.state.set(auth=False)

        with pytest.raises(actions.CannotAsk, match="does not accept our credentials"):
            actions.compare(account, by=carol)

    def test_half_a_list_is_no_list(self, plivo, outside, account, carol, registered_brand):
        plivo.state.faults.append(faults.check({"kind": "error_500_before", "path": "/Brand/"}))

        with pytest.raises(actions.CannotAsk):
            actions.compare(account, by=carol)


class TestAdopting:
    def test_a_brand_becomes_a_row_as_plivo_tells_it(self, outside, account, carol, acme):
        brand_id = outside.brand(alias="Initech")

        outcome = adopt(account, carol, (brand_id, acme))[brand_id]

        brand = Brand.objects.get()
        assert (outcome.result, outcome.registration) == (Result.ADOPTED, brand)
        assert (brand.name, brand.company_name, brand.organization) == (
            "Initech",
            BRAND["company_name"],
            acme,
        )
        assert brand.status == Status.REGISTERED
        assert brand.is_confirmed_registered
        assert (brand.city, brand.contact_email) == (BRAND["city"], BRAND["contact_email"])
        assert brand.ein_digits == "123456780"
        assert brand.open_usecases

    def test_its_trail_begins_with_the_look_up_and_who_adopted_it(
        self, outside, account, oscar, acme
    ):
        brand_id = outside.brand()

        adopt(account, oscar, (brand_id, acme))

        (entry,) = AuditEntry.objects.all()
        assert (entry.actor, entry.cause, entry.user) == (Actor.LOOKUP, Cause.LOOKUP, oscar)
        assert (entry.from_status, entry.to_status) == ("", "registered")
        assert entry.note.startswith(f"Adopted: {brand_id}. Plivo says COMPLETED.")

    def test_nothing_is_sent_and_nothing_is_charged(
        self, plivo, outside, account, carol, acme, work_off
    ):
        brand_id = outside.brand()
        spent = len(plivo.state.ledger.rows())

        adopt(account, carol, (brand_id, acme))
        work_off()

        assert Submission.objects.count() == 0
        assert len(plivo.state.ledger.rows()) == spent

    def test_campaigns_and_numbers_follow_their_brand(self, outside, account, carol, acme):
        brand_id = outside.brand()
        campaign_id = outside.campaign(brand_id)
        number = outside.number(campaign_id)

        outcomes = adopt(account, carol, (number,), (campaign_id,), (brand_id, acme))

        assert {outcome.result for outcome in outcomes.values()} == {Result.ADOPTED}
        link = NumberLink.objects.get()
        assert link.status == Status.LINKED
        assert link.is_confirmed
        assert link.campaign.plivo_id == campaign_id
        assert link.campaign.description == CAMPAIGN["description"]
        assert link.campaign.subscriber_optin is True
        assert link.campaign.organization == link.organization == acme

    @pytest.mark.parametrize(
        ("word", "status"),
        [
            ("ACTIVE", Status.REGISTERED),
            ("FAILED", Status.REJECTED),
            ("PROCESSING", Status.CREATED),
            ("EXPIRED", Status.EXPIRED),
        ],
    )
    def test_a_campaign_is_adopted_as_it_stands(self, outside, account, carol, acme, word, status):
        brand_id = outside.brand()
        campaign_id = outside.campaign(brand_id, status=word)

        adopt(account, carol, (brand_id, acme), (campaign_id,))

        campaign = Campaign.objects.get()
        assert campaign.status == status
        assert campaign.is_confirmed

    def test_one_that_is_in_process_is_followed_from_then_on(
        self, plivo, outside, account, carol, acme, work_off
    ):
        brand_id = outside.brand(status="PROCESSING")
        adopt(account, carol, (brand_id, acme))
        plivo.state.brands.change(brand_id, registration_status="COMPLETED")

        work_off()

        assert Brand.objects.get().is_confirmed_registered

    def test_all_numbers_of_a_campaign_come_at_one_word(self, outside, account, carol, acme):
        brand_id = outside.brand()
        campaign_id = outside.campaign(brand_id)
        for number in ("14155550100", "14155550101", "14155550102"):
            outside.number(campaign_id, number)

        adopt(account, carol, (brand_id, acme), (campaign_id,), (f"{campaign_id}/*",))

        assert NumberLink.objects.filter(status=Status.LINKED).count() == 3

    def test_a_brand_needs_somebody_to_belong_to(self, outside, account, carol):
        brand_id = outside.brand()

        outcome = adopt(account, carol, (brand_id,))[brand_id]

        assert outcome.result == Result.REFUSED
        assert "Choose the organization" in outcome.reason

    def test_a_campaign_waits_for_its_brand(self, outside, account, carol):
        campaign_id = outside.campaign(outside.brand())

        outcome = adopt(account, carol, (campaign_id,))[campaign_id]

        assert outcome.reason == "Adopt its brand first."

    def test_a_campaign_is_not_given_to_another_than_its_brand(
        self, outside, account, carol, acme, globex
    ):
        brand_id = outside.brand()
        campaign_id = outside.campaign(brand_id)

        outcomes = adopt(account, carol, (brand_id, acme), (campaign_id, globex))

        assert "belongs to Acme Inc." in outcomes[campaign_id].reason
        assert not Campaign.objects.exists()

    def test_a_dry_run_says_the_same_and_leaves_nothing(self, outside, account, carol, acme):
        brand_id = outside.brand()
        campaign_id = outside.campaign(brand_id)

        outcomes = adopt(account, carol, (brand_id, acme), (campaign_id,), dry_run=True)

        assert {outcome.result for outcome in outcomes.values()} == {Result.WOULD_BE_ADOPTED}
        assert not Brand.objects.exists()
        assert not AuditEntry.objects.exists()

    def test_adopted_twice_is_adopted_once(self, outside, account, carol, acme):
        brand_id = outside.brand()
        number = outside.number(outside.campaign(brand_id))
        adopt(account, carol, (brand_id, acme), (number.partition("/")[0],), (number,))

        outcomes = adopt(account, carol, (brand_id, acme), (number,))

        assert {outcome.result for outcome in outcomes.values()} == {Result.ALREADY_HERE}
        assert (Brand.objects.count(), NumberLink.objects.count()) == (1, 1)

    def test_two_people_at_once_adopt_it_once(
        self, shared_database, outside, account, carol, dave, acme
    ):
        brand_id = outside.brand()
        number = outside.number(outside.campaign(brand_id), status="FAILED")
        wanted = [(brand_id, acme), (number.partition("/")[0],), (number,)]

        def one(person):
            try:
                return adopt(account, person, *wanted)
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            outcomes = [list(each.values()) for each in pool.map(one, (carol, dave))]

        assert (Brand.objects.count(), NumberLink.objects.count()) == (1, 1)
        told = [{outcome.result for outcome in each} for each in outcomes]
        assert all(each <= {Result.ADOPTED, Result.ALREADY_HERE} for each in told)

    def test_what_is_adopted_while_one_looks_is_already_here(
        self, outside, account, carol, dave, acme
    ):
        brand_id = outside.brand()
        hers = []

        def in_between(execute, sql, *told):
            rows = execute(sql, *told)
            if not hers and "registrations_brand" in sql:
                hers.append(None)  # only once, and not while she does it
                hers[0] = adopt(account, dave, (brand_id, acme))[brand_id].result
            return rows

        with connection.execute_wrapper(in_between):
            outcomes = adopt(account, carol, (brand_id, acme))

        assert hers == [Result.ADOPTED]
        assert outcomes[brand_id].result == Result.ALREADY_HERE
        assert Brand.objects.count() == 1

    def test_what_plivo_does_not_list_is_not_adopted(self, outside, account, carol, acme):
        outcomes = adopt(account, carol, ("BNOTHING", acme), ("CNOTHING/14155550100",))

        assert {outcome.result for outcome in outcomes.values()} == {Result.REFUSED}

    def test_a_brand_without_a_company_name_is_refused_in_words(
        self, plivo, outside, account, carol, acme
    ):
        brand_id = outside.brand()
        (profile_uuid,) = [
            row["profile_uuid"]
            for row in plivo.state.profiles.rows()
            if row["profile_type"] != "PRIMARY"
        ]
        plivo.state.profiles.change(profile_uuid, company_name="")

        outcome = adopt(account, carol, (brand_id, acme))[brand_id]

        assert outcome.result == Result.REFUSED
        assert "no company name" in outcome.reason

    def test_a_use_case_that_is_not_known_here_is_refused_in_words(
        self, plivo, outside, account, carol, acme
    ):
        brand_id = outside.brand()
        campaign_id = outside.campaign(brand_id)
        plivo.state.campaigns.change(campaign_id, usecase="AGENTS_FRANCHISES")

        outcomes = adopt(account, carol, (brand_id, acme), (campaign_id,))

        assert outcomes[brand_id].result == Result.ADOPTED
        assert "“AGENTS_FRANCHISES”" in outcomes[campaign_id].reason

    def test_what_fits_no_field_is_left_out_and_said(self, plivo, outside, account, carol, acme):
        brand_id = outside.brand()
        campaign_id = outside.campaign(brand_id)
        plivo.state.campaigns.change(campaign_id, help_message="h" * 400, vertical="SPACEFLIGHT")

        outcomes = adopt(account, carol, (brand_id, acme), (campaign_id,))

        campaign = Campaign.objects.get()
        assert (campaign.help_message, campaign.vertical) == ("", "")
        assert outcomes[campaign_id].reason.endswith("vertical, help_message.")
        assert outcomes[campaign_id].reason in campaign.trail.get().note

    def test_a_number_that_we_show_elsewhere_is_not_taken_from_there(
        self, outside, account, carol, acme, registered_campaign
    ):
        NumberLink.objects.create(
            organization=acme,
            account=account,
            campaign=registered_campaign,
            number=NUMBER,
            status="linked",
            created_by=carol,
        )
        brand_id = outside.brand()
        number = outside.number(outside.campaign(brand_id))

        obstacle = offers(account, carol)[number].obstacle

        assert f"We show it on {registered_campaign}" in obstacle

    def test_what_was_not_reached_in_time_is_said_and_can_be_asked_for_again(
        self, outside, account, carol, acme, monkeypatch
    ):
        brand_id = outside.brand()
        monkeypatch.setattr("registrations.plivo.listing.Listing.is_over", True)

        outcome = adopt(account, carol, (brand_id, acme))[brand_id]

        assert outcome.result == Result.NOT_REACHED
        assert not Brand.objects.exists()

    def test_nobody_is_mailed_about_old_news(self, outside, account, carol, dave, alice, acme):
        brand_id = outside.brand(status="FAILED")
        adopt(account, carol, (brand_id, acme))

        notices.write_down_news()

        assert not Notice.objects.exists()

    def test_an_outsider_to_the_organization_of_a_key_learns_nothing(
        self, outside, account, carol, acme, globex
    ):
        brand_id = outside.brand()
        campaign_id = outside.campaign(brand_id)
        adopt(account, carol, (brand_id, acme))

        found = offers(account, carol, within=globex)
        outcomes = adopt(account, carol, (brand_id, globex), (campaign_id,), within=globex)

        assert found == {}
        assert {outcome.reason for outcome in outcomes.values()} == {
            "Plivo does not list it for this account. Look at the list again."
        }


class TestWhatComesAfterwards:
    @pytest.fixture
    def rejected(self, outside, account, carol, acme):
        """A campaign that was rejected and then adopted."""
        brand_id = outside.brand()
        campaign_id = outside.campaign(brand_id, status="FAILED")
        adopt(account, carol, (brand_id, acme), (campaign_id,))
        return Campaign.objects.get()

    def test_a_corrected_text_is_an_update_and_no_new_campaign(
        self, plivo, rejected, alice, submit, work_off
    ):
        actions.revise(rejected, by=alice)
        rejected.sample1 = f"{CAMPAIGN['sample1']} Msg rates may apply."
        actions.edit(rejected, ["sample1"], by=alice)

        submission = submit(rejected)
        work_off()

        submission.refresh_from_db()
        assert submission.operation == Operation.UPDATE_CAMPAIGN
        assert submission.payload["changes"] == {"sample1": rejected.sample1}
        assert submission.state == State.ACCEPTED
        assert len(plivo.state.campaigns.rows()) == 1

    def test_the_next_correction_is_an_update_too(self, plivo, rejected, alice, submit, work_off):
        for text in ("Msg rates may apply.", "Reply HELP for help."):
            actions.revise(rejected, by=alice)
            rejected.sample1 = f"{CAMPAIGN['sample1']} {text}"
            actions.edit(rejected, ["sample1"], by=alice)
            submission = submit(rejected)
            work_off()
            plivo.state.campaigns.change(rejected.plivo_id, registration_status="FAILED")
            Submission.objects.filter(pk=submission.pk).update(settled_at="2026-01-01T00:00Z")
            work_off()
            rejected.refresh_from_db()

        operations = Submission.objects.values_list("operation", flat=True)
        assert set(operations) == {Operation.UPDATE_CAMPAIGN}

    def test_what_no_update_can_carry_means_another_campaign(self, rejected, alice):
        actions.revise(rejected, by=alice)
        rejected.age_gated = True
        actions.edit(rejected, ["age_gated"], by=alice)

        assert actions.preview(rejected).operation == Operation.REGISTER_CAMPAIGN

    def test_what_plivo_never_told_is_no_change(self, plivo, outside, account, carol, acme, alice):
        brand_id = outside.brand()
        campaign_id = outside.campaign(brand_id, status="FAILED")
        attributes = plivo.state.campaigns.get(campaign_id)["campaign_attributes"]
        attributes = {
            name: value for name, value in attributes.items() if name != "affiliate_marketing"
        }
        plivo.state.campaigns.change(campaign_id, campaign_attributes=attributes, vertical="")
        adopt(account, carol, (brand_id, acme), (campaign_id,))
        campaign = Campaign.objects.get()
        actions.revise(campaign, by=alice)
        campaign.vertical, campaign.affiliate_marketing = "RETAIL", True
        actions.edit(campaign, ["vertical", "affiliate_marketing"], by=alice)

        assert actions.preview(campaign).operation == Operation.UPDATE_CAMPAIGN

    def test_the_desk_compares_it_with_what_plivo_told(self, rejected, alice, client, carol):
        actions.revise(rejected, by=alice)
        rejected.sample1 = f"{CAMPAIGN['sample1']} Msg rates may apply."
        actions.edit(rejected, ["sample1"], by=alice)
        actions.send_for_review(rejected, by=alice)
        client.force_login(carol)

        page = client.get(f"/review/{rejected.reference}/").content.decode()

        assert "What changed since Plivo told it" in page
        assert "Msg rates may apply." in page
        assert "each month" not in page
        assert "First version" not in page

    def test_its_page_opens(self, rejected, client, alice):
        client.force_login(alice)

        page = client.get(rejected.get_absolute_url())

        assert page.status_code == 200
        assert "Adopted" in page.content.decode()

    def test_an_adopted_number_can_be_unlinked(
        self, plivo, outside, account, carol, acme, alice, work_off
    ):
        brand_id = outside.brand()
        number = outside.number(outside.campaign(brand_id))
        adopt(account, carol, (brand_id, acme), (number.partition("/")[0],), (number,))
        plivo.state.set(callbacks_lost=True)

        actions.unlink(NumberLink.objects.get(), by=alice)
        work_off()
        plivo.step(5)
        work_off()

        assert NumberLink.objects.get().status == Status.UNLINKED

    def test_a_registered_campaign_takes_numbers_at_once(
        self, outside, account, carol, acme, alice
    ):
        brand_id = outside.brand()
        campaign_id = outside.campaign(brand_id)
        adopt(account, carol, (brand_id, acme), (campaign_id,))

        links = actions.link_numbers(Campaign.objects.get(), [NUMBER], by=alice)

        assert links[0].status == Status.LINK_QUEUED


class TestDrift:
    def test_a_brand_that_plivo_does_not_list_is_told(
        self, plivo, account, carol, registered_brand
    ):
        (drift,) = actions.compare(account, by=carol).drift

        assert drift.registration == registered_brand
        assert drift.words == "We show registered; Plivo does not list it."

    def test_last_words_that_differ_are_told(self, plivo, outside, account, carol, acme):
        brand_id = outside.brand()
        adopt(account, carol, (brand_id, acme))
        plivo.state.brands.change(brand_id, registration_status="FAILED")

        (drift,) = actions.compare(account, by=carol).drift

        assert drift.words == "We show registered; Plivo says FAILED."

    def test_a_number_that_was_unlinked_elsewhere_is_told(
        self, plivo, outside, account, carol, acme
    ):
        brand_id = outside.brand()
        number = outside.number(outside.campaign(brand_id))
        adopt(account, carol, (brand_id, acme), (number.partition("/")[0],), (number,))
        plivo.state.links.drop(number)

        (drift,) = actions.compare(account, by=carol).drift

        assert drift.words == "We show linked; Plivo does not list it."

    def test_what_is_under_way_is_no_drift(self, plivo, outside, account, carol, acme):
        brand_id = outside.brand(status="PROCESSING")
        adopt(account, carol, (brand_id, acme))
        plivo.state.brands.change(brand_id, registration_status="COMPLETED")

        assert actions.compare(account, by=carol).drift == []

    def test_what_others_have_is_not_told_to_the_key_of_an_organization(
        self, plivo, account, carol, registered_brand, globex
    ):
        assert actions.compare(account, by=carol, within=globex).drift == []
