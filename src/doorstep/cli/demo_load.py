"""The example bank into this system: its files brought, checked, released by a second person and
loaded, and the night run, for two days; then cases given to people.

What is heavy to import is imported where it is used: a second start needs none of it.
Every step looks first whether it was done, so a load that was cut off goes on where it stopped, and
a finished one changes nothing. `example.json` in the state directory keeps what was begun.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from doorstep.cases.assignment import cases_assign
from doorstep.cases.models import Assignment, Case
from doorstep.cases.steps import Step
from doorstep.cli.demo_agreements import offers_make
from doorstep.cli.demo_papers import papers_make
from doorstep.cli.demo_plans import plans_make
from doorstep.cli.demo_signatures import agreements_make
from doorstep.cli.demo_staff import staff_make
from doorstep.cli.demo_visits import visits_make
from doorstep.cycle.models import Run, RunState
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, Refused
from doorstep.portfolio.models import Book, BookState
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role

CASES_EACH = {Role.DESK_AGENT: 120, Role.FIELD_AGENT: 30}
WORK_OF = {
    Role.DESK_AGENT: (Step.CALL, Step.REMIND_AGAIN, Step.VERIFY),
    Role.FIELD_AGENT: (Step.PROPOSE_VISIT,),
}
Told = Callable[[float], None]


def demo_load(*, console: Console, loans: int, seed: int, on: date) -> None:
    """Load the example bank unless it is there. A bank that was begun is finished as begun,
    whatever `loans`, `seed` and `on` say now.

    Raises Refused outside demo mode and in a system that holds a lender's own accounts.
    """
    staff = staff_make()
    begun = _begun(loans=loans, seed=seed, on=on)
    if begun["done"]:
        _today(console, staff)
        return
    _must_be_ours(staff)
    console.print("First start: making up the example bank. This is done once.")
    with _bar(console) as step:
        folders = _deliveries(begun, step)
        for day, folder in folders.items():
            _book(day, folder, staff, step)
            _night(day, staff, step)
        with step("Giving cases to people"):
            _assign(staff)
        with step("Issuing papers and rosters") as told:
            papers_make(staff=staff, at=clock.now(), progress=told)
        with step("Agreeing on visits") as told:
            visits_make(staff=staff, at=clock.now(), progress=told)
        with step("Working out what people can pay") as told:
            offers_make(staff=staff, at=clock.now(), progress=told)
        with step("Signing agreements") as told:
            agreements_make(at=clock.now(), progress=told)
        with step("Keeping and breaking plans") as told:
            plans_make(staff=staff, at=clock.now(), progress=told)
    _note({**begun, "done": True})
    for folder in folders.values():
        shutil.rmtree(folder, ignore_errors=True)
    _today(console, staff)


def _today(console: Console, staff: dict[str, Staff]) -> None:
    """The field day of today; a day that cannot have one never keeps the site from starting."""
    from doorstep.cli.demo_today import today_make

    with _bar(console) as step, step("Planning today's visits"):
        try:
            today_make(staff=staff, at=clock.now())
        except DoorstepError as refused:
            console.print(f"No visits today: {refused.message}")


def _kept() -> Path:
    return Path(settings.HOME) / "example.json"


def _begun(*, loans: int, seed: int, on: date) -> dict[str, Any]:
    """What was begun in this state directory; begins it when nothing was."""
    if _kept().exists():
        known: dict[str, Any] = json.loads(_kept().read_text("utf-8"))
        return known
    fresh = {"loans": loans, "seed": seed, "on": on.isoformat(), "done": False}
    _note(fresh)
    return fresh


def _note(begun: dict[str, Any]) -> None:
    """Written whole or not at all."""
    half = _kept().with_suffix(".half")
    half.write_text(json.dumps(begun), "utf-8")
    half.replace(_kept())


def _must_be_ours(staff: dict[str, Staff]) -> None:
    strangers = Book.objects.exclude(brought_by=staff["analyst"])
    if strangers.exists():
        raise Refused(
            "This system holds books that are not the example bank's.",
            code="NOT_EMPTY",
            hint="Name an empty state directory with DOORSTEP_HOME.",
        )


def _deliveries(begun: dict[str, Any], step: Any) -> dict[date, Path]:
    """The two days' files, made when they are not there or not whole."""
    from doorstep.simulator import delivery
    from doorstep.simulator.bank import bank_make

    on = date.fromisoformat(begun["on"])
    place = Path(settings.HOME) / "example"
    folders = {day: place / day.isoformat() for day in delivery.delivery_days(on)}
    whole = place / "whole"
    if whole.exists():
        return folders
    with step("Making up the bank") as told:
        bank = bank_make(loans=begun["loans"], seed=begun["seed"], on=on)
        for done, day in enumerate(folders, start=1):
            told(done / 3)
            delivery.delivery_write(bank, folder=place, on=day)
        delivery.truth_write(bank, folder=place)
        whole.touch()
    return folders


def _book(day: date, folder: Path, staff: dict[str, Staff], step: Any) -> None:
    """Bring, check, release by a second person, load: up to where it has not got yet."""
    if Book.objects.filter(business_date=day, state=BookState.LOADED).exists():
        return
    from doorstep.portfolio import services

    with step(f"Checking the book of {day}") as told:
        book = services.book_bring(
            files=sorted(folder.glob("*.parquet")),
            mapping=str(folder / "mapping.toml"),
            business_date=day,
            by=staff["analyst"],
            at=clock.now(),
        )
        book = services.book_check(book=book, progress=lambda stage, share: told(share))
    if book.state == BookState.REFUSED:
        raise DoorstepError(f"The example bank was refused: {book.reason}", code="EXAMPLE_REFUSED")
    if book.state == BookState.AWAITING_RELEASE:
        book = services.book_release(book=book, by=staff["approver"], at=clock.now())
    with step(f"Loading the book of {day}") as told:
        services.book_load(book=book, at=clock.now(), progress=lambda stage, share: told(share))


def _night(day: date, staff: dict[str, Staff], step: Any) -> None:
    if Run.objects.filter(business_date=day, state=RunState.DONE).exists():
        return
    from doorstep.cycle.services import night_run

    with step(f"Running the night of {day}"):
        night_run(on=day, by=staff["manager"], at=clock.now())


def _assign(staff: dict[str, Staff]) -> None:
    """Each agent gets the most urgent open work of the own branch; the rest waits for a leader."""
    if Assignment.objects.exists():
        return
    for person in staff.values():
        role = Role(person.role)
        if role not in WORK_OF:
            continue
        free = Case.objects.filter(
            status="open", branch=person.branch_id, assignee=None, step__in=WORK_OF[role]
        ).order_by("-priority", "pk")
        some = list(free.values_list("pk", flat=True)[: CASES_EACH[role]])
        cases_assign(
            cases=Case.objects.filter(pk__in=some), to=person, by=staff["manager"], at=clock.now()
        )


@contextmanager
def _bar(console: Console) -> Iterator[Any]:
    """A line for every step, with a bar where the step tells how far it is."""
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24),
        TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console) as progress:

        @contextmanager
        def step(text: str) -> Iterator[Told]:
            task = progress.add_task(text, total=None)

            def told(share: float) -> None:
                progress.update(task, total=1.0, completed=min(share, 1.0))

            yield told
            progress.update(task, total=1.0, completed=1.0)
            progress.stop_task(task)

        yield step
