"""What the lender adds to the law can only make it stricter, whatever the act and the borrower."""

from __future__ import annotations

from hypothesis import example, given, settings

from doorstep.guard.action import Action
from doorstep.guard.decide import decide
from doorstep.guard.facts import Facts, Known
from doorstep.guard.verdict import Outcome, Verdict
from doorstep.rules.values import Value
from tests.rulepacks.borrowers import ACTS, KNOWN
from tests.rulepacks.kit import LAW, LAW_AND_HOUSE, ORDINARY, act, book


def verdict(packs: tuple[str, ...], action: Action, facts: dict[str, Value]) -> Verdict:
    return decide(
        rulebook=book(*packs),
        action=action,
        facts=Facts({name: Known(value) for name, value in facts.items()}),
        at=action.at,
    )


@settings(max_examples=600, deadline=None)
@given(action=ACTS, facts=KNOWN)
@example(action=act("message"), facts=dict(ORDINARY))
def test_the_house_never_permits_what_the_law_does_not(
    action: Action, facts: dict[str, Value]
) -> None:
    by_law, with_house = (verdict(packs, action, facts) for packs in (LAW, LAW_AND_HOUSE))
    assert with_house.outcome.weight >= by_law.outcome.weight
    assert set(by_law.rules) <= set(with_house.rules)
    if with_house.outcome is by_law.outcome is Outcome.NOT_BEFORE:
        assert by_law.not_before is not None
        assert with_house.not_before is not None
        assert with_house.not_before >= by_law.not_before


@settings(max_examples=300, deadline=None)
@given(action=ACTS, facts=KNOWN)
def test_house_rules_alone_permit_nothing(action: Action, facts: dict[str, Value]) -> None:
    assert verdict(("house-default",), action, facts).outcome is not Outcome.PERMIT


@settings(max_examples=300, deadline=None)
@given(action=ACTS, facts=KNOWN)
def test_knowing_less_never_permits_more(action: Action, facts: dict[str, Value]) -> None:
    """A fact taken away can turn a yes into a no, never a no into a yes."""
    before = verdict(LAW_AND_HOUSE, action, facts)
    if before.outcome is Outcome.PERMIT:
        return
    for name in ("contract_basis", "behaviours", "dispute_open", "no_contact_until"):
        fewer = {key: value for key, value in facts.items() if key != name}
        assert verdict(LAW_AND_HOUSE, action, fewer).outcome is not Outcome.PERMIT


@settings(max_examples=400, deadline=None)
@given(action=ACTS, facts=KNOWN)
def test_the_law_of_the_night_and_the_stops_hold_in_every_case(
    action: Action, facts: dict[str, Value]
) -> None:
    """A few sentences of the law, said again without the packs."""
    said = verdict(LAW_AND_HOUSE, action, facts)
    if said.outcome not in (Outcome.PERMIT, Outcome.PERMIT_IF):
        return
    hour = action.at.hour
    if action.kind != "letter" and action.purpose != "reply":
        assert 8 <= hour < 22 or facts["consent_hours"] != ()
    assert facts["behaviours"] == () or action.kind == "visit"
    assert action.recipient != "borrower" or not facts["deceased"]
    assert not facts["minor"]
    if action.purpose == "collect":
        assert action.recipient in ("borrower", "guarantor", "representative")
        stops = ("dispute_open", "complaint_open", "held", "agreement_performing", "bankrupt")
        assert not any(facts[name] for name in stops)
    if action.kind == "call" and action.recipient == "borrower":
        assert facts["calls_effective_today"] in (0, 1, 2)
    if action.kind == "visit":
        assert action.details["agents"] in (2, 3)
        if action.details["step"] in ("enter_home", "enter_office"):
            assert action.details["entry_consent"]
        if action.details["step"] == "film_inside":
            assert action.details["film_consent"]
