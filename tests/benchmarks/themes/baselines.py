"""What the themes are measured beside: k-means told the true number, and BERTopic with its defaults."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Sequence
from dataclasses import dataclass

from service.core.embedding import FloatArray

KMEANS, BERTOPIC = "k-means told k", "BERTopic"
BERTOPIC_MISSING = "BERTopic is not installed (make setup-benchmarks): its figures are left out"


@dataclass(frozen=True, slots=True)
class Grouping:
    """The group of each text; ``other`` is the label of those that have none."""

    labels: list[str]
    other: str
    seconds: float

    @property
    def n_groups(self) -> int:
        return len(set(self.labels) - {self.other})

    @property
    def unassigned(self) -> float:
        """Share of the texts."""
        return self.labels.count(self.other) / len(self.labels)


def kmeans(vectors: FloatArray, count: int) -> list[int]:
    from sklearn.cluster import KMeans

    return [int(label) for label in KMeans(count, n_init=1, random_state=0).fit_predict(vectors)]


def has_bertopic() -> bool:
    return importlib.util.find_spec("bertopic") is not None


def bertopic(texts: Sequence[str], vectors: FloatArray) -> Grouping:
    """UMAP and HDBSCAN as BERTopic sets them, without a seed, on the given embeddings."""
    from bertopic import BERTopic

    began = time.perf_counter()
    topics, _ = BERTopic(embedding_model=None).fit_transform(list(texts), embeddings=vectors)
    return Grouping([str(topic) for topic in topics], "-1", time.perf_counter() - began)
