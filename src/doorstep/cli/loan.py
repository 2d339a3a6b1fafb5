"""`doorstep loan`: schedules, rates and histories of loans worked out from plain files."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from doorstep.delinquency.amortisation import Line

app = typer.Typer(no_args_is_help=True, help="Loans: schedules, yearly rates, what happened.")
JSON = typer.Option(False, "--json", help="One JSON object a line.")
COLUMNS = ("payment", "payment_amount", "principal", "interest", "balance")


@app.callback()
def loan() -> None:
    """Loans: schedules, yearly rates, what happened."""


@app.command()
def amortise(
    example: Path = typer.Argument(..., help="EXAMPLE.toml with a table [loan]."),
    json_: bool = JSON,
) -> None:
    """Print the schedule of EXAMPLE.toml; exit 1 where it asks for what is not worked out."""
    from doorstep.delinquency.amortisation import amortise as table
    from doorstep.delinquency.amortisation_file import terms_read
    from doorstep.delinquency.unsupported import Unsupported

    try:
        terms, unit = terms_read(example)
    except Unsupported as reason:
        if not json_:
            raise
        print(json.dumps({"supported": False, "why": str(reason)}, ensure_ascii=False))
        raise typer.Exit(1) from None
    lines = table(terms)
    columns = (*COLUMNS, "fee") if any(line.fee for line in lines) else COLUMNS
    if not json_:
        print(",".join(columns))
    for line in lines:
        row = _printed(line, unit)
        shown = {name: row[name] for name in columns}
        print(json.dumps(shown) if json_ else ",".join(str(one) for one in shown.values()))


def _printed(line: Line, unit: Decimal) -> dict[str, int | str]:
    def money(amount: int) -> str:
        return f"{(amount * unit).quantize(unit):f}"

    return {
        "payment": line.number,
        "payment_amount": money(line.payment),
        "principal": money(line.principal),
        "interest": money(line.interest),
        "balance": money(line.balance),
        "fee": money(line.fee),
    }


@app.command()
def apr(examples: Path = typer.Argument(..., help="EXAMPLES.json."), json_: bool = JSON) -> None:
    """Print the annual percentage rate of every credit in EXAMPLES.json."""
    from doorstep.delinquency.apr_file import aprs

    for row in aprs(examples):
        print(json.dumps(row) if json_ else f"{row['id']}  {row['apr']:.4f} %")


@app.command()
def replay(
    scenarios: Path = typer.Argument(..., help="SCENARIOS.json."), json_: bool = JSON
) -> None:
    """Go through the histories in SCENARIOS.json and answer every step that shows something; exit 1
    where an answer differs from what the file shows (without --json)."""
    from doorstep.delinquency.scenarios.comparing import differences
    from doorstep.delinquency.scenarios.reading import scenarios_read
    from doorstep.delinquency.scenarios.replay import replay as answers

    counts = {"agree": 0, "differ": 0, "unsupported": 0}
    for scenario in scenarios_read(scenarios):
        answer = answers(scenario)
        if json_:
            print(json.dumps(answer, ensure_ascii=False))
            continue
        wrong = differences(scenario, answer["checks"]) if answer["supported"] else []
        kind = "differ" if wrong else "agree" if answer["supported"] else "unsupported"
        counts[kind] += 1
        places = ", ".join(str(place + 1) for place in wrong)
        print(f"{answer['id']}  {kind}  {places or answer.get('why', '')}".rstrip())
    if not json_:
        print("  ".join(f"{number} {kind}" for kind, number in counts.items()))
    if counts["differ"]:
        raise typer.Exit(1)
