"""Law cases of five more places: the public ones agree, and so do cases of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from doorstep.outreach.lint import text_lint
from doorstep.rules.cases.case_file import Case, cases_read
from doorstep.rules.cases.check import CaseVerdict, case_check
from doorstep.rules.cases.words import Tools
from tests.rulepacks.kit import book

HERE = Path(__file__).parent
PLACES = {"us": 72, "uk": 18, "in": 9, "tw": 10, "hk": 4}
TOOLS = Tools(
    book().catalogue, book().counters, lambda text: [f.behaviour for f in text_lint(text)]
)
OWN = {place: cases_read(HERE / f"{place}.yaml") for place in PLACES}
# Cases of ours that are about not knowing: refused, and by the name of what is not known.
NOT_KNOWN = {
    "OWN-US-30": ("local_time",), "OWN-US-43": ("represented",), "OWN-US-64": ("minor",),
    "OWN-US-76": ("opt_out_ways",), "OWN-US-88": ("state",),
    "OWN-UK-19": ("identity_verified",), "OWN-TW-07": ("badge_worn",),
    "OWN-HK-08": ("guarantee_contract",),
}  # fmt: skip


def said(case: Case) -> CaseVerdict:
    return case_check(case, book(), TOOLS)


@pytest.mark.outside
@pytest.mark.parametrize("place", PLACES)
def test_every_public_case_of_the_place_agrees(outside: Path, place: str) -> None:
    cases, expected = cases_read(outside / "law" / "cases.yaml")
    theirs = [case for case in cases if case.jurisdiction.startswith(place)]
    verdicts = {case.id: said(case) for case in theirs}
    assert {name: v.verdict for name, v in verdicts.items()} == {
        case.id: expected[case.id] for case in theirs
    }
    assert len(theirs) == PLACES[place]
    assert [name for name, v in verdicts.items() if v.not_encoded] == []
    assert [name for name, v in verdicts.items() if v.missing] == [], "not for want of a fact"


@pytest.mark.outside
def test_the_rule_that_decides_is_the_one_the_case_names(outside: Path) -> None:
    cases, _ = cases_read(outside / "law" / "cases.yaml")
    for case in cases:
        if case.jurisdiction.startswith(tuple(PLACES)):
            assert set(said(case).rules) <= set(case.rules), case.id


@pytest.mark.parametrize(
    ("case", "verdict"),
    [(case, expected[case.id]) for cases, expected in OWN.values() for case in cases],
    ids=lambda value: value.id if isinstance(value, Case) else None,
)
def test_a_case_of_our_own_agrees(case: Case, verdict: str) -> None:
    found = said(case)
    assert found.verdict == verdict
    assert found.missing == NOT_KNOWN.get(case.id, ())


def test_what_a_case_expects_never_reaches_the_rules() -> None:
    cases, _ = OWN["us"]
    assert not any("expect" in {*case.given, *case.action} for case in cases)


def test_a_second_reason_to_refuse_does_not_hide_the_first_hour_that_is_left() -> None:
    """Seven calls from the Tuesday on: the next is possible when the first has left the week."""
    case = next(case for case in OWN["us"][0] if case.id == "OWN-US-02")
    moment = said(case).not_before
    assert moment is not None
    assert moment.isoformat() == "2026-04-14T00:00:00-04:00"


ODD = [None, True, -3, 2.5, "", "x", "2026-13-45", "25:00-26:00", [], {}, [None], [{}], {"a": 1}]
PLACES_IN_CASES = sorted(
    {(part, name) for cases, _ in OWN.values() for case in cases
     for part, words in (("facts", case.given), ("action", case.action)) for name in words}
)  # fmt: skip


@pytest.mark.parametrize(("part", "name"), PLACES_IN_CASES)
def test_odd_words_in_a_case_are_read_as_not_known_and_break_nothing(part: str, name: str) -> None:
    cases = [case for cases, _ in OWN.values() for case in cases]
    case = next(c for c in cases if name in (c.given if part == "facts" else c.action))
    for odd in ODD:
        given = {**case.given, **({name: odd} if part == "facts" else {})}
        action = {**case.action, **({name: odd} if part == "action" else {})}
        found = said(Case(case.id, case.rules, given, action, case.jurisdiction))
        assert found.verdict in ("allow", "warn", "deny", "end-contact")
