"""Reads of books and of what waits to be verified."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from doorstep.portfolio.models import Book, BookState


def book_list() -> QuerySet[Book]:
    """Every book, the latest business date first, with the people who brought and released it."""
    return Book.objects.select_related("brought_by", "released_by").order_by(
        "-business_date", "-pk"
    )


def book_last_loaded() -> Book | None:
    """The book that the tables follow now."""
    return book_list().filter(state=BookState.LOADED).first()


def book_problem_groups(book: Book) -> list[dict[str, Any]]:
    """What was found, an entry a code: code, level, count, first line; what rejects comes first."""
    groups: dict[str, dict[str, Any]] = {}
    for problem in book.problems:
        group = groups.setdefault(problem["code"], {**problem, "count": 0})
        group["count"] += problem["count"]
        group["line"] = min(group["line"], problem["line"])
    order = {"file": 0, "row": 1, "warning": 2}
    return sorted(groups.values(), key=lambda g: (order[g["level"]], -g["count"], g["code"]))
