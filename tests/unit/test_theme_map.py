"""The theme map: where units lie, what of it may be shown, and how it is drawn."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from service.charts import map_chart, to_svg
from service.charts.theme_map import MAX_NAMED, drawn, largest, place
from service.core import theme_map as module
from service.core.disclosure import Disclosure
from service.core.embedding import HashingEmbedder
from service.core.measures import Measured, number_respondents
from service.core.models import Models
from service.core.pipeline import Analyser
from service.core.privacy import Redactor
from service.core.theme_map import theme_map
from service.core.themes import FoundTheme, ThemeScores
from service.core.themes.layout import positions
from service.core.units import Unit
from service.report import render_html
from service.results import Comment, Estimate, MapLabel, MapPoint, Purpose, ThemeMap, ThemeResult
from tests.builders import make_analysis
from tests.fakes import LexiconStance

DISCLOSURE = Disclosure(5, 10)
IN_A_NEW_PROCESS = """
import hashlib, sys
import numpy as np
from service.core.themes.layout import positions
rows = np.load(sys.argv[1])
print(hashlib.sha256(positions(rows, [f"unit {n}" for n in range(len(rows))]).tobytes()).hexdigest())
"""


def heaps(count: int, size: int, dimension: int = 64):
    """Unit vectors around ``count`` centres, and the heap of each."""
    random = np.random.default_rng(0)
    heap = np.repeat(np.arange(count), size)
    rows = random.normal(size=(count, dimension))[heap] + 0.7 * random.normal(size=(count * size, dimension))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), heap


def words(count: int) -> list[str]:
    return [f"unit {n}" for n in range(count)]


def same_heap(points, heap, k=10):
    """Share of the ``k`` nearest neighbours that are of the same heap."""
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    nearest = distance.argsort(axis=1)[:, :k]
    return (heap[nearest] == heap[:, None]).mean()


# Positions


@pytest.mark.parametrize("count", [20, 120])
def test_the_same_units_in_any_order_lie_on_the_same_spots(count):
    rows, texts = heaps(4, count // 4)[0], words(count)
    order = np.random.default_rng(1).permutation(count)
    placed = positions(rows, texts)
    assert np.array_equal(positions(rows[order], [texts[i] for i in order]), placed[order])
    assert len(np.unique(placed, axis=0)) == count


def test_another_process_with_more_threads_gives_the_same_positions(tmp_path):
    rows = heaps(8, 40)[0]
    np.save(tmp_path / "rows.npy", rows)
    done = subprocess.run(
        [sys.executable, "-c", IN_A_NEW_PROCESS, str(tmp_path / "rows.npy")],
        env=os.environ | {"OMP_NUM_THREADS": "3", "OPENBLAS_NUM_THREADS": "3"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == hashlib.sha256(positions(rows, words(len(rows))).tobytes()).hexdigest()


def test_units_of_the_same_words_lie_on_one_spot_and_move_no_other():
    rows, texts = heaps(4, 20)[0], words(80)
    more = positions(np.concatenate([rows, rows[:7]]), [*texts, *(f" {text.upper()}" for text in texts[:7])])
    assert np.array_equal(more[:80], positions(rows, texts))
    assert np.array_equal(more[80:], more[:7])


@pytest.mark.parametrize("count", [0, 1, 2, 5, 29, 30, 31])
def test_few_units_have_positions_too(count):
    placed = positions(heaps(31, 1)[0][:count], words(count))
    assert placed.shape == (count, 2)
    assert placed.dtype == np.float32
    assert np.abs(placed).max(initial=0) <= 1
    assert len(np.unique(placed, axis=0)) == count


def test_units_that_cannot_be_told_apart_lie_on_one_spot():
    placed = positions(np.repeat(heaps(1, 1)[0], 40, axis=0), words(40))
    assert np.array_equal(placed, np.zeros((40, 2)))


def test_neighbours_on_the_map_are_alike_far_more_often_than_on_the_first_two_components():
    rows, heap = heaps(20, 20)
    centred = rows - rows.mean(axis=0)
    components = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
    assert same_heap(positions(rows, words(400)), heap) > 0.9
    assert same_heap(components, heap) < 0.6


# What may be shown


def measured(groups: list[tuple[int, list[int]]], n_themes: int, *, above: dict[int, int] | None = None) -> Measured:
    """One comment a unit: for each theme (−1 for none) the people behind its units; ``above`` gives parents."""
    primary = np.array([theme for theme, people in groups for _ in people], dtype=np.intp)
    people = [person for _, people in groups for person in people]
    comments = [Comment(comment_id=f"id-{n}", text=f"text {n}", respondent_id=f"p{p}") for n, p in enumerate(people)]
    scores = np.zeros((len(primary), n_themes), dtype=np.float32)
    for row, theme in enumerate(primary):
        if theme >= 0:
            scores[row, theme] = 0.7
            if theme in (above or {}):
                scores[row, above[theme]] = 0.8
    respondent, n_respondents = number_respondents(comments, [True] * len(comments))
    nothing = np.full((len(comments), 1), np.nan)
    return Measured(
        comments=comments,
        purpose=Purpose.from_text("We listen to each other."),
        units=[Unit(row, 0, len(comment.text), comment.text) for row, comment in enumerate(comments)],
        unit_comment=np.arange(len(comments)),
        unit_alignment=nothing,
        embeddings=np.resize(heaps(40, 10)[0], (len(comments), 64)),
        theme_scores=ThemeScores(scores, primary),
        theme_tone=np.full(scores.shape, np.nan),
        unit_suggestion=np.zeros(len(comments), dtype=np.bool_),
        scores=None,
        comment_theme=scores > 0,
        respondent=respondent,
        n_respondents=n_respondents,
        identified=True,
    )


def map_of(groups: list[tuple[int, list[int]]], published: str = "abc", **options) -> ThemeMap:
    """The map of themes a, b, c …, of which ``published`` are shown, in that order."""
    names = "abcdefgh"[: max(3, 1 + max(theme for theme, _ in groups))]
    found = [FoundTheme(theme_id=name, name=name.upper(), kind="emergent") for name in names]
    hidden = Estimate.suppressed()
    shown = [
        ThemeResult(
            theme_id=name,
            name=name.upper(),
            kind="emergent",
            parent=None,
            definition="",
            keyphrases=(),
            prevalence=hidden,
            alignment=hidden,
            effect=hidden,
            stability=None,
            suggestion_share=None,
        )
        for name in published
    ]
    return theme_map(measured(groups, len(names), **options), found, shown, DISCLOSURE)


def sizes(drawn_map: ThemeMap) -> Counter:
    return Counter(point.theme_id for point in drawn_map.points)


def people(first: int, count: int) -> list[int]:
    return list(range(first, first + count))


REST = (-1, people(500, 20))


def test_a_theme_has_points_and_a_name_when_as_many_people_as_a_quote_needs_stand_behind_it():
    found = map_of([(0, people(0, 10)), (1, people(20, 9)), REST])
    assert sizes(found) == {"a": 10, None: 29}
    assert [(label.theme_id, label.name) for label in found.labels] == [("a", "A")]


def test_many_units_of_few_people_do_not_make_a_theme_shown():
    assert "b" not in sizes(map_of([(0, people(0, 12)), (1, people(20, 9) * 5), REST]))


def test_a_theme_that_is_not_published_is_not_named():
    assert sizes(map_of([(0, people(0, 30)), (1, people(0, 30)), REST], published="b")) == {"b": 30, None: 50}


def test_with_fewer_people_than_a_quote_needs_there_is_nothing():
    assert map_of([(0, people(0, 9) * 4)]) == ThemeMap()
    assert map_of([(0, people(0, 10) * 4)]).points


@pytest.mark.parametrize("hidden", [0, 1, 4, 9])
def test_what_few_people_say_cannot_be_counted_from_what_is_left_out(hidden):
    """Nothing is left out; and which themes are named does not tell whether it is nobody or nine."""
    found = map_of([(0, people(0, 30)), (1, people(40, 14)), (2, people(60, 12)), (-1, people(80, hidden))])
    assert len(found.points) == 56 + hidden
    assert sizes(found) == {"a": 30, "b": 14, None: 12 + hidden}


def test_a_unit_whose_theme_is_too_small_lies_under_the_theme_above_it():
    found = map_of([(0, people(0, 9)), (2, people(20, 11)), REST], above={0: 1, 2: 1})
    assert sizes(found) == {"c": 11, None: 29}
    found = map_of([(0, people(0, 9)), (1, people(9, 1)), (2, people(20, 11)), REST], above={0: 1, 2: 1})
    assert sizes(found) == {"b": 10, "c": 11, None: 20}


def test_a_point_carries_no_words_no_ids_and_no_more_digits_than_a_picture_needs():
    found = map_of([(0, people(0, 30)), REST])
    text = json.dumps(dataclasses.asdict(found))
    assert not any(secret in text for secret in ("text", "id-", "p0", "p500"))
    assert {field.name for field in dataclasses.fields(MapPoint)} == {"x", "y", "theme_id"}
    for point in found.points:
        assert (round(point.x, 3), round(point.y, 3)) == (point.x, point.y)
        assert -1 <= point.x <= 1


def test_the_order_of_the_points_is_that_of_the_themes_and_of_places_and_not_of_the_comments():
    found = map_of([(1, people(50, 12)), REST, (0, people(0, 30))], published="ba")
    assert [theme for theme, _ in itertools.groupby(point.theme_id for point in found.points)] == ["b", "a", None]
    for _, points in itertools.groupby(found.points, key=lambda point: point.theme_id):
        places = [(point.x, point.y) for point in points]
        assert places == sorted(places)


def test_of_many_units_a_sample_is_shown_with_every_theme_in_it(monkeypatch):
    monkeypatch.setattr(module, "MAX_POINTS", 100)
    monkeypatch.setattr(module, "FEWEST", 12)
    groups = [(0, people(0, 300)), (1, people(400, 14)), (-1, people(500, 100))]
    found = map_of(groups)
    assert len(found.points) == 100
    assert sizes(found)["b"] >= 12
    assert 2 < sizes(found)["a"] / sizes(found)[None] < 4
    assert map_of(groups) == found


def test_a_name_stands_where_the_points_of_its_theme_are_densest():
    label = module._label(make_analysis().themes[0], np.array([[0.9, 0.9], [-0.5, 0.1], [-0.5, 0.12], [-0.48, 0.1]]))
    assert (label.x, label.y) == (-0.5, 0.1)


# The whole way


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser(Models(HashingEmbedder(), LexiconStance(), Redactor()))


def survey(count: int) -> list[Comment]:
    said = ("Managers always explain their decisions openly", "The pay is bad and comes late", "My team helps me a lot")
    return [Comment(comment_id=f"c{n}", text=f"{said[n % 3]} in week {n}", respondent_id=f"p{n}") for n in range(count)]


def test_an_analysis_has_a_point_for_every_unit_whatever_the_order_of_its_comments(analyser):
    comments, purpose = survey(45), Purpose.from_text("We explain our decisions openly.")
    analysis = analyser.run(comments, purpose)
    assert len(analysis.theme_map.points) == analysis.counts.units
    assert {label.theme_id for label in analysis.theme_map.labels} <= {theme.theme_id for theme in analysis.themes}
    assert len(analysis.to_frame("map")) == analysis.counts.units
    assert analyser.run(comments[::-1], purpose).theme_map == analysis.theme_map


def test_an_analysis_of_few_people_has_no_map(analyser):
    analysis = analyser.run(survey(9), Purpose.from_text("We explain our decisions openly."))
    assert analysis.theme_map == ThemeMap()
    assert list(analysis.to_frame("map")) == ["x", "y", "theme_id"]


# The chart


def themed(count: int, spread: float = 0.02) -> ThemeMap:
    """Many themes with long names, all but on one spot."""
    labels = tuple(
        MapLabel(theme_id=f"t{n}", name=f"A theme with quite a long name {n}", x=n * spread / count, y=0.0)
        for n in range(count)
    )
    points = tuple(MapPoint(x=label.x, y=0.0, theme_id=label.theme_id) for label in labels for _ in range(3))
    return ThemeMap(points=points, labels=labels)


def test_no_name_lies_over_another_and_none_outside_the_plot():
    boxes = place([(5.0, 5.0)] * 12 + [(300.0, 200.0)] * 8, [(150.0, 34.0)] * 20, (760, 580))
    assert not [(one, other) for one, other in itertools.combinations(boxes, 2) if one.meets(other)]
    assert all(box.left >= 0 and box.top >= 0 and box.right <= 760 and box.bottom <= 580 for box in boxes)


def test_a_name_that_has_room_stands_on_its_spot():
    (box,) = place([(300.0, 200.0)], [(100.0, 34.0)], (760, 580))
    assert (box.left, box.top) == (250, 183)


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_the_map_names_the_themes_of_most_ideas_each_with_a_mark_of_its_own(width):
    analysis = dataclasses.replace(make_analysis(), theme_map=themed(30))
    spec = map_chart(analysis, width).to_dict()
    drawn_words = " ".join(row["text"] for values in spec["datasets"].values() for row in values if "text" in row)
    for n in range(MAX_NAMED):
        assert f"quite a long name {n}" in drawn_words
    assert "quite a long name 29" not in drawn_words
    assert "10 smaller themes have no name here" in drawn_words
    marks = {
        (row["theme"], row["colour"], row["shape"])
        for values in spec["datasets"].values()
        for row in values
        if "theme" in row
    }
    named = [mark for theme, *mark in marks if int(theme.rsplit(" ", 1)[1]) < MAX_NAMED]
    assert len(named) == len({tuple(mark) for mark in named}) == MAX_NAMED


def test_the_map_in_words_says_how_many_ideas_a_theme_has_and_what_lies_next_to_it():
    svg = to_svg(map_chart(make_analysis()))
    assert "Workload: 24 ideas, next to Miscommunication." in svg
    assert "Collaboration: 18 ideas" in svg


def test_a_map_of_many_points_is_thinned_alike_in_every_theme_and_says_so():
    points = tuple(MapPoint(x=n / 3000, y=0.0, theme_id="t0" if n < 2000 else None) for n in range(3000))
    many = ThemeMap(points=points, labels=(MapLabel(theme_id="t0", name="Trust", x=0.0, y=0.0),))
    shown = Counter(point.theme_id for point in drawn(many, "wide"))
    assert (shown["t0"], shown[None]) == (1000, 500)
    assert "1,500 of 3,000 ideas are drawn" in to_svg(map_chart(dataclasses.replace(make_analysis(), theme_map=many)))


def test_themes_of_most_points_come_first():
    assert [label.theme_id for label in largest(make_analysis().theme_map)] == [
        "workload",
        "collaboration",
        "miscommunication",
    ]


def test_the_report_has_the_map_below_the_themes_and_no_empty_section_without_one():
    report = render_html(make_analysis())
    assert report.index('id="themes"') < report.index('id="map"') < report.index('id="groups"')
    assert report.count("Map of the themes") >= 3
    nothing = {"themes": (), "cuts": (), "trends": (), "theme_map": ThemeMap()}
    without = render_html(dataclasses.replace(make_analysis(), **nothing))
    assert "Map of the themes" not in without
    assert "#map" not in without
