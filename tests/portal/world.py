"""A small world in which every address has something to show: two companies, and who may look.

Acme is alice's and Globex is bob's, and both have the same things in the same states. What is
Acme's says "Quixotic" and what is Globex's says "Gregarious", which no page says by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from callbacks.models import Callback
from registrations import actions, submitting
from registrations.actions import webhooks
from registrations.lifecycle import Status
from registrations.models import (
    ApiKey,
    Brand,
    Campaign,
    Deed,
    Notice,
    NoticeKind,
    NumberLink,
    Operation,
    Organization,
    PlivoAccount,
    Preferences,
    Scope,
    SecurityEvent,
    State,
    Submission,
    Webhook,
)
from registrations.models.submission import token_digest
from tests.conftest import BRAND, CAMPAIGN

PASSWORD = "correct horse battery"

# nora has no role. She is a member of Acme still, as somebody is whose role was taken away.
PERSONAS = ["nobody", "alice", "bob", "carol", "audrey", "oscar", "nora", "root"]
ROLES = {
    "alice": "marketer",
    "bob": "marketer",
    "carol": "compliance",
    "dave": "compliance",
    "audrey": "auditor",
    "oscar": "operator",
}


@dataclass
class Estate:
    """All that one company has, by the state in which it is."""

    mark: str
    organization: Organization
    marketer: User
    brands: dict[str, Brand] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    links: dict[str, NumberLink] = field(default_factory=dict)
    callbacks: dict[str, Callback] = field(default_factory=dict)
    # One that needs a decision, and one that waits in the queue.
    undecided: Submission | None = None
    queued: Submission | None = None
    # Of the marketer.
    key: ApiKey | None = None
    # To a program that took the first message.
    webhook: Webhook | None = None

    def of_kind(self, kind: str) -> dict[str, Any]:
        return {"brand": self.brands, "campaign": self.campaigns, "number_link": self.links}[kind]

    @property
    def registrations(self) -> list[Any]:
        return [*self.brands.values(), *self.campaigns.values(), *self.links.values()]

    @property
    def traces(self) -> list[str]:
        """The words by which anybody would know that this company or a thing of it exists."""
        own = [one.reference for one in self.registrations]
        own += [one.plivo_id for one in self.registrations if one.plivo_id]
        return [self.mark, self.key.prefix, *own, *(link.number for link in self.links.values())]


@dataclass
class World:
    people: dict[str, User]
    account: PlivoAccount
    acme: Estate
    globex: Estate
    # In quarantine, and about nobody's registration.
    stray: Callback
    sessions: dict[str, str]
    # Under which Plivo calls back about Acme's request that needs a decision.
    token: str = "T" * 40

    def browser(self, name: str) -> Client:
        """The browser in which this person is signed in; that of "nobody" is new."""
        browser = Client()
        if name in self.sessions:
            browser.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[name]
        return browser


def build(account: PlivoAccount) -> World:
    people = {name: _person(name) for name in [*PERSONAS[1:], "dave"]}
    alice, bob, carol = people["alice"], people["bob"], people["carol"]
    acme = _estate("Quixotic", "Acme Quixotic Inc.", alice, carol, account, 100)
    globex = _estate("Gregarious", "Globex Gregarious LLC", bob, carol, account, 150)
    acme.organization.members.add(people["nora"])
    stray = Callback.objects.create(
        method="POST", path="/callbacks/plivo/", outcome="forged", body=b"status=registered",
        body_length=17, body_digest="0" * 64, headers={"Host": "portal.example"},
    )  # fmt: skip
    SecurityEvent.write(Deed.INVITED, by=people["oscar"], about=alice, detail="Quixotic")
    entry = acme.brands["rejected"].trail.get()
    Notice.objects.create(kind=NoticeKind.REJECTED, user=alice, entry=entry)
    Submission.objects.filter(pk=acme.undecided.pk).update(
        callback_token_digest=token_digest(World.token),
        callback_url=f"https://portal.example/callbacks/plivo/{World.token}/",
    )
    sessions = {name: _session(person) for name, person in people.items()}
    return World(people, account, acme, globex, stray, sessions)


def _session(person: User) -> str:
    browser = Client()
    browser.force_login(person)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def _person(name: str) -> User:
    if name == "root":
        person = User.objects.create_superuser("root", "root@example.com", PASSWORD)
    else:
        person = User.objects.create_user(name, f"{name}@example.com", PASSWORD)
        role = ROLES.get(name)
        person.is_staff = role not in ("marketer", None)
        person.save()
        person.groups.set([Group.objects.get_or_create(name=role)[0]] if role else [])
    # What looking at home writes down is there already.
    Preferences.objects.create(user=person, here_at=timezone.now())
    return person


def _estate(
    mark: str, name: str, marketer: User, carol: User, account: PlivoAccount, number: int
) -> Estate:
    estate = Estate(mark, Organization.objects.create(name=name), marketer)
    estate.organization.members.add(marketer)
    User.objects.filter(pk=marketer.pk).update(last_name=mark)
    owner = {"organization": estate.organization, "account": account}

    def brand(state: str, status: str = Status.DRAFT, **facts: Any) -> Brand:
        said = {"name": f"Acme {mark}", "company_name": name, "doing_business_as": "Acme Inc."}
        one = Brand(**owner, **{**BRAND, **said})
        actions.draft(one, by=marketer)
        estate.brands[state] = stand(one, status, **facts)
        return one

    def campaign(state: str, status: str = Status.DRAFT, **facts: Any) -> Campaign:
        on = {"brand": estate.brands["registered"], "name": f"Orders of {mark}"}
        one = Campaign(**owner, **{**CAMPAIGN, **on})
        actions.draft(one, by=marketer)
        estate.campaigns[state] = stand(one, status, **facts)
        return one

    def link(state: str, status: str, **facts: Any) -> NumberLink:
        one = NumberLink.objects.create(
            **owner, campaign=estate.campaigns["registered"], created_by=marketer,
            number=f"16465550{number + len(estate.links)}",
        )  # fmt: skip
        actions.comment(one, by=marketer, text=mark)
        estate.links[state] = stand(one, status, **facts)
        return one

    def at_plivo(letter: str) -> dict[str, Any]:
        return {"plivo_id": f"{letter}{mark.upper()}", "confirmed_at": timezone.now()}

    asked = {"requested_by": marketer}
    reasons = [{"code": "1101", "text": f"{mark} is not the legal name."}]
    brand("draft", review_note=f"Ask {mark} once more.", field_notes={"website": mark})
    brand("in_review", Status.IN_REVIEW, **asked)
    brand("rejected", Status.REJECTED, reasons=reasons, plivo_id=f"BREJECTED{mark.upper()}")
    brand("registered", Status.REGISTERED, confirmed_status=Status.REGISTERED, **at_plivo("B"))
    brand("torn", Status.REGISTERED, plivo_id=f"BTORN{mark.upper()}", conflict=f"{mark} twice.")
    brand("ending", Status.REGISTERED, plivo_id=f"BENDING{mark.upper()}",
          deactivation_requested_by=marketer)  # fmt: skip
    campaign("draft")
    campaign("in_review", Status.IN_REVIEW, **asked)
    campaign("rejected", Status.REJECTED, reasons=reasons, plivo_id=f"CREJECTED{mark.upper()}")
    campaign("torn", Status.CREATED, plivo_id=f"CTORN{mark.upper()}", conflict=f"{mark} twice.")
    campaign("ending", Status.REGISTERED, plivo_id=f"CENDING{mark.upper()}",
             deactivation_requested_by=marketer)  # fmt: skip
    campaign("registered", Status.REGISTERED, confirmed_status=Status.REGISTERED, **at_plivo("C"))
    link("linked", Status.LINKED)
    link("failed", Status.LINK_FAILED, reasons=reasons)
    link("moving", Status.LINK_SUBMITTED)
    link("torn", Status.LINKED, conflict=f"{mark} twice.")

    for state in ("queued", "undecided"):
        brand(state, Status.IN_REVIEW, **asked)
        one = estate.brands[state]
        submission = actions.approve(one, by=carol, digest=actions.preview(one).digest)
        one.refresh_from_db()
        setattr(estate, state, submission)
    campaign("queued", Status.QUEUED, **asked)
    link("queued", Status.LINK_QUEUED, **asked)
    for one, operation in (
        (estate.campaigns["queued"], Operation.REGISTER_CAMPAIGN),
        (estate.links["queued"], Operation.LINK_NUMBER),
    ):
        submitting.enqueue(one, operation, requested_by=marketer, approved_by=carol)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Submission.objects.filter(pk=estate.undecided.pk).update(
        state=State.NEEDS_DECISION, unknown_since=an_hour_ago, called_at=an_hour_ago,
        error=f"No answer about {mark}.", answer=mark, api_id=f"api-{mark.lower()}",
    )  # fmt: skip
    about = {"submission": estate.undecided, "account": account, "word": mark[:10]}
    for outcome in ("applied", "unapplied", "forged"):
        estate.callbacks[outcome] = Callback.objects.create(
            method="POST", path="/callbacks/plivo/aB3x9Q…/", outcome=outcome,
            mac=sha256(f"{outcome}{mark}".encode()).hexdigest(),
            body=f"status={mark}".encode(), body_length=20, body_digest="0" * 64,
            explanation=f"It speaks of {mark}.", **about,
        )  # fmt: skip
        about["account"] = None if outcome == "unapplied" else account
    estate.key, _ = actions.make_key(
        by=marketer, organization=estate.organization, name=f"Shop of {mark}",
        scopes=[Scope.DRAFT], expires_at=timezone.now() + timedelta(days=30),
    )  # fmt: skip
    estate.webhook, _ = webhooks.add_webhook(
        estate.organization, by=marketer, url=f"http://127.0.0.1:9/{mark}", description=mark
    )
    delivery = estate.webhook.deliveries.create(
        event=estate.organization.events.first(), message_id=f"msg_{mark}",
        state="delivered", due_at=None, settled_at=timezone.now(), attempts_made=1,
    )  # fmt: skip
    delivery.attempts.create(body=f"It speaks of {mark}.", answer_status=200, answer=mark)
    return estate


def stand(registration: Any, status: str, **facts: Any) -> Any:
    """Put a registration where a whole journey would have brought it."""
    rows = type(registration).objects.filter(pk=registration.pk)
    rows.update(status=status, **facts)
    registration.refresh_from_db()
    return registration
