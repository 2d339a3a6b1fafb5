"""Finds every text for people in the program and compares it with the catalogs.

A text is an English msgid in Python (gettext and its kin) or in a Django template. Without options
the catalogs gain the new texts, untranslated, lose those that nothing says any more, and are
compiled. With --check nothing is written: every text that lacks a translation is named with the
place that says it, and so is every translation that nothing says.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = REPOSITORY / "src" / "doorstep"
LANGUAGES = {"zh-Hans": "zh_Hans", "zh-Hant": "zh_Hant"}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
STRING = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(rf"\b(gettext|ngettext|pgettext|_)\(\s*({STRING})(?:\s*,\s*({STRING}))?")


@dataclass(frozen=True)
class Text:
    """A msgid, its plural form and context if it has one, and the file that says it."""

    msgid: str
    plural: str | None
    context: str | None
    place: str


def texts() -> Iterator[Text]:
    """Every text of the program."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield from _python_texts(path)
    for path in sorted(PACKAGE.rglob("templates/**/*.html")):
        yield from _template_texts(path)


def _python_texts(path: Path) -> Iterator[Text]:
    place = str(path.relative_to(REPOSITORY))
    for line, message, _comments, context in extract_from_file("python", path, keywords=KEYWORDS):
        one, many = message if isinstance(message, tuple) else (message, None)
        yield Text(one, many, context, f"{place}:{line}")


def _template_texts(path: Path) -> Iterator[Text]:
    from django.utils.translation.template import templatize

    place = str(path.relative_to(REPOSITORY))
    for call, first, second in CALL.findall(templatize(path.read_text("utf-8"))):
        words, more = ast.literal_eval(first), ast.literal_eval(second) if second else None
        if call == "pgettext":
            yield Text(str(more), None, words, place)
        else:
            # Only ngettext has a plural; a filter's second string is not one.
            yield Text(words, more if call == "ngettext" else None, None, place)


def catalog_path(folder: str) -> Path:
    """Where a language's catalog lies."""
    return PACKAGE / "locale" / folder / "LC_MESSAGES" / "django.po"


def catalog_read(folder: str) -> Catalog:
    """A language's catalog."""
    with catalog_path(folder).open("rb") as stream:
        return pofile.read_po(stream, locale=folder)


def problems(said: list[Text]) -> list[str]:
    """What is wrong with the catalogs, one line each."""
    found: dict[str, None] = {}
    places = {(text.msgid, text.plural, text.context): text for text in reversed(said)}
    for language, folder in LANGUAGES.items():
        catalog = catalog_read(folder)
        for text in places.values():
            if not _is_translated(catalog, text):
                found[f"{language} lacks {text.msgid!r} ({text.place})"] = None
        known = {(text.msgid, text.context) for text in said}
        for message in catalog:
            if message.id and (_one(message.id), message.context) not in known:
                found[f"{language} translates {_one(message.id)!r}, which nothing says"] = None
    return list(found)


def _one(msgid: str | tuple[str, ...] | list[str]) -> str:
    return msgid if isinstance(msgid, str) else msgid[0]


def _is_translated(catalog: Catalog, text: Text) -> bool:
    message = catalog.get(text.msgid, text.context)
    if message is None or bool(text.plural) != message.pluralizable:
        return False
    strings = [message.string] if isinstance(message.string, str) else message.string
    return all(strings)


def update(said: list[Text]) -> None:
    """Bring the catalogs in line with what the program says, and compile them."""
    for folder in LANGUAGES.values():
        old, new = catalog_read(folder), Catalog(locale=folder, project="Doorstep", fuzzy=False)
        for text in said:
            msgid = (text.msgid, text.plural) if text.plural else text.msgid
            before = old.get(text.msgid, text.context)
            fits = before is not None and before.pluralizable == bool(text.plural)
            flags = ["python-format"] if "%(" in text.msgid else []
            string = before.string if before is not None and fits else ""
            new.add(msgid, string, flags=flags, context=text.context)
        new.mime_headers = old.mime_headers
        path = catalog_path(folder)
        with path.open("wb") as stream:
            pofile.write_po(stream, new, width=100, sort_output=True, no_location=True)
        with path.with_suffix(".mo").open("wb") as stream:
            mofile.write_mo(stream, new)


def main(arguments: list[str]) -> int:
    """0 when all is well, 1 when texts lack translations, 2 for an option nobody knows."""
    if arguments not in ([], ["--check"]):
        print("usage: script/messages [--check]", file=sys.stderr)
        return 2
    from django.conf import settings

    settings.configure()
    said = list(texts())
    if not arguments:
        update(said)
    found = problems(said)
    print("\n".join(found) or f"{len({text.msgid for text in said})} texts, all translated.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
