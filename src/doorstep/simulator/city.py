"""A made-up city: invented districts and streets on a grid, far from any real place.

It lies around 18 degrees north, 129 degrees east: open water of the Philippine Sea, some 700 km
from the nearest coast, so that no point of it is anybody's home. Division codes begin with 99,
which no province has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from doorstep.simulator.columns import Floats, Ints, joined, picked

CITY = "澜川市"
CITY_CODE = "990100"
LATITUDE, LONGITUDE = 18.0, 129.0
DISTRICT_METRES = 4_000
STREETS = 16
METRES_A_DEGREE = 111_320.0
DISTRICTS = (
    "望澜区", "青禾区", "柳汀区", "鹤埠区", "云墩区", "星渡区", "砚桥区", "松陂区", "禾浦区",
)  # fmt: skip
DISTRICT_SHARES = (0.20, 0.15, 0.13, 0.12, 0.11, 0.09, 0.08, 0.07, 0.05)
ACROSS = (
    "听潮路", "晨星路", "银杏街", "海棠街", "望舒路", "采薇路", "竹溪街", "槐安路",
    "丹枫街", "雁鸣路", "芦影街", "清和路", "锦帆路", "沁芳街", "流萤路", "秋水街",
)  # fmt: skip
UPWARD = (
    "长风大道", "明月巷", "白鹭路", "松间路", "石榴巷", "春晓路", "镜湖路", "梧桐巷",
    "落霞路", "桂子巷", "飞鸢路", "渔歌巷", "朝露路", "云帆大道", "半亩巷", "夕照路",
)  # fmt: skip
BRANCHES = {
    f"B{number:02}": f"{name.removesuffix('区')}支行"
    for number, name in enumerate(DISTRICTS[:8], start=1)
}


def branch_points() -> dict[str, tuple[float, float]]:
    """Latitude and longitude of every branch: the middle of its district."""
    found = {}
    for number, code in enumerate(BRANCHES):
        east, north = (number % 3 + 0.5), (number // 3 + 0.5)
        across = METRES_A_DEGREE * float(np.cos(np.radians(LATITUDE)))
        found[code] = (
            round(LATITUDE + north * DISTRICT_METRES / METRES_A_DEGREE, 6),
            round(LONGITUDE + east * DISTRICT_METRES / across, 6),
        )
    return found


@dataclass(frozen=True)
class Places:
    """Addresses: district index, text as written, division code and WGS-84 point."""

    district: Ints
    text: pa.Array
    division_code: pa.Array
    latitude: Floats
    longitude: Floats


def branch_code(district: Ints) -> pa.Array:
    """The branch that serves a district; the last one has none and goes to the first branch."""
    return picked(list(BRANCHES), district % len(BRANCHES))


def homes(rng: np.random.Generator, size: int) -> Places:
    """Flats along the streets."""
    return _places(rng, size, flat=True)


def workplaces(rng: np.random.Generator, size: int) -> Places:
    """Houses without a flat number."""
    return _places(rng, size, flat=False)


def _places(rng: np.random.Generator, size: int, *, flat: bool) -> Places:
    district = rng.choice(len(DISTRICTS), size, p=np.array(DISTRICT_SHARES)).astype(np.int64)
    across = rng.random(size) < 0.5
    street = rng.integers(0, STREETS, size)
    house = rng.integers(1, 400, size)
    line = (street + 0.5) / STREETS * DISTRICT_METRES
    along = house / 400 * DISTRICT_METRES
    side = np.where(house % 2 == 0, 9.0, -9.0)
    east = (district % 3) * DISTRICT_METRES + np.where(across, along, line + side)
    north = (district // 3) * DISTRICT_METRES + np.where(across, line + side, along)
    latitude = LATITUDE + north / METRES_A_DEGREE
    longitude = LONGITUDE + east / (METRES_A_DEGREE * np.cos(np.radians(LATITUDE)))
    text = joined(
        CITY,
        picked(DISTRICTS, district),
        picked(ACROSS + UPWARD, np.where(across, street, street + STREETS)),
        house,
        "号",
    )
    if flat:
        text = joined(
            text, rng.integers(1, 13, size), "栋", rng.integers(1, 5, size), "单元",
            rng.integers(1, 19, size) * 100 + rng.integers(1, 5, size), "室",
        )  # fmt: skip
    return Places(
        district=district,
        text=text,
        division_code=picked([f"9901{n:02}" for n in range(1, len(DISTRICTS) + 1)], district),
        latitude=latitude.round(6),
        longitude=longitude.round(6),
    )
