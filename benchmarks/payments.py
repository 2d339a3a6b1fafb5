"""Payments matched, and plans watched in a night.

    .venv/bin/python benchmarks/payments.py --payments 100000 --plans 50000
    DATABASE_URL=postgresql://... .venv/bin/python benchmarks/payments.py

Makes borrowers with a loan, a case and, for half of them, a plan in force of twelve instalments in
a fresh database (SQLite in a new folder, or a test database on PostgreSQL); then watches every plan
as the night does, and takes a file of payments in (CSV: one in five names nothing and is found by
amount and day) with everything they change. Prints seconds, seconds of our processor, rows a second
and, for the payments, the ratio to a bound measured in the same run: reading the file with the csv
module and putting as many rows of two columns into a table without any rule. Seconds move with the
load of the machine, the ratio less so.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

HOME = tempfile.mkdtemp(prefix="doorstep-payments-")
os.environ["DOORSTEP_HOME"] = HOME
os.environ["DJANGO_SETTINGS_MODULE"] = "doorstep.settings"

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import JSONField, Model  # noqa: E402

from doorstep.agreements.models import (  # noqa: E402
    Agreement,
    Offer,
    PaymentAllocation,
    PaymentIn,
    PlanInstalment,
    PlanWatch,
)
from doorstep.agreements.services.payments import (  # noqa: E402
    payment_file_bring,
    payment_file_take,
)
from doorstep.agreements.services.plans import plans_watch  # noqa: E402
from doorstep.cases.models import Case  # noqa: E402
from doorstep.kernel.rows import rows_insert  # noqa: E402
from doorstep.portfolio.models import Borrower, Instalment, Loan  # noqa: E402
from doorstep.workforce.models import Staff  # noqa: E402
from doorstep.workforce.roles import Role  # noqa: E402

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ON = date(2026, 11, 19)
DUE = date(2026, 11, 21)
AT_ONCE = 50_000
PARTS = 12
Vary = Mapping[str, Callable[[int], Any]]


@contextmanager
def timed(what: str) -> Iterator[dict[str, float]]:
    """Print how long the block took, on the clock and of the processor; both are in the dict."""
    found: dict[str, float] = {}
    began, used = time.perf_counter(), _processor()
    yield found
    found["seconds"], found["processor"] = time.perf_counter() - began, _processor() - used
    print(f"{what}: {found['seconds']:.2f} s, processor {found['processor']:.2f} s", flush=True)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def fill(like: Model, count: int, vary: Vary) -> None:
    """So many rows like one, some of their columns by their number (from 0)."""
    fields = like._meta.concrete_fields
    same = [
        json.dumps(value) if isinstance(field, JSONField) else field.get_prep_value(value)
        for field, value in ((field, field.value_from_object(like)) for field in fields)
    ]
    columns = [str(field.column) for field in fields]
    places = [(columns.index(name), of) for name, of in vary.items()]
    for first in range(0, count, AT_ONCE):
        rows = []
        for number in range(first, min(first + AT_ONCE, count)):
            row = list(same)
            for place, of in places:
                row[place] = of(number)
            rows.append(row)
        put(like._meta.db_table, columns, rows)


def put(table: str, columns: list[str], rows: list[list[Any]]) -> None:
    """Insert rows in one go."""
    with closing(connection.connection.cursor()) as cursor:
        rows_insert(cursor=cursor, table=table, columns=columns, rows=rows)


def amount_of(n: int) -> int:
    """An instalment that few others share."""
    return 50_000 + n


def make(borrowers: int, plans: int) -> Staff:
    """Borrowers, each with a loan overdue by 1,000.00 and a case; `plans` of them with a plan."""
    staff = Staff.objects.create(username="b", display_name="B", role=Role.COLLECTIONS_MANAGER)
    fill(Borrower(name="某客户"), borrowers, {"borrower_id": "C{:07}".format})
    loan = Loan(
        product="consumer", currency="CNY", principal=10**6, balance=10**6,
        opened_on=date(2026, 1, 1), annual_rate_ppm=100_000,
    )  # fmt: skip
    named = {
        "loan_id": "L{:07}".format,
        "borrower_id": "C{:07}".format,
        "contract_ref": "HT{:07}".format,
    }
    fill(loan, borrowers, named)
    due = Instalment(
        number=1, due_on=date(2026, 11, 1), principal_due=90_000, interest_due=10_000
    )  # fmt: skip
    fill(due, borrowers, {"id": _next, "loan_id": "L{:07}".format})
    case = Case(
        opened_on=ON, business_date=ON, dpd=18, bucket=1, currency="CNY", due_total=100_000,
        due_principal=90_000, due_interest=10_000, due_penalty=0, due_fee=0, loans_overdue=1,
        step="remind", reason="remind", ladder_version="first-1",
    )  # fmt: skip
    fill(case, borrowers, {"id": _next, "borrower_id": "C{:07}".format})
    make_plans(staff, plans)
    return staff


def _next(number: int) -> int:
    return number + 1


def make_plans(staff: Staff, plans: int) -> None:
    """A plan in force of twelve instalments for each of the first cases."""
    offer = Offer(
        kind="instalments", proposed_by="lender", state="approved", maker=staff, made_at=AT,
        counted_on=ON, currency="CNY", terms={}, snapshot={}, reason_code="job_loss", months=PARTS,
        first_on=DUE, last_on=DUE, instalment_minor=1, owed_minor=1, total_minor=1,
        contract_minor=1, level="standard", submitted_at=AT, decided_at=AT, valid_until=DUE,
    )  # fmt: skip
    fill(offer, plans, {"id": _next, "case_id": _next, "borrower_id": "C{:07}".format})
    through = Offer.loans.through()
    fill(through, plans, {"id": _next, "offer_id": _next, "loan_id": "L{:07}".format})
    agreement = Agreement(
        version=1, code="A", language="zh-Hans", state="in_force", sha256="0", summary=[],
        contains=[], approvals=["x"], needed=[], drafted_by=staff, drafted_at=AT, in_force_at=AT,
    )  # fmt: skip
    numbered = {"id": _next, "case_id": _next, "offer_id": _next, "number": "XY{:07}".format}
    fill(agreement, plans, numbered)
    of_plan: Vary = {
        "id": _next,
        "agreement_id": lambda n: n // PARTS + 1,
        "number": lambda n: n % PARTS + 1,
        "due_on": lambda n: DUE + timedelta(days=30 * (n % PARTS)),
        "principal_due": lambda n: amount_of(n // PARTS),
        "principal_outstanding": lambda n: amount_of(n // PARTS),
    }
    fill(PlanInstalment(), plans * PARTS, of_plan)


def bound(path: Path) -> float:
    """Seconds to read the file and put as many rows into a table without rules."""
    began = time.perf_counter()
    with path.open(encoding="utf-8", newline="") as file:
        rows = [[row[0], row[2]] for row in csv.reader(file)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bound_rows (reference text, amount text)")
        put("bound_rows", ["reference", "amount"], rows)
        cursor.execute("DROP TABLE bound_rows")
    return time.perf_counter() - began


def written(payments: int, plans: int) -> Path:
    """The file of payments: by contract number, loan number or nothing at all."""
    path = Path(HOME) / "payments.csv"
    with path.open("w", encoding="utf-8") as out:
        out.write("流水号,到账日,金额,附言\n")
        for n in range(payments):
            words = ("", f"还款 HT{n:07}", f"L{n:07}", f"HT{n:07}", f"C{n:07}")[n % 5]
            minor = amount_of(n) if n < plans else 70_000
            out.write(f"R{n:08},2026-11-20,{minor // 100}.{minor % 100:02},{words}\n")
    return path


def watch(plans: int) -> None:
    """The night's part: when every plan is new, again, and a month later with all of them missed
    once."""
    for label, later in (("every plan new", 0), ("the same again", 0), ("a month later", 31)):
        with timed(f"{plans} plans watched ({label})"), transaction.atomic():
            counts = plans_watch(on=ON + timedelta(days=later), at=AT).counts()
            if later:
                transaction.set_rollback(True)
        print(f"    {counts}")


def take(path: Path, staff: Staff) -> None:
    """The file of payments taken in, beside its bound."""
    least = bound(path)
    with timed("payments taken in") as found:
        file = payment_file_bring(path=path, name="payments.csv", by=staff, at=AT)
        file = payment_file_take(file=file, at=AT)
    assert file.matched == PaymentAllocation.objects.count(), file.reason
    unmatched = PaymentIn.objects.filter(state="unmatched").count()
    settled = PlanInstalment.objects.filter(settled_on__isnull=False).count()
    ratio = found["seconds"] / least
    print(
        f"    {file.rows} rows, {file.rows / found['seconds']:,.0f} a second, {file.matched}"
        f" matched, {unmatched} not; {settled} instalments settled;"
        f" {ratio:.1f} times the bound of {least:.2f} s"
    )


def main() -> None:
    """Make, watch, take in; print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payments", type=int, default=100_000)
    parser.add_argument("--plans", type=int, default=50_000)
    asked = parser.parse_args()
    if connection.vendor == "sqlite":
        call_command("migrate", verbosity=0)
    else:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    with timed(f"made in {connection.vendor}"), transaction.atomic():
        staff = make(asked.payments, asked.plans)
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    watch(asked.plans)
    assert PlanWatch.objects.count() == asked.plans
    take(written(asked.payments, asked.plans), staff)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"most memory {most} MiB")


if __name__ == "__main__":
    main()
