"""Whether an answer says what a scenario shows: amounts by value, lists of movements and charges
in any order (the form shows them so)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

UNORDERED = frozenset({"transactions", "charges"})


def differences(scenario: Mapping[str, Any], checks: Sequence[Any]) -> list[int]:
    """Places (from 0) of the answers that differ from what the scenario shows."""
    shown = [step for step in scenario["steps"] if "check" in step]
    if len(shown) != len(checks):
        return list(range(max(len(shown), len(checks))))
    pairs = zip(shown, checks, strict=True)
    return [place for place, (step, answer) in enumerate(pairs) if not _same(step, answer)]


def _same(step: Mapping[str, Any], answer: Any) -> bool:
    expected, given = _plain(step.get("table", step.get("value"))), _plain(answer)
    if step["check"] in UNORDERED and expected and given:
        return bool(expected[0] == given[0] and sorted(expected[1:]) == sorted(given[1:]))
    return bool(expected == given)


def _plain(value: Any) -> Any:
    """Lists as they are, text that is a number in one form."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    text = str(value)
    try:
        return f"{Decimal(text.replace(',', '')).normalize():f}"
    except InvalidOperation:
        return text
