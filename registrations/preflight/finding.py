"""What preflight says about a registration."""

from __future__ import annotations

from dataclasses import dataclass

BLOCK = "block"
WARN = "warn"
INFO = "info"

# From what stops a registration to what is only good to know.
SEVERITIES = (BLOCK, WARN, INFO)


@dataclass(frozen=True)
class Finding:
    """One thing a carrier, the registry or Plivo would look at, and what to write instead.

    `certainty` is how well the rule is known: A (read in a complete primary source, or the same at
    three providers), B (a provider's own documentation), C (one secondary or old source),
    U (uncertain, or our inference). `field` is the model field it stands beside, "" for the whole.
    `excerpt` is the offending text, shortened; a tax id is never quoted.
    """

    rule: str
    severity: str
    certainty: str
    field: str
    message: str
    remedy: str
    excerpt: str = ""
