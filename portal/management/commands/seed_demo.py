from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError

from registrations import actions
from registrations.models import Brand, Organization, PlivoAccount, Role

# (username, role, organization or "" for the house, what they are for)
DEMO_PEOPLE = [
    ("alice", Role.MARKETER, "Acme Inc.", "marketer of Acme"),
    ("bob", Role.MARKETER, "Globex LLC", "marketer of Globex, another company"),
    ("carol", Role.COMPLIANCE, "", "compliance: reviews and approves"),
    ("dave", Role.COMPLIANCE, "", "compliance: the second pair of eyes"),
    ("audrey", Role.AUDITOR, "", "auditor: reads everything, changes nothing"),
    ("oscar", Role.OPERATOR, "", "operator: users, accounts, the admin"),
]


@dataclass(frozen=True)
class Story:
    """A brand of the demo. It ends as draft, review, returned, or sent to the sandbox."""

    marketer: str
    name: str
    company: str
    ein: str
    ends_as: str


# What the sandbox makes of a company's name, its test cards tell.
DEMO_STORIES = [
    Story("alice", "Acme", "Acme Inc.", "12-3456780", "draft"),
    Story("alice", "Acme Outlet", "Acme Outlet LLC", "12-3456770", "sent"),
    Story("alice", "Acme Garden", "Reject Garden Inc.", "12-3456771", "sent"),
    Story("bob", "Globex", "Globex LLC", "12-3456772", "review"),
    Story("bob", "Globex Labs", "Globex Labs", "12-3456773", "returned"),
]


class Command(BaseCommand):
    help = "Make the demo's people, two organizations and some brands. May be run again."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Demo people have a known password: only with DEBUG on.")
        people = {}
        for username, role, organization, _ in DEMO_PEOPLE:
            person, created = User.objects.get_or_create(
                username=username, defaults={"email": f"{username}@example.com"}
            )
            if created:
                person.set_password(settings.DEMO_PASSWORD)
            # The house's people see the admin; what they may do there, their role says.
            person.is_staff = not organization
            person.save()
            person.groups.set([Group.objects.get(name=role.value)])
            if organization:
                tenant, _ = Organization.objects.get_or_create(name=organization)
                tenant.members.add(person)
            people[username] = person
        if not Brand.objects.exists():
            for story in DEMO_STORIES:
                _tell(story, people)


def _tell(story: Story, people: dict[str, User]) -> None:
    """Bring one brand as far as its story goes; what is approved, the worker sends."""
    marketer = people[story.marketer]
    brand = Brand(
        organization=marketer.organizations.get(),
        account=PlivoAccount.objects.get(auth_id=settings.PLIVO_AUTH_ID),
        name=story.name,
        entity_type="PRIVATE",
        company_name=story.company,
        ein=story.ein,
        vertical="RETAIL",
        website="https://www.example.com/",
        street="1 Main Street",
        city="San Francisco",
        state="CA",
        postal_code="94105",
        contact_first_name=story.marketer.title(),
        contact_last_name="Doe",
        contact_email=f"{story.marketer}@example.com",
        contact_phone="+14155550101",
        contact_title="Head of Marketing",
        contact_seniority="DIRECTOR",
    )
    actions.draft(brand, by=marketer)
    if story.ends_as == "draft":
        return
    actions.send_for_review(brand, by=marketer)
    if story.ends_as == "returned":
        note = "Please name the legal form in the company's name."
        actions.send_back(brand, by=people["carol"], note=note)
    elif story.ends_as == "sent":
        digest = actions.preview(brand).digest
        actions.approve(brand, by=people["carol"], digest=digest)
