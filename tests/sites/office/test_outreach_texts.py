"""The texts we send in the office: listed, written with faults shown, previewed, approved."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.outreach.models import TemplateVersion, VersionState
from doorstep.outreach.selectors import template_in_force
from doorstep.outreach.shelf import shipped_template, shipped_templates
from doorstep.outreach.words import LANGUAGES
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import (
    AT,
    make_borrower,
    make_case,
    make_instalments,
    make_loan,
    make_staff,
    make_template_version,
)

pytestmark = pytest.mark.django_db
KEY = "reminder_friendly_sms"


@pytest.fixture(autouse=True)
def at_home(home: Any) -> None:
    """No lender of another test."""


def signed_in(client: Client, role: Role = Role.COLLECTIONS_MANAGER) -> Staff:
    staff = make_staff(role)
    client.force_login(staff)
    client.cookies["doorstep_language"] = "en"
    return staff


def shown(client: Client, name: str, *args: Any, query: str = "", status: int = 200) -> str:
    answer = client.get(reverse(f"office:{name}", args=args) + query)
    assert answer.status_code == status
    return answer.content.decode()


def sent(client: Client, name: str, *args: Any, status: int = 302, **form: str) -> str:
    answer = client.post(reverse(f"office:{name}", args=args), form)
    assert answer.status_code == status
    return answer.content.decode()


def words(more: str = "") -> dict[str, str]:
    return {
        f"body-{language}": shipped_template(KEY).texts[language].body + more
        for language in LANGUAGES
    }


def case_with_loan(**fields: Any) -> Any:
    borrower = make_borrower()
    make_instalments(loan=make_loan(borrower=borrower, contract_ref="HT-2026-7788"))
    return make_case(borrower=borrower, **fields)


def test_the_list_shows_every_text_and_narrows_by_purpose_medium_and_state(
    client: Client,
) -> None:
    signed_in(client)
    page = shown(client, "outreach_texts")
    assert all(template.titles["en"] in page for template in shipped_templates().values())
    letters = shown(client, "outreach_texts", query="?medium=letter")
    assert "Collection letter" in letters
    assert "Friendly reminder (SMS)" not in letters
    assert "No text fits" in shown(client, "outreach_texts", query="?kind=answer&medium=phone")
    make_template_version(by=make_staff())
    assert "Friendly reminder (SMS)" in shown(client, "outreach_texts", query="?state=draft")
    assert "Collection letter (" not in shown(client, "outreach_texts", query="?state=draft")


def test_the_list_takes_as_many_queries_with_versions_as_without(client: Client) -> None:
    staff = signed_in(client)
    shown(client, "outreach_texts")
    with CaptureQueriesContext(connection) as before:
        shown(client, "outreach_texts")
    for key in list(shipped_templates())[:8]:
        make_template_version(by=staff, key=key)
    with CaptureQueriesContext(connection) as after:
        shown(client, "outreach_texts")
    assert len(after) == len(before)


def test_a_text_shows_its_words_contents_and_rules(client: Client) -> None:
    signed_in(client, Role.AUDITOR)
    page = shown(client, "outreach_text", KEY, query="?language=zh-Hant")
    assert "應於{due_on}歸還" in page
    assert "official hotline" in page
    assert "CN-CC-67" in page
    assert "Write a version" not in page
    shown(client, "outreach_text", "nothing_like_it", status=404)


def test_what_is_wrong_shows_while_it_is_written(client: Client) -> None:
    signed_in(client)
    check = ("outreach_check", KEY, "zh-Hans")
    good = sent(client, *check, status=200, **words())
    assert "Nothing to correct." in good
    assert "8 of 8 required contents" in good
    bad = sent(client, *check, status=200, **{"body-zh-Hans": "{who}不还就等着坐牢，见t.cn/x"})
    assert "<mark>坐牢</mark>" in bad
    assert "Missing: overdue amount" in bad
    assert "Links to t.cn" in bad
    assert "Nobody is arrested" in bad
    harsh = sent(client, *check, status=200, **words("你就是个不要脸的骗子"))
    assert "The tone may hurt" in harsh
    sent(client, "outreach_check", KEY, "ko", status=404)


def test_a_text_is_written_submitted_and_approved_by_another(client: Client) -> None:
    signed_in(client)
    sent(client, "outreach_edit", KEY, deed="draft", **words("谢谢"))
    draft = TemplateVersion.objects.get()
    assert draft.state == VersionState.DRAFT
    page = shown(client, "outreach_version", KEY, draft.number)
    assert "<ins>谢谢</ins>" in page
    assert "compared with reminder_friendly_sms/1" in page
    sent(client, "outreach_submit", KEY, draft.number)
    assert "somebody else decides" in shown(client, "outreach_version", KEY, draft.number)
    sent(client, "outreach_decide", KEY, draft.number, status=403, decision="approve")

    signed_in(client, Role.APPROVER)
    assert "Your decision" in shown(client, "outreach_version", KEY, draft.number)
    sent(client, "outreach_decide", KEY, draft.number, decision="approve")
    assert template_in_force(key=KEY).ref == f"{KEY}/L1"


def test_a_draft_with_faults_is_kept_and_not_submitted(client: Client) -> None:
    signed_in(client)
    sent(client, "outreach_edit", KEY, deed="submit", **words("不还就坐牢"))
    draft = TemplateVersion.objects.get()
    assert draft.state == VersionState.DRAFT
    page = shown(client, "outreach_version", KEY, draft.number)
    assert "Kept as a draft." in page
    assert "3 things to correct" in page or "1 thing to correct" in page
    sent(client, "outreach_submit", KEY, draft.number, status=409)


def test_an_empty_language_brings_the_editor_back_with_what_was_written(client: Client) -> None:
    signed_in(client)
    form = words("谢谢") | {"body-en": " "}
    page = sent(client, "outreach_edit", KEY, status=409, **form)
    assert "The text in en is empty." in page
    assert "谢谢</textarea>" in page
    assert not TemplateVersion.objects.exists()


def test_a_text_is_sent_back_with_a_reason_and_goes_on_from_there(client: Client) -> None:
    writer = make_staff(Role.COLLECTIONS_MANAGER)
    version = make_template_version(
        by=writer, state=VersionState.SUBMITTED, submitted_by=writer, submitted_at=AT
    )
    signed_in(client, Role.COMPLIANCE_OFFICER)
    page = sent(client, "outreach_decide", KEY, version.number, status=409, decision="send_back")
    assert "Say why" in page
    sent(client, "outreach_decide", KEY, version.number, decision="send_back", why="太长")
    version.refresh_from_db()
    assert (version.state, version.decision) == (VersionState.SENT_BACK, "太长")
    signed_in(client)
    sent(client, "outreach_edit", KEY, deed="draft", **words("。"))
    assert TemplateVersion.objects.get(state=VersionState.DRAFT).number == 2


def test_a_version_that_waits_cannot_be_edited(client: Client) -> None:
    writer = signed_in(client)
    make_template_version(
        by=writer, state=VersionState.SUBMITTED, submitted_by=writer, submitted_at=AT
    )
    answer = client.get(reverse("office:outreach_edit", args=[KEY]))
    assert answer.status_code == 302


def test_the_preview_shows_a_real_case_masked_with_length_and_cost(client: Client) -> None:
    signed_in(client)
    case = case_with_loan()
    page = shown(client, "outreach_preview", KEY, query=f"?case={case.pk}&language=zh-Hans")
    assert "欧***您好，您尾号7788的消费贷款有1,234.56 元" in page
    assert "欧阳小明" not in page
    assert "3 segments" in page
    letter = shown(client, "outreach_preview", "collection_letter", query=f"?case={case.pk}")
    assert "欧阳小明" not in letter
    assert "HT-2026-7788" not in letter
    visit = shown(client, "outreach_preview", "visit_notice_letter", query=f"?case={case.pk}")
    assert "‹visit_agents›" in visit


def test_without_a_number_the_first_case_one_may_see_is_shown(client: Client) -> None:
    staff = signed_in(client, Role.DESK_AGENT)
    assert "No case to show it on" in shown(client, "outreach_preview", KEY)
    elsewhere = case_with_loan()
    assert "No case to show it on" in shown(client, "outreach_preview", KEY)
    shown(client, "outreach_preview", KEY, query=f"?case={elsewhere.pk}", status=404)
    case_with_loan(assignee=staff)
    assert "As 欧*** would read it" in shown(client, "outreach_preview", KEY)


@pytest.mark.parametrize("query", ["?case=x", "?case=-1", "?case=" + "9" * 30, "?version=7"])
def test_a_case_or_version_that_is_none_is_not_found(client: Client, query: str) -> None:
    signed_in(client)
    shown(client, "outreach_preview", KEY, query=query, status=404)


def test_a_case_that_lacks_a_fact_says_which(client: Client) -> None:
    signed_in(client)
    case = make_case()
    page = shown(client, "outreach_preview", KEY, query=f"?case={case.pk}")
    assert "it cannot be written" in page
    assert "account_tail" in page


def test_what_ships_is_taken_over_for_approval(client: Client, settings: Any) -> None:
    settings.MODE = "lender"
    settings.SECOND_FACTOR_REQUIRED = False
    signed_in(client)
    assert "texts ship with the program" in shown(client, "outreach_texts")
    sent(client, "outreach_take_over")
    assert TemplateVersion.objects.filter(state=VersionState.SUBMITTED).count() == len(
        shipped_templates()
    )
    assert "texts ship with the program" not in shown(client, "outreach_texts")


def test_long_and_wild_words_do_no_harm(client: Client) -> None:
    signed_in(client)
    wild = "<script>alert(1)</script>\x00{who" + "长" * 20_000
    page = sent(client, "outreach_check", KEY, "en", status=200, **{"body-en": wild})
    assert "<script>alert" not in page
    sent(client, "outreach_edit", KEY, deed="draft", **(words() | {"body-en": wild}))
    kept = TemplateVersion.objects.get().texts["en"]["body"]
    assert len(kept) <= 8000
    assert "\x00" not in kept
