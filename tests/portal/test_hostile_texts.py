"""Whatever people, programs and Plivo write is text: on every page, in every file, mail and log.

The columns are read off the models and the addresses off the resolver, so that a new one is tried
without anybody's thinking of it. What stands in the columns is in `hostile.py`.
"""

import csv
import email
import email.policy
import io
import json
import logging
import re
from urllib.parse import quote, urlencode

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callbacks.models import Callback, Outcome, RefusedCount
from portal import letters
from portal.logs import LineFormatter
from registrations import notices
from registrations.exporting import FORMULA
from registrations.models import Brand, Campaign, LinkBatch, Notice, NoticeKind, NumberLink
from registrations.notices.webhooks.telling import tell_of_pause
from registrations.plivo.signature import MA_V2, V2, V2_NONCE, v2_signature
from tests.api.tiny import bearer, key_of
from tests.portal import hostile
from tests.portal.conftest import rolled_back
from tests.portal.hostile import IMAGE, MARKUP, TEXT
from tests.portal.reading import SUM, TURNS, Page, assert_is_only_text
from tests.portal.routes import every_route
from tests.portal.test_who_may_what import MODELS, REFUSED, ROWS, ask

READERS = ("alice", "carol", "root")


def readers_of(row):
    """Those to whom a page looks different; of what is done, the first who may."""
    may = [name for name in READERS if row.answers[name] not in REFUSED]
    return may[-1:] if row.model else may if row.method == "GET" else may[:1]


SEEN = [(row, name) for row in ROWS for name in readers_of(row)]
NEWEST = {"callbacks_callback", "registrations_auditentry", "registrations_securityevent"}
API = [route for route in every_route() if route.pattern.startswith("api/")]


@pytest.fixture(scope="module")
def world(built):
    return built(hostile.build)


@pytest.fixture(scope="module")
def models(world):
    """One row of everything that the admin shows, by the name of its model."""
    RefusedCount.objects.create(minute="2026-11-25T12:00Z", count=3)
    rows = {name: model._default_manager.order_by("pk").first() for name, model in MODELS.items()}
    rows |= {name: MODELS[name]._default_manager.order_by("-pk").first() for name in NEWEST}
    return {**rows, "auth_user": world.people["alice"]}


@pytest.fixture(autouse=True)
def db(world, models, a_quiet_place):
    """The world as it was built, for each test anew."""
    with rolled_back():
        yield


# --- Columns and pages ---------------------------------------------------------------------------


def test_what_is_said_to_be_ours_is_there():
    named = {name for names in hostile.OURS.values() for name in names}
    there = {f"{m._meta.label}.{f.name}" for m in apps.get_models() for f in m._meta.local_fields}

    assert named - there == set()


@pytest.mark.parametrize(
    ("model", "field"),
    [pytest.param(*one, id=f"{one[0]._meta.label}.{one[1].name}") for one in hostile.columns()],
)
def test_every_column_of_text_holds_a_hostile_one(model, field):
    assert hostile.holds(model, field)


@pytest.mark.parametrize(
    ("row", "name"), [pytest.param(row, name, id=f"{row} as {name}") for row, name in SEEN]
)
def test_a_page_shows_it_as_text(world, models, row, name):
    response = ask(world, models, row, name)
    assert_is_only_text(response)

    if response.status_code in (301, 302) and response.url.startswith("/"):
        assert_is_only_text(response.client.get(response.url))


def test_what_was_written_can_be_read_where_it_belongs(world):
    acme = world.acme
    looked_at = [
        *(acme.of_kind(kind)[state].get_absolute_url() for kind, state in (
            ("brand", "registered"), ("campaign", "registered"), ("number_link", "linked")
        )),
        reverse("review-request", args=[acme.brands["in_review"].reference]),
        reverse("callback", args=[acme.callbacks["applied"].pk]),
        reverse("webhook", args=[acme.webhook.pk]),
        reverse("brand-list"),
        reverse("keys"),
        reverse("admin:registrations_submission_change", args=[acme.undecided.pk]),
        reverse("admin:callbacks_callback_change", args=[acme.callbacks["applied"].pk]),
    ]  # fmt: skip

    for address in looked_at:
        text = Page(world.browser("root").get(address).content.decode()).text

        assert f"{MARKUP}⟨U+202E⟩" in text, address
        assert IMAGE in text, address


def test_what_is_found_is_shown_as_text_and_so_is_what_was_sought(world):
    browser = world.browser("root")

    for address in ("search", "brand-list", "campaign-list", "callback-list", "review", "people"):
        for sought in (MARKUP, TEXT, TEXT * 200):
            response = browser.get(reverse(address), {"q": sought, "next": sought, sought: sought})

            assert_is_only_text(response)


# --- Files ---------------------------------------------------------------------------------------


def cells_of(response):
    """The rows of a CSV as a spreadsheet reads them, without the header."""
    assert response["Content-Type"].startswith("text/csv")
    assert re.fullmatch(r'attachment; filename="[A-Za-z-]+\.csv"', response["Content-Disposition"])
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert {len(row) for row in rows} <= {len(header)}
    assert [cell for row in rows for cell in row if cell.startswith(FORMULA)] == []
    return rows


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("model", [Brand, Campaign, NumberLink, Callback])
def test_a_line_of_a_file_is_a_row_and_no_cell_a_formula(world, model, name):
    browser, kind = world.browser(name), getattr(model, "kind", "callback")
    way = ("callback-list", {"format": "csv"}) if model is Callback else (f"{kind}-export", {})
    rows = cells_of(browser.get(reverse(way[0]), way[1]))

    assert len(rows) == model.objects.for_user(world.people[name]).count()
    assert any("<xss" in cell for row in rows for cell in row)


@pytest.mark.parametrize("model", MODELS)
def test_so_it_is_in_the_files_of_the_admin(world, model):
    rows = MODELS[model]._default_manager.all()
    chosen = {"action": "export", "_selected_action": [row.pk for row in rows]}

    response = world.browser("root").post(reverse(f"admin:{model}_changelist"), chosen)

    assert len(cells_of(response)) == len(rows)


# --- Programs ------------------------------------------------------------------------------------


@pytest.fixture
def program(world):
    _, secret = key_of(world.people["carol"], world.acme.organization)
    return Client(headers=bearer(secret))


def api_path(route, world):
    acme, label = world.acme, route.label.removeprefix("api-")
    filled = {"code": "not_found", "address": TEXT, "message_id": "msg_1"}
    about = {
        "brand": acme.brands["registered"], "campaign": acme.campaigns["registered"],
        "number_link": acme.links["linked"], "organization": acme.organization,
        "submission": acme.undecided, "audit": acme.brands["registered"].trail.first(),
        "callback": acme.callbacks["applied"], "webhooks": acme.webhook,
        "link-batch": LinkBatch.objects.get(),
    }  # fmt: skip
    thing = next((thing for begin, thing in about.items() if label.startswith(begin)), None)
    if thing is not None:
        filled |= {"pk": thing.pk, "reference": getattr(thing, "reference", "")}
    return route.path(**filled)


def assert_a_program_can_read(response):
    kind = response["Content-Type"].partition(";")[0]
    if kind in ("application/json", "application/problem+json"):
        json.loads(response.content)
    elif kind == "text/csv":
        cells_of(response)
    else:
        assert kind in ("text/html", "application/yaml") or response.status_code == 204
    assert_is_only_text(response)


@pytest.mark.parametrize("route", API, ids=lambda route: route.label)
def test_a_program_is_told_it_as_text(world, program, route):
    path, said = api_path(route, world), {"name": TEXT, "numbers": [TEXT], TEXT: TEXT}

    for query in ({}, {"format": "csv"}, {"q": TEXT, TEXT: TEXT}):
        assert_a_program_can_read(program.get(path, query))
    for body in (said, [TEXT], TEXT):
        assert_a_program_can_read(program.post(path, body, content_type="application/json"))
        assert_a_program_can_read(program.patch(path, body, content_type="application/json"))


# --- Callbacks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["status", "type", "brand_id", "error_code", "reason", TEXT])
def test_a_hostile_callback_is_taken_and_shown_as_text(world, settings, field):
    submission = world.acme.undecided
    nonce = "05429567804466091622"
    signature = v2_signature(submission.callback_url, nonce, settings.PLIVO_AUTH_TOKEN)
    headers = {V2: signature, MA_V2: signature, V2_NONCE: nonce}
    odd = {"User-Agent": TEXT, f"X-{MARKUP}": TEXT, "Referer": TEXT * 400}

    body = urlencode({field: TEXT, "long": ""})
    body += "x" * (settings.CALLBACK_MAX_BYTES - len(body))

    response = Client().post(
        f"/callbacks/plivo/{world.token}/",
        body,
        content_type="application/x-www-form-urlencoded",
        headers={**odd, **headers},
    )

    kept = Callback.objects.order_by("-pk").first()
    assert response.json() == {"outcome": kept.outcome}
    assert kept.outcome == Outcome.UNRECOGNISED
    for address in (
        reverse("callback", args=[kept.pk]),
        reverse("callback-list"),
        submission.registration.get_absolute_url(),
        reverse("admin:callbacks_callback_change", args=[kept.pk]),
    ):
        assert_is_only_text(world.browser("root").get(address))


# --- Mails ---------------------------------------------------------------------------------------

HEADERS = {"Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID"}
HEADERS |= {"Auto-Submitted", "List-Unsubscribe"}


def assert_is_an_honest_mail(mail):
    message = email.message_from_bytes(mail.message().as_bytes(), policy=email.policy.default)
    plain, html = (part.get_content() for part in message.iter_parts())
    page = Page(html)
    assert set(message.keys()) <= HEADERS
    assert len(message["Subject"]) < 150
    assert (page.foreign, page.turning, page.too_long) == ([], [], [])
    assert not TURNS & set(plain + str(message["Subject"]))
    assert SUM not in page.text + plain
    assert len(plain) < hostile.LONG


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_letter_about_it_is_honest(world, mailoutbox, kind):
    brand, carol = world.acme.brands["rejected"], world.people["carol"]
    about = {NoticeKind.DECISION: {"submission": world.acme.undecided}}
    about |= {NoticeKind.DIGEST: {"day": timezone.now().date()}}
    Notice.objects.create(kind=kind, user=carol, **about.get(kind, {"entry": brand.trail.last()}))

    assert notices.send_letter(carol.pk, kind)

    assert_is_an_honest_mail(mailoutbox[0])


def test_a_letter_of_the_door_is_honest(world, mailoutbox):
    alice, root = world.people["alice"], world.people["root"]
    for person in (alice, root):
        person.refresh_from_db()

    letters.send_invitation(alice, root)
    letters.send_reset(alice)
    letters.send_address_changed(alice, alice.email, root)
    letters.send_second_factor_removed(alice, root)
    world.acme.webhook.paused_at = timezone.now()
    world.acme.webhook.save(update_fields=["paused_at"])
    tell_of_pause(world.acme.webhook.pk, alice.pk)

    assert len(mailoutbox) == 5
    for mail in mailoutbox:
        assert_is_an_honest_mail(mail)


# --- Logs ----------------------------------------------------------------------------------------


@pytest.fixture
def log():
    """What would be written to the log, as it would be."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(LineFormatter())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def test_an_event_is_one_line_of_the_log_whatever_it_holds(world, log):
    browser = world.browser("alice")
    browser.get("/" + quote(TEXT))
    browser.get(reverse("brand-list"), {"q": TEXT})
    browser.post(reverse("sign-in"), {"username": TEXT, "password": TEXT})
    Client().post("/callbacks/plivo/", TEXT, content_type=TEXT, headers={"User-Agent": TEXT})
    try:
        raise ValueError(TEXT)
    except ValueError:
        logging.getLogger("registrations").exception("%s could not be done", TEXT)

    lines = log.getvalue().splitlines()
    events = [line for line in lines if not line.startswith("  ")]
    assert len(events) >= 2
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [A-Z]+ ", line) for line in events)
    assert not (TURNS | {"\x1b", "\r"}) & set("".join(lines))
