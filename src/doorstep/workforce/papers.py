"""What somebody needs before they may act for the lender, and until when they have it. Pure.

Days are calendar days of the place where the act happens; a last day counts to its midnight there.
Source of what is asked: CN-NIFA-STAFF (vetting, training, exam, confidentiality), CN-CBA-VISIT-TWO
(identification), HOUSE-AUTHORITY (a letter valid on the day).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from doorstep.guard.facts import Facts
from doorstep.rules.values import NOTHING


class Deed(StrEnum):
    """What somebody is to do."""

    VISIT = "visit"
    CALL = "call"


class Paper(StrEnum):
    """A thing that must be there and must not have run out."""

    ACCOUNT = "account"
    WORK_ID = "work_id"
    PHOTOGRAPH = "photograph"
    VETTING = "vetting"
    CONFIDENTIALITY = "confidentiality"
    COURSE = "course"
    LETTER = "letter"


COURSES: Mapping[Deed, tuple[str, ...]] = {
    Deed.VISIT: ("law", "conduct", "safety", "objections"),
    Deed.CALL: ("law", "conduct", "objections"),
}
SHOWN_AT_THE_DOOR = (Paper.WORK_ID, Paper.PHOTOGRAPH, Paper.LETTER)


@dataclass(frozen=True)
class Letter:
    """An authority letter: its period, both days included, and when it was revoked."""

    number: str
    valid_from: date
    valid_until: date
    revoked_at: datetime | None = None

    def stands(self, *, on: date, at: datetime) -> bool:
        """Whether it is valid on that day, as known at that instant."""
        revoked = self.revoked_at is not None and self.revoked_at <= at
        return not revoked and self.valid_from <= on <= self.valid_until


@dataclass(frozen=True)
class Papers:
    """Everything somebody holds. `passes`: for each course the last day its best pass counts."""

    staff_id: int
    active: bool = False
    work_id: str = ""
    photograph: bool = False
    vetted_until: date | None = None
    confidential_on: date | None = None
    passes: Mapping[str, date] = field(default_factory=dict)
    letters: tuple[Letter, ...] = ()


@dataclass(frozen=True)
class Missing:
    """One thing that is missing; `ended_on` is its last day where it was there once. `course` is
    named where the paper is a course."""

    paper: Paper
    ended_on: date | None = None
    course: str = ""


def papers_missing(papers: Papers, *, deed: Deed, on: date, at: datetime) -> tuple[Missing, ...]:
    """What is missing or expired for the deed on that day, as known at that instant."""
    found = [missing for missing in _of_person(papers, on) if _needed(missing, deed)]
    for course in COURSES[deed]:
        until = papers.passes.get(course)
        if until is None or until < on:
            found.append(Missing(Paper.COURSE, until, course))
    if deed is Deed.VISIT and letter_standing(papers, on=on, at=at) is None:
        found.append(Missing(Paper.LETTER, authorised_until(papers, on=on, at=at)))
    return tuple(found)


def _of_person(papers: Papers, on: date) -> Iterable[Missing]:
    if not papers.active:
        yield Missing(Paper.ACCOUNT)
    if not papers.work_id:
        yield Missing(Paper.WORK_ID)
    if not papers.photograph:
        yield Missing(Paper.PHOTOGRAPH)
    if papers.vetted_until is None or papers.vetted_until < on:
        yield Missing(Paper.VETTING, papers.vetted_until)
    if papers.confidential_on is None or papers.confidential_on > on:
        yield Missing(Paper.CONFIDENTIALITY)


def _needed(missing: Missing, deed: Deed) -> bool:
    return deed is Deed.VISIT or missing.paper not in SHOWN_AT_THE_DOOR


def letter_standing(papers: Papers, *, on: date, at: datetime) -> Letter | None:
    """The letter that is valid on the day and lasts longest; None where there is none."""
    standing = [letter for letter in papers.letters if letter.stands(on=on, at=at)]
    return max(standing, key=lambda letter: letter.valid_until, default=None)


def authorised_until(papers: Papers, *, on: date, at: datetime) -> date | None:
    """The last day of the letter valid on `on`; else the day the last one ran out, so that a
    refusal can name it; None where there never was one, or it was revoked, or has not begun."""
    if standing := letter_standing(papers, on=on, at=at):
        return standing.valid_until
    over = (
        letter.valid_until
        for letter in papers.letters
        if letter.valid_until < on and (letter.revoked_at is None or letter.revoked_at > at)
    )
    return max(over, default=None)


def papers_until(papers: Papers, *, deed: Deed, on: date, at: datetime) -> date | None:
    """The last day on which nothing will have run out; None where something is missing now."""
    if papers_missing(papers, deed=deed, on=on, at=at) or papers.vetted_until is None:
        return None
    ends = [papers.vetted_until, *(papers.passes[course] for course in COURSES[deed])]
    letter = letter_standing(papers, on=on, at=at)
    if deed is Deed.VISIT and letter:
        ends.append(letter.valid_until)
    return min(ends)


def papers_ending(
    papers: Papers, *, deed: Deed, on: date, at: datetime, within: int
) -> tuple[Missing, ...]:
    """What is in order on the day but ends within so many days, the earliest first."""
    if not papers.active:
        return ()
    ends = [Missing(Paper.COURSE, papers.passes.get(name), name) for name in COURSES[deed]]
    ends.append(Missing(Paper.VETTING, papers.vetted_until))
    if deed is Deed.VISIT:
        letter = letter_standing(papers, on=on, at=at)
        ends.append(Missing(Paper.LETTER, letter.valid_until if letter else None))
    soon = [e for e in ends if e.ended_on and 0 <= (e.ended_on - on).days <= within]
    return tuple(sorted(soon, key=lambda each: (each.ended_on or on, each.paper, each.course)))


def crew_facts(*, crew: Sequence[Papers], deed: Deed, on: date, at: datetime) -> Facts:
    """The facts of the catalogue that workforce supplies about those who would act.

    A crew is authorised until the first of its letters ends. Nobody at all is neither authorised
    nor qualified.
    """
    ends = [authorised_until(each, on=on, at=at) for each in crew]
    known = [end for end in ends if end is not None]
    letters = {Paper.LETTER}
    qualified = bool(crew) and not any(
        missing.paper not in letters
        for each in crew
        for missing in papers_missing(each, deed=deed, on=on, at=at)
    )
    whole = bool(crew) and len(known) == len(crew)
    return Facts.of(
        "workforce",
        None,
        authorised_until=min(known) if whole else NOTHING,
        staff_qualified=qualified,
    )
