from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models


class Role(models.TextChoices):
    """What a person may do. Each role is a Django group of this name; a person may wear several."""

    MARKETER = "marketer", "Marketer"
    COMPLIANCE = "compliance", "Compliance"
    AUDITOR = "auditor", "Auditor"
    OPERATOR = "operator", "Operator"


# They answer for the whole portal and see every organization; marketers see their own.
HOUSE_ROLES = {Role.COMPLIANCE, Role.AUDITOR, Role.OPERATOR}


def roles_of(user: Any) -> set[Role]:
    """The roles a signed-in person wears, read once per user object.

    A superuser looks after the machine: an operator, who approves nothing.
    """
    if not user.is_authenticated or not user.is_active:
        return set()
    if not hasattr(user, "_roles"):
        names = {group.name for group in user.groups.all()}
        user._roles = {role for role in Role if role in names}
        if user.is_superuser:
            user._roles.add(Role.OPERATOR)
    return user._roles


def sees_every_organization(user: Any) -> bool:
    return bool(roles_of(user) & HOUSE_ROLES)


def create_role_groups(using: str = "default", **_: Any) -> None:
    for role in Role:
        Group.objects.using(using).get_or_create(name=role.value)


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def for_user(self, user: Any) -> OrganizationQuerySet:
        """Those this person may know of. Whose role was taken away knows of none any more."""
        if sees_every_organization(user):
            return self
        return self.filter(members=user.pk) if Role.MARKETER in roles_of(user) else self.none()


class Organization(models.Model):
    """A tenant: a client business or an internal team. Every registration belongs to one."""

    name = models.CharField(max_length=100, unique=True)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="organizations"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
