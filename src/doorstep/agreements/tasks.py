"""Payments as a background task, so that the office can go on working."""

from __future__ import annotations

from django_tasks import task

from doorstep.agreements.models import PaymentFile
from doorstep.agreements.services.payments import payment_file_take
from doorstep.kernel import clock


@task()
def take_payment_file(file_id: int) -> None:
    """Take in a file that was brought; cut off anywhere, it can be done again."""
    file = PaymentFile.objects.select_related("brought_by").get(pk=file_id)
    payment_file_take(file=file, at=clock.now())
