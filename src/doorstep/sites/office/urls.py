"""Addresses of the office."""

from __future__ import annotations

from django.urls import URLPattern, path

from doorstep.sites.office import (
    assign,
    bill,
    book_layout,
    book_upload,
    books,
    case_deeds,
    case_file,
    export,
    language,
    runs,
    search,
    staff,
    today,
    verification,
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
    path("books/", books.books, name="books"),
    path("books/bring/", book_upload.book_bring, name="book_bring"),
    path("books/bring/<str:token>/", book_upload.book_preview, name="book_preview"),
    path("books/layout/", book_layout.book_layout, name="book_layout"),
    path("books/layout/<str:table>.csv", book_layout.book_template, name="book_template"),
    path("books/<int:book_id>/", books.book, name="book"),
    path("books/<int:book_id>/progress/", books.book_progress, name="book_progress"),
    path("books/<int:book_id>/problem/", books.book_problem, name="book_problem"),
    path("books/<int:book_id>/rejected/", books.book_rejected, name="book_rejected"),
    path("books/<int:book_id>/release/", books.book_release, name="book_release"),
    path("books/<int:book_id>/reject/", books.book_reject, name="book_reject"),
    path("books/<int:book_id>/load/", books.book_load, name="book_load"),
    path("verification/", verification.verification, name="verification"),
    path("verification/<int:task_id>/", verification.verification_task, name="verification_task"),
]
