"""Who a business is. Synchronous: a profile is there at once and nobody calls back."""

from __future__ import annotations

import uuid
from typing import Any

from registrations.plivo.sandbox import validation
from registrations.plivo.sandbox.calls import Call, Refusal, public

UNKNOWN = "Profile not found."
FIELDS = (*validation.PROFILE_TEXTS, "address", "authorized_contact")


def create_profile(call: Call) -> tuple[int, dict[str, Any]]:
    validation.profile(call.fields)
    profile_uuid = str(uuid.uuid4())
    call.state.profiles.put(
        profile_uuid,
        {
            **{name: call.fields[name] for name in FIELDS if name in call.fields},
            "profile_uuid": profile_uuid,
            "profile_type": "SECONDARY",
            "primary_profile": call.sandbox.primary_profile(call.account),
            "created_at": call.sandbox.timestamp(),
            "_account": call.account,
        },
    )
    return 200, {"message": "Profile created successfully.", "profile_uuid": profile_uuid}


def list_profiles(call: Call) -> tuple[int, dict[str, Any]]:
    asked = {"entity_type": "entity_type", "type": "profile_type", "vertical": "vertical"}
    rows = [
        row
        for row in call.mine(call.state.profiles)
        if all(
            row.get(field) == call.query.get(name, row.get(field)) for name, field in asked.items()
        )
    ]
    body = call.page("/Profile/", "profiles", rows)
    # Plivo's own answer lacks it here, and only here.
    body.get("meta", {}).pop("total_count", None)
    return 200, body


def get_profile(call: Call) -> tuple[int, dict[str, Any]]:
    return 200, {"profile": public(call.get(call.state.profiles, call.ids[0], UNKNOWN))}


def update_profile(call: Call) -> tuple[int, dict[str, Any]]:
    profile_uuid = call.ids[0]
    call.get(call.state.profiles, profile_uuid, UNKNOWN)
    for name in validation.PROFILE_FIXED:
        if name in call.fields:
            raise Refusal(f"{name} cannot be updated")
    validation.profile_values(call.fields)
    changes = {name: call.fields[name] for name in FIELDS if name in call.fields}
    call.state.profiles.change(profile_uuid, **changes)
    return get_profile(call)


def delete_profile(call: Call) -> tuple[int, dict[str, Any]]:
    profile = call.get(call.state.profiles, call.ids[0], UNKNOWN)
    if profile["profile_type"] == "PRIMARY":
        raise Refusal("The primary profile cannot be deleted.")
    if any(brand["profile_uuid"] == call.ids[0] for brand in call.state.brands.rows()):
        raise Refusal("The profile is used by a brand.")
    call.state.profiles.drop(call.ids[0])
    return 200, {"message": "Profile deleted successfully."}
