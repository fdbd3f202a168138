from registrations.lifecycle import Status
from tests.registrations.preflight.case import Case
from tests.registrations.preflight.good import CAMPAIGN, with_more

TWO_KINDS = {"usecase": "MIXED", "sub_usecases": ["CUSTOMER_CARE", "DELIVERY_NOTIFICATION"]}
ONE_KIND = {"usecase": "LOW_VOLUME", "sub_usecases": ["CUSTOMER_CARE"]}
CODES = {"usecase": "2FA"}
LINKED = "Northwind Coffee: your order 4821 is on its way, follow it at {}. Reply STOP to opt out."
SILENT = {
    "sample1": "Northwind Coffee: your order 4821 was roasted and can be collected.",
    "sample2": "Northwind Coffee: we received your order 4822, thank you.",
}

CAMPAIGN_CASES = [
    Case("CP-BRAND-READY", "block", {"brand__status": Status.CREATED}, at="brand"),
    Case("CP-BRAND-READY", "block", {"brand__confirmed_at": None}),
    Case(
        "BR-VET-FIRST",
        "warn",
        {"brand__secondary_vetting": True},
        {"brand__secondary_vetting": True, "brand__vetting_score": 62},
    ),
    Case("CP-USECASE-AUTHPLUS", "info", {"brand__entity_type": "PUBLIC"}),
    Case("CP-FIELD-LENGTH", "block", {"help_message": "x" * 321}, at="help_message"),
    Case("CP-USECASE-OFFERED", "block", {"usecase": "CHARITY"}),
    Case("CP-SUB-COUNT", "block", {"usecase": "MIXED", "sub_usecases": ["MARKETING"]}, TWO_KINDS),
    Case("CP-SUB-COUNT", "block", {"usecase": "LOW_VOLUME", "sub_usecases": []}),
    Case("CP-SUB-COUNT", "warn", ONE_KIND),
    Case("CP-SUB-COUNT", "info", {"sub_usecases": ["MARKETING"]}),
    Case("CP-SUB-VALID", "block", TWO_KINDS | {"sub_usecases": ["MIXED", "2FA"]}, TWO_KINDS),
    Case("CP-SUB-VALID", "block", TWO_KINDS | {"sub_usecases": ["2FA", "2FA"]}),
    Case("CP-VERTICAL", "block", {"vertical": "COFFEE"}),
    Case("CP-DESC-LEN", "block", {"description": "Order updates for customers"}),
    Case("CP-DESC-THIN", "warn", {"description": "Northwind tells customers about their orders."}),
    Case(
        "CP-DESC-PARTS",
        "warn",
        {"description": "Order confirmations and pick-up notices are sent after each purchase."},
    ),
    Case(
        "CP-DESC-RESTATES",
        "warn",
        {"description": "This campaign is used for account notifications."},
        {"description": "Account notifications about roasted orders."},
    ),
    Case("CP-FLAGS-TRUE", "block", {"subscriber_optin": False}, at="subscriber_optin"),
    Case("CP-FLAGS-TRUE", "block", {"subscriber_help": False}, at="subscriber_help"),
    Case("CP-FLAGS-TRUE", "block", {"subscriber_optout": False}, at="subscriber_optout"),
    Case("CP-FLAGS-TRUE", "warn", CODES | {"subscriber_optout": False}),
    Case("CP-FLAG-AFFILIATE", "block", {"affiliate_marketing": True}),
    Case("CP-POLICY-LINKS", "warn", {"privacy_policy_link": ""}, at="privacy_policy_link"),
    Case("CP-POLICY-LINKS", "block", {"terms_and_conditions_link": "see our site"}),
    Case(
        "CP-POLICY-LINKS",
        "warn",
        {"privacy_policy_link": "https://policies.com/northwind"},
        {"privacy_policy_link": "https://legal.northwindcoffee.com/privacy"},
    ),
    Case("CP-DUP-TEXT", "block", {"sample2": CAMPAIGN["sample1"].upper()}, at="sample2"),
    Case(
        "CP-ENGLISH",
        "block",
        {"description": "ノースウィンドコーヒーは、注文の確認をお客様に送信します。"},
        at="description",
    ),
    Case(
        "CP-ENGLISH",
        "warn",
        {
            "sample1": "Northwind: el pedido está listo para que usted y los suyos lo recojan con "
            "sus bolsas."
        },
        {"sample1": "Northwind: su pedido está listo. (Your order is ready for you.)"},
    ),
    Case("CP-SAMPLE-COUNT", "block", {"sample1": "", "sample2": ""}, at="sample1"),
    Case("CP-SAMPLE-COUNT", "block", {"sample2": ""}, at="sample2"),
    Case("CP-SAMPLE-LEN", "block", {"sample1": "Northwind: ready"}),
    Case("CP-SAMPLE-PER-USE", "warn", TWO_KINDS | {"sample2": ""}, TWO_KINDS),
    Case(
        "CP-SAMPLE-DISTINCT",
        "warn",
        {"sample2": CAMPAIGN["sample1"].replace("opt out", "leave")},
    ),
    Case(
        "CP-SAMPLE-BRAND",
        "block",
        {
            "sample1": "Your order 4821 can be collected. Reply STOP to opt out.",
            "sample2": "We received your order 4822. Reply STOP to opt out.",
        },
    ),
    Case(
        "CP-SAMPLE-BRAND",
        "warn",
        {"sample2": "We received your order 4822. Reply STOP to opt out."},
        {"sample2": "It's northwind! Your order 4822 came in. Reply STOP to opt out."},
        at="sample2",
    ),
    Case("CP-SAMPLE-STOP", "block", SILENT | TWO_KINDS, TWO_KINDS),
    Case("CP-SAMPLE-STOP", "warn", SILENT),
    Case("CP-SAMPLE-STOP", "info", SILENT | CODES),
    Case(
        "CP-SAMPLE-STOP-ALL",
        "warn",
        {"usecase": "MARKETING", "sample2": SILENT["sample2"]},
        {"usecase": "MARKETING"},
        at="sample2",
    ),
    Case(
        "CP-SAMPLE-ONLY-STOP",
        "warn",
        {"sample2": "Northwind Coffee: you have been unsubscribed. Good bye."},
        at="sample2",
    ),
    Case("CP-SAMPLE-DUMMY", "block", {"sample2": "Northwind Coffee: this is a test message 1"}),
    Case("CP-SAMPLE-DUMMY", "block", {"sample2": "Lorem ipsum dolor sit amet, STOP"}),
    Case(
        "CP-SAMPLE-DUMMY",
        "warn",
        {"sample2": "Northwind Coffee: hi {{name}}, your order came in."},
        {"sample2": "Northwind Coffee: hi [first name], your covid test result is ready."},
    ),
    Case("CP-SAMPLE-EMOJI", "warn", with_more("sample1", "☕"), with_more("sample1", "© é ñ")),
    Case("CP-FLAG-LINK", "block", {"sample1": LINKED.format("https://northwindcoffee.com/t/1")}),
    Case("CP-FLAG-LINK", "block", {"sample1": LINKED.format("northwindcoffee.com/t")}),
    Case(
        "CP-FLAG-LINK",
        "warn",
        {"sample1": LINKED.format("northwindcoffee.com")},
        {"sample1": LINKED.format("Northwind.com"), "brand__name": "Northwind.com"},
    ),
    Case(
        "CP-FLAG-LINK",
        "block",
        {"embedded_link": True},
        {"embedded_link": True, "sample1": LINKED.format("www.northwindcoffee.com")},
    ),
    Case("CP-FLAG-PHONE", "block", with_more("sample1", "Questions? (503) 228-1234")),
    Case("CP-FLAG-PHONE", "block", with_more("sample1", "Questions? Call 5032281234.")),
    Case(
        "CP-FLAG-PHONE",
        "block",
        {"embedded_phone": True},
        {"embedded_phone": True} | with_more("sample1", "Call 1-800-555-0199."),
    ),
    Case(
        "CP-FLAG-PHONE",
        "block",
        with_more("sample1", "+1 503 228 1234"),
        with_more("sample1", "5032281234"),
    ),
    Case("CP-OPTIN-MSG", "block", {"optin_message": ""}),
    Case("CP-OPTIN-MSG", "block", {"optin_message": "Northwind: welcome"}),
    Case("CP-OPTIN-MSG", "warn", with_more("optin_message", "Thank you for your trust. " * 5)),
    Case("CP-OPTIN-MSG-PARTS", "warn", {"optin_message": "Welcome to our updates by text."}),
    Case("CP-OPTOUT-MSG", "block", {"optout_message": ""}),
    Case("CP-OPTOUT-MSG", "block", {"optout_message": "Northwind Coffee: thank you and good bye."}),
    Case(
        "CP-OPTOUT-MSG",
        "block",
        {"optout_message": "You have been unsubscribed and will get no more messages."},
        {"optout_message": "Northwind: you are unsubscribed. You won't hear from us again."},
    ),
    Case("CP-HELP-MSG", "block", {"help_message": ""}),
    Case(
        "CP-HELP-MSG",
        "block",
        {"help_message": "Northwind Coffee: ask at the counter and we will help you."},
        {"help_message": "Northwind Coffee: see northwindcoffee.com for help."},
    ),
    Case("CP-HELP-DOMAIN", "warn", {"help_message": "Northwind Coffee: write to us@southwind.com"}),
    Case(
        "CP-KW-FORMAT", "block", {"optout_keywords": "STOP, END"}, {"optout_keywords": "STOP,END"}
    ),
    Case("CP-KW-STOP", "block", {"optout_keywords": "END,QUIT"}, {"optout_keywords": "Stop"}),
    Case("CP-KW-STOP", "warn", {"optout_keywords": ""}),
    Case("CP-KW-HELP", "block", {"help_keywords": "INFO"}),
    Case("CP-KW-HELP", "warn", {"help_keywords": ""}),
    Case(
        "CP-KW-OPTIN",
        "block",
        with_more("message_flow", "Or they text JOIN to 55512.") | {"optin_keywords": ""},
        with_more("message_flow", "Text STOP to 55512 to leave.") | {"optin_keywords": ""},
        at="optin_keywords",
    ),
    Case("CP-KW-CLASH", "warn", {"help_keywords": "HELP,STOP"}, at="help_keywords"),
    Case("LK-SHORTENER", "block", {"sample1": LINKED.format("https://bit.ly/3xY")}),
    Case("LK-SHORTENER", "block", {"sample1": LINKED.format("bit.ly/3xY")}),
    Case(
        "LK-SHORTENER",
        "warn",
        {"sample1": LINKED.format("https://linktr.ee/northwind")},
        {"sample1": LINKED.format("https://nwcoffee.ly/3xY")},
    ),
    Case("LK-HTTP", "block", {"sample1": LINKED.format("http://northwindcoffee.com/t")}),
    Case(
        "LK-OFFDOMAIN",
        "warn",
        {"sample1": LINKED.format("https://parcels.com/t")},
        {"sample1": LINKED.format("https://shop.northwindcoffee.com/t")},
    ),
    Case("LK-IP-PORT", "warn", {"sample1": LINKED.format("https://10.1.2.3/t")}),
    Case("LK-IP-PORT", "warn", {"sample1": LINKED.format("https://xn--nrthwind-n4a.com/t")}),
]
