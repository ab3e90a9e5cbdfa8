"""Report and exports hold no number but those that the attacker reads; words stand for as many people as they need."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from service.cli import main
from service.core.disclosure import Disclosure
from service.report import render_html
from service.results import Analysis
from service.results.analysis import plain
from tests.attacker import analysis_of, make_survey
from tests.attacker.printed import Words, leaves, numbers, printed, said_beside, without_results
from tests.attacker.strategies import LARGE, SMALL
from tests.attacker.words import author, behind_words

WORDS = Disclosure().min_verbatim_respondents


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    """Two pulses, ratings, suggestions, groups under the minimum and over it, and an insight of nearly every kind."""
    survey = make_survey(
        [30, 27, 16, 9, 3], kind="crossed", odd_ones=2, spoken=0.7, said=0.5, apart=0.6, suggests=0.4, rated=0.9, seed=5
    )
    made = analysis_of(survey, Disclosure())
    assert {"group_differs", "rating_agreement", "suggestion"} <= {insight.kind for insight in made.insights}
    assert any(not group.alignment.shown for cut in made.cuts for group in cut.groups)
    return made


@pytest.fixture(scope="module")
def document(analysis):
    return analysis.to_dict(theme_map=True)


@pytest.fixture
def exported(analysis, tmp_path):
    """The file of a format, as the command line writes it."""
    (tmp_path / "analysis.json").write_text(json.dumps(analysis.to_dict()), encoding="utf-8")

    def export(kind):
        file = tmp_path / f"export.{kind}"
        arguments = ["export", str(tmp_path / "analysis.json"), "--format", kind, "--out", str(file)]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
        return file

    return export


def test_the_report_prints_no_number_that_the_document_does_not_hold(analysis):
    template = Words(render_html(without_results(analysis)))
    assert said_beside(analysis, Words(render_html(analysis)), template) == set()


def test_the_exported_json_is_the_document(analysis, exported):
    assert json.loads(exported("json").read_text(encoding="utf-8")) == analysis.to_dict()


def test_the_exported_tables_hold_no_number_and_no_word_that_the_document_does_not_hold(document, exported):
    known = set(leaves(document))
    words = {word for word in known if isinstance(word, str)}
    book = openpyxl.load_workbook(exported("xlsx"))
    cells = [cell for sheet in book for row in sheet.iter_rows(min_row=2, values_only=True) for cell in row]
    cells += pd.read_csv(exported("csv")).to_numpy().ravel().tolist()
    for cell in cells:
        if isinstance(cell, str):
            assert cell in words or set(cell.removeprefix("'").split("; ")) <= words | {cell.removeprefix("'")} & words
        elif cell is not None and cell == cell and not isinstance(cell, bool):
            assert cell in known


def test_a_number_that_no_document_holds_is_noticed(document):
    assert not numbers("73.41% of all, −917 and 4,711") & printed(document)


@settings(max_examples=30, deadline=None)
@given(SMALL | LARGE)
def test_words_and_names_on_the_map_stand_for_as_many_people_as_words_need(survey):
    for what, who, comments in behind_words(survey, analysis_of(survey, Disclosure()).to_dict(theme_map=True)):
        assert (who & survey.pulses.any(axis=0)).sum() >= WORDS, what
        assert all(who[author(survey, comment)] for comment in comments), what


@settings(max_examples=10, deadline=None)
@given(few=st.integers(1, 4), others=st.integers(1, 4), seed=st.integers(0, 2**31), spoken=st.floats(0, 1))
def test_a_suppressed_group_looks_the_same_however_few_it_is_and_whatever_it_says(few, others, seed, spoken):
    survey = make_survey([20, 25, 4], kind="crossed", odd_ones=-1, spoken=1.0, said=0.5, seed=seed)
    groups = {"site": [f"site {number}" for number in np.repeat([0, 1, 2], [20, 25, 4])], "role": ["all"] * 49}

    def cells(size, silent):
        """The group of so many people, of whom this share says nothing and the others something else."""
        pulses, alignment = survey.pulses.copy(), survey.alignment.copy()
        pulses[:, 45 + size :] = False
        alignment[45:] = np.where(np.arange(4)[:, None] < 4 * silent, np.nan, 1 - 2 * silent)
        made = analysis_of(replace(survey, groups=groups, pulses=pulses, alignment=alignment), Disclosure())
        return [plain(group) for cut in made.cuts for group in cut.groups if group.name == "site 2"]

    assert cells(few, spoken) == cells(others, 0.0) != []
