"""The log in the database. Triggers (`triggers.py`) refuse to alter or take away what it holds."""

from __future__ import annotations

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q

from doorstep.evidence.log import Frontier, frontier_read


class Place(models.BigIntegerField[int, int]):
    """A place in the log as key. On SQLite its own row number, which saves an index."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """`integer` on SQLite, where it holds 64 bits."""
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)

    def rel_db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """The same where another table refers to it."""
        return self.db_type(connection)


class Head(models.Model):
    """The one row that is locked to append: how long the log is, and its frontier."""

    size = models.BigIntegerField(default=0)
    frontier = models.BinaryField(default=b"")

    def log(self) -> Frontier:
        """The log as the arithmetic knows it."""
        return frontier_read(self.size, bytes(self.frontier))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="evidence_one_head"),
            models.CheckConstraint(condition=Q(size__gte=0), name="evidence_head_counts_up"),
        ]


class Subject(models.Model):
    """Whom entries are about, and the key their documents are sealed under, itself wrapped.

    `ref` is drawn at random and is all that the log says of the subject. Erasing the subject
    forgets who it was and destroys the key; the reference stays, and `erased_in` is the entry that
    says so. The house itself is "".
    """

    ref = models.CharField(max_length=32, primary_key=True)
    subject = models.CharField(max_length=128, null=True, unique=True)
    master_id = models.CharField(max_length=32)
    wrapped = models.BinaryField(null=True)
    made_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)
    erased_in = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True, wrapped__isnull=False, subject__isnull=False)
                | Q(erased_at__isnull=False, wrapped__isnull=True, subject__isnull=True),
                name="evidence_erased_without_key",
            )
        ]


class Leaf(models.Model):
    """One entry of the log: when, of what kind, about which reference, and its commitment."""

    index = Place(primary_key=True)
    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=40)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, db_column="ref")
    commitment = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(index__gte=0), name="evidence_leaf_counts_up")
        ]


class Sealed(models.Model):
    """The document of a leaf, sealed under its subject's key; gone when the subject is erased."""

    leaf = models.OneToOneField(
        Leaf, on_delete=models.PROTECT, primary_key=True, db_column="index", related_name="sealed"
    )
    case = models.CharField(max_length=128, default="")
    agent = models.CharField(max_length=128, default="")
    document = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["case"], name="evidence_by_case", condition=~Q(case="")),
            models.Index(fields=["agent"], name="evidence_by_agent", condition=~Q(agent="")),
        ]


class Node(models.Model):
    """The root of a complete subtree of 256, 65,536 … leaves, so that proofs read little."""

    level = models.SmallIntegerField()
    position = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["level", "position"], name="evidence_node_once")
        ]


class Checkpoint(models.Model):
    """The log's size and root at an instant, signed; and when it reached the second place."""

    size = Place(primary_key=True)
    at = models.DateTimeField(db_index=True)
    root = models.BinaryField()
    note = models.TextField()
    key = models.CharField(max_length=300)
    copied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="evidence_checkpoint_of_some")
        ]
        indexes = [
            models.Index(
                fields=["size"], name="evidence_not_copied", condition=Q(copied_at__isnull=True)
            )
        ]


class LegalHold(models.Model):
    """Why a subject must not be erased yet, by whom, until it is ended."""

    subject = models.CharField(max_length=128, db_index=True)
    reason = models.CharField(max_length=300)
    placed_by = models.CharField(max_length=128)
    placed_at = models.DateTimeField()
    ended_by = models.CharField(max_length=128, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(placed_by=""), name="evidence_hold_states_why"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by="")
                | Q(ended_at__isnull=False) & ~Q(ended_by=""),
                name="evidence_hold_ended_by_somebody",
            ),
        ]


class SelfCheck(models.Model):
    """What the log's own check found: nothing, or what does not hold and where."""

    at = models.DateTimeField(db_index=True)
    size = models.BigIntegerField()
    documents = models.BigIntegerField()
    database = models.CharField(max_length=300)
    findings = models.JSONField(default=list)
    seconds = models.FloatField()

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings
