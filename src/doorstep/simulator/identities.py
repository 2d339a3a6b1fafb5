"""Names, and numbers that belong to nobody.

Identity numbers: the check character is wrong on purpose (GB 11643, ISO 7064 MOD 11-2) and the
division does not exist. Credit codes: the same (GB 32100). Phones: of mobile prefixes that the
numbering plan assigns to nobody.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from faker.providers.person.zh_CN import Provider

from doorstep.simulator.columns import Bools, Days, Ints, joined, numbered, picked

UNASSIGNED_PREFIXES = ("154", "163", "164", "169")
CHECK_CHARACTERS = "10X98765432"
CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
TRADES = (
    "精密机械", "食品", "物流", "纺织", "餐饮管理", "建筑工程", "物业服务", "电子", "家具",
    "教育咨询", "商贸", "印刷", "水产", "家政服务", "汽车维修", "软件",
)  # fmt: skip
FIRM_WORDS = "澜禾汀鹤墩渡砚陂浦岚屿棠蔚沐芷霁"


def people_names(rng: np.random.Generator, female: Bools) -> pa.Array:
    """Chinese full names, given names by sex."""
    size = len(female)
    weights = np.array(list(Provider.last_names.values()), dtype=float)
    surnames = list(Provider.last_names)
    surname = rng.choice(len(surnames), size, p=weights / weights.sum())
    given_f, given_m = list(Provider.first_names_female), list(Provider.first_names_male)
    given = np.where(
        female,
        rng.integers(0, len(given_f), size),
        rng.integers(0, len(given_m), size) + len(given_f),
    )
    return joined(picked(surnames, surname), picked(given_f + given_m, given))


def firm_names(rng: np.random.Generator, size: int) -> pa.Array:
    """Names of firms nobody registered."""
    one, two = (rng.integers(0, len(FIRM_WORDS), size) for _ in range(2))
    trade = rng.integers(0, len(TRADES), size)
    return joined(
        "澜川", picked(FIRM_WORDS, one), picked(FIRM_WORDS, two), picked(TRADES, trade), "有限公司"
    )


def broken_identity_numbers(
    rng: np.random.Generator, *, born: Days, female: Bools, district: Ints
) -> pa.Array:
    """18 characters: a division that is none, birth date, sequence by sex, a wrong check."""
    size = len(born)
    months = born.astype("datetime64[M]")
    year = months.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (born - months.astype("datetime64[D]")).astype(np.int64) + 1
    sequence = rng.integers(0, 500, size) * 2 + ~female
    body = (990101 + district) * 10**11 + (year * 10**4 + month * 100 + day) * 1000 + sequence
    right = np.zeros(size, dtype=np.int64)
    for place in range(17):
        right += body // 10 ** (16 - place) % 10 * (2 ** (17 - place) % 11)
    wrong = (right % 11 + rng.integers(1, 11, size)) % 11
    return joined(body, picked(CHECK_CHARACTERS, wrong))


def broken_credit_codes(rng: np.random.Generator, size: int) -> pa.Array:
    """18 characters of a credit code with a wrong check."""
    digits = np.concatenate(
        [
            np.tile([9, 1, 9, 9, 0, 1, 0, 0], (size, 1)),
            rng.integers(0, 10, (size, 9)),
        ],
        axis=1,
    )
    right = -(digits * np.array(CODE_WEIGHTS)).sum(axis=1) % 31
    wrong = (right + rng.integers(1, 31, size)) % 31
    body = digits @ 10 ** np.arange(16, -1, -1, dtype=np.int64)
    return joined(body.astype(np.int64), picked(CODE_ALPHABET, wrong))


def unassigned_mobiles(rng: np.random.Generator, size: int, *, start: int) -> pa.Array:
    """Distinct numbers in E.164; `start` keeps several calls apart (below 10^8 numbers in all)."""
    number = (start + np.arange(1, size + 1, dtype=np.int64)) * 7_919 % 10**8
    prefix = picked(UNASSIGNED_PREFIXES, rng.integers(0, len(UNASSIGNED_PREFIXES), size))
    return joined("+86", prefix, numbered("", number, 8))


def mailboxes(rng: np.random.Generator, numbers: Ints) -> pa.Array:
    """Addresses at domains that are reserved for examples (RFC 2606)."""
    domain = picked(("example.com", "example.net", "example.org"), rng.integers(0, 3, len(numbers)))
    return pc.binary_join_element_wise(numbered("c", numbers, 6), domain, "@")
