"""Payments told by another system: taken in once, however often it tells of them."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.agreements.models import PaymentCall
from doorstep.agreements.payment_file import PaymentRows
from doorstep.agreements.payment_json import payment_objects
from doorstep.agreements.services.payments import payments_take
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused
from doorstep.protections.terms import local_day
from doorstep.workforce.models import MachineKey

MOST_AT_ONCE = 1000
LONGEST_KEY = 200


def payments_told(
    *, body: bytes, idempotency_key: str, by: MachineKey, at: datetime
) -> tuple[dict[str, Any], bool]:
    """Take in a JSON list of payments; what to answer, and whether it was answered before.

    The answer counts rows (rows = accepted + rejected + repeated) and lists every problem by line,
    column, code, what was shown and a hint. Raises InputError BAD_LIST for what is no such list,
    and Refused KEY_REUSED when the same idempotency key came with other words.
    """
    digest = hashlib.sha256(body).hexdigest()
    key = idempotency_key.replace("\x00", "").strip()
    if len(key) > LONGEST_KEY:
        raise InputError(
            _("An Idempotency-Key has at most %(most)s characters.") % {"most": LONGEST_KEY},
            code="KEY_TOO_LONG",
        )
    if key and (known := _known(by, key, digest)) is not None:
        return known, True
    try:
        with transaction.atomic():
            answer = _taken(body, by, at)
            if key:
                PaymentCall.objects.create(
                    key=by, idempotency_key=key, sha256=digest, answer=answer, at=at
                )
    except IntegrityError:  # the same call came twice at once: one of them was taken in
        known = _known(by, key, digest) if key else None
        if known is None:
            raise
        return known, True
    return answer, False


def _known(by: MachineKey, key: str, digest: str) -> dict[str, Any] | None:
    call = PaymentCall.objects.filter(key=by, idempotency_key=key).first()
    if call is None:
        return None
    if call.sha256 != digest:
        raise Refused(
            _("This Idempotency-Key came before with other payments."), code="KEY_REUSED",
            hint=_("Use a new one for each list of payments."),
        )  # fmt: skip
    answer: dict[str, Any] = call.answer
    return answer


def _taken(body: bytes, by: MachineKey, at: datetime) -> dict[str, Any]:
    found = PaymentRows()
    rows = payment_objects(_listed(body), on=local_day(at), found=found)
    taken = payments_take(rows=rows, found=found, at=at)
    counts = {**vars(taken), "rejected": found.rejected}
    entry = Entry("payments.taken", "", {"key": by.name, **counts}, agent=by.name)
    evidence_append(entries=[entry], at=at)
    return {"rows": found.rows, **counts, "problems": found.problems}


def _listed(body: bytes) -> list[Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not 0 < len(found) <= MOST_AT_ONCE:
        raise InputError(
            _("Send a JSON list of 1 to %(most)s payments.") % {"most": MOST_AT_ONCE},
            code="BAD_LIST",
        )
    return found
