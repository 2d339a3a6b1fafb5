"""The sentences of the three lists beside this, and a lender and facts to write texts with."""

from __future__ import annotations

import tomllib
from datetime import date, time
from pathlib import Path
from typing import Any

from doorstep.outreach.lender import DEMO_FILE, PENALTY, Lender, lender_load
from doorstep.outreach.render import Value

SAID: dict[str, Any] = {
    name: rows
    for file in ("said", "harmless", "answers")
    for name, rows in tomllib.loads(
        (Path(__file__).parent / f"{file}.toml").read_text("utf-8")
    ).items()
}
LENDER: Lender = lender_load(DEMO_FILE)
FACTS: dict[str, Value] = {
    **LENDER.facts(),
    "who": "欧***", "name": "欧阳小明", "account_tail": "0001", "contract_ref": "HT-2026-0001",
    "product": {"zh-Hans": "消费贷款", "zh-Hant": "消費貸款", "en": "consumer loan"},
    "currency": "CNY", "amount_due": 123_456, "principal_due": 110_000, "interest_due": 12_000,
    "penalty_due": 1_456, "fee_due": 0, "balance": 1_200_000, "due_on": date(2026, 11, 8),
    "as_of": date(2026, 11, 20), "days_late": "12", "case_ref": "101", "today": date(2026, 11, 21),
    "next_amount": 110_000, "next_due_on": date(2026, 12, 8), "promise_amount": 50_000,
    "promise_on": date(2026, 11, 15), "visit_on": date(2026, 11, 28), "visit_from": time(14),
    "visit_to": time(16), "visit_place": "云川市松林区****", "visit_code": "417302",
    "visit_agents": "李雷 A1001、韩梅 A1002", "answer_by": date(2026, 12, 1),
    "consequence_penalty": PENALTY, "document_number": "RA-2026-00417302",
    "document_code": "K7PM-Q2WD-9HXT", "document_until": date(2026, 12, 20),
}  # fmt: skip
