"""The audit room in a real browser: clean in every look, and the bundle in the auditor's hands."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from doorstep.cases.models import Case
from doorstep.evidence.checkpoints import checkpoint_make, checkpoints_copy
from doorstep.evidence.erasing import subject_erase
from doorstep.workforce.roles import Role
from tests.browser.kit import LOOKS
from tests.factories import AT, make_case, make_evidence

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def own_keys(home: Path, settings: Settings) -> None:
    settings.EVIDENCE_KEYS = home / "keys.toml"
    settings.CHECKPOINT_PLACE = home / "checkpoints"


def a_log() -> Case:
    case, erased = make_case(), make_case()
    make_evidence(case=case, agent="li", count=3)
    make_evidence(case=erased)
    subject_erase(subject=erased.borrower_id, ground="request", by="officer", at=AT)
    checkpoint_make(at=AT)
    checkpoints_copy(at=AT)
    make_evidence(case=case)
    return case


@pytest.mark.parametrize(("locale", "size", "theme"), LOOKS)
def test_every_page_of_the_audit_room_is_clean_in_each_look(
    open_desk: Any, locale: str, size: Any, theme: str, tmp_path: Path
) -> None:
    desk = open_desk(Role.AUDITOR, locale=locale, size=size, theme=theme)
    desk.go("/audit/")
    desk.check()
    case = a_log()
    for path in (
        "/audit/",
        f"/audit/?case={case.pk}",
        "/audit/?agent=nobody",
        "/audit/?day=never",
        "/audit/0/",
        "/audit/3/",
        "/audit/5/",
        "/audit/retention/",
    ):
        desk.go(path)
        for each in desk.page.locator("main details").all():
            each.evaluate("part => part.open = true")
        desk.check()


def test_the_auditor_downloads_a_case_and_verifies_it_on_her_own_machine(
    open_desk: Any, home: Path, tmp_path: Path
) -> None:
    case = a_log()
    desk = open_desk(Role.AUDITOR, locale="en-GB")
    desk.go("/audit/")
    desk.page.fill("#audit-case", str(case.pk))
    desk.page.get_by_role("button", name="Show").click()
    desk.settle()
    assert "4 entries" in desk.page.inner_text("#entries")
    desk.page.get_by_text("Download with proofs").click()
    desk.page.fill("#bundle-purpose", "yearly audit")
    with desk.page.expect_download() as waiting:
        desk.page.get_by_role("button", name="Download", exact=True).click()
    with zipfile.ZipFile(waiting.value.path()) as packed:
        packed.extractall(tmp_path)
    [folder] = tmp_path.glob("doorstep-evidence-*")
    command = [
        sys.executable, "-I", str(folder / "verify.py"), "--checkpoint",
        str(home / "checkpoints" / "latest"),
    ]  # fmt: skip
    sound = subprocess.run(command, capture_output=True, text=True, check=False)
    assert json.loads(sound.stdout)["ok"], sound
    entries = folder / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"forbid", b"permit", 1))
    altered = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (altered.returncode, json.loads(altered.stdout)["first_bad"]) == (1, 0)


def test_a_document_is_opened_for_a_purpose(open_desk: Any) -> None:
    a_log()
    desk = open_desk(Role.AUDITOR, locale="en-GB")
    desk.go("/audit/0/")
    desk.page.get_by_text("See in full").click()
    desk.page.fill("#open-purpose", "complaint 17")
    desk.page.get_by_role("button", name="See it").click()
    desk.settle()
    desk.check()
    assert "content_sha256" in desk.page.inner_text("main")
