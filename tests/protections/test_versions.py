"""Two time axes: what held when, and what we knew when. Nothing is ever overwritten."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from doorstep.evidence.models import Leaf, Sealed
from doorstep.evidence.opening import Opener
from doorstep.kernel.errors import InputError, Refused
from doorstep.protections.models import Complaint, LegalStop, StopRequest, Vulnerability
from doorstep.protections.selectors import protection_facts
from doorstep.protections.services import (
    claim_settle,
    complaint_open,
    legal_stop_record,
    protection_backdate,
    protection_end,
    stop_request_record,
    vulnerability_handle,
    vulnerability_record,
)
from doorstep.workforce.roles import Role
from tests.factories import AT, make_borrower, make_staff
from tests.protections.making import news, officer

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def stopped(borrower_id: str, *, at: datetime, known_at: datetime | None = None) -> object:
    facts = protection_facts(borrower_ids=[borrower_id], at=at, known_at=known_at)
    return facts[borrower_id]["stop_requested"].value


def test_what_did_we_know_then_about_that_day() -> None:
    borrower, by = make_borrower(), officer()
    stop = stop_request_record(
        news=news(borrower, at=AT, received_at=AT - 2 * DAY, starts_at=AT - 5 * DAY, by=by)
    )
    protection_end(stop, ends_at=AT + DAY, why="He wants to hear from us.", by=by, at=AT + 2 * DAY)
    five_days_ago, today = AT - 5 * DAY, AT + HOUR
    assert not stopped(borrower.pk, at=five_days_ago, known_at=AT - DAY)  # not known yet
    assert stopped(borrower.pk, at=five_days_ago, known_at=AT)  # backdated
    assert stopped(borrower.pk, at=AT + DAY, known_at=AT + DAY)  # its end not known yet
    assert not stopped(borrower.pk, at=AT + DAY, known_at=AT + 2 * DAY)
    assert stopped(borrower.pk, at=today, known_at=AT + 9 * DAY)  # and it did hold before
    assert stopped(borrower.pk, at=today) == stopped(borrower.pk, at=today, known_at=AT + 9 * DAY)


def test_recording_the_same_reference_again_changes_nothing() -> None:
    borrower = make_borrower()
    first = complaint_open(news=news(borrower, reference="inbound:1"), words="stop that")
    again = complaint_open(
        news=news(borrower, reference="inbound:1", at=AT + HOUR), words="stop that"
    )
    assert again.pk == first.pk
    assert Complaint.objects.count() == 1


def test_a_reference_of_somebody_else_is_refused() -> None:
    complaint_open(news=news(reference="inbound:1"), words="stop that")
    with pytest.raises(Refused, match="another customer"):
        complaint_open(news=news(reference="inbound:1"), words="stop that")


def test_two_people_never_change_the_same_version() -> None:
    by = officer()
    stop = stop_request_record(news=news())
    protection_backdate(
        stop, starts_at=AT - DAY, why="Letter of the day before", by=by, at=AT + HOUR
    )
    with pytest.raises(Refused) as refused:
        protection_end(stop, ends_at=AT + HOUR, why="mine", by=by, at=AT + 2 * HOUR)
    assert refused.value.code == "CHANGED_MEANWHILE"


def test_a_version_keeps_its_special_handling_until_it_is_changed() -> None:
    by = officer()
    first = vulnerability_record(news=news(), cause="age", handling=["no_visits", "large_print"])
    moved = protection_backdate(first, starts_at=AT - DAY, why="Said so at a visit", by=by, at=AT)
    assert {h.code for h in moved.handlings.all()} == {"no_visits", "large_print"}
    fresh = vulnerability_handle(
        of=moved, handling=["pause"], why="In hospital", by=by, at=AT + HOUR
    )
    assert [h.code for h in fresh.handlings.all()] == ["pause"]
    assert {h.code for h in Vulnerability.objects.get(version=1).handlings.all()} == {
        "no_visits",
        "large_print",
    }


def test_a_claim_that_was_not_so_is_known_as_one_for_the_time_it_was_believed() -> None:
    borrower, by = make_borrower(), officer()
    claim = legal_stop_record(news=news(borrower, claimed=True, told_by="relative"), bar="deceased")
    claim_settle(claim, confirmed=False, why="He answered the door.", by=by, at=AT + 2 * DAY)
    believed = protection_facts(borrower_ids=[borrower.pk], at=AT + DAY, known_at=AT + DAY)
    known_now = protection_facts(borrower_ids=[borrower.pk], at=AT + DAY)
    assert believed[borrower.pk]["deceased"].value is True
    assert known_now[borrower.pk]["deceased"].value is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"reference": "x" * 101},
        {"told_by": "a bird"},
        {"told_how": "smoke"},
        {"received_at": AT + HOUR},
        {"starts_at": AT + 5000 * DAY},
        {"starts_at": AT - 20000 * DAY},
        {"ends_at": AT - DAY},
        {"ends_at": AT},
        {"note": "x" * 2001},
    ],
)
def test_news_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        stop_request_record(news=news(**wrong))  # type: ignore[arg-type]
    assert not StopRequest.objects.exists()


def test_who_may_record_and_who_may_lift() -> None:
    agent, analyst = make_staff(Role.DESK_AGENT), make_staff(Role.ANALYST)
    with pytest.raises(Refused):
        stop_request_record(news=news(by=analyst))
    stop = stop_request_record(news=news(by=agent))
    with pytest.raises(Refused):
        protection_end(stop, ends_at=AT + HOUR, why="I want to call", by=agent, at=AT + HOUR)
    claim = legal_stop_record(news=news(by=agent, claimed=True), bar="minor")
    with pytest.raises(Refused):
        claim_settle(claim, confirmed=False, why="No", by=agent, at=AT + HOUR)


def test_an_end_lies_between_the_beginning_and_now_and_is_said_once() -> None:
    by = officer()
    stop = stop_request_record(news=news())
    for wrong in (AT, AT - DAY, AT + 2 * HOUR):
        with pytest.raises(InputError):
            protection_end(stop, ends_at=wrong, why="so", by=by, at=AT + HOUR)
    ended = protection_end(stop, ends_at=AT + HOUR, why="so", by=by, at=AT + HOUR)
    with pytest.raises(Refused, match="ended already"):
        protection_end(ended, ends_at=AT + HOUR, why="so", by=by, at=AT + 2 * HOUR)


def test_a_claim_is_settled_not_ended() -> None:
    claim = legal_stop_record(news=news(claimed=True), bar="bankruptcy")
    with pytest.raises(Refused) as refused:
        protection_end(claim, ends_at=AT + HOUR, why="so", by=officer(), at=AT + HOUR)
    assert refused.value.code == "SETTLE_FIRST"


@pytest.mark.parametrize(
    "change",
    [
        {"known_until": None, "version": 2},
        {"ends_at": AT - DAY},
        {"standing": "believed"},
        {"standing": "claimed"},
        {"scope": "channel"},
        {"scope": "number", "number": ""},
        {"received_at": AT + DAY},
        {"reference": ""},
        {"due_on": AT.date()},
    ],
)
def test_the_database_itself_refuses_what_cannot_be(change: dict[str, object]) -> None:
    row = stop_request_record(news=news())
    if change.get("version") == 2:
        row.pk = None
    for name, value in change.items():
        setattr(row, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_a_confirmed_stop_by_law_names_its_document() -> None:
    row = legal_stop_record(news=news(claimed=True), bar="deceased")
    with pytest.raises(IntegrityError), transaction.atomic():
        LegalStop.objects.filter(pk=row.pk).update(standing="confirmed")


moments = st.integers(min_value=-100, max_value=100)


class AsKnownThen(TestCase):
    """Against a plain list of what was said when."""

    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(
        starts=st.lists(moments, min_size=1, max_size=5),
        end=st.none() | moments,
        asked=moments,
        known=st.integers(min_value=0, max_value=7),
    )
    def test_a_question_is_answered_by_the_last_version_said_by_then(
        self, starts: list[int], end: int | None, asked: int, known: int
    ) -> None:
        borrower, by = make_borrower(), officer()
        begin = AT + 200 * HOUR
        row = stop_request_record(
            news=news(borrower, at=begin, received_at=AT, starts_at=AT + starts[0] * HOUR)
        )
        said: list[tuple[int, int | None]] = [(starts[0], None)]
        for step, start in enumerate(starts[1:], start=1):
            row = protection_backdate(
                row, starts_at=AT + start * HOUR, why="w", by=by, at=begin + step * HOUR
            )
            said.append((start, None))
        if end is not None and end > said[-1][0]:
            protection_end(
                row, ends_at=AT + end * HOUR, why="w", by=by, at=begin + len(said) * HOUR
            )
            said.append((said[-1][0], end))
        start, last = said[min(known, len(said) - 1)]
        expected = start <= asked and (last is None or asked < last)
        at, known_at = AT + asked * HOUR, begin + known * HOUR + timedelta(minutes=1)
        assert stopped(borrower.pk, at=at, known_at=known_at) is expected
        assert not stopped(borrower.pk, at=at, known_at=begin - timedelta(minutes=1))


def test_every_version_stands_in_the_log_with_who_said_so_and_nothing_in_the_clear() -> None:
    borrower, by = make_borrower(), officer()
    row = vulnerability_record(
        news=news(borrower, by=by, note="Her daughter told us"), cause="age", handling=["pause"]
    )
    vulnerability_handle(of=row, handling=["no_calls"], why="Out again", by=by, at=AT + HOUR)
    leaves = list(Leaf.objects.filter(kind="protection").order_by("index"))
    assert [leaf.at for leaf in leaves] == [AT, AT + HOUR]
    bodies = [(Opener().read(leaf) or {})["body"] for leaf in leaves]
    assert [body["handling"] for body in bodies] == [["pause"], ["no_calls"]]
    assert [body["version"] for body in bodies] == [1, 2]
    assert bodies[0]["note"] == "Her daughter told us"
    sealed = Sealed.objects.values_list("document", flat=True)
    assert all(b"daughter" not in bytes(each) for each in sealed)
