"""The columnar night gives exactly what the plain-Python definitions give."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doorstep.cycle.run import Night, cycle_run
from doorstep.delinquency.dues import bucket
from doorstep.delinquency.policy import DEFAULT, Compounding, PenaltyBase, Policy
from doorstep.treatment.ladder import decide
from doorstep.treatment.shelf import ladder_on
from doorstep.treatment.wording import reason_in_words
from tests.cycle.books import ON, Rough, plain_facts, plain_loans, rows_of, run_rough, silent
from tests.cycle.quirks import BIG, quirky_book

POLICIES = {
    "default": DEFAULT,
    "daily compounding on principal and interest": replace(
        DEFAULT,
        penalty_compounding=Compounding.DAILY,
        penalty_base=PenaltyBase.PRINCIPAL_AND_INTEREST,
        penalty_day_count=365,
        penalty_rate_cap_ppm=0,
        penalty_cap_percent=0,
    ),
    "monthly compounding, low cap, grace": replace(
        DEFAULT,
        penalty_compounding=Compounding.MONTHLY,
        penalty_cap_percent=2,
        grace_days=15,
        materiality=1_000_000,
        bucket_edges=(1, 30, 60, 90),
    ),
}


def same_loans(rough: Rough, out: Path, policy: Policy, on: date = ON) -> None:
    found = {row["loan_id"]: row for row in rows_of(out / "loans.parquet")}
    expected = plain_loans(rough, on=on, policy=policy)
    assert found.keys() == expected.keys()
    for loan_id, dues in expected.items():
        row = found[loan_id]
        parts = {
            name: row[f"overdue_{name}"] for name in ("principal", "interest", "fee", "penalty")
        }
        assert (row["dpd"], parts, row["overdue_total"], row["oldest_due_on"], row["late_12m"]) == (
            dues.dpd, asdict(dues.overdue), dues.overdue.total, dues.oldest_due_on, dues.late_12m,
        )  # fmt: skip
        assert row["bucket"] == bucket(dues.dpd, edges=policy.bucket_edges)


def same_decisions(rough: Rough, out: Path, policy: Policy, on: date = ON) -> None:
    found = {row["borrower_id"]: row for row in rows_of(out / "decisions.parquet")}
    expected = plain_facts(rough, on=on, policy=policy)
    assert list(found) == sorted(expected)
    for borrower, facts in expected.items():
        row = found[borrower]
        assert {name: row[name] for name in asdict(facts)} == asdict(facts)
        decision = decide(facts, ladder=ladder_on(on))
        for name in ("step", "reason", "ladder_version", "priority", "due_in_days"):
            assert row[name] == getattr(decision, name), name
        for name, language in (("reason_zh", "zh-Hans"), ("reason_en", "en")):
            assert row[name] == reason_in_words(
                ladder_version=decision.ladder_version,
                reason=decision.reason,
                facts=facts.as_json(),
                language=language,
            )


@pytest.mark.parametrize("name", POLICIES)
def test_a_book_with_every_quirk_is_decided_alike(tmp_path: Path, name: str) -> None:
    policy = POLICIES[name]
    rough = quirky_book(borrowers=300, seed=len(name))
    out = run_rough(rough, tmp_path, policy=policy)
    same_loans(rough, out, policy)
    same_decisions(rough, out, policy)


def test_no_number_of_the_output_is_a_float(tmp_path: Path) -> None:
    """Floats would be wrong above 2^53."""
    out = run_rough(quirky_book(borrowers=20, seed=1), tmp_path)
    again = Night(book=tmp_path / "book", on=ON, out=tmp_path / "next", previous=out)
    cycle_run(again, progress=silent)
    for path in again.out.glob("*.parquet"):
        kinds = {str(field.type) for field in pq.read_schema(path)}
        allowed = {"int64", "string", "bool", "date32[day]"}
        if path.name == "screening.parquet":
            allowed |= {"timestamp[us, tz=UTC]", "list<element: string>"}
        assert kinds <= allowed, path.name


def test_the_quirky_book_is_quirky(tmp_path: Path) -> None:
    """Else the test above would compare little."""
    facts = plain_facts(quirky_book(borrowers=300, seed=1)).values()
    assert len(facts) > 150
    assert {f.hold_kind for f in facts} >= {None, "promise", "agreement", "dispute", "deceased"}
    for name in ("loans_held", "paid_late_12m", "promises_broken_12m", "inbound", "calls_answered"):
        assert any(getattr(f, name) for f in facts), name
    assert any(f.currencies > 1 for f in facts)
    assert any(f.due_total > 2**53 for f in facts)
    assert any(f.hold_kind and f.hold_until is None for f in facts)


# Four hundred of the largest with their penalties still fit the 64 bits of a branch's total.
amounts = st.one_of(
    st.integers(0, 3), st.integers(0, 10**7), st.sampled_from([BIG, 123_456_789_012_345])
)


@st.composite
def instalments(draw: Any) -> dict[str, Any]:
    """One instalment with anything that may be true of it."""
    due = draw(
        st.one_of(
            st.dates(ON - timedelta(days=800), ON + timedelta(days=40)),
            st.sampled_from(
                [ON, ON - timedelta(days=1), ON - timedelta(days=365), ON - timedelta(days=366),
                 date(2024, 2, 29), date(2025, 2, 28)]
            ),
        )
    )  # fmt: skip
    row: dict[str, Any] = {"due_on": due}
    for part in ("principal", "interest", "fee", "penalty"):
        amount = draw(amounts)
        paid = draw(st.sampled_from([0, amount, amount // 2, amount // 3]))
        waived = draw(st.sampled_from([0, amount - paid]))
        row |= {f"{part}_due": amount, f"{part}_paid": paid, f"{part}_waived": waived}
    row["penalty_from"] = draw(
        st.one_of(st.none(), st.dates(due - timedelta(days=9), ON)) if due < ON else st.none()
    )
    row["settled_on"] = draw(
        st.one_of(st.none(), st.dates(due - timedelta(days=9), due + timedelta(days=9)))
    )
    return row  # fmt: skip


policies = st.builds(
    Policy,
    bucket_edges=st.sampled_from([(1, 31, 61, 91), (2,), (1, 30)]),
    materiality=st.sampled_from([0, 1, 5000]),
    grace_days=st.sampled_from([0, 1, 30]),
    penalty_percent=st.sampled_from([0, 100, 130, 150]),
    penalty_day_count=st.sampled_from([360, 365]),
    penalty_base=st.sampled_from(PenaltyBase),
    penalty_compounding=st.sampled_from(Compounding),
    penalty_rate_cap_ppm=st.sampled_from([0, 240_000, 65_251]),
    penalty_cap_percent=st.sampled_from([0, 1, 100]),
)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    loans=st.lists(
        st.tuples(
            st.sampled_from([0, 1, 43_501, 99_999, 180_000]),
            st.sampled_from([None, 100, 133, 150]),
            st.lists(instalments(), max_size=4),
        ),
        min_size=1,
        max_size=25,
    ),
    policy=policies,
    on=st.sampled_from([ON, date(2024, 2, 29), date(2025, 3, 1), date(2026, 1, 1)]),
)
def test_any_loan_under_any_policy_owes_the_same_to_the_minor_unit(
    loans: list[Any], policy: Policy, on: date
) -> None:
    rough = Rough()
    for number, (rate, percent, rows) in enumerate(loans):
        rough.borrower(f"B{number}")
        rough.loan(f"L{number}", f"B{number}", annual_rate_ppm=rate, penalty_percent=percent)
        for place, row in enumerate(rows):
            rough.instalment(f"L{number}", place, **row)
    with tempfile.TemporaryDirectory() as folder:
        out = run_rough(rough, Path(folder), policy=policy, on=on)
        same_loans(rough, out, policy, on)
        same_decisions(rough, out, policy, on)
