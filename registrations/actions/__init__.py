"""What people may do, one function a verb. Pages, admin and API call these and nothing else.

Each takes `by`, the person who acts, and raises `NotAllowed` if that person may not,
`IllegalMove` if the law does not know the move from here, and `Blocked` if preflight finds what
Plivo, the registry or the carriers would certainly refuse.
"""

from registrations.actions.accounts import pause_account, resume_account
from registrations.actions.adoptable import Comparison, Drift, Offer, compare
from registrations.actions.adopting import (
    Adoption,
    Asked,
    Wanted,
    adopt,
    ask_about,
    everything_in,
    write_down,
)
from registrations.actions.aftercare import (
    ask_deactivation,
    deactivate,
    decide,
    look_up_now,
    settle_conflict,
)
from registrations.actions.batches import MOST_ITEMS, Wish, take_in_batch
from registrations.actions.checking import (
    CheckedNumber,
    NumbersCheck,
    NumberVerdict,
    TypedNumber,
    check_numbers,
)
from registrations.actions.ground import DRAFTERS, LONGEST_NOTE, Blocked, NotAllowed
from registrations.actions.keys import longest_key_life, make_key, revoke_key, rotate_key
from registrations.actions.naming import Taken, give_external_id
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
from registrations.plivo.listing import CannotAsk

__all__ = [
    "DRAFTERS",
    "LONGEST_COMMENT",
    "LONGEST_NOTE",
    "LONGEST_REASON",
    "MOST_ITEMS",
    "VERBS",
    "Adoption",
    "Asked",
    "Blocked",
    "CannotAsk",
    "Changed",
    "CheckedNumber",
    "Comparison",
    "Drift",
    "IllegalMove",
    "NotAllowed",
    "NumberVerdict",
    "NumbersCheck",
    "Offer",
    "Outcome",
    "Preview",
    "Several",
    "Taken",
    "TypedNumber",
    "Verb",
    "Wanted",
    "Wish",
    "act",
    "adopt",
    "approve",
    "approve_several",
    "ask_about",
    "ask_deactivation",
    "check_numbers",
    "comment",
    "comment_in",
    "compare",
    "deactivate",
    "decide",
    "everything_in",
    "draft",
    "edit",
    "findings_about",
    "give_external_id",
    "link_again",
    "link_numbers",
    "link_several_again",
    "longest_key_life",
    "look_up_now",
    "make_key",
    "may_comment",
    "may_reveal",
    "pause_account",
    "preview",
    "resume_account",
    "reveal_tax_id",
    "revise",
    "revoke_key",
    "rotate_key",
    "send_back",
    "send_for_review",
    "settle_conflict",
    "take_back",
    "take_in_batch",
    "unlink",
    "unlink_several",
    "waits_for_another",
    "what_can_be_done",
    "withdraw",
    "write_down",
]
