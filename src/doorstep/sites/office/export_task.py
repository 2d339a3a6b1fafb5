"""Writing an export in the background. Can be cut off and run again."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

from django.utils import translation
from django_tasks import task

from doorstep.cases.exports import export_note, export_write
from doorstep.cases.models import STEP_CHOICES, Case, Export
from doorstep.cases.worklist import worklist
from doorstep.cycle.selectors import bucket_edges
from doorstep.kernel import clock
from doorstep.sites.office.export_sheet import MOST_ROWS, Cell, row_of, write_excel
from doorstep.sites.office.worklist import latest_night
from doorstep.sites.office.worklist_views import read_query

AT_ONCE = 2000
EVERY_SECONDS = 1.0


@task()
def write_export(export_id: int) -> None:
    """Write an export that was asked for, in the language and the scope of who asked."""
    export = Export.objects.select_related("staff").get(pk=export_id)
    with translation.override(export.language):
        export_write(
            export=export,
            write=lambda file: write_excel(file, _rows(export)),
            clock=clock.now,
        )


def _rows(export: Export) -> Iterator[list[Cell]]:
    """The rows of the filter, some thousands at a time: progress is noted in between, and a
    cursor that is still open would keep SQLite from writing."""
    cases = worklist(read_query(export.query), staff=export.staff, night=latest_night())
    keys = list(cases.values_list("pk", flat=True)[:MOST_ROWS])
    export_note(export=export, expected=len(keys))
    edges, steps = bucket_edges(), {value: str(label) for value, label in STEP_CHOICES}
    noted = monotonic()
    for first in range(0, len(keys), AT_ONCE):
        some = keys[first : first + AT_ONCE]
        found = Case.objects.select_related("borrower", "assignee", "branch").in_bulk(some)
        for key in some:
            if key in found:
                yield row_of(found[key], edges=edges, steps=steps)
        if monotonic() - noted >= EVERY_SECONDS:
            noted = monotonic()
            export_note(export=export, rows=first + len(some))
