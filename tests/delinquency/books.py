"""Any loan with any instalments, for property tests: amounts always add up."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from doorstep.delinquency.dues import Instalment, Loan, Parts

START = date(2026, 1, 1)
MOST = 10**9


@st.composite
def split(draw: st.DrawFn) -> tuple[int, int, int]:
    """(due, paid, waived) with paid + waived never above due."""
    due = draw(st.integers(0, MOST))
    paid = draw(st.integers(0, due))
    return due, paid, draw(st.integers(0, due - paid))


@st.composite
def instalments(draw: st.DrawFn, number: int = 1) -> Instalment:
    """One instalment within three years of START."""
    columns = [draw(split()) for _ in range(4)]
    due_on = START + timedelta(days=draw(st.integers(-700, 400)))
    charged_to = draw(st.none() | st.integers(0, 300))
    return Instalment(
        number=number,
        due_on=due_on,
        due=Parts(*(column[0] for column in columns)),
        paid=Parts(*(column[1] for column in columns)),
        waived=Parts(*(column[2] for column in columns)),
        penalty_from=due_on + timedelta(days=charged_to) if charged_to is not None else None,
    )


@st.composite
def loans(draw: st.DrawFn, currencies: tuple[str, ...] = ("CNY",)) -> Loan:
    """A loan with up to six instalments."""
    rows = [draw(instalments(number=n + 1)) for n in range(draw(st.integers(0, 6)))]
    return Loan(
        loan_id=f"L{draw(st.integers(0, 10**6))}",
        currency=draw(st.sampled_from(currencies)),
        annual_rate_ppm=draw(st.integers(0, 500_000)),
        penalty_percent=draw(st.none() | st.integers(100, 400)),
        instalments=rows,
    )
