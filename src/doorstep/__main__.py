"""`python -m doorstep` is the `doorstep` program."""

from __future__ import annotations

from doorstep.cli import main

main()
