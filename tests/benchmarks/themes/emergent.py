"""Emergent themes beside the groups that people made: how alike, how many, how much is left out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from service.core.themes import OTHER_ID, ThemeModel
from tests.benchmarks.themes.baselines import BERTOPIC, KMEANS, Grouping, kmeans
from tests.benchmarks.themes.inputs import Inputs, Row, row, units


def emergent(inputs: Inputs) -> Iterator[Row]:
    from sklearn.metrics import adjusted_rand_score

    for name, data in inputs.sets.items():
        true = len(set(data.labels))
        ours = inputs.ours(name)
        index = adjusted_rand_score(data.labels, ours.labels)
        told = adjusted_rand_score(data.labels, kmeans(inputs.vectors(name), true))
        yield row(name, "adjusted_rand_index", index, "ARI", told, KMEANS)
        runs = inputs.bertopic(name)
        if runs:
            theirs = adjusted_rand_score(data.labels, runs[0].labels)
            yield row(name, "adjusted_rand_index", index, "ARI", theirs, BERTOPIC)
        yield from _beside(name, ours, runs, true)


def _beside(name: str, ours: Grouping, runs: tuple[Grouping, Grouping] | None, true: int) -> Iterator[Row]:
    """Number of themes, share unassigned and time, beside BERTopic's first run, but for the time: that compiles."""
    found, left_out, seconds = ours.n_groups / true, ours.unassigned, ours.seconds
    if not runs:
        yield row(name, "themes_over_true_number", found, "ratio")
        yield row(name, "unassigned", left_out, "share")
        yield row(name, "seconds", seconds, "s")
        return
    yield row(name, "themes_over_true_number", found, "ratio", runs[0].n_groups / true, BERTOPIC)
    yield row(name, "unassigned", left_out, "share", runs[0].unassigned, BERTOPIC)
    yield row(name, "seconds", seconds, "s", runs[1].seconds, BERTOPIC)


def outsiders(inputs: Inputs) -> Iterator[Row]:
    """Whether out-of-scope requests, seen together with the others, score lower in the theme they are given."""
    from sklearn.metrics import roc_auc_score

    inside, outside = inputs.sets["clinc150"].texts, inputs.out_of_scope
    model = ThemeModel(inputs.embedder)
    vectors = np.concatenate([inputs.vectors("clinc150"), inputs.embedder.encode(outside)])
    scores = model.fit_transform(units([*inside, *outside]), vectors)
    other = [theme.theme_id for theme in model.themes_].index(OTHER_ID)
    fit = np.where(scores.primary == other, 0.0, scores.scores.max(axis=1))
    stranger = [0] * len(inside) + [1] * len(outside)
    yield row("clinc150_oos", "fits_no_theme_auc", float(roc_auc_score(stranger, -fit)), "AUC")
