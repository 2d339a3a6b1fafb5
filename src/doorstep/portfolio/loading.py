"""A book's Parquet tables into the database, set-based, in the caller's one transaction.

Only rows that differ from the book loaded before are written; without one, all are. What the lender
no longer states:
- a loan that is gone is closed with nothing owed and loses its instalments, for nobody claims them
  any more; its payments stay, and every earlier book keeps the whole of it as Parquet;
- instalments, flags and other people's numbers that are gone are deleted;
- a contact point or address that is gone is deleted unless staff have a finding about it;
- borrowers, employers and payments stay: they are history.
What staff found out about a contact point or address stands against whatever the lender says.
A borrower's number that the lender also gives as somebody else's is not used (state third_party)
and opens a verification task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
from django.conf import settings
from django.db.models import Exists, Model, OuterRef, Subquery
from django.db.models.functions import TruncDate

from doorstep.portfolio import models
from doorstep.portfolio.bulk import delete_rows, upsert_rows
from doorstep.portfolio.intake.book import Progress
from doorstep.portfolio.intake.checks import open_database
from doorstep.portfolio.schema import TABLES

OWN = "owner = 'borrower'"
STATE = """CASE WHEN EXISTS (FROM {view} o WHERE o.borrower_id = c.borrower_id AND o.value = c.value
           AND o.owner <> 'borrower') THEN 'third_party' ELSE c.state END"""


@dataclass(frozen=True)
class Target:
    """A table of the database as a query over a book (`{view}` stands for the book's table)."""

    name: str
    table: str
    model: type[Model]
    columns: tuple[str, ...]
    key: tuple[str, ...]
    query: str


def _plain(name: str, model: type[Model]) -> Target:
    table = TABLES[name]
    columns = tuple(column.name for column in table.columns)
    return Target(name, name, model, columns, table.key, "SELECT * FROM {view}")


POINT = ("borrower_id", "kind", "value")
TARGETS = (
    _plain("employers", models.Employer),
    _plain("borrowers", models.Borrower),
    Target(
        "contact_points", "contact_points", models.ContactPoint,
        (*POINT, "state", "verified_on", "verified_how"), POINT,
        f"SELECT borrower_id, kind, value, {STATE} AS state, verified_on, verified_how "
        f"FROM {{view}} c WHERE {OWN}",
    ),
    Target(
        "third_parties", "contact_points", models.ThirdPartyNumber,
        (*POINT, "owner", "owner_name"), POINT,
        "SELECT borrower_id, kind, value, min(owner) AS owner, "
        "min_by(owner_name, owner) AS owner_name "
        f"FROM {{view}} WHERE NOT ({OWN}) GROUP BY borrower_id, kind, value",
    ),
    _plain("addresses", models.Address),
    _plain("loans", models.Loan),
    _plain("instalments", models.Instalment),
    _plain("payments", models.Payment),
    _plain("flags", models.ExternalFlag),
)  # fmt: skip


def written_models() -> list[type[Model]]:
    """The tables a load writes."""
    return [target.model for target in TARGETS]


def tables_load(
    *, folder: Path, previous: Path | None, at: datetime, progress: Progress
) -> dict[str, int]:
    """Write the book in `folder`; returns how many rows of each table were written or removed."""
    database = open_database(folder)
    written = {}
    sizes = {target.name: _size(folder, target) for target in TARGETS}
    begun, whole = 0, sum(sizes.values()) or 1

    def note(rows: int) -> None:
        progress("load", (begun + rows) / whole)

    try:
        _views(database, folder, previous)
        for target in TARGETS:
            note(0)
            written[target.name] = upsert_rows(
                model=target.model,
                columns=target.columns,
                rows=_batches(database, _changed(target, previous), note),
                key=target.key,
                update=[name for name in target.columns if name not in target.key],
            )
            begun += sizes[target.name]
        if previous is not None:
            _remove(database, at=at)
        _findings_stand()
        _tasks_open(at=at)
    finally:
        database.close()
    progress("load", 1.0)
    return written


def _views(database: Any, folder: Path, previous: Path | None) -> None:
    for view, place in (("today", folder), ("before", previous)):
        for name in TABLES if place else ():
            path = str(Path(str(place)) / f"{name}.parquet").replace("'", "''")
            database.execute(f"CREATE VIEW {view}_{name} AS FROM read_parquet('{path}')")
        for target in TARGETS if place else ():
            names = ", ".join(f'"{column}"' for column in target.columns)
            query = target.query.format(view=f"{view}_{target.table}")
            database.execute(
                f"CREATE VIEW {view}_of_{target.name} AS SELECT {names} FROM ({query})"
            )


def _changed(target: Target, previous: Path | None) -> str:
    today = f"FROM today_of_{target.name} t"
    order = "ORDER BY " + ", ".join(f'"{name}"' for name in target.key)
    if previous is None:
        return f"SELECT * {today} {order}"
    same = " AND ".join(f't."{name}" IS NOT DISTINCT FROM b."{name}"' for name in target.columns)
    return (
        f"SELECT t.* {today} WHERE NOT EXISTS (FROM before_of_{target.name} b WHERE {same}) {order}"
    )


def _size(folder: Path, target: Target) -> int:
    """Rows of the table that a target is read from: the most it can have."""
    return int(pq.read_metadata(folder / f"{target.table}.parquet").num_rows)


def _batches(database: Any, query: str, note: Callable[[int], None]) -> Iterator[Any]:
    """The rows of a query; how many were taken is noted as each batch comes back for more."""
    rows = 0
    for batch in database.execute(query).to_arrow_reader(20_000):
        yield batch
        rows += batch.num_rows
        note(rows)


def _gone(database: Any, name: str) -> list[tuple[Any, ...]]:
    """Keys of the book before that are not in this one."""
    target = next(target for target in TARGETS if target.name == name)
    names = ", ".join(f'"{column}"' for column in target.key)
    rows: list[tuple[Any, ...]] = database.execute(
        f"SELECT {names} FROM before_of_{name} EXCEPT "
        f"SELECT {names} FROM today_of_{name} ORDER BY ALL"
    ).fetchall()
    return rows


def _remove(database: Any, *, at: datetime) -> None:
    loans = [key for (key,) in _gone(database, "loans")]
    for some in _pieces(loans):
        models.Loan.objects.filter(pk__in=some).update(
            status="closed", balance=0, stated_dpd=None, stated_overdue=None
        )
    for name, model in (
        ("instalments", models.Instalment),
        ("flags", models.ExternalFlag),
        ("third_parties", models.ThirdPartyNumber),
    ):
        target = next(target for target in TARGETS if target.name == name)
        delete_rows(model=model, key=target.key, rows=_gone(database, name))
    _remove_unfound(database, models.ContactPoint, "contact_points", "contact_point", at)
    _remove_unfound(database, models.Address, "addresses", "address", at)


def _remove_unfound(database: Any, model: Any, name: str, relation: str, at: datetime) -> None:
    """Delete what is gone and nobody has a finding about; its open tasks are closed first."""
    target = next(target for target in TARGETS if target.name == name)
    gone = _gone(database, name)
    for some in _pieces(gone):
        borrowers = {key[0] for key in some}
        found = model.objects.filter(borrower__in=borrowers, verifications__isnull=True)
        wanted = set(some)
        doomed = [
            row.pop("pk") for row in found.values("pk", *target.key)
            if tuple(row[column] for column in target.key) in wanted
        ]  # fmt: skip
        tasks = models.VerificationTask.objects.filter(**{f"{relation}__in": doomed})
        tasks.filter(closed_at__isnull=True).update(closed_at=at)
        tasks.update(**{relation: None})
        model.objects.filter(pk__in=doomed).delete()


def _pieces(rows: Sequence[Any], size: int = 500) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _findings_stand() -> None:
    """Give back to contact points and addresses what staff last found about them."""
    zone = ZoneInfo(settings.TIME_ZONE)
    for model, relation in ((models.ContactPoint, "contact_point"), (models.Address, "address")):
        last = models.Verification.objects.filter(**{relation: OuterRef("pk")}).order_by(
            "-at", "-pk"
        )
        model.objects.filter(Exists(last)).update(
            state=Subquery(last.values("state")[:1]),
            verified_how=Subquery(last.values("how")[:1]),
            verified_on=Subquery(last.annotate(day=TruncDate("at", tzinfo=zone)).values("day")[:1]),
        )


def _tasks_open(*, at: datetime) -> None:
    """A task for each borrower's number that is also somebody else's and nobody has looked at."""
    others = models.ThirdPartyNumber.objects.filter(
        borrower=OuterRef("borrower"), value=OuterRef("value")
    )
    findings = models.Verification.objects.filter(contact_point=OuterRef("pk"))
    tasks = models.VerificationTask.objects.filter(
        contact_point=OuterRef("pk"), closed_at__isnull=True
    )
    doubtful = models.ContactPoint.objects.filter(
        Exists(others), ~Exists(findings), ~Exists(tasks), state="third_party"
    ).values_list("pk", "borrower_id")
    models.VerificationTask.objects.bulk_create(
        models.VerificationTask(
            borrower_id=borrower, contact_point_id=point, reason="third_party", opened_at=at
        )
        for point, borrower in doubtful.iterator()
    )
