"""Lists of registrations: filters in the address, pages by position, and files to take along."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from registrations import actions
from registrations.models import Brand, Campaign, Deed, NumberLink, SecurityEvent, Submission
from tests.conftest import CAMPAIGN

pytestmark = pytest.mark.django_db

LISTS = ["/brands/", "/campaigns/", "/numbers/"]


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def as_carol(client, carol):
    client.force_login(carol)
    return client


@pytest.fixture
def shown(client):
    """The references that stand in the list of this address, in their order."""

    def shown(address, **query):
        response = client.get(address, query, follow=True)
        assert response.status_code == 200
        return [row.reference for row in response.context["page"].rows]

    return shown


@pytest.fixture
def make_links(account, acme, alice, registered_campaign):
    def make(*numbers, **facts):
        return [
            NumberLink.objects.create(
                organization=acme,
                account=account,
                campaign=registered_campaign,
                number=number,
                created_by=alice,
                **facts,
            )
            for number in numbers
        ]

    return make


def page_of(response):
    return response.content.decode()


# --- Filters ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["findm", "ACME HOLDING", "holding findme", "  Findme ", "bfind01"]
)
def test_a_brand_is_found_by_every_word_of_its_names_and_by_its_ids(
    as_alice, make_brand, shown, typed
):
    brand = make_brand(name="Findme", company_name="Acme Holding Inc.")
    Brand.objects.filter(pk=brand.pk).update(plivo_id="BFIND01")
    make_brand(name="Other")

    assert shown("/brands/", q=typed) == [brand.reference]
    assert shown("/brands/", q=brand.reference.lower()) == [brand.reference]


def test_the_list_searches_and_filters(as_alice, make_brand):
    make_brand(name="Findme")
    other = make_brand(name="Other")

    found = as_alice.get("/brands/?q=findm").content.decode()
    none = as_alice.get("/brands/?status=registered").content.decode()

    assert "Findme" in found and other.reference not in found
    assert "None here" in none


def test_words_of_which_one_is_nowhere_find_nothing(as_alice, make_brand, shown):
    make_brand(name="Findme")

    assert shown("/brands/", q="findme elsewhere") == []


@pytest.mark.parametrize(
    "typed",
    ["+1 (415) 555-0100", "14155550100", "415.555.0100", "415 555 0100",
     "\u202d+1 415-555-0100\u202c", "5550100"],
)  # fmt: skip
def test_a_number_is_found_however_it_is_written(as_alice, make_links, shown, typed):
    wanted, _ = make_links("14155550100", "14155550199")

    assert shown("/numbers/", q=typed) == [wanted.reference]


def test_several_statuses_may_be_asked_for_at_once(as_alice, make_brand, shown):
    draft, rejected, registered = make_brand(), make_brand(), make_brand()
    Brand.objects.filter(pk=rejected.pk).update(status="rejected")
    Brand.objects.filter(pk=registered.pk).update(status="registered")

    found = shown("/brands/?status=draft&status=rejected")

    assert found == [rejected.reference, draft.reference]


def test_what_needs_attention_has_halted_is_in_conflict_was_returned_or_is_undecided(
    as_carol, carol, alice, make_brand, make_links, submit, shown
):
    rejected, conflict, returned, undecided = (make_brand() for _ in range(4))
    make_brand(name="Nothing to do")
    Brand.objects.filter(pk=rejected.pk).update(status="rejected")
    Brand.objects.filter(pk=conflict.pk).update(conflict="Plivo said both.")
    actions.send_for_review(returned, by=alice)
    actions.send_back(returned, by=carol, note="The website is down.")
    submission = submit(undecided)
    Submission.objects.filter(pk=submission.pk).update(state="needs_decision")
    failed, _ = make_links("14155550100", "14155550101")
    NumberLink.objects.filter(pk=failed.pk).update(status="link_failed")

    brands = shown("/brands/", attention="yes")

    assert brands == [b.reference for b in (undecided, returned, conflict, rejected)]
    assert shown("/numbers/", attention="yes") == [failed.reference]


def test_confirmed_is_what_a_look_up_agreed_with_and_reported_what_none_did_yet(
    as_alice, make_brand, registered_brand, shown
):
    reported = make_brand()
    Brand.objects.filter(pk=reported.pk).update(status="registered")
    outdated = make_brand()
    Brand.objects.filter(pk=outdated.pk).update(
        status="rejected", plivo_id="B2", confirmed_status="registered", confirmed_at=timezone.now()
    )
    make_brand(name="A draft, of which Plivo knows nothing")

    assert shown("/brands/", confirmed="yes") == [registered_brand.reference]
    assert shown("/brands/", confirmed="no") == [outdated.reference, reported.reference]


def test_a_line_tells_what_is_only_reported_from_what_is_confirmed(as_alice, make_brand):
    brand = make_brand()
    told = []

    confirmed = {"plivo_id": "B2", "confirmed_status": "registered", "confirmed_at": timezone.now()}
    for facts in ({}, {"status": "registered"}, confirmed):
        Brand.objects.filter(pk=brand.pk).update(**facts)
        page = page_of(as_alice.get("/brands/"))
        told.append(('class="reported"' in page, 'class="confirmed"' in page))

    assert told == [(False, False), (True, False), (False, True)]


def test_conflicts_can_be_asked_for_and_left_out(as_alice, make_brand, shown):
    torn, calm = make_brand(), make_brand()
    Brand.objects.filter(pk=torn.pk).update(conflict="Plivo said both.")

    assert shown("/brands/", conflict="yes") == [torn.reference]
    assert shown("/brands/", conflict="no") == [calm.reference]


def test_campaigns_are_filtered_by_brand_and_use_case_and_numbers_by_campaign(
    as_alice, make_brand, registered_campaign, make_campaign_on, make_links, shown
):
    other = make_campaign_on(make_brand(), usecase="MARKETING")
    (link,) = make_links("14155550100")
    brand, campaign = registered_campaign.brand.reference, registered_campaign.reference

    assert shown("/campaigns/", brand=brand) == [campaign]
    assert shown("/campaigns/", brand=brand.lower()) == [campaign]
    assert shown("/campaigns/", usecase="MARKETING") == [other.reference]
    assert shown("/numbers/", campaign=campaign) == [link.reference]
    assert shown("/numbers/", campaign=other.reference) == []


def test_asked_by_me_are_the_drafts_i_began_and_the_requests_i_made(
    as_carol, carol, alice, account, acme, make_brand, shown
):
    make_brand(name="Alice began it")
    mine = Brand(organization=acme, account=account, name="Carol's", entity_type="PRIVATE")
    actions.draft(mine, by=carol)

    assert shown("/brands/", asked_by="me") == [mine.reference]


def test_a_day_begins_and_ends_on_the_readers_clock(as_alice, make_brand, shown):
    late = make_brand()
    # Half past eleven in the evening of 9 March in New York, already 10 March in London.
    moment = datetime(2026, 3, 10, 3, 30, tzinfo=UTC)
    Brand.objects.filter(pk=late.pk).update(created_at=moment, status_since=moment)
    as_alice.cookies["time_zone"] = "America/New_York"
    in_new_york = [
        shown("/brands/", created_from=day, created_to=day) for day in ("2026-03-09", "2026-03-10")
    ]
    as_alice.cookies["time_zone"] = "Europe/London"
    in_london = [
        shown("/brands/", since_from=day, since_to=day) for day in ("2026-03-09", "2026-03-10")
    ]

    assert in_new_york == [[late.reference], []]
    assert in_london == [[], [late.reference]]


# --- What cannot be asked -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("status=sold", "sold is not one of the available choices"),
        ("confirmed=maybe", "maybe is not one of the available choices"),
        ("conflict=1&conflict=yes&conflict=maybe", "maybe is not one"),
        ("organization=abc", "not one of the available choices"),
        ("organization=99999999999999999999999999", "not one of the available choices"),
        ("account=%00", "Null characters are not allowed."),
        ("created_from=yesterday", "Write the day as 2026-11-25."),
        ("created_from=0001-01-01", "Choose a day after 1989."),
        ("since_to=9999-12-31", "Choose a day before the year 3000."),
        ("created_from=2026-02-02&created_to=2026-02-01", "This day is before the other one."),
        ("q=a%00b", "Null characters are not allowed."),
        ("q=" + "x" * 10_000, "at most 200 characters"),
    ],
)
@pytest.mark.parametrize("path", LISTS)
def test_what_is_malformed_is_said_and_nothing_wrong_is_shown(
    as_alice, make_links, path, query, said
):
    make_links("14155550100")

    response = as_alice.get(f"{path}?{query}")

    assert response.status_code == 200
    assert said in page_of(response)
    assert response.context["page"].rows == []


@pytest.mark.parametrize(
    "reference", ["x", "BR-1", "BR-2F7K3M9\x00", "CA-2F7K3M9Q", "BR-2F7K3M9Q\n1"]
)
def test_a_reference_that_is_none_is_said_beside_the_filter(
    as_alice, registered_campaign, reference
):
    response = as_alice.get("/campaigns/", {"brand": reference})

    assert response.context["page"].rows == []
    assert response.context["wanted"].form.errors["brand"]
    assert response.context["more"]


@pytest.mark.parametrize(
    "name",
    ["brand__organization__members__password__startswith", "organization__members__password",
     "ordering", "order_by", "ein", "ein__startswith", "ein_index", "pk__in", "status__regex",
     "typed", "last_lookup"],
)  # fmt: skip
@pytest.mark.parametrize("path", LISTS)
def test_nothing_else_can_be_filtered_or_ordered_by_and_the_page_says_so(
    as_alice, make_links, path, name
):
    make_links("14155550100", "14155550101")
    plain = as_alice.get(path)

    answer = as_alice.get(path, {name: "a"})

    rows = answer.context["page"].rows
    assert rows == plain.context["page"].rows
    assert rows
    assert f"“{name}” is no filter of this list" in page_of(answer)


def test_an_unknown_name_runs_nowhere(as_alice, registered_brand):
    nasty = '"><script>alert(1)</script>'

    page = page_of(as_alice.get("/brands/", {nasty: "x", "q": nasty, "status": nasty}))

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_a_list_is_only_read(as_alice, method):
    assert getattr(as_alice, method)("/brands/").status_code == 405


# --- Whose rows ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LISTS)
def test_a_foreign_row_is_in_no_list_no_count_no_choice_and_no_file(
    client, bob, acme, make_links, registered_campaign, path
):
    make_links("14155550100")
    client.force_login(bob)

    pages = [client.get(f"{path}{query}") for query in ("", f"?organization={acme.pk}", "?q=0")]
    file = b"".join(client.get(f"{path}export/").streaming_content).decode()

    for page in pages:
        assert page.context["count"] == 0
        for trace in (acme.name, "/brands/BR-", "/campaigns/CA-", "/numbers/NL-", "1415555"):
            assert trace not in page_of(page)
    assert len(file.splitlines()) == 1


def test_a_foreign_registration_named_in_a_filter_finds_nothing(
    client, bob, registered_campaign, make_links, shown
):
    make_links("14155550100")
    client.force_login(bob)

    assert shown("/campaigns/", brand=registered_campaign.brand.reference) == []
    assert shown("/numbers/", campaign=registered_campaign.reference) == []
    assert shown("/numbers/", q="14155550100") == []


def test_a_foreign_organization_is_as_unknown_as_one_that_is_none(client, bob, acme):
    client.force_login(bob)

    foreign = client.get("/brands/", {"organization": acme.pk}).context["wanted"].form.errors
    none = client.get("/brands/", {"organization": 10**9}).context["wanted"].form.errors

    assert foreign == none
    assert foreign


def test_the_organization_is_shown_to_those_who_see_several(
    client, alice, carol, globex, registered_brand
):
    client.force_login(alice)
    of_one = page_of(client.get("/brands/"))
    client.force_login(carol)
    of_several = page_of(client.get("/brands/"))

    assert "Organization</th>" not in of_one
    assert "Organization</th>" in of_several
    assert "Globex LLC</option>" in of_several


# --- The page --------------------------------------------------------------------------------


def test_empty_fields_of_the_form_do_not_stay_in_the_address(as_alice):
    response = as_alice.get("/brands/?q=acme&status=&organization=&confirmed=&before=")

    assert response.status_code == 302
    assert response.url == "/brands/?q=acme"


def test_each_filter_that_is_on_can_be_taken_off_by_itself(as_alice, make_brand):
    make_brand()

    response = as_alice.get("/brands/?q=acme&status=draft&status=rejected")

    chosen = {choice.label: choice.address for choice in response.context["chosen"]}
    assert chosen == {
        "Search: acme": "/brands/?status=draft&status=rejected",
        "Status: Draft": "/brands/?q=acme&status=rejected",
        "Status: Rejected": "/brands/?q=acme&status=draft",
    }


@pytest.mark.parametrize("path", LISTS)
def test_every_shortcut_leads_to_a_list_where_it_is_marked(as_alice, make_links, path):
    shortcuts = as_alice.get(path).context["shortcuts"]

    for shortcut in shortcuts:
        there = as_alice.get(shortcut.address)
        assert not there.context["wanted"].form.errors
        assert not there.context["unknown"]
        assert [one.label for one in there.context["shortcuts"] if one.here] == [shortcut.label]


def test_the_address_to_keep_holds_the_filters_and_no_page(as_alice, make_brand):
    make_brand()

    page = page_of(as_alice.get("/brands/?status=draft&before=2099-01-01T00:00:00.000000Z~9"))

    assert 'value="http://testserver/brands/?status=draft"' in page


def test_older_and_newer_keep_the_filters(as_alice, many_brands, shown):
    many_brands(60)

    first = as_alice.get("/brands/?status=draft")
    older = as_alice.get("/brands/" + first.context["page"].older)

    assert len(first.context["page"].rows) == 50
    assert len(older.context["page"].rows) == 10
    assert [choice.label for choice in older.context["chosen"]] == ["Status: Draft"]
    assert older.context["page"].newer


@pytest.fixture
def many_brands(account, acme, alice):
    def make(number, **facts):
        moment = timezone.now()
        brands = Brand.objects.bulk_create(
            Brand(
                organization=acme,
                account=account,
                created_by=alice,
                name=f"Brand {n}",
                company_name="Acme Inc.",
                entity_type="PRIVATE",
                reference=f"BR-{n:08}",
                ein="12-3456780",
                typed={"state": "California"},
                **facts,
            )
            for n in range(number)
        )
        for n, brand in enumerate(brands):
            brand.created_at = moment - timedelta(minutes=n)
        Brand.objects.bulk_update(brands, ["created_at"])
        return brands

    return make


def test_a_count_goes_no_further_than_anybody_reads(as_carol, many_brands, monkeypatch):
    monkeypatch.setattr("registrations.views.lists.COUNTED", 20)
    many_brands(21)

    assert "more than 20" in page_of(as_carol.get("/brands/"))
    assert "more than" not in page_of(as_carol.get("/brands/?q=BR-00000003"))


@pytest.mark.parametrize("person", ["alice", "carol"])
@pytest.mark.parametrize("path", LISTS)
def test_three_rows_and_three_hundred_cost_the_same_queries(
    request, client, account, acme, alice, registered_campaign, many_brands,
    django_assert_num_queries, django_assert_max_num_queries, path, person,
):  # fmt: skip
    brands = many_brands(300, status="registered")
    campaigns = [
        Campaign.objects.create(
            organization=acme, account=account, created_by=alice, brand=brand,
            reference=f"CA-{n:08}", **CAMPAIGN,
        )
        for n, brand in enumerate(brands[:60])
    ]  # fmt: skip
    NumberLink.objects.bulk_create(
        NumberLink(
            organization=acme, account=account, created_by=alice, campaign=campaigns[n % 60],
            number=f"1415555{n:04}", reference=f"NL-{n:08}",
        )
        for n in range(300)
    )  # fmt: skip
    client.force_login(request.getfixturevalue(person))
    few = {"/brands/": "q=BR-0000029", "/campaigns/": "q=CA-0000001", "/numbers/": "q=555029"}[path]
    client.get(path)

    with django_assert_max_num_queries(12) as captured:
        assert 3 < len(client.get(f"{path}?{few}").context["page"].rows) < 20
    with django_assert_num_queries(len(captured.captured_queries)):
        page = client.get(f"{path}?q=0").context["page"]

    assert len(page.rows) == 50 and page.older


def test_nothing_encrypted_is_read_for_a_list(as_carol, many_brands, django_assert_max_num_queries):
    many_brands(3)

    with django_assert_max_num_queries(12) as captured:
        as_carol.get("/brands/")

    asked = " ".join(query["sql"] for query in captured.captured_queries)
    assert '"ein"' not in asked
    assert '"typed"' not in asked


# --- The file --------------------------------------------------------------------------------


def rows_of(response):
    assert response.status_code == 200, response.content.decode()
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_file_holds_what_the_same_address_shows(as_alice, alice, make_brand):
    make_brand(name="Not wanted")
    wanted = make_brand(name="Wanted")
    Brand.objects.filter(pk=wanted.pk).update(
        status="rejected", plivo_id="BTEST09", reasons=[{"code": "1101", "text": "EIN mismatch"}]
    )

    response = as_alice.get("/brands/export/?status=rejected&before=2000-01-01T00:00:00.000000Z~1")

    assert "brands.csv" in response["Content-Disposition"]
    (row,) = rows_of(response)
    created, since = row.pop("Created"), row.pop("Since")
    assert created[:4].isdigit() and since[:4].isdigit()
    assert row == {
        "Reference": wanted.reference,
        "Name": "Wanted",
        "Legal company name": "Acme Inc.",
        "Organization": "Acme Inc.",
        "Plivo account": wanted.account.auth_id,
        "Status": "Rejected",
        "Confirmed": "no",
        "Plivo id": "BTEST09",
        "Conflict": "",
        "Reasons": "1101 EIN mismatch",
        "Created by": "alice",
        "Asked by": "",
    }


def test_campaigns_and_numbers_have_files_too(as_alice, registered_campaign, make_links):
    make_links("14155550100")

    (campaign,) = rows_of(as_alice.get("/campaigns/export/"))
    (link,) = rows_of(as_alice.get(f"/numbers/export/?campaign={registered_campaign.reference}"))

    assert campaign["Brand"] == registered_campaign.brand.reference
    assert campaign["Use case"] == "Customer care"
    assert (link["Number"], link["Campaign"]) == ("14155550100", registered_campaign.reference)


@pytest.mark.parametrize("path", LISTS)
def test_a_file_costs_the_same_queries_however_long_and_holds_no_tax_id(
    as_carol, many_brands, registered_campaign, make_links, django_assert_max_num_queries, path
):
    many_brands(300)
    make_links("14155550100", "14155550101", "14155550102")

    with django_assert_max_num_queries(8) as captured:
        text = b"".join(as_carol.get(f"{path}export/").streaming_content).decode()

    assert "3456780" not in text
    assert '"ein"' not in " ".join(query["sql"] for query in captured.captured_queries)


def test_what_a_spreadsheet_would_calculate_is_only_text(as_alice, make_brand):
    make_brand(name="  =1+1", company_name='=HYPERLINK("http://example.com")')

    (row,) = rows_of(as_alice.get("/brands/export/"))

    assert row["Name"] == "'  =1+1"
    assert row["Legal company name"] == '\'=HYPERLINK("http://example.com")'


def test_who_took_a_file_is_written_down(as_alice, alice, make_brand):
    rows_of(as_alice.get("/brands/export/?status=draft"))

    event = SecurityEvent.objects.get(deed=Deed.EXPORTED)
    assert event.user == alice
    assert "status=draft" in event.detail


@pytest.mark.parametrize(
    "query", ["status=sold", "statuss=draft", "created_from=x", "ordering=ein"]
)
def test_nobody_takes_more_than_she_meant_to_ask_for(as_carol, make_brand, query):
    make_brand()

    response = as_carol.get(f"/brands/export/?{query}")

    assert response.status_code == 400
    assert "text/html" in response["Content-Type"]
    assert not SecurityEvent.objects.filter(deed=Deed.EXPORTED).exists()
