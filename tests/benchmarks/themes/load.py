"""Time and memory of many units: the three sets over and over, with light noise, in a process of their own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.benchmarks.themes.inputs import Inputs, Row, row
from tests.benchmarks.themes.one_run import run_alone

UNITS = 100_000
NOISE = 0.01
MOST_SECONDS, MOST_GIGABYTES = 90.0, 2.0
AGAINST = "at most"


def load(inputs: Inputs) -> Iterator[Row]:
    texts = [text for data in inputs.sets.values() for text in data.texts]
    rows = np.arange(UNITS) % len(texts)
    vectors = np.concatenate([inputs.vectors(name) for name in inputs.sets])[rows]
    vectors += np.random.default_rng(0).normal(scale=NOISE, size=vectors.shape).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = run_alone([f"{texts[i]} {number // len(texts)}" for number, i in enumerate(rows)], vectors)
    yield row("repeated", f"seconds_for_{UNITS}_units", found.seconds, "s", MOST_SECONDS, AGAINST)
    yield row("repeated", f"cpu_seconds_for_{UNITS}_units", found.cpu_seconds, "s")
    yield row("repeated", f"peak_memory_for_{UNITS}_units", found.peak_bytes / 1e9, "GB", MOST_GIGABYTES, AGAINST)
