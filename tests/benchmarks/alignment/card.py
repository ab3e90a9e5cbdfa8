"""The validity card, from the rows of a whole run."""

from __future__ import annotations

import json
from pathlib import Path

from service.core.weights import read_manifest
from tests.benchmarks.alignment.methods import MODELS
from tests.benchmarks.alignment.rows import Row
from tests.benchmarks.alignment.stance import CLEAR

VADER = "vader"
CARD = {
    ("written_comments", "three_way_accuracy", "vader_x_relevance"): (
        "ordinary comments written for Plumbline, facets not trained on",
        "supports, contradicts or is not about it: share right",
    ),
    ("written_comments", "three_way_balanced", "vader_x_relevance"): (
        "the same",
        "mean of the shares right among those that support, contradict and are not about it",
    ),
    ("written_comments", "stance_accuracy", VADER): (
        "those of them that are about the facet",
        "share on the right side",
    ),
    ("written_pairs", "ordered", VADER): (
        "opposed pairs written for Plumbline to be hard, facets not trained on",
        "share in which the supporting one scores higher",
    ),
    ("written_pairs", "both_right", VADER): ("the same", f"share with both sides right beyond ±{CLEAR}"),
    ("workplace_pairs", "ordered", VADER): (
        "older opposed pairs, indirect and sarcastic ones among them",
        "share in which the supporting one scores higher",
    ),
    ("perspectrum_test", "stance_accuracy", VADER): (
        "Perspectrum test: claims and perspectives",
        "share on the right side",
    ),
    ("argkp_test", "stance_accuracy", VADER): ("ArgKP test: topics and arguments", "share on the right side"),
}
LIMITS = (
    "The comments and pairs were written by Plumbline's makers; people in your organisation write otherwise.",
    "Sarcasm, and stories that leave the point unsaid, are often read wrongly: read a facet over many respondents, not "
    "comment by comment.",
    "Measured on English only, with the question where there was one.",
)


def write_card(file: Path, rows: list[Row], model_id: str) -> None:
    """The validity card that ``/v1/info`` and the report show, from the rows of a whole run."""
    figures = []
    for line in rows:
        key = (line["benchmark"], line["metric"], line.get("against", ""))
        if key in CARD:
            data, metric = CARD[key]
            kept = {name: line[name] for name in ("value", "low", "high", "n", "baseline", "against")}
            figures.append({"data": data, "metric": metric} | kept)
    if len(figures) != len(CARD):
        raise SystemExit(f"the card needs {len(CARD)} figures, found {len(figures)}: run without --only")
    weights = read_manifest(MODELS / "manifest.toml")[model_id].sha256
    card = {"weights": weights, "figures": figures, "limits": LIMITS}
    file.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
