"""Proofs of our own small trees, against the definition in RFC 6962 written out plainly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.evidence.log import Frontier, frontier_grow, frontier_read
from doorstep.evidence.proof import complete_parts, consistency_spans, inclusion_spans
from doorstep.evidence.verify import (
    EMPTY_ROOT,
    consistency_holds,
    inclusion_holds,
    leaf_hash,
    node_hash,
)

SIZES = st.integers(1, 130)


def leaves(size: int) -> list[bytes]:
    return [f"leaf {number}".encode() for number in range(size)]


def root(data: list[bytes]) -> bytes:
    """MTH(D[n]) as section 2.1 defines it."""
    if not data:
        return EMPTY_ROOT
    if len(data) == 1:
        return leaf_hash(data[0])
    half = 1
    while half * 2 < len(data):
        half *= 2
    return node_hash(root(data[:half]), root(data[half:]))


def inclusion(index: int, size: int) -> list[bytes]:
    return [root(leaves(size)[slice(*span)]) for span in inclusion_spans(index=index, size=size)]


def consistency(old: int, new: int) -> list[bytes]:
    return [root(leaves(new)[slice(*span)]) for span in consistency_spans(old=old, new=new)]


def test_the_empty_log_and_one_leaf() -> None:
    assert Frontier().root() == EMPTY_ROOT
    one, _ = frontier_grow(Frontier(), [b"x"])
    assert one.root() == leaf_hash(b"x")
    assert inclusion(0, 1) == []


@given(SIZES, st.integers(0, 130))
def test_growing_in_two_parts_ends_in_the_root_of_the_definition(size: int, cut: int) -> None:
    data = leaves(size)
    first, _ = frontier_grow(Frontier(), data[:cut])
    packed = b"".join(first.hashes)
    grown, _ = frontier_grow(frontier_read(first.size, packed), data[cut:])
    assert (grown.size, grown.root()) == (size, root(data))


def test_nodes_to_store_are_the_roots_of_complete_subtrees_of_256() -> None:
    data = leaves(600)
    _, nodes = frontier_grow(Frontier(), data)
    assert [(node.level, node.position) for node in nodes] == [(8, 0), (8, 1)]
    assert nodes[1].hash == root(data[256:512])


def test_a_frontier_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(ValueError, match="7 leaves"):
        frontier_read(7, b"x" * 64)


@given(SIZES, st.data())
def test_a_path_proves_its_leaf_and_nothing_else(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = inclusion(index, size)
    leaf, whole = leaf_hash(leaves(size)[index]), root(leaves(size))
    assert len(path) <= (size - 1).bit_length()
    holds = {"index": index, "size": size, "leaf": leaf, "path": path, "root": whole}
    assert inclusion_holds(**holds)
    other = data.draw(st.integers(0, 2 * size))
    assert other == index or not inclusion_holds(**holds | {"index": other})
    assert not inclusion_holds(**holds | {"leaf": leaf_hash(b"another")})
    assert not inclusion_holds(**holds | {"path": [*path, whole]})
    if path:
        assert not inclusion_holds(**holds | {"path": path[:-1]})
        assert not inclusion_holds(**holds | {"path": [leaf_hash(b"x"), *path[1:]]})


@given(SIZES, st.data())
def test_a_path_proves_that_a_log_only_grew(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    path, roots = consistency(old, new), (root(leaves(old)), root(leaves(new)))
    holds = {"old": old, "new": new, "old_root": roots[0], "new_root": roots[1], "path": path}
    assert consistency_holds(**holds)
    forked = root([*leaves(old)[:-1], b"altered"])
    assert not consistency_holds(**holds | {"old_root": forked})
    assert not consistency_holds(**holds | {"new_root": forked})
    assert not consistency_holds(**holds | {"path": [*path, roots[0]]})
    if path:
        assert not consistency_holds(**holds | {"path": path[:-1]})


def test_the_empty_log_proves_nothing_and_no_log_shrinks() -> None:
    for old, new in ((0, 3), (4, 3)):
        with pytest.raises(ValueError, match="does not begin"):
            consistency_spans(old=old, new=new)
        assert not consistency_holds(
            old=old, new=new, old_root=EMPTY_ROOT, new_root=root(leaves(3)), path=[]
        )
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_spans(index=3, size=3)


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_a_span_is_made_of_complete_subtrees_side_by_side(first: int, length: int) -> None:
    first = first << length.bit_length()  # spans of proofs begin where such a subtree can
    parts = complete_parts((first, first + length))
    assert len(parts) == length.bit_count()
    reached = first
    for level, position in parts:
        assert position << level == reached
        reached += 1 << level
    assert reached == first + length
