"""Patterns that are tried only where they could match.

Hundreds of patterns over a long text are slow; a look for a few literal words is not. From each
pattern follow sets of literals; a match must hold one of each. Only sentences that do are searched.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from doorstep.kernel.errors import InputError

MOST = 60
FLAGS = re.MULTILINE | re.ASCII  # a word of ASCII ends where Chinese begins
ASCII = re.compile(r"[\x20-\x7e]{4,}")
SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]*")


@dataclass(frozen=True)
class Gate:
    """A pattern, the literals of which every match holds one, and further such sets of literals."""

    pattern: re.Pattern[str]
    literals: frozenset[str]
    also: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class _Part:
    """What a part of a pattern needs: `whole` is all it can match where that is few, else None;
    every match holds a literal of each set in `needs`."""

    whole: frozenset[str] | None
    needs: tuple[frozenset[str], ...]


def gates_of(pattern: str) -> list[Gate]:
    """One gate for every alternative at the top of a pattern. Raises InputError for an alternative
    that needs no literal, because it would be tried everywhere."""
    gates = []
    for alternative in alternatives(pattern):
        needs = sorted(_sequence(_parser.parse(alternative)).needs, key=_worth, reverse=True)
        if not needs:
            raise InputError(f"Pattern {alternative!r} needs no literal.", code="BAD_PATTERN")
        gates.append(Gate(re.compile(alternative, FLAGS), needs[0], tuple(needs[1:])))
    return gates


def _worth(literals: frozenset[str]) -> tuple[int, int]:
    """Few long literals tell more than many short ones."""
    return min(2, *map(len, literals)), -len(literals)


def alternatives(pattern: str) -> list[str]:
    """A pattern cut at its bars outside of brackets."""
    parts, depth, start, place = [], 0, 0, 0
    while place < len(pattern):
        mark = pattern[place]
        if mark == "\\":
            place += 1
        elif mark == "[":
            place = pattern.index("]", place + 2)
        elif mark in "()":
            depth += 1 if mark == "(" else -1
        elif mark == "|" and not depth:
            parts.append(pattern[start:place])
            start = place + 1
        place += 1
    return [*parts, pattern[start:]]


def matches_of(gate: Gate, text: str, ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where a pattern matches, sentence by sentence; `ends` are those of the sentences."""
    for start, end in _sentences_with(gate.literals, text, ends):
        sentence = text[start:end]
        if all(any(literal in sentence for literal in each) for each in gate.also):
            for found in gate.pattern.finditer(sentence):
                if found[0]:
                    yield start + found.start(), start + found.end()


class Gates:
    """Many patterns under names, found by the beginnings of their literals."""

    def __init__(self, named: Iterable[tuple[str, Gate]]) -> None:
        self._gates = list(named)
        self._index: dict[str, set[int]] = {}
        for number, (_name, gate) in enumerate(self._gates):
            for literal in gate.literals:
                self._index.setdefault(_beginning(literal), set()).add(number)

    def matches(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Name, start and end of every match, in no order."""
        numbers: set[int] = set()
        for beginning in _beginnings(text) & self._index.keys():
            numbers |= self._index[beginning]
        ends = [found.end() for found in SENTENCE.finditer(text)]
        for number in numbers:
            name, gate = self._gates[number]
            for start, end in matches_of(gate, text, ends):
                yield name, start, end


def _beginning(literal: str) -> str:
    return literal[:4] if literal.isascii() and len(literal) >= 4 else literal[:2]


def _beginnings(text: str) -> set[str]:
    """Every stretch of one, two and (where there are letters of ASCII) four characters."""
    found = {*text, *map("".join, pairwise(text))}
    for word in ASCII.finditer(text):
        found.update(text[at : at + 4] for at in range(word.start(), word.end() - 3))
    return found


def _sentences_with(
    literals: frozenset[str], text: str, ends: Sequence[int]
) -> set[tuple[int, int]]:
    spans = set()
    for literal in literals:
        place = text.find(literal)
        while place >= 0:
            number = bisect_right(ends, place)
            spans.add((ends[number - 1] if number else 0, ends[number]))
            place = text.find(literal, max(ends[number], place + 1))
    return spans


def _sequence(parts: Any) -> _Part:
    """What parts one after the other need."""
    whole: frozenset[str] | None = frozenset([""])
    run: frozenset[str] = frozenset([""])
    needs: list[frozenset[str]] = []
    for code, value in parts:
        part = _part(code, value)
        if part.whole is not None and len(run) * len(part.whole) <= MOST:
            run = frozenset(a + b for a in run for b in part.whole)
            continue
        needs += [run, *part.needs]
        run = part.whole if part.whole is not None else frozenset([""])
        whole = None
    needs.append(run)
    kept = (_fewest(each) for each in needs if "" not in each)
    return _Part(run if whole is not None else None, tuple(kept))


def _fewest(literals: frozenset[str]) -> frozenset[str]:
    """Without literals that hold another one."""
    return frozenset(
        each for each in literals if not any(o != each and o in each for o in literals)
    )


def _part(code: Any, value: Any) -> _Part:
    if code is op.LITERAL:
        return _exact(frozenset([chr(value)]))
    if code is op.IN and all(one is op.LITERAL for one, _ in value):
        return _exact(frozenset(chr(each) for _, each in value))
    if code is op.SUBPATTERN:
        return _sequence(value[-1])
    if code is op.BRANCH:
        return _branch([_sequence(each) for each in value[1]])
    if code in (op.AT, op.ASSERT, op.ASSERT_NOT):
        return _exact(frozenset([""]))
    if code in (op.MAX_REPEAT, op.MIN_REPEAT):
        return _repeat(*value)
    return _Part(None, ())


def _repeat(least: int, most: int, parts: Any) -> _Part:
    inner = _sequence(parts)
    if (least, most) == (0, 1) and inner.whole is not None:
        return _exact(inner.whole | {""})
    return _Part(None, inner.needs if least else ())


def _branch(parts: list[_Part]) -> _Part:
    wholes = [part.whole for part in parts]
    if all(whole is not None for whole in wholes):
        return _exact(frozenset().union(*(whole for whole in wholes if whole is not None)))
    if not all(part.needs for part in parts):
        return _Part(None, ())
    best = (max(part.needs, key=_worth) for part in parts)
    return _Part(None, (_fewest(frozenset().union(*best)),))


def _exact(whole: frozenset[str]) -> _Part:
    return _Part(whole, () if "" in whole else (_fewest(whole),))
