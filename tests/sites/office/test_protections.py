"""The protections of a case on its pages: shown, recorded, settled, and asked of the past."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.cases.models import Case
from doorstep.kernel import clock
from doorstep.protections import services
from doorstep.protections.kinds import TABLES
from doorstep.protections.models import (
    Complaint,
    Dispute,
    Hardship,
    LateNews,
    LegalStop,
    Preference,
    Protection,
    Representative,
    StopRequest,
    Vulnerability,
    WorkplaceRestriction,
)
from doorstep.protections.services import News
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import (
    make_borrower,
    make_case,
    make_contact,
    make_hold,
    make_instalments,
    make_loan,
    make_staff,
)

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOLD = {"told_by": "borrower", "told_how": "phone", "reference": "desk:1"}


def signed_in(role: Role = Role.COMPLIANCE_OFFICER, *, staff: Staff | None = None) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff or make_staff(role))
    return client


@pytest.fixture
def case() -> Case:
    """A case 12 days past due."""
    borrower = make_borrower()
    loan = make_loan(borrower=borrower, loan_id="L-77")
    make_instalments(loan=loan, count=1, paid=0)
    return make_case(borrower=borrower, reason="friendly_first")


def told(case: Case, *, before: timedelta = HOUR, **fields: Any) -> News:
    at = clock.now() - before
    return News(borrower=case.borrower, reference=f"test:{before}:{at}", at=at, **fields)


def record(client: Client, case: Case, table: str, **form: Any) -> HttpResponse:
    address = reverse("office:protection_new", args=[case.pk, table])
    return client.post(address, TOLD | form, follow=True)


FORMS: dict[str, tuple[type[Protection], dict[str, Any]]] = {
    "complaint": (Complaint, {"topic": "conduct", "words": "They shouted."}),
    "dispute": (Dispute, {"component": "fee", "loan": "L-77", "amount": "30.50"}),
    "hardship": (Hardship, {"cause": "job_loss"}),
    "vulnerability": (Vulnerability, {"cause": "age", "handling": ["no_visits", "large_print"]}),
    "stoprequest": (StopRequest, {"scope": "channel", "channel": "sms"}),
    "representative": (
        Representative,
        {"role": "lawyer", "name": "吴律师", "document": "Power 12", "powers": ["may_know_debt"]},
    ),
    "preference": (
        Preference,
        {"stance": "refuses", "subject": "hours", "from_time": "12:00", "to_time": "14:00"},
    ),
    "workplacerestriction": (WorkplaceRestriction, {"forbidden_by": "employer", "what": "all"}),
    "legalstop": (LegalStop, {"bar": "deceased", "document": "Certificate 8812"}),
}


def test_every_kind_has_its_form() -> None:
    assert set(FORMS) == set(TABLES)


@pytest.mark.parametrize("table", FORMS)
def test_each_kind_is_recorded_and_shown_with_its_effect(case: Case, table: str) -> None:
    model, form = FORMS[table]
    client = signed_in(Role.DESK_AGENT, staff=_owner(case))
    assert client.get(reverse("office:protection_new", args=[case.pk, table])).status_code == 200
    answer = record(client, case, table, **form)
    assert answer.status_code == 200
    row = model._default_manager.get()
    assert "Recorded. It holds from now on, everywhere." in answer.content.decode()
    page = client.get(reverse("office:case", args=[case.pk])).content.decode()
    assert f"/protections/{table}/{row.pk}/" in page
    one = client.get(reverse("office:protection", args=[table, row.pk]), follow=True)
    assert one.status_code == 200


def _owner(case: Case) -> Staff:
    agent = make_staff(Role.DESK_AGENT)
    Case.objects.filter(pk=case.pk).update(assignee=agent)
    return agent


def test_what_was_typed_reaches_the_record(case: Case) -> None:
    client = signed_in()
    record(client, case, "dispute", **FORMS["dispute"][1])
    dispute = Dispute.objects.get()
    assert (dispute.loan_id, dispute.amount, dispute.component) == ("L-77", 3050, "fee")
    record(client, case, "vulnerability", **FORMS["vulnerability"][1])
    codes = {handling.code for handling in Vulnerability.objects.get().handlings.all()}
    assert codes == {"no_visits", "large_print"}
    record(client, case, "preference", **FORMS["preference"][1])
    assert Preference.objects.get().weekdays == "1234567"


def test_sending_the_form_twice_records_once(case: Case) -> None:
    client = signed_in()
    for _ in range(2):
        record(client, case, "hardship", cause="illness")
    assert Hardship.objects.count() == 1


@pytest.mark.parametrize(
    ("table", "form", "words"),
    [
        ("complaint", {"topic": "conduct", "words": "  "}, "This field is required"),
        ("vulnerability", {"cause": "age"}, "a mark alone helps nobody"),
        ("dispute", {"component": "fee", "amount": "30"}, "Choose the loan the amount is of"),
        (
            "dispute",
            {"component": "fee", "amount": "0.001", "loan": "L-77"},
            "no unit as small as that",
        ),
        ("legalstop", {"bar": "deceased"}, "record it as a claim"),
        ("stoprequest", {"scope": "number"}, "Say which number or address"),
        ("hardship", {"cause": "illness", "received_at": "2999-01-01T00:00"}, "later than now"),
        ("hardship", {"cause": "illness", "starts_at": "1900-01-01T00:00"}, "too far away"),
        ("hardship", {"cause": "bad luck"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    case: Case, table: str, form: dict[str, Any], words: str
) -> None:
    answer = record(signed_in(), case, table, **form)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not FORMS[table][0]._default_manager.exists()


def test_an_unknown_kind_is_not_found(case: Case) -> None:
    client = signed_in()
    assert client.get(f"/cases/{case.pk}/protections/luck/").status_code == 404
    assert client.get("/protections/luck/1/").status_code == 404


def test_the_late_flag_lists_what_should_not_have_been_and_drafts_the_remedy(case: Case) -> None:
    """Story 11 on the pages."""
    now = clock.now()
    for days, channel in ((15, "sms"), (9, "call"), (2, "sms")):
        make_contact(borrower=case.borrower, at=now - days * DAY, channel=channel, result="sent")
    client = signed_in()
    since = f"{now - 21 * DAY:%Y-%m-%dT%H:%M}"
    answer = record(
        client, case, "legalstop", bar="deceased", document="Certificate 8812", starts_at=since,
        received_at=f"{now - 20 * DAY:%Y-%m-%dT%H:%M}",
    )  # fmt: skip
    text = answer.content.decode()
    assert answer.redirect_chain[-1][0].startswith("/protections/late/")
    assert "3 acts" in text
    assert "Until it was recorded here" in text, "the news lay with us for twenty days"
    assert "致家属" in text, "the draft speaks the customer's language"
    late = LateNews.objects.get()
    settled = client.post(
        reverse("office:late", args=[late.pk]),
        {"apology": "致家属：对不起。", "correction": "done", "how": "Letter of today"},
        follow=True,
    ).content.decode()
    assert "Made good" in settled
    late.refresh_from_db()
    assert (late.state, late.settled_how) == ("settled", "Letter of today")
    page = client.get(reverse("office:protections", args=[case.pk])).content.decode()
    assert "3 acts since it took effect" in page


def test_whoever_may_not_make_good_sees_the_draft_without_a_form(case: Case) -> None:
    make_contact(borrower=case.borrower, at=clock.now() - 2 * DAY)
    services.stop_request_record(news=told(case, starts_at=clock.now() - 3 * DAY))
    late = LateNews.objects.get()
    agent = signed_in(staff=_owner(case))
    address = reverse("office:late", args=[late.pk])
    assert "It is made good" not in agent.get(address).content.decode()
    refused = agent.post(address, {"apology": "", "correction": "", "how": "x"}, follow=True)
    assert "Your role does not include this." in refused.content.decode()
    late.refresh_from_db()
    assert late.state == "open"


def post(client: Client, row: Protection, deed: str, **form: Any) -> str:
    address = reverse("office:protection", args=[row._meta.model_name, row.pk])
    named = {f"{deed}-{name}": value for name, value in form.items()}
    return client.post(address, {"deed": deed} | named, follow=True).content.decode()


def test_a_claim_is_confirmed_by_its_document(case: Case) -> None:
    claim = services.legal_stop_record(news=told(case, claimed=True), bar="deceased")
    client = signed_in()
    assert (
        "Claimed, not confirmed"
        in client.get(reverse("office:protection", args=["legalstop", claim.pk])).content.decode()
    )
    assert "This field is required" in post(client, claim, "confirm")
    assert "Done." in post(client, claim, "confirm", document="Certificate 1")
    assert LegalStop.objects.get(known_until=None).standing == "confirmed"


def test_a_claim_that_was_not_so_lets_go_on_only_by_compliance(case: Case) -> None:
    claim = services.hardship_record(news=told(case, claimed=True), cause="illness")
    agent = signed_in(staff=_owner(case))
    assert "cannot be done" in post(agent, claim, "refute", why="He works")
    assert "Done." in post(signed_in(), claim, "refute", why="He works")
    assert Hardship.objects.get(known_until=None).standing == "refuted"


def test_a_hardship_goes_on_ends_or_began_earlier(case: Case) -> None:
    row = services.hardship_record(news=told(case), cause="illness")
    client = signed_in(Role.TEAM_LEADER)
    Case.objects.update(team=None)
    client = signed_in()
    assert "Done." in post(client, row, "keep", why="Still ill")
    row = Hardship.objects.get(known_until=None)
    day_before = f"{clock.now() - DAY:%Y-%m-%dT%H:%M}"
    assert "Done." in post(client, row, "backdate", why="Said so", starts_at=day_before)
    row = Hardship.objects.get(known_until=None)
    text = post(client, row, "end", why="Works again")
    assert "Done." in text
    assert text.count("Still ill") == 1, "every version stands in the history"
    assert Hardship.objects.count() == 4


def test_changing_what_somebody_else_just_changed_is_refused(case: Case) -> None:
    row = services.vulnerability_record(news=told(case), cause="age", handling=["no_visits"])
    client = signed_in()
    post(client, row, "handle", why="In hospital", handling=["pause"])
    text = post(client, row, "handle", why="Home", handling=["no_calls"])
    assert "Done." in text, "an old address leads to the version known now"
    codes = Vulnerability.objects.get(known_until=None).handlings.values_list("code", flat=True)
    assert list(codes) == ["no_calls"]


def test_what_did_we_know_then(case: Case) -> None:
    now = clock.now()
    services.legal_stop_record(
        news=told(case, before=2 * DAY, received_at=now - 3 * DAY, starts_at=now - 9 * DAY),
        bar="bankruptcy",
        document="Ruling 5",
    )
    client = signed_in()

    def asked(at: datetime, known_at: datetime) -> str:
        query = {"at": f"{at:%Y-%m-%dT%H:%M}", "known_at": f"{known_at:%Y-%m-%dT%H:%M}"}
        address = reverse("office:protections", args=[case.pk])
        return client.get(address, query).content.decode()

    assert "<li>Bankruptcy" in asked(now - 5 * DAY, now)
    assert "Nothing was known to protect" in asked(now - 5 * DAY, now - 4 * DAY)
    assert "Nothing was known to protect" in asked(now - 20 * DAY, now)
    assert (
        client.get(
            reverse("office:protections", args=[case.pk]), {"at": "x", "known_at": "y"}
        ).status_code
        == 200
    )


def test_names_and_numbers_of_others_are_masked(case: Case) -> None:
    services.representative_record(
        news=told(case), role="family", name="欧阳大海", document="Letter",
        powers=("may_know_debt",),
    )  # fmt: skip
    services.stop_request_record(news=told(case), scope="number", number="+8619900012345")
    page = signed_in().get(reverse("office:protections", args=[case.pk])).content.decode()
    assert "欧***" in page
    assert "欧阳大海" not in page
    assert "+8619900012345" not in page


def test_an_analyst_sees_the_case_and_not_its_protections(case: Case) -> None:
    services.complaint_open(news=told(case), words="so")
    client = signed_in(Role.ANALYST)
    assert (
        "protections-title"
        not in client.get(reverse("office:case", args=[case.pk])).content.decode()
    )
    assert client.get(reverse("office:protections", args=[case.pk])).status_code == 403


def test_the_page_takes_as_many_queries_for_many_versions_as_for_few(case: Case) -> None:
    client = signed_in()
    services.hardship_record(news=told(case), cause="illness")
    services.vulnerability_record(news=told(case), cause="age", handling=["pause"])
    make_hold(borrower=case.borrower)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("office:protections", args=[case.pk]))
        return len(found)

    few = queries()
    for number in range(2, 6):
        services.hardship_record(news=told(case, before=number * HOUR), cause="illness")
        services.vulnerability_record(
            news=told(case, before=number * HOUR), cause="age", handling=["pause", "no_calls"]
        )
        make_hold(borrower=case.borrower, kind="deceased", source="staff")
    assert queries() == few
