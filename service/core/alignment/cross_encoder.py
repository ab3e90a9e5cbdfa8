"""The stance model that is shipped: a cross-encoder over (question and unit, facet), with calibrated outputs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from service.core.alignment.pairs import FloatArray, PairScores, StancePair, question_and_text
from service.core.weights import locate, read_manifest, verify_sha256
from service.errors import ModelIntegrityError

MAX_LENGTH = 96
"""Tokens of a pair, as in training; the longer side is cut."""
BATCH = 64
BASE = "all-MiniLM-L6-v2"
CROSS_ENCODER = "plumbline-stance"
CALIBRATION = "plumbline-stance-calibration"
CLASSES = ("not_about", "supports", "contradicts")


class CrossEncoderStance:
    """MiniLM fine-tuned on three classes: not about the facet, supports it, contradicts it.

    Relevance is the calibrated probability that the unit is about the facet; stance is the calibrated difference of
    the two sides given that it is.

    Args:
        base: folder of all-MiniLM-L6-v2: tokenizer, configuration and the word embeddings, which were not trained on.
        weights: fp16 safetensors with everything else; computed with as fp32.
        calibration: safetensors with ``relevance`` (4,) and ``stance`` (2,), as ``calibrated`` takes them.
        revision: goes into the provenance.
        model_id: likewise.

    Raises:
        ModelIntegrityError: the weights do not fit the base.
    """

    def __init__(
        self, base: Path, weights: Path, calibration: Path, *, revision: str, model_id: str = CROSS_ENCODER
    ) -> None:
        import torch
        from safetensors.numpy import load_file as load_arrays
        from safetensors.torch import load_file
        from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

        self._torch = torch
        self._tokenizer = AutoTokenizer.from_pretrained(base)
        model = BertForSequenceClassification(BertConfig.from_pretrained(base, num_labels=len(CLASSES)))
        embeddings = {
            f"bert.{name}": value
            for name, value in load_file(base / "model.safetensors").items()
            if name.startswith("embeddings.") and name != "embeddings.position_ids"
        }
        trained = {name: value.float() for name, value in load_file(weights).items()}
        problems = model.load_state_dict(embeddings | trained, strict=False)
        if problems.missing_keys or problems.unexpected_keys:
            raise ModelIntegrityError(
                f"model file {weights} does not fit {base.name}: missing {problems.missing_keys}, "
                f"unexpected {problems.unexpected_keys}",
                where=str(weights),
            )
        self._model = model.train(mode=False)
        self._calibration = load_arrays(calibration)
        self._revision = revision
        self._model_id = model_id

    @property
    def model_id(self) -> str:
        return self._model_id

    @property
    def revision(self) -> str:
        return self._revision

    @property
    def cosine_of(self) -> str:
        return BASE

    @property
    def background(self) -> float:
        return float(self._calibration["relevance"][2])

    def score(self, pairs: Sequence[StancePair], cosine: FloatArray | None = None) -> PairScores:
        return calibrated(self.logits(pairs), cosine, self._calibration["relevance"], self._calibration["stance"])

    def logits(self, pairs: Sequence[StancePair]) -> FloatArray:
        """The classes' logits, float32, (n_pairs, 3), in the order of ``CLASSES``; what calibration is fitted on."""
        out = np.zeros((len(pairs), len(CLASSES)), dtype=np.float32)
        for start in range(0, len(pairs), BATCH):
            batch = pairs[start : start + BATCH]
            inputs = self._tokenizer(
                [question_and_text(pair.text, pair.question) for pair in batch],
                [pair.facet for pair in batch],
                truncation=True,
                max_length=MAX_LENGTH,
                padding=True,
                return_tensors="pt",
            )
            with self._torch.inference_mode():
                out[start : start + len(batch)] = self._model(**inputs).logits.numpy()
        return out


def calibrated(logits: FloatArray, cosine: FloatArray | None, relevance: FloatArray, stance: FloatArray) -> PairScores:
    """Logistic calibration of two log-odds: about the facet or not, and supporting or contradicting it.

    Args:
        logits: float32, (n_pairs, 3), in the order of ``CLASSES``.
        cosine: (n_pairs,), of unit and facet or its nearest anchor; None counts as 0.
        relevance: (3,), weights of the first log-odds and of the cosine, both less what background sentences have with
            the facet (the scorer takes that off), and the offset; fitted by ``models/stance/publish.py``.
        stance: (2,), slope and offset of the second.
    """
    none, supports, contradicts = logits.astype(np.float64).T
    about = np.logaddexp(supports, contradicts) - none
    slope, cosine_weight, offset = relevance.astype(np.float64)
    similarity = 0.0 if cosine is None else cosine.astype(np.float64)
    return PairScores(
        relevance=(1 / (1 + np.exp(-(slope * about + cosine_weight * similarity + offset)))).astype(np.float32),
        stance=np.tanh((stance[0] * (supports - contradicts) + stance[1]) / 2).astype(np.float32),
    )


def load_stance_model(models_dir: Path) -> CrossEncoderStance:
    """The stance model of ``models_dir/manifest.toml``, every file checked against its sha256.

    Raises:
        ModelIntegrityError: a file is missing or differs from the manifest; names the file and both hashes.
    """
    manifest = read_manifest(models_dir / "manifest.toml")
    paths = {}
    for model_id in (BASE, CROSS_ENCODER, CALIBRATION):
        if model_id not in manifest:
            raise ModelIntegrityError(f"{models_dir / 'manifest.toml'} has no model {model_id!r}", where=model_id)
        paths[model_id] = locate(manifest[model_id], models_dir)
        verify_sha256(paths[model_id], manifest[model_id].sha256)
    return CrossEncoderStance(
        paths[BASE].parent,
        paths[CROSS_ENCODER],
        paths[CALIBRATION],
        revision=f"{manifest[CROSS_ENCODER].revision}+{manifest[CROSS_ENCODER].sha256[:12]}",
    )
