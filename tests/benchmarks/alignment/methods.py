"""The measured model and its baselines, and networks that are not in the manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from models.stance.train import base_folder, smollm_file
from service.core.alignment import AlignmentScorer, CrossEncoderStance, PairScores, StancePair
from service.core.alignment.likeness import Likeness
from service.core.alignment.load import WEIGHTS as STANCES
from service.core.alignment.load import accurate_network, fast_network
from service.core.embedding import SentenceTransformerEmbedder, embed
from service.core.units import Unit
from service.core.weights import read_manifest
from service.results import Facet, Purpose, StanceChoice
from tests.benchmarks.alignment.rows import Row, row, spread_of_mean

MODELS = Path(__file__).resolve().parents[3] / "models"
Score = Callable[[list[StancePair]], np.ndarray]


class Methods:
    """The measured model and its baselines, each pairs → alignment in −1…1."""

    def __init__(self, model: CrossEncoderStance, embedder: SentenceTransformerEmbedder) -> None:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

        self.model = model
        self.embedder = embedder
        self._vader = SentimentIntensityAnalyzer()
        self._vectors: dict[str, np.ndarray] = {}
        self._scored: dict[tuple[StancePair, ...], PairScores] = {}

    @property
    def fast(self) -> bool:
        return self.model.model_id == STANCES["fast"]

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
        for number, pair in enumerate(pairs):
            rows.setdefault(pair.facet, []).append(number)
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


def other_weights(file: Path, choice: StanceChoice = "fast") -> CrossEncoderStance:
    """A network that is not in the manifest, with the shipped calibration."""
    from safetensors.numpy import load_file

    model_id = STANCES[choice]
    calibration = load_file(MODELS / read_manifest(MODELS / "manifest.toml")[f"{model_id}-calibration"].file)
    network = fast_network(base_folder(), file) if choice == "fast" else accurate_network(smollm_file(), file)
    weights = load_file(MODELS / "stance" / "likeness.safetensors")
    likeness = Likeness(weights, float(calibration.get("cosine", [0.0])[0]))
    return CrossEncoderStance(network, calibration, model_id=model_id, revision=file.parent.name, likeness=likeness)
