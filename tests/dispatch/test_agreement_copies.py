"""The copy for the borrower: told of through the one door, fetched with a code and a known fact."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doorstep.agreements.models import Agreement, AgreementCopy
from doorstep.agreements.services.copies import copy_take
from doorstep.dispatch.agreement_copies import copy_send
from doorstep.dispatch.agreement_making import agreement_make
from doorstep.dispatch.models import Act, ActState
from doorstep.kernel.errors import InputError, Refused
from doorstep.workforce.roles import Role
from tests.agreements.conftest import own_files  # noqa: F401 (found here by its name)
from tests.agreements.signing import agreed, draft, make_offer
from tests.factories import AT, make_contact_point, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]
LAST = "0009"


def an_agreement(*kinds: str) -> Agreement:
    agreement = agreed()
    for kind in kinds:
        value = "who@example.com" if kind == "email" else None
        make_contact_point(borrower=agreement.case.borrower, kind=kind, value=value)
    return agreement


@pytest.mark.parametrize(
    ("kinds", "channel"), [(("email", "mobile"), "email"), (("mobile",), "sms")]
)
def test_the_copy_is_told_of_by_the_first_way_there_is(
    kinds: tuple[str, ...], channel: str
) -> None:
    agreement = an_agreement(*kinds)
    told = copy_send(agreement=agreement, by=make_staff(Role.DESK_AGENT), at=AT)
    assert told.act is not None, told.why
    act = Act.objects.get()
    assert (act.channel, act.state, act.purpose) == (channel, ActState.QUEUED, "service")
    for words in (told.code, agreement.number):
        assert words in act.content["text"]
    for words in ("还款", "欠", agreement.case.borrower.name):
        assert words not in act.content["text"] + act.content["subject"]


def test_without_any_way_the_code_is_handed_over() -> None:
    told = copy_send(agreement=an_agreement(), by=make_staff(Role.DESK_AGENT), at=AT)
    assert (told.act, told.why) == (None, "NO_POINT")
    assert copy_take(code=told.code, last=LAST, at=AT).number


def test_a_code_opens_with_the_last_characters_alone_and_not_for_ever() -> None:
    agreement = an_agreement()
    told = copy_send(agreement=agreement, by=make_staff(Role.DESK_AGENT), at=AT)
    assert told.code not in str(list(AgreementCopy.objects.values()))
    spoken = told.code.lower().replace("-", " ")
    assert copy_take(code=spoken, last=LAST, at=AT) == agreement
    for code, last, at in (
        (told.code, "1234", AT),
        (told.code, "", AT),
        (told.code[:-1] + ("2" if told.code[-1] != "2" else "3"), LAST, AT),
        ("", "", AT),
        (told.code, LAST, AT + timedelta(days=30)),
    ):
        with pytest.raises(Refused) as caught:
            copy_take(code=code, last=last, at=at)
        assert caught.value.code == "NO_COPY"
    assert copy_take(code=told.code, last=LAST, at=AT + timedelta(days=29)) == agreement


def test_five_wrong_answers_close_a_code() -> None:
    told = copy_send(agreement=an_agreement(), by=make_staff(Role.DESK_AGENT), at=AT)
    for number in range(5):
        with pytest.raises(Refused):
            copy_take(code=told.code, last=f"{number:04}", at=AT)
    with pytest.raises(Refused):
        copy_take(code=told.code, last=LAST, at=AT)


def test_nothing_is_handed_out_before_the_seal_nor_by_everybody() -> None:
    agreement = draft(make_offer())
    with pytest.raises(Refused) as caught:
        copy_send(agreement=agreement, by=make_staff(Role.DESK_AGENT), at=AT)
    assert caught.value.code == "NOT_SEALED"
    with pytest.raises(Refused):
        copy_send(agreement=agreed(), by=make_staff(Role.AUDITOR), at=AT)


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_the_lender_speaks_for_itself_in_each_language(language: str) -> None:
    by = make_staff(Role.DESK_AGENT)
    made = agreement_make(offer=make_offer(), language=language, by=by, at=AT)
    assert made.language == language
    assert any("400-000-0000" in line for line in made.summary)
    with pytest.raises(InputError):
        agreement_make(offer=make_offer(), language="fr", by=by, at=AT)
