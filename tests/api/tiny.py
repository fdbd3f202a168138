"""A resource as small as one can be, to try keys and throttles on, and the addresses with it."""

from datetime import timedelta

from django.urls import include, path
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from registrations.api.resources import Resource
from registrations.models import ApiKey, Brand, Scope

TINY = "/api/v1/tiny/"


class TinyResource(Resource):
    """Brands by their references; what is posted is said to be done."""

    model = Brand
    lookup_field = "reference"
    scopes = {
        "list": Scope.READ,
        "retrieve": Scope.READ,
        "create": Scope.DRAFT,
        "partial_update": Scope.SUBMIT,
        "update": Scope.APPROVE,
        "head": Scope.EVIDENCE,
    }

    def list(self, request):
        return Response([brand.reference for brand in self.get_queryset()])

    def retrieve(self, request, reference):
        return Response(self.get_object().reference)

    def create(self, request):
        return Response(request.user.username, status=201)

    partial_update = update = retrieve

    def destroy(self, request, reference):
        raise AssertionError("no scope was named for this")


router = SimpleRouter()
router.register("tiny", TinyResource, basename="tiny")
urlpatterns = [path("api/v1/", include(router.urls)), path("", include("portal.urls"))]


def key_of(owner, organization, *scopes, **facts):
    """A key as the database keeps it, and the whole secret."""
    facts = {"expires_at": timezone.now() + timedelta(days=30), **facts}
    scopes = scopes or tuple(Scope)
    key = ApiKey(owner=owner, organization=organization, name="shop", scopes=[*scopes], **facts)
    secret = key.make_secret()
    key.save()
    return key, secret


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}
