"""Outbound webhooks: telling integrations, in the form of Standard Webhooks.

`events` knows what happened. Here it is chosen which webhook is told (`choosing`), taken for
oneself and settled (`outbox`), and carried (`sending`, signed by `signing`) to an address that was
found fit to be written to (`addresses`). The outbox is the database: a broker only nudges.
"""

from registrations.notices.webhooks.addresses import Unfit, check, demand_fit
from registrations.notices.webhooks.choosing import choose, new_message_id, rearm, stop
from registrations.notices.webhooks.outbox import deliver, forget_old, is_anything_due
from registrations.notices.webhooks.telling import concerned_by, tell_of_pause

__all__ = [
    "Unfit",
    "check",
    "choose",
    "concerned_by",
    "deliver",
    "demand_fit",
    "forget_old",
    "is_anything_due",
    "new_message_id",
    "rearm",
    "stop",
    "tell_of_pause",
]
