"""Many rows at once: inserted, changed where they differ, never half."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.transaction import TransactionManagementError

from doorstep.portfolio.bulk import (
    delete_rows,
    references_checked_at_the_end,
    upsert_query,
    upsert_rows,
)
from doorstep.portfolio.models import Book, Borrower, ContactPoint

pytestmark = pytest.mark.django_db

COLUMNS = ("borrower_id", "name", "language", "time_zone", "birth_date")


def _write(*rows: tuple[object, ...], update: tuple[str, ...] = ("name",)) -> int:
    with transaction.atomic():
        return upsert_rows(
            model=Borrower, columns=COLUMNS, rows=rows, key=("borrower_id",), update=update
        )


def test_new_rows_are_inserted_and_known_rows_changed() -> None:
    _write(("1", "张三", "en", "Asia/Shanghai", None), ("2", "李四", "en", "Asia/Shanghai", None))
    changed = _write(
        ("1", "张三丰", "en", "Asia/Shanghai", None), ("3", "王五", "en", "Asia/Shanghai", None)
    )
    assert changed == 2
    assert list(Borrower.objects.order_by("borrower_id").values_list("name", flat=True)) == [
        "张三丰",
        "李四",
        "王五",
    ]


def test_rows_that_do_not_differ_are_not_written() -> None:
    row = ("1", "张三", "en", "Asia/Shanghai", date(1990, 1, 2))
    assert _write(row) == 1
    assert _write(row) == 0


def test_without_update_columns_known_rows_are_left_alone() -> None:
    _write(("1", "张三", "en", "Asia/Shanghai", None))
    assert _write(("1", "别人", "en", "Asia/Shanghai", None), update=()) == 0
    assert Borrower.objects.get(pk="1").name == "张三"


def test_arrow_batches_are_taken_by_column_name() -> None:
    batch = pa.RecordBatch.from_pydict(
        {
            "name": ["张三"],
            "borrower_id": ["1"],
            "language": ["en"],
            "time_zone": ["UTC"],
            "birth_date": pa.array([date(1990, 1, 2)], pa.date32()),
        }
    )
    with transaction.atomic():
        upsert_rows(
            model=Borrower, columns=COLUMNS, rows=[batch], key=("borrower_id",), update=("name",)
        )
    assert Borrower.objects.get(pk="1").birth_date == date(1990, 1, 2)


def test_instants_and_json_read_back_as_they_were_written() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    columns = (
        "id", "business_date", "state", "digest", "folder", "rows", "accepted", "rejected",
        "totals", "problems", "attention", "difference", "brought_at", "reason",
    )  # fmt: skip
    row: tuple[object, ...] = (
        1, at.date(), "checking", "", "", 0, 0, 0, {"元": 1}, [], [], {}, at, "",
    )  # fmt: skip
    texts = (2, at.date(), "checking", "", "", 0, 0, 0, '{"元":1}', "[]", "[]", "{}", at, "")
    batch = pa.RecordBatch.from_pylist([dict(zip(columns, texts, strict=True))])
    with transaction.atomic():
        upsert_rows(model=Book, columns=columns, rows=[row, batch], key=("id",), update=("totals",))
    for book in Book.objects.all():
        assert (book.brought_at, book.totals, book.problems) == (at, {"元": 1}, [])
    assert Book.objects.count() == 2


def test_a_refused_row_leaves_nothing_behind() -> None:
    with pytest.raises(IntegrityError):
        _write(("1", "张三", "en", "Asia/Shanghai", None), ("2", None, "en", "Asia/Shanghai", None))
    assert Borrower.objects.count() == 0


def test_outside_a_transaction_nothing_is_written(transactional_db: None) -> None:
    with pytest.raises(TransactionManagementError):
        upsert_rows(model=Borrower, columns=COLUMNS, rows=[], key=("borrower_id",), update=())


def test_rows_are_deleted_by_a_key_of_several_columns() -> None:
    _write(("1", "张三", "en", "Asia/Shanghai", None))
    for value in ("+8613800000001", "+8613800000002"):
        ContactPoint.objects.create(borrower_id="1", kind="mobile", value=value)
    with transaction.atomic():
        gone = delete_rows(
            model=ContactPoint,
            key=("borrower_id", "kind", "value"),
            rows=[("1", "mobile", "+8613800000001"), ("1", "mobile", "+8613899999999")],
        )
    assert gone == 1
    assert ContactPoint.objects.get().value == "+8613800000002"


@pytest.mark.django_db(transaction=True)
def test_references_checked_at_the_end_hold_or_nothing_is_written() -> None:
    def write(borrower: str) -> None:
        with references_checked_at_the_end([Borrower, ContactPoint]):
            columns = ("borrower_id", "kind", "value", "state")
            upsert_rows(
                model=ContactPoint, columns=columns, key=columns[:3], update=(),
                rows=[(borrower, "mobile", "+8616912345678", "unverified")],
            )  # fmt: skip
            upsert_rows(
                model=Borrower, columns=("borrower_id", "name", "language", "time_zone"),
                key=("borrower_id",), update=(), rows=[("B1", "王", "zh-Hans", "Asia/Shanghai")],
            )  # fmt: skip

    with pytest.raises(IntegrityError):
        write("nobody")
    assert not ContactPoint.objects.exists()
    assert not Borrower.objects.exists()
    write("B1")
    assert ContactPoint.objects.get().borrower_id == "B1"
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactPoint.objects.update(borrower_id="nobody")


def test_rows_of_a_query_are_inserted_and_known_ones_left_alone() -> None:
    _write(("1", "张三", "en", "Asia/Shanghai", None), ("2", "李四", "en", "Asia/Shanghai", None))
    columns = ("borrower_id", "kind", "value", "state")
    named = Borrower.objects.exclude(name="").values_list(
        "pk", Value("email"), "name", Value("unverified")
    )

    def points() -> int:
        with transaction.atomic():
            return upsert_query(
                query=named, model=ContactPoint, columns=columns, key=columns[:3], update=()
            )

    assert (points(), points()) == (2, 0)
    assert set(ContactPoint.objects.values_list("value", flat=True)) == {"张三", "李四"}
