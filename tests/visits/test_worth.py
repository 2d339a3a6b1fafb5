"""What a visit is worth: reckoned in steps that add up, and never below nothing."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.kernel.errors import InputError
from doorstep.visits.worth import FILE, parameters, parameters_of, regions_behind, worth_of


def a_worth(**fields: Any) -> int:
    return worth_of(**({"bucket": 3, "due_total": 2_000_000, "minutes": 30} | fields)).value


def test_the_reasons_add_up_to_the_value() -> None:
    found = worth_of(
        bucket=3, due_total=1_000_000, minutes=30, waited=2, visits=1, inbound=1, region=1.1
    )
    assert [reason.code for reason in found.because] == [
        "benefit", "visited_before", "got_in_touch", "region_behind", "waited", "time_at_the_door"
    ]  # fmt: skip
    assert abs(sum(reason.minor for reason in found.because) - found.value) <= 3
    assert found.because[0].as_dict() == {
        "code": "benefit", "minor": 60_000, "share": 0.06, "counted": 1_000_000
    }  # fmt: skip


def test_what_is_overdue_counts_up_to_a_bound_and_the_door_costs_time() -> None:
    most = parameters().counted_most
    assert a_worth(due_total=most) == a_worth(due_total=10 * most)
    assert a_worth(minutes=30) - a_worth(minutes=60) == 30 * parameters().per_minute


def test_visits_that_changed_nothing_lessen_it_and_waiting_raises_it() -> None:
    assert a_worth() > a_worth(visits=1) > a_worth(visits=1, visits_answered=1)
    assert a_worth(inbound=1) < a_worth()
    assert a_worth(waited=5) > a_worth()


def test_a_trifle_is_worth_nothing_and_not_less() -> None:
    assert worth_of(bucket=1, due_total=1_000, minutes=30).value == 0
    assert worth_of(bucket=0, due_total=10**12, minutes=30).value == 0


@given(
    bucket=st.integers(-1, 20), due=st.integers(-(10**12), 10**12), minutes=st.integers(1, 480),
    waited=st.integers(-10, 1_000), visits=st.integers(0, 30), answered=st.integers(0, 40),
)  # fmt: skip
def test_every_borrower_has_a_value_of_nothing_or_more(
    bucket: int, due: int, minutes: int, waited: int, visits: int, answered: int
) -> None:
    found = worth_of(
        bucket=bucket, due_total=due, minutes=minutes, waited=waited, visits=visits,
        visits_answered=answered,
    )  # fmt: skip
    assert 0 <= found.lost_per_day <= found.value <= parameters().counted_most
    more = worth_of(
        bucket=bucket, due_total=due + 100_000, minutes=minutes, waited=waited, visits=visits,
        visits_answered=answered,
    )  # fmt: skip
    assert more.value >= found.value


def test_a_part_of_the_town_that_was_left_behind_counts_more() -> None:
    found = regions_behind(waiting={"a": 50, "b": 50}, visited={"a": 9, "b": 1})
    assert found["a"] == 1.0
    assert 1.0 < found["b"] <= parameters().region_most
    assert regions_behind(waiting={"a": 5}, visited={}) == {"a": 1.0}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("per_minute = 200", "per_minute = -1"), ("per_minute = 200", 'per_minute = "much"'),
        ("[waiting]", "[wating]"), ("lost_per_day = 0.03", "lost_per_day = 3"),
        ("minutes = 30", "minutes = 0"), ("most = 1.25", "most = 0.5"),
    ],
)  # fmt: skip
def test_odd_parameters_are_refused_by_name(old: str, new: str) -> None:
    text = FILE.read_text("utf-8")
    assert text.count(old) >= 1
    with pytest.raises(InputError) as caught:
        parameters_of(tomllib.loads(text.replace(old, new, 1)), file="worth.toml")
    assert "worth.toml" in str(caught.value)
