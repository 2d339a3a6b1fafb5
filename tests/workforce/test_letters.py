"""Letters of authority: issued signed, checked by a borrower, revoked at once, over at midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from pytest_django import Settings

from doorstep.evidence.models import Leaf
from doorstep.kernel.errors import InputError, Refused
from doorstep.kernel.pdf_sign import pdf_intact
from doorstep.rules.values import NOTHING
from doorstep.workforce.letter import LANGUAGES, qr_square, words
from doorstep.workforce.models import AuthorityLetter, LetterDocument, RosterDay, Staff
from doorstep.workforce.papers import Paper
from doorstep.workforce.roles import Role
from doorstep.workforce.seal import seal
from doorstep.workforce.selectors import agent_facts, letter_check
from doorstep.workforce.services import letter_issue, letter_revoke
from doorstep.workforce.services.letters import PapersMissing
from tests.factories import AT, ON, make_branch, make_staff
from tests.workforce.people import TEXT, make_agent, make_letter, make_roster_day

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_seal(home: Path, settings: Settings) -> None:
    settings.SEAL = home / "seal.pem"


def manager() -> Staff:
    return make_staff(Role.COLLECTIONS_MANAGER)


def issue(staff: Staff, *, by: Staff | None = None, days: int = 30) -> AuthorityLetter:
    return letter_issue(
        staff=staff, text=TEXT, valid_from=ON, valid_until=ON + timedelta(days=days),
        by=by or manager(), at=AT,
    )  # fmt: skip


def test_a_letter_is_issued_signed_and_on_the_record() -> None:
    agent = make_agent(letter=False)
    letter = issue(agent)
    pdf = bytes(LetterDocument.objects.get(letter=letter).pdf)
    assert pdf_intact(pdf=pdf, seal=seal(at=AT))
    assert not pdf_intact(pdf=pdf.replace(b"Seal", b"Sea1", 1), seal=seal(at=AT))
    assert Leaf.objects.filter(kind="authority_issued").count() == 1
    assert agent_facts(staff=[agent], at=AT)["authorised_until"].value == letter.valid_until


def test_every_required_content_is_printed_in_every_language() -> None:
    for language in LANGUAGES:
        said = words()[language]
        everything = str(said)
        for needed in ("{lender}", "{hotline}", "{verify_at}", "{first}", "{last}", "{name}"):
            assert needed in everything, (language, needed)
        assert len(said["sections"]) == 3
        for label in ("agent", "work_id", "number", "code", "photograph_alt", "signed"):
            assert said[label]
    assert qr_square("AL-1").startswith("<svg")


@pytest.mark.parametrize("wanting", ["photograph", "course", "vetting"])
def test_nobody_gets_a_letter_before_the_rest_is_in_order(wanting: str) -> None:
    courses = ("law", "conduct", "objections") if wanting == "course" else None
    agent = make_agent(
        letter=False,
        particulars={"vetted_until": ON - timedelta(days=1)} if wanting == "vetting" else None,
        **({"courses": courses} if courses else {}),
    )
    if wanting == "photograph":
        agent.photograph.delete()
    with pytest.raises(PapersMissing) as caught:
        issue(agent)
    assert [each.paper for each in caught.value.missing] == [Paper(wanting)]
    assert not AuthorityLetter.objects.exists()


def test_a_period_of_ninety_two_days_is_the_longest() -> None:
    agent = make_agent(letter=False)
    with pytest.raises(InputError, match="92"):
        issue(agent, days=92)
    with pytest.raises(InputError):
        issue(agent, days=-1)
    assert issue(agent, days=91).valid_until == ON + timedelta(days=91)


def test_leaders_revoke_but_do_not_issue_and_nobody_issues_to_themselves() -> None:
    branch = make_branch()
    agent = make_agent(branch=branch, letter=False)
    leader = make_staff(Role.TEAM_LEADER, branch=branch)
    with pytest.raises(Refused):
        issue(agent, by=leader)
    letter = issue(agent)
    stranger = make_staff(Role.TEAM_LEADER, branch=make_branch())
    with pytest.raises(Refused):
        letter_revoke(letter=letter, why="lost", by=stranger, at=AT)
    assert letter_revoke(letter=letter, why="lost", by=leader, at=AT).revoked_by == leader
    with pytest.raises(IntegrityError), transaction.atomic():
        AuthorityLetter.objects.filter(pk=letter.pk).update(issued_by=F("staff"))


def test_a_revoked_letter_ends_everything_planned_under_it_at_once() -> None:
    agent, by = make_agent(letter=False), manager()
    letter = make_letter(staff=agent)
    row = make_roster_day(letter=letter, day=ON + timedelta(days=3))
    with pytest.raises(InputError):
        letter_revoke(letter=letter, why="  ", by=by, at=AT)
    letter_revoke(letter=letter, why="card lost", by=by, at=AT)
    assert agent_facts(staff=[agent], at=AT)["authorised_until"].value is NOTHING
    just_before = AT - timedelta(microseconds=1)
    assert agent_facts(staff=[agent], at=just_before)["authorised_until"].value is not NOTHING
    row.refresh_from_db()
    assert row.withdrawn_at == AT
    assert Leaf.objects.filter(kind="authority_revoked").count() == 1
    with pytest.raises(Refused):
        letter_revoke(letter=letter, why="again", by=by, at=AT)


def test_days_under_another_letter_stand_when_one_is_revoked() -> None:
    agent = make_agent()
    letter = make_letter(staff=agent)
    make_roster_day(letter=letter, day=ON + timedelta(days=3))
    letter_revoke(letter=letter, why="printed twice", by=manager(), at=AT)
    assert RosterDay.objects.filter(withdrawn_at=None).count() == 1


def test_a_letter_ends_at_midnight_where_the_borrower_is() -> None:
    agent = make_agent(letter={"valid_from": ON, "valid_until": ON})
    last_minute = datetime(2026, 11, 20, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    midnight = last_minute + timedelta(minutes=1)

    def stands(at: datetime, zone: str) -> bool:
        until = agent_facts(staff=[agent], at=at, zone=zone)["authorised_until"].value
        local = {"Asia/Shanghai": date(2026, 11, 20 + (at >= midnight)), "Asia/Urumqi": ON}[zone]
        return isinstance(until, date) and until >= local

    assert stands(last_minute, "Asia/Shanghai")
    assert not stands(midnight, "Asia/Shanghai")
    assert stands(midnight, "Asia/Urumqi")  # two hours behind, still the same day


def test_a_borrower_who_asks_is_told_the_truth_and_a_wrong_code_tells_nothing() -> None:
    letter = make_letter(staff=make_agent(letter=False))

    def told(number: str = letter.number, code: str = letter.code, on: date = ON) -> str:
        return letter_check(number=number, code=code, on=on, at=AT).standing

    assert told(f" {letter.number.lower()} ", letter.code.lower()) == "valid"
    assert told(code="ZZZZ-9999") == "unknown"
    assert told(number="AL-2026-99999999") == "unknown"
    assert told(on=ON - timedelta(days=1)) == "not_yet"
    assert told(on=letter.valid_until + timedelta(days=1)) == "over"
    letter_revoke(letter=letter, why="left", by=manager(), at=AT)
    assert told() == "revoked"
