"""The result types: splitting a statement, the JSON form and back, data frames."""

import dataclasses
import datetime as dt
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import InvalidInput, InvalidPurpose, MissingPurpose
from service.results import (
    Analysis,
    Comment,
    CommentResult,
    Counts,
    CutResult,
    Driver,
    Estimate,
    Facet,
    FacetResult,
    FacetScore,
    GroupResult,
    GroupTheme,
    Insight,
    MapLabel,
    MapPoint,
    Provenance,
    Purpose,
    Quote,
    ThemeMap,
    ThemeResult,
    ThemeScore,
    Trend,
    TrendPoint,
    UnitResult,
)
from service.results.purpose import MAX_FACETS, slug

NHS = (
    "Working together for patients. Respect and dignity. Commitment to quality of care. Compassion. Improving lives. "
    "Everyone counts."
)
OK = Estimate.ok(0.25, -0.125, 0.5, 40)
HIDDEN = Estimate.suppressed()


def analysis():
    """One of everything, with shown and suppressed numbers."""
    quote = Quote(comment_id="a", text="They asked <PERSON>.", why="closest to the facet")
    return Analysis(
        provenance=Provenance(
            package_version="0.1.0",
            models={"embedder": "hashing@1"},
            codebook="ours",
            codebook_version="1",
            seed=0,
            thresholds={"relevance": 0.5},
            settings={"cuts": ["team"], "min_respondents": 5},
            notes=("no dates",),
        ),
        purpose=Purpose(
            statement="We listen.",
            facets=(Facet(facet_id="listen", title="Listen", text="We listen.", supports=("They asked me.",)),),
        ),
        counts=Counts(
            received=12,
            used=9,
            duplicate=1,
            no_content=1,
            unsupported_language=1,
            truncated=0,
            suppressed=2,
            asked=9,
            respondents=8,
            units=15,
        ),
        alignment=OK,
        coverage=HIDDEN,
        facets=(
            FacetResult(
                facet_id="listen",
                title="Listen",
                state="contested",
                alignment=OK,
                coverage=HIDDEN,
                supports_share=0.5,
                contradicts_share=None,
                quotes=(quote,),
            ),
        ),
        themes=(
            ThemeResult(
                theme_id="pay",
                name="Pay",
                kind="codebook",
                parent=None,
                definition="What people are paid.",
                keyphrases=("too low", "late pay"),
                prevalence=OK,
                alignment=HIDDEN,
                effect=OK,
                stability=0.9,
                suggestion_share=None,
                quotes=(quote,),
            ),
        ),
        cuts=(
            CutResult(
                name="team",
                groups=(
                    GroupResult(
                        name="North", alignment=OK, coverage=OK, themes=(GroupTheme(theme_id="pay", prevalence=HIDDEN),)
                    ),
                    GroupResult(name="South", alignment=HIDDEN, coverage=HIDDEN),
                ),
            ),
        ),
        drivers=(Driver(target="engagement", effect=OK, adjusted_p=0.01, theme_id="pay"),),
        trends=(
            Trend(
                measure="alignment",
                points=(TrendPoint(pulse="2024-03", estimate=OK), TrendPoint(pulse="2024-06", estimate=HIDDEN)),
                change=HIDDEN,
                facet_id="listen",
            ),
        ),
        insights=(
            Insight(
                insight_id="i1",
                kind="strongest_facet",
                headline="Listening",
                text="People feel heard.",
                estimate=OK,
                evidence=("a", "b"),
                next_step="Keep asking.",
                score=1.5,
                facet_id="listen",
            ),
        ),
        comments=(
            CommentResult(
                comment_id="a",
                status="scored",
                text="They asked <PERSON>.",
                alignment=0.25,
                suggestion=True,
                facets=(FacetScore(facet_id="listen", relevance=0.5, stance=0.5, alignment=0.25),),
                themes=(
                    ThemeScore(theme_id="pay", name="Pay", kind="codebook", score=0.75),
                    ThemeScore(theme_id="e1", name="Late pay", kind="emergent", score=0.5),
                ),
                units=(UnitResult(start=0, end=20, text="They asked <PERSON>.", suggestion=True, alignment=None),),
            ),
            CommentResult(comment_id="b", status="no_content", text="n/a", alignment=None, suggestion=False),
        ),
        theme_map=ThemeMap(
            points=(MapPoint(x=0.25, y=-0.5, theme_id="pay"), MapPoint(x=1.0, y=0.0, theme_id=None)),
            labels=(MapLabel(theme_id="pay", name="Pay", x=0.25, y=-0.5),),
        ),
    )


# Purpose


def test_each_sentence_of_a_statement_is_a_facet():
    facets = Purpose.from_text(NHS).facets
    assert [facet.text.rstrip(".") for facet in facets] == [part.strip(" .") for part in NHS.split(". ")]
    assert [facet.facet_id for facet in facets][1:4] == [
        "respect-and-dignity",
        "commitment-to-quality-of-care",
        "compassion",
    ]


@pytest.mark.parametrize("mark", ["- ", "* ", "• ", "1. ", "2) ", "a) "])
def test_each_list_item_is_a_facet_without_its_mark(mark):
    facets = Purpose.from_text(f"{mark}We listen to patients\n{mark}We act on what we hear\n").facets
    assert [facet.text for facet in facets] == ["We listen to patients", "We act on what we hear"]


def test_clauses_of_a_long_sentence_are_facets():
    facets = Purpose.from_text(
        "We listen to patients, and we act on what they tell us, so that nobody waits in pain"
    ).facets
    assert [facet.text for facet in facets] == [
        "We listen to patients",
        "we act on what they tell us",
        "nobody waits in pain",
    ]


def test_a_title_before_a_colon_names_the_facet():
    facet = Purpose.from_text("Dignity & respect: we treat everyone as a person, whoever they are.").facets[0]
    assert (facet.facet_id, facet.title) == ("dignity-respect", "Dignity & respect")
    assert facet.text.startswith("we treat everyone")


def test_a_title_begins_where_the_meaning_does():
    assert Purpose.from_text("We will treat patients with dignity.").facets[0].title == "Treat patients with dignity"


@pytest.mark.parametrize("statement", ["", " \n ", "...", "1. 2. 3.", "\ufeff", "•\n•"])
def test_a_statement_without_words_is_a_missing_purpose(statement):
    with pytest.raises(MissingPurpose):
        Purpose.from_text(statement)


def test_a_long_statement_keeps_every_word_in_at_most_twelve_facets():
    words = [f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(60)]
    purpose = Purpose.from_text(". ".join(f"We value {word} highly" for word in words))
    assert len(purpose.facets) == MAX_FACETS
    everything = " ".join(facet.text for facet in purpose.facets)
    assert all(word in everything for word in words)


@given(st.text(max_size=300))
def test_any_statement_gives_facets_with_words_and_distinct_ids_or_is_missing(statement):
    try:
        facets = Purpose.from_text(statement).facets
    except MissingPurpose:
        return
    assert 1 <= len(facets) <= MAX_FACETS
    assert len({facet.facet_id for facet in facets}) == len(facets)
    assert all(facet.text.strip() and facet.title for facet in facets)


def test_a_purpose_refuses_facets_without_words_and_ids_used_twice():
    with pytest.raises(MissingPurpose):
        Purpose(statement="We care.", facets=())
    with pytest.raises(InvalidPurpose) as caught:
        Purpose(statement="We care.", facets=(Facet(facet_id="a", title="A", text="!"),))
    assert caught.value.where == "facets[0].text"
    with pytest.raises(InvalidPurpose) as caught:
        Purpose(statement="We care.", facets=(Facet(facet_id="a", title="A", text="We care"),) * 2)
    assert caught.value.where == "facets[1].id"


def test_a_slug_is_lower_case_ascii_and_never_empty():
    assert slug("Dignity & Respect!") == "dignity-respect"
    assert slug("漢字") == "facet"
    assert len(slug("long " * 50)) <= 60


# Comment


def test_a_comment_refuses_an_unknown_source():
    with pytest.raises(ValueError, match="'email' is not one of survey, pulse, focus_group, goal"):
        Comment(comment_id="a", text="fine", source="email")


def test_results_cannot_be_changed():
    for value, field in ((Comment(comment_id="a", text="b"), "text"), (OK, "value"), (analysis(), "counts")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, field, None)


# Analysis


def test_an_analysis_comes_back_from_its_json():
    whole = analysis()
    assert Analysis.from_dict(json.loads(json.dumps(whole.to_dict(comments=True, theme_map=True)))) == whole


def test_analysis_json_leaves_comments_and_the_theme_map_out_unless_asked():
    whole = analysis()
    assert not {"comments", "theme_map"} & whole.to_dict().keys()
    without = dataclasses.replace(whole, comments=(), theme_map=ThemeMap())
    assert Analysis.from_dict(json.loads(json.dumps(whole.to_dict()))) == without


def test_the_json_object_has_the_keys_of_the_contract():
    data = analysis().to_dict()
    assert set(data) == {
        "provenance", "purpose", "counts", "alignment", "coverage", "facets", "themes", "cuts", "drivers", "trends",
        "insights",
    }  # fmt: skip
    assert data["purpose"]["facets"][0]["facet_id"] == "listen"
    assert data["alignment"] == {"status": "ok", "value": 0.25, "low": -0.125, "high": 0.5, "n": 40}
    assert data["trends"][0]["points"][0] == {"pulse": "2024-03", **data["alignment"]}


def test_a_suppressed_estimate_has_no_number_in_any_form():
    assert HIDDEN.to_dict() == {"status": "suppressed", "reason": "too_few_respondents"}
    data = analysis().to_dict()
    assert data["coverage"] == HIDDEN.to_dict()
    assert data["trends"][0]["points"][1] == {"pulse": "2024-06", **HIDDEN.to_dict()}
    frame = analysis().to_frame("groups")
    south = frame[frame["name"] == "South"].iloc[0]
    assert south["alignment_status"] == "suppressed"
    assert south[["alignment", "alignment_low", "alignment_high", "alignment_n"]].isna().all()


def test_numbers_are_rounded_to_six_digits():
    whole = dataclasses.replace(analysis(), alignment=Estimate.ok(1 / 3, 0.1, 0.5, 9))
    assert whole.to_dict()["alignment"]["value"] == 0.333333


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("counts", "used"), "many"),
        (("facets", 0, "state"), "happy"),
        (("alignment", "status"), "good"),
        (("themes",), 5),
    ],
)
def test_what_is_not_an_analysis_names_the_wrong_field_and_not_its_value(path, value):
    data = analysis().to_dict()
    holder = data
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    with pytest.raises(InvalidInput, match="not an analysis") as caught:
        Analysis.from_dict(data)
    assert caught.value.where == ".".join(map(str, path))


def test_every_table_becomes_a_frame():
    whole = analysis()
    comments = whole.to_frame()
    assert list(comments["comment_id"]) == ["a", "b"]
    assert comments.loc[0, "themes"] == "Pay; Late pay"
    assert comments.loc[0, "alignment_listen"] == 0.25
    assert whole.to_frame("facets").loc[0, "alignment_high"] == 0.5
    assert whole.to_frame("themes").loc[0, "keyphrases"] == ["too low", "late pay"]
    assert list(whole.to_frame("groups")["cut"]) == ["team", "team"]
    assert whole.to_frame("insights").loc[0, "evidence"] == ["a", "b"]
    assert list(whole.to_frame("trends")["pulse"]) == ["2024-03", "2024-06"]
    assert whole.to_frame("map").to_dict("records")[0] == {"x": 0.25, "y": -0.5, "theme_id": "pay"}
    assert list(dataclasses.replace(whole, theme_map=ThemeMap()).to_frame("map")) == ["x", "y", "theme_id"]


def test_an_unknown_table_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match="no table 'people'; there are comments, facets, themes, groups"):
        analysis().to_frame("people")


def test_a_comment_has_a_date_and_not_a_time():
    assert Comment(comment_id="a", text="b", date=dt.date(2024, 1, 2)).date == dt.date(2024, 1, 2)


def test_results_load_with_the_standard_library_alone():
    program = (
        "import sys; before = set(sys.modules); import service.results; "
        "heavy = {'numpy', 'pandas', 'pydantic', 'flask', 'torch', 'sklearn'} & (set(sys.modules) - before); "
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
