import pytest

from registrations import preflight
from registrations.preflight import rulebook
from registrations.preflight.finding import SEVERITIES
from tests.registrations.preflight import good
from tests.registrations.preflight.brand_cases import BRAND_CASES
from tests.registrations.preflight.campaign_cases import CAMPAIGN_CASES
from tests.registrations.preflight.case import Case
from tests.registrations.preflight.consent_cases import CONSENT_CASES
from tests.registrations.preflight.content_cases import CONTENT_CASES

NUMBER_CASES = [
    Case("NM-SHAPE", "block", {"number": "+14155550100"}, at="number"),
    Case("NM-SHAPE", "block", {"number": "4155550100"}),
    Case("NM-SHAPE", "block", {"number": "447700900123"}),
    Case("NM-SHAPE", "block", {"number": "18005550100"}),
    Case("NM-SHAPE", "block", {"number": ""}),
]
CASES = [
    *((good.brand, case) for case in BRAND_CASES),
    *((good.campaign, case) for case in CAMPAIGN_CASES + CONSENT_CASES + CONTENT_CASES),
    *((good.number_link, case) for case in NUMBER_CASES),
]
RULES = [rule for book in preflight.ALONE for rule in book.rules]
ALL_RULES = [rule for book in (*preflight.ALONE, *preflight.AMONG_OTHERS) for rule in book.rules]


def found(rule, registration):
    return [finding for finding in preflight.check_alone(registration) if finding.rule == rule]


@pytest.mark.parametrize(("make", "case"), CASES, ids=[str(case) for _, case in CASES])
def test_a_rule_finds_what_is_wrong(make, case):
    findings = found(case.rule, make(**case.bad))

    assert case.severity in {finding.severity for finding in findings}
    assert case.at is None or case.at in {finding.field for finding in findings}


@pytest.mark.parametrize(("make", "case"), CASES, ids=[str(case) for _, case in CASES])
def test_a_rule_leaves_alone_what_is_fine(make, case):
    assert found(case.rule, make(**case.fine)) == []


def test_every_rule_is_tried():
    assert {rule.id for rule in RULES} == {case.rule for _, case in CASES}


def test_every_rule_has_a_name_of_its_own():
    names = [rule.id for rule in ALL_RULES]

    assert sorted(names) == sorted(set(names))


def test_what_is_not_certain_never_blocks():
    uncertain = [rule for rule in ALL_RULES if rule.certainty in ("C", "U")]

    assert uncertain
    assert [rule.id for rule in uncertain if rule.severity == "block"] == []


@pytest.mark.parametrize("certainty", ["C", "U"])
def test_a_blocking_rule_that_is_not_certain_cannot_be_written_down(certainty):
    book = rulebook.Rulebook(object)

    with pytest.raises(ValueError, match="does not block"):
        book.rule("X", "block", certainty, remedy="", source="")(lambda thing: [])


def test_a_finding_is_never_graver_than_its_rule():
    book = rulebook.Rulebook(object)
    book.rule("X", "warn", "A", remedy="", source="")(
        lambda thing: [rulebook.Seen("Oh.", severity="block")]
    )

    with pytest.raises(ValueError, match="graver"):
        list(book.check(object()))


def test_every_rule_says_who_says_so_and_what_to_do():
    assert [rule.id for rule in ALL_RULES if not rule.source or not rule.remedy] == []


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=str)
def test_people_are_told_in_sentences(case):
    make = next(make for make, other in CASES if other is case)

    for finding in preflight.check_alone(make(**case.bad)):
        assert finding.message[0].isupper() or finding.message[0] == "“"
        assert finding.message.endswith((".", "”"))
        assert finding.remedy.endswith((".", "”"))
        assert len(finding.excerpt) <= rulebook.EXCERPT_LENGTH


def test_findings_stand_beside_a_field_of_the_form():
    for make, case in CASES:
        registration = make(**case.bad)
        fields = {"", *(field.name for field in registration._meta.get_fields())}
        for finding in preflight.check_alone(registration):
            assert finding.field in fields


def test_the_gravest_come_first():
    severities = [
        finding.severity for finding in preflight.check_alone(good.brand(ein="", website=""))
    ]

    assert severities == sorted(severities, key=SEVERITIES.index)


def test_only_what_blocks_is_blocking():
    findings = preflight.check_alone(good.brand(ein="", website=""))

    assert {finding.severity for finding in findings} > {"block"}
    assert {finding.severity for finding in preflight.blocking(findings)} == {"block"}


def test_a_tax_id_is_never_quoted():
    for ein in ("123-45-6789", "36-294758", "12-3456789", "07-2947581"):
        for finding in preflight.check_alone(good.brand(ein=ein)):
            assert ein not in f"{finding.message} {finding.excerpt}"


def test_a_campaign_without_a_brand_is_read_all_the_same():
    campaign = good.Campaign(description="We lend: apply for a loan, or bet in our online casino.")

    rules = {finding.rule for finding in preflight.check_alone(campaign)}

    assert rules > {"CP-BRAND-READY", "CT-GAMBLING", "CP-FLAG-LENDING"}


def test_an_empty_form_is_told_what_is_missing_and_breaks_nothing():
    for registration in (good.Brand(), good.Campaign(), good.NumberLink()):
        assert preflight.blocking(preflight.check_alone(registration))
