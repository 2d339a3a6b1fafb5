"""Writing an export in the background. Can be cut off and run again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import monotonic

from django.http import QueryDict
from django.utils import translation
from django_tasks import task

from doorstep.cases.exports import export_note, export_write
from doorstep.cases.models import Export
from doorstep.kernel import clock
from doorstep.sites.office.export_sheet import MOST_ROWS, Cell, write_excel
from doorstep.sites.office.list_registry import LISTS
from doorstep.sites.office.lists import Heading, Rows, rows_picked

AT_ONCE = 2000
EVERY_SECONDS = 1.0


@task()
def write_export(export_id: int) -> None:
    """Write an export that was asked for, in the language and the scope of who asked."""
    export = Export.objects.select_related("staff").get(pk=export_id)
    with translation.override(export.language):
        export_write(
            export=export,
            write=lambda file: write_excel(file, _rows(export), headings=_headings(export)),
            clock=clock.now,
        )


def _rows(export: Export) -> Iterator[list[Cell]]:
    """The rows of the filter, some thousands at a time: progress is noted in between, and a
    cursor that is still open would keep SQLite from writing."""
    picked = rows_picked(LISTS[export.of], staff=export.staff, values=QueryDict(export.query))
    kind = _kind(export)
    keys = list(picked.values_list("pk", flat=True)[:MOST_ROWS])
    export_note(export=export, expected=len(keys))
    cells, noted = kind.cells(), monotonic()
    for first in range(0, len(keys), AT_ONCE):
        some = keys[first : first + AT_ONCE]
        found = kind.read(picked.model._default_manager.order_by()).in_bulk(some)
        for key in some:
            if key in found:
                yield cells(found[key])
        if monotonic() - noted >= EVERY_SECONDS:
            noted = monotonic()
            export_note(export=export, rows=first + len(some))


def _kind(export: Export) -> Rows:
    listed = LISTS[export.of]
    return listed.rows[listed.pick(export.staff, QueryDict(export.query)).of]


def _headings(export: Export) -> Sequence[Heading]:
    return _kind(export).headings
