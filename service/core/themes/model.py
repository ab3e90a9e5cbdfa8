"""ThemeModel: units → codebook themes, and emergent themes where no codebook theme fits."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager

import numpy as np
import numpy.typing as npt

from service.core.embedding import Embedder, FloatArray, embed
from service.core.themes import names, phrases
from service.core.themes.clusters import MAX_FITTED, SPLITS, Clusters, find_clusters, unit_rows
from service.core.themes.codebook import CodebookScorer
from service.core.themes.scores import OTHER_ID, FoundTheme, IntArray, ThemeScores
from service.core.units import Unit
from service.results import Codebook

PARSED_UNITS = 4000
"""Units whose phrases are read, shared out over the themes, nearest to each theme's centre first."""
FEWEST_PARSED = 25
MIN_WRITERS = 3
MIN_STABILITY = 0.3
"""Beside a codebook, a group that halves of the data agree on less than this is left unassigned."""
FEWEST_WITHIN = 60
"""Different texts that a theme needs before themes within it are looked for."""
STABLE_WITHIN = 0.6
"""A theme within another is only worth its place when it holds still."""
OTHER = FoundTheme(theme_id=OTHER_ID, name="Other", kind="emergent", definition="What fits none of the themes found.")


class ThemeModel:
    """Themes of idea units, in the manner of scikit-learn.

    With a codebook, units carry the codebook themes they fit, and the units that fit none are grouped into emergent
    themes (unless ``emergent`` is False); what fits those neither has primary −1. Without a codebook, every unit
    belongs to an emergent theme or to ``OTHER_ID``, the last theme; when nothing holds still, that is the only one.
    Emergent themes that can be taken apart into groups that hold still have these as themes within them (``parent``); a
    unit's primary theme is never one of those.

    The result depends on the set of units, not on their order, and on nothing random but ``random_state``.

    Args:
        embedder: gives the vectors of units, examples and phrases.
        codebook: themes to assign; None for emergent themes only.
        emergent: whether to look for emergent themes; without a codebook they are looked for in any case.
        random_state: seed of the halves that stability is measured on.

    Attributes:
        themes_: after ``fit``: the codebook's themes in its order but for hidden ones, then emergent ones, the largest
            first, then those within them.
    """

    themes_: tuple[FoundTheme, ...]

    def __init__(
        self, embedder: Embedder, codebook: Codebook | None = None, *, emergent: bool = True, random_state: int = 0
    ) -> None:
        self.embedder = embedder
        self.codebook = codebook
        self.emergent = emergent
        self.random_state = random_state

    def fit(self, units: Sequence[Unit], embeddings: FloatArray | None = None) -> ThemeModel:
        """Find the themes.

        Args:
            units: any number of them, none included.
            embeddings: float32, (n_units, dim), rows of unit length; made from the units' texts when None.
        """
        self._fit(units, self._vectors(units, embeddings))
        return self

    def _fit(self, units: Sequence[Unit], vectors: FloatArray) -> ThemeScores:
        """Find the themes and assign the same units to them, which naming them needs in any case."""
        with _one_thread():
            has_codebook = self.codebook is not None and bool(self.codebook.themes)
            self._scorer = None
            if self.codebook and has_codebook:
                scorer = CodebookScorer(self.embedder, self.codebook)
                self._scorer = scorer.refine(vectors[self._distinct(units, range(len(units)))])
            self._clusters: Clusters | None = None
            self._within: dict[int, Clusters] = {}
            if self.emergent or not has_codebook:
                self._clusters, self._within = self._find_emergent(units, vectors)
            scores = self._assign(vectors)
            self.themes_ = self._describe(units, vectors, scores)
        return scores

    def transform(self, units: Sequence[Unit], embeddings: FloatArray | None = None) -> ThemeScores:
        """Assign units to the themes found; arguments as for ``fit``."""
        with _one_thread():
            return self._assign(self._vectors(units, embeddings))

    def fit_transform(self, units: Sequence[Unit], embeddings: FloatArray | None = None) -> ThemeScores:
        """``fit`` and ``transform`` on the same units."""
        return self._fit(units, self._vectors(units, embeddings))

    def _vectors(self, units: Sequence[Unit], embeddings: FloatArray | None) -> FloatArray:
        return embed([unit.text for unit in units], self.embedder) if embeddings is None else embeddings

    def _find_emergent(self, units: Sequence[Unit], vectors: FloatArray) -> tuple[Clusters, dict[int, Clusters]]:
        """Group the distinct texts that no codebook theme takes, in an order that is the texts' own; and the groups
        within each group that is large enough and holds still when taken apart.
        """
        rows = self._distinct(units, np.flatnonzero(~self._taken(vectors)).tolist())
        clusters = find_clusters(vectors[rows], self._halves(units, rows))
        clusters = clusters.keep_stable(MIN_STABILITY) if self._scorer else clusters
        within = {}
        for group in range(clusters.n_groups):
            members = [row for row, label in zip(rows, clusters.labels, strict=True) if label == group]
            if len(members) >= FEWEST_WITHIN:
                parts = find_clusters(vectors[members], self._halves(units, members)).keep_stable(STABLE_WITHIN)
                if parts.n_groups > 1:
                    within[group] = parts
        return clusters, within

    def _taken(self, vectors: FloatArray) -> npt.NDArray[np.bool_]:
        """Which units a codebook theme takes, a hidden one included: (n_units,)."""
        if self._scorer is None or not len(vectors):
            return np.zeros(len(vectors), dtype=np.bool_)
        return self._scorer.scores(vectors)[1] >= 0

    def _halves(self, units: Sequence[Unit], rows: Sequence[int]) -> npt.NDArray[np.bool_]:
        """For each split the half that each row's text falls in, (n_splits, n_rows)."""
        digests = [self._digest(units[row].text.strip().casefold()) for row in rows]
        bits = [[digest[split] & 1 for digest in digests] for split in range(SPLITS)]
        return np.array(bits, dtype=bool).reshape(SPLITS, len(rows))

    def _distinct(self, units: Sequence[Unit], rows: Iterable[int]) -> list[int]:
        """``MAX_FITTED`` of the rows at most, none with another's text, in an order that is the texts' own."""
        first: dict[str, int] = {}
        for row in sorted(rows, key=lambda row: units[row].text):
            first.setdefault(units[row].text.strip().casefold(), row)
        return [first[text] for text in sorted(first, key=self._digest)[:MAX_FITTED]]

    def _digest(self, text: str) -> bytes:
        """Random but the text's own: adding a few units leaves the halves and the sample of the others as they were."""
        return hashlib.sha256(f"{self.random_state}\0{text}".encode()).digest()

    def _assign(self, vectors: FloatArray) -> ThemeScores:
        blocks: list[FloatArray] = []
        primary = np.full(len(vectors), -1, dtype=np.intp)
        taken = np.zeros(len(vectors), dtype=np.bool_)
        offset = 0
        if self._scorer:
            scores, best = self._scorer.scores(vectors)
            taken = best >= 0
            shown = [column for column, theme in enumerate(self._scorer.themes) if not theme.hidden]
            place = np.full(scores.shape[1] + 1, -1, dtype=np.intp)
            place[shown] = np.arange(len(shown))
            blocks.append(scores[:, shown])
            primary, offset = place[best], len(shown)
        if self._clusters is not None:
            scores, labels = self._emergent_scores(vectors, taken)
            blocks.append(scores)
            primary = np.where((primary < 0) & (labels >= 0), labels + offset, primary)
        return ThemeScores(scores=np.concatenate(blocks, axis=1), primary=primary)

    def _emergent_scores(self, vectors: FloatArray, taken: npt.NDArray[np.bool_]) -> tuple[FloatArray, IntArray]:
        """Scores in the emergent themes, then in those within them, of units that no codebook theme has taken; without
        a codebook the last column is "other". The labels are columns of emergent themes, −1 for none.
        """
        assert self._clusters is not None
        n_groups = self._clusters.n_groups
        n_within = sum(clusters.n_groups for clusters in self._within.values())
        open_rows = np.flatnonzero(~taken)
        labels = np.full(len(vectors), -1, dtype=np.intp)
        scores = np.zeros((len(vectors), n_groups + n_within + (self._scorer is None)), dtype=np.float32)
        labels[open_rows], fit = self._clusters.assign(vectors[open_rows])
        column = n_groups
        for group, clusters in self._within.items():
            members = np.flatnonzero(labels == group)
            parts, part_fit = clusters.assign(vectors[members])
            inside = parts >= 0
            scores[members[inside], column + parts[inside]] = np.maximum(part_fit[inside], 0.01)
            column += clusters.n_groups
        if self._scorer is None:
            fit = np.where(labels[open_rows] < 0, 1.0, fit)
            labels[open_rows] = np.where(labels[open_rows] < 0, n_groups + n_within, labels[open_rows])
        inside = labels[open_rows] >= 0
        scores[open_rows[inside], labels[open_rows][inside]] = np.maximum(fit[inside], 0.01)
        return scores, labels

    def _describe(self, units: Sequence[Unit], vectors: FloatArray, scores: ThemeScores) -> tuple[FoundTheme, ...]:
        """Keyphrases for every theme, names and definitions for the emergent ones."""
        stabilities = self._stabilities()
        coded = [theme for theme in self._scorer.themes if not theme.hidden] if self._scorer else []
        # Themes within others are described by themselves, so that they change nothing about the names of those above.
        above = len(coded) + sum(within is None for within, _ in stabilities)
        members = self._members(units, vectors, scores.scores[:, :above])
        found = self._keyphrases(units, members)
        if len(stabilities) > above - len(coded):
            inner = self._members(units, vectors, scores.scores[:, above : len(coded) + len(stabilities)])
            members, found = members + inner, found + self._keyphrases(units, inner)
        marks = [tuple(phrase.text for phrase in own) for own in found]
        writers = _writers(units)
        typical = [_shared_text(units, rows, writers) for rows, _ in members[len(coded) :]]
        chosen = names.choose_names(found[len(coded) :], [theme.name for theme in coded] + [OTHER.name], typical)
        themes = [
            FoundTheme(
                theme_id=theme.theme_id,
                name=theme.name,
                kind="codebook",
                parent=theme.parent,
                definition=theme.definition,
                keyphrases=own,
                practices=theme.practices,
            )
            for theme, own in zip(coded, marks, strict=False)
        ]
        ids = {theme.theme_id for theme in (self._scorer.themes if self._scorer else ())} | {OTHER_ID}
        for name, own, (within, stability) in zip(chosen, marks[len(coded) :], stabilities, strict=True):
            themes.append(
                FoundTheme(
                    theme_id=names.free_id(names.slug(name), ids),
                    name=name,
                    kind="emergent",
                    parent=None if within is None else themes[len(coded) + within].theme_id,
                    definition=names.definition(own),
                    keyphrases=own,
                    stability=stability,
                    new=self.codebook is not None and self.codebook.edited,
                    named=not names.is_number(name),
                )
            )
            ids.add(themes[-1].theme_id)
        return tuple(themes) if self._scorer else (*themes, OTHER)

    def _stabilities(self) -> list[tuple[int | None, float | None]]:
        """For each emergent theme the group it lies within, if any, and how it holds still; in column order."""
        if self._clusters is None:
            return []
        top: list[tuple[int | None, float | None]] = [(None, value) for value in self._clusters.stability]
        return top + [(group, value) for group, within in self._within.items() for value in within.stability]

    def _members(
        self, units: Sequence[Unit], vectors: FloatArray, scores: FloatArray
    ) -> list[tuple[list[int], FloatArray]]:
        """For each theme its units nearest to its centre, and the centre."""
        if not units:
            return [([], np.zeros(self.embedder.dimension, dtype=np.float32))] * scores.shape[1]
        share = max(FEWEST_PARSED, PARSED_UNITS // max(scores.shape[1], 1))
        return [_nearest(units, vectors, column, share) for column in scores.T]

    def _keyphrases(
        self, units: Sequence[Unit], members: Sequence[tuple[list[int], FloatArray]]
    ) -> list[list[names.Keyphrase]]:
        parsed = sorted({row for rows, _ in members for row in rows})
        place = {row: position for position, row in enumerate(parsed)}
        extracted = phrases.extract([units[row].text for row in parsed]) if parsed else []
        marked = phrases.distinctive(extracted, [[place[row] for row in rows] for rows, _ in members])
        return [names.keyphrases(own, centre, self.embedder) for own, (_, centre) in zip(marked, members, strict=True)]


def _one_thread() -> AbstractContextManager[object]:
    """One thread for linear algebra: its sums, and so the themes, are then the same however many cores there are."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limits: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits


def _nearest(
    units: Sequence[Unit], vectors: FloatArray, scores: npt.NDArray[np.float32], count: int
) -> tuple[list[int], FloatArray]:
    """The ``count`` distinct units nearest to a theme's centre, in an order that is their own, and the centre."""
    rows = np.flatnonzero(scores > 0).tolist()
    if not rows:
        return [], np.zeros(vectors.shape[1], dtype=np.float32)
    first: dict[str, int] = {}
    for row in sorted(rows, key=lambda row: units[row].text):
        first.setdefault(units[row].text.strip().casefold(), row)
    distinct = np.array(list(first.values()))
    centre = unit_rows(vectors[distinct].mean(axis=0, keepdims=True))[0]
    order = np.argsort(-np.round(vectors[distinct] @ centre, 5), kind="stable")[:count]
    return [int(row) for row in distinct[order]], centre


def _writers(units: Sequence[Unit]) -> dict[str, set[int]]:
    """The comments that each text, but for its case and punctuation, occurs in."""
    writers: dict[str, set[int]] = defaultdict(set)
    for unit in units:
        if text := _bare(unit.text).casefold():
            writers[text].add(unit.comment)
    return writers


def _shared_text(units: Sequence[Unit], rows: Sequence[int], writers: dict[str, set[int]]) -> str | None:
    """The short text nearest to a theme's centre that several comments have; one person's words name no theme."""
    texts = (_bare(units[row].text) for row in rows)
    short = (text for text in texts if len(text.split()) <= names.MAX_NAME_WORDS and "<" not in text)
    shared = [text for text in short if len(writers[text.casefold()]) >= MIN_WRITERS]
    best = next((text for text in shared if " " in text), next(iter(shared), None))
    return best.capitalize() if best and best.isupper() else best


def _bare(text: str) -> str:
    return text.strip(" .!?,;:\"'\n")
