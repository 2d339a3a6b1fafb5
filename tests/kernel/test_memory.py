"""The search for cycles rests for a block, and is as it was afterwards."""

from __future__ import annotations

import gc

import pytest

from doorstep.kernel.memory import cycles_uncollected


def test_it_rests_within_and_goes_on_after() -> None:
    assert gc.isenabled()
    with cycles_uncollected():
        assert not gc.isenabled()
        with cycles_uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_after_a_fault() -> None:
    with pytest.raises(ZeroDivisionError), cycles_uncollected():
        _ = 1 // 0
    assert gc.isenabled()
