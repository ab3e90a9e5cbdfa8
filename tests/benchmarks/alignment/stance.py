"""Relevance and stance against labels: the project's own held-out sets, two argument sets, and calibration."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from models.stance.pairs import Example, is_held_out, read_workplace_pairs, workplace_test
from models.stance.written import kept_comments, kept_pairs, pairs
from service.core.alignment import StancePair
from tests.benchmarks.alignment.methods import Methods
from tests.benchmarks.alignment.rows import Row, row, spread_of_mean
from tests.benchmarks.data import bench_data

CLEAR = 0.15
ACCURATE_CLAIMS, ACCURATE_FACETS = 800, 3
"""Perspectrum pairs that the accurate model is measured on, and which share of the facets of opposed pairs (a third),
for time."""


def opposed_pairs(methods: Methods) -> Iterator[Row]:
    """Facets of workplace_pairs that were kept for testing."""
    kept = [p for p in read_workplace_pairs(bench_data("workplace_pairs.ndjson")) if is_held_out(p["facet"])]
    measured = measured_facets(methods, [p["facet"] for p in kept])
    kept = [p for p in kept if p["facet"] in measured]
    triples = [StancePair(p[side], None, p["facet"]) for p in kept for side in ("supports", "contradicts", "unrelated")]
    yield from methods.compare("workplace_pairs", triple_metrics, triples, methods.ours(triples))


def measured_facets(methods: Methods, facets: list[str]) -> set[str]:
    """All facets, or every third for the accurate model."""
    every = 1 if methods.fast else ACCURATE_FACETS
    return set(sorted(set(facets))[::every])


def triple_metrics(alignment: np.ndarray) -> dict[str, np.ndarray]:
    """Of pairs in threes, supports, contradicts and unrelated: which way round they come, and how clearly."""
    lived, broken, unrelated = alignment.reshape(-1, 3).T
    return {
        "ordered": (lived > broken).astype(float),
        "both_right": ((lived > CLEAR) & (broken < -CLEAR)).astype(float),
        "unrelated_quiet": (np.abs(unrelated) <= CLEAR).astype(float),
    }


def written_pairs(methods: Methods) -> Iterator[Row]:
    """The project's own opposed pairs on facets that were kept for testing, and which way round by kind."""
    found, kinds = kept_pairs("test"), np.array([pair["phenomenon"] for pair in pairs("test")])
    measured = measured_facets(methods, [e.facet for e in found])
    kinds = kinds[[e.facet in measured for e in found[::3]]]
    found = [e for e in found if e.facet in measured]
    triples = [_pair(e) for e in found]
    ours = methods.ours(triples)
    yield from methods.compare("written_pairs", triple_metrics, triples, ours)
    for kind in np.unique(kinds):
        part = ours.reshape(-1, 3)[kinds == kind]
        ordered = triple_metrics(part)["ordered"]
        yield row(f"written_pairs_{kind}", "ordered", ordered.mean(), "share", spread=spread_of_mean(ordered))


def written_comments(methods: Methods) -> Iterator[Row]:
    """The project's own ordinary comments beside the facets of their organisations, all kept for testing."""
    yield from _three_way(methods, "written_comments", kept_comments("test"))


def ordinary_comments(methods: Methods) -> Iterator[Row]:
    """Its older comments on five facets that were kept for testing; nearly all of them are about none."""
    yield from _three_way(methods, "workplace_comments", workplace_test(0))


def _three_way(methods: Methods, benchmark: str, examples: list[Example]) -> Iterator[Row]:
    beside = [_pair(e) for e in examples]
    truth = np.array([np.argmax(e.target) for e in examples])

    share = np.bincount(truth, minlength=3) / len(truth)

    def metrics(alignment: np.ndarray) -> dict[str, np.ndarray]:
        said = np.where(alignment > CLEAR, 1, np.where(alignment < -CLEAR, 2, 0))
        right = (said == truth).astype(float)
        side = (np.sign(alignment) == np.where(truth == 1, 1, -1)).astype(float)
        return {
            "three_way_accuracy": right,
            "three_way_balanced": right / (3 * share[truth]),
            "stance_accuracy": np.where(truth > 0, side, np.nan),
        }

    yield from methods.compare(benchmark, metrics, beside, methods.ours(beside))


def perspectrum(methods: Methods) -> Iterator[Row]:
    frame = pd.read_csv(bench_data("perspectrum_stance.csv") / "perspectrum_stance.csv")
    frame = frame[frame.split == "test"]
    if not methods.fast:
        frame = frame.sample(ACCURATE_CLAIMS, random_state=0)
    yield from _stance_accuracy(methods, "perspectrum_test", list(frame.text), list(frame.claim), frame.stance)


def argkp(methods: Methods) -> Iterator[Row]:
    frame = pd.read_csv(bench_data("argkp_arguments.csv") / "argkp_arguments.csv")
    frame = frame[frame.split == "test"]
    yield from _stance_accuracy(methods, "argkp_test", list(frame.argument), list(frame.topic), frame.stance)


def _stance_accuracy(
    methods: Methods, benchmark: str, texts: list[str], facets: list[str], stance: pd.Series
) -> Iterator[Row]:
    pairs = [StancePair(text, None, facet) for text, facet in zip(texts, facets, strict=True)]
    truth = np.sign(stance.to_numpy())

    def metrics(alignment: np.ndarray) -> dict[str, np.ndarray]:
        return {"stance_accuracy": (np.where(alignment >= 0, 1, -1) == truth).astype(float)}

    yield from methods.compare(benchmark, metrics, pairs, methods.sides(pairs))


def calibration(methods: Methods) -> Iterator[Row]:
    """Expected calibration error, ten bins: relevance on the ordinary comments, stance on those about a facet.

    Of the accurate model on every fifth comment.
    """
    examples = kept_comments("test")
    if not methods.fast:
        texts = {text for number, text in enumerate(dict.fromkeys(e.text for e in examples)) if number % 5 == 0}
        examples = [e for e in examples if e.text in texts]
    scores = methods.scores([_pair(e) for e in examples])
    about = np.array([1 - e.target[0] > 0.5 for e in examples])
    yield row("calibration", "relevance_ece", expected_calibration_error(scores.relevance, about), "probability")
    supports = np.array([e.target[1] > 0.5 for e in examples])[about]
    probability = (scores.stance[about] + 1) / 2
    yield row("calibration", "stance_ece", expected_calibration_error(probability, supports), "probability")


def expected_calibration_error(probability: np.ndarray, truth: np.ndarray, bins: int = 10) -> float:
    """Mean distance of predicted from observed share over equal-width bins, weighted by their size."""
    place = np.minimum((probability * bins).astype(int), bins - 1)
    gaps = [
        (place == b).sum() * abs(float(probability[place == b].mean()) - float(truth[place == b].mean()))
        for b in np.unique(place)
    ]
    return float(sum(gaps) / len(probability))


def _pair(example: Example) -> StancePair:
    return StancePair(example.text, example.question, example.facet)
