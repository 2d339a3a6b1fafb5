"""The audit room: find entries, see what was decided and that it is proved, take it away."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from doorstep.evidence.checking import self_check
from doorstep.evidence.checkpoints import checkpoint_make, checkpoints_copy
from doorstep.evidence.erasing import subject_erase
from doorstep.evidence.models import Checkpoint, Leaf
from doorstep.evidence.opening import Opener
from doorstep.evidence.triggers import triggers_drop
from doorstep.evidence.verify import report
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import AT, make_case, make_evidence, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_keys(home: Path, settings: Settings) -> None:
    settings.EVIDENCE_KEYS = home / "keys.toml"
    settings.CHECKPOINT_PLACE = home / "checkpoints"


@pytest.fixture
def auditor() -> Staff:
    return make_staff(Role.AUDITOR, username="audit")


@pytest.fixture
def desk(client: Client, auditor: Staff, settings: Settings) -> Client:
    client.force_login(auditor)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def sign() -> Checkpoint:
    checkpoint_make(at=AT)
    checkpoints_copy(at=AT)
    return Checkpoint.objects.latest("size")


def page(desk: Client, address: str) -> str:
    answer = desk.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_log_says_why_and_what_will_come(desk: Client) -> None:
    shown = page(desk, "/audit/")
    assert "Nothing on the log yet" in shown
    assert "None yet: nothing has been signed." in shown


def test_a_case_shows_its_decisions_with_verdict_rule_and_proof(desk: Client) -> None:
    case, other = make_case(), make_case()
    make_evidence(case=case, agent="li")
    make_evidence(case=other)
    sign()
    shown = page(desk, f"/audit/?case={case.pk}")
    assert "The guard decided · Text message" in shown
    assert "Forbidden" in shown
    assert "CN-CBA-QUIET" in shown
    assert "Proved" in shown
    assert "/audit/0/" in shown
    assert "/audit/1/" not in shown
    assert "checkpoint-000000000002" in shown


@pytest.mark.parametrize(
    ("query", "count"), [("agent=li", 2), ("day=2026-11-20", 3), ("day=2026-11-21", 0)]
)
def test_entries_are_found_by_who_and_when(desk: Client, query: str, count: int) -> None:
    make_evidence(count=2, agent="li")
    make_evidence()
    shown = page(desk, f"/audit/?{query}")
    assert shown.count("data-opens href") == count
    assert ("No entry fits" in shown) is (count == 0)


def test_a_day_that_is_none_is_told(desk: Client) -> None:
    make_evidence()
    for day in ("yesterday", "2026-02-30", "9999-12-31"):
        assert "This is not a day." in page(desk, f"/audit/?day={day}")


def test_what_no_checkpoint_covers_yet_waits_and_what_was_altered_shows(desk: Client) -> None:
    make_evidence(count=2)
    sign()
    make_evidence()
    triggers_drop(connection)
    Leaf.objects.filter(index=0).update(kind="sent")
    shown = page(desk, "/audit/")
    assert "Waits for the next checkpoint" in shown
    assert shown.count("Altered") == 2  # its neighbour's proof needs it too
    self_check(at=AT)
    assert "Something was altered" in page(desk, "/audit/")


def test_an_entry_explains_itself_but_shows_what_it_holds_only_for_a_purpose(
    desk: Client,
) -> None:
    case = make_case()
    make_evidence(case=case)
    sign()
    shown = page(desk, "/audit/0/")
    assert "Not at night." in shown
    assert "content_sha256" not in shown
    answer = desk.post("/audit/0/open/", {"purpose": "x"}, follow=True)
    assert "State what you need the data for." in answer.content.decode()
    assert Leaf.objects.count() == 1
    answer = desk.post("/audit/0/open/", {"purpose": "complaint 17"})
    assert "content_sha256" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    logged = Opener().read(Leaf.objects.select_related("subject", "sealed").get(pk=1))
    assert logged == {
        "agent": "audit", "case": str(case.pk), "subject": case.borrower_id,
        "body": {"by": "audit", "purpose": "complaint 17", "what": "evidence 0"},
    }  # fmt: skip


def test_an_entry_that_is_not_there_is_not_found(desk: Client) -> None:
    assert desk.get("/audit/7/").status_code == 404


def test_an_erased_customers_entries_stay_proved(desk: Client) -> None:
    case = make_case()
    make_evidence(case=case)
    subject_erase(subject=case.borrower_id, ground="request", by="officer", at=AT)
    sign()
    assert "Proved, content erased" in page(desk, "/audit/")
    shown = page(desk, "/audit/0/")
    assert "nobody can read the entry any more" in shown
    assert "See in full" not in shown


def test_the_bundle_verifies_with_the_copy_in_the_second_place(
    desk: Client, home: Path, tmp_path: Path
) -> None:
    case = make_case()
    make_evidence(case=case, count=3)
    make_evidence(count=2)
    answer = desk.post("/audit/bundle/", {"case": str(case.pk), "purpose": "yearly audit"})
    assert answer["Content-Type"] == "application/zip"
    packed = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    packed.extractall(tmp_path / "bundle")
    folder = tmp_path / "bundle" / "doorstep-evidence-6"
    lines = (folder / "entries.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["decision"] * 3 + ["export"]
    assert report(folder, (home / "checkpoints" / "latest").read_text())["ok"]
    altered = (folder / "entries.jsonl").read_bytes().replace(b"sms", b"smt", 1)
    (folder / "entries.jsonl").write_bytes(altered)
    assert not report(folder, (home / "checkpoints" / "latest").read_text())["ok"]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"purpose": "yearly audit"}, "Choose a case"),
        ({"case": "1", "purpose": " "}, "Say what the bundle is for."),
        ({"case": "1", "purpose": "yearly audit"}, "No entry fits"),
    ],
)
def test_a_bundle_of_nothing_or_for_nothing_is_refused(
    desk: Client, form: dict[str, str], words: str
) -> None:
    answer = desk.post("/audit/bundle/", form, follow=True)
    assert words in answer.content.decode()
    assert not Leaf.objects.exists()


def test_the_list_makes_as_many_queries_for_fifty_rows_as_for_two(desk: Client) -> None:
    make_evidence(count=2, agent="li")
    make_evidence(count=60, agent="wang")
    sign()
    counts = []
    for agent in ("li", "wang"):
        with CaptureQueriesContext(connection) as queries:
            page(desk, f"/audit/?agent={agent}")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 13


def test_the_table_of_periods_names_its_sources(desk: Client) -> None:
    shown = page(desk, "/audit/retention/")
    assert "CN-CC-68-REC" in shown
    assert "at least 5 years from the day of the record" in shown
    assert "at least 6 months" in shown
    assert "No period was found." in shown
