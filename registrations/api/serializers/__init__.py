"""How things are told in JSON, and what programs may write.

Fields have the names of the model's, and the same rules as in the forms.
"""

from registrations.api.serializers.evidence import AuditEntrySerializer, SubmissionSerializer
from registrations.api.serializers.registrations import (
    SERIALIZERS,
    BrandSerializer,
    CampaignSerializer,
    NumberLinkSerializer,
    RegistrationSerializer,
)

__all__ = [
    "SERIALIZERS",
    "AuditEntrySerializer",
    "BrandSerializer",
    "CampaignSerializer",
    "NumberLinkSerializer",
    "RegistrationSerializer",
    "SubmissionSerializer",
]
