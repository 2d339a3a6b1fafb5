"""A mass send before it happens: how many, how long, what it costs, and which cannot be written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from doorstep.kernel.errors import DoorstepError
from doorstep.outreach.gathering import Known
from doorstep.outreach.lender import Prices
from doorstep.outreach.render import Rendered, message_render
from doorstep.outreach.segments import sms_length
from doorstep.outreach.template import Template
from doorstep.outreach.words import Medium


@dataclass(frozen=True)
class Unwritten:
    """A case whose text cannot be written, and why."""

    case_id: int
    code: str
    why: str


@dataclass(frozen=True)
class Mass:
    """The texts of many cases. `segments` counts SMS segments (0 for other media); `longest` the
    most one message takes; `cost` is in minor units of `currency`."""

    texts: Mapping[int, Rendered]
    unwritten: tuple[Unwritten, ...]
    languages: Mapping[str, int]
    segments: int
    longest: int
    cost: int
    currency: str


def mass_render(
    *, templates: Mapping[int, Template], known: Mapping[int, Known], prices: Prices
) -> Mass:
    """Render each case's template in the borrower's language; a text that lacks a fact is counted
    out, never sent with a hole. Pure."""
    texts: dict[int, Rendered] = {}
    unwritten = []
    for case_id, about in known.items():
        try:
            texts[case_id] = message_render(
                template=templates[case_id], facts=about.facts, language=about.language
            )
        except DoorstepError as error:
            unwritten.append(Unwritten(case_id, error.code, str(error)))
    return _counted(texts, tuple(unwritten), prices)


def _counted(
    texts: Mapping[int, Rendered], unwritten: tuple[Unwritten, ...], prices: Prices
) -> Mass:
    segments = {case_id: segments_of(text) for case_id, text in texts.items()}
    return Mass(
        texts=texts,
        unwritten=unwritten,
        languages=dict(Counter(text.language for text in texts.values())),
        segments=sum(segments.values()),
        longest=max(segments.values(), default=0),
        cost=sum(prices.of(text.medium, segments[case_id]) for case_id, text in texts.items()),
        currency=prices.currency,
    )


def segments_of(text: Rendered) -> int:
    """SMS segments of a text; 0 for what is no SMS."""
    return sms_length(text.text).segments if text.medium is Medium.SMS else 0
