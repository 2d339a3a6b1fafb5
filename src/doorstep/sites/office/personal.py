"""A borrower's personal data as a page may show it: masked, unless a look is on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from doorstep.cases.models import Case
from doorstep.kernel.masking import mask_address, mask_email, mask_name, mask_number
from doorstep.portfolio.models import Address, ContactPoint, ThirdPartyNumber
from doorstep.sites.office.channel_words import OWNERS
from doorstep.sites.office.verification_words import how_words, kind_words

CONTACT, IDENTITY, THIRD_PARTY = "contact", "identity", "third_party"


@dataclass(frozen=True)
class Way:
    """A number or address of the borrower's own, with its verification state."""

    pk: int
    kind: str
    value: str
    state: str
    verified_on: date | None
    how: str


@dataclass(frozen=True)
class NotTheirs:
    """A number of somebody else: never a way to reach the borrower."""

    kind: str
    value: str
    owner: str
    owner_name: str


@dataclass(frozen=True)
class Personal:
    """What the page may show of the person."""

    name: str
    id_number: str
    born: str
    employer: str
    ways: list[Way]
    addresses: list[Way]
    others: list[NotTheirs]


def personal_of(case: Case, *, shown: frozenset[str] = frozenset()) -> Personal:
    """The borrower of a case; only what `shown` names comes in full."""
    borrower = case.borrower
    in_contact, in_identity = CONTACT in shown, IDENTITY in shown
    points = ContactPoint.objects.filter(borrower=borrower).order_by("kind", "pk")
    places = Address.objects.filter(borrower=borrower).order_by("kind", "pk")
    numbers = ThirdPartyNumber.objects.filter(borrower=borrower).order_by("owner", "pk")
    born = borrower.birth_date
    return Personal(
        name=_show(borrower.name, in_contact or in_identity, mask_name),
        id_number=_show(borrower.id_number or "", in_identity, mask_number),
        born=_show(born.isoformat(), in_identity, _mask_day) if born else "",
        employer=borrower.employer.name if borrower.employer else "",
        ways=[_way(point, point.value, in_contact, _mask_value) for point in points],
        addresses=[_way(place, place.text, in_contact, mask_address) for place in places],
        others=[_not_theirs(number, THIRD_PARTY in shown) for number in numbers],
    )


def _way(row: ContactPoint | Address, value: str, full: bool, mask: Callable[[str], str]) -> Way:
    return Way(
        pk=row.pk,
        kind=kind_words(row.kind),
        value=_show(value, full, mask),
        state=row.state,
        verified_on=row.verified_on,
        how=how_words(row.verified_how or ""),
    )


def _not_theirs(row: ThirdPartyNumber, full: bool) -> NotTheirs:
    return NotTheirs(
        kind=kind_words(row.kind),
        value=_show(row.value, full, _mask_value),
        owner=str(OWNERS.get(row.owner, row.owner)),
        owner_name=_show(row.owner_name or "", full, mask_name),
    )


def _mask_value(value: str) -> str:
    return mask_email(value) if "@" in value else mask_number(value)


def _mask_day(day: str) -> str:
    return f"{day[:3]}*-**-**"


def _show(value: str, full: bool, mask: Callable[[str], str]) -> str:
    return value if full or not value else mask(value)
