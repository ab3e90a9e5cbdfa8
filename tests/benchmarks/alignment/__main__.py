"""How right relevance, stance and alignment are, beside cosine, VADER and VADER × relevance, on data not trained on.

python -m tests.benchmarks.alignment --json [--stance accurate] [--weights FILE] [--only NAME …]

``--weights`` measures another fast network than the one in the manifest, with its calibration. The NHS figures are
cross-trust when the weights of ``models.stance.train --trusts`` lie in models/stance/work (runs ``trust-fast-NEAS``,
``trust-accurate-NEAS`` and so on); otherwise the shipped ones, which have seen both trusts, are measured and the
benchmark is named ``nhs_seen``. The accurate model is measured on a part of the comments.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from models.stance.train import base_folder
from service.core.alignment import load_stance_model
from service.core.embedding import SentenceTransformerEmbedder
from tests.benchmarks.alignment.card import write_card
from tests.benchmarks.alignment.methods import MODELS, STANCES, Methods, other_weights
from tests.benchmarks.alignment.nhs import nhs, pruning, question_context
from tests.benchmarks.alignment.rows import Row
from tests.benchmarks.alignment.speed import speed
from tests.benchmarks.alignment.stance import (
    argkp,
    calibration,
    opposed_pairs,
    ordinary_comments,
    perspectrum,
    written_comments,
    written_pairs,
)

BENCHMARKS: dict[str, Callable[[Methods], Iterator[Row]]] = {
    "written_comments": written_comments,
    "written_pairs": written_pairs,
    "opposed_pairs": opposed_pairs,
    "ordinary_comments": ordinary_comments,
    "perspectrum": perspectrum,
    "argkp": argkp,
    "calibration": calibration,
    "question_context": question_context,
    "pruning": pruning,
    "speed": speed,
    "nhs": nhs,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object a line; otherwise a table")
    parser.add_argument("--stance", default="fast", choices=STANCES, help="the stance model to measure")
    parser.add_argument("--weights", type=Path, help="other weights of the fast model")
    parser.add_argument("--card", type=Path, help="write the validity card there, of the weights in the manifest")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS))
    arguments = parser.parse_args()
    model = other_weights(arguments.weights) if arguments.weights else load_stance_model(MODELS, arguments.stance)
    methods = Methods(model, SentenceTransformerEmbedder(base_folder(), model_id="all-MiniLM-L6-v2"))
    rows = []
    for name in arguments.only:
        for found in BENCHMARKS[name](methods):
            rows.append(found)
            if arguments.json:
                print(json.dumps(found), flush=True)
            else:
                cells = (found["benchmark"], found["metric"], found["value"], found["unit"], found["baseline"])
                print("\t".join(str(cell) for cell in (*cells, found.get("against", ""))), flush=True)
    if arguments.card:
        write_card(arguments.card, rows, model.model_id)


if __name__ == "__main__":
    sys.exit(main())
