"""Memory while very many small things are made at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def cycles_uncollected() -> Iterator[None]:
    """Leave out the search for cycles while the block runs, if it was on before.

    It looks at every living object again and again: a sixth of the time in which a file of 100,000
    payments is taken in. What nobody refers to is freed at once all the same. For blocks that keep
    within a bounded number of rows.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
