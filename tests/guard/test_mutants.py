"""Rules spoilt on purpose are noticed: a boundary that nobody has written down is none."""

from __future__ import annotations

from collections import Counter

import pytest

from doorstep.outreach.lint import text_lint
from doorstep.rules.cases.case_file import cases_read
from doorstep.rules.cases.noticed import CaseSet, mutants_held
from doorstep.rules.cases.words import Tools
from doorstep.rules.mutants import Mutant, Spoil, mutant_is_vital, mutants_of
from tests.guard.noticing import oracle_notices
from tests.guard.test_oracle import WATCHED
from tests.rulepacks.kit import PACKS, book

OWN_CASES = sorted((PACKS.parent / "tests" / "rulepacks").glob("*.yaml"))
# What the scenes have none of: calls that come in, and these kinds of act.
UNSEEN = (
    "third_party_enquiry", "placement", "legal_referral", "disclosure", "skip_trace", "kinds: any",
    "when: calls_effective_today >= most", "when: agreement_performing and purpose == 'collect'",
)  # fmt: skip


# The oracle knows every fact, and says that a rule speaks, not how hard it is.
UNHEARD = (Spoil.SILENCE, Spoil.OUTCOME)


@pytest.fixture(scope="module")
def cases() -> CaseSet:
    shipped = book()
    tools = Tools(
        shipped.catalogue, shipped.counters, lambda text: [f.behaviour for f in text_lint(text)]
    )
    return CaseSet.of([cases_read(path) for path in OWN_CASES], shipped, tools)


@pytest.mark.parametrize("pack", [pack.id for pack in book().packs])
def test_spoilt_rules_are_noticed_by_examples_and_cases(pack: str, cases: CaseSet) -> None:
    held = list(mutants_held(cases, pack=pack))
    alive = [mutant for mutant, noticed in held if not noticed]
    assert len(alive) <= 0.05 * len(held), [told(mutant) for mutant in alive]
    assert [told(mutant) for mutant in alive if mutant_is_vital(mutant)] == []


def told(mutant: Mutant) -> str:
    return f"{mutant.rule.id}: {mutant.spoil}: {mutant.what}"


def test_the_oracle_by_itself_notices_every_spoilt_hour_cap_and_stop() -> None:
    watched = [book().rule(name) for name in sorted(WATCHED)]
    mutants = [m for rule in watched for m in mutants_of(rule) if m.spoil not in UNHEARD]
    alive = [told(m) for m in mutants if not oracle_notices(m)]
    alive = [name for name in alive if not any(one in name for one in UNSEEN)]
    assert len(mutants) > 400
    assert alive == []


def test_every_kind_of_change_is_made_to_the_shipped_rules() -> None:
    made = Counter(m.spoil for rule in book().rules for m in mutants_of(rule))
    assert set(made) == set(Spoil)
    assert made.total() > 3_000
    assert made[Spoil.RULE] == sum(rule.test is not None for rule in book().rules)
