"""What people may do, one function a verb. Pages, admin and API call these and nothing else.

Each takes `by`, the person who acts, and raises `NotAllowed` if that person may not,
`IllegalMove` if the law does not know the move from here, and `Blocked` if preflight finds what
Plivo, the registry or the carriers would certainly refuse.
"""

from registrations.actions.accounts import pause_account, resume_account
from registrations.actions.aftercare import (
    ask_deactivation,
    deactivate,
    decide,
    look_up_now,
    settle_conflict,
)
from registrations.actions.checking import (
    CheckedNumber,
    NumbersCheck,
    NumberVerdict,
    TypedNumber,
    check_numbers,
)
from registrations.actions.ground import Blocked, NotAllowed
from registrations.actions.numbers import (
    Several,
    link_again,
    link_numbers,
    link_several_again,
    unlink,
    unlink_several,
)
from registrations.actions.remarks import (
    LONGEST_COMMENT,
    LONGEST_REASON,
    comment,
    comment_in,
    may_comment,
    may_reveal,
    reveal_tax_id,
)
from registrations.actions.review import (
    Changed,
    Outcome,
    Preview,
    approve,
    approve_several,
    draft,
    edit,
    findings_about,
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
    "LONGEST_COMMENT",
    "LONGEST_REASON",
    "VERBS",
    "Blocked",
    "Changed",
    "CheckedNumber",
    "IllegalMove",
    "NotAllowed",
    "NumberVerdict",
    "NumbersCheck",
    "Outcome",
    "Preview",
    "Several",
    "TypedNumber",
    "Verb",
    "act",
    "approve",
    "approve_several",
    "ask_deactivation",
    "check_numbers",
    "comment",
    "comment_in",
    "deactivate",
    "decide",
    "draft",
    "edit",
    "findings_about",
    "link_again",
    "link_numbers",
    "link_several_again",
    "look_up_now",
    "may_comment",
    "may_reveal",
    "pause_account",
    "preview",
    "resume_account",
    "reveal_tax_id",
    "revise",
    "send_back",
    "send_for_review",
    "settle_conflict",
    "take_back",
    "unlink",
    "unlink_several",
    "waits_for_another",
    "what_can_be_done",
    "withdraw",
]
