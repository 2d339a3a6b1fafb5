"""Offers of help at set moments. Nobody has to take one, and nothing depends on the answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.agreements.models import CareAnswer, CareKind, CareOffer
from doorstep.agreements.watch import PARAMETERS
from doorstep.cases.models import Case
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import Refused
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

AT_MOMENT: dict[str, tuple[CareKind, ...]] = {
    "plan_signed": (CareKind.EDUCATION,),
    "plan_at_risk": (CareKind.COUNSELLING,),
    "plan_eased": (CareKind.COUNSELLING,),
    "paid_up": (CareKind.EDUCATION, CareKind.CALL_BACK),
}


def care_offer(*, case: Case, moment: str, on: date) -> None:
    """Put down what is offered at this moment; the same again on a day is once."""
    cares_offer(cases=[(case.pk, case.borrower_id)], moment=moment, on=on)


def cares_offer(*, cases: Iterable[tuple[int, str]], moment: str, on: date) -> None:
    """The same for many cases (case, borrower), in one query."""
    later = on + timedelta(days=PARAMETERS["aftercare"]["call_back_days"])
    CareOffer.objects.bulk_create(
        [
            CareOffer(
                case_id=case_id, borrower_id=borrower_id, kind=kind, moment=moment, offered_on=on,
                due_on=later if kind == CareKind.CALL_BACK else on,
            )
            for case_id, borrower_id in cases
            for kind in AT_MOMENT[moment]
        ],
        ignore_conflicts=True, batch_size=2000,
    )  # fmt: skip


@transaction.atomic
def care_answer(*, care: CareOffer, answer: str, note: str, by: Staff, at: datetime) -> CareOffer:
    """What the borrower said. A yes is their consent and says who heard it; a no ends it for good.

    Raises Refused without permission, or for an answer that cannot follow the one before."""
    must_may(by=by, permission=Permission.WRITE_NOTES)
    care = CareOffer.objects.select_for_update(of=("self",)).get(pk=care.pk)
    allowed = {
        CareAnswer.NONE: (CareAnswer.ACCEPTED, CareAnswer.DECLINED),
        CareAnswer.ACCEPTED: (CareAnswer.DECLINED, CareAnswer.DONE),
    }
    if answer not in allowed.get(CareAnswer(care.answer), ()):
        raise Refused(_("This offer has been answered already."), code="WRONG_STATE")
    if answer == CareAnswer.ACCEPTED:
        care.consent_at = at
    care.answer, care.heard_by, care.note = answer, by, note.strip()[:1000]
    care.save(update_fields=["answer", "consent_at", "heard_by", "note"])
    body = {"kind": care.kind, "moment": care.moment, "answer": answer}
    evidence_append(
        entries=[Entry("care", care.borrower_id, body, case=str(care.case_id), agent=by.username)],
        at=at,
    )
    return care
