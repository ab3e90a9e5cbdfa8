"""Codebook themes from definitions alone, on the NHS comments, beside the plain similarity to each definition."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from service.core.themes.codebook import CodebookScorer
from service.results import Codebook, Theme
from tests.benchmarks.themes.inputs import Inputs, Row, row

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


def codebook(inputs: Inputs) -> Iterator[Row]:
    from sklearn.metrics import average_precision_score

    labels, vectors, embedder = inputs.sets["nhs"].labels, inputs.vectors("nhs"), inputs.embedder
    names = list(NHS_DEFINITIONS)
    themes = tuple(Theme(theme_id=name, name=name, definition=NHS_DEFINITIONS[name]) for name in names)
    scorer = CodebookScorer(embedder, Codebook(name="nhs", version="1", themes=themes))
    truth = np.array([[label == name for name in names] for label in labels])
    plain = vectors @ embedder.encode(list(NHS_DEFINITIONS.values())).T
    ours = scorer.standard_scores(vectors)
    first = [truth[np.arange(len(truth)), scores.argmax(axis=1)].mean() for scores in (ours, plain)]
    yield row("nhs_codebook", "hit_at_1", float(first[0]), "share", float(first[1]), PLAIN)
    precision = [
        np.mean([average_precision_score(truth[:, i], scores[:, i]) for i in range(len(names))])
        for scores in (ours, plain)
    ]
    yield row("nhs_codebook", "mean_average_precision", float(precision[0]), "mAP", float(precision[1]), PLAIN)
