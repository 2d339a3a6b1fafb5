"""How many acts a run decides, from which seed on, and how a failing one is drawn again.

`PROOF_ACTS` (100,000; a release runs 10,000,000) and `PROOF_SEED`. Every part of the proof takes
its share, in batches with seeds of their own. A failure names its batch: `PROOF_BATCH=part:seed`
runs that one alone and draws the very same acts.
"""

from __future__ import annotations

import os

ACTS = int(os.environ.get("PROOF_ACTS", "100000"))
SEED = int(os.environ.get("PROOF_SEED", "20260512"))
ONLY = os.environ.get("PROOF_BATCH", "")
BATCH = 500
SHARES = {"contacts": 0.60, "deeds": 0.12, "abroad": 0.20, "unknown": 0.05, "changes": 0.03}


def batches(part: str, *, shard: int, shards: int) -> list[int]:
    """The seeds of one shard's batches, `BATCH` acts each."""
    if ONLY:
        wanted, _, seed = ONLY.partition(":")
        return [int(seed)] if wanted == part and shard == 0 else []
    place = list(SHARES).index(part)
    count = -(-round(ACTS * SHARES[part]) // BATCH)
    return [SEED + place * 10**9 + number for number in range(shard, count, shards)]


def again(part: str, seed: int) -> str:
    """How a failing act is drawn again."""
    return f"PROOF_BATCH={part}:{seed}"
