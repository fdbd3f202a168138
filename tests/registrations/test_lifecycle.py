"""The law, tried whole: every status × status × actor against the diagrams in the README."""

import itertools
import re
from pathlib import Path

import pytest

from registrations.lifecycle import (
    LAW,
    Actor,
    Cause,
    IllegalMove,
    Kind,
    Status,
    Verdict,
    judge,
    move_to,
    note,
    statuses_of,
)
from registrations.models import AuditEntry, Brand

README = Path(__file__).parents[2] / "README.md"
TITLES = {Kind.BRAND: "Brand", Kind.CAMPAIGN: "Campaign", Kind.NUMBER_LINK: "Number link"}


def diagram(kind):
    """The moves that the README draws: {(from, to): {actors}}."""
    text = README.read_text()
    drawing = re.search(rf"### {TITLES[kind]}\n+```mermaid\n(.*?)```", text, re.S).group(1)
    moves = {}
    for before, after, actors in re.findall(r"(\S+) --> (\S+): (.+)", drawing):
        moves["" if before == "[*]" else before, after] = set(actors.split(", "))
    return moves


@pytest.mark.parametrize("kind", Kind)
def test_the_law_is_what_the_readme_draws(kind):
    drawn = diagram(kind)

    for before, after, actor in itertools.product(["", *Status], Status, Actor):
        lawful = actor in LAW[kind].get(before, {}).get(after, ())
        assert lawful == (actor in drawn.get((before, after), ())), (before, after, actor)


@pytest.mark.parametrize("kind", Kind)
def test_every_status_can_be_reached(kind):
    reached = {after for moves in LAW[kind].values() for after in moves}

    assert set(statuses_of(kind)) == reached


@pytest.mark.parametrize(
    ("current", "said", "verdict"),
    [
        ("submitted", "created", Verdict.APPLY),
        ("created", "created", Verdict.REPEAT),
        ("registered", "created", Verdict.LATE),
        ("registered", "rejected", Verdict.CONFLICT),
        ("rejected", "registered", Verdict.CONFLICT),
        ("draft", "rejected", Verdict.LATE),
        ("deactivated", "registered", Verdict.LATE),
    ],
)
def test_a_callback_is_judged_by_where_the_brand_stands(current, said, verdict):
    assert judge(Kind.BRAND, current, said, actor=Actor.PLIVO) is verdict


@pytest.mark.django_db
class TestMoving:
    def test_a_move_changes_the_status_and_writes_the_trail(self, draft_brand, alice):
        entry = move_to(
            draft_brand, Status.IN_REVIEW, actor=Actor.MARKETER, cause=Cause.PERSON, user=alice
        )

        draft_brand.refresh_from_db()
        assert draft_brand.status == Status.IN_REVIEW
        assert (entry.from_status, entry.to_status, entry.user) == ("draft", "in_review", alice)

    def test_an_illegal_move_changes_nothing_and_says_what_is_lawful(self, draft_brand):
        with pytest.raises(IllegalMove, match="is draft and cannot become registered by plivo"):
            move_to(draft_brand, Status.REGISTERED, actor=Actor.PLIVO, cause=Cause.CALLBACK)

        draft_brand.refresh_from_db()
        assert draft_brand.status == Status.DRAFT
        assert draft_brand.trail.count() == 1

    def test_it_goes_by_where_the_brand_stands_now_and_not_by_what_the_caller_saw(
        self, draft_brand
    ):
        stale = Brand.objects.get(pk=draft_brand.pk)
        move_to(draft_brand, Status.IN_REVIEW, actor=Actor.MARKETER, cause=Cause.PERSON)

        with pytest.raises(IllegalMove, match="is in review"):
            move_to(stale, Status.IN_REVIEW, actor=Actor.MARKETER, cause=Cause.PERSON)

    def test_a_trail_is_numbered_and_chained(self, draft_brand):
        move_to(draft_brand, Status.IN_REVIEW, actor=Actor.MARKETER, cause=Cause.PERSON)
        note(draft_brand, "called the client", actor=Actor.COMPLIANCE, cause=Cause.PERSON)

        first, second, third = draft_brand.trail.order_by("sequence")
        assert [first.sequence, second.sequence, third.sequence] == [1, 2, 3]
        assert second.previous_hash == first.hash
        assert third.previous_hash == second.hash
        assert all(e.hash == e.computed_hash() for e in AuditEntry.objects.all())
