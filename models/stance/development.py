"""Figures of a run on the development organisations and Perspectrum dev, from its network's own log-odds.

    python -m models.stance.development --run student [--stance accurate]

What runs are chosen by, and what the card's table of what each part brought is made of. Prints a line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from models.stance.pairs import Example
from models.stance.publish import load, perspectrum_dev
from models.stance.written import kept_comments, kept_pairs
from service.core.alignment import CrossEncoderStance, StancePair
from service.core.alignment.load import WEIGHTS


def log_odds(model: CrossEncoderStance, examples: list[Example]) -> tuple[np.ndarray, np.ndarray]:
    """Of being about the facet, and of supporting rather than contradicting it, (n,) each."""
    logits, _ = model.logits([StancePair(e.text, e.question, e.facet) for e in examples])
    return np.logaddexp(logits[:, 1], logits[:, 2]) - logits[:, 0], logits[:, 1] - logits[:, 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True, help="folder in models/stance/work")
    parser.add_argument("--stance", default="fast", choices=WEIGHTS)
    arguments = parser.parse_args()
    model = load(arguments.run, arguments.stance)
    comments = kept_comments("development")
    about, side = log_odds(model, comments)
    truth = np.array([np.argmax(e.target) for e in comments])
    spoken = truth > 0
    pairs = log_odds(model, kept_pairs("development"))[1].reshape(-1, 3)
    root = Path(os.environ.get("PLUMBLINE_BENCH_DATA", "../shared/data"))
    claims = [e for e in perspectrum_dev(root) if e.target[0] < 0.5]
    claimed = np.array([e.target[1] > e.target[2] for e in claims])
    figures = {
        "about_auc": roc_auc_score(spoken, about),
        "side": ((side > 0) == (truth == 1))[spoken].mean(),
        "pairs_ordered": (pairs[:, 0] > pairs[:, 1]).mean(),
        "perspectrum": ((log_odds(model, claims)[1] > 0) == claimed).mean(),
    }
    print(json.dumps({"run": arguments.run} | {name: round(float(value), 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
