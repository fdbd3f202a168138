"""The forms people fill, one step at a time. They keep whatever is typed.

A draft may be incomplete. What carriers would refuse is preflight's to say, beside the field.
"""

from registrations.forms.brand import BrandForm
from registrations.forms.campaign import CampaignForm
from registrations.forms.numbers import NumberLinksForm
from registrations.forms.registration import Changes, RegistrationForm
from registrations.models import Brand, Campaign
from registrations.models.registration import Registration

FORMS: dict[type[Registration], type[RegistrationForm]] = {
    Brand: BrandForm,
    Campaign: CampaignForm,
}

__all__ = [
    "FORMS",
    "BrandForm",
    "CampaignForm",
    "Changes",
    "NumberLinksForm",
    "RegistrationForm",
]
