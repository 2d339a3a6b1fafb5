"""Integer division on columns is exact, and there is one way to do it."""

from __future__ import annotations

import ast
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.cycle.engine import Engine, engine_open, multiply_divide, whole_part
from doorstep.kernel.money import divide_half_up

LARGE = 2**63 - 1


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    with engine_open(threads=1, memory_mib=64, spill=tmp_path_factory.mktemp("spill")) as opened:
        yield opened  # type: ignore[misc]


numbers = st.one_of(
    st.integers(0, 1000), st.integers(0, LARGE), st.sampled_from([2**53 + 1, 2**62])
)
divisors = st.one_of(st.integers(1, 7), st.sampled_from([100, 360_000_000, 365_000_000, 10**12]))


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(st.tuples(numbers, numbers, divisors), min_size=1, max_size=40))
def test_multiply_and_divide_is_half_up_and_exact(
    engine: Engine, rows: list[tuple[int, int, int]]
) -> None:
    fit = [(a, b, d) for a, b, d in rows if divide_half_up(a * b, d) <= LARGE]
    columns = list(zip(*fit, strict=True)) if fit else [(), (), ()]
    arrow = pa.table(
        {name: pa.array(c, pa.int64()) for name, c in zip("abd", columns, strict=True)}
    )
    table = engine.arrow(arrow, "numbers")
    found = engine.rows(table.select(n=multiply_divide(table.a, table.b, table.d)))
    assert [row["n"] for row in found] == [divide_half_up(a * b, d) for a, b, d in fit]


def test_whole_part_is_exact_above_what_floats_hold(engine: Engine) -> None:
    table = engine.arrow(pa.table({"a": [LARGE, 2**53 + 1, 99]}), "large")
    found = engine.rows(table.select(n=whole_part(table.a, 100)))
    assert [row["n"] for row in found] == [LARGE // 100, (2**53 + 1) // 100, 0]


def floor_divisions(text: str) -> list[int]:
    """Lines of Python that use `//`."""
    return sorted(
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.FloorDiv)
    )


def test_no_module_of_the_night_uses_floor_division(repository: Path) -> None:
    """Ibis turns it into floats, which are wrong above 2^53."""
    modules = list((repository / "src/doorstep/cycle").glob("*.py"))
    assert len(modules) > 8
    assert {path.name: floor_divisions(path.read_text("utf-8")) for path in modules} == {
        path.name: [] for path in modules
    }


def test_the_lint_sees_a_planted_one() -> None:
    assert floor_divisions("a = t.b // 2\nt //= 3") == [1, 2]
