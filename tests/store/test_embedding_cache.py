"""Vectors by hash, shared, bounded."""

from __future__ import annotations

import numpy as np

from service.core.embedding import HashingEmbedder, embed
from service.store import SqliteEmbeddingCache


def test_vectors_come_back_as_they_were_put(tmp_path):
    cache = SqliteEmbeddingCache(tmp_path / "e.sqlite")
    vectors = {f"k{i}": np.random.default_rng(i).normal(size=384).astype(np.float32) for i in range(1_200)}
    cache.put_many(vectors)
    found = SqliteEmbeddingCache(tmp_path / "e.sqlite").get_many([*vectors, "unknown"])
    assert found.keys() == vectors.keys()
    assert all(found[key].dtype == np.float32 and np.array_equal(found[key], vectors[key]) for key in vectors)


def test_the_oldest_vectors_beyond_the_limit_are_dropped(tmp_path):
    cache = SqliteEmbeddingCache(tmp_path / "e.sqlite", max_vectors=3)
    for name in "abcde":
        cache.put_many({name: np.ones(2, dtype=np.float32)})
    assert set(cache.get_many(list("abcde"))) == set("cde")


def test_the_second_run_embeds_nothing_and_the_file_holds_no_words(tmp_path):
    class Counting(HashingEmbedder):
        calls = 0

        def encode(self, texts):
            Counting.calls += len(texts)
            return super().encode(texts)

    texts = ["Rumpelstiltskin listens", "nobody listens", "Rumpelstiltskin listens"]
    cache = SqliteEmbeddingCache(tmp_path / "e.sqlite")
    first = embed(texts, Counting(), cache)
    second = embed(texts, Counting(), cache)
    assert np.array_equal(first, second)
    assert Counting.calls == 2
    assert not [file for file in tmp_path.iterdir() if b"Rumpelstiltskin" in file.read_bytes()]
