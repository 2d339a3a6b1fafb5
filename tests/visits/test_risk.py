"""Risks of visits: from factors to level and measures, from the record, and the second person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.evidence.models import Leaf
from doorstep.kernel.errors import InputError, Refused
from doorstep.protections.models import VulnerabilityCause
from doorstep.protections.services import News
from doorstep.protections.services.circumstances import vulnerability_record
from doorstep.sites.office.risk_words import FACTORS, MEASURES
from doorstep.visits.models import Alarm
from doorstep.visits.risk import HIGH, LEVELS, LOW, MEDIUM, TABLE, risk_of, risk_table
from doorstep.visits.risk import MEASURES as CODES
from doorstep.visits.selectors.risk import risk_of_cases, risks_waiting
from doorstep.visits.services.risk import risk_approve, risk_assess, risk_reject
from doorstep.workforce.models import Encounter, Weight
from doorstep.workforce.roles import Role
from doorstep.workforce.skills import SKILLS
from tests.dispatch.field_world import make_field_branch, make_visit_case
from tests.factories import AT, ON, make_branch, make_case, make_staff
from tests.visits.appointments import make_risk
from tests.visits.fieldwork import make_crew, make_visit

factors = st.sets(st.sampled_from(sorted(TABLE.factors)))


def test_nothing_known_is_low_and_one_grave_danger_alone_is_high() -> None:
    assert risk_of([]).level == LOW
    assert risk_of(["dog"]).level == MEDIUM
    assert risk_of(["weapon"]).level == HIGH
    assert "daylight" in risk_of(["weapon"]).measures
    assert risk_of(["dog", "remote", "children_alone"]).level == HIGH
    assert risk_of(["children_alone"]).woman
    assert risk_of(["crisis"]).needs == {"hardship_counselling"}
    with pytest.raises(KeyError):
        risk_of(["ghosts"])


@given(factors, factors)
def test_another_danger_never_lowers_a_level_nor_takes_a_measure_away(
    some: set[str], more: set[str]
) -> None:
    less, all_of_it = risk_of(some), risk_of(some | more)
    assert LEVELS.index(all_of_it.level) >= LEVELS.index(less.level)
    assert set(less.measures) <= set(all_of_it.measures)
    assert less.needs <= all_of_it.needs
    assert risk_of(sorted(some, reverse=True)) == less


def test_every_danger_and_measure_has_its_words_and_every_skill_exists() -> None:
    assert set(FACTORS) == set(TABLE.factors)
    assert set(MEASURES) == set(CODES)
    assert {need for f in TABLE.factors.values() for need in f.needs} <= set(SKILLS)
    assert all(f.measures and f.weight > 0 for f in TABLE.factors.values())


def test_a_table_whose_levels_do_not_rise_is_refused() -> None:
    text = "valid_days = 7\nhard_days = 1\nincident_days = 1\nremote_km = 1\n[factors]\n[levels]\n"
    with pytest.raises(ValueError, match="rise"):
        risk_table(text + "medium = 3\nhigh = 3\n")


@pytest.mark.django_db
def test_what_is_on_record_counts_without_anybody_assessing_it() -> None:
    case = make_visit_case(branch=make_field_branch())
    assert risk_of_cases(case_ids=[case.pk], on=ON)[case.pk].level == LOW
    by = make_staff(Role.FIELD_AGENT)
    Encounter.objects.create(
        borrower_id=case.borrower_id, at=AT - timedelta(days=30), weight=Weight.HARD, written_by=by
    )
    assert risk_of_cases(case_ids=[case.pk], on=ON)[case.pk].level == MEDIUM
    Encounter.objects.create(
        borrower_id=case.borrower_id, at=AT - timedelta(days=400), weight=Weight.INCIDENT,
        written_by=by,
    )  # fmt: skip
    standing = risk_of_cases(case_ids=[case.pk], on=ON)[case.pk]
    assert (standing.level, standing.may_be_planned) == (HIGH, False)
    assert {each.source for each in standing.because} == {"encounter"}


@pytest.mark.django_db
def test_an_sos_violence_at_home_and_a_far_place_are_known() -> None:
    branch = make_field_branch()
    case = make_visit_case(branch=branch, north=40)  # 44 km away
    vulnerability_record(
        news=News(borrower=case.borrower, reference="v", at=AT),
        cause=VulnerabilityCause.VIOLENCE, handling=["large_print"],
    )  # fmt: skip
    known = {
        each.factor: each for each in risk_of_cases(case_ids=[case.pk], on=ON)[case.pk].because
    }
    assert known["remote"].more == "44"
    assert known["violence_at_home"].source == "protection"
    visit = make_visit(crew=make_crew(), case=case)
    Alarm.objects.create(kind="sos", visit=visit, raised_at=AT, key="k")
    standing = risk_of_cases(case_ids=[case.pk], on=ON)[case.pk]
    assert "sos" in {each.source for each in standing.because}
    assert standing.daylight_only


@pytest.mark.django_db
def test_a_high_risk_is_approved_by_a_second_person_only_and_once() -> None:
    case, agent, approver = make_case(), make_staff(Role.DESK_AGENT), make_staff(Role.APPROVER)
    made = risk_assess(case=case, factors=["weapon"], by=agent, at=AT, on=ON)
    assert not risk_of_cases(case_ids=[case.pk], on=ON)[case.pk].may_be_planned
    with pytest.raises(Refused):
        risk_approve(assessment=made, by=agent, at=AT)
    leader = make_staff(Role.TEAM_LEADER)
    own = risk_assess(case=make_case(), factors=["weapon"], by=leader, at=AT, on=ON)
    with pytest.raises(Refused) as refused:
        risk_approve(assessment=own, by=leader, at=AT)
    assert refused.value.code == "SAME_PERSON"
    risk_approve(assessment=made, by=approver, at=AT)
    assert risk_of_cases(case_ids=[case.pk], on=ON)[case.pk].may_be_planned
    with pytest.raises(Refused) as refused:
        risk_reject(assessment=made, why="no", by=approver, at=AT)
    assert refused.value.code == "WRONG_STATE"
    kinds = set(Leaf.objects.values_list("kind", flat=True))
    assert {"risk.assessed", "risk.approved"} <= kinds


@pytest.mark.django_db
def test_what_comes_up_after_the_approval_asks_for_a_new_look() -> None:
    case, agent = make_case(), make_staff(Role.DESK_AGENT)
    made = risk_assess(case=case, factors=["weapon"], by=agent, at=AT, on=ON)
    risk_approve(assessment=made, by=make_staff(Role.APPROVER), at=AT)
    Encounter.objects.create(
        borrower_id=case.borrower_id, at=AT + timedelta(hours=1), weight=Weight.INCIDENT,
        written_by=agent,
    )  # fmt: skip
    standing = risk_of_cases(case_ids=[case.pk], on=ON)[case.pk]
    assert not standing.approved
    assert not standing.may_be_planned


@pytest.mark.django_db
def test_an_assessment_runs_out_and_what_was_said_does_not() -> None:
    case, agent = make_case(), make_staff(Role.DESK_AGENT)
    made = risk_assess(case=case, factors=["weapon"], by=agent, at=AT, on=ON)
    risk_approve(assessment=made, by=make_staff(Role.APPROVER), at=AT)
    last = risk_of_cases(case_ids=[case.pk], on=made.valid_until)[case.pk]
    after = risk_of_cases(case_ids=[case.pk], on=made.valid_until + timedelta(days=1))[case.pk]
    assert (last.approved, after.approved) == (True, False)
    assert after.level == HIGH


@pytest.mark.django_db
def test_nobody_leaves_out_what_is_on_record() -> None:
    case, agent = make_case(), make_staff(Role.FIELD_AGENT)
    Encounter.objects.create(
        borrower_id=case.borrower_id, at=AT, weight=Weight.INCIDENT, written_by=agent
    )
    made = risk_assess(case=case, factors=[], by=agent, at=AT, on=ON)
    assert (made.level, made.factors) == (HIGH, ["threats"])
    with pytest.raises(InputError):
        risk_assess(case=case, factors=["other"], by=agent, at=AT, on=ON)
    with pytest.raises(InputError):
        risk_assess(case=case, factors=["ghosts"], by=agent, at=AT, on=ON)
    with pytest.raises(Refused):
        risk_assess(case=case, factors=[], by=make_staff(Role.ANALYST), at=AT, on=ON)


@pytest.mark.django_db
def test_the_list_holds_the_newest_high_ones_that_nobody_decided() -> None:
    manager = make_staff(Role.COLLECTIONS_MANAGER)
    case = make_case(branch=make_branch())
    make_risk(case=case)
    newest = make_risk(case=case)
    make_risk(case=make_case(), valid_until=ON - timedelta(days=1))
    make_risk(case=make_case(), level="medium")
    assert list(risks_waiting(staff=manager, on=ON)) == [newest]
    risk_reject(assessment=newest, why="Write instead", by=manager, at=AT)
    assert not risks_waiting(staff=manager, on=ON).exists()
    assert not risk_of_cases(case_ids=[case.pk], on=ON)[case.pk].may_be_planned


@pytest.mark.django_db
def test_the_list_holds_open_cases_within_sight_alone() -> None:
    here, there = make_branch(), make_branch()
    seen = make_risk(case=make_case(branch=here))
    elsewhere = make_risk(case=make_case(branch=there))
    make_risk(case=make_case(branch=here, status="closed", closed_on=ON))
    assert list(risks_waiting(staff=make_staff(Role.APPROVER, branch=here), on=ON)) == [seen]
    everything = risks_waiting(staff=make_staff(Role.COLLECTIONS_MANAGER), on=ON)
    assert list(everything) == [seen, elsewhere]


@pytest.mark.django_db
def test_many_cases_take_no_more_queries_than_one(
    django_assert_num_queries: object, django_assert_max_num_queries: object
) -> None:
    branch = make_field_branch()
    ids = [make_visit_case(branch=branch).pk for _each in range(12)]
    with django_assert_max_num_queries(6) as few:  # type: ignore[operator]
        risk_of_cases(case_ids=ids[:1], on=ON)
    with django_assert_num_queries(len(few)):  # type: ignore[operator]
        risk_of_cases(case_ids=ids, on=ON)
