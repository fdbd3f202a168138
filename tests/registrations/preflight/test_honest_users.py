"""Good registrations of all sorts: whoever is honest is never stopped."""

import pytest

from registrations import preflight
from tests.registrations.preflight import good

CLINIC = {
    "name": "Dr. Lee",
    "company_name": "Harbor Dental Group, P.C.",
    "website": "https://harbordental.com",
    "contact_email": "office.manager@harbordental.com",
    "vertical": "HEALTHCARE",
}
CITY = {
    "name": "City alerts",
    "entity_type": "GOVERNMENT",
    "company_name": "City of Poker Flat",
    "website": "https://pokerflat.ca.gov",
    "contact_email": "clerk@pokerflat.ca.gov",
    "vertical": "GOVERNMENT",
}
SCHOOL = {
    "name": "UNW",
    "entity_type": "NON_PROFIT",
    "company_name": "The University of Northern Washtenaw",
    "website": "https://unw.edu",
    "contact_email": "registrar@unw.edu",
    "vertical": "EDUCATION",
}
APP = {
    "name": "Payday",
    "company_name": "Payday Timesheets, Inc.",
    "website": "https://paydaytimesheets.com",
    "contact_email": "ops@paydaytimesheets.com",
    "vertical": "TECHNOLOGY",
}
CREDIT_UNION = {
    "name": "Members",
    "company_name": "Blue Mesa Federal Credit Union",
    "doing_business_as": "Blue Mesa FCU",
    "website": "https://www.bluemesafcu.org",
    "contact_email": "maria@bluemesafcu.org",
    "vertical": "FINANCIAL",
}
PUBLIC = {
    "name": "Deliveries",
    "entity_type": "PUBLIC",
    "company_name": "Kestrel Parcel Corporation",
    "doing_business_as": "Kestrel",
    "stock_symbol": "KSTL",
    "stock_exchange": "NYSE",
    "website": "https://kestrel.com",
    "contact_email": "dana.reed@kestrel.com",
    "business_contact_email": "dana.reed@kestrel.com",
    "vertical": "TRANSPORTATION",
}
RESTAURANT = {
    "name": "Beer Hall",
    "company_name": "J&M Beer Hall Pizza LLC",
    "doing_business_as": "Beer Hall Pizza",
    "website": "https://beerhallpizza.com",
    "contact_email": "jo@beerhallpizza.com",
    "vertical": "HOSPITALITY",
}
FOREIGN = {
    "name": "Rheinwerk",
    "company_name": "Rheinwerk Möbel GmbH",
    "ein": "DE811569869",
    "ein_issuing_country": "DE",
    "country": "DE",
    "state": "NRW",
    "city": "Köln",
    "postal_code": "50667",
    "website": "https://rheinwerk-moebel.de",
    "contact_email": "anna@rheinwerk-moebel.de",
    "contact_phone": "+4922112345678",
}
BRANDS = [CLINIC, CITY, SCHOOL, APP, CREDIT_UNION, PUBLIC, RESTAURANT, FOREIGN]

CAMPAIGNS = [
    (
        CLINIC,
        {
            "usecase": "LOW_VOLUME",
            "sub_usecases": ["ACCOUNT_NOTIFICATION", "CUSTOMER_CARE"],
            "embedded_phone": True,
            "description": "Harbor Dental Group reminds patients of their appointments and answers "
            "questions about visits by text, for those who agreed at the front desk.",
            "message_flow": "At the front desk a receptionist asks each new patient: “May Harbor "
            "Dental text you appointment reminders, two messages per visit? Your carrier's message "
            "and data charges may apply. You can reply STOP at any time to end them, or HELP to "
            "get help. Our privacy policy and terms are on the form.” The patient then signs the "
            "paper form shown at https://harbordental.com/sms-form.pdf.",
            "sample1": "Harbor Dental: your cleaning is on Tuesday at 9:30. To move it call "
            "(503) 228-1234. Text STOP to end.",
            "sample2": "Harbor Dental: thank you for your question, we will answer this afternoon.",
            "optin_message": "Harbor Dental Group: you will get two texts per appointment. Msg & "
            "data rates may apply. Reply HELP for help or STOP to cancel.",
            "optout_message": "Harbor Dental: you're unsubscribed and won't get any more texts.",
            "help_message": "Harbor Dental Group: please call us at (503) 228-1234 for help.",
        },
    ),
    (
        CITY,
        {
            "usecase": "PUBLIC_SERVICE_ANNOUNCEMENT",
            "embedded_link": True,
            "description": "The City of Poker Flat tells residents by text about street closures, "
            "water main work and snow routes on the streets they choose.",
            "message_flow": "Residents text SNOW to 916-555-0134 as told on flyers of the City of "
            "Poker Flat and on https://pokerflat.ca.gov/alerts. The flyer reads: “Text SNOW to get "
            "city notices by SMS, up to 4 msgs/month. Std msg and data rates may apply. STOP to "
            "quit, HELP for info. Terms and privacy: pokerflat.ca.gov/sms”.",
            "optin_keywords": "SNOW",
            "sample1": "City of Poker Flat: Casino Road is closed on Monday for water main work. "
            "See https://pokerflat.ca.gov/roads. STOP to quit.",
            "sample2": "Poker Flat: snow routes are in force from 8 pm. Move your car by then.",
            "optin_message": "City of Poker Flat notices: up to 4 msgs/month. Msg&data rates may "
            "apply. Reply HELP for help, STOP to quit.",
            "optout_message": "City of Poker Flat: you have opted out. No more texts will be sent.",
            "help_message": "City of Poker Flat: call 311 or see pokerflat.ca.gov/alerts.",
        },
    ),
    (
        SCHOOL,
        {
            "usecase": "HIGHER_EDUCATION",
            "description": "UNW texts its students about registration dates, closures of the "
            "campus and books whose library loan ends, once they have agreed in their account.",
            "message_flow": "Students sign in to my.unw.edu (screenshot: "
            "https://unw.edu/sms-consent.png) and may switch on “Text me UNW campus notices”, "
            "which is off at first. Beside it stands: “About three texts a month. Message and data "
            "rates may apply. Text HELP for help and STOP to unsubscribe. Privacy policy. Terms.”",
            "sample1": "UNW Library: the loan of your book ends on Friday. Reply STOP to opt out.",
            "sample2": "UNW: this is a test of the campus alert system. No action is required. "
            "Reply STOP to unsubscribe.",
            "optin_message": "UNW campus notices: about three texts a month. Message and data "
            "rates may apply. HELP for help, STOP to stop.",
            "optout_message": "UNW: you have been removed and will not be texted again.",
            "help_message": "University of Northern Washtenaw: write to help@unw.edu for help.",
        },
    ),
    (
        APP,
        {
            "usecase": "2FA",
            "description": "Payday Timesheets sends users a one-time code by text when they sign "
            "in to their account, to make sure that it is them.",
            "message_flow": "When a user adds a mobile number at "
            "https://paydaytimesheets.com/login the form reads: “By entering your number you agree "
            "to get a one-time code by SMS from Payday Timesheets, one message per login request. "
            "Message and data rates may apply. Reply HELP for help or STOP to opt out. "
            "Privacy Policy and Terms of Service.”",
            "sample1": "123456 is your Payday Timesheets code. Never share it with anybody.",
            "sample2": "Your Payday Timesheets login code is 654321. It is good for ten minutes.",
            "optin_message": "Payday Timesheets: codes by text are on, one message per login. Msg "
            "and data rates may apply. Reply HELP for help, STOP to opt out.",
            "optout_message": "Payday Timesheets: you have opted out. You will get no more codes.",
            "help_message": "Payday Timesheets: write to help@paydaytimesheets.com.",
        },
    ),
    (
        CREDIT_UNION,
        {
            "usecase": "MIXED",
            "sub_usecases": ["ACCOUNT_NOTIFICATION", "FRAUD_ALERT"],
            "direct_lending": True,
            "vertical": "FINANCIAL",
            "description": "Blue Mesa FCU warns members of unusual card use and reminds them of "
            "loan payments that are due. Members turn these texts on when they open an account.",
            "message_flow": "Members of Blue Mesa FCU fill in the account form at "
            "https://www.bluemesafcu.org/join and may tick “Text me alerts about my account”. The "
            "box is empty. “Message frequency depends on your account. Standard message/data rates "
            "may apply. Text STOP to cancel, HELP for help. We do not share your number with third "
            "parties or affiliates.” Privacy policy and terms are linked.",
            "sample1": "Blue Mesa FCU: your auto loan payment of $212.40 is due on June 3. Reply "
            "STOP to opt out.",
            "sample2": "Blue Mesa FCU fraud alert: did you use your card for $84.10 at a gas "
            "station? Reply YES or NO.",
            "optin_message": "Blue Mesa FCU: alerts are on. Message frequency varies. Message and "
            "data rates may apply. Reply HELP for help, STOP to cancel.",
            "optout_message": "Blue Mesa FCU: your alerts are cancelled and no further texts will "
            "come. Reply START to rejoin.",
            "help_message": "Blue Mesa Federal Credit Union: call +1 970 228 1234 for help.",
        },
    ),
    (
        PUBLIC,
        {
            "usecase": "DELIVERY_NOTIFICATION",
            "embedded_link": True,
            "description": "Kestrel tells customers by text when their parcel is on its way and "
            "when it was delivered, if they asked for it at checkout of a shop.",
            "message_flow": "At checkout on https://kestrel.com/send customers give a mobile "
            "number and may check the box “Kestrel may text me about this delivery (2-4 texts per "
            "order). Carrier rates may apply. Reply STOP to end and HELP for help.” It is not "
            "preselected. Links to the Privacy Policy and the Terms stand below.",
            "sample1": "Kestrel: your parcel comes today between 2 and 4 pm. Follow it at "
            "https://kestrel.com/t/8842. Reply STOP to end.",
            "sample2": "Kestrel: your parcel was left at the front door. Thank you!",
            "optin_message": "Kestrel: you'll get 2-4 texts per order. Msg & data rates may apply. "
            "Reply HELP for help, STOP to end.",
            "optout_message": "Kestrel: you are opted out. We will not text you again.",
            "help_message": "Kestrel: see https://kestrel.com/help or call 800-228-1234.",
        },
    ),
    (
        RESTAURANT,
        {
            "usecase": "MARKETING",
            "embedded_link": True,
            "description": "Beer Hall Pizza sends its guests weekly offers on pizza and notices of "
            "special evenings, if they joined the text club at the counter or on our site.",
            "message_flow": "Guests join the text club by texting PIZZA to 503-555-0147, as table "
            "cards say, or by ticking an empty box at https://beerhallpizza.com/club: “I agree to "
            "get marketing texts from Beer Hall Pizza, one per week. Consent is not required to "
            "buy. Msg and data rates may apply. Reply STOP to unsubscribe, HELP for help.” Privacy "
            "policy and terms: https://beerhallpizza.com/legal.",
            "optin_keywords": "PIZZA",
            "sample1": "Beer Hall Pizza: 20% off every large pizza tonight! "
            "https://beerhallpizza.com/menu Reply STOP to unsubscribe.",
            "sample2": "Beer Hall Pizza: trivia starts at 7 pm on Thursday, bring your friends and "
            "family. Reply STOP to unsubscribe.",
            "optin_message": "Beer Hall Pizza: welcome to the text club! One text per week. Msg & "
            "data rates may apply. Reply HELP for help, STOP to unsubscribe.",
            "optout_message": "Beer Hall Pizza: you've been unsubscribed and won't receive more "
            "texts.",
            "help_message": "Beer Hall Pizza: help is at jo@beerhallpizza.com or 503-228-1234.",
        },
    ),
]


@pytest.mark.parametrize("particulars", BRANDS, ids=[brand["name"] for brand in BRANDS])
def test_an_honest_brand_is_not_stopped(particulars):
    findings = preflight.check_alone(good.brand(**particulars))

    assert preflight.blocking(findings) == []


@pytest.mark.parametrize(
    ("particulars", "texts"), CAMPAIGNS, ids=[brand["name"] for brand, _ in CAMPAIGNS]
)
def test_an_honest_campaign_is_neither_stopped_nor_suspected(particulars, texts):
    campaign = good.campaign(brand=good.registered_brand(**particulars), **texts)

    findings = preflight.check_alone(campaign)

    assert preflight.blocking(findings) == []
    assert [f for f in findings if f.severity == "warn" and f.rule.startswith("CT-")] == []


def test_nothing_is_wrong_with_the_good_ones():
    assert preflight.check_alone(good.brand()) == []
    assert preflight.check_alone(good.campaign()) == []
    assert preflight.check_alone(good.number_link()) == []


def test_example_domains_and_numbers_for_films_do_not_stop_a_demonstration():
    brand = good.brand(
        website="https://northwind.example.com",
        contact_email="alice@northwind.example.com",
        contact_phone="+14155550100",
    )

    assert preflight.blocking(preflight.check_alone(brand)) == []
