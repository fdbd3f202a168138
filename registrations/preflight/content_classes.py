"""Kinds of content that carriers refuse, and the words by which they are suspected.

Words are hints, never verdicts: a place or a family bears them too. A `strong` expression alone
raises suspicion; a `weak` one does with another sign beside it. `innocent` expressions are taken
out first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

NEVER = (
    "Carriers do not carry this on ten-digit numbers, even where it is lawful. Use another channel."
)


@dataclass(frozen=True)
class ContentClass:
    """`strong`, `weak`, `innocent`: alternatives of a regular expression, in small letters."""

    rule: str
    called: str
    source: str
    strong: str
    weak: str = ""
    innocent: str = ""
    vertical: str = ""
    remedy: str = NEVER
    certainty: str = "A"

    @cached_property
    def patterns(self) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
        """Strong, weak and innocent, each matching whole words."""
        nothing = r"(?!)"
        strong, weak, innocent = (
            re.compile(rf"\b(?:{alternatives or nothing})\b")
            for alternatives in (self.strong, self.weak, self.innocent)
        )
        return strong, weak, innocent


CLASSES = [
    ContentClass(
        "CT-CANNABIS",
        "cannabis, CBD, hemp or kratom",
        "Telnyx's carrier code 701; Plivo's code 1001",
        strong=r"cannabis|marijuana|thc|kratom|delta[- ][89]|pre-?rolls?|flower and edibles",
        weak=r"cbd|hemp|dispensar(?:y|ies)|edibles|420|budtenders?|strains?",
        innocent=r"cbd (?:office|district|traffic)|back strains?|muscle strains?",
    ),
    ContentClass(
        "CT-SEX",
        "explicit sexual content",
        "Telnyx's carrier code 703",
        strong=r"porn\w{0,8}|escort services?|onlyfans|sex chat|adult entertainment|xxx videos?",
        weak=r"nudes?|sexy|strip club|hook-?ups?|adult content",
        innocent=r"nude (?:lip\w*|shade|heel|color|pumps?)",
    ),
    ContentClass(
        "CT-GAMBLING",
        "gambling",
        "Telnyx's carrier code 704; Amazon's list of refused content",
        strong=r"sports ?betting|sportsbook|online casino|slot machines?|free spins|betting odds"
        r"|place (?:your|a) bets?",
        weak=r"casinos?|betting|poker|lottery|jackpots?|wagers?|bets?|roulette|blackjack",
        innocent=r"casino (?:road|street|ave\w*)|best bet|you bet|poker chips? cookies",
        vertical="GAMBLING",
    ),
    ContentClass(
        "CT-HIGHRISK-FIN",
        "high-risk finance",
        "Telnyx's carrier code 709; Twilio's error 30897",
        strong=r"payday loans?|title loans?|cash advances?|debt (?:relief|consolidation|settlement)"
        r"|credit repair|(?:fix|repair|boost) your credit|crypto\w{0,10}|bitcoin|forex"
        r"|student loan (?:forgiveness|relief)|stock (?:alerts?|tips)|trading (?:signals?|alerts?)"
        r"|debt collect\w{1,5}|same[- ]day loans?|cash (?:until|till|til) (?:friday|payday)",
        weak=r"(?:quick|fast|instant|easy) cash|lower your debts?|bad credit|no credit check"
        r"|third[- ]party loans?|investment opportunit(?:y|ies)",
    ),
    ContentClass(
        "CT-LEADGEN",
        "lead generation",
        "Telnyx's carrier code 708; Amazon's list of refused content",
        strong=r"lead generation|affiliate (?:marketing|offers?|program\w{0,2})|partner offers?"
        r"|third parties may contact|lead buyers?|offers from our (?:\w+ )?partners",
        weak=r"affiliates?|marketing partners",
    ),
    ContentClass(
        "CT-JOBBOARD",
        "third-party job offers",
        "Amazon's list of refused content; Sinch's code CR2006",
        strong=r"job boards?|hiring network|make money (?:from home|online|fast)"
        r"|earn \$\d+ (?:a|per) (?:day|week)",
        weak=r"work[- ]from[- ]home|remote jobs|side hustle|extra income",
        remedy="Text only about work at your own business.",
    ),
    ContentClass(
        "CT-SWEEPSTAKES",
        "a sweepstake or giveaway",
        "Amazon's list of refused content",
        strong=r"sweepstakes?|giveaways?|raffles?|enter to win|chance to win|lucky draw",
        remedy="Ask Plivo's support before you register this.",
    ),
    ContentClass(
        "CT-RX",
        "the sale of prescription drugs",
        "Amazon's list of refused content",
        strong=r"no prescription (?:needed|required|necessary)|without (?:a )?prescription"
        r"|buy (?:xanax|adderall|oxycodone|viagra|tramadol|ozempic)",
        weak=r"viagra|xanax|adderall|oxycodone|cheap meds",
    ),
    ContentClass(
        "CT-EMERGENCY",
        "emergency warnings",
        "Twilio's error 30929",
        strong=r"amber alerts?|evacuation orders?|tornado warnings?|evacuate (?:now|immediately)",
        weak=r"evacuat\w{1,4}|severe weather|active shooter|wildfires?|life-threatening",
        remedy="Plivo's API offers no use case for emergency warnings: ask its support.",
        certainty="B",
    ),
    ContentClass(
        "CT-P2P",
        "personal messages",
        "Twilio's error 30532",
        strong=r"friends and family (?:chat|messages|texts)|(?:my|your) friends and family"
        r"|personal (?:use|reminders)|influencers?",
        weak=r"fans|followers",
        innocent=r"bring your friends and family|with your friends and family",
        remedy="Ten-digit campaigns are for messages from a business.",
        certainty="B",
    ),
    ContentClass(
        "CT-POLITICAL",
        "political messages",
        "Amazon's refusal codes for use-case mismatch",
        strong=r"political action committee|get out the vote|re-?elect"
        r"|for (?:u\.?s\.? )?(?:congress|senate|governor|president)"
        r"|campaign (?:contributions?|donations?)|early voting"
        r"|political campaign",
        weak=r"vote for|senators?|congress\w{0,7}|democrat\w{0,3}|republicans?|ballots?|pac"
        r"|election day",
        vertical="POLITICAL",
        remedy="Plivo's API offers no use case for political messages: ask its support.",
    ),
    ContentClass(
        "CT-CHARITY",
        "asking for donations",
        "Amazon's refusal codes for use-case mismatch",
        strong=r"donate (?:now|today|here|at|by|online)|make a (?:\w+ )?(?:donation|gift)|chip in"
        r"|(?:give|pledge) (?:now|today)|fundrais\w{1,4}",
        weak=r"donat\w{1,4}|contributions?",
        innocent=r"donate (?:blood|plasma)|blood donations?|plasma donations?",
        remedy="Plivo's API offers no use case for asking for donations: ask its support.",
    ),
]

# Allowed behind an age gate only.
FOR_ADULTS = [
    ContentClass(
        "CP-FLAG-AGE",
        "alcohol",
        "",
        strong=r"liquor store|wine club|happy hour drinks|craft beers?",
        weak=r"beers?|wines?|liquor|whiske?y|vodka|tequila|cocktails?|brewer(?:y|ies)"
        r"|winer(?:y|ies)|taproom|distillery|bourbon",
        innocent=r"(?:root|ginger|birch) beers?|non-?alcoholic \w+|alcohol-?free \w+|wine country",
    ),
    ContentClass(
        "CP-FLAG-AGE",
        "tobacco",
        "",
        strong=r"vape (?:shop|juice|pens?)|e-?cigarettes?|nicotine pouches",
        weak=r"tobacco|cigars?|cigarettes?|vapes?|vaping|e-?cigs?|nicotine|hookah",
        innocent=r"tobacco-?free|quit (?:smoking )?(?:cigarettes?|tobacco|vaping)"
        r"|(?:tobacco|smoking) cessation|stop vaping",
    ),
    ContentClass(
        "CP-FLAG-AGE",
        "firearms",
        "",
        strong=r"gun (?:shop|store|sale|range)s?|ammunition|handguns?|ar-15",
        weak=r"firearms?|guns?|rifles?|pistols?|ammo|holsters?",
        innocent=r"(?:nail|glue|massage|heat|radar|caulk\w*|spray) guns?",
    ),
    ContentClass(
        "CP-FLAG-AGE",
        "dating",
        "",
        strong=r"dating (?:app|site|service)s?|meet singles",
        weak=r"singles|dating",
        innocent=r"singles (?:tennis|match|tournament)|dating (?:back|from)",
    ),
]
LENDING = ContentClass(
    "CP-FLAG-LENDING",
    "loans",
    "",
    strong=r"(?:your|a|the|our|auto|car|home|personal|mortgage|business) loans?"
    r" (?:payment|application|balance|approval|account|offer|officer|is|has|of)"
    r"|loan payments?|apply for a loan"
    r"|mortgage (?:payment|application|rate|lender|broker)s?|we lend|direct lend\w{1,3}"
    r"|refinanc\w{1,3}|borrow up to",
    weak=r"loans?|mortgages?|lend\w{1,3}|apr|borrow\w{0,4}|financing|pre-?approved",
    innocent=r"(?:library|equipment|book|inter-?library|device|laptop) loans?|loan (?:a |of )?"
    r"(?:book|laptop|device)s?|student loan forgiveness|borrow(?:ed)? (?:book|item)s?",
    vertical="FINANCIAL",
)
