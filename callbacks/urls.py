from django.urls import path

from callbacks.views import CallbackView

urlpatterns = [
    path("plivo/", CallbackView.as_view(), name="plivo-callback-fixed"),
    path("plivo/<slug:token>/", CallbackView.as_view(), name="plivo-callback"),
]
