"""Recording from the case file what was found about a number or an address."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from doorstep.cases.models import Case
from doorstep.portfolio.models import Verification
from doorstep.workforce.roles import Role
from tests.factories import (
    make_address,
    make_borrower,
    make_case,
    make_contact_point,
    make_staff,
    make_verification_task,
)

pytestmark = pytest.mark.django_db


def record(case: Case, role: Role = Role.DESK_AGENT, **form: str) -> int:
    staff = make_staff(role)
    Case.objects.filter(pk=case.pk).update(assignee=staff)
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff)
    return client.post(reverse("office:case_finding", args=[case.pk]), form).status_code


def test_a_wrong_number_is_marked_and_its_task_closed() -> None:
    case = make_case()
    point = make_contact_point(borrower=case.borrower, state="unverified")
    task = make_verification_task(borrower=case.borrower, contact_point=point)
    assert record(case, subject=f"point-{point.pk}", finding="no_such") == 302
    point.refresh_from_db()
    task.refresh_from_db()
    assert (point.state, point.verified_how) == ("wrong", "no_such")
    assert task.closed_at is not None
    assert Verification.objects.get().by is not None


def test_an_address_is_verified_on_the_spot() -> None:
    case = make_case()
    place = make_address(borrower=case.borrower)
    record(case, role=Role.FIELD_AGENT, subject=f"address-{place.pk}", finding="on_the_spot")
    place.refresh_from_db()
    assert place.state == "verified"


def test_a_number_of_another_borrower_is_out_of_reach() -> None:
    case, other = make_case(), make_contact_point(borrower=make_borrower())
    assert record(case, subject=f"point-{other.pk}", finding="no_such") == 404
    assert not Verification.objects.exists()


@pytest.mark.parametrize("subject", ["", "point-", "point-x", "person-1", "point-" + "9" * 30])
def test_a_subject_that_does_not_exist_is_not_found(subject: str) -> None:
    assert record(make_case(), subject=subject, finding="no_such") == 404


def test_without_a_finding_nothing_is_recorded() -> None:
    case = make_case()
    point = make_contact_point(borrower=case.borrower)
    assert record(case, subject=f"point-{point.pk}", finding="gut_feeling") == 302
    assert not Verification.objects.exists()


def test_who_may_not_verify_cannot_record() -> None:
    case = make_case()
    point = make_contact_point(borrower=case.borrower)
    subject = f"point-{point.pk}"
    assert record(case, role=Role.ANALYST, subject=subject, finding="no_such") == 403
