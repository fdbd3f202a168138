from tests.registrations.preflight.case import Case
from tests.registrations.preflight.good import with_more, without

LINK = "https://northwindcoffee.com/order"
MARKETING = {"usecase": "MARKETING"}
CODES = {"usecase": "2FA"}


def flow(text):
    return {"message_flow": text}


CONSENT_CASES = [
    Case("CP-FLOW-LEN", "block", flow("They agree on our website.")),
    Case(
        "CN-METHOD-NAMED",
        "block",
        flow("People who like Northwind Coffee very much get reminders. Message frequency varies."),
        flow("People sign a printed form at the counter of Northwind Coffee to get reminders."),
    ),
    Case(
        "CN-WEB-URL",
        "block",
        flow("Customers opt in on the website of Northwind Coffee with a box."),
    ),
    Case(
        "CN-WEB-URL",
        "warn",
        flow("Our website asks customers to text JOIN to 55512 for updates by Northwind Coffee."),
        flow("Customers opt in at www.northwindcoffee.com, the website of Northwind Coffee."),
    ),
    Case(
        "CN-GATED-EVIDENCE",
        "warn",
        flow("Customers turn on texts in the mobile app of Northwind Coffee, under settings."),
        flow(
            "Customers use our mobile app, shown at https://northwindcoffee.com/app.png, to agree."
        ),
    ),
    Case(
        "CN-QR", "warn", flow("Guests scan a QR code at the counter of Northwind Coffee to agree.")
    ),
    Case(
        "CN-VERBAL", "warn", flow("Customers agree over the phone while ordering Northwind Coffee.")
    ),
    Case("CN-TEXT-FREQ", "block", without("message_flow", "Message frequency varies. ")),
    Case(
        "CN-TEXT-RATES",
        "block",
        without("message_flow", "Message and data rates may apply. "),
        without("message_flow", "Message and data rates may apply. ")
        | with_more("message_flow", "Msg/data rates may apply."),
    ),
    Case("CN-TEXT-STOP", "block", without("message_flow", "Reply STOP to opt out or ")),
    Case("CN-TEXT-STOP", "warn", without("message_flow", "Reply STOP to opt out or ") | CODES),
    Case("CN-TEXT-HELP", "block", without("message_flow", " or HELP for help")),
    Case(
        "CN-TEXT-BRAND",
        "block",
        {"brand__company_name": "Zephyr Tea LLC", "brand__name": "Zephyr", "brand__website": ""},
    ),
    Case(
        "CN-TEXT-PURPOSE", "block", MARKETING, MARKETING | with_more("message_flow", "Get offers.")
    ),
    Case(
        "CN-TEXT-PURPOSE",
        "block",
        flow("Customers opt in at the counter of Northwind Coffee to get texts from people there."),
    ),
    Case(
        "CN-TEXT-SMS",
        "block",
        flow(f"Customers agree at {LINK} to get order communications from Northwind Coffee."),
        flow(f"Customers agree at {LINK} to get order updates by SMS from Northwind Coffee."),
    ),
    Case(
        "CN-TEXT-LINKS",
        "block",
        {"terms_and_conditions_link": ""} | without("message_flow", "and the terms are linked"),
        without("message_flow", "and the terms are linked"),
    ),
    Case(
        "CN-NOT-CONDITION",
        "warn",
        MARKETING,
        MARKETING | with_more("message_flow", "Consent is not a condition of purchase."),
    ),
    Case("CN-PURCHASED-LIST", "block", with_more("message_flow", "We also use purchased lists.")),
    Case(
        "CN-PURCHASED-LIST",
        "block",
        with_more("message_flow", "Other numbers are provided by our marketing partners."),
        with_more("message_flow", "We never buy lists, and get no numbers from third parties."),
    ),
    Case(
        "CN-IMPLIED",
        "warn",
        flow("By giving a number to Northwind Coffee at the counter people agree to order texts."),
        flow("By giving a number to Northwind Coffee people agree to codes by text.") | CODES,
    ),
    Case(
        "CN-SMS-FIRST",
        "warn",
        flow(
            "Northwind Coffee sends a first text that asks customers for consent to order updates."
        ),
    ),
]
