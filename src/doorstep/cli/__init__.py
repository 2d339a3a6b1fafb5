"""The `doorstep` program. One module a group of commands; contracts.md form is kept stable."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from doorstep.kernel.errors import DoorstepError, InputError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Doorstep: the overdue-loan work of a bank or lender.",
)


def main() -> None:
    """Entry point: runs the command; a DoorstepError becomes one clear line and an exit code."""
    try:
        from doorstep.cli import groups  # noqa: F401

        app()
    except InputError as error:
        Console(stderr=True, highlight=False).print(f"{error.code}: {error}", markup=False)
        sys.exit(2)
    except DoorstepError as error:
        Console(stderr=True, highlight=False).print(f"{error.code}: {error}", markup=False)
        sys.exit(1)
