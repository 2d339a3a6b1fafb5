"""Hardship, vulnerability, stops by law, representatives, wishes: recorded with what they need."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from doorstep.kernel.errors import InputError, Refused
from doorstep.protections.models import Handling, Preference, Representative
from doorstep.protections.services import (
    claim_settle,
    hardship_record,
    legal_stop_confirm,
    legal_stop_record,
    preference_record,
    protection_end,
    representative_record,
    review_keep,
    stop_request_record,
    vulnerability_handle,
    vulnerability_record,
    workplace_restriction_record,
)
from doorstep.workforce.roles import Role
from tests.factories import AT, make_staff
from tests.protections.making import news, officer

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_hardship_is_looked_at_again_after_a_month_and_can_go_on() -> None:
    agent = make_staff(Role.DESK_AGENT)
    hardship = hardship_record(news=news(by=agent), cause="job_loss")
    assert (hardship.due_on, hardship.owner) == (date(2026, 12, 20), agent)
    kept = review_keep(of=hardship, why="Still no work", by=agent, at=AT + 30 * DAY)
    assert kept.due_on == date(2027, 1, 19)
    assert (
        protection_end(
            kept, ends_at=AT + 40 * DAY, why="New job", by=agent, at=AT + 40 * DAY
        ).due_on
        is None
    )


def test_a_vulnerability_names_its_special_handling() -> None:
    with pytest.raises(InputError, match="mark alone"):
        vulnerability_record(news=news(), cause="age", handling=[])
    with pytest.raises(InputError):
        vulnerability_record(news=news(), cause="age", handling=["be_nice"])
    with pytest.raises(InputError):
        vulnerability_record(news=news(), cause="bad luck", handling=["no_visits"])
    row = vulnerability_record(news=news(), cause="age", handling=["no_visits", "no_visits"])
    assert [h.code for h in row.handlings.all()] == ["no_visits"]
    with pytest.raises(InputError):
        vulnerability_handle(of=row, handling=[], why="all fine", by=officer(), at=AT + HOUR)
    with pytest.raises(IntegrityError), transaction.atomic():
        Handling.objects.create(vulnerability=row, code="no_visits")
    with pytest.raises(IntegrityError), transaction.atomic():
        Handling.objects.create(vulnerability=row, code="be_nice")


def test_a_death_without_a_certificate_is_a_claim_until_it_is_shown() -> None:
    with pytest.raises(InputError, match="claim"):
        legal_stop_record(news=news(told_by="relative"), bar="deceased")
    claim = legal_stop_record(news=news(told_by="relative", claimed=True), bar="deceased")
    assert (claim.standing, claim.due_on) == ("claimed", date(2026, 12, 20))
    by = officer()
    with pytest.raises(InputError):
        legal_stop_confirm(of=claim, document=" ", by=by, at=AT + DAY)
    shown = legal_stop_confirm(
        of=claim, document="Certificate 8812", authority="云川市公安局", by=by, at=AT + DAY
    )
    assert (shown.standing, shown.due_on, shown.document) == ("confirmed", None, "Certificate 8812")
    with pytest.raises(Refused, match="no open claim"):
        claim_settle(shown, confirmed=True, why="again", by=by, at=AT + 2 * DAY)


@pytest.mark.parametrize(
    ("bar", "due_on"),
    [
        ("deceased", date(2026, 12, 20)),
        ("bankruptcy", date(2026, 12, 18)),
        ("police_no_contact", date(2026, 11, 27)),
        ("minor", date(2026, 12, 4)),
    ],
)
def test_each_kind_of_claim_holds_for_its_own_time(bar: str, due_on: date) -> None:
    assert legal_stop_record(news=news(claimed=True), bar=bar).due_on == due_on


def test_a_representative_shows_a_document_or_is_a_claim() -> None:
    with pytest.raises(InputError, match="power of attorney"):
        representative_record(news=news(), role="lawyer", name="吴律师")
    claim = representative_record(
        news=news(claimed=True), role="lawyer", name="吴律师", instead=True
    )
    assert claim.standing == "claimed"
    shown = representative_record(
        news=news(), role="lawyer", name="吴律师", document="Power 12", instead=True,
        powers=("may_know_debt", "may_negotiate"),
    )  # fmt: skip
    assert shown.powers == ["may_know_debt", "may_negotiate"]


def test_nobody_acts_in_a_debt_they_may_not_know() -> None:
    for powers in (("may_sign",), ("may_fly",)):
        with pytest.raises(InputError):
            representative_record(
                news=news(), role="family", name="欧阳大海", document="Letter", powers=powers
            )
    row = representative_record(news=news(), role="family", name="欧阳大海", document="Letter")
    with pytest.raises(IntegrityError), transaction.atomic():
        Representative.objects.filter(pk=row.pk).update(may_sign=True)


@pytest.mark.parametrize(
    "wish",
    [
        {"subject": "hours"},
        {"subject": "hours", "from_time": time(9), "to_time": time(9)},
        {"subject": "hours", "from_time": time(9), "to_time": time(10), "weekdays": "08"},
        {"subject": "hours", "from_time": time(9), "to_time": time(10), "weekdays": ""},
        {"subject": "channel", "channel": "pigeon"},
        {"subject": "place", "place": "moon"},
        {"subject": "language", "language": "tlh"},
        {"subject": "mood"},
        {"subject": "recording", "stance": "dislikes"},
    ],
)
def test_a_wish_that_says_nothing_is_refused(wish: dict[str, object]) -> None:
    with pytest.raises(InputError):
        preference_record(news=news(), **{"stance": "refuses"} | wish)  # type: ignore[arg-type]
    assert not Preference.objects.exists()


def test_a_wish_keeps_only_what_its_subject_needs() -> None:
    wish = preference_record(
        news=news(), stance="refuses", subject="channel", channel="call", place="home"
    )
    assert (wish.channel, wish.place, wish.weekdays) == ("call", "", "")
    with pytest.raises(IntegrityError), transaction.atomic():
        Preference.objects.filter(pk=wish.pk).update(place="home")


def test_a_stop_covers_what_it_names() -> None:
    with pytest.raises(InputError):
        stop_request_record(news=news(), scope="channel", channel="")
    with pytest.raises(InputError):
        stop_request_record(news=news(), scope="number", number=" ")
    with pytest.raises(InputError):
        stop_request_record(news=news(), scope="some")
    one = stop_request_record(news=news(), scope="number", channel="sms", number="+8619900012345")
    assert (one.channel, one.number) == ("", "+8619900012345")


def test_work_is_forbidden_by_the_employer_or_the_customer() -> None:
    row = workplace_restriction_record(news=news(), forbidden_by="employer", what="calls")
    assert row.what == "calls"
    with pytest.raises(InputError):
        workplace_restriction_record(news=news(), forbidden_by="the cat")
