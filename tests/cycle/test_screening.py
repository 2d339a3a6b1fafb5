"""What the night says of a step is what the guard says by day; and what it holds back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from doorstep.cases.models import Case, WorkItem
from doorstep.cases.screening import is_held_back
from doorstep.cases.worklist import Filter, worklist
from doorstep.cycle.book import book_open
from doorstep.cycle.engine import engine_open
from doorstep.cycle.models import Run
from doorstep.cycle.plans import plan_of
from doorstep.cycle.same_day import case_decide_again
from doorstep.cycle.screening import screened as screen_steps
from doorstep.cycle.services import night_run
from doorstep.cycle.step_acts import rules_against, steps_screened
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.guard.decide import NO_PERMISSION
from doorstep.portfolio.models import Address, Borrower, ContactPoint
from doorstep.protections.services import (
    News,
    hardship_record,
    preference_record,
    representative_record,
    stop_request_record,
    vulnerability_record,
)
from doorstep.workforce.roles import Role
from tests.cycle.books import ON, Rough, rows_of, run_rough
from tests.cycle.test_night import lender, load
from tests.factories import make_staff
from tests.protections.making import news

AT = datetime(2026, 3, 31, 18, 0, tzinfo=UTC)  # two in the morning of the first of April
DAY = date(2026, 4, 1)
DAYS = (3, 5, 20, 40, 75, 100, 130)


def sent(rough: Rough, borrower: str, at: datetime, channel: str = "sms") -> None:
    number = len(rough.tables.get("contacts", []))
    rough.add(
        "contacts", contact_id=f"C{number}", borrower_id=borrower, at=at, channel=channel,
        result="delivered",
    )  # fmt: skip


def quirks() -> Rough:
    """Borrowers of every step, each with something that a rule looks at."""
    rough = lender({f"{kind}{days}": days for kind in "abcdef" for days in DAYS})
    for days in DAYS:
        rough.loan(f"M-d{days}", f"d{days}")
        for back in range(3):
            sent(rough, f"b{days}", AT - timedelta(days=back + 1))
        sent(rough, f"c{days}", AT - timedelta(days=3), channel="visit")
        sent(rough, f"c{days}", AT - timedelta(days=3), channel="letter")
        rough.add(
            "promises", promise_id=f"P{days}", borrower_id=f"d{days}", loan_id=f"M-d{days}",
            made_on=ON, due_on=ON + timedelta(days=4), amount=5_000,
        )  # fmt: skip
    for row in rough.tables["loans"]:
        row["contract_ref"] = None if row["borrower_id"].startswith("e") else "HT-1"
        row["product"] = "credit_card" if row["borrower_id"].startswith("a") else "consumer"
    for row in rough.tables["contact_points"]:
        row["state"] = "stale" if row["borrower_id"].startswith("f") else "verified"
    return rough


def loaded(home: Path) -> None:
    """Such a book, its rows in the database as a load leaves them."""
    rough = quirks()
    load(rough, home)
    for row in rough.tables["contact_points"]:
        ContactPoint.objects.filter(borrower=row["borrower_id"]).update(state=row["state"])
    for row in rough.tables["addresses"]:
        Address.objects.create(
            borrower_id=row["borrower_id"], kind=row["kind"], text=row["text"], state="unverified"
        )


@pytest.fixture
def done(home: Path, db: None) -> Run:
    """A night over such a book."""
    loaded(home)
    return night_run(on=ON, by=None, at=AT)


def protect() -> None:
    """What people asked for or are owed, recorded the day before the night."""

    def from_(borrower: str) -> News:
        return news(Borrower.objects.get(pk=borrower), at=AT - timedelta(days=1))

    hours: dict[str, Any] = {"from_time": time(9), "to_time": time(12), "subject": "hours"}
    for days in (3, 40, 75):
        stop_request_record(news=from_(f"a{days}"), scope="channel", channel="sms")
        preference_record(news=from_(f"b{days}"), stance="refuses", **hours)
        preference_record(news=from_(f"c{days}"), stance="prefers", **hours)
        preference_record(news=from_(f"f{days}"), stance="allows", **hours)
    stop_request_record(news=from_("a5"))
    representative_record(
        news=from_("b5"), role="lawyer", name="某律师", document="委托书", instead=True
    )
    representative_record(news=from_("b20"), role="family", name="某人", document="委托书")
    vulnerability_record(news=from_("c5"), cause="age", handling=["daytime_only", "no_visits"])
    vulnerability_record(news=from_("c20"), cause="age", handling=["ask_first"])
    hardship_record(news=from_("d3"))


def screened(run: Run) -> dict[str, dict[str, Any]]:
    rows = rows_of(Path(run.folder) / "screening.parquet")
    return {row["borrower_id"]: row for row in rows}


STEPS = ("remind", "call", "letter", "propose_visit")


def screened_with(run: Run, steps: dict[str, str], **how: int) -> dict[str, dict[str, Any]]:
    """The screening of the run's book as if the ladder had decided these steps."""
    folder, plan = Path(run.folder), plan_of(run)
    with engine_open(threads=2, memory_mib=208, spill=folder / "spill") as engine:
        decided = pq.read_table(folder / "decisions.parquet", columns=["borrower_id", "due_total"])
        rows = [
            row | {"step": steps.get(row["borrower_id"], "none")} for row in decided.to_pylist()
        ]
        table = engine.arrow(pa.Table.from_pylist(rows), "decided_otherwise")
        book = book_open(folder / "book")
        said = screen_steps(engine, book, table, plan=plan, rulebook=rulebook_current(), **how)
        return {row["borrower_id"]: row for row in engine.rows(said)}


def test_protections_mean_at_night_what_they_mean_by_day(home: Path, db: None) -> None:
    loaded(home)
    protect()
    done = night_run(on=ON, by=None, at=AT)
    for first in range(len(STEPS)):
        compare(done, first)
    rows = screened_with(done, {"b40": "call", "a5": "remind"})
    assert rows["b40"]["open_from"].astimezone(plan_of(done).at.tzinfo).hour == 12
    assert rows["a5"]["outcome"] == "ask"


def test_by_day_the_caps_left_are_those_of_the_night(done: Run) -> None:
    case = Case.objects.get(borrower="a5")
    told = case.caps_left
    case_decide_again(case=case, at=plan_of(done).at)
    case.refresh_from_db()
    assert case.caps_left == told
    assert WorkItem.objects.filter(case=case, status="open").exists()


def test_a_wait_beyond_the_day_holds_back_and_one_within_it_does_not() -> None:
    case = Case(screened="not_before", screened_from=AT)
    assert is_held_back(case, until=AT)
    assert not is_held_back(case, until=AT + timedelta(minutes=1))
    assert is_held_back(Case(screened="forbid"), until=AT)
    assert not is_held_back(Case(screened="permit", screened_from=AT), until=AT)


def test_each_row_of_the_night_is_the_verdict_of_the_guard(done: Run) -> None:
    rows = compare(done, 0)
    assert {row["kind"] for row in rows.values()} == {"message", "call", "letter", "visit"}
    assert len({row["outcome"] for row in rows.values()}) >= 4


def compare(done: Run, first: int) -> dict[str, dict[str, Any]]:
    """The guard's verdicts beside the rows, the steps dealt out in turn from one on."""
    plan = plan_of(done)
    assert plan.day == DAY
    cases = list(Case.objects.filter(status="open").exclude(screened="").order_by("borrower_id"))
    for number, case in enumerate(cases):
        case.step = STEPS[(first + number) % len(STEPS)]
    steps = {case.borrower_id: case.step for case in cases}
    rows = screened_with(done, steps)
    assert screened_with(done, steps, few=0) == rows
    verdicts = steps_screened(cases=cases, at=plan.at, rulebook=rulebook_current())
    by_borrower = {case.borrower_id: verdicts[case.pk] for case in cases if case.pk in verdicts}
    assert by_borrower.keys() == rows.keys()
    for borrower, verdict in by_borrower.items():
        row = rows[borrower]
        assert row["outcome"] == str(verdict.outcome), (borrower, row, verdict.as_dict())
        named = {*row["rules"], NO_PERMISSION}  # the night names it only where nothing else stands
        assert named == {*rules_against(verdict), NO_PERMISSION}, (borrower, row)
        if verdict.not_before is not None:
            assert row["open_from"] == verdict.not_before, (borrower, row)
    return rows


def test_a_step_that_a_rule_holds_back_waits_without_a_work_item(done: Run) -> None:
    rows = screened(done)
    for case in Case.objects.filter(status="open").exclude(screened=""):
        row = rows[case.borrower_id]
        assert (case.screened, case.screened_rules) == (row["outcome"], row["rules"])
        assert case.screened_from == row["open_from"]
        assert case.caps_left["message"] == row["message_left"]
        has_item = WorkItem.objects.filter(case=case, status="open").exists()
        assert has_item is row["chosen"], (case.borrower_id, row)
    held = {borrower for borrower, row in rows.items() if not row["chosen"]}
    assert "e5" in held
    assert "a5" not in held


def test_caps_left_and_the_moment_are_told(done: Run) -> None:
    rows = screened(done)
    assert rows["a5"]["message_left"] == 1
    full = screened_with(done, {"b20": "remind"})["b20"]
    assert (full["message_left"], full["rules"]) == (0, ["HOUSE-MESSAGE-WEEK"])
    assert full["open_from"].date() > DAY
    assert rows["a5"]["open_from"].astimezone(plan_of(done).at.tzinfo).date() == DAY
    assert rows["e5"]["rules"] == ["NO-PERMISSION"]
    assert rows["e5"]["open_from"] is None


def test_the_list_shows_what_can_be_done_what_is_held_back_and_what_asks(done: Run) -> None:
    staff = make_staff(role=Role.COLLECTIONS_MANAGER)
    found = {
        name: set(
            worklist(Filter(screened=name), staff=staff, night=ON).values_list(
                "borrower_id", flat=True
            )
        )
        for name in ("can", "held", "ask")
    }
    assert "a5" in found["can"]
    assert "e5" in found["held"]
    assert "f5" in found["ask"]


def test_without_a_database_the_planned_day_is_the_day_after_the_book(tmp_path: Path) -> None:
    out = run_rough(quirks(), tmp_path)
    rows = {row["borrower_id"]: row for row in rows_of(out / "screening.parquet")}
    assert rows["a5"]["outcome"] == "permit"
    assert rows["a5"]["chosen"]
    assert rows["a5"]["open_from"].date() == DAY
    assert [row["borrower_id"] for row in rows_of(out / "screening.parquet")] == sorted(rows)


def test_a_borrower_under_age_is_left_alone(tmp_path: Path) -> None:
    rough = quirks()
    for row in rough.tables["borrowers"]:
        row["birth_date"] = date(2008, 4, 2) if row["borrower_id"] == "a5" else date(2008, 4, 1)
    rows = {r["borrower_id"]: r for r in rows_of(run_rough(rough, tmp_path) / "screening.parquet")}
    assert rows["a5"]["rules"] == ["HOUSE-MINOR"]
    assert rows["a5"]["outcome"] == "forbid"
    assert rows["a3"]["outcome"] == "permit"
