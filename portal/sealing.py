"""What a browser, or a session, keeps for us without being able to read or change it."""

from __future__ import annotations

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def seal(purpose: str, content: Any) -> str:
    """`content` as text that only this portal can open, and only for the same purpose."""
    letter = json.dumps([purpose, content])
    return _box().encrypt(letter.encode()).decode()


def unseal(purpose: str, text: str, *, seconds: int) -> Any:
    """What was sealed for this purpose within the last `seconds`; None if it was not."""
    try:
        letter = json.loads(_box().decrypt(text.encode(), ttl=seconds))
    except (InvalidToken, ValueError):
        return None
    # The database's secrets lie under the same keys: only letters of this purpose count.
    if not (isinstance(letter, list) and len(letter) == 2 and letter[0] == purpose):
        return None
    return letter[1]


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
