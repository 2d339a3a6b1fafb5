"""Trains the model of abusive language and writes its weights, figures and card.

    python script/train_abusive.py FOLDER

FOLDER holds train.csv.gz of COLDataset (columns topic, label, TEXT; Apache-2.0). Its texts are read
and never kept. Rows of our own (train_abusive_rows.toml) are added, because that data set knows no
collections desk; a tenth of both is kept unseen. Needs requirements/train.txt on top of what the
program needs. The same data, seed and versions give the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
import sklearn
from abusive_split import SEED, held_out
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_recall_fscore_support, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from doorstep.outreach.abusive import BITS, GRAMS, MODEL, hashed_grams
from doorstep.outreach.folding import fold
from doorstep.outreach.shelf import shipped_templates

STRENGTH = 10.0
OWN = Path(__file__).with_name("train_abusive_rows.toml")
OWN_ROWS = 1200


def main() -> None:
    """Reads, splits, trains, measures, writes."""
    rows = [*_rows(Path(sys.argv[1])), *own_rows()]
    texts = [fold(row["TEXT"]).text.strip() for row in rows]
    labels = np.array([int(row["label"]) for row in rows])
    topics = np.array([row["topic"] for row in rows])
    unseen = np.array([held_out(text) for text in texts])
    grams = _matrix(texts)
    learner = LogisticRegression(C=STRENGTH, max_iter=1000, random_state=SEED)
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    seen = ~unseen
    across = cross_val_predict(
        learner, grams[seen], labels[seen], cv=folds, method="decision_function"
    )
    platt = LogisticRegression(C=1e6).fit(across.reshape(-1, 1), labels[seen])
    learner.fit(grams[seen], labels[seen])
    scale = float(np.abs(learner.coef_).max()) / 127
    weights = np.rint(learner.coef_[0] / scale).astype(np.int8)
    numbers = [scale, learner.intercept_[0], platt.coef_[0][0], platt.intercept_[0]]
    MODEL.parent.mkdir(exist_ok=True)
    np.savez_compressed(MODEL, weights=weights, numbers=np.array(numbers))
    scores = grams[unseen] @ (weights * scale) + numbers[1]
    logits = numbers[2] * scores + numbers[3]
    public = topics[unseen] != "own"
    figures = {
        "version": "1",
        "rows": int((topics != "own").sum()),
        "own_rows": int((topics == "own").sum()),
        "trained_on": int(seen.sum()),
        "unseen": int(unseen.sum()),
        "seed": SEED,
        "sklearn": sklearn.__version__,
        "bits": BITS,
        "grams": list(GRAMS),
        "bytes": MODEL.stat().st_size,
        "cross_validated_macro_f1": _round(f1_score(labels[seen], across > 0, average="macro")),
        "held_out": _figures(labels[unseen][public], logits[public]),
        "held_out_own": _figures(labels[unseen][~public], logits[~public]),
        "other_topic": _other_topics(grams, labels, topics),
    }
    MODEL.with_suffix(".json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    print(json.dumps(figures, indent=2))


def _rows(folder: Path) -> list[dict[str, str]]:
    with gzip.open(folder / "train.csv.gz") as packed:
        return list(csv.DictReader(io.TextIOWrapper(packed, "utf-8-sig")))


def own_rows() -> list[dict[str, str]]:
    """Rows put together by seed from our own words, half of them abusive, and all that ships."""
    words = tomllib.loads(OWN.read_text("utf-8"))
    chance = np.random.default_rng(SEED)
    rows: dict[str, str] = {}
    for label, kind, middle in (("1", "abusive", "insults"), ("0", "neutral", "sentences")):
        lists = [words[kind][name] for name in ("openings", middle, "tails")]
        for _row in range(OWN_ROWS):
            rows.setdefault("".join(str(chance.choice(each)) for each in lists), label)
    for template in shipped_templates().values():
        for text in template.texts.values():
            rows |= dict.fromkeys(filter(None, text.body.splitlines()), "0")
    return [{"topic": "own", "label": label, "TEXT": text} for text, label in rows.items()]


def _matrix(texts: list[str]) -> Any:
    documents, buckets = hashed_grams(texts)
    count = np.bincount(documents, minlength=len(texts))
    values = 1 / np.sqrt(count[documents])
    return sp.csr_matrix((values, (documents, buckets)), shape=(len(texts), 1 << BITS))


def _figures(labels: Any, logits: Any) -> dict[str, Any]:
    chance = 1 / (1 + np.exp(-logits))
    parts = precision_recall_fscore_support(labels, chance > 0.5)
    return {
        "macro_f1": _round(f1_score(labels, chance > 0.5, average="macro")),
        "auc": _round(roc_auc_score(labels, chance)),
        "brier": _round(float(np.mean((chance - labels) ** 2))),
        "calibration_error": _round(_calibration_error(labels, chance)),
        "classes": {
            name: {
                "precision": _round(parts[0][each]),
                "recall": _round(parts[1][each]),
                "f1": _round(parts[2][each]),
                "rows": int(parts[3][each]),
            }
            for each, name in enumerate(("not abusive", "abusive"))
        },
    }


def _calibration_error(labels: Any, chance: Any) -> float:
    """Expected calibration error over ten bins of equal width."""
    bins = np.minimum((chance * 10).astype(int), 9)
    return float(
        sum(
            abs(labels[bins == each].mean() - chance[bins == each].mean()) * (bins == each).mean()
            for each in range(10)
            if (bins == each).any()
        )
    )


def _other_topics(grams: Any, labels: Any, topics: Any) -> dict[str, float]:
    """Macro-F1 on a topic the learner has not seen, by topic: what happens on other matters."""
    found = {}
    for topic in sorted(set(topics)):
        inside = topics == topic
        learner = LogisticRegression(C=STRENGTH, max_iter=1000, random_state=SEED)
        learner.fit(grams[~inside], labels[~inside])
        found[topic] = _round(
            f1_score(labels[inside], learner.predict(grams[inside]), average="macro")
        )
    return found


def _round(value: float) -> float:
    return round(float(value), 4)


if __name__ == "__main__":
    main()
