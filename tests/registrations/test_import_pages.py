"""Importing on the pages: check, import, take the answer along; nothing is imported by looking."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from registrations.importing import LARGEST_FILE, LAYOUTS
from registrations.models import Brand, Campaign
from registrations.views import importing
from tests.conftest import BRAND
from tests.registrations.test_importing import csv_of, rows_of

pytestmark = pytest.mark.django_db

BRANDS = "/import/brands/"
ANSWER = "/import/answer.csv"


@pytest.fixture(autouse=True)
def the_account(account):
    """There is one account at Plivo, and nobody need name it."""


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def give(as_alice, acme):
    """Send the form of the page, as alice."""

    def give(intent="import", address=BRANDS, **fields):
        return as_alice.post(address, {"organization": acme.pk, "intent": intent, **fields})

    return give


def file_of(data):
    return SimpleUploadedFile("brands.csv", data, content_type="text/csv")


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def carried(answer):
    """What the result's form would send."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.content.decode()))


def test_an_uploaded_file_becomes_drafts_and_each_row_leads_to_its_own(give):
    answer = give(file=file_of(csv_of(BRAND, {**BRAND, "name": ""})))

    brand = Brand.objects.get()
    assert answer.status_code == 200
    assert f'href="{brand.get_absolute_url()}"' in answer.content.decode()
    assert "1 created" in text_of(answer)
    assert "1 refused" in text_of(answer)
    assert "This cannot be left empty." in text_of(answer)


def test_a_pasted_text_is_as_good_as_a_file(give):
    give(text=csv_of({**BRAND, "external_id": "a"}).decode())

    assert Brand.objects.get().external_id == "a"


def test_a_check_changes_nothing(give):
    answer = give("check", file=file_of(csv_of(BRAND)))

    assert "1 would be created" in text_of(answer)
    assert not Brand.objects.exists()


def test_what_was_checked_is_imported_with_one_click(give, as_alice):
    checked = give("check", file=file_of(csv_of(BRAND)))

    answer = as_alice.post(BRANDS, {**carried(checked), "intent": "import"})

    assert "1 created" in text_of(answer)
    assert Brand.objects.get().name == BRAND["name"]


def test_what_was_checked_to_be_sent_is_sent(give, as_alice):
    checked = give("check", file=file_of(csv_of(BRAND)), send="on")

    as_alice.post(BRANDS, {**carried(checked), "intent": "import"})

    assert Brand.objects.get().status == "in_review"


def test_the_answer_comes_as_a_file_and_imports_nothing(give, as_alice):
    page = give(file=file_of(csv_of(BRAND, {**BRAND, "entity_type": "Company"})))

    answer = as_alice.post(ANSWER, carried(page))

    assert answer["Content-Disposition"] == 'attachment; filename="brands-answer.csv"'
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = rows_of(answer.content.decode())
    assert [row["result"] for row in rows] == ["created", "refused"]
    assert Brand.objects.count() == 1


def test_the_answer_may_be_corrected_and_uploaded(give, as_alice):
    page = give(file=file_of(csv_of({**BRAND, "entity_type": "Company"})))
    answer = as_alice.post(ANSWER, carried(page))

    give(file=file_of(answer.content.replace(b"Company", b"PRIVATE")))

    assert Brand.objects.get().entity_type == "PRIVATE"


def test_nobody_is_given_what_a_page_did_not_carry_for_her(give, client, bob):
    page = give(file=file_of(csv_of(BRAND)))
    client.force_login(bob)

    assert client.post(ANSWER, carried(page)).status_code == 404
    assert client.post(ANSWER, {"answer": "name,result\n"}).status_code == 404
    assert client.get(ANSWER).status_code == 405


@pytest.mark.parametrize("whose", ["carol's", "forged", "old"])
def test_only_a_fresh_check_of_ones_own_is_imported(give, client, alice, carol, acme, whose):
    client.force_login(carol if whose == "carol's" else alice)
    checked = carried(give("check", file=file_of(csv_of(BRAND))))
    if whose == "forged":
        checked["answer"] = checked["answer"].swapcase()
    days = 2 if whose == "old" else 0

    with time_machine.travel(timezone.now() + timedelta(days=days)):
        client.force_login(alice)
        answer = client.post(BRANDS, {**checked, "intent": "import"})

    assert "not at hand any more" in text_of(answer)
    assert not Brand.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose a file, or paste one below."),
        ({"text": "name,websight\nA,x\n"}, "Did you mean “website”?"),
        ({"text": "name\nA\n"}, "The column “entity_type” is missing."),
        ({"file": file_of(b"\xff\xfe")}, "Line 1 is not UTF-8"),
        ({"file": file_of(b"")}, "The file is empty."),
        ({"file": file_of(b"x" * (LARGEST_FILE + 1))}, "The file is larger than 5 MB."),
        ({"file": file_of(b"name\nA\n"), "text": "name\nA\n"}, "not both"),
    ],
)
def test_a_file_that_cannot_be_read_is_explained_beside_its_field(give, fields, said):
    for one in fields.values():
        if hasattr(one, "seek"):
            one.seek(0)

    answer = give(**fields)

    assert said in text_of(answer)
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not Brand.objects.exists()


def test_nobody_imports_for_a_company_that_is_not_hers(give, globex):
    answer = give(organization=globex.pk, text=csv_of(BRAND).decode())

    assert answer.status_code == 200
    assert not Brand.objects.exists()


def test_a_member_of_several_companies_is_asked_for_which(as_alice, alice, acme, globex):
    assert 'type="hidden" name="organization"' in as_alice.get(BRANDS).content.decode()

    globex.members.add(alice)

    assert '<select name="organization"' in as_alice.get(BRANDS).content.decode()


def test_compliance_is_not_offered_to_send_for_review(client, carol):
    client.force_login(carol)

    assert 'name="send"' not in client.get(BRANDS).content.decode()


@pytest.mark.parametrize("name", ["audrey", "oscar"])
@pytest.mark.parametrize("address", [BRANDS, f"{BRANDS}template.csv"])
def test_whoever_writes_no_drafts_imports_none(client, request, name, address):
    client.force_login(request.getfixturevalue(name))

    assert client.get(address).status_code == 403


@pytest.mark.parametrize(("section", "model"), [("brands", Brand), ("campaigns", Campaign)])
def test_the_template_has_every_column_and_the_page_tells_of_each(as_alice, section, model):
    page = as_alice.get(f"/import/{section}/")
    template = as_alice.get(f"/import/{section}/template.csv")

    assert template["Content-Disposition"] == f'attachment; filename="{section}-template.csv"'
    [example] = rows_of(template.content.decode())
    assert list(example) == LAYOUTS[model].names
    for name in LAYOUTS[model].names:
        assert f"<code>{name}</code>" in page.content.decode()


@pytest.mark.parametrize("section", ["brands", "campaigns"])
def test_the_lists_lead_to_the_import(as_alice, section):
    assert f'href="/import/{section}/"' in as_alice.get(f"/{section}/").content.decode()


def test_the_list_of_numbers_does_not(as_alice):
    assert "/import/" not in as_alice.get("/numbers/").content.decode()


def test_whoever_writes_no_drafts_is_not_led_there(client, audrey):
    client.force_login(audrey)

    assert "/import/" not in client.get("/brands/").content.decode()


def test_of_a_large_file_the_page_shows_what_needs_somebody_first(give, as_alice, monkeypatch):
    monkeypatch.setattr(importing, "MOST_SHOWN", 2)
    rows = [BRAND, BRAND, {**BRAND, "name": ""}]

    page = give("check", file=file_of(csv_of(*rows)))

    shown = [outcome.line.number for outcome, _ in page.context["rows"]]
    assert shown == [4, 2]
    assert "The other 1 stand in the answer." in text_of(page)
    assert len(rows_of(as_alice.post(ANSWER, carried(page)).content.decode())) == 3


def test_an_answer_that_no_page_can_carry_is_told_and_the_rows_are_imported(give, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = importing.ROOM_FOR_THE_REST

    page = give(file=file_of(csv_of(BRAND)))

    assert Brand.objects.exists()
    assert "too large for a page to carry" in text_of(page)
    assert "answer" not in carried(page)


def test_markup_in_a_row_is_shown_as_text(give):
    page = give("check", file=file_of(csv_of({**BRAND, "name": "<script>alert(1)</script>"})))

    assert "<script>alert(1)" not in page.content.decode()
    assert "&lt;script&gt;alert(1)" in page.content.decode()
