"""Whose words a stretch of text is: the borrower's own words are never blamed on us.

The borrower speaks after a label at the start of a line ("客户：", "Customer:"), in quotation marks
that a word of saying ties to the borrower (客户说“…”, “…”他喊道, he said "…"), in low quotation
marks („…“), and in reported speech until the sentence ends (客户说他…, the customer says …).
Everything else is ours. Read on the folded text.
"""

from __future__ import annotations

import re

Span = tuple[int, int]

NAMED = (
    "客户(?:本人|家属|母亲|父亲|妻子|丈夫)?|借款人|欠款人|债务人|持卡人|用户|对方|当事人|机主|接听人|"
    "被访人|家属|第三人"
)
NAMED_EN = "(?:the )?(?:customer|borrower|client|caller|cust|consumer)"
HE = "本人|他|她|男子|女子"
HE_EN = r"he|she|they|the (?:man|woman|husband|wife)|mr\.? ?\w+|mrs\.? ?\w+|ms\.? ?\w+"
# With quotation marks any word of saying will do; without, not 知道, 问题, 说明, 称呼.
SAY = "(?:说|称|表示|讲|骂|喊|吼|叫|问|答|回复|回应|反映|道|抱怨|声称|威胁|来信|来电|留言|哭诉)"
TOLD = (
    "(?:说(?!明|服|话)|称(?!呼|为|职)|表示|骂|喊道|问(?!题)|回复说?|反映|写道|抱怨|质问|威胁|扬言|"
    "声称|留言|来电|要求|担心|害怕|询问|咨询|认为|觉得|怀疑|误以为)"
)
SAY_EN = (
    "(?:said|says|say|saying|told|tells|replied|replies|answered|shouted|shouts|yelled|screamed|"
    "wrote|writes|stated|states|claimed|claims|asked|asks|called|complained|complains|texted|swore|"
    "threatened|responded|insisted)"
)
OURS = re.compile(
    "(?:坐席|座席|催收员|业务员|外访员|客服|专员|我方|我司|我行|我们|我)(?:工作人员)?"
    "(?:说|答复|回答|回复|告知|告诉|表示|称|解释|提醒|警告|威胁|回)"
    "|(?<=[，,；;])(?:我们|我方|我司|坐席|催收员|外访员)(?!是|就是|都是)"
    r"|\b(?:i|we|agent|the agent|our agent|collector|operator|rep)\b (?:then )?"
    "(?:said|told|replied|answered|explained|warned|threatened|responded|:)"
)
SPOKEN_TO = re.compile(
    "(?:告诉|告知|提醒|警告|跟|对|向|和|给|told|warned|tell|to) ?$"  # 我告诉他说…
)
QUOTES = re.compile(r"“[^”\n]*”|「[^」\n]*」|『[^』\n]*』|\"[^\"\n]*\"|„[^“”\"\n]*[“”\"]|«[^»\n]*»")
TIME = r"(?:[\[【(]?\d[\d:：.]*[\])】]?[ \t]*)?"
GAP = '[^。！？!?\n“”"「」]'


class Listener:
    """Knows the borrower's words in a folded text. `them` and `them_en` are how people call the
    borrower, as patterns."""

    def __init__(self, *, them: str, them_en: str) -> None:
        them, them_en = f"(?:{them})", rf"\b(?:{them_en})\b"
        self._label = re.compile(
            rf"^[ \t]*{TIME}(?:{them}{SAY}?|{NAMED_EN}|[c客])[ \t]*(?:\([^)]*\))?[:：][^\n]*",
            re.MULTILINE,
        )
        self._before = re.compile(
            rf"{them}{GAP}{{0,12}}?{SAY}{GAP}{{0,6}}$"
            rf"|{them_en}[^.!?\n\"“”]{{0,16}}?\b{SAY_EN}\b[^.!?\n\"“”]{{0,12}}$"
        )
        self._after = re.compile(
            rf"^[,，。!！ ]{{0,3}}{them}[^。！？!?\n]{{0,6}}{SAY}"
            rf"|^[,. ]{{0,3}}(?:{them_en} {SAY_EN}\b|\b{SAY_EN} {them_en})"
        )
        self._reported = re.compile(
            rf"{them}[^。！？!?，,；;\n“”\"「」:：]{{0,6}}{TOLD}[:：，,]?[^。！？!?\n；;]*"
            rf"|{them_en} (?:\w+ )?{SAY_EN}\b[:,]?[^.!?\n;]*"
        )

    def spans(self, text: str) -> list[Span]:
        """The stretches that are the borrower's words, in order of place."""
        found = [*self._labels(text), *self._quotes(text), *self._reports(text)]
        return sorted(span for span in found if span[1] > span[0])

    def _labels(self, text: str) -> list[Span]:
        return [_until_ours(text, *found.span()) for found in self._label.finditer(text)]

    def _quotes(self, text: str) -> list[Span]:
        return [found.span() for found in QUOTES.finditer(text) if self._is_theirs(found, text)]

    def _is_theirs(self, quote: re.Match[str], text: str) -> bool:
        before = text[max(0, quote.start() - 40) : quote.start()]
        ours = [found.end() for found in OURS.finditer(before)]
        theirs = self._before.search(before)
        if theirs:
            return not ours or ours[-1] < theirs.end() - 8
        if self._after.search(text[quote.end() : quote.end() + 30]):
            return True
        return quote[0].startswith("„") and not ours

    def _reports(self, text: str) -> list[Span]:
        return [
            _until_ours(text, *found.span())
            for found in self._reported.finditer(text)
            if not SPOKEN_TO.search(text[max(0, found.start() - 10) : found.start()])
        ]


ANYBODY = Listener(them=f"{NAMED}|{HE}", them_en=f"{NAMED_EN}|{HE_EN}")
BORROWER = Listener(them=NAMED, them_en=NAMED_EN)


def borrower_spans(text: str) -> list[Span]:
    """The borrower's words in a folded text, also where the borrower is only called he or she."""
    return ANYBODY.spans(text)


def named_borrower_spans(text: str) -> list[Span]:
    """The borrower's words where the text says that it is the borrower (客户说, not 他说)."""
    return BORROWER.spans(text)


def _until_ours(text: str, start: int, end: int) -> Span:
    ours = OURS.search(text, start + 1, end)
    return (start, ours.start()) if ours else (start, end)


def is_within(span: Span, spans: list[Span]) -> bool:
    """Whether a stretch lies wholly in one of the others."""
    return any(start <= span[0] and span[1] <= end for start, end in spans)
