"""Settings from the environment: a good value is read, a bad one is refused by name."""

from __future__ import annotations

import pytest

from doorstep.kernel.environment import Environment
from doorstep.kernel.errors import InputError


def test_what_is_not_set_takes_its_default() -> None:
    empty = Environment({"EMPTY": "  "})
    assert empty.text("EMPTY", "default") == "default"
    assert empty.flag("UNSET", True) is True
    assert empty.integer("UNSET", 7, least=1, most=9) == 7
    assert empty.listing("UNSET", ["a"]) == ["a"]
    assert empty.choice("UNSET", "demo", {"demo", "live"}) == "demo"


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("FALSE", False)]
)
def test_a_flag_reads_the_usual_words(text: str, value: bool) -> None:
    assert Environment({"FLAG": text}).flag("FLAG", not value) is value


@pytest.mark.parametrize("text", ["2", "maybe", "是", "truee"])
def test_a_flag_that_is_neither_yes_nor_no_is_refused_by_name(text: str) -> None:
    with pytest.raises(InputError, match="environment variable FLAG") as refused:
        Environment({"FLAG": text}).flag("FLAG", False)
    assert refused.value.code == "BAD_SETTING"
    assert refused.value.where.field == "environment variable FLAG"


@pytest.mark.parametrize("text", ["1", "9"])
def test_a_number_may_be_at_either_bound(text: str) -> None:
    assert Environment({"N": text}).integer("N", 5, least=1, most=9) == int(text)


@pytest.mark.parametrize("text", ["0", "10", "-1", "1.5", "1e3", "٣", "１", "nan"])
def test_a_number_out_of_bounds_or_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="whole number from 1 to 9"):
        Environment({"N": text}).integer("N", 5, least=1, most=9)


def test_a_list_drops_empty_parts_and_spaces() -> None:
    hosts = Environment({"HOSTS": " a.example , ,b.example,"}).listing("HOSTS", [])
    assert hosts == ["a.example", "b.example"]


def test_a_choice_outside_the_choices_names_them() -> None:
    with pytest.raises(InputError, match="use one of demo, live"):
        Environment({"MODE": "production"}).choice("MODE", "demo", {"demo", "live"})


def test_a_misspelt_variable_shows_and_a_known_one_does_not() -> None:
    env = Environment({"DOORSTEP_MOED": "live", "DOORSTEP_MODE": "demo", "PATH": "/bin"})
    env.choice("DOORSTEP_MODE", "demo", {"demo", "live"})
    assert env.unknown("DOORSTEP_") == ["DOORSTEP_MOED"]
