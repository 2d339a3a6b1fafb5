"""Money that came in between two books: the files that told of it, whose it is, what it counts for.

The book stays the lender's word. Money told here shows at once, in the case and in what was
promised; the next book that knows of it takes its place.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

PARTS = ("penalty", "fee", "interest", "principal", "ahead")


class FileState(models.TextChoices):
    """The life of a file of payments."""

    WAITING = "waiting", _("Waiting to be read")
    TAKEN = "taken", _("Taken in")
    REFUSED = "refused", _("Refused")


class PaymentFile(models.Model):
    """A file of payments as it was brought: the same bytes are taken in once.

    rows = accepted + rejected + repeated. `problems` follow the error contract of the intake.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=300)
    folder = models.CharField(max_length=500)
    state = models.CharField(max_length=8, choices=FileState.choices, default=FileState.WAITING)
    brought_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    brought_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    rows = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    repeated = models.IntegerField(default=0)
    matched = models.IntegerField(default=0)
    problems = models.JSONField(default=list)
    reason = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rows=F("accepted") + F("rejected") + F("repeated")),
                name="payment_file_rows_reconcile",
            )
        ]
        indexes = [models.Index(fields=["-brought_at"], name="payment_file_by_time")]


class PaymentState(models.TextChoices):
    """Where money stands."""

    MATCHED = "matched", _("Matched")
    UNMATCHED = "unmatched", _("Not matched")
    RETURNED = "returned", _("Not ours")
    REVERSED = "reversed", _("Reversed")
    REVERSAL = "reversal", _("Reversal")


class PaymentIn(models.Model):
    """A payment, or the reversal of one. `reference` is the bank's own number of it and makes
    taking it in twice impossible. `told` is what the payer wrote, `payer` the account's name.

    `why` and `near`: why nobody could be named, and the loans it may belong to. `doubt`: it looks
    as if the same was paid twice. `amount` is positive in both directions.
    """

    reference = models.CharField(max_length=120, unique=True)
    file = models.ForeignKey(
        PaymentFile, null=True, on_delete=models.PROTECT, related_name="payments"
    )
    line = models.IntegerField(null=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    paid_on = models.DateField()
    told = models.CharField(max_length=300, default="", blank=True)
    payer = models.CharField(max_length=300, default="", blank=True)
    means = models.CharField(max_length=100, default="", blank=True)
    state = models.CharField(max_length=10, choices=PaymentState.choices)
    why = models.CharField(max_length=24, default="", blank=True)
    near = models.JSONField(default=list)
    how = models.CharField(max_length=16, default="", blank=True)
    doubt = models.CharField(max_length=16, default="", blank=True)
    loan = models.ForeignKey(
        "portfolio.Loan", null=True, on_delete=models.PROTECT, related_name="payments_in"
    )
    reversal_of = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="reversed_by"
    )
    taken_at = models.DateTimeField()
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        db_index=False,
    )  # fmt: skip
    note = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_in_positive"),
            models.CheckConstraint(
                condition=Q(state__in=PaymentState.values), name="payment_in_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="matched") | (Q(loan__isnull=False) & ~Q(how="")),
                name="payment_in_matched_to_a_loan",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("unmatched", "returned")) | Q(loan__isnull=True),
                name="payment_in_unmatched_to_none",
            ),
            models.CheckConstraint(
                condition=Q(state="reversal", reversal_of__isnull=False)
                | (~Q(state="reversal") & Q(reversal_of__isnull=True)),
                name="payment_in_reversal_of_one",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-paid_on"], name="payment_in_by_state"),
            models.Index(fields=["paid_on"], name="payment_in_by_day"),
        ]


class PaymentCall(models.Model):
    """What another system once told under a number of its own, and what it was answered: telling
    the same again gives the same answer and changes nothing."""

    key = models.ForeignKey(
        "workforce.MachineKey", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    idempotency_key = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    answer = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "idempotency_key"], name="payment_call_once")
        ]


class PaymentAllocation(models.Model):
    """What a payment did to its loan: how much of what was overdue by then it paid, part by part,
    and how much was ahead of time. Negative throughout where it was taken back."""

    payment = models.OneToOneField(
        PaymentIn, on_delete=models.PROTECT, related_name="allocation", primary_key=True
    )
    loan = models.ForeignKey("portfolio.Loan", on_delete=models.PROTECT, related_name="allocations")
    paid_on = models.DateField()
    amount = models.BigIntegerField()
    penalty = models.BigIntegerField()
    fee = models.BigIntegerField()
    interest = models.BigIntegerField()
    principal = models.BigIntegerField()
    ahead = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    amount=F("penalty") + F("fee") + F("interest") + F("principal") + F("ahead")
                ),
                name="allocation_conserves_money",
            ),
            models.CheckConstraint(
                condition=Q(**{f"{part}__gte": 0 for part in PARTS})
                | Q(**{f"{part}__lte": 0 for part in PARTS}),
                name="allocation_of_one_sign",
            ),
        ]
        indexes = [models.Index(fields=["paid_on", "loan"], name="allocation_by_day")]


class PaymentShare(models.Model):
    """How much of a payment counts for one instalment of a plan, part by part, or for one promise.
    Negative throughout where it was taken back."""

    payment = models.ForeignKey(PaymentIn, on_delete=models.PROTECT, related_name="shares")
    plan_instalment = models.ForeignKey(
        "agreements.PlanInstalment", null=True, on_delete=models.PROTECT, related_name="shares"
    )
    promise = models.ForeignKey(
        "agreements.Promise", null=True, on_delete=models.CASCADE, related_name="shares"
    )
    amount = models.BigIntegerField()
    penalty = models.BigIntegerField(default=0)
    fee = models.BigIntegerField(default=0)
    interest = models.BigIntegerField(default=0)
    principal = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(plan_instalment__isnull=True)
                | Q(amount=F("penalty") + F("fee") + F("interest") + F("principal")),
                name="share_conserves_money",
            ),
            models.CheckConstraint(
                condition=Q(plan_instalment__isnull=True) ^ Q(promise__isnull=True),
                name="share_counts_for_one_thing",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="share_is_something"),
        ]
