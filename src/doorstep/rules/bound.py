"""A rule bound to the values of one day: its condition ready to be read, fact by fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from string import Formatter

from doorstep.rules.catalogue import Catalogue, Supplier
from doorstep.rules.condition import Condition, ConditionError, FactType, Names, condition_parse
from doorstep.rules.moments import wall
from doorstep.rules.rule import SCREENS, Effect, Rule, Severity
from doorstep.rules.tree import All, Known, Not, Reading, Type, facts_of, reading
from doorstep.rules.values import NOTHING, Value

PLACES = Formatter()


@dataclass(frozen=True)
class Bound:
    """A rule as it reads on one day. `holds` is `when` and not `unless`, behind the screens.

    `by_clock`: it makes wait (not only warns), and no counter has a part in it.
    """

    rule: Rule
    values: Mapping[str, Value]
    when: Condition
    unless: Condition | None
    not_before: Condition | None
    conditions: tuple[str, ...]
    screens: tuple[tuple[str, frozenset[Value]], ...]
    test: Reading
    by_clock: bool = False

    def screened_out(self, known: Known) -> bool | None:
        """Whether the rule is about other acts; None where a fact it looks at is not known."""
        unknown = False
        for fact, wanted in self.screens:
            value = known.get(fact)
            if value is None:
                unknown = True
            elif isinstance(value, tuple):
                if wanted.isdisjoint(value):
                    return True
            elif value not in wanted:
                return True
        return None if unknown else False

    def holds(self, known: Known) -> bool | None:
        """Whether the rule speaks; None where that is not known.

        A fact that a screen looks at and nobody gave does not take an act out of a rule's reach;
        it does take it out of the reach of a permission.
        """
        out = self.screened_out(known)
        if out:
            return False
        value = self.test(known)
        if value and out is None and self.rule.effect is Effect.PERMIT:
            return None
        return value  # type: ignore[no-any-return]

    @cached_property
    def needs(self) -> frozenset[str]:
        """Every fact the condition reads (not the screens, not `not_before`)."""
        return self.when.needs() | (self.unless.needs() if self.unless else frozenset())

    @cached_property
    def reads(self) -> frozenset[str]:
        """Every fact that has a part in what comes of the rule, its reason's words included."""
        told = (name for text in self.rule.reason.values() for _, name, *_ in PLACES.parse(text))
        later = self.not_before.needs() if self.not_before else frozenset()
        looked_at = (fact for fact, _ in self.screens)
        return self.needs | later | {*looked_at, *self.conditions, *filter(None, told)}

    def unknown(self, known: Known) -> frozenset[str]:
        """The facts for want of which the rule cannot be decided."""
        found = self.when.unknown(known)
        return found | self.unless.unknown(known) if self.unless else found

    def earliest(self, known: Known) -> datetime | None:
        """The first instant the rule leaves open, aware; None where that is not known."""
        if self.not_before is None:
            return None
        moment = self.not_before.one(known)
        if moment is None or moment is NOTHING:
            return None
        if moment.tzinfo is None:
            local = known.get("local_at")
            zone = local.tzinfo if isinstance(local, datetime) else None
            return wall(moment.date(), moment.time(), zone) if zone else None
        return moment  # type: ignore[no-any-return]

    def reason(self, known: Known) -> dict[str, str]:
        """The reason in words, with the values of the day and the facts put in."""
        inserted = None
        words = {}
        for language, text in self.rule.reason.items():
            if "{" in text:
                inserted = inserted or _Inserted(self.values, known)
                words[language] = text.format_map(inserted)
            else:
                words[language] = text
        return words

    def want(self, missing: frozenset[str], catalogue: Catalogue) -> dict[str, str]:
        """The reason in words where the rule cannot be decided for want of facts."""
        names = sorted(missing)
        zh = "、".join(catalogue[name].zh for name in names)
        en = "; ".join(catalogue[name].en for name in names)
        return {
            "zh": f"「{self.rule.title['zh']}」无法判断,还不知道:{zh}。",
            "en": f"“{self.rule.title['en']}” cannot be decided; not known: {en}.",
        }


def rule_bind(rule: Rule, catalogue: Catalogue, on: date | None) -> Bound | None:
    """The rule as it reads on a day (None: its newest values); None where it has no condition.

    Raises ConditionError with the field's name in front.
    """
    if rule.test is None:
        return None
    row = rule.row_on(on)
    values = dict(row.values) if row else {}
    names = Names(_Types(catalogue), values, rule.test.silence)
    when = _parse("when", rule.test.when, names)
    unless = _parse("unless", rule.test.unless, names) if rule.test.unless else None
    later = rule.test.not_before
    not_before = _parse("not_before", later, names, Type.INSTANT) if later else None
    for fact in rule.test.conditions:
        if fact not in catalogue or catalogue[fact].type is not Type.BOOL:
            raise ConditionError(f"conditions: {fact} is no yes-or-no fact of the catalogue.")
    node = All((when.node, Not(unless.node))) if unless else when.node
    counted = (catalogue[name].supplied_by is Supplier.COUNTERS for name in facts_of(node))
    return Bound(
        rule=rule, values=values, when=when, unless=unless, not_before=not_before,
        conditions=rule.test.conditions,
        screens=tuple(
            (SCREENS[screen], frozenset(codes)) for screen, codes in rule.applies_to.items()
        ),
        test=reading(node),
        by_clock=bool(later) and rule.severity is not Severity.WARN and not any(counted),
    )  # fmt: skip


def _parse(field: str, text: str, names: Names, yields: Type = Type.BOOL) -> Condition:
    try:
        return condition_parse(text, names, yields=yields)
    except ConditionError as error:
        raise ConditionError(f"{field}: {error.message}", error.hint) from None


class _Types(Mapping[str, FactType]):
    """The catalogue as a condition needs it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def __getitem__(self, name: str) -> FactType:
        return self.catalogue[name].fact_type()

    def __iter__(self) -> Iterator[str]:
        return iter(self.catalogue)

    def __len__(self) -> int:
        return len(self.catalogue)


class _Inserted(dict[str, str]):
    """What stands for a {name} in a reason: a value of the day, a fact, or an ellipsis."""

    def __init__(self, values: Mapping[str, Value], known: Known) -> None:
        super().__init__()
        self.values_of_day, self.known = values, known

    def __missing__(self, name: str) -> str:
        value = self.values_of_day.get(name, self.known.get(name))
        return _plain(value)


def _plain(value: object) -> str:
    if value is None or value is NOTHING:
        return "…"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, tuple):
        return ", ".join(_plain(item) for item in value)
    return str(value)
