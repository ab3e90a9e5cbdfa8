"""Editing themes: what an edit changes, what it leaves alone, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from service.core.embedding import HashingEmbedder
from service.core.themes import OTHER_ID, FoundTheme, ThemeModel, ThemeScores
from service.core.themes.edits import EditedThemes, ThemeEditor
from service.core.units import Unit
from service.errors import InvalidEdit
from service.results import Codebook, Theme
from service.results.edits import Correct, Hide, Merge, Move, Rename, Split, UnitRef, edit_from, edit_to

EMBEDDER = HashingEmbedder(512)
PAY = [f"the {word} of my salary and wages {n}" for n, word in enumerate("low fair late high poor good".split())]
FOOD = [f"the {word} lunch in the canteen {n}" for n, word in enumerate("cold fresh dull warm poor good".split())]
CARS = ["the barrier at the garage", "a permit for the garage", "my bicycle in the driveway", "the bicycle shed"]
TEXTS = [*PAY, *FOOD, *CARS]
BOOK = Codebook(
    name="book",
    version="1",
    themes=(
        Theme(theme_id="pay", name="Pay", include=("low wages",), exclude=("bonus hunting",), practices=("Ask.",)),
    ),
)


def theme(theme_id, name, kind="emergent", parent=None):
    return FoundTheme(theme_id=theme_id, name=name, kind=kind, parent=parent, keyphrases=(name.lower(),))


def editor(people=None):
    units = [Unit(comment=row, start=0, end=len(text), text=text) for row, text in enumerate(TEXTS)]
    ids = [f"c{row}" for row in range(len(TEXTS))]
    return ThemeEditor(EMBEDDER, units, EMBEDDER.encode(TEXTS), ids, people or range(len(TEXTS)), 4)


def themes():
    """Pay from a codebook, food and parking found, the last unit in none."""
    found = (theme("pay", "Pay", "codebook"), theme("food", "Food"), theme("cars", "Parking"), theme("other", "Other"))
    scores = np.zeros((len(TEXTS), 4), dtype=np.float32)
    primary = np.repeat([0, 1, 2], [6, 6, 4])
    primary[-1] = 3
    scores[np.arange(len(TEXTS)), primary] = 0.5
    scores[0, 1] = 0.25
    return EditedThemes(found, ThemeScores(scores, primary.astype(np.intp)), BOOK)


def members(edited, theme_id):
    column = [t.theme_id for t in edited.found].index(theme_id)
    return set(np.flatnonzero(edited.scores.scores[:, column] > 0).tolist())


def unit(row, start=0):
    return UnitRef(comment_id=f"c{row}", start=start)


def test_merged_themes_hold_the_units_of_both_under_the_first_ones_id():
    before = themes()
    after = editor().apply(before, Merge(theme_ids=("food", "cars"), name="Canteen and parking"))
    assert members(after, "food") == members(before, "food") | members(before, "cars")
    assert [t.theme_id for t in after.found] == ["pay", "food", "other"]
    assert after.found[1].name == "Canteen and parking"
    assert set(after.scores.primary[6:15].tolist()) == {1}


def test_merging_carries_examples_and_corrections_of_the_codebook_along():
    corrected = editor().apply(themes(), Correct(units=(unit(3),), theme_id="pay", belongs=True))
    after = editor().apply(corrected, Merge(theme_ids=("food", "pay")))
    book = editor().grown(after)
    food = next(t for t in book.themes if t.theme_id == "food")
    assert "low wages" in food.include
    assert "bonus hunting" in food.exclude
    assert [c.theme_id for c in book.corrections] == ["food"]
    assert "pay" not in {t.theme_id for t in book.themes}


def test_a_renamed_theme_keeps_its_id_and_its_units():
    before = themes()
    after = editor().apply(before, Rename(theme_id="food", name=" What we  eat ", definition="Meals."))
    assert (after.found[1].theme_id, after.found[1].name, after.found[1].definition) == (
        "food",
        "What we eat",
        "Meals.",
    )
    assert np.array_equal(after.scores.scores, before.scores.scores)


def test_a_hidden_theme_is_gone_and_its_units_fall_to_the_theme_that_is_left_them_or_to_other():
    after = editor().apply(themes(), Hide(theme_id="pay"))
    assert [t.theme_id for t in after.found] == ["food", "cars", "other"]
    assert after.scores.primary[:6].tolist() == [0, 2, 2, 2, 2, 2]
    assert [t.theme_id for t in editor().grown(after).themes if t.hidden] == ["pay"]


def test_a_split_theme_is_replaced_by_parts_that_share_its_units_out():
    before = themes()
    merged = editor().apply(before, Merge(theme_ids=("food", "cars")))
    after = editor().apply(merged, Split(theme_id="food", parts=2))
    parts = [t.theme_id for t in after.found if t.theme_id not in ("pay", "other")]
    assert len(parts) == 2
    held = [members(after, part) for part in parts]
    assert held[0] | held[1] == members(merged, "food")
    assert not held[0] & held[1]
    assert {frozenset(part - {0}) for part in held} == {frozenset(range(6, 12)), frozenset(range(12, 15))}
    assert len({t.name for t in after.found}) == len(after.found)


def test_moved_units_are_in_the_one_theme_only():
    after = editor().apply(themes(), Move(units=(unit(0), unit(15)), theme_id="cars"))
    for row in (0, 15):
        assert np.flatnonzero(after.scores.scores[row] > 0).tolist() == [2]
        assert after.scores.primary[row] == 2


def test_a_unit_said_to_belong_joins_and_stays_where_it_was_and_one_said_not_to_leaves():
    joined = editor().apply(themes(), Correct(units=(unit(12),), theme_id="food", belongs=True))
    assert np.flatnonzero(joined.scores.scores[12] > 0).tolist() == [1, 2]
    left = editor().apply(themes(), Correct(units=(unit(12),), theme_id="cars", belongs=False))
    assert np.flatnonzero(left.scores.scores[12] > 0).tolist() == [3]
    assert left.scores.primary[12] == 3


def test_what_was_edited_is_left_as_it_was():
    before = themes()
    scores, primary = before.scores.scores.copy(), before.scores.primary.copy()
    for edit in (
        Merge(theme_ids=("pay", "food")),
        Hide(theme_id="food"),
        Split(theme_id="food", parts=2),
        Move(units=(unit(1),), theme_id="cars"),
        Correct(units=(unit(1),), theme_id="cars", belongs=True),
    ):
        editor().apply(before, edit)
    assert np.array_equal(before.scores.scores, scores)
    assert np.array_equal(before.scores.primary, primary)


def test_every_edit_makes_the_next_version():
    once = editor().apply(themes(), Rename(theme_id="food", name="Meals"))
    twice = editor().apply(once, Hide(theme_id="cars"))
    assert [t.codebook.version for t in (themes(), once, twice)] == ["1", "1+1", "1+2"]


def test_the_next_pulse_is_assigned_to_the_edited_themes():
    after = editor().apply(themes(), Merge(theme_ids=("food", "pay"), name="What we get"))
    book = editor().grown(after)
    again = ThemeModel(EMBEDDER, book, emergent=False)
    text = "a warm lunch in the canteen"
    scores = again.fit_transform([Unit(comment=0, start=0, end=len(text), text=text)])
    assert again.themes_[int(scores.primary[0])].name == "What we get"


def test_a_hidden_theme_takes_its_units_in_the_next_pulse_and_is_not_shown():
    book = editor().grown(editor().apply(themes(), Hide(theme_id="food")))
    again = ThemeModel(EMBEDDER, book)
    units = [Unit(comment=row, start=0, end=len(text), text=text) for row, text in enumerate(FOOD)]
    scores = again.fit_transform(units)
    assert {t.theme_id for t in again.themes_} == {"pay", "cars"}
    assert set(scores.primary.tolist()) == {-1}


def test_a_theme_of_few_people_gives_none_of_their_words_to_the_codebook():
    few = editor(people=[row % 3 for row in range(len(TEXTS))])
    food = next(t for t in few.grown(themes()).themes if t.theme_id == "food")
    assert food.include == ("food",)
    many = next(t for t in editor().grown(themes()).themes if t.theme_id == "food")
    assert set(many.include) & set(FOOD)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (Merge(theme_ids=("food", "food")), "two different themes"),
        (Merge(theme_ids=("food", "lunch")), "no theme 'lunch'.*pay, food and cars"),
        (Merge(theme_ids=("food", OTHER_ID)), "no theme 'other'"),
        (Rename(theme_id="food", name="  "), "1 to 80 characters"),
        (Rename(theme_id="food", name="PAY"), "another theme is called 'PAY'"),
        (Rename(theme_id="lunch", name="Meals"), "no theme 'lunch'"),
        (Hide(theme_id="lunch"), "no theme 'lunch'"),
        (Split(theme_id="cars", parts=9), "3 different units and cannot be split into 9"),
        (Split(theme_id="cars", parts=1), "cannot be split into 1"),
        (Move(units=(), theme_id="food"), "no unit to move"),
        (Move(units=(unit(3, start=4),), theme_id="food"), "comment 'c3' has no unit that begins at character 4"),
        (Correct(units=(unit(99),), theme_id="food", belongs=True), "comment 'c99'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(edit, said):
    with pytest.raises(InvalidEdit, match=said):
        editor().apply(themes(), edit)


def test_a_theme_of_a_single_unit_cannot_be_split():
    alone = themes()
    alone.scores.scores[13:15, 2] = 0.0
    with pytest.raises(InvalidEdit, match="1 different units"):
        editor().apply(alone, Split(theme_id="cars"))


@pytest.mark.parametrize(
    "edit",
    [
        Merge(theme_ids=("a", "b"), name="C"),
        Merge(theme_ids=("a", "b")),
        Rename(theme_id="a", name="C"),
        Split(theme_id="a", parts=3),
        Hide(theme_id="a"),
        Move(units=(unit(1), unit(2, 5)), theme_id="a"),
        Correct(units=(unit(1),), theme_id="a", belongs=False),
    ],
)
def test_an_edit_is_the_same_after_json(edit):
    assert edit_from(edit_to(edit)) == edit


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"op": "burn"}, "'burn' is no operation.*merge, rename, split, hide, move, correct"),
        ({"op": "merge"}, "merge needs 'theme_ids'"),
        ({"op": "merge", "theme_ids": "food"}, "'theme_ids' of merge must be a list"),
        ({"op": "split", "theme_id": "a", "parts": True}, "'parts' of split must be a whole number"),
        ({"op": "hide", "theme_id": "a", "colour": "red"}, "hide has no field 'colour'"),
        ({"op": "move", "theme_id": "a", "units": [{"comment_id": "c"}]}, "a unit is named by"),
    ],
)
def test_json_that_is_no_edit_is_refused_with_what_is_wrong(document, said):
    with pytest.raises(InvalidEdit, match=said):
        edit_from(document)
