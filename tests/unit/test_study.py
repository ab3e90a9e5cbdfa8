"""A study: edits reach every number of the analysis, are undone, survive storage and the next pulse."""

from __future__ import annotations

import datetime as dt
import io
import json
import random

import numpy as np
import pytest

from service.core.embedding import HashingEmbedder
from service.core.models import Models
from service.core.pipeline import Analyser
from service.core.privacy import Redactor
from service.core.study_file import pack, unpack
from service.errors import InvalidEdit, StaleVersion
from service.results import Codebook, Comment, Purpose, Theme
from service.results.edits import Hide, Merge, Rename
from tests.fakes import LexiconStance

PURPOSE = Purpose.from_text("We explain our decisions openly. We support each other at work.")
BOOK = Codebook(
    name="work",
    version="3",
    themes=(
        Theme(theme_id="pay", name="Pay", include=("the salary and wages are low", "my bonus and my pension")),
        Theme(theme_id="food", name="Canteen food", include=("the canteen lunch is cold", "soup and coffee")),
        Theme(theme_id="cars", name="Parking", include=("the garage barrier is stuck", "a permit for my bicycle")),
    ),
)
WORDS = {
    "pay": "the salary and wages are low",
    "food": "the canteen lunch is cold",
    "cars": "the garage barrier is stuck",
}


def study_models():
    return Models(HashingEmbedder(), LexiconStance(), Redactor())


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser(study_models(), codebook=BOOK)


def comments(each=14, extra=()):
    draw = random.Random(1)
    rows = [(theme, text) for theme, text in WORDS.items() for _ in range(each)]
    return [
        Comment(
            comment_id=f"c{row}",
            text=f"{text} says Maria Gonzalez {draw.choice('again always often'.split())} {row}",
            respondent_id=f"secret-{row}",
            date=dt.date(2025, 3, 1 + row % 3),
            groups={"team": "North" if row % 2 else "South", "shoe": str(row)},
            ratings={"mood": row % 5, "salary": row},
        )
        for row, (_, text) in enumerate([*rows, *extra])
    ]


@pytest.fixture(scope="module")
def study(analyser):
    return analyser.study(comments(), PURPOSE, cuts=["team"], ratings=["mood"])


def theme(analysis, theme_id):
    return next(item for item in analysis.themes if item.theme_id == theme_id)


def test_a_study_begins_with_the_analysis_that_run_gives(analyser, study):
    assert study.analysis.to_dict() == analyser.run(comments(), PURPOSE, cuts=["team"], ratings=["mood"]).to_dict()
    assert study.version == "3"


def test_an_edit_reaches_themes_groups_comments_and_the_provenance(study):
    edited = study.edit(Merge(theme_ids=("food", "cars"), name="Canteen and parking")).analysis
    assert theme(edited, "food").prevalence.n == 42
    assert theme(edited, "food").prevalence.value == pytest.approx(28 / 42)
    assert {t.theme_id for g in edited.cuts[0].groups for t in g.themes} == {t.theme_id for t in edited.themes}
    assert {t.name for c in edited.comments for t in c.themes} == {"Pay", "Canteen and parking"}
    assert edited.provenance.codebook_version == "3+1"


def test_what_an_edit_does_not_touch_stays_the_same(study):
    edited = study.edit(Hide(theme_id="cars")).analysis
    assert edited.alignment == study.analysis.alignment
    assert edited.facets == study.analysis.facets
    assert theme(edited, "pay").prevalence == theme(study.analysis, "pay").prevalence


def test_undo_gives_the_analysis_from_before_under_a_version_of_its_own(study):
    once = study.edit(Rename(theme_id="food", name="Meals"))
    back = once.edit(Hide(theme_id="pay")).undo()
    assert back.analysis.themes == once.analysis.themes
    assert [once.version, back.version] == ["3+1", "3+3"]
    assert back.undo().analysis.themes == study.analysis.themes


def test_nothing_to_take_back_is_said(study):
    with pytest.raises(InvalidEdit, match="no edit to take back"):
        study.undo()


def test_several_edits_are_all_made_or_none_and_the_wrong_one_is_named(study):
    both = study.edit(Rename(theme_id="food", name="Meals"), Hide(theme_id="cars"))
    assert both.version == "3+2"
    with pytest.raises(InvalidEdit, match="no theme 'lunch'") as refused:
        study.edit(Rename(theme_id="food", name="Meals"), Hide(theme_id="lunch"))
    assert refused.value.where == "edits[1].theme_id"
    assert study.version == "3"


def test_an_edit_of_an_older_version_is_refused_with_the_newest(study):
    once = study.edit(Rename(theme_id="food", name="Meals"), version="3")
    with pytest.raises(StaleVersion, match=r"version '3' is not the newest; that is '3\+1'"):
        once.edit(Hide(theme_id="food"), version="3")
    with pytest.raises(StaleVersion):
        once.undo(version="3")


def test_the_next_pulse_is_assigned_to_the_edited_themes_and_what_fits_none_is_new(analyser, study):
    book = study.edit(Rename(theme_id="food", name="What we eat"), Hide(theme_id="cars")).codebook
    draw = random.Random(2)
    dogs = "puppy kennel leash barking dog vet walk bone".split()
    new = [("dogs", f"{' '.join(draw.sample(dogs, 5))} {n}") for n in range(40)]
    pulse = analyser.run(comments(extra=new), PURPOSE, codebook=book)
    names = {t.theme_id: t for t in pulse.themes}
    assert names["food"].name == "What we eat"
    assert "cars" not in names
    assert not names["food"].new
    found = [t for t in pulse.themes if t.new]
    assert found
    assert all(t.kind == "emergent" for t in found)
    assert pulse.provenance.codebook_version == "3+2"
    assert not [t for t in study.analysis.themes if t.new]


def test_a_stored_study_goes_on_where_it_was(analyser, study):
    once = study.edit(Rename(theme_id="food", name="Meals"))
    again = analyser.unpack(analyser.pack(once), once.analysis)
    assert again.version == once.version
    edit = Merge(theme_ids=("food", "cars"))
    ours, theirs = again.edit(edit).analysis, once.edit(edit).analysis
    assert [t.name for t in ours.themes] == [t.name for t in theirs.themes]
    assert [t.prevalence for t in ours.themes] == [t.prevalence for t in theirs.themes]
    assert ours.counts == theirs.counts
    assert ours.cuts == theirs.cuts
    back = again.undo().analysis
    assert [(t.name, t.prevalence) for t in back.themes] == [(t.name, t.prevalence) for t in study.analysis.themes]


def test_what_is_stored_has_no_respondent_no_name_and_only_what_was_declared(study):
    with np.load(io.BytesIO(pack(study))) as file:
        words = file["words"].tobytes().decode()
    assert "Gonzalez" not in words
    assert "secret" not in words
    stored = json.loads(words)["comments"]
    assert {name for comment in stored for name in comment["groups"]} == {"team"}
    assert {name for comment in stored for name in comment["ratings"]} == {"mood"}


def test_an_edit_keeps_the_minimum_group_sizes_that_the_analysis_was_made_with(study):
    stricter = Analyser(study_models(), codebook=BOOK, min_respondents=20, min_verbatim_respondents=30)
    analysis = stricter.run(comments(), PURPOSE, cuts=["team"], ratings=["mood"])
    made = stricter.study(comments(), PURPOSE, cuts=["team"], ratings=["mood"])
    looser = Analyser(study_models(), codebook=BOOK, min_respondents=3, min_verbatim_respondents=3)
    edited = looser.unpack(stricter.pack(made), made.analysis).edit(Rename(theme_id="food", name="Meals")).analysis
    assert edited.provenance.thresholds == analysis.provenance.thresholds
    assert not theme(edited, "pay").prevalence.shown
    assert not theme(edited, "pay").quotes
    assert theme(study.analysis, "pay").prevalence.shown


def test_a_study_made_with_other_models_is_not_edited(study):
    other = Analyser(Models(HashingEmbedder(128), LexiconStance(), Redactor()), codebook=BOOK)
    with pytest.raises(InvalidEdit, match="another embedder model than the service has now; make it again"):
        other.unpack(pack(study), study.analysis)


def test_a_study_of_another_format_is_refused(study):
    with np.load(io.BytesIO(pack(study))) as file:
        arrays = dict(file)
    words = json.loads(arrays["words"].tobytes()) | {"format": 99}
    arrays["words"] = np.frombuffer(json.dumps(words).encode(), dtype=np.uint8)
    other = io.BytesIO()
    np.savez_compressed(other, **arrays)
    with pytest.raises(ValueError, match="format 99"):
        unpack(other.getvalue())
