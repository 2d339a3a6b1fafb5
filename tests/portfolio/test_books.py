"""A book's way from the lender's files to the tables: by two people, in order, never half."""

from datetime import UTC, date, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from django.db import IntegrityError, transaction

from doorstep.kernel.errors import InputError, Refused
from doorstep.portfolio import loading, services, tasks
from doorstep.portfolio.intake import book as reading
from doorstep.portfolio.models import (
    Book,
    BookState,
    ContactPoint,
    Instalment,
    Loan,
    Payment,
    ThirdPartyNumber,
    VerificationTask,
)
from doorstep.portfolio.selectors import (
    book_last_loaded,
    book_list,
    book_problem_groups,
    book_progress,
)
from doorstep.workforce.models import Staff
from tests.factories import make_staff

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 31, 8, tzinfo=UTC)
FIRST, SECOND = date(2026, 1, 30), date(2026, 1, 31)
LOANS_HEADER = "loan_id,borrower_id,product,currency,principal,balance,opened_on,annual_rate_ppm\n"
LOAN = "L{n},C{n},consumer,CNY,100000,{balance},2025-01-02,120000"


def _files(
    folder: Path,
    *,
    loans: range = range(4),
    balance: int = 50000,
    points: str = "",
    extra: str = "",
) -> list[Path]:
    """A small day in the canonical layout."""
    folder.mkdir(parents=True, exist_ok=True)
    people = "".join(f"C{n},客户{n}\n" for n in range(4))
    texts = {
        "borrowers": "borrower_id,name\n" + people,
        "loans": LOANS_HEADER
        + "".join(LOAN.format(n=n, balance=balance) + "\n" for n in loans),
        "instalments": "loan_id,number,due_on,principal_due\n"
        + "".join(f"L{n},{k},2026-01-{10 + k},1000\n" for n in loans for k in (1, 2)),
        "payments": "payment_id,loan_id,paid_on,amount\n"
        + "".join(f"P{n},L{n},2026-01-05,500\n" for n in loans),
        "contact_points": "borrower_id,kind,value,owner\n"
        + (points or "C0,mobile,15400000017,borrower\n") + extra,
    }  # fmt: skip
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return [folder / f"{name}.csv" for name in texts]


def _checked(files: list[Path], on: date, by: Staff | None = None) -> Book:
    book = services.book_bring(files=files, mapping="canonical", business_date=on, by=by, at=AT)
    return services.book_check(book=book)


def _loaded(files: list[Path], on: date) -> Book:
    book = services.book_release(book=_checked(files, on), by=None, at=AT)
    return services.book_load(book=book, at=AT)


def test_a_day_comes_in_and_stands_in_the_tables(home: Path) -> None:
    book = _loaded(_files(home / "in"), FIRST)
    assert (book.state, book.rows, book.accepted, book.rejected) == ("loaded", 21, 21, 0)
    assert Loan.objects.count() == 4
    assert Instalment.objects.filter(loan="L1").count() == 2
    assert ContactPoint.objects.get().value == "+8615400000017"
    assert Path(book.folder) == home / "books" / f"{FIRST}-{book.pk}"
    assert book_last_loaded() == book


def test_the_same_files_twice_change_nothing(home: Path) -> None:
    files = _files(home / "in")
    first = _loaded(files, FIRST)
    again = services.book_bring(
        files=files, mapping="canonical", business_date=FIRST, by=None, at=AT
    )
    assert again.pk == first.pk
    services.book_load(book=services.book_check(book=again), at=AT)
    assert book_list().count() == 1


def test_an_older_book_after_a_newer_one_is_refused(home: Path) -> None:
    files = _files(home / "in")
    _loaded(files, SECOND)
    with pytest.raises(Refused) as told:
        _checked(files, FIRST)
    assert told.value.code == "OLDER_BOOK"
    with pytest.raises(Refused) as told:
        _checked(_files(home / "in", balance=1), SECOND)
    assert told.value.code == "BOOK_OF_DAY_LOADED"


def test_two_books_waiting_are_loaded_in_order_only(home: Path) -> None:
    early = _checked(_files(home / "a"), FIRST)
    _loaded(_files(home / "b"), SECOND)
    with pytest.raises(Refused):
        services.book_release(book=early, by=None, at=AT)


def test_who_brought_a_book_cannot_release_it(home: Path) -> None:
    one, other = make_staff(username="one"), make_staff(username="other")
    book = _checked(_files(home / "in"), FIRST, by=one)
    for nobody in (one, None):
        with pytest.raises(Refused):
            services.book_release(book=book, by=nobody, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Book.objects.filter(pk=book.pk).update(released_by=one)
    assert services.book_release(book=book, by=other, at=AT).state == BookState.RELEASED


@pytest.mark.parametrize(("kept", "waits"), [(range(2), True), (range(3), False)])
def test_a_book_that_lost_many_accounts_waits_for_a_person(
    home: Path, kept: range, waits: bool
) -> None:
    _loaded(_files(home / "a"), FIRST)
    book = _checked(_files(home / "b", loans=kept), SECOND)
    assert services.needs_person(book) is waits
    assert book.difference["gone"]["loans"] == 4 - len(kept)
    if waits:
        with pytest.raises(Refused):
            services.book_release(book=book, by=None, at=AT)
        book = services.book_release(book=book, by=make_staff(username="one"), at=AT)
        assert services.book_load(book=book, at=AT).state == BookState.LOADED


def test_the_difference_counts_loans_and_their_balances(home: Path) -> None:
    _loaded(_files(home / "a", loans=range(3)), FIRST)
    book = _checked(_files(home / "b", loans=range(1, 4), balance=40000), SECOND)
    assert book.difference["new"] == {"loans": 1, "balance": {"CNY": 40000}}
    assert book.difference["gone"] == {"loans": 1, "balance": {"CNY": 50000}}
    assert book.difference["changed"] == {"loans": 2, "balance": {"CNY": -20000}}
    assert book.difference["previous"] == "2026-01-30"


def test_a_loan_that_is_gone_is_closed_and_its_payments_stay(home: Path) -> None:
    _loaded(_files(home / "a"), FIRST)
    _loaded(_files(home / "b", loans=range(3)), SECOND)
    gone = Loan.objects.get(pk="L3")
    assert (gone.status, gone.balance, gone.instalments.count()) == ("closed", 0, 0)
    assert Payment.objects.filter(loan="L3").count() == 1
    assert Loan.objects.get(pk="L2").status == "active"


def test_a_loan_that_comes_back_is_owed_again(home: Path) -> None:
    _loaded(_files(home / "a"), date(2026, 1, 29))
    _loaded(_files(home / "b", loans=range(3)), FIRST)
    _loaded(_files(home / "c"), SECOND)
    back = Loan.objects.get(pk="L3")
    assert (back.status, back.balance, back.instalments.count()) == ("active", 50000, 2)


def test_other_peoples_numbers_never_become_the_borrowers(home: Path) -> None:
    points = (
        "C0,mobile,15400000017,borrower\nC0,mobile,15400000018,relative\n"
        "C1,mobile,15400000019,borrower\nC1,mobile,15400000019,reference\n"
    )
    _loaded(_files(home / "in", points=points), FIRST)
    states = dict(ContactPoint.objects.values_list("value", "state"))
    assert states == {"+8615400000017": "unverified", "+8615400000019": "third_party"}
    assert ThirdPartyNumber.objects.count() == 2
    task = VerificationTask.objects.get()
    assert (task.borrower_id, task.reason) == ("C1", "third_party")
    _loaded(_files(home / "next", points=points, balance=1), SECOND)
    assert VerificationTask.objects.count() == 1


def test_what_staff_found_stands_against_the_lender(home: Path) -> None:
    one = make_staff(username="one")
    _loaded(_files(home / "a"), FIRST)
    point = ContactPoint.objects.get()
    services.verification_record(contact_point=point, state="wrong", how="no_such", by=one, at=AT)
    points = "C0,mobile,15400000017,borrower\nC1,mobile,15400000018,borrower\n"
    _loaded(_files(home / "b", points=points), SECOND)
    point.refresh_from_db()
    assert (point.state, point.verified_how) == ("wrong", "no_such")
    _loaded(_files(home / "c", points="C2,mobile,15400000016,borrower\n"), date(2026, 2, 1))
    assert set(ContactPoint.objects.values_list("value", flat=True)) == {
        "+8615400000017",
        "+8615400000016",
    }


def test_a_finding_closes_the_open_task(home: Path) -> None:
    points = "C1,mobile,15400000019,borrower\nC1,mobile,15400000019,reference\n"
    _loaded(_files(home / "in", points=points), FIRST)
    one, task = make_staff(username="one"), VerificationTask.objects.get()
    services.verification_record(
        contact_point=task.contact_point, state="verified", how="spoke", by=one, at=AT
    )
    task.refresh_from_db()
    assert (task.closed_at, task.closed_by) == (AT, one)
    with pytest.raises(Refused):
        services.verification_task_close(task=task, by=one, at=AT)


def test_a_file_that_cannot_be_used_makes_the_book_refused_with_its_reason(home: Path) -> None:
    files = _files(home / "in")
    files[1].write_text("loan_id,balance\n", "utf-8")
    book = _checked(files, FIRST)
    assert (book.state, book.problems[0]["code"]) == ("refused", "HEADER_MISSING")
    assert book_problem_groups(book)[0]["level"] == "file"
    corrected = _checked(_files(home / "in"), FIRST)
    assert corrected.state == BookState.AWAITING_RELEASE


def test_rows_that_were_rejected_are_counted_by_kind(home: Path) -> None:
    extra = "C0,mobile,154****0017,borrower\nC9,mobile,15400000018,borrower\n"
    book = _checked(_files(home / "in", extra=extra), FIRST)
    assert (book.rows, book.rejected) == (23, 2)
    assert {group["code"] for group in book_problem_groups(book)} == {
        "PHONE_MASKED",
        "PARENT_MISSING",
    }
    assert [file.rejected for file in book.files.order_by("pk")] == [0, 0, 0, 0, 2]
    assert book.attention == [{"code": "MANY_REJECTED", "rejected": 2, "of": 23}]


def test_a_missing_file_is_named(home: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv"):
        _checked([home / "none.csv"], FIRST)


def test_a_book_sent_back_can_be_brought_again(home: Path) -> None:
    files = _files(home / "in")
    book = _checked(files, FIRST)
    sent = services.book_reject(book=book, by=make_staff(username="one"), at=AT, reason="no")
    assert (sent.state, sent.reason) == ("rejected", "no")
    assert _checked(files, FIRST).pk != book.pk


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (reading, "_write_tables"),
        (reading, "return_rows"),
        (reading, "reconcile"),
        (reading, "_stage_file"),
    ],
)
def test_a_check_that_was_cut_off_is_done_again_with_the_same_result(
    home: Path, module: object, name: str
) -> None:
    files = _files(home / "in")
    book = services.book_bring(
        files=files, mapping="canonical", business_date=FIRST, by=None, at=AT
    )
    with patch.object(module, name, side_effect=Killed), pytest.raises(Killed):
        services.book_check(book=book)
    book.refresh_from_db()
    assert book.state == BookState.CHECKING
    assert not Path(book.folder).exists()
    assert services.book_check(book=book).accepted == 21


@pytest.mark.parametrize("name", ["_remove", "_findings_stand", "_tasks_open"])
def test_a_load_that_was_cut_off_leaves_nothing_and_can_be_done_again(
    home: Path, name: str
) -> None:
    _loaded(_files(home / "a"), FIRST)
    book = services.book_release(
        book=_checked(_files(home / "b", loans=range(3)), SECOND), by=None, at=AT
    )
    with patch.object(loading, name, side_effect=Killed), pytest.raises(Killed):
        services.book_load(book=book, at=AT)
    assert Loan.objects.filter(status="active").count() == 4
    assert book_last_loaded() != book
    services.book_load(book=book, at=AT)
    assert Loan.objects.filter(status="active").count() == 3


def test_a_load_tells_how_far_it_is_while_it_runs(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int]] = []
    note = services.book_progress_note

    def watched(*, book: Book, stage: str, share: float) -> None:
        note(book=book, stage=stage, share=share)
        seen.append(book_progress(book))

    monkeypatch.setattr(services, "book_progress_note", watched)
    monkeypatch.setattr(tasks, "EVERY_SECONDS", 0.0)
    book = _checked(_files(home / "in"), FIRST)
    services.book_release(book=book, by=None, at=AT)
    tasks.load_book.func(book.pk)
    percents = [percent for _stage, percent in seen]
    assert {stage for stage, _percent in seen} == {"load"}
    assert (percents[0], percents[-1]) == (0, 100)
    assert percents == sorted(percents)
    assert len(set(percents)) > 5
    assert book_progress(book) == ("", 0)


def test_a_load_that_stops_leaves_no_progress(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = _checked(_files(home / "in"), FIRST)
    services.book_release(book=book, by=None, at=AT)
    monkeypatch.setattr(services, "tables_load", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tasks.load_book.func(book.pk)
    book.refresh_from_db()
    assert (book.state, book_progress(book)) == (BookState.FAILED, ("", 0))
