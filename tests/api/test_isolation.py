"""What is Acme's does not exist for Globex, whatever address, filter or body names it."""

import pytest

from registrations import actions
from registrations.models import AuditEntry, Brand, Campaign, NumberLink, Submission
from tests.api.test_evidence import callback_about

pytestmark = pytest.mark.django_db


@pytest.fixture
def acmes(registered_campaign, make_brand, submit, alice):
    """One of everything, and by what each is known."""
    submission = submit(make_brand(name="Quixotic"))
    [link] = actions.link_numbers(registered_campaign, ["14155550100"], by=alice)
    callback = callback_about(submission)
    return {
        f"/brands/{registered_campaign.brand.reference}/": "/brands/",
        f"/campaigns/{registered_campaign.reference}/": "/campaigns/",
        f"/number-links/{link.reference}/": "/number-links/",
        f"/submissions/{submission.pk}/": "/submissions/",
        f"/audit-entries/{AuditEntry.objects.first().pk}/": "/audit-entries/",
        f"/callbacks/{callback.pk}/": "/callbacks/",
        f"/organizations/{registered_campaign.organization_id}/": "/organizations/",
    }


@pytest.fixture
def strangers(bobs, program_of, carol, globex):
    """Bob is of Globex; carol sees Acme on pages, but this key of hers is for Globex."""
    return [bobs, program_of(carol, globex)]


def references():
    models = (Brand, Campaign, NumberLink)
    return [row.reference for model in models for row in model.objects.all()]


def test_foreign_things_are_in_no_list_and_at_no_address(alices, strangers, acmes, globex):
    for address, section in acmes.items():
        assert alices.get(address).status_code == 200
        for stranger in strangers:
            assert stranger.get(address).status_code == 404
            items = stranger.get(section).json()["items"]
            assert items == [] or [item["name"] for item in items] == [globex.name]


def test_foreign_things_are_found_by_no_filter(strangers, acmes, acme):
    brand, campaign, link = (model.objects.first() for model in (Brand, Campaign, NumberLink))
    asked = [
        ("/brands/", {"q": "Quixotic"}),
        ("/brands/", {"q": brand.reference}),
        ("/brands/", {"updated_since": "2020-01-01T00:00:00Z"}),
        ("/campaigns/", {"brand": brand.reference}),
        ("/number-links/", {"campaign": campaign.reference}),
        ("/number-links/", {"number": link.number}),
        ("/submissions/", {"registration": brand.reference}),
        ("/audit-entries/", {"registration": brand.reference}),
        ("/callbacks/", {"registration": brand.reference}),
    ]

    for stranger in strangers:
        for address, query in asked:
            assert stranger.get(address, query).json()["items"] == []
        assert stranger.get("/brands/", {"organization": acme.pk}).status_code == 400


def test_foreign_things_are_in_no_export(strangers, acmes):
    for stranger in strangers:
        for section in set(acmes.values()) - {"/organizations/"}:
            answer = stranger.get(section, {"format": "csv"})
            assert b"".join(answer.streaming_content).count(b"\n") == 1


def test_no_verb_reaches_foreign_things(strangers, acmes):
    before = list(AuditEntry.objects.values_list("pk", flat=True))
    things = [address for address in acmes if address.startswith(("/bra", "/cam", "/num"))]

    for stranger in strangers:
        for address in things:
            for verb in actions.VERBS:
                answer = stranger.post(f"{address}{verb.name}/", {"digest": "x", "note": "x"})
                # Bob's key may not approve at all, whatever there is.
                none = stranger.post(f"{address[:-9]}00000000/{verb.name}/")
                assert answer.status_code == none.status_code
                assert answer.status_code in (403, 404)
            assert stranger.post(f"{address}comment/", {"text": "x"}).status_code == 404
            assert stranger.patch(address, {"external_id": "x"}).status_code == 404
            assert stranger.get(f"{address}preview/").status_code == 404
        submission = Submission.objects.first()
        said = stranger.post(f"/submissions/{submission.pk}/decide/", {"decision": "withdraw"})
        assert said.status_code in (403, 404)

    assert list(AuditEntry.objects.values_list("pk", flat=True)) == before


def test_a_foreign_thing_is_refused_in_a_body_as_one_that_there_is_not(strangers, acmes):
    brand, campaign = Brand.objects.first(), Campaign.objects.first()

    for stranger in strangers:
        for address, body, none in (
            ("/campaigns/", {"name": "A", "brand": brand.reference}, {"brand": "BR-00000000"}),
            (
                "/number-links/",
                {"number": "14155550199", "campaign": campaign.reference},
                {"campaign": "CA-00000000"},
            ),
            (
                "/preflight/",
                {"kind": "campaign", "brand": brand.reference},
                {"brand": "BR-0000000Z"},
            ),
        ):
            foreign, missing = stranger.post(address, body), stranger.post(address, body | none)
            assert foreign.status_code == missing.status_code == 400
            assert foreign.json()["errors"] == missing.json()["errors"]


def test_what_is_ours_tells_nothing_foreign_along(bobs, acmes, bob, globex, account):
    own = Brand(organization=globex, account=account, name="Globex", entity_type="PRIVATE")
    actions.draft(own, by=bob)

    answer = bobs.get("/brands/", {"include": "submissions,trail"})

    assert [item["reference"] for item in answer.json()["items"]] == [own.reference]
    text = answer.content.decode()
    assert not [one for one in references() if one in text and one != own.reference]
