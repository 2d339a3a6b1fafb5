"""The rulebook in the office: what is in force, one rule in full, a change by two people."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from doorstep.dispatch.rule_changes import change_try
from doorstep.kernel import clock
from doorstep.rules.models import ChangeState, RuleChange
from doorstep.rules.selectors import rulebook_shipped
from doorstep.sites.office.rule_values import reason_shown
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.database]
RULE = "CN-GBT-VOICE-3"


def client_of(staff: Staff, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(staff)
    return client


def asked(**fields: str) -> dict[str, str]:
    row = rulebook_shipped().rule(RULE).row_on(None)
    assert row is not None
    (name,) = row.values
    soon = timezone.localtime() + timedelta(days=3)
    return {
        f"value-{name}": "2", "source": "A circular", "article": "7", "link": "", "note": "July",
        "effective_at": soon.strftime("%Y-%m-%dT%H:%M"), **fields,
    }  # fmt: skip


def test_the_rules_of_today_are_listed_by_pack_with_source_and_confidence() -> None:
    text = client_of(make_staff(Role.AUDITOR)).get("/rules/").content.decode()
    assert RULE in text
    assert "Quoted by a named third party" in text
    assert "No lawyer of this jurisdiction has signed it yet" in text
    assert "own rules. They may only be stricter than the law." in text


def test_a_rule_that_was_not_yet_in_force_is_not_listed_for_that_day() -> None:
    client = client_of(make_staff(Role.DESK_AGENT))
    assert "CN-CBA-QUIET" in client.get("/rules/?on=2026-01-30").content.decode()
    assert "CN-CBA-QUIET" not in client.get("/rules/?on=2026-01-29").content.decode()


@pytest.mark.parametrize("on", ["2026-13-45", "yesterday", "9999999-01-01", "0001-01-01"])
def test_a_day_that_is_none_shows_today_and_says_so(on: str) -> None:
    answer = client_of(make_staff(Role.DESK_AGENT)).get("/rules/", {"on": on})
    assert "This is not a day" in unescape(answer.content.decode())


def test_the_list_narrows_by_what_is_done_and_by_text() -> None:
    client = client_of(make_staff(Role.ANALYST))
    assert "CN-CBA-VISIT-TWO" not in client.get("/rules/?kind=letter").content.decode()
    found = client.get("/rules/", {"q": "visit-two"}).content.decode()
    assert "CN-CBA-VISIT-TWO" in found
    assert RULE not in found


def test_every_rule_has_its_page_in_chinese_and_english() -> None:
    for language in ("en", "zh-hans"):
        client = client_of(make_staff(Role.AUDITOR), language)
        for rule in rulebook_shipped().rules:
            answer = client.get(f"/rules/{rule.id}/")
            assert answer.status_code == 200, rule.id
            assert rule.title["en" if language == "en" else "zh"] in unescape(
                answer.content.decode()
            )


def test_a_rule_nobody_knows_is_not_found() -> None:
    assert client_of(make_staff(Role.AUDITOR)).get("/rules/CN-NONE/").status_code == 404


def test_a_change_is_proposed_tried_and_approved_by_another() -> None:
    officer, approver = make_staff(Role.COMPLIANCE_OFFICER), make_staff(Role.APPROVER)
    answer = client_of(officer).post(f"/rules/{RULE}/change/", asked())
    change = RuleChange.objects.get()
    assert answer.headers["Location"] == f"/rules/changes/{change.pk}/"
    page = client_of(approver).get(f"/rules/changes/{change.pk}/").content.decode()
    assert "Being tried" in page
    change_try(change=change, at=clock.now())
    page = client_of(approver).get(f"/rules/changes/{change.pk}/").content.decode()
    assert "Contacts the rule is about" in page
    client_of(approver).post(f"/rules/changes/{change.pk}/decide/", {"decision": "approve"})
    change.refresh_from_db()
    assert change.state == ChangeState.APPROVED


def test_the_proposer_sees_no_button_and_cannot_decide() -> None:
    officer = make_staff(Role.COMPLIANCE_OFFICER)
    client = client_of(officer)
    client.post(f"/rules/{RULE}/change/", asked())
    change = change_try(change=RuleChange.objects.get(), at=clock.now())
    assert "somebody else decides" in client.get(f"/rules/changes/{change.pk}/").content.decode()
    client.post(f"/rules/changes/{change.pk}/decide/", {"decision": "approve"})
    change.refresh_from_db()
    assert change.state == ChangeState.PROPOSED


def test_a_bad_value_comes_back_with_what_was_typed() -> None:
    client = client_of(make_staff(Role.COMPLIANCE_OFFICER))
    answer = client.post(f"/rules/{RULE}/change/", asked(effective_at="soon", note="Kept words"))
    assert answer.status_code == 400
    assert "Kept words" in unescape(answer.content.decode())
    assert not RuleChange.objects.exists()


@pytest.mark.parametrize(
    ("language", "reason", "value"),
    [
        ("en", "There have been [", ">At most</span> 3<"),
        ("zh-hans", "今天已与客户有效通话 [", ">最多</span> 3<"),
    ],
)
def test_reasons_and_values_are_said_in_words(language: str, reason: str, value: str) -> None:
    client = client_of(make_staff(Role.AUDITOR), language)
    one = client.get(f"/rules/{RULE}/").content.decode()
    assert reason in one
    assert "{calls_effective_today}" not in one
    assert value in client.get("/rules/").content.decode()


def test_no_reason_of_any_rule_shows_a_bare_placeholder() -> None:
    book = rulebook_shipped()
    for rule in book.rules:
        shown = reason_shown(rule, book.catalogue)
        assert "{" not in shown
        assert "[_" not in shown
