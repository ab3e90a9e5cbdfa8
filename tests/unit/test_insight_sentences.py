"""What insights say is what was found: their numbers are the estimates, and chance is not worded as a difference."""

from __future__ import annotations

import datetime as dt
import json
import re
from itertools import product

import numpy as np
import pytest

from service.core.disclosure import Disclosure
from service.core.publication import publish
from service.core.themes import FoundTheme
from service.report.view import ResultsView
from service.results import Estimate
from service.results.analysis import plain
from service.results.wording import number
from tests.builders import make_analysis
from tests.simulated import measured_of

COMPARISONS = {
    "facet_strongest",
    "facet_weakest",
    "facet_change",
    "alignment_change",
    "group_differs",
    "theme_down",
    "theme_up",
    "theme_grew",
    "theme_shrank",
    "theme_moved",
    "driver",
}
PULSES = (dt.date(2026, 3, 2), dt.date(2026, 9, 1))
THEMES = ("pay", "trust", "rota", "food")
NUMBER = re.compile(r"(?<![\w.])[−+]?\d[\d,]*(?:\.\d+)?%?")
NAMES = re.compile(r"“[^”]*”|2026-\d\d-\d\d|[FD]acet \d|Department \d|engagement")


def survey(seed, *, effects, people=150):
    """What people say in two pulses, with a department, a facet's change and a theme that matter, or with none."""
    random = np.random.default_rng(seed)
    person, pulse = np.tile(np.arange(people), 2), np.repeat([0, 1], people)
    wrote = random.random(2 * people) < 0.85
    person, pulse = person[wrote], pulse[wrote]
    group = random.integers(0, 4, people)
    said = random.random((len(person), len(THEMES))) < (0.5, 0.3, 0.2, 0.3)
    base = np.array([0.5, 0.2, -0.1, -0.4])
    alignment = base + random.normal(0, 0.2, (people, 4))[person] + random.normal(0, 0.2, (len(person), 4))
    if effects:
        alignment[:, 1] += 0.35 * pulse
        alignment[:, 2] -= 0.5 * (group[person] == 0)
        alignment -= 0.4 * said[:, :1]
        said[:, 1] |= (random.random(len(person)) < 0.4) & (pulse == 1)
        said[:, 3] &= pulse == 1
    alignment[random.random(alignment.shape) < 0.4] = np.nan
    asking = (random.random(len(person)) < 0.5) & (np.nan_to_num(alignment[:, 3]) < 0)
    rating = np.clip(np.round(5 + 4 * base.mean() + random.normal(0, 1, people)), 1, 9)
    if effects:
        mean = np.array([np.nanmean(np.append(alignment[person == p], 0.0)) for p in range(people)])
        rating = np.clip(np.round(5 + 12 * mean + random.normal(0, 1, people)), 1, 9)
    measured = measured_of(
        alignment=alignment,
        said=said,
        person=person,
        dates=[PULSES[p] for p in pulse],
        groups={"department": [f"Department {k}" for k in group]},
        ratings={"engagement": rating},
        suggestion=asking,
    )
    found = [FoundTheme(theme_id=name, name=name.capitalize(), kind="codebook") for name in THEMES]
    return publish(measured, found, Disclosure(), seed=0, cuts=("department",), ratings=("engagement",))


@pytest.fixture(scope="module")
def with_effects():
    return [survey(seed, effects=True) for seed in range(6)]


@pytest.fixture(scope="module")
def without():
    return [survey(100 + seed, effects=False) for seed in range(6)]


def scale_of(insight):
    return ResultsView(make_analysis()).scale(insight)


def bare(text):
    """A number as it stands in a sentence, without the signs that words may say instead."""
    return text.lstrip("−+").removesuffix("%").replace(",", "")


def spellings(value):
    """A number as any sentence may write it."""
    if isinstance(value, int):
        return {str(value)}
    return {bare(number(value, scale)) for scale in ("alignment", "share", "correlation")}


def published_numbers(value):
    """Every number in a result, at any depth."""
    if isinstance(value, Estimate):
        return [n for n in (value.value, value.low, value.high, value.n) if n is not None]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [value]
    if isinstance(value, (tuple, list)):
        return [n for item in value for n in published_numbers(item)]
    names = getattr(value, "__dataclass_fields__", {})
    return [n for name in names for n in published_numbers(getattr(value, name))]


def told(published):
    return [insight for item in published for insight in item.insights]


def test_the_surveys_bring_out_every_kind_of_comparison(with_effects):
    kinds = {insight.kind for insight in told(with_effects)}
    assert {"facet_strongest", "facet_weakest", "facet_change", "group_differs", "theme_down", "theme_grew"} <= kinds
    assert {"theme_new", "suggestion", "facet_gap", "driver"} <= kinds


def test_the_number_and_the_interval_of_an_insight_stand_in_its_sentence(with_effects, without):
    checked = 0
    for insight in told([*with_effects, *without]):
        estimate = insight.estimate
        if not estimate.shown or insight.kind.startswith("unmentioned"):
            continue
        scale, checked = scale_of(insight), checked + 1
        numbers = [bare(found) for found in NUMBER.findall(NAMES.sub("", insight.text))]
        for value in (estimate.value, estimate.low, estimate.high):
            assert bare(number(value, scale)) in numbers, (insight.kind, insight.text, value)
    assert checked > 60


def test_no_sentence_has_a_number_that_is_not_published_of_what_it_is_about(with_effects):
    for published in with_effects:
        tables = (published.facets, published.themes, published.cuts, published.drivers, published.trends)
        known = set().union(*(spellings(value) for value in published_numbers((tables, published.local_validity))))
        for insight in published.insights:
            own = set().union(*(spellings(value) for value in published_numbers(insight.estimate)))
            numbers = {bare(found) for found in NUMBER.findall(NAMES.sub("", f"{insight.headline} {insight.text}"))}
            if insight.kind == "group_differs" or insight.kind == "suggestion":
                continue  # they stand on sides and people of their own, which the next tests look at
            assert numbers <= known | own, (insight.kind, insight.text)


def test_the_two_sides_of_a_group_difference_lie_as_far_apart_as_it_says(with_effects):
    sides = re.compile(r"([−+]?\d+) \([−+]?\d+ to [−+]?\d+, [\d,]+ respondents\)")
    found = [insight for insight in told(with_effects) if insight.kind == "group_differs"]
    assert found
    for insight in found:
        inside, outside = (int(text.replace("−", "-")) for text in sides.findall(insight.text))
        assert abs(inside - outside - 100 * insight.estimate.value) <= 1
        assert ("less" in insight.headline) == (insight.estimate.value < 0)


def test_no_comparison_is_worded_where_the_interval_includes_none(with_effects, without):
    for insight in told([*with_effects, *without]):
        if insight.kind in COMPARISONS:
            assert insight.estimate.low > 0 or insight.estimate.high < 0, insight.text


def test_words_that_compare_stand_in_comparisons_only(with_effects, without):
    words = re.compile(r"\b(rose|fell|more than|less than|lower|higher|fewer people|above|below)\b", re.IGNORECASE)
    for insight in told([*with_effects, *without]):
        if words.search(NAMES.sub("", insight.headline)):
            assert insight.kind in COMPARISONS, insight.headline


def test_the_words_of_a_change_go_with_its_sign(with_effects):
    ups = {"rose": True, "fell": False, "less": False, "more": True}
    for insight in told(with_effects):
        if insight.kind in COMPARISONS - {"driver"}:
            (up,) = {up for word, up in ups.items() if re.search(rf"\b{word}\b", insight.headline)}
            assert up == (insight.estimate.value > 0), insight.headline


def test_scores_fall_from_one_insight_to_the_next(with_effects, without):
    for published in (*with_effects, *without):
        scores = [insight.score for insight in published.insights]
        assert scores == sorted(scores, reverse=True)
        assert [insight.insight_id for insight in published.insights] == [f"i{n + 1}" for n in range(len(scores))]


def test_the_first_dozen_say_at_most_three_things_of_one_facet_or_group(with_effects):
    for published, field in product(with_effects, ("facet_id", "group")):
        first = [insight for insight in published.insights[:12] if field == "group" or insight.group is None]
        about = [getattr(insight, field) for insight in first if getattr(insight, field)]
        assert max((about.count(one) for one in about), default=0) <= 3, published.insights[:12]


def test_what_is_published_is_json(with_effects):
    for published in with_effects:
        parts = {name: getattr(published, name) for name in published.__dataclass_fields__}
        assert json.loads(json.dumps(plain(parts)))["drivers"]


def test_every_insight_has_a_next_step(with_effects):
    assert all(insight.next_step for insight in told(with_effects))
