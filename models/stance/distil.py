"""Soft labels of the teacher for real, unlabelled comments beside many facets: what the student learns most from.

    python -m models.stance.distil [--teacher teacher]

Comments: NHS answers, the worker survey, restaurant sentences, and the written comments and pairs of the training
organisations beside facets of other organisations. Facets: those that may be trained on. Each unit stands beside two
facets that are near to it by embedding, one farther off or now and then drawn from all, and the sentence its polarity
is read from. Writes models/stance/work/distilled.ndjson, which holds people's words and stays there.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from models.stance.nhs_facets import THEME_FACETS, VALUES
from models.stance.pairs import DISTILLED, is_held_out, nhs_comments, read_workplace_pairs, workplace_facets
from models.stance.train import WORK, base_folder, load_trained, network
from models.stance.written import comments, facets, pairs
from service.core.alignment import StancePair, facet_text
from service.core.alignment.cross_encoder import BATCH_TOKENS, POLARITY
from service.core.alignment.packing import batches
from service.core.embedding import SentenceTransformerEmbedder, embed
from service.core.text import normalise, split_units

MOST = {"nhs": 2200, "worker": 300, "restaurant": 300, "written": 1200}
"""Units of each set."""
NEAR, FARTHER = 8, 60
"""Facets a unit is near to, and those after them, by cosine."""
AT_ONCE = 2000

Asked = tuple[str, str | None]


def unlabelled(root: Path, rng: random.Random) -> list[Asked]:
    """Distinct (text, question), at most ``MOST`` of each set."""
    frame = nhs_comments(root)
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


def beside(asked: Sequence[Asked], facets_: list[str], rng: random.Random) -> list[StancePair]:
    """The pairs to label."""
    embedder = SentenceTransformerEmbedder(base_folder(), model_id="all-MiniLM-L6-v2")
    cosine = embed([text for text, _ in asked], embedder) @ embed(facets_, embedder).T
    order = np.argsort(-cosine, axis=1, kind="stable")[:, :FARTHER]
    found = []
    for (text, question), near in zip(asked, order.tolist(), strict=True):
        columns = {*rng.sample(near[:NEAR], 2), rng.choice([*near[NEAR:], rng.randrange(len(facets_))])}
        found += [StancePair(text, question, facet) for facet in (*(facets_[c] for c in sorted(columns)), POLARITY)]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teacher", default="teacher", help="folder in models/stance/work")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    root = Path(os.environ.get("PLUMBLINE_BENCH_DATA", "../shared/data"))
    rng = random.Random(arguments.seed)
    asked = beside(unlabelled(root, rng), statements(root), rng)
    model = network("teacher")
    load_trained(model, WORK / arguments.teacher)
    model.eval()
    with DISTILLED.with_suffix(".part").open("w", encoding="utf-8") as out, torch.inference_mode():
        for at in range(0, len(asked), AT_ONCE):
            part = asked[at : at + AT_ONCE]
            target = np.zeros((len(part), 3))
            for packs in batches(model.packs(part), model.cost, BATCH_TOKENS):
                batch = model.collate(packs)
                target[batch.pairs] = torch.softmax(model(batch), dim=-1).numpy()
            for pair, probability in zip(part, target.round(4).tolist(), strict=True):
                line = {"text": pair.text, "question": pair.question, "facet": pair.facet, "target": probability}
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
            print(json.dumps({"labelled": at + len(part), "of": len(asked)}), flush=True)
    DISTILLED.with_suffix(".part").replace(DISTILLED)


if __name__ == "__main__":
    main()
