"""A crew's day on one page, the crews of a plan on paper, and the plan as an Excel file."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import xlsxwriter
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.kernel import clock
from doorstep.kernel.money import minor_digits
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.export import EXCEL
from doorstep.sites.office.export_sheet import Cell, safe_text
from doorstep.sites.office.visits_figures import all_rows, currency_of, regions_of
from doorstep.sites.office.visits_map import map_of
from doorstep.sites.office.visits_rows import Crew, Row, days_of
from doorstep.sites.office.visits_scope import crew_or_404, crews_visible_to, plan_or_404
from doorstep.visits.models.days import PlanState
from doorstep.workforce.roles import Permission


@needs(Permission.SEE_CREW_DAY)
@require_GET
def field_crew(request: StaffRequest, crew_id: int) -> HttpResponse:
    """One crew's day: an agent sees the own one, once it is published."""
    crew_day = crew_or_404(request.user, crew_id)
    days = days_of(crew_day.plan, staff=request.user)
    crew = next(each for day in days for each in day.crews if each.crew.pk == crew_id)
    context: dict[str, Any] = {
        "plan": crew_day.plan,
        "crew": crew,
        "map": map_of(crew_day.plan, [crew]),
        "sees_plan": request.user.may(Permission.SEE_FIELD),
        "sees_pack": request.user.may(Permission.SEE_TRIP_PACKS),
    }
    return render(request, "office/visits/crew.html", context)


@needs(Permission.CHECK_IN)
@require_GET
def field_days_mine(request: StaffRequest) -> HttpResponse:
    """One's own published days, the next one first."""
    mine = (
        crews_visible_to(staff=request.user)
        .filter(
            members__staff=request.user,
            plan__state=PlanState.PUBLISHED,
            day__gte=clock.today(settings.TIME_ZONE),
        )
        .order_by("day", "begins_at")
    )
    return render(request, "office/visits/mine.html", {"crews": mine[:20]})


@needs(Permission.SEE_FIELD)
@require_GET
def field_plan_print(request: StaffRequest, plan_id: int) -> HttpResponse:
    """The plan on paper: every crew's day, one after the other."""
    plan = plan_or_404(request.user, plan_id)
    days = days_of(plan, staff=request.user)
    rows = all_rows(days)
    context: dict[str, Any] = {
        "plan": plan,
        "days": days,
        "currency": currency_of(rows),
        "regions": regions_of(rows),
    }
    return render(request, "office/visits/print.html", context)


@needs(Permission.SEE_FIELD)
@require_GET
def field_plan_excel(request: StaffRequest, plan_id: int) -> HttpResponse:
    """The plan as an Excel file: a sheet of visits, one of those left out; names masked."""
    plan = plan_or_404(request.user, plan_id)
    days = days_of(plan, staff=request.user)
    crews = [crew for day in days for crew in day.crews]
    planned = [(crew, row) for crew in crews for row in crew.rows]
    stream = BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True})
    _sheet(book, bold, _("Planned"), _planned_heads(), [_planned(*each) for each in planned])
    _sheet(book, bold, _("Not planned"), _out_heads(), [_out(row) for row in days[0].out])
    book.close()
    answer = HttpResponse(stream.getvalue(), content_type=EXCEL)
    name = f"field-day-{plan.first_day.isoformat()}-{plan.pk}.xlsx"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _sheet(
    book: xlsxwriter.Workbook, bold: Any, name: str, heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
) -> None:  # fmt: skip
    sheet = book.add_worksheet(name[:31])
    sheet.write_row(0, 0, heads, bold)
    sheet.set_column(0, len(heads) - 1, 15)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, column, safe_text(cell))
            else:
                sheet.write_number(number, column, cell)


def _planned_heads() -> list[str]:
    return [
        _("Date"), _("Crew"), _("Who goes"), _("Vehicle"), _("Order"), _("Arrives"), _("Begins"),
        _("Ends"), *_about_heads(),
    ]  # fmt: skip


def _about_heads() -> list[str]:
    return [
        _("Case"), _("Customer"), _("Region"), _("Appointment"), _("Risk"), _("Minutes"),
        _("Expected benefit"), _("Currency"),
    ]  # fmt: skip


def _planned(crew: Crew, row: Row) -> list[Cell]:
    visit, day = row.visit, crew.crew
    return [
        day.day.isoformat(), crew.letter, crew.people, str(day.vehicle or ""), row.number or 0,
        _clock(visit.arrives_at), _clock(visit.begins_at), _clock(visit.ends_at), *_about(row),
    ]  # fmt: skip


def _about(row: Row) -> list[Cell]:
    visit = row.visit
    scale = 10 ** minor_digits(visit.case.currency)
    return [
        visit.case_id, row.who, row.region_name, _("Yes") if visit.required else "",
        visit.get_risk_display(), visit.minutes, visit.value / scale, visit.case.currency,
    ]  # fmt: skip


def _out_heads() -> list[str]:
    return [_("Why not"), *_about_heads()]


def _out(row: Row) -> list[Cell]:
    return [row.why, *_about(row)]


def _clock(at: Any) -> str:
    return f"{timezone.localtime(at):%H:%M}" if at else ""
