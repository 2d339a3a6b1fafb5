"""A book in words: who acts next, what was found in its rows, what went wrong as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.errors import DoorstepError, InputError, Where
from doorstep.portfolio.intake.faults import FAULTS, Level
from doorstep.portfolio.models import Book, BookState
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

EFFECTS: dict[Level, tuple[Promise, str]] = {
    Level.FILE: (gettext_lazy("file refused"), "amber"),
    Level.ROW: (gettext_lazy("row left out"), "amber"),
    Level.WARNING: (gettext_lazy("told only"), "quiet"),
}

NEXT: dict[str, Promise] = {
    BookState.CHECKING: gettext_lazy("The files are being checked. Nobody needs to do anything."),
    BookState.REFUSED: gettext_lazy(
        "The files cannot be used. Who brought them corrects them and brings them again."
    ),
    BookState.RELEASED: gettext_lazy("Being loaded. Nobody needs to do anything."),
    BookState.LOADED: gettext_lazy("Nothing more to do: worklists and bills follow this book."),
    BookState.REJECTED: gettext_lazy("Sent back. Who brought it corrects it and brings it again."),
    BookState.FAILED: gettext_lazy("Loading stopped. A person who may release tries again."),
}

STAGES: dict[str, Promise] = {
    "read": gettext_lazy("Reading the files"),
    "check": gettext_lazy("Checking across rows and tables"),
    "write": gettext_lazy("Writing down what was accepted"),
    "load": gettext_lazy("Loading the accepted rows"),
}

DIFFERENCES: dict[str, Promise] = {
    "before": gettext_lazy("In the book before"),
    "new": gettext_lazy("New"),
    "gone": gettext_lazy("No longer in the book"),
    "changed": gettext_lazy("Changed (difference of the balance)"),
    "same": gettext_lazy("As before"),
    "after": gettext_lazy("In this book"),
}

REFUSALS: dict[str, tuple[Promise, Promise]] = {
    "SAME_PERSON": (
        gettext_lazy("You brought this book. Somebody else must release it."),
        gettext_lazy("Ask a colleague who may release books."),
    ),
    "BOOK_OF_DAY_LOADED": (
        gettext_lazy("A book of this day is loaded already."),
        gettext_lazy("Bring corrections with the next day's book."),
    ),
    "OLDER_BOOK": (
        gettext_lazy("A newer book is loaded already."),
        gettext_lazy("An older one would overwrite what is known since. Check the business date."),
    ),
    "BOOK_STATE": (
        gettext_lazy("Somebody else has dealt with this book meanwhile."),
        gettext_lazy("Look at where it stands now."),
    ),
    "NO_REASON": (
        gettext_lazy("Say why the book goes back."),
        gettext_lazy("Who brought it must know what to correct."),
    ),
    "BAD_MAPPING": (
        gettext_lazy("The mapping cannot be used."),
        gettext_lazy("Correct it at the place named and send it again."),
    ),
}


@dataclass(frozen=True)
class FaultKind:
    """A kind of fault as people read it. `advice` may be empty where the words say it all."""

    code: str
    words: str
    advice: str
    effect: str
    tone: str
    refuses: bool
    count: int = 0


@dataclass(frozen=True)
class Refusal:
    """Why something could not be done: what, where, and what to do next."""

    words: str
    place: str
    advice: str


def next_words(book: Book, *, staff: Staff, newest: Book | None) -> str:
    """Who acts next on this book, said to this member of staff. `newest` is the last loaded one."""
    if book.state != BookState.AWAITING_RELEASE:
        return str(NEXT[book.state])
    if overtaken(book, newest=newest):
        return _("A newer book is loaded already: this one can only be sent back.")
    if not release_refusal(book, staff=staff, newest=newest):
        return _("Waits for you to release it or send it back.")
    if book.brought_by is None:
        return _("A second person looks at it and releases it, or sends it back.")
    return _("Waits for a second person, not %(name)s, to release it or send it back.") % {
        "name": book.brought_by
    }


def overtaken(book: Book, *, newest: Book | None) -> bool:
    """Whether a book of the same or a later day is loaded."""
    return newest is not None and newest.business_date >= book.business_date


def release_refusal(book: Book, *, staff: Staff, newest: Book | None) -> str:
    """Why this member of staff cannot release the book; nothing when they can."""
    if overtaken(book, newest=newest):
        return _("A newer book is loaded already: this one can only be sent back.")
    if book.brought_by_id == staff.pk:
        return _("You brought this book. Somebody else must release it.")
    if not staff.may(Permission.RELEASE_BOOKS):
        return _("Your role does not release books.")
    return ""


def fault_kind(code: str, *, count: int = 0) -> FaultKind:
    """A fault's code as people read it: its first sentence says what, the rest what to do."""
    level, hint = FAULTS.get(code, (Level.ROW, code))
    words, advice = _sentences(_(hint))
    effect, tone = EFFECTS[level]
    return FaultKind(code, words, advice, str(effect), tone, level is not Level.WARNING, count)


def refusal_words(error: DoorstepError) -> Refusal:
    """An error as people read it, without paths of the server."""
    where = error.where if isinstance(error, InputError) else Where()
    return _refusal(
        error.code, error.message, error.hint, where.file or "", where.line, where.field or ""
    )


def failure_words(book: Book) -> Refusal:
    """Why a book did not come in: files that cannot be used, sent back, or a load that stopped."""
    if book.state == BookState.REJECTED:
        by = _("Sent back, because:")
        return Refusal(by, book.reason, _("Correct the files and bring them again."))
    if book.state == BookState.FAILED:
        return Refusal(
            _("The load stopped. Nothing was changed."),
            book.reason,
            _("Try again. If it stops again, tell the administrator what stands here."),
        )
    told = next((item for item in book.problems if item["level"] == "file"), None)
    if told is None:
        return Refusal(
            _("The files cannot be used."),
            _(book.reason) if book.reason else "",
            _("Correct the files and bring them again."),
        )
    return _refusal(
        told["code"], told["message"], told["hint"], told["file"], told["line"], told["column"]
    )


def attention_words(item: dict[str, Any]) -> str:
    """Something a person must look at, with its figures."""
    if item["code"] == "ACCOUNTS_LOST":
        return _(
            "%(lost)s of the %(of)s loans of the book before are no longer there. Ask the lender "
            "whether the files are whole: loans that are gone are closed."
        ) % {"lost": f"{item['lost']:,}", "of": f"{item['of']:,}"}
    return _(
        "%(rejected)s of %(of)s rows were not accepted. Borrowers whose rows are missing keep what "
        "was known before, or are not there at all."
    ) % {"rejected": f"{item['rejected']:,}", "of": f"{item['of']:,}"}


def _refusal(
    code: str, message: str, hint: str, file: str, line: int | None, column: str
) -> Refusal:
    parts = (
        PurePath(file).name,
        _("line %(line)s") % {"line": line} if line else "",
        column,
    )
    place = " · ".join(part for part in parts if part)
    if code in FAULTS:
        words, advice = _sentences(_(FAULTS[code][1]))
        return Refusal(words, place, advice)
    if code in REFUSALS:
        words, advice = map(str, REFUSALS[code])
        detail = _(message) if code == "BAD_MAPPING" else ""
        return Refusal(words, " · ".join(part for part in (place, detail) if part), advice)
    return Refusal(_(message), place, _(hint) if hint else "")


def _sentences(text: str) -> tuple[str, str]:
    """The first sentence, and the rest."""
    for stop in ("。", ". "):
        first, found, rest = text.partition(stop)
        if found and rest:
            return first + stop.strip(), rest.strip()
    return text, ""
