"""Embedding vectors kept between runs, in an SQLite file of their own. Keys are hashes; no text is ever here."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

_SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE, vector BLOB)"
_KEYS_A_QUERY = 500


class SqliteEmbeddingCache:
    """Vectors by key, shared between processes; losing the file costs time, nothing else.

    Args:
        path: the SQLite file.
        max_vectors: the oldest vectors beyond this many are dropped.
    """

    def __init__(self, path: Path, *, max_vectors: int = 500_000) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._max_vectors = max_vectors
        self._lock = threading.Lock()
        with closing(self._connect()) as connection, connection:
            connection.execute(_SCHEMA)

    def get_many(self, keys: Sequence[str]) -> dict[str, FloatArray]:
        """The vectors that are known, float32, (dimension,), by key."""
        found: dict[str, FloatArray] = {}
        with closing(self._connect()) as connection:
            for start in range(0, len(keys), _KEYS_A_QUERY):
                wanted = list(keys[start : start + _KEYS_A_QUERY])
                marks = ",".join("?" * len(wanted))
                rows = connection.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", wanted)  # noqa: S608
                found.update((key, np.frombuffer(vector, dtype="<f4").astype(np.float32)) for key, vector in rows)
        return found

    def put_many(self, vectors: dict[str, FloatArray]) -> None:
        """Keep ``vectors``; a key that is known already keeps its vector."""
        rows = [(key, np.asarray(vector, dtype="<f4").tobytes()) for key, vector in vectors.items()]
        with self._lock, closing(self._connect()) as connection, connection:
            connection.executemany("INSERT OR IGNORE INTO vectors (key, vector) VALUES (?, ?)", rows)
            connection.execute(
                "DELETE FROM vectors WHERE id <= (SELECT max(id) FROM vectors) - ?", (self._max_vectors,)
            )

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection
