"""What a chart of the office says: plain figures for the drawing and for the table beside it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter
from django.http import HttpResponse


@dataclass(frozen=True)
class Series:
    """One row of figures, raw for drawing and as people read them; `tone` picks the colour."""

    name: str
    values: Sequence[float]
    shown: Sequence[str]
    tone: int | None = None


@dataclass(frozen=True)
class Chart:
    """A chart with one message, stated in its title. `links` open the rows behind each category."""

    key: str
    title: str
    kind: str
    categories: Sequence[str]
    series: Sequence[Series]
    heading: str
    up: str = ""
    across: str = ""
    stacked: bool = False
    links: Sequence[str] = field(default_factory=list)

    @property
    def block_id(self) -> str:
        """Where on the page the drawing finds its figures."""
        return f"chart-{self.key}"

    @property
    def drawing(self) -> dict[str, Any]:
        """The JSON block that the drawing reads."""
        return {
            "kind": self.kind,
            "categories": [str(name) for name in self.categories],
            "series": [
                {
                    "name": str(row.name),
                    "values": list(row.values),
                    "shown": list(row.shown),
                    "tone": row.tone,
                }
                for row in self.series
            ],
            "stacked": self.stacked,
            "up": str(self.up),
            "across": str(self.across),
            "links": list(self.links),
        }

    @property
    def columns(self) -> list[str]:
        """Names of the table's columns after the first: the series, or a heat map's categories."""
        if self.kind == "heat":
            return [str(name) for name in self.categories]
        return [str(series.name) for series in self.series]

    @property
    def table(self) -> list[tuple[str, str, list[str]]]:
        """Rows of the table: what it is of, the link behind it, and the figures as people read
        them. A heat map has a row a series; everything else has a row a category."""
        if self.kind == "heat":
            return [(str(series.name), "", list(series.shown)) for series in self.series]
        return [
            (
                " ".join(str(category).split("\n")),
                self.links[at] if self.links else "",
                [series.shown[at] for series in self.series],
            )
            for at, category in enumerate(self.categories)
        ]

    @property
    def figures(self) -> list[list[float]]:
        """The raw figures of the table's rows."""
        rows = [list(series.values) for series in self.series]
        return rows if self.kind == "heat" else [list(row) for row in zip(*rows, strict=True)]


def chart_workbook(chart: Chart) -> HttpResponse:
    """The figures of a chart as an Excel file; text is written as text, never as a formula."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [str(chart.heading), *chart.columns])
    for at, (row, figures) in enumerate(zip(chart.table, chart.figures, strict=True)):
        sheet.write_string(at + 1, 0, row[0])
        sheet.write_row(at + 1, 1, figures)
    book.close()
    answer = HttpResponse(
        stream.getvalue(),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    answer["Content-Disposition"] = f'attachment; filename="{chart.key}.xlsx"'
    return answer
