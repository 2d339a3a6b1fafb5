"""Reads of books and of what waits to be verified."""

from __future__ import annotations

import json
from pathlib import Path
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


def book_progress(book: Book) -> tuple[str, int]:
    """What the worker is doing with a book and how far it is, in percent; an empty text and 0
    before it has begun."""
    try:
        noted = json.loads(book_progress_path(book).read_text())
    except FileNotFoundError:
        return "", 0
    return noted["stage"], noted["percent"]


def book_progress_path(book: Book) -> Path:
    """Where the worker notes how far it is."""
    return Path(f"{book.folder}.progress")


def book_problem_groups(book: Book) -> list[dict[str, Any]]:
    """What was found, an entry a code: code, level, count, first line; what rejects comes first."""
    groups: dict[str, dict[str, Any]] = {}
    for problem in book.problems:
        group = groups.setdefault(problem["code"], {**problem, "count": 0})
        group["count"] += problem["count"]
        group["line"] = min(group["line"], problem["line"])
    order = {"file": 0, "row": 1, "warning": 2}
    return sorted(groups.values(), key=lambda g: (order[g["level"]], -g["count"], g["code"]))
