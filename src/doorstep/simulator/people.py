"""Borrowers and where they work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from doorstep.simulator import city, identities
from doorstep.simulator.columns import (
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

EMPLOYED = 0.62
PEOPLE_PER_EMPLOYER = 60


@dataclass(frozen=True)
class People:
    """Rows of `borrowers` and `employers`, with what other subjects need of them."""

    borrowers: Rows
    employers: Rows
    homes: city.Places
    employer: Ints
    employer_places: city.Places

    @property
    def size(self) -> int:
        """How many borrowers there are."""
        return len(self.employer)


def people_make(*, size: int, seed: int, on: date) -> People:
    """Borrowers aged 22 to 68 with homes in the city; most work for a made-up employer."""
    rng = stream(seed, "people")
    firms = max(size // PEOPLE_PER_EMPLOYER, 3)
    employer_places = city.workplaces(rng, firms)
    employers = {
        "employer_id": numbered("E", np.arange(1, firms + 1), 5),
        "name": identities.firm_names(rng, firms),
        "uscc": identities.broken_credit_codes(rng, firms),
        "division_code": employer_places.division_code,
    }
    homes = city.homes(rng, size)
    female = rng.random(size) < 0.44
    born = as_day(on) - (rng.beta(2.0, 2.8, size) * 46 * 365 + 22 * 365).astype("timedelta64[D]")
    employer = rng.integers(0, firms, size)
    employed = rng.random(size) < EMPLOYED
    borrowers = {
        "borrower_id": numbered("C", np.arange(1, size + 1), 7),
        "name": identities.people_names(rng, female),
        "id_kind": same("cn_ric", size),
        "id_number": identities.broken_identity_numbers(
            rng, born=born, female=female, district=homes.district
        ),
        "sex": picked(("m", "f"), female.astype(np.int64)),
        "birth_date": born,
        "language": chosen(rng, {"zh-Hans": 0.97, "zh-Hant": 0.02, "en": 0.01}, size),
        "time_zone": same("Asia/Shanghai", size),
        "branch_code": city.branch_code(homes.district),
        "employer_id": where(employed, numbered("E", employer + 1, 5)),
    }
    return People(borrowers, employers, homes, np.where(employed, employer, -1), employer_places)
