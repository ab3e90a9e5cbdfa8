"""Pulses of one purpose side by side, whatever each was made with; what changed is tested on the people who recur."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from service.core.disclosure import PublishedSets
from service.core.embedding import HashingEmbedder
from service.core.measures import pulses_of
from service.core.models import Models
from service.core.pipeline import Analyser
from service.core.privacy import Redactor
from service.core.privacy.pseudonyms import Pseudonyms
from service.core.pulses import PulseStudy
from service.errors import DifferentPurposes, EmptyBatch
from service.results import Codebook, Comment, Facet, Purpose, Theme, TrendReport
from service.results.edits import Rename
from tests.fakes import LexiconStance

PURPOSE = Purpose.from_text("We explain our decisions openly. We support each other at work.")
GOOD = "Managers explain decisions openly, honest and clear"
BAD = "Nobody explains decisions, everything stays hidden"
WAGES = "Salary wages low this year"
PAY = Theme(theme_id="pay", name="Pay", include=("Salary wages low", "Bonus pension salary"))
FOOD = Theme(theme_id="food", name="Canteen food", include=("Canteen lunch cold", "Soup coffee canteen"))
BOOK = Codebook(name="work", version="3", themes=(PAY, FOOD))
MARCH, SEPTEMBER = dt.date(2026, 3, 2), dt.date(2026, 9, 1)


class OtherStance(LexiconStance):
    model_id = "other"


def models(stance=LexiconStance):
    return Models(HashingEmbedder(), stance(), Redactor())


@pytest.fixture(scope="module")
def analyser():
    return Analyser(models(), codebook=BOOK)


def survey(good, *, people=40, date=MARCH, first=0, pay=0, purpose_groups=("North", "South")):
    """``good`` of the people say that decisions are explained, the others that they are not; ``pay`` speak of pay."""
    rows = [(n, GOOD if n < good else BAD) for n in range(people)]
    rows += [(n, WAGES) for n in range(pay)]
    return [
        Comment(
            comment_id=f"c{row}",
            text=text,
            respondent_id=f"p{first + person}",
            date=date,
            groups={"team": purpose_groups[person % 2]},
        )
        for row, (person, text) in enumerate(rows)
    ]


def pulse(analyser, name, comments, *, purpose=PURPOSE, codebook=None, cuts=("team",)):
    study = analyser.study(comments, purpose, codebook=codebook, cuts=cuts)
    return PulseStudy(analysis_id=f"an_{name}", name=name, date=dt.date(2026, 1, 1), study=study)


@pytest.fixture(scope="module")
def both(analyser):
    return [
        pulse(analyser, "September", survey(34, date=SEPTEMBER, pay=20)),
        pulse(analyser, "March", survey(8)),
    ]


@pytest.fixture(scope="module")
def report(analyser, both):
    return analyser.trends(both)


def trend_of(report, **about):
    wanted = {"measure": "alignment", "facet_id": None, "theme_id": None, "cut": None, "group": None} | about
    return next(t for t in report.trends if all(getattr(t, name) == value for name, value in wanted.items()))


def test_pulses_stand_in_the_order_of_their_dates_with_where_they_come_from(report):
    assert [(p.pulse, p.sources[0].name, p.respondents) for p in report.pulses] == [
        ("2026-03-02", "March", 40),
        ("2026-09-01", "September", 40),
    ]


def test_a_facet_that_rose_has_a_change_whose_interval_lies_above_zero(report, both):
    facet = PURPOSE.facets[0].facet_id
    trend = trend_of(report, facet_id=facet)
    own = next(f for f in both[0].study.analysis.facets if f.facet_id == facet)
    assert trend.points[1].estimate.value == pytest.approx(own.alignment.value, abs=1e-6)
    assert trend.change.low > 0
    assert trend.to_last == (trend.change,) == (trend.since_last,)


def test_themes_and_groups_are_followed_too(report):
    share = trend_of(report, theme_id="pay", measure="prevalence")
    assert not share.points[0].estimate.shown
    assert share.points[1].estimate.value == 0.5
    for group in ("North", "South"):
        assert trend_of(report, cut="team", group=group).change.low > 0


def test_people_who_recur_make_a_change_surer_than_strangers_do(analyser, both, report):
    strangers = analyser.trends([both[1], pulse(analyser, "September", survey(34, date=SEPTEMBER, first=500))])
    paired, unpaired = (trend_of(one, facet_id=PURPOSE.facets[0].facet_id).change for one in (report, strangers))
    assert paired.high - paired.low < unpaired.high - unpaired.low


def test_what_changed_for_sure_is_said_with_its_numbers_and_the_surest_first(report):
    assert report.changed
    by_headline = {sentence.split(". From")[0]: sentence for sentence in report.changed}
    title = PURPOSE.facets[0].title
    said = by_headline[f"“{title}” rose between 2026-03-02 and 2026-09-01"]
    change = trend_of(report, facet_id=PURPOSE.facets[0].facet_id).since_last
    assert f"up {round(100 * change.value)} points" in said
    assert "Alignment in North (team) rose between 2026-03-02 and 2026-09-01" in by_headline
    sure = [t for t in report.trends if t.adjusted_p is not None and t.adjusted_p < 0.05]
    assert len(report.changed) <= len(sure)


def test_where_nothing_changed_nothing_is_said(analyser):
    same = [pulse(analyser, name, survey(20, date=date)) for name, date in (("A", MARCH), ("B", SEPTEMBER))]
    assert analyser.trends(same).changed == ()


def test_a_report_survives_json(report):
    assert TrendReport.from_dict(report.to_dict()).to_dict() == report.to_dict()


def test_another_model_is_said_and_the_pulse_scored_again(analyser, both, report):
    other = pulse(Analyser(models(OtherStance), codebook=BOOK), "March", survey(8))
    again = analyser.trends([both[0], other])
    assert any("“March” was made with another stance model" in note for note in again.notes)
    assert [t.points for t in again.trends] == [t.points for t in report.trends]


def test_other_facets_are_said_and_all_pulses_are_on_the_newest(analyser, both):
    edited = Purpose(
        statement=PURPOSE.statement, facets=(Facet(facet_id="explain", title="Explain", text=PURPOSE.facets[0].text),)
    )
    newest = pulse(analyser, "September", survey(34, date=SEPTEMBER), purpose=edited)
    report = analyser.trends([both[1], newest])
    assert list(report.facets) == ["explain"]
    assert any("other facets" in note for note in report.notes)
    assert trend_of(report, facet_id="explain").change.low > 0


def test_another_codebook_is_said_and_themes_are_those_of_the_newest(analyser, both):
    wide = dataclasses.replace(BOOK, version="4", themes=(PAY,))
    newest = pulse(analyser, "September", survey(34, date=SEPTEMBER, pay=20), codebook=wide)
    report = analyser.trends([both[1], newest])
    assert "food" not in report.themes
    assert any("“March” was made with another" in note and "version 4" in note for note in report.notes)


def test_a_wanted_theme_is_followed_under_its_id_when_the_newest_codebook_lacks_it(analyser, both):
    newest = pulse(
        analyser, "September", survey(34, date=SEPTEMBER), codebook=dataclasses.replace(BOOK, themes=(FOOD,))
    )
    old = pulse(analyser, "March", survey(8, pay=20))
    report = analyser.trends([old, newest], wanted=[("an_March", "pay")])
    assert report.themes["pay"] == "Pay"
    assert trend_of(report, theme_id="pay", measure="prevalence").points[0].estimate.value == 0.5


def test_an_edited_codebook_names_the_themes_of_all_pulses(analyser, both):
    renamed = dataclasses.replace(both[0], study=both[0].study.edit(Rename(theme_id="pay", name="What we earn")))
    assert analyser.trends([renamed, both[1]]).themes["pay"] == "What we earn"


def test_different_statements_are_refused_by_name(analyser, both):
    other = pulse(analyser, "Other", survey(8), purpose=Purpose.from_text("We learn from our mistakes together."))
    with pytest.raises(DifferentPurposes, match=r"“Other” and “March”|“March” and “Other”"):
        analyser.trends([both[1], other])
    with pytest.raises(EmptyBatch):
        analyser.trends([])


def test_one_analysis_with_two_pulses_in_it_is_two_pulses(analyser, report):
    march, september = survey(8), survey(34, date=SEPTEMBER, pay=20)
    together = [dataclasses.replace(c, comment_id=f"{c.date}{c.comment_id}") for c in (*march, *september)]
    own = analyser.trends([pulse(analyser, "Both", together)])
    facet = PURPOSE.facets[0].facet_id
    assert trend_of(own, facet_id=facet).points == trend_of(report, facet_id=facet).points
    assert trend_of(own, cut="team", group="North").change.low > 0


def test_a_pulse_that_several_analyses_have_comments_of_is_shown_as_the_fullest_has_it(analyser, both, report):
    march, september = survey(8), survey(34, date=SEPTEMBER, pay=20)
    together = [dataclasses.replace(c, comment_id=f"{c.date}{c.comment_id}") for c in (*march, *september)]
    again = analyser.trends([both[1], pulse(analyser, "Both", together)])
    assert [p.respondents for p in again.pulses] == [p.respondents for p in report.pulses]
    assert [s.name for s in again.pulses[0].sources] == ["Both"]
    assert any("“Both” has more comments of 2026-03-02 than “March”" in note for note in again.notes)


def test_an_answer_that_came_late_cannot_be_told_from_what_is_published_without_it(analyser, both):
    late = pulse(analyser, "Late", [dataclasses.replace(survey(1)[0], respondent_id="late", comment_id="late")])
    with_it, without = (analyser.trends([*both, *more]) for more in ([late], []))
    assert [t.points for t in with_it.trends if t.theme_id is None] == [
        t.points for t in without.trends if t.theme_id is None
    ]
    assert [p.respondents for p in with_it.pulses] == [p.respondents for p in without.pulses]


def test_a_pulse_knows_its_first_and_last_day(analyser):
    days = [dataclasses.replace(c, date=MARCH + dt.timedelta(days=n % 4)) for n, c in enumerate(survey(8))]
    (own,) = analyser.trends([pulse(analyser, "March", days)]).pulses
    assert (own.pulse, own.first, own.last) == ("2026-03-02", "2026-03-02", "2026-03-05")


def test_a_group_that_an_analysis_hides_is_hidden_in_its_pulse(analyser):
    small = survey(8)[:12]
    few = [dataclasses.replace(c, groups={"team": "South" if n < 3 else "North"}) for n, c in enumerate(small)]
    report = analyser.trends([pulse(analyser, "March", few), pulse(analyser, "September", survey(34, date=SEPTEMBER))])
    south = trend_of(report, cut="team", group="South")
    assert [point.estimate.shown for point in south.points] == [False, True]
    assert not south.change.shown


def test_a_group_in_a_pulse_is_hidden_where_it_would_tell_of_the_few_who_left():
    # Forty people in two groups and two pulses; two of the first group are not in the second pulse.
    group = np.arange(40) < 20
    second = ~np.isin(np.arange(40), (0, 1))
    published = np.array([group, ~group, np.ones(40, bool)])
    cells = np.array([group, ~group, group & second, ~group & second])
    shown = PublishedSets(cells, [0, 0, 1, 1], 5, published).publishable(np.ones(40, bool))
    assert shown.tolist() == [True, True, False, True]


def test_pulses_are_kept_in_a_study_under_names_that_are_the_same_in_the_next(analyser, both, report):
    pseudonyms = Pseudonyms("key")
    kept = []
    for one in both:
        packed = analyser.pack(one.study, lambda person: pseudonyms.of("org", person))
        again = analyser.unpack(packed, one.study.analysis)
        assert not any(c.respondent_id.startswith("p") for c in again.batch.comments if c.respondent_id)
        kept.append(dataclasses.replace(one, study=analyser.unpack(analyser.pack(again), again.analysis)))
    facet = PURPOSE.facets[0].facet_id
    kept_change, change = (trend_of(r, facet_id=facet).change for r in (analyser.trends(kept), report))
    assert (kept_change.low, kept_change.high) == pytest.approx((change.low, change.high), abs=1e-3)


def test_people_who_were_numbered_are_not_taken_for_those_of_another_study(analyser, both, report):
    kept = [
        dataclasses.replace(one, study=analyser.unpack(analyser.pack(one.study), one.study.analysis)) for one in both
    ]
    facet = PURPOSE.facets[0].facet_id
    apart, change = (trend_of(r, facet_id=facet).change for r in (analyser.trends(kept), report))
    assert apart.high - apart.low > change.high - change.low


def test_pseudonyms_differ_between_organisations_and_keys_and_tell_nothing():
    one = Pseudonyms("key")
    assert one.of("a", "ada@example.org") == one.of("a", "ada@example.org")
    assert len({one.of("a", "ada"), one.of("b", "ada"), Pseudonyms("other").of("a", "ada"), one.of("a", "bob")}) == 4
    assert "ada" not in one.of("a", "ada")


@pytest.mark.parametrize(
    ("days", "names"),
    [
        ([(2026, 3, 2), (2026, 3, 4), (2026, 3, 6)], ["2026-03-02"]),
        ([(2026, 3, 2), (2026, 3, 9), (2026, 3, 16)], ["2026-03-02", "2026-03-09", "2026-03-16"]),
        ([(2026, 3, 2), (2026, 3, 5), (2026, 9, 1), (2026, 9, 3)], ["2026-03-02", "2026-09-01"]),
    ],
    ids=["a survey open for some days", "weekly", "two waves"],
)
def test_answers_of_a_few_days_are_one_pulse(days, names):
    assert pulses_of([dt.date(*day) for day in days])[0] == names


def test_where_answers_keep_coming_in_the_pulses_are_months_or_longer():
    every_other_day = [dt.date(2026, 1, 1) + dt.timedelta(days=2 * n) for n in range(60)]
    assert pulses_of(every_other_day)[0] == ["2026-01", "2026-02", "2026-03", "2026-04"]
    years = [dt.date(2026, 1, 1) + dt.timedelta(days=3 * n) for n in range(300)]
    assert pulses_of([*years, None])[0][0] == "2026-Q1"
    assert pulses_of([*years, None])[1][-1] == -1
