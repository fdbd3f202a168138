"""`manage.py adopt`: what operators type when there is more to adopt than a page can hold."""

import json

import pytest
from django.core.management import CommandError, call_command

from registrations.models import Brand, Campaign, NumberLink, PlivoAccount
from tests.outside import Outside

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def outside(plivo, settings, account):
    return Outside(plivo, settings)


@pytest.fixture
def found(outside):
    """A brand, a campaign and a number that only Plivo has."""
    brand_id = outside.brand(alias="Initech")
    campaign_id = outside.campaign(brand_id)
    return brand_id, campaign_id, outside.number(campaign_id)


@pytest.fixture
def says(capsys, oscar):
    """Type the command as oscar; what it prints, line by line."""

    def says(*arguments, **options):
        call_command("adopt", *arguments, by=oscar.username, **options)
        return capsys.readouterr().out.splitlines()

    return says


def test_without_really_it_only_says_what_would_happen(says, found, acme):
    lines = says("--everything", organization="Acme Inc.")

    assert lines[0].startswith("kind ")
    assert [line.split()[0] for line in lines[1:4]] == ["brand", "campaign", "number_link"]
    assert all("Would be adopted" in line for line in lines[1:4])
    assert lines[4] == "Nothing was changed: this was a trial. Say --really to do it."
    assert not Brand.objects.exists()


def test_with_really_everything_is_adopted(says, found, acme, oscar):
    lines = says("--everything", "--really", organization="Acme Inc.")

    assert all("Adopted" in line for line in lines[1:])
    assert Brand.objects.get().organization == acme
    assert Campaign.objects.get().trail.get().user == oscar
    assert NumberLink.objects.exists()


def test_only_what_is_named_is_adopted(says, found, acme):
    brand_id, campaign_id, _ = found

    says(brand_id, campaign_id, f"{campaign_id}/*", "--really", organization="Acme Inc.")

    assert NumberLink.objects.get().campaign.plivo_id == campaign_id


def test_programs_read_one_object_a_line(says, found, acme):
    lines = says("--everything", "--really", "--json", organization="Acme Inc.")

    told = [json.loads(line) for line in lines]
    assert [one["plivo_id"] for one in told] == list(found)
    assert {one["result"] for one in told} == {"adopted"}
    assert told[0] == {
        "plivo_id": found[0],
        "kind": "brand",
        "name": "Initech",
        "result": "adopted",
        "reason": "",
        "reference": Brand.objects.get().reference,
    }


def test_what_is_refused_is_told_with_its_reason_and_fails_the_command(says, found, capsys):
    with pytest.raises(CommandError, match="3 of 3 cannot be adopted"):
        says("--everything", "--really")

    told = capsys.readouterr().out
    assert "Choose the organization to which it shall belong." in told
    assert "Adopt its brand first." in told


def test_what_has_an_obstacle_is_not_passed_over_in_silence(says, plivo, found, acme, capsys):
    plivo.state.brands.change(found[0], registration_status="PONDERING")

    with pytest.raises(CommandError, match="3 of 3"):
        says("--everything", organization="Acme Inc.")

    assert "says “PONDERING”" in capsys.readouterr().out


def test_a_second_time_there_is_nothing_to_do(says, found, acme):
    says("--everything", "--really", organization="Acme Inc.")

    lines = says("--everything", "--really", organization="Acme Inc.")

    assert lines == ["Everything that Plivo has is here already."]


def test_a_name_from_elsewhere_stays_on_its_line(says, outside, acme):
    outside.brand(alias="Ini\ntech\x1b[2J")

    lines = says("--everything", organization="Acme Inc.")

    assert len(lines) == 3
    assert "Ini�tech�[2J" in lines[1]


@pytest.mark.parametrize("arguments", [(), ("BSOMETHING", "--everything")])
def test_either_ids_or_everything_is_said(says, account, arguments):
    with pytest.raises(CommandError, match="or say --everything"):
        says(*arguments)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"organization": "Nowhere Ltd"}, "no organization Nowhere Ltd"),
        ({"account": "MANOWHERE"}, "no account MANOWHERE"),
    ],
)
def test_what_there_is_not_is_made_by_nobody(says, account, options, why):
    with pytest.raises(CommandError, match=why):
        says("--everything", **options)


def test_it_wants_somebody_for_the_trail(account):
    with pytest.raises(CommandError, match="nobody called mallory"):
        call_command("adopt", "--everything", by="mallory")


def test_whoever_may_not_adopt_on_the_page_may_not_here_either(account, alice):
    with pytest.raises(CommandError, match="Compliance staff and operators adopt"):
        call_command("adopt", "--everything", by=alice.username)


def test_plivos_silence_is_told(says, plivo, account):
    plivo.state.set(auth=False)

    with pytest.raises(CommandError, match="does not accept our credentials"):
        says("--everything")


def test_among_several_accounts_that_of_the_settings_is_meant(says, found, acme, account):
    PlivoAccount.objects.create(auth_id="MAOTHER")

    says("--everything", "--really", organization="Acme Inc.")

    assert Brand.objects.get().account == account
