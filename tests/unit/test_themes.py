"""Emergent and codebook themes: what holds whatever the weights are."""

from __future__ import annotations

import random

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from service.core.embedding import HashingEmbedder
from service.core.themes import OTHER_ID, ThemeModel, ThemeScores, comment_themes, representative
from service.core.themes.clusters import candidate_counts, find_clusters, silhouette
from service.core.units import Unit
from service.results import Codebook, Theme

EMBEDDER = HashingEmbedder(512)
TOPICS = {
    "pay": "salary wages bonus pension raise payslip income allowance",
    "shifts": "shift rota roster weekend night overtime schedule holiday",
    "training": "training course mentor induction coaching workshop lesson skill",
    "canteen": "canteen lunch coffee meal kitchen soup menu snack",
    "parking": "parking car bicycle barrier garage permit space driveway",
}


def units_of(texts):
    return [Unit(comment=row, start=0, end=len(text), text=text) for row, text in enumerate(texts)]


def topical(each=24, seed=0):
    """Sentences about five topics, and the topic of each."""
    draw = random.Random(seed)
    texts, labels = [], []
    for topic, words in TOPICS.items():
        for number in range(each):
            texts.append(f"{' '.join(draw.sample(words.split(), 4))} number {number}")
            labels.append(topic)
    return texts, labels


def nonsense(count):
    draw = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(draw.choices(letters, k=6)) for _ in range(900)]
    return [" ".join(draw.choices(words, k=9)) for _ in range(count)]


def codebook(*themes):
    return Codebook(name="test", version="1", themes=themes)


PAY = Theme(
    theme_id="pay",
    name="Pay",
    definition="salary wages bonus pension",
    include=("The salary is low", "wages and bonus", "my pension", "a raise of the salary"),
    practices=("Compare pay with the market.",),
)
FOOD = Theme(theme_id="food", name="Canteen food", include=("the canteen lunch", "coffee in the kitchen", "a hot meal"))


def test_topics_are_found_without_being_told_how_many():
    texts, labels = topical()
    model = ThemeModel(EMBEDDER)
    scores = model.fit_transform(units_of(texts))
    assert adjusted_rand_score(labels, scores.primary) > 0.8
    assert 4 <= len(model.themes_) - 1 <= 8


def nested(each=45):
    """Two subjects, one of them of two parts that share half their words."""
    draw = random.Random(5)
    body = "patient ward doctor nurse bed hospital clinic treatment"
    parts = {
        "food": "canteen lunch coffee meal kitchen soup menu snack",
        "waiting": f"{body} queue delay late hours wait slow minutes turn",
        "kindness": f"{body} kind gentle smile warm caring friendly polite calm",
    }
    texts, labels = [], []
    for part, words in parts.items():
        half = words.split()
        for number in range(each):
            chosen = draw.sample(half[:8], 4) + draw.sample(half[8:], 3) if len(half) > 8 else draw.sample(half, 4)
            texts.append(f"{' '.join(chosen)} number {number}")
            labels.append(part)
    return texts, labels


def test_a_theme_of_two_parts_has_themes_within_it_and_keeps_its_units(monkeypatch):
    texts, labels = nested()
    # Whether the upper or the lower level comes out as themes is for the data to say; here it is the upper one.
    monkeypatch.setattr("service.core.themes.clusters.candidate_counts", lambda n: [2] if n > 100 else [2, 3])
    model = ThemeModel(EMBEDDER)
    scores = model.fit_transform(units_of(texts))
    within = [column for column, theme in enumerate(model.themes_) if theme.parent is not None]
    assert len(within) == 2
    parent = [theme.theme_id for theme in model.themes_].index(model.themes_[within[0]].parent)
    units = set(np.flatnonzero(scores.scores[:, parent] > 0).tolist())
    for column in within:
        assert model.themes_[column].stability >= 0.6
        assert set(np.flatnonzero(scores.scores[:, column] > 0).tolist()) <= units
    in_parts = [row for row in range(len(texts)) if scores.scores[row, within].any()]
    part = scores.scores[:, within].argmax(axis=1)
    assert adjusted_rand_score([labels[row] for row in in_parts], part[in_parts]) > 0.8
    assert not set(scores.primary.tolist()) & set(within)


def test_the_same_units_give_the_same_themes_on_every_run():
    units = units_of(topical()[0])
    first, second = ThemeModel(EMBEDDER), ThemeModel(EMBEDDER)
    one, two = first.fit_transform(units), second.fit_transform(units)
    assert first.themes_ == second.themes_
    assert np.array_equal(one.scores, two.scores)
    assert np.array_equal(one.primary, two.primary)


def test_the_order_of_the_units_changes_nothing():
    texts, _ = topical()
    order = np.random.default_rng(3).permutation(len(texts))
    first, second = ThemeModel(EMBEDDER), ThemeModel(EMBEDDER)
    one = first.fit_transform(units_of(texts))
    two = second.fit_transform(units_of([texts[row] for row in order]))
    assert first.themes_ == second.themes_
    assert np.array_equal(one.primary[order], two.primary)


def test_the_number_of_threads_changes_nothing():
    from threadpoolctl import threadpool_limits

    units = units_of(topical()[0])
    with threadpool_limits(limits=1):
        one = ThemeModel(EMBEDDER).fit_transform(units)
    with threadpool_limits(limits=2):
        two = ThemeModel(EMBEDDER).fit_transform(units)
    assert np.array_equal(one.scores, two.scores)


def test_a_few_more_units_leave_most_units_and_ids_where_they_were():
    texts, _ = topical()
    first, second = ThemeModel(EMBEDDER), ThemeModel(EMBEDDER)
    one = first.fit_transform(units_of(texts))
    two = second.fit_transform(units_of([*texts, "The salary and the bonus rose", "A shift at night"]))
    assert adjusted_rand_score(one.primary, two.primary[: len(texts)]) > 0.9
    ids = {theme.theme_id for theme in first.themes_}
    assert len(ids & {theme.theme_id for theme in second.themes_}) >= len(ids) - 1


def test_every_unit_has_a_theme_and_at_most_a_tenth_are_other():
    texts, _ = topical()
    model = ThemeModel(EMBEDDER)
    scores = model.fit_transform(units_of(texts))
    assert (scores.primary >= 0).all()
    assert model.themes_[-1].theme_id == OTHER_ID
    assert (scores.primary == len(model.themes_) - 1).mean() <= 0.10


def test_sentences_of_random_words_have_no_stable_theme():
    model = ThemeModel(EMBEDDER)
    scores = model.fit_transform(units_of(nonsense(300)))
    assert [theme.theme_id for theme in model.themes_] == [OTHER_ID]
    assert (scores.primary == 0).all()


@pytest.mark.parametrize("count", [0, 1, 2, 6, 20, 29, 30, 31, 40])
def test_few_units_are_no_problem(count):
    texts = topical(each=8)[0][:count]
    for model in (ThemeModel(EMBEDDER), ThemeModel(EMBEDDER, codebook(PAY, FOOD))):
        scores = model.fit_transform(units_of(texts))
        assert scores.scores.shape == (count, len(model.themes_))
        assert scores.scores.dtype == np.float32
        assert scores.primary.shape == (count,)
        assert (scores.primary < len(model.themes_)).all()


@pytest.mark.parametrize("count", [2, 40, 200])
def test_identical_units_are_one_theme_or_none(count):
    scores = ThemeModel(EMBEDDER).fit_transform(units_of(["The salary is low"] * count))
    assert len(set(scores.primary.tolist())) == 1


def test_similar_units_among_six_are_put_together():
    texts = ["the salary is low", "the salary is too low", "our salary is low", "canteen coffee", "blue door", "a cat"]
    primary = ThemeModel(EMBEDDER).fit_transform(units_of(texts)).primary
    assert primary[0] == primary[1] == primary[2]
    assert primary[3] != primary[0]


def test_scores_are_above_zero_up_to_one_where_assigned_and_primary_is_among_them():
    texts, _ = topical()
    scores = ThemeModel(EMBEDDER, codebook(PAY, FOOD)).fit_transform(units_of(texts))
    assert scores.scores.min() >= 0
    assert scores.scores.max() <= 1
    themed = np.flatnonzero(scores.primary >= 0)
    assert (scores.scores[themed, scores.primary[themed]] > 0).all()
    assert (scores.scores[scores.primary < 0] == 0).all()


def test_transform_gives_units_seen_in_fit_the_themes_they_had():
    units = units_of(topical()[0])
    model = ThemeModel(EMBEDDER)
    fitted = model.fit_transform(units)
    assert np.array_equal(model.transform(units[:10]).primary, fitted.primary[:10])


def test_embeddings_that_are_given_are_used():
    texts, _ = topical()
    units = units_of(texts)
    own = ThemeModel(EMBEDDER).fit_transform(units)
    given = ThemeModel(EMBEDDER).fit_transform(units, EMBEDDER.encode(texts))
    assert np.array_equal(own.scores, given.scores)


def test_names_are_unique_and_of_one_to_five_words():
    model = ThemeModel(EMBEDDER, codebook(PAY, FOOD))
    model.fit(units_of(topical()[0]))
    folded = [theme.name.casefold() for theme in model.themes_]
    assert len(set(folded)) == len(folded)
    assert len({theme.theme_id for theme in model.themes_}) == len(model.themes_)
    for theme in model.themes_:
        assert 1 <= len(theme.name.split()) <= 5
        assert theme.name[0].isupper()


def test_emergent_themes_have_stability_keyphrases_and_a_definition():
    model = ThemeModel(EMBEDDER)
    model.fit(units_of(topical()[0]))
    for theme in model.themes_[:-1]:
        assert theme.kind == "emergent"
        assert theme.stability is not None
        assert 0 <= theme.stability <= 1
        assert 1 <= len(theme.keyphrases) <= 5
        assert theme.keyphrases[0] in theme.definition


def test_codebook_themes_come_first_and_keep_id_name_and_practices():
    model = ThemeModel(EMBEDDER, codebook(PAY, FOOD))
    model.fit(units_of(topical()[0]))
    first = model.themes_[0]
    assert (first.theme_id, first.name, first.kind, first.practices) == ("pay", "Pay", "codebook", PAY.practices)
    assert model.themes_[1].theme_id == "food"
    assert OTHER_ID not in {theme.theme_id for theme in model.themes_}


def test_emergent_themes_take_what_no_codebook_theme_covers():
    texts, labels = topical()
    model = ThemeModel(EMBEDDER, codebook(PAY, FOOD))
    scores = model.fit_transform(units_of(texts))
    kinds = np.array([theme.kind for theme in model.themes_])
    assert "emergent" in kinds
    covered = (scores.scores[:, kinds == "codebook"] > 0).any(axis=1)
    assert not (covered & (scores.scores[:, kinds == "emergent"] > 0).any(axis=1)).any()
    assert covered[np.array(labels) == "pay"].mean() > 0.5


def test_without_emergent_only_codebook_themes_are_assigned():
    model = ThemeModel(EMBEDDER, codebook(PAY), emergent=False)
    scores = model.fit_transform(units_of(["The salary is low", "green frogs jump"]))
    assert [theme.theme_id for theme in model.themes_] == ["pay"]
    assert scores.primary.tolist() == [0, -1]


def test_a_unit_about_two_themes_carries_both():
    model = ThemeModel(EMBEDDER, codebook(PAY, FOOD), emergent=False)
    scores = model.fit_transform(units_of(["The salary and the bonus and the canteen lunch"]))
    assert (scores.scores > 0).all()


def test_an_exclude_example_pushes_look_alikes_away():
    wide = Theme(theme_id="pay", name="Pay", include=("the salary is low", "more salary", "salary and wages"))
    narrow = Theme(theme_id="pay", name="Pay", include=wide.include, exclude=("salary of the football players",))
    unit = units_of(["salary of the football players", "the salary is low"])
    before = ThemeModel(EMBEDDER, codebook(wide), emergent=False).fit_transform(unit).scores[:, 0]
    after = ThemeModel(EMBEDDER, codebook(narrow), emergent=False).fit_transform(unit).scores[:, 0]
    assert before[0] > 0
    assert after[0] == 0
    assert after[1] > 0


def test_a_parent_has_the_units_of_its_children_and_the_child_stays_primary():
    parent = Theme(theme_id="conditions", name="Conditions", definition="what work is like")
    child = Theme(theme_id="pay", name="Pay", include=PAY.include, parent="conditions")
    scores = ThemeModel(EMBEDDER, codebook(parent, child), emergent=False).fit_transform(
        units_of(["The salary is low"])
    )
    assert scores.scores[0, 0] >= scores.scores[0, 1] > 0
    assert scores.primary.tolist() == [1]


def test_keyphrases_and_names_never_hold_a_placeholder():
    texts = [f"<PERSON> paid the salary bonus {number} at <LOCATION> late" for number in range(40)]
    model = ThemeModel(EMBEDDER)
    model.fit(units_of(texts + topical()[0]))
    words = " ".join([*(theme.name for theme in model.themes_), *(p for t in model.themes_ for p in t.keyphrases)])
    assert "PERSON" not in words.upper()
    assert "LOCATION" not in words.upper()


def test_comment_themes_take_the_highest_unit_and_the_largest_sum():
    scores = ThemeScores(
        scores=np.array([[0.9, 0.0], [0.0, 0.6], [0.0, 0.5], [0.0, 0.0]], dtype=np.float32),
        primary=np.array([0, 1, 1, -1]),
    )
    whole, primary = comment_themes(scores, [0, 0, 0, 2], 3)
    assert np.allclose(whole, [[0.9, 0.6], [0, 0], [0, 0]])
    assert primary.tolist() == [1, -1, -1]


def test_representative_units_are_distinct_whole_and_say_why():
    texts = [
        "The salary is far too low for this work.",
        "The salary is far too low for this work!",
        "salary",
        "Wages and the bonus should be paid on time every month.",
        "My pension is smaller than I was promised by the firm.",
    ]
    units = units_of(texts)
    vectors = EMBEDDER.encode(texts)
    scores = ThemeScores(np.full((5, 1), 0.8, dtype=np.float32), np.zeros(5, dtype=np.intp))
    shown = representative(units, vectors, scores, 0, 3)
    rows = [row for row, _ in shown]
    assert len(set(rows)) == 3
    assert 2 not in rows
    assert not {0, 1} <= set(rows)
    assert all(reason for _, reason in shown)
    suggested = np.array([False, False, False, True, False])
    *_, (row, why) = representative(units, vectors, scores, 0, 3, suggested)
    assert row == 3
    assert "suggestion" in why.lower()


def test_two_quotes_are_never_of_one_comment():
    texts = ["The salary is far too low here.", "Wages are paid late every single month."]
    units = [Unit(comment=0, start=0, end=5, text=text) for text in texts]
    scores = ThemeScores(np.full((2, 1), 0.8, dtype=np.float32), np.zeros(2, dtype=np.intp))
    assert len(representative(units, EMBEDDER.encode(texts), scores, 0, 3)) == 1


def test_silhouette_is_that_of_scikit_learn():
    from sklearn.metrics import silhouette_score

    rows = EMBEDDER.encode(topical()[0])
    labels = np.arange(len(rows)) % 4
    assert silhouette(rows, labels) == pytest.approx(silhouette_score(rows, labels, metric="cosine"), abs=1e-5)


def test_candidate_counts_grow_and_stay_below_a_fifth():
    counts = candidate_counts(1000)
    assert counts == sorted(set(counts))
    assert counts[0] == 2
    assert counts[-1] <= 200


def test_plain_groups_are_stable_and_noise_has_no_strength():
    halves = np.random.default_rng(0).random((3, 120)) < 0.5
    found = find_clusters(EMBEDDER.encode(topical()[0]), halves)
    assert min(value for value in found.stability if value is not None) > 0.5
    noise = np.random.default_rng(1).normal(size=(120, 64)).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    assert find_clusters(noise, halves).n_groups == 0


def test_comments_without_any_theme_left_have_no_primary_one():
    scores = ThemeScores(np.zeros((2, 0), dtype=np.float32), np.full(2, -1))
    highest, primary = comment_themes(scores, [0, 1], 2)
    assert highest.shape == (2, 0)
    assert primary.tolist() == [-1, -1]
