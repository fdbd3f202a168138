"""A CSV file becomes drafts, and comes back with what became of each row."""

import csv
import io

import pytest
from django.db import DatabaseError
from hypothesis import given
from hypothesis import strategies as st

from registrations import actions
from registrations.importing import (
    LARGEST_FILE,
    LAYOUTS,
    MOST_ROWS,
    Import,
    Result,
    Unreadable,
    answered,
    counted,
)
from registrations.importing.files import write
from registrations.models import Brand, Campaign, Organization, PlivoAccount
from tests.conftest import BRAND, CAMPAIGN

pytestmark = pytest.mark.django_db

CAMPAIGN_ROW = {
    name: str(value).lower() if isinstance(value, bool) else value
    for name, value in CAMPAIGN.items()
}


def csv_of(*rows, delimiter=","):
    """A file whose first line names every column that any of these rows fills."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, names, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def read(data, model=Brand):
    return LAYOUTS[model].read(data.encode() if isinstance(data, str) else data)


@pytest.fixture
def take(account, acme, alice):
    """Import these bytes for Acme as alice; answers the outcomes and the answered file."""

    def take(data, model=Brand, *, really=True, by=alice, organization=acme, send=False):
        table = read(data, model)
        wanted = Import(table, model, organization, by=by, send=send)
        outcomes = wanted.carry_out() if really else wanted.outcomes
        return outcomes, answered(table, outcomes)

    return take


def results(outcomes):
    return [outcome.result.value for outcome in outcomes]


def said_of(outcome, field):
    return " ".join(found.message for found in outcome.reasons if found.field == field)


# --- What becomes of a row ---------------------------------------------------------------------


def test_a_good_row_becomes_a_draft_with_every_field(take, acme, alice):
    [outcome], _ = take(csv_of({**BRAND, "external_id": "shop-42"}))

    brand = Brand.objects.get()
    assert outcome.result == Result.CREATED
    assert (brand.status, brand.organization, brand.created_by) == ("draft", acme, alice)
    assert brand.external_id == "shop-42"
    assert {name: getattr(brand, name) for name in BRAND} == BRAND
    assert outcome.registration == brand


def test_an_imported_draft_begins_its_trail_like_any_other(take, alice):
    [outcome], _ = take(csv_of(BRAND))

    entry = outcome.registration.trail.get()
    assert (entry.to_status, entry.user) == ("draft", alice)


def test_an_empty_cell_is_as_the_form_begins(take):
    take(csv_of({**BRAND, "country": "", "customer_type": "", "doing_business_as": ""}))

    brand = Brand.objects.get()
    assert (brand.country, brand.customer_type, brand.doing_business_as) == ("US", "DIRECT", "")


def test_columns_may_be_left_out_and_stand_in_any_order(take):
    outcomes, _ = take("Entity_Type, NAME \nPRIVATE,Acme\n")

    assert results(outcomes) == ["created"]
    assert Brand.objects.get().name == "Acme"


def test_a_row_that_does_not_fit_is_refused_and_hinders_no_other(take):
    bad = {**BRAND, "entity_type": "Company", "name": "x" * 61}

    outcomes, answer = take(csv_of(bad, BRAND))

    assert results(outcomes) == ["refused", "created"]
    assert Brand.objects.count() == 1
    first, second = rows_of(answer)
    assert first["reasons"].splitlines() == [
        "name: Ensure this value has at most 60 characters (it has 61). [block max_length]",
        "entity_type: This is not one of the choices. Write one of: PRIVATE, PUBLIC, NON_PROFIT, "
        "GOVERNMENT, INDIVIDUAL. [block invalid_choice]",
    ]
    assert second["result"] == "created"


def test_what_carriers_would_refuse_hinders_no_draft_but_is_told(take):
    [outcome], answer = take(csv_of({**BRAND, "ein": "123"}))

    assert outcome.result == Result.CREATED
    assert "[block " in rows_of(answer)[0]["reasons"]
    assert any(found.field == "ein" for found in outcome.reasons)


def test_the_findings_are_those_of_the_page(take):
    [outcome], _ = take(csv_of({**BRAND, "website": "", "ein": "1"}))

    assert outcome.reasons == actions.findings_about(Brand.objects.get())


def test_a_check_saves_nothing_and_finds_the_same(take):
    rows = csv_of(BRAND, {**BRAND, "entity_type": "Company"}, {**BRAND, "ein": "1"})

    checked, _ = take(rows, really=False)
    assert not Brand.objects.exists()
    made, _ = take(rows)

    assert results(checked) == ["would_be_created", "refused", "would_be_created"]
    assert [outcome.reasons for outcome in checked] == [outcome.reasons for outcome in made]


@pytest.mark.parametrize(
    ("word", "value"),
    [("true", True), ("YES", True), ("1", True), ("false", False), ("No", False), ("0", False)],
)
def test_yes_and_no_are_written_in_several_ways(take, word, value):
    take(csv_of({**BRAND, "secondary_vetting": word}))

    assert Brand.objects.get().secondary_vetting is value


def test_a_word_that_is_neither_yes_nor_no_is_refused(take):
    [outcome], _ = take(csv_of({**BRAND, "secondary_vetting": "maybe"}))

    assert outcome.result == Result.REFUSED
    assert said_of(outcome, "secondary_vetting") == "This is neither yes nor no."


# --- Names of their own ------------------------------------------------------------------------


def test_a_second_import_makes_nothing_twice(take):
    data = csv_of({**BRAND, "external_id": "a"}, {**BRAND, "external_id": "b"})
    take(data)

    outcomes, answer = take(data)

    assert results(outcomes) == ["already_here", "already_here"]
    assert Brand.objects.count() == 2
    assert Brand.objects.get(external_id="a").reference in rows_of(answer)[0]["reasons"]


def test_without_external_ids_it_makes_everything_twice_as_the_page_says(take):
    take(csv_of(BRAND))
    take(csv_of(BRAND))

    assert Brand.objects.count() == 2


@pytest.mark.parametrize("really", [True, False], ids=["import", "check"])
def test_of_two_rows_with_one_external_id_the_first_counts(take, really):
    row = {**BRAND, "external_id": "a"}

    outcomes, _ = take(csv_of(row, row), really=really)

    assert outcomes[1].result == Result.ALREADY_HERE
    assert Brand.objects.count() == really


def test_another_company_may_use_the_same_external_id(take, bob, globex):
    data = csv_of({**BRAND, "external_id": "a"})
    take(data, by=bob, organization=globex)

    outcomes, _ = take(data)

    assert results(outcomes) == ["created"]


def test_somebody_who_imports_the_same_at_the_same_moment_doubles_nothing(account, acme, alice):
    table = read(csv_of({**BRAND, "external_id": "a"}))
    slow = Import(table, Brand, acme, by=alice)
    Import(table, Brand, acme, by=alice).carry_out()

    [outcome] = slow.carry_out()

    assert outcome.result == Result.ALREADY_HERE
    assert outcome.registration == Brand.objects.get()


@pytest.mark.parametrize("name", ["x" * 101, "a\nb", "a\u202eb"])
def test_an_external_id_is_one_short_line(take, name):
    [outcome], _ = take(csv_of({**BRAND, "external_id": name}))

    assert outcome.result == Result.REFUSED
    assert said_of(outcome, "external_id")


def test_a_row_that_the_database_will_not_have_hinders_no_other(take, monkeypatch):
    save = Brand.save

    def save_unless_odd(self, *args, **kwargs):
        if self.name == "Odd":
            raise DatabaseError("no")
        save(self, *args, **kwargs)

    monkeypatch.setattr(Brand, "save", save_unless_odd)

    outcomes, _ = take(csv_of({**BRAND, "name": "Odd"}, BRAND))

    assert results(outcomes) == ["refused", "created"]
    assert "could not be saved" in said_of(outcomes[0], "")


# --- Sending for review ------------------------------------------------------------------------


def test_what_nothing_stands_against_is_sent_for_review(take):
    outcomes, _ = take(csv_of(BRAND, {**BRAND, "ein": "1"}), send=True)

    assert results(outcomes) == ["sent_for_review", "created"]
    assert [one.registration.status for one in outcomes] == ["in_review", "draft"]


def test_only_marketers_send_for_review(take, carol):
    with pytest.raises(actions.NotAllowed, match="Marketers send"):
        take(csv_of(BRAND), by=carol, send=True)

    assert not Brand.objects.exists()


def test_compliance_imports_drafts(take, carol):
    outcomes, _ = take(csv_of(BRAND), by=carol)

    assert results(outcomes) == ["created"]


@pytest.mark.parametrize("name", ["audrey", "oscar"])
def test_whoever_writes_no_drafts_imports_none(take, request, name):
    with pytest.raises(actions.NotAllowed):
        take(csv_of(BRAND), by=request.getfixturevalue(name))


def test_nobody_imports_for_a_company_that_is_not_hers(take, bob):
    with pytest.raises(actions.NotAllowed):
        take(csv_of(BRAND), by=bob)


def test_a_member_of_several_companies_imports_for_the_one_she_means(take, alice, globex):
    globex.members.add(alice)

    take(csv_of(BRAND), organization=globex)

    assert Brand.objects.get().organization == globex


def test_of_several_accounts_one_is_named(take, account):
    other = PlivoAccount.objects.create(auth_id="MAOTHER0000000000000")

    outcomes, _ = take(
        csv_of(
            {**BRAND, "account": other.auth_id},
            {**BRAND, "account": ""},
            {**BRAND, "account": "MANOBODY"},
        )
    )

    assert results(outcomes) == ["created", "refused", "refused"]
    assert Brand.objects.get().account == other
    assert said_of(outcomes[1], "account") == "This cannot be left empty."
    assert said_of(outcomes[2], "account") == "There is no such Plivo account."


def test_an_account_that_does_not_exist_is_not_passed_over_where_there_is_one(take):
    [outcome], _ = take(csv_of({**BRAND, "account": "MANOBODY"}))

    assert outcome.result == Result.REFUSED


# --- Campaigns ---------------------------------------------------------------------------------


def test_a_campaign_names_its_brand_by_reference(take, draft_brand):
    row = {**CAMPAIGN_ROW, "brand": draft_brand.reference.lower()}

    outcomes, _ = take(csv_of(row), Campaign)

    campaign = Campaign.objects.get()
    assert results(outcomes) == ["created"]
    assert (campaign.brand, campaign.account) == (draft_brand, draft_brand.account)
    assert {name: getattr(campaign, name) for name in CAMPAIGN} == CAMPAIGN


def test_a_campaign_names_its_brand_as_its_own_program_does(take):
    take(csv_of({**BRAND, "external_id": "shop-42"}))

    take(csv_of({**CAMPAIGN_ROW, "brand_external_id": "shop-42"}), Campaign)

    assert Campaign.objects.get().brand.external_id == "shop-42"


@pytest.mark.parametrize(
    "named",
    [{"brand": ""}, {"brand": "BR-NOWHERE"}, {"brand_external_id": "nobody"}],
    ids=["empty", "reference", "external id"],
)
def test_a_campaign_of_no_brand_is_refused(take, named):
    [outcome], _ = take(csv_of({**CAMPAIGN_ROW, **named}), Campaign)

    assert outcome.result == Result.REFUSED
    assert said_of(outcome, "brand") == "Acme Inc. has no such brand."


def test_the_brand_of_another_company_does_not_exist(take, draft_brand, bob, globex):
    row = {**CAMPAIGN_ROW, "brand": draft_brand.reference}

    outcomes, _ = take(csv_of(row), Campaign, by=bob, organization=globex)

    assert results(outcomes) == ["refused"]


def test_a_campaign_goes_to_the_company_that_was_chosen_and_to_no_other(take, carol, make_brand):
    brand, other = make_brand(), Organization.objects.create(name="Initech")
    row = {**CAMPAIGN_ROW, "brand": brand.reference}

    outcomes, _ = take(csv_of(row), Campaign, by=carol, organization=other)

    assert results(outcomes) == ["refused"]


def test_a_brand_that_is_named_in_two_ways_is_one_brand(take, draft_brand, make_brand, alice):
    actions.give_external_id(make_brand(), "other", by=alice)
    row = {**CAMPAIGN_ROW, "brand": draft_brand.reference, "brand_external_id": "other"}

    outcomes, _ = take(csv_of(row), Campaign)

    assert results(outcomes) == ["refused"]


@pytest.mark.parametrize("cell", ["2FA|DELIVERY_NOTIFICATION", "2FA DELIVERY_NOTIFICATION "])
def test_kinds_of_messages_stand_between_bars_or_blanks(take, draft_brand, cell):
    row = {**CAMPAIGN_ROW, "brand": draft_brand.reference, "usecase": "MIXED"}

    take(csv_of({**row, "sub_usecases": cell}), Campaign)

    assert Campaign.objects.get().sub_usecases == ["2FA", "DELIVERY_NOTIFICATION"]


def test_an_unknown_kind_of_messages_is_refused_with_those_that_are_known(take, draft_brand):
    row = {**CAMPAIGN_ROW, "brand": draft_brand.reference, "sub_usecases": "2FA|NEWS"}

    [outcome], _ = take(csv_of(row), Campaign)

    [found] = outcome.reasons
    assert found.field == "sub_usecases"
    assert "DELIVERY_NOTIFICATION" in found.remedy


# --- The answer --------------------------------------------------------------------------------


def test_the_answer_is_the_same_file_with_two_more_columns(take):
    data = '\ufeffName;entity_type;"ein"\r\n"Acme; Shoes\nLtd";PRIVATE;12-3456780\r\nB;PRIVATE;\r\n'

    _, answer = take(data)

    lines = list(csv.reader(io.StringIO(answer.removeprefix("\ufeff"), newline=""), delimiter=";"))
    assert lines[0] == ["Name", "entity_type", "ein", "result", "reasons"]
    assert [line[:3] for line in lines[1:]] == [
        ["Acme; Shoes\nLtd", "PRIVATE", "12-3456780"],
        ["B", "PRIVATE", ""],
    ]
    assert [line[3] for line in lines[1:]] == ["refused", "created"]


def test_the_answer_can_be_corrected_and_given_again(take):
    _, answer = take(csv_of({**BRAND, "external_id": "a"}, {**BRAND, "entity_type": "Company"}))

    outcomes, again = take(answer.replace("Company", "PRIVATE"))

    assert results(outcomes) == ["already_here", "created"]
    assert list(rows_of(again)[0]) == list(rows_of(answer)[0])


def test_no_formula_of_anybody_is_calculated_and_a_second_round_changes_nothing(take):
    odd = {"name": '=HYPERLINK("http://example.com")', "entity_type": "PRIVATE"}
    odd |= {"contact_phone": "+1 415 555 0101", "city": "'=1", "state": "-1"}

    _, answer = take(csv_of(odd))
    _, again = take(answer)

    row = rows_of(answer)[0]
    assert row["name"] == '\'=HYPERLINK("http://example.com")'
    assert row["contact_phone"] == "'+1 415 555 0101"
    assert {**rows_of(again)[0], "reasons": ""} == {**row, "reasons": ""}
    one, two = Brand.objects.order_by("pk")
    assert one.name == two.name == '=HYPERLINK("http://example.com")'
    assert one.contact_phone == two.contact_phone == "+14155550101"


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), min_size=1
    )
)
def test_whatever_stands_in_a_cell_comes_back_from_an_answer(cells):
    rows = [[cell, "PRIVATE"] for cell in cells]

    table = read(write(["name", "entity_type"], rows))

    assert [line.cells["name"] for line in table.lines] == cells


def test_rows_are_numbered_as_a_spreadsheet_does_also_in_an_answer(take):
    data = csv_of({**BRAND, "city": "San\nFrancisco"}, {**BRAND, "ein": "1"}, BRAND)

    first, answer = take(data, really=False)
    again, _ = take(answer, really=False)

    for outcomes in (first, again):
        assert [outcome.line.number for outcome in outcomes] == [2, 3, 4]


def test_rows_are_counted_by_their_results(take):
    outcomes, _ = take(csv_of(BRAND, BRAND, {**BRAND, "name": ""}))

    assert counted(outcomes) == {Result.CREATED: 2, Result.REFUSED: 1}


@pytest.mark.parametrize("model", [Brand, Campaign])
def test_the_template_can_be_imported_as_it_is(take, model):
    for each in dict.fromkeys([Brand, model]):
        outcomes, answer = take(LAYOUTS[each].template, each)

    assert results(outcomes) == ["created"]
    # A campaign waits for its brand, which nothing in a file can mend.
    blocking = [one.rule for one in outcomes[0].reasons if one.severity == "block"]
    assert blocking == ([] if model is Brand else ["CP-BRAND-READY"])


# --- Hostile files -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "The file is empty"),
        (b"name,entity_type\n", "no row below its headings"),
        (b"Acme,PRIVATE\nGlobex,PRIVATE\n", "names no column that is known"),
        (b"name,entity_type,websight\nA,PRIVATE,x\n", "Column 3, “websight”.*“website”"),
        (b"name,entity_type,frobnicate\nA,PRIVATE,x\n", "Column 3, “frobnicate”, is not known"),
        (b"name,entity_type,Name\nA,PRIVATE,x\n", "Column 3 is “name”, as column 1 is"),
        (b"name,entity_type,\nA,PRIVATE,x\n", "Column 3 has no heading"),
        (b"name,ein\nA,1\n", "The column “entity_type” is missing"),
        (b"name,entity_type\nA,PRIVATE,x\n", "line 2 has 3 cells for 2 columns"),
        (b'name,entity_type\nA,PRIVATE\n"B,PRIVATE\nC,PRIVATE\n', "begins on line 3 is no CSV"),
        (b'name,entity_type\n"A"x,PRIVATE\n', "begins on line 2 is no CSV"),
        (b"name,entity_type\nA,PRIVATE\nA\x00,PRIVATE\n", "Line 3 holds a NUL"),
        ("name,entity_type\nA,PRIVATE\nGrün,PRIVATE\n".encode("latin-1"), "Line 3 is not UTF-8"),
        ("name,entity_type\nA,PRIVATE\n".encode("utf-16"), "Line 1 is not UTF-8"),
        (b"PK\x03\x04rest", "a workbook of a spreadsheet program"),
        (b"name,entity_type\n" + b"A,PRIVATE\n" * 1001, "more than 1,000 rows"),
        (b"name,entity_type\n" + b"x" * LARGEST_FILE, "larger than 5 MB"),
        (b"name,entity_type\n" + b"x" * 200_000 + b",PRIVATE\n", "field larger than field limit"),
        (b"=cmd|' /C calc'!A0,name,entity_type\n1,A,PRIVATE\n", "Column 1, “=cmd"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole_with_the_place_and_the_remedy(data, said):
    with pytest.raises(Unreadable, match=said) as refusal:
        read(data)

    assert len(str(refusal.value)) < 400


def test_a_campaign_file_without_any_column_of_the_brand_is_refused_whole():
    with pytest.raises(Unreadable, match="“brand” or “brand_external_id” is missing"):
        read("name,usecase\nA,2FA\n", Campaign)


def test_a_thousand_rows_are_read():
    assert len(read("name,entity_type\n" + "A,PRIVATE\n" * MOST_ROWS).lines) == MOST_ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_the_delimiter_and_the_line_ends_are_found(delimiter, end):
    lines = ["entity_type,name", "PRIVATE,Acme", "", "PUBLIC,Globex"]

    table = read(end.join(lines).replace(",", delimiter))

    assert [line.cells["name"] for line in table.lines] == ["Acme", "Globex"]
    assert [line.number for line in table.lines] == [2, 4]


def test_a_text_of_64_kib_is_refused_in_its_row_and_not_repeated(take):
    outcomes, _ = take(csv_of({**BRAND, "city": "x" * 65536}, BRAND))

    assert results(outcomes) == ["refused", "created"]
    assert len(said_of(outcomes[0], "city")) < 200


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\x07", "\x7f"])
def test_signs_that_cannot_be_seen_are_refused_in_their_row(take, sign):
    [outcome], answer = take(csv_of({**BRAND, "name": f"Acme{sign}cni"}))

    assert outcome.result == Result.REFUSED
    assert "cannot be seen" in said_of(outcome, "name")
    assert rows_of(answer)[0]["name"] == f"Acme{sign}cni"
