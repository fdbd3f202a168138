"""An auditor's part: what was written last, and where the evidence lies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from registrations.models import AuditEntry

LATEST = 15


def part(user: Any, left_at: datetime | None) -> dict[str, Any]:
    entries = AuditEntry.objects.for_user(user).select_related(
        "brand", "campaign", "number_link", "user"
    )
    bulky = [
        f"{kind}__{field}"
        for kind in ("brand", "campaign", "number_link")
        for field in ("last_lookup", "typed")
    ]
    return {
        "entries": entries.defer(*bulky, "brand__ein").order_by("-at", "-pk")[:LATEST],
    }
