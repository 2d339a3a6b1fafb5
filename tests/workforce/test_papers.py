"""What somebody needs before they act, to the day: valid on the last day, not on the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from doorstep.rules.values import NOTHING
from doorstep.workforce.papers import (
    Deed,
    Letter,
    Missing,
    Paper,
    Papers,
    authorised_until,
    crew_facts,
    papers_ending,
    papers_missing,
    papers_until,
)

DAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)
BEFORE = DAY - timedelta(days=1)
WHOLE = Papers(
    staff_id=1, active=True, work_id="W1", photograph=True, vetted_until=DAY,
    confidential_on=DAY, passes=dict.fromkeys(("law", "conduct", "safety", "objections"), DAY),
    letters=(Letter("AL-1", DAY, DAY),),
)  # fmt: skip


def missing(papers: Papers, *, on: date = DAY, deed: Deed = Deed.VISIT) -> set[Paper]:
    return {each.paper for each in papers_missing(papers, deed=deed, on=on, at=AT)}


def test_whoever_has_everything_until_today_may_go_today_and_not_tomorrow() -> None:
    assert missing(WHOLE) == set()
    assert missing(WHOLE, on=NEXT) == {Paper.VETTING, Paper.COURSE, Paper.LETTER}
    assert papers_until(WHOLE, deed=Deed.VISIT, on=DAY, at=AT) == DAY
    assert papers_until(WHOLE, deed=Deed.VISIT, on=NEXT, at=AT) is None


@pytest.mark.parametrize(
    ("worse", "paper"),
    [
        ({"active": False}, Paper.ACCOUNT),
        ({"work_id": ""}, Paper.WORK_ID),
        ({"photograph": False}, Paper.PHOTOGRAPH),
        ({"vetted_until": BEFORE}, Paper.VETTING),
        ({"vetted_until": None}, Paper.VETTING),
        ({"confidential_on": NEXT}, Paper.CONFIDENTIALITY),
        ({"passes": {"law": DAY, "conduct": DAY, "objections": DAY}}, Paper.COURSE),
        ({"letters": ()}, Paper.LETTER),
        ({"letters": (Letter("AL-1", NEXT, NEXT),)}, Paper.LETTER),
        ({"letters": (Letter("AL-1", BEFORE, BEFORE),)}, Paper.LETTER),
        ({"letters": (Letter("AL-1", DAY, DAY, AT),)}, Paper.LETTER),
    ],
)
def test_each_single_thing_that_is_missing_stops_a_visit(
    worse: dict[str, Any], paper: Paper
) -> None:
    papers = replace(WHOLE, **worse)
    assert missing(papers) == {paper}
    facts = crew_facts(crew=[WHOLE, papers], deed=Deed.VISIT, on=DAY, at=AT)
    standing = facts["authorised_until"].value
    lapsed = standing is NOTHING or (isinstance(standing, date) and standing < DAY)
    assert (facts["staff_qualified"].value, lapsed) == (
        paper is Paper.LETTER,
        paper is Paper.LETTER,
    )


def test_a_letter_revoked_at_this_very_moment_no_longer_counts_and_a_moment_before_it_did() -> None:
    letter = Letter("AL-1", BEFORE, NEXT, AT)
    assert not letter.stands(on=DAY, at=AT)
    assert letter.stands(on=DAY, at=AT - timedelta(microseconds=1))
    assert authorised_until(replace(WHOLE, letters=(letter,)), on=DAY, at=AT) is None


def test_a_renewed_letter_counts_until_the_later_day_and_one_that_ran_out_is_named() -> None:
    both = (Letter("AL-1", BEFORE, DAY), Letter("AL-2", DAY, NEXT))
    assert authorised_until(replace(WHOLE, letters=both), on=DAY, at=AT) == NEXT
    over = (Letter("AL-1", BEFORE, BEFORE),)
    assert authorised_until(replace(WHOLE, letters=over), on=DAY, at=AT) == BEFORE


def test_a_crew_is_authorised_until_its_first_letter_ends_and_nobody_is_no_crew() -> None:
    longer = replace(WHOLE, staff_id=2, letters=(Letter("AL-2", DAY, NEXT),))
    facts = crew_facts(crew=[WHOLE, longer], deed=Deed.VISIT, on=DAY, at=AT)
    assert facts["authorised_until"].value == DAY
    nobody = crew_facts(crew=[], deed=Deed.VISIT, on=DAY, at=AT)
    assert nobody["authorised_until"].value is NOTHING
    assert nobody["staff_qualified"].value is False


def test_who_calls_needs_training_but_no_letter_photograph_or_work_id() -> None:
    caller = replace(WHOLE, work_id="", photograph=False, letters=())
    assert missing(caller, deed=Deed.CALL) == set()
    assert missing(replace(caller, passes={"law": DAY}), deed=Deed.CALL) == {Paper.COURSE}


@pytest.mark.parametrize(("days", "warned"), [(30, True), (31, False)])
def test_what_ends_within_thirty_days_is_announced(days: int, warned: bool) -> None:
    later = DAY + timedelta(days=200)
    papers = replace(
        WHOLE, passes=dict.fromkeys(WHOLE.passes, later), vetted_until=later,
        letters=(Letter("AL-1", DAY, DAY + timedelta(days=days)),),
    )  # fmt: skip
    soon = papers_ending(papers, deed=Deed.VISIT, on=DAY, at=AT, within=30)
    assert soon == ((Missing(Paper.LETTER, DAY + timedelta(days=30)),) if warned else ())
