"""Police stations from the operator's file, and the texts every trip pack says."""

from __future__ import annotations

from pathlib import Path

import pytest

from doorstep.kernel.errors import InputError
from doorstep.visits.police import station_nearest, stations_read
from doorstep.visits.safety import LANGUAGES
from doorstep.visits.trip_pack import said

HEAD = "name,phone,address,latitude,longitude\n"


def test_the_nearest_is_found_and_none_without_any(tmp_path: Path) -> None:
    path = tmp_path / "police.csv"
    path.write_text(f"\ufeff{HEAD}A,1,x,30.0,104.0\nB,2,y,30.0,104.2\n", "utf-8")
    stations = stations_read(path)
    found = station_nearest(stations, latitude=30.0, longitude=104.15)
    assert found is not None
    assert found[0].name == "B"
    assert 4_700 < found[1] < 4_900
    assert station_nearest((), latitude=30.0, longitude=104.0) is None


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("name,phone\nA,1\n", 1, "address"),
        (f"{HEAD}A,1,x,91,104\n", 2, "latitude"),
        (f"{HEAD}A,1,x,nan,104\n", 2, "latitude"),
        (f"{HEAD},1,x,30,104\n", 2, "name"),
        ("", 1, "name"),
        (f'{HEAD}"A,1,x,30,104\n', None, None),
    ],
)
def test_a_bad_file_names_its_line_and_column(
    tmp_path: Path, text: str, line: int | None, field: str | None
) -> None:
    path = tmp_path / "police.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as bad:
        stations_read(path)
    assert (bad.value.where.line, bad.value.where.field) == (line, field)


def test_no_file_and_no_utf8_are_said_too(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        stations_read(tmp_path / "none.csv")
    (tmp_path / "gb.csv").write_bytes("名,电话".encode("gb18030"))
    with pytest.raises(InputError):
        stations_read(tmp_path / "gb.csv")


def test_script_and_options_are_said_in_every_language() -> None:
    texts = said()
    lines = [line for section in texts.script for line in (section.title, *section.lines)]
    for words in (*lines, *texts.options, texts.options_intro):
        assert set(words) == set(LANGUAGES)
        assert all(words.values())
