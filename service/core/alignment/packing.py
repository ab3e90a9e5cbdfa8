"""Units beside facets as tokens: pairs of one unit are packed together, and packs of like size into batches.

In the arrays of ``pack`` a unit is read once, and every facet it is held against follows behind it. A facet's tokens
see the unit and themselves, never another facet, and the unit never sees a facet: so what is said of a pair does not
depend on the other facets, and the unit's part of the work is done once for all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CLASSES = ("not_about", "supports", "contradicts")
UNIT_TOKENS, FACET_TOKENS = 128, 64
"""What is longer is cut at the end."""
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pack:
    """One unit and its facets as token ids; ``pairs`` says which pair of the call each facet belongs to."""

    unit: list[int]
    facets: list[list[int]]
    pairs: list[int]

    def __len__(self) -> int:
        return len(self.unit) + sum(map(len, self.facets))


@dataclass(frozen=True, slots=True)
class PackedBatch:
    """Arrays of one batch of packs.

    Attributes:
        ids, positions: int64, (n_packs, n_tokens), padded at the end; positions start anew behind the unit for each
            facet.
        segments: int64, (n_packs, n_tokens): 0 for the unit, 1, 2, … for its facets, −1 for padding.
        starts, ends: int64, (n_pairs, 2), (pack, token) of each facet's first and last token.
        pairs: int64, (n_pairs,), the pair of the call each row of ``starts`` and ``ends`` belongs to.
    """

    ids: IntArray
    positions: IntArray
    segments: IntArray
    starts: IntArray
    ends: IntArray
    pairs: IntArray

    def visible(self, *, causal: bool) -> npt.NDArray[np.bool_]:
        """Which token (axis 2) each token (axis 1) sees, (n_packs, n_tokens, n_tokens); ``causal``: none after it."""
        own = self.segments[:, :, None] == self.segments[:, None, :]
        seen = (self.segments[:, None, :] == 0) | (own & (self.segments[:, :, None] > 0))
        return np.tril(seen) if causal else seen


def pack(packs: Sequence[Pack]) -> PackedBatch:
    """Arrays of ``packs``, as long as the longest of them."""
    shape = (len(packs), max(map(len, packs)))
    ids, positions, segments = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64), np.full(shape, -1)
    starts, ends, pairs = [], [], []
    for row, one in enumerate(packs):
        length = at = len(one.unit)
        ids[row, :length], positions[row, :length], segments[row, :length] = one.unit, np.arange(length), 0
        for segment, (facet, pair) in enumerate(zip(one.facets, one.pairs, strict=True), 1):
            end = at + len(facet)
            ids[row, at:end], segments[row, at:end] = facet, segment
            positions[row, at:end] = np.arange(length, length + len(facet))
            starts.append((row, at))
            ends.append((row, end - 1))
            pairs.append(pair)
            at = end
    return PackedBatch(ids, positions, segments, np.array(starts), np.array(ends), np.array(pairs))


def group(
    units: Sequence[list[int]],
    facets: Sequence[list[int]],
    keys: Sequence[object],
    most_tokens: int = sys.maxsize,
) -> list[Pack]:
    """Packs of at most ``most_tokens`` tokens (or one facet) from pairs; pairs of equal ``keys`` share their unit."""
    open_packs: dict[object, Pack] = {}
    packs: list[Pack] = []
    for i, (unit, facet, key) in enumerate(zip(units, facets, keys, strict=True)):
        current = open_packs.get(key)
        if current is None or len(current) + len(facet) > most_tokens:
            current = open_packs[key] = Pack(unit, [], [])
            packs.append(current)
        current.facets.append(facet)
        current.pairs.append(i)
    return packs


def batches(packs: Sequence[Pack], cost: Callable[[Pack], int], most: int) -> list[list[Pack]]:
    """``packs`` by ``cost``, the dearest first, in batches whose number times their dearest is at most ``most``."""
    out: list[list[Pack]] = []
    for one in sorted(packs, key=cost, reverse=True):
        if not out or (len(out[-1]) + 1) * cost(out[-1][0]) > most:
            out.append([])
        out[-1].append(one)
    return out


def tokens(tokenizer: object, texts: Sequence[str], most: int) -> list[list[int]]:
    """Ids of each text without special tokens, at most ``most``; each distinct text is tokenised once."""
    if not texts:
        return []
    distinct = list(dict.fromkeys(texts))
    found = tokenizer(distinct, add_special_tokens=False, truncation=True, max_length=most)["input_ids"]  # type: ignore[operator]
    of = dict(zip(distinct, found, strict=True))
    return [of[text] for text in texts]
