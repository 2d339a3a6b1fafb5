"""Small, plain makers of rows for tests: sensible defaults, keyword-only, one row (or list) each.

Identity numbers carry a wrong check digit and phone numbers come from ranges that nobody was
assigned, so that no made-up person can be a real one.
"""

from __future__ import annotations

import hashlib
import itertools
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from doorstep.agreements.models import Promise
from doorstep.cases.models import (
    Assignment,
    Case,
    Contact,
    Decision,
    Export,
    Movement,
    Note,
    SavedView,
    WorkItem,
)
from doorstep.cycle.models import Run
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.outreach.models import TemplateVersion
from doorstep.outreach.services import template_write
from doorstep.outreach.shelf import shipped_template
from doorstep.outreach.template import Text
from doorstep.portfolio.models import (
    Address,
    Book,
    BookState,
    Borrower,
    ContactPoint,
    Employer,
    ExternalFlag,
    Instalment,
    Loan,
    Payment,
    ThirdPartyNumber,
    VerificationTask,
)
from doorstep.protections.models import Hold, LateNews
from doorstep.protections.services import News, complaint_open, dispute_open, hardship_record
from doorstep.rules.models import RuleChange
from doorstep.workforce.models import Branch, MachineKey, Staff, Team
from doorstep.workforce.roles import Role

ON = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
LADDER = "first-1"
REASON = "remind"
FACTS: dict[str, Any] = {
    "dpd": 12, "bucket": 1, "currency": "CNY", "due_total": 123_456, "due_principal": 110_000,
    "due_interest": 12_000, "due_fee": 0, "due_penalty": 1_456, "loans_overdue": 1,
    "loans_held": 0, "currencies": 1, "instalments_overdue": 1, "oldest_due_on": "2026-11-08",
    "late_12m": 2, "paid_late_12m": 1, "material": True, "in_grace": False, "hold_kind": None,
    "hold_until": None, "promises_broken_12m": 0, "usable_points": 1, "usable_phones": 1,
    "usable_addresses": 1, "messages": 0, "calls": 0, "calls_answered": 0, "letters": 0,
    "visits": 0, "visits_answered": 0, "inbound": 0, "days_since_contact": None,
}  # fmt: skip
_numbers = itertools.count(1)


def make_branch(*, code: str | None = None, name: str | None = None) -> Branch:
    """A branch of the lender; the same code gives the same branch."""
    code = code or f"B{next(_numbers):03}"
    return Branch.objects.get_or_create(code=code, defaults={"name": name or f"分行{code}"})[0]


def make_team(*, branch: Branch | None = None, name: str | None = None) -> Team:
    """A team of a branch."""
    return Team.objects.create(branch=branch or make_branch(), name=name or f"小组{next(_numbers)}")


def make_staff(
    role: Role = Role.DESK_AGENT,
    *,
    branch: Branch | None = None,
    team: Team | None = None,
    username: str | None = None,
    display_name: str | None = None,
    password: str | None = None,
    language: str = "",
    is_active: bool = True,
) -> Staff:
    """An account. Without `password` nobody can sign in with one: use `client.force_login`."""
    number = next(_numbers)
    staff = Staff(
        username=username or f"{role.value}{number}",
        display_name=display_name or f"{role.value.replace('_', ' ').title()} {number}",
        role=role.value,
        branch=branch or (team.branch if team else None),
        team=team,
        language=language,
        is_active=is_active,
    )
    staff.set_password(password)
    staff.save()
    return staff


def make_employer(*, employer_id: str | None = None, name: str = "星河纺织有限公司") -> Employer:
    """Where a borrower works."""
    return Employer.objects.create(employer_id=employer_id or f"E{next(_numbers):05}", name=name)


def make_borrower(
    *,
    borrower_id: str | None = None,
    name: str = "欧阳小明",
    id_number: str = "110101199003070009",
    branch: Branch | None = None,
    **fields: Any,
) -> Borrower:
    """A borrower whose identity number has a wrong check digit on purpose."""
    return Borrower.objects.create(
        borrower_id=borrower_id or f"C{next(_numbers):06}",
        name=name,
        id_kind="cn_ric",
        id_number=id_number,
        birth_date=fields.pop("birth_date", date(1990, 3, 7)),
        branch_code=branch.code if branch else fields.pop("branch_code", None),
        **fields,
    )


def make_contact_point(
    *,
    borrower: Borrower,
    kind: str = "mobile",
    value: str | None = None,
    state: str = "verified",
    **fields: Any,
) -> ContactPoint:
    """A number of the borrower's own."""
    return ContactPoint.objects.create(
        borrower=borrower,
        kind=kind,
        value=value or f"+86199000{next(_numbers):05}",
        state=state,
        **fields,
    )


def make_third_party_number(
    *, borrower: Borrower, owner: str = "relative", owner_name: str = "欧阳大海"
) -> ThirdPartyNumber:
    """A number of somebody else, which must never be used to reach the borrower."""
    return ThirdPartyNumber.objects.create(
        borrower=borrower,
        kind="mobile",
        value=f"+86199111{next(_numbers):05}",
        owner=owner,
        owner_name=owner_name,
    )


def make_address(
    *,
    borrower: Borrower,
    kind: str = "home",
    text: str = "云川市松林区桃源路12号3单元401室",
    **fields: Any,
) -> Address:
    """An address in the made-up city."""
    return Address.objects.create(borrower=borrower, kind=kind, text=text, **fields)


def make_verification_task(
    *, borrower: Borrower, contact_point: ContactPoint | None = None, reason: str = "unverified"
) -> VerificationTask:
    """An open task to confirm something."""
    return VerificationTask.objects.create(
        borrower=borrower, contact_point=contact_point, reason=reason, opened_at=AT
    )


def make_loan(
    *,
    borrower: Borrower,
    loan_id: str | None = None,
    currency: str = "CNY",
    principal: int = 1_200_000,
    annual_rate_ppm: int = 120_000,
    **fields: Any,
) -> Loan:
    """A loan of 12,000.00 at 12 % a year, without instalments (see `make_instalments`)."""
    return Loan.objects.create(
        loan_id=loan_id or f"L{next(_numbers):06}",
        borrower=borrower,
        product=fields.pop("product", "consumer"),
        contract_ref=fields.pop("contract_ref", "HT-2026-001"),
        currency=currency,
        principal=principal,
        balance=fields.pop("balance", principal),
        opened_on=fields.pop("opened_on", date(2026, 1, 8)),
        annual_rate_ppm=annual_rate_ppm,
        **fields,
    )


def make_instalments(
    *,
    loan: Loan,
    count: int = 12,
    first_due_on: date = date(2026, 2, 8),
    paid: int = 9,
    principal_due: int = 100_000,
    interest_due: int = 10_000,
    **fields: Any,
) -> list[Instalment]:
    """`count` instalments, 30 days apart, the first `paid` of them settled on their due day."""
    rows = []
    for index in range(count):
        due_on = first_due_on + timedelta(days=30 * index)
        settled = index < paid
        rows.append(
            Instalment(
                loan=loan,
                number=index + 1,
                due_on=due_on,
                principal_due=principal_due,
                interest_due=interest_due,
                principal_paid=principal_due if settled else 0,
                interest_paid=interest_due if settled else 0,
                settled_on=due_on if settled else None,
                **fields,
            )
        )
    return Instalment.objects.bulk_create(rows)


def make_payment(
    *, loan: Loan, paid_on: date = ON - timedelta(days=40), amount: int = 110_000, **fields: Any
) -> Payment:
    """Money that came in."""
    return Payment.objects.create(
        payment_id=f"P{next(_numbers):06}", loan=loan, paid_on=paid_on, amount=amount, **fields
    )


def make_case(
    *,
    borrower: Borrower | None = None,
    branch: Branch | None = None,
    team: Team | None = None,
    assignee: Staff | None = None,
    step: str = "remind",
    **fields: Any,
) -> Case:
    """An open case, 12 days past due with 1,234.56 due, decided by the night of `ON`."""
    branch = branch or (team.branch if team else None)
    values: dict[str, Any] = {
        "opened_on": ON - timedelta(days=11),
        "business_date": ON,
        "dpd": 12,
        "bucket": 1,
        "currency": "CNY",
        "due_total": 123_456,
        "due_principal": 110_000,
        "due_interest": 12_000,
        "due_penalty": 1_456,
        "due_fee": 0,
        "loans_overdue": 1,
        "reason": REASON,
        "ladder_version": LADDER,
        "facts": dict(FACTS),
        "priority": 500,
        "last_movement": "worse",
    } | fields
    return Case.objects.create(
        borrower=borrower or make_borrower(branch=branch),
        branch=branch,
        team=team,
        assignee=assignee,
        step=step,
        **values,
    )


def make_cases(*, count: int, **fields: Any) -> list[Case]:
    """`count` cases alike, each with its own borrower."""
    return [make_case(**fields) for _ in range(count)]


def make_decision(
    *, borrower: Borrower, business_date: date = ON, step: str = "remind", **fields: Any
) -> Decision:
    """What a night decided."""
    return Decision.objects.create(
        borrower=borrower,
        business_date=business_date,
        step=step,
        reason=fields.pop("reason", REASON),
        ladder_version=LADDER,
        facts=fields.pop("facts", dict(FACTS)),
        **fields,
    )


def make_movement(
    *, borrower: Borrower, business_date: date = ON, kind: str = "entered", **fields: Any
) -> Movement:
    """Something changed between two nights."""
    return Movement.objects.create(
        borrower=borrower, business_date=business_date, kind=kind, **fields
    )


def make_work_item(*, case: Case, step: str | None = None, **fields: Any) -> WorkItem:
    """A step that waits for somebody, due in two days."""
    return WorkItem.objects.create(
        case=case,
        step=step or case.step,
        opened_on=fields.pop("opened_on", ON),
        due_on=fields.pop("due_on", ON + timedelta(days=2)),
        **fields,
    )


def make_note(*, case: Case, by: Staff, text: str = "Asked to be called after six.") -> Note:
    """A note on a case."""
    return Note.objects.create(case=case, by=by, text=text, at=AT)


def make_assignment(*, case: Case, by: Staff, assignee: Staff | None = None) -> Assignment:
    """The record of a case given to somebody."""
    return Assignment.objects.create(case=case, assignee=assignee, by=by, at=AT)


def make_contact(*, borrower: Borrower, at: datetime = AT, **fields: Any) -> Contact:
    """An attempt to reach the borrower."""
    return Contact.objects.create(
        contact_id=f"K{next(_numbers):06}",
        borrower=borrower,
        at=at,
        channel=fields.pop("channel", "call"),
        result=fields.pop("result", "no_answer"),
        **fields,
    )


def make_hold(
    *, borrower: Borrower, kind: str = "dispute", source: str = "lender", **fields: Any
) -> Hold:
    """A reason to leave the borrower alone, from three days ago, without an end."""
    return Hold.objects.create(
        borrower=borrower,
        kind=kind,
        source=source,
        starts_on=fields.pop("starts_on", ON - timedelta(days=3)),
        placed_at=fields.pop("placed_at", AT),
        **fields,
    )


def make_protections(*, borrower: Borrower, loan: Loan) -> dict[str, int]:
    """One of everything somebody must act on: the keys of a complaint, a dispute, a hardship and of
    a message that should not have been sent."""

    def told(kind: str, *, came_at: datetime = AT) -> News:
        reference = f"{kind}:{next(_numbers)}"
        return News(borrower=borrower, reference=reference, at=AT, received_at=came_at)

    make_contact(borrower=borrower, at=AT - timedelta(hours=1), channel="sms", result="sent")
    dispute = dispute_open(news=told("dispute", came_at=AT - timedelta(days=1)), loan=loan)
    complaint = complaint_open(news=told("complaint"), words="你们打得太多了")
    return {
        "complaint": complaint.pk,
        "dispute": dispute.pk,
        "hardship": hardship_record(news=told("hardship")).pk,
        "late": LateNews.objects.get(reference=dispute.reference).pk,
    }


def make_promise(*, borrower: Borrower, state: str = "running", **fields: Any) -> Promise:
    """A promise to pay 500.00 in five days."""
    return Promise.objects.create(
        promise_id=f"PR{next(_numbers):05}",
        borrower=borrower,
        kind=fields.pop("kind", "promise"),
        made_on=fields.pop("made_on", ON - timedelta(days=2)),
        due_on=fields.pop("due_on", ON + timedelta(days=5)),
        amount=fields.pop("amount", 50_000),
        state=state,
        **fields,
    )


def make_flag(*, borrower: Borrower, kind: str = "court_listing", **fields: Any) -> ExternalFlag:
    """What an outside source says."""
    return ExternalFlag.objects.create(borrower=borrower, kind=kind, **fields)


def make_saved_view(*, staff: Staff, name: str = "My calls", query: str = "step=call") -> SavedView:
    """A filter of the worklist that somebody keeps."""
    return SavedView.objects.create(staff=staff, name=name, query=query)


def make_machine_key(*, name: str = "Bank", permission: str = "take_payments") -> MachineKey:
    """The key of another system; nobody knows it."""
    made = {"made_by": make_staff(Role.ADMINISTRATOR), "made_at": AT}
    digest = hashlib.sha256(f"{name}{next(_numbers)}".encode()).hexdigest()
    return MachineKey.objects.create(name=name, digest=digest, permission=permission, **made)


def make_export(*, staff: Staff, **fields: Any) -> Export:
    """A list somebody asked for as a file; the file itself is not made."""
    return Export.objects.create(staff=staff, **({"at": AT, "query": ""} | fields))


def make_book(
    *,
    business_date: date = ON,
    state: str = BookState.LOADED,
    folder: Path | str = "",
    **fields: Any,
) -> Book:
    """A book of a day, without files."""
    return Book.objects.create(
        business_date=business_date, state=state, folder=str(folder), brought_at=AT, **fields
    )


def make_run(*, business_date: date = ON, book: Book | None = None, **fields: Any) -> Run:
    """A finished night."""
    return Run.objects.create(
        business_date=business_date,
        book=book or make_book(business_date=business_date),
        state=fields.pop("state", "done"),
        started_at=AT,
        finished_at=fields.pop("finished_at", AT + timedelta(minutes=1)),
        folder=fields.pop("folder", ""),
        **fields,
    )


def make_evidence(*, case: Case | None = None, count: int = 1, agent: str = "") -> range:
    """Decisions about a case on the evidence log."""
    verdict = {
        "outcome": "forbid",
        "reasons": [
            {"rule": "CN-CBA-QUIET", "zh": "夜间不联系。", "en": "Not at night.", "source": "指引"}
        ],
    }
    entry = Entry(
        kind="decision",
        subject=case.borrower_id if case else "",
        case=str(case.pk) if case else "",
        agent=agent,
        body={"channel": "sms", "verdict": verdict, "content_sha256": "0" * 64},
    )
    return evidence_append(entries=[entry] * count, at=AT)


def make_rule_change(*, by: Staff, rule: str = "CN-GBT-VOICE-3", **fields: Any) -> RuleChange:
    """A change of a rule that waits for its second person."""
    values: dict[str, Any] = {
        "rule": rule, "pack": "cn", "values": {"most": "2"}, "values_before": {"most": "3"},
        "source": "A circular", "note": "From July on", "effective_at": AT + timedelta(days=30),
        "proposed_by": by, "proposed_at": AT, **fields,
    }  # fmt: skip
    return RuleChange.objects.create(**values)


def make_template_version(
    *,
    by: Staff,
    key: str = "reminder_friendly_sms",
    texts: dict[str, Text] | None = None,
    **fields: Any,
) -> TemplateVersion:
    """The lender's own version of a text that ships, a draft by `by`, its words as they ship."""
    base = shipped_template(key)
    version = template_write(base=base, texts=texts or dict(base.texts), by=by, at=AT)
    for name, value in fields.items():
        setattr(version, name, value)
    version.save()
    return version
