"""Courses and their question banks, as data in `courses/*.toml`; drawing and marking an exam. Pure.

A course teaches by its points: each question's `why` is one. An exam draws `drawn` questions; the
same seed draws the same questions with their options in the same order.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from doorstep.kernel.errors import InputError, NotFound, Where

FOLDER = Path(__file__).parent / "courses"
LANGUAGES = ("zh-Hans", "zh-Hant", "en")
LEAST_QUESTIONS = 12
Words = Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """One question: the right answer first among `options`, which an exam shuffles."""

    id: str
    ask: Words
    options: tuple[Words, ...]
    why: Words
    source: str


@dataclass(frozen=True)
class Course:
    """A course: how many questions are drawn, how many must be right, how long a pass counts and
    how long an exam may take."""

    key: str
    version: str
    title: Words
    about: Words
    drawn: int
    pass_mark: int
    valid_days: int
    minutes: int
    questions: tuple[Question, ...]

    def question(self, question_id: str) -> Question:
        """The question of that id. Raises NotFound for one that the bank no longer has."""
        for each in self.questions:
            if each.id == question_id:
                return each
        raise NotFound(
            f"The course {self.key} has no question {question_id}.",
            code="NO_QUESTION",
            hint="The bank was changed since: begin the exam again.",
        )


@dataclass(frozen=True)
class Drawn:
    """A question as it is put: `order` are places of its options, as shown."""

    question: str
    order: tuple[int, ...]


@lru_cache(maxsize=1)
def courses() -> Mapping[str, Course]:
    """The courses that ship, by key."""
    found = (course_load(path) for path in sorted(FOLDER.glob("*.toml")))
    return {course.key: course for course in found}


def course_load(path: Path) -> Course:
    """The course in a TOML file. Raises InputError naming the file and the question."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        questions = tuple(_question(each, path.name) for each in raw["questions"])
        course = Course(
            key=path.stem,
            title=_words(raw["title"], path.name, "title"),
            about=_words(raw["about"], path.name, "about"),
            version=str(raw["version"]),
            questions=questions,
            **{name: int(raw[name]) for name in ("drawn", "pass_mark", "valid_days", "minutes")},
        )
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise _bad(path.name, "", f"It is not of the form that is expected: {error}.") from None
    _check(course, path.name)
    return course


def _check(course: Course, file: str) -> None:
    ids = [question.id for question in course.questions]
    if len(set(ids)) != len(ids):
        raise _bad(file, "id", "Two questions have the same id.")
    if len(ids) < max(LEAST_QUESTIONS, course.drawn):
        raise _bad(file, "questions", f"A bank has at least {LEAST_QUESTIONS} questions.")
    if not 0 < course.pass_mark <= course.drawn or course.valid_days < 1 or course.minutes < 1:
        raise _bad(file, "pass_mark", "The mark cannot be reached, or a length is no length.")


def _question(raw: Mapping[str, Any], file: str) -> Question:
    name = str(raw["id"])
    options = (raw["right"], *raw["wrong"])
    if len(options) < 3:
        raise _bad(file, name, "A question has at least two wrong answers.")
    return Question(
        id=name,
        ask=_words(raw["ask"], file, name),
        options=tuple(_words(each, file, name) for each in options),
        why=_words(raw["why"], file, name),
        source=str(raw.get("source", "")),
    )


def _words(raw: Mapping[str, str], file: str, name: str) -> Words:
    if set(raw) != set(LANGUAGES) or not all(text.strip() for text in raw.values()):
        raise _bad(file, name, f"Needed in {', '.join(LANGUAGES)} and no other.")
    return dict(raw)


def exam_draw(course: Course, *, seed: int) -> tuple[Drawn, ...]:
    """The questions of one exam, their options shuffled."""
    chance = np.random.default_rng(seed)
    places = chance.permutation(len(course.questions))[: course.drawn]
    drawn = [course.questions[place] for place in places]
    return tuple(
        Drawn(each.id, tuple(int(n) for n in chance.permutation(len(each.options))))
        for each in drawn
    )


def exam_mark(drawn: Sequence[Drawn], answers: Mapping[str, int]) -> int:
    """How many answers are right; an answer is the place of an option as it was shown."""
    return sum(_is_right(each, answers.get(each.question)) for each in drawn)


def _is_right(drawn: Drawn, answer: int | None) -> bool:
    return answer is not None and 0 <= answer < len(drawn.order) and drawn.order[answer] == 0


def _bad(file: str, name: str, why: str) -> InputError:
    return InputError(
        why,
        code="BAD_COURSE",
        hint="docs/howto/workforce.md says how a course is written.",
        where=Where(file=file, field=name or None),
    )
