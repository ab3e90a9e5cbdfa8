"""The stance models that are shipped: a network that reads a unit beside its facets, with calibrated outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from service.core.alignment.likeness import Likeness
from service.core.alignment.packing import CLASSES, batches
from service.core.alignment.pairs import SUGGESTS, FloatArray, PairScores, StancePair

if TYPE_CHECKING:
    from service.core.alignment.minilm import MiniLMNetwork
    from service.core.alignment.smollm import SmolLMNetwork

BATCH_TOKENS = 3072
"""Tokens of a batch with padding; larger ones leave the processor's cache."""
BASE = "all-MiniLM-L6-v2"
POLARITY = "Things are good here."
"""Where calibration gives it weight, every unit is also read beside this sentence: whether it praises or blames helps
the accurate model to tell its side of a facet. The fast one needs it no more, and a pair in six is saved."""


class CrossEncoderStance:
    """A network over three classes: not about the facet, supports it, contradicts it.

    Relevance is the calibrated probability that the unit is about the facet; stance is the calibrated difference of
    the two sides given that it is. Pairs of one text and question are read together.

    Args:
        network: in evaluation mode.
        calibration: arrays ``relevance`` (3,) and ``stance`` (3,), as ``calibrated`` takes them, and if there are
            any ``rivals`` (3,), ``suggests`` (3 + dim,) and ``cosine`` (1,), which goes to ``likeness``.
        model_id: goes into the provenance.
        revision: likewise.
        likeness: of units and facets, by the vectors of ``BASE``; None: the cosine.
    """

    def __init__(
        self,
        network: MiniLMNetwork | SmolLMNetwork,
        calibration: dict[str, FloatArray],
        *,
        model_id: str,
        revision: str,
        likeness: Likeness | None = None,
    ) -> None:
        self._network = network
        self._calibration = calibration
        self._revision = revision
        self._model_id = model_id
        self._likeness = likeness

    @property
    def model_id(self) -> str:
        return self._model_id

    @property
    def revision(self) -> str:
        return self._revision

    @property
    def similar_by(self) -> str:
        return BASE

    @property
    def likeness(self) -> Likeness | None:
        return self._likeness

    @property
    def background(self) -> float:
        return float(self._calibration["relevance"][2])

    @property
    def rivals(self) -> FloatArray | None:
        return self._calibration.get("rivals")

    @property
    def suggests(self) -> FloatArray | None:
        return self._calibration.get("suggests")

    def score(self, pairs: Sequence[StancePair], similarity: FloatArray | None = None) -> PairScores:
        logits, polarity = self.logits(pairs, polarity=bool(self._calibration["stance"][1]))
        scores = calibrated(logits, polarity, similarity, self._calibration["relevance"], self._calibration["stance"])
        # A suggestion is one whether it praises or blames.
        asks = np.array([pair.facet == SUGGESTS for pair in pairs], dtype=bool)
        scores.stance[asks] = np.tanh((logits[asks, 1] - logits[asks, 2]) / 2)
        return scores

    def logits(self, pairs: Sequence[StancePair], *, polarity: bool = True) -> tuple[FloatArray, FloatArray]:
        """What the network says, before calibration: the classes' logits, float32, (n_pairs, 3), in the order of
        ``CLASSES``; and the log-odds that the unit praises rather than blames, float32, (n_pairs,), 0 unless it is
        asked for.
        """
        import torch

        place: dict[tuple[str, str | None], int] = {}
        unit = [place.setdefault((pair.text, pair.question), len(place)) for pair in pairs]
        asked = [*pairs, *(StancePair(text, question, POLARITY) for text, question in place if polarity)]
        out = np.zeros((len(asked), len(CLASSES)), dtype=np.float32)
        for packs in batches(self._network.packs(asked), self._network.cost, BATCH_TOKENS):
            batch = self._network.collate(packs)
            with torch.inference_mode():
                out[batch.pairs] = self._network(batch).numpy()
        if not polarity:
            return out, np.zeros(len(pairs), dtype=np.float32)
        logits, general = out[: len(pairs)], out[len(pairs) :]
        return logits, (general[:, 1] - general[:, 2])[unit]


def calibrated(
    logits: FloatArray, polarity: FloatArray, similarity: FloatArray | None, relevance: FloatArray, stance: FloatArray
) -> PairScores:
    """Logistic calibration of two log-odds: about the facet or not, and supporting or contradicting it.

    Args:
        logits: float32, (n_pairs, 3), in the order of ``CLASSES``.
        polarity: (n_pairs,), log-odds that the unit praises rather than blames.
        similarity: (n_pairs,), likeness of unit and facet or its nearest anchor; None counts as 0.
        relevance: (3,), weights of the first log-odds and of the similarity, both less what background sentences have
            with the facet (the scorer takes that off), and the offset; fitted by ``models/stance/publish.py``.
        stance: (3,), weights of the second log-odds and of the polarity, and the offset.
    """
    none, supports, contradicts = logits.astype(np.float64).T
    about = np.logaddexp(supports, contradicts) - none
    slope, likeness, offset = relevance.astype(np.float64)
    similar = 0.0 if similarity is None else similarity.astype(np.float64)
    own, general, lean = stance.astype(np.float64)
    return PairScores(
        relevance=(1 / (1 + np.exp(-(slope * about + likeness * similar + offset)))).astype(np.float32),
        stance=np.tanh((own * (supports - contradicts) + general * polarity + lean) / 2).astype(np.float32),
    )
