"""Which recordings are drawn, and what a filled sheet comes to."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from doorstep.visits.scoring import FILE, LANGUAGES, sample_of, score_of, sheet, sheet_read

CODES = [each.code for each in sheet().questions]
MUST = [each.code for each in sheet().questions if each.must]


def test_the_sheet_speaks_three_languages_and_has_what_must_be_met() -> None:
    assert all(set(each.words) == set(LANGUAGES) for each in sheet().questions)
    assert all(text.strip() for each in sheet().questions for text in each.words.values())
    assert {"identity", "right_person", "consent", "no_pressure"} == set(MUST)


def test_all_met_is_a_hundred_and_nothing_met_is_low() -> None:
    best = score_of(points=dict.fromkeys(CODES, 2), by=sheet())
    worst = score_of(points=dict.fromkeys(CODES, 0), by=sheet())
    assert (best.percent, best.low) == (100, False)
    assert (worst.percent, worst.low) == (0, True)


@pytest.mark.parametrize("code", MUST)
def test_what_must_be_met_makes_the_best_score_low(code: str) -> None:
    points: dict[str, int | None] = {**dict.fromkeys(CODES, 2), code: 0}
    assert score_of(points=points, by=sheet()).low
    assert not score_of(points={**points, code: 1}, by=sheet()).low
    assert not score_of(points={**points, code: None}, by=sheet()).low


def test_the_edge_of_a_low_score_is_where_the_sheet_says() -> None:
    read = sheet_read(FILE.read_text("utf-8").replace("low_below = 70", "low_below = 95"))
    points: dict[str, int | None] = dict.fromkeys(CODES, 2)
    assert score_of(points={**points, "close": 1}, by=read).percent == 95
    assert not score_of(points={**points, "close": 1}, by=read).low
    assert score_of(points={**points, "close": 1, "warning": 1}, by=read).low


@pytest.mark.parametrize(
    "points",
    [{}, dict.fromkeys(CODES), dict.fromkeys(CODES[1:], 2), {**dict.fromkeys(CODES, 2), "x": 2},
     {**dict.fromkeys(CODES, 2), "close": 3}, {**dict.fromkeys(CODES, 2), "close": -1}],
)  # fmt: skip
def test_a_sheet_that_is_not_filled_has_no_score(points: dict[str, int | None]) -> None:
    with pytest.raises(ValueError):
        score_of(points=points, by=sheet())


@pytest.mark.parametrize(
    "change",
    [("version = 1", "version_ = 1"), ('code = "close"', 'code = "consent"'), ("en = ", "xx = ")],
)
def test_a_sheet_that_is_none_is_not_read(change: tuple[str, str]) -> None:
    with pytest.raises((KeyError, ValueError)):
        sheet_read(Path(FILE).read_text("utf-8").replace(*change))


@pytest.mark.parametrize("share", [1, 5, 333, 334, 500, 999, 1000])
def test_a_draw_is_the_share_rounded_up_and_the_same_again(share: int) -> None:
    for count in range(0, 61, 3):
        ids = {uuid.UUID(int=1000 * share + each) for each in range(count)}
        drawn = sample_of(recordings=ids, share=share, seed=str(count))
        assert len(drawn) == -(-count * share // 1000)
        assert len(set(drawn)) == len(drawn)
        assert set(drawn) <= ids
        assert drawn == sample_of(
            recordings=sorted(ids, reverse=True), share=share, seed=str(count)
        )


def test_another_seed_draws_others() -> None:
    ids = [uuid.UUID(int=n) for n in range(200)]
    drawn = {tuple(sample_of(recordings=ids, share=100, seed=str(n))) for n in range(20)}
    assert len(drawn) == 20
