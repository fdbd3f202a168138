"""What every resource stands on: whose rows, by which name, and which scope an action needs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.viewsets import GenericViewSet

from registrations.api.callers import visible
from registrations.models import Scope


class Resource(GenericViewSet):
    """Rows of one model, as far as the caller may know of them; a foreign one is a 404.

    `scopes` names the scope that each action needs of a key; see `HasScope`.
    """

    model: ClassVar[type[Model]]
    scopes: ClassVar[dict[str, Scope]] = {"list": Scope.READ, "retrieve": Scope.READ}
    # Leads from a row to the registration that it is about, where it is about one.
    about = ""

    def get_queryset(self) -> QuerySet[Any]:
        return visible(self.model._default_manager.all(), self.request, prefix=self.about)
