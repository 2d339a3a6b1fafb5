"""How to reach the borrowers: their own numbers, other people's numbers, addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from doorstep.simulator import identities
from doorstep.simulator.behaviour import NAMES, TYPES
from doorstep.simulator.city import Places
from doorstep.simulator.columns import (
    Bools,
    Ints,
    Rows,
    as_day,
    chosen,
    numbered,
    picked,
    same,
    stream,
    where,
)
from doorstep.simulator.people import People

OTHERS = 0.40  # borrowers whose application names a relative or a reference
MAILBOX = 0.25
STATES = {"verified": 0.58, "unverified": 0.32, "stale": 0.07, "wrong": 0.03}
HOW = ("本人接听确认", "短信验证码", "开户时核验", "上门确认")


@dataclass(frozen=True)
class Reach:
    """Rows of `contact_points` and `addresses` with whose they are, and whether a borrower's own
    number really reaches them (hidden)."""

    points: Rows
    point_of: Ints
    addresses: Rows
    address_of: Ints
    number_works: Bools


def reach_make(*, people: People, kinds: Ints, seed: int, on: date) -> Reach:
    """Own mobiles for all, mailboxes for some, relatives' and references' numbers for some."""
    rng = stream(seed, "reach")
    size = people.size
    works = rng.random(size) < np.array([TYPES[name].own_phone for name in NAMES])[kinds]
    own = _points(rng, np.arange(size), "mobile", owner=same("borrower", size), start=0, on=on)
    known_wrong = ~works & (rng.random(size) < 0.4)
    own["state"] = pc.if_else(pa.array(known_wrong), "wrong", own["state"])
    own["verified_on"] = where(~known_wrong, own["verified_on"])
    own["verified_how"] = where(~known_wrong, own["verified_how"])
    others = np.flatnonzero(rng.random(size) < OTHERS)
    owners = chosen(rng, {"relative": 0.55, "reference": 0.30, "unknown": 0.15}, len(others))
    theirs = _points(rng, others, "mobile", owner=owners, start=size, on=on)
    theirs["owner_name"] = identities.people_names(rng, rng.random(len(others)) < 0.5)
    mailed = np.flatnonzero(rng.random(size) < MAILBOX)
    letters = _points(rng, mailed, "email", owner=same("borrower", len(mailed)), start=0, on=on)
    addresses, address_of = _addresses(rng, people, on)
    return Reach(
        points=_stacked([own, theirs, letters]),
        point_of=np.concatenate([np.arange(size), others, mailed]),
        addresses=addresses,
        address_of=address_of,
        number_works=works,
    )


def _points(
    rng: np.random.Generator, of: Ints, kind: str, *, owner: pa.Array, start: int, on: date
) -> Rows:
    size = len(of)
    value = (
        identities.mailboxes(rng, of + 1)
        if kind == "email"
        else identities.unassigned_mobiles(rng, size, start=start)
    )
    return {
        "borrower_id": numbered("C", of + 1, 7),
        "kind": same(kind, size),
        "value": value,
        "owner": owner,
        "owner_name": pa.nulls(size, pa.string()),
        **_verification(rng, size, on),
    }


def _verification(rng: np.random.Generator, size: int, on: date) -> Rows:
    state = rng.choice(len(STATES), size, p=np.array(list(STATES.values())))
    known = np.isin(state, [0, 2])
    ago = np.where(state == 2, rng.integers(400, 900, size), rng.integers(5, 360, size))
    return {
        "state": picked(list(STATES), state),
        "verified_on": where(known, as_day(on) - ago.astype("timedelta64[D]")),
        "verified_how": where(known, picked(HOW, rng.integers(0, len(HOW), size))),
    }


def _addresses(rng: np.random.Generator, people: People, on: date) -> tuple[Rows, Ints]:
    everybody = np.arange(people.size)
    workers = np.flatnonzero((people.employer >= 0) & (rng.random(people.size) < 0.5))
    home = _address(rng, everybody, "home", people.homes, everybody, on)
    work = _address(rng, workers, "work", people.employer_places, people.employer[workers], on)
    return _stacked([home, work]), np.concatenate([everybody, workers])


def _address(
    rng: np.random.Generator, of: Ints, kind: str, places: Places, at: Ints, on: date
) -> Rows:
    located = rng.random(len(of)) < 0.97
    spot = pa.array(at)
    return {
        "borrower_id": numbered("C", of + 1, 7),
        "kind": same(kind, len(of)),
        "text": places.text.take(spot),
        "division_code": places.division_code.take(spot),
        "latitude": where(located, places.latitude[at]),
        "longitude": where(located, places.longitude[at]),
        "source_datum": where(located, same("wgs84", len(of))),
        **_verification(rng, len(of), on),
    }


def _stacked(pieces: list[Rows]) -> Rows:
    return {name: pa.concat_arrays([piece[name] for piece in pieces]) for name in pieces[0]}
