"""A paper's number is drawn until nobody has it."""

from __future__ import annotations

from doorstep.kernel.numbers import number_new


def test_a_number_somebody_has_is_drawn_anew() -> None:
    drawn = iter([7, 7, 12_345_678])
    number = number_new(
        prefix="RA-2026-", taken={"RA-2026-00000007"}.__contains__, draw=lambda _below: next(drawn)
    )
    assert number == "RA-2026-12345678"


def test_two_are_told_apart_by_chance_alone() -> None:
    numbers = {number_new(prefix="AL-", taken=lambda _number: False) for _each in range(20)}
    assert len(numbers) > 15
    assert all(len(number) == 11 and number[3:].isdigit() for number in numbers)
