"""Erasing a person: every row about them in every table, and the key to their evidence.

It follows the tables' own references, so that a table that is added later is not forgotten. What
lies in files (the lender's deliveries, books, runs, exports handed out) is not touched, but for the
sealed segments of recordings: their key goes with the rows, and the files with the leftovers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from doorstep.evidence.erasing import erasure_must_be_free, subject_erase
from doorstep.kernel.errors import NotFound
from doorstep.portfolio.models import Borrower
from doorstep.visits.services.impostors import reports_forget
from doorstep.visits.services.recordings import recordings_sweep

AT_ONCE = 500
Keys = dict[type[models.Model], set[Any]]


@dataclass(frozen=True)
class Erased:
    """What an erasure took away: rows by table, and the entry of the log that says so."""

    rows: dict[str, int] = field(default_factory=dict)
    log_index: int | None = None


@transaction.atomic
def borrower_erase(*, borrower_id: str, ground: str, by: str, at: datetime) -> Erased:
    """Take away every row about a borrower and destroy the key to their evidence.

    Raises Refused while a legal hold stands, InputError for a ground that is none, NotFound when
    neither a table nor the log knows the borrower. Afterwards call `leftovers_wipe`.
    """
    erasure_must_be_free(subject=borrower_id, ground=ground)
    reports_forget(borrower_id=borrower_id)
    found = _rows_about(borrower_id)
    rows = {model._meta.label: len(keys) for model, keys in found.items() if keys}
    for model, keys in found.items():  # references are checked when the transaction ends
        for part in _parts(keys):
            chosen = model._base_manager.filter(pk__in=part)
            chosen._raw_delete(chosen.db)
    try:
        place = subject_erase(subject=borrower_id, ground=ground, by=by, at=at)
    except NotFound:
        if not rows:
            raise
        return Erased(rows)
    return Erased(rows, place)


def leftovers_wipe() -> None:
    """Make the database overwrite what it has freed, and remove the files of recordings that are
    nobody's any more. Slow, and not within a transaction."""
    recordings_sweep()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _rows_about(borrower_id: str) -> Keys:
    """The borrower's row, what refers to it, what refers to that, and rows that hold the number."""
    found: Keys = {}
    whom = Borrower.objects.filter(pk=borrower_id)
    fresh: Keys = {Borrower: set(whom.values_list("pk", flat=True))}
    for model in apps.get_models():
        named = next((f for f in model._meta.fields if f.attname == "borrower_id"), None)
        if named is not None and not named.is_relation:
            rows = model._base_manager.filter(borrower_id=borrower_id)
            fresh[model] = set(rows.values_list("pk", flat=True))
    while fresh:
        for model, keys in fresh.items():
            found.setdefault(model, set()).update(keys)
        fresh = _referring(fresh, found)
    return found


def _referring(to: Keys, known: Keys) -> Keys:
    """Rows that refer to these and are not known yet. A reference that may be empty is emptied."""
    fresh: Keys = {}
    for model, keys in to.items():
        for relation in _references_to(model):
            other, name = relation.related_model, relation.field.attname
            for part in _parts(keys):
                rows = other._base_manager.filter(**{f"{name}__in": part})
                if relation.on_delete is models.SET_NULL:
                    rows.update(**{name: None})
                else:
                    new = set(rows.values_list("pk", flat=True)) - known.get(other, set())
                    fresh.setdefault(other, set()).update(new)
    return {model: keys for model, keys in fresh.items() if keys}


def _references_to(model: type[models.Model]) -> list[models.ManyToOneRel]:
    """Every foreign key to a table, those without a name for the way back included."""
    related = model._meta.get_fields(include_hidden=True)
    return [each for each in related if isinstance(each, models.ManyToOneRel)]


def _parts(keys: Iterable[Any]) -> Iterable[list[Any]]:
    every = list(keys)
    return (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))
