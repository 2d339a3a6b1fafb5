"""What goes wrong is told in one line: where, what, and what to do next."""

from __future__ import annotations

import pytest

from doorstep.kernel.errors import DoorstepError, InputError, NotFound, Refused, Where


def test_a_fault_in_a_file_names_file_line_field_and_the_way_out() -> None:
    error = InputError(
        "Not an amount.",
        code="AMOUNT_NOT_NUMBER",
        hint="Write it as 1234.56.",
        where=Where(file="book.csv", line=1042, field="逾期金额"),
    )
    assert str(error) == "book.csv, line 1042, 逾期金额: Not an amount. Write it as 1234.56."
    assert error.code == "AMOUNT_NOT_NUMBER"


def test_a_fault_without_a_place_reads_as_a_plain_sentence() -> None:
    assert str(InputError("The folder is empty.")) == "The folder is empty."


def test_line_zero_is_a_line() -> None:
    assert str(Where(line=0)) == "line 0"
    assert str(Where()) == ""


@pytest.mark.parametrize("kind", [InputError, Refused, NotFound])
def test_every_failure_is_a_doorstep_error_with_a_code(kind: type[DoorstepError]) -> None:
    assert kind("x", code="Y", hint="z").code == "Y"
    assert issubclass(kind, DoorstepError)
