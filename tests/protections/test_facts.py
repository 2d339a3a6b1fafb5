"""What protections tell the guard: the catalogue's names, for a borrower and for one act."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.guard.facts import Known
from doorstep.protections.facts import BORROWER_ONLY, NO_END, act_facts, borrower_facts
from doorstep.protections.safeguard import KINDS, Safeguard, hours_of, in_hours
from doorstep.protections.selectors import protection_facts
from doorstep.protections.services import (
    complaint_open,
    dispute_open,
    stop_request_record,
    vulnerability_record,
)
from doorstep.rules.catalogue import Meaning, catalogue_read, value_read
from doorstep.rules.faults import Faults
from doorstep.rules.hours import hours_canonical
from doorstep.rules.values import NOTHING
from tests.factories import AT, make_borrower, make_hold, make_loan
from tests.protections.making import guard, news

ZONE = "Asia/Shanghai"
DAY = timedelta(days=1)


def told(*safeguards: Safeguard, at: datetime = AT, **person: Any) -> dict[str, Any]:
    facts = borrower_facts(safeguards=safeguards, at=at, zone=ZONE, **person)
    return {name: known.value for name, known in facts.items()}


def of_act(*safeguards: Safeguard, **act: Any) -> dict[str, Any]:
    known = borrower_facts(safeguards=safeguards, at=AT, zone=ZONE)
    facts = act_facts(known=known, **{"channel": "phone"} | act)
    return {name: fact.value for name, fact in facts.items()}


def test_without_any_protection_everything_is_known_not_to_be() -> None:
    facts = told()
    unset = (False, True, NOTHING, ())
    assert all(value in unset for value in facts.values())
    assert [name for name, value in facts.items() if value is True] == ["dispute_annotated"]


@pytest.mark.parametrize(
    ("kind", "fact"),
    [
        ("deceased", "deceased"),
        ("bankruptcy", "bankrupt"),
        ("minor", "minor"),
        ("hardship", "hardship_open"),
        ("vulnerability", "vulnerable"),
        ("complaint", "complaint_open"),
        ("dispute", "dispute_open"),
        ("workplace", "workplace_restricted"),
    ],
)
def test_each_kind_has_its_fact_from_its_first_to_its_last_moment(kind: str, fact: str) -> None:
    row = guard(kind, starts_at=AT, ends_at=AT + DAY, what="all")
    assert told(row, at=AT - timedelta(seconds=1))[fact] is False
    assert told(row, at=AT)[fact] is True
    assert told(row, at=AT + DAY)[fact] is False


def test_a_claim_holds_to_the_end_of_its_day_and_then_is_unknown() -> None:
    claim = guard("deceased", claimed=True, due_on=date(2026, 11, 20))
    last_moment = datetime.fromisoformat("2026-11-20T23:59:59+08:00")
    assert told(claim, at=last_moment)["deceased"] is True
    assert "deceased" not in told(claim, at=last_moment + timedelta(seconds=1))
    sure = guard("deceased", reference="other")
    assert told(claim, sure, at=AT + 9 * DAY)["deceased"] is True


def test_a_police_order_names_its_last_day() -> None:
    end = datetime.fromisoformat("2026-12-01T00:00:00+08:00")
    assert told(guard("police_no_contact", ends_at=end))["no_contact_until"] == date(2026, 11, 30)
    assert told(guard("police_no_contact"))["no_contact_until"] == NO_END


@pytest.mark.parametrize(
    ("born_on", "minor"),
    [(date(2008, 11, 20), False), (date(2008, 11, 21), True), (None, False)],
)
def test_who_turns_eighteen_today_is_no_minor(born_on: date | None, minor: bool) -> None:
    assert told(born_on=born_on)["minor"] is minor


def test_a_helper_beside_the_borrower_does_not_replace_them() -> None:
    beside = guard("representative", instead=False, powers=("may_know_debt",), what="family")
    assert told(beside)["represented"] is False
    assert told(beside)["representative_powers"] == ("may_know_debt",)
    assert told(guard("representative", instead=True, what="guardian"))["incapacitated"] is True


def test_special_handling_binds_and_is_not_only_shown() -> None:
    facts = told(guard("vulnerability", handling=("daytime_only", "no_visits"), what="age"))
    assert facts["refused_channels"] == ("visit",)
    assert facts["refused_hours"] == ("* 00:00-10:00", "* 17:00-24:00")
    assert facts["held"] is False
    assert told(guard("vulnerability", handling=("pause",)))["held"] is True
    asked = told(guard("vulnerability", handling=("ask_first",)))
    assert (asked["held"], asked["vulnerable"]) == (False, True), "a person decides, not nobody"


def test_a_stop_covers_its_channel_or_number_and_no_other() -> None:
    sms = guard("stop_request", scope="channel", channel="sms")
    assert of_act(sms, channel="sms")["stop_requested"] is True
    assert of_act(sms, channel="email")["stop_requested"] is False
    number = guard("stop_request", scope="number", number="+86199")
    assert of_act(number, number="+86199", number_key="p1")["refused_numbers"] == ("p1",)
    assert of_act(number, number="+86200")["stop_requested"] is False
    everything = guard("stop_request", scope="all")
    assert of_act(everything)["stop_requested"] is True


def test_a_relatives_wish_not_to_be_called_is_not_the_borrowers() -> None:
    number = guard("stop_request", scope="number", number="+86199")
    relative = of_act(number, number="+86199", recipient="contact")
    assert (relative["contact_stop_requested"], relative["stop_requested"]) == (True, True)
    everything = guard("stop_request", scope="all")
    assert of_act(everything, recipient="contact")["contact_stop_requested"] is False


def test_a_dispute_touches_its_loan_and_no_other() -> None:
    dispute = guard("dispute", loan_id="L1")
    assert of_act(dispute, debts=("L1", "L2"))["dispute_open"] is True
    assert of_act(dispute, debts=("L2",))["dispute_open"] is False
    assert of_act(dispute)["dispute_open"] is True, "an act about all debts touches it"
    assert of_act(guard("dispute"), debts=("L2",))["dispute_open"] is True


def test_the_latest_wish_stands_and_refusals_add_up() -> None:
    first = guard("preference", stance="prefers", subject="channel", channel="call")
    later = guard(
        "preference", reference="2", stance="prefers", subject="channel", channel="email",
        starts_at=AT - DAY,
    )  # fmt: skip
    no = guard("preference", reference="3", stance="refuses", subject="channel", channel="visit")
    stop = guard("stop_request", scope="channel", channel="sms")
    facts = told(first, later, no, stop)
    assert facts["preferred_channel"] == "email"
    assert facts["refused_channels"] == ("sms", "visit")


def test_consent_to_hours_says_when_it_was_given() -> None:
    hours = guard(
        "preference", stance="allows", subject="hours", from_time=time(22), to_time=time(23),
        weekdays="1234567", received_at=datetime.fromisoformat("2026-11-18T15:30:40+08:00"),
    )  # fmt: skip
    facts = told(hours)
    assert facts["consent_hours"] == ("* 22:00-23:00",)
    assert facts["consent_given_clock"] == time(15, 30)
    assert told()["consent_given_clock"] is NOTHING


def test_a_written_stop_names_its_day() -> None:
    letter = guard("stop_request", scope="all", told_how="letter")
    call = guard("stop_request", scope="all", told_how="phone")
    assert told(letter)["cease_written_on"] == date(2026, 11, 17)
    assert told(call)["cease_written_on"] is NOTHING


def test_hours_over_midnight_go_on_into_the_next_day() -> None:
    night = guard(
        "preference", from_time=time(22), to_time=time(6), weekdays="7", stance="refuses",
        subject="hours",
    )  # fmt: skip
    assert hours_of(night) == ("1 00:00-06:00", "7 22:00-24:00")
    sunday_late = datetime.fromisoformat("2026-11-22T23:00:00+08:00")
    assert in_hours(night, local=sunday_late)
    assert in_hours(night, local=sunday_late + timedelta(hours=6))
    assert not in_hours(night, local=sunday_late + timedelta(hours=24))


@given(
    start=st.times(), end=st.times(), days=st.sets(st.sampled_from("1234567"), min_size=1),
)  # fmt: skip
def test_hours_are_written_as_the_rules_read_them(start: time, end: time, days: set[str]) -> None:
    start, end = start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    if start == end:
        return
    row = guard("preference", from_time=start, to_time=end, weekdays="".join(sorted(days)))
    assert hours_of(row) == hours_canonical(hours_of(row))


def catalogue(repository: Path) -> dict[str, Meaning]:
    """Every fact of the catalogue's files."""
    faults, tables = Faults("facts"), {}
    for path in (repository / "rulepacks").glob("facts*.toml"):
        tables |= tomllib.loads(path.read_text("utf-8"))
    return catalogue_read(tables, faults)


def test_every_fact_told_of_an_act_is_in_the_catalogue_with_its_type(repository: Path) -> None:
    names = catalogue(repository)
    rows = [
        guard(kind, handling=("pause",), scope="all", stance="prefers", subject="hours", what="all")
        for kind in KINDS
    ]
    for facts in (of_act(), of_act(*rows)):
        for name, value in facts.items():
            assert name in names, name
            assert names[name].supplied_by == "protections"
            value_read(value, names[name])  # raises where the type is another
    assert not BORROWER_ONLY & set(names)


@pytest.mark.django_db
def test_facts_of_many_borrowers_take_as_many_queries_as_of_one(
    django_assert_num_queries: Any,
) -> None:
    people = [make_borrower() for _ in range(20)]
    for number, person in enumerate(people):
        complaint_open(news=news(person), words="so")
        dispute_open(news=news(person), loan=make_loan(borrower=person))
        stop_request_record(news=news(person), scope="channel", channel="sms")
        vulnerability_record(news=news(person), cause="age", handling=["large_print"])
        if number % 2:
            make_hold(borrower=person, kind="hardship")
    for some in (people[:1], people):
        with django_assert_num_queries(12):  # nine kinds, handlings, holds, people
            facts = protection_facts(borrower_ids=[person.pk for person in some], at=AT + DAY)
    assert facts[people[0].pk]["complaint_open"].value is True
    assert facts[people[1].pk]["hardship_open"].value is True
    assert facts[people[0].pk]["hardship_open"].value is False
    fact = facts[people[0].pk]["complaint_open"]
    assert fact == Known(True, AT + DAY, "protections")


@pytest.mark.django_db
def test_a_hold_that_ended_is_known_for_the_days_before() -> None:
    borrower = make_borrower()
    make_hold(
        borrower=borrower, kind="complaint", starts_on=(AT - 5 * DAY).date(),
        placed_at=AT - 5 * DAY, ended_at=AT,
    )  # fmt: skip

    def open_(at: datetime, known_at: datetime | None = None) -> object:
        facts = protection_facts(borrower_ids=[borrower.pk], at=at, known_at=known_at)
        return facts[borrower.pk]["complaint_open"].value

    assert open_(AT - DAY) is True
    assert open_(AT + DAY) is False
    assert open_(AT + DAY, known_at=AT - DAY) is True, "its end was not known then"
    assert open_(AT - DAY, known_at=AT - 6 * DAY) is False, "nor its beginning before"


@pytest.mark.django_db
def test_who_has_no_protection_is_told_of_like_everybody_else() -> None:
    grown, child = make_borrower(), make_borrower(birth_date=date(2015, 1, 1))
    facts = protection_facts(borrower_ids=[grown.pk, child.pk], at=AT)
    for person in (grown, child):
        expected = borrower_facts(safeguards=(), at=AT, zone=ZONE, born_on=person.birth_date)
        assert facts[person.pk] == expected
