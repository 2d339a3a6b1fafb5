"""Agreements in the office: drawn up, signed on the screen, sealed, fetched by the customer."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from doorstep.agreements.models import Agreement, AgreementCopy
from doorstep.workforce.models import PersonalDataAccess, Staff
from doorstep.workforce.roles import Role
from tests.agreements.conftest import own_files  # noqa: F401 (found here by its name)
from tests.agreements.signing import (
    NAME,
    STROKES,
    agreed,
    draft,
    make_agreement_rows,
    make_offer,
    named_case,
    sign,
)
from tests.factories import make_case, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


@pytest.fixture
def desk(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Signed in as a manager, on the day of the factories."""
    from tests.factories import AT

    monkeypatch.setattr("doorstep.kernel.clock.now", lambda: AT)
    client.force_login(make_staff(Role.COLLECTIONS_MANAGER))
    return client


def form(agreement: Agreement, **fields: object) -> dict[str, object]:
    """The signing form, filled in."""
    return {
        "sha256": agreement.sha256, "consent": ["1", "2", "3"], "way": "screen",
        "place": "云川市", "strokes": json.dumps([[list(p) for p in s] for s in STROKES]),
    } | fields  # fmt: skip


def signing(agreement: Agreement, party: str = "borrower") -> str:
    return f"/agreements/documents/{agreement.pk}/sign/{party}/"


def test_from_the_approved_offer_to_the_copy_in_the_customers_hands(desk: Client) -> None:
    offer = make_offer()
    page = desk.get("/agreements/documents/?view=to_draw_up")
    assert f"/agreements/documents/drafts/{offer.pk}/" in page.content.decode()
    answer = desk.post(
        f"/agreements/documents/drafts/{offer.pk}/", {"language": "zh-Hans"}, follow=True
    )
    assert "等待签署：客户" in answer.content.decode()
    agreement = Agreement.objects.get()
    page = desk.get(signing(agreement)).content.decode()
    assert "您可以不签" in page  # the main points, before anything is signed
    answer = desk.post(signing(agreement), form(agreement), follow=True)
    assert "等待我方签章" in answer.content.decode()
    seal = {"deed": "seal", "place": "云川市", "sha256": agreement.sha256}
    answer = desk.post(f"/agreements/documents/{agreement.pk}/deed/", seal, follow=True)
    words = answer.content.decode()
    assert "生效中" in words
    code = words.split("仅显示这一次：")[1][:14]
    stranger = Client()
    assert stranger.get("/copies/").status_code == 200
    wrong = stranger.post("/copies/", {"code": code, "last": "1234"})
    assert wrong.status_code == 422
    pdf = stranger.post("/copies/", {"code": code, "last": "0009"})
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    assert "attachment" in pdf["Content-Disposition"]
    assert AgreementCopy.objects.get().taken_at is not None


def test_the_name_is_masked_until_somebody_opens_the_document(desk: Client) -> None:
    agreement = draft(make_offer())
    for path in (f"/agreements/documents/{agreement.pk}/", "/agreements/documents/"):
        page = desk.get(path).content.decode()
        assert "欧***" in page
        assert NAME not in page
    assert desk.get(f"/agreements/documents/{agreement.pk}/document.pdf").content.startswith(
        b"%PDF"
    )
    look = PersonalDataAccess.objects.get()
    assert (look.what, look.borrower_id) == ("agreement", agreement.case.borrower_id)
    assert desk.get(f"/agreements/documents/{agreement.pk}/signed.pdf").status_code == 404
    sign(agreement)
    picture = desk.get(f"/agreements/documents/{agreement.pk}/signatures/borrower/")
    assert picture["Content-Type"] == "image/png"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"consent": ["1", "3"]}, "逐条确认"),
        ({"strokes": ""}, "手写签名"),
        ({"strokes": "[[[0,0],[1,1]]]"}, "手写签名"),
        ({"strokes": "{}"}, "无法读取"),
        ({"way": "typed", "name": "别人"}, "与文件上的不一致"),
        ({"way": "paper"}, "请先选择文件"),
        ({"way": "recording"}, "录音的存放位置"),
        ({"place": " "}, "签署地点"),
        ({"sha256": "0" * 64}, "不是刚才出示的文件"),
    ],
)
def test_what_is_no_signature_is_refused_in_words(
    desk: Client, fields: dict[str, object], words: str
) -> None:
    agreement = draft(make_offer())
    page = desk.post(signing(agreement), form(agreement, **fields)).content.decode()
    assert words in page
    assert not agreement.signatures.exists()


def test_a_name_may_be_typed_a_paper_scanned_a_recording_named(desk: Client) -> None:
    written = BytesIO()
    Image.new("RGB", (800, 1100), "white").save(written, "JPEG")
    scan = SimpleUploadedFile("p.jpg", written.getvalue(), "image/jpeg")
    for fields in (
        {"way": "typed", "name": NAME},
        {"way": "paper", "scan": scan},
        {"way": "recording", "recording": "call-17"},
    ):
        agreement = draft(make_offer())
        desk.post(signing(agreement), form(agreement, strokes="", **fields))
        assert agreement.signatures.get().way == fields["way"]


def test_a_witness_signs_under_a_name_of_their_own(desk: Client) -> None:
    agreement = draft(make_offer(), witness=True)
    answer = desk.post(signing(agreement, "witness"), form(agreement, name="丁一"))
    assert answer.status_code == 302
    assert agreement.signatures.get(party="witness").name == "丁一"
    assert desk.get(signing(agreement, "lender")).status_code == 404
    assert desk.get(signing(agreement, "witness")).status_code == 302  # has signed


def test_another_version_and_giving_up(desk: Client) -> None:
    agreement = draft(make_offer())
    again = {"language": "en"}
    desk.post(f"/agreements/documents/drafts/{agreement.offer_id}/", again)
    second = Agreement.objects.get(version=2)
    page = desk.get(f"/agreements/documents/{agreement.pk}/").content.decode()
    assert "已制作新版本" in page
    answer = desk.post(
        f"/agreements/documents/{second.pk}/deed/",
        {"deed": "cancel", "why": "想再考虑"},
        follow=True,
    )
    assert "想再考虑" in answer.content.decode()
    page = desk.post(f"/agreements/documents/{second.pk}/deed/", {"deed": "nonsense"}, follow=True)
    assert page.status_code == 200


def test_a_refused_draft_says_why(desk: Client) -> None:
    case = named_case()
    case.borrower.name = "王\ue000"
    case.borrower.save()
    offer = make_offer(case=case)
    answer = desk.post(
        f"/agreements/documents/drafts/{offer.pk}/", {"language": "zh-Hans"}, follow=True
    )
    assert "U+E000" in answer.content.decode()


def test_the_list_shows_health_at_a_constant_number_of_queries(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    agreed()
    for _number in range(4):
        make_agreement_rows(case=make_case())
    page = desk.get("/agreements/documents/?view=on_track").content.decode()
    assert "正常履行" in page
    with django_assert_max_num_queries(26):
        desk.get("/agreements/documents/?view=to_sign")
    for view in ("at_risk", "broken", "over", "to_draw_up", "nonsense"):
        assert desk.get(f"/agreements/documents/?view={view}&assignee=me").status_code == 200


def test_one_page_takes_a_constant_number_of_queries(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    agreement = agreed(make_offer(months=60))
    with django_assert_max_num_queries(30):
        desk.get(f"/agreements/documents/{agreement.pk}/")


def test_who_only_reads_opens_no_document(client: Client) -> None:
    open_one, sealed = make_agreement_rows(case=make_case())
    approver: Staff = make_staff(Role.APPROVER, branch=open_one.case.branch)
    client.force_login(approver)
    assert client.get(f"/agreements/documents/{sealed.pk}/signed.pdf").status_code in (403, 404)
    assert client.get(signing(open_one)).status_code == 403
