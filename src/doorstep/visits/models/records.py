"""What happened at a door: the record of a visit, its document, who signed; the desk's notes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.visits.models.days import CrewDay, PlannedVisit


class VisitOutcome(models.TextChoices):
    """How a visit ended."""

    AGREED = "agreed", _("A plan was agreed")
    PROMISED = "promised", _("A payment was promised")
    DECLINED = "declined", _("Talked, nothing agreed")
    NOT_MET = "not_met", _("Nobody met")
    THIRD_PARTY = "third_party", _("Met somebody else")
    REFUSED_TALK = "refused_talk", _("Did not want to talk")
    LEFT_EARLY = "left_early", _("Left early")


class VisitRecord(models.Model):
    """What two agents put on record of one visit; written once, never changed.

    `visit` is empty for a visit nobody had planned. `event` is the closing event of the phone it
    came from. `contents` holds all that `record.py` says must stand in it, in plain values;
    `landed` what followed from it in the same moment, by kind: the keys of offer, agreement,
    promise, disputes, hardship, incident. `visited_on` is the borrower's calendar day; filed later
    than that it is `late`, and `late_why` says whether it was written in time. `cleared`: the guard
    let the crew ring. `number` and `code` stand on the document and can be checked.
    """

    visit = models.OneToOneField(
        PlannedVisit, null=True, on_delete=models.PROTECT, related_name="record"
    )
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="visit_records")
    event = models.UUIDField(null=True, unique=True)
    number = models.CharField(max_length=32, unique=True)
    code = models.CharField(max_length=16)
    outcome = models.CharField(max_length=16, choices=VisitOutcome.choices)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    visited_on = models.DateField()
    written_at = models.DateTimeField()
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    late = models.BooleanField(default=False)
    late_why = models.CharField(max_length=16, default="", blank=True)
    cleared = models.BooleanField(default=True)
    language = models.CharField(max_length=10)
    contents = models.JSONField(default=dict)
    landed = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=VisitOutcome.values), name="visit_record_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("began_at")), name="visit_record_runs_forward"
            ),
            models.CheckConstraint(
                condition=Q(late=False, late_why="") | Q(late=True) & ~Q(late_why=""),
                name="visit_record_late_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["case", "-began_at"], name="visit_record_by_case"),
            models.Index(fields=["-filed_at"], name="visit_record_by_filing"),
        ]

    def __str__(self) -> str:
        return self.number


class VisitRecordDocument(models.Model):
    """The PDF of a record, sealed under the key of the borrower's evidence; kept beside it so that
    lists never read it. `sha256` is of the PDF itself."""

    record = models.OneToOneField(
        VisitRecord, primary_key=True, on_delete=models.CASCADE, related_name="document"
    )
    sealed = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(sha256=""), name="visit_record_document_has_its_digest"
            )
        ]


class SignedWhat(models.TextChoices):
    """What was signed at the door."""

    REPORT = "report", _("The record")
    AGREEMENT = "agreement", _("The plan")


class VisitSignature(models.Model):
    """A signature drawn at the door: by an agent (`staff`) or by the borrower. `place` names the
    sealed picture for good; `sha256` is of the picture itself."""

    record = models.ForeignKey(
        VisitRecord, on_delete=models.CASCADE, related_name="signatures", db_index=False
    )
    about = models.CharField(max_length=12, choices=SignedWhat.choices)
    party = models.CharField(max_length=16)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=300)
    at = models.DateTimeField()
    sealed = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record", "about", "party"], name="visit_signature_once_a_party"
            ),
            models.CheckConstraint(
                condition=Q(about__in=SignedWhat.values), name="visit_signature_of_something"
            ),
            models.CheckConstraint(
                condition=Q(party="borrower", staff__isnull=True)
                | Q(party__in=("agent", "second_agent"), staff__isnull=False),
                name="visit_signature_of_a_party",
            ),
        ]


class DeskNote(models.Model):
    """Something the desk tells a crew on its way, about one visit or about the day."""

    crew = models.ForeignKey(CrewDay, on_delete=models.CASCADE, related_name="desk_notes")
    visit = models.ForeignKey(
        PlannedVisit, null=True, on_delete=models.CASCADE, related_name="desk_notes"
    )
    text = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="desk_note_says_something")
        ]
        indexes = [models.Index(fields=["crew", "id"], name="desk_note_by_crew")]
