"""Who asks: a person in a browser, or a program with a key, which acts as its owner."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from registrations.models import ApiKey, Organization, Scope
from registrations.models.about import about_organizations
from registrations.models.registration import RegistrationQuerySet


def key_of(request: Request) -> ApiKey | None:
    """The key that was shown, if any."""
    return request.auth if isinstance(request.auth, ApiKey) else None


def name_of(request: Request) -> str:
    """The caller, as answers are kept for her and uses are counted."""
    key = key_of(request)
    return f"key {key.pk}" if key else f"user {request.user.pk}"


def organizations(request: Request) -> QuerySet[Organization]:
    """Those the caller acts for: a key for one, a person for all of hers."""
    mine = Organization.objects.for_user(request.user)
    key = key_of(request)
    return mine.filter(pk=key.organization_id) if key else mine


def only_organization(request: Request) -> Organization | None:
    """The one that the caller acts for; None if there are several, or none."""
    some = list(organizations(request)[:2])
    return some[0] if len(some) == 1 else None


def visible(rows: Any, request: Request, prefix: str = "") -> Any:
    """Those of `rows` that the caller may know of. What others have does not exist for her.

    `prefix` leads from the row to what is about a registration, as in "submission__".
    """
    rows = rows.for_user(request.user)
    key = key_of(request)
    if key is None:
        return rows
    mine = Organization.objects.filter(pk=key.organization_id)
    if isinstance(rows, RegistrationQuerySet) or hasattr(rows.model, "organization"):
        return rows.filter(Q(organization__in=mine))
    return rows.filter(about_organizations(mine, prefix=prefix))


class HasScope(BasePermission):
    """A key does only what its scopes name; a person in a browser, whatever her roles allow.

    Each view says in `scopes` which scope each of its actions needs; one it does not name needs
    one that no key has, so that nothing is open by oversight. A method that the view does not know
    is not refused here: its answer is 405.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        key = key_of(request)
        if key is None:
            return True
        if request.method == "OPTIONS" or not hasattr(view, str(request.method).lower()):
            return True
        action = getattr(view, "action", None) or str(request.method).lower()
        needed: Scope | None = view.scopes.get(action)
        if needed is None:
            self.message = "Keys do not do this."
        elif needed not in key.scopes:
            self.message = f"This key lacks the scope “{needed}”."
        else:
            self.message = f"The roles of the key's owner do not allow “{needed}” any more."
        return needed in key.usable_scopes
