from django.urls import path

from registrations import views
from registrations.models import Brand, Campaign, NumberLink

SECTIONS = {"brands": Brand, "campaigns": Campaign, "numbers": NumberLink}

urlpatterns = [
    path("review/", views.review, name="review"),
    path("numbers/new/", views.new_numbers, name="number_link-new"),
    path("submissions/<int:pk>/decide/", views.decide, name="submission-decide"),
]

for section, model in SECTIONS.items():
    kind, given = model.kind.value, {"model": model}
    urlpatterns.append(
        path(f"{section}/", views.RegistrationList.as_view(model=model), name=f"{kind}-list")
    )
    if model is not NumberLink:
        urlpatterns += [
            path(f"{section}/new/", views.new, given, name=f"{kind}-new"),
            path(f"{section}/<reference>/edit/", views.edit, given, name=f"{kind}-edit"),
        ]
    urlpatterns += [
        path(f"{section}/<reference>/", views.detail, given, name=kind),
        path(f"{section}/<reference>/live/", views.live, given, name=f"{kind}-live"),
        path(f"{section}/<reference>/act/<slug:verb>/", views.act, given, name=f"{kind}-act"),
    ]
