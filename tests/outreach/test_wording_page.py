"""The page about wording agrees with the program."""

from __future__ import annotations

import re
from pathlib import Path

from doorstep.outreach.contents import CONTENTS
from doorstep.outreach.fields import FIELDS
from doorstep.outreach.lender import EACH_LANGUAGE, TEXTS
from doorstep.outreach.lint import behaviours
from doorstep.outreach.replies import ReplyKind


def rows(page: str, heading: str) -> dict[str, str]:
    """The rows of a table below a heading, by what stands in code in the first column."""
    section = page.split(f"## {heading}\n")[1].split("\n## ")[0]
    return {
        found[1]: found[0] for found in re.finditer(r"^\| `([\w-]+)` \|.*$", section, re.MULTILINE)
    }


def test_facts_contents_and_behaviours_are_those_of_the_program(repository: Path) -> None:
    page = (repository / "docs/reference/wording.md").read_text("utf-8")
    facts = rows(page, "Facts a text may name")
    assert list(facts) == list(FIELDS)
    for name, field in FIELDS.items():
        assert f"| {field.kind} | {field.supplied_by} | {field.meaning['en']} |" in facts[name]
    kinds = rows(page, "What a text must contain")
    assert list(kinds) == [str(kind) for kind in CONTENTS.required]
    for kind, items in CONTENTS.required.items():
        assert "; ".join(CONTENTS.items[item].meaning["en"] for item in items) in kinds[kind]
    found = rows(page, "What must not be said")
    assert list(found) == list(behaviours())
    for key, behaviour in behaviours().items():
        assert ", ".join(behaviour.source) in found[key]
    for name in (*EACH_LANGUAGE, *TEXTS):
        assert f"`{name}`" in page or f"`[{name}]`" in page
    assert all(f"`{kind}`" in page for kind in ReplyKind)
