from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from callbacks import inspector
from callbacks.views import CallbackView, nothing_here

urlpatterns = [
    path("", inspector.callback_list, name="callback-list"),
    path("plivo/", CallbackView.as_view(), name="plivo-callback-fixed"),
    path("plivo/<slug:token>/", CallbackView.as_view(), name="plivo-callback"),
    re_path("^plivo", csrf_exempt(nothing_here)),
]
