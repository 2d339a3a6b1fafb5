"""One rule file: TOML in, a rule out, every fault named with its place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from doorstep.rules.catalogue import Catalogue, value_read
from doorstep.rules.condition import ConditionError, type_of
from doorstep.rules.faults import Faults
from doorstep.rules.rule import (
    SCREENS,
    Confidence,
    Effect,
    Example,
    Row,
    Rule,
    Severity,
    Source,
    Test,
)
from doorstep.rules.values import Value

_TOP = {
    "id", "title", "law", "severity", "outcome", "source", "applies_to", "values", "rule",
    "reason", "exception_to", "part_of", "not_encoded", "until", "good", "bad",
}  # fmt: skip
_SOURCE = {
    "title", "article", "link", "force", "confidence", "in_force", "last_confirmed", "draft",
}  # fmt: skip
_TEST = {"when", "unless", "not_before", "conditions", "silence"}
_ID = re.compile(r"[A-Z][A-Za-z0-9.-]*[A-Za-z0-9]")
Choice = TypeVar("Choice", bound=StrEnum)


def toml_read(text: str, faults: Faults) -> dict[str, Any] | None:
    """The tables of a TOML text; None, with the fault noted, where it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        faults.add("BAD_TOML", f"line {line.group(1)}" if line else "", f"{error}.")
        return None


def rule_read(text: str, *, pack: str, catalogue: Catalogue, faults: Faults) -> Rule | None:
    """The rule of a file; None where it cannot be used, and then `faults` says why."""
    raw = toml_read(text, faults)
    if raw is None:
        return None
    reader = _Reader(raw, catalogue, faults)
    rule = reader.rule(pack)
    return None if faults.fatal else rule


class _Reader:
    """Reads the tables of one rule file; notes every fault and reads on."""

    def __init__(self, raw: dict[str, Any], catalogue: Catalogue, faults: Faults) -> None:
        self.raw, self.catalogue, self.faults = raw, catalogue, faults

    def rule(self, pack: str) -> Rule:
        self._only(self.raw, _TOP, "")
        name = self._text(self.raw, "id")
        if name and not _ID.fullmatch(name):
            self.faults.add("BAD_ID", "id", f"{name!r} is no rule id.", "Such as CN-CBA-QUIET.")
        if name and not name.isascii():
            self.faults.add("BAD_ID", "id", "Rule ids are plain ASCII.")
        severity = self._choice(self.raw, "severity", Severity)
        effect = self._choice(self.raw, "outcome", Effect)
        self._fitting(severity, effect)
        return Rule(
            id=name, pack=pack, file=self.faults.file, title=self._both("title"),
            law=self._text(self.raw, "law"), severity=severity, effect=effect,
            source=self._source(), applies_to=self._scope(), rows=self._rows(),
            test=self._test(), reason=self._both("reason", optional="rule" not in self.raw),
            exception_to=self._names(self.raw, "exception_to"),
            part_of=self._text(self.raw, "part_of", optional=True),
            not_encoded=self._text(self.raw, "not_encoded", optional=True),
            until=self._day(self.raw, "until", ""),
            good=self._examples("good"), bad=self._examples("bad"),
        )  # fmt: skip

    def _fitting(self, severity: Severity, effect: Effect) -> None:
        if (severity is Severity.PERMIT) != (effect is Effect.PERMIT):
            self.faults.add(
                "BAD_OUTCOME", "outcome", "Severity permit and outcome permit go together."
            )
        if severity is Severity.INFO and effect is not Effect.NONE:
            self.faults.add("BAD_OUTCOME", "outcome", "A rule of severity info has outcome none.")
        if effect is Effect.NONE and severity is not Severity.INFO and "rule" in self.raw:
            self.faults.add(
                "BAD_OUTCOME", "outcome", "A rule with a condition does something when it holds."
            )

    def _source(self) -> Source:
        raw = self._table("source")
        if not raw:
            self.faults.add(
                "MISSING_SOURCE", "source", "The rule has no source.",
                "Name the instrument, article, force and how far it was confirmed.",
            )  # fmt: skip
        self._only(raw, _SOURCE, "source")
        draft = raw.get("draft", False)
        if not isinstance(draft, bool):
            self.faults.add("BAD_VALUE", "source.draft", "Not true or false.")
        missing = not raw
        return Source(
            title=self._text(raw, "title", "source", optional=missing),
            article=self._text(raw, "article", "source", optional=True),
            force=self._text(raw, "force", "source", optional=missing),
            link=self._text(raw, "link", "source", optional=True),
            confidence=self._choice(raw, "confidence", Confidence, "source")
            if raw else Confidence.FROM_MEMORY,
            in_force=self._day(raw, "in_force", "source"),
            last_confirmed=self._day(raw, "last_confirmed", "source"),
            draft=draft is True,
        )  # fmt: skip

    def _scope(self) -> dict[str, tuple[str, ...]]:
        raw = self._table("applies_to")
        self._only(raw, SCREENS.keys(), "applies_to")
        scope = {}
        for screen, fact in SCREENS.items():
            codes = self._names(raw, screen, "applies_to")
            known = self.catalogue[fact].codes if fact in self.catalogue else ()
            for code in codes:
                if known and code not in known:
                    self.faults.add(
                        "UNKNOWN_CODE", f"applies_to.{screen}", f"{fact} is never {code!r}.",
                        f"Its codes: {', '.join(known)}.",
                    )  # fmt: skip
            if codes:
                scope[screen] = codes
        return scope

    def _rows(self) -> tuple[Row, ...]:
        rows = []
        for number, raw in enumerate(self._tables("values")):
            place = f"values[{number}]"
            since = self._day(raw, "from", place)
            if since is None:
                self.faults.add("BAD_VALUE", f"{place}.from", "Values need the day they begin.")
                continue
            values = {
                name: self._value(value, f"{place}.{name}")
                for name, value in raw.items()
                if name != "from"
            }
            for name in values.keys() & self.catalogue.keys():
                self.faults.add(
                    "NAME_TAKEN", f"{place}.{name}", f"{name} is a fact already.", "Rename it."
                )
            rows.append(Row(since, values))
        return tuple(sorted(rows, key=lambda row: row.since))

    def _test(self) -> Test | None:
        raw = self._table("rule")
        if not raw:
            return None
        self._only(raw, _TEST, "rule")
        silence = raw.get("silence", {})
        return Test(
            when=self._text(raw, "when", "rule"),
            unless=self._text(raw, "unless", "rule", optional=True),
            not_before=self._text(raw, "not_before", "rule", optional=True),
            conditions=self._names(raw, "conditions", "rule"),
            silence=self._facts(silence, "rule.silence"),
        )

    def _examples(self, name: str) -> tuple[Example, ...]:
        examples = []
        for number, raw in enumerate(self._tables(name)):
            place = f"{name}[{number}]"
            self._only(raw, {"facts", "on", "why", "not_before", "says"}, place)
            facts = self._facts(raw.get("facts", {}), f"{place}.facts")
            moment = raw.get("not_before")
            if moment is not None and not (isinstance(moment, datetime) and moment.tzinfo):
                self.faults.add(
                    "BAD_VALUE", f"{place}.not_before", "Not an instant with its offset.",
                    "Write it bare: 2026-05-13T08:00:00+08:00.",
                )  # fmt: skip
                moment = None
            says = self._text(raw, "says", place, optional=True)
            examples.append(Example(facts, self._day(raw, "on", place), moment, says))
        return tuple(examples)

    def _facts(self, raw: Any, place: str) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for name, value in (raw if isinstance(raw, dict) else {}).items():
            meaning = self.catalogue.get(name)
            if meaning is None:
                self.faults.add(
                    "UNKNOWN_FACT", f"{place}.{name}", f"{name} is not in the catalogue.",
                    "Add it to facts.toml or use the name that is there.",
                )  # fmt: skip
                continue
            try:
                found[name] = value_read(value, meaning)
            except ValueError as error:
                self.faults.add("BAD_VALUE", f"{place}.{name}", f"{error}.")
        return found

    def _value(self, raw: Any, place: str) -> Value:
        value = tuple(raw) if isinstance(raw, list) else raw
        try:
            type_of(value)
        except ConditionError as error:
            self.faults.add("BAD_VALUE", place, error.message, "Use whole units.")
        return value

    def _both(self, name: str, *, optional: bool = False) -> dict[str, str]:
        raw = self._table(name)
        self._only(raw, {"zh", "en"}, name)
        return {
            language: self._text(raw, language, name, optional=optional)
            for language in ("zh", "en")
        }

    def _text(
        self, raw: Mapping[str, Any], name: str, place: str = "", *, optional: bool = False
    ) -> str:
        value = raw.get(name, "")
        where = f"{place}.{name}" if place else name
        if not isinstance(value, str):
            self.faults.add("BAD_VALUE", where, "Not a text.")
            return ""
        if not value.strip() and not optional:
            self.faults.add("MISSING", where, "This text is missing.")
        return value.strip()

    def _names(self, raw: Mapping[str, Any], name: str, place: str = "") -> tuple[str, ...]:
        value = raw.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.faults.add("BAD_VALUE", f"{place}.{name}".strip("."), "Not a list of words.")
            return ()
        return tuple(value)

    def _day(self, raw: Mapping[str, Any], name: str, place: str) -> date | None:
        value = raw.get(name)
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            where = f"{place}.{name}".strip(".")
            self.faults.add("BAD_VALUE", where, "Not a day.", "Write it bare: 2026-01-30.")
            return None
        return value

    def _choice(
        self, raw: Mapping[str, Any], name: str, kind: type[Choice], place: str = ""
    ) -> Choice:
        try:
            return kind(raw.get(name, ""))
        except ValueError:
            self.faults.add(
                "BAD_VALUE", f"{place}.{name}".strip("."),
                f"{raw.get(name)!r} is not one of the words for it.", f"One of: {', '.join(kind)}.",
            )  # fmt: skip
            return next(iter(kind))

    def _table(self, name: str) -> dict[str, Any]:
        raw = self.raw.get(name, {})
        if not isinstance(raw, dict):
            self.faults.add("BAD_VALUE", name, "Not a table.")
            return {}
        return raw

    def _tables(self, name: str) -> list[dict[str, Any]]:
        raw = self.raw.get(name, [])
        if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
            self.faults.add("BAD_VALUE", name, f"Not a list of tables: write [[{name}]].")
            return []
        return raw

    def _only(self, raw: Mapping[str, Any], known: Iterable[str], place: str) -> None:
        for name in raw.keys() - set(known):
            self.faults.add(
                "UNKNOWN_KEY", f"{place}.{name}".strip("."), "Unknown key.",
                f"Known here: {', '.join(sorted(known))}."
                + (" Keys after a [table] belong to it." if name in _TOP else ""),
            )  # fmt: skip
