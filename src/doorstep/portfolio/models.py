"""The lender's book in the database. Column names are those of `schema.py`, so loads are set-based.

Rows here follow the last loaded book; what Doorstep itself finds out (verification) has its own
tables and is never overwritten by a load. Where a unique constraint begins with the parent, the
parent has no index of its own: loads are long enough.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doorstep.portfolio import schema


def codes(words: tuple[str, ...]) -> list[tuple[str, str]]:
    """Choices of a code column."""
    return [(word, word) for word in words]


class Employer(models.Model):
    """Where a borrower works, as the lender knows it."""

    employer_id = models.CharField(max_length=128, primary_key=True)
    name = models.CharField(max_length=300)
    uscc = models.CharField(max_length=32, null=True)
    division_code = models.CharField(max_length=16, null=True)


class Borrower(models.Model):
    """A person or firm that owes. The lender's customer number is the key."""

    borrower_id = models.CharField(max_length=128, primary_key=True)
    name = models.CharField(max_length=300)
    id_kind = models.CharField(max_length=16, null=True)
    id_number = models.CharField(max_length=64, null=True)
    sex = models.CharField(max_length=1, null=True)
    birth_date = models.DateField(null=True)
    language = models.CharField(max_length=10, default="zh-Hans")
    time_zone = models.CharField(max_length=64, default="Asia/Shanghai")
    branch_code = models.CharField(max_length=64, null=True, db_index=True)
    employer = models.ForeignKey(
        Employer, null=True, on_delete=models.DO_NOTHING, db_constraint=False
    )

    class Meta:
        indexes = [models.Index(fields=["name"], name="borrower_by_name")]


class ContactPoint(models.Model):
    """A number or address at which the borrower can be reached. Only the borrower's own:
    anybody else's number is a `ThirdPartyNumber` and can never be contacted from here."""

    borrower = models.ForeignKey(
        Borrower, on_delete=models.CASCADE, related_name="contact_points", db_index=False
    )
    kind = models.CharField(
        max_length=16, choices=codes(("mobile", "landline", "email", "messenger"))
    )
    value = models.CharField(max_length=254)
    state = models.CharField(max_length=16, choices=codes(schema.STATES), default="unverified")
    verified_on = models.DateField(null=True)
    verified_how = models.CharField(max_length=200, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["borrower", "kind", "value"], name="contact_point_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=schema.STATES), name="contact_point_state_known"
            ),
        ]
        indexes = [models.Index(fields=["value"], name="contact_point_by_value")]


class ThirdPartyNumber(models.Model):
    """A number that belongs to somebody else: a relative, a reference, an employer, or unknown.
    Kept so that it is recognised and never used to reach the borrower."""

    borrower = models.ForeignKey(
        Borrower, on_delete=models.CASCADE, related_name="third_party_numbers", db_index=False
    )
    kind = models.CharField(max_length=16)
    value = models.CharField(max_length=254)
    owner = models.CharField(
        max_length=16, choices=codes(tuple(o for o in schema.OWNERS if o != "borrower"))
    )
    owner_name = models.CharField(max_length=300, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["borrower", "kind", "value"], name="third_party_number_once"
            ),
            models.CheckConstraint(
                condition=~Q(owner="borrower"), name="third_party_number_not_the_borrowers"
            ),
        ]
        indexes = [models.Index(fields=["value"], name="third_party_by_value")]


class Address(models.Model):
    """Where a borrower lives, works or receives letters; point in WGS-84 with its source datum."""

    borrower = models.ForeignKey(
        Borrower, on_delete=models.CASCADE, related_name="addresses", db_index=False
    )
    kind = models.CharField(max_length=16)
    text = models.CharField(max_length=500)
    division_code = models.CharField(max_length=16, null=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    source_datum = models.CharField(max_length=8, null=True)
    state = models.CharField(max_length=16, choices=codes(schema.STATES), default="unverified")
    verified_on = models.DateField(null=True)
    verified_how = models.CharField(max_length=200, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["borrower", "kind", "text"], name="address_once"),
            models.CheckConstraint(
                condition=Q(state__in=schema.STATES), name="address_state_known"
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="address_point_on_earth",
            ),
        ]


class Loan(models.Model):
    """A contract that lends. Money in minor units of `currency`."""

    loan_id = models.CharField(max_length=128, primary_key=True)
    borrower = models.ForeignKey(Borrower, on_delete=models.CASCADE, related_name="loans")
    product = models.CharField(max_length=16)
    contract_ref = models.CharField(max_length=128, null=True)
    clause_contact = models.CharField(max_length=64, null=True)
    clause_visit = models.CharField(max_length=64, null=True)
    clause_penalty = models.CharField(max_length=64, null=True)
    currency = models.CharField(max_length=3)
    principal = models.BigIntegerField()
    balance = models.BigIntegerField()
    opened_on = models.DateField()
    matures_on = models.DateField(null=True)
    annual_rate_ppm = models.BigIntegerField()
    penalty_percent = models.IntegerField(null=True)
    status = models.CharField(max_length=16, default="active")
    branch_code = models.CharField(max_length=64, null=True)
    stated_dpd = models.IntegerField(null=True)
    stated_overdue = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(balance__gte=0), name="loan_balance_not_negative"),
            models.CheckConstraint(
                condition=Q(annual_rate_ppm__gte=0), name="loan_rate_not_negative"
            ),
        ]


class Instalment(models.Model):
    """What falls due on a day, by component, with what was paid and waived of it."""

    loan = models.ForeignKey(
        Loan, on_delete=models.CASCADE, related_name="instalments", db_index=False
    )
    number = models.IntegerField()
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
    penalty_from = models.DateField(null=True)
    settled_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "number"], name="instalment_once"),
            *[
                models.CheckConstraint(
                    condition=Q(**{f"{part}_paid__gte": 0, f"{part}_waived__gte": 0})
                    & Q(**{f"{part}_due__gte": F(f"{part}_paid") + F(f"{part}_waived")}),
                    name=f"instalment_{part}_adds_up",
                )
                for part in ("principal", "interest", "fee", "penalty")
            ],
        ]


class Payment(models.Model):
    """Money that came in on a loan; a reversed one keeps its row."""

    payment_id = models.CharField(max_length=128, primary_key=True)
    loan = models.ForeignKey(Loan, on_delete=models.CASCADE, related_name="payments")
    paid_on = models.DateField()
    amount = models.BigIntegerField()
    means = models.CharField(max_length=100, null=True)
    reversed_on = models.DateField(null=True)


class ExternalFlag(models.Model):
    """What an outside source says about a borrower."""

    borrower = models.ForeignKey(
        Borrower, on_delete=models.CASCADE, related_name="flags", db_index=False
    )
    kind = models.CharField(max_length=64)
    value = models.CharField(max_length=200, null=True)
    source = models.CharField(max_length=200, null=True)
    as_of = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["borrower", "kind"], name="flag_once")]


class Verification(models.Model):
    """One finding about a contact point or an address: who found what, how and when."""

    contact_point = models.ForeignKey(
        ContactPoint, null=True, on_delete=models.CASCADE, related_name="verifications"
    )
    address = models.ForeignKey(
        Address, null=True, on_delete=models.CASCADE, related_name="verifications"
    )
    state = models.CharField(max_length=16, choices=codes(schema.STATES))
    how = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(contact_point__isnull=True) ^ Q(address__isnull=True),
                name="verification_of_one_thing",
            )
        ]


class VerificationTask(models.Model):
    """Something about a borrower that must be confirmed before acting on it."""

    borrower = models.ForeignKey(
        Borrower, on_delete=models.CASCADE, related_name="verification_tasks"
    )
    contact_point = models.ForeignKey(ContactPoint, null=True, on_delete=models.CASCADE)
    address = models.ForeignKey(Address, null=True, on_delete=models.CASCADE)
    reason = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)

    class Meta:
        indexes = [
            models.Index(
                fields=["borrower"], condition=Q(closed_at__isnull=True), name="open_verification"
            )
        ]


class BookState(models.TextChoices):
    """The life of a book: checked, then released by a second person, then loaded."""

    CHECKING = "checking"
    REFUSED = "refused"
    AWAITING_RELEASE = "awaiting_release"
    RELEASED = "released"
    LOADED = "loaded"
    REJECTED = "rejected"
    FAILED = "failed"


class Book(models.Model):
    """One day's statement by the lender, from delivery to loaded tables.

    `folder` (under the state directory) holds the accepted tables as Parquet, and rejections.
    `attention` lists what a person must look at before release (accounts that vanished, say):
    objects with a `code`. `reason` says why it was refused, sent back, or could not be loaded.
    """

    business_date = models.DateField()
    state = models.CharField(max_length=20, choices=BookState.choices, default=BookState.CHECKING)
    digest = models.CharField(max_length=64, default="")
    folder = models.CharField(max_length=500, default="")
    rows = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    totals = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    attention = models.JSONField(default=list)
    difference = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, default="")
    brought_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="books_brought"
    )
    brought_at = models.DateTimeField()
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="books_released"
    )
    released_at = models.DateTimeField(null=True)
    loaded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["business_date"], condition=Q(state="loaded"), name="one_loaded_book_a_day"
            ),
            models.CheckConstraint(
                condition=Q(rows=F("accepted") + F("rejected")), name="book_rows_reconcile"
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True)
                | Q(brought_by__isnull=True)
                | ~Q(released_by=F("brought_by")),
                name="book_released_by_a_second_person",
            ),
        ]
        indexes = [models.Index(fields=["-business_date"], name="book_by_day")]


class BookFile(models.Model):
    """One delivered file of a book."""

    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=300)
    mapping = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    rows = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
