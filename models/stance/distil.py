"""Soft labels of the teacher for real, unlabelled comments beside many facets, for the student to learn from.

    python -m models.stance.distil --collect pairs.gz [--trusts NEAS]
    python -m models.stance.distil --pairs pairs.gz [--teacher teacher-finish] [--device cuda] [--out distilled.gz]

Comments: NHS answers, the worker survey, restaurant sentences, and the written comments and pairs of the training
organisations beside facets of other organisations. Facets: those that may be trained on. Each unit stands beside two
facets that are near to it by embedding, one farther off or now and then drawn from all, and the sentence its polarity
is read from. What is written holds people's words and stays in models/stance/work/.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from models.stance.nhs_facets import THEME_FACETS, VALUES
from models.stance.pairs import (
    Example,
    graded,
    is_held_out,
    nhs_comments,
    read_workplace_pairs,
    workplace_facets,
)
from models.stance.train import WORK, base_folder, load_trained, network, read_examples, write_examples
from models.stance.written import comments, facets, pairs
from service.core.alignment import StancePair, facet_text
from service.core.alignment.cross_encoder import BATCH_TOKENS, POLARITY
from service.core.alignment.packing import batches
from service.core.embedding import SentenceTransformerEmbedder, embed
from service.core.text import normalise, split_units

MOST = {"nhs": 8000, "worker": 1000, "restaurant": 2500, "written": 9000}
"""Units of each set."""
NEAR, FARTHER = 8, 60
"""Facets a unit is near to, and those after them, by cosine."""
DISTILLED = WORK / "distilled.gz"

Asked = tuple[str, str | None]


def unlabelled(root: Path, rng: random.Random, trusts: Sequence[str]) -> list[Asked]:
    """Distinct (text, question), at most ``MOST`` of each set; NHS comments of ``trusts`` only."""
    frame = nhs_comments(root)
    frame = frame[frame.trust.isin(trusts)]
    worker = pd.read_csv(root / "worker_survey.csv")
    restaurant = pd.read_csv(root / "aspect_sentiment.csv")
    sides = [pair[side] for pair in pairs("train") for side in ("supports", "contradicts", "unrelated")]
    sets: dict[str, list[Asked]] = {
        "nhs": _units(zip(frame.text, frame.question, strict=True)),
        "worker": _units(zip(worker.text, worker.question, strict=True)),
        "restaurant": [(text, None) for text in dict.fromkeys(restaurant.text)],
        "written": [*((c["text"], c["question"]) for c in comments("train")), *((side, None) for side in sides)],
    }
    found: dict[Asked, None] = {}
    for name, asked in sets.items():
        rng.shuffle(asked)
        found |= dict.fromkeys(asked[: MOST[name]])
    return list(found)


def _units(answers: Iterator[Asked]) -> list[Asked]:
    """Idea units, as the service makes them, with their questions."""
    found = {}
    for text, question in answers:
        clean = normalise(str(text))
        for start, end in split_units(clean):
            found[(clean[start:end], question)] = None
    return [(text, question) for text, question in found if len(text.split()) <= 60]


def statements(root: Path) -> list[str]:
    """Every facet that may be trained on, in all its wordings."""
    own = [wording for facet in facets("train").values() for wording in (*facet["phrasings"], *facet["broken"])]
    older = [wording for facet in workplace_facets() if not facet["held_out"] for wording in facet["phrasings"]]
    hard = [pair["facet"] for pair in read_workplace_pairs(root) if not is_held_out(pair["facet"])]
    themes = [wording for wordings in THEME_FACETS.values() for wording in wordings]
    values = [facet_text(title, text) for title, text in VALUES.items()]
    return list(dict.fromkeys([*own, *older, *hard, *themes, *values]))


def beside(asked: Sequence[Asked], facets_: list[str], rng: random.Random) -> list[Example]:
    """The pairs to label; their targets say nothing yet."""
    embedder = SentenceTransformerEmbedder(base_folder(), model_id="all-MiniLM-L6-v2")
    cosine = embed([text for text, _ in asked], embedder) @ embed(facets_, embedder).T
    order = np.argsort(-cosine, axis=1, kind="stable")[:, :FARTHER]
    found = []
    for (text, question), near in zip(asked, order.tolist(), strict=True):
        columns = {*rng.sample(near[:NEAR], 2), rng.choice([*near[NEAR:], rng.randrange(len(facets_))])}
        beside_it = [*(facets_[column] for column in sorted(columns)), POLARITY]
        found += [Example(text, question, facet, graded(0.5, 0.5), "distilled") for facet in beside_it]
    return found


def label(examples: list[Example], teacher: str, device: str) -> list[Example]:
    """``examples`` with what the teacher says of each."""
    model = network("teacher")
    target = np.zeros((len(examples), 3))
    packs = model.packs([StancePair(e.text, e.question, e.facet) for e in examples])
    load_trained(model, WORK / teacher)
    model.to(device).train(mode=False)
    most = BATCH_TOKENS * (8 if device == "cuda" else 1)
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
        for step in batches(packs, model.cost, most):
            batch = model.collate(step)
            target[batch.pairs] = torch.softmax(model(batch).float(), dim=-1).cpu().numpy()
    return [replace(e, target=tuple(row)) for e, row in zip(examples, target.round(4).tolist(), strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--collect", type=Path, help="write the pairs to label to this file")
    parser.add_argument("--pairs", type=Path, help="label the pairs of such a file")
    parser.add_argument("--trusts", nargs="+", default=["NEAS", "NHFT"])
    parser.add_argument("--teacher", default="teacher-finish", help="folder in models/stance/work")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--out", type=Path, default=DISTILLED)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    root = Path(os.environ.get("PLUMBLINE_BENCH_DATA", "../shared/data"))
    if arguments.collect:
        rng = random.Random(arguments.seed)
        asked = unlabelled(root, rng, arguments.trusts)
        write_examples([beside(asked, statements(root), rng)], arguments.collect)
    if arguments.pairs:
        (pairs_,) = read_examples(arguments.pairs)
        write_examples([label(pairs_, arguments.teacher, arguments.device)], arguments.out)


if __name__ == "__main__":
    main()
