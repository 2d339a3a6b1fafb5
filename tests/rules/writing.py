"""Little rulebooks for tests: a folder of packs written from Python values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

FACTS = """\
[kind]
type = "code"
codes = ["call", "message", "visit", "letter"]
zh = "方式"
en = "what is done"
supplied_by = "action"

[channel]
type = "code"
codes = ["phone", "sms", "visit"]
zh = "渠道"
en = "the channel"
supplied_by = "action"

[local_at]
type = "instant"
zh = "当地时刻"
en = "the local moment"
supplied_by = "action"

[local_time]
type = "time"
zh = "当地时间"
en = "the local time"
supplied_by = "action"

[local_day]
type = "day"
zh = "当地日期"
en = "the local day"
supplied_by = "action"

[calls_today]
type = "int"
zh = "当日通话次数"
en = "calls today"
supplied_by = "counters"
max_age = "PT15M"

[consent_hours]
type = "hours"
zh = "同意的时段"
en = "the hours agreed to"
supplied_by = "protections"

[stop_on]
type = "day"
zh = "要求停止的日期"
en = "the day of a request to stop"
supplied_by = "protections"

[reachable]
type = "bool"
zh = "可以联系到"
en = "the borrower can be reached"
supplied_by = "borrower"
if_unknown = "ask"

[recorded]
type = "bool"
zh = "已录音"
en = "the call is recorded"
supplied_by = "action"

[under_way]
type = "bool"
zh = "正在进行"
en = "the contact is under way"
supplied_by = "action"

[tags]
type = "list"
of = "code"
codes = ["a", "b", "c"]
zh = "标记"
en = "the tags"
supplied_by = "content"

[place]
type = "text"
zh = "地点"
en = "the place"
supplied_by = "action"
"""

PACK = """\
id = "{id}"
version = "1"
authority = "Nobody"
jurisdiction = "{jurisdiction}"
{more}
"""


def facts_file(folder: Path, text: str = FACTS) -> Path:
    """A folder with a catalogue and no counters."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "facts.toml").write_text(text, "utf-8")
    (folder / "counters.toml").write_text("", "utf-8")
    return folder


def pack_file(folder: Path, name: str = "cn", jurisdiction: str = "cn", more: str = "") -> None:
    """A pack without rules in the folder."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    text = PACK.format(id=name.replace("/", "-"), jurisdiction=jurisdiction, more=more)
    (folder / name / "pack.toml").write_text(text, "utf-8")


def rule_file(folder: Path, name: str, pack: str = "cn", **parts: Any) -> Path:
    """A rule file. `parts` replace those of a plain quiet-hours rule; None leaves one out."""
    tables: dict[str, Any] = {
        "id": name,
        "title": {"zh": "夜间不打扰", "en": "Quiet at night"},
        "law": "Nobody is called at night.",
        "severity": "block",
        "outcome": "forbid",
        "source": {
            "title": "A law", "article": "1", "force": "law", "confidence": "seen-primary",
        },
        "rule": {"when": "calls_today >= 3"},
        "reason": {"zh": "今天 {calls_today} 次。", "en": "{calls_today} today."},
        "good": [{"facts": {"calls_today": 2}}],
        "bad": [{"facts": {"calls_today": 3}}],
    }  # fmt: skip
    tables |= parts
    path = folder / pack / f"{name.lower()}.toml"
    path.write_text(toml({k: v for k, v in tables.items() if v is not None}), "utf-8")
    return path


def permission(folder: Path, name: str = "P-ALL", pack: str = "cn", **parts: Any) -> Path:
    """A rule that permits every call, message and visit."""
    kinds = "kind in ['call', 'message', 'visit']"
    return rule_file(
        folder, name, pack, severity="permit", outcome="permit",
        **{
            "rule": {"when": kinds}, "good": [{"facts": {"kind": "call"}}],
            "reason": {"zh": "可以。", "en": "It may."},
            "bad": [{"facts": {"kind": "letter"}}], **parts,
        },
    )  # fmt: skip


def toml(tables: dict[str, Any]) -> str:
    """The values as a TOML text: plain keys first, then tables."""
    return "\n".join(_lines(tables, "")) + "\n"


def _lines(tables: dict[str, Any], prefix: str) -> Iterator[str]:
    deep = {k: v for k, v in tables.items() if isinstance(v, dict) or _of_tables(v)}
    for name, value in tables.items():
        if name not in deep:
            yield f"{name} = {_value(value)}"
    for name, value in deep.items():
        for one in value if isinstance(value, list) else [value]:
            mark = ("[[", "]]") if isinstance(value, list) else ("[", "]")
            yield f"{mark[0]}{prefix}{name}{mark[1]}"
            yield from _lines(one, f"{prefix}{name}.")


def _of_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


A_DAY = date(2026, 5, 12)
