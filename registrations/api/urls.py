from rest_framework.routers import SimpleRouter

from registrations.api import (
    adopting,
    batches,
    enums,
    events,
    findings,
    importing,
    organizations,
    registrations,
    submissions,
    trails,
    webhooks,
)

router = SimpleRouter()
router.register("organizations", organizations.Organizations, basename="api-organization")
router.register("brands", registrations.Brands, basename="api-brand")
router.register("campaigns", registrations.Campaigns, basename="api-campaign")
router.register("number-links", registrations.NumberLinks, basename="api-number_link")
router.register("submissions", submissions.Submissions, basename="api-submission")
router.register("audit-entries", trails.AuditEntries, basename="api-audit-entry")
router.register("preflight", findings.Preflight, basename="api-preflight")
router.register("enums", enums.Enums, basename="api-enums")
router.register("link-batches", batches.LinkBatches, basename="api-link-batch")
router.register("imports", importing.Imports, basename="api-import")
router.register("adoptable", adopting.Adoptable, basename="api-adoptable")
router.register("events", events.Events, basename="events")
router.register("webhooks", webhooks.Webhooks, basename="webhooks")

urlpatterns = router.urls
