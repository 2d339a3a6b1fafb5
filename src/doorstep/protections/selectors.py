"""Reads of protections: what held, as far as it was known, for one borrower or for many.

Every read takes the instant asked about (`at`) and the instant of knowledge (`known_at`, the same
unless said otherwise). The number of queries does not depend on the number of borrowers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db.models import Count, Model, Q, QuerySet, Value

from doorstep.guard.facts import Known
from doorstep.portfolio.models import Borrower
from doorstep.protections.facts import borrower_facts, is_minor
from doorstep.protections.kinds import TABLES, hold_as_known, safeguard_of, safeguard_of_hold
from doorstep.protections.models import Complaint, Hold, Protection, Standing, Vulnerability
from doorstep.protections.night import NightHold, night_hold
from doorstep.protections.safeguard import Safeguard

P = TypeVar("P", bound=Protection)
M = TypeVar("M", bound=Model)
PREFETCHED: dict[type[Protection], tuple[str, ...]] = {Vulnerability: ("handlings",)}
MOST_KEYS = 900  # SQLite takes 999 values in a query at the least


def known_rows(model: type[P], *, known_at: datetime | None = None) -> QuerySet[P]:
    """Versions of one kind as known at an instant (None: now), without what was not so."""
    known = Q(known_until__isnull=True)
    if known_at is not None:
        known = Q(known_from__lte=known_at) & (known | Q(known_until__gt=known_at))
    rows = model._default_manager.filter(known).exclude(standing=Standing.REFUTED)
    return rows.prefetch_related(*PREFETCHED.get(model, ()))


def all_versions(model: type[P], *, borrower_id: str) -> QuerySet[P]:
    """Every version of one kind of a borrower's protections, with the people and loans named."""
    related = [
        field.name
        for field in model._meta.get_fields()
        if field.name in ("owner", "recorded_by", "answered_by", "loan")
    ]
    rows = model._default_manager.filter(borrower=borrower_id).select_related(*related)
    return rows.prefetch_related(*PREFETCHED.get(model, ()))


def tables_with(*, borrower_id: str) -> list[str]:
    """The names of the kinds of which a borrower has something, over or not; one query."""
    parts = [
        model._default_manager.filter(borrower=borrower_id, known_until__isnull=True)
        .order_by()
        .values_list(Value(name))
        for name, model in TABLES.items()
    ]
    first, *others = parts
    names = {row[0] for row in first.union(*others)}
    return [name for name in TABLES if name in names]


def complaints_by_template(*, since: datetime) -> dict[str, int]:
    """How many complaints since an instant are about each text we sent, the most first."""
    rows = known_rows(Complaint).filter(received_at__gte=since).exclude(about_template="")
    counts = rows.order_by().values_list("about_template").annotate(count=Count("pk"))
    return dict(counts.order_by("-count", "about_template"))


def safeguards_of(
    *, borrower_ids: Iterable[str], known_at: datetime | None = None
) -> dict[str, list[Safeguard]]:
    """Every safeguard of these borrowers as known at an instant, whether or not it holds then."""
    found: dict[str, list[Safeguard]] = defaultdict(list)
    for some in _pieces(list(borrower_ids)):
        for each in _safeguards(some, known_at):
            found[each.borrower_id].append(each)
    return found


def _safeguards(borrower_ids: Sequence[str], known_at: datetime | None) -> Iterator[Safeguard]:
    for model in TABLES.values():
        rows = known_rows(model, known_at=known_at).filter(borrower_id__any_of=borrower_ids)
        yield from map(safeguard_of, rows)
    holds = Hold.objects.filter(borrower_id__any_of=borrower_ids)
    if known_at is None:
        yield from map(safeguard_of_hold, holds)
    else:
        for hold in holds.filter(placed_at__lte=known_at):
            yield hold_as_known(hold, known_at=known_at)


def protection_facts(
    *, borrower_ids: Iterable[str], at: datetime, known_at: datetime | None = None
) -> dict[str, dict[str, Known]]:
    """The facts of protections of each of these borrowers at an instant (`facts.borrower_facts`).

    `known_at` asks what was known then; None: what is known now. Narrow them to one act with
    `facts.act_facts`. A borrower without any protection has all facts too: nothing is known to be.
    All such borrowers share one mapping.
    """
    ids = list(borrower_ids)
    safeguards = safeguards_of(borrower_ids=ids, known_at=known_at)
    plain = borrower_facts(safeguards=(), at=at, zone=settings.TIME_ZONE)
    yesterday = at.astimezone(UTC).date() - timedelta(days=1)  # the earliest day of any zone
    facts = {}
    for some in _pieces(ids):
        people = Borrower.objects.filter(pk__any_of=some).values_list(
            "pk", "time_zone", "birth_date"
        )
        for borrower_id, zone, born_on in people:
            own = safeguards.get(borrower_id, ())
            if own or is_minor(born_on, on=yesterday):
                facts[borrower_id] = borrower_facts(
                    safeguards=own, at=at, zone=zone, born_on=born_on
                )
            else:
                facts[borrower_id] = plain
    return facts


def standing_safeguards(*, at: datetime) -> Iterator[Safeguard]:
    """Every safeguard of everybody that holds at an instant or will, as known now."""
    for model in TABLES.values():
        rows = known_rows(model).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))
        yield from map(safeguard_of, rows)
    yield from map(safeguard_of_hold, Hold.objects.filter(ended_at__isnull=True))


def night_holds(*, at: datetime, borrower_ids: Iterable[str] | None = None) -> list[NightHold]:
    """What keeps borrowers or loans out of the ladder, as known now; of everybody unless named.

    What is over by `at` is left out. Sorted, so that the same state gives the same book.
    """
    holds = _of(Hold.objects.filter(ended_at__isnull=True), borrower_ids)
    columns = ("borrower_id", "kind", "starts_on", "loan_id", "ends_on")
    found = {NightHold(*row) for row in holds.values_list(*columns)}
    for model in TABLES.values():
        rows = known_rows(model).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))
        for row in _of(rows, borrower_ids):
            if hold := night_hold(safeguard_of(row), zone=settings.TIME_ZONE):
                found.add(hold)
    return sorted(found, key=_in_order)


def _in_order(hold: NightHold) -> tuple[str, str, date, str, date]:
    end = hold.ends_on or date.max
    return (hold.borrower_id, hold.kind, hold.starts_on, hold.loan_id or "", end)


def _of(rows: QuerySet[M], borrower_ids: Iterable[str] | None) -> QuerySet[M]:
    return rows if borrower_ids is None else rows.filter(borrower__in=borrower_ids)


def _pieces(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), MOST_KEYS):
        yield keys[start : start + MOST_KEYS]
