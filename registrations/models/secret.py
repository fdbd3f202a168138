"""Fields that the database holds only as ciphertext.

The keys come from `ENCRYPTION_KEYS`: the first one writes, every one reads, so that keys can be
rotated by putting a new one in front. A wrong key raises `cryptography.fernet.InvalidToken`;
ciphertext is never shown to anybody.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])


def blind_index(text: str) -> str:
    """A digest keyed with `INDEX_KEY`, by which an encrypted value is found without being read."""
    return hmac.new(settings.INDEX_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


class SecretField(models.TextField):
    """Text at rest as ciphertext. It cannot be searched; keep a `blind_index` beside it."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return _box().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return _box().decrypt(value.encode()).decode() if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        # Fernet gives another ciphertext each time: any comparison would silently find nothing.
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class SecretJSONField(SecretField):
    """JSON at rest as ciphertext: payloads and answers that hold tax ids and personal data."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(json.dumps(value, cls=DjangoJSONEncoder))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        text = super().from_db_value(value, expression, connection)
        return json.loads(text) if text else None

    def value_to_string(self, obj: Any) -> str:
        return json.dumps(self.value_from_object(obj), cls=DjangoJSONEncoder)


class SecretBytesField(models.BinaryField):
    """Bytes at rest as ciphertext: what came over the wire, exactly, and unreadable in a dump."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        sealed = _box().encrypt(bytes(value)) if value else value
        return super().get_db_prep_value(sealed, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return _box().decrypt(bytes(value)) if value else value
