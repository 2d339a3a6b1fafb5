"""Case files: YAML in the shape of `law/cases.yaml`; no clock in them becomes a number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from doorstep.kernel.errors import InputError, Where

EXPECTED = ("allow", "deny", "warn", "require", "end-contact")


@dataclass(frozen=True)
class Case:
    """What is known and what is proposed, in the words of the file; not what is expected."""

    id: str
    rules: tuple[str, ...]
    given: Mapping[str, Any] = field(default_factory=dict)
    action: Mapping[str, Any] = field(default_factory=dict)
    jurisdiction: str = ""
    line: int = 0

    def get(self, path: str) -> Any:
        """The value at a dotted place, `facts.consent.by` or `action.t`; `ABSENT` if not there."""
        root, *names = path.split(".")
        found: Any = {"facts": self.given, "action": self.action}[root]
        for name in names:
            if not isinstance(found, Mapping) or name not in found:
                return ABSENT
            found = found[name]
        return found

    def text(self, path: str) -> str:
        """The value at a dotted place as text; empty when absent, null or no single value."""
        value = self.get(path)
        return (
            ""
            if value is ABSENT or value is None or isinstance(value, (dict, list))
            else str(value)
        )

    def truth(self, path: str) -> bool | None:
        """The value at a dotted place as yes or no; None when it is not said."""
        value = self.get(path)
        return value if isinstance(value, bool) else None

    def has(self, path: str) -> bool:
        """Whether the case says anything there, be it null."""
        return self.get(path) is not ABSENT


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False


ABSENT = _Absent()


class _Plain(yaml.SafeLoader):
    """YAML 1.2's core words only: a day, a clock, `no` and `on` stay text, and so does every key.

    A key that stands twice is a fault.
    """

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        self.flatten_mapping(node)
        found = {key.value: self.construct_object(value, deep=True) for key, value in node.value}
        found["__line__"] = node.start_mark.line + 1
        return found


_Plain.yaml_implicit_resolvers = {}
_Plain.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(str(node.value)))
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)$", "-+.0123456789"),
    ("merge", r"^<<$", "<"),
):
    _Plain.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def cases_read(path: Path) -> tuple[list[Case], dict[str, str]]:
    """The cases of a file, and apart from them what each expects (where it says so).

    Raises InputError naming file, line and field.
    """
    try:
        tree = yaml.load(path.read_text("utf-8"), _Plain)  # noqa: S506 (a SafeLoader)
    except OSError as error:
        raise _bad(path, None, "", f"Not readable: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise _bad(path, None, "", "Not UTF-8 text.", "Save the file as UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise _bad(path, line, "", f"Not readable as YAML: {error.problem}.") from None
    except yaml.YAMLError as error:
        raise _bad(path, None, "", f"Not readable as YAML: {error}.") from None
    cases: list[Case] = []
    expected: dict[str, str] = {}
    for raw in _items(tree, path):
        case = _case(raw, path)
        if any(other.id == case.id for other in cases):
            raise _bad(path, case.line, "id", f"The id {case.id} stands twice.")
        cases.append(case)
        if "expect" in raw:
            expected[case.id] = str(raw["expect"])
    return cases, expected


def _items(tree: Any, path: Path) -> Iterator[Any]:
    if isinstance(tree, list):
        yield from tree
        return
    lists = [
        tree[name] for name in ("cases", "derived_cases") if isinstance(tree, dict) and name in tree
    ]
    if not lists or not all(isinstance(one, list) for one in lists):
        raise _bad(path, 1, "cases", "There is no list of cases.", "Put them under `cases:`.")
    for one in lists:
        yield from one


def _case(raw: Any, path: Path) -> Case:
    line = raw.get("__line__", 0) if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(raw.get("id"), str):
        raise _bad(path, line, "id", "A case without an id.", "Give every case a text as its id.")
    rules = raw.get("rules", [])
    if not isinstance(rules, list) or not rules or not all(isinstance(r, str) for r in rules):
        raise _bad(path, line, "rules", f"Case {raw['id']} names no rules.", "Name at least one.")
    for name in ("facts", "action"):
        if not isinstance(raw.get(name, {}), dict):
            raise _bad(path, line, name, f"Case {raw['id']}: {name} is not a mapping.")
    return Case(
        id=raw["id"],
        rules=tuple(rules),
        given=_bare(raw.get("facts", {})),
        action=_bare(raw.get("action", {})),
        jurisdiction=str(raw.get("jurisdiction", "")).lower(),
        line=line or 0,
    )


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _bare(inner) for name, inner in value.items() if name != "__line__"}
    if isinstance(value, list):
        return [_bare(inner) for inner in value]
    return value


def _bad(path: Path, line: int | None, field_: str, message: str, hint: str = "") -> InputError:
    where = Where(file=str(path), line=line, field=field_ or None)
    return InputError(message, code="BAD_CASES", hint=hint, where=where)
