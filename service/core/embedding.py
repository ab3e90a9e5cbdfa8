"""Text → unit vectors: the Embedder protocol, the sentence-transformers one, a hashing one for tests, the cache."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from service.core.weights import verify_sha256

FloatArray = npt.NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into vectors of unit length.

    ``model_id`` and ``revision`` go into the provenance; two embedders with both equal give the same vectors.
    """

    @property
    def model_id(self) -> str: ...

    @property
    def revision(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """``texts`` as float32, (n_texts, dimension), rows of unit length; an empty sequence gives (0, dimension)."""
        ...


class EmbeddingCache(Protocol):
    """Keeps vectors between runs, by the key that ``cache_key`` makes; it never sees a text."""

    def get_many(self, keys: Sequence[str]) -> dict[str, FloatArray]: ...

    def put_many(self, vectors: dict[str, FloatArray]) -> None: ...


def cache_key(embedder: Embedder, text: str) -> str:
    """A key that gives neither the text nor its length away, and differs between models."""
    return hashlib.sha256(f"{embedder.model_id}\0{embedder.revision}\0{text}".encode()).hexdigest()


class HashingEmbedder:
    """Word hashing into a fixed number of signed buckets: deterministic, instant, without weights. For tests."""

    def __init__(self, dimension: int = 256) -> None:
        self._dimension = dimension

    @property
    def model_id(self) -> str:
        return f"hashing-{self._dimension}"

    @property
    def revision(self) -> str:
        return "1"

    @property
    def dimension(self) -> int:
        return self._dimension

    def encode(self, texts: Sequence[str]) -> FloatArray:
        from sklearn.feature_extraction.text import HashingVectorizer

        if not texts:
            return np.zeros((0, self._dimension), dtype=np.float32)
        vectorizer = HashingVectorizer(n_features=self._dimension, ngram_range=(1, 2), norm="l2", dtype=np.float64)
        vectors = np.asarray(vectorizer.transform(texts).todense(), dtype=np.float32)
        return _unit_rows(vectors)


class SentenceTransformerEmbedder:
    """A sentence-transformers model from a local folder, or by hub name where the network allows it.

    Args:
        model: folder or hub name.
        model_id: name for the provenance.
        sha256: expected hash of ``model.safetensors`` in the folder; checked before loading. Empty: not checked (only
            for models the user names).
        batch_size: texts per forward pass. Texts are sorted by length first, so that little is padded.

    Raises:
        ModelIntegrityError: the weights are missing or differ from ``sha256``.
    """

    def __init__(self, model: str | Path, *, model_id: str, sha256: str = "", batch_size: int = 64) -> None:
        if sha256:
            verify_sha256(Path(model) / "model.safetensors", sha256)
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(str(model), device="cpu")
        self._model_id = model_id
        self._sha256 = sha256
        self._batch_size = batch_size

    @property
    def model_id(self) -> str:
        return self._model_id

    @property
    def revision(self) -> str:
        return self._sha256 or "unchecked"

    @property
    def dimension(self) -> int:
        dimension = self._model.get_embedding_dimension()
        assert dimension is not None
        return int(dimension)

    def encode(self, texts: Sequence[str]) -> FloatArray:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        vectors = self._model.encode(
            list(texts),
            batch_size=self._batch_size,
            convert_to_numpy=True,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)


def embed(texts: Sequence[str], embedder: Embedder, cache: EmbeddingCache | None = None) -> FloatArray:
    """Embed each distinct text once, taking what the cache has.

    Returns:
        float32, (n_texts, dimension), rows of unit length, in the order of ``texts``.
    """
    distinct = list(dict.fromkeys(texts))
    keys = [cache_key(embedder, text) for text in distinct] if cache else []
    known = cache.get_many(keys) if cache else {}
    missing = [i for i in range(len(distinct)) if not cache or keys[i] not in known]
    fresh = embedder.encode([distinct[i] for i in missing])
    vectors = np.empty((len(distinct), embedder.dimension), dtype=np.float32)
    vectors[missing] = fresh
    if cache:
        for i, key in enumerate(keys):
            if key in known:
                vectors[i] = known[key]
        cache.put_many({keys[i]: vectors[i] for i in missing})
    row = {text: i for i, text in enumerate(distinct)}
    return vectors[[row[text] for text in texts]] if texts else np.zeros((0, embedder.dimension), dtype=np.float32)


def _unit_rows(vectors: FloatArray) -> FloatArray:
    """Scale rows to unit length; a row of zeros (no words) becomes the first axis, so that every row has length one."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    vectors[norms[:, 0] == 0, 0] = 1.0
    return vectors
