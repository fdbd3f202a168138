"""What carriers, the registry and Plivo look for, checked before they do.

A refusal costs a fee and weeks. Each rule is a piece of data (who says so, how certain that is,
what to write instead) with one small function that looks. Rules that are not certain never block,
and nobody is promised an approval: people read what we send.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from registrations.models import NumberLink, Registration
from registrations.models.conditions import counts
from registrations.preflight import (
    brand_rules,
    campaign_rules,
    consent_rules,
    contact_rules,
    content_rules,
    database,
    link_rules,
    number_rules,
    reply_rules,
    rulebook,
    sample_rules,
    tax_id_rules,
)
from registrations.preflight.database import NumbersHeld
from registrations.preflight.finding import BLOCK, INFO, SEVERITIES, WARN, Finding

__all__ = [
    "BLOCK",
    "INFO",
    "RULE_PACK",
    "WARN",
    "Finding",
    "NumbersHeld",
    "blocking",
    "check",
    "check_alone",
    "check_beside",
]

# When the lists and limits were last compared with their sources.
RULE_PACK = "2026-11"

# What can be said of a registration by itself …
ALONE = (
    brand_rules.rules,
    tax_id_rules.rules,
    contact_rules.rules,
    campaign_rules.rules,
    sample_rules.rules,
    reply_rules.rules,
    consent_rules.rules,
    content_rules.rules,
    link_rules.rules,
    number_rules.rules,
)
# … and what only beside its neighbours.
AMONG_OTHERS = (database.brand_rules, database.campaign_rules, database.number_rules)


def check(registration: Registration) -> list[Finding]:
    """Everything that preflight has to say, the gravest first. Reads the database."""
    return _findings(registration, (*ALONE, *AMONG_OTHERS))


def check_alone(registration: Registration) -> list[Finding]:
    """What can be said without asking the database, the gravest first."""
    return _findings(registration, ALONE)


def check_beside(link: NumberLink, held: NumbersHeld) -> list[Finding]:
    """The same as `check` for one of many links to a campaign. Asks the database nothing."""
    book = rulebook.Rulebook(NumberLink)
    for rule in database.number_rules.rules:
        look: Callable[..., Iterable[rulebook.Seen]] = rule.look
        book.rules.append(replace(rule, look=partial(look, held=held)))
    return _findings(link, (*ALONE, book))


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Those that stop a registration from being sent."""
    return [finding for finding in findings if finding.severity == BLOCK]


def _findings(registration: Registration, books: Iterable[rulebook.Rulebook]) -> list[Finding]:
    found = [
        finding
        for book in books
        if isinstance(registration, book.model)
        for finding in book.check(registration)
        # What does not count is not sent, so that nobody need mend it.
        if finding.severity == INFO or counts(registration, finding.field)
    ]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))
