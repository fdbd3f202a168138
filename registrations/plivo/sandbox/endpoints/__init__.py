"""Plivo's 10DLC endpoints: which function answers which path.

An endpoint takes a Call and answers (status, body), or raises Refusal.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from registrations.plivo.sandbox.calls import Call, Refusal
from registrations.plivo.sandbox.endpoints import brands, campaigns, numbers, profiles

Endpoint = Callable[[Call], tuple[int, dict[str, Any]]]

_CAMPAIGN_NUMBER = r"/10dlc/Campaign/([^/]+)/Number/"

ENDPOINTS: list[tuple[str, str, Endpoint]] = [
    ("POST", r"/Profile/", profiles.create_profile),
    ("GET", r"/Profile/", profiles.list_profiles),
    ("GET", r"/Profile/([^/]+)/", profiles.get_profile),
    ("POST", r"/Profile/([^/]+)/", profiles.update_profile),
    ("DELETE", r"/Profile/([^/]+)/", profiles.delete_profile),
    ("POST", r"/10dlc/Brand/", brands.create_brand),
    ("GET", r"/10dlc/Brand/", brands.list_brands),
    ("GET", r"/10dlc/Brand/([^/]+)/", brands.get_brand),
    ("DELETE", r"/10dlc/Brand/([^/]+)/", brands.delete_brand),
    ("GET", r"/10dlc/Brand/([^/]+)/usecases/", brands.brand_usecases),
    ("POST", r"/10dlc/Campaign/", campaigns.create_campaign),
    ("GET", r"/10dlc/Campaign/", campaigns.list_campaigns),
    ("POST", r"/10dlc/Campaign/Import/", campaigns.import_campaign),
    ("GET", r"/10dlc/Campaign/([^/]+)/", campaigns.get_campaign),
    ("POST", r"/10dlc/Campaign/([^/]+)/", campaigns.update_campaign),
    ("DELETE", r"/10dlc/Campaign/([^/]+)/", campaigns.delete_campaign),
    ("POST", _CAMPAIGN_NUMBER, numbers.link_numbers),
    ("GET", _CAMPAIGN_NUMBER, numbers.campaign_numbers),
    ("GET", _CAMPAIGN_NUMBER + r"([^/]+)/", numbers.campaign_number),
    ("DELETE", _CAMPAIGN_NUMBER + r"([^/]+)/", numbers.unlink_number),
    ("GET", r"/Number/", numbers.account_numbers),
    ("GET", r"/Number/([^/]+)/", numbers.account_number),
]

OPERATIONS = [endpoint.__name__ for _, _, endpoint in ENDPOINTS]
_PATHS = [(method, re.compile(path), endpoint) for method, path, endpoint in ENDPOINTS]


def find(method: str, path: str) -> tuple[Endpoint, tuple[str, ...]]:
    """The endpoint for a path, and the ids in it. Raises Refusal (404 or 405)."""
    matches = [
        (its_method, endpoint, tuple(unquote(part) for part in match.groups()))
        for its_method, pattern, endpoint in _PATHS
        if (match := pattern.fullmatch(path))
    ]
    for its_method, endpoint, ids in matches:
        if its_method == method:
            return endpoint, ids
    if matches:
        raise Refusal("method not allowed", 405)
    raise Refusal("not found", 404)
