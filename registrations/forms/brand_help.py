"""What stands beside the fields of a brand, in the words of whoever fills them."""

from registrations.forms.guidance import Help

BRAND_HELP = {
    "name": Help(
        "How you want to find this brand again. Your colleagues and Plivo's staff see it; the "
        "people you text do not.",
        example="Acme, main brand",
    ),
    "organization": Help("The team or client that this brand belongs to."),
    "account": Help("The account at Plivo that pays for it and will send its messages."),
    "customer_type": Help(
        "Is it your own business that sends, or a client's?",
        why="Carriers want the business whose name the reader sees. An agency or a software "
        "company that registers itself in place of its client is refused.",
    ),
    "entity_type": Help(
        "What the business is by law. Choose what its tax letter shows.",
        why="The registry compares it with official lists: a non-profit must be known to the tax "
        "office as tax-exempt, a government body must be one, and a public company must be traded "
        "at the exchange you name. It cannot be changed later.",
    ),
    "company_name": Help(
        "The legal name exactly as the tax letter (IRS CP 575 or 147C) shows it, with its ending.",
        example="Acme Retail Holdings, Inc.",
        why="A computer compares it with the tax office's record, letter by letter. “Acme” fails "
        "where the record says “Acme Inc.”. If the letter shows several lines of name above the "
        "address, all of them belong to it.",
    ),
    "doing_business_as": Help(
        "The name that customers know, if it is another one. Use it in every message.",
        example="Acme Outdoors",
        why="Reviewers compare website, samples and replies. If they find a name there that was "
        "never declared, they refuse the campaign.",
    ),
    "ein": Help(
        "The company's tax id, as on the letter of the tax office: nine digits in the United "
        "States. Never a personal social security number.",
        example="12-3456789",
        why="It has to belong to exactly this legal name. A number that was issued in the last "
        "weeks may not have reached the registry's sources yet; keep the letter ready.",
    ),
    "ein_issuing_country": Help("Two letters: the country whose office issued it.", example="US"),
    "vertical": Help(
        "The industry in which most customers would place the business.",
        why="Finance, insurance, real estate, law, politics and gambling are read more closely. "
        "That is no reason to choose another one: a wrong industry is refused as well.",
    ),
    "website": Help(
        "The public home page of the business, beginning with https.",
        example="https://www.acme.com",
        why="Somebody opens it. It should work without signing in, show the business's name, its "
        "address and how to reach it, and link to a privacy policy and to terms. A page on a "
        "social network, or “coming soon”, is refused.",
    ),
    "stock_symbol": Help("The ticker symbol, without the exchange.", example="ACME"),
    "stock_exchange": Help("Where its shares are traded."),
    "business_contact_email": Help(
        "Somebody who works there and will open a mail from the registry.",
        example="jo.miller@acme.com",
        why="The registry mails a link that is good for seven days. An address at the company's "
        "own domain is needed: neither a free mail service, nor a desk such as info@ or sales@.",
    ),
    "street": Help(
        "The address that the tax office has on file. Not a post-office box.",
        example="1 Main Street, Suite 400",
    ),
    "city": Help(example="San Francisco"),
    "state": Help("Two letters in the United States.", example="CA"),
    "postal_code": Help("Five digits in the United States.", example="94105"),
    "country": Help("Two letters.", example="US"),
    "contact_first_name": Help("Who can answer for the business when somebody asks."),
    "contact_last_name": Help(),
    "contact_title": Help(example="Head of Marketing"),
    "contact_seniority": Help("The nearest one will do."),
    "contact_email": Help(
        "At the company's own domain, and read by somebody.",
        example="jo.miller@acme.com",
        why="A free mail service such as Gmail makes reviewers doubt the business, and large "
        "companies are refused for it. If the domain is not the website's, explain why in the "
        "campaign's description.",
    ),
    "contact_phone": Help(
        "With country code. Best the number that the website shows.",
        example="+1 415 230 1234",
    ),
    "alt_business_id_type": Help("Which kind of id it is."),
    "alt_business_id": Help(
        "It does not replace the tax id of a business in the United States.", example="150483782"
    ),
    "plivo_subaccount": Help(
        "Only if Plivo gave this client an account of its own under yours. It begins with SA."
    ),
    "secondary_vetting": Help(
        why="The score decides how many messages a day the carriers let through. Without it a "
        "brand gets a modest share, which is enough for most. Order it before the first campaign: "
        "a score that comes later does not lift campaigns that exist.",
    ),
}
