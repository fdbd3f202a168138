"""Plivo's 10DLC API over HTTPS: one method a call, and errors that say what is provable.

`wire` carries one request and knows whether it can have reached Plivo, `answers` reads what Plivo
says, `calls` is the API itself (https://www.plivo.com/docs/messaging/api/overview).
"""

from registrations.plivo.client.answers import (
    Answer,
    NotFound,
    NotSent,
    OutOfTime,
    PlivoTrouble,
    RateLimited,
    Refused,
    Unauthorised,
    Unknown,
)
from registrations.plivo.client.calls import PlivoClient

__all__ = [
    "Answer",
    "NotFound",
    "NotSent",
    "OutOfTime",
    "PlivoClient",
    "PlivoTrouble",
    "RateLimited",
    "Refused",
    "Unauthorised",
    "Unknown",
]
