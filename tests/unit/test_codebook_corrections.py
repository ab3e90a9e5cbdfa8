"""Codebook themes learn from people's corrections and from the batch."""

from __future__ import annotations

import random

import numpy as np
import pytest

from service.core.embedding import HashingEmbedder
from service.core.themes import ThemeModel
from service.core.themes.codebook import FEWEST_REFINED, CodebookScorer
from service.core.units import Unit
from service.errors import InvalidCodebook
from service.results import Codebook, Correction, Theme
from service.results.codebook import next_version

EMBEDDER = HashingEmbedder(512)
PAY = Theme(theme_id="pay", name="Pay", definition="salary wages bonus pension", include=("The salary is low",))
FOOD = Theme(theme_id="food", name="Canteen food", include=("the canteen lunch", "coffee in the kitchen"))
BOOK = Codebook(name="test", version="1", themes=(PAY, FOOD))
STRANGE = "garage barrier at gate four stuck again this morning"
NEAR = "garage barrier at gate four stuck again this evening"
FAR = "wages and bonus are fine"


def correction(text, theme_id, belongs):
    return Correction(text=text, theme_id=theme_id, belongs=belongs)


def themes_of(book, *texts):
    scores, _ = CodebookScorer(EMBEDDER, book).scores(EMBEDDER.encode(texts))
    return [{book.themes[column].theme_id for column in np.flatnonzero(row)} for row in scores]


def test_a_unit_that_people_say_belongs_is_assigned_and_what_is_near_it_is_drawn_along():
    corrected = BOOK.corrected([correction(STRANGE, "food", True)])
    assert themes_of(BOOK, STRANGE) == [set()]
    assert themes_of(corrected, STRANGE) == [{"food"}]
    near = [CodebookScorer(EMBEDDER, book).excess(EMBEDDER.encode([NEAR]))[0, 1] for book in (BOOK, corrected)]
    assert near[1] > near[0] + 0.5


def test_a_unit_that_people_say_does_not_belong_is_not_assigned():
    assert "pay" in themes_of(BOOK, FAR)[0]
    assert "pay" not in themes_of(BOOK.corrected([correction(FAR, "pay", False)]), FAR)[0]


def test_a_correction_leaves_what_is_far_from_it_alone():
    vectors = EMBEDDER.encode([FAR])
    corrected = BOOK.corrected([correction(STRANGE, "food", True)])
    before, after = (CodebookScorer(EMBEDDER, book).excess(vectors) for book in (BOOK, corrected))
    assert np.abs(after - before).max() < 0.05


def test_the_last_word_on_a_unit_counts():
    changed_mind = BOOK.corrected([correction(STRANGE, "food", True), correction(STRANGE, "food", False)])
    assert themes_of(changed_mind, STRANGE) == [set()]


def test_a_correction_of_a_theme_that_was_removed_is_passed_over():
    book = BOOK.corrected([correction(STRANGE, "food", True)])
    left = Codebook(name="test", version="2", themes=(PAY,), corrections=book.corrections)
    assert themes_of(left, STRANGE) == [set()]


@pytest.mark.parametrize(
    ("version", "following"), [("1", "1+1"), ("1+1", "1+2"), ("2024.9", "2024.9+1"), ("a+b", "a+b+1")]
)
def test_corrections_make_a_new_version_that_keeps_its_makers_own(version, following):
    assert next_version(version) == following
    book = Codebook(name="test", version=version, themes=(PAY,))
    assert book.corrected([correction(STRANGE, "pay", True)]).version == following


def test_a_correction_of_an_unknown_theme_is_refused_with_the_themes_there_are():
    with pytest.raises(InvalidCodebook, match=r"'lunch'.*food and pay"):
        BOOK.corrected([correction(STRANGE, "lunch", True)])


def spoken(count):
    """Units of which half are about pay and half about food, each beside words that the codebook does not have."""
    draw = random.Random(3)
    pay = [f"the salary is {draw.choice('low fair high late'.split())} wages {n}" for n in range(count)]
    food = [f"the canteen lunch {draw.choice('menu soup snack'.split())} {n}" for n in range(count)]
    return pay + food


def test_a_batch_teaches_words_that_the_codebook_does_not_have():
    scorer, vectors = CodebookScorer(EMBEDDER, BOOK), EMBEDDER.encode(spoken(FEWEST_REFINED))
    only_spoken = EMBEDDER.encode(["soup menu snack", "fair high late"])
    before = scorer.log_shares(only_spoken)
    after = scorer.refine(vectors).log_shares(only_spoken)
    assert np.ptp(after[:, 1] - after[:, 0]) > np.ptp(before[:, 1] - before[:, 0]) + 0.2


def test_a_small_batch_teaches_nothing():
    scorer, vectors = CodebookScorer(EMBEDDER, BOOK), EMBEDDER.encode(spoken(20))
    before = scorer.log_shares(vectors)
    assert np.array_equal(scorer.refine(vectors).log_shares(vectors), before)


def test_the_order_of_a_batch_that_teaches_changes_nothing():
    texts = spoken(FEWEST_REFINED)
    units = [Unit(comment=row, start=0, end=len(text), text=text) for row, text in enumerate(texts)]
    order = np.random.default_rng(0).permutation(len(units))
    scores = ThemeModel(EMBEDDER, BOOK, emergent=False).fit_transform(units).scores
    again = ThemeModel(EMBEDDER, BOOK, emergent=False).fit_transform([units[row] for row in order]).scores
    assert np.array_equal(scores[order], again)
