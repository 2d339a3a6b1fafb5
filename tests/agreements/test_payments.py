"""Payments taken in: once, to whom they belong, for what they were meant, and back again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from doorstep.agreements.matching import Incoming
from doorstep.agreements.models import (
    Agreement,
    PaymentAllocation,
    PaymentFile,
    PaymentIn,
    PaymentShare,
    PlanInstalment,
    Promise,
)
from doorstep.agreements.payment_file import Told
from doorstep.agreements.services.payments import (
    payment_doubt_clear,
    payment_file_bring,
    payment_file_take,
    payment_match,
    payment_reverse,
    payment_set_aside,
    payments_take,
)
from doorstep.kernel.errors import InputError, Refused
from doorstep.workforce.roles import Role
from tests.agreements.plans import make_agreement
from tests.factories import (
    AT,
    ON,
    make_borrower,
    make_case,
    make_instalments,
    make_loan,
    make_promise,
    make_staff,
    make_work_item,
)

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=1)
DAY = ON + timedelta(days=1)


def told(reference, amount, words="", *, on=DAY, line=0, reverses="", payer=""):
    payment = Incoming(reference, amount, "CNY", on, words, payer)
    return Told(line, payment, "转账", reverses)


def take(*rows, at=LATER):
    return payments_take(rows=list(rows), at=at)


def overdue_case():
    """A case of one loan with 1,100.00 overdue (100.00 of it interest)."""
    borrower = make_borrower()
    loan = make_loan(borrower=borrower)
    make_instalments(loan=loan, count=10, paid=9)
    case = make_case(
        borrower=borrower, due_total=110_000, due_principal=100_000, due_interest=10_000,
        due_penalty=0, due_fee=0,
    )  # fmt: skip
    return case, loan


def test_money_pays_the_oldest_instalment_of_the_plan_and_the_rest_stays_open():
    agreement = make_agreement()
    loan = agreement.offer.loans.get()

    take(told("R1", 60_000, loan.pk))

    first = agreement.instalments.get(number=1)
    assert (first.interest_paid, first.principal_paid, first.outstanding) == (6_000, 54_000, 26_000)
    assert first.settled_on is None
    payment = PaymentIn.objects.get()
    assert (payment.state, payment.how, payment.loan_id) == ("matched", "reference", loan.pk)


def test_money_under_the_number_of_a_replaced_agreement_pays_the_one_that_runs():
    old = make_agreement()
    Agreement.objects.filter(pk=old.pk).update(state="replaced", ended_at=AT)
    new = make_agreement(case=old.case, loans=list(old.offer.loans.all()))

    take(told("R1", 86_000, old.number))

    assert new.instalments.get(number=1).settled_on == DAY
    assert old.instalments.get(number=1).outstanding == 86_000


def test_the_same_payment_told_twice_is_taken_in_once():
    agreement = make_agreement()
    row = told("R1", 86_000, agreement.number)

    assert take(row).matched == 1
    again = take(row, row)

    assert (again.accepted, again.repeated) == (0, 2)
    assert PaymentIn.objects.count() == PaymentAllocation.objects.count() == 1
    assert agreement.instalments.get(number=1).settled_on == DAY


def test_a_second_payment_alike_pays_ahead_and_is_looked_at_by_a_person():
    agreement = make_agreement()
    take(told("R1", 86_000, agreement.number), told("R2", 86_000, agreement.number))

    assert [row.outstanding for row in agreement.instalments.all()] == [0, 0, 86_000]
    second = PaymentIn.objects.get(reference="R2")
    assert second.doubt == "double"

    payment_doubt_clear(
        payment=second, why="两个月一起还", by=make_staff(Role.TEAM_LEADER), at=LATER
    )
    second.refresh_from_db()
    assert second.doubt == ""


def test_the_case_shows_at_once_what_is_left_and_nobody_has_to_ask_any_more():
    case, loan = overdue_case()
    item = make_work_item(case=case)

    take(told("R1", 30_000, loan.pk))
    case.refresh_from_db()
    assert (case.due_total, case.due_interest, case.due_principal) == (80_000, 0, 80_000)

    take(told("R2", 90_000, loan.pk))
    case.refresh_from_db()
    item.refresh_from_db()
    assert case.due_total == 0
    assert item.status == "withdrawn"
    assert PaymentAllocation.objects.get(payment__reference="R2").ahead == 10_000


def test_money_that_the_last_book_knows_of_does_not_count_twice():
    case, loan = overdue_case()

    take(told("R1", 30_000, loan.pk, on=ON))

    case.refresh_from_db()
    assert case.due_total == 110_000
    assert PaymentAllocation.objects.get().ahead == 30_000


def test_a_promise_is_kept_the_moment_its_money_is_there():
    case, loan = overdue_case()
    promise = make_promise(borrower=case.borrower, loan=loan, amount=50_000)

    take(told("R1", 20_000, loan.pk))
    promise.refresh_from_db()
    assert (promise.paid_amount, promise.state) == (20_000, "running")

    take(told("R2", 30_000, loan.pk))
    promise.refresh_from_db()
    assert (promise.paid_amount, promise.state) == (50_000, "kept")


def test_without_words_amount_and_day_find_the_instalment():
    agreement = make_agreement()

    take(told("R1", 86_000, on=ON + timedelta(days=9)))

    assert agreement.instalments.get(number=1).settled_on == ON + timedelta(days=9)
    assert PaymentIn.objects.get().how == "amount_and_day"


def test_what_fits_nobody_waits_and_a_person_says_whose_it_is():
    agreement = make_agreement()
    loan = agreement.offer.loans.get()
    leader = make_staff(Role.TEAM_LEADER)
    take(told("R1", 12_345))
    payment = PaymentIn.objects.get()
    assert (payment.state, payment.why) == ("unmatched", "nothing_fits")

    with pytest.raises(InputError):
        payment_match(payment=payment, loan=loan, why=" ", by=leader, at=LATER)
    with pytest.raises(Refused):
        payment_match(
            payment=payment, loan=loan, why="x", by=make_staff(Role.FIELD_AGENT), at=LATER
        )
    payment_match(payment=payment, loan=loan, why="客户来电确认", by=leader, at=LATER)

    assert agreement.instalments.get(number=1).outstanding == 86_000 - 12_345
    with pytest.raises(Refused):
        payment_match(payment=payment, loan=loan, why="again", by=leader, at=LATER)


def test_money_that_is_nobodys_here_is_set_aside_with_a_reason():
    take(told("R1", 12_345))
    payment = PaymentIn.objects.get()

    payment_set_aside(
        payment=payment, why="他行误汇,已退回", by=make_staff(Role.TEAM_LEADER), at=LATER
    )

    payment.refresh_from_db()
    assert (payment.state, payment.loan_id) == ("returned", None)


def test_a_payment_taken_back_opens_everything_it_had_paid():
    agreement = make_agreement(dues=[(ON + timedelta(days=10), 86_000)])
    loan = agreement.offer.loans.get()
    take(told("R1", 86_000, loan.pk))
    agreement.refresh_from_db()
    assert agreement.state == "kept"

    take(told("R9", 86_000, reverses="R1"))

    agreement.refresh_from_db()
    row = agreement.instalments.get()
    assert (agreement.state, row.outstanding, row.settled_on) == ("in_force", 86_000, None)
    assert PaymentIn.objects.get(reference="R1").state == "reversed"
    assert sum(share.amount for share in PaymentShare.objects.all()) == 0
    assert sum(each.amount for each in PaymentAllocation.objects.all()) == 0


def test_a_charge_back_by_hand_raises_the_case_again():
    case, loan = overdue_case()
    take(told("R1", 110_000, loan.pk))
    leader = make_staff(Role.TEAM_LEADER)
    payment = PaymentIn.objects.get()

    payment_reverse(payment=payment, why="银行退票", by=leader, at=LATER)

    case.refresh_from_db()
    assert (case.due_total, case.due_interest) == (110_000, 10_000)
    with pytest.raises(Refused):
        payment_reverse(payment=payment, why="again", by=leader, at=LATER)


def test_a_reversal_of_what_is_not_there_is_refused_and_told():
    from doorstep.agreements.payment_file import PaymentRows

    found = PaymentRows()
    row = told("R9", 100, reverses="R1", line=7)
    taken = payments_take(rows=[row], found=found, at=LATER)

    assert (taken.accepted, taken.rejected) == (0, 1)
    assert found.problems[0]["code"] == "PAYMENT_UNKNOWN"
    assert found.problems[0]["line"] == 7


FILE = """流水号,到账日,金额,附言,付款人
A1,2026-11-21,"1,100.00",{loan} 还款,欧阳小明
A2,2026-11-21,abc,,
A3,2026-11-21,77.00,,王五
A1,2026-11-21,"1,100.00",{loan} 还款,欧阳小明
A4,2027-11-21,5.00,,
"""


def test_a_file_is_taken_in_as_a_whole_once_and_every_bad_row_is_explained(tmp_path, settings):
    settings.HOME = str(tmp_path / "home")
    case, loan = overdue_case()
    path = tmp_path / "p.csv"
    path.write_text(FILE.format(loan=loan.pk), "utf-8")
    leader = make_staff(Role.TEAM_LEADER)

    file = payment_file_bring(path=path, name="p.csv", by=leader, at=LATER)
    file = payment_file_take(file=file, at=LATER)

    assert (file.rows, file.accepted, file.rejected, file.repeated) == (5, 2, 2, 1)
    assert file.matched == 1
    assert [(p["line"], p["code"]) for p in file.problems] == [
        (3, "AMOUNT_NOT_NUMBER"), (6, "DATE_FAR"),
    ]  # fmt: skip
    case.refresh_from_db()
    assert case.due_total == 0
    same = payment_file_bring(path=path, name="again.csv", by=leader, at=LATER)
    assert payment_file_take(file=same, at=LATER).pk == file.pk
    assert PaymentFile.objects.count() == 1


def test_a_file_that_is_none_is_refused_with_the_reason(tmp_path, settings):
    settings.HOME = str(tmp_path / "home")
    path = tmp_path / "p.csv"
    path.write_text("a,b\n1,2\n", "utf-8")

    file = payment_file_bring(path=path, name="p.csv", by=make_staff(Role.TEAM_LEADER), at=LATER)
    file = payment_file_take(file=file, at=LATER)

    assert file.state == "refused"
    assert "reference" in file.reason


def test_a_plan_over_two_loans_is_paid_through_either():
    case = make_case(borrower=make_borrower())
    loans = [make_loan(borrower=case.borrower), make_loan(borrower=case.borrower)]
    agreement = make_agreement(case=case, loans=loans)

    take(told("R1", 50_000, loans[0].pk), told("R2", 50_000, loans[1].pk))

    assert [row.outstanding for row in agreement.instalments.all()] == [0, 72_000, 86_000]


def test_taking_in_a_file_asks_the_database_as_often_for_many_as_for_few(
    django_assert_max_num_queries,
):
    agreements = [make_agreement() for _ in range(12)]
    rows = [told(f"R{n}", 60_000, each.number) for n, each in enumerate(agreements)]

    with django_assert_max_num_queries(70):
        take(*rows)
    assert PlanInstalment.objects.filter(interest_paid=6_000).count() == 12


def test_a_promise_of_the_lenders_keeps_its_money_when_the_book_comes_again():
    from doorstep.agreements.services.crediting import promises_follow_payments

    case, loan = overdue_case()
    promise = make_promise(borrower=case.borrower, loan=loan, amount=50_000)
    take(told("R1", 20_000, loan.pk))

    Promise.objects.filter(pk=promise.pk).update(paid_amount=0)  # the book says so again
    promises_follow_payments(on=ON)
    promise.refresh_from_db()
    assert promise.paid_amount == 20_000

    Promise.objects.filter(pk=promise.pk).update(paid_amount=20_000)  # a book that knows of it
    promises_follow_payments(on=date(2026, 11, 21))
    promise.refresh_from_db()
    assert promise.paid_amount == 20_000
