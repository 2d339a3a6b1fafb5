"""The case file: what it shows, what stays masked, and what can be done from it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.cases.models import Case, Note
from doorstep.cases.services import LOOKS_AN_HOUR
from doorstep.kernel import clock
from doorstep.protections.models import Hold
from doorstep.visits.models import AppointmentStep
from doorstep.visits.services.risk import risk_assess
from doorstep.workforce.models import PersonalDataAccess, Staff
from doorstep.workforce.roles import Role
from tests.factories import (
    AT,
    ON,
    make_address,
    make_assignment,
    make_borrower,
    make_case,
    make_contact,
    make_contact_point,
    make_decision,
    make_employer,
    make_flag,
    make_hold,
    make_instalments,
    make_loan,
    make_movement,
    make_note,
    make_payment,
    make_promise,
    make_run,
    make_staff,
    make_team,
    make_third_party_number,
    make_work_item,
)
from tests.visits.appointments import make_appointment

pytestmark = pytest.mark.django_db
SECRETS = (
    "欧阳小明", "110101199003070009", "+8619900012345", "19900012345", "xiaoming@example.com",
    "桃源路12号", "+8619911154321", "欧阳大海", "1990-03-07",
)  # fmt: skip


def client_of(staff: Staff) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff)
    return client


@pytest.fixture
def manager() -> Client:
    return client_of(make_staff(Role.COLLECTIONS_MANAGER))


@pytest.fixture
def full_case() -> Case:
    """A case with something in every corner."""
    borrower = make_borrower(name="欧阳小明", employer=make_employer())
    case = make_case(borrower=borrower)
    point = make_contact_point(borrower=borrower, value="+8619900012345")
    make_contact_point(borrower=borrower, kind="email", value="xiaoming@example.com")
    make_address(borrower=borrower)
    number = make_third_party_number(borrower=borrower)
    type(number).objects.update(value="+8619911154321")
    loan = make_loan(borrower=borrower)
    make_instalments(loan=loan)
    make_payment(loan=loan)
    staff = make_staff(Role.DESK_AGENT)
    make_note(case=case, by=staff)
    make_assignment(case=case, by=staff, assignee=staff)
    make_contact(borrower=borrower)
    make_decision(borrower=borrower)
    make_movement(borrower=borrower, kind="step", before="remind", after="call")
    make_movement(borrower=borrower, kind="worse", before="1", after="7")
    make_hold(borrower=borrower, note="Says the March bill is wrong.")
    make_promise(borrower=borrower)
    make_flag(borrower=borrower)
    make_work_item(case=case)
    assert point.pk
    return case


def test_the_file_shows_who_how_much_why_and_everything_that_happened(
    manager: Client, full_case: Case
) -> None:
    text = manager.get(reverse("office:case", args=[full_case.pk])).content.decode()
    for words in (
        "欧***", "¥1,1", "Send a reminder with the amount and how to pay.",
        "2 instalments late in the last 12 months", "Asked to be called after six.", "no answer",
        "Payment: CN¥1,100.00", "Hold placed: Dispute", "Says the March bill is wrong.",
        "Next step changed", "Friendly reminder → Call", "M1 → M7+", "Assigned to",
        "星河纺织有限公司", "court_listing", "Other people's numbers", "CN¥500.00 by",
    ):  # fmt: skip
        assert words in text, words


def test_nothing_personal_leaves_the_server_unasked(manager: Client, full_case: Case) -> None:
    pages = [
        manager.get(reverse(name, args=[full_case.pk])).content.decode()
        for name in ("office:case", "office:bill")
    ]
    pages.append(manager.get(reverse("office:worklist")).content.decode())
    for text in pages:
        for secret in SECRETS:
            assert secret not in text


@pytest.mark.parametrize(
    ("what", "seen"),
    [
        ("contact", ("欧阳小明", "+8619900012345", "xiaoming@example.com", "桃源路12号")),
        ("identity", ("欧阳小明", "110101199003070009", "1990-03-07")),
        ("third_party", ("+8619911154321", "欧阳大海")),
    ],
)
def test_a_look_shows_what_was_asked_for_once_and_is_on_record(
    manager: Client, full_case: Case, what: str, seen: tuple[str, ...]
) -> None:
    address = reverse("office:case_unmask", args=[full_case.pk])
    answer = manager.post(address, {"what": what, "purpose": "Call back on the complaint"})
    text = answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    for secret in SECRETS:
        assert (secret in text) == (secret in " ".join(seen))
    record = PersonalDataAccess.objects.get()
    assert (record.what, record.borrower_id) == (what, full_case.borrower_id)
    again = manager.get(reverse("office:case", args=[full_case.pk])).content.decode()
    assert "欧阳小明" not in again
    assert "Call back on the complaint" in again


@pytest.mark.parametrize(
    "form",
    [
        {"what": "contact", "purpose": ""},
        {"what": "contact", "purpose": "  a  "},
        {"what": "everything", "purpose": "Call back"},
        {},
    ],
)
def test_without_a_purpose_nothing_is_shown_or_recorded(
    manager: Client, full_case: Case, form: dict[str, str]
) -> None:
    answer = manager.post(reverse("office:case_unmask", args=[full_case.pk]), form, follow=True)
    text = answer.content.decode()
    assert "message-error" in text
    assert not any(secret in text for secret in SECRETS)
    assert not PersonalDataAccess.objects.exists()


def test_looks_are_limited_within_an_hour(full_case: Case) -> None:
    staff = make_staff(Role.COMPLIANCE_OFFICER)
    now = clock.now()
    PersonalDataAccess.objects.bulk_create(
        PersonalDataAccess(staff=staff, borrower_id="C", what="contact", purpose="Work", at=now)
        for _ in range(LOOKS_AN_HOUR)
    )
    form = {"what": "contact", "purpose": "One more"}
    address = reverse("office:case_unmask", args=[full_case.pk])
    answer = client_of(staff).post(address, form, follow=True)
    assert "欧阳小明" not in answer.content.decode()
    PersonalDataAccess.objects.filter(pk__gt=0).update(at=now - timedelta(hours=1, minutes=1))
    assert "欧阳小明" in client_of(staff).post(address, form).content.decode()


@pytest.mark.parametrize("role", [Role.FIELD_AGENT, Role.ANALYST, Role.APPROVER])
def test_roles_without_the_permission_cannot_look(role: Role, full_case: Case) -> None:
    staff = make_staff(role)
    Case.objects.update(assignee=staff)
    form = {"what": "contact", "purpose": "Curiosity"}
    answer = client_of(staff).post(reverse("office:case_unmask", args=[full_case.pk]), form)
    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["case", "bill", "bill_pdf"])
def test_a_case_of_somebody_else_does_not_exist(name: str, full_case: Case) -> None:
    client = client_of(make_staff(Role.TEAM_LEADER, team=make_team()))
    assert client.get(reverse(f"office:{name}", args=[full_case.pk])).status_code == 404
    assert client.get(reverse(f"office:{name}", args=[10**9])).status_code == 404


@pytest.mark.parametrize("name", ["case_note", "case_give", "case_hold", "case_unmask"])
def test_no_deed_reaches_a_case_of_somebody_else(name: str, full_case: Case) -> None:
    client = client_of(make_staff(Role.TEAM_LEADER, team=make_team()))
    form = {
        "text": "x", "to": "none", "kind": "dispute", "note": "x", "what": "contact",
        "purpose": "Because",
    }  # fmt: skip
    assert client.post(reverse(f"office:{name}", args=[full_case.pk]), form).status_code == 404
    assert Note.objects.count() == 1
    assert Hold.objects.count() == 1
    assert not PersonalDataAccess.objects.exists()


def test_a_note_is_kept_as_written_and_shown_as_text(manager: Client) -> None:
    case = make_case()
    words = "<script>alert(1)</script> =1+1 {{ 7*7 }}"
    manager.post(reverse("office:case_note", args=[case.pk]), {"text": words})
    assert Note.objects.get().text == words
    text = manager.get(reverse("office:case", args=[case.pk])).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_an_empty_or_endless_note_is_refused(manager: Client, text: str) -> None:
    case = make_case()
    answer = manager.post(reverse("office:case_note", args=[case.pk]), {"text": text}, follow=True)
    assert "message-error" in answer.content.decode()
    assert not Note.objects.exists()


def test_the_timeline_is_filtered_and_paged(manager: Client) -> None:
    case, staff = make_case(), make_staff()
    for number in range(30):
        note = make_note(case=case, by=staff, text=f"Note number {number:02}.")
        Note.objects.filter(pk=note.pk).update(at=note.at + timedelta(minutes=number))
    make_payment(loan=make_loan(borrower=case.borrower))
    address = reverse("office:case", args=[case.pk])
    first = manager.get(address, {"kind": "note"}).content.decode()
    second = manager.get(address, {"kind": "note", "page": "2"}).content.decode()
    assert "Note number 29." in first
    assert "Note number 05." in first
    assert "Note number 04." not in first
    assert "Note number 04." in second
    assert "Note number 05." not in second
    assert "Payment:" not in first
    assert "Payment:" in manager.get(address, {"kind": "payment"}).content.decode()
    assert manager.get(address, {"kind": "gossip", "page": "-7"}).status_code == 200


def test_the_timeline_tells_of_appointments_and_of_what_was_found_dangerous(
    manager: Client,
) -> None:
    case, by = make_case(), make_staff(Role.DESK_AGENT)
    appointment = make_appointment(case=case, state="proposed", from_at=None, until_at=None)
    AppointmentStep.objects.create(appointment=appointment, what="declined", at=AT, by=by)
    risk_assess(case=case, factors=["dog"], by=by, at=AT, on=ON)
    shown = manager.get(reverse("office:case", args=[case.pk]), {"kind": "visit"}).content.decode()
    assert "Appointment: The customer wants no visit" in shown
    assert "Visit assessed: " in shown
    other = manager.get(reverse("office:case", args=[case.pk]), {"kind": "note"}).content.decode()
    assert "Appointment:" not in other


def test_a_long_history_needs_as_many_queries_as_a_short_one(manager: Client) -> None:
    case = make_case()
    make_run()
    counts = []
    for many in (2, 40):
        for _ in range(many):
            make_contact(borrower=case.borrower)
            make_payment(loan=make_loan(borrower=case.borrower))
            make_contact_point(borrower=case.borrower)
            make_note(case=case, by=make_staff())
            make_hold(borrower=case.borrower, source="staff", placed_by=make_staff())
        with CaptureQueriesContext(connection) as queries:
            manager.get(reverse("office:case", args=[case.pk]))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 90  # 26 of them for what is allowed now
