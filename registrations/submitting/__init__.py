"""The road of a request to Plivo: claimed once, called once, and never guessed about.

    queued --claim--> sending --answer with an id--> accepted
                         |----documented 4xx-------> refused
                         |----429, or provably not sent --> queued, later
                         '----anything else, or the lease ran out while calling --> unknown
    unknown --found at Plivo, or a callback on its own URL--> accepted
    unknown --absent, patiently--> queued (free calls) | needs_decision (paid ones)

Plivo takes no idempotency key and bills each create. A lease cannot fence a third party: whatever
is not provably unsent is `unknown`, and is settled by evidence or by two people.
"""

from registrations.submitting.enqueuing import enqueue
from registrations.submitting.recording import proven_by_callback
from registrations.submitting.resolving import resolve
from registrations.submitting.sending import send
from registrations.submitting.sweeping import due, expire_leases, waiting_for

__all__ = [
    "due",
    "enqueue",
    "expire_leases",
    "proven_by_callback",
    "resolve",
    "send",
    "waiting_for",
]
