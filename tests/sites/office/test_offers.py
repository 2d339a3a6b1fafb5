"""The pages of means, plans and offers, from an empty form to a second person's yes."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import DjangoAssertNumQueries, Settings

from doorstep.agreements.models import Affordability, AffordabilityPaper, Offer
from doorstep.kernel import clock
from doorstep.workforce.models import PersonalDataAccess, Staff
from tests.agreements.offers import DISPOSABLE, FIRST, Desk, make_offer
from tests.agreements.signing import agreed
from tests.factories import AT, make_loan

pytestmark = pytest.mark.django_db
SAID = {
    "adults": "1", "children": "0", "event.job_loss": "1", "income.wage": "8,000", "willing": "1",
    "spending.housing": "1500", "spending.food": "1000", "spending.utilities": "200",
    "spending.transport": "200", "spending.health": "100", "spending.clothing": "100",
    "spending.phone": "80", "spending.other": "100",
}  # fmt: skip


@pytest.fixture(autouse=True)
def that_day(home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EVIDENCE_KEYS = home / "keys.toml"
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def on_case(name: str, desk: Desk) -> str:
    return reverse(f"office:{name}", args=[desk.case.pk])


def test_from_an_empty_form_to_a_second_persons_yes(desk: Desk) -> None:
    agent = signed_in(desk.agent)
    assert "还没有人问过" in agent.get(on_case("affordability", desk)).content.decode()
    sent = agent.post(on_case("affordability_kept", desk), SAID | {"deed": "finish"})
    assert sent.status_code == 302
    assert Affordability.objects.get().disposable_minor == DISPOSABLE
    bench = agent.get(on_case("options", desk)).content.decode()
    for name in ("展期", "降低每期金额", "先缓后还"):
        assert name in bench
    made = agent.post(
        on_case("offer_new", desk),
        {"key": "lower_instalment", "loan": desk.loan.pk, "reason": "job_loss",
         "first_on": FIRST.isoformat(), "deed": "submit"},
    )  # fmt: skip
    offer = Offer.objects.get()
    assert made["Location"] == reverse("office:offer", args=[offer.pk])
    assert (offer.state, offer.affordable) == ("submitted", True)
    assert "须由他人审批" in agent.get(made["Location"]).content.decode()
    leader = signed_in(desk.leader)
    assert str(desk.case.borrower_id) in leader.get(reverse("office:offers")).content.decode()
    leader.post(reverse("office:offer_decide", args=[offer.pk]), {"decision": "approve"})
    offer.refresh_from_db()
    assert offer.state == "approved"
    file = agent.get(reverse("office:case", args=[desk.case.pk])).content.decode()
    assert "还款能力与方案" in file
    assert "每月结余" in file


def test_a_proposal_is_answered_with_reasons_and_another_plan(desk: Desk) -> None:
    desk.finished()
    agent, leader = signed_in(desk.agent), signed_in(desk.leader)
    agent.post(
        on_case("offer_counter", desk),
        {"monthly": "860.00", "loan": desk.loan.pk, "first_on": FIRST.isoformat(), "pause": "1",
         "words": "工资 15 号到"},
    )  # fmt: skip
    offer = Offer.objects.get()
    assert (offer.proposed_by, offer.state) == ("borrower", "submitted")
    address = reverse("office:offer_decide", args=[offer.pk])
    no_words = leader.post(address, {"decision": "refuse", "reason": "too_long", "words": ""})
    assert no_words.status_code == 422
    leader.post(address, {"decision": "refuse", "reason": "too_long", "words": "时间太长"})
    page = agent.get(reverse("office:offer", args=[offer.pk])).content.decode()
    assert "时间太长" in page
    assert f"?follows={offer.pk}" in page


def test_each_change_is_saved_and_what_cannot_be_read_is_named(desk: Desk) -> None:
    agent = signed_in(desk.agent)
    sent = {"income.wage": "八千多", "spending.food": "1,200.5"}
    answer = agent.post(on_case("affordability_kept", desk), sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "请填写金额" in answer.content.decode()
    draft = Affordability.objects.get()
    assert [(line.code, line.minor) for line in draft.lines.all()] == [("food", 120_050)]
    whole = agent.post(on_case("affordability_kept", desk), sent | {"deed": "finish"})
    assert whole.status_code == 422
    assert Affordability.objects.get().state == "draft"


def test_what_is_not_affordable_says_so_and_asks_why(desk: Desk) -> None:
    desk.finished()
    make_loan(borrower=desk.case.borrower, product="credit_card", balance=60_000_000)
    agent = signed_in(desk.agent)
    assert "每月负担过重" in agent.get(on_case("options", desk)).content.decode()
    sent = {"key": "instalments", "reason": "job_loss", "deed": "submit"}
    refused = agent.post(on_case("offer_new", desk), sent)
    assert refused.status_code == 422
    assert Offer.objects.count() == 1  # it is kept, and waits until somebody says why
    kept = agent.post(on_case("offer_new", desk), sent | {"note": "弟弟会帮忙"})
    assert kept.status_code == 302


def test_a_paper_is_drawn_anew_sealed_and_opened_for_a_purpose_only(desk: Desk) -> None:
    desk.finished()
    agent = signed_in(desk.agent)
    picture = BytesIO()
    Image.new("RGB", (600, 800), "white").save(picture, "PNG")
    paper = SimpleUploadedFile("../slip.png", picture.getvalue(), "image/png")
    agent.post(on_case("affordability_paper", desk), {"about": "income.wage", "paper": paper})
    kept = AffordabilityPaper.objects.get()
    assert b"\xff\xd8\xff" not in bytes(kept.sealed)[:64]
    address = reverse("office:affordability_paper_seen", args=[desk.case.pk, kept.pk])
    assert agent.post(address, {"purpose": ""}).status_code == 302
    assert not PersonalDataAccess.objects.exists()
    shown = agent.post(address, {"purpose": "核对工资单"})
    assert shown.content.startswith(b"\xff\xd8\xff")
    assert shown["Content-Disposition"].startswith("attachment")
    assert PersonalDataAccess.objects.get().what == "papers"


def test_no_paper_but_a_picture(desk: Desk) -> None:
    desk.finished()
    agent = signed_in(desk.agent)
    for content in (b"%PDF-1.7", b"<svg/>", b"MZ" * 100):
        paper = SimpleUploadedFile("slip.jpg", content, "image/jpeg")
        agent.post(on_case("affordability_paper", desk), {"about": "event", "paper": paper})
    assert not AffordabilityPaper.objects.exists()


def test_nobody_uploads_who_may_not_fill_the_form_in(desk: Desk) -> None:
    desk.finished()
    picture = SimpleUploadedFile("slip.jpg", b"\xff\xd8\xff" + b"0" * 100, "image/jpeg")
    answer = signed_in(desk.approver).post(
        on_case("affordability_paper", desk), {"about": "event", "paper": picture}
    )
    assert answer.status_code == 403


def test_lines_that_papers_show_are_marked(desk: Desk) -> None:
    form = desk.finished()
    agent = signed_in(desk.agent)
    address = on_case("affordability_checked", desk)
    agent.post(address, {"line": "income.wage", "how": ""})
    form.refresh_from_db()
    assert form.state == "stated"
    agent.post(address, {"line": "income.wage", "how": "10 月工资单"})
    form.refresh_from_db()
    assert form.state == "verified"


def test_a_queue_of_many_costs_no_more_queries_than_one_of_few(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(30):
        make_offer(
            case=desk.case, loan=desk.loan, state="submitted", level="standard", submitted_at=AT,
            needed=[["team_leader"]],
        )  # fmt: skip
    leader = signed_in(desk.leader)
    with django_assert_max_num_queries(14):
        page = leader.get(reverse("office:offers"))
    assert page.content.decode().count("data-opens") >= 30


@pytest.mark.parametrize(
    "view", ["waiting", "proposals", "late", "preparing", "approved", "signed", "decided", "x"]
)
def test_every_view_of_the_queue_opens(desk: Desk, view: str) -> None:
    assert signed_in(desk.leader).get(reverse("office:offers"), {"view": view}).status_code == 200


def test_what_is_signed_no_longer_waits_to_be_signed(desk: Desk) -> None:
    waits = make_offer(
        case=desk.case, loan=desk.loan, state="approved", level="standard", submitted_at=AT,
        decided_at=AT, needed=[["team_leader"]], valid_until=FIRST,
    )  # fmt: skip
    over = agreed().offer
    manager = signed_in(desk.manager)
    to_sign = manager.get(reverse("office:offers"), {"view": "approved"}).content.decode()
    signed = manager.get(reverse("office:offers"), {"view": "signed"}).content.decode()
    for page, there, not_there in ((to_sign, waits, over), (signed, over, waits)):
        assert reverse("office:offer", args=[there.pk]) in page
        assert reverse("office:offer", args=[not_there.pk]) not in page
