"""What stands between a template and its approval, language by language."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from doorstep.outreach.contents import (
    CONTENTS,
    Item,
    contents_of,
    misplaced_contents,
    missing_contents,
)
from doorstep.outreach.links import foreign_links
from doorstep.outreach.lint import Finding, text_lint
from doorstep.outreach.template import Template, Text, names_in, text_faults
from doorstep.outreach.words import Medium, Tone

LETTERS_ONLY = frozenset({"name", "contract_ref"})


class FaultKind(StrEnum):
    """Why a template cannot be approved."""

    UNREADABLE = "unreadable"
    MISSING = "missing"
    MISPLACED = "misplaced"
    FORBIDDEN = "forbidden"
    FOREIGN_LINK = "foreign_link"
    NOT_NEUTRAL = "not_neutral"
    NOT_MASKED = "not_masked"
    SUBJECT = "subject"


@dataclass(frozen=True)
class Fault:
    """One thing to correct in one language. `what` names it; `item` and `finding` say more."""

    kind: FaultKind
    language: str
    what: str
    item: Item | None = None
    finding: Finding | None = None


def template_check(template: Template, *, domains: Collection[str]) -> list[Fault]:
    """Everything that keeps a template from being approved; empty when nothing does."""
    return [
        fault
        for language, text in template.texts.items()
        for fault in text_check(template, text, language=language, domains=domains)
    ]


def text_check(
    template: Template, text: Text, *, language: str, domains: Collection[str]
) -> list[Fault]:
    """What is wrong with the text of one language."""
    whole = text.whole
    named = names_in(whole)
    contains = contents_of(whole, named=named, language=language)
    kind = FaultKind
    return [
        *(Fault(kind.UNREADABLE, language, words) for words in text_faults(whole)),
        *(
            Fault(kind.MISSING, language, item.key, item=item)
            for item in missing_contents(template.kind, template.medium, contains)
        ),
        *(
            Fault(kind.MISPLACED, language, item.key, item=item)
            for item in misplaced_contents(template.kind, whole, language=language)
        ),
        *(
            Fault(kind.FORBIDDEN, language, finding.behaviour, finding=finding)
            for finding in text_lint(whole, language)
        ),
        *(
            Fault(kind.FOREIGN_LINK, language, host)
            for host in foreign_links(whole, domains=domains)
        ),
        *_not_neutral(template, whole, named, language),
        *_not_masked(template, named, language),
        *_subject(template, text, language),
    ]


def _not_neutral(
    template: Template, whole: str, named: Collection[str], language: str
) -> list[Fault]:
    if template.tone is not Tone.NEUTRAL:
        return []
    neutral = CONTENTS.neutral
    words = [found[0] for found in neutral.words[language[:2]].finditer(whole)]
    telling = [name for name in named if name in neutral.fields]
    return [Fault(FaultKind.NOT_NEUTRAL, language, what) for what in [*telling, *words]]


def _not_masked(template: Template, named: Collection[str], language: str) -> list[Fault]:
    if template.medium is Medium.LETTER:
        return []
    telling = [name for name in named if name in LETTERS_ONLY]
    return [Fault(FaultKind.NOT_MASKED, language, name) for name in telling]


def _subject(template: Template, text: Text, language: str) -> list[Fault]:
    has = template.medium in (Medium.EMAIL, Medium.LETTER)
    if bool(text.subject) == has:
        return []
    return [Fault(FaultKind.SUBJECT, language, "needed" if has else "not carried")]
