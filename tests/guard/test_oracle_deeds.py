"""Not only contacts: enquiries, disclosures, searches, fees, agencies and lawsuits."""

from __future__ import annotations

import pytest

from doorstep.guard.decide import decide
from doorstep.guard.verdict import Verdict
from tests.guard.amount import ACTS, BATCH, ONLY, batches
from tests.guard.oracle_deeds import Deed, against, worse
from tests.guard.scenes_deeds import action_deed, deeds, facts_deed
from tests.guard.tally import Record, Tally
from tests.rulepacks.kit import LAW_AND_HOUSE, book

SHARDS = 2
WORDS = {
    "police no-contact order", "paid off", "no person has looked at it", "night",
    "an enquiry that is not for whereabouts", "nobody to ask", "the borrower can be reached",
    "fewer than three days without an answer", "the contact asked us to stop",
    "tells of the debt", "disclosed without separate consent", "no search without contract_basis",
    "no search without overdue", "no search without borrower_unreachable",
    "a fee outside the contract", "agency not on the published list",
    "agency with a record of violence", "agency not reviewed within the year", "bankrupt",
    "a plan that is being kept", "held", "a dispute that is not answered", "hardship",
    "borrower not told of the agency",
    "private telephone", "no contract", "nothing overdue",
    "the books are more than four days old",
}  # fmt: skip


def verdict_of(deed: Deed, unknown: str) -> Verdict:
    action = action_deed(deed)
    facts = facts_deed(deed, unknown)
    return decide(rulebook=book(*LAW_AND_HOUSE), action=action, facts=facts, at=action.at)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_nothing_unlawful_is_done_about_a_borrower(shard: int, record_property: Record) -> None:
    tally = Tally("deeds")
    for tally.seed in batches("deeds", shard=shard, shards=SHARDS):
        for deed, unknown in deeds(BATCH, tally.seed):
            verdict = verdict_of(deed, unknown)
            either = worse(deed, unknown) if unknown else [deed]
            said = {word for one in either for word in against(one)}
            tally.hold(verdict, said, (deed, unknown), kind=deed.kind, unknown=bool(unknown))
    tally.tell(record_property)
    assert tally.wrong == []
    if ACTS >= 100_000 and not ONLY:
        assert tally.stood_against.keys() == WORDS
        assert tally.permitted > tally.acts / 20


def test_the_same_seed_draws_the_same_deeds() -> None:
    assert list(deeds(50, seed=1)) == list(deeds(50, seed=1))
    assert list(deeds(50, seed=1)) != list(deeds(50, seed=2))
