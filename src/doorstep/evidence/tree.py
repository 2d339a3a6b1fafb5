"""The stored tree: roots and proofs from the rows of the log, reading little.

A tile is 256 neighbouring hashes of a level that is stored (0: the leaves, 8, 16 …); everything
between is worked out from it. Tiles are read many at a time and kept while a `Tree` lives.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.db.models import Q

from doorstep.evidence.entry import Mark
from doorstep.evidence.log import TILE
from doorstep.evidence.models import Leaf, Node
from doorstep.evidence.proof import Span, complete_parts, consistency_spans, inclusion_spans
from doorstep.evidence.verify import leaf_hash, node_hash, tree_root

WIDTH = 1 << TILE
RANGES = 60  # in one query
Place = tuple[int, int]  # of a tile: its stored level, and which tile of that level


@dataclass
class Tree:
    """The log when it had `size` leaves."""

    size: int
    tiles: dict[Place, list[list[bytes]]] = field(default_factory=dict, repr=False)

    def root(self) -> bytes:
        """The root of the tree."""
        return self._spans([(0, self.size)])[0] if self.size else tree_root(())

    def inclusion(self, indexes: Sequence[int]) -> list[list[bytes]]:
        """For each leaf the path that proves it is in the tree."""
        spans = [inclusion_spans(index=index, size=self.size) for index in indexes]
        return self._paths(spans)

    def consistency(self, sizes: Sequence[int]) -> list[list[bytes]]:
        """For each smaller size the path that proves that the tree grew out of that one."""
        return self._paths([consistency_spans(old=size, new=self.size) for size in sizes])

    def _paths(self, wanted: Sequence[list[Span]]) -> list[list[bytes]]:
        hashes = iter(self._spans([span for spans in wanted for span in spans]))
        return [[next(hashes) for _ in spans] for spans in wanted]

    def _spans(self, spans: Sequence[Span]) -> list[bytes]:
        parts = [complete_parts(span) for span in spans]
        self._load({_tile_of(level, position) for each in parts for level, position in each})
        return [tree_root([self._node(*part) for part in each]) for each in parts]

    def _node(self, level: int, position: int) -> bytes:
        stored, number = _tile_of(level, position)
        above = level - stored
        return self.tiles[stored, number][above][position - (number << (TILE - above))]

    def _load(self, places: Iterable[Place]) -> None:
        missing = sorted(set(places) - self.tiles.keys())
        for level in sorted({level for level, _ in missing}):
            numbers = [number for at, number in missing if at == level]
            for start in range(0, len(numbers), RANGES):
                self._read(level, numbers[start : start + RANGES])

    def _read(self, level: int, numbers: Sequence[int]) -> None:
        read = _leaves if level == 0 else _nodes
        bases: dict[int, list[bytes]] = {number: [] for number in numbers}
        for position, hashed in read(level, [(n * WIDTH, (n + 1) * WIDTH - 1) for n in numbers]):
            if (position + 1) << level <= self.size:
                bases[position // WIDTH].append(hashed)
        self.tiles |= {(level, number): _levels(base) for number, base in bases.items()}


def _tile_of(level: int, position: int) -> Place:
    """The tile a node is in, or worked out from."""
    stored = level - level % TILE
    return stored, position >> (TILE - level % TILE)


def _leaves(level: int, ranges: Sequence[Span]) -> Iterable[tuple[int, bytes]]:
    rows = Leaf.objects.filter(_any_of("index", ranges)).order_by("index")
    for index, at, kind, ref, commitment in rows.values_list(
        "index", "at", "kind", "subject_id", "commitment"
    ):
        yield index, leaf_hash(Mark(at, kind, ref, bytes(commitment)).leaf())


def _nodes(level: int, ranges: Sequence[Span]) -> Iterable[tuple[int, bytes]]:
    rows = Node.objects.filter(_any_of("position", ranges), level=level).order_by("position")
    for position, hashed in rows.values_list("position", "hash"):
        yield position, bytes(hashed)


def _any_of(name: str, ranges: Sequence[Span]) -> Q:
    return reduce(or_, (Q(**{f"{name}__range": span}) for span in ranges))


def _levels(base: list[bytes]) -> list[list[bytes]]:
    """The hashes of a tile and of every complete subtree above them, level by level."""
    levels = [base]
    while len(levels) < TILE and len(levels[-1]) > 1:
        below = levels[-1]
        pairs = range(0, len(below) - 1, 2)
        levels.append([node_hash(below[n], below[n + 1]) for n in pairs])
    return levels
