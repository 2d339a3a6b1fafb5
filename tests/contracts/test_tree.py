"""The tree itself: sizes, words that hurt, and nothing of one machine in committed files."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

CEILING = 600
CODE = {".py", ".html", ".ts", ".js", ".css", ".toml"}

# Whoever owes is a borrower, a customer, a person. These words appear nowhere people or code read.
# Taken apart here so that this file does not hold them.
HURTFUL = [
    "debt" + "or",
    "default" + "er",
    "dead" + "beat",
    "老" + "赖",
    "催" + "命",
    "施" + "压",
    "欠债" + "人",
    "讨" + "债",
    "老" + "賴",
    "施" + "壓",
    "討" + "債",
]
# What must not be said has to be written down where it is looked for, and nowhere else.
LOOKED_FOR = {
    "field/tests/words.test.ts",
    "script/train_abusive_rows.toml",
    "src/doorstep/outreach/behaviours.toml",
    "tests/outreach/said.toml",
}
# The law cases have words of their own for a person; they stand where cases are read and written.
CASE_WORDS = ("src/doorstep/rules/cases/", "tests/rulepacks/")
RULE_ID = "CN-GBT-" + HURTFUL[0].upper() + "-ONLY"
HURTFUL_PATTERN = re.compile(f"(?i){'|'.join(HURTFUL)}")

MACHINE = {
    "a registry's host": re.compile(
        r"(?i)(py" + r"pi\.org|files\.python" + r"hosted|registry\.npm" + r"js|npm" + r"mirror"
        r"|\bprox" + r"y\.golang|artifact" + r"ory|/sim" + r"ple/)"
    ),
    "an extra index": re.compile(r"--(extra-)?index-" + r"url|--find-" + r"links \S*:"),
    "a path of one machine": re.compile(
        r"(?<![\w.])/(wo" + r"rk|ro" + r"ot|ho" + r"me|Us" + r"ers)/\w"
    ),
}


def committed(repository: Path) -> list[Path]:
    """Every file that git keeps, as it stands in the working tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=repository, capture_output=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return [repository / name for name in names if (repository / name).is_file()]


def text_of(path: Path) -> str:
    """The file's text; nothing for pictures and other bytes."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_file_is_longer_than_the_ceiling(repository: Path) -> None:
    long = {
        path.relative_to(repository).as_posix(): lines
        for path in committed(repository)
        if path.suffix in CODE and (lines := text_of(path).count("\n")) > CEILING
    }
    assert long == {}


def test_no_word_that_hurts_stands_in_code_or_texts(repository: Path) -> None:
    found = [
        f"{path.relative_to(repository)}: {match.group()}"
        for path in committed(repository)
        if path.suffix in {*CODE, ".po", ".md", ".txt"} and "requirements" not in path.parts
        if path.relative_to(repository).as_posix() not in LOOKED_FOR
        for match in HURTFUL_PATTERN.finditer(text_of(path).replace(RULE_ID, ""))
        if not (match.group().lower() == HURTFUL[0] and _has_case_words(path, repository))
    ]
    assert found == []


def _has_case_words(path: Path, repository: Path) -> bool:
    return path.relative_to(repository).as_posix().startswith(CASE_WORDS)


@pytest.mark.parametrize("word", HURTFUL)
def test_the_search_for_hurtful_words_finds_each(word: str) -> None:
    assert HURTFUL_PATTERN.search(f"a {word.upper()}s list")


@pytest.mark.parametrize("kind", MACHINE)
def test_committed_files_hold_nothing_of_one_machine(repository: Path, kind: str) -> None:
    found = [
        f"{path.relative_to(repository)}: {match.group()}"
        for path in committed(repository)
        for match in MACHINE[kind].finditer(text_of(path))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("kind", "planted"),
    [
        ("a registry's host", "https://py" + "pi.org/x"),
        ("a registry's host", "https://registry.npm" + "js.org/x"),
        ("an extra index", "--extra-index-" + "url https://x"),
        ("a path of one machine", "cd /wo" + "rk/main"),
        ("a path of one machine", '"/ho' + 'me/li/book"'),
    ],
)
def test_the_search_for_machine_traces_finds_each(kind: str, planted: str) -> None:
    assert MACHINE[kind].search(planted)
