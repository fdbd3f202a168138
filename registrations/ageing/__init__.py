"""What takes longer than it should: what is normal, what is stuck, and what to write to Plivo."""

from registrations.ageing.escalating import Escalation
from registrations.ageing.finding import Case, Stuck, Why, cases, stuck, tell
from registrations.ageing.normal import Normal, in_words, normals

__all__ = [
    "Case",
    "Escalation",
    "Normal",
    "Stuck",
    "Why",
    "cases",
    "in_words",
    "normals",
    "stuck",
    "tell",
]
