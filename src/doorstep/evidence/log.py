"""The Merkle log as arithmetic (RFC 6962, 2.1): how it grows, and what its root is.

A log of n leaves is kept as its frontier, the roots of the complete subtrees that n is made of,
largest first: one hash for each 1 in n written in binary. Growing needs nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from doorstep.evidence.verify import leaf_hash, tree_add, tree_root

TILE = 8  # every 8th level is stored: one node for 256 below it


@dataclass(frozen=True)
class Node:
    """The root of the complete subtree over leaves position * 2**level and the following."""

    level: int
    position: int
    hash: bytes


@dataclass(frozen=True)
class Frontier:
    """A log by its size and the roots of its complete subtrees, largest first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def root(self) -> bytes:
        """The root of the whole log."""
        return tree_root(self.hashes)


def frontier_grow(frontier: Frontier, leaves: Iterable[bytes]) -> tuple[Frontier, list[Node]]:
    """The log after these leaves, and the nodes to store: those of every TILE-th level."""
    size, hashes = frontier.size, list(frontier.hashes)
    stored: list[Node] = []
    for leaf in leaves:
        made = tree_add(hashes, size, leaf_hash(leaf))
        stored += [Node(n, size >> n, made[n]) for n in range(TILE, len(made), TILE)]
        size += 1
    return Frontier(size, tuple(hashes)), stored


def frontier_read(size: int, packed: bytes) -> Frontier:
    """A frontier from its stored form. Raises ValueError when the two do not fit together."""
    hashes = tuple(packed[start : start + 32] for start in range(0, len(packed), 32))
    if len(packed) != 32 * size.bit_count():
        raise ValueError(f"a log of {size} leaves does not have a frontier of {len(packed)} bytes")
    return Frontier(size, hashes)
