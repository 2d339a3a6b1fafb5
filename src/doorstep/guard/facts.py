"""What is known when an act is proposed: every fact with its age and where it came from."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from doorstep.rules.values import Value


@dataclass(frozen=True, slots=True)
class Known:
    """One fact. `as_of` is when its source last said so (None: as fresh as the decision).

    `source` names the register it was read from, for the record: `protections`, `counters`, ...
    """

    value: Value
    as_of: datetime | None = None
    source: str = ""


class Facts(Mapping[str, Known]):
    """Facts by catalogue name. A name that is not here is unknown; nothing is assumed for it."""

    def __init__(self, known: Mapping[str, Known] | None = None) -> None:
        self._known = dict(known or {})

    @classmethod
    def of(cls, source: str = "", as_of: datetime | None = None, **values: Value) -> Facts:
        """Facts of one source and one moment."""
        return cls({name: Known(value, as_of, source) for name, value in values.items()})

    def __getitem__(self, name: str) -> Known:
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def items(self) -> ItemsView[str, Known]:
        """The facts with their names (the plain view: this is read for every decision)."""
        return self._known.items()

    def __or__(self, other: Mapping[str, Known]) -> Facts:
        return Facts({**self._known, **other})
