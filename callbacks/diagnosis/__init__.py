"""Why a request was refused: which address and token make its signature, if any do.

The signature covers the address that Plivo was given. So a wrong one nearly always comes from an
address that differs in one small thing, or from a token that is not the one expected; both can be
tried. `explain` is pure: it is given all that it tries; `of` gathers that for a kept callback.
Tokens are named, and their values never told.
"""

from callbacks.diagnosis.gathering import of
from callbacks.diagnosis.refused import Diagnosis, Key, Refused
from callbacks.diagnosis.saying import explain

__all__ = ["Diagnosis", "Key", "Refused", "explain", "of"]
