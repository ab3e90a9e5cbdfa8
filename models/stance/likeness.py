"""Trains the likeness of units and facets: what their embeddings tell of whether the one is about the other.

    python -m models.stance.likeness [--seed 7]

Learns from the accurate model's labels in models/stance/work/distilled.gz and from the written comments and pairs of
the training organisations. Prints the area under the curve on the development organisations after each time through,
and writes models/stance/work/likeness/weights.safetensors. About three minutes, of which embedding takes most.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from models.stance.distil import DISTILLED
from models.stance.pairs import Example
from models.stance.train import ALL_SOURCES, WORK, base_folder, read_examples
from models.stance.written import kept_comments
from service.core.alignment.cross_encoder import BASE, POLARITY
from service.core.alignment.likeness import PRODUCT_SCALE
from service.core.embedding import SentenceTransformerEmbedder, embed

SOURCES = ("written", "written_pairs", "hard_pairs", "workplace")
PROJECTED, HIDDEN, DROPOUT = 256, 64, 0.2
EPOCHS, BATCH, LEARNING_RATE = 6, 1024, 2e-3


class Network(nn.Module):
    """What ``service.core.alignment.likeness.Likeness`` computes, to be trained."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.unit = nn.Linear(dimension, PROJECTED)
        self.facet = nn.Linear(dimension, PROJECTED)
        self.hidden = nn.Linear(2 * PROJECTED, HIDDEN)
        self.out = nn.Linear(HIDDEN, 1)
        self.cosine = nn.Parameter(torch.tensor([5.0]))
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, units: Tensor, facets: Tensor) -> Tensor:
        """Log-odds, (n,), of ``units`` and ``facets``, (n, dim), row by row."""
        of_units, of_facets = self.unit(self.dropout(units)), self.facet(self.dropout(facets))
        both = torch.cat([PRODUCT_SCALE * of_units * of_facets, (of_units - of_facets).abs()], dim=1)
        hidden = torch.relu(self.hidden(self.dropout(both)))
        total: Tensor = self.out(hidden)[:, 0] + self.cosine * (units * facets).sum(dim=1)
        return total


def examples(root: Path, seed: int) -> list[Example]:
    (found,) = read_examples(DISTILLED)
    found += [example for name in SOURCES for example in ALL_SOURCES[name](root, seed)]
    return [example for example in found if example.facet != POLARITY]


def arrays(found: list[Example], embedder: SentenceTransformerEmbedder) -> tuple[Tensor, Tensor, Tensor]:
    """Vectors of units and of facets, (n, dim), and how far each unit is about its facet, (n,)."""
    vectors = []
    for texts in ([e.text for e in found], [e.facet for e in found]):
        place = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        vectors.append(torch.from_numpy(embed(list(place), embedder)[[place[text] for text in texts]]))
    return vectors[0], vectors[1], torch.tensor([1 - e.target[0] for e in found])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    seed = parser.parse_args().seed
    root = Path(os.environ.get("PLUMBLINE_BENCH_DATA", "../shared/data"))
    embedder = SentenceTransformerEmbedder(base_folder(), model_id=BASE)
    units, facets, about = arrays(examples(root, seed), embedder)
    kept_units, kept_facets, kept_about = arrays(kept_comments("development"), embedder)
    torch.manual_seed(seed)
    network = Network(units.shape[1])
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=0.05)
    steps = EPOCHS * -(-len(units) // BATCH)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, steps)
    for epoch in range(EPOCHS):
        network.train()
        for rows in torch.randperm(len(units)).split(BATCH):
            loss = nn.functional.binary_cross_entropy_with_logits(network(units[rows], facets[rows]), about[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        network.eval()
        with torch.inference_mode():
            found = network(kept_units, kept_facets).numpy()
        cosine = (kept_units * kept_facets).sum(dim=1).numpy()
        truth = np.asarray(kept_about) > 0.5
        areas = {name: round(roc_auc_score(truth, scores), 3) for name, scores in (("own", found), ("cosine", cosine))}
        print(json.dumps({"epoch": epoch, "loss": round(loss.item(), 4), "development_auc": areas}), flush=True)
    (WORK / "likeness").mkdir(parents=True, exist_ok=True)
    weights = {name: value.detach().half().contiguous() for name, value in network.named_parameters()}
    save_file(weights, WORK / "likeness" / "weights.safetensors")


if __name__ == "__main__":
    main()
