"""Any interleaving: no agreement is ever in force without approval and every needed signature to
one and the same document; a changed document is a new version."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from doorstep.agreements.models import Agreement, Offer, PlanInstalment, Signature
from doorstep.agreements.selectors.agreements import pdf_of, sealed_of
from doorstep.agreements.services import agreements, signatures
from doorstep.kernel.errors import DoorstepError
from doorstep.workforce.roles import Role
from tests.agreements.signing import draft, make_offer, put_seal, sign
from tests.factories import AT, ON, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]
EXAMPLES = int(os.environ.get("DOORSTEP_TEST_SIGNINGS", "30"))
PARTIES = ("borrower", "witness", "lender")
STATES = ("approved",) * 6 + ("proposed", "submitted", "withdrawn", "lapsed")
MOSTLY = st.sampled_from([True, True, True, True, True, False])


def paper(**fields: Any) -> bytes:
    """A stand-in for the document that is different whenever anything in it is: making the real one
    takes a seventh of a second, and other tests make it."""
    values, at = fields["values"], fields["at"]
    return f"%PDF {sorted(map(str, values.items()))} {at.isoformat()}".encode()


class Signing(RuleBasedStateMachine):
    """One offer, everybody at it: draws up, approves, withdraws, signs old and new, seals."""

    reached = 0

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def teardown(self) -> None:
        """Nothing of a run is left."""
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize(state=st.sampled_from(STATES))
    def begin(self, state: str) -> None:
        self.at: datetime = AT
        self.offer = make_offer(state="approved")
        Offer.objects.filter(pk=self.offer.pk).update(state=state)
        self.manager = make_staff(Role.COLLECTIONS_MANAGER)
        self.auditor = make_staff(Role.AUDITOR)
        self.shas: list[str] = ["f" * 64]

    def versions(self) -> list[Agreement]:
        return list(self.offer.agreements.order_by("version"))

    def attempt(self, deed: Callable[[], Any]) -> bool:
        try:
            with transaction.atomic():
                deed()
        except DoorstepError:
            return False
        return True

    @rule(state=st.sampled_from(STATES))
    def the_offer_becomes(self, state: str) -> None:
        Offer.objects.filter(pk=self.offer.pk).update(state=state)

    @rule(days=st.integers(1, 6))
    def time_passes(self, days: int) -> None:
        self.at += timedelta(days=days)

    @rule(witness=st.booleans(), language=st.sampled_from(["zh-Hans", "en"]), may=MOSTLY)
    def somebody_draws_it_up(self, witness: bool, language: str, may: bool) -> None:
        self.offer.refresh_from_db()
        before = self.versions()
        by = self.manager if may else self.auditor
        made = self.attempt(
            lambda: draft(self.offer, by=by, at=self.at, witness=witness, language=language)
        )
        after = self.versions()
        assert len(after) == len(before) + made
        if made:
            assert may
            assert self.offer.state == "approved"
            assert after[-1].version == len(after)
            assert after[-1].sha256 not in self.shas
            self.shas.append(after[-1].sha256)

    @precondition(lambda self: self.offer.agreements.exists())
    @rule(
        which=st.integers(0, 5), party=st.sampled_from(PARTIES), other=st.integers(0, 5),
        right=MOSTLY, may=MOSTLY,
    )  # fmt: skip
    def a_party_signs(self, which: int, party: str, other: int, right: bool, may: bool) -> None:
        found = self.versions()[which % len(self.versions())]
        sha256 = found.sha256 if right else self.shas[other % len(self.shas)]
        by = self.manager if may else self.auditor
        self.attempt(lambda: sign(found, party, by=by, at=self.at, sha256=sha256))

    @precondition(lambda self: self.offer.agreements.exists())
    @rule(which=st.integers(0, 5), may=MOSTLY)
    def the_lender_seals(self, which: int, may: bool) -> None:
        found = self.versions()[which % len(self.versions())]
        by = self.manager if may else self.auditor
        missing = set(found.needed) - {each.party for each in found.signatures.all()}
        sealed = self.attempt(lambda: put_seal(found, by=by, at=self.at))
        self.offer.refresh_from_db()
        if sealed:
            type(self).reached += 1
            assert may
            assert missing == {"lender"}
            assert self.offer.state == "approved"
            assert self.at.date() <= ON + timedelta(days=14)

    @rule()
    def all_goes_well(self) -> None:
        self.somebody_draws_it_up(witness=True, language="zh-Hans", may=True)
        for which in range(len(self.versions())):
            for party in ("borrower", "witness"):
                self.a_party_signs(which=which, party=party, other=0, right=True, may=True)
            self.the_lender_seals(which=which, may=True)

    @precondition(lambda self: self.offer.agreements.exists())
    @rule(which=st.integers(0, 5))
    def somebody_gives_it_up(self, which: int) -> None:
        found = self.versions()[which % len(self.versions())]
        self.attempt(
            lambda: agreements.agreement_cancel(
                agreement=found, why="x", by=self.manager, at=self.at
            )
        )

    @invariant()
    def what_is_in_force_was_approved_and_signed_by_all(self) -> None:
        for each in Agreement.objects.filter(state="in_force"):
            assert each.approvals
            rows = list(each.signatures.all())
            assert {row.party for row in rows} == set(each.needed)
            assert {row.sha256 for row in rows} == {each.sha256}
            assert each.in_force_at == max(row.at for row in rows)
            assert each.instalments.count() == self.offer.instalments.count()
            assert sealed_of(each).startswith(pdf_of(each))

    @invariant()
    def nothing_else_counts_as_agreed(self) -> None:
        assert Agreement.objects.filter(state="in_force").count() <= 1
        assert not PlanInstalment.objects.exclude(agreement__state="in_force").exists()
        assert (
            not Signature.objects.filter(party="lender")
            .exclude(agreement__state="in_force")
            .exists()
        )
        open_ones = Agreement.objects.filter(state__in=("drafted", "signing", "in_force"))
        assert open_ones.count() <= 1


@pytest.fixture(autouse=True)
def quick_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents that take no time to make; everything else is as it runs."""
    monkeypatch.setattr(agreements, "pdf_render", paper)
    monkeypatch.setattr(signatures, "sheet_render", paper)
    monkeypatch.setattr(signatures, "pdf_overlay", lambda *, pdf, sheet: pdf + b"\n" + sheet)
    monkeypatch.setattr(signatures, "pdf_sign", lambda *, pdf, seal, reason, at: pdf + b"\nsealed")


def test_no_agreement_without_approval_and_signatures_in_any_interleaving() -> None:
    Signing.reached = 0
    run_state_machine_as_test(
        Signing,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=12, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert Signing.reached  # some of them did come into force, so that something was looked at


def test_the_machine_notices_a_seal_before_the_signatures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(signatures, "parties_missing", lambda agreement: [])
    run = Signing()
    try:
        run.begin(state="approved")
        run.somebody_draws_it_up(witness=False, language="zh-Hans", may=True)
        with pytest.raises(AssertionError):
            run.the_lender_seals(which=0, may=True)
    finally:
        run.teardown()
