"""Drivers on surveys of which the truth is known: what goes with a rating, and what of it holds on held-out people."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from service.core.disclosure import Disclosure
from service.core.drivers import MIN_MODEL_RESPONDENTS, find_drivers, held_out
from service.core.insights.drivers import MAX_A_RATING, drivers
from service.core.insights.sources import Sources
from service.core.next_steps import shipped_next_steps
from service.core.tables import Tables
from service.core.themes import FoundTheme
from service.report import render_html
from service.results import Driver
from tests.builders import make_analysis
from tests.simulated import measured_of

PEOPLE, FACETS, THEMES = 200, 4, 6
FOUND = [FoundTheme(theme_id=f"t{k}", name=f"Theme {k}", kind="codebook") for k in range(THEMES)]


class Survey:
    """People who write of facets and themes by chance, and a rating that is noise until something is planted."""

    def __init__(self, seed: int = 0, people: int = PEOPLE) -> None:
        rng = np.random.default_rng(seed)
        self.alignment = np.clip(rng.normal(scale=0.5, size=(people, FACETS)), -1, 1)
        self.silent = rng.random((people, FACETS)) < 0.4
        self.said = rng.random((people, THEMES)) < 0.3
        self.rating = rng.normal(size=people)
        self.noise = rng.normal(size=people)

    def measured(self):
        measured = measured_of(
            alignment=np.where(self.silent, np.nan, self.alignment),
            said=self.said,
            person=np.arange(len(self.rating)),
            dates=[dt.date(2026, 3, 1)] * len(self.rating),
        )
        given = [{} if np.isnan(value) else {"engagement": float(value)} for value in self.rating]
        comments = [replace(comment, ratings=own) for comment, own in zip(measured.comments, given, strict=True)]
        return replace(measured, comments=comments)

    def drivers(self, shown=tuple(theme.theme_id for theme in FOUND), seed=0) -> dict[str, Driver]:
        found = find_drivers(self.measured(), FOUND, shown, Disclosure(), ["engagement"], seed)
        return {driver.facet_id or driver.theme_id: driver for driver in found}

    def insights(self):
        measured = self.measured()
        tables = Tables(measured, FOUND, Disclosure(), 0, np.ones(len(measured.units), dtype=bool))
        sources = Sources(tables, tables.facets(), tables.themes(), ())
        return list(drivers(sources, list(self.drivers().values())))


def planted(seed=0, people=PEOPLE) -> Survey:
    """Facet 0 lifts the rating of those who speak to it, and theme 0 lowers it."""
    survey = Survey(seed, people)
    survey.rating += np.where(survey.silent[:, 0], 0, 1.5 * survey.alignment[:, 0]) - 1.2 * survey.said[:, 0]
    return survey


def with_a_shadow(seed=0) -> Survey:
    """The same, and facet 1 and theme 1 go with facet 0 and theme 0, and with nothing else."""
    survey = Survey(seed)
    survey.silent[:, 1] = survey.silent[:, 0]
    survey.alignment[:, 1] = 0.65 * survey.alignment[:, 0] + 0.25 * survey.noise
    survey.said[:, 1] = np.where(survey.noise > 0.6, survey.said[:, 1], survey.said[:, 0])
    survey.rating += np.where(survey.silent[:, 0], 0, 2 * survey.alignment[:, 0]) - 1.5 * survey.said[:, 0]
    return survey


def test_planted_drivers_are_found_and_hold_on_held_out_people():
    found = planted().drivers()
    for name, sign in (("f0", 1), ("t0", -1)):
        assert found[name].held_out
        assert found[name].adjusted_p < 0.01
        assert np.sign(found[name].effect.value) == sign
        assert found[name].effect.low <= found[name].effect.value <= found[name].effect.high
        assert 0.02 < found[name].adds < 0.4
    assert found["f0"].effect.n == (~planted().silent[:, 0]).sum()
    assert not any(driver.held_out for name, driver in found.items() if name not in ("f0", "t0"))


def test_together_they_tell_what_each_adds_and_no_more():
    found = planted(people=1000).drivers()
    together = found["f0"].together
    assert 0 < together.low < together.value < together.high < 1
    assert together.n == 1000
    assert together.value == pytest.approx(found["f0"].adds + found["t0"].adds, abs=0.03)


def test_an_insight_says_it_as_an_association_with_number_interval_and_n():
    by_name = {found.facet_id or found.theme_id: found for found in planted().insights()}
    assert set(by_name) == {"f0", "t0"}
    assert by_name["f0"].headline == "People who see “Facet 0” lived give higher values of “engagement”"
    assert by_name["t0"].headline == "People who speak of “Theme 0” give lower values of “engagement”"
    for insight in by_name.values():
        assert insight.kind == "driver"
        assert insight.evidence
        assert f"{insight.estimate.n} respondents" in insight.text
        assert insight.text.endswith("An association, not a cause.")
    assert shipped_next_steps().of("driver")


def test_what_only_goes_with_a_driver_does_not_hold_beyond_it():
    shadows = [with_a_shadow(seed).drivers() for seed in range(12)]
    assert all(found["f0"].held_out and found["t0"].held_out for found in shadows)
    looks_like_one = [found[name] for found in shadows for name in ("f1", "t1") if found[name].adjusted_p < 0.05]
    assert len(looks_like_one) > 12
    assert sum(bool(driver.held_out) for driver in looks_like_one) <= 2


def test_of_near_duplicates_the_stronger_stands_for_both():
    survey = planted()
    survey.silent[:, 1] = survey.silent[:, 0]
    survey.alignment[:, 1] = survey.alignment[:, 0] + 0.1 * survey.noise
    found = survey.drivers()
    assert found["f0"].held_out
    assert (found["f1"].held_out, found["f1"].adds) == (False, None)
    assert found["f1"].adjusted_p < 0.05


def test_of_noise_at_most_one_survey_in_twenty_has_an_insight():
    assert sum(bool(Survey(seed, people=80).insights()) for seed in range(50)) <= 2


def test_at_most_three_drivers_of_a_rating_are_said():
    survey = Survey(people=600)
    survey.rating += survey.said @ np.full(THEMES, 1.0)
    assert sum(bool(driver.held_out) for driver in survey.drivers().values()) > MAX_A_RATING
    assert len(survey.insights()) == MAX_A_RATING


def test_the_same_seed_gives_the_same_drivers():
    assert planted().drivers() == planted().drivers()
    assert planted().drivers(seed=1)["f0"].adds != planted().drivers()["f0"].adds


def test_with_too_few_for_a_model_there_are_correlations_and_no_more():
    found = planted(people=MIN_MODEL_RESPONDENTS - 1).drivers()
    assert found["t0"].effect.n == MIN_MODEL_RESPONDENTS - 1
    assert {(driver.held_out, driver.adds, driver.together) for driver in found.values()} == {(None, None, None)}
    assert planted(people=MIN_MODEL_RESPONDENTS).drivers()["t0"].held_out is not None


def test_with_too_few_for_a_correlation_there_are_no_drivers():
    assert not planted(people=19).drivers()


def test_people_without_the_rating_count_for_nothing():
    survey = planted(people=400)
    survey.rating[200:] = np.nan
    survey.said[200:, 5] = False
    found = survey.drivers()
    assert found["t0"].effect.n == found["t0"].together.n == 200


def test_a_rating_without_variation_has_no_drivers():
    survey = planted()
    survey.rating[:] = 4.0
    assert not survey.drivers()


def test_a_rating_that_all_but_two_share_is_modelled_without_a_warning():
    survey = planted()
    survey.rating[:] = 4.0
    survey.rating[:2] = 1.0
    assert not any(driver.held_out for driver in survey.drivers().values())


def test_a_facet_that_nobody_or_everybody_speaks_to_leaves_the_others_as_they_are():
    survey = planted()
    survey.silent[:, 2] = True
    survey.silent[:, 3] = False
    found = survey.drivers()
    assert "f2" not in found
    assert found["f3"].effect.n == PEOPLE
    assert found["f0"].held_out


def test_speaking_to_a_facet_is_not_taken_for_seeing_it_lived():
    survey = Survey()
    survey.rating += 2.0 * ~survey.silent[:, 0]
    assert not survey.drivers()["f0"].held_out


def test_a_theme_that_all_but_a_few_speak_of_is_no_driver():
    survey = planted()
    survey.said[:, 1] = np.arange(PEOPLE) >= 4
    assert "t1" not in survey.drivers()
    survey.said[:, 1] = np.arange(PEOPLE) >= 5
    assert "t1" in survey.drivers()


def test_a_theme_that_is_not_shown_is_no_driver():
    assert "t0" not in planted().drivers(shown=("t1",))


def test_more_candidates_than_people_have_an_answer():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(60, 90))
    found = held_out(values[:, 0] * 2 + rng.normal(size=60), values, 0)
    assert found.adds[0].low > 0
    assert sum(item.low > 0 for item in found.adds if item.low is not None) <= 5


def test_one_wild_value_of_a_number_moves_nothing():
    survey = planted()
    survey.rating[np.argmax(survey.rating)] = 1e9
    assert survey.drivers() == planted().drivers()


def test_the_report_says_what_holds_and_how_much_all_tell_together():
    page = " ".join(render_html(make_analysis(), title="Pulse").split())
    assert "All of them together tell 16% (7% to 24%, 188 respondents) of the differences in “engagement”" in page
    assert "<td>yes</td> <td>7%</td>" in page
    assert "<td>no</td> <td>–</td>" in page
