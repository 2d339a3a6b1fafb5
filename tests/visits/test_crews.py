"""Crews of a day: nobody alone, nobody without papers, nobody twice; and who may go to whom."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from doorstep.visits.crews import LEAST_TOGETHER, OnDuty, crews_for, crews_form
from doorstep.workforce.pairs import Agent, Asked, Why
from doorstep.workforce.papers import Missing, Paper

DAY = date(2026, 11, 21)
NINE = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def on_duty(number: int, *, begins: int = 0, hours: int = 9, **fields: Any) -> OnDuty:
    values: dict[str, Any] = {
        "branch": "B1", "rostered": True, "experienced": number % 2 == 1, **fields
    }  # fmt: skip
    start = NINE + timedelta(hours=begins)
    vehicle = values.pop("vehicle", None)
    return OnDuty(
        Agent(id=number, name=str(number), **values), start, start + timedelta(hours=hours), vehicle
    )


def numbers(crews: Any) -> set[frozenset[int]]:
    return {frozenset(agent.id for agent in crew.agents) for crew in crews}


def test_the_less_experienced_go_with_the_experienced_who_lead() -> None:
    formed = crews_form([on_duty(n) for n in (1, 2, 3, 4)], day=DAY)
    assert len(formed.crews) == 2
    assert all(crew.agents[0].experienced for crew in formed.crews)
    assert all(not crew.agents[1].experienced for crew in formed.crews)
    assert formed.behind == {}


def test_a_crew_works_while_both_do_and_those_who_share_most_go_together() -> None:
    formed = crews_form(
        [on_duty(1), on_duty(2, begins=5), on_duty(3, begins=5), on_duty(4)], day=DAY
    )
    assert numbers(formed.crews) == {frozenset({1, 4}), frozenset({3, 2})}
    (late,) = crews_form([on_duty(1), on_duty(2, begins=5)], day=DAY).crews
    assert (late.begins, late.ends) == (NINE + timedelta(hours=5), NINE + timedelta(hours=9))


def test_who_is_left_over_or_may_not_go_is_named_with_the_reason() -> None:
    missing = (Missing(Paper.VETTING),)
    formed = crews_form([on_duty(1), on_duty(2), on_duty(3), on_duty(5, missing=missing)], day=DAY)
    assert len(formed.crews) == 1
    assert {n: [r.why for r in why] for n, why in formed.behind.items()} == {
        3: [Why.TOO_FEW], 5: [Why.PAPERS]
    }  # fmt: skip
    assert crews_form([], day=DAY).crews == ()
    assert crews_form([on_duty(2), on_duty(4)], day=DAY).crews == ()


def test_who_is_left_over_goes_as_the_third_where_visits_need_three() -> None:
    three = [on_duty(1), on_duty(2), on_duty(3)]
    (crew,) = crews_form(three, day=DAY, thirds=1).crews
    assert [agent.id for agent in crew.agents] == [1, 2, 3]
    assert crews_form(three, day=DAY, thirds=1).behind == {}
    (pair,) = crews_form(three, day=DAY).crews
    assert len(pair.agents) == 2
    needs = Asked(borrower_id="b1", fewest=3)
    assert crews_for([crew], asked=needs).crews == {crew.key}
    against = crews_for([pair], asked=needs).refused[pair.key]
    assert [refusal.why for refusal in against] == [Why.TOO_FEW]


def test_nobody_goes_as_the_third_without_a_seat_or_for_half_a_shift() -> None:
    three = [on_duty(1), on_duty(2), on_duty(3)]
    assert len(crews_form(three, day=DAY, thirds=1, vehicles={7: 2}).crews[0].agents) == 2
    assert len(crews_form(three, day=DAY, thirds=1, vehicles={7: 3}).crews[0].agents) == 3
    late = [on_duty(1), on_duty(2), on_duty(3, begins=5)]
    assert len(crews_form(late, day=DAY, thirds=1).crews[0].agents) == 2
    six = crews_form([on_duty(n) for n in (1, 2, 3, 4, 5, 7)], day=DAY, thirds=9)
    assert all(len(crew.agents) == 2 for crew in six.crews)


def test_a_crew_takes_the_vehicle_it_is_rostered_with_and_no_vehicle_goes_twice() -> None:
    formed = crews_form(
        [on_duty(n, vehicle=9) for n in (1, 2, 3, 4)], day=DAY, vehicles={7: 2, 9: 2}
    )  # fmt: skip
    assert sorted(crew.vehicle or 0 for crew in formed.crews) == [7, 9]
    three = crews_form([on_duty(n) for n in range(1, 7)], day=DAY, vehicles={7: 2})
    assert sorted(crew.vehicle or 0 for crew in three.crews) == [0, 0, 7]


def test_whoever_knows_the_borrower_keeps_the_whole_crew_away() -> None:
    formed = crews_form([on_duty(1), on_duty(2, ties=frozenset({"C1"}))], day=DAY)
    found = crews_for(formed.crews, asked=Asked("C1"))
    assert found.crews == frozenset()
    assert [r.why for r in found.refused[formed.crews[0].key]] == [Why.TIED]
    assert crews_for(formed.crews, asked=Asked("C2")).crews == {formed.crews[0].key}


@st.composite
def duties(draw: st.DrawFn) -> list[OnDuty]:
    return [
        on_duty(
            number,
            begins=draw(st.integers(0, 8)),
            hours=draw(st.integers(1, 9)),
            experienced=draw(st.booleans()),
            rostered=draw(st.sampled_from([True, True, True, False])),
            missing=draw(st.sampled_from([(), (), (Missing(Paper.LETTER),)])),
            rests_until=draw(st.sampled_from([None, None, DAY, DAY - timedelta(days=1)])),
            load=draw(st.integers(0, 9)),
        )
        for number in range(1, draw(st.integers(0, 9)) + 1)
    ]


@given(duties(), st.randoms(use_true_random=False))
def test_every_crew_of_every_day_may_go_and_everybody_else_is_accounted_for(
    some: list[OnDuty], shuffled: Any
) -> None:
    formed = crews_form(some, day=DAY, vehicles={1: 2, 2: 3})
    people = [agent.id for crew in formed.crews for agent in crew.agents]
    assert len(people) == len(set(people))
    assert set(people) | set(formed.behind) == {one.agent.id for one in some}
    assert set(people).isdisjoint(formed.behind)
    for crew in formed.crews:
        assert len(crew.agents) == 2
        assert any(agent.experienced for agent in crew.agents)
        assert all(agent.rostered and not agent.missing for agent in crew.agents)
        assert all(agent.rests_until is None or agent.rests_until < DAY for agent in crew.agents)
        assert crew.ends - crew.begins >= LEAST_TOGETHER
    again = list(some)
    shuffled.shuffle(again)
    assert crews_form(again, day=DAY, vehicles={1: 2, 2: 3}) == formed
