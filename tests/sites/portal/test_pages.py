"""The public pages: what they say, what they never say, and to whom."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.dispatch.models import Act, CallResult, Clearance
from doorstep.kernel import clock
from doorstep.visits.models import Appointment, ImpostorReport, PlannedVisit
from doorstep.visits.selectors.visitor import visitor_secret
from doorstep.visits.visitor import number_of, slot_of
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.dispatch.outbox import make_act, make_owing_case
from tests.factories import AT, ON, make_contact_point, make_staff
from tests.visits.checks import CODE, Door, make_door
from tests.workforce.people import make_particulars

pytestmark = pytest.mark.django_db
PHONE = "+8613900001234"


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    monkeypatch.setattr(clock, "today", lambda zone="": ON)


@pytest.fixture
def door() -> Door:
    return make_door()


def visit_page(client: Client, code: str = CODE, **more: Any) -> HttpResponse:
    return client.get(reverse("portal:visit", args=[code]), **more)


def text_of(answer: HttpResponse) -> str:
    """What stands on the page, without its changing tokens."""
    found = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return re.sub(r'name="next" value="[^"]*"', "", found)


def test_the_code_leads_to_faces_names_hours_and_the_number(door: Door, client: Client) -> None:
    answer = client.post(reverse("portal:enter"), {"code": "kq4t 9whm"})
    assert answer.headers["Location"] == reverse("portal:visit", args=[CODE])
    page = visit_page(client).content.decode()
    number = number_of(secret=visitor_secret(), visit=door.visit.pk, slot=slot_of(AT))
    for agent in door.agents:
        assert agent.display_name in page
        assert agent.particulars.work_id in page
    assert page.count("data:image/jpeg;base64,") == 2
    assert f">{number}<" in page
    assert "云川银行" in page
    assert "400-000-0000" in page
    assert "https://check.yunchuan-bank.example/v/KQ4T-9WHM/" in page


def test_nothing_of_the_debt_the_person_or_the_address(door: Door, client: Client) -> None:
    borrower = door.visit.case.borrower
    home = door.visit.address
    assert home is not None
    page = visit_page(client).content.decode()
    hidden = [borrower.name, borrower.pk, home.text, home.text[:6], "逾期", "欠", "贷款", "还款"]
    assert [each for each in hidden if each in page] == []
    kept = json.loads(re.search(r'id="kept"[^>]*>(.*?)</script>', page)[1])  # type: ignore[index]
    assert set(kept) == {"visit", "code", "until", "number_until", "devices"}


def test_figures_that_scripts_read_are_written_plainly(door: Door, client: Client) -> None:
    page = visit_page(client).content.decode()
    kept = json.loads(re.search(r'id="kept"[^>]*>(.*?)</script>', page)[1])  # type: ignore[index]
    assert f'data-until="{kept["number_until"]}"' in page
    assert kept["number_until"] > 10**9
    form = client.post(reverse("portal:report"), {"happened": "door", "day": ON.isoformat()})
    assert 'maxlength="2000"' in form.content.decode()


def test_the_page_speaks_three_languages(door: Door, client: Client) -> None:
    for language, words in (
        ("en", "Yes, we know this visit."),
        ("zh-hans", "云川"),
        ("zh-hant", "雲川"),
    ):
        client.cookies["doorstep_language"] = language
        assert words in visit_page(client).content.decode()


def test_unknown_cancelled_revoked_and_past_are_one_answer(
    door: Door, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = visit_page(client, "AAAA-AAAA")
    answers = [visit_page(client, code) for code in ("-", "x", "%00", "a" * 500)]
    visits = PlannedVisit.objects.filter(pk=door.visit.pk)
    visits.update(state="cancelled")
    answers.append(visit_page(client))
    visits.update(state="planned")
    door.agents[0].letters.update(revoked_at=AT, revoked_by=door.agents[1], revoked_why="x")
    answers.append(visit_page(client))
    door.agents[0].letters.update(revoked_at=None, revoked_by=None, revoked_why="")
    assert visit_page(client).status_code == 200
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(hours=5))
    answers.append(visit_page(client))
    assert {each.status_code for each in answers} == {404}
    # A code that holds a NUL is refused before any page is asked.
    assert {text_of(each) for each in answers if b"data-not-known" in each.content} == {
        text_of(unknown)
    }


def test_wrong_codes_cost_the_same_queries_over_many_tries(door: Door, client: Client) -> None:
    def queries(code: str, number: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            answer = visit_page(client, code, REMOTE_ADDR=f"192.0.2.{number}")
        assert answer.status_code == 404
        return len(seen)

    for number in range(3):  # the first question of an address makes its count
        visit_page(client, "AAAA-AAAA", REMOTE_ADDR=f"192.0.2.{number}")
    counts = {queries(f"AAAA-AAA{each}", 0) for each in "ABCDEFGH"}
    Appointment.objects.filter(pk=door.appointment.pk).update(state="cancelled")
    counts |= {queries(CODE, 1) for _each in range(8)}
    Appointment.objects.filter(pk=door.appointment.pk).update(state="agreed")
    Staff.objects.filter(pk=door.agents[0].pk).update(is_active=False)
    counts |= {queries(CODE, 2) for _each in range(8)}
    assert len(counts) == 1


def test_too_many_tries_end_in_a_page_that_says_nothing(door: Door, client: Client) -> None:
    answers = [visit_page(client, "AAAA-AAAA").status_code for _each in range(21)]
    assert answers == [404] * 20 + [429]
    assert visit_page(client).status_code == 429
    assert visit_page(client, REMOTE_ADDR="192.0.2.99").status_code == 200


def test_the_number_is_compared_on_a_page_of_its_own(door: Door, client: Client) -> None:
    path = reverse("portal:number", args=[CODE])
    assert client.get(path).status_code == 200
    number = number_of(secret=visitor_secret(), visit=door.visit.pk, slot=slot_of(AT))
    assert 'class="answer no"' in client.post(path, {"number": number}).content.decode()
    door.show(door.ask())
    assert 'class="answer yes"' in client.post(path, {"number": number}).content.decode()


def test_staff_without_a_second_factor_see_the_public_pages(
    door: Door, client: Client, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    client.force_login(make_staff(Role.DESK_AGENT))
    assert client.get("/").headers["Location"].startswith("/accounts/2fa/")
    assert client.get(reverse("portal:enter")).status_code == 200
    assert visit_page(client).status_code == 200


def called(by: Staff, *, at: datetime = AT) -> Act:
    """A call that was made to PHONE."""
    case = make_owing_case()
    point = make_contact_point(borrower=case.borrower, value=PHONE)
    act = make_act(case=case, contact_point=point, kind="call", channel="phone")
    happened(act, at)
    CallResult.objects.create(act=act, by=by)
    return act


def happened(act: Act, at: datetime = AT) -> None:
    """The act was cleared and done."""
    clearance = Clearance.objects.create(
        id=f"{act.reference}.1", act=act, attempt=1, log_index=act.pk, mac="0" * 64, at=at,
        not_before=at, not_after=at + timedelta(minutes=5), packs=[], number=act.number,
    )  # fmt: skip
    Act.objects.filter(pk=act.pk).update(state="sent", clearance=clearance)


@pytest.fixture
def caller() -> Staff:
    staff = make_staff(Role.DESK_AGENT)
    make_particulars(staff=staff, work_id="W77001")
    return staff


def remembered(**fields: str) -> dict[str, str]:
    local = AT + timedelta(hours=8)
    values = {"how": "phone", "named": "w77001", "day": f"{local:%Y-%m-%d}",
              "time": f"{local:%H:%M}", "number": "139 0000 1234"}  # fmt: skip
    return values | fields


def ours(client: Client, **fields: str) -> bool:
    answer = client.post(reverse("portal:who"), remembered(**fields), REMOTE_ADDR=next(ADDRESSES))
    assert answer.status_code == 200
    return 'class="answer yes"' in answer.content.decode()


ADDRESSES = (f"198.51.100.{number}" for number in range(250))


def test_did_you_really_call_me(client: Client, caller: Staff) -> None:
    act = called(caller)
    assert ours(client)
    assert ours(client, number="+86 139-0000-1234")
    for wrong in ({"named": "W77002"}, {"number": "13900001235"}, {"time": "03:00"},
                  {"day": "2020-01-01"}):  # fmt: skip
        assert not ours(client, **wrong)
    Act.objects.filter(pk=act.pk).update(state="withdrawn", clearance=None)
    assert not ours(client)


def test_did_you_really_write_to_me(client: Client) -> None:
    case = make_owing_case()
    point = make_contact_point(borrower=case.borrower, value=PHONE)
    act = make_act(case=case, contact_point=point)
    happened(act)
    assert ours(client, how="message", named="", skipped="1")
    assert ours(client, how="message", named=act.reference, number="")
    assert not ours(client, how="message", named="0" * 24, number="")
    assert not ours(client, how="message", named="", skipped="1", number="13900001239")


@pytest.mark.parametrize(("how", "most"), [("phone", 8), ("message", 3)])
def test_questions_about_one_number_are_limited_whoever_asks(
    client: Client, how: str, most: int
) -> None:
    """However the number is typed, and whatever the hour that is asked about."""
    forms = ("13900001234", "+86 139-0000-1234", "0086 13900001234", "++8613900001234")
    for turn in range(most):
        ours(client, how=how, number=forms[turn % 4], time=f"{9 + turn:02}:00", skipped="1")
    asked = remembered(how=how, number="8613900001234", skipped="1")
    answer = client.post(reverse("portal:who"), asked, REMOTE_ADDR="203.0.113.1")
    assert answer.status_code == 429


def test_a_message_is_known_by_about_when_it_came(client: Client) -> None:
    case = make_owing_case()
    point = make_contact_point(borrower=case.borrower, value=PHONE)
    happened(make_act(case=case, contact_point=point))
    local = AT + timedelta(hours=8)
    for minutes, known in ((19, True), (21, False)):
        about = f"{local + timedelta(minutes=minutes):%H:%M}"
        assert ours(client, how="message", named="", skipped="1", time=about) is known


def test_one_question_a_page_until_the_answer(client: Client) -> None:
    path = reverse("portal:who")
    asked = {}
    for step, more in (("how", {}), ("named", {"how": "phone"}), ("day", {"named": "W1"}),
                       ("number", {"day": "2026-11-20", "time": "10:00"})):  # fmt: skip
        asked |= more
        assert f'name="{step}"' in client.get(path, asked).content.decode()


def report(client: Client, **fields: str) -> HttpResponse:
    values = {"happened": "door", "day": ON.isoformat(), "words": "要求现金", "send": "yes"}
    return client.post(reverse("portal:report"), values | fields)


def test_a_report_ends_with_its_receipt(client: Client, door: Door) -> None:
    answer = report(client, code=CODE, contact="13900001111")
    kept = ImpostorReport.objects.get()
    assert kept.visit == door.visit
    assert answer.headers["Location"] == reverse("portal:received", args=[kept.number])
    assert kept.number in client.get(answer.headers["Location"]).content.decode()


def test_a_report_is_asked_for_one_question_a_page(client: Client) -> None:
    path = reverse("portal:report")
    assert 'name="happened"' in client.get(path).content.decode()
    assert 'name="day"' in client.get(path, {"happened": "door"}).content.decode()
    named = {"happened": "door", "day": ON.isoformat()}
    assert 'name="words"' in client.get(path, named).content.decode()
    assert 'name="contact"' in client.post(path, named | {"words": "要求现金"}).content.decode()
    assert ImpostorReport.objects.count() == 0
    assert report(client, words="?").status_code == 422
    assert report(client, day="2020-01-01").status_code == 422


def test_reports_of_one_address_are_limited(client: Client) -> None:
    assert [report(client).status_code for _each in range(6)] == [302] * 5 + [429]


def test_without_a_lender_the_pages_open_all_the_same(
    client: Client, settings: Any, home: object
) -> None:
    settings.MODE = "live"
    for name in ("enter", "who", "report"):
        assert client.get(reverse(f"portal:{name}")).status_code == 200
