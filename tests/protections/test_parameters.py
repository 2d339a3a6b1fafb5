"""The lender's deadlines: shipped with their source, changed in policy.toml, refused by name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from doorstep.delinquency.policy import policy_load
from doorstep.kernel.errors import InputError
from doorstep.protections.parameters import Count, parameters_from_mapping, parameters_load, shipped

FRIDAY = date(2026, 11, 20)


def test_every_shipped_term_says_where_it_comes_from() -> None:
    for name, term in shipped().terms.items():
        assert term.source.strip(), name
        assert term.house or term.confidence in ("seen-primary", "seen-quoted"), name


def test_a_complaint_is_answered_in_fifteen_days_and_a_dispute_in_ten_working_days() -> None:
    assert shipped().due("complaint_answer", after=FRIDAY).day == date(2026, 12, 5)
    assert shipped().due("dispute_answer", after=FRIDAY).day == date(2026, 12, 4)


def test_a_claim_of_a_kind_without_its_own_term_holds_for_the_common_one() -> None:
    assert shipped().claim_term("deceased") == "claim_deceased"
    assert shipped().claim_term("workplacerestriction") == "claim_other"


def test_the_lenders_file_changes_single_terms(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(
        "grace_days = 3\n[protections.terms.dispute_answer]\n"
        'days = 7\ncount = "calendar"\nsource = "Board decision of 2026-11-01"\n',
        "utf-8",
    )
    term = parameters_load(policy).terms["dispute_answer"]
    assert (term.days, term.count, term.house) == (7, Count.CALENDAR, True)
    assert parameters_load(policy).terms["complaint_answer"] == shipped().terms["complaint_answer"]
    assert policy_load(policy).grace_days == 3  # the night reads its own part of the same file


def test_without_a_file_what_is_shipped_holds(tmp_path: Path) -> None:
    assert parameters_load(tmp_path / "policy.toml") == shipped()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"calender": "CN"}, "calender"),
        ({"calendar": "XX"}, "calendar"),
        ({"calendar": 1}, "calendar"),
        ({"terms": []}, "terms"),
        ({"terms": {"complaint": {}}}, "complaint"),
        ({"terms": {"dispute_answer": {"days": 7}}}, "dispute_answer.source"),
        ({"terms": {"dispute_answer": {"days": 0, "source": "x"}}}, "dispute_answer.days"),
        ({"terms": {"dispute_answer": {"days": True, "source": "x"}}}, "dispute_answer.days"),
        ({"terms": {"dispute_answer": {"days": 99999, "source": "x"}}}, "dispute_answer.days"),
        ({"terms": {"dispute_answer": {"count": "lunar", "source": "x"}}}, "dispute_answer.count"),
        ({"terms": {"dispute_answer": {"hours": 1, "source": "x"}}}, "dispute_answer.hours"),
        (7, "protections"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name(values: object, field: str) -> None:
    with pytest.raises(InputError) as refused:
        parameters_from_mapping(values, file="policy.toml")
    assert (refused.value.where.file, refused.value.where.field) == ("policy.toml", field)


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[protections", "utf-8")
    with pytest.raises(InputError, match="TOML"):
        parameters_load(policy)


def test_the_page_of_parameters_says_every_term_as_it_is(repository: Path) -> None:
    page = (repository / "docs/reference/policy.md").read_text("utf-8")
    for name, term in shipped().terms.items():
        assert f"| `{name}` | {term.days} {term.count} |" in page
