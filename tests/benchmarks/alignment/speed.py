"""Time of the pipeline up to stance, over embedding the same texts."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from models.stance.pairs import nhs_comments
from models.stance.train import base_folder
from service.core.alignment import AlignmentScorer
from service.core.embedding import embed
from service.core.privacy import Redactor
from service.core.text import normalise, split_units
from service.core.units import Unit
from tests.benchmarks.alignment.methods import Methods
from tests.benchmarks.alignment.nhs import nhs_purpose
from tests.benchmarks.alignment.rows import Row, row
from tests.benchmarks.data import bench_data

SPEED_COMMENTS = 10_000


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
