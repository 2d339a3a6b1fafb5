"""Whatever is done to an export, the verifier finds it by one checkpoint kept elsewhere."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from doorstep.evidence import verify
from doorstep.evidence.keyring import keys
from doorstep.evidence.models import Checkpoint
from tests.evidence import tampering
from tests.evidence.stories import append, export, sign, verified

pytestmark = pytest.mark.django_db
TAMPERS = 2_000
BUNDLES = 400


@pytest.fixture(autouse=True)
def signatures_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same signature of the same text holds again: checking one takes milliseconds."""
    monkeypatch.setattr(verify, "signature_holds", cache(verify.signature_holds))


@pytest.fixture
def exports(tmp_path: Path) -> tuple[Path, Path, str]:
    """A whole log, a bundle of one borrower, and the checkpoint from the second place."""
    for number in range(4):
        append(6, subject=f"C{number % 3 + 1}", case=str(number))
    sign()
    bundle = export(tmp_path / "bundle", borrower="C1")
    whole = export(tmp_path / "whole")
    return whole, bundle, Checkpoint.objects.latest("size").note


def tampered(folder: Path, to: Path, *, seed: int, inside: bool) -> tuple[str, tampering.Copy]:
    rng = np.random.default_rng(seed)
    way = tampering.WAYS[seed % len(tampering.WAYS)]
    copy = tampering.copy_of(folder, rng)
    way(copy)
    if inside and way is not tampering.key_swap:
        tampering.sealed_anew(copy, seed=keys().signing)
    tampering.written(copy, to)
    return way.__name__, copy


def test_two_thousand_tampers_of_a_whole_log_are_all_found(
    exports: tuple[Path, Path, str], tmp_path: Path
) -> None:
    whole, _, note = exports
    assert verified(whole, note)["ok"]
    missed, found = [], Counter[str]()
    for seed in range(TAMPERS):
        inside = seed // len(tampering.WAYS) % 2 == 1
        way, copy = tampered(whole, tmp_path / "altered", seed=seed, inside=inside)
        answer = verified(tmp_path / "altered", note)
        found[way] += 1
        if answer["ok"]:
            missed.append((seed, way, inside))
        elif not inside and way not in {"key_swap"}:
            assert answer["first_bad"] == copy.touched, (seed, way, answer)
    assert missed == []
    assert set(found.values()) == {TAMPERS // len(tampering.WAYS)}


def test_tampers_of_a_bundle_are_all_found(exports: tuple[Path, Path, str], tmp_path: Path) -> None:
    """By an outsider every one; somebody with the log's key cannot alter or slip in an entry, but
    can leave one out: completeness is what the whole log is for."""
    _, bundle, note = exports
    note = Checkpoint.objects.get(size=25).note
    assert verified(bundle, note)["ok"]
    missed = []
    for seed in range(BUNDLES):
        inside = seed // len(tampering.WAYS) % 2 == 1
        way, _ = tampered(bundle, tmp_path / "altered", seed=seed, inside=inside)
        if verified(tmp_path / "altered", note)["ok"] and not (
            inside and way in {"delete", "truncate"}
        ):
            missed.append((seed, way, inside))
    assert missed == []


def test_a_byte_flipped_anywhere_in_any_file_is_found(
    exports: tuple[Path, Path, str], tmp_path: Path
) -> None:
    whole, _, note = exports
    rng = np.random.default_rng(7)
    for path in sorted(whole.iterdir()):
        if path.name == "verify.py":
            continue
        content = path.read_bytes()
        for _ in range(12):
            place, bit = int(rng.integers(len(content))), 1 << int(rng.integers(8))
            flipped = bytearray(content)
            flipped[place] ^= bit
            path.write_bytes(flipped)
            assert not verified(whole, note)["ok"], (path.name, place, bit)
        path.write_bytes(content)
    assert verified(whole, note)["ok"]


def test_a_file_that_is_gone_is_found(exports: tuple[Path, Path, str]) -> None:
    whole, _, note = exports
    for path in sorted(whole.iterdir()):
        content = path.read_bytes()
        path.unlink()
        assert not verified(whole, note)["ok"], path.name
        path.write_bytes(content)


def test_a_checkpoint_that_was_altered_or_is_another_logs_is_not_believed(
    exports: tuple[Path, Path, str],
) -> None:
    whole, _, note = exports
    for altered in (
        note.replace("evidence", "evidenco"),
        note.replace("\n26\n", "\n25\n"),
        "",
        "x",
    ):
        assert verified(whole, altered)["why"] == "The checkpoint is not signed by the log's key."


def test_a_public_key_had_from_elsewhere_is_the_only_one_believed(
    exports: tuple[Path, Path, str],
) -> None:
    whole, _, note = exports
    own = verify.key_read((whole / "log.vkey").read_text("utf-8"))
    another = verify.Key(own.name, bytes(32))
    assert verify.report(whole, note, own)["ok"]
    assert not verify.report(whole, note, another)["ok"]
