"""What people may do, one function a verb. Pages, admin and API call these and nothing else.

Each takes `by`, the person who acts, and raises `NotAllowed` if that person may not,
`IllegalMove` if the law does not know the move from here, and `Blocked` if preflight finds what
Plivo, the registry or the carriers would certainly refuse.
"""

from registrations.actions.aftercare import (
    ask_deactivation,
    deactivate,
    decide,
    look_up_now,
    resume_account,
    settle_conflict,
)
from registrations.actions.ground import Blocked, NotAllowed
from registrations.actions.numbers import link_again, link_numbers, unlink
from registrations.actions.review import (
    Preview,
    approve,
    draft,
    edit,
    preview,
    revise,
    send_back,
    send_for_review,
    take_back,
    withdraw,
)
from registrations.actions.verbs import VERBS, Verb, act, waits_for_another, what_can_be_done
from registrations.lifecycle import IllegalMove

__all__ = [
    "VERBS",
    "Blocked",
    "IllegalMove",
    "NotAllowed",
    "Preview",
    "Verb",
    "act",
    "approve",
    "ask_deactivation",
    "deactivate",
    "decide",
    "draft",
    "edit",
    "link_again",
    "link_numbers",
    "look_up_now",
    "preview",
    "resume_account",
    "revise",
    "send_back",
    "send_for_review",
    "settle_conflict",
    "take_back",
    "unlink",
    "waits_for_another",
    "what_can_be_done",
    "withdraw",
]
