"""`doorstep up`: makes ready what is missing, then serves until it is told to stop."""

from __future__ import annotations

import os
import sys
import time

import typer
from rich.console import Console
from rich.table import Table

from doorstep.cli.django import setup
from doorstep.cli.serving import (
    Child,
    Household,
    free_port,
    site_command,
    until_told_to_stop,
    wait_until_answering,
    worker_command,
)
from doorstep.kernel import clock

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def up(
    port: int = typer.Option(8000, min=1, max=65535, help="Port; the next free one when taken."),
    host: str = typer.Option("127.0.0.1", help="Address to listen on."),
    lender: bool = typer.Option(
        False, "--lender", help="Start empty, without demo accounts; asks for an administrator."
    ),
    loans: int = typer.Option(200_000, min=100, help="Loans of the example bank (first start)."),
    seed: int = typer.Option(7, min=0, help="Seed of the example bank (first start)."),
) -> None:
    """Start Doorstep: the example bank on first start, or an empty system with --lender."""
    console = Console(stderr=True, highlight=False)
    began = time.monotonic()
    if lender:
        os.environ.setdefault("DOORSTEP_MODE", "lender")
    _listen_as(host)
    _make_ready(console, lender=lender, loans=loans, seed=seed)
    chosen = free_port(host=host, wanted=port)
    if chosen != port:
        console.print(f"Port {port} is taken; using {chosen}.")
    household = Household(
        [
            Child("worker", worker_command("tasks")),
            Child("sender", worker_command("sender")),
            Child("site", site_command(host=host, port=chosen)),
        ]
    )
    with until_told_to_stop() as told:
        try:
            household.start()
            wait_until_answering(household, host=_reached(host), port=chosen)
            address = f"http://{'[::1]' if host == '::1' else _reached(host)}:{chosen}/"
            _welcome(console, address, lender=lender, seconds=time.monotonic() - began)
            while not told:
                household.watch()
                time.sleep(0.2)
        finally:
            household.stop()
    console.print("Stopped; everything is kept.")


def _make_ready(console: Console, *, lender: bool, loans: int, seed: int) -> None:
    """Tables, then the first administrator or the example bank."""
    setup()
    from doorstep.cli import first_start

    first_start.tables_make(console)
    if lender:
        first_start.administrator_make(console, asks=sys.stdin.isatty())
        return
    from doorstep.cli import demo_load

    demo_load.demo_load(console=console, loans=loans, seed=seed, on=clock.today())


def _listen_as(host: str) -> None:
    """Let the site answer to the address it listens on."""
    if host not in LOOPBACK and "DOORSTEP_HOSTS" not in os.environ:
        os.environ["DOORSTEP_HOSTS"] = f"localhost,127.0.0.1,{host}"


def _reached(host: str) -> str:
    """The address under which this machine reaches itself."""
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104


def _welcome(console: Console, address: str, *, lender: bool, seconds: float) -> None:
    """Say where the site is and who may sign in."""
    console.print(
        f"Doorstep is ready at [bold]{address}[/bold] ({seconds:.0f} s). Ctrl-C stops it."
    )
    if lender:
        return
    from doorstep.cli.demo_staff import PEOPLE
    from doorstep.simulator.city import BRANCHES
    from doorstep.simulator.sign_in import PASSWORD

    names = list(BRANCHES.values())
    table = Table("Sign in as", "Role", "Branch", "Team", title=f"Password of all: {PASSWORD}")
    for person in PEOPLE:
        branch = "" if person.branch is None else names[person.branch]
        table.add_row(person.username, person.role.value.replace("_", " "), branch, person.team)
    console.print(table)
