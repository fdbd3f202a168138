"""What a check finds, before anything is linked."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from registrations import actions
from registrations.actions import TypedNumber
from registrations.lifecycle import Status
from registrations.models import NumberLink, PlivoAccount
from registrations.plivo.sandbox import faults
from tests.registrations.numbers.stage import fiction, many, page_of, verdicts

pytestmark = pytest.mark.django_db


class TestVerdicts:
    def test_numbers_are_pasted_as_people_have_them(self, plivo, check):
        response = check("+1 (415) 555-0100\n4155550101, 1-415-555-0102")

        assert response.context["check"].linkable == fiction(3)

    def test_a_bad_number_is_named_and_what_was_typed_stays(self, plivo, check):
        response = check("14155550100\n12")

        assert "“12” is no ten-digit US or Canadian number." in page_of(response)
        assert response.context["form"]["numbers"].value() == "14155550100\n12"
        assert not NumberLink.objects.exists()

    def test_a_good_number_can_be_linked(self, plivo, check):
        response = check("+1 (415) 555-0100")

        assert verdicts(response) == [("+1 (415) 555-0100", "good")]
        assert "Link the 1 good number<" in page_of(response)
        assert "+14155550100" in page_of(response)
        assert not NumberLink.objects.exists()

    @pytest.mark.parametrize(
        "text", ["12", "hello", "+44 7700 900123", "800-555-0100", "1155550100"]
    )
    def test_what_is_no_ordinary_number_is_wrong(self, plivo, check, text):
        response = check(text)

        assert verdicts(response) == [(text, "wrong")]
        assert "None of them can be linked" in page_of(response)

    def test_a_damaged_number_is_said_to_be_damaged(self, plivo, check):
        response = check("1.41556E+10")

        assert verdicts(response) == [("1.41556E+10", "wrong")]
        assert "rounded" in page_of(response)

    def test_a_double_is_told_where_its_twin_stands(self, plivo, check):
        response = check("4155550100\n4155550101\n+1 415 555 0100")

        assert [verdict for _, verdict in verdicts(response)] == ["good", "good", "double"]
        assert "The same number stands in line 1." in page_of(response)

    def test_a_number_of_this_campaign_is_taken_and_leads_to_its_page(
        self, plivo, check, campaign, alice
    ):
        [link] = actions.link_numbers(campaign, ["14155550100"], by=alice)

        response = check("4155550100")

        assert verdicts(response) == [("4155550100", "taken")]
        assert link.get_absolute_url() in page_of(response)
        assert "on this campaign" in page_of(response)

    def test_a_number_of_another_campaign_is_taken_and_says_by_which(
        self, plivo, check, other_campaign, alice
    ):
        [link] = actions.link_numbers(other_campaign, ["14155550100"], by=alice)

        response = check("4155550100")

        assert verdicts(response) == [("4155550100", "taken")]
        assert link.get_absolute_url() in page_of(response)
        assert "Acme news" in page_of(response)

    def test_of_a_number_that_is_not_hers_to_see_she_learns_only_that_it_is_taken(
        self, plivo, check, globex_campaign, carol
    ):
        [link] = actions.link_numbers(globex_campaign, ["14155550100"], by=carol)

        response = check("4155550100")

        assert verdicts(response) == [("4155550100", "taken")]
        for secret in (link.reference, "Secret plans", globex_campaign.reference, "Globex"):
            assert secret not in page_of(response)

    def test_a_number_that_failed_or_was_unlinked_is_free(self, plivo, check, campaign, alice):
        links = actions.link_numbers(campaign, fiction(2), by=alice)
        NumberLink.objects.filter(pk=links[0].pk).update(status=Status.LINK_FAILED)
        NumberLink.objects.filter(pk=links[1].pk).update(status=Status.UNLINKED)

        response = check("\n".join(fiction(2)))

        assert [verdict for _, verdict in verdicts(response)] == ["good", "good"]

    def test_a_number_that_is_not_rented_is_not_ours(self, plivo, check):
        response = check("4155552345\n4155550100")

        assert [verdict for _, verdict in verdicts(response)] == ["not_ours", "good"]
        assert "not rented" in page_of(response)

    def test_a_number_without_sms_is_not_ours(self, plivo, check):
        response = check("4155550189")

        assert verdicts(response) == [("4155550189", "not_ours")]
        assert "cannot send texts" in page_of(response)

    def test_a_number_that_plivo_has_on_another_campaign_is_taken(self, plivo, check):
        plivo.state.links.put(
            "CELSEWHERE/14155550100",
            {"number": "14155550100", "status": "COMPLETED", "_campaign": "CELSEWHERE"},
        )

        response = check("4155550100")

        assert verdicts(response) == [("4155550100", "taken")]
        assert "CELSEWHERE" not in page_of(response)

    def test_a_number_that_plivo_has_on_this_campaign_is_good(self, plivo, check, campaign):
        plivo.state.links.put(
            f"{campaign.plivo_id}/14155550100",
            {"number": "14155550100", "status": "COMPLETED", "_campaign": campaign.plivo_id},
        )

        assert verdicts(check("4155550100")) == [("4155550100", "good")]

    def test_beyond_49_the_first_that_fit_are_good(self, plivo, check, campaign, alice):
        actions.link_numbers(campaign, fiction(40), by=alice)

        response = check("\n".join(fiction(12, area="510")))

        found = [verdict for _, verdict in verdicts(response)]
        assert found == ["good"] * 9 + ["over_limit"] * 3
        assert "takes 49 numbers: it has 40, and 9 of these fill it" in page_of(response)
        assert "Link the 9 good numbers" in page_of(response)

    def test_a_number_that_is_not_ours_gives_its_place_to_the_next(
        self, plivo, check, campaign, alice
    ):
        actions.link_numbers(campaign, fiction(47), by=alice)

        response = check("4155552345\n5105550100\n5105550101\n5105550102")

        found = [verdict for _, verdict in verdicts(response)]
        assert found == ["not_ours", "good", "good", "over_limit"]

    def test_an_individual_has_one_number(self, plivo, check, campaign):
        type(campaign.brand).objects.update(entity_type="INDIVIDUAL")

        found = [verdict for _, verdict in verdicts(check("4155550100\n4155550101"))]

        assert found == ["good", "over_limit"]

    def test_what_is_wrong_comes_first_and_is_counted(self, plivo, check):
        response = check("4155550100\n12\n13\n4155550100")

        page = page_of(response)
        counts = {verdict.value: n for verdict, n in response.context["check"].counts}
        assert counts == {"good": 1, "wrong": 2, "double": 1}
        assert page.index("What needs you") < page.index("Show every number")
        assert "The other 3 stay in the text for later" in page


class TestAskingPlivo:
    def test_nobody_at_plivo_keeps_nobody_from_linking(self, without_plivo, check):
        response = check("4155550100\n12")

        assert [verdict for _, verdict in verdicts(response)] == ["unchecked", "wrong"]
        assert "Plivo could not be asked" in page_of(response)
        assert "Link the 1 good number" in page_of(response)

    @pytest.mark.django_db(transaction=True)
    def test_a_plivo_that_hangs_is_waited_for_a_few_seconds(self, plivo, check):
        hang = {"kind": "timeout_before", "operation": "account_number", "times": 49, "seconds": 8}
        plivo.state.faults.append(faults.check(hang))

        began = time.monotonic()
        response = check("\n".join(fiction(49)))
        took = time.monotonic() - began

        assert {verdict for _, verdict in verdicts(response)} == {"unchecked"}
        assert took < 6

    @pytest.mark.parametrize("kind", ["error_500_before", "html_body", "truncated", "redirect"])
    def test_an_answer_that_says_nothing_is_no_verdict(self, plivo, check, kind):
        plivo.state.faults.append(faults.check({"kind": kind, "operation": "account_number"}))

        response = check("4155550100")

        assert verdicts(response) == [("4155550100", "unchecked")]

    def test_whoever_asks_us_to_slow_down_is_not_asked_on(self, plivo, check):
        slow = {"kind": "rate_limited", "operation": "account_number", "times": 999}
        plivo.state.faults.append(faults.check(slow))

        response = check("\n".join(fiction(49)))

        assert {verdict for _, verdict in verdicts(response)} == {"unchecked"}
        [left] = plivo.state.faults.rows()
        assert 999 - left["times"] < 20

    def test_an_account_on_hold_is_not_asked(self, plivo, check, account):
        PlivoAccount.objects.filter(pk=account.pk).update(
            hold_until=timezone.now() + timedelta(minutes=1)
        )

        response = check("4155552345")

        assert verdicts(response) == [("4155552345", "unchecked")]

    def test_the_questions_to_the_database_do_not_grow_with_the_numbers(
        self, campaign, alice, without_plivo, django_assert_max_num_queries
    ):
        for count in (1, 1000):
            numbers = [TypedNumber("", number, number) for number in many(count)]
            with django_assert_max_num_queries(8):
                actions.check_numbers(campaign, numbers, by=alice)
