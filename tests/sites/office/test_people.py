"""Colleagues' pages: what they show to whom, what they refuse, and in how many queries."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from doorstep.kernel import clock
from doorstep.workforce.models import (
    AuthorityLetter,
    Branch,
    Encounter,
    Leave,
    Photograph,
    RosterDay,
    Sitting,
    Staff,
    Vehicle,
)
from doorstep.workforce.photo import MOST_BYTES
from doorstep.workforce.roles import Role
from tests.factories import make_branch, make_case, make_staff
from tests.workforce.people import a_picture, make_agent, make_letter, make_roster_day

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_seal(home: Path, settings: Settings) -> None:
    settings.SEAL = home / "seal.pem"


def at_desk(staff: Staff | Role) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff if isinstance(staff, Staff) else make_staff(staff))
    return client


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def agents_of(branch: Branch, count: int) -> list[Staff]:
    """Agents with a letter for the coming days, the first rostered today."""
    on = clock.today("Asia/Shanghai")
    made = [make_agent(branch=branch, letter=False) for _number in range(count)]
    letters = [
        make_letter(staff=each, valid_from=on, valid_until=on + timedelta(days=60)) for each in made
    ]
    make_roster_day(letter=letters[0], day=on)
    return made


def test_the_file_shows_papers_to_a_leader_and_the_load_to_no_administrator() -> None:
    branch = make_branch()
    agent = agents_of(branch, 1)[0]
    leader = at_desk(make_staff(Role.TEAM_LEADER, branch=branch))
    text = text_of(leader, f"/staff/{agent.pk}/")
    assert agent.particulars.work_id in text
    assert "All papers are in order today." in text
    assert "Load of hard encounters" in text
    assert "data:image/jpeg;base64," in text
    admin = text_of(at_desk(Role.ADMINISTRATOR), f"/staff/{agent.pk}/")
    assert "Load of hard encounters" not in admin
    assert "Issue a letter" not in admin


def test_a_leader_of_another_branch_finds_nobody() -> None:
    agent = agents_of(make_branch(), 1)[0]
    letter = AuthorityLetter.objects.get(staff=agent)
    stranger = at_desk(make_staff(Role.TEAM_LEADER, branch=make_branch()))
    assert stranger.get(f"/staff/{agent.pk}/").status_code == 404
    assert stranger.post(f"/letters/{letter.pk}/revoke/", {"why": "x"}).status_code == 404
    assert stranger.get("/roster/").status_code == 200
    assert str(agent) not in stranger.get("/roster/").content.decode()
    letter.refresh_from_db()
    assert letter.revoked_at is None


@pytest.mark.parametrize("path", ["/roster/", "/staff/endings/"])
def test_lists_take_the_same_queries_for_few_and_many_agents(
    path: str, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    branch = make_branch()
    manager = at_desk(Role.COLLECTIONS_MANAGER)
    agents_of(branch, 2)
    manager.get(path)
    with django_assert_max_num_queries(20) as few:
        manager.get(path)
    agents_of(branch, 5)
    with django_assert_num_queries(len(few)):
        manager.get(path)


def test_the_roster_writes_what_can_be_and_says_why_the_rest_cannot() -> None:
    branch = make_branch()
    on = clock.today("Asia/Shanghai")
    monday = on - timedelta(days=on.weekday()) + timedelta(days=7)
    agent = make_agent(branch=branch, letter=False)
    make_letter(staff=agent, valid_from=on, valid_until=monday)
    client = at_desk(make_staff(Role.TEAM_LEADER, branch=branch))
    days = [monday.isoformat(), (monday + timedelta(days=1)).isoformat()]
    form = {"week": monday.isoformat(), "branch": branch.pk}
    answer = client.post(
        "/roster/write/", form | {"staff": agent.pk, "shift": "day", "days": days}, follow=True
    )
    text = answer.content.decode()
    assert "Letter of authority ran out" in text
    (row,) = RosterDay.objects.all()
    assert row.day == monday
    text = client.post(f"/roster/{row.pk}/withdraw/", form, follow=True).content.decode()
    assert "Taken back." in text
    leave = form | {"staff": agent.pk, "first": days[0], "last": days[1], "kind": "holiday"}
    assert "Holiday" in client.post("/roster/leave/", leave, follow=True).content.decode()
    assert Leave.objects.count() == 1
    car = form | {"plate": "例A12345", "seats": 5, "range_km": 400}
    client.post("/roster/vehicles/", car)
    assert Vehicle.objects.get().branch == branch
    assert (
        "1 to 60"
        in client.post("/roster/vehicles/", car | {"seats": 0}, follow=True).content.decode()
    )


def test_a_week_that_is_none_is_this_week_and_a_field_agent_only_reads() -> None:
    agent = agents_of(make_branch(), 1)[0]
    client = at_desk(agent)
    for week in ("nonsense", "9999-12-31", "0001-01-01"):
        assert client.get(f"/roster/?week={week}").status_code == 200
    manager, case = at_desk(Role.COLLECTIONS_MANAGER), make_case(branch=agent.branch)
    for day in ("nonsense", "9999-12-31", "0001-01-01"):
        assert manager.get(f"/cases/{case.pk}/pairs/?day={day}").status_code == 200
    assert "Write days" not in text_of(client, "/roster/")
    assert client.post("/roster/write/", {}).status_code == 403


def test_a_photograph_is_sniffed_capped_and_kept_clean() -> None:
    agent = make_agent()
    Photograph.objects.all().delete()
    admin = at_desk(Role.ADMINISTRATOR)

    def send(content: bytes, name: str = "face.jpg") -> str:
        file = SimpleUploadedFile(name, content, content_type="image/jpeg")
        path = f"/staff/{agent.pk}/photograph/"
        return admin.post(path, {"photograph": file}, follow=True).content.decode()

    assert "is no JPEG" in send(b"GIF89a")
    assert "too large" in send(b"\xff\xd8\xff" + b"0" * (MOST_BYTES + 100_000))
    assert not Photograph.objects.exists()
    assert "The photograph is kept." in send(a_picture())
    assert bytes(Photograph.objects.get().jpeg).startswith(b"\xff\xd8\xff")


def test_particulars_are_kept_and_a_taken_work_id_is_said_to_be() -> None:
    one, other = make_agent(), make_agent()
    client = at_desk(Role.ADMINISTRATOR)
    path = f"/staff/{one.pk}/particulars/"
    form = {"work_id": "W77", "skills": ["wu", "sign_language"], "gender": ""}
    assert client.post(path, form).status_code == 302
    one.particulars.refresh_from_db()
    assert one.particulars.work_id == "W77"
    assert sorted(one.skills.values_list("code", flat=True)) == ["sign_language", "wu"]
    taken = client.post(path, form | {"work_id": other.particulars.work_id})
    assert "Another colleague has this work id." in taken.content.decode()
    half = client.post(path, form | {"home_latitude": "30"})
    assert "Give both, or neither." in half.content.decode()


def test_a_letter_is_issued_from_the_page_and_refused_with_what_is_missing() -> None:
    agent = make_agent(letter=False)
    untrained = make_agent(letter=False, courses=("law",))
    client = at_desk(Role.COLLECTIONS_MANAGER)
    on = clock.today("Asia/Shanghai")
    form = {"valid_from": on, "valid_until": on + timedelta(days=30), "language": "en"}
    client.post(f"/staff/{agent.pk}/letters/", form)
    letter = AuthorityLetter.objects.get()
    answer = client.get(f"/letters/{letter.pk}.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    text = client.post(f"/staff/{untrained.pk}/letters/", form, follow=True).content.decode()
    assert "Exam not passed: Safety" in text
    assert AuthorityLetter.objects.count() == 1


def test_something_hard_and_a_tie_are_recorded_by_a_leader() -> None:
    branch = make_branch()
    agent = make_agent(branch=branch)
    client = at_desk(make_staff(Role.TEAM_LEADER, branch=branch))
    path = f"/staff/{agent.pk}"
    client.post(f"{path}/encounters/", {"weight": "4", "borrower": "C1", "note": "a threat"})
    assert Encounter.objects.get().weight == 4
    assert "At rest until" in text_of(client, f"{path}/")
    assert "how heavy" in client.post(f"{path}/encounters/", {}, follow=True).content.decode()
    client.post(f"{path}/ties/", {"borrower": "C9", "kind": "neighbour"})
    tie = agent.ties.get()
    client.post(f"{path}/ties/", {"end": str(tie.pk)})
    assert not agent.ties.exists()


def test_an_exam_shows_no_answer_before_it_is_handed_in() -> None:
    agent = make_agent(courses=())
    client = at_desk(agent)
    client.post("/training/safety/begin/")
    sitting = Sitting.objects.get()
    path = f"/training/exams/{sitting.pk}/"
    assert "option-right" not in text_of(client, path)
    right = {f"q-{name}": order.index(0) for name, order in sitting.questions}
    client.post(path, dict(list(right.items())[: sitting.pass_mark - 1]))
    text = text_of(client, path)
    assert "Not passed: 8 of 10" in text
    assert "option-right" in text
    assert at_desk(make_agent()).get(path).status_code == 404
    assert client.get("/training/none/").status_code == 404


def test_who_may_visit_names_the_reason_for_everybody_who_may_not() -> None:
    branch = make_branch()
    agents_of(branch, 2)
    on = clock.today("Asia/Shanghai")
    case = make_case(branch=branch)
    text = text_of(at_desk(Role.COLLECTIONS_MANAGER), f"/cases/{case.pk}/pairs/?day={on}&woman=1")
    assert "No pair may go" in text
    assert "a woman was asked for" in text
    assert "not on the roster that day" in text


@pytest.mark.parametrize(
    ("code", "words"), [("ABCD-2345", "Real and valid today"), ("XXXX-2345", "no such letter")]
)
def test_a_letter_is_checked_for_somebody_on_the_telephone(code: str, words: str) -> None:
    agent = agents_of(make_branch(), 1)[0]
    number = AuthorityLetter.objects.get(staff=agent).number
    desk = at_desk(Role.DESK_AGENT)
    assert words in text_of(desk, f"/letters/check/?number={number}&code={code}")


def test_today_tells_a_leader_whose_papers_end() -> None:
    branch = make_branch()
    make_agent(branch=branch, letter=False)
    leader = at_desk(make_staff(Role.TEAM_LEADER, branch=branch))
    assert "field agent whose papers are missing or end soon" in text_of(leader, "/")
    other = at_desk(make_staff(Role.TEAM_LEADER, branch=make_branch()))
    assert "papers are missing" not in text_of(other, "/")
