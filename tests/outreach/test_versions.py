"""The life of the lender's own version: written by one, approved by another, never edited after."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from doorstep.evidence.models import Leaf
from doorstep.kernel.errors import InputError, NotFound, Refused
from doorstep.outreach.comparing import texts_compare
from doorstep.outreach.lender import DEMO_FILE
from doorstep.outreach.models import TemplateVersion, VersionState
from doorstep.outreach.selectors import (
    lender_current,
    template_in_force,
    template_of,
    templates_in_force,
)
from doorstep.outreach.services import (
    template_approve,
    template_send_back,
    template_submit,
    template_write,
    templates_take_over,
)
from doorstep.outreach.shelf import shipped_template, shipped_templates
from doorstep.outreach.template import Text
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import AT, make_staff, make_template_version
from tests.outreach.sayings import LENDER

pytestmark = pytest.mark.django_db
KEY = "pre_due_sms"
DOMAINS = LENDER.domains


def texts(more: str = "") -> dict[str, Text]:
    base = shipped_template(KEY).texts
    return {code: Text(text.subject, text.body + more) for code, text in base.items()}


def approved(by: Staff, other: Staff, more: str = "") -> TemplateVersion:
    draft = template_write(base=shipped_template(KEY), texts=texts(more), by=by, at=AT)
    template_submit(version=draft, domains=DOMAINS, by=by, at=AT)
    return template_approve(version=draft, domains=DOMAINS, by=other, at=AT)


@pytest.fixture
def writer() -> Staff:
    return make_staff(Role.COLLECTIONS_MANAGER)


@pytest.fixture
def approver() -> Staff:
    return make_staff(Role.APPROVER)


def test_a_version_is_written_submitted_approved_and_used(writer: Staff, approver: Staff) -> None:
    assert template_in_force(key=KEY).ref == f"{KEY}/1"
    first = approved(writer, approver, "谢谢")
    assert template_in_force(key=KEY).ref == f"{KEY}/L1" == first.ref
    assert template_in_force(key=KEY).texts["zh-Hans"].body.endswith("谢谢")
    second = approved(approver, writer, "多谢")
    first.refresh_from_db()
    assert (first.state, second.state) == (VersionState.RETIRED, VersionState.APPROVED)
    assert template_of(ref=f"{KEY}/L1").texts["zh-Hans"].body.endswith("谢谢")
    kinds = list(Leaf.objects.order_by("index").values_list("kind", flat=True))
    assert kinds == ["template.submitted", "template.approved"] * 2


def test_whoever_wrote_or_submitted_cannot_approve(writer: Staff, approver: Staff) -> None:
    draft = template_write(base=shipped_template(KEY), texts=texts(), by=writer, at=AT)
    template_submit(version=draft, domains=DOMAINS, by=approver, at=AT)
    for who in (writer, approver):
        with pytest.raises(Refused) as refused:
            template_approve(version=draft, domains=DOMAINS, by=who, at=AT)
        assert refused.value.code == "SAME_PERSON"
    assert template_in_force(key=KEY).ref == f"{KEY}/1"


def test_the_database_itself_wants_a_second_person(writer: Staff) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_template_version(
            by=writer, key=KEY, state="approved", submitted_by=writer, submitted_at=AT,
            decided_by=writer, decided_at=AT,
        )  # fmt: skip


def test_what_lacks_a_required_content_is_neither_submitted_nor_approved(
    writer: Staff, approver: Staff
) -> None:
    without = texts()
    without["zh-Hant"] = Text("", "【{lender_name}】{who}您好")
    draft = template_write(base=shipped_template(KEY), texts=without, by=writer, at=AT)
    with pytest.raises(Refused) as refused:
        template_submit(version=draft, domains=DOMAINS, by=writer, at=AT)
    assert refused.value.code == "TEMPLATE_FAULTS"
    draft.state, draft.submitted_by, draft.submitted_at = "submitted", writer, AT
    draft.save()
    with pytest.raises(Refused) as refused:
        template_approve(version=draft, domains=DOMAINS, by=approver, at=AT)
    assert refused.value.code == "TEMPLATE_FAULTS"


def test_a_version_that_waits_is_not_rewritten_and_one_that_was_sent_back_says_why(
    writer: Staff, approver: Staff
) -> None:
    draft = template_write(base=shipped_template(KEY), texts=texts(), by=writer, at=AT)
    again = template_write(base=shipped_template(KEY), texts=texts("!"), by=approver, at=AT)
    assert (again.pk, again.written_by) == (draft.pk, approver)
    template_submit(version=again, domains=DOMAINS, by=writer, at=AT)
    with pytest.raises(Refused) as refused:
        template_write(base=shipped_template(KEY), texts=texts("?"), by=writer, at=AT)
    assert refused.value.code == "OPEN_VERSION"
    third = make_staff(Role.COMPLIANCE_OFFICER)
    with pytest.raises(InputError):
        template_send_back(version=again, reason=" ", by=third, at=AT)
    template_send_back(version=again, reason="太长", by=third, at=AT + timedelta(hours=1))
    again.refresh_from_db()
    assert (again.state, again.decision) == (VersionState.SENT_BACK, "太长")
    fresh = template_write(base=again.template(), texts=texts("."), by=writer, at=AT)
    assert (fresh.number, fresh.based_on) == (2, f"{KEY}/L1")


def test_an_empty_language_is_refused(writer: Staff) -> None:
    for bad in ({}, texts() | {"en": Text("", " ")}):
        with pytest.raises(InputError):
            template_write(base=shipped_template(KEY), texts=bad, by=writer, at=AT)


def test_outside_the_demo_nothing_is_used_that_nobody_approved(
    writer: Staff, approver: Staff, settings: Any
) -> None:
    settings.MODE = "lender"
    assert templates_in_force() == {}
    with pytest.raises(NotFound):
        template_in_force(key=KEY)
    taken = templates_take_over(by=writer, at=AT)
    assert {version.key for version in taken} == set(shipped_templates())
    assert templates_take_over(by=writer, at=AT) == []
    for version in taken:
        template_approve(version=version, domains=DOMAINS, by=approver, at=AT)
    assert set(templates_in_force()) == set(shipped_templates())
    assert template_in_force(key=KEY).texts == shipped_template(KEY).texts


def test_the_lender_is_the_installations_own(home: Path, settings: Any) -> None:
    assert lender_current() == LENDER
    settings.MODE = "lender"
    with pytest.raises(Refused) as refused:
        lender_current()
    assert refused.value.code == "LENDER_UNKNOWN"
    content = DEMO_FILE.read_text("utf-8").replace("400-000-0000", "400-000-9999")
    (home / "lender.toml").write_text(content, "utf-8")
    assert lender_current().texts["hotline"] == "400-000-9999"
    for bad, field in (
        (content.replace("hotline =", "hot_line ="), "hot_line"),
        (content.replace("https://www.yunchuan-bank", "https://www.evil"), "website"),
        (content.replace('en = "Yunchuan Bank"\n', ""), "name"),
        (content.replace("sms = 5", "sms = -5"), "prices.sms"),
    ):
        (home / "lender.toml").write_text(bad, "utf-8")
        with pytest.raises(InputError) as unusable:
            lender_current()
        assert unusable.value.where.field == field


def test_two_versions_are_compared_word_by_word() -> None:
    pieces = texts_compare("您好，请还{amount_due}。", "您好，请归还{amount_due}，谢谢。")
    assert [(p.kind, p.text) for p in pieces if p.kind != "same"] == [
        ("new", "归"), ("new", "，谢谢"),
    ]  # fmt: skip
    before = "".join(p.text for p in pieces if p.kind != "new")
    after = "".join(p.text for p in pieces if p.kind != "gone")
    assert (before, after) == ("您好，请还{amount_due}。", "您好，请归还{amount_due}，谢谢。")
    assert [p.kind for p in texts_compare("{who} 好", "{name} 好")] == ["gone", "new", "same"]


def test_a_reference_nobody_knows_is_refused() -> None:
    for ref in ("pre_due_sms/2", "pre_due_sms/L9", "nothing/1", "pre_due_sms", ""):
        with pytest.raises(NotFound):
            template_of(ref=ref)
    assert template_of(ref="pre_due_sms/1") == replace(shipped_template("pre_due_sms"))
