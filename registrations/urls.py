from django.urls import path

from registrations.models import Brand, Campaign, NumberLink
from registrations.views import (
    adopting,
    campaign_numbers,
    drafting,
    importing,
    keys,
    lists,
    numbers,
    page,
    review,
    stuck,
    webhooks,
)

SECTIONS = {"brands": Brand, "campaigns": Campaign, "numbers": NumberLink}

urlpatterns = [
    path("review/", review.review, name="review"),
    path("review/counts/", review.counts, name="review-counts"),
    path("review/approve/", review.approve_several, name="review-several"),
    path("review/<slug:reference>/", review.examine, name="review-request"),
    path("review/<slug:reference>/approve/", review.approve, name="review-approve"),
    path("review/<slug:reference>/return/", review.send_back, name="review-return"),
    path("stuck/", stuck.stuck, name="stuck"),
    path("adopt/", adopting.adopt, name="adopt"),
    path("keys/", keys.keys, name="keys"),
    path("keys/new/", keys.new_key, name="key-new"),
    path("keys/<slug:prefix>/", keys.key, name="key"),
    path("keys/<slug:prefix>/rotate/", keys.rotate_key, name="key-rotate"),
    path("keys/<slug:prefix>/revoke/", keys.revoke_key, name="key-revoke"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/new/", webhooks.new_webhook, name="webhook-new"),
    path("webhooks/<int:pk>/", webhooks.webhook, name="webhook"),
    path("webhooks/<int:pk>/edit/", webhooks.edit_webhook, name="webhook-edit"),
    path("webhooks/<int:pk>/rotate/", webhooks.rotate_secret, name="webhook-rotate"),
    path("webhooks/<int:pk>/resume/", webhooks.resume, name="webhook-resume"),
    path("webhooks/<int:pk>/act/<slug:verb>/", webhooks.act, name="webhook-act"),
    path(
        "webhooks/<int:pk>/messages/<slug:message_id>/redeliver/",
        webhooks.redeliver,
        name="webhook-redeliver",
    ),
    path("numbers/new/", numbers.new_numbers, name="number_link-new"),
    path(
        "campaigns/<reference>/numbers/", campaign_numbers.campaign_numbers, name="campaign-numbers"
    ),
    path(
        "campaigns/<reference>/numbers/live/", campaign_numbers.live, name="campaign-numbers-live"
    ),
    path(
        "campaigns/<reference>/numbers/act/<slug:verb>/",
        campaign_numbers.act,
        name="campaign-numbers-act",
    ),
    path("import/answer.csv", importing.answer, name="import-answer"),
    path("submissions/<int:pk>/decide/", page.decide, name="submission-decide"),
    path("brands/<reference>/reveal/", page.reveal, name="brand-reveal"),
]

for section, model in SECTIONS.items():
    kind, given = model.kind.value, {"model": model}
    urlpatterns += [
        path(f"{section}/", lists.registration_list, given, name=f"{kind}-list"),
        path(f"{section}/export/", lists.export, given, name=f"{kind}-export"),
    ]
    if model is not NumberLink:
        urlpatterns += [
            path(f"{section}/new/", drafting.new, given, name=f"{kind}-new"),
            path(f"import/{section}/", importing.import_file, given, name=f"{kind}-import"),
            path(
                f"import/{section}/template.csv",
                importing.template,
                given,
                name=f"{kind}-import-template",
            ),
            path(f"{section}/<reference>/edit/", drafting.edit, given, name=f"{kind}-edit"),
            path(
                f"{section}/<reference>/edit/<slug:slug>/",
                drafting.edit_step,
                given,
                name=f"{kind}-edit-step",
            ),
        ]
    urlpatterns += [
        path(f"{section}/<reference>/", page.detail, given, name=kind),
        path(f"{section}/<reference>/live/", page.live, given, name=f"{kind}-live"),
        path(f"{section}/<reference>/comment/", page.comment, given, name=f"{kind}-comment"),
        path(f"{section}/<reference>/act/<slug:verb>/", page.act, given, name=f"{kind}-act"),
    ]
