"""Who may go together: each refusal with its reason, and laws that hold for any people at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.workforce.pairs import (
    RULES,
    Agent,
    Asked,
    Why,
    metres_between,
    pair_refusals,
    pairs_find,
)
from doorstep.workforce.papers import Missing, Paper

DAY = date(2026, 11, 20)
HOME = (30.0, 120.0)
LEAD = Agent(
    id=1, name="高", branch="B1", experienced=True, rostered=True, skills=frozenset({"wu"})
)
MATE = Agent(id=2, name="罗", branch="B1", rostered=True, woman=True)
VISIT = Asked(borrower_id="C1", place=HOME)


def why(*agents: Agent, asked: Asked = VISIT) -> set[Why]:
    return {each.why for each in pair_refusals(agents, asked=asked, on=DAY)}


def test_two_with_everything_in_order_may_go() -> None:
    assert why(LEAD, MATE) == set()
    assert [pair.agents for pair in pairs_find([MATE, LEAD], asked=VISIT, on=DAY).pairs] == [
        (LEAD, MATE)
    ]


@pytest.mark.parametrize(
    ("worse", "reason"),
    [
        ({"missing": (Missing(Paper.LETTER),)}, Why.PAPERS),
        ({"rostered": False}, Why.NOT_ROSTERED),
        ({"rests_until": DAY}, Why.AT_REST),
        ({"ties": frozenset({"C1"})}, Why.TIED),
        ({"home": HOME}, Why.NEIGHBOUR),
        ({"branch": "B2"}, Why.DIFFERENT_BRANCHES),
        ({"id": 1}, Why.TWICE),
    ],
)
def test_what_stands_against_one_stands_against_both(worse: dict[str, Any], reason: Why) -> None:
    assert reason in why(LEAD, replace(MATE, **worse))


def test_rest_ends_with_its_last_day() -> None:
    assert why(LEAD, replace(MATE, rests_until=DAY - timedelta(days=1))) == set()


def test_a_tie_to_somebody_else_and_a_home_farther_away_do_no_harm() -> None:
    assert why(LEAD, replace(MATE, ties=frozenset({"C2"}), home=(30.005, 120.0))) == set()
    assert metres_between(HOME, (30.005, 120.0)) > RULES.neighbour_metres


def test_one_alone_never_goes_and_beginners_need_somebody_experienced() -> None:
    assert why(LEAD) == {Why.TOO_FEW}
    assert why(replace(LEAD, experienced=False), MATE) == {Why.NOBODY_EXPERIENCED}


def test_a_woman_goes_where_one_is_asked_for() -> None:
    asked = replace(VISIT, woman_asked=True)
    assert why(LEAD, MATE, asked=asked) == set()
    assert why(LEAD, replace(MATE, woman=False), asked=asked) == {Why.NO_WOMAN}


def test_skills_may_be_spread_over_the_two_and_what_lacks_is_named() -> None:
    asked = replace(VISIT, needs=frozenset({"wu", "sign_language"}))
    (lacking,) = pair_refusals([LEAD, MATE], asked=asked, on=DAY)
    assert (lacking.why, lacking.skills) == (Why.SKILL, ("sign_language",))
    able = replace(MATE, skills=frozenset({"sign_language"}))
    assert why(LEAD, able, asked=asked) == set()


def test_the_same_two_do_not_go_again_after_an_incident_but_each_may_with_another() -> None:
    asked = replace(VISIT, incidents=(frozenset({1, 2}),))
    assert why(LEAD, MATE, asked=asked) == {Why.AFTER_INCIDENT}
    assert why(LEAD, replace(MATE, id=3), asked=asked) == set()
    assert why(LEAD, MATE, asked=replace(VISIT, incidents=(frozenset({1}),))) == set()


@pytest.mark.parametrize(
    ("load", "spared"), [(RULES.load_most - 1, False), (RULES.load_most, True)]
)
def test_whoever_carried_much_is_spared_what_is_hard(load: int, spared: bool) -> None:
    tired = replace(MATE, load=load)
    assert (Why.OVERLOADED in why(LEAD, tired, asked=replace(VISIT, hard=True))) is spared
    assert why(LEAD, tired) == set()


agents = st.builds(
    Agent,
    id=st.integers(1, 9),
    name=st.just("某"),
    branch=st.sampled_from(["B1", "B2"]),
    woman=st.booleans(),
    experienced=st.booleans(),
    skills=st.frozensets(st.sampled_from(["wu", "hakka", "sign_language"])),
    missing=st.sampled_from([(), (), (Missing(Paper.PHOTOGRAPH),)]),
    rostered=st.sampled_from([True, True, True, False]),
    rests_until=st.sampled_from([None, None, DAY - timedelta(days=1), DAY]),
    load=st.integers(0, 8),
    ties=st.frozensets(st.sampled_from(["C1", "C2"]), max_size=1),
    home=st.sampled_from([None, HOME, (31.0, 120.0)]),
)
people = st.lists(agents, max_size=7, unique_by=lambda agent: agent.id)
visits = st.builds(
    Asked,
    borrower_id=st.just("C1"),
    place=st.sampled_from([None, HOME]),
    needs=st.frozensets(st.sampled_from(["wu", "sign_language"]), max_size=2),
    woman_asked=st.booleans(),
    incidents=st.lists(st.frozensets(st.integers(1, 9), max_size=3), max_size=2).map(tuple),
    hard=st.booleans(),
)


@given(people, visits)
def test_no_pair_that_is_found_breaks_a_rule(some: list[Agent], asked: Asked) -> None:
    for pair in pairs_find(some, asked=asked, on=DAY).pairs:
        one, other = pair.agents
        assert one.id != other.id
        assert one.branch == other.branch
        assert one.experienced or other.experienced
        assert not asked.woman_asked or one.woman or other.woman
        assert asked.needs <= one.skills | other.skills
        assert not any({one.id, other.id} <= there for there in asked.incidents)
        for each in pair.agents:
            assert not each.missing
            assert each.rostered
            assert each.rests_until is None or each.rests_until < DAY
            assert "C1" not in each.ties
            assert asked.place is None or each.home != asked.place
            assert not (asked.hard and each.load >= RULES.load_most)


@given(people, visits, st.randoms())
def test_every_two_are_either_found_or_refused_with_a_reason_in_any_order(
    some: list[Agent], asked: Asked, chance: Any
) -> None:
    found = pairs_find(some, asked=asked, on=DAY)
    seen = [pair.agents for pair in found.pairs] + [each.agents for each in found.refused]
    assert sorted([a.id for a in group] for group in seen) == [
        list(ids) for ids in combinations(sorted(agent.id for agent in some), 2)
    ]
    assert all(each.reasons for each in found.refused)
    for each in found.refused:
        assert each.reasons == pair_refusals(each.agents, asked=asked, on=DAY)
    chance.shuffle(some)
    assert pairs_find(some, asked=asked, on=DAY) == found


@given(people, visits)
def test_the_least_burdened_come_first_and_nothing_gained_makes_a_pair_worse(
    some: list[Agent], asked: Asked
) -> None:
    found = pairs_find(some, asked=asked, on=DAY).pairs
    order = [(pair.load, pair.loads) for pair in found]
    assert order == sorted(order)
    for pair in found:
        gained = [
            replace(a, experienced=True, skills=a.skills | {"wu"}, load=0) for a in pair.agents
        ]
        assert pair_refusals(gained, asked=asked, on=DAY) == ()
