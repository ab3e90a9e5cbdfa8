"""KPIs beside alignment: who is compared, with which value, and when there is a number at all."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from scipy import stats

from service.core.kpis import relate_kpis
from service.results import CutResult, Estimate, GroupResult
from service.results.kpis import Kpi, KpiReport, parse_period, period_order
from tests.builders import HIDDEN, make_analysis

ALIGNMENT = [0.4, -0.3, 0.1, 0.35, 0.0, -0.2, 0.2, 0.25, -0.1, 0.3]
VALUES = [0.05, 0.30, 0.10, 0.08, 0.22, 0.11, 0.12, 0.09, 0.25, 0.07]


def _analysis(alignment, cut="team"):
    groups = tuple(
        GroupResult(
            name=f"g{n}",
            alignment=HIDDEN if value is None else Estimate.ok(value, value - 0.1, value + 0.1, 20),
            coverage=HIDDEN,
        )
        for n, value in enumerate(alignment)
    )
    return replace(make_analysis(), cuts=(CutResult(name=cut, groups=groups),))


def _kpis(values, period="2026", **more):
    return [Kpi(group=f"g{n}", period=period, kpi="turnover", value=value, **more) for n, value in enumerate(values)]


def _one(alignment, kpis, **options):
    (relation,) = relate_kpis(_analysis(alignment), kpis, **options).relations
    return relation


def test_the_coefficient_is_spearmans_rho_over_groups_with_an_interval_from_eight_on():
    relation = _one(ALIGNMENT, _kpis(VALUES))
    assert relation.rho == pytest.approx(stats.spearmanr(ALIGNMENT, VALUES).statistic)
    assert relation.low <= relation.rho <= relation.high
    assert relation.n == 10
    seven = _one(ALIGNMENT[:7], _kpis(VALUES))
    assert seven.rho == pytest.approx(stats.spearmanr(ALIGNMENT[:7], VALUES[:7]).statistic)
    assert (seven.n, seven.low, seven.high) == (7, None, None)
    assert "no interval" in seven.text
    eight = _one(ALIGNMENT[:8], _kpis(VALUES))
    assert eight.low is not None and eight.high is not None


@pytest.mark.parametrize("n", [1, 2, 3])
def test_under_four_groups_there_is_no_coefficient_and_it_is_said(n):
    relation = _one(ALIGNMENT[:n], _kpis(VALUES))
    assert (relation.rho, relation.low, relation.high, relation.n) == (None, None, None, n)
    assert "needs 4" in relation.text
    assert _one(ALIGNMENT[:4], _kpis(VALUES)).rho is not None


@pytest.mark.parametrize("sign", [1, -1])
def test_groups_that_agree_in_everything_are_not_said_to_be_certain(sign):
    relation = _one(ALIGNMENT, _kpis([sign * value for value in ALIGNMENT]))
    assert (relation.rho, relation.low, relation.high) == (pytest.approx(sign), None, None)
    assert "no interval" in relation.text


def test_values_that_are_all_the_same_have_no_coefficient():
    relation = _one(ALIGNMENT, _kpis([1.0] * 10))
    assert (relation.rho, relation.low, relation.high) == (None, None, None)
    assert "the same in all 10 groups" in relation.text


def test_every_relation_says_that_few_groups_say_little_and_nothing_of_causes():
    for n in (1, 5, 10):
        caution = _one(ALIGNMENT[:n], _kpis(VALUES)).caution
        assert "few groups say little" in caution
        assert "not a cause" in caution


def test_a_suppressed_group_is_left_out_wherever_it_stands():
    relation = _one([0.4, None, 0.1, 0.3, 0.2], _kpis(VALUES))
    assert [group.group for group in relation.groups] == ["g0", "g2", "g3", "g4"]
    assert relation.n == 4
    assert "g1" not in repr(relation)
    assert _one([0.4, None, 0.1, 0.3, 0.2], _kpis([*VALUES[:1], 99.0, *VALUES[2:]])) == relation
    assert relate_kpis(_analysis([None, None]), _kpis(VALUES)).relations == ()


def test_the_latest_period_of_each_group_counts_unless_one_is_chosen():
    old, new = _kpis([1.0, 2.0, 3.0, 4.0], "2025-Q4"), _kpis([5.0, 6.0], "2026-01")
    latest = _one(ALIGNMENT[:4], old + new)
    assert [(group.period, group.value) for group in latest.groups] == [
        ("2026-01", 5.0),
        ("2026-01", 6.0),
        ("2025-Q4", 3.0),
        ("2025-Q4", 4.0),
    ]
    assert "different periods, 2025-Q4 to 2026-01" in latest.text
    assert [point.period for point in latest.groups[0].history] == ["2025-Q4", "2026-01"]
    chosen = _one(ALIGNMENT[:4], old + new, period="2025-Q4")
    assert [group.value for group in chosen.groups] == [1.0, 2.0, 3.0, 4.0]
    assert "different periods" not in chosen.text
    assert relate_kpis(_analysis(ALIGNMENT), old, period="2020").relations == ()


def test_a_value_with_the_cut_goes_before_one_without_and_other_cuts_do_not_count():
    kpis = [*_kpis([1.0], cut="team"), *_kpis([2.0]), *_kpis([3.0], cut="site")]
    assert _one(ALIGNMENT, kpis).groups[0].value == 1.0
    assert _one(ALIGNMENT, kpis[1:]).groups[0].value == 2.0
    assert relate_kpis(_analysis(ALIGNMENT), kpis[2:]).relations == ()


def test_the_order_in_which_values_came_changes_nothing():
    kpis = _kpis(VALUES) + _kpis(VALUES[::-1], "2025")
    assert relate_kpis(_analysis(ALIGNMENT), kpis) == relate_kpis(_analysis(ALIGNMENT), kpis[::-1])


def test_alignment_over_time_is_that_of_the_pulses_and_the_report_comes_back():
    report = relate_kpis(make_analysis(), [Kpi(group="Fleet", period="2026", kpi="turnover", value=1.0)])
    assert report.relations == ()  # its alignment is not shown
    trend = next(t for t in make_analysis().trends if t.measure == "alignment" and not t.facet_id and not t.theme_id)
    assert [(pulse.pulse, pulse.alignment) for pulse in report.pulses] == [(p.pulse, p.estimate) for p in trend.points]
    full = relate_kpis(_analysis([0.4, 0.25, 0.125, 0.5]), _kpis([1.0, 2.0, 3.0, 4.5]))
    assert KpiReport.from_dict(full.to_dict()).to_dict() == full.to_dict()


@pytest.mark.parametrize(
    ("given", "kept"),
    [("2026", "2026"), (" 2026-q1 ", "2026-Q1"), ("2026-03", "2026-03"), ("2024-02-29", "2024-02-29")],
)
def test_years_quarters_months_and_days_are_periods(given, kept):
    assert parse_period(given) == kept


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "is empty"),
        ("03/04/2026", "could be two days; write the one that is meant as 2026-03-04 or 2026-04-03"),
        ("31/12/2026", "write 2026-12-31"),
        ("04.04.2026", "write 2026-04-04"),
        ("45/99/2026", "is not a year, quarter, month or day; write it like 2026"),
        ("2026-13", "is not a day or month of the calendar"),
        ("2026-02-30", "is not a day or month of the calendar"),
        ("0000", "is not a day or month of the calendar"),
        ("2026-Q5", "write it like 2026, 2026-Q1, 2026-03 or 2026-03-31"),
        ("March 2026", "write it like"),
        ("２０２６", "write it like"),
        ("x" * 100, "a value of 100 characters"),
    ],
)
def test_what_is_no_period_or_could_be_two_is_said_with_the_right_form(given, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_period(given)


def test_periods_are_ordered_by_their_end():
    periods = ["2025-12-31", "2026-03", "2026-04-01", "2026-Q2", "2026-06", "2026", "2026-Q4", "2026-12"]
    assert sorted(set(periods), key=period_order) == periods
