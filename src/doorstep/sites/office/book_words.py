"""A book in words: who acts next, what was found in its rows, what went wrong as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.errors import DoorstepError, InputError
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


def next_words(book: Book, *, staff: Staff) -> str:
    """Who acts next on this book, said to this member of staff."""
    if book.state != BookState.AWAITING_RELEASE:
        return str(NEXT[book.state])
    if not release_refusal(book, staff=staff):
        return _("Waits for you to release it or send it back.")
    if book.brought_by is None:
        return _("A second person looks at it and releases it, or sends it back.")
    return _("Waits for a second person, not %(name)s, to release it or send it back.") % {
        "name": book.brought_by
    }


def release_refusal(book: Book, *, staff: Staff) -> str:
    """Why this member of staff cannot release the book; nothing when they can."""
    if not staff.may(Permission.RELEASE_BOOKS):
        return _("Your role does not release books.")
    if book.brought_by_id == staff.pk:
        return _("You brought this book. Somebody else must release it.")
    return ""


def fault_kind(code: str, *, count: int = 0) -> FaultKind:
    """A fault's code as people read it: its first sentence says what, the rest what to do."""
    level, hint = FAULTS.get(code, (Level.ROW, code))
    words, advice = _sentences(_(hint))
    effect, tone = EFFECTS[level]
    return FaultKind(code, words, advice, str(effect), tone, level is not Level.WARNING, count)


def refusal_words(error: DoorstepError) -> Refusal:
    """An error as people read it, without paths of the server."""
    place = ""
    if isinstance(error, InputError):
        where = error.where
        parts = (
            PurePath(where.file).name if where.file else "",
            _("line %(line)s") % {"line": where.line} if where.line else "",
            where.field or "",
        )
        place = " · ".join(part for part in parts if part)
    if error.code in FAULTS:
        words, advice = _sentences(_(FAULTS[error.code][1]))
        return Refusal(words, place, advice)
    return Refusal(_(error.message), place, _(error.hint) if error.hint else "")


def _sentences(text: str) -> tuple[str, str]:
    """The first sentence, and the rest."""
    for stop in ("。", ". "):
        first, found, rest = text.partition(stop)
        if found and rest:
            return first + stop.strip(), rest.strip()
    return text, ""
