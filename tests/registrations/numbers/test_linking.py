"""Linking the good ones: from the page, by the action, and several people at once."""

from threading import Barrier, Thread

import pytest
from django.db import connection
from django.db.models.signals import pre_save
from django.test import Client
from django.urls import reverse

from registrations import actions
from registrations.actions import Blocked, IllegalMove, NotAllowed
from registrations.lifecycle import Status
from registrations.models import NumberLink, Operation, Submission
from tests.registrations.numbers.stage import NEW, fiction, many, page_of, stand, typed, verdicts

pytestmark = pytest.mark.django_db


def link(client, campaign, good, numbers=None, seen_for=None):
    """Click on “Link the … good numbers”, as the form has it after a check."""
    return client.post(
        NEW,
        {
            "campaign": campaign.reference,
            "numbers": "\n".join(good) if numbers is None else numbers,
            "good": " ".join(good),
            "seen_for": campaign.reference if seen_for is None else seen_for,
            "intent": "link",
        },
    )


class TestLinkingFromThePage:
    def test_one_click_links_what_the_check_found_good_and_keeps_the_rest(
        self, plivo, check, as_alice, campaign
    ):
        checked = check("4155550100\nhello\n4155550101")
        form = checked.context["form"]

        response = link(as_alice, campaign, form["good"].value().split(), form["numbers"].value())

        numbers = sorted(NumberLink.objects.values_list("number", flat=True))
        assert numbers == fiction(2)
        assert response.url == reverse("campaign-numbers", args=[campaign.reference])
        progress = page_of(as_alice.get(response.url))
        assert "2 numbers are on the way to Plivo" in progress
        assert "1 entry that you gave is not linked yet" in progress
        again = as_alice.get(f"{NEW}?campaign={campaign.reference}")
        assert again.context["form"]["numbers"].value() == "hello"

    def test_a_second_click_makes_no_second_link(self, plivo, as_alice, campaign):
        link(as_alice, campaign, fiction(3))

        response = link(as_alice, campaign, fiction(3))

        assert response.status_code == 302
        assert NumberLink.objects.count() == Submission.objects.count() == 3

    def test_what_was_taken_meanwhile_is_told_and_nothing_is_linked(
        self, plivo, check, as_alice, campaign, other_campaign, alice
    ):
        check("\n".join(fiction(3)))
        actions.link_numbers(other_campaign, fiction(1), by=alice)

        response = link(as_alice, campaign, fiction(3))

        assert [verdict for _, verdict in verdicts(response)] == ["taken", "good", "good"]
        assert "Nothing was linked" in page_of(response)
        assert campaign.number_links.count() == 0

    def test_what_was_checked_for_another_campaign_is_checked_again(
        self, plivo, as_alice, campaign, other_campaign
    ):
        response = link(as_alice, other_campaign, fiction(1), seen_for=campaign.reference)

        assert verdicts(response) == [("14155550100", "good")]
        assert "Nothing was linked yet" in page_of(response)
        assert not NumberLink.objects.exists()

    def test_forged_numbers_are_judged_like_any_other(self, plivo, as_alice, campaign):
        response = link(as_alice, campaign, ["18005550100", "<script>", "12"])

        assert response.status_code == 200
        assert {verdict for _, verdict in verdicts(response)} == {"wrong"}
        assert not NumberLink.objects.exists()

    def test_a_marketer_cannot_link_to_a_foreign_campaign(self, plivo, as_alice, globex_campaign):
        response = link(as_alice, globex_campaign, fiction(1))

        assert "Select a valid choice" in page_of(response)
        assert "Secret plans" not in page_of(response)
        assert not NumberLink.objects.exists()

    @pytest.mark.parametrize("status", ["draft", "submitted", "rejected", "expired"])
    def test_a_campaign_that_is_not_registered_is_not_offered_and_says_why(
        self, plivo, as_alice, campaign, status
    ):
        stand(campaign, status)

        page = page_of(as_alice.get(f"{NEW}?campaign={campaign.reference}"))
        answer = link(as_alice, campaign, fiction(1))

        assert "It takes numbers once Plivo has registered it" in page
        assert "Select a valid choice" in page_of(answer)
        assert not NumberLink.objects.exists()

    def test_a_campaign_whose_registration_is_only_reported_is_not_offered(
        self, as_alice, campaign
    ):
        type(campaign).objects.update(confirmed_status="", confirmed_at=None)

        page = page_of(as_alice.get(f"{NEW}?campaign={campaign.reference}"))

        assert f'value="{campaign.reference}"' not in page

    def test_the_choice_says_how_much_of_the_limit_is_used(self, as_alice, campaign, alice):
        actions.link_numbers(campaign, fiction(3), by=alice)

        page = page_of(as_alice.get(f"{NEW}?campaign={campaign.reference}"))

        assert f"({campaign.reference}), Acme Inc.: 3 of 49 numbers used" in page
        assert f'value="{campaign.reference}" selected' in page

    @pytest.mark.parametrize("person", ["audrey", "oscar"])
    def test_who_only_reads_links_nothing(self, client, campaign, person, request):
        client.force_login(request.getfixturevalue(person))

        assert client.get(NEW).status_code == 403
        assert link(client, campaign, fiction(1)).status_code == 403

    @pytest.mark.parametrize(
        "numbers", ["", " \n ,;", "4155550100\x00", "1\n" * 1001, "x" * 120_001]
    )
    def test_what_cannot_be_checked_is_explained(self, plivo, check, numbers):
        response = check(numbers)

        assert response.status_code == 200
        assert response.context["form"].errors["numbers"]

    def test_a_thousand_numbers_are_checked_at_once(self, without_plivo, check):
        response = check("\n".join(many(1000)))

        found = [verdict for _, verdict in verdicts(response)]
        assert found == ["unchecked"] * 49 + ["over_limit"] * 951

    def test_what_is_shown_is_text(self, plivo, check):
        page = page_of(check('"><img src=x onerror=alert(1)>'))

        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


class TestLinking:
    def test_numbers_are_linked_one_request_each(self, campaign, alice):
        links = actions.link_numbers(campaign, ["14155550101", "14155550100"], by=alice)

        assert [link.number for link in links] == ["14155550101", "14155550100"]
        assert [link.status for link in links] == [Status.LINK_QUEUED] * 2
        assert Submission.objects.filter(operation=Operation.LINK_NUMBER).count() == 2
        assert [entry.to_status for link in links for entry in link.trail.all()] == [
            "link_queued",
            "link_queued",
        ]

    def test_one_bad_number_keeps_all_back(self, campaign, alice):
        with pytest.raises(Blocked, match="12345"):
            actions.link_numbers(campaign, ["14155550100", "12345"], by=alice)

        assert not NumberLink.objects.exists()

    def test_a_number_is_on_one_campaign_at_a_time(self, campaign, alice):
        actions.link_numbers(campaign, ["14155550100"], by=alice)

        with pytest.raises(Blocked) as blocked:
            actions.link_numbers(campaign, ["14155550100"], by=alice)

        assert len(blocked.value.findings) == 1

    def test_a_campaign_takes_49(self, campaign, alice):
        numbers = fiction(50)

        with pytest.raises(Blocked, match="takes 49"):
            actions.link_numbers(campaign, numbers, by=alice)

        assert len(actions.link_numbers(campaign, numbers[:49], by=alice)) == 49

    def test_an_individual_gets_no_two_numbers_at_once(self, campaign, alice):
        type(campaign.brand).objects.update(entity_type="INDIVIDUAL")

        with pytest.raises(Blocked, match="one number"):
            actions.link_numbers(campaign, fiction(2), by=alice)

        assert len(actions.link_numbers(campaign, fiction(1), by=alice)) == 1

    @pytest.mark.parametrize("numbers", [[], ["14155550100", "14155550100"]])
    def test_nothing_and_the_same_twice_are_refused(self, campaign, alice, numbers):
        with pytest.raises(Blocked):
            actions.link_numbers(campaign, numbers, by=alice)

    @pytest.mark.parametrize("person", ["audrey", "oscar"])
    def test_who_only_reads_does_nothing(self, campaign, alice, person, request):
        reader = request.getfixturevalue(person)
        [link] = actions.link_numbers(campaign, fiction(1), by=alice)

        for deed in (
            lambda: actions.check_numbers(campaign, typed("4155550101"), by=reader),
            lambda: actions.link_numbers(campaign, ["14155550101"], by=reader),
            lambda: actions.unlink_several([link], by=reader),
            lambda: actions.link_several_again([link], by=reader),
        ):
            with pytest.raises(NotAllowed):
                deed()

    def test_a_failed_link_is_not_repeated_where_there_is_no_room(self, campaign, alice):
        [failed] = actions.link_numbers(campaign, fiction(1), by=alice)
        stand(failed, "link_failed")
        Submission.objects.update(state="accepted")
        actions.link_numbers(campaign, fiction(49, area="510"), by=alice)

        with pytest.raises(Blocked, match="limit"):
            actions.link_again(failed, by=alice)

    def test_several_stand_or_fall_by_themselves(self, campaign, alice):
        links = actions.link_numbers(campaign, fiction(3), by=alice)
        Submission.objects.update(state="accepted")
        for link in links[:2]:
            stand(link, "linked")

        several = actions.unlink_several(links, by=alice)

        assert several.done == links[:2]
        [(left, why)] = several.left
        assert left == links[2]
        assert "link queued" in why

    def test_the_questions_before_a_refusal_do_not_grow_with_the_numbers(
        self, campaign, alice, django_assert_max_num_queries
    ):
        for count in (60, 1000):
            with django_assert_max_num_queries(10), pytest.raises(Blocked):
                actions.link_numbers(campaign, many(count), by=alice)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def at_once(self, *deeds):
        gate, results = Barrier(len(deeds)), []

        def do(deed):
            gate.wait()
            try:
                results.append(deed())
            except (Blocked, IllegalMove) as refusal:
                results.append(refusal)
            finally:
                connection.close()

        threads = [Thread(target=do, args=[deed]) for deed in deeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    @pytest.mark.usefixtures("shared_database")
    def test_of_two_people_who_link_overlapping_sets_one_is_told_what_is_taken(
        self, campaign, other_campaign, alice, carol
    ):
        results = self.at_once(
            lambda: actions.link_numbers(campaign, fiction(6), by=alice),
            lambda: actions.link_numbers(other_campaign, fiction(10)[:3:-1], by=carol),
        )

        [refusal] = [result for result in results if isinstance(result, Blocked)]
        named = {number for number in fiction(10) if number in str(refusal)}
        assert named == {"14155550104", "14155550105"}
        held = NumberLink.objects.values_list("number", flat=True)
        assert len(held) == len(set(held)) == Submission.objects.count() == 6

    @pytest.mark.usefixtures("shared_database")
    def test_two_clicks_at_once_make_one_set_of_links(self, campaign, alice):
        def click():
            browser = Client()
            browser.force_login(alice)
            return link(browser, campaign, fiction(5)).status_code

        assert self.at_once(click, click) == [302, 302]
        assert NumberLink.objects.count() == Submission.objects.count() == 5

    def test_what_only_the_database_notices_is_told_and_is_no_crash(
        self, campaign, other_campaign, alice
    ):
        def somebody_is_faster(sender, instance, **_):
            if instance.campaign_id == campaign.pk and instance.number == "14155550101":
                other_campaign.number_links.update(number=instance.number)

        actions.link_numbers(other_campaign, ["14155550149"], by=alice)
        pre_save.connect(somebody_is_faster, sender=NumberLink)
        try:
            with pytest.raises(Blocked, match="Somebody else was linking one of these"):
                actions.link_numbers(campaign, fiction(3), by=alice)
        finally:
            pre_save.disconnect(somebody_is_faster, sender=NumberLink)

        assert campaign.number_links.count() == 0
