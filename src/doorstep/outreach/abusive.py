"""How likely a text is abusive: a small linear model over hashed character n-grams.

`abusive_model/` holds the weights (int8) and the model card; `script/train_abusive.py` makes them.
At run time numpy alone is needed. The probability asks for a person, it decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorstep.outreach.folding import fold
from doorstep.outreach.speakers import named_borrower_spans

MODEL = Path(__file__).parent / "abusive_model" / "v1.npz"
BITS = 19
GRAMS = (1, 2, 3)
LONGEST = 160
MIX = np.uint64(0x9E3779B97F4A7C15)
FIRST, LAST = "\x02", "\x03"
SENTENCE_END = re.compile(r"(?<=[。！？!?\n])")

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Model:
    """The weights and what turns a score into a probability: 1 / (1 + exp(-(slope x + shift)))."""

    weights: NDArray[np.float32]
    bias: float
    slope: float
    shift: float


@cache
def model() -> Model:
    """The model that ships, read once."""
    with np.load(MODEL, allow_pickle=False) as kept:
        scale, bias, slope, shift = (float(value) for value in kept["numbers"])
        weights = kept["weights"].astype(np.float32) * np.float32(scale)
    return Model(weights, bias, slope, shift)


def abuse_probability(text: str) -> float:
    """How likely a text is abusive, 0 to 1; of a long one its worst stretch. What it says that the
    borrower said is left out."""
    return abuse_probabilities([text])[0]


def abuse_probabilities(texts: Sequence[str]) -> list[float]:
    """`abuse_probability` of each of many texts, at once."""
    parts: list[str] = []
    owners: list[int] = []
    for owner, text in enumerate(texts):
        mine = _stretches(ours_of(text))
        parts += mine
        owners += [owner] * len(mine)
    worst = np.zeros(len(texts))
    if parts:
        np.maximum.at(worst, np.array(owners), probabilities_of(parts))
    return [float(value) for value in worst]


def ours_of(text: str) -> str:
    """The folded text without what it says that the borrower said."""
    folded = fold(text).text
    kept, here = "", 0
    for start, end in named_borrower_spans(folded):
        kept += folded[here : max(here, start)]
        here = max(here, end)
    return (kept + folded[here:]).strip()


def _stretches(text: str) -> list[str]:
    """A text as it is where the model learnt from such, a longer one sentence by sentence, so that
    one bad sentence does not drown among good ones."""
    if len(text) <= LONGEST:
        return [text] if text else []
    return [
        sentence[at : at + LONGEST]
        for sentence in SENTENCE_END.split(text)
        if sentence.strip()
        for at in range(0, len(sentence), LONGEST)
    ]


def probabilities_of(parts: Sequence[str]) -> NDArray[np.float64]:
    """The calibrated probability of each folded text."""
    kept = model()
    documents, grams = hashed_grams(parts)
    count = np.bincount(documents, minlength=len(parts))
    total = np.bincount(documents, weights=kept.weights[grams], minlength=len(parts))
    score = total / np.sqrt(np.maximum(count, 1)) + kept.bias
    return np.asarray(1 / (1 + np.exp(-(kept.slope * score + kept.shift))))


def hashed_grams(parts: Sequence[str]) -> tuple[Numbers, Numbers]:
    """Every different n-gram of every text as (number of the text, bucket)."""
    marked = [f"{FIRST}{part.replace(' ', '')}{LAST}" for part in parts]
    codes = np.frombuffer("".join(marked).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    owner = np.repeat(np.arange(len(marked)), [len(each) for each in marked])
    keys = [_grams(codes, owner, size) for size in GRAMS if len(codes) >= size]
    pairs = np.unique(np.concatenate(keys))
    return pairs >> BITS, pairs & ((1 << BITS) - 1)


def _grams(codes: NDArray[np.uint64], owner: Numbers, size: int) -> Numbers:
    count = len(codes) - size + 1
    mixed = np.full(count, size, dtype=np.uint64)
    for place in range(size):
        mixed = (mixed ^ codes[place : count + place]) * MIX
        mixed ^= mixed >> np.uint64(29)
    buckets = (mixed * MIX >> np.uint64(64 - BITS)).astype(np.int64)
    whole = owner[:count] == owner[size - 1 :]
    keys: Numbers = (owner[:count][whole] << BITS) | buckets[whole]
    return keys
