"""What stands beside the fields of a campaign, in the words of whoever fills them."""

from registrations.forms.guidance import Help
from registrations.models.choices import UseCase

SAMPLE_WHY = (
    "Reviewers read samples first. Each should begin with the business's name, read like the real "
    "thing rather than a test, and fit the use case; one at least tells how to stop. Put what "
    "varies in [square brackets], two or three of them at most. No shortened links such as bit.ly."
)
FLAG_WHY = "It must agree with the samples and cannot be changed later."

CAMPAIGN_HELP = {
    "name": Help(
        "How you want to find this campaign again. The people you text do not see it.",
        example="Acme order updates",
    ),
    "brand": Help("The business in whose name the messages are sent."),
    "usecase": Help(
        "What most of the messages are for. Take the narrowest one that covers them all.",
        why="Carriers compare it with the samples. An offer in a campaign that is not for "
        "marketing, or anything else than codes in one for codes, is refused.",
    ),
    "sub_usecases": Help(
        "Two to five. Give a sample message for each one that you tick.",
    ),
    "vertical": Help("The industry that fits these messages best."),
    "description": Help(
        "Who sends what to whom, and why. Name the business.",
        example="Acme Outdoors sends order and delivery updates to customers who ticked the box "
        "for texts at our checkout, so that they know when their parcel comes.",
        why="A reviewer decides in a minute whether this is a real program of a real business. "
        "Say it for this program: a sentence that would fit any business is refused as vague.",
        model="{brand} sends [kind of messages] to [customers, members …] who agreed at [where], "
        "so that [purpose].",
        least=40,
    ),
    "sample1": Help(
        "A message as you will really send it.",
        example="Acme Outdoors: your order 1234 has left our store and comes on Friday. Reply STOP "
        "to opt out.",
        why=SAMPLE_WHY,
        model="{brand}: your order [number] has left our store and comes on [day]. Reply STOP to "
        "opt out.",
        least=20,
        is_message=True,
    ),
    "sample2": Help(
        "Another one, of another kind.",
        example="Acme Outdoors: we have your question about order 1234 and answer it today.",
        least=20,
        is_message=True,
    ),
    **{
        f"sample{number}": Help(
            "Only if you send messages of yet another kind.", least=20, is_message=True
        )
        for number in (3, 4, 5)
    },
    "message_flow": Help(
        "Step by step: where people give their number, which words they read there, and what they "
        "do to agree. Tell every way, each with its link.",
        why="Trouble here is the most frequent reason of a refusal. Reviewers open the link and "
        "look for an empty box that nobody has to tick, and for these words beside it: who sends, "
        "what kind of texts, how often, that message and data rates may apply, STOP and HELP, and "
        "links to the privacy policy and terms. What is behind a sign-in, on paper or spoken needs "
        "a picture or the script under a public link. Bought lists and partners' leads are never "
        "accepted.",
        model="Customers of {brand} open [https address] (menu > [page]), enter their name and "
        "mobile number, and may tick an empty box that reads: “I agree to receive [kind of] text "
        "messages from {brand} at the number given. Message frequency varies. Message and data "
        "rates may apply. Reply STOP to opt out or HELP for help. Consent is not a condition of "
        "purchase. [link to privacy policy] [link to terms]”. Ticking is optional. After that they "
        "get the opt-in message. There is no other way.",
        least=40,
    ),
    "subscriber_optin": Help("No campaign is approved without."),
    "optin_message": Help(
        "What people get as soon as they have agreed.",
        why="Five parts: the business's name, how often messages come, that message and data rates "
        "may apply, HELP, and STOP. Some carriers take 255 characters only.",
        model="{brand}: you are signed up for [kind of] texts. Message frequency varies. Message "
        "and data rates may apply. Reply HELP for help, STOP to opt out.",
        least=20,
        is_message=True,
    ),
    "optin_keywords": Help(
        "The words that people text to join, if they can. Commas between them, no blanks.",
        example="START,JOIN",
    ),
    "subscriber_optout": Help("No campaign is approved without."),
    "optout_message": Help(
        "What people get when they have texted STOP.",
        why="It names the business, says that the person has opted out, and that nothing more "
        "will come. No offers in it.",
        model="{brand}: you have opted out and will receive no further messages. Reply START to "
        "rejoin.",
        least=20,
        is_message=True,
    ),
    "optout_keywords": Help(
        "STOP has to be one of them. Commas between them, no blanks.",
        example="STOP,UNSUBSCRIBE,END,QUIT",
    ),
    "subscriber_help": Help("No campaign is approved without."),
    "help_message": Help(
        "What people get when they have texted HELP.",
        why="It names the business and a telephone number, an e-mail address or a page, at the "
        "business's own domain.",
        model="{brand}: for help call [phone] or write to [e-mail address]. Message and data rates "
        "may apply. Reply STOP to opt out.",
        least=20,
        is_message=True,
    ),
    "help_keywords": Help(
        "HELP has to be one of them. Commas between them, no blanks.", example="HELP,INFO"
    ),
    "embedded_link": Help("Tick it if any message ever holds a link.", why=FLAG_WHY),
    "embedded_phone": Help(
        "Tick it if any message ever holds a number to call. The help message does not count.",
        why=FLAG_WHY,
    ),
    "age_gated": Help(
        "Tick it for alcohol, tobacco, firearms and the like.",
        why="The website then has to ask for the full date of birth; “are you over 21?” is not "
        "enough. Cannabis, betting and hate are refused whatever is ticked.",
    ),
    "direct_lending": Help(
        "Tick it if the business lends money, even if these messages are only codes.",
        why="A lender that does not tick it is refused (Plivo's code 1003). Payday loans, debt "
        "relief and the loans of others are refused in any case.",
    ),
    "affiliate_marketing": Help(
        "Messages that advertise the goods of others for a commission. Carriers approve none."
    ),
    "terms_and_conditions_link": Help(
        "A public page on the business's own website, beginning with https.",
        example="https://www.acme.com/terms",
        why="For the texts it should say: what the program is, how often messages come, that "
        "message and data rates may apply, STOP and HELP, how to reach support, and that carriers "
        "are not liable for delayed or undelivered messages.",
    ),
    "privacy_policy_link": Help(
        "A public page on the business's own website, beginning with https.",
        example="https://www.acme.com/privacy",
        why="Reviewers look for one sentence. Publish it before you send this.",
        model="We do not sell or share mobile numbers or text-message opt-in data with third "
        "parties or affiliates for their marketing.",
    ),
    "reseller_id": Help("Only if the registry gave you one as a reseller."),
}

# What each use case is for, as it stands behind its name.
PURPOSES = {
    UseCase.TWO_FACTOR: "codes to sign in, nothing else",
    UseCase.ACCOUNT_NOTIFICATION: "news about a customer's own account",
    UseCase.CUSTOMER_CARE: "answers to customers who asked",
    UseCase.DELIVERY_NOTIFICATION: "where an order stands",
    UseCase.FRAUD_ALERT: "warnings about misuse of an account",
    UseCase.HIGHER_EDUCATION: "colleges and universities to their own people",
    UseCase.MARKETING: "offers and promotions",
    UseCase.POLLING_VOTING: "surveys and votes that are not political",
    UseCase.PUBLIC_SERVICE_ANNOUNCEMENT: "informing the public",
    UseCase.SECURITY_ALERT: "a system or a place is in danger",
}
