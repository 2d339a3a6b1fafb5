"""What a book changes against the one loaded before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from doorstep.portfolio.intake.checks import open_database, quoted
from doorstep.portfolio.schema import LOANS

LOST_PERCENT = 30


def difference_of(*, folder: Path, previous: Path) -> dict[str, Any]:
    """Loans that are new, gone, changed and the same, with balances in minor units by currency.

    {"new": {"loans": 3, "balance": {"CNY": 100}}, "gone": ..., "changed": ..., "same": ...,
    "before": ..., "after": ...}. `gone` carries yesterday's balance, `changed` today's less
    yesterday's, the others today's.
    """
    database = open_database(folder)
    try:
        for name, place in (("today", folder), ("before", previous)):
            database.execute(
                f"CREATE VIEW {name} AS FROM read_parquet('{quoted(place / 'loans.parquet')}')"
            )
        columns = [c.name for c in LOANS.columns if c.name not in {"loan_id", "stated_dpd"}]
        differs = " OR ".join(f't."{name}" IS DISTINCT FROM b."{name}"' for name in columns)
        found = database.execute(f"""
            SELECT CASE WHEN b.loan_id IS NULL THEN 'new' WHEN t.loan_id IS NULL THEN 'gone'
                        WHEN {differs} THEN 'changed' ELSE 'same' END AS kind,
                   coalesce(t.currency, b.currency) AS currency, count(*) AS loans,
                   coalesce(sum(t.balance), 0)::BIGINT AS today,
                   coalesce(sum(b.balance), 0)::BIGINT AS before
            FROM today t FULL JOIN before b ON t.loan_id = b.loan_id GROUP BY ALL ORDER BY ALL
        """).fetchall()
    finally:
        database.close()
    groups: dict[str, Any] = {
        kind: {"loans": 0, "balance": {}}
        for kind in ("new", "gone", "changed", "same", "before", "after")
    }
    for kind, currency, loans, today, before in found:
        amount = {"gone": before, "changed": today - before}.get(kind, today)
        _add(groups[kind], currency, loans, amount)
        if kind != "new":
            _add(groups["before"], currency, loans, before)
        if kind != "gone":
            _add(groups["after"], currency, loans, today)
    return groups


def attention_of(*, difference: dict[str, Any], rows: int, rejected: int) -> list[dict[str, Any]]:
    """What a person must look at before the book is let in.

    ACCOUNTS_LOST: 30 % or more of the loans of the book before are gone. MANY_REJECTED: at least
    one row in twenty was rejected.
    """
    attention = []
    gone, before = (
        difference.get("gone", {}).get("loans", 0),
        difference.get("before", {}).get("loans", 0),
    )
    if before and gone * 100 >= before * LOST_PERCENT:
        attention.append({"code": "ACCOUNTS_LOST", "lost": gone, "of": before})
    if rejected * 20 >= rows > 0:
        attention.append({"code": "MANY_REJECTED", "rejected": rejected, "of": rows})
    return attention


def _add(group: dict[str, Any], currency: str, loans: int, amount: int) -> None:
    group["loans"] += loans
    group["balance"][currency] = group["balance"].get(currency, 0) + amount
