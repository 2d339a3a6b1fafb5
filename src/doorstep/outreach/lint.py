"""What must not be said: forbidden behaviours found in a text by patterns of our own.

Patterns and their rules are in `behaviours.toml`. A finding is dropped where the borrower speaks
(`speakers.py`), where the text itself says that it is not done ("我们不会通知您的单位"), and inside
the phrases a behaviour allows. Findings ask for a person; they never decide alone.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from doorstep.outreach.folding import Folded, fold
from doorstep.outreach.gates import FLAGS, Gate, Gates, gates_of
from doorstep.outreach.speakers import Span, borrower_spans, is_within

YOU = "(?:你们?|您|他们?|她|客户|借款人|欠款人|对方)"
MACROS = (
    (re.compile(r"<g(\d+)>"), r"[^，。；！？,;!?\\n不勿未无别免没]{0,\1}?"),
    (re.compile(r"<s(\d+)>"), r"[^。！？!?\\n]{0,\1}?"),
)

# What before a finding takes it back. Strong words reach over a list (严禁恐吓、威胁), weak ones
# only over what stands right before.
STRONG = (
    "不会|不得|不能|不可以|不应|不许|不准|不允许|严禁|禁止|切勿|请勿|绝不|决不|从不|从未|从来不|永不|"
    "并未|未曾|杜绝|反对|制止|避免|防止|拒绝|不再|不要求|不接受|不存在|不涉及|不属于|不构成|不另|没有权[力利]|无权|没资格"
)
WEAK = (
    "不要|不用|无需|无须|不必|不需要|不需|没有|没|并不|不是|并非|而非|勿|谨防|警惕|小心|如遇|如有人|"
    "若有人|凡是?|遇到|免于|免收|不收取?|不含|不|未|非|无"
)
TAKEN_BACK = re.compile(
    rf"(?:{STRONG})[^，。；！？,;!?\n]{{0,14}}$|(?:{WEAK})[^，。；！？,;!?\n、]{{0,3}}$"
)
# ... unless the denial is itself part of the threat: 不得不通知, 别逼我们, 别以为不会.
NOT_TAKEN_BACK = re.compile(
    "不得不|不能不|不会不|不可能不|逼|怪我|以为|只能|只好|除非|要不|否则|不然|如果不|若不|再不|要是不|"
    "还不|不还|不处理|不配合|不接|不来|不开|不给|难道|是不是|会不会|能不能|信不信|敢不敢|怕不怕|又不是不"
)
TAKEN_BACK_EN = re.compile(
    r"\b(?:never|not|cannot|no one|nobody|without|neither|nor|no)\b|n't\b|\b(?:beware of|avoid|"
    r"prohibit\w*|forbid\w*|forbidden|illegal to|against the law to|refus\w+ to|refrain from)\b"
)
NOT_TAKEN_BACK_EN = re.compile(
    r"\b(?:pay|paying|paid|repay|settle|answer|respond|call back|act|unless|until|otherwise|"
    r"then|but|only|have to|choice|wait|hesitate|if|think|believe|surprised|doubt|matter|care)\b"
    r"|\bor (?:we|i|you|they|he|she|your|the)\b"
    r"|\b(?:you|they|he|she|we|i)(?:'ll| will| would| could| may| might| are| face| go| get)\b"
)

LINTING = (
    "behaviours.toml", "folding.py", "gates.py", "lint.py", "simplified.txt", "speakers.py"
)  # fmt: skip
SENTENCE_END = re.compile(r"[.!?;\n]")


@dataclass(frozen=True)
class Finding:
    """A forbidden behaviour and where it stands: text[start:end]. `why` in zh, zh-Hant and en;
    `source`: ids of the rules it would break."""

    behaviour: str
    start: int
    end: int
    why: Mapping[str, str]
    source: tuple[str, ...]


@dataclass(frozen=True)
class Behaviour:
    """A forbidden behaviour with the patterns that show it, and those that take it back."""

    key: str
    why: Mapping[str, str]
    source: tuple[str, ...]
    patterns: tuple[tuple[str, Gate], ...]
    allowed: re.Pattern[str] | None


@cache
def behaviours() -> dict[str, Behaviour]:
    """Every forbidden behaviour, by its id in the rule packs."""
    raw = tomllib.loads((Path(__file__).parent / "behaviours.toml").read_text("utf-8"))
    return {
        key: Behaviour(
            key=key,
            why={"zh": row["zh"], "zh-Hant": row["hant"], "en": row["en"]},
            source=tuple(row["rules"]),
            patterns=tuple(
                (language, gate)
                for language in ("zh", "en")
                for pattern in row[f"patterns_{language}"]
                for gate in gates_of(_meant(pattern))
            ),
            allowed=_one_of(row["allowed"]) if row.get("allowed") else None,
        )
        for key, row in raw.items()
    }


@cache
def lint_edition() -> str:
    """The digest of all that decides what is found: texts linted under another are read again."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.name in LINTING:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _meant(pattern: str) -> str:
    """A pattern with its short forms written out."""
    pattern = pattern.replace("<you>", YOU)
    for short, meaning in MACROS:
        pattern = short.sub(meaning, pattern)
    return pattern


def _one_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_meant(pattern)})" for pattern in patterns), FLAGS)


def text_lint(text: str, language: str = "") -> list[Finding]:
    """The forbidden behaviours in a text, in order of place.

    Chinese (either script) and English are always both read, because people mix them; `language` is
    what the text is meant to be in and changes nothing found.
    """
    folded = fold(text)
    hits: dict[str, list[Span]] = {}
    for name, start, end in _gates().matches(folded.text):
        key, language = name.split()
        if not (_denied if language == "zh" else _denied_en)(folded.text, start):
            hits.setdefault(key, []).append((start, end))
    if not hits:
        return []
    theirs = borrower_spans(folded.text)
    found = [
        finding
        for key, spans in hits.items()
        for finding in _findings(behaviours()[key], spans, theirs, folded)
    ]
    return sorted(found, key=lambda finding: (finding.start, finding.end, finding.behaviour))


@cache
def _gates() -> Gates:
    return Gates(
        (f"{behaviour.key} {language}", gate)
        for behaviour in behaviours().values()
        for language, gate in behaviour.patterns
    )


def _findings(
    behaviour: Behaviour, spans: list[Span], theirs: list[Span], folded: Folded
) -> list[Finding]:
    spans = [span for span in spans if not is_within(span, theirs)]
    if spans and behaviour.allowed is not None:
        fine = [found.span() for found in behaviour.allowed.finditer(folded.text)]
        spans = [s for s in spans if not any(s[0] < end and start < s[1] for start, end in fine)]
    return [
        Finding(behaviour.key, *folded.span(*span), behaviour.why, behaviour.source)
        for span in _joined(spans)
    ]


def _joined(spans: list[Span]) -> list[Span]:
    """Spans that overlap as one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _denied(text: str, start: int) -> bool:
    before = text[max(0, start - 24) : start]
    denial = TAKEN_BACK.search(before)
    return denial is not None and NOT_TAKEN_BACK.search(_clause(before)) is None


def _clause(before: str) -> str:
    return re.split(r"[，。；！？,;!?\n]", before)[-1]


def _denied_en(text: str, start: int) -> bool:
    before = text[max(0, start - 56) : start]
    denials = [*TAKEN_BACK_EN.finditer(before)]
    if not denials:
        return False
    gap = before[denials[-1].end() :]
    if SENTENCE_END.search(gap) or NOT_TAKEN_BACK_EN.search(gap):
        return False
    return "," not in gap or len(gap.rpartition(",")[2].split()) <= 2  # a list, not a new clause
