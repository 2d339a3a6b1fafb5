"""`doorstep evidence`: checkpoints, exports, their verification, the log's own check, erasure."""

from __future__ import annotations

import getpass
import json
from datetime import datetime
from pathlib import Path

import typer
from rich.console import Console

from doorstep.cli.django import setup
from doorstep.kernel.errors import InputError, Where

app = typer.Typer(no_args_is_help=True, help="What was done, provable later: the evidence log.")
JSON = typer.Option(False, "--json", help="One JSON object a line on standard output.")
BY = typer.Option("", "--by", help="Who asks: a sign-in name; the account of this shell if empty.")


@app.callback()
def evidence() -> None:
    """What was done, provable later: the evidence log."""


@app.command()
def checkpoint(json_: bool = JSON) -> None:
    """Sign the log as it stands and copy every checkpoint that is due to the second place."""
    setup()
    from doorstep.evidence.checkpoints import checkpoint_make, checkpoints_copy, second_place
    from doorstep.kernel import clock

    made = checkpoint_make(at=clock.now())
    copied = checkpoints_copy(at=clock.now())
    if json_:
        print(json.dumps({"size": made.size if made else None, "copied": copied}))
        return
    print(f"Signed over {made.size:,} entries." if made else "Nothing new to sign.")
    print(f"{copied} copied to {second_place()}.")


@app.command()
def export(
    folder: Path = typer.Argument(..., metavar="DIR", help="A new or empty folder."),
    borrower: str = typer.Option("", help="Only this borrower's entries."),
    case: str = typer.Option("", help="Only this case's entries, by its number."),
    agent: str = typer.Option("", help="Only what this member of staff did, by sign-in name."),
    day: datetime | None = typer.Option(None, formats=["%Y-%m-%d"], help="Only this day's."),
    purpose: str = typer.Option("export by command", help="What the export is for; it is logged."),
    by: str = BY,
    json_: bool = JSON,
) -> None:
    """Write entries, proofs and the verifier into a folder. Without a selection: the whole log."""
    setup()
    from django.conf import settings

    from doorstep.evidence.export import export_write
    from doorstep.evidence.selection import Selection
    from doorstep.kernel import clock

    chosen = Selection(borrower, case, agent, day.date() if day else None, settings.TIME_ZONE)
    with Console(stderr=True).status("Exporting") as status:
        done = export_write(
            folder=folder, selection=chosen, by=_asker(by), purpose=purpose, at=clock.now(),
            progress=lambda written, of: status.update(f"Exporting {written:,} of {of:,}"),
        )  # fmt: skip
    row = {"folder": str(folder), "entries": done.entries, "size": done.size, "root": done.root}
    if json_:
        print(json.dumps(row))
    else:
        print(f"{done.entries:,} entries in {folder}, proved by the checkpoint of {done.size:,}.")


@app.command()
def verify(
    folder: Path = typer.Argument(..., metavar="DIR", help="The folder of an export."),
    checkpoint: Path = typer.Option(..., help="A checkpoint from the second place."),
    key: Path | None = typer.Option(None, help="The log's public key, had from elsewhere."),
    json_: bool = JSON,
) -> None:
    """Check an export against a checkpoint. Exit 1 when anything in it was altered."""
    from doorstep.evidence import verify as verifier

    if not folder.is_dir():
        raise InputError("There is no such folder.", where=Where(file=str(folder)))
    try:
        note = checkpoint.read_text("utf-8")
        pinned = verifier.key_read(key.read_text("utf-8")) if key else None
    except (OSError, ValueError, verifier.Altered) as error:
        raise InputError(f"The checkpoint or key cannot be read: {error}") from None
    found = verifier.report(folder, note, pinned)
    if json_:
        print(json.dumps(found))
    else:
        where = f" First at entry {found['first_bad']}." if found["first_bad"] is not None else ""
        print(("Sound: " if found["ok"] else "ALTERED: ") + found["why"] + where)
    raise typer.Exit(0 if found["ok"] else 1)


@app.command()
def check(json_: bool = JSON) -> None:
    """Check the whole log, its checkpoints and copies, and the database. Exit 1 on any finding."""
    setup()
    from doorstep.evidence.checking import self_check
    from doorstep.kernel import clock

    with Console(stderr=True).status("Checking the log"):
        done = self_check(at=clock.now())
    if json_:
        print(json.dumps({"size": done.size, "ok": done.sound, "findings": done.findings}))
    else:
        for finding in done.findings:
            print(f"{finding['code']}: {finding['words']}")
        state = "sound" if done.sound else "NOT SOUND"
        print(f"{done.size:,} entries, {state} ({done.database}; {done.seconds:.1f} s).")
    raise typer.Exit(0 if done.sound else 1)


@app.command()
def erase(
    borrower: str = typer.Argument(..., help="Who is erased, by customer number."),
    ground: str = typer.Option(..., help="request, purpose_over or mistake."),
    by: str = BY,
) -> None:
    """Take away every row about a borrower, and destroy the key to their entries of the log."""
    setup()
    from doorstep.dispatch.erasing import borrower_erase, leftovers_wipe
    from doorstep.kernel import clock

    done = borrower_erase(borrower_id=borrower, ground=ground, by=_asker(by), at=clock.now())
    leftovers_wipe()
    for table, count in sorted(done.rows.items()):
        print(f"{count:>8,}  {table}")
    print("Erased." if done.log_index is None else f"Erased; entry {done.log_index} says so.")


@app.command()
def hold(
    borrower: str = typer.Argument(..., help="Whose records must not be erased."),
    reason: str = typer.Option(..., help="Why; it is kept with the hold."),
    by: str = BY,
) -> None:
    """Place a legal hold: until it is ended, the borrower's records cannot be erased."""
    setup()
    from doorstep.evidence.erasing import legal_hold_place
    from doorstep.kernel import clock

    legal_hold_place(subject=borrower, reason=reason, by=_asker(by), at=clock.now())
    print(f"The records of {borrower} are kept until the hold is ended.")


@app.command()
def unhold(borrower: str = typer.Argument(..., help="Whose holds end."), by: str = BY) -> None:
    """End every legal hold on a borrower's records."""
    setup()
    from doorstep.evidence.erasing import legal_hold_end
    from doorstep.evidence.models import LegalHold
    from doorstep.kernel import clock

    standing = list(LegalHold.objects.filter(subject=borrower, ended_at__isnull=True))
    for each in standing:
        legal_hold_end(hold=each, by=_asker(by), at=clock.now())
    print(f"{len(standing)} ended.")


@app.command()
def rotate(
    drop: bool = typer.Option(False, "--drop", help="Also destroy master keys no longer in use."),
) -> None:
    """Make a new master key and wrap every borrower's key under it."""
    setup()
    from doorstep.evidence.rotation import keys_rotate, masters_drop, subjects_rewrap

    fresh = keys_rotate()
    print(f"{subjects_rewrap():,} keys are now under master key {fresh}.")
    if drop:
        print(f"Destroyed: {', '.join(masters_drop()) or 'none'}.")


@app.command()
def keys(
    file: Path = typer.Argument(..., help="A file that is not there yet."),
    complete: bool = typer.Option(False, "--complete", help="Add what a file from before lacks."),
) -> None:
    """Make the file with the keys of a new installation."""
    from doorstep.evidence.keys import keys_complete, keys_new, keys_write

    if complete:
        print("Added the keys of the door." if keys_complete(file) else "Nothing is missing.")
        return
    if not keys_write(file, keys_new()):
        raise InputError("The file is there already.", where=Where(file=str(file)))
    print(f"Made {file}. Keep a copy where no backup of the database goes.")


@app.command()
def role(name: str = typer.Argument(..., help="A role of PostgreSQL.")) -> None:
    """Print the SQL that lets a role of PostgreSQL append to the log and never alter it."""
    from doorstep.evidence.triggers import role_statements

    for statement in role_statements(name):
        print(statement + ";")


def _asker(by: str) -> str:
    return by or f"shell:{getpass.getuser()}"
