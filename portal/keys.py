"""Keys that the embedded portal makes for itself, so that it starts with nothing to configure.

Only where DEBUG is on: in production every key comes from the environment.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet


def made_up_keys(folder: Path) -> dict[str, str]:
    """Read `keys.json` in `folder`, or make it: once, even if several processes start together."""
    path = folder / "keys.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        keys = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "INDEX_KEY": secrets.token_urlsafe(32),
            "PLIVO_AUTH_ID": "MADEMOACCOUNT0000001",
            "PLIVO_AUTH_TOKEN": secrets.token_urlsafe(30),
            "DEMO_PASSWORD": secrets.token_urlsafe(9),
        }
        handle, draft = tempfile.mkstemp(dir=folder)  # only the owner may read it
        with os.fdopen(handle, "w") as file:
            json.dump(keys, file, indent=1)
        try:
            # A link refuses to replace what another process has put there meanwhile.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return json.loads(path.read_text())
