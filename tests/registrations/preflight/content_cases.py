from tests.registrations.preflight.case import Case
from tests.registrations.preflight.good import with_more


def sample(text):
    return {"sample2": f"Northwind Coffee: {text} Reply STOP to opt out."}


CONTENT_CASES = [
    Case("CT-CANNABIS", "warn", sample("our cannabis store has fresh edibles.")),
    Case("CT-CANNABIS", "info", sample("meet us beside the dispensary."), sample("meet us there.")),
    Case("CT-SEX", "warn", sample("watch our new porn channel.")),
    Case(
        "CT-GAMBLING",
        "warn",
        sample("place your bets in our online casino."),
        sample("we have two slots free on Casino Road."),
    ),
    Case(
        "CT-HIGHRISK-FIN",
        "warn",
        sample("we get you cash until Friday."),
        sample("your payday is Friday: the wages are on their way."),
    ),
    Case(
        "CT-LEADGEN",
        "warn",
        with_more("description", "We also send partner offers."),
        with_more("description", "We do not share numbers with affiliates or send partner offers."),
    ),
    Case("CT-JOBBOARD", "warn", sample("our job board has new work for you.")),
    Case("CT-SWEEPSTAKES", "warn", sample("join our giveaway for a year of beans.")),
    Case(
        "CT-RX",
        "warn",
        sample("pills, no prescription needed."),
        sample("your prescription is in."),
    ),
    Case("CT-EMERGENCY", "warn", sample("tornado warning, evacuate now.")),
    Case("CT-P2P", "warn", sample("a note to influencers.")),
    Case("CT-POLITICAL", "warn", sample("help us get out the vote.")),
    Case(
        "CT-CHARITY",
        "warn",
        sample("donate now to plant a tree."),
        sample("you can donate blood here on Monday."),
    ),
    Case(
        "CP-FLAG-AGE",
        "warn",
        sample("beer and wine are in."),
        sample("beer and wine are in.") | {"age_gated": True},
        at="age_gated",
    ),
    Case("CP-FLAG-AGE", "info", sample("the new vodka is in."), sample("root beer is in.")),
    Case(
        "CP-FLAG-LENDING",
        "warn",
        sample("your loan payment is due on Friday."),
        sample("your loan payment is due on Friday.") | {"direct_lending": True},
        at="direct_lending",
    ),
    Case(
        "CP-FLAG-LENDING",
        "info",
        sample("ask us about financing."),
        sample("your library loan ends."),
    ),
    Case("CT-2FA-MIX", "warn", sample("your verification code is 123456.")),
    Case(
        "CT-2FA-MIX",
        "warn",
        sample("fresh beans are in.") | {"usecase": "2FA"},
        {"usecase": "2FA", "sample1": "Northwind: 123456 is your code."}
        | sample("your login code is 123456."),
    ),
    Case(
        "CT-MKT-HIDDEN",
        "warn",
        sample("20% off all beans today."),
        sample("20% off all beans today.") | {"usecase": "MARKETING"},
    ),
    Case(
        "CT-PHISH",
        "warn",
        sample("confirm your password to keep your account."),
        sample("never send your password to anybody."),
    ),
    Case("CT-TEST", "warn", with_more("description", "It is for testing.")),
]
