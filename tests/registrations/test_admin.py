"""The admin: everything can be looked at, searched, exported and acted on; nothing rewritten."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from callbacks.models import Callback, RefusedCount
from registrations import actions
from registrations.lifecycle import Status
from registrations.models import (
    ApiKey,
    AuditEntry,
    Brand,
    Campaign,
    Deed,
    Delivery,
    Event,
    Notice,
    NoticeKind,
    NumberLink,
    Organization,
    PlivoAccount,
    SecurityEvent,
    Submission,
    Webhook,
)

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
NAMES = [model._meta.label_lower for model in MODELS]
# All that may be added or changed here, and by whom: operators look after these.
LOOKED_AFTER = {Organization, PlivoAccount}
CHANGED = LOOKED_AFTER | {User}

EVIDENCE = [
    Submission, AuditEntry, Callback, RefusedCount, SecurityEvent, Notice, Event, Delivery,
]  # fmt: skip


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def everything(
    alice, carol, oscar, account, acme, registered_campaign, make_brand, submit, plivo_says, client
):
    """One row at least of everything that the admin shows, with something in every field."""
    brand = make_brand(name="Acme two")
    submission = submit(brand)
    Brand.objects.filter(pk=brand.pk).update(typed={"state": "Hidden typing"})
    Submission.objects.filter(pk=submission.pk).update(
        state="accepted",
        plivo_id="BTEST02",
        api_id="1f0e2d3c-api",
        answer="The answer of Plivo",
        callback_url="https://portal.example/callbacks/plivo/SecretToken/",
        callback_token_digest="0d" * 32,
    )
    link = NumberLink(
        organization=acme, account=account, campaign=registered_campaign, number="14155550100",
        created_by=alice,
    )  # fmt: skip
    link.save()
    entry = brand.trail.order_by("-sequence").first()
    Callback.objects.create(
        method="POST", path="/callbacks/plivo/aB3x9Q…/", account=account, submission=submission,
        entry=entry, outcome="applied", word="registered", body=b'{"status": "registered"}',
        headers={"Content-Type": "application/json"}, body_length=24, mac="1" * 64,
    )  # fmt: skip
    RefusedCount.objects.create(minute=timezone.now().replace(second=0), count=3)
    SecurityEvent.write(Deed.EXPORTED, by=oscar, detail="brands: ")
    _of_programs(acme, carol, entry, "first")
    Notice.objects.create(kind=NoticeKind.REJECTED, user=alice, entry=entry)
    return brand


def _of_programs(organization, owner, entry, name):
    """A key, and a webhook that was told of one event."""
    key = ApiKey(owner=owner, organization=organization, name=name, scopes=["read"])
    key.make_secret()
    key.save()
    webhook = Webhook.objects.create(
        organization=organization, url=f"https://hooks.example.com/{name}", created_by=owner
    )
    webhook.secrets.create(secret="whsec_Hidden")
    event = Event.objects.create(
        organization=organization, number=1, entry=entry, type="brand.registered"
    )
    webhook.deliveries.create(event=event, message_id=f"msg_{name}")


@pytest.fixture
def superuser(db):
    return User.objects.create_superuser("root", "root@example.com", "correct horse")


# --- Nothing is rewritten --------------------------------------------------------------------


def forgeries(model, row, operates):
    """Everything that somebody could post to what may not be rewritten."""
    lists, change = address(model, "changelist"), address(model, "change", row.pk)
    chosen = {"_selected_action": [row.pk]}
    edited_in_the_list = {
        "form-TOTAL_FORMS": 1,
        "form-INITIAL_FORMS": 1,
        "form-0-id": row.pk,
        "form-0-status": "registered",
        "form-0-outcome": "forged",
    }
    yield address(model, "delete", row.pk), {"post": "yes"}
    yield address(model, "history", row.pk), {"post": "yes"}
    yield lists, {"action": "delete_selected", **chosen, "post": "yes"}
    yield lists, {**edited_in_the_list, "_save": "Save"}
    yield lists, {**edited_in_the_list, "action": "", "_save": "Save"}
    if not (operates and model in LOOKED_AFTER):
        yield address(model, "add"), {"name": "x", "_save": "Save"}
        yield address(model, "add"), {"_popup": "1", "name": "x"}
    if not (operates and model in CHANGED):
        yield change, {"status": "registered", "outcome": "forged", "note": "x", "_save": "Save"}
        yield change, {"status": "registered", "_saveasnew": "1"}
        yield change, {"_continue": "1"}


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_nothing_is_deleted_and_only_what_operators_look_after_is_changed_whatever_is_posted(
    client, everything, carol, audrey, oscar, superuser, model
):
    row = model._default_manager.exclude(pk=oscar.pk if model is User else 0).first()
    answers = []

    for person in (carol, audrey, oscar, superuser):
        client.force_login(person)
        before = list(model._default_manager.order_by("pk").values())
        for url, posted in forgeries(model, row, operates=person in (oscar, superuser)):
            answers.append((person.username, url, posted, client.post(url, posted).status_code))
        assert list(model._default_manager.order_by("pk").values()) == before

    assert [answer for answer in answers if answer[-1] != 403] == []
    assert len(answers) >= 4 * 5


@pytest.mark.parametrize("model", EVIDENCE, ids=lambda model: model.__name__)
def test_all_evidence_is_in_the_admin(model):
    assert admin.site.is_registered(model)


def test_a_marketer_has_no_admin(client, alice):
    client.force_login(alice)

    assert client.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_marketers_have_no_admin_even_if_they_are_staff(client, alice, everything, model):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    client.force_login(alice)
    row = model._default_manager.first()

    answers = [
        client.get(address(model, "changelist")).status_code,
        client.get(address(model, "change", row.pk)).status_code,
        client.get(address(model, "history", row.pk)).status_code,
        client.post(address(model, "changelist"), {"action": "export"}).status_code,
    ]

    assert answers == [403] * 4


@pytest.mark.parametrize("person", ["carol", "oscar"])
def test_no_secret_stands_on_any_page_of_the_admin_or_in_any_of_its_files(
    request, client, everything, account, person
):
    client.force_login(request.getfixturevalue(person))
    secrets = [
        everything.ein,
        "3456780",
        everything.ein_index,
        "Hidden typing",
        "The answer of Plivo",
        account.tokens.first().token,
        "SecretToken",
        "whsec_Hidden",
        ApiKey.objects.first().secret_digest,
        "0d" * 32,
        User.objects.get(username="alice").password,
    ]

    told = ""
    for model in MODELS:
        if client.get(address(model, "changelist")).status_code == 403:
            continue
        told += client.get(address(model, "changelist")).content.decode()
        for row in model._default_manager.all():
            told += client.get(address(model, "change", row.pk)).content.decode()
        pks = list(model._default_manager.values_list("pk", flat=True))
        file = client.post(
            address(model, "changelist"), {"action": "export", "_selected_action": pks}
        )
        told += b"".join(file.streaming_content).decode()

    assert "•••••6780" in told
    assert [secret for secret in secrets if secret in told.replace("•••••6780", "")] == []


# --- To be looked at -------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_every_list_and_every_row_opens_for_operators(client, oscar, everything, model):
    client.force_login(oscar)
    row = model._default_manager.first()

    pages = [
        client.get(address(model, "changelist")),
        client.get(address(model, "changelist"), {"q": "Acme"}),
        client.get(address(model, "changelist"), {"q": everything.reference}),
        client.get(address(model, "changelist"), {"q": "\u202e9" * 90}),
        client.get(address(model, "changelist"), {"q": "a\x00"}),
        client.get(address(model, "change", row.pk)),
        client.get(address(model, "history", row.pk)),
    ]

    assert [page.status_code for page in pages] == [200] * len(pages)


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_every_filter_that_a_list_offers_works(client, oscar, everything, globex, model):
    client.force_login(oscar)
    page = client.get(address(model, "changelist"))

    for spec in page.context["cl"].filter_specs:
        for choice in spec.choices(page.context["cl"]):
            addresses = [choice["query_string"]] if "query_string" in choice else [
                f"?{choice['name']}={value}" for value, _ in choice["options"]
            ] + [f"?{choice['name']}="]  # fmt: skip
            for query in addresses:
                answer = client.get(address(model, "changelist") + query, follow=True)
                assert answer.status_code == 200, query
                assert "e=1" not in (answer.redirect_chain or [("", 0)])[-1][0], query


UNASKED = [
    "ein__startswith=12",
    "ein_index=x",
    "brand__organization__members__password__startswith=a",
    "organization__members__password__startswith=a",
    "status__regex=((",
    "submission__payload__contains=a",
    "user__password__startswith=a",
    "callback_token_digest__startswith=a",
    "account__tokens__token=a",
    "created_at__year=1",
    "created_at__year=9999",
    "status=a%00",
]


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_a_list_answers_no_question_that_it_does_not_offer(client, oscar, everything, model):
    client.force_login(oscar)

    answers = {
        query: client.get(f"{address(model, 'changelist')}?{query}").status_code
        for query in UNASKED
    }

    assert answers == dict.fromkeys(UNASKED, 400)


def test_what_people_type_is_found_as_on_the_pages(client, carol, everything, make_brand):
    client.force_login(carol)
    found = {
        "q": (NumberLink, "+1 (415) 555-0100", 1),
        "by reference": (Submission, everything.reference.lower(), 1),
        "by id at Plivo": (Submission, "btest02", 1),
        "by API id": (Callback, "1F0E2D3C-API", 1),
        "the trail": (AuditEntry, everything.reference, everything.trail.count()),
        "nothing": (Submission, "BTEST", 0),
    }

    for model, text, number in found.values():
        page = client.get(address(model, "changelist"), {"q": text})
        assert page.context["cl"].result_count == number, text


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_a_long_list_costs_the_queries_of_a_short_one(
    client, oscar, everything, make_brand, submit, account, django_assert_num_queries,
    django_assert_max_num_queries, model, alice,
):  # fmt: skip
    client.force_login(oscar)
    client.get(address(model, "changelist"))
    with django_assert_max_num_queries(20) as few:
        client.get(address(model, "changelist"))
    _multiply(everything, alice, account)

    with django_assert_num_queries(len(few.captured_queries)):
        page = client.get(address(model, "changelist"))

    assert page.context["cl"].result_count >= (1 if model is PlivoAccount else 12)


def _multiply(brand, alice, account):
    """Twelve more of everything."""
    this_minute = timezone.now().replace(second=0, microsecond=0)
    for n in range(12):
        other = Organization.objects.create(name=f"Organization {n}")
        person = User.objects.create_user(f"person{n}", f"{n}@example.com")
        other.members.add(person)
        more = Brand.objects.create(
            organization=other, account=account, created_by=person, name=f"More {n}",
            entity_type="PRIVATE", company_name="More Inc.", ein="12-3456780",
        )  # fmt: skip
        asked = Submission.objects.create(
            brand=more, account=account, generation=1, operation="register_brand", payload={},
            payload_digest="d", approved_digest="d", fee_expected=4, requested_by=person,
            approved_by=alice,
        )  # fmt: skip
        line = more.trail.create(
            sequence=1, to_status="draft", actor="marketer", cause="person", user=person,
            submission=asked,
        )  # fmt: skip
        campaign = Campaign.objects.create(
            organization=other, account=account, created_by=person, brand=more, name=f"More {n}",
            usecase="MARKETING",
        )  # fmt: skip
        NumberLink.objects.create(
            organization=other, account=account, created_by=person, campaign=campaign,
            number=f"1415555{n:04}", status="unlinked",
        )  # fmt: skip
        Callback.objects.create(
            method="POST", path="/callbacks/plivo/x/", account=account, submission=asked,
            entry=line, outcome="applied",
        )  # fmt: skip
        RefusedCount.objects.create(minute=this_minute - timedelta(minutes=n + 5), count=1)
        _of_programs(other, person, line, f"more{n}")
        SecurityEvent.write(Deed.EXPORTED, by=person)
        Notice.objects.create(kind=NoticeKind.REJECTED, user=person, entry=line)


def test_a_registration_with_a_long_trail_costs_the_queries_of_a_short_one(
    client, carol, everything, django_assert_num_queries, django_assert_max_num_queries
):
    client.force_login(carol)
    page = address(Brand, "change", everything.pk)
    client.get(page)
    with django_assert_max_num_queries(20) as few:
        client.get(page)
    last = everything.trail.count()
    for n in range(1, 101):
        everything.trail.create(
            sequence=last + n, from_status="queued", to_status="queued", actor="compliance",
            cause="person", user=carol, note=f"Note {n}",
        )  # fmt: skip

    with django_assert_num_queries(len(few.captured_queries)):
        html = client.get(page).content.decode()

    assert "Note 100" in html


def test_a_list_counts_and_pages_no_further_than_anybody_reads(
    client, carol, make_brand, monkeypatch
):
    monkeypatch.setattr("registrations.admin.looking.PAGED", 2)
    for _ in range(4):
        make_brand()
    client.force_login(carol)

    page = client.get(address(Brand, "changelist"))

    assert page.context["cl"].result_count == 2
    assert "more than 2 brands" in " ".join(page.content.decode().split())


def test_a_list_is_narrowed_by_year_month_and_day_without_reading_all_of_it(
    client, carol, make_brand
):
    old, new = make_brand(), make_brand()
    Brand.objects.filter(pk=old.pk).update(created_at=datetime(2025, 12, 31, 12, tzinfo=UTC))
    Brand.objects.filter(pk=new.pk).update(created_at=datetime(2026, 2, 28, 12, tzinfo=UTC))
    client.force_login(carol)

    def follow(query, title):
        html = client.get(address(Brand, "changelist") + query).content.decode()
        links = html.split('<nav class="toplinks">')[1].split("</nav>")[0]
        titles = {text: link for link, text in re.findall('href="([^"]*)">([^<]*)<', links)}
        return list(titles), titles[title].replace("&amp;", "&")

    years, year = follow("", "2026")
    months, month = follow(year, "February 2026")
    days, day = follow(month, "28 February")

    assert years == ["2025", "2026"]
    assert months == ["January 2026", "February 2026"]
    assert days[-1] == "28 February" and len(days) == 28
    found = client.get(address(Brand, "changelist") + day).context["cl"]
    assert [row.pk for row in found.result_list] == [new.pk]


# --- Ways from one to the other --------------------------------------------------------------


def test_registration_request_callback_and_line_lead_to_each_other(client, carol, everything):
    client.force_login(carol)
    brand, submission = everything, everything.submissions.get()
    callback = Callback.objects.get()
    entry = callback.entry
    pages = {
        name: client.get(address(type(row), "change", row.pk)).content.decode()
        for name, row in [
            ("brand", brand), ("submission", submission), ("entry", entry), ("callback", callback)
        ]
    }  # fmt: skip
    of_it = f"submission__id__exact={submission.pk}"
    to = {
        "page": brand.get_absolute_url(),
        "brand": address(Brand, "change", brand.pk),
        "submission": address(Submission, "change", submission.pk),
        "entry": address(AuditEntry, "change", entry.pk),
        "callback": address(Callback, "change", callback.pk),
        "callback's page": reverse("callback", args=[callback.pk]),
        "its requests": f"{address(Submission, 'changelist')}?q={brand.reference}",
        "its callbacks": f"{address(Callback, 'changelist')}?q={brand.reference}",
        "its trail": f"{address(AuditEntry, 'changelist')}?q={brand.reference}",
        "callbacks of it": f"{address(Callback, 'changelist')}?{of_it}",
        "lines of it": f"{address(AuditEntry, 'changelist')}?{of_it}",
    }
    ways = {
        "brand": ["page", "submission", "entry", "its requests", "its callbacks", "its trail"],
        "submission": ["page", "brand", "callbacks of it", "lines of it"],
        "entry": ["page", "brand", "submission", "callback"],
        "callback": ["page", "callback's page", "submission", "entry"],
    }

    missing = [
        (page, target)
        for page, targets in ways.items()
        for target in targets
        if f'href="{to[target]}"' not in pages[page]
    ]

    assert missing == []
    for name in ("its requests", "its callbacks", "its trail", "callbacks of it", "lines of it"):
        assert client.get(to[name]).context["cl"].result_count >= 1, name


def test_a_tax_id_is_masked_and_revealed_only_on_its_page(client, carol, everything):
    client.force_login(carol)

    page = client.get(address(Brand, "change", everything.pk)).content.decode()

    assert "•••••6780" in page
    assert f'<a href="{everything.get_absolute_url()}">Reveal on its page</a>' in page


def test_what_people_type_is_shown_as_text(client, carol, make_brand):
    brand = make_brand(name='"><img src=x onerror=alert(1)>', company_name="<img src=x> Inc.")
    client.force_login(carol)

    for page in (address(Brand, "changelist"), address(Brand, "change", brand.pk)):
        html = client.get(page).content.decode()
        assert "<img src=x" not in html
        assert "&lt;img src=x" in html


# --- Acting ----------------------------------------------------------------------------------


def act(client, model, action, *rows, **more):
    chosen = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return client.post(address(model, "changelist"), chosen, follow=True)


def test_several_are_approved_and_each_refusal_is_told(client, alice, carol, make_brand):
    asked, draft = make_brand(), make_brand(name="Never sent for review")
    actions.send_for_review(asked, by=alice)
    client.force_login(carol)

    page = act(client, Brand, "approve", asked, draft).content.decode()

    asked.refresh_from_db()
    draft.refresh_from_db()
    assert (asked.status, draft.status) == (Status.QUEUED, Status.DRAFT)
    assert "Done for 1." in page
    assert draft.reference in page


@pytest.mark.parametrize("person", ["oscar", "audrey", "superuser"])
def test_only_compliance_approves_here_too(request, client, alice, draft_brand, person):
    actions.send_for_review(draft_brand, by=alice)
    client.force_login(request.getfixturevalue(person))

    response = act(client, Brand, "approve", draft_brand)

    draft_brand.refresh_from_db()
    assert response.status_code == 403
    assert draft_brand.status == Status.IN_REVIEW


def test_who_asks_plivo_now_makes_a_look_up_due(client, oscar, registered_brand):
    client.force_login(oscar)

    act(client, Brand, "ask_plivo_now", registered_brand)

    registered_brand.refresh_from_db()
    assert registered_brand.lookup_due_at is not None


def test_what_is_chosen_or_all_that_is_filtered_is_exported_without_formulas(
    client, audrey, make_brand
):
    make_brand(name="Other")
    wanted = make_brand(name="=1+1")
    client.force_login(audrey)

    chosen = act(client, Brand, "export", wanted)
    filtered = client.post(
        f"{address(Brand, 'changelist')}?q=Acme",
        {"action": "export", "select_across": 1, "_selected_action": [wanted.pk]},
    )

    (row,) = csv.DictReader(io.StringIO(_text(chosen)))
    assert (row["Reference"], row["Name"]) == (wanted.reference, "'=1+1")
    assert len(list(csv.DictReader(io.StringIO(_text(filtered))))) == 2
    assert SecurityEvent.objects.filter(deed=Deed.EXPORTED, user=audrey).count() == 2


@pytest.mark.parametrize("model", EVIDENCE, ids=lambda model: model.__name__)
def test_evidence_is_exported_as_it_is_listed(client, oscar, everything, model):
    client.force_login(oscar)

    text = _text(act(client, model, "export", *model.objects.all()))

    assert len(list(csv.reader(io.StringIO(text)))) >= 2
    assert "<" not in text


def _text(response):
    assert response.status_code == 200
    return b"".join(response.streaming_content).decode("utf-8-sig")


def test_an_operator_adds_a_token_and_never_sees_it_again(client, oscar, account):
    client.force_login(oscar)
    url = f"/admin/registrations/plivoaccount/{account.pk}/change/"
    page = client.get(url).content.decode()
    token = account.tokens.get()

    response = client.post(
        url,
        {
            "auth_id": account.auth_id,
            "name": "Main",
            "main_account": "",
            "tokens-TOTAL_FORMS": 2,
            "tokens-INITIAL_FORMS": 1,
            "tokens-0-id": token.pk,
            "tokens-0-account": account.pk,
            "tokens-0-active_from": "2026-01-01T00:00:00",
            "tokens-1-account": account.pk,
            "tokens-1-token": "the-next-token-of-this-account",
            "tokens-1-active_from": "2026-01-02T00:00:00",
        },
    )

    assert response.status_code == 302, response.content.decode()
    assert token.token not in page
    token.refresh_from_db()
    assert SecurityEvent.objects.get(deed=Deed.TOKENS_CHANGED).user == oscar
    assert set(account.live_tokens()) == {token.token, "the-next-token-of-this-account"}


@pytest.mark.parametrize("way", ["from the list", "on its page"])
def test_an_operator_pauses_and_resumes_an_account(client, oscar, account, way):
    client.force_login(oscar)

    def press(what):
        if way == "from the list":
            return act(client, PlivoAccount, what, account)
        form = {"auth_id": account.auth_id, "name": "Main", "main_account": "",
                "tokens-TOTAL_FORMS": 0, "tokens-INITIAL_FORMS": 0, f"_{what}": "1"}  # fmt: skip
        return client.post(address(PlivoAccount, "change", account.pk), form, follow=True)

    press("pause")
    account.refresh_from_db()
    paused_at, why = account.paused_at, account.pause_reason
    press("resume")
    account.refresh_from_db()

    assert paused_at is not None
    assert why == "Paused by oscar."
    assert account.paused_at is None
    assert SecurityEvent.objects.get(deed=Deed.ACCOUNT_PAUSED).user == oscar
    assert SecurityEvent.objects.get(deed=Deed.ACCOUNT_RESUMED).user == oscar


def test_who_belongs_to_an_organization_is_shown_and_changed_elsewhere(
    client, oscar, acme, alice, bob
):
    client.force_login(oscar)
    url = address(Organization, "change", acme.pk)

    client.post(url, {"name": "Acme Incorporated", "members": [bob.pk]})

    acme.refresh_from_db()
    assert acme.name == "Acme Incorporated"
    assert list(acme.members.all()) == [alice]
    assert "alice" in client.get(url).content.decode()


# --- The look --------------------------------------------------------------------------------


def test_the_first_page_tells_what_everything_is_for(client, oscar):
    client.force_login(oscar)

    page = client.get("/admin/").content.decode()

    for model in MODELS:
        shown_by = admin.site.get_model_admin(model)
        assert shown_by.purpose, model
        assert shown_by.purpose in page
    for part in ("What is registered", "What happened", "What operators look after"):
        assert part in page


@pytest.mark.parametrize("theme", ["", "dark"])
def test_the_admin_wears_the_portals_look_and_leads_back(client, carol, draft_brand, theme):
    client.force_login(carol)
    session = client.session
    session["theme"] = theme
    session.save()
    pages = ["/admin/", address(Brand, "changelist"), address(Brand, "change", draft_brand.pk)]

    for page in pages:
        html = client.get(page).content.decode()
        assert "admin-look.css" in html
        assert f'<meta name="color-scheme" content="{theme or "light dark"}">' in html
        assert 'class="brandmark" href="/"' in html
        assert "sandbox" in html
        assert "<style" not in html
        assert " style=" not in html
        assert "onclick" not in html
