"""From where somebody asks, as it is written down beside what she did."""

from __future__ import annotations

from typing import Any


def peer_of(request: Any) -> str:
    """The address at the other end; behind proxies, as far as PROXY_HOPS lets us believe it."""
    peer: str = request.META.get("REMOTE_ADDR", "")
    return peer
