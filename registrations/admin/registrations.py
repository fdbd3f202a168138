"""Brands, campaigns and number links."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from registrations import actions
from registrations.admin.filtering import (
    AttentionFilter,
    ByNameFilter,
    ConfirmedFilter,
    StatusFilter,
)
from registrations.admin.looking import REGISTERED, LookOnlyAdmin, link, links
from registrations.filters import matching, reported_statuses
from registrations.models import (
    AuditEntry,
    Brand,
    Campaign,
    NumberLink,
    Role,
    Submission,
    roles_of,
)
from registrations.models.organization import HOUSE_ROLES
from registrations.sheets import SHEETS, reasons

WHERE_IT_STANDS = [
    "reference",
    "page",
    "standing",
    "status_since",
    "confirmed_status",
    "confirmed_at",
    "conflict",
    "why",
    "last_lookup_at",
    "lookup_due_at",
]
WHO_AND_WHEN = [
    "organization",
    "account",
    "created_by",
    "created_at",
    "edited_at",
    "requested_by",
    "review_note",
    "deactivation_requested_by",
]


class TrailInline(admin.TabularInline):
    """The trail under its registration: to be read, never written."""

    model = AuditEntry
    extra = 0
    can_delete = False
    show_change_link = True
    template = "admin/read_only_lines.html"
    fields = readonly_fields = [
        "sequence",
        "at",
        "from_status",
        "to_status",
        "actor",
        "user",
        "cause",
        "note",
    ]
    beside = ["user"]
    unread: list[str] = []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(*self.beside).defer(*self.unread)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(roles_of(request.user) & HOUSE_ROLES)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SubmissionInline(TrailInline):
    model = Submission
    fields = readonly_fields = [
        "generation",
        "operation",
        "state",
        "fee_expected",
        "requested_by",
        "approved_by",
        "plivo_id",
        "api_id",
        "error",
    ]
    beside = ["requested_by", "approved_by"]
    unread = ["payload", "answer", "callback_url"]


class RegistrationAdmin(LookOnlyAdmin):
    """Brands, campaigns and number links. The actions are those of the pages."""

    section = REGISTERED
    date_hierarchy = "created_at"
    sortable_by = ["reference", "created_at"]
    list_filter = [
        StatusFilter,
        AttentionFilter,
        ConfirmedFilter,
        ("organization", ByNameFilter),
        ("account", ByNameFilter),
    ]
    list_select_related = ["organization", "account"]
    unread = ["typed", "last_lookup"]
    search_fields = ["reference"]  # see get_search_results
    search_help_text = "Reference, names, id at Plivo, or a number however it is written."
    inlines = [SubmissionInline, TrailInline]
    actions = ["export", "ask_plivo_now"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find what the pages find, in the same way."""
        return matching(queryset, search_term) if search_term else queryset, False

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return bool(roles_of(request.user) & {Role.COMPLIANCE, Role.OPERATOR})

    @admin.action(description="Ask Plivo now", permissions=["ask"])
    def ask_plivo_now(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._each(request, queryset, lambda row: actions.look_up_now(row, by=request.user))

    @admin.display(description="page")
    def page(self, registration: Any) -> str:
        return format_html('<a href="{}">Its page</a>', registration.get_absolute_url())

    @admin.display(description="status", ordering="status")
    def standing(self, registration: Any) -> str:
        return format_html(
            '<span class="status" data-status="{}">{}</span>{}',
            registration.status,
            registration.get_status_display(),
            " in conflict" if registration.conflict else "",
        )

    @admin.display(description="word of Plivo")
    def word(self, registration: Any) -> str:
        if registration.is_confirmed:
            return "confirmed"
        reported = registration.status in reported_statuses(registration.kind)
        return "only reported" if reported else "–"

    @admin.display(description="reasons of Plivo")
    def why(self, registration: Any) -> str:
        return reasons(registration)

    @admin.display(description="belongs together")
    def together(self, registration: Any) -> str:
        return links(*self._together(registration))

    def _together(self, registration: Any) -> list[str]:
        about = {"q": registration.reference}
        return [
            link("Requests to Plivo", "admin:registrations_submission_changelist", **about),
            link("Callbacks", "admin:callbacks_callback_changelist", **about),
            link("Lines of the trail", "admin:registrations_auditentry_changelist", **about),
        ]

    def _each(self, request: HttpRequest, queryset: QuerySet[Any], act: Any) -> None:
        done = 0
        for registration in queryset:
            try:
                act(registration)
            except (actions.NotAllowed, actions.IllegalMove, actions.Blocked) as refusal:
                self.message_user(request, f"{registration}: {refusal}", messages.ERROR)
            else:
                done += 1
        if done:
            self.message_user(request, f"Done for {done}.", messages.SUCCESS)


class ReviewedAdmin(RegistrationAdmin):
    actions = ["export", "ask_plivo_now", "approve"]

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return Role.COMPLIANCE in roles_of(request.user)

    @admin.action(description="Approve and send to Plivo", permissions=["approve"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        def approve(registration: Any) -> None:
            seen = actions.preview(registration).digest
            actions.approve(registration, by=request.user, digest=seen)

        self._each(request, queryset, approve)


@admin.register(Brand)
class BrandAdmin(ReviewedAdmin):
    purpose = "Businesses that send, and how their registrations stand"
    list_display = [
        "reference",
        "name",
        "organization",
        "standing",
        "word",
        "plivo_id",
        "created_at",
        "page",
    ]
    unread = ["ein", "typed", "last_lookup"]
    sheet = SHEETS[Brand]
    fieldsets = [
        ("Where it stands", {"fields": [*WHERE_IT_STANDS, "plivo_id", "profile_uuid"]}),
        ("Who and when", {"fields": [*WHO_AND_WHEN, "together"]}),
        (
            "The business",
            {
                "fields": [
                    "name",
                    "company_name",
                    "doing_business_as",
                    "entity_type",
                    "customer_type",
                    "tax_id",
                    "ein_issuing_country",
                    "vertical",
                    "website",
                    "stock_symbol",
                    "stock_exchange",
                    "alt_business_id_type",
                    "alt_business_id",
                    "plivo_subaccount",
                    "business_contact_email",
                ]
            },
        ),
        (
            "Its address and a person there",
            {
                "classes": ["collapse"],
                "fields": [
                    "street",
                    "city",
                    "state",
                    "postal_code",
                    "country",
                    "contact_first_name",
                    "contact_last_name",
                    "contact_title",
                    "contact_seniority",
                    "contact_email",
                    "contact_phone",
                ],
            },
        ),
        (
            "Vetting",
            {"fields": ["brand_type", "secondary_vetting", "vetting_status", "vetting_score"]},
        ),
    ]

    @admin.display(description="tax id (EIN)")
    def tax_id(self, brand: Brand) -> str:
        if not brand.masked_ein:
            return "–"
        # To see all of it takes a reason, which is written into the trail.
        address = brand.get_absolute_url()
        return format_html('{} <a href="{}">Reveal on its page</a>', brand.masked_ein, address)

    def _together(self, registration: Any) -> list[str]:
        about = {"brand__id__exact": registration.pk}
        campaigns = link("Campaigns", "admin:registrations_campaign_changelist", **about)
        return [*super()._together(registration), campaigns]


@admin.register(Campaign)
class CampaignAdmin(ReviewedAdmin):
    purpose = "What brands send, and how people agreed to get it"
    list_display = [
        "reference",
        "name",
        "brand",
        "usecase",
        "organization",
        "standing",
        "word",
        "plivo_id",
        "created_at",
        "page",
    ]
    list_select_related = ["organization", "account", "brand"]
    list_filter = [*RegistrationAdmin.list_filter, "usecase"]
    narrowed_by = ["brand"]
    unread = [*RegistrationAdmin.unread, "brand__ein", "brand__typed", "brand__last_lookup"]
    sheet = SHEETS[Campaign]
    fieldsets = [
        (
            "Where it stands",
            {"fields": [*WHERE_IT_STANDS, "plivo_id", "mno_metadata", "number_pool_limit"]},
        ),
        ("Who and when", {"fields": ["brand", *WHO_AND_WHEN, "together"]}),
        (
            "What is sent",
            {
                "fields": [
                    "name",
                    "vertical",
                    "usecase",
                    "sub_usecases",
                    "description",
                    "message_flow",
                    "sample1",
                    "sample2",
                    "sample3",
                    "sample4",
                    "sample5",
                ]
            },
        ),
        (
            "How people agree, stop and get help",
            {
                "classes": ["collapse"],
                "fields": [
                    "optin_keywords",
                    "optin_message",
                    "optout_keywords",
                    "optout_message",
                    "help_keywords",
                    "help_message",
                    "subscriber_optin",
                    "subscriber_optout",
                    "subscriber_help",
                    "terms_and_conditions_link",
                    "privacy_policy_link",
                ],
            },
        ),
        (
            "What the messages hold",
            {
                "classes": ["collapse"],
                "fields": [
                    "embedded_link",
                    "embedded_phone",
                    "age_gated",
                    "direct_lending",
                    "affiliate_marketing",
                    "reseller_id",
                ],
            },
        ),
    ]

    def _together(self, registration: Any) -> list[str]:
        about = {"campaign__id__exact": registration.pk}
        numbers = link("Numbers", "admin:registrations_numberlink_changelist", **about)
        return [*super()._together(registration), numbers]


@admin.register(NumberLink)
class NumberLinkAdmin(RegistrationAdmin):
    purpose = "Numbers on campaigns, from the wish to link one until it is unlinked"
    list_display = [
        "reference",
        "number",
        "campaign",
        "organization",
        "standing",
        "word",
        "created_at",
        "page",
    ]
    list_select_related = ["organization", "account", "campaign"]
    narrowed_by = ["campaign"]
    unread = [*RegistrationAdmin.unread, "campaign__typed", "campaign__last_lookup"]
    sheet = SHEETS[NumberLink]
    fieldsets = [
        ("Where it stands", {"fields": ["number", "campaign", *WHERE_IT_STANDS]}),
        ("Who and when", {"fields": [*WHO_AND_WHEN, "together"]}),
    ]
