"""Where programs find the portal: one version of the API, its schema and its pages."""

from django.urls import include, path

urlpatterns = [
    path("v1/", include("registrations.api.urls")),
]
