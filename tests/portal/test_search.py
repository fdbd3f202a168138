"""Searching everything: by whatever is at hand, and only among what one may know of."""

import pytest

from callbacks.models import Callback
from registrations.models import Brand, NumberLink, Submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(account, acme, alice, registered_campaign):
    return NumberLink.objects.create(
        organization=acme,
        account=account,
        campaign=registered_campaign,
        number="14155550100",
        created_by=alice,
    )


@pytest.fixture
def submission(draft_brand, submit):
    submission = submit(draft_brand)
    Submission.objects.filter(pk=submission.pk).update(
        api_id="1f0e2d3c-0000-11ee-9d2a-0242ac110005", plivo_id="BSENT01"
    )
    submission.refresh_from_db()
    return submission


@pytest.fixture
def callback(submission):
    return Callback.objects.create(
        pk=123456789,
        method="POST",
        path="/callbacks/plivo/aB3x9Q…/",
        submission=submission,
        outcome="applied",
        word="registered",
    )


@pytest.fixture
def found(client):
    """What a page of hits shows, group by group; a jump to one page is told as its address."""

    def found(text):
        response = client.get("/search/", {"q": text})
        if response.status_code == 302:
            return response.url
        assert response.status_code == 200
        return {
            group.title: [hit.label for hit in group.hits] for group in response.context["groups"]
        }

    return found


def test_a_reference_leads_straight_to_its_page(
    client, alice, found, registered_brand, registered_campaign, link
):
    client.force_login(alice)

    for registration in (registered_brand, registered_campaign, link):
        assert found(registration.reference) == registration.get_absolute_url()
        assert found(f" {registration.reference.lower()} ") == registration.get_absolute_url()


@pytest.mark.parametrize(
    "written",
    [
        "14155550100",
        "+1 (415) 555-0100",
        "415-555-0100",
        "415.555.0100",
        "\u202a+14155550100\u202c",
    ],
)
def test_a_number_leads_straight_to_its_link_however_it_is_written(
    client, alice, found, link, written
):
    client.force_login(alice)

    assert found(written) == link.get_absolute_url()


def test_a_number_that_was_linked_twice_shows_both(client, alice, found, link, account, acme):
    NumberLink.objects.filter(pk=link.pk).update(status="unlinked")
    again = NumberLink.objects.create(
        organization=acme,
        account=account,
        campaign=link.campaign,
        number=link.number,
        created_by=alice,
    )
    client.force_login(alice)

    assert found("+14155550100") == {"Number links": [again.reference, link.reference]}


@pytest.mark.parametrize("name", ["api_id", "plivo_id", "alias_code"])
def test_a_request_is_found_by_each_of_its_ids_and_leads_to_its_registration(
    client, alice, found, submission, draft_brand, name
):
    client.force_login(alice)

    assert found(getattr(submission, name)) == draft_brand.get_absolute_url()


def test_the_id_at_plivo_leads_to_the_registration_also_if_its_request_has_it_too(
    client, alice, found, submission, draft_brand
):
    Brand.objects.filter(pk=draft_brand.pk).update(plivo_id=submission.plivo_id)
    client.force_login(alice)

    assert found("bsent01") == draft_brand.get_absolute_url()


def test_a_callback_is_found_by_its_number(client, alice, found, callback):
    client.force_login(alice)

    assert str(callback.pk) in found(str(callback.pk))


def test_names_are_shown_in_groups_and_lead_nowhere_by_themselves(
    client, alice, found, registered_brand, registered_campaign
):
    client.force_login(alice)

    assert found("acme") == {
        "Brands": [registered_brand.reference],
        "Campaigns": [registered_campaign.reference],
        "Organizations": ["Acme Inc."],
    }


def test_only_operators_find_people(client, alice, carol, oscar, found):
    client.force_login(oscar)
    by_oscar = found("alice@example")
    client.force_login(carol)
    by_carol = found("alice@example")

    assert by_oscar == {"People": ["alice"]}
    assert by_carol == {}


def test_nothing_foreign_is_found_counted_or_jumped_to(
    client, bob, found, registered_brand, registered_campaign, link, submission, callback, acme
):
    client.force_login(bob)
    sought = [
        registered_brand.reference,
        registered_brand.plivo_id,
        registered_campaign.reference,
        link.reference,
        "+1 415 555 0100",
        submission.api_id,
        submission.alias_code,
        str(callback.pk),
        "Acme",
        "alice",
    ]

    assert [found(text) for text in sought] == [{}] * len(sought)


def test_ten_of_a_group_are_shown_and_the_rest_is_one_link_away(client, alice, make_brand):
    brands = [make_brand(name="Many") for _ in range(11)]
    client.force_login(alice)

    response = client.get("/search/?q=many")

    (group,) = response.context["groups"]
    assert [hit.label for hit in group.hits] == [b.reference for b in reversed(brands[1:])]
    assert "All 10+ in brands" in response.content.decode()
    assert len(client.get(group.list_url).context["page"].rows) == 11


@pytest.mark.parametrize("person", ["alice", "oscar"])
def test_a_search_costs_the_same_queries_however_much_is_found(
    request, client, make_brand, make_campaign_on, submit, django_assert_num_queries,
    django_assert_max_num_queries, person,
):  # fmt: skip
    brand = make_brand(name="Many")
    make_campaign_on(brand, name="Many")
    client.force_login(request.getfixturevalue(person))
    client.get("/search/?q=many")
    with django_assert_max_num_queries(13) as few:
        client.get("/search/?q=many")
    for _ in range(12):
        make_campaign_on(make_brand(name="Many"), name="Many")

    with django_assert_num_queries(len(few.captured_queries)):
        groups = client.get("/search/?q=many").context["groups"]

    assert [len(group.hits) for group in groups] == [10, 10]


@pytest.mark.parametrize(
    "text",
    ["", "   ", "%", "_", "\\", "'", '"', "100%", "a%b", "\u202e", "+", "()", "²", "١٢٣", "-1-",
     "9" * 18, "9" * 200, "💥", "SELECT 1; --"],
)  # fmt: skip
def test_odd_texts_are_only_texts(client, oscar, make_brand, found, text):
    make_brand(name="Plain")
    client.force_login(oscar)

    assert found(text) == {}


def test_a_percent_sign_finds_percent_signs_only(client, alice, make_brand, found):
    wanted, _ = make_brand(name="100% Acme_Shop"), make_brand(name="1000 Acme Shops")
    client.force_login(alice)

    assert found("100%") == {"Brands": [wanted.reference]}
    assert found("acme_shop") == {"Brands": [wanted.reference]}


@pytest.mark.parametrize(
    ("text", "said"),
    [("a\x00b", "Null characters are not allowed."), ("x" * 10_240, "at most 200 characters")],
)
def test_what_cannot_be_searched_is_said(client, alice, text, said):
    client.force_login(alice)

    response = client.get("/search/", {"q": text})

    assert response.status_code == 200
    assert said in response.content.decode()
    assert response.context["groups"] == []


def test_what_was_sought_and_what_was_found_are_shown_as_text(client, alice, make_brand):
    make_brand(name='"><img src=x onerror=alert(1)>')
    client.force_login(alice)

    page = client.get("/search/", {"q": "<img src=x"}).content.decode()

    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_whoever_is_not_signed_in_is_sent_to_the_door(client):
    assert client.get("/search/?q=a").url.startswith("/sign-in/")
