"""Registers every group of commands on the program. A new group is one import and one line."""

from __future__ import annotations

from doorstep.cli import (
    app,
    cycle,
    demo,
    evidence,
    intake,
    loan,
    rules,
    rules_text,  # noqa: F401
    up,
    visits,
    worker,
)

app.add_typer(cycle.app, name="cycle")
app.add_typer(evidence.app, name="evidence")
app.add_typer(intake.app, name="intake")
app.add_typer(loan.app, name="loan")
app.add_typer(demo.app, name="demo")
app.add_typer(rules.app, name="rules")
app.add_typer(visits.app, name="visits")
app.add_typer(worker.app, name="worker")
app.command()(up.up)
