from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from portal import health, preferences, search, views
from portal.home import home
from portal.people import pages as people
from portal.second_factor import pages as second_factor
from portal.sign_in import pages as door
from portal.sign_in import passwords

admin.site.site_header = "10DLC portal"
admin.site.site_title = "10DLC portal"
admin.site.index_title = "Everything the portal knows"
# Lists need the width, and the first page tells what there is.
admin.site.enable_nav_sidebar = False
# It has no doors of its own, which would count no guesses and write nothing down.
admin.site.login = views.admin_sign_in  # type: ignore[method-assign]
admin.site.logout = door.sign_out  # type: ignore[method-assign,assignment]
admin.site.password_change = views.admin_password  # type: ignore[method-assign,assignment]

handler500 = "portal.views.server_error"

urlpatterns = [
    path("", home, name="home"),
    path("sign-in/", door.sign_in, name="sign-in"),
    path("sign-in/code/", door.code, name="sign-in-code"),
    path("sign-in/typed/", door.typed_again, name="typed-again"),
    path("sign-out/", door.sign_out, name="sign-out"),
    path("password/", passwords.change, name="password-change"),
    path("password/reset/", passwords.ask_for_link, name="password-reset"),
    path("password/reset/sent/", passwords.link_sent, name="password-reset-sent"),
    path(
        "password/reset/<uidb64>/<token>/",
        passwords.ChoosePassword.as_view(),
        name="password-reset-choose",
    ),
    path(
        "invitation/<uidb64>/<token>/",
        passwords.ChoosePassword.as_view(invited=True),
        name="invitation",
    ),
    path("second-factor/", second_factor.second_factor, name="second-factor"),
    path("second-factor/begin/", second_factor.begin, name="second-factor-begin"),
    path("second-factor/forget/", second_factor.forget, name="second-factor-forget"),
    path("second-factor/confirm/", second_factor.confirm, name="second-factor-confirm"),
    path("second-factor/recovery-codes/", second_factor.renew, name="second-factor-renew"),
    path("second-factor/remove/", second_factor.remove, name="second-factor-remove"),
    path("people/", people.people, name="people"),
    path("people/new/", people.invite, name="person-new"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/access/", people.access, name="person-access"),
    path("people/<int:pk>/address/", people.address, name="person-address"),
    path("people/<int:pk>/act/<slug:verb>/", people.act, name="person-act"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("search/", search.search, name="search"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("favicon.ico", RedirectView.as_view(url="/static/icon.svg", permanent=True)),
    path("api/", include("portal.api")),
    path("callbacks/", include("callbacks.urls")),
    path("admin/", admin.site.urls),
    path("", include("registrations.urls")),
]
