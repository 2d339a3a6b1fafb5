"""The question banks: complete, in three languages, tied to rules that exist; and marking."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.kernel.errors import InputError, NotFound
from doorstep.workforce.courses import (
    FOLDER,
    LANGUAGES,
    course_load,
    courses,
    exam_draw,
    exam_mark,
)
from doorstep.workforce.papers import COURSES, Deed

KEYS = sorted(courses())


def test_there_is_a_course_for_everything_that_a_deed_asks() -> None:
    assert sorted(COURSES[Deed.VISIT]) == KEYS
    assert set(COURSES[Deed.CALL]) < set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_bank_is_large_enough_and_its_options_differ_in_every_language(key: str) -> None:
    course = courses()[key]
    assert len(course.questions) >= 12
    for question in course.questions:
        for language in LANGUAGES:
            said = [option[language] for option in question.options]
            assert len(set(said)) == len(said), question.id


@pytest.mark.parametrize("key", KEYS)
def test_every_rule_behind_a_question_is_a_rule_of_the_packs(key: str, repository: Path) -> None:
    packs = [path.read_text("utf-8") for path in (repository / "rulepacks").rglob("*.toml")]
    behaviours = (repository / "src/doorstep/outreach/behaviours.toml").read_text("utf-8")
    for source in filter(None, (question.source for question in courses()[key].questions)):
        place = [behaviours] if source.startswith("FB-") else packs
        assert any(source in text for text in place), source


@given(st.sampled_from(KEYS), st.integers(0, 2**32))
def test_an_exam_draws_each_question_once_and_all_right_is_all_points(key: str, seed: int) -> None:
    course = courses()[key]
    drawn = exam_draw(course, seed=seed)
    assert drawn == exam_draw(course, seed=seed)
    assert len({each.question for each in drawn}) == len(drawn) == course.drawn
    right = {each.question: each.order.index(0) for each in drawn}
    assert exam_mark(drawn, right) == course.drawn
    assert exam_mark(drawn, {}) == 0
    assert exam_mark(drawn, dict.fromkeys(right, 9)) == 0
    one_short = dict(list(right.items())[: course.pass_mark - 1])
    assert exam_mark(drawn, one_short) == course.pass_mark - 1


BROKEN = {
    "missing language": ('zh-Hant = "法律與規則", ', "", "title"),
    "same id": ('id = "two"', 'id = "quiet"', "id"),
    "mark out of reach": ("pass_mark = 8", "pass_mark = 11", "pass_mark"),
    "no TOML": ("drawn = 10", "drawn = ", "form"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_bank_that_cannot_be_used_is_refused_by_name(name: str, tmp_path: Path) -> None:
    before, after, words = BROKEN[name]
    path = tmp_path / "law.toml"
    path.write_text((FOLDER / "law.toml").read_text("utf-8").replace(before, after, 1), "utf-8")
    with pytest.raises(InputError, match=r"law\.toml") as caught:
        course_load(path)
    assert words in str(caught.value)


def test_a_question_that_is_gone_is_said_to_be() -> None:
    with pytest.raises(NotFound):
        courses()["law"].question("none")
