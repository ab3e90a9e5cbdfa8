"""Learning data of the stance model: labelled (unit, question, facet) pairs from every set, with fixed seeds.

A pair's target is a probability over three classes, in this order: not about the facet, supports it, contradicts it.
"""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from models.stance.nhs_facets import GENERAL_THEMES, THEME_FACETS, UNLABELLED_THEMES, VALUE_THEMES, VALUES
from service.core.alignment import facet_text
from service.core.alignment.cross_encoder import POLARITY
from service.core.alignment.pairs import SUGGESTS
from service.core.text import normalise
from service.core.units import Unit

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
MAX_WORDS = 60

NOT_ABOUT = (1.0, 0.0, 0.0)
SUPPORTS = (0.0, 1.0, 0.0)
CONTRADICTS = (0.0, 0.0, 1.0)

# Share of "supports" at each human sentiment, 1 (very positive) to 5 (very negative): graded, because the ends are
# surer than the steps beside them.
SENTIMENT_SUPPORT = {1: 0.98, 2: 0.90, 3: 0.45, 4: 0.08, 5: 0.02}
IMPROVE_QUESTIONS = (
    "What could we improve?",
    "How could we improve?",
    "What could we do better?",
    "What should change?",
    "What would you improve?",
    "What could be better here?",
    "What are the cons?",
    "What do you like least?",
)
GOOD_QUESTIONS = (
    "What was good?",
    "What works well?",
    "What do you like most?",
    "What are we doing well?",
    "What are the pros?",
)


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled pair; ``origin`` is the set it comes from."""

    text: str
    question: str | None
    facet: str
    target: tuple[float, float, float]
    origin: str


@functools.cache
def held_out_facets() -> frozenset[str]:
    """Facets of ``workplace_pairs.ndjson`` that are for testing only, a fifth of them; drawn once, by hash."""
    return frozenset((DATA / "held_out_facets.txt").read_text(encoding="utf-8").splitlines())


def is_held_out(facet: str) -> bool:
    """Whether a facet of ``workplace_pairs.ndjson`` is for testing only."""
    return facet in held_out_facets()


def graded(relevance: float, support: float) -> tuple[float, float, float]:
    return (1.0 - relevance, relevance * support, relevance * (1.0 - support))


def _words(text: str) -> int:
    return len(text.split())


def nhs_comments(root: Path) -> pd.DataFrame:
    """Labelled NHS comments: text, question, trust, team, sentiment (1 … 5), themes (list)."""
    frame = pd.read_csv(root / "nhs_feedback.csv")
    frame = frame[frame.human_sentiment.notna() & (frame.text.str.strip() != "Did not answer")].copy()
    frame["sentiment"] = frame.human_sentiment.astype(int)
    frame["themes"] = [
        [t for t in (theme.strip() for theme in str(cell).split(";")) if t in THEME_FACETS]
        for cell in frame.human_themes.fillna("")
    ]
    return frame[["comment_id", "text", "question", "trust", "team", "sentiment", "themes", "human_themes"]]


def nhs(root: Path, seed: int, trusts: tuple[str, ...] = ("NEAS", "NHFT")) -> Iterator[Example]:
    """NHS comments against theme facets and the six values, from ``trusts`` only."""
    rng = random.Random(seed)
    frame = nhs_comments(root)
    specific = [theme for theme in THEME_FACETS if theme not in GENERAL_THEMES]
    frequency = {theme: sum(theme in themes for themes in frame.themes) for theme in specific}
    for row in frame[frame.trust.isin(trusts)].itertuples():
        if _words(row.text) > MAX_WORDS:
            continue
        support = SENTIMENT_SUPPORT[row.sentiment]
        question = _reword(row.question, rng) if rng.random() > 0.25 else None
        yield Example(row.text, question, POLARITY, graded(0.97, support), "nhs")
        for theme in row.themes:
            yield Example(row.text, question, rng.choice(THEME_FACETS[theme]), graded(0.97, support), "nhs")
        unlabelled = any(name.strip() in UNLABELLED_THEMES for name in str(row.human_themes).split(";"))
        if unlabelled:
            continue
        absent = [theme for theme in specific if theme not in row.themes]
        common = rng.choices(absent, weights=[frequency[theme] + 1 for theme in absent], k=1)
        for theme in {*common, rng.choice(absent)}:
            yield Example(row.text, question, rng.choice(THEME_FACETS[theme]), graded(0.04, support), "nhs")
        for value in rng.sample(sorted(VALUES), 2):
            facet = rng.choice((value, facet_text(value, VALUES[value]), facet_text(value, VALUES[value])))
            yield Example(row.text, question, facet, graded(_value_relevance(value, row.themes), support), "nhs")


def _value_relevance(value: str, themes: list[str]) -> float:
    weights = VALUE_THEMES[value]
    return max((weights.get(theme, weights["other"]) for theme in themes), default=weights["other"])


def _reword(question: str | None, rng: random.Random) -> str | None:
    """The question as asked, or another that asks the same."""
    for group in (IMPROVE_QUESTIONS, GOOD_QUESTIONS):
        if question in group and rng.random() < 0.5:
            return rng.choice(group)
    return question


def suggestions(root: Path, seed: int, trusts: tuple[str, ...] = ("NEAS", "NHFT")) -> Iterator[Example]:
    """NHS idea units, most of them answers to what could be improved, beside the sentence for suggestions."""
    del seed
    for unit, suggests, trust in labelled_suggestions(root, "suggestions.csv"):
        if trust in trusts:
            yield Example(unit.text, unit.question, SUGGESTS, graded(0.97, 0.97 if suggests else 0.03), "suggestions")


def labelled_suggestions(root: Path, file: str) -> list[tuple[Unit, bool, str]]:
    """Units of NHS answers, whether each says what should change, and the trust, in the order of ``data/<file>``.

    ``suggestions.csv`` is for learning. ``suggestions_kept.csv`` holds 300 units, one a comment, drawn by chance and
    labelled by a language model that read each one before it saw any rule; counted from 1, its odd rows are for testing
    only, and the even ones are there to choose and to calibrate with.

    Raises:
        ValueError: a labelled unit is not in the comments.
    """
    answers = {row.comment_id: row for row in pd.read_csv(root / "nhs_feedback.csv").itertuples()}
    found = []
    for number, label in enumerate(pd.read_csv(DATA / file).itertuples()):
        answer = answers.get(label.comment_id)
        if answer is None or label.end > len(answer.text):
            raise ValueError(
                f"{file} line {number + 2}: comment {label.comment_id!r}, characters {label.start} to {label.end}, "
                "is not in nhs_feedback.csv"
            )
        words = normalise(answer.text)[label.start : label.end]
        question = answer.question if isinstance(answer.question, str) else None
        unit = Unit(number, label.start, label.end, words, question)
        found.append((unit, bool(label.suggestion), str(answer.trust)))
    return found


def perspectrum(root: Path, seed: int) -> Iterator[Example]:
    """Perspectrum train: claims as facets, perspectives as units."""
    stance = pd.read_csv(root / "perspectrum_stance.csv")
    for row in stance[stance.split == "train"].itertuples():
        yield Example(row.text, None, row.claim, SUPPORTS if row.stance > 0 else CONTRADICTS, "perspectrum")
    relevance = pd.read_csv(root / "perspectrum_relevance.csv")
    absent = relevance[(relevance.split == "train") & (relevance.relevant == 0)]
    for row in absent.sample(min(3000, len(absent)), random_state=seed).itertuples():
        yield Example(row.text, None, row.claim, graded(0.1, 0.5), "perspectrum")


def argkp(root: Path, seed: int) -> Iterator[Example]:
    """ArgKP train: topics and matched key points as facets, arguments as units."""
    arguments = pd.read_csv(root / "argkp_arguments.csv")
    for row in arguments[arguments.split == "train"].sample(4500, random_state=seed).itertuples():
        yield Example(row.argument, None, row.topic, SUPPORTS if row.stance > 0 else CONTRADICTS, "argkp")
    matches = pd.read_csv(root / "argkp_key_point_matches.csv")
    matches = matches[matches.split == "train"]
    for row in matches[matches.label == 1].sample(2000, random_state=seed).itertuples():
        yield Example(row.argument, None, row.key_point, SUPPORTS, "argkp")
    for row in matches[matches.label == 0].sample(1200, random_state=seed).itertuples():
        yield Example(row.argument, None, row.key_point, graded(0.1, 0.6), "argkp")


def aspects(root: Path, seed: int) -> Iterator[Example]:
    """Restaurant sentences whose aspects differ in polarity: teaches which part of a mixed sentence is meant."""
    rng = random.Random(seed)
    frame = pd.read_csv(root / "aspect_sentiment.csv")
    frame = frame[frame.aspect != "miscellaneous"]
    support = {"positive": 0.98, "neutral": 0.5, "negative": 0.02}
    templates = ("Our {} is excellent.", "The {} is good", "We take care of the {}", "{}")
    categories = ("food", "service", "place", "staff", "price", "menu", "ambience")
    present = frame[frame.kind == "category"].groupby("text").aspect.agg(set)
    for row in frame.sample(4500, random_state=seed).itertuples():
        relevance = 0.6 if row.polarity == "neutral" else 0.97
        facet = rng.choice(templates).format(row.aspect)
        yield Example(row.text, None, facet, graded(relevance, support[row.polarity]), "aspects")
    for text, named in list(present.items())[:1200]:
        absent = rng.choice([category for category in categories if category not in named])
        yield Example(str(text), None, rng.choice(templates).format(absent), graded(0.05, 0.5), "aspects")


def snli(root: Path, seed: int) -> Iterator[Example]:
    """Picture captions and what follows from them or cannot be; a neutral hypothesis may be so."""
    targets = {"entailment": graded(0.95, 0.97), "contradiction": graded(0.9, 0.03), "neutral": graded(0.5, 0.5)}
    frame = pd.read_csv(root / "snli.csv").dropna(subset=["premise", "hypothesis"])
    for row in frame.sample(min(12000, len(frame)), random_state=seed).itertuples():
        yield Example(row.premise, None, row.hypothesis, targets[row.label], "snli")


def hard_pairs(root: Path, seed: int) -> Iterator[Example]:
    """The opposed workplace pairs, but for the held-out facets."""
    del seed
    for pair in read_workplace_pairs(root):
        if is_held_out(pair["facet"]):
            continue
        yield Example(pair["supports"], None, pair["facet"], graded(0.97, 0.95), "hard_pairs")
        yield Example(pair["contradicts"], None, pair["facet"], graded(0.97, 0.05), "hard_pairs")
        yield Example(pair["unrelated"], None, pair["facet"], graded(0.03, 0.5), "hard_pairs")


def read_workplace_pairs(root: Path) -> list[dict[str, str]]:
    lines = (root / "workplace_pairs.ndjson").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def cross_facets(root: Path, seed: int) -> Iterator[Example]:
    """Texts of one set beside facets drawn from all: many facets that a text has nothing to do with.

    A draw now and then meets a facet that does fit, so the target is not a flat 0.
    """
    rng = random.Random(seed)
    hard = [pair for pair in read_workplace_pairs(root) if not is_held_out(pair["facet"])]
    claims = pd.read_csv(root / "perspectrum_stance.csv")
    claims = claims[claims.split == "train"]
    phrasings = [phrasing for facet in workplace_facets() if not facet["held_out"] for phrasing in facet["phrasings"]]
    tested = {facet["id"] for facet in workplace_facets() if facet["held_out"]}
    facets = sorted({pair["facet"] for pair in hard})
    for comment in workplace_comments():
        if not tested & set(comment["labels"]):
            for facet in rng.sample(facets, 2):
                yield Example(comment["text"], comment["question"], facet, graded(0.08, 0.5), "cross_facets")
    for pair in rng.sample(hard, 700):
        text = pair[rng.choice(("supports", "contradicts"))]
        yield Example(text, None, rng.choice(facets + phrasings), graded(0.08, 0.5), "cross_facets")
    for row in claims.sample(900, random_state=seed).itertuples():
        yield Example(row.text, None, rng.choice(list(claims.claim)), graded(0.02, 0.5), "cross_facets")


def off_topic(root: Path, seed: int) -> Iterator[Example]:
    """Requests to a voice assistant against workplace facets: nothing in them is about any."""
    rng = random.Random(seed)
    frame = pd.read_csv(root / "clinc150.csv")
    phrasings = [phrasing for facet in workplace_facets() for phrasing in facet["phrasings"] if not facet["held_out"]]
    for row in frame[frame.split.str.endswith("train")].sample(900, random_state=seed).itertuples():
        yield Example(row.text, None, rng.choice(phrasings), NOT_ABOUT, "off_topic")


def workplace_facets() -> list[dict]:
    """The project's own facets: id, phrasings, held_out."""
    return [json.loads(line) for line in (DATA / "facets.ndjson").read_text(encoding="utf-8").splitlines() if line]


def workplace_comments() -> list[dict]:
    """The project's own comments: text, question, labels (facet id → 1 supports, −1 contradicts), unsure facet ids."""
    return [json.loads(line) for line in (DATA / "comments.ndjson").read_text(encoding="utf-8").splitlines() if line]


def workplace(root: Path, seed: int) -> Iterator[Example]:
    """The project's own ordinary comments against its own facets; what touches a held-out facet is left out."""
    del root
    rng = random.Random(seed)
    yield from _workplace(rng, held_out=False)


def workplace_test(seed: int) -> list[Example]:
    """Every comment against every held-out facet in its first phrasing."""
    return list(_workplace(random.Random(seed), held_out=True))


def _workplace(rng: random.Random, *, held_out: bool) -> Iterator[Example]:
    facets = {facet["id"]: facet for facet in workplace_facets()}
    tested = {name for name, facet in facets.items() if facet["held_out"]}
    kept = [name for name, facet in facets.items() if facet["held_out"] == held_out]
    for comment in workplace_comments():
        labels: dict[str, int] = comment["labels"]
        if not held_out and tested & set(labels):
            continue
        text, question = comment["text"], comment["question"] if held_out else _reword(comment["question"], rng)
        absent = [name for name in kept if name not in labels and name not in comment["unsure"]]
        for name in [name for name in labels if name in kept]:
            phrasings = facets[name]["phrasings"]
            for phrasing in phrasings[:1] if held_out else rng.sample(phrasings, 3):
                yield Example(text, question, phrasing, graded(0.97, 0.96 if labels[name] > 0 else 0.04), "workplace")
            if not held_out:
                broken = rng.choice(facets[name]["broken"])
                yield Example(text, question, broken, graded(0.93, 0.06 if labels[name] > 0 else 0.94), "workplace")
        for name in absent if held_out else rng.sample(absent, min(4, len(absent))):
            wordings = facets[name]["phrasings"] * 2 + facets[name]["broken"]
            phrasing = facets[name]["phrasings"][0] if held_out else rng.choice(wordings)
            yield Example(text, question, phrasing, NOT_ABOUT, "workplace")
    if not held_out:
        yield from _broken_against_kept(facets, kept)


def _broken_against_kept(facets: dict[str, dict], kept: list[str]) -> Iterator[Example]:
    """A facet's opposite, said outright, contradicts it; one wording of a facet supports another."""
    for name in kept:
        phrasings = facets[name]["phrasings"]
        for broken in facets[name]["broken"]:
            for phrasing in phrasings:
                yield Example(broken, None, phrasing, graded(0.98, 0.02), "workplace")
        yield Example(phrasings[0], None, phrasings[1], graded(0.98, 0.98), "workplace")


SOURCES: dict[str, Callable[[Path, int], Iterator[Example]]] = {
    "nhs": nhs,
    "perspectrum": perspectrum,
    "argkp": argkp,
    "aspects": aspects,
    "snli": snli,
    "suggestions": suggestions,
    "hard_pairs": hard_pairs,
    "cross_facets": cross_facets,
    "off_topic": off_topic,
    "workplace": workplace,
}
