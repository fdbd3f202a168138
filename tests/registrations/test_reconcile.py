"""What Plivo really says: it confirms, corrects, and settles contradictions."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registrations import actions, reconcile, submitting
from registrations.lifecycle import Actor, Cause, Status, move_to, raise_conflict
from registrations.models import Brand, Campaign, NumberLink
from registrations.models.choices import UseCase
from registrations.plivo.sandbox import faults

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def brand(plivo, draft_brand, submit):
    """A brand that Plivo has accepted; no callback ever reaches the portal here."""
    plivo.state.set(callbacks_lost=True)
    submission = submit(draft_brand)
    submitting.send(submission.pk)
    draft_brand.refresh_from_db()
    return draft_brand


def look_up(registration):
    """A look-up now, whatever its due time; answers the registration as it stands then."""
    rows = type(registration).objects.filter(pk=registration.pk)
    rows.update(lookup_due_at=timezone.now())
    reconcile.look_up(registration)
    return rows.get()


def a_minute_passes(registration):
    earlier = timezone.now() - timedelta(minutes=2)
    type(registration).objects.filter(pk=registration.pk).update(conflict_looked_up_at=earlier)


def test_while_plivo_works_on_it_nothing_changes(brand):
    brand = look_up(brand)

    assert brand.status == Status.SUBMITTED
    assert not brand.is_confirmed
    assert brand.lookup_due_at > timezone.now()


def test_a_lost_callback_is_found(plivo, brand):
    plivo.step(5)

    brand = look_up(brand)

    assert brand.status == Status.REGISTERED
    assert brand.is_confirmed
    entry = brand.trail.order_by("-sequence").first()
    assert (entry.actor, entry.cause) == (Actor.LOOKUP, Cause.LOOKUP)


def test_a_vetting_score_is_learnt_by_looking(plivo, brand):
    plivo.step(5)
    plivo.state.brands.change(brand.plivo_id, vetting_status="ACTIVE", vetting_score=78)

    assert look_up(brand).vetting_score == 78


def test_the_use_cases_of_a_registered_brand_are_learnt_by_looking(plivo, brand):
    before = look_up(brand).open_usecases
    plivo.step(5)

    brand = look_up(brand)

    assert before == []
    assert set(brand.open_usecases) == set(UseCase.values)


def test_a_brand_is_confirmed_even_if_plivo_does_not_tell_its_use_cases(plivo, brand):
    plivo.step(5)
    fault = {"kind": "error_500_before", "path": "/usecases/"}
    plivo.state.faults.append(faults.check(fault))

    brand = look_up(brand)

    assert brand.is_confirmed
    assert brand.open_usecases == []


def test_a_reported_status_is_confirmed(plivo, brand):
    move_to(brand, Status.REGISTERED, actor=Actor.PLIVO, cause=Cause.CALLBACK)
    plivo.step(5)

    assert not brand.is_confirmed
    assert look_up(brand).is_confirmed


def test_the_reasons_of_a_rejection_are_kept_word_for_word(plivo, make_brand, submit):
    plivo.state.set(callbacks_lost=True)
    brand = make_brand(company_name="Reject Inc.")
    submitting.send(submit(brand).pk)
    plivo.step(5)

    brand = look_up(brand)

    assert brand.status == Status.REJECTED
    there = plivo.state.brands.get(brand.plivo_id)["declined_reasons"][0]
    assert brand.reasons == [{"code": there["code"], "text": there["message"]}]


def test_one_look_does_not_overturn_a_last_word(plivo, brand):
    plivo.step(5)
    look_up(brand)
    plivo.state.brands.change(brand.plivo_id, registration_status="FAILED")

    brand = look_up(brand)

    assert brand.status == Status.REGISTERED
    assert "Plivo says FAILED" in brand.conflict


def test_two_looks_that_agree_a_minute_apart_do(plivo, brand):
    plivo.step(5)
    look_up(brand)
    plivo.state.brands.change(brand.plivo_id, registration_status="FAILED")
    look_up(brand)
    a_minute_passes(brand)

    brand = look_up(brand)

    assert brand.status == Status.REJECTED
    assert brand.conflict == ""
    assert brand.is_confirmed


def test_a_contradiction_by_callback_is_settled_by_two_looks(plivo, brand):
    plivo.step(5)
    brand = look_up(brand)
    raise_conflict(brand, "registered and rejected", actor=Actor.PLIVO, cause=Cause.CALLBACK)

    assert look_up(brand).conflict
    a_minute_passes(brand)

    brand = look_up(brand)
    assert brand.status == Status.REGISTERED
    assert brand.conflict == ""


def test_news_that_comes_during_a_look_wins_over_it(plivo, brand, monkeypatch):
    plivo.step(5)
    plivo.state.brands.change(brand.plivo_id, registration_status="FAILED")
    read = reconcile._READERS[Brand.kind]

    def read_while_a_callback_arrives(looked_up, client):
        facts = read(looked_up, client)
        move_to(brand, Status.REGISTERED, actor=Actor.PLIVO, cause=Cause.CALLBACK)
        return facts

    monkeypatch.setitem(reconcile._READERS, Brand.kind, read_while_a_callback_arrives)

    brand = look_up(brand)

    assert brand.status == Status.REGISTERED
    assert brand.lookup_due_at <= timezone.now()


def test_a_failing_api_changes_no_status(brand, settings):
    settings.PLIVO_API_URL = "http://127.0.0.1:9"

    brand = look_up(brand)

    assert brand.status == Status.SUBMITTED
    assert brand.lookup_due_at > timezone.now()


def test_an_id_that_was_never_heard_is_found_by_the_alias(plivo, brand):
    Brand.objects.update(plivo_id="")
    plivo.step(5)

    brand = look_up(brand)

    assert brand.plivo_id == plivo.state.brands.rows()[0]["brand_id"]
    assert brand.is_confirmed


def test_the_list_sweep_makes_a_look_up_due_where_plivo_differs(plivo, brand):
    plivo.step(5)
    Brand.objects.update(lookup_due_at=None)

    reconcile.sweep_lists(brand.account)

    assert [pk for _, pk in reconcile.due_look_ups()] == [brand.pk]


def test_the_list_sweep_leaves_alone_what_agrees(plivo, brand):
    plivo.step(5)
    look_up(brand)

    reconcile.sweep_lists(brand.account)

    assert reconcile.due_look_ups() == []


class TestTheWholeChain:
    """A brand, its campaign and a number, all of it learnt by looking."""

    @pytest.fixture
    def campaign(self, plivo, brand, make_campaign_on, submit):
        plivo.step(5)
        campaign = make_campaign_on(look_up(brand))
        submitting.send(submit(campaign).pk)
        plivo.step(5)
        return look_up(Campaign.objects.get())

    @pytest.fixture
    def link(self, plivo, campaign, alice):
        [link] = actions.link_numbers(campaign, ["14155550100"], by=alice)
        submitting.send(link.submissions.get().pk)
        plivo.step(5)
        return look_up(NumberLink.objects.get())

    def test_all_are_registered_and_confirmed(self, campaign, link):
        assert campaign.is_confirmed_registered
        assert link.status == Status.LINKED
        assert link.is_confirmed
        assert campaign.mno_metadata

    def test_a_lapsed_campaign_is_found(self, plivo, campaign):
        plivo.state.campaigns.change(campaign.plivo_id, registration_status="EXPIRED")
        look_up(campaign)
        a_minute_passes(campaign)

        assert look_up(campaign).status == Status.EXPIRED

    def test_a_number_that_was_unlinked_elsewhere_is_found(self, plivo, link):
        plivo.state.links.drop(f"{link.campaign.plivo_id}/{link.number}")
        reconcile.sweep_lists(link.account)
        assert NumberLink.objects.get().lookup_due_at
        look_up(link)
        a_minute_passes(link)

        assert look_up(link).status == Status.UNLINKED

    def test_an_unlink_is_asked_for_and_confirmed(self, plivo, link, alice):
        submission = actions.unlink(link, by=alice)
        submitting.send(submission.pk)
        plivo.step(5)

        link = look_up(link)

        assert link.status == Status.UNLINKED
        assert link.is_confirmed

    def test_a_rejected_campaign_is_corrected_by_an_update(self, plivo, campaign, alice, submit):
        plivo.state.campaigns.change(campaign.plivo_id, registration_status="FAILED")
        look_up(campaign)
        a_minute_passes(campaign)
        campaign = look_up(campaign)
        actions.revise(campaign, by=alice)
        campaign.sample1 = "Acme Inc.: your order 77 is on its way. Reply STOP to opt out."
        actions.edit(campaign, ["sample1"], by=alice)

        submission = submit(campaign)

        assert submission.operation == "update_campaign"
        assert submission.payload["changes"] == {"sample1": campaign.sample1}
        submitting.send(submission.pk)
        plivo.step(5)
        assert look_up(campaign).is_confirmed_registered
        assert len(plivo.state.campaigns) == 1

    def test_an_old_rejection_is_not_taken_for_a_new_one(self, plivo, campaign, alice, submit):
        plivo.state.set(update_reads_failed_for=60)
        plivo.state.campaigns.change(campaign.plivo_id, registration_status="FAILED")
        look_up(campaign)
        a_minute_passes(campaign)
        campaign = look_up(campaign)
        actions.revise(campaign, by=alice)
        campaign.sample1 = "Acme Inc.: your order 78 is on its way. Reply STOP to opt out."
        actions.edit(campaign, ["sample1"], by=alice)
        submitting.send(submit(campaign).pk)

        assert look_up(campaign).status == Status.SUBMITTED

    def test_a_campaign_is_ended_by_two_people(self, plivo, campaign, alice, carol):
        actions.ask_deactivation(campaign, by=alice)
        submission = actions.deactivate(campaign, by=carol)

        submitting.send(submission.pk)

        campaign.refresh_from_db()
        assert campaign.status == Status.DEACTIVATED
        assert len(plivo.state.campaigns) == 0
