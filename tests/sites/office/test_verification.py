"""Confirming numbers and addresses: who sees which task, what is shown, what a finding does."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from doorstep.portfolio.models import Verification, VerificationTask
from doorstep.sites.office.verification_words import FINDINGS, how_words, masked
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import (
    make_address,
    make_borrower,
    make_case,
    make_contact_point,
    make_staff,
    make_team,
    make_verification_task,
)

pytestmark = pytest.mark.django_db
LIST = "office:verification"


def signed_in(client: Client, role: Role = Role.COLLECTIONS_MANAGER, **fields: object) -> Staff:
    staff = make_staff(role, **fields)  # type: ignore[arg-type]
    client.force_login(staff)
    client.cookies["doorstep_language"] = "en"
    return staff


def make_task(*, value: str = "+8619900012345", reason: str = "unverified") -> VerificationTask:
    borrower = make_borrower(name="欧阳小明")
    point = make_contact_point(borrower=borrower, value=value, state="unverified")
    return make_verification_task(borrower=borrower, contact_point=point, reason=reason)


def opened(task: VerificationTask) -> str:
    return reverse("office:verification_task", args=[task.pk])


def test_a_task_shows_whom_what_and_why_with_the_number_masked(client: Client) -> None:
    signed_in(client)
    task = make_task()
    page = client.get(reverse(LIST)).content.decode()
    assert "Nobody has confirmed this yet" in page
    assert "+86" in page
    assert "欧***" in page
    for secret in ("+8619900012345", "欧阳小明"):
        assert secret not in page
        assert secret not in client.get(opened(task)).content.decode()


def test_an_empty_list_says_when_tasks_appear(client: Client) -> None:
    signed_in(client)
    assert "Nothing waits to be confirmed" in client.get(reverse(LIST)).content.decode()


def test_the_reason_narrows_the_list_and_counts_stay(client: Client) -> None:
    signed_in(client)
    make_task(reason="unverified")
    stale = make_task(reason="stale", value="+8619900055555")
    page = client.get(reverse(LIST), {"reason": "stale"})
    assert [row["task"].pk for row in page.context["rows"]] == [stale.pk]
    assert page.context["total"] == 2
    nothing = client.get(reverse(LIST), {"reason": "wrong"}).content.decode()
    assert "Nothing waits for this reason" in nothing


def test_a_desk_agent_sees_only_tasks_of_their_own_cases(client: Client) -> None:
    agent = signed_in(client, Role.DESK_AGENT)
    mine, other, nobodys = make_task(), make_task(), make_task()
    make_case(borrower=mine.borrower, assignee=agent)
    make_case(borrower=other.borrower)
    page = client.get(reverse(LIST))
    assert [row["task"].pk for row in page.context["rows"]] == [mine.pk]
    assert client.get(opened(mine)).status_code == 200
    for hidden in (other, nobodys):
        assert client.get(opened(hidden)).status_code == 404
        assert client.post(opened(hidden), {"finding": "spoke"}).status_code == 404


def test_a_closed_case_no_longer_opens_its_tasks(client: Client) -> None:
    agent = signed_in(client, Role.DESK_AGENT)
    task = make_task()
    case = make_case(borrower=task.borrower, assignee=agent)
    case.status, case.closed_on = "closed", case.business_date
    case.save()
    assert client.get(opened(task)).status_code == 404


def test_a_team_leader_sees_the_teams_tasks(client: Client) -> None:
    team = make_team()
    signed_in(client, Role.TEAM_LEADER, team=team)
    ours, theirs = make_task(), make_task()
    make_case(borrower=ours.borrower, team=team)
    make_case(borrower=theirs.borrower, team=make_team(branch=team.branch))
    page = client.get(reverse(LIST))
    assert [row["task"].pk for row in page.context["rows"]] == [ours.pk]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ANALYST, Role.ADMINISTRATOR, Role.APPROVER])
def test_who_may_not_verify_gets_no_list_and_no_task(client: Client, role: Role) -> None:
    signed_in(client, role)
    assert client.get(reverse(LIST)).status_code == 403
    assert client.get(opened(make_task())).status_code == 403


@pytest.mark.parametrize("finding", [f for f in FINDINGS if f.points], ids=lambda f: f.how)
def test_a_finding_is_kept_with_its_author_and_closes_the_task(
    client: Client, finding: object
) -> None:
    staff = signed_in(client)
    task = make_task()
    how = finding.how  # type: ignore[attr-defined]
    sent = {"subject": f"point-{task.contact_point_id}", "finding": how, "note": " rang  twice "}
    assert client.post(opened(task), sent).status_code == 302
    task.refresh_from_db()
    assert task.closed_at is not None
    assert task.closed_by == staff
    kept = Verification.objects.get()
    assert kept.state == finding.state  # type: ignore[attr-defined]
    assert kept.by == staff
    assert kept.how == f"{how}: rang twice"


def test_a_finding_about_nothing_is_refused_and_the_note_stays(client: Client) -> None:
    signed_in(client)
    task = make_task()
    answer = client.post(opened(task), {"finding": "spoke", "note": "twice"})
    assert answer.status_code == 400
    assert "Say which number" in answer.content.decode()
    assert 'value="twice"' in answer.content.decode()
    assert not Verification.objects.exists()


def test_an_invented_finding_is_refused(client: Client) -> None:
    signed_in(client)
    task = make_task()
    sent = {"subject": f"point-{task.contact_point_id}", "finding": "guessed"}
    assert client.post(opened(task), sent).status_code == 400
    assert not Verification.objects.exists()


def test_somebody_elses_number_cannot_be_confirmed_through_a_task_of_another(
    client: Client,
) -> None:
    signed_in(client)
    task, other = make_task(), make_task(value="+8619900099999")
    sent = {"subject": f"point-{other.contact_point_id}", "finding": "spoke"}
    assert client.post(opened(task), sent).status_code == 400
    assert not Verification.objects.exists()


def test_a_task_about_anything_offers_all_that_is_the_borrowers_own(client: Client) -> None:
    signed_in(client)
    borrower = make_borrower()
    point = make_contact_point(borrower=borrower, state="stale")
    address = make_address(borrower=borrower)
    task = make_verification_task(borrower=borrower, reason="no_contact_point")
    page = client.get(opened(task))
    assert [key for key, *_ in page.context["subjects"]] == [
        f"point-{point.pk}",
        f"address-{address.pk}",
    ]
    sent = {"subject": f"address-{address.pk}", "finding": "on_the_spot"}
    assert client.post(opened(task), sent).status_code == 302
    address.refresh_from_db()
    assert address.state == "verified"


def test_a_note_is_escaped_where_the_history_shows_it(client: Client) -> None:
    signed_in(client)
    borrower = make_borrower()
    point = make_contact_point(borrower=borrower)
    first = make_verification_task(borrower=borrower, contact_point=point)
    attack = "<script>alert(1)</script>"
    sent = {"subject": f"point-{point.pk}", "finding": "records", "note": attack}
    client.post(opened(first), sent)
    second = make_verification_task(borrower=borrower, contact_point=point)
    page = client.get(opened(second)).content.decode()
    assert attack not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_list_asks_as_much_of_the_database_for_forty_tasks_as_for_one(client: Client) -> None:
    signed_in(client)
    make_task()

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse(LIST)).status_code == 200
        return len(queries)

    asked()
    few = asked()
    for number in range(40):
        make_task(value=f"+86199000{number:05}")
    assert asked() == few
    assert few <= 11


def test_words_for_how_keep_the_lenders_own_text() -> None:
    with override("en"):
        assert how_words("spoke: at six") == "Spoke with the borrower there · at six"
        assert how_words("柜面: 核身") == "柜面: 核身"


def test_addresses_and_mail_are_masked_after_their_kind() -> None:
    borrower = make_borrower()
    mail = make_contact_point(borrower=borrower, kind="email", value="li.lei@example.com")
    assert masked(mail) == "l***@example.com"
    assert "桃源路" not in masked(make_address(borrower=borrower))
