"""The rules that decide today: the packs of this installation's jurisdiction and the lender's."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from doorstep.rules.pack import HOUSE, Rulebook, packs_folder, rulebook_load


def rulebook_current() -> Rulebook:
    """The rulebook that every act is decided by."""
    folder = Path(settings.RULEPACKS) if settings.RULEPACKS else packs_folder()
    return _loaded(folder, settings.JURISDICTION)


@lru_cache(maxsize=4)
def _loaded(folder: Path, jurisdiction: str) -> Rulebook:
    return rulebook_load(folder).only(jurisdictions=(jurisdiction, HOUSE))
