"""Erasing a person: no planted value is left in any table, the file of the database, the logs or an
export; everybody else stays, and the evidence still verifies."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from doorstep.cases.models import Case
from doorstep.cases.services import personal_data_look
from doorstep.dispatch.erasing import borrower_erase, leftovers_wipe
from doorstep.dispatch.models import Act
from doorstep.evidence.checking import self_check
from doorstep.evidence.erasing import legal_hold_place
from doorstep.evidence.export import export_write
from doorstep.evidence.models import Checkpoint
from doorstep.evidence.selection import Selection
from doorstep.evidence.verify import report
from doorstep.kernel.errors import NotFound, Refused
from doorstep.portfolio.models import Borrower
from doorstep.workforce.roles import Role
from tests.dispatch.outbox import AT, make_act, make_inbound, make_owing_case, make_sender
from tests.factories import (
    make_address,
    make_borrower,
    make_case,
    make_contact,
    make_contact_point,
    make_decision,
    make_flag,
    make_hold,
    make_instalments,
    make_loan,
    make_note,
    make_payment,
    make_promise,
    make_protections,
    make_staff,
    make_third_party_number,
    make_verification_task,
    make_work_item,
)
from tests.visits.doors import make_record

pytestmark = pytest.mark.django_db(transaction=True)
PLANTED = {
    "number": "C-PLANTED-77",
    "name": "端木忘川",
    "identity": "110101198001019999",
    "phone": "+8619900077777",
    "address": "云川市不存在路77号",
    "said": "我在五月失业了",
}


@pytest.fixture(autouse=True)
def own_keys(home: Path, settings: Settings) -> None:
    settings.EVIDENCE_KEYS = home / "keys.toml"
    settings.CHECKPOINT_PLACE = home / "checkpoints"


def a_planted_person(folder: Path) -> Case:
    borrower = make_borrower(
        borrower_id=PLANTED["number"], name=PLANTED["name"], id_number=PLANTED["identity"]
    )
    point = make_contact_point(borrower=borrower, value=PLANTED["phone"])
    loan = make_loan(borrower=borrower)
    case = make_case(borrower=borrower)
    sent = make_act(case=case)
    make_sender(folder=folder).round()
    assert Act.objects.get(pk=sent.pk).clearance is not None
    make_third_party_number(borrower=borrower, owner_name=PLANTED["name"])
    make_address(borrower=borrower, text=PLANTED["address"])
    make_instalments(loan=loan)
    make_payment(loan=loan)
    make_work_item(case=case)
    make_note(case=case, by=make_staff(), text=PLANTED["said"])
    make_decision(borrower=borrower)
    make_contact(borrower=borrower)
    make_flag(borrower=borrower)
    make_promise(borrower=borrower)
    make_verification_task(borrower=borrower, contact_point=point)
    officer = make_staff(Role.COMPLIANCE_OFFICER)
    personal_data_look(case=case, what="phone", purpose=PLANTED["said"], by=officer, at=AT)
    make_inbound(text=PLANTED["said"], borrower=borrower, case=case)
    make_protections(borrower=borrower, loan=loan)
    make_hold(borrower=borrower, note=PLANTED["said"])
    make_record(case=case, by=officer, said=PLANTED["said"], address=PLANTED["address"])
    return case


def database() -> bytes:
    """Every row of every table; on SQLite also the bytes of the file."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            rows.append(repr(cursor.fetchall()).encode())
    if connection.vendor == "sqlite":
        rows.append(Path(connection.settings_dict["NAME"]).read_bytes())
    return b"".join(rows)


def hits(*contents: bytes) -> list[str]:
    return [
        name
        for name, value in PLANTED.items()
        for content in contents
        if value.encode() in content or json.dumps(value)[1:-1].encode() in content
    ]


def test_no_planted_value_is_left_and_everybody_else_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    other = make_owing_case()
    make_act(case=other)
    a_planted_person(tmp_path / "sandbox")
    assert set(hits(database())) == set(PLANTED)
    erased = borrower_erase(borrower_id=PLANTED["number"], ground="request", by="officer", at=AT)
    leftovers_wipe()
    assert erased.rows["dispatch.Act"] == erased.rows["portfolio.Borrower"] == 1
    assert erased.rows["workforce.PersonalDataAccess"] == 1
    export_write(folder=tmp_path / "out", selection=Selection(), by="audit", purpose="audit", at=AT)
    exported = [path.read_bytes() for path in (tmp_path / "out").iterdir()]
    assert hits(database(), caplog.text.encode(), *exported) == []
    assert list(Case.objects.all()) == [other]
    assert Act.objects.get().borrower_id == other.borrower_id
    assert report(tmp_path / "out", Checkpoint.objects.latest("size").note)["ok"]
    assert self_check(at=AT).findings == []


def test_a_legal_hold_keeps_every_row(tmp_path: Path) -> None:
    a_planted_person(tmp_path / "sandbox")
    legal_hold_place(subject=PLANTED["number"], reason="Court case 17", by="officer", at=AT)
    with pytest.raises(Refused, match="legal hold"):
        borrower_erase(borrower_id=PLANTED["number"], ground="request", by="officer", at=AT)
    assert Borrower.objects.filter(pk=PLANTED["number"]).exists()
    assert Act.objects.exists()


def test_somebody_whom_nobody_knows_cannot_be_erased_but_somebody_without_evidence_can() -> None:
    with pytest.raises(NotFound):
        borrower_erase(borrower_id="nobody", ground="request", by="officer", at=AT)
    borrower = make_borrower()
    erased = borrower_erase(borrower_id=borrower.pk, ground="mistake", by="officer", at=AT)
    assert (erased.rows, erased.log_index) == ({"portfolio.Borrower": 1}, None)
