"""The chart of a KPI beside alignment: no panel with two scales, no number that is not shown, gaps that stay gaps."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from service.charts import kpi_chart, to_svg
from service.core.kpis import relate_kpis
from service.results import CutResult, Estimate, GroupResult
from service.results.kpis import Kpi, KpiReport, PulseAlignment, value_in_words
from tests.builders import HIDDEN, make_analysis

LEAKY = Estimate("suppressed", value=0.7391, low=0.7172, high=0.7653, n=3, reason="too_few_respondents")
SVG = "{http://www.w3.org/2000/svg}"
QUARTERS = ("2025-Q3", "2025-Q4", "2026-Q1")
GROUPS = {"Ambulance": (5.0, 6.0, 7.0), "Booking office": (3.0, None, 4.0), "Community care": (1.5, 2.5, 2.0)}
WIDTHS = pytest.mark.parametrize("width", ["wide", "narrow"])


def _report(values=GROUPS, periods=QUARTERS, kpi="turnover") -> KpiReport:
    kpis = [
        Kpi(group=group, period=period, kpi=kpi, value=value, cut="department")
        for group, row in values.items()
        for period, value in zip(periods, row, strict=True)
        if value is not None
    ]
    return relate_kpis(make_analysis(), kpis)


def _chart(report=None, width="wide", **change):
    report = report or _report()
    return kpi_chart(report.relations[0], change.get("pulses", report.pulses), width)


def _many(count: int) -> KpiReport:
    groups = tuple(
        GroupResult(name=f"Team {i:02d}", alignment=Estimate.ok(0.1, 0.0, 0.2, 10 + i), coverage=HIDDEN)
        for i in range(count)
    )
    analysis = replace(make_analysis(), cuts=(CutResult(name="team", groups=groups),), trends=())
    return relate_kpis(analysis, [Kpi(group=g.name, period="2026", kpi="turnover", value=1.0) for g in groups])


def _records(chart) -> list[dict]:
    return [record for values in chart.to_dict()["datasets"].values() for record in values]


def _own(chart, group: str) -> list[float | None]:
    return [r["value"] for r in _records(chart) if r.get("own") and group in r["panel"]]


def _words(chart) -> str:
    return " ".join(" ".join(node.itertext()) for node in ET.fromstring(to_svg(chart)).iter(f"{SVG}text"))


def _scales(spec: object):
    """The domains of all vertical scales below a part of a specification."""
    if isinstance(spec, dict):
        if isinstance(spec.get("y"), dict) and "scale" in spec["y"]:
            yield tuple(spec["y"]["scale"]["domain"])
        for part in spec.values():
            yield from _scales(part)
    elif isinstance(spec, list):
        for part in spec:
            yield from _scales(part)


@WIDTHS
def test_alignment_and_the_kpi_have_a_panel_and_a_scale_of_their_own(width):
    spec = _chart(width=width).to_dict()
    alignment, kpi = spec["vconcat"]
    assert set(_scales(alignment)) == {(-100, 100)}
    ((low, high),) = set(_scales(kpi))
    assert low < 1.5 and 7.0 < high < 10
    words = _words(_chart(width=width))
    for said in (
        "Alignment of everybody",
        "−100 contradicted to +100 lived",
        "turnover by department, beside alignment",
    ):
        assert said in words


@WIDTHS
def test_everybody_stands_over_the_pulses_and_each_group_over_its_periods(width):
    chart = _chart(width=width)
    pulses = [r["value"] for r in _records(chart) if "symbol" in r]
    assert pulses == pytest.approx([14, 10, 6])
    assert _own(chart, "Ambulance") == [5.0, 6.0, 7.0]
    words = _words(chart)
    for said in ("Ambulance", "alignment +28", "(+18 to +37)", "2026-Q1", "2026-05", "+14"):
        assert said in words
    svg = to_svg(chart)
    assert "Alignment of everybody from −100 to +100: 2026-01 +14 (+5 to +23, 96 respondents)" in svg
    assert "Booking office, alignment +2 (−11 to +16, 44 respondents): 2025-Q3 3, 2026-Q1 4;" in svg


@WIDTHS
def test_a_pulse_that_is_not_shown_is_a_cross_with_words_and_its_number_is_nowhere(width):
    report = _report()
    pulses = (report.pulses[0], replace(report.pulses[1], alignment=LEAKY), report.pulses[2])
    chart = _chart(report, width, pulses=pulses)
    assert [r["value"] for r in _records(chart) if "symbol" in r] == [pytest.approx(14), None, pytest.approx(6)]
    assert "×: not shown (protected)." in _words(chart)
    assert not re.search(r"7391|73\.91|7172|71\.72|7653|76\.53|\+74", json.dumps(chart.to_dict()) + to_svg(chart))
    lines = re.findall(r'"type": "line"[^}]*|[^{]*"type": "line"', json.dumps(chart.to_dict()))
    assert lines and all("break-paths" in line for line in lines)


def test_a_value_that_was_not_given_is_a_gap_with_a_cross_and_not_zero():
    chart = _chart()
    assert _own(chart, "Booking office") == [3.0, None, 4.0]
    assert "×: no value was given." in _words(chart)
    full = _chart(_report({"Ambulance": (5.0, 6.0, 7.0)}))
    assert "×" not in _words(full)


def test_a_year_is_no_gap_among_quarters():
    kpis = [Kpi(group="Ambulance", period=period, kpi="turnover", value=1.0) for period in QUARTERS]
    kpis += [Kpi(group="Booking office", period=period, kpi="turnover", value=2.0) for period in ("2024", "2025")]
    chart = _chart(relate_kpis(make_analysis(), kpis))
    assert _own(chart, "Ambulance") == [1.0, 1.0, 1.0]
    assert _own(chart, "Booking office") == [2.0, 2.0]


@WIDTHS
def test_without_pulses_each_group_has_its_alignment_as_one_point_by_number(width):
    chart = _chart(width=width, pulses=())
    points = [r for r in _records(chart) if "symbol" in r]
    assert [round(r["value"]) for r in points] == [28, 2, 37]
    assert [r["symbol"] for r in points] == ["circle", "triangle-up", "circle"]
    words = _words(chart)
    assert "Alignment of each group" in words and "everybody" not in words
    for numbered in ("1 Ambulance", "2 Booking office", "3 Community"):
        assert numbered in " ".join(words.split())


def test_one_pulse_is_no_course():
    report = _report()
    assert "Alignment of each group" in _words(_chart(report, pulses=report.pulses[:1]))


def test_the_twelve_largest_groups_are_shown_in_their_order_and_it_is_said():
    words = _words(kpi_chart(_many(15).relations[0]))
    assert "turnover by team, the 12 largest groups, beside alignment" in words
    assert re.findall(r"Team \d\d", words) == [f"Team {i:02d}" for i in range(3, 15)]
    assert "largest" not in _words(kpi_chart(_many(12).relations[0]))


def test_a_suppressed_group_has_no_panel():
    assert "Legal" not in to_svg(_chart(_report({"Ambulance": (1, 2, 3), "Legal": (4, 5, 6)})))


def test_panels_share_their_time_unless_that_would_make_a_heap_of_one():
    together, apart = _chart(), _chart(_report(periods=("2006", "2016", "2026")))
    said = "time axis is not that of the KPI"
    assert said not in _words(together) and said in _words(apart)

    def at(chart):
        return [r["x"] for r in _records(chart) if "symbol" in r]

    assert at(together)[0] > 350  # the pulses are the later part of what the quarters span
    assert at(apart)[0] < 50


def test_what_lies_between_two_others_in_time_stands_between_them():
    points = [r for r in _records(_chart(_report(periods=("2025-01", "2025-02", "2025-12")))) if r.get("own")]
    first, second, third = (r["x"] for r in points[:3])
    assert (second - first) / (third - first) == pytest.approx(30 / 334, abs=0.03)


@WIDTHS
@pytest.mark.parametrize("values", [(-1.5e308, 0.0, 1.5e308), (0.0, 0.0, 0.0), (1e-300, 2e-300, 3e-300), (5, 5, 5)])
def test_values_of_any_size_can_be_drawn(width, values):
    svg = to_svg(_chart(_report({"Ambulance": values}), width))
    assert "NaN" not in svg and "Infinity" not in svg


@WIDTHS
def test_it_fits_a_page_or_a_telephone_with_letters_that_can_be_read(width):
    long = "projects completed on time and within what had been agreed for them " * 2
    big = dict.fromkeys(GROUPS, (1234567.0, 2345678.0, 3456789.0))
    for chart in (_chart(width=width), _chart(_report(big, kpi=long), width, pulses=())):
        svg = to_svg(chart)
        assert float(ET.fromstring(svg).get("width")) <= {"wide": 800, "narrow": 345}[width]
        assert min(float(size) for size in re.findall(r'font-size="([\d.]+)px"', svg)) >= 11
        assert "…" not in svg
    assert "1.235M" in svg


def test_hostile_names_stay_words_and_the_same_kpis_give_the_same_chart():
    report = _report(kpi='</text><script>alert("x")</script>')
    svg = to_svg(_chart(report))
    assert "<script" not in svg
    assert svg == to_svg(_chart(report))


@pytest.mark.parametrize(
    ("value", "words"),
    [(12.5, "12.5"), (-0.25, "−0.25"), (1234567.8, "1,234,568"), (0.0, "0"), (123456.7, "123,457"), (1e-7, "1e−07")],
)
def test_a_value_is_written_in_one_way(value, words):
    assert value_in_words(value) == words


def test_pulses_of_an_early_year_have_a_place():
    pulses = tuple(PulseAlignment(pulse=name, alignment=Estimate.ok(0.1, 0, 0.2, 9)) for name in ("980-01", "980-02"))
    assert "980-01" in _words(_chart(pulses=pulses))
