"""Codebook themes from definitions alone, on the NHS comments, beside the plain similarity to each definition."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from service.core.embedding import FloatArray
from service.core.themes.codebook import CodebookScorer
from service.results import Codebook, Correction, Theme
from tests.benchmarks.themes.inputs import Inputs, Row, row

IntArray = npt.NDArray[np.int64]
BoolMatrix = npt.NDArray[np.bool_]
PLAIN = "similarity to the definition"
NHS_DEFINITIONS = {
    "Staff manner & personal attributes": "How staff behave: kind, friendly, caring, polite, or rude.",
    "Timeliness of care": "How long people wait for care, and whether it comes on time.",
    "Staff listening, understanding & involving patients": "Whether staff listen, understand and involve patients.",
    "Transport to/ from services": "Patient transport and the journey to and from the hospital.",
    "Contacting services": "How easy it is to reach a service by phone or online.",
    "Appointment arrangements": "Booking, changing and cancelling appointments.",
    "Information directly from staff during care": "Explanations and information that staff give during care.",
    "Impact of treatment/ care": "What difference the treatment made to health and wellbeing.",
    "Number & deployment of staff": "Whether there are enough staff.",
    "Food & drink provision & facilities": "Food, drinks and meals.",
    "Being kept informed, clarity & consistency of information": "Being kept up to date, clearly and consistently.",
    "Activities & access to fresh air": "Things to do, and going outside.",
    "Information provision & guidance": "Leaflets, advice and guidance.",
    "Diagnosis & triage": "Assessment, diagnosis and triage.",
    "Competence & training": "Skill, professionalism and training of staff.",
    "Staff responsiveness": "How quickly staff react when they are asked for something.",
    "Referals & continuity of care": "Referrals, handovers and follow-up between services.",
    "Organisation & efficiency": "How well the service is organised.",
    "Supplying & understanding medication": "Medicines, prescriptions and their side effects.",
}


SEED = 0
CORRECTED_A_THEME = 10


def codebook(inputs: Inputs) -> Iterator[Row]:
    """Zero-shot, refined on the batch, and with corrections of one half of the comments measured on the other."""
    texts, labels = inputs.sets["nhs"].texts, inputs.sets["nhs"].labels
    vectors, embedder = inputs.vectors("nhs"), inputs.embedder
    names = list(NHS_DEFINITIONS)
    themes = tuple(Theme(theme_id=name, name=name, definition=NHS_DEFINITIONS[name]) for name in names)
    book = Codebook(name="nhs", version="1", themes=themes)
    truth = np.array([[label == name for name in names] for label in labels])
    plain = vectors @ embedder.encode(list(NHS_DEFINITIONS.values())).T
    scorer = CodebookScorer(embedder, book)
    zero_shot = scorer.log_shares(vectors)
    yield from _beside("nhs_codebook_zero_shot", truth, zero_shot, plain, PLAIN)
    yield from _beside("nhs_codebook", truth, scorer.refine(vectors).log_shares(vectors), plain, PLAIN)
    order = np.random.default_rng(SEED).permutation(len(texts))
    seen, unseen = order[: len(order) // 2], order[len(order) // 2 :]
    corrected = CodebookScorer(embedder, book.corrected(_corrections(texts, truth, zero_shot, names, seen)))
    after = corrected.refine(vectors[unseen]).log_shares(vectors[unseen])
    before = CodebookScorer(embedder, book).refine(vectors[unseen]).log_shares(vectors[unseen])
    yield from _beside("nhs_codebook_corrected", truth[unseen], after, before, "no corrections")


def _corrections(
    texts: list[str], truth: BoolMatrix, scores: FloatArray, names: list[str], rows: IntArray
) -> list[Correction]:
    """What somebody might say who looks at a few comments of each theme: these belong, those do not."""
    found = []
    for theme, name in enumerate(names):
        missing = [row for row in rows if truth[row, theme]][:CORRECTED_A_THEME]
        wrong = [row for row in rows if scores[row].argmax() == theme and not truth[row, theme]][:CORRECTED_A_THEME]
        found += [Correction(text=texts[row], theme_id=name, belongs=True) for row in missing]
        found += [Correction(text=texts[row], theme_id=name, belongs=False) for row in wrong]
    return found


def _beside(benchmark: str, truth: BoolMatrix, ours: FloatArray, theirs: FloatArray, against: str) -> Iterator[Row]:
    from sklearn.metrics import average_precision_score

    rows, there = np.arange(len(truth)), np.flatnonzero(truth.any(axis=0))
    hits = [truth[rows, scores.argmax(axis=1)].mean() for scores in (ours, theirs)]
    yield row(benchmark, "hit_at_1", float(hits[0]), "share", float(hits[1]), against)
    precision = [
        np.mean([average_precision_score(truth[:, theme], scores[:, theme]) for theme in there])
        for scores in (ours, theirs)
    ]
    yield row(benchmark, "mean_average_precision", float(precision[0]), "mAP", float(precision[1]), against)
