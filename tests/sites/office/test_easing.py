"""A plan made lighter on its page: shown before anybody says yes, granted by rule or asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from doorstep.agreements.models import Agreement, Offer
from doorstep.agreements.services.offers import offer_approve, offer_submit
from doorstep.kernel import clock
from tests.agreements.conftest import own_files  # noqa: F401 (found here by its name)
from tests.agreements.offers import Desk
from tests.agreements.signing import agreed
from tests.factories import AT, ON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]
HALF = {"way": "smaller", "months": "2", "reason": "less_income"}


@pytest.fixture
def desk(client: Client, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(clock, "now", lambda: AT)
    desk = Desk()
    client.force_login(desk.agent)
    return desk


@pytest.fixture
def running(desk: Desk) -> Agreement:
    desk.finished()
    offer = offer_submit(offer=desk.offer(), by=desk.agent, at=AT, on=ON)
    return agreed(offer_approve(offer=offer, by=desk.approver, at=AT, on=ON))


def address(agreement: Agreement) -> str:
    return reverse("office:plan_ease", args=[agreement.pk])


def test_what_changes_is_shown_and_then_granted_by_rule(client: Client, running: Agreement) -> None:
    page = client.get(reverse("office:agreement", args=[running.pk])).content.decode()
    assert address(running) in page
    assert "会改变什么</h2>" not in client.get(address(running)).content.decode()

    shown = client.get(address(running), HALF).content.decode()

    assert "会改变什么</h2>" in shown
    assert "由规则批准" in shown
    assert Offer.objects.count() == 1
    done = client.post(address(running), HALF | {"note": "工资晚发"})
    offer = Offer.objects.latest("pk")
    assert done["Location"] == reverse("office:offer", args=[offer.pk])
    assert (offer.state, offer.note, offer.follows) == ("approved", "工资晚发", running.offer)
    again = client.post(address(running), HALF)
    assert again.status_code == 422
    assert "正在调整" in again.content.decode()


def test_a_bigger_step_names_who_must_agree(client: Client, running: Agreement) -> None:
    shown = client.get(address(running), HALF | {"months": "6"}).content.decode()
    assert "须由以下人员同意" in shown
    client.post(address(running), HALF | {"months": "6"})
    assert Offer.objects.latest("pk").state == "submitted"


@pytest.mark.parametrize("wrong", [{"months": "99"}, {"months": "x"}, {"way": "free"}])
def test_what_cannot_be_is_said_and_nothing_kept(
    client: Client, running: Agreement, wrong: dict[str, str]
) -> None:
    for answer in (
        client.get(address(running), HALF | wrong), client.post(address(running), HALF | wrong),
    ):  # fmt: skip
        assert answer.status_code == 422
        assert "message-error" in answer.content.decode()
    assert Offer.objects.count() == 1


def test_what_is_not_known_to_fit_says_why(client: Client, desk: Desk, running: Agreement) -> None:
    desk.case.borrower.affordability.update(valid_until=ON - timedelta(days=1))
    assert client.post(address(running), HALF).status_code == 422
    client.post(address(running), HALF | {"note": "工资晚发"})
    assert Offer.objects.latest("pk").state == "submitted"
