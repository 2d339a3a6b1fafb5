"""Histories of loans written elsewhere: their tables to the cent, or that we do not know."""

from __future__ import annotations

import json
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from doorstep.delinquency.scenarios.comparing import differences
from doorstep.delinquency.scenarios.reading import scenarios_read
from doorstep.delinquency.scenarios.replay import replay
from doorstep.kernel.errors import InputError

TERMS = {
    "LoanProduct": "LP1", "submitted on date": "1 January 2026", "with Principal": "1000",
    "ANNUAL interest rate %": "0", "interest type": "FLAT",
    "interest calculation period": "SAME_AS_REPAYMENT_PERIOD",
    "amortization type": "EQUAL_INSTALLMENTS", "loanTermFrequency": "3",
    "loanTermFrequencyType": "MONTHS", "repaymentEvery": "1", "repaymentFrequencyType": "MONTHS",
    "numberOfRepayments": "3", "graceOnPrincipalPayment": "0", "graceOnInterestPayment": "0",
    "interest free period": "0", "Payment strategy": "PENALTIES_FEES_INTEREST_PRINCIPAL_ORDER",
}  # fmt: skip
PAID_OUT: list[dict[str, Any]] = [
    {"do": {"t": "business_date", "date": "2026-01-01"}},
    {"do": {"t": "approve", "date": "2026-01-01", "amount": "1000"}},
    {"do": {"t": "disburse", "date": "2026-01-01", "amount": "1000"}},
]
TOTALS = [["Due", "Paid", "Outstanding"]]


def told(*steps: dict[str, Any], **terms: str) -> dict[str, Any]:
    return replay({"id": "x", "terms": {**TERMS, **terms}, "steps": [*PAID_OUT, *steps]})


def do(deed: str, **how: Any) -> dict[str, Any]:
    return {"do": {"t": deed, **how}}


def show(what: str, table: list[list[str]] | None = None, **more: Any) -> dict[str, Any]:
    return {"check": what, **({"table": table} if table else {}), **more}


def test_every_showing_step_is_answered_in_its_own_shape() -> None:
    answer = told(
        show("schedule_total", TOTALS),
        do("repayment", date="2026-01-20", amount="400.50"),
        show("transactions", [["Transaction Type", "Amount", "Loan Balance", "Reverted"]]),
        show("outstanding", value=["0"]),
        show("status", value=["Active"]),
        show("status", value=["ACTIVE"]),
    )
    assert answer == {
        "id": "x",
        "supported": True,
        "checks": [
            [*TOTALS, ["1000.0", "0.0", "1000.0"]],
            [
                ["Transaction Type", "Amount", "Loan Balance", "Reverted"],
                ["Disbursement", "1000.0", "1000.0", "false"],
                ["Repayment", "400.5", "599.5", "false"],
            ],
            ["599.5"],
            ["Active"],
            ["ACTIVE"],
        ],
    }


def test_what_a_scenario_shows_never_decides_what_is_answered() -> None:
    wrong = [["Due", "Paid", "Outstanding"], ["1", "2", "3"]]
    scenario = {"id": "x", "terms": TERMS, "steps": [*PAID_OUT, show("schedule_total", wrong)]}
    answer = replay(scenario)
    assert answer["checks"] == [[["Due", "Paid", "Outstanding"], ["1000.0", "0.0", "1000.0"]]]
    assert differences(scenario, answer["checks"]) == [0]


@pytest.mark.parametrize(
    ("steps", "terms"),
    [
        ([{"other": "The moon is full"}], {}),
        ([do("write_off", date="2026-01-02")], {}),
        ([show("journal", [["Debit"]])], {}),
        ([show("schedule_total", [["Colour"]])], {}),
        ([do("charge", charge="LOAN_UNKNOWN", due="2026-01-02", amount="5")], {}),
        ([do("repayment", date="2026-01-02", amount="0.001")], {}),
        ([do("repayment", date="soon", amount="1")], {}),
        ([do("disburse", date="2026-01-02", amount="10")], {}),
        ([do("undo", nth=1, kind=None, date="2026-01-02")], {}),
        ([], {"LoanProduct": "LP9"}),
        ([], {"Payment strategy": "INTEREST_FIRST"}),
        ([], {"numberOfRepayments": "0"}),
        ([], {"numberOfRepayments": "2.5"}),
        ([], {"ANNUAL interest rate %": "x"}),
        ([], {"loanTermFrequency": "5"}),
        ([], {"graceOnPrincipalPayment": "3"}),
        ([], {"something new": "1"}),
    ],
)
def test_what_is_not_worked_out_is_said_and_never_guessed(
    steps: list[dict[str, Any]], terms: dict[str, str]
) -> None:
    answer = told(*steps, **terms)
    assert (answer["supported"], answer["checks"]) == (False, [])
    assert answer["why"]


def test_a_slip_of_the_form_is_read_as_its_tables_mean_it() -> None:
    answer = told(
        show("schedule", [["Interest"]]),
        **{
            "ANNUAL interest rate %": "12", "interest type": "DECLINING_BALANCE",
            "LoanProduct": "LP1_INTEREST_DECLINING_BALANCE_PERIOD_SAME_AS_PAYMENT",
            "interest free period": "1", "graceOnInterestPayment": "2",
        },
    )  # fmt: skip
    interest = [row[0] for row in answer["checks"][0][2:]]
    assert interest[0] == "0.0"
    assert float(interest[1]) > 15, "put off one row, not forgiven and not two"


@pytest.mark.parametrize(
    "content",
    ["", "[", '{"a": 1}', "[5]", '[{"id": 5}]', '[{"id": "x", "steps": 5}]', '[{"id": "x"}]'],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "scenarios.json"
    path.write_text(content, "utf-8")
    with pytest.raises(InputError) as caught:
        scenarios_read(path)
    assert caught.value.where.file == "scenarios.json"


def family(scenario: dict[str, Any]) -> str:
    if scenario["core"]:
        return "core"
    if any(step.get("do", {}).get("t") == "delinquency_pause" for step in scenario["steps"]):
        return "pause"
    return "pure" if scenario["pure"] else "other"


@pytest.mark.outside
def test_the_outside_scenarios_to_the_cent(outside: Path) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for scenario in scenarios_read(outside / "data" / "loan_scenarios" / "scenarios.json"):
        answer = replay(deepcopy(scenario))
        wrong = differences(scenario, answer["checks"]) if answer["supported"] else []
        kind = "differ" if wrong else "agree" if answer["supported"] else "unsupported"
        counts[family(scenario), kind] += 1
    assert not [key for key in counts if key[1] == "differ"]
    assert (counts["core", "agree"], counts["core", "unsupported"]) == (29, 0)
    assert (counts["pause", "agree"], counts["pause", "unsupported"]) == (4, 0)
    assert counts["pure", "agree"] >= 63


@pytest.mark.outside
def test_on_every_row_due_is_paid_and_waived_and_outstanding(outside: Path) -> None:
    path = outside / "data" / "loan_scenarios" / "scenarios.json"
    checked = 0
    for scenario in scenarios_read(path):
        answer = replay(scenario)
        for table in answer["checks"]:
            if table and isinstance(table[0], list) and "Nr" in table[0]:
                rows = [dict(zip(table[0], row, strict=True)) for row in table[1:]]
                checked += sum(_adds_up(row) for row in rows if row["Nr"])
    assert checked > 500


def _adds_up(row: dict[str, str]) -> bool:
    names = ("Principal due", "Interest", "Fees", "Penalties", "Due", "Paid", "Outstanding")
    cents = {name: round(float(row[name]) * 100) for name in names}
    waived = round(float(row.get("Waived", "0")) * 100)
    assert sum(cents[name] for name in names[:4]) == cents["Due"]
    assert cents["Due"] == cents["Paid"] + waived + cents["Outstanding"]
    return True


def test_amounts_are_compared_by_value_and_movements_in_any_order() -> None:
    table = [["Amount", "Type"], ["10.00", "a"], ["5", "b"]]
    scenario = {
        "steps": [show("transactions", table), show("schedule_total", [["Due"], ["1,000"]])]
    }
    swapped = [["Amount", "Type"], ["5.0", "b"], ["10.0", "a"]]
    assert differences(scenario, [swapped, [["Due"], ["1000.0"]]]) == []
    assert differences(scenario, [swapped]) == [0, 1]


def test_json_keeps_the_answer() -> None:
    answer = told(show("charges", [["Name", "Due"]]))
    assert json.loads(json.dumps(answer)) == answer


def test_what_is_undone_is_the_nth_movement_of_its_day_undone_ones_counted_too() -> None:
    pay = do("repayment", date="2026-01-01", amount="100")
    undo = do("undo", nth=2, kind=None, date="2026-01-01")
    owed = show("outstanding", value=["0"])
    assert told(pay, undo, owed)["checks"] == [["1000.0"]]
    second = do("undo", nth=2, kind="Repayment", date="2026-01-01")
    assert told(pay, undo, pay, second, owed)["checks"] == [["1000.0"]]
    assert told(pay, undo, undo, owed)["supported"] is False
    first = do("undo", nth=1, kind=None, date="2026-01-01")
    assert told(pay, first, owed)["supported"] is False, "money paid out is not undone so"


def test_settled_before_the_day_of_a_penalty_it_is_neither_in_advance_nor_earned() -> None:
    order = "DUE_PENALTY_FEE_INTEREST_PRINCIPAL_IN_ADVANCE_PRINCIPAL_PENALTY_FEE_INTEREST"
    strategy = {"Payment strategy": order}
    charged = do("charge", charge="LOAN_NSF_FEE", due="2026-01-20", amount="50")
    total = show("schedule_total", [["Paid", "In advance"]])
    kinds = show("transactions", [["Transaction Type"]])
    steps = (charged, do("repayment", date="2026-01-01", amount="1050"), total, kinds)
    assert told(*steps, **strategy)["checks"] == [
        [["Paid", "In advance"], ["1050.0", "1000.0"]],
        [["Transaction Type"], ["Disbursement"], ["Repayment"]],
    ]
    on_its_day = (
        charged, do("business_date", date="2026-01-20"),
        do("repayment", date="2026-01-20", amount="1050"), total, kinds,
    )  # fmt: skip
    assert told(*on_its_day, **strategy)["checks"] == [
        [["Paid", "In advance"], ["1050.0", "1050.0"]],
        [["Transaction Type"], ["Disbursement"], ["Repayment"], ["Accrual"]],
    ]
    too_much = do("repayment", date="2026-01-01", amount="1051")
    assert told(charged, too_much, total, **strategy)["supported"] is False


@pytest.mark.parametrize(
    "change",
    [
        {"terms": None},
        {"terms": []},
        {"steps": [{"do": "repayment"}]},
        {"steps": [{"check": "schedule", "table": "x"}]},
        {"steps": [{"check": "schedule", "table": [[{"a": 1}]]}]},
        {"steps": [{"check": "status", "value": 5}]},
    ],
)
def test_a_scenario_of_another_shape_is_named(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "scenarios.json"
    path.write_text(json.dumps([{"id": "s1", "terms": TERMS, "steps": [], **change}]), "utf-8")
    with pytest.raises(InputError) as caught:
        scenarios_read(path)
    assert caught.value.where.file == "scenarios.json"
    assert str(caught.value.where.field).startswith("s1.")


def test_a_loan_of_more_than_a_century_is_not_worked_out() -> None:
    months = {"numberOfRepayments": "99999", "loanTermFrequency": "99999"}
    assert told(**months)["supported"] is False
