from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from callbacks import inspector
from callbacks.views import CallbackView, nothing_here

urlpatterns = [
    # Where Plivo calls.
    path("plivo/", CallbackView.as_view(), name="plivo-callback-fixed"),
    path("plivo/<slug:token>/", CallbackView.as_view(), name="plivo-callback"),
    re_path("^plivo", csrf_exempt(nothing_here)),
    # Where people look.
    path("", inspector.callback_list, name="callback-list"),
    path("news/", inspector.news, name="callback-news"),
    path("test/", inspector.send_test, name="callback-test"),
    path("verify/", inspector.verify_all, name="callback-verify-all"),
    path("<int:pk>/", inspector.callback_detail, name="callback"),
    path("<int:pk>/verify/", inspector.verify, name="callback-verify"),
    path("<int:pk>/apply/", inspector.apply, name="callback-apply"),
]
