"""A lender's book in the office: from the files somebody sends to the tables in use."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.portfolio.models import Book, BookState, Borrower, Loan
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import make_book, make_staff

pytestmark = pytest.mark.django_db
DAY = "2026-11-19"
BORROWERS = "borrower_id,name\nC1,欧阳小明\nC2,李雷\nC3,韩梅梅\n"
LOANS_HEAD = "loan_id,borrower_id,product,currency,principal,balance,opened_on,annual_rate_ppm\n"
LOANS = LOANS_HEAD + (
    "L1,C1,consumer,CNY,1200000,1000000,2026-01-02,120000\n"
    "L2,C2,consumer,CNY,1200000,900000,2026-01-02,120000\n"
    "L3,C3,consumer,CNY,1200000,800000,2026-01-02,120000\n"
)


@pytest.fixture(autouse=True)
def at_once(settings: Any, home: Path) -> None:
    """Background tasks run on the spot, in a state directory of this test."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


def signed_in(client: Client, role: Role = Role.ANALYST) -> Staff:
    staff = make_staff(role)
    client.force_login(staff)
    client.cookies["doorstep_language"] = "en"
    return staff


def file(name: str, content: str | bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())


def send(client: Client, *files: SimpleUploadedFile, **fields: Any) -> HttpResponse:
    """Fill in the form of one day's files."""
    form = {"business_date": DAY, "mapping": "canonical", "delivered": list(files)} | fields
    return client.post(reverse("office:book_bring"), form)


def bring(client: Client, *files: SimpleUploadedFile, **fields: Any) -> Book:
    """Send files, agree to the preview, and let them be checked."""
    sent = send(client, *files, **fields)
    assert sent.status_code == 302, sent.context["form"].errors
    agreed = client.post(sent["Location"], {"deed": "bring"})
    assert agreed.status_code == 302, agreed.content.decode()
    return Book.objects.latest("pk")


def page_of(client: Client, book: Book) -> str:
    return client.get(reverse("office:book", args=[book.pk])).content.decode()


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


# The way in


def test_an_empty_system_explains_the_first_step(client: Client) -> None:
    signed_in(client)
    page = text(client.get(reverse("office:books")))
    assert "No book yet" in page
    assert reverse("office:book_bring") in page


def test_who_may_only_look_is_told_who_begins(client: Client) -> None:
    signed_in(client, Role.AUDITOR)
    page = text(client.get(reverse("office:books")))
    assert "A colleague who may bring books begins" in page
    assert reverse("office:book_bring") not in page


def test_the_first_rows_are_shown_as_read_with_the_raw_beside_and_nothing_is_kept(
    client: Client,
) -> None:
    signed_in(client)
    preview = client.get(send(client, file("loans.csv", LOANS))["Location"])
    page = text(preview)
    assert "loans.csv → Loans" in page
    assert "1200000" in page
    assert "12,000.00" in page
    assert not Book.objects.exists()
    assert not Loan.objects.exists()


def test_what_cannot_be_read_stands_in_the_preview_with_its_reason(client: Client) -> None:
    signed_in(client)
    bad = LOANS_HEAD + "L1,C1,consumer,CNY,12a,1000000,2026-02-30,120000\n"
    page = text(client.get(send(client, file("loans.csv", bad))["Location"]))
    assert "This is not an amount." in page
    assert "There is no such day in the calendar." in page
    assert "12a" in page


def test_files_the_mapping_does_not_fit_are_refused_with_the_place(client: Client) -> None:
    signed_in(client)
    preview = client.get(send(client, file("loans.csv", "loan_id,x\nL1,1\n"))["Location"])
    assert preview.status_code == 400
    assert "The header row lacks this column." in text(preview)
    assert "loans.csv" in text(preview)
    assert "borrower_id" in text(preview)
    assert 'value="bring"' not in text(preview)


def test_a_wrong_own_mapping_is_refused_with_its_field_and_no_path(
    client: Client, home: Path
) -> None:
    signed_in(client)
    mapping = file("ours.toml", 'shape = "canonical"\n[file]\nencodig = "gb18030"\n')
    sent = send(client, file("x.csv", "a\n1\n"), mapping="own", own_mapping=mapping)
    preview = client.get(sent["Location"])
    assert preview.status_code == 400
    assert "file.encodig" in text(preview)
    assert str(home) not in text(preview)


def test_an_own_mapping_reads_own_headings(client: Client) -> None:
    signed_in(client)
    mapping = file(
        "ours.toml",
        '[[tables]]\ntable = "borrowers"\n[tables.columns]\n'
        'borrower_id = "客户号"\nname = "姓名"\n',
    )
    rows = file("客户清单.csv", "客户号,姓名\nC1,欧阳小明\n".encode("gb18030"))
    book = bring(client, rows, mapping="own", own_mapping=mapping)
    assert book.state == BookState.AWAITING_RELEASE
    assert (book.rows, book.accepted) == (1, 1)


def test_choosing_again_throws_the_files_away(client: Client, home: Path) -> None:
    signed_in(client)
    preview = send(client, file("loans.csv", LOANS))["Location"]
    assert client.post(preview, {"deed": "drop"})["Location"] == reverse("office:book_bring")
    assert list((home / "deliveries").iterdir()) == []
    assert client.get(preview)["Location"] == reverse("office:book_bring")


def test_nobody_sees_a_preview_of_somebody_elses_files(client: Client) -> None:
    signed_in(client)
    preview = send(client, file("loans.csv", LOANS))["Location"]
    signed_in(client)
    assert client.get(preview).status_code == 302
    assert client.post(preview, {"deed": "bring"}).status_code == 302
    assert not Book.objects.exists()


# What the form refuses


@pytest.mark.parametrize(
    ("sent", "fields", "said"),
    [
        ([], {}, "Choose at least one file."),
        ([("notes.pdf", b"%PDF-1.7")], {}, "send CSV, Excel"),
        ([("loans.csv", b"")], {}, "This file is empty."),
        ([("loans.csv", b"a")], {"business_date": "2999-01-01"}, "This day has not come yet."),
        ([("loans.csv", b"a")], {"mapping": "own"}, "Send your mapping"),
        ([("loans.csv", b"a")], {"mapping": "../../etc/passwd"}, "Select a valid choice"),
    ],
)
def test_the_form_says_at_the_field_what_is_wrong(
    client: Client, sent: list[tuple[str, bytes]], fields: dict[str, str], said: str
) -> None:
    signed_in(client)
    answer = send(client, *(file(*one) for one in sent), **fields)
    assert answer.status_code == 400
    assert said in text(answer)
    assert not Book.objects.exists()


@pytest.mark.parametrize("name", ["../../../etc/loans.csv", r"..\..\loans.csv", "/etc/loans.csv"])
def test_a_path_in_a_name_goes_nowhere(client: Client, home: Path, name: str) -> None:
    signed_in(client)
    book = bring(client, file(name, LOANS), file("borrowers.csv", BORROWERS))
    assert book.files.order_by("pk")[0].name == "loans.csv"
    assert {path.relative_to(home).parts[0] for path in home.rglob("loans.csv")} == {"books"}
    assert not Path("/etc/loans.csv").exists()


def test_a_huge_name_is_shortened_and_the_file_still_read(client: Client) -> None:
    signed_in(client)
    book = bring(client, file("账" * 400 + "_loans.csv", LOANS), file("borrowers.csv", BORROWERS))
    assert len(book.files.order_by("pk")[0].name.encode()) <= 200


def test_a_name_that_is_a_script_is_shown_as_text(client: Client) -> None:
    signed_in(client)
    sent = send(client, file("<img src=x onerror=alert(1)>_loans.csv", LOANS))
    assert "<img src=x" not in text(client.get(sent["Location"]))


def test_what_calls_itself_csv_and_is_a_picture_does_no_harm(client: Client) -> None:
    signed_in(client)
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
    preview = client.get(send(client, file("loans.csv", picture))["Location"])
    assert preview.status_code == 400
    assert 'role="alert"' in text(preview)


def test_a_delivery_over_the_limit_is_cut_off_with_the_limit_named(
    client: Client, settings: Any
) -> None:
    signed_in(client)
    settings.UPLOAD_MOST_BYTES = 1024
    answer = send(client, file("loans.csv", "x" * 3000))
    assert answer.status_code == 400
    assert "larger than 1.0" in text(answer)


def test_files_of_people_who_may_not_bring_books_are_not_taken(client: Client) -> None:
    signed_in(client, Role.APPROVER)
    answer = send(client, file("loans.csv", LOANS))
    assert answer.status_code == 403
    assert not answer.wsgi_request.FILES


# The check and the release


def test_the_whole_way_from_files_to_loaded_tables(client: Client) -> None:
    analyst = signed_in(client)
    book = bring(client, file("loans.csv", LOANS), file("borrowers.csv", BORROWERS))
    assert book.state == BookState.AWAITING_RELEASE
    assert (book.rows, book.accepted, book.rejected) == (6, 6, 0)
    assert book.brought_by == analyst
    mine = page_of(client, book)
    assert "You brought this book. Somebody else must release it." in mine
    assert reverse("office:book_release", args=[book.pk]) not in mine

    approver = signed_in(client, Role.APPROVER)
    assert "Waits for you to release it" in page_of(client, book)
    answer = client.post(reverse("office:book_release", args=[book.pk]), {"seen": "yes"})
    assert answer.status_code == 302
    book.refresh_from_db()
    assert book.state == BookState.LOADED
    assert book.released_by == approver
    assert Loan.objects.get(pk="L1").balance == 1_000_000
    assert Borrower.objects.count() == 3
    assert "worklists and bills follow this book" in page_of(client, book)


def test_who_brought_a_book_cannot_release_it_whatever_they_send(client: Client) -> None:
    """A manager may do both deeds, but never both for one book."""
    signed_in(client, Role.COLLECTIONS_MANAGER)
    book = bring(client, file("loans.csv", LOANS), file("borrowers.csv", BORROWERS))
    answer = client.post(reverse("office:book_release", args=[book.pk]), {"seen": "yes"})
    assert answer.status_code == 409
    book.refresh_from_db()
    assert book.state == BookState.AWAITING_RELEASE
    assert book.released_by is None
    assert not Loan.objects.exists()


def test_a_book_is_sent_back_with_a_reason(client: Client) -> None:
    signed_in(client)
    book = bring(client, file("loans.csv", LOANS), file("borrowers.csv", BORROWERS))
    signed_in(client, Role.APPROVER)
    sent = {"reason": "Branch 4 <b>is</b> missing"}
    client.post(reverse("office:book_reject", args=[book.pk]), sent)
    book.refresh_from_db()
    assert book.state == BookState.REJECTED
    page = page_of(client, book)
    assert "Branch 4 &lt;b&gt;is&lt;/b&gt; missing" in page
    assert not Loan.objects.exists()


def test_a_book_is_not_sent_back_without_a_reason(client: Client) -> None:
    signed_in(client)
    book = bring(client, file("loans.csv", LOANS), file("borrowers.csv", BORROWERS))
    signed_in(client, Role.APPROVER)
    answer = client.post(reverse("office:book_reject", args=[book.pk]), {"reason": "  "})
    assert answer.status_code == 409
    book.refresh_from_db()
    assert book.state == BookState.AWAITING_RELEASE


def test_the_same_files_again_change_nothing_and_this_is_said(client: Client) -> None:
    signed_in(client)
    files = (("loans.csv", LOANS), ("borrowers.csv", BORROWERS))
    book = bring(client, *(file(*one) for one in files))
    signed_in(client, Role.APPROVER)
    client.post(reverse("office:book_release", args=[book.pk]), {"seen": "yes"})
    signed_in(client)
    sent = send(client, *(file(*one) for one in files))
    again = client.post(sent["Location"], {"deed": "bring"}, follow=True)
    assert Book.objects.get() == book
    assert Loan.objects.count() == 3
    assert "These files were brought before. Nothing was changed." in text(again)


# What was found


BAD = LOANS + "L4,C9,consumer,CNY,5,5,2026-01-02,1\nL5,C1,consumer,CNY,=1+1,5,2026-01-02,1\n"


def test_every_kind_of_problem_opens_its_rows(client: Client) -> None:
    signed_in(client)
    book = bring(client, file("loans.csv", BAD), file("borrowers.csv", BORROWERS))
    assert (book.rows, book.accepted, book.rejected) == (8, 6, 2)
    page = client.get(reverse("office:book", args=[book.pk]))
    found = {kind.code: kind.count for kind in page.context["problems"]}
    assert found == {"PARENT_MISSING": 1, "AMOUNT_NOT_NUMBER": 1}
    rows = client.get(reverse("office:book_problem", args=[book.pk]), {"code": "PARENT_MISSING"})
    assert [(row.file, row.line) for row in rows.context["page"]] == [("loans.csv", 5)]


def test_a_problem_the_book_does_not_have_is_not_there(client: Client) -> None:
    signed_in(client)
    book = bring(client, file("loans.csv", LOANS), file("borrowers.csv", BORROWERS))
    for code in ("PARENT_MISSING", "", "x' OR 1=1"):
        address = reverse("office:book_problem", args=[book.pk])
        assert client.get(address, {"code": code}).status_code == 404


def test_rows_to_correct_come_back_as_they_were_with_the_reason_and_no_formula(
    client: Client,
) -> None:
    signed_in(client)
    book = bring(client, file("loans.csv", BAD), file("borrowers.csv", BORROWERS))
    answer = client.get(reverse("office:book_rejected", args=[book.pk]))
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert lines[1].endswith("PARENT_MISSING")
    assert ",'=1+1," in lines[2]


def test_rows_of_several_files_come_back_together(client: Client) -> None:
    signed_in(client)
    book = bring(client, file("loans.csv", BAD), file("borrowers.csv", BORROWERS + "C8,\n"))
    answer = client.get(reverse("office:book_rejected", args=[book.pk]))
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert sorted(archive.namelist()) == ["borrowers.csv", "loans.csv"]


def test_there_is_nothing_to_download_where_all_was_accepted(client: Client) -> None:
    signed_in(client)
    book = bring(client, file("loans.csv", LOANS), file("borrowers.csv", BORROWERS))
    assert client.get(reverse("office:book_rejected", args=[book.pk])).status_code == 404


def test_html_in_a_value_is_shown_as_text(client: Client) -> None:
    signed_in(client)
    attack = LOANS_HEAD + "L1,C1,<script>,CNY,1,1,2026-01-02,1\n"
    preview = send(client, file("loans.csv", attack), file("borrowers.csv", BORROWERS))
    assert "<td><script>" not in text(client.get(preview["Location"]))
    assert "&lt;script&gt;" in text(client.get(preview["Location"]))
    client.post(preview["Location"], {"deed": "bring"})
    book = Book.objects.latest("pk")
    rows = client.get(reverse("office:book_problem", args=[book.pk]), {"code": "CODE_UNKNOWN"})
    assert "<code><scr" not in text(rows)


# The day before


def loaded(client: Client, day: str, loans: str, borrowers: str = BORROWERS) -> Book:
    """A book of that day, brought by one and released by another."""
    signed_in(client)
    book = bring(
        client, file("loans.csv", loans), file("borrowers.csv", borrowers), business_date=day
    )
    signed_in(client, Role.APPROVER)
    client.post(reverse("office:book_release", args=[book.pk]), {"seen": "yes"})
    book.refresh_from_db()
    return book


def test_what_changed_since_the_day_before_is_told(client: Client) -> None:
    assert loaded(client, "2026-11-18", LOANS).state == BookState.LOADED
    signed_in(client)
    changed = LOANS.replace("900000", "850000") + ("L4,C1,consumer,CNY,100,100,2026-11-19,120000\n")
    book = bring(client, file("loans.csv", changed), file("borrowers.csv", BORROWERS))
    page = client.get(reverse("office:book", args=[book.pk]))
    rows = {row.key: row.count for row in page.context["difference"].rows}
    assert (rows["new"], rows["gone"], rows["changed"]) == (1, 0, 1)


def test_a_book_that_lost_many_loans_waits_until_a_person_has_looked(client: Client) -> None:
    loaded(client, "2026-11-18", LOANS)
    signed_in(client)
    book = bring(
        client, file("loans.csv", LOANS.splitlines()[0] + "\n" + LOANS.splitlines()[1] + "\n"),
        file("borrowers.csv", BORROWERS),
    )  # fmt: skip
    assert book.attention
    signed_in(client, Role.APPROVER)
    assert "Look at this before releasing" in page_of(client, book)
    address = reverse("office:book_release", args=[book.pk])
    client.post(address)
    book.refresh_from_db()
    assert book.state == BookState.AWAITING_RELEASE
    client.post(address, {"seen": "yes"})
    book.refresh_from_db()
    assert book.state == BookState.LOADED


def test_an_older_book_after_a_newer_one_is_refused(client: Client) -> None:
    loaded(client, "2026-11-18", LOANS)
    signed_in(client)
    sent = send(
        client, file("loans.csv", LOANS.replace("900000", "1")), file("borrowers.csv", BORROWERS),
        business_date="2026-11-10",
    )  # fmt: skip
    client.post(sent["Location"], {"deed": "bring"}, follow=True)
    assert Book.objects.filter(state=BookState.LOADED).count() == 1
    assert Loan.objects.get(pk="L2").balance == 900_000


def test_a_book_that_a_newer_one_overtook_can_only_be_sent_back(client: Client) -> None:
    signed_in(client)
    late = bring(
        client, file("loans.csv", LOANS), file("borrowers.csv", BORROWERS),
        business_date="2026-11-17",
    )  # fmt: skip
    loaded(client, "2026-11-18", LOANS)
    page = page_of(client, late)
    assert "this one can only be sent back" in page
    assert reverse("office:book_release", args=[late.pk]) not in page
    assert reverse("office:book_reject", args=[late.pk]) in page
    answer = client.post(reverse("office:book_release", args=[late.pk]), {"seen": "yes"})
    assert answer.status_code == 409
    late.refresh_from_db()
    assert late.state == BookState.AWAITING_RELEASE


# Progress and cost


def test_progress_is_shown_until_the_work_ends(client: Client) -> None:
    signed_in(client)
    book = make_book(business_date=date(2026, 11, 19), state=BookState.CHECKING)
    assert "book-progress" in page_of(client, book)
    address = reverse("office:book_progress", args=[book.pk])
    assert client.get(address).status_code == 200
    assert "HX-Refresh" not in client.get(address)
    Book.objects.filter(pk=book.pk).update(state=BookState.REFUSED)
    assert client.get(address)["HX-Refresh"] == "true"
    assert "book-progress" not in page_of(client, book)


@pytest.mark.parametrize("state", BookState.values)
def test_every_state_says_who_acts_next(client: Client, state: str) -> None:
    signed_in(client, Role.APPROVER)
    book = make_book(business_date=date(2026, 11, 19), state=state)
    page = client.get(reverse("office:book", args=[book.pk]))
    assert page.status_code == 200
    assert page.context["next"]


def asked(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_list_asks_as_much_of_the_database_for_forty_books_as_for_one(client: Client) -> None:
    signed_in(client)
    people = [make_staff(Role.ANALYST), make_staff(Role.APPROVER)]

    def one(number: int) -> None:
        make_book(
            business_date=date(2026, 1, 1 + number % 28), state=BookState.REJECTED,
            brought_by=people[0], released_by=people[1],
        )  # fmt: skip

    one(0)
    asked(client, reverse("office:books"))
    few = asked(client, reverse("office:books"))
    for number in range(40):
        one(number)
    assert asked(client, reverse("office:books")) == few
    assert few <= 11


def test_a_books_page_asks_a_fixed_number_of_questions(client: Client) -> None:
    signed_in(client)
    small = bring(client, file("loans.csv", LOANS), file("borrowers.csv", BORROWERS))
    few = asked(client, reverse("office:book", args=[small.pk]))
    many = bring(
        client,
        *(file(f"{n}_loans.csv", BAD.replace("L", f"L{n}-").replace("L" + f"{n}-oan", "loan"))
          for n in range(3)),
        file("borrowers.csv", BORROWERS),
    )  # fmt: skip
    assert asked(client, reverse("office:book", args=[many.pk])) == few
    assert few <= 12
