"""`doorstep demo`: the example bank, written as a lender's delivery or loaded into this system."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import typer
from rich.console import Console

from doorstep.cli.django import setup
from doorstep.kernel import clock

app = typer.Typer(no_args_is_help=True, help="The example bank: made up, complete, yours to try.")


@app.callback()
def demo() -> None:
    """The example bank: made up, complete, yours to try."""


@app.command()
def write(
    out: Path = typer.Option(..., "--out", help="Folder to write into."),
    loans: int = typer.Option(200_000, min=100, help="How many loans the bank has."),
    seed: int = typer.Option(7, min=0, help="The same seed gives the same bank."),
    on: datetime | None = typer.Option(
        None, formats=["%Y-%m-%d"], help="Business date; today when left out."
    ),
    form: str = typer.Option("parquet", "--format", help="parquet or csv."),
) -> None:
    """Write the bank's delivery for two consecutive days, and the hidden truth beside it."""
    from doorstep.simulator import delivery
    from doorstep.simulator.bank import bank_make

    console = Console(stderr=True)
    day = on.date() if on else clock.today()
    with console.status("Making up the bank"):
        bank = bank_make(loans=loans, seed=seed, on=day)
    for each in delivery.delivery_days(day):
        with console.status(f"Writing {each}"):
            print(delivery.delivery_write(bank, folder=out, on=each, form=form))
    print(delivery.truth_write(bank, folder=out))


@app.command()
def load(
    loans: int = typer.Option(200_000, min=100, help="How many loans the bank has."),
    seed: int = typer.Option(7, min=0, help="The same seed gives the same bank."),
    on: datetime | None = typer.Option(
        None, formats=["%Y-%m-%d"], help="Business date; today when left out."
    ),
) -> None:
    """Load the bank into this system with its demo accounts; again changes nothing."""
    setup()
    from doorstep.cli.demo_load import demo_load
    from doorstep.cli.demo_staff import PEOPLE
    from doorstep.cli.first_start import tables_make
    from doorstep.simulator.sign_in import PASSWORD

    console = Console(stderr=True, highlight=False)
    tables_make(console)
    demo_load(console=console, loans=loans, seed=seed, on=on.date() if on else clock.today())
    names = ", ".join(person.username for person in PEOPLE)
    console.print(f"The example bank is loaded. Sign in as {names}; password of all: {PASSWORD}")
