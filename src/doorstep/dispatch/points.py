"""Where each borrower can be reached by a channel: the best of their own numbers and addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from doorstep.dispatch.keys import number_key
from doorstep.portfolio.models import Address, Borrower, ContactPoint

KINDS = {
    "sms": ("mobile",),
    "phone": ("mobile", "landline"),
    "email": ("email",),
    "messenger": ("messenger",),
}
USABLE = ("verified", "unverified", "stale")
PLACES = ("home", "registered", "other", "work")


@dataclass(frozen=True)
class Point:
    """A number or address of one borrower: its row and its key."""

    number: str
    contact_point_id: int | None = None
    address_id: int | None = None


def points_choose(*, borrower_ids: Iterable[str], channel: str) -> dict[str, Point]:
    """The number or address to use for each borrower; who has none that may be used is left out.

    Verified ones come before unverified ones, these before stale ones; mobiles before landlines.
    """
    ids = list(borrower_ids)
    if channel == "letter":
        return _addresses(ids)
    kinds = KINDS[channel]
    rows = ContactPoint.objects.filter(borrower__in=ids, kind__in=kinds, state__in=USABLE)
    best: dict[str, tuple[tuple[int, int, int], ContactPoint]] = {}
    for row in rows:
        rank = (USABLE.index(row.state), kinds.index(row.kind), row.pk)
        if row.borrower_id not in best or rank < best[row.borrower_id][0]:
            best[row.borrower_id] = (rank, row)
    return {borrower_id: point_of(row) for borrower_id, (_rank, row) in best.items()}


def point_of(row: ContactPoint) -> Point:
    """A contact point with its key."""
    return Point(number_key(kind=row.kind, value=row.value), contact_point_id=row.pk)


def _addresses(ids: list[str]) -> dict[str, Point]:
    names = dict(Borrower.objects.filter(pk__in=ids).values_list("pk", "name"))
    best: dict[str, tuple[tuple[int, int, int], Address]] = {}
    for row in Address.objects.filter(borrower__in=ids, state__in=USABLE):
        place = PLACES.index(row.kind) if row.kind in PLACES else len(PLACES)
        rank = (USABLE.index(row.state), place, row.pk)
        if row.borrower_id not in best or rank < best[row.borrower_id][0]:
            best[row.borrower_id] = (rank, row)
    return {
        borrower_id: Point(
            number_key(kind="address", value=f"{names[borrower_id]}\n{row.text}"), address_id=row.pk
        )
        for borrower_id, (_rank, row) in best.items()
    }
