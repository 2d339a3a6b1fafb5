"""Lists as files: asked for in the office, written by the worker, deleted after a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from doorstep.cases.models import Export, ExportState
from doorstep.kernel.errors import NotFound, Refused
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

KEPT = timedelta(hours=24)
UNDER_WAY = (ExportState.WAITING, ExportState.WRITING)


def export_ask(
    *, staff: Staff, of: str, query: str, language: str, at: datetime
) -> tuple[Export, bool]:
    """Put the wish on record; the export, and whether it is new: one that is still being written
    for the same filter is given back.

    Raises Refused for a role that may not export.
    """
    if not staff.may(Permission.EXPORT_CASES):
        raise Refused(_("Your role does not include exporting."), code="NOT_PERMITTED")
    own = Export.objects.filter(staff=staff, of=of, query=query, language=language)
    known = own.filter(state__in=UNDER_WAY).first()
    if known is not None:
        return known, False
    made = Export.objects.create(staff=staff, at=at, of=of, query=query, language=language)
    return made, True


def export_write(
    *, export: Export, write: Callable[[IO[bytes]], int], clock: Callable[[], datetime]
) -> None:
    """Have the file written and make it ready, whole or not at all; `write` returns its rows.

    Can be cut off and done again. What `write` raises leaves the export FAILED and is raised.
    """
    if export.state not in UNDER_WAY:
        return
    path = export_path(export)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    export_note(export=export, state=ExportState.WRITING, rows=0)
    try:
        with partial.open("wb") as file:
            rows = write(file)
    except BaseException:
        partial.unlink(missing_ok=True)
        export_note(export=export, state=ExportState.FAILED)
        raise
    partial.replace(path)
    export_note(export=export, state=ExportState.READY, rows=rows, ready_at=clock())


def export_note(*, export: Export, **values: object) -> None:
    """Note how far the writing is."""
    Export.objects.filter(pk=export.pk).update(**values)


def export_take(*, export: Export, at: datetime) -> IO[bytes]:
    """The finished file, opened; the taking is on record. Raises NotFound when it is not there."""
    ready = Export.objects.filter(pk=export.pk, state=ExportState.READY)
    try:
        file = export_path(export).open("rb")
    except FileNotFoundError:
        raise NotFound(_("This file is no longer there."), code="NO_FILE") from None
    ready.update(taken=F("taken") + 1, taken_at=at)
    return file


def exports_of(*, staff: Staff) -> QuerySet[Export]:
    """One's own exports, the latest first."""
    return Export.objects.filter(staff=staff).order_by("-at", "-pk")


def exports_expire(*, at: datetime) -> int:
    """Delete the files that have been there for `KEPT`; returns how many exports are gone."""
    gone = 0
    for export in Export.objects.filter(state=ExportState.READY, ready_at__lt=at - KEPT):
        export_path(export).unlink(missing_ok=True)
        export_note(export=export, state=ExportState.GONE)
        gone += 1
    return gone


def export_path(export: Export) -> Path:
    """Where the file of an export is."""
    return Path(settings.HOME) / "exports" / f"{export.pk}.xlsx"
