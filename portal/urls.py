from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.urls import include, path
from django.views.generic import RedirectView

from portal import health, people, preferences, search, second_factor, views

admin.site.site_header = "10DLC portal"
admin.site.site_title = "10DLC portal"
admin.site.index_title = "Everything the portal knows"
admin.site.login = views.admin_sign_in  # type: ignore[method-assign]

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", LoginView.as_view(template_name="portal/sign_in.html"), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("password/", PasswordChangeView.as_view(), name="password-change"),
    path("second-factor/", second_factor.second_factor, name="second-factor"),
    path("people/", people.people, name="people"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("search/", search.search, name="search"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("favicon.ico", RedirectView.as_view(url="/static/icon.svg", permanent=True)),
    path("callbacks/", include("callbacks.urls")),
    path("admin/", admin.site.urls),
    path("", include("registrations.urls")),
]
