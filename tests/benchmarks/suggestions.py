"""How well suggestions are found among answers to "How could we improve?", beside the rules alone and seven cue words.

python -m tests.benchmarks.suggestions --json [--stance accurate]
python -m tests.benchmarks.suggestions --errors

All 300 units of ``models/stance/data/suggestions_kept.csv``, its test half, and the development half, whose errors
``--errors`` prints and the rules were written by.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from models.stance.pairs import labelled_suggestions
from service.core.alignment import SUGGESTS, StanceModel, StancePair, load_stance_model, log_odds
from service.core.alignment.load import WEIGHTS
from service.core.embedding import SentenceTransformerEmbedder, embed
from service.core.suggestions import find_suggestions
from service.core.units import Unit
from service.core.weights import locate, read_manifest
from tests.benchmarks.data import bench_data
from tests.benchmarks.redaction import Row, row

MODELS = Path(__file__).resolve().parents[2] / "models"
COMMENTS_FILE = "nhs_feedback.csv"
CUE_WORDS = re.compile(r"\b(?:should|could|would|more|need|please|suggest)\b", re.IGNORECASE)
HALVES = {
    "suggestions": slice(None),
    "suggestions_test": slice(0, None, 2),
    "suggestions_development": slice(1, None, 2),
}


def labelled_units(folder: Path) -> tuple[list[Unit], list[bool]]:
    """The labelled units and whether each is a suggestion."""
    kept = labelled_suggestions(folder, "suggestions_kept.csv")
    return [unit for unit, _, _ in kept], [suggests for _, suggests, _ in kept]


def suggested(units: Sequence[Unit], model: StanceModel) -> list[bool]:
    """As the pipeline finds them."""
    odds = log_odds(model.score([StancePair(unit.text, unit.question, SUGGESTS) for unit in units]).stance)
    base = locate(read_manifest(MODELS / "manifest.toml")[model.similar_by], MODELS).parent
    vectors = embed([unit.text for unit in units], SentenceTransformerEmbedder(base, model_id=model.similar_by))
    return [bool(found) for found in find_suggestions(units, odds, model.suggests, vectors)]


def by_cue_words(units: Sequence[Unit]) -> list[bool]:
    return [bool(CUE_WORDS.search(unit.text)) for unit in units]


def quality(found: Sequence[bool], labels: Sequence[bool]) -> dict[str, float]:
    """Precision, recall and F1 of the suggestions found; 0 where nothing was found or there was nothing to find."""
    hits = sum(f and label for f, label in zip(found, labels, strict=True))
    precision, recall = hits / max(1, sum(found)), hits / max(1, sum(labels))
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * hits / max(1, sum(found) + sum(labels)),
    }


def rows(folder: Path, model: StanceModel) -> Iterator[Row]:
    units, labels = labelled_units(folder)
    baselines = {"rules": [bool(found) for found in find_suggestions(units)], "cue words": by_cue_words(units)}
    ours = suggested(units, model)
    for benchmark, half in HALVES.items():
        for against, theirs in baselines.items():
            baseline = quality(theirs[half], labels[half])
            for metric, figure in quality(ours[half], labels[half]).items():
                yield row(benchmark, metric, figure, "share", baseline[metric]) | {"against": against}


def development_errors(folder: Path, model: StanceModel) -> Iterator[str]:
    units, labels = labelled_units(folder)
    half = HALVES["suggestions_development"]
    for unit, found, label in zip(units[half], suggested(units, model)[half], labels[half], strict=True):
        if found != label:
            yield f"{'missed' if label else 'wrongly found'}  row {unit.comment + 1}  {unit.text}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--errors", action="store_true", help="the units of the development half that are mistaken")
    parser.add_argument("--stance", choices=WEIGHTS, default="fast")
    options = parser.parse_args()
    folder, model = bench_data(COMMENTS_FILE), load_stance_model(MODELS, options.stance)
    if options.errors:
        print("\n".join(development_errors(folder, model)))
        return
    for line in rows(folder, model):
        print(json.dumps(line) if options.json else "  ".join(f"{value}" for value in line.values()), flush=True)


if __name__ == "__main__":
    main()
