"""Fits the calibration of a trained cross-encoder, and puts weights, calibration and their hashes into the manifest.

    python -m models.stance.publish                # after both --trusts runs of train.py, which calibration needs
    python -m models.stance.publish --uncalibrated # slopes 1, offsets 0: to look at weights before those runs

Calibration is two logistic regressions: "about the facet" on its log-odds and on the cosine of the unit and the facet
or its nearest anchor, both less what background sentences have with the same facet, and "supports" against
"contradicts" on their log-odds. Facets that were not trained on are what a new organisation brings, so the first is
fitted on such facets only: the even-numbered half of the held-out workplace comments, and the sample organisation's
comments of one idea unit with their author's codes. The second is fitted on pairs that the weights behind the logits
have not seen: each trust's NHS comments by the weights of the other, Perspectrum dev, and the same workplace half.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors.numpy import save_file

from models.stance.pairs import CONTRADICTS, HERE, SUPPORTS, Example, graded, nhs, workplace_test
from models.stance.train import WORK, base_folder
from service.core.alignment import CrossEncoderStance, StancePair, facet_text
from service.core.alignment.cross_encoder import BASE
from service.core.background import GENERIC_SENTENCES
from service.core.embedding import SentenceTransformerEmbedder, embed
from service.core.text import LanguageDetector, is_no_content, normalise, split_units
from service.ingest import read_comments, read_purpose

WEIGHTS = HERE / "cross_encoder.safetensors"
CALIBRATION = HERE / "calibration.safetensors"
MANIFEST = HERE.parent / "manifest.toml"
SAMPLE_DATA = HERE.parent.parent / "data" / "sample"
SAMPLE = 900
PREVALENCE = 0.12
"""Share of (comment, facet) pairs that are about the facet, as the author of the sample organisation coded it."""


def calibration_half(examples: list[Example]) -> list[Example]:
    """The even-numbered comments; the benchmark measures on the others."""
    return [e for e in examples if _number(e) == 0]


def test_half(examples: list[Example]) -> list[Example]:
    return [e for e in examples if _number(e) == 1]


def _number(example: Example) -> int:
    return hashlib.sha256(example.text.encode()).digest()[0] % 2


def perspectrum_dev(root: Path) -> list[Example]:
    stance = pd.read_csv(root / "perspectrum_stance.csv")
    relevance = pd.read_csv(root / "perspectrum_relevance.csv")
    sides = [
        Example(row.text, None, row.claim, SUPPORTS if row.stance > 0 else CONTRADICTS, "perspectrum")
        for row in stance[stance.split == "dev"].sample(SAMPLE // 2, random_state=0).itertuples()
    ]
    absent = relevance[(relevance.split == "dev") & (relevance.relevant == 0)].sample(SAMPLE // 3, random_state=0)
    return sides + [Example(row.text, None, row.claim, graded(0.0, 0.5), "perspectrum") for row in absent.itertuples()]


def sample_coded() -> tuple[list[StancePair], np.ndarray, dict[str, list[str]]]:
    """The sample organisation: pairs, whether its author coded the comment on the facet, and the facets' anchors."""
    purpose = read_purpose(SAMPLE_DATA / "purpose.yaml")
    coding = pd.read_csv(SAMPLE_DATA / "author_coding.csv")
    coded = {(row.comment_id, row.code) for row in coding[coding.kind == "facet"].itertuples()}
    comments = [c for c in read_comments(SAMPLE_DATA / "comments.csv") if not is_no_content(c.text, c.question)]
    supported = LanguageDetector().supported([comment.text for comment in comments])
    pairs, about = [], []
    for comment, english in zip(comments, supported, strict=True):
        if english and len(split_units(normalise(comment.text))) == 1:
            for facet in purpose.facets:
                pairs.append(StancePair(comment.text, comment.question, facet_text(facet.title, facet.text)))
                about.append((comment.comment_id, facet.facet_id) in coded)
    anchors = {facet_text(f.title, f.text): [*f.supports, *f.contradicts] for f in purpose.facets}
    return pairs, np.array(about, dtype=float), anchors


def centred(
    model: CrossEncoderStance,
    embedder: SentenceTransformerEmbedder,
    pairs: list[StancePair],
    anchors: dict[str, list[str]] | None = None,
) -> np.ndarray:
    """Log-odds of being about the facet and similarity, each less that of background sentences, (n_pairs, 2)."""
    background = list(GENERIC_SENTENCES)
    shift: dict[str, np.ndarray] = {}
    similar: dict[str, np.ndarray] = {}
    texts = list(dict.fromkeys(pair.text for pair in pairs))
    vectors = dict(zip(texts, embed(texts, embedder), strict=True))
    for facet in dict.fromkeys(pair.facet for pair in pairs):
        similar[facet] = embed([facet, *(anchors or {}).get(facet, [])], embedder)
        odds = _about(model.logits([StancePair(sentence, None, facet) for sentence in background]))
        nearest = (embed(background, embedder) @ similar[facet].T).max(axis=1)
        shift[facet] = np.array([odds.mean(), nearest.mean()])
    order = np.argsort([len(pair.text) for pair in pairs])
    odds = np.empty(len(pairs))
    odds[order] = _about(model.logits([pairs[i] for i in order]))
    nearest = np.array([(similar[pair.facet] @ vectors[pair.text]).max() for pair in pairs])
    return np.column_stack([odds, nearest]) - np.array([shift[pair.facet] for pair in pairs])


def _about(logits: np.ndarray) -> np.ndarray:
    none, supports, contradicts = logits.astype(float).T
    return np.logaddexp(supports, contradicts) - none


def fit_relevance(run: str) -> list[float]:
    """Weights of log-odds and similarity, and the offset."""
    embedder = SentenceTransformerEmbedder(base_folder(), model_id=BASE)
    model = CrossEncoderStance(base_folder(), WORK / run / WEIGHTS.name, CALIBRATION, revision=run)
    held_out = calibration_half(workplace_test(0))
    pairs, about, anchors = sample_coded()
    features = np.vstack(
        [
            centred(model, embedder, [StancePair(e.text, e.question, e.facet) for e in held_out]),
            centred(model, embedder, pairs, anchors),
        ]
    )
    target = np.concatenate([[float(e.target[0] < 0.5) for e in held_out], about])
    # Both sets count alike, and so do their shares of pairs that are about the facet: what differs between them is how
    # many facets a comment was held against, not how people speak of one.
    weight = np.concatenate([_at_prevalence(target[: len(held_out)]), _at_prevalence(target[len(held_out) :])])
    return logistic(features, target, weight)


def _at_prevalence(about: np.ndarray) -> np.ndarray:
    """Weights (n_pairs,) of mean 1 under which ``PREVALENCE`` of the pairs are about the facet."""
    return len(about) * np.where(about > 0, PREVALENCE / about.sum(), (1 - PREVALENCE) / (1 - about).sum())


def fit_stance(root: Path, run: str) -> list[float]:
    """Slope and offset of supporting against contradicting."""
    rng = random.Random(0)
    logits, targets = [], []
    runs = (
        ("trust-NHFT", rng.sample(list(nhs(root, 1, ("NEAS",))), SAMPLE)),
        ("trust-NEAS", rng.sample(list(nhs(root, 1, ("NHFT",))), SAMPLE)),
        (run, perspectrum_dev(root) + calibration_half(workplace_test(0))),
    )
    for name, examples in runs:
        model = CrossEncoderStance(base_folder(), WORK / name / WEIGHTS.name, CALIBRATION, revision=name)
        ordered = sorted((e for e in examples if e.target[0] < 0.9), key=lambda e: len(e.text))
        logits.append(model.logits([StancePair(e.text, e.question, e.facet) for e in ordered]))
        targets.append(np.array([e.target for e in ordered]))
    _, supports, contradicts = np.concatenate(logits).astype(float).T
    target = np.concatenate(targets)
    about = 1 - target[:, 0]
    return logistic((supports - contradicts)[:, None], target[:, 1] / about, about)


def logistic(features: np.ndarray, target: np.ndarray, weight: np.ndarray) -> list[float]:
    """Coefficients and then the offset of a logistic regression with soft targets in [0, 1]."""
    from sklearn.linear_model import LogisticRegression

    labels = np.repeat([1, 0], len(features))
    weights = np.concatenate([target * weight, (1 - target) * weight])
    model = LogisticRegression(C=1e3).fit(np.vstack([features, features]), labels, sample_weight=weights)
    return [*model.coef_[0], model.intercept_[0]]


def write_hash(model_id: str, file: Path) -> None:
    """Put the sha256 of ``file`` into its manifest entry."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    pattern = rf'(model_id = "{model_id}"\n(?:.+\n)*?sha256 = ")[0-9a-f]*'
    text, found = re.subn(pattern, rf"\g<1>{digest}", MANIFEST.read_text(encoding="utf-8"))
    if found != 1:
        raise SystemExit(f"{MANIFEST} has no entry {model_id!r}")
    MANIFEST.write_text(text, encoding="utf-8")
    print(f"{file.name} sha256 {digest}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", default="widen", help="folder in models/stance/work with the weights to ship")
    parser.add_argument("--uncalibrated", action="store_true")
    arguments = parser.parse_args()
    neutral = {"relevance": np.array([1, 0, 0], dtype=np.float32), "stance": np.array([1, 0], dtype=np.float32)}
    save_file(neutral, CALIBRATION)
    if not arguments.uncalibrated:
        root = Path(os.environ.get("PLUMBLINE_BENCH_DATA", "../shared/data"))
        fitted = {
            "relevance": np.array(fit_relevance(arguments.run), dtype=np.float32),
            "stance": np.array(fit_stance(root, arguments.run), dtype=np.float32),
        }
        print({name: value.tolist() for name, value in fitted.items()})
        save_file(fitted, CALIBRATION)
    shutil.copyfile(WORK / arguments.run / WEIGHTS.name, WEIGHTS)
    CALIBRATION.chmod(0o644)
    WEIGHTS.chmod(0o644)
    write_hash("plumbline-stance", WEIGHTS)
    write_hash("plumbline-stance-calibration", CALIBRATION)


if __name__ == "__main__":
    main()
