"""Every text for people has its translations, and the check that says so can fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def copy(tmp_path: Path, repository: Path) -> Path:
    """A small program with one text in Python and one in a template, and empty catalogs."""
    import shutil

    (tmp_path / "script").mkdir()
    shutil.copy(repository / "script" / "messages.py", tmp_path / "script")
    package = tmp_path / "src" / "doorstep"
    (package / "templates").mkdir(parents=True)
    (package / "words.py").write_text('_("Good morning")\nngettext("%(n)s key", "%(n)s keys", n)\n')
    (package / "templates" / "page.html").write_text(
        "{% translate 'It’s a \"door\"' %}{% blocktranslate trimmed %}\n Hello\n {{ name }}."
        "{% endblocktranslate %}{{ x|default:_('Nobody') }}"
    )
    for folder in ("zh_Hans", "zh_Hant"):
        place = package / "locale" / folder / "LC_MESSAGES"
        place.mkdir(parents=True)
        (place / "django.po").write_text(
            'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8"'
        )
    return tmp_path


def messages(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "script/messages.py", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONUTF8": "1"},
    )


def test_every_text_of_the_program_is_translated(repository: Path) -> None:
    found = messages(repository, "--check")
    assert found.returncode == 0, found.stdout + found.stderr


def test_a_text_without_translation_is_named_with_its_place(copy: Path) -> None:
    found = messages(copy, "--check")
    assert found.returncode == 1
    for words in (
        "zh-Hans lacks 'Good morning' (src/doorstep/words.py:1)",
        "zh-Hant lacks 'Good morning' (src/doorstep/words.py:1)",
        "'%(n)s key'",
        "'Hello %(name)s.'",
        "'Nobody'",
        "'It’s a \"door\"'",
    ):
        assert words in found.stdout


def test_bringing_catalogs_up_to_date_keeps_and_drops_and_compiles(copy: Path) -> None:
    catalog = copy / "src" / "doorstep" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    with catalog.open("a", encoding="utf-8") as stream:
        stream.write('\n\nmsgid "Good morning"\nmsgstr "早上好"\n\nmsgid "Gone"\nmsgstr "没了"\n')
    assert messages(copy).returncode == 1, "the new texts still wait for their translations"
    text = catalog.read_text("utf-8")
    assert "早上好" in text
    assert "Gone" not in text
    assert 'msgid "Nobody"\nmsgstr ""' in text
    assert catalog.with_suffix(".mo").exists()


def test_an_option_nobody_knows_is_refused(copy: Path) -> None:
    assert messages(copy, "--chekc").returncode == 2
