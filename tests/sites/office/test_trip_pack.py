"""The trip pack: what stands in it, who reads it how far, and the PDF."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from doorstep.cases.models import Case
from doorstep.kernel import clock
from doorstep.sites.office.bill import case_bill
from doorstep.sites.office.bill_words import amount
from doorstep.sites.office.trip_pack import pack_code, pack_of
from doorstep.sites.office.trip_pack_document import values_of
from doorstep.visits.models import Appointment, CrewDay
from doorstep.workforce.models import LetterDocument, PersonalDataAccess, Staff
from doorstep.workforce.roles import Role
from tests.factories import (
    make_address,
    make_borrower,
    make_branch,
    make_case,
    make_contact_point,
    make_instalments,
    make_loan,
    make_staff,
    make_third_party_number,
)
from tests.visits.fieldwork import agents_of, make_crew, make_field_plan, make_visit
from tests.workforce.people import make_agent, make_particulars

pytestmark = pytest.mark.django_db
HOME_TEXT = "云川市松林区桃源路12号3单元401室"


@pytest.fixture
def crew() -> CrewDay:
    now, branch = clock.now(), make_branch(name="望澜支行")
    today = clock.today()
    letter = {"valid_from": today, "valid_until": today + timedelta(days=30)}
    leader = make_staff(Role.TEAM_LEADER, branch=branch, display_name="方念慈")
    make_particulars(staff=leader, phone="13900000001")
    members = [
        make_agent(branch=branch, display_name=name, letter=letter) for name in ("高立诚", "石若兰")
    ]
    plan = make_field_plan(branch=branch, at=now, first_day=today)
    return make_crew(plan=plan, members=members, at=now)


def add_stop(crew: CrewDay, *, name: str = "欧阳小明", hours: int = 0) -> str:
    """A stop with an appointment, a bill and a verified number; its borrower's id."""
    borrower = make_borrower(name=name, branch=crew.plan.branch)
    make_instalments(loan=make_loan(borrower=borrower))
    make_contact_point(borrower=borrower, value="+8613812345678")
    make_contact_point(borrower=borrower, value="+8613800000000", state="unverified")
    make_third_party_number(borrower=borrower)
    at = clock.now() + timedelta(hours=hours)
    case = make_case(borrower=borrower, branch=crew.plan.branch)
    appointment = Appointment.objects.create(
        case=case, proposed_through="phone", from_at=at, until_at=at + timedelta(hours=1),
        code="417-205", state="agreed", proposed_by=agents_of(crew)[0], proposed_at=at,
        address=make_address(borrower=borrower, text=HOME_TEXT), wishes={"note": "不要按门铃"},
    )  # fmt: skip
    make_visit(crew=crew, case=case, at=at, appointment=appointment, address=appointment.address)
    return borrower.pk


def opened(staff: Staff, crew: CrewDay, name: str = "trip_pack") -> Client:
    client = Client()
    client.force_login(staff)
    return client.get(reverse(f"office:{name}", args=[crew.pk]))


def the_leader(crew: CrewDay) -> Staff:
    return Staff.objects.get(role=Role.TEAM_LEADER, branch=crew.plan.branch)


def test_the_crew_reads_what_it_needs_at_the_door(crew: CrewDay) -> None:
    borrower = add_stop(crew)
    shown = opened(agents_of(crew)[0], crew).content.decode()
    for words in (
        "高立诚", "石若兰", "欧阳小明", HOME_TEXT, "+8613812345678", "417-205", "不要按门铃",
        borrower, owed(borrower), "授权书", "我们不收现金", "应急预案", "110", "13900000001",
    ):  # fmt: skip
        assert words in shown, words
    assert "+8613800000000" not in shown  # nobody has verified it
    assert "欧阳大海" not in shown  # somebody else's number is never given out
    assert "110101199003070009" not in shown


def owed(borrower: str) -> str:
    """What the borrower's bill says in all."""
    (account,) = case_bill(Case.objects.get(borrower=borrower)).accounts
    return amount(account.overdue.total, account.currency)


def test_bills_and_letters_open_as_files_for_the_crew_and_for_nobody_else(crew: CrewDay) -> None:
    add_stop(crew)
    agent = agents_of(crew)[0]
    letter = agent.letters.get()
    LetterDocument.objects.create(letter=letter, pdf=b"%PDF-1.7 signed", sha256="0" * 64)
    papers = [
        reverse("office:trip_pack_bill", args=[crew.pk, crew.visits.get().pk]),
        reverse("office:trip_pack_letter", args=[crew.pk, letter.pk]),
        reverse("office:trip_pack_agreement", args=[crew.pk, crew.visits.get().pk]),
    ]
    shown = opened(agent, crew).content.decode()
    own, stranger = Client(), Client()
    own.force_login(agents_of(crew)[1])
    stranger.force_login(make_staff(Role.FIELD_AGENT, branch=crew.plan.branch))
    for paper in papers:
        assert paper in shown
        answer = own.get(paper)
        assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
        assert stranger.get(paper).status_code == 404
    crew.visits.update(state="cancelled")
    assert own.get(papers[0]).status_code == 404
    assert own.get(papers[2]).status_code == 404


@pytest.mark.parametrize("role", [Role.COLLECTIONS_MANAGER, Role.AUDITOR])
def test_who_does_not_go_there_reads_it_masked(crew: CrewDay, role: Role) -> None:
    add_stop(crew)
    shown = opened(make_staff(role), crew).content.decode()
    for words in ("欧阳小明", HOME_TEXT, "+8613812345678"):
        assert words not in shown
    assert "欧***" in shown
    assert "已遮盖" in shown


def test_every_opening_is_on_record_for_each_customer(crew: CrewDay) -> None:
    borrowers = {add_stop(crew), add_stop(crew, hours=1)}
    agent, auditor = agents_of(crew)[0], make_staff(Role.AUDITOR)
    opened(agent, crew)
    opened(auditor, crew, "trip_pack_pdf")
    for staff, what in ((agent, "trip_pack"), (auditor, "trip_pack_masked")):
        rows = PersonalDataAccess.objects.filter(staff=staff, what=what)
        assert {row.borrower_id for row in rows} == borrowers
        assert all("TP-" in row.purpose for row in rows)


def test_another_crew_another_branch_and_a_day_long_over_have_none(crew: CrewDay) -> None:
    add_stop(crew)
    for stranger in (
        make_staff(Role.FIELD_AGENT, branch=crew.plan.branch),
        make_staff(Role.TEAM_LEADER, branch=make_branch()),
    ):
        assert opened(stranger, crew).status_code == 404
    assert opened(make_staff(Role.DESK_AGENT), crew).status_code == 403
    CrewDay.objects.update(
        begins_at=clock.now() - timedelta(hours=30), ends_at=clock.now() - timedelta(hours=20)
    )
    assert opened(agents_of(crew)[0], crew).status_code == 404
    assert opened(the_leader(crew), crew).status_code == 200


def test_the_pack_asks_the_same_however_many_stops(crew: CrewDay) -> None:
    agent = agents_of(crew)[0]
    add_stop(crew)
    opened(agent, crew)
    with CaptureQueriesContext(connection) as one:
        opened(agent, crew)
    for hours in range(1, 6):
        add_stop(crew, hours=hours)
    with CaptureQueriesContext(connection) as six:
        opened(agent, crew)
    assert len(six) == len(one)


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_the_pdf_is_made_with_the_persons_name_in_every_language(
    crew: CrewDay, language: str
) -> None:
    add_stop(crew, name="欧阳𠮷·热孜娅")
    client = Client()
    client.force_login(agents_of(crew)[0])
    client.cookies["doorstep_language"] = language
    answer = client.get(reverse("office:trip_pack_pdf", args=[crew.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    number = f"TP-{crew.day:%Y%m%d}-{crew.pk}"
    assert number in answer["Content-Disposition"]
    with translation.override(language):
        pack = pack_of(crew=crew, staff=agents_of(crew)[0], on=clock.today())
        printed = values_of(pack)
    assert number in printed["foot"]
    assert pack_code(number) in printed["foot"]
    assert "<svg" in printed["square"]
    assert "欧阳𠮷·热孜娅" in printed["itinerary"][0]


def test_the_nearest_police_station_is_named_where_the_operator_supplies_them(
    crew: CrewDay, settings: Settings, tmp_path: Path
) -> None:
    add_stop(crew)
    listed = tmp_path / "police.csv"
    listed.write_text(
        "name,phone,address,latitude,longitude\n"
        "远处派出所,0991-1,远路1号,31.5,105\n松林派出所,0991-2,中心路2号,30.01,104.0\n",
        "utf-8",
    )
    settings.POLICE_STATIONS = str(listed)
    shown = opened(agents_of(crew)[0], crew).content.decode()
    assert "松林派出所 · 0991-2" in shown
    assert "远处派出所" not in shown
    listed.write_text("name,phone\n", "utf-8")
    broken = opened(agents_of(crew)[0], crew)
    assert broken.status_code == 200
    assert "派出所名单无法读取" in broken.content.decode()


def test_somebody_without_a_valid_letter_is_told_not_to_go(crew: CrewDay) -> None:
    add_stop(crew)
    agents_of(crew)[0].letters.all().update(
        valid_until=clock.today() - timedelta(days=1), valid_from=clock.today() - timedelta(days=9)
    )
    with translation.override("en"):
        pack = pack_of(crew=crew, staff=the_leader(crew), on=clock.today())
    assert any("do not go" in paper.words for paper in pack.documents)


def test_whoever_finds_a_pack_can_ask_whether_it_is_ours(crew: CrewDay) -> None:
    client = Client()
    client.force_login(make_staff(Role.DESK_AGENT))
    ask = reverse("office:letter_check")
    real = client.get(ask, {"number": "tp-20260101-7", "code": pack_code("TP-20260101-7")})
    assert "行程资料是我们的" in real.content.decode()
    false = client.get(ask, {"number": "TP-20260101-7", "code": "0000-0000"})
    assert "没有这份文件" in false.content.decode()
