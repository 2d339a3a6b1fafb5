"""Proofs checked against the vectors for RFC 6962 that lie beside the repository."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from doorstep.evidence.verify import consistency_holds, inclusion_holds

pytestmark = pytest.mark.outside


def vectors(outside: Path, kind: str) -> list[dict[str, Any]]:
    folder = outside / "data" / "vectors" / "rfc6962" / "testdata" / kind
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.rglob("*.json"))]


def raw(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def test_every_inclusion_vector_is_judged_as_it_should_be(outside: Path) -> None:
    cases = vectors(outside, "inclusion")
    wrong = [
        case["desc"]
        for case in cases
        if inclusion_holds(
            index=case["leafIdx"],
            size=case["treeSize"],
            leaf=raw(case["leafHash"]),
            path=[raw(step) for step in case["proof"] or ()],
            root=raw(case["root"]),
        )
        is bool(case.get("wantErr"))
    ]
    assert (len(cases), wrong) == (98, [])


def test_every_consistency_vector_is_judged_as_it_should_be(outside: Path) -> None:
    cases = vectors(outside, "consistency")
    wrong = [
        case["desc"]
        for case in cases
        if consistency_holds(
            old=case["size1"],
            new=case["size2"],
            old_root=raw(case["root1"]),
            new_root=raw(case["root2"]),
            path=[raw(step) for step in case["proof"] or ()],
        )
        is bool(case.get("wantErr"))
    ]
    assert (len(cases), wrong) == (98, [])
