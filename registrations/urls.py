from django.urls import path

from registrations.models import Brand, Campaign, NumberLink
from registrations.views import drafting, lists, numbers, page, review, stuck

SECTIONS = {"brands": Brand, "campaigns": Campaign, "numbers": NumberLink}

urlpatterns = [
    path("review/", review.review, name="review"),
    path("stuck/", stuck.stuck, name="stuck"),
    path("numbers/new/", numbers.new_numbers, name="number_link-new"),
    path("submissions/<int:pk>/decide/", page.decide, name="submission-decide"),
]

for section, model in SECTIONS.items():
    kind, given = model.kind.value, {"model": model}
    urlpatterns.append(
        path(f"{section}/", lists.RegistrationList.as_view(model=model), name=f"{kind}-list")
    )
    if model is not NumberLink:
        urlpatterns += [
            path(f"{section}/new/", drafting.new, given, name=f"{kind}-new"),
            path(f"{section}/<reference>/edit/", drafting.edit, given, name=f"{kind}-edit"),
        ]
    urlpatterns += [
        path(f"{section}/<reference>/", page.detail, given, name=kind),
        path(f"{section}/<reference>/live/", page.live, given, name=f"{kind}-live"),
        path(f"{section}/<reference>/act/<slug:verb>/", page.act, given, name=f"{kind}-act"),
    ]
