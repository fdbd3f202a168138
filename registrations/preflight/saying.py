"""Does a text say what carriers want said? In any ordinary way of saying it.

Each function takes the text as typed. The CTIA's Messaging Principles and the carriers' codes of
conduct name the statements; nobody prescribes the words, so paraphrases count.
"""

from __future__ import annotations

import re

from registrations.preflight.reading import folded, sentences

_OPT_OUT_WORD = r"(?:stop|end|quit|cancel|unsubscribe|opt[\s-]?out|revoke)"
_STOP = re.compile(
    rf"""\b(?:reply|text|txt|send|respond|type|using|with|word|keyword)\W{{1,3}}
             (?:\w+\W{{1,3}}){{0,3}}{_OPT_OUT_WORD}\b
       | \bstop\W{{0,3}}(?:=|2|to|for|at|any|opt|end|cancel|unsub|quit|and\ help|or\ help|/help)
       | \bunsubscrib | \bopt(?:s|ed|ing)?[\s-]?out\b""",
    re.VERBOSE,
)
_SHOUTED_STOP = re.compile(r"\bSTOP\b")
_HELP = re.compile(
    r"""\b(?:reply|text|txt|send|respond|type|using|with|word|keyword|or|and|stop/)\W{0,3}
            (?:\w+\W{1,3}){0,2}help\b
      | \bhelp\W{0,3}(?:=|4|for|to|at)\b""",
    re.VERBOSE,
)
_SHOUTED_HELP = re.compile(r"\bHELP\b")
_MESSAGES = r"(?:messages?|msgs?|texts?|sms|alerts?|codes?|reminders?|notifications?|updates?)"
_PERIOD = (
    r"(?:day|week|weekday|month|quarter|year|season|hour|request|login|log-in|sign-in|order"
    r"|purchase|delivery|shipment|appointment|visit|booking|reservation|transaction|payment|event|user|"
    r"attempt|session|shift|trip|ride|class|term|semester|incident|time|stay|prescription|case)"
)
_FREQUENCY = re.compile(
    rf"""\b(?:ongoing|periodic(?:ally)?|only\ when|when\ you)\b
       | \bfrequency\b | \bfreq\b | \brecurring\b | \bvar(?:y|ies)\b
       | \b(?:daily|weekly|monthly|quarterly|yearly|annually|biweekly|occasional(?:ly)?)\b
       | \bup\ to\ (?:\w+\ ){{1,4}}{_MESSAGES}\b
       | \b(?:per|each|every)\ (?:\w+\ ){{0,3}}{_PERIOD}s?\b
       | {_MESSAGES}\W{{0,3}}(?:/|a)\W{{0,2}}{_PERIOD}\b
       | \b(?:once|twice|times)\ (?:a|per|every|each|only)\b
       | \bas\ needed\b | \bone[\s-]time\b | \bwhenever\b | \beach\ time\b | \bevery\ time\b
       | \b(?:one|two|three|four|five|six|seven|eight|nine|ten|\d{{1,3}})\W{{1,3}}(?:\w+\ ){{0,3}}
         {_MESSAGES}\b""",
    re.VERBOSE,
)
_CHARGES = re.compile(r"\b(?:rates?|charges?|fees?|costs?)\b")
_APPLY = re.compile(r"\b(?:apply|applies|applied|applicable|incur(?:red|s)?|charged?|may)\b")
_FREE = re.compile(r"free[\s-]to[\s-](?:the[\s-])?end[\s-]user|free of charge|no charge")
_TEXTING = re.compile(
    r"\b(?:sms|mms|texts?|texted|texting|txts?|text[\s-]messag\w{1,5}|mobile messag\w{1,5})\b"
)
_OPTED_OUT = re.compile(
    r"""\bunsubscri | \bopt(?:s|ed|ing)?[\s-]?out\b | \bremoved?\b | \bunenrolled\b
      | \b(?:alerts|messages|texts|notifications|subscription)\ (?:\w+\ ){0,3}
        (?:stopped|ended|cancell?ed|off)\b
      | \b(?:cancell?ed|stopped|ended|left)\b | \b(?:now|turned|switched)\ off\b""",
    re.VERBOSE,
)
_NO_MORE = re.compile(
    rf"""\b(?:no|not|never|won't|nor|stop|cease|without)\b(?:\W+\w+){{0,8}}?\W+{_MESSAGES}\b
       | \b(?:stop|cease)\ (?:texting|messaging|sending)\b
       | \bno\ (?:more|further|longer)\b | \bwon't\ (?:hear|text|message|contact)\b
       | \bnot\ (?:hear|text|message|contact|be\ (?:contacted|texted|messaged))\b
       | \bnothing\ (?:more|further|else)\b | \b(?:last|final)\ {_MESSAGES}\b
       | \b(?:messages|texts|messaging)\ (?:\w+\ ){{0,3}}(?:stopped|ended|ceased)\b""",
    re.VERBOSE,
)


def opting_out(text: str) -> bool:
    """How to stop: "Reply STOP", "Text END to cancel", "STOP=quit", "unsubscribe at any time"."""
    return bool(_SHOUTED_STOP.search(text) or _STOP.search(folded(text)))


def getting_help(text: str) -> bool:
    """How to get help: "HELP for help", "or reply help"."""
    return bool(_SHOUTED_HELP.search(text) or _HELP.search(folded(text)))


def frequency(text: str) -> bool:
    """How often: "frequency varies", "two messages a month", "one per login request"."""
    return bool(_FREQUENCY.search(folded(text)))


def rates(text: str) -> bool:
    """What it costs: "Msg & data rates may apply", "your carrier's charges apply"."""
    if _FREE.search(folded(text)):
        return True
    return any(
        _CHARGES.search(sentence) and _APPLY.search(sentence) for sentence in sentences(text)
    )


def texting(text: str) -> bool:
    """That it is about text messages, not just "communications"."""
    return bool(_TEXTING.search(folded(text)))


def opted_out(text: str) -> bool:
    """That the wish was understood: "you have been unsubscribed"."""
    return bool(_OPTED_OUT.search(folded(text)))


def no_more_messages(text: str) -> bool:
    """That nothing else comes: "no further messages", "you won't hear from us"."""
    return bool(_NO_MORE.search(folded(text)))
