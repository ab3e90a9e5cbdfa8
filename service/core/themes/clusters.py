"""Emergent clusters: embeddings → groups that hold still, with their number chosen by stability and fit.

The method: rows are centred, smoothed over a shared-neighbour graph (a simple graph convolution), and grouped by
Ward's method. The number of groups is the one that two halves of the data agree on and that separates the rows best,
with a weak preference for a number a person can read. The groups are then a consensus of those of the whole and of its
halves, which a few comments more or less change less than the groups of the whole alone. It was chosen against
k-means, average linkage and Louvain on Banking77, CLINC150 and the NHS comments
(``python -m tests.benchmarks.themes``); on their train splits fewer neighbours, more smoothing and fewer dimensions
brought nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from service.core.embedding import FloatArray

IntArray = npt.NDArray[np.intp]

MAX_FITTED = 5000
"""Rows the groups are learned from; more rows are assigned to them. Ward's method is quadratic in this."""
SMALL = 30
"""Below this many rows halves say nothing; groups are then the rows that are plainly similar."""
SMALL_SIMILARITY = 0.45
NEIGHBOURS = 15
SMOOTHING_STEPS = 2
SPLITS = 3
PRIOR_WEIGHT = 0.02
PRIOR_POWER = 0.4
"""The preferred number of groups is n ** 0.4: 16 of 1,000 rows, 30 of 5,000. It only decides where the data do not."""
MIN_STRENGTH = (0.004, 0.4)
"""Stability times silhouette must reach the first plus the second divided by the rows. Sentences of random words reach
0.008 with 60 rows and 0.001 with 300; the NHS comments 0.035, Banking77 0.17."""
ONE_TOPIC = 0.5
"""Mean cosine between rows from which they are all about one thing: the requests of one Banking77 intent have 0.52 to
0.65, those of fifteen intents 0.22."""
MIN_FIT = 0.25
"""Similarity to the group's centre under which a row fits no group: 3 in 1,000 CLINC150 requests, but 40 % of those out
of its scope."""
MAX_OTHER = 0.06
"""Share of the fitted rows that may fit no group; ``MIN_FIT`` gives way to it where everything is loosely related."""
MIN_SHARE = 0.003


@dataclass(frozen=True, slots=True)
class Clusters:
    """Groups of rows, ready to take more rows.

    Attributes:
        labels: (n_fitted,), group of each row it was fitted on, −1 for none.
        stability: (n_groups,), cluster-wise Jaccard over half-samples, 0…1; None where rows were too few to halve.
        strength: stability times silhouette of the whole grouping.
    """

    labels: IntArray
    stability: tuple[float | None, ...]
    strength: float
    _mean: FloatArray
    _anchors: FloatArray
    _smoothed: FloatArray
    _centroids: FloatArray
    _smoothed_centroids: FloatArray
    _floor: float
    _shown: IntArray

    @property
    def n_groups(self) -> int:
        return len(self.stability)

    def keep_stable(self, least: float) -> Clusters:
        """Without the groups whose stability is known and below ``least``; their rows then fit no group."""
        dropped = [g for g, value in enumerate(self.stability) if value is not None and value < least]
        kept = [g for g in range(self.n_groups) if g not in dropped]
        number = np.full(self.n_groups + 1, -1, dtype=np.intp)
        number[kept] = np.arange(len(kept))
        return replace(
            self,
            labels=number[self.labels],
            stability=tuple(self.stability[g] for g in kept),
            _shown=number[self._shown],
        )

    def assign(self, embeddings: FloatArray) -> tuple[IntArray, FloatArray]:
        """The group of each row, −1 for none, and its similarity to that group's centre, 0…1.

        Args:
            embeddings: float32, (n, dim), rows of unit length.
        """
        labels = np.full(len(embeddings), -1, dtype=np.intp)
        fit = np.zeros(len(embeddings), dtype=np.float32)
        if self.n_groups == 0:
            return labels, fit
        for start in range(0, len(embeddings), 4096):
            rows = slice(start, start + 4096)
            labels[rows], fit[rows] = self._nearest(embeddings[rows])
        labels = self._shown[np.where(fit < self._floor, -1, labels)]
        return labels, np.clip(fit, 0.0, 1.0)

    def _nearest(self, embeddings: FloatArray) -> tuple[IntArray, FloatArray]:
        """The group whose smoothed centre is nearest, and the cosine to its plain centre, which tells strangers."""
        centred = unit_rows(embeddings - self._mean)
        labels = (self._place(centred) @ self._smoothed_centroids.T).argmax(axis=1)
        return labels, np.einsum("nd,nd->n", centred, self._centroids[labels])

    def _place(self, centred: FloatArray) -> FloatArray:
        """Rows moved towards their nearest fitted rows, as the fitted rows were moved towards each other."""
        if not len(self._smoothed):
            return centred
        similarity = centred @ self._anchors.T
        k = min(neighbours(len(self._anchors)), len(self._anchors))
        nearest = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
        weights = np.maximum(np.take_along_axis(similarity, nearest, axis=1), 0.0)
        weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
        pulled = np.einsum("nk,nkd->nd", weights, self._smoothed[nearest])
        return unit_rows(0.5 * centred + 0.5 * pulled)


def find_clusters(embeddings: FloatArray, halves: npt.NDArray[np.bool_]) -> Clusters:
    """Group rows; the same rows in the same order give the same groups.

    Args:
        embeddings: float32, (n, dim), distinct rows of unit length; n at most ``MAX_FITTED`` is fast.
        halves: bool, (n_splits, n), for each split the half a row falls in.

    Returns:
        The groups, largest first; none when the rows have no stable structure.
    """
    if len(embeddings) < SMALL:
        return _small(embeddings)
    if _mean_cosine(embeddings) >= ONE_TOPIC:
        return _finish(embeddings, np.zeros(len(embeddings), dtype=np.intp), [], 1.0)
    centred = unit_rows(embeddings - embeddings.mean(axis=0))
    smoothed = smooth(centred)
    tree = _ward(smoothed)
    counts = candidate_counts(len(embeddings))
    splits = [(half, ~half) for half in halves if min(half.sum(), (~half).sum()) >= SMALL // 3]
    halved = [(_Half.of(centred, first), _Half.of(centred, second)) for first, second in splits]
    stability = np.array([np.mean([_agreement(centred, *pair, k) for pair in halved]) for k in counts])
    fit = np.array([silhouette(centred, _cut(tree, k)) for k in counts])
    strength = stability * fit
    preferred = len(embeddings) ** PRIOR_POWER
    score = strength - PRIOR_WEIGHT * np.log(np.array(counts) / preferred) ** 2
    best = int(np.argmax(np.convolve(np.pad(score, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")))
    if strength[best] < MIN_STRENGTH[0] + MIN_STRENGTH[1] / len(embeddings):
        return _finish(embeddings, np.full(len(embeddings), -1, dtype=np.intp), [], float(strength[best]))
    both = [half for pair in halved for half in pair]
    labels = _consensus(smoothed, _cut(tree, counts[best]), both, counts[best])
    again = [(half.rows, _cut(half.tree, counts[best])) for half in both]
    return _finish(embeddings, labels, again, float(strength[best]))


def candidate_counts(n: int) -> list[int]:
    """Numbers of groups worth trying for n rows: from 2 to n / 5 or 300, each about 15 % above the one before."""
    counts = [2]
    while (following := max(counts[-1] + 1, round(counts[-1] * 1.15))) <= min(n / 5, 300):
        counts.append(following)
    return counts


def neighbours(n: int) -> int:
    """Neighbours of a row in the graph over n rows."""
    return int(np.clip(n // 12, 3, NEIGHBOURS))


def smooth(centred: FloatArray) -> FloatArray:
    """Rows averaged with their neighbours, weighted by the share of neighbours they have in common.

    Args:
        centred: float32, (n, dim), rows of unit length, n > 3.
    """
    n, k = len(centred), neighbours(len(centred))
    nearest = np.empty((n, k), dtype=np.intp)
    for start in range(0, n, 2048):
        block = centred[start : start + 2048] @ centred.T
        block[np.arange(len(block)), np.arange(start, start + len(block))] = -2.0
        nearest[start : start + 2048] = np.argpartition(-block, k - 1, axis=1)[:, :k]
    links = sparse.csr_matrix((np.ones(n * k), (np.repeat(np.arange(n), k), nearest.ravel())), shape=(n, n))
    with_self = (links + sparse.identity(n, format="csr")).tocsr()
    shared = (with_self @ with_self.T).multiply(links.maximum(links.T)).tocsr()
    shared.data = shared.data / (2 * (k + 1) - shared.data)
    step = sparse.diags_array(1.0 / np.maximum(np.asarray(shared.sum(axis=1)).ravel(), 1e-9)) @ shared
    rows = centred
    for _ in range(SMOOTHING_STEPS):
        rows = unit_rows(np.asarray(0.5 * rows + 0.5 * (step @ rows), dtype=np.float32))
    return rows


def cut_by_ward(rows: FloatArray, parts: int) -> IntArray:
    """Rows in so many groups, whether or not these hold still: (n,), 0 … parts − 1.

    Args:
        rows: float32, (n, dim), rows of unit length, n ≥ parts.
        parts: 2 or more.
    """
    return _cut(_ward(rows), parts)


def silhouette(rows: FloatArray, labels: IntArray) -> float:
    """Mean silhouette with cosine distance, without the distance matrix: a mean of cosines is one dot product."""
    sizes = np.bincount(labels).astype(np.float64)
    to_each = rows @ _sums(rows, labels, len(sizes)).T.astype(np.float32)
    index = np.arange(len(rows))
    own_size = sizes[labels]
    inner = 1.0 - (to_each[index, labels] - 1.0) / np.maximum(own_size - 1.0, 1.0)
    outer = 1.0 - to_each / sizes
    outer[index, labels] = np.inf
    nearest = outer.min(axis=1)
    width = (nearest - inner) / np.maximum(np.maximum(nearest, inner), 1e-9)
    return float(np.where(own_size > 1, width, 0.0).mean())


def unit_rows(rows: npt.NDArray[np.floating]) -> FloatArray:
    """Rows scaled to unit length; rows of zeros stay zeros."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-9), dtype=np.float32)


def _ward(rows: FloatArray) -> npt.NDArray[np.float64]:
    from scipy.cluster.hierarchy import linkage

    exact = rows.astype(np.float64)
    squared = np.clip(2.0 - 2.0 * (exact @ exact.T), 0.0, None)
    return np.asarray(linkage(np.sqrt(squared[np.triu_indices(len(rows), 1)]), "ward"))


def _cut(tree: npt.NDArray[np.float64], count: int) -> IntArray:
    from scipy.cluster.hierarchy import fcluster

    return np.unique(fcluster(tree, count, "maxclust"), return_inverse=True)[1].astype(np.intp)


def _centroids(rows: FloatArray, labels: IntArray, count: int) -> FloatArray:
    return unit_rows(_sums(rows, labels, count))


def _sums(rows: FloatArray, labels: IntArray, count: int) -> npt.NDArray[np.float64]:
    inside = np.flatnonzero(labels >= 0)
    member = sparse.csr_matrix((np.ones(len(inside)), (labels[inside], inside)), shape=(count, len(rows)))
    return np.asarray(member @ rows.astype(np.float64))


@dataclass(frozen=True, slots=True)
class _Half:
    """Half of the rows: which, bool (n,); smoothed among themselves; and the tree that joins them."""

    rows: npt.NDArray[np.bool_]
    smoothed: FloatArray
    tree: npt.NDArray[np.float64]

    @classmethod
    def of(cls, centred: FloatArray, rows: npt.NDArray[np.bool_]) -> _Half:
        smoothed = smooth(centred[rows])
        return cls(rows, smoothed, _ward(smoothed))


def _agreement(centred: FloatArray, first: _Half, second: _Half, count: int) -> float:
    """How far the groups of one half, carried over to the other, are those found there: adjusted Rand index."""
    from sklearn.metrics import adjusted_rand_score

    labels = _cut(first.tree, count)
    centroids = _centroids(centred[first.rows], labels, int(labels.max()) + 1)
    carried = (centred[second.rows] @ centroids.T).argmax(axis=1)
    return float(adjusted_rand_score(carried, _cut(second.tree, count)))


def _consensus(smoothed: FloatArray, labels: IntArray, halves: list[_Half], count: int) -> IntArray:
    """Groups after each row was moved half-way to where the groupings of the whole and of the halves place it."""
    minimum = _minimum_size(len(smoothed))
    placed = np.zeros_like(smoothed)
    for half in (None, *halves):
        if half is None:
            group = _refine(smoothed, labels, minimum)
        else:
            own = _refine(half.smoothed, _cut(half.tree, count), _minimum_size(len(half.smoothed)))
            group = (smoothed @ _centroids(half.smoothed, own, int(own.max()) + 1).T).argmax(axis=1)
        placed += _centroids(smoothed, group, int(group.max()) + 1)[group]
    moved = unit_rows(unit_rows(placed) + smoothed)
    return _refine(moved, _cut(_ward(moved), count), minimum)


def _refine(rows: FloatArray, labels: IntArray, minimum: int) -> IntArray:
    """Move rows to their nearest centre until none moves, giving up groups below ``minimum`` rows."""
    for _ in range(20):
        sizes = np.bincount(labels)
        kept = np.flatnonzero(sizes >= min(minimum, sizes.max()))
        centroids = _centroids(rows, labels, len(sizes))[kept]
        moved = np.unique((rows @ centroids.T).argmax(axis=1), return_inverse=True)[1].astype(np.intp)
        if np.array_equal(moved, labels):
            break
        labels = moved
    return labels


def _minimum_size(n: int) -> int:
    return max(3, round(MIN_SHARE * n))


def _mean_cosine(embeddings: FloatArray) -> float:
    """Mean cosine over all pairs of different rows."""
    n = len(embeddings)
    total = float(np.square(embeddings.sum(axis=0, dtype=np.float64)).sum())
    return (total - n) / (n * (n - 1))


def _small(embeddings: FloatArray) -> Clusters:
    """Groups among few rows: average linkage, cut where rows stop being plainly similar; single rows stay out."""
    from scipy.cluster.hierarchy import fcluster, linkage

    if len(embeddings) < 2:
        return _finish(embeddings, np.full(len(embeddings), -1, dtype=np.intp), [], 0.0)
    distances = np.clip(1.0 - embeddings.astype(np.float64) @ embeddings.T.astype(np.float64), 0.0, 2.0)
    tree = linkage(distances[np.triu_indices(len(embeddings), 1)], "average")
    labels = fcluster(tree, 1.0 - SMALL_SIMILARITY, "distance").astype(np.intp) - 1
    sizes = np.bincount(labels)
    return _finish(embeddings, np.where(sizes[labels] > 1, labels, -1), [], 0.0)


def _finish(
    embeddings: FloatArray,
    labels: IntArray,
    again: list[tuple[npt.NDArray[np.bool_], IntArray]],
    strength: float,
) -> Clusters:
    """Number the groups by size, then by first row; learn how rows are placed and from where they fit no group."""
    found = [int(group) for group in np.unique(labels[labels >= 0])]
    order = sorted(found, key=lambda group: (-int((labels == group).sum()), int(np.argmax(labels == group))))
    renumbered = np.full(len(labels), -1, dtype=np.intp)
    for new, old in enumerate(order):
        renumbered[labels == old] = new
    large = len(embeddings) >= SMALL and len(order) > 1
    mean = embeddings.mean(axis=0) if large else np.zeros(embeddings.shape[1], dtype=np.float32)
    centred = unit_rows(embeddings - mean)
    centroids = _centroids(centred, renumbered, len(order))
    clusters = Clusters(
        labels=renumbered,
        stability=tuple(_jaccard(renumbered == group, again) for group in range(len(order))),
        strength=strength,
        _mean=mean,
        _anchors=centred if large else centred[:0],
        _smoothed=smooth(centred) if large else centred[:0],
        _centroids=centroids,
        _smoothed_centroids=centroids,
        _floor=SMALL_SIMILARITY,
        _shown=np.append(np.arange(len(order)), -1),
    )
    if not large:
        return clusters
    clusters = replace(clusters, _smoothed_centroids=_centroids(clusters._place(centred), renumbered, len(order)))
    fit = clusters._nearest(embeddings)[1]
    return replace(clusters, _floor=min(MIN_FIT, float(np.quantile(fit, MAX_OTHER))))


def _jaccard(members: npt.NDArray[np.bool_], again: list[tuple[npt.NDArray[np.bool_], IntArray]]) -> float | None:
    """Hennig's cluster-wise Jaccard: over the resamples, the mean overlap with the group that matches best.

    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics & Data Analysis 52.
    """
    overlaps = []
    for rows, labels in again:
        inside = members[rows]
        if inside.any():
            common = np.bincount(labels, weights=inside)
            union = np.bincount(labels) + inside.sum() - common
            overlaps.append(float((common / union).max()))
    return float(np.mean(overlaps)) if overlaps else None
