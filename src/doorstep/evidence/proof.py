"""Which parts of the tree a proof is made of (RFC 6962, 2.1.1 and 2.1.2).

A part is a span of leaves; its hash is the root of the tree over just those. Who keeps the tree
looks the hashes up; `verify.py` checks the proof.
"""

from __future__ import annotations

Span = tuple[int, int]  # from the first leaf up to, not including, the last


def inclusion_spans(*, index: int, size: int) -> list[Span]:
    """The spans that prove that a leaf is in the tree of `size` leaves, from the leaf upwards.

    Raises ValueError when the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    spans: list[Span] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((first, middle))
            first = middle
    return spans[::-1]


def consistency_spans(*, old: int, new: int) -> list[Span]:
    """The spans that prove that the tree of `new` leaves begins with that of `old` leaves.

    Raises ValueError unless 0 < old <= new.
    """
    if not 0 < old <= new:
        raise ValueError(f"a tree of {new} leaves does not begin with one of {old}")
    spans: list[Span] = []
    first, end, whole = 0, new, True
    while old != end:
        middle = first + _split(end - first)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((first, middle))
            first, whole = middle, False
    if not whole:
        spans.append((first, end))
    return spans[::-1]


def complete_parts(span: Span) -> list[tuple[int, int]]:
    """The complete subtrees a span is made of, as (level, position), largest first."""
    first, end = span
    parts = []
    while first < end:
        level = (end - first).bit_length() - 1
        parts.append((level, first >> level))
        first += 1 << level
    return parts


def _split(count: int) -> int:
    """The largest power of two smaller than the count."""
    return 1 << ((count - 1).bit_length() - 1)
