"""Agreements: the document, who signed it, the copies handed out, and what is due under it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

PARTS = ("principal", "interest", "fee", "penalty")


class AgreementState(models.TextChoices):
    """The life of an agreement. Nothing counts as agreed before `in_force`."""

    DRAFTED = "drafted", _("Drafted")
    SIGNING = "signing", _("Being signed")
    IN_FORCE = "in_force", _("Agreed and in force")
    KEPT = "kept", _("Kept to the end")
    BROKEN = "broken", _("Broken")
    REPLACED = "replaced", _("Replaced by a new version")
    CANCELLED = "cancelled", _("Not concluded")


OPEN_AGREEMENT = (AgreementState.DRAFTED, AgreementState.SIGNING, AgreementState.IN_FORCE)
UNSIGNED = (AgreementState.DRAFTED, AgreementState.SIGNING)


class Party(models.TextChoices):
    """Who signs."""

    BORROWER = "borrower", _("Customer")
    WITNESS = "witness", _("Witness")
    LENDER = "lender", _("The lender")


class Way(models.TextChoices):
    """How a party signed. Only the lender seals."""

    SCREEN = "screen", _("Drawn on a screen")
    TYPED = "typed", _("Name typed on a screen")
    PAPER = "paper", _("On paper, scanned")
    RECORDING = "recording", _("Agreed orally, recorded")
    SEAL = "seal", _("Electronic seal")


class Agreement(models.Model):
    """One version of an agreement on one approved offer; all versions of an offer share `number`.

    `sha256` is the digest of the document that every party signs; `code` stands on it beside the
    number. `summary` is its first page in plain words, `contains` the required contents it has.
    `approvals` is who agreed to the offer, as it stood when the document was made; `needed` the
    parties that must sign.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="agreements")
    offer = models.ForeignKey(
        "agreements.Offer", on_delete=models.PROTECT, related_name="agreements", db_index=False
    )
    version = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=24)
    code = models.CharField(max_length=16)
    language = models.CharField(max_length=10)
    state = models.CharField(
        max_length=10, choices=AgreementState.choices, default=AgreementState.DRAFTED
    )
    sha256 = models.CharField(max_length=64)
    summary = models.JSONField()
    contains = models.JSONField()
    approvals = models.JSONField()
    needed = models.JSONField()
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    drafted_at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "version"], name="agreement_version_once"),
            models.UniqueConstraint(fields=["number", "version"], name="agreement_number_once"),
            models.UniqueConstraint(
                fields=["offer"],
                condition=Q(state__in=("drafted", "signing", "in_force")),
                name="one_open_agreement_an_offer",
            ),
            models.CheckConstraint(
                condition=Q(state__in=AgreementState.values), name="agreement_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("in_force", "kept", "broken"))
                | Q(in_force_at__isnull=False),
                name="agreement_in_force_since",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("drafted", "signing", "in_force"), ended_at__isnull=True)
                | Q(state__in=("kept", "broken", "replaced", "cancelled"), ended_at__isnull=False),
                name="agreement_ended_at",
            ),
            models.CheckConstraint(
                condition=~Q(sha256="") & ~Q(approvals=[]), name="agreement_approved_document"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-drafted_at"], name="agreement_by_state"),
            models.Index(fields=["case", "-drafted_at"], name="agreement_by_case"),
        ]

    def __str__(self) -> str:
        return self.number


class AgreementDocument(models.Model):
    """The PDF of an agreement, beside it so that lists never read it.

    `pdf` is what the parties signed; its digest is the agreement's. `sealed` begins with the very
    same bytes; after them come the signatures as a further revision, and the lender's seal over all
    of it. Both lie sealed under the key of the borrower's evidence.
    """

    agreement = models.OneToOneField(
        Agreement, primary_key=True, on_delete=models.CASCADE, related_name="document"
    )
    pdf = models.BinaryField()
    sealed = models.BinaryField(null=True)
    sealed_sha256 = models.CharField(max_length=64, default="", blank=True)


class Signature(models.Model):
    """One party's yes to one document. `consent` holds the sentences that were shown and ticked;
    `picture` the drawing or scan, sealed; `recording` where the recording of an oral yes lies."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="signatures", db_index=False
    )
    party = models.CharField(max_length=8, choices=Party.choices)
    way = models.CharField(max_length=9, choices=Way.choices)
    name = models.CharField(max_length=300)
    at = models.DateTimeField()
    place = models.CharField(max_length=200)
    consent = models.JSONField(default=list)
    picture = models.BinaryField(null=True)
    picture_sha256 = models.CharField(max_length=64, default="", blank=True)
    recording = models.CharField(max_length=200, default="", blank=True)
    sha256 = models.CharField(max_length=64)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "party"], name="signature_once_a_party"),
            models.CheckConstraint(
                condition=Q(party__in=Party.values), name="signature_of_a_party"
            ),
            models.CheckConstraint(
                condition=Q(party="lender", way="seal")
                | Q(way__in=("screen", "paper"), picture__isnull=False)
                & ~Q(party="lender")
                & ~Q(picture_sha256="")
                | Q(way="typed") & ~Q(name="") & ~Q(party="lender")
                | Q(way="recording") & ~Q(recording="") & ~Q(party="lender"),
                name="signature_has_its_proof",
            ),
            models.CheckConstraint(condition=~Q(sha256=""), name="signature_of_a_document"),
        ]


class AgreementCopy(models.Model):
    """The borrower's copy, to be fetched with a code for a time. Only the code's digest is kept;
    `tries` are wrong answers since the last right one."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="copies")
    code_digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="agreement_copy_has_a_time"
            )
        ]


class PlanInstalment(models.Model):
    """What is due on a day under an agreement in force: by part, what was due, paid, waived and is
    outstanding, which always add up. `settled_on`: the day nothing was outstanding any more."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="instalments", db_index=False
    )
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    principal_due = models.BigIntegerField(default=0)
    interest_due = models.BigIntegerField(default=0)
    fee_due = models.BigIntegerField(default=0)
    penalty_due = models.BigIntegerField(default=0)
    principal_paid = models.BigIntegerField(default=0)
    interest_paid = models.BigIntegerField(default=0)
    fee_paid = models.BigIntegerField(default=0)
    penalty_paid = models.BigIntegerField(default=0)
    principal_waived = models.BigIntegerField(default=0)
    interest_waived = models.BigIntegerField(default=0)
    fee_waived = models.BigIntegerField(default=0)
    penalty_waived = models.BigIntegerField(default=0)
    principal_outstanding = models.BigIntegerField(default=0)
    interest_outstanding = models.BigIntegerField(default=0)
    fee_outstanding = models.BigIntegerField(default=0)
    penalty_outstanding = models.BigIntegerField(default=0)
    settled_on = models.DateField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="plan_instalment_once"),
            *[
                models.CheckConstraint(
                    condition=Q(
                        **{
                            f"{part}_paid__gte": 0,
                            f"{part}_waived__gte": 0,
                            f"{part}_outstanding__gte": 0,
                            f"{part}_due": F(f"{part}_paid")
                            + F(f"{part}_waived")
                            + F(f"{part}_outstanding"),
                        }
                    ),
                    name=f"plan_instalment_{part}_adds_up",
                )
                for part in PARTS
            ],
        ]
        indexes = [
            models.Index(
                fields=["due_on"], condition=Q(settled_on__isnull=True), name="plan_instalment_open"
            )
        ]

    @property
    def due(self) -> int:
        """Minor units due on the day."""
        return self.principal_due + self.interest_due + self.fee_due + self.penalty_due

    @property
    def outstanding(self) -> int:
        """Minor units of it that are neither paid nor waived."""
        return (
            self.principal_outstanding
            + self.interest_outstanding
            + self.fee_outstanding
            + self.penalty_outstanding
        )
