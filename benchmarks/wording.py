"""How fast wording is read, and how well abuse is told.

    python benchmarks/wording.py [--data FOLDER] [--rounds 15]

Prints median milliseconds of the lint and of the model for a message and for a transcript of 10,000
characters, and messages rendered a second. With --data (a folder that holds train.csv.gz of
COLDataset) also the macro-F1 on the rows that training left out. Fails (exit 1) when lint and model
together take more than 50 ms for the transcript, or the macro-F1 is below .78.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import runpy
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from doorstep.outreach.abusive import abuse_probabilities, abuse_probability
from doorstep.outreach.folding import fold
from doorstep.outreach.lender import DEMO_FILE, lender_load
from doorstep.outreach.lint import text_lint
from doorstep.outreach.render import message_render
from doorstep.outreach.replies import reply_recognise
from doorstep.outreach.shelf import shipped_template

BUDGET_MS, AIM_F1 = 50.0, 0.78
TALK = (
    "坐席：您好，这里是云川银行，请问是张先生本人吗？", "客户：是的，什么事？",
    "坐席：您尾号1234的消费贷款有1,234.56元于11月8日到期，方便说说情况吗？",
    "客户：我上个月失业了，家里还有两个孩子要上学，真的没有钱。",
    "坐席：理解您的困难，您可以申请延期或者分期，我帮您登记。",
    "客户：那利息怎么算？会不会影响征信？",
    "坐席：延期期间利息照合同计收，逾期情况会如实报送，我们会先核实金额。",
    "坐席：您可以通过手机银行、网点柜台或者官方微信公众号还款，请不要转给个人。",
    "客户：好的，我跟老婆商量一下，下周给你们答复。", "坐席：好的，那我下周三再联系您，再见。",
    "Agent: please call our hotline, we can talk about a plan that you can afford.",
)  # fmt: skip


def main() -> int:
    """Times everything, prints a table, says whether the goals are met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    chosen = parser.parse_args()
    message = rendered()
    talk = "\n".join(f"{line}{place}" for place in range(60) for line in TALK)[:10_000]
    figures = {
        "lint, a message": median(lambda: text_lint(message), chosen.rounds),
        "lint, 10,000 characters": median(lambda: text_lint(talk), chosen.rounds),
        "model, a message": median(lambda: abuse_probability(message), chosen.rounds),
        "model, 10,000 characters": median(lambda: abuse_probability(talk), chosen.rounds),
        "an answer recognised": median(
            lambda: reply_recognise("我已经还款了，请不要再发短信"), chosen.rounds
        ),
        "a message rendered": median(rendered, chosen.rounds),
    }
    for name, value in figures.items():
        print(f"{name:28} {value:8.2f} ms")
    together = figures["lint, 10,000 characters"] + figures["model, 10,000 characters"]
    score = macro_f1(chosen.data) if chosen.data else AIM_F1
    if chosen.data:
        print(f"{'macro-F1 on unseen rows':28} {score:8.3f}")
    return 0 if together <= BUDGET_MS and score >= AIM_F1 else 1


@cache
def facts() -> dict[str, Any]:
    """What a reminder names."""
    return lender_load(DEMO_FILE).facts() | {
        "who": "张**", "account_tail": "1234", "product": {"zh-Hans": "消费贷款"},
        "amount_due": 123_456, "currency": "CNY", "due_on": date(2026, 11, 8),
        "as_of": date(2026, 11, 20),
    }  # fmt: skip


def rendered() -> str:
    """A reminder with its facts."""
    template = shipped_template("reminder_friendly_sms")
    return message_render(template=template, facts=facts(), language="zh-Hans").text


def median(deed: Callable[[], Any], rounds: int) -> float:
    """Median milliseconds of processor time."""
    deed()
    times = []
    for _round in range(rounds):
        began = time.process_time()
        deed()
        times.append((time.process_time() - began) * 1000)
    return statistics.median(times)


def macro_f1(folder: Path) -> float:
    """The mean of the F1 of both classes on the rows that training left out."""
    script = Path(__file__).resolve().parents[1] / "script" / "abusive_split.py"
    held_out = runpy.run_path(str(script))["held_out"]
    with gzip.open(folder / "train.csv.gz") as packed:
        rows = list(csv.DictReader(io.TextIOWrapper(packed, "utf-8-sig")))
    kept = [row for row in rows if held_out(fold(row["TEXT"]).text.strip())]
    said = [chance > 0.5 for chance in abuse_probabilities([row["TEXT"] for row in kept])]
    scores = []
    for wanted in (False, True):
        is_so = [(row["label"] == "1") == wanted for row in kept]
        hits = sum(a and b == wanted for a, b in zip(is_so, said, strict=True))
        scores.append(2 * hits / (sum(is_so) + sum(b == wanted for b in said)))
    return sum(scores) / 2


if __name__ == "__main__":
    sys.exit(main())
