"""What carriers want said may be said in any ordinary way."""

import pytest

from registrations.preflight import saying

SAID = {
    saying.frequency: [
        "Msg frequency varies",
        "Two messages a month",
        "One per appointment",
        "1 message per login request",
        "You will receive about 4 texts monthly",
        "No more than five alerts per week",
        "Messages are sent only when you order",
        "3 msgs/week",
    ],
    saying.rates: [
        "Msg/data rates may apply",
        "Msg&data rates may apply",
        "Standard messaging and data charges apply",
        "Your carrier may charge its fees",
        "Free to end user",
    ],
    saying.opting_out: [
        "Reply STOP to unsubscribe",
        "Txt END to cancel",
        "STOP=quit",
        "You can opt out at any time",
        "Send “stop” to 55512",
        "To cancel, text QUIT",
    ],
    saying.getting_help: [
        "Reply HELP for help",
        "STOP to end, help for help",
        "text help for info",
    ],
    saying.texting: ["by SMS", "we will text you", "text messages"],
    saying.opted_out: [
        "You've been unsubscribed",
        "You have successfully been opted-out",
        "You have been removed from our list",
        "Your subscription is cancelled",
        "Alerts are now off",
    ],
    saying.no_more_messages: [
        "You will not receive any more messages",
        "You won\u2019t get further texts",
        "You will no longer hear from us",
        "No additional messages will be sent",
        "We will stop texting you",
    ],
}
NOT_SAID = {
    saying.frequency: ["You agree to get order updates by text from Acme."],
    saying.rates: ["We sell at good rates.", "Rates are low. Apply now."],
    saying.opting_out: ["Meet us at the bus stop", "Your stop is next"],
    saying.getting_help: ["We can help you"],
    saying.texting: ["We may contact you"],
    saying.opted_out: ["Thank you and good bye"],
    saying.no_more_messages: ["You have been unsubscribed."],
}


def pairs(texts):
    return [
        pytest.param(says, text, id=f"{says.__name__}: {text}")
        for says, ways in texts.items()
        for text in ways
    ]


@pytest.mark.parametrize(("says", "text"), pairs(SAID))
def test_a_paraphrase_counts(says, text):
    assert says(text)


@pytest.mark.parametrize(("says", "text"), pairs(NOT_SAID))
def test_other_words_do_not(says, text):
    assert not says(text)
