from __future__ import annotations

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


class Command(BaseCommand):
    help = "Make the demo's people, two organizations and a first draft. May be run again."

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
            self._draft_brand(people["alice"])

    def _draft_brand(self, alice: User) -> None:
        brand = Brand(
            organization=Organization.objects.get(name="Acme Inc."),
            account=PlivoAccount.objects.get(auth_id=settings.PLIVO_AUTH_ID),
            name="Acme",
            entity_type="PRIVATE",
            company_name="Acme Inc.",
            ein="12-3456780",
            vertical="RETAIL",
            website="https://www.example.com/",
            street="1 Main Street",
            city="San Francisco",
            state="CA",
            postal_code="94105",
            contact_first_name="Alice",
            contact_last_name="Doe",
            contact_email="alice@example.com",
            contact_phone="+14155550101",
            contact_title="Head of Marketing",
            contact_seniority="DIRECTOR",
        )
        actions.draft(brand, by=alice)
