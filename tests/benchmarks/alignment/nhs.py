"""NHS comments: alignment against human sentiment, what the question gains, what pruning costs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from models.stance.pairs import VALUES, nhs_comments
from service.core.aggregate import score_comments
from service.core.alignment import AlignmentScorer, CrossEncoderStance, StancePair
from service.core.text import split_units
from service.core.units import Unit
from service.results import Facet, Purpose, StanceChoice
from tests.benchmarks.alignment.methods import MODELS, Methods, other_weights
from tests.benchmarks.alignment.rows import Row, row
from tests.benchmarks.data import bench_data

WORK = MODELS / "stance" / "work"
TEAM_MINIMUM = 20
ACCURATE_SAMPLE = 400
"""Comments of each trust that the accurate model is measured on, for time."""


def nhs(methods: Methods) -> Iterator[Row]:
    """Alignment with the six NHS values against human sentiment, by comment and by team."""
    comments = nhs_comments(bench_data("nhs_feedback.csv")).reset_index(drop=True)
    found: dict[str, list[dict[str, float]]] = {}
    fast = methods.fast
    choice: StanceChoice = "fast" if fast else "accurate"
    runs = {trust: WORK / f"trust-{choice}-{trust}" / "weights.safetensors" for trust in ("NEAS", "NHFT")}
    across = all(file.exists() for file in runs.values())
    for trained, tested in (("NHFT", "NEAS"), ("NEAS", "NHFT")):
        model = other_weights(runs[trained], choice) if across else methods.model
        part = comments[comments.trust == tested]
        part = (part if fast else part.sample(ACCURATE_SAMPLE, random_state=0)).reset_index(drop=True)
        for name, figures in _nhs_one(methods, model, part).items():
            found.setdefault(name, []).append(figures)
    ours = found.pop("ours")
    benchmark = "nhs_cross_trust" if across else "nhs_seen"
    for metric in ("by_comment", "by_team")[: 2 if fast else 1]:
        for name, figures in found.items():
            yield row(benchmark, metric, _mean_of(ours, metric), "spearman", _mean_of(figures, metric), name)
    yield row(benchmark, "by_scored_comment", _mean_of(ours, "by_scored_comment"), "spearman")
    yield row(benchmark, "scored", _mean_of(ours, "scored"), "share")


def _mean_of(figures: list[dict[str, float]], metric: str) -> float:
    """Mean over the trusts that have the figure: only one of them names its teams."""
    return float(np.mean([f[metric] for f in figures if metric in f]))


def _nhs_one(methods: Methods, model: CrossEncoderStance, comments: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Figures of each method on the comments of one trust."""
    purpose = nhs_purpose()
    units = [
        Unit(i, start, end, text[start:end], question)
        for i, (text, question) in enumerate(zip(comments.text, comments.question, strict=True))
        for start, end in split_units(text)
    ]
    rows = np.array([unit.comment for unit in units])
    sentiment = -comments.sentiment.to_numpy(dtype=float)
    scorer = AlignmentScorer(methods.embedder, model).fit(purpose)
    scores = scorer.transform(units)
    thresholds = scorer.relevance_threshold, scorer.about_threshold
    overall = score_comments(scores.relevance, scores.stance, rows, len(comments), *thresholds).overall
    scored = ~np.isnan(overall)
    alignment = _by_comment(scores.alignment.mean(axis=1), rows, len(comments))
    figures = {"ours": _correlations(alignment, sentiment, comments.team)}
    figures["ours"] |= {
        "by_scored_comment": float(spearmanr(overall[scored], sentiment[scored]).statistic),
        "scored": float(scored.mean()),
    }
    pairs = [[StancePair(u.text, None, f"{f.title}: {f.text}") for u in units] for f in purpose.facets]
    for name, score in methods.baselines().items():
        unit_scores = np.mean([score(column) for column in (pairs[:1] if name == "vader" else pairs)], axis=0)
        figures[name] = _correlations(_by_comment(unit_scores, rows, len(comments)), sentiment, comments.team)
    return figures


def _by_comment(values: np.ndarray, rows: np.ndarray, n: int) -> np.ndarray:
    counts = np.bincount(rows, minlength=n)
    return np.bincount(rows, weights=values, minlength=n) / np.maximum(counts, 1)


def _correlations(alignment: np.ndarray, sentiment: np.ndarray, team: pd.Series) -> dict[str, float]:
    figures = {"by_comment": float(spearmanr(alignment, sentiment).statistic)}
    groups = pd.DataFrame({"a": alignment, "s": sentiment, "team": team}).dropna().groupby("team")
    means = groups.mean()[groups.size() >= TEAM_MINIMUM]
    if len(means) > 2:
        figures["by_team"] = float(spearmanr(means.a, means.s).statistic)
    return figures


def nhs_purpose() -> Purpose:
    facets = tuple(Facet(facet_id=title, title=title, text=text) for title, text in VALUES.items())
    return Purpose(statement=" ".join(VALUES.values()), facets=facets)


def question_context(methods: Methods) -> Iterator[Row]:
    """What the question gains: short NHS answers against human sentiment, with the question and without."""
    comments = nhs_comments(bench_data("nhs_feedback.csv"))
    short = comments[[len(text.split()) <= 4 for text in comments.text]].drop_duplicates(["text", "question"])
    facets = [f"{title}: {text}" for title, text in VALUES.items()]
    sentiment = -short.sentiment.to_numpy(dtype=float)

    def spearman(*, with_question: bool) -> float:
        questions = short.question if with_question else [None] * len(short)
        alignment = [
            methods.ours([StancePair(t, q, facet) for t, q in zip(short.text, questions, strict=True)])
            for facet in facets
        ]
        return float(spearmanr(np.mean(alignment, axis=0), sentiment).statistic)

    yield row(
        "question_context",
        "short_answers",
        spearman(with_question=True),
        "spearman",
        spearman(with_question=False),
        "no question",
    )


def pruning(methods: Methods) -> Iterator[Row]:
    """What pruning saves and costs on NHS units: pairs not asked, and the alignment lost by not asking them."""
    comments = nhs_comments(bench_data("nhs_feedback.csv")).sample(600, random_state=0)
    units = [Unit(i, 0, len(t), t, q) for i, (t, q) in enumerate(zip(comments.text, comments.question, strict=True))]
    purpose = nhs_purpose()
    full = AlignmentScorer(methods.embedder, methods.model, prune_below=-np.inf).fit(purpose).transform(units)
    cut = AlignmentScorer(methods.embedder, methods.model).fit(purpose).transform(units)
    lost = (full.relevance > 0) & (cut.relevance == 0)
    relevant = full.relevance >= AlignmentScorer(methods.embedder, methods.model).relevance_threshold
    yield row("pruning", "pairs_not_asked", float(lost.mean()), "share")
    yield row("pruning", "relevant_pairs_lost", float((lost & relevant).sum() / relevant.sum()), "share")
