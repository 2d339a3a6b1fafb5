"""A real visitor is known by code, number and phone; and nobody else is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from doorstep.evidence.models import Leaf
from doorstep.kernel.errors import InputError, Refused
from doorstep.visits.appointments import ALPHABET
from doorstep.visits.models import AskedCount, PlannedVisit, VisitorChallenge
from doorstep.visits.selectors.visitor import visit_by_code, visitor_secret, work_id_checked
from doorstep.visits.services.impostors import (
    Told,
    impostor_report,
    impostor_report_close,
    impostor_report_take,
)
from doorstep.visits.services.visitor import (
    CODES,
    WRONG_CODES,
    asked,
    asker_key,
    code_look_up,
    number_compare,
)
from doorstep.visits.visitor import (
    EARLY,
    LATE,
    SLOT,
    code_normal,
    door_word,
    number_agrees,
    number_of,
    slot_ends,
    slot_of,
)
from doorstep.workforce.roles import Role
from doorstep.workforce.services.accounts import staff_set_active
from doorstep.workforce.services.devices import device_revoke
from doorstep.workforce.services.letters import letter_revoke
from tests.factories import AT, ON, make_staff
from tests.visits.checks import CODE, Door, make_device, make_door, make_impostor_report

SECRET = b"0" * 32
ASKER = "asker"
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1)).map(  # noqa: DTZ001
    lambda each: each.replace(tzinfo=UTC)
)


@given(st.text(max_size=80))
def test_any_text_is_a_code_in_its_one_form_or_none(text: str) -> None:
    found = code_normal(text)
    assert found == "" or (len(found) == 9 and set(found) <= {*ALPHABET, "-"})
    assert code_normal(found) == found


@given(st.text(ALPHABET, min_size=8, max_size=8), st.sampled_from([" ", "-", "－", "·", ""]))
def test_a_code_is_read_however_it_is_typed(letters: str, between: str) -> None:
    wide = "".join(chr(ord(each) + 0xFEE0) for each in letters)
    kept = f"{letters[:4]}-{letters[4:]}"
    for typed in (letters.lower(), between.join(letters), f" {kept} ", wide):
        assert code_normal(typed) == kept


def test_a_code_is_read_aloud_letter_by_letter() -> None:
    assert door_word(CODE) == "K Q 4 T, 9 W H M"


@given(st.binary(min_size=16, max_size=32), st.integers(1, 10**9), MOMENTS)
def test_the_number_is_three_figures_and_holds_for_its_slot_and_the_next(
    secret: bytes, visit: int, at: datetime
) -> None:
    number = number_of(secret=secret, visit=visit, slot=slot_of(at))
    assert len(number) == 3
    assert number.isdigit()
    for later in (timedelta(), SLOT):
        assert number_agrees(secret=secret, visit=visit, said=number, at=at + later)
    assert at < slot_ends(at) <= at + SLOT


def test_an_old_number_no_longer_agrees_but_by_chance() -> None:
    hits = sum(
        number_agrees(
            secret=SECRET, visit=visit, at=AT + 2 * SLOT,
            said=number_of(secret=SECRET, visit=visit, slot=slot_of(AT)),
        )
        for visit in range(2000)
    )  # fmt: skip
    assert hits < 20


@given(st.text(max_size=20))
def test_whatever_is_said_for_a_number_is_compared(said: str) -> None:
    agrees = number_agrees(secret=SECRET, visit=1, said=said, at=AT)
    wanted = {number_of(secret=SECRET, visit=1, slot=slot_of(AT) - back) for back in (0, 1)}
    assert agrees == (said in wanted)


@pytest.fixture
def door(db: None) -> Door:
    return make_door()


def refusal(deed: Callable[[], object]) -> str:
    """The code it is refused with."""
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.code


def test_phone_and_page_show_the_same_number(door: Door) -> None:
    before = visit_by_code(code=CODE, at=AT)
    assert before is not None
    assert before.proved_at is None
    shown = door.show(door.ask())
    after = visit_by_code(code="kq4t 9whm", at=AT)
    assert after is not None
    assert (after.number, after.number_until) == (shown.number, shown.until)
    assert after.proved_at == AT
    assert {each.work_id for each in after.visitors} == {
        agent.particulars.work_id for agent in door.agents
    }
    assert {key for _uuid, _staff, key in after.devices} == {
        bytes(each.public_key) for each in door.devices
    }
    assert Leaf.objects.count() > 0


def test_the_number_is_compared_only_after_the_phone_proved_itself(door: Door) -> None:
    number, before = (
        number_of(secret=visitor_secret(), visit=door.visit.pk, slot=slot_of(AT) - back)
        for back in (0, 1)
    )
    assert not number_compare(code=CODE, said=number, asker=ASKER, at=AT)
    door.show(door.ask())
    assert number_compare(code=CODE, said=number, asker=ASKER, at=AT)
    assert number_compare(code=CODE, said=number, asker=ASKER, at=AT + SLOT)
    wrong = min({"000", "001", "002"} - {number, before})
    assert not number_compare(code=CODE, said=wrong, asker=ASKER, at=AT)


def test_no_more_than_five_numbers_an_hour_are_compared_for_a_visit(door: Door) -> None:
    for _each in range(5):
        number_compare(code=CODE, said="000", asker=ASKER, at=AT)
    assert refusal(lambda: number_compare(code=CODE, said="1", asker="b", at=AT)) == "TOO_MANY"


def test_before_its_time_a_visit_is_known_without_a_number(door: Door) -> None:
    early = visit_by_code(code=CODE, at=AT - EARLY - timedelta(seconds=1))
    assert early is not None
    assert (early.number, early.number_before, early.number_until) == ("", "", None)
    assert visit_by_code(code=CODE, at=AT - EARLY).number  # type: ignore[union-attr]


def test_a_visit_that_is_over_is_not_known(door: Door) -> None:
    assert door.visit.ends_at is not None
    assert visit_by_code(code=CODE, at=door.visit.ends_at + LATE) is None
    assert visit_by_code(code=CODE, at=door.visit.ends_at + LATE - timedelta(seconds=1))


def _cancelled(door: Door) -> None:
    PlannedVisit.objects.filter(pk=door.visit.pk).update(state="cancelled")


def _appointment_cancelled(door: Door) -> None:
    type(door.appointment).objects.filter(pk=door.appointment.pk).update(state="cancelled")


def _plan_replaced(door: Door) -> None:
    type(door.crew.plan).objects.filter(pk=door.crew.plan_id).update(state="superseded")


def _crew_off(door: Door) -> None:
    type(door.crew).objects.filter(pk=door.crew.pk).update(off_at=AT, off_why="ill")


def _letter_revoked(door: Door) -> None:
    letter = door.agents[1].letters.get()
    letter_revoke(letter=letter, why="lost", by=make_staff(Role.COLLECTIONS_MANAGER), at=AT - SLOT)


def _letter_ended(door: Door) -> None:
    letters = door.agents[0].letters
    letters.update(valid_from=ON - timedelta(days=3), valid_until=ON - timedelta(days=2))


def _agent_suspended(door: Door) -> None:
    staff_set_active(staff=door.agents[1], active=False, by=make_staff(Role.ADMINISTRATOR), at=AT)


def _other_role(door: Door) -> None:
    type(door.agents[1]).objects.filter(pk=door.agents[1].pk).update(role=Role.DESK_AGENT)


def _alone(door: Door) -> None:
    door.crew.members.filter(staff=door.agents[1]).delete()


STOPPED = [
    _cancelled, _appointment_cancelled, _plan_replaced, _crew_off, _letter_revoked, _letter_ended,
    _agent_suspended, _other_role, _alone,
]  # fmt: skip


@pytest.mark.parametrize("stop", STOPPED)
def test_what_is_stopped_is_refused_at_once_everywhere(
    door: Door, stop: Callable[[Door], None]
) -> None:
    nonce = door.ask()
    stop(door)
    assert visit_by_code(code=CODE, at=AT) is None
    assert not number_compare(code=CODE, said="000", asker=ASKER, at=AT)
    refused = {"NOT_PLANNED", "NOT_AUTHORISED", "NOT_PERMITTED", "DEVICE_NOT_VALID"}
    assert refusal(lambda: door.show(nonce)) in refused
    assert refusal(door.ask) in refused
    assert not VisitorChallenge.objects.filter(shown_at__isnull=False).exists()


def test_a_revoked_phone_is_refused_and_its_key_leaves_the_page(door: Door) -> None:
    nonce = door.ask()
    device_revoke(
        device=door.devices[0], why="lost", by=make_staff(Role.COLLECTIONS_MANAGER), at=AT
    )
    assert refusal(lambda: door.show(nonce)) == "DEVICE_NOT_VALID"
    found = visit_by_code(code=CODE, at=AT)
    assert found is not None
    assert str(door.devices[0].pk) not in {uuid for uuid, _staff, _key in found.devices}


def test_every_wrong_code_costs_the_same_queries_and_says_the_same(door: Door) -> None:
    def queries(code: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert code_look_up(code=code, asker=ASKER, at=AT) is None
        return len(seen)

    code_look_up(code=CODE, asker=ASKER, at=AT)
    counts = {queries("AAAA-AAAA"), queries(""), queries("x" * 500), queries("\x00")}
    for stop in (_letter_revoked, _appointment_cancelled, _cancelled):
        stop(door)
        counts.add(queries(CODE))
    assert len(counts) == 1
    other = make_door(code="MMMM-8888")
    with CaptureQueriesContext(connection) as known:
        assert code_look_up(code=other.appointment.code, asker=ASKER, at=AT)
    assert {len(known)} == counts


def test_tries_are_limited_by_address_and_together(door: Door) -> None:
    for _each in range(CODES.most):
        code_look_up(code="AAAA-AAAA", asker=ASKER, at=AT)
    assert refusal(lambda: code_look_up(code=CODE, asker=ASKER, at=AT)) == "TOO_MANY"
    assert code_look_up(code=CODE, asker="another", at=AT)
    assert code_look_up(code=CODE, asker=ASKER, at=AT + CODES.every)
    AskedCount.objects.filter(what="wrong_code").update(count=WRONG_CODES.most + 1)
    assert refusal(lambda: code_look_up(code=CODE, asker="third", at=AT)) == "TOO_MANY"


def test_counts_are_forgotten_after_two_days(db: None) -> None:
    asked(what="code", key="one", limit=CODES, at=AT)
    asked(what="wrong_code", key="everybody", limit=CODES, at=AT + timedelta(days=3))
    assert not AskedCount.objects.filter(key="one").exists()


def test_addresses_of_one_network_are_one_asker() -> None:
    assert asker_key("2001:db8::1") == asker_key("2001:db8::ffff")
    assert asker_key("2001:db8:0:1::1") != asker_key("2001:db8::1")
    assert asker_key("192.0.2.1") != asker_key("192.0.2.2")
    assert asker_key(None) == asker_key("nonsense")
    assert "192.0.2.1" not in asker_key("192.0.2.1")


def test_a_phone_of_a_stranger_gets_no_challenge(door: Door) -> None:
    stranger = make_staff(Role.FIELD_AGENT)
    _key, device = make_device(staff=stranger)
    other = Door(door.visit, door.crew, [stranger], [], [device], door.appointment)
    assert refusal(other.ask) == "NOT_PERMITTED"


def test_a_challenge_is_used_up_by_the_first_try(door: Door) -> None:
    nonce = door.ask()
    assert refusal(lambda: door.show(nonce, here=(31.0, 104.0))) == "NOT_HERE"
    assert refusal(lambda: door.show(nonce)) == "CHALLENGE_USED"
    late = door.ask()
    over = AT + timedelta(minutes=2)
    assert refusal(lambda: door.show(late, at=over)) == "CHALLENGE_OVER"


@pytest.mark.parametrize("here", [(None, None), ("30.0", "104.0"), (True, True), (91.0, 0.0)])
def test_without_a_place_no_number(door: Door, here: tuple[Any, Any]) -> None:
    nonce = door.ask()
    assert refusal(lambda: door.show(nonce, here=here)) == "NO_PLACE"


def test_another_key_signs_nothing(door: Door) -> None:
    nonce = door.ask()
    key = Ed25519PrivateKey.generate()
    assert refusal(lambda: door.show(nonce, key=key)) == "BAD_SIGNATURE"
    assert refusal(lambda: door.show(door.ask(), signature="!")) == "BAD_SIGNATURE"


def test_the_hotline_knows_whose_work_id_it_is(door: Door) -> None:
    agent = door.agents[0]
    found = work_id_checked(work_id=agent.particulars.work_id.lower(), on=ON, at=AT)
    assert found is not None
    assert (found.staff, found.authorised) == (agent, True)
    _letter_ended(door)
    again = work_id_checked(work_id=agent.particulars.work_id, on=ON, at=AT)
    assert again is not None
    assert not again.authorised
    assert work_id_checked(work_id="\x00nobody", on=ON, at=AT) is None


def told(**fields: Any) -> Told:
    values: dict[str, Any] = {
        "happened": "door", "happened_on": ON, "words": "一名男子要求现金", "code": CODE,
    }  # fmt: skip
    return Told(**(values | fields))


def test_a_report_gets_a_number_is_taken_and_closed_with_a_finding(door: Door) -> None:
    kept = impostor_report(told=told(), at=AT, on=ON, asker=ASKER)
    assert code_normal(kept.number) == kept.number
    assert kept.visit == door.visit
    officer = make_staff(Role.COMPLIANCE_OFFICER)

    def close(how: str = "Police told", finding: str = "impostor") -> object:
        return impostor_report_close(report=kept, finding=finding, how=how, by=officer, at=AT)

    assert refusal(close) == "NOT_TAKEN"
    impostor_report_take(report=kept, by=officer, at=AT)
    assert refusal(lambda: impostor_report_take(report=kept, by=officer, at=AT)) == "WRONG_STATE"
    for wrong in (lambda: close(how=" \x00"), lambda: close(finding="maybe")):
        with pytest.raises(InputError):
            wrong()
    close()
    kept.refresh_from_db()
    assert (kept.finding, kept.closed_by) == ("impostor", officer)
    assert refusal(close) == "WRONG_STATE"


@pytest.mark.parametrize(
    "fields",
    [
        {"happened": "x"}, {"words": " "}, {"happened_on": ON + timedelta(days=2)},
        {"happened_on": ON - timedelta(days=400)},
    ],
)  # fmt: skip
def test_a_report_that_says_nothing_is_not_kept(db: None, fields: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        impostor_report(told=told(**fields), at=AT, on=ON, asker=ASKER)


def test_reports_are_limited_and_only_the_hotline_takes_them_for_others(db: None) -> None:
    for _each in range(5):
        impostor_report(told=told(), at=AT, on=ON, asker=ASKER)
    more = refusal(lambda: impostor_report(told=told(), at=AT, on=ON, asker=ASKER))
    assert more == "TOO_MANY"
    desk = make_staff(Role.DESK_AGENT)
    assert impostor_report(told=told(), at=AT, on=ON, by=desk).told_by == desk
    agent = make_staff(Role.FIELD_AGENT)
    with pytest.raises(Refused):
        impostor_report(told=told(), at=AT, on=ON, by=agent)


def test_only_the_risk_department_sees_to_reports(db: None) -> None:
    report = make_impostor_report()
    desk = make_staff(Role.DESK_AGENT)
    taken = refusal(lambda: impostor_report_take(report=report, by=desk, at=AT))
    assert taken == "NOT_PERMITTED"
