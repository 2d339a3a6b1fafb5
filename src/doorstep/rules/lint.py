"""The linter: everything about a folder of packs that a lawyer or the guard would stumble over.

Faults stop the packs from loading. Notices are for a person: a review that is due, a rule never
confirmed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from doorstep.rules.bound import Bound, rule_bind
from doorstep.rules.condition import ConditionError, type_of
from doorstep.rules.faults import Fault, line_of
from doorstep.rules.pack import Pack, Rulebook, rulebook_read
from doorstep.rules.rule import Confidence, Effect, Example, Rule, Severity
from doorstep.rules.values import Value

CONFIRM_AGAIN_AFTER = timedelta(days=365)
PERMISSIONS = (Severity.PERMIT,)


def rulebook_lint(folder: Path, *, on: date) -> list[Fault]:
    """Every fault and notice of the packs in a folder, as they stand on a day."""
    book, faults = rulebook_read(folder)
    texts = _Texts(folder)
    found = [*faults, *(texts.placed(fault) for fault in _book_faults(book, on))]
    return sorted(set(found), key=lambda fault: (fault.notice, fault))


def _book_faults(book: Rulebook, on: date) -> Iterator[Fault]:
    yield from _same_ids(book)
    yield from _exceptions(book)
    yield from _parts(book)
    for pack in book.packs:
        yield from _review(pack, on)
        for rule in pack.rules:
            yield from _dates(rule)
            yield from _test(rule, book)
            yield from _house(rule, pack)
            yield from _confirmed(rule, on)


def _fault(
    rule: Rule, code: str, field: str, message: str, hint: str = "", *, notice: bool = False
) -> Fault:
    return Fault(rule.file, 0, field, code, message, hint, notice)


def _same_ids(book: Rulebook) -> Iterator[Fault]:
    counts = Counter(rule.id for rule in book.rules)
    for rule in book.rules:
        if counts[rule.id] > 1:
            yield _fault(rule, "SAME_ID", "id", f"{counts[rule.id]} files have the id {rule.id}.")


def _exceptions(book: Rulebook) -> Iterator[Fault]:
    rules = {rule.id: rule for rule in book.rules}
    lifts = {rule.id: set(rule.exception_to) for rule in book.rules}
    for rule in book.rules:
        for target in rule.exception_to:
            yield from _exception(rule, target, rules, lifts)


def _exception(
    rule: Rule, target: str, rules: dict[str, Rule], lifts: dict[str, set[str]]
) -> Iterator[Fault]:
    if target not in rules:
        yield _fault(
            rule, "DANGLING_EXCEPTION", "exception_to", f"There is no rule {target} to except from."
        )
        return
    if rule.id in _reach(target, lifts) or target == rule.id:
        yield _fault(
            rule, "CYCLIC_EXCEPTION", "exception_to",
            f"{rule.id} and {target} are exceptions to each other.", "Leave one of them out.",
        )  # fmt: skip
        return
    through = sorted(
        other for other in lifts[rule.id] - {target} if target in lifts.get(other, set())
    )
    if through:
        yield _fault(
            rule, "AMBIGUOUS_EXCEPTION", "exception_to",
            f"{rule.id} lifts both {target} and {through[0]}, which itself lifts {target}.",
            "Say which of the two is meant.",
        )  # fmt: skip
    if rules[target].severity in PERMISSIONS:
        yield _fault(
            rule, "AMBIGUOUS_EXCEPTION", "exception_to", f"{target} permits; nothing lifts it.",
            "Narrow the permission itself.",
        )  # fmt: skip
    if rule.severity not in PERMISSIONS:
        yield _fault(
            rule, "AMBIGUOUS_EXCEPTION", "exception_to",
            f"{rule.id} restricts and would lift {target} at the same time.",
            "Only rules of severity permit lift others.",
        )  # fmt: skip


def _reach(start: str, lifts: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = list(lifts.get(start, ()))
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead += lifts.get(name, ())
    return seen


def _parts(book: Rulebook) -> Iterator[Fault]:
    names = {rule.id for rule in book.rules if not rule.part_of}
    for rule in book.rules:
        if rule.part_of and rule.part_of not in names:
            yield _fault(rule, "DANGLING_PART", "part_of", f"There is no rule {rule.part_of}.")


def _dates(rule: Rule) -> Iterator[Fault]:
    if not rule.rows:
        return
    first, in_force = rule.rows[0].since, rule.source.in_force
    if in_force and first != in_force:
        yield _fault(
            rule, "VALUE_GAP", "values[0].from",
            f"The rule is in force from {in_force}, its values from {first}.",
            "Begin the values on the day the rule begins.",
        )  # fmt: skip
    for number, (earlier, later) in enumerate(zip(rule.rows, rule.rows[1:], strict=False), 1):
        if earlier.since == later.since:
            yield _fault(
                rule, "SAME_DAY", f"values[{number}].from", f"Two rows begin on {later.since}."
            )
        if _shape(earlier.values) != _shape(later.values):
            yield _fault(
                rule, "VALUE_GAP", f"values[{number}]",
                f"The row of {later.since} does not hold the same values as the row before it.",
                "Give every value in every row, of the same type.",
            )  # fmt: skip
    if rule.until and rule.until <= rule.rows[-1].since:
        yield _fault(rule, "VALUE_GAP", "until", "The rule ends before its last values begin.")


def _shape(values: object) -> dict[str, str]:
    assert isinstance(values, dict)
    return {name: type_of(value) for name, value in values.items()}


def _test(rule: Rule, book: Rulebook) -> Iterator[Fault]:
    if rule.test is None:
        if not rule.not_encoded and rule.severity is not Severity.INFO:
            yield _fault(
                rule, "NOTHING_ENCODED", "not_encoded",
                "The rule has no condition and does not say why.", "Say what a person must judge.",
            )  # fmt: skip
        return
    used: set[str] = set()
    for row in rule.rows or (None,):
        try:
            bound = rule_bind(rule, book.catalogue, row.since if row else None)
        except ConditionError as error:
            field, _, message = error.message.partition(": ")
            yield _fault(rule, "BAD_CONDITION", f"rule.{field}", message, error.hint)
            return
        assert bound is not None
        used |= _values_used(bound)
    for number, row in enumerate(rule.rows):
        for name in row.values.keys() - used:
            if "{" + name + "}" not in " ".join(rule.reason.values()):
                yield _fault(rule, "UNUSED_VALUE", f"values[{number}].{name}", "Nothing reads it.")
    yield from _outcome(rule)
    yield from _examples(rule, book)
    yield from _inserts(rule, book)


def _values_used(bound: Bound) -> set[str]:
    from doorstep.rules.tree import Constant, Node, children

    def names(node: Node) -> set[str]:
        if isinstance(node, Constant):
            return {node.name}
        return set().union(*(names(child) for child in children(node)))

    conditions = (bound.when, bound.unless, bound.not_before)
    return set().union(*(names(c.node) for c in conditions if c is not None))


def _outcome(rule: Rule) -> Iterator[Fault]:
    test = rule.test
    assert test is not None
    if (rule.effect is Effect.NOT_BEFORE) != bool(test.not_before):
        yield _fault(
            rule, "BAD_OUTCOME", "rule.not_before",
            "A rule with outcome not_before, and no other, says when the act may be done.",
        )  # fmt: skip
    if (rule.effect is Effect.PERMIT_IF) != bool(test.conditions):
        yield _fault(
            rule, "BAD_OUTCOME", "rule.conditions",
            "A rule with outcome permit_if, and no other, names its conditions.",
        )  # fmt: skip


def _inserts(rule: Rule, book: Rulebook) -> Iterator[Fault]:
    from string import Formatter

    row = rule.rows[-1].values if rule.rows else {}
    for language, text in rule.reason.items():
        try:
            names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        except ValueError:
            yield _fault(rule, "BAD_REASON", f"reason.{language}", "A brace is left open.")
            continue
        for name in sorted(names - row.keys() - book.catalogue.keys()):
            yield _fault(
                rule, "BAD_REASON", f"reason.{language}",
                f"{{{name}}} is neither a fact nor a value of the rule.",
            )  # fmt: skip


def _examples(rule: Rule, book: Rulebook) -> Iterator[Fault]:
    for kind, examples in (("good", rule.good), ("bad", rule.bad)):
        if not examples:
            yield _fault(
                rule, "MISSING_EXAMPLE", kind, f"The rule has no {kind} example.",
                "Give the facts of one lawful and one unlawful act.",
            )  # fmt: skip
        for number, example in enumerate(examples):
            spoke = example_holds(rule, book, example)
            if spoke is not example_expected(rule, kind):
                came = {True: "The rule speaks", False: "The rule is silent", None: "Not known"}
                missing = _missing(rule, book, example) if spoke is None else ""
                yield _fault(
                    rule, "EXAMPLE_FAILS", f"{kind}[{number}]",
                    f"{came[spoke]} on its {kind} example{missing}.",
                )  # fmt: skip
            elif not example_waits(rule, book, example):
                yield _fault(
                    rule, "EXAMPLE_FAILS", f"{kind}[{number}].not_before",
                    "The rule names another instant than its example.",
                )  # fmt: skip
            elif not example_says(rule, example):
                yield _fault(
                    rule, "EXAMPLE_FAILS", f"{kind}[{number}].says",
                    f"The rule says {rule.says!r}, its example {example.says!r}.",
                )  # fmt: skip


def example_expected(rule: Rule, kind: str) -> bool:
    """Whether the rule's condition must hold on its good (or bad) examples."""
    return (kind == "good") == (rule.severity in PERMISSIONS)


def example_day(rule: Rule, example: Example) -> date | None:
    """The day whose values an example is read with; None: the newest."""
    day = example.facts.get("local_day")
    return example.on or (day if isinstance(day, date) and rule.row_on(day) else None)


def example_holds(rule: Rule, book: Rulebook, example: Example) -> bool | None:
    """What the rule says to the facts of an example: speaks, is silent, or not known.

    With outcome `permit_if` it speaks where a condition is known not to be met.
    """
    bound = rule_bind(rule, book.catalogue, example_day(rule, example))
    if bound is None:
        return None
    held = bound.holds(example.facts)
    if not held or not bound.conditions:
        return held
    met: set[Value | None] = {example.facts.get(name) for name in bound.conditions}
    return True if False in met else None if None in met else False


def example_waits(rule: Rule, book: Rulebook, example: Example) -> bool:
    """Whether the rule names the instant its example does (or the example names none)."""
    if example.not_before is None:
        return True
    bound = rule_bind(rule, book.catalogue, example_day(rule, example))
    return bound is not None and bound.earliest(example.facts) == example.not_before


def example_says(rule: Rule, example: Example) -> bool:
    """Whether the rule means by speaking what its example says (or the example says nothing)."""
    return example.says in ("", rule.says)


def _missing(rule: Rule, book: Rulebook, example: Example) -> str:
    bound = rule_bind(rule, book.catalogue, example_day(rule, example))
    assert bound is not None
    names = sorted(bound.unknown(example.facts) or set(bound.conditions) - example.facts.keys())
    return f" for want of {', '.join(names)}" if names else ""


def _house(rule: Rule, pack: Pack) -> Iterator[Fault]:
    if not pack.is_house:
        return
    if rule.severity in PERMISSIONS or rule.exception_to:
        yield _fault(
            rule, "HOUSE_LOOSENS", "severity",
            "A pack of the lender's own may neither permit nor except.", "It can only tighten.",
        )  # fmt: skip


def _confirmed(rule: Rule, on: date) -> Iterator[Fault]:
    if rule.source.confidence is Confidence.HOUSE:
        return
    last = rule.source.last_confirmed
    if last and on - last > CONFIRM_AGAIN_AFTER:
        yield _fault(
            rule, "STALE_REVIEW", "source.last_confirmed",
            f"Last looked up on {last}, more than a year ago.", "Confirm it again.", notice=True,
        )  # fmt: skip
    if rule.source.confidence is Confidence.FROM_MEMORY:
        yield _fault(
            rule, "NEVER_SEEN", "source.confidence", "The text of this rule was never seen.",
            notice=True,
        )  # fmt: skip


def _review(pack: Pack, on: date) -> Iterator[Fault]:
    file = f"{pack.folder}/pack.toml"
    if pack.review_overdue(on):
        yield Fault(
            file, 0, "review_due", "STALE_REVIEW", f"A review was due by {pack.review_due}.",
            "Until then every act it covers is refused or put to a person.",
        )  # fmt: skip
    if pack.reviewed_on is None and not pack.is_house:
        yield Fault(
            file, 0, "reviewed_on", "NOT_SIGNED",
            "No lawyer of the jurisdiction has signed this pack.", notice=True,
        )  # fmt: skip


class _Texts:
    """Finds the line of a fault that was found after reading."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.texts: dict[str, str] = defaultdict(str)

    def placed(self, fault: Fault) -> Fault:
        path = self.folder / fault.file
        if fault.file not in self.texts and path.is_file():
            self.texts[fault.file] = path.read_text("utf-8")
        line = line_of(self.texts[fault.file], fault.field)
        return Fault(**{**fault.__dict__, "line": line})
