"""Appointments as they are agreed: which times, which places, who may, and in which order."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.cases.models import Case
from doorstep.evidence.models import Leaf
from doorstep.kernel.errors import InputError, Refused
from doorstep.visits.appointments import (
    ALPHABET,
    code_make,
    keeps_word,
    span_fault,
    spans_read,
    spans_written,
    told_window,
)
from doorstep.visits.models import Appointment
from doorstep.visits.selectors.appointments import (
    appointments_between,
    appointments_open,
    appointments_visible_to,
)
from doorstep.visits.services.appointments import (
    appointment_agree,
    appointment_cancel,
    appointment_confirm,
    appointment_decline,
    appointment_keep,
    appointment_miss,
    appointment_propose,
)
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import AT, ON, make_address, make_case, make_staff
from tests.visits.appointments import FOUR, make_appointment
from tests.visits.fieldwork import agents_of, make_crew, make_visit

HOUR = timedelta(hours=1)
instants = st.integers(0, 525_600).map(lambda minutes: AT + timedelta(minutes=minutes))


def test_a_code_is_hard_to_guess_and_easy_to_read_out() -> None:
    codes = {code_make(secrets.choice) for _each in range(500)}
    assert len(codes) == 500
    assert all(len(code) == 9 and code[4] == "-" for code in codes)
    assert not set("0O1IL5S2Z") & set(ALPHABET)


@given(instants)
def test_what_is_told_of_a_planned_visit_holds_its_hour(begins: datetime) -> None:
    told = told_window(begins)
    assert told[0].minute in (0, 30)
    assert told[1] - told[0] == HOUR
    assert keeps_word(begins, told)
    assert spans_read(spans_written([told])) == [told]


def test_times_that_cannot_be_are_named() -> None:
    def fault(begins: timedelta, long: timedelta) -> str:
        return span_fault((AT + begins, AT + begins + long), at=AT)

    assert fault(HOUR, HOUR) == ""
    assert fault(HOUR, timedelta(0)) == "order"
    assert fault(timedelta(0), HOUR) == "past"
    assert fault(HOUR, timedelta(minutes=29)) == "short"
    assert fault(HOUR, timedelta(minutes=30)) == ""
    assert fault(HOUR, 4 * HOUR) == ""
    assert fault(HOUR, 4 * HOUR + timedelta(minutes=1)) == "long"
    assert fault(timedelta(days=30), HOUR) == ""
    assert fault(timedelta(days=30, minutes=1), HOUR) == "far"


@pytest.fixture
def desk(db: None) -> Staff:
    return make_staff(Role.DESK_AGENT)


@pytest.fixture
def case(desk: Staff) -> Case:
    case = make_case(assignee=desk)
    make_address(borrower=case.borrower)
    return case


def proposed(case: Case, by: Staff) -> Appointment:
    return appointment_propose(
        case=case, offered=[(FOUR, FOUR + HOUR)], through="phone", code="C", by=by, at=AT,
        address=case.borrower.addresses.get(),
    )  # fmt: skip


def agreed(appointment: Appointment, by: Staff, from_at: datetime = FOUR) -> Appointment:
    return appointment_agree(
        appointment=appointment, from_at=from_at, until_at=from_at + HOUR, how="on the phone",
        by=by, at=AT,
    )  # fmt: skip


def test_proposed_agreed_confirmed_and_kept(case: Case, desk: Staff) -> None:
    appointment = agreed(proposed(case, desk), desk)
    appointment = appointment_confirm(appointment=appointment, how="call", by=desk, at=AT)
    assert appointment.confirmed_at == AT
    with pytest.raises(Refused) as refused:
        appointment_keep(appointment=appointment, by=desk, at=FOUR - HOUR)
    assert refused.value.code == "TOO_EARLY"
    assert appointment_keep(appointment=appointment, by=desk, at=FOUR).state == "kept"
    kinds = list(Leaf.objects.order_by("index").values_list("kind", flat=True))
    assert kinds == [f"appointment.{what}" for what in ("proposed", "agreed", "confirmed", "kept")]


def test_the_customer_chooses_another_time_and_place_in_their_own_words(
    case: Case, desk: Staff
) -> None:
    appointment = appointment_agree(
        appointment=proposed(case, desk), from_at=FOUR + HOUR, until_at=FOUR + 2 * HOUR,
        how="call", place="门口的茶馆", wishes={"woman": True, "note": "轻声", "other": 1}, by=desk,
        at=AT,
    )  # fmt: skip
    assert appointment.address is None
    assert appointment.place == "门口的茶馆"
    assert appointment.wishes == {"woman": True, "note": "轻声"}


def test_another_time_must_be_confirmed_again(case: Case, desk: Staff) -> None:
    appointment = agreed(proposed(case, desk), desk)
    appointment_confirm(appointment=appointment, how="call", by=desk, at=AT)
    appointment = agreed(appointment, desk, FOUR + HOUR)
    assert appointment.confirmed_at is None
    step = appointment.steps.order_by("pk").last()
    assert step is not None
    assert step.what == "moved"
    assert step.more["before_from"] == FOUR.isoformat()


def test_what_is_over_stays_over(case: Case, desk: Staff) -> None:
    appointment = proposed(case, desk)
    appointment_decline(appointment=appointment, why="不用", by=desk, at=AT)
    for deed in (
        lambda: agreed(appointment, desk),
        lambda: appointment_cancel(appointment=appointment, why="x", by=desk, at=AT),
        lambda: appointment_confirm(appointment=appointment, how="x", by=desk, at=AT),
        lambda: appointment_miss(appointment=appointment, why="x", by=desk, at=FOUR),
    ):
        with pytest.raises(Refused) as refused:
            deed()
        assert refused.value.code == "WRONG_STATE"


def test_words_and_places_that_are_missing_are_asked_for(case: Case, desk: Staff) -> None:
    appointment = proposed(case, desk)
    with pytest.raises(InputError):
        appointment_decline(appointment=appointment, why=" ", by=desk, at=AT)
    with pytest.raises(InputError):
        appointment_agree(
            appointment=appointment, from_at=FOUR, until_at=FOUR + HOUR, how="", by=desk, at=AT
        )
    stranger = make_address(borrower=make_case().borrower)
    with pytest.raises(InputError):
        appointment_agree(
            appointment=appointment, from_at=FOUR, until_at=FOUR + HOUR, how="x", by=desk, at=AT,
            address=stranger,
        )  # fmt: skip
    case.borrower.addresses.update(state="wrong")
    with pytest.raises(InputError):
        agreed(appointment, desk)


def test_only_some_may_and_a_closed_case_has_no_appointments(case: Case, desk: Staff) -> None:
    with pytest.raises(Refused):
        proposed(case, make_staff(Role.FIELD_AGENT))
    case.status = "closed"
    with pytest.raises(Refused) as refused:
        proposed(case, desk)
    assert refused.value.code == "CLOSED"


def test_days_and_cases_find_their_appointments(desk: Staff) -> None:
    one = make_appointment(case=make_case())
    make_appointment(case=make_case(), from_at=FOUR + timedelta(days=3),
                     until_at=FOUR + timedelta(days=3, hours=1))  # fmt: skip
    make_appointment(case=make_case(), state="cancelled")
    tomorrow = ON + timedelta(days=1)
    assert list(appointments_between(branch=None, first=tomorrow, last=tomorrow)) == [one]
    assert appointments_between(branch=None, first=ON, last=ON + timedelta(days=9)).count() == 2
    assert appointments_open(case_ids=[one.case_id]) == {one.case_id: one}


def test_an_agent_sees_the_appointments_their_crew_goes_to(desk: Staff) -> None:
    crew = make_crew()
    appointment = make_appointment(case=make_case())
    make_visit(crew=crew, case=appointment.case, appointment=appointment)
    inside, outside = agents_of(crew)[0], make_staff(Role.FIELD_AGENT)
    assert list(appointments_visible_to(staff=inside)) == [appointment]
    assert not appointments_visible_to(staff=outside).exists()
