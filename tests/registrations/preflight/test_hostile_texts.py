"""Texts made to keep a pattern busy. Were one of ours not linear, this would run for hours."""

import pytest

from registrations import preflight
from registrations.models import Brand, Campaign
from tests.registrations.preflight import good

SIZE = 64 * 1024
PIECES = [
    "a", "a ", "a.", "a-", "a@", "1-", "(555) ", "http://", "[link ", "_", "я", "\n",
    "text STOP ", "reply with ", "by giving agree ", "lists from ", "up to a b ", "free rates ",
]  # fmt: skip
CAMPAIGN_TEXTS = ["message_flow", "sample1", "help_message", "optin_keywords"]
BRAND_TEXTS = [name for name in good.BRAND if name not in ("entity_type", "vertical")]


def filled_with(model, names, piece):
    text = (piece * SIZE)[:SIZE]
    return {
        name: text
        for name in names
        if model._meta.get_field(name).get_internal_type() in ("CharField", "TextField")
    }


@pytest.mark.parametrize("piece", PIECES)
def test_a_brand_full_of_it_is_answered(piece):
    brand = good.brand(**filled_with(Brand, BRAND_TEXTS, piece))

    assert preflight.blocking(preflight.check_alone(brand))


@pytest.mark.parametrize("piece", PIECES)
def test_a_campaign_full_of_it_is_answered(piece):
    campaign = good.campaign(**filled_with(Campaign, CAMPAIGN_TEXTS, piece))

    assert preflight.blocking(preflight.check_alone(campaign))


@pytest.mark.parametrize("kinds", ["MARKETING", None, 7, {"a": 1}, [None], [["2FA"]], [{}]])
def test_kinds_of_messages_that_are_no_list_of_words_break_nothing(kinds):
    campaign = good.campaign(usecase="MIXED", sub_usecases=kinds)

    assert preflight.blocking(preflight.check_alone(campaign))
