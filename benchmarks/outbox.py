"""Messages a second through the one door: decided, cleared, sent, answered, receipted, in evidence.

    DATABASE_URL=postgresql://... .venv/bin/python benchmarks/outbox.py --messages 10000 --workers 2

Makes borrowers with a loan, a case and a queued reminder each in a fresh test database, starts a
gateway that answers in 20 ms, then the workers, each a process, and takes the time until the last
act is DELIVERED. The gateway, the database and the workers share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DOORSTEP_HOME"] = tempfile.mkdtemp(prefix="doorstep-outbox-")
os.environ["DJANGO_SETTINGS_MODULE"] = "doorstep.settings"

import django

django.setup()

from django.db import connection, connections  # noqa: E402
from tests.servers.faults import Faults  # noqa: E402
from tests.servers.http_gateway import HttpGateway  # noqa: E402

from doorstep.cases.models import Case  # noqa: E402
from doorstep.channels.sms_http import SmsHttp  # noqa: E402
from doorstep.dispatch.gateways import door_make  # noqa: E402
from doorstep.dispatch.keys import number_key, reference_make  # noqa: E402
from doorstep.dispatch.leases import lease_take  # noqa: E402
from doorstep.dispatch.linting import behaviours_of  # noqa: E402
from doorstep.dispatch.models import Act, ActState  # noqa: E402
from doorstep.dispatch.rulebook import rulebook_current  # noqa: E402
from doorstep.dispatch.worker import Sender  # noqa: E402
from doorstep.evidence.models import Leaf  # noqa: E402
from doorstep.kernel.working_days import holiday_until  # noqa: E402
from doorstep.outreach.render import digest_of  # noqa: E402
from doorstep.portfolio.models import Borrower, ContactPoint, Loan  # noqa: E402

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
BEGAN = time.monotonic()
TEXT = "【某银行】尊敬的客户:您尾号{:04}的贷款有1,{:03}.56元应于2026年11月8日归还,详询 95599。"


def clock() -> datetime:
    return AT + timedelta(seconds=time.monotonic() - BEGAN)


def make(messages: int) -> None:
    """Rows for so many messages, set by set."""
    numbers = range(messages)
    ids = [f"B{n:07}" for n in numbers]
    Borrower.objects.bulk_create(
        Borrower(borrower_id=i, name="欧阳小明", birth_date=date(1990, 3, 7)) for i in ids
    )
    Loan.objects.bulk_create(
        Loan(
            loan_id=f"L{i}", borrower_id=i, product="consumer", contract_ref=f"HT-{i}",
            currency="CNY", principal=1_200_000, balance=1_200_000, opened_on=date(2026, 1, 8),
            annual_rate_ppm=120_000,
        )
        for i in ids
    )  # fmt: skip
    points = ContactPoint.objects.bulk_create(
        ContactPoint(borrower_id=i, kind="mobile", value=f"+86199{n:08}", state="verified")
        for n, i in enumerate(ids)
    )
    cases = Case.objects.bulk_create(
        Case(
            borrower_id=i, opened_on=date(2026, 11, 9), business_date=date(2026, 11, 20), dpd=12,
            bucket=1, currency="CNY", due_total=123_456, due_principal=110_000,
            due_interest=12_000, due_penalty=1_456, due_fee=0, loans_overdue=1, step="remind",
            reason="remind", ladder_version="first-1",
        )
        for i in ids
    )  # fmt: skip
    acts = [
        act_of(n, case, point) for n, (case, point) in enumerate(zip(cases, points, strict=True))
    ]
    for act in acts:
        behaviours_of(act)  # as at the proposal, which keeps what the lint found
    Act.objects.bulk_create(acts)


def act_of(number: int, case: Case, point: ContactPoint) -> Act:
    """A queued reminder with a text of its own."""
    text = TEXT.format(number % 10_000, number % 1000)
    return Act(
        reference=reference_make(), kind="message", channel="sms", case=case,
        borrower_id=case.borrower_id, contact_point=point,
        number=number_key(kind="mobile", value=point.value),
        content={"text": text, "subject": "", "html": "", "body": text, "language": "zh-Hans",
                 "kind": "reminder", "tone": "friendly", "reading": "usual"},
        content_sha256=digest_of("sms", "zh-Hans", "", text, ""), contains=["lender"],
        planned_from=AT - timedelta(minutes=1), planned_until=AT + timedelta(hours=3), made_at=AT,
        state_at=AT,
    )  # fmt: skip


def forked(work: object) -> int:
    connections.close_all()
    number = os.fork()
    if number == 0:
        try:
            work()  # type: ignore[operator]
        except BaseException:
            import traceback

            traceback.print_exc()
        os._exit(0)
    return number


def gateway(port: int) -> None:
    async def run() -> None:
        server = await HttpGateway(faults=Faults(answer_seconds=0.02)).start(port)
        await server.serve_forever()

    asyncio.run(run())


def work(port: int, batch: int) -> None:
    door = door_make(clock)
    channel = SmsHttp(door=door, url=f"http://127.0.0.1:{port}", secret="s")
    sender = Sender(
        worker=lease_take(at=clock()).worker, door=door, channels={"sms": channel},
        rulebook=rulebook_current, clock=clock, batch=batch,
    )  # fmt: skip
    waiting = Act.objects.filter(state__in=[ActState.QUEUED, ActState.SENDING, ActState.SENT])
    while waiting.exists():
        if not sender.round():
            time.sleep(0.05)  # the other worker has the rest
    sender.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=10_000)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--batch", type=int, default=400)
    options.add_argument("--port", type=int, default=18_431)
    chosen = options.parse_args()
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    children = []
    try:
        make(chosen.messages)
        rulebook_current().edition(AT.date())
        holiday_until(day=AT.date(), country="CN")
        children.append(forked(lambda: gateway(chosen.port)))
        time.sleep(0.5)
        began = time.monotonic()
        workers = [forked(lambda: work(chosen.port, chosen.batch)) for _ in range(chosen.workers)]
        for number in workers:
            os.waitpid(number, 0)
        seconds = time.monotonic() - began
        spent = os.times()
        cpu = (spent.children_user + spent.children_system) * 1000 / chosen.messages
        delivered = Act.objects.filter(state=ActState.DELIVERED).count()
        print(
            f"{cpu:.2f} ms of the workers' processors a message, {os.getloadavg()[0]:.1f} load\n"
            f"{connection.vendor}: {delivered:,} of {chosen.messages:,} delivered in "
            f"{seconds:.1f} s by {chosen.workers} workers: {delivered / seconds:,.0f} a second; "
            f"{Leaf.objects.count():,} entries in the evidence"
        )
    finally:
        for number in children:
            os.kill(number, signal.SIGKILL)
        connections.close_all()
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()
