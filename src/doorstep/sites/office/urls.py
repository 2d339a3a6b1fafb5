"""Addresses of the office."""

from __future__ import annotations

from django.urls import URLPattern, path

from doorstep.sites.office import (
    assign,
    bill,
    case_deeds,
    case_file,
    export,
    language,
    runs,
    search,
    staff,
    today,
    worklist,
)

app_name = "office"
urlpatterns: list[URLPattern] = [
    path("", today.today, name="today"),
    path("search/", search.search, name="search"),
    path("language/", language.language, name="language"),
    path("movements/", runs.movements, name="movements"),
    path("runs/", runs.runs, name="runs"),
    path("runs/start/", runs.run_start, name="run_start"),
    path("runs/<int:run_id>/", runs.run, name="run"),
    path("staff/", staff.staff, name="staff"),
    path("staff/new/", staff.staff_new, name="staff_new"),
    path("staff/<int:staff_id>/active/", staff.staff_active, name="staff_active"),
    path("cases/", worklist.worklist, name="worklist"),
    path("cases/views/", worklist.view_save, name="view_save"),
    path("cases/views/<int:view_id>/forget/", worklist.view_delete, name="view_delete"),
    path("cases/assign/", assign.assign, name="assign"),
    path("cases/export.xlsx", export.export, name="export"),
    path("cases/<int:case_id>/", case_file.case_file, name="case"),
    path("cases/<int:case_id>/bill/", bill.bill, name="bill"),
    path("cases/<int:case_id>/bill.pdf", bill.bill_pdf, name="bill_pdf"),
    path("cases/<int:case_id>/notes/", case_deeds.note, name="case_note"),
    path("cases/<int:case_id>/assign/", case_deeds.give, name="case_give"),
    path("cases/<int:case_id>/holds/", case_deeds.hold, name="case_hold"),
    path("cases/<int:case_id>/holds/<int:hold_id>/end/", case_deeds.hold_end, name="case_hold_end"),
    path("cases/<int:case_id>/unmask/", case_deeds.unmask, name="case_unmask"),
]
