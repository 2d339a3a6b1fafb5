"""The linter's messages, word for word: a lawyer reads them."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from doorstep.kernel.errors import InputError
from doorstep.rules.faults import Fault
from doorstep.rules.lint import rulebook_lint
from doorstep.rules.pack import rulebook_load
from tests.rules.writing import A_DAY, facts_file, pack_file, permission, rule_file

SOURCE = {"title": "A law", "article": "1", "force": "law", "confidence": "seen-primary"}


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = facts_file(tmp_path)
    pack_file(folder)
    return folder


def faults(packs: Path, *, notices: bool = False, on: date = A_DAY) -> list[Fault]:
    return [f for f in rulebook_lint(packs, on=on) if f.notice == notices]


def only(packs: Path) -> str:
    found = faults(packs)
    assert len(found) == 1, [str(fault) for fault in found]
    return str(found[0])


def test_a_sound_rule_has_no_fault(packs: Path) -> None:
    rule_file(packs, "R-1")
    assert faults(packs) == []
    assert [r.id for r in rulebook_load(packs).rules] == ["R-1"]


def test_an_unknown_fact_in_a_condition(packs: Path) -> None:
    rule_file(packs, "R-1", rule={"when": "calls_todai >= 3"})
    assert only(packs) == (
        "cn/r-1.toml, line 14, rule.when: BAD_CONDITION: 'calls_todai' is neither a fact of the "
        "catalogue nor a value of the rule. Near: calls_today, local_day."
    )


def test_an_unknown_fact_in_an_example(packs: Path) -> None:
    rule_file(packs, "R-1", good=[{"facts": {"cals_today": 2}}])
    assert only(packs) == (
        "cn/r-1.toml, line 20, good[0].facts.cals_today: UNKNOWN_FACT: cals_today is not in the "
        "catalogue. Add it to facts.toml or use the name that is there."
    )


def test_an_exception_to_a_rule_that_is_not_there(packs: Path) -> None:
    permission(packs, "E-1", exception_to=["R-9"])
    assert only(packs) == (
        "cn/e-1.toml, line 5, exception_to: DANGLING_EXCEPTION: There is no rule R-9 to except "
        "from."
    )


def test_two_rules_that_except_from_each_other(packs: Path) -> None:
    permission(packs, "E-1", exception_to=["E-2"])
    permission(packs, "E-2", exception_to=["E-1"])
    found = [str(fault) for fault in faults(packs)]
    assert found == [
        "cn/e-1.toml, line 5, exception_to: CYCLIC_EXCEPTION: E-1 and E-2 are exceptions to each "
        "other. Leave one of them out.",
        "cn/e-2.toml, line 5, exception_to: CYCLIC_EXCEPTION: E-2 and E-1 are exceptions to each "
        "other. Leave one of them out.",
    ]


def test_a_rule_that_excepts_from_itself(packs: Path) -> None:
    permission(packs, "E-1", exception_to=["E-1"])
    assert "CYCLIC_EXCEPTION" in only(packs)


def test_an_exception_whose_meaning_depends_on_the_reader(packs: Path) -> None:
    rule_file(packs, "R-1")
    permission(packs, "E-1", exception_to=["R-1"])
    permission(packs, "E-2", exception_to=["R-1", "E-1"])
    first = next(fault for fault in faults(packs) if "both" in fault.message)
    assert str(first) == (
        "cn/e-2.toml, line 5, exception_to: AMBIGUOUS_EXCEPTION: E-2 lifts both R-1 and E-1, which "
        "itself lifts R-1. Say which of the two is meant."
    )


def test_a_restriction_that_would_lift_another_rule(packs: Path) -> None:
    rule_file(packs, "R-1")
    rule_file(packs, "R-2", exception_to=["R-1"])
    assert only(packs) == (
        "cn/r-2.toml, line 5, exception_to: AMBIGUOUS_EXCEPTION: R-2 restricts and would lift R-1 "
        "at the same time. Only rules of severity permit lift others."
    )


VALUES = {"rule": {"when": "calls_today >= most"}}


def test_values_that_begin_after_the_rule_does(packs: Path) -> None:
    rule_file(
        packs, "R-1", **VALUES, source={**SOURCE, "in_force": date(2026, 1, 30)},
        values=[{"from": date(2026, 3, 1), "most": 3}],
    )  # fmt: skip
    assert only(packs) == (
        "cn/r-1.toml, line 26, values[0].from: VALUE_GAP: The rule is in force from 2026-01-30, "
        "its values from 2026-03-01. Begin the values on the day the rule begins."
    )


def test_a_row_that_leaves_a_value_out(packs: Path) -> None:
    rows = [
        {"from": date(2026, 1, 1), "most": 3},
        {"from": date(2026, 2, 1), "most": 3, "least": 1},
    ]
    bad = [{"facts": {"calls_today": 3}, "on": date(2026, 1, 1)}]
    rule_file(packs, "R-1", **VALUES, values=rows, bad=bad)
    codes = {fault.code for fault in faults(packs)}
    assert codes == {"VALUE_GAP", "UNUSED_VALUE"}


def test_two_rows_of_one_day(packs: Path) -> None:
    row = {"from": date(2026, 1, 1), "most": 3}
    rule_file(packs, "R-1", **VALUES, values=[row, row])
    assert "SAME_DAY: Two rows begin on 2026-01-01." in only(packs)


def test_a_value_that_nothing_reads(packs: Path) -> None:
    rule_file(packs, "R-1", values=[{"from": date(2026, 1, 1), "most": 3}])
    assert "UNUSED_VALUE: Nothing reads it." in only(packs)


def test_a_rule_without_a_source(packs: Path) -> None:
    rule_file(packs, "R-1", source=None)
    assert only(packs) == (
        "cn/r-1.toml, source: MISSING_SOURCE: The rule has no source. Name the instrument, "
        "article, force and how far it was confirmed."
    )


def test_a_rule_without_examples(packs: Path) -> None:
    rule_file(packs, "R-1", good=None, bad=None)
    assert [str(fault) for fault in faults(packs)] == [
        "cn/r-1.toml, bad: MISSING_EXAMPLE: The rule has no bad example. Give the facts of one "
        "lawful and one unlawful act.",
        "cn/r-1.toml, good: MISSING_EXAMPLE: The rule has no good example. Give the facts of one "
        "lawful and one unlawful act.",
    ]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {"good": [{"facts": {"calls_today": 3}}]},
            "good[0]: EXAMPLE_FAILS: The rule speaks on its good example.",
        ),
        (
            {"bad": [{"facts": {"calls_today": 2}}]},
            "bad[0]: EXAMPLE_FAILS: The rule is silent on its bad example.",
        ),
        (
            {"bad": [{"facts": {"kind": "call"}}]},
            "bad[0]: EXAMPLE_FAILS: Not known on its bad example for want of calls_today.",
        ),
    ],
)
def test_an_example_that_does_not_come_out(
    packs: Path, parts: dict[str, Any], message: str
) -> None:
    rule_file(packs, "R-1", **parts)
    assert message in only(packs)


def test_a_pack_past_its_review_is_a_fault_and_one_never_signed_a_notice(packs: Path) -> None:
    pack_file(packs, more="review_due = 2026-05-12")
    assert faults(packs) == []
    assert [str(fault) for fault in faults(packs, on=date(2026, 5, 13))] == [
        "cn/pack.toml, line 5, review_due: STALE_REVIEW: A review was due by 2026-05-12. Until "
        "then every act it covers is refused or put to a person."
    ]
    assert [fault.code for fault in faults(packs, notices=True)] == ["NOT_SIGNED"]


def test_a_rule_looked_up_too_long_ago_or_never_seen_is_a_notice(packs: Path) -> None:
    source = {**SOURCE, "confidence": "from-memory", "last_confirmed": date(2025, 5, 11)}
    rule_file(packs, "R-1", source=source)
    found = {fault.code for fault in faults(packs, notices=True)}
    assert found == {"NOT_SIGNED", "STALE_REVIEW", "NEVER_SEEN"}


def test_a_house_pack_may_not_permit_or_except(packs: Path) -> None:
    rule_file(packs, "R-1")
    pack_file(packs, "house/default", "house")
    permission(packs, "H-1", "house/default")
    assert only(packs) == (
        "house/default/h-1.toml, line 3, severity: HOUSE_LOOSENS: A pack of the lender's own may "
        "neither permit nor except. It can only tighten."
    )


def test_one_id_in_two_files(packs: Path) -> None:
    rule_file(packs, "R-1")
    rule_file(packs, "R-2", id="R-1")
    assert {fault.code for fault in faults(packs)} == {"SAME_ID"}


def test_a_part_of_no_rule(packs: Path) -> None:
    rule_file(packs, "R-1", part_of="R-0")
    assert "DANGLING_PART: There is no rule R-0." in only(packs)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"severity": "hard"}, "BAD_VALUE"),
        ({"outcome": "permit"}, "BAD_OUTCOME"),
        ({"outcome": "not_before"}, "BAD_OUTCOME"),
        ({"outcome": "permit_if"}, "BAD_OUTCOME"),
        ({"law": ""}, "MISSING"),
        ({"id": "r 1"}, "BAD_ID"),
        ({"title": {"zh": "夜间"}}, "MISSING"),
        ({"surprise": 1}, "UNKNOWN_KEY"),
        ({"applies_to": {"kinds": ["fax"]}}, "UNKNOWN_CODE"),
        ({"applies_to": {"moods": ["sad"]}}, "UNKNOWN_KEY"),
        ({"source": {**SOURCE, "in_force": "2026-01-01"}}, "BAD_VALUE"),
        ({"values": [{"from": date(2026, 1, 1), "kind": "call"}]}, "NAME_TAKEN"),
        ({"values": [{"most": 3}]}, "BAD_VALUE"),
        ({"values": [{"from": date(2026, 1, 1), "most": 1.5}]}, "BAD_VALUE"),
        ({"rule": {"when": "calls_today >= 1.5"}}, "BAD_CONDITION"),
        ({"rule": {"when": "calls_today >= 3", "conditions": ["calls_today"]}}, "BAD_CONDITION"),
        ({"reason": {"zh": "{nobody}", "en": "x"}}, "BAD_REASON"),
        ({"reason": {"zh": "{calls_today", "en": "x"}}, "BAD_REASON"),
        ({"good": [{"facts": {"local_time": "10:00"}}]}, "BAD_VALUE"),
        ({"good": [{"facts": {"kind": "fax"}}]}, "BAD_VALUE"),
        ({"rule": None}, "NOTHING_ENCODED"),
    ],
)
def test_what_cannot_be_meant_is_refused(packs: Path, parts: dict[str, Any], code: str) -> None:
    rule_file(packs, "R-1", **parts)
    assert code in {fault.code for fault in faults(packs)}


def test_a_key_after_a_table_header_is_told_so(packs: Path) -> None:
    rule_file(packs, "R-1", reason={"zh": "一", "en": "one", "exception_to": ["R-2"]})
    fault = next(f for f in faults(packs) if f.code == "UNKNOWN_KEY")
    assert "Keys after a [table] belong to it." in fault.hint


def test_broken_toml_names_the_line_and_clocks_and_words_stay_what_they_are(packs: Path) -> None:
    path = rule_file(packs, "R-1")
    path.write_text(path.read_text("utf-8") + "\nid = 22:00\nid = 1\n", "utf-8")
    assert "BAD_TOML" in only(packs)
    rule_file(
        packs, "R-1", rule={"when": "clock_between(local_time, quiet_from, quiet_to)"},
        values=[{"from": date(2026, 1, 1), "quiet_from": time(22), "quiet_to": time(8)}],
        reason={"zh": "夜", "en": "night"},
        good=[{"facts": {"local_time": time(8)}}], bad=[{"facts": {"local_time": time(22)}}],
    )  # fmt: skip
    assert faults(packs) == []


def test_the_loader_stops_at_what_the_linter_names(packs: Path) -> None:
    rule_file(packs, "R-1", law="")
    with pytest.raises(InputError) as refused:
        rulebook_load(packs)
    assert str(refused.value) == "cn/r-1.toml, line 2, law: This text is missing."
    (packs / "facts.toml").unlink()
    with pytest.raises(InputError, match=r"facts\.toml"):
        rulebook_load(packs)


def test_the_packs_shipped_with_the_program_have_no_fault(repository: Path) -> None:
    assert [str(f) for f in rulebook_lint(repository / "rulepacks", on=A_DAY) if not f.notice] == []
