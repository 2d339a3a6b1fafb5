"""A template: one text in every language, in a version, for a kind, a medium and a reader.

A body is plain text. `{name}` writes a fact (`fields.toml` lists them); `[?...]` is left out as a
whole when a fact named in it is not known; a line that starts with "# " is a heading, with "- " an
item of a list. Nothing else has a meaning, so what is reviewed is what is sent.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doorstep.kernel.errors import InputError, Where
from doorstep.outreach.fields import FIELDS
from doorstep.outreach.words import LANGUAGES, Kind, Medium, Reading, Tone

OPTIONAL = re.compile(r"\[\?(.*?)\]", re.DOTALL)
PLACE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Text:
    """The words in one language; only e-mails and letters have a subject."""

    subject: str
    body: str

    @property
    def whole(self) -> str:
        """Subject and body, for checks that read everything."""
        return f"{self.subject}\n{self.body}"


@dataclass(frozen=True)
class Template:
    """`key` and `version` name it for ever: a version that was used is never edited."""

    key: str
    version: str
    kind: Kind
    tone: Tone
    medium: Medium
    reading: Reading
    titles: Mapping[str, str]
    texts: Mapping[str, Text]

    @property
    def ref(self) -> str:
        """How acts and pages refer to this version: "reminder_friendly_sms/1"."""
        return f"{self.key}/{self.version}"


def names_in(text: str) -> list[str]:
    """The facts a text names, in order, each once."""
    return list(dict.fromkeys(PLACE.findall(text)))


def place_of(name: str, text: str) -> int:
    """Where a text first names a fact."""
    return text.index(f"{{{name}}}")


def template_load(path: Path) -> Template:
    """The template in a TOML file; InputError names the field that cannot be used."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _bad(path.name, None, f"Not readable as TOML: {error}.") from None
    return template_from_mapping(values, file=path.name)


def template_from_mapping(values: Mapping[str, Any], *, file: str) -> Template:
    """The template in plain values, checked: known words, every language, known facts."""
    known = {"key", "version", "kind", "tone", "medium", "reading", "title", "texts"}
    for name in [*sorted(known - set(values)), *sorted(set(values) - known)]:
        raise _bad(file, name, "Missing." if name in known else "Unknown name.")
    return Template(
        key=str(values["key"]),
        version=str(values["version"]),
        kind=_word(Kind, values, "kind", file),
        tone=_word(Tone, values, "tone", file),
        medium=_word(Medium, values, "medium", file),
        reading=_word(Reading, values, "reading", file),
        titles=_each_language(values["title"], "title", file),
        texts={
            language: _text(raw, f"texts.{language}", file)
            for language, raw in _each_language(values["texts"], "texts", file).items()
        },
    )


def _text(raw: Any, place: str, file: str) -> Text:
    if not isinstance(raw, dict) or set(raw) - {"subject", "body"} or not raw.get("body"):
        raise _bad(file, place, "A text has a body and perhaps a subject.")
    text = Text(subject=str(raw.get("subject", "")).strip(), body=str(raw["body"]).strip())
    for fault in text_faults(text.whole):
        raise _bad(file, place, fault)
    return text


def text_faults(text: str) -> list[str]:
    """What makes a text unreadable as a template, in words; empty when nothing does."""
    faults = [f"Nobody knows a fact {{{name}}}." for name in names_in(text) if name not in FIELDS]
    rest = PLACE.sub("", text)
    if "{" in rest or "}" in rest:
        faults.append("A brace is not closed.")
    for part in OPTIONAL.findall(text):
        if not PLACE.search(part):
            faults.append(f"[?{part}] names no fact, so it could never be left out.")
    if "[?" in OPTIONAL.sub("", text):
        faults.append("A part that begins with [? does not end with ].")
    return faults


def _word(words: Any, values: Mapping[str, Any], name: str, file: str) -> Any:
    try:
        return words(values[name])
    except ValueError:
        known = ", ".join(word.value for word in words)
        raise _bad(file, name, "Unknown word.", f"Known: {known}.") from None


def _each_language(raw: Any, place: str, file: str) -> dict[str, Any]:
    if not isinstance(raw, dict) or set(raw) != set(LANGUAGES):
        raise _bad(file, place, f"Needed in {', '.join(LANGUAGES)} and no other.")
    return dict(raw)


def _bad(file: str, place: str | None, message: str, hint: str = "") -> InputError:
    return InputError(message, code="BAD_TEMPLATE", hint=hint, where=Where(file=file, field=place))
