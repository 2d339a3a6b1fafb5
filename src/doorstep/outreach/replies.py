"""What somebody who answers wants: to be left alone, to say that the number is wrong, that it was
paid, that the bill is wrong, to complain, that they are in difficulty ...

Patterns are in `replies.toml`. What the answer quotes from us, what stands in quotation marks, what
is denied ("没打错"), asked or only supposed is not taken for an answer. Where that leaves nothing
sure the kind is OTHER, and a person reads.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from doorstep.outreach.folding import fold
from doorstep.outreach.words import Kind

LONGEST = 4000


class ReplyKind(StrEnum):
    """What a reply asks for, the weightiest first; OTHER goes to a person."""

    DECEASED = "deceased"
    WRONG_NUMBER = "wrong_number"
    COMPLAINT = "complaint"
    OPT_OUT = "opt_out"
    REPRESENTED = "represented"
    DISPUTE = "dispute"
    HARDSHIP = "hardship"
    PAID = "paid"
    HUMAN = "human"
    OTHER = "other"


@dataclass(frozen=True)
class Recognised:
    """What was recognised. `kind` is the weightiest of `kinds`, OTHER where there is none or
    somebody may be in danger. `perhaps` may have been meant and decides nothing. `words` are the
    very words that led to `kinds` and `perhaps`, as folded. `sure` is False where a person must
    read; `urgent` where one must do so at once."""

    kind: ReplyKind
    kinds: tuple[ReplyKind, ...]
    words: tuple[str, ...]
    sure: bool
    perhaps: tuple[ReplyKind, ...] = ()
    urgent: bool = False


@dataclass(frozen=True)
class _Way:
    """How one kind of reply is worded."""

    whole: frozenset[str]
    said: re.Pattern[str]
    otherwise: re.Pattern[str] | None
    unsure: re.Pattern[str] | None
    can_be_denied: bool


@cache
def _ways() -> dict[str, _Way]:
    raw = tomllib.loads((Path(__file__).parent / "replies.toml").read_text("utf-8"))
    return {kind: _way(row) for kind, row in raw.items()}


def _way(row: dict[str, Any]) -> _Way:
    return _Way(
        whole=frozenset(row.get("whole", [])),
        said=_any([*row["zh"], *row["en"]]),
        otherwise=_any(row["not"]) if row["not"] else None,
        unsure=_any(row["unsure"]) if "unsure" in row else None,
        can_be_denied=row["denied"],
    )


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


OURS_BELOW = re.compile(
    r"^(?:\s*>|[\-_=]{3,}|\s*(?:发件人|寄件者|寄件人|from|sent|发送时间)\s*[:：]|on .{4,80} wrote:|"
    r".{0,60}(?:写道|寫道)[:：]?\s*$|.*(?:原始邮件|原始郵件|original message))",
    re.IGNORECASE,
)
QUOTED = re.compile(
    r"“[^”\n]*”|「[^」\n]*」|『[^』\n]*』|\"[^\"\n]*\"|‘[^’\n]*’|《[^》\n]*》|【[^】\n]*】"
)
CLAUSE = re.compile(r"[^，。；！？,;!?\n]+[？?]?|[.](?=\s)")
ENGLISH_STOP = re.compile(r"\.(?=\s|$)|\b(?:but|because|so|and then)\b")
EDGES = " \t\r\n。.!！，,、~～…?？:：;；'\"“”‘’()（）-—*"
ENDS = EDGES.replace("?", "").replace("？", "")  # a question stays one
DENIAL = re.compile(
    r"(?:没有?|未曾?|并?不是|不会|不想|不要|不用|不|别|无|非|并非)[\u4e00-\u9fff]{0,1}$"
    r"|(?:\b(?:not|never|no|isn't|wasn't|don't|didn't|haven't|won't|without)\b|n't) ?(?:\w+ ){0,2}$"
)
SUPPOSED = re.compile(
    r"^(?:如果|要是|假如|假设|万一|若|倘若|再(?=.{1,8}就)|if|unless|in case|suppose|what if)"
)
REPORTED = re.compile(
    r"(?:你们?|您|短信|信里|上面|他们|客服|银行|通知)(?:里|上|中)?(?:说|写|称|告诉我|讲|显示|提到)"
    r"|\b(?:you|your \w+|the (?:text|message|letter)|it) (?:said|say|says|wrote|told|claims?)\b"
)
WHAT_IS = re.compile(r"什么意思|是什么|啥意思|干嘛的|what (?:does|is|do you mean)|meaning of")
NOT_ME = frozenset(
    {"不是", "否", "不是我", "no", "n", "nope", "not me", "不是的", "不", "唔係", "没这人"}
)


def reply_recognise(text: str, *, asked: Kind | None = None) -> Recognised:
    """What a reply means; `asked` is the kind of text it answers, where that is known.

    Pure. Reads the first 4,000 characters that are the sender's own.
    """
    own = own_words(text)[:LONGEST]
    folded = fold(own)
    bare = folded.text.strip(EDGES)
    urgent = _ways()["urgent"].said.search(folded.text) is not None
    if asked is Kind.CONTACT_CHECK and bare in NOT_ME:
        return Recognised(ReplyKind.WRONG_NUMBER, (ReplyKind.WRONG_NUMBER,), (own.strip(),), True)
    for kind in ReplyKind:
        if kind in _ways() and bare in _ways()[kind].whole:
            return Recognised(kind, (kind,), (own.strip(),), True)
    found = {kind: hit for kind in ReplyKind if (hit := _found(kind, folded.text))}
    sure = [kind for kind, hit in found.items() if hit.sure]
    return Recognised(
        kind=sure[0] if sure and not urgent else ReplyKind.OTHER,
        kinds=tuple(sure),
        perhaps=tuple(kind for kind, hit in found.items() if not hit.sure),
        words=tuple(hit.words for hit in found.values()),
        sure=bool(sure) and not urgent,
        urgent=urgent,
    )


@dataclass(frozen=True)
class _Hit:
    words: str
    sure: bool


def _found(kind: ReplyKind, folded: str) -> _Hit | None:
    """The best sign of a kind in the reply: a sure one, else one that a person must read."""
    way = _ways().get(kind)
    if way is None:
        return None
    best: _Hit | None = None
    for clause in _clauses(folded):
        hit = _hit(way, clause)
        if hit is not None and (best is None or (hit.sure and not best.sure)):
            best = hit
    return best


def _hit(way: _Way, clause: str) -> _Hit | None:
    if WHAT_IS.search(clause) or REPORTED.search(clause):
        return None
    if way.otherwise is not None and way.otherwise.search(clause):
        doubt = way.unsure.search(clause) if way.unsure is not None else None
        return _Hit(doubt[0], sure=False) if doubt else None
    for found in way.said.finditer(clause):
        if way.can_be_denied and DENIAL.search(clause[: found.start()]):
            continue
        return _Hit(found[0], sure=SUPPOSED.search(clause.strip()) is None)
    return None


def _clauses(folded: str) -> Iterator[str]:
    unquoted = QUOTED.sub("，", folded)
    for found in CLAUSE.finditer(unquoted):
        yield from filter(None, (part.strip(ENDS) for part in ENGLISH_STOP.split(found[0])))


def own_words(text: str) -> str:
    """A reply without what it repeats of our own text: lines marked with >, and all below the line
    that says who wrote what follows."""
    kept: list[str] = []
    for line in text.splitlines():
        if line.lstrip().startswith(">"):
            continue
        if OURS_BELOW.match(line) and any(each.strip() for each in kept):
            break
        kept.append(line)
    return "\n".join(kept)
