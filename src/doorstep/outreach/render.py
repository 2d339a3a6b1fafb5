"""From a template and facts to the very text that goes out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from html import escape

from doorstep.kernel.errors import InputError, Refused
from doorstep.outreach.contents import contents_of
from doorstep.outreach.fields import FIELDS
from doorstep.outreach.links import foreign_links
from doorstep.outreach.template import OPTIONAL, PLACE, Template, names_in
from doorstep.outreach.words import Kind, Medium, Reading, Tone
from doorstep.treatment.texts import amount_in_words

# A text, an amount in minor units, a day, a time, or a text a language; None is not known.
Value = str | int | date | time | Mapping[str, str] | None


@dataclass(frozen=True)
class Rendered:
    """The exact text for one person. `sha256` covers medium, language, subject, text and html;
    `body` is the text with its marks for headings and lists, `text` without; `contains` are the
    items found in it (`contents.toml`)."""

    template: str
    kind: Kind
    tone: Tone
    medium: Medium
    reading: Reading
    language: str
    subject: str
    body: str
    text: str
    html: str
    contains: frozenset[str]
    sha256: str

    @property
    def discloses_debt(self) -> bool:
        """Whether a reader who is not the borrower would learn of a debt."""
        return self.tone is not Tone.NEUTRAL


def message_render(*, template: Template, facts: Mapping[str, Value], language: str) -> Rendered:
    """The text of a template for one person; pure.

    `facts` by the names of `fields.toml`, with `currency` where an amount is named and
    `lender_domains` (separated by spaces) where links are allowed. Raises InputError for a language
    the template lacks, Refused FACT_MISSING for a fact that is named and not known outside an
    optional part, Refused FOREIGN_LINK for a link to a domain that is not the lender's.
    """
    if language not in template.texts:
        raise InputError(f"{template.ref} has no text in {language}.", code="NO_LANGUAGE")
    words = template.texts[language]
    known = {name for name in names_in(words.whole) if _is_known(name, facts)}
    filled = {name: _written(name, facts, language) for name in known}
    subject = _fill(words.subject, filled, template.ref)
    body = _fill(words.body, filled, template.ref)
    _must_stay_home(f"{subject}\n{body}", facts, template.ref)
    kept = _kept(words.whole, filled)
    html = _html(body, large=template.reading is Reading.PLAIN, language=language)
    html = html if template.medium in (Medium.EMAIL, Medium.LETTER) else ""
    return Rendered(
        template=template.ref,
        kind=template.kind,
        tone=template.tone,
        medium=template.medium,
        reading=template.reading,
        language=language,
        subject=subject,
        body=body,
        text=plain_text(body),
        html=html,
        contains=_contents(kept, language),
        sha256=digest_of(template.medium, language, subject, plain_text(body), html),
    )


@lru_cache(maxsize=256)
def _contents(kept: str, language: str) -> frozenset[str]:
    """What a text contains before its facts are written: the same for all who know the same."""
    return contents_of(kept, named=names_in(kept), language=language)


def digest_of(medium: str, language: str, subject: str, text: str, html: str) -> str:
    """The SHA-256 of everything a reader sees."""
    content = json.dumps([medium, language, subject, text, html], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def _is_known(name: str, facts: Mapping[str, Value]) -> bool:
    value = facts.get(name)
    return value is not None and value != ""


def _written(name: str, facts: Mapping[str, Value], language: str) -> str:
    value = facts[name]
    if isinstance(value, Mapping):
        return value[language]
    if FIELDS[name].kind == "money" and isinstance(value, int):
        return amount_in_words(value, str(facts["currency"]), language)
    if isinstance(value, date):
        return day_in_words(value, language)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value)


def day_in_words(day: date, language: str) -> str:
    """2026-11-08: "2026年11月8日" in Chinese, "8 November 2026" in English."""
    if language == "en":
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def _kept(text: str, filled: Mapping[str, str]) -> str:
    """The text without the optional parts whose facts are not known."""

    def keep(part: re.Match[str]) -> str:
        return part[1] if all(name in filled for name in names_in(part[1])) else ""

    return OPTIONAL.sub(keep, text)


def _fill(text: str, filled: Mapping[str, str], ref: str) -> str:
    def fill(place: re.Match[str]) -> str:
        if place[1] not in filled:
            raise Refused(
                f"{ref} names {{{place[1]}}}, which is not known here.",
                code="FACT_MISSING",
                hint="Supply it, choose another template, or make that part optional: [?...].",
            )
        return filled[place[1]]

    return PLACE.sub(fill, _kept(text, filled))


def _must_stay_home(text: str, facts: Mapping[str, Value], ref: str) -> None:
    strangers = foreign_links(text, domains=str(facts.get("lender_domains") or "").split())
    if strangers:
        raise Refused(
            f"{ref} links to {strangers[0]}, which is not a domain of the lender.",
            code="FOREIGN_LINK",
            hint="Only domains of lender.toml may be linked to.",
        )


def plain_text(body: str) -> str:
    """A body without its marks."""
    return re.sub(r"(?m)^# ", "", body)


def _html(body: str, *, large: bool, language: str) -> str:
    blocks = [_block(line.strip()) for line in body.splitlines() if line.strip()]
    size = "1.35em" if large else "1em"
    style = f"font-size:{size};line-height:1.7;max-width:40em"
    return f'<div lang="{language}" style="{style}">{"".join(blocks)}</div>'


def _block(line: str) -> str:
    if line.startswith("# "):
        return f"<h2>{escape(line[2:])}</h2>"
    if line.startswith("- "):
        return f"<p>• {escape(line[2:])}</p>"
    return f"<p>{escape(line)}</p>"
