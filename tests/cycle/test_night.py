"""The night over the loaded book: what it leaves in the worklist, and what it refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from doorstep.cases.models import Case, Decision, Movement, WorkItem
from doorstep.cycle.models import BucketCount, Run, RunState, TransitionCount
from doorstep.cycle.services import night_run
from doorstep.kernel.errors import InputError, Refused
from doorstep.portfolio.models import Book, BookState, Borrower, ContactPoint, Loan, Verification
from doorstep.protections.models import Hold
from doorstep.workforce.roles import Role
from tests.cycle.books import ON, Rough
from tests.factories import make_branch, make_staff, make_team

pytestmark = pytest.mark.django_db
AT = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)
NEXT = ON + timedelta(days=1)


def lender(days_late: dict[str, int], *, on: date = ON) -> Rough:
    """A lender with one loan a borrower, so many days past due."""
    rough = Rough()
    for name, days in days_late.items():
        rough.borrower(name, branch_code="N1")
        rough.loan(f"L-{name}", name)
        due = on - timedelta(days=days)
        rough.instalment(f"L-{name}", 1, due, principal_due=100_000, interest_due=2_000)
        rough.add(
            "contact_points", borrower_id=name, kind="mobile", value=f"+86{name}", owner="borrower"
        )
        rough.add("addresses", borrower_id=name, kind="home", text=f"{name} 号")
    return rough


def load(rough: Rough, home: Path, *, on: date = ON) -> Book:
    """The book as a load leaves it: the folder, and the rows it hangs on."""
    folder = rough.write(home / "books" / on.isoformat())
    for row in rough.tables["borrowers"]:
        Borrower.objects.update_or_create(
            pk=row["borrower_id"], defaults={"name": row["name"], "branch_code": row["branch_code"]}
        )
    for row in rough.tables["loans"]:
        own = {key: value for key, value in row.items() if key != "loan_id"}
        Loan.objects.update_or_create(pk=row["loan_id"], defaults=own)
    for row in rough.tables["contact_points"]:
        own = {key: row[key] for key in ("borrower_id", "kind", "value")}
        ContactPoint.objects.get_or_create(**own)
    return Book.objects.create(
        business_date=on, state=BookState.LOADED, folder=str(folder), brought_at=AT
    )


def night(rough: Rough, home: Path, *, on: date = ON) -> Run:
    """Load the book and run its night."""
    load(rough, home, on=on)
    return night_run(on=on, by=None, at=AT)


def snapshot_of_database() -> list[Any]:
    """Everything a night writes, with its keys."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Case, Decision, Movement, WorkItem)
    ] + [
        sorted(model.objects.values_list("bucket" if model is BucketCount else "before"))
        for model in (BucketCount, TransitionCount)
    ]


def kinds(on: date) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for movement in Movement.objects.filter(business_date=on):
        found.setdefault(movement.borrower_id, set()).add(movement.kind)
    return found


def test_overdue_borrowers_enter_the_list_with_a_step_and_a_due_day(home: Path) -> None:
    run = night(lender({"late": 5, "later": 95, "fine": 0}), home)
    assert run.state == RunState.DONE
    assert run.decisions_digest
    assert {stage.name for stage in run.stages.all()} == {
        "receive", "plans", "snapshot", "delinquency", "facts", "decisions", "screening",
        "movements", "publish", "reminders",
    }  # fmt: skip
    assert set(Case.objects.values_list("borrower_id", flat=True)) == {"late", "later"}
    case = Case.objects.get(borrower="late")
    assert (case.step, case.reason, case.dpd, case.due_total) == (
        "remind",
        "friendly_first",
        5,
        102_000 + 150,
    )
    assert case.branch_id == "N1"
    assert case.facts["oldest_due_on"] == "2026-03-26"
    item = case.work_items.get()
    assert (item.step, item.opened_on, item.due_on) == ("remind", ON, NEXT)
    assert kinds(ON) == {"late": {"entered"}, "later": {"entered"}}
    assert BucketCount.objects.get(run=run, bucket=0).borrowers == 1


def test_the_same_night_again_changes_nothing(home: Path) -> None:
    night(lender({"late": 5, "later": 95}), home)
    before = snapshot_of_database()
    night_run(on=ON, by=None, at=AT + timedelta(hours=1))
    assert snapshot_of_database() == before


def test_paying_closes_the_case_and_falling_behind_again_opens_another(home: Path) -> None:
    night(lender({"late": 5}), home)
    night(lender({"late": 0}, on=NEXT), home, on=NEXT)
    first = Case.objects.get(borrower="late")
    assert (first.status, first.closed_on, first.last_movement) == ("closed", NEXT, "cured")
    assert first.work_items.get().status == "withdrawn"
    assert kinds(NEXT) == {"late": {"cured"}}
    third = NEXT + timedelta(days=1)
    night(lender({"late": 1}, on=third), home, on=third)
    assert Case.objects.filter(borrower="late").count() == 2
    assert Case.objects.get(borrower="late", status="open").opened_on == third
    assert Decision.objects.filter(borrower="late").count() == 2


def test_movements_say_what_changed(home: Path) -> None:
    first = lender({"worse": 30, "better": 95, "held": 10, "released": 10, "same": 40})
    first.add("protections", borrower_id="released", kind="dispute", starts_on=ON, ends_on=ON)
    night(first, home)
    second = lender({"worse": 31, "better": 40, "held": 11, "released": 11, "same": 41}, on=NEXT)
    second.add("protections", borrower_id="held", kind="complaint", starts_on=NEXT)
    second.add("protections", borrower_id="released", kind="dispute", starts_on=ON, ends_on=ON)
    run = night(second, home, on=NEXT)
    moved = kinds(NEXT)
    assert moved["worse"] >= {"worse"}
    assert moved["better"] >= {"better"}
    assert moved["held"] == {"held", "step"}
    assert moved["released"] == {"released", "step"}
    assert "same" not in moved
    held = Case.objects.get(borrower="held")
    assert (held.step, held.hold_kind, held.hold_until) == ("none", "complaint", None)
    assert not held.work_items.filter(status="open").exists()
    worse = Movement.objects.get(borrower="worse", business_date=NEXT, kind="worse")
    assert (worse.before, worse.after) == ("1", "2")
    cell = TransitionCount.objects.get(run=run, before=1, after=2)
    assert (cell.loans, cell.balance) == (1, 800_000)


def test_who_a_case_belongs_to_survives_the_next_night(home: Path) -> None:
    night(lender({"late": 5}), home)
    team = make_team(branch=make_branch(code="N1"))
    agent = make_staff(Role.DESK_AGENT, team=team)
    Case.objects.update(assignee=agent, team=team)
    night(lender({"late": 6}, on=NEXT), home, on=NEXT)
    case = Case.objects.get()
    assert (case.assignee, case.team, case.dpd) == (agent, team, 6)
    assert Decision.objects.count() == 1, "the same decision is not written twice"


def test_a_number_staff_found_wrong_is_not_used_tonight(home: Path) -> None:
    rough = lender({"late": 5})
    rough.tables["addresses"].clear()
    load(rough, home)
    point = ContactPoint.objects.get(borrower="late")
    point.state = "wrong"
    point.save()
    Verification.objects.create(contact_point=point, state="wrong", how="call", at=AT)
    night_run(on=ON, by=None, at=AT)
    assert Case.objects.get().step == "verify"


def test_a_hold_by_staff_is_seen_and_an_ended_one_is_not(home: Path) -> None:
    load(lender({"kept": 5, "ended": 5}), home)
    for borrower, ended in (("kept", None), ("ended", AT)):
        Hold.objects.create(
            borrower_id=borrower, kind="hardship", starts_on=ON, source="staff",
            placed_at=AT, ended_at=ended,
        )  # fmt: skip
    night_run(on=ON, by=None, at=AT)
    assert Case.objects.get(borrower="kept").hold_kind == "hardship"
    assert Case.objects.get(borrower="ended").hold_kind == ""


def test_an_older_night_cannot_overwrite_a_newer_one(home: Path) -> None:
    load(lender({"late": 4}), home)
    night(lender({"late": 5}, on=NEXT), home, on=NEXT)
    with pytest.raises(Refused, match="2026-04-01"):
        night_run(on=ON, by=None, at=AT)
    assert Case.objects.get().business_date == NEXT


def test_a_night_needs_a_loaded_book_and_permission(home: Path) -> None:
    with pytest.raises(Refused) as refused:
        night_run(on=ON, by=None, at=AT)
    assert refused.value.code == "NO_BOOK"
    load(lender({"late": 4}), home)
    with pytest.raises(Refused) as refused:
        night_run(on=ON, by=make_staff(Role.DESK_AGENT), at=AT)
    assert refused.value.code == "NOT_PERMITTED"
    assert not Run.objects.exists()


def test_the_lenders_own_parameters_hold_until_a_book_brings_others(home: Path) -> None:
    (home / "policy.toml").write_text("grace_days = 10\n", "utf-8")
    run = night(lender({"B1": 5, "B2": 11}), home)
    assert run.policy["grace_days"] == 10
    assert dict(Case.objects.values_list("borrower_id", "reason"))["B1"] == "in_grace"
    assert Case.objects.get(borrower="B2").reason != "in_grace"

    book = load(lender({"B1": 6, "B2": 12}, on=NEXT), home, on=NEXT)
    (Path(book.folder) / "policy.toml").write_text("grace_days = 0\n", "utf-8")
    night_run(on=NEXT, by=None, at=AT)
    assert Case.objects.get(borrower="B1").reason != "in_grace"


def test_a_misspelt_parameter_stops_the_night_by_name(home: Path) -> None:
    (home / "policy.toml").write_text("grace_day = 10\n", "utf-8")
    with pytest.raises(InputError, match="grace_day"):
        night(lender({"B1": 5}), home)
    assert not Case.objects.exists()


def test_two_nights_never_run_at_once(home: Path) -> None:
    load(lender({"late": 4}), home)
    refused = []

    def meanwhile(stage: str, result: object) -> None:
        if stage == "facts" and result is None:
            with pytest.raises(Refused) as second:
                night_run(on=ON, by=None, at=AT)
            refused.append(second.value.code)

    night_run(on=ON, by=None, at=AT, progress=meanwhile)
    assert refused == ["NIGHT_RUNNING"]
    assert Run.objects.get().state == RunState.DONE


def test_a_failed_night_says_why_and_leaves_the_list_alone(home: Path) -> None:
    book = load(lender({"late": 4}), home)
    (Path(book.folder) / "loans.parquet").write_bytes(b"not parquet")
    with pytest.raises(InputError):
        night_run(on=ON, by=None, at=AT)
    run = Run.objects.get()
    assert run.state == RunState.FAILED
    assert "loans.parquet" in run.error
    assert not Case.objects.exists()
