"""What we register at Plivo, for whom, through which account, and what became of it."""

from registrations.models.api_key import ApiKey, ApiUse, Scope
from registrations.models.audit import AuditEntry
from registrations.models.brand import Brand
from registrations.models.campaign import Campaign
from registrations.models.event import Event
from registrations.models.idempotent_request import IdempotentRequest
from registrations.models.link_batch import LinkBatch, LinkBatchItem
from registrations.models.notice import Notice, NoticeKind
from registrations.models.number_link import NumberLink
from registrations.models.organization import Organization, Role, roles_of
from registrations.models.plivo_account import PlivoAccount, PlivoToken
from registrations.models.preferences import Preferences, Theme
from registrations.models.registration import Registration
from registrations.models.security_event import Deed, SecurityEvent
from registrations.models.submission import (
    Decision,
    Operation,
    Phase,
    State,
    Submission,
)
from registrations.models.webhook import Delivery, DeliveryAttempt, Webhook, WebhookSecret

__all__ = [
    "ApiKey",
    "ApiUse",
    "AuditEntry",
    "Brand",
    "Campaign",
    "Decision",
    "Deed",
    "Delivery",
    "DeliveryAttempt",
    "Event",
    "IdempotentRequest",
    "LinkBatch",
    "LinkBatchItem",
    "Notice",
    "NoticeKind",
    "NumberLink",
    "Operation",
    "Organization",
    "Phase",
    "PlivoAccount",
    "PlivoToken",
    "Preferences",
    "Registration",
    "Role",
    "Scope",
    "SecurityEvent",
    "State",
    "Submission",
    "Theme",
    "Webhook",
    "WebhookSecret",
    "roles_of",
]

REGISTRATION_MODELS = (Brand, Campaign, NumberLink)
