"""Whether the themes hold still: in another process, with more threads, in another order, without a few comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tests.benchmarks.themes.baselines import BERTOPIC
from tests.benchmarks.themes.inputs import Inputs, Row, group, row
from tests.benchmarks.themes.one_run import run_alone

LEFT_OUT = 0.02
DRAWS = 3


def steadiness(inputs: Inputs) -> Iterator[Row]:
    from sklearn.metrics import adjusted_rand_score

    for name, data in inputs.sets.items():
        ours = inputs.ours(name).labels
        single, double = (run_alone(data.texts, threads=threads).theme_ids for threads in (1, 2))
        agreement = adjusted_rand_score(ours, single)
        runs = inputs.bertopic(name)
        if runs:
            theirs = adjusted_rand_score(runs[0].labels, runs[1].labels)
            yield row(name, "two_runs_agreement", agreement, "ARI", theirs, BERTOPIC)
        else:
            yield row(name, "two_runs_agreement", agreement, "ARI")
        yield row(name, "two_runs_same_id", _same(ours, single), "share")
        yield row(name, "threads_1_and_2_same_id", _same(single, double), "share")
        order = np.random.default_rng(1).permutation(len(ours))
        again = _grouped(inputs, name, order)
        yield row(name, "permuted_agreement", adjusted_rand_score([ours[i] for i in order], again), "ARI")
        agreement, kept = _with_fewer(inputs, name)
        yield row(name, "agreement_without_2_percent", agreement, "ARI")
        yield row(name, "same_id_without_2_percent", kept, "share")


def _with_fewer(inputs: Inputs, name: str) -> tuple[float, float]:
    """How far the themes are those found in 2 % fewer of the texts, and the share of these whose theme has the same id.

    Means of a few draws: the first says whether the groups hold still, the second whether their names do as well.
    """
    from sklearn.metrics import adjusted_rand_score

    labels, random = inputs.ours(name).labels, np.random.default_rng(2)
    agreement, kept = [], []
    for _ in range(DRAWS):
        rows = np.flatnonzero(random.random(len(labels)) >= LEFT_OUT)
        ours, fewer = [labels[i] for i in rows], _grouped(inputs, name, rows)
        agreement.append(adjusted_rand_score(ours, fewer))
        kept.append(_same(ours, fewer))
    return float(np.mean(agreement)), float(np.mean(kept))


def _grouped(inputs: Inputs, name: str, rows: np.ndarray) -> list[str]:
    """Theme ids of some rows of a set, grouped by themselves."""
    return group([inputs.sets[name].texts[i] for i in rows], inputs.vectors(name)[rows], inputs.embedder).labels


def _same(first: Sequence[str], second: Sequence[str]) -> float:
    return float(np.mean([one == other for one, other in zip(first, second, strict=True)]))
