"""The model of abusive language: good on rows it never saw, small, quick, and fair to quotes."""

from __future__ import annotations

import csv
import gzip
import io
import json
import runpy
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from doorstep.outreach.abusive import (
    BITS,
    MODEL,
    abuse_probabilities,
    abuse_probability,
    hashed_grams,
    model,
)
from doorstep.outreach.folding import fold
from doorstep.outreach.wording import SURE, texts_check
from tests.outreach.sayings import SAID


def unseen(outside: Path, repository: Path) -> tuple[list[str], Any]:
    """The rows of the data set that training left out, by the training script's own split."""
    split = runpy.run_path(str(repository / "script" / "abusive_split.py"))["held_out"]
    with gzip.open(outside / "data" / "abusive_language_zh" / "train.csv.gz") as packed:
        rows = list(csv.DictReader(io.TextIOWrapper(packed, "utf-8-sig")))
    kept = [row for row in rows if split(fold(row["TEXT"]).text.strip())]
    return [row["TEXT"] for row in kept], np.array([int(row["label"]) for row in kept])


def macro_f1(labels: Any, said: Any) -> float:
    figures = []
    for each in (0, 1):
        both = ((said == each) & (labels == each)).sum()
        figures.append(2 * both / ((said == each).sum() + (labels == each).sum()))
    return float(np.mean(figures))


@pytest.mark.outside
def test_on_rows_it_never_saw_it_does_as_its_card_says(outside: Path, repository: Path) -> None:
    texts, labels = unseen(outside, repository)
    chances = np.array(abuse_probabilities(texts))
    figures = json.loads(MODEL.with_suffix(".json").read_text("utf-8"))
    assert len(texts) == sum(row["rows"] for row in figures["held_out"]["classes"].values())
    score = macro_f1(labels, chances > 0.5)
    assert score >= 0.78
    assert score == pytest.approx(figures["held_out"]["macro_f1"], abs=0.005)
    assert labels[chances > SURE].mean() >= 0.9
    bins = np.minimum((chances * 10).astype(int), 9)
    error = sum(
        abs(labels[bins == each].mean() - chances[bins == each].mean()) * (bins == each).mean()
        for each in range(10)
    )
    assert error < 0.05


def test_the_model_is_small_and_its_card_tells_its_figures() -> None:
    assert MODEL.stat().st_size <= 2 * 2**20
    assert model().weights.shape == (1 << BITS,)
    figures = json.loads(MODEL.with_suffix(".json").read_text("utf-8"))
    card = (MODEL.parent / "card.md").read_text("utf-8")
    assert f"macro-F1 {figures['held_out']['macro_f1']:.3f}".replace("0.", ".") in card
    for name in ("rows", "unseen", "own_rows"):
        assert f"{figures[name]:,}" in card
    for row in figures["held_out"]["classes"].values():
        assert f"{row['f1']:.3f}".removeprefix("0") in card


def test_no_learning_library_is_needed_to_use_it(repository: Path) -> None:
    runtime = (repository / "requirements" / "runtime.in").read_text("utf-8")
    assert "scikit" not in runtime
    source = (repository / "src" / "doorstep" / "outreach" / "abusive.py").read_text("utf-8")
    assert "sklearn" not in source


def test_what_is_said_well_is_not_called_abuse_and_insults_are() -> None:
    harmless = abuse_probabilities(SAID["harmless"])
    assert sum(chance >= 0.5 for chance in harmless) <= 1
    insults = [row["text"] for row in SAID["forbidden"] if row["behaviours"] == ["FB-VIOLENCE"]]
    assert np.mean([chance >= 0.5 for chance in abuse_probabilities(insults)]) >= 0.6


def test_what_the_customer_said_is_left_out() -> None:
    assert abuse_probability("客户骂道：“你们这些不要脸的骗子”") < 0.2
    assert abuse_probability("你们这些不要脸的骗子") > SURE
    [wording] = texts_check(["客户：你们这些不要脸的骗子"])
    assert wording.behaviours == []
    assert not wording.needs_a_look


def test_both_scripts_are_read_alike_and_a_long_text_by_its_worst_part() -> None:
    assert abuse_probability("你就是個騙子") == abuse_probability("你就是个骗子")
    calm = "您好，请问是张先生本人吗。" * 60
    assert abuse_probability(f"{calm}你就是个不要脸的骗子！{calm}") > 0.5
    assert abuse_probability(calm) < 0.5


def test_nothing_is_no_abuse() -> None:
    assert abuse_probabilities([]) == []
    assert abuse_probabilities(["", "  \n "]) == [0.0, 0.0]


def test_grams_of_one_text_do_not_touch_the_next() -> None:
    together = hashed_grams(["甲乙", "丙丁"])
    alone = hashed_grams(["丙丁"])
    mine = together[1][together[0] == 1]
    assert sorted(mine) == sorted(alone[1])


def test_a_thousand_lines_are_read_quickly() -> None:
    lines = (SAID["harmless"] * 20)[:1000]
    abuse_probabilities(lines)
    began = time.process_time()
    abuse_probabilities(lines)
    assert time.process_time() - began < 2
