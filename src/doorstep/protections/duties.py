"""Reads: what waits for somebody, across all kinds of protections, the longest overdue first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import IntegerField, Model, Q, QuerySet, Value
from django.db.models.functions import Cast

from doorstep.protections.kinds import TABLES
from doorstep.protections.models import LateNews, LateState, Standing

LATE = "late"
COLUMNS = ("table", "pk", "borrower_id", "due_on", "due_sure", "owner_id", "standing")


@dataclass(frozen=True)
class Duty:
    """Something somebody must do by a day: `table` is a name of `kinds.TABLES`, or late."""

    table: str
    pk: int
    borrower_id: str
    due_on: date
    due_sure: bool
    owner_id: int | None
    standing: str


def duties(
    *, borrowers: QuerySet[Any] | None, owner_id: int | None = None, only: str = ""
) -> QuerySet[Any, tuple[Any, ...]]:
    """Rows of `COLUMNS` by day, within these borrowers (None: all); one query for any number.

    `owner_id` keeps what is that person's; `only` keeps one table.
    """
    parts = [
        _part(table, model, _mine(borrowers, owner_id))
        for table, model in TABLES.items()
        if only in ("", table)
    ]
    if only in ("", LATE) and owner_id is None:
        late = LateNews.objects.filter(_mine(borrowers, None), state=LateState.OPEN)
        nobody, nothing = Cast(Value(None), IntegerField()), Value("")
        parts.append(
            late.order_by().values_list(
                Value(LATE), "pk", "borrower_id", "due_on", "due_sure", nobody, nothing
            )
        )
    if not parts:
        return LateNews.objects.none().values_list("pk")
    first, *others = parts
    found = first.union(*others, all=True) if others else first
    return found.order_by("due_on", "borrower_id")


def duties_read(rows: Iterable[tuple[Any, ...]]) -> list[Duty]:
    """The rows as duties."""
    return [Duty(*row) for row in rows]


def _part(table: str, model: type[Model], mine: Q) -> QuerySet[Any, tuple[Any, ...]]:
    rows = model._default_manager.filter(
        mine, known_until__isnull=True, due_on__isnull=False, ends_at__isnull=True
    ).exclude(standing=Standing.REFUTED)
    return rows.order_by().values_list(Value(table), *COLUMNS[1:])


def _mine(borrowers: QuerySet[Any] | None, owner_id: int | None) -> Q:
    found = Q() if borrowers is None else Q(borrower__in=borrowers)
    return found if owner_id is None else found & Q(owner=owner_id)
