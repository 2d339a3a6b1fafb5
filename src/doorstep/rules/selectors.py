"""The rulebook of an instant: the packs of this installation with the changes that bind by then."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from doorstep.rules.changes import Change, rulebook_changed, values_from_texts
from doorstep.rules.models import ChangeState, RuleChange
from doorstep.rules.pack import HOUSE, Rulebook, packs_folder, rulebook_load

ORDER = ("effective_at", "pk")


def rulebook_at(at: datetime) -> Rulebook:
    """The rules that decide at an instant: the jurisdiction's packs, the lender's own, and every
    approved change that binds by then. The very same object as long as nothing changes."""
    bound = RuleChange.objects.filter(state=ChangeState.APPROVED, effective_at__lte=at)
    return _with_changes(tuple(bound.order_by(*ORDER).values_list(*ORDER)))


def rulebook_with(change: RuleChange, *, at: datetime) -> Rulebook:
    """The rulebook of an instant as it would be with one more change."""
    return rulebook_changed(rulebook_at(at), [_plain(change, rulebook_at(at))])


@lru_cache(maxsize=8)
def _with_changes(bound: tuple[tuple[datetime, int], ...]) -> Rulebook:
    book = rulebook_shipped()
    if not bound:
        return book
    known = {rule.id for rule in book.rules}
    found = RuleChange.objects.filter(pk__in=[number for _, number in bound], rule__in=known)
    return rulebook_changed(book, [_plain(change, book) for change in found.order_by(*ORDER)])


def _plain(change: RuleChange, book: Rulebook) -> Change:
    row = book.rule(change.rule).row_on(None)
    since = change.effective_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    values = values_from_texts(change.values, row.values if row else {})
    return Change(change.pk, change.rule, since, values)


def rulebook_shipped() -> Rulebook:
    """The packs as they came with the program, of this installation's jurisdiction and house."""
    folder = Path(settings.RULEPACKS) if settings.RULEPACKS else packs_folder()
    return _loaded(folder, settings.JURISDICTION)


@lru_cache(maxsize=4)
def _loaded(folder: Path, jurisdiction: str) -> Rulebook:
    return rulebook_load(folder).only(jurisdictions=(jurisdiction, HOUSE))
