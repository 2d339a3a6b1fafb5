"""What phones say of a visit, read strictly: nothing of a wrong kind, size or date gets past here.

Every reader raises InputError BAD_REPORT that names the field. Money is in whole minor units.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from doorstep.agreements import document
from doorstep.agreements.affordability import Event, Household, Line
from doorstep.agreements.models import OfferKind
from doorstep.agreements.services.affordability import Form
from doorstep.agreements.terms import Terms, terms_from_json
from doorstep.kernel.errors import InputError, Where
from doorstep.kernel.pictures import drawing_clean
from doorstep.portfolio import schema
from doorstep.protections.models import HardshipCause
from doorstep.visits.models import VisitOutcome
from doorstep.visits.record import line_of

MOST_MINOR = 10**15
MOST_KEY = 2**62
MOST_ROWS = 400
MOST_LISTED = 40
MOST_SAID = 4000
MOST_LINE = 300
MOST_PICTURE = 1_400_000
POINTS = ("mobile", "landline", "email")
PARTIES = ("borrower", "agent", "second_agent")


@dataclass(frozen=True)
class Promised:
    """A payment promised for a day."""

    loan: str | None
    amount: int
    currency: str
    due_on: date


@dataclass(frozen=True)
class Struck:
    """A hardship as told at the door."""

    cause: str
    note: str


@dataclass(frozen=True)
class Fact:
    """What was found out about a number, an address of mail, or the address visited."""

    kind: str
    value: str
    state: str


@dataclass(frozen=True)
class Pen:
    """A signature drawn at the door; `picture` is ours, made anew from what was sent."""

    party: str
    name: str
    picture: bytes
    staff: int | None = None


@dataclass(frozen=True)
class Report:
    """The closing words of a visit."""

    outcome: str
    said: str
    reasons: tuple[str, ...]
    situation: str
    mood: str
    shown: tuple[str, ...]
    people: tuple[str, ...]
    promise: Promised | None
    hardship: Struck | None
    facts: tuple[Fact, ...]
    pens: tuple[Pen, ...]
    uncleared_why: str
    without_agreement: str


@dataclass(frozen=True)
class Bargain:
    """A plan signed at the door: the offer it follows or none, its terms, and every row as the
    phone showed it: (day, principal, interest, penalty, fee). `words` are the customer's own, where
    the plan is their proposal."""

    offer: int | None
    terms: Terms
    loans: tuple[str, ...]
    on: date
    rows: tuple[tuple[date, int, int, int, int], ...]
    total: int
    language: str
    consents: tuple[str, ...]
    place: str
    pens: tuple[Pen, ...]
    words: str = ""


def report_read(body: object) -> Report:
    """The closing event's body."""
    raw = _mapping(body, "report")
    outcome = raw.get("outcome")
    if outcome not in VisitOutcome.values:
        raise _bad("outcome", _("Say how the visit ended."))
    said = line_of(raw.get("said"), MOST_SAID)
    if not said:
        raise _bad("said", _("Say in your own words what happened and what was said."))
    return Report(
        outcome=str(outcome), said=said, reasons=_lines(raw.get("reasons"), "reasons"),
        situation=line_of(raw.get("situation"), MOST_SAID),
        mood=line_of(raw.get("mood"), MOST_LINE),
        shown=_lines(raw.get("shown"), "shown"), people=_lines(raw.get("people"), "people"),
        promise=_promise(raw.get("promise")), hardship=_hardship(raw.get("hardship")),
        facts=tuple(_fact(each) for each in _list(raw.get("contact_facts"), "contact_facts")),
        pens=_agents(raw.get("signatures")),
        uncleared_why=line_of(raw.get("uncleared_why"), MOST_SAID),
        without_agreement=line_of(raw.get("without_agreement"), MOST_LINE),
    )  # fmt: skip


def bargain_read(body: object) -> Bargain:
    """An agreement event's body. Raises InputError BAD_TERMS too."""
    raw = _mapping(body, "agreement")
    language = raw.get("language")
    if language not in document.LANGUAGES:
        raise _bad("language", _("Choose a language."))
    consents = tuple(_list(raw.get("consents"), "consents"))
    if list(consents) != list(document.words()[str(language)]["consents"]):
        raise _bad("consents", _("Every sentence must be confirmed by whoever signs."))
    place = line_of(raw.get("place"), 200)
    if not place:
        raise _bad("place", _("Write where it is signed."))
    rows = _list(raw.get("rows"), "rows", most=MOST_ROWS)
    pens = tuple(_pen(each) for each in _list(raw.get("signatures"), "signatures"))
    if {pen.party for pen in pens} != set(PARTIES) or len(pens) != len(PARTIES):
        raise _bad("signatures", _("The customer and both agents sign, each once."))
    offer = raw.get("offer")
    return Bargain(
        offer=None if offer is None else _whole(offer, "offer", most=MOST_KEY),
        terms=_terms(raw.get("terms")),
        loans=tuple(_text(each, "loans", 128) for each in _list(raw.get("loans"), "loans")),
        on=_day(raw.get("on"), "on"),
        rows=tuple(_row(each) for each in rows),
        total=_whole(raw.get("total"), "total"),
        language=str(language), consents=tuple(str(each) for each in consents), place=place,
        pens=pens, words=line_of(raw.get("words"), 800),
    )  # fmt: skip


def form_read(body: object) -> Form:
    """An affordability event's body."""
    raw = _mapping(body, "affordability")
    house = _mapping(raw.get("household", {}), "household")
    return Form(
        household=Household(
            _whole(house.get("adults", 1), "adults", most=50),
            _whole(house.get("children", 0), "children", most=50),
        ),
        lines=[_line(each) for each in _list(raw.get("lines"), "lines", most=100)],
        events=[_event(each) for each in _list(raw.get("events"), "events")],
        willing=raw.get("willing") is True,
        note=line_of(raw.get("note"), 1000),
    )


def dispute_read(body: object) -> tuple[str | None, str]:
    """A dispute event's body: the loan, or none for all that is asked for; and what is disputed."""
    raw = _mapping(body, "dispute")
    loan = raw.get("loan")
    text = line_of(raw.get("text"), 2000)
    if not text:
        raise _bad("text", _("Say what is disputed, in the customer's words."))
    return (None if loan in (None, "") else _text(loan, "loan", 128)), text


def signature_read(value: object, *, field: str = "png") -> bytes:
    """A signature's picture (base64url of a PNG), drawn anew. Raises InputError as
    `drawing_clean`."""
    text = _text(value, field, MOST_PICTURE)
    try:
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _bad(field, _("The signature cannot be read.")) from None
    return drawing_clean(raw, field=field)


def _promise(value: object) -> Promised | None:
    if value is None:
        return None
    raw = _mapping(value, "promise")
    loan = raw.get("loan")
    return Promised(
        loan=None if loan in (None, "") else _text(loan, "loan", 128),
        amount=_whole(raw.get("amount"), "amount"),
        currency=_text(raw.get("currency"), "currency", 3),
        due_on=_day(raw.get("due_on"), "due_on"),
    )


def _hardship(value: object) -> Struck | None:
    if value is None:
        return None
    raw = _mapping(value, "hardship")
    return Struck(
        cause=_choice(raw.get("cause"), HardshipCause.values, "cause"),
        note=line_of(raw.get("note"), 2000),
    )


def _fact(value: object) -> Fact:
    raw = _mapping(value, "contact_facts")
    kind = _choice(raw.get("kind"), (*POINTS, "address"), "contact_facts")
    found = line_of(raw.get("value"), 254)
    if not found and kind != "address":
        raise _bad("contact_facts", _("Say which number or address."))
    states = [state for state in schema.STATES if state != "unverified"]
    return Fact(kind, found, _choice(raw.get("state"), states, "contact_facts"))


def _agents(value: object) -> tuple[Pen, ...]:
    found = []
    for place, each in enumerate(_list(value, "signatures", most=2)):
        raw = _mapping(each, "signatures")
        staff = _whole(raw.get("staff"), "signatures", most=MOST_KEY)
        picture = signature_read(raw.get("png"), field="signatures")
        found.append(Pen(PARTIES[1 + place], "", picture, staff))
    if len({pen.staff for pen in found}) != 2:
        raise InputError(
            _("Both agents sign the record."), code="TWO_SIGN", where=Where(field="signatures"),
            hint=_("Let the one who has not signed yet sign on this screen."),
        )  # fmt: skip
    return tuple(found)


def _pen(value: object) -> Pen:
    raw = _mapping(value, "signatures")
    return Pen(
        _choice(raw.get("party"), PARTIES, "signatures"),
        _text(raw.get("name"), "signatures", MOST_LINE),
        signature_read(raw.get("png"), field="signatures"),
    )


def _terms(value: object) -> Terms:
    raw = _mapping(value, "terms")
    whole = ("months", "pause", "smaller", "smaller_percent", "rate_ppm", "settle_percent")
    for name in whole:
        if raw.get(name) is not None:
            _whole(raw[name], "terms", most=1_000_000)
    for percent in _mapping(raw.get("waive", {}), "terms").values():
        _whole(percent, "terms", most=100)
    _choice(raw.get("kind"), OfferKind.values, "terms")
    known = {name: raw[name] for name in Terms.__dataclass_fields__ if raw.get(name) is not None}
    return terms_from_json(known)


def _row(value: object) -> tuple[date, int, int, int, int]:
    cells = _list(value, "rows", most=5)
    if len(cells) != 5:
        raise _bad("rows", _("A row of the plan cannot be read."))
    principal, interest, penalty, fee = (_whole(each, "rows") for each in cells[1:])
    return _day(cells[0], "rows"), principal, interest, penalty, fee


def _line(value: object) -> Line:
    raw = _mapping(value, "lines")
    return Line(
        _text(raw.get("group"), "lines", 8), _text(raw.get("code"), "lines", 24),
        _whole(raw.get("minor"), "lines"), line_of(raw.get("why"), 200),
    )  # fmt: skip


def _event(value: object) -> Event:
    raw = _mapping(value, "events")
    days = [raw.get(name) for name in ("since", "expected_until")]
    since, until = (None if each in (None, "") else _day(each, "events") for each in days)
    return Event(_choice(raw.get("cause"), HardshipCause.values, "events"), since, until)


def _mapping(value: object, field: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _bad(field, _("This part of the report cannot be read."))
    return value


def _list(value: object, field: str, *, most: int = MOST_LISTED) -> Sequence[Any]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple) or len(value) > most:
        raise _bad(field, _("This part of the report cannot be read."))
    return value


def _lines(value: object, field: str) -> tuple[str, ...]:
    found = [line_of(each, MOST_LINE) for each in _list(value, field)]
    return tuple(each for each in found if each)


def _text(value: object, field: str, most: int) -> str:
    if not isinstance(value, str) or not value or len(value) > most or line_of(value, most) == "":
        raise _bad(field, _("This part of the report cannot be read."))
    return line_of(value, most)


def _whole(value: object, field: str, *, most: int = MOST_MINOR) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise _bad(field, _("This is no amount or number that can be."))
    return value


def _day(value: object, field: str) -> date:
    try:
        found = date.fromisoformat(_text(value, field, 10))
    except ValueError:
        raise _bad(field, _("This is no day.")) from None
    if not 1900 <= found.year <= 2200:
        raise _bad(field, _("This is no day."))
    return found


def _choice(value: object, choices: Collection[str], field: str) -> str:
    if not isinstance(value, str) or value not in choices:
        raise _bad(field, _("Choose one of the list."))
    return value


def _bad(field: str, why: str) -> InputError:
    return InputError(why, code="BAD_REPORT", where=Where(field=field))
