"""The lists that rules look things up in. They age: `RULE_PACK` says how old they are."""

from __future__ import annotations


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Each pair of digits with which an employer identification number may begin.
# Source: irs.gov, "How EINs are assigned and valid EIN prefixes".
EIN_PREFIXES = _listed(
    """01 02 03 04 05 06 10 11 12 13 14 15 16 20 21 22 23 24 25 26 27 30 31 32 33 34 35 36 37 38 39
    40 41 42 43 44 45 46 47 48 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 71 72 73 74
    75 76 77 80 81 82 83 84 85 86 87 88 90 91 92 93 94 95 98 99"""
)
DUMMY_EINS = _listed("123456789 987654321 012345678")

# States, the district, territories and military post: USPS Publication 28, appendix B.
US_STATES = _listed(
    """AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ
    NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR VI UM FM MH PW
    AA AE AP"""
)

# Words that end a legal name, without their full stops.
LEGAL_FORMS = _listed(
    """inc incorporated llc llp lllp lp pllc corp corporation co company ltd limited pc pa na
    trust plc gmbh ag sa sas srl bv nv oy ab cooperative coop association partnership bancorp
    bank foundation chartered sc ulc pbc pty spa kg se"""
)
# The ones that no person bears as a name.
COMPANY_ONLY_FORMS = _listed(
    "inc incorporated llc llp lllp pllc corp corporation ltd limited plc gmbh"
)

FREE_MAIL = _listed(
    """gmail.com googlemail.com yahoo.com ymail.com hotmail.com outlook.com live.com msn.com
    aol.com icloud.com me.com mac.com proton.me protonmail.com gmx.com gmx.net mail.com zoho.com
    yandex.com comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net
    charter.net earthlink.net rocketmail.com fastmail.com hey.com tutanota.com"""
)

# Addresses that nobody in particular reads.
ROLE_ADDRESSES = _listed(
    """info sales support admin administrator noreply no-reply donotreply do-not-reply contact
    hello help helpdesk office mail team webmaster postmaster marketing billing enquiries
    inquiries service customerservice list all everyone staff"""
)

SHORTENERS = _listed(
    """bit.ly bitly.com tinyurl.com t.co goo.gl ow.ly is.gd v.gd buff.ly adf.ly bit.do cutt.ly
    cutt.us rb.gy shorturl.at short.io tiny.cc rebrand.ly bl.ink lnkd.in t.ly s.id soo.gd clck.ru
    qr.ae qr.net x.co j.mp tr.im u.to po.st shorte.st"""
)
LINK_PAGES = _listed("linktr.ee beacons.ai bio.link carrd.co linkin.bio")

# Hosts where a page belongs to somebody else's house.
SOCIAL_HOSTS = LINK_PAGES | _listed(
    """facebook.com fb.com m.me instagram.com twitter.com x.com linkedin.com tiktok.com
    youtube.com pinterest.com snapchat.com threads.net reddit.com yelp.com nextdoor.com etsy.com
    ebay.com amazon.com poshmark.com forms.gle docs.google.com sites.google.com typeform.com
    jotform.com surveymonkey.com"""
)

# Where the last two labels belong to everybody, the business is named by the third.
# A short list from publicsuffix.org: what US registrations and their neighbours use.
SHARED_SUFFIXES = _listed(
    """co.uk org.uk gov.uk ac.uk com.au org.au gov.au net.au com.br com.mx co.nz co.jp co.in
    com.sg com.hk co.za com.ph com.co com.ar com.pr github.io wordpress.com wixsite.com
    squarespace.com myshopify.com blogspot.com weebly.com webflow.io netlify.app vercel.app
    godaddysites.com square.site business.site herokuapp.com pages.dev web.app"""
)
# Names that mean "not on the public internet" (RFC 6761, RFC 6762, ICANN's .internal).
PRIVATE_SUFFIXES = _listed("localhost local internal invalid lan home corp")
OFFICIAL_SUFFIXES = (".gov", ".mil", ".us", ".edu")

# What may follow a dot and still be taken for an address, though nobody wrote http or www.
BARE_LINK_ENDINGS = _listed("com net org edu gov io co biz tv ai dev")

# Numbers for which the caller does not pay: no ten-digit long codes.
TOLL_FREE = _listed("800 833 844 855 866 877 888")

# Words too common to tell one business from another.
COMMON_NAME_WORDS = _listed(
    """the a an of and for in at by to on new first american national united us usa america global
    international general best city county town state university college school district church
    group holdings services solutions systems center centre health medical clinic dental bank
    credit union home real estate law office consulting partners associates north south east west
    great big my our your smart"""
)

# A few words that only one language uses often.
ENGLISH_WORDS = _listed(
    "the and you your to of for is are will with have they that this from our we or by"
)
OTHER_LANGUAGES_WORDS = _listed(
    """el los las una para que usted sus por con est está del
    le les des une vous votre pour avec dans nous sont
    der die das und sie ist nicht mit für ihr wir
    você seu sua com não dos um"""
)
