"""Fits the calibration of a trained network, and puts weights, calibration and their hashes into the manifest.

The likeness that ``likeness.py`` trained is taken along; both networks are calibrated with it.

    python -m models.stance.publish --run average
    python -m models.stance.publish --run teacher-finish --stance accurate --cosine 0

Calibration is three logistic regressions, all on organisations and claims that were not trained on: "about the facet"
on its log-odds and on the likeness of the unit and the facet or its nearest anchor, both less what background sentences
have with the same facet, fitted on the development organisations' comments and on the sample organisation's comments of
one idea unit with their author's codes; the same once more on a facet's log-odds and the greatest of the purpose's
other facets; and "supports" against "contradicts" on their log-odds and the unit's polarity, fitted on the development
organisations' comments and opposed pairs and on Perspectrum dev. A fourth weighs what a unit has beside ``SUGGESTS``
with the rules for suggestions and with the unit's embedding.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save_file
from sklearn.linear_model import LogisticRegression

from models.stance.pairs import CONTRADICTS, HERE, SUPPORTS, Example, graded, labelled_suggestions
from models.stance.train import WORK, base_folder, smollm_file
from models.stance.written import kept_comments, kept_pairs
from service.core.alignment import SUGGESTS, CrossEncoderStance, StancePair, facet_text
from service.core.alignment.cross_encoder import BASE
from service.core.alignment.likeness import Likeness
from service.core.alignment.load import LIKENESS, WEIGHTS, accurate_network, fast_network
from service.core.alignment.scorer import greatest_other
from service.core.background import GENERIC_SENTENCES
from service.core.embedding import SentenceTransformerEmbedder, embed
from service.core.suggestions import find_suggestions
from service.core.text import LanguageDetector, is_no_content, normalise, split_units
from service.core.weights import read_manifest
from service.ingest import read_comments, read_purpose
from service.results import StanceChoice

MANIFEST = HERE.parent / "manifest.toml"
COSINE = 8.0
"""How often the cosine is added to the likeness. On the sample organisation, whose author wrote nothing for learning,
the cosine alone tells a little more than the likeness alone, on the development organisations far less; a logistic
regression of both with the network's log-odds gives them about this ratio."""
LEAST_POLARITY = 0.05
LIKENESS_FILE = HERE / "likeness.safetensors"
SAMPLE_DATA = HERE.parent.parent / "data" / "sample"
SAMPLE = 900


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
    """Log-odds of being about the facet and likeness, each less that of background sentences, (n_pairs, 2)."""
    likeness = model.likeness
    assert likeness is not None
    background = embed(list(GENERIC_SENTENCES), embedder)
    shift: dict[str, np.ndarray] = {}
    similar: dict[str, np.ndarray] = {}
    texts = list(dict.fromkeys(pair.text for pair in pairs))
    vectors = dict(zip(texts, embed(texts, embedder), strict=True))
    for facet in dict.fromkeys(pair.facet for pair in pairs):
        similar[facet] = embed([facet, *(anchors or {}).get(facet, [])], embedder)
        odds = _about(model.logits([StancePair(sentence, None, facet) for sentence in GENERIC_SENTENCES])[0])
        nearest = likeness(background, similar[facet]).max(axis=1)
        shift[facet] = np.array([odds.mean(), nearest.mean()])
    odds = _about(model.logits(pairs)[0])
    nearest = np.array([likeness(vectors[pair.text][None], similar[pair.facet]).max() for pair in pairs])
    return np.column_stack([odds, nearest]) - np.array([shift[pair.facet] for pair in pairs])


def _about(logits: np.ndarray) -> np.ndarray:
    none, supports, contradicts = logits.astype(float).T
    return np.logaddexp(supports, contradicts) - none


def load(run: str, choice: StanceChoice, cosine: float = COSINE) -> CrossEncoderStance:
    """The network of a run, not calibrated; ``cosine`` is how often the cosine is added to the likeness."""
    neutral = {"relevance": np.array([1, 0, 0], dtype=np.float32), "stance": np.array([1, 0, 0], dtype=np.float32)}
    file = WORK / run / "weights.safetensors"
    network = fast_network(base_folder(), file) if choice == "fast" else accurate_network(smollm_file(), file)
    likeness = Likeness(load_file(LIKENESS_FILE), cosine)
    return CrossEncoderStance(network, neutral, model_id=WEIGHTS[choice], revision=run, likeness=likeness)


def fit_relevance(model: CrossEncoderStance) -> tuple[list[float], list[float]]:
    """Weights of log-odds and similarity and the offset; then those of the facets' own and greatest other log-odds."""
    embedder = SentenceTransformerEmbedder(base_folder(), model_id=BASE)
    development = kept_comments("development")
    coded, coded_about, anchors = sample_coded()
    written = [StancePair(e.text, e.question, e.facet) for e in development]
    features = np.vstack([centred(model, embedder, written), centred(model, embedder, coded, anchors)])
    about = np.concatenate([[float(e.target[0] < 0.5) for e in development], coded_about])
    weights = logistic(features, about, np.ones(len(about)))
    log_odds = features @ np.array(weights[:-1]) + weights[-1]
    other = np.concatenate([greatest_other(log_odds[rows][None])[0] for rows in by_purpose([*written, *coded])])
    return weights, logistic(np.column_stack([log_odds, other]), about, np.ones(len(about)))


def by_purpose(pairs: list[StancePair]) -> list[list[int]]:
    """Rows of the pairs of one comment beside the facets of its purpose, which follow one another."""
    groups: list[list[int]] = []
    for row, pair in enumerate(pairs):
        first = pairs[groups[-1][0]] if groups else None
        if first is None or first.text != pair.text or first.facet == pair.facet:
            groups.append([])
        groups[-1].append(row)
    return groups


def fit_stance(model: CrossEncoderStance, root: Path) -> list[float]:
    """Weights of supporting against contradicting and of the unit's polarity, and the offset.

    A polarity that weighs next to nothing is left out: then it need not be asked for.
    """
    examples = [e for e in kept_comments("development") + kept_pairs("development") if e.target[0] < 0.5]
    examples += [e for e in perspectrum_dev(root) if e.target[0] < 0.5]
    logits, polarity = model.logits([StancePair(e.text, e.question, e.facet) for e in examples])
    own = logits[:, 1] - logits[:, 2]
    target = np.array([e.target for e in examples])
    about = 1 - target[:, 0]
    weights = logistic(np.column_stack([own, polarity]).astype(float), target[:, 1] / about, about)
    if abs(weights[1]) >= LEAST_POLARITY:
        return weights
    slope, offset = logistic(own[:, None].astype(float), target[:, 1] / about, about)
    return [slope, 0.0, offset]


def fit_suggestions(model: CrossEncoderStance, root: Path) -> list[float]:
    """Weights of the log-odds of suggesting and of the wording's rules, the offset, and those of the embedding.

    Fitted on the labels that were learned from; the development half of those that were kept has 21 suggestions, and
    what was fitted to it did not hold for the test half.
    """
    labelled = labelled_suggestions(root, "suggestions.csv")
    units, truth = [unit for unit, _, _ in labelled], np.array([suggests for _, suggests, _ in labelled])
    logits, _ = model.logits([StancePair(unit.text, unit.question, SUGGESTS) for unit in units])
    vectors = embed([unit.text for unit in units], SentenceTransformerEmbedder(base_folder(), model_id=BASE))
    odds, ruled = logits[:, 1] - logits[:, 2], find_suggestions(units)
    fitted = LogisticRegression(C=1.0, max_iter=1000).fit(np.column_stack([odds, ruled, 3 * vectors]), truth)
    own, rules, *dims = fitted.coef_[0]
    return [own, rules, fitted.intercept_[0], *(3 * weight for weight in dims)]


def logistic(features: np.ndarray, target: np.ndarray, weight: np.ndarray) -> list[float]:
    """Coefficients and then the offset of a logistic regression with soft targets in [0, 1]."""
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
    parser.add_argument("--run", default="student", help="folder in models/stance/work with the weights to ship")
    parser.add_argument("--stance", default="fast", choices=WEIGHTS, help="which model it is to be")
    parser.add_argument("--cosine", type=float, default=COSINE, help="how often it is added to the likeness")
    arguments = parser.parse_args()
    root = Path(os.environ.get("PLUMBLINE_BENCH_DATA", "../shared/data"))
    if (trained := WORK / "likeness" / "weights.safetensors").exists():
        shutil.copyfile(trained, LIKENESS_FILE)
        LIKENESS_FILE.chmod(0o644)
        write_hash(LIKENESS, LIKENESS_FILE)
    model = load(arguments.run, arguments.stance, arguments.cosine)
    relevance, rivals = fit_relevance(model)
    suggests = fit_suggestions(model, root)
    fitted = {
        "relevance": np.array(relevance, dtype=np.float32),
        "cosine": np.array([arguments.cosine], dtype=np.float32),
        "rivals": np.array(rivals, dtype=np.float32),
        "stance": np.array(fit_stance(model, root), dtype=np.float32),
        "suggests": np.array(suggests, dtype=np.float32),
    }
    print({name: value[:3].tolist() for name, value in fitted.items()})
    entries = read_manifest(MANIFEST)
    for model_id in (WEIGHTS[arguments.stance], f"{WEIGHTS[arguments.stance]}-calibration"):
        file = HERE.parent / entries[model_id].file
        if model_id.endswith("-calibration"):
            save_file(fitted, file)
        else:
            shutil.copyfile(WORK / arguments.run / "weights.safetensors", file)
        file.chmod(0o644)
        write_hash(model_id, file)


if __name__ == "__main__":
    main()
