"""Where programs find the portal: one version of the API, its schema and its pages."""

from django.urls import include, path, re_path
from django.views.generic import RedirectView

from portal import api_docs

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="api-docs"), name="api"),
    path("v1/", include("registrations.api.urls")),
    path("v1/", include("callbacks.api")),
    path("schema/", api_docs.SchemaView.as_view(), name="api-schema"),
    path("docs/", api_docs.docs, name="api-docs"),
    path("docs/problems/", api_docs.problems, name="api-problems"),
    path("docs/problems/<slug:code>", api_docs.problem, name="api-problem"),
    # Of any signs: "path" would not match a line feed.
    re_path(r"[\s\S]", api_docs.NowhereView.as_view(), name="api-nowhere"),
]
