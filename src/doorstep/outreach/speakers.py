"""Whose words a stretch of text is: the borrower's own words are never blamed on us.

The borrower speaks after a label at the start of a line ("客户：", "Customer:"), in quotation marks
that a word of saying ties to the borrower (客户说“…”, “…”他喊道, he said "…"), in low quotation
marks („…“), and in reported speech until the sentence ends (客户说他…, the customer says …).
Everything else is ours. Read on the folded text.
"""

from __future__ import annotations

import re

Span = tuple[int, int]

THEM = (
    r"(?:客户|借款人|欠款人|债务人|持卡人|用户|对方|本人|当事人|机主|接听人|被访人|他|她|男子|女子|"
    r"客户(?:本人|家属|母亲|父亲|妻子|丈夫)?|家属|第三人)"
)
SAY = (
    r"(?:说|称|表示|讲|骂|喊|吼|叫|问|答|回复|回答|回应|反映|写道|道|抱怨|质问|大骂|怒骂|辱骂|威胁|声称|"
    r"投诉说?|来信|来电称|留言|短信说|短信回复|哭诉|反问|扬言|嚷)"
)
THEM_EN = (
    r"(?:he|she|they|the (?:customer|borrower|client|man|woman|caller|consumer|husband|wife)|"
    r"customer|borrower|client|caller|cust|mr\.? ?\w+|mrs\.? ?\w+|ms\.? ?\w+)"
)
SAY_EN = (
    r"(?:said|says|say|saying|told|tells|replied|replies|answered|shouted|shouts|yelled|screamed|"
    r"wrote|writes|stated|states|claimed|claims|asked|asks|called|complained|complains|texted|swore|"
    r"threatened|responded|insisted)"
)
LABEL = re.compile(
    rf"^[ \t]*(?:[\[【(]?\d[\d:：.]*[\])】]?[ \t]*)?(?:{THEM}(?:{SAY})?|customer|borrower|client|"
    r"caller|cust|consumer|c|客)[ \t]*(?:\([^)]*\))?[:：][^\n]*",
    re.MULTILINE,
)
# Words of saying that are safe without quotation marks: not 知道, 问题, 说明, 称呼.
TOLD = (
    r"(?:说(?!明|服|话)|称(?!呼|为|职)|表示|骂|喊道|问(?!题)|回复说?|反映|写道|抱怨|质问|威胁|扬言|"
    r"声称|留言|来电|要求)"
)
OURS = re.compile(
    r"(?:坐席|座席|催收员|业务员|外访员|客服|专员|我方|我司|我行|我们|我)(?:工作人员)?"
    r"(?:说|答复|回答|回复|告知|告诉|表示|称|解释|提醒|警告|威胁|回)"
    r"|\b(?:i|we|agent|the agent|our agent|collector|operator|rep)\b (?:then )?"
    r"(?:said|told|replied|answered|explained|warned|threatened|responded|:)"
)
QUOTES = re.compile(r"“[^”\n]*”|「[^」\n]*」|『[^』\n]*』|\"[^\"\n]*\"|„[^“”\"\n]*[“”\"]|«[^»\n]*»")
BEFORE = re.compile(
    rf"(?P<them>{THEM})[^。！？!?\n“”\"「」]{{0,12}}?{SAY}[^。！？!?\n“”\"「」]{{0,6}}$"
)
BEFORE_EN = re.compile(rf"\b{THEM_EN}\b[^.!?\n\"“”]{{0,16}}?\b{SAY_EN}\b[^.!?\n\"“”]{{0,12}}$")
AFTER = re.compile(rf"^[,，。!！ ]{{0,3}}(?:{THEM})[^。！？!?\n]{{0,6}}{SAY}")
AFTER_EN = re.compile(rf"^[,. ]{{0,3}}\b(?:{THEM_EN} {SAY_EN}|{SAY_EN} {THEM_EN})\b")
REPORTED = re.compile(
    rf"{THEM}[^。！？!?，,；;\n“”\"「」:：]{{0,6}}{SAY}(?:道)?[:：，,]?[^。！？!?\n；;]*"
)
REPORTED_EN = re.compile(rf"\b{THEM_EN}\b (?:\w+ )?{SAY_EN}\b[:,]?[^.!?\n;]*")


def borrower_spans(text: str) -> list[Span]:
    """The stretches of a folded text that are the borrower's words, in order of place."""
    spans = [*borrower_labels(text), *_quoted(text), *_reported(text)]
    return sorted(span for span in spans if span[1] > span[0])


def borrower_labels(text: str) -> list[Span]:
    """The lines of a folded text that are marked as the borrower's."""
    return [_until_ours(text, found.start(), found.end()) for found in LABEL.finditer(text)]


def _quoted(text: str) -> list[Span]:
    spans = []
    for found in QUOTES.finditer(text):
        before = text[max(0, found.start() - 40) : found.start()]
        after = text[found.end() : found.end() + 30]
        if _is_theirs(before, after, low=found[0].startswith("„")):
            spans.append(found.span())
    return spans


def _is_theirs(before: str, after: str, *, low: bool) -> bool:
    ours = [found.end() for found in OURS.finditer(before)]
    theirs = BEFORE.search(before) or BEFORE_EN.search(before)
    if theirs:
        return not ours or ours[-1] < theirs.end() - 8
    if AFTER.search(after) or AFTER_EN.search(after):
        return True
    return low and not ours


def _reported(text: str) -> list[Span]:
    found = [*REPORTED.finditer(text), *REPORTED_EN.finditer(text)]
    return [
        _until_ours(text, one.start(), one.end())
        for one in found
        if not _has_quote_of_ours(text, one.start())
    ]


def _has_quote_of_ours(text: str, start: int) -> bool:
    """Whether the one who speaks is introduced by us in the same breath: 我告诉他说…"""
    return bool(
        re.search(r"(?:告诉|告知|提醒|警告|跟|对|向|和|给|told|warned|tell|to) ?$", text[:start])
    )


def _until_ours(text: str, start: int, end: int) -> Span:
    ours = OURS.search(text, start + 1, end)
    return (start, ours.start()) if ours else (start, end)


def is_within(place: int, spans: list[Span]) -> bool:
    """Whether a place lies in one of the stretches."""
    return any(start <= place < end for start, end in spans)
