import dataclasses
import re
import xml.etree.ElementTree as ET

import pytest

from service.charts import charts, cut_chart, facet_chart, map_chart, theme_chart, to_svg, trend_chart
from service.results import Estimate, FacetResult, ThemeMap
from service.results.wording import TOO_FEW, in_words, number
from tests.builders import make_analysis

SVG = "{http://www.w3.org/2000/svg}"
LEAKY = Estimate("suppressed", value=0.7391, low=0.7172, high=0.7653, n=3, reason="too_few_respondents")


def words_of(svg: str) -> str:
    """The words of the drawing, lines of one text joined, without title and description."""
    root = ET.fromstring(svg)
    texts = [" ".join(node.itertext()) for node in root.iter(f"{SVG}text")]
    return " ".join(texts)


def facets_with(analysis, count: int, title: str):
    facet = analysis.facets[0]
    facets = tuple(dataclasses.replace(facet, facet_id=f"f{i}", title=f"{title} {i}") for i in range(count))
    return dataclasses.replace(analysis, facets=facets)


@pytest.mark.parametrize(
    ("estimate", "scale", "words"),
    [
        (Estimate.ok(-0.23, -0.31, -0.14, 57), "alignment", "−23 (−31 to −14, 57 respondents)"),
        (Estimate.ok(0.41, 0.33, 0.48, 1143), "alignment", "+41 (+33 to +48, 1,143 respondents)"),
        (Estimate.ok(-0.001, -0.004, 0.004, 12), "alignment", "0 (0 to 0, 12 respondents)"),
        (Estimate.ok(0.28, 0.22, 0.34, 204), "share", "28% (22% to 34%, 204 respondents)"),
        (Estimate.ok(-0.27, -0.4, 0.001, 188), "correlation", "−0.27 (−0.40 to 0.00, 188 respondents)"),
        (Estimate.suppressed(), "alignment", TOO_FEW),
        (Estimate.suppressed("no_variation"), "correlation", "cannot be computed: every answer is the same"),
    ],
)
def test_an_estimate_is_written_in_one_way(estimate, scale, words):
    assert in_words(estimate, scale) == words


def test_a_number_has_a_true_minus_and_zero_has_no_sign():
    assert (number(-0.5), number(0.0), number(0.004), number(1.0)) == ("−50", "0", "0", "+100")


def test_facet_chart_names_every_facet_its_state_and_its_number():
    words = words_of(to_svg(facet_chart(make_analysis(), "wide")))
    for expected in ("Care for every patient", "Learning from what goes wrong", "contradicted", "lived", "silent"):
        assert expected in words
    assert "+41 (+33 to +48)" in words
    assert "70% speak of it" in words


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_every_chart_says_not_shown_instead_of_drawing_a_suppressed_estimate(width):
    for name, chart in charts(make_analysis(), width).items():
        assert "not shown (protected)" in words_of(to_svg(chart)), name


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_no_chart_holds_a_number_that_is_suppressed(width):
    analysis = make_analysis()
    point = dataclasses.replace(analysis.trends[0].points[0], estimate=LEAKY)
    trends = tuple(dataclasses.replace(t, change=LEAKY, points=(point, *t.points[1:])) for t in analysis.trends)
    groups = tuple(dataclasses.replace(g, alignment=LEAKY, coverage=LEAKY) for g in analysis.cuts[0].groups)
    analysis = dataclasses.replace(
        analysis,
        alignment=LEAKY,
        facets=tuple(dataclasses.replace(f, alignment=LEAKY, coverage=LEAKY) for f in analysis.facets),
        themes=tuple(dataclasses.replace(t, prevalence=LEAKY, alignment=LEAKY) for t in analysis.themes),
        cuts=(dataclasses.replace(analysis.cuts[0], groups=groups),),
        trends=trends,
    )
    for name, chart in charts(analysis, width).items():
        text = chart.to_json() + words_of(to_svg(chart))
        assert not re.search(r"7391|73\.91|7172|71\.72|7653|76\.53|\+74|74%", text), name


def test_a_suppressed_pulse_breaks_the_line_and_is_not_zero():
    spec = trend_chart(make_analysis()).to_dict()
    records = [record for values in spec["datasets"].values() for record in values if record["pulse"] == "2026-03"]
    assert [record["value"] for record in records if "plainly" in record["panel"]] == [None]
    line = next(layer["mark"] for layer in spec["spec"]["layer"] if layer["mark"]["type"] == "line")
    assert line["invalid"].startswith("break-paths")


def test_an_svg_is_named_and_described_for_people_who_cannot_see_it():
    root = ET.fromstring(to_svg(facet_chart(make_analysis())))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == "Alignment by facet"
    assert "Care for every patient: lived, +41 (+33 to +48, 143 respondents)" in description.text


def test_ids_of_two_charts_on_one_page_never_meet():
    analysis = make_analysis()
    found = [set(re.findall(r'\bid="([^"]+)"', to_svg(theme_chart(analysis, w)))) for w in ("wide", "narrow")]
    assert found[0] and found[1] and not found[0] & found[1]
    svg = to_svg(theme_chart(analysis))
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(re.findall(r'\bid="([^"]+)"', svg))


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_no_letter_is_smaller_than_11_pixels(width):
    for chart in charts(make_analysis(), width).values():
        sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', to_svg(chart))]
        assert sizes and min(sizes) >= 11


@pytest.mark.parametrize("count", [1, 12])
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_long_titles_are_wrapped_and_whole(count, width):
    title = "We tell one another early and plainly what has been decided, and why, whatever it is about, always"
    words = words_of(to_svg(facet_chart(facets_with(make_analysis(), count, title), width)))
    for i in range(count):
        assert f"{title} {i}" in words
    assert "…" not in words


def test_the_narrow_chart_fits_a_telephone_and_the_wide_one_a_page():
    for width, most in (("narrow", 345), ("wide", 800)):
        for name, chart in charts(make_analysis(), width).items():
            assert float(ET.fromstring(to_svg(chart)).get("width")) <= most, (width, name)


def test_hostile_words_stay_words_in_an_svg():
    analysis = facets_with(make_analysis(), 1, '</text><script>alert("x")</script> & co')
    svg = to_svg(facet_chart(analysis))
    assert "<script" not in svg
    assert "<script>" in words_of(svg).replace(" ", "")


def test_the_same_analysis_gives_the_same_svg():
    assert to_svg(cut_chart(make_analysis())) == to_svg(cut_chart(make_analysis()))


def test_there_is_a_chart_only_where_there_is_something_to_draw():
    analysis = dataclasses.replace(make_analysis(), themes=(), cuts=(), trends=(), theme_map=ThemeMap())
    assert set(charts(analysis)) == {"facets"}
    for make in (theme_chart, map_chart, cut_chart, trend_chart):
        with pytest.raises(ValueError, match="the analysis has no"):
            make(analysis)


def test_a_cut_with_many_groups_shows_the_largest_in_their_order_and_says_so():
    analysis = make_analysis()
    group = analysis.cuts[1].groups[0]
    groups = tuple(
        dataclasses.replace(group, name=f"Team {i:02d}", alignment=Estimate.ok(0.1, 0.0, 0.2, 10 + i))
        for i in range(20)
    )
    cut = dataclasses.replace(analysis.cuts[1], groups=groups)
    words = words_of(to_svg(cut_chart(dataclasses.replace(analysis, cuts=(cut,)))))
    assert "Tenure: the 12 largest groups" in words
    assert re.findall(r"Team \d\d", words) == [f"Team {i:02d}" for i in range(8, 20)]


def test_every_facet_state_has_a_mark_of_its_own_shape_or_word():
    analysis = make_analysis()
    states = ("lived", "contradicted", "contested", "uncertain", "silent")
    facets = tuple(
        FacetResult(
            facet_id=state,
            title=f"Facet {state[0]}",
            state=state,
            alignment=Estimate.ok(0.1, 0.0, 0.2, 20),
            coverage=Estimate.ok(0.4, 0.3, 0.5, 50),
            supports_share=0.5,
            contradicts_share=0.2,
        )
        for state in states
    )
    words = words_of(to_svg(facet_chart(dataclasses.replace(analysis, facets=facets))))
    for state in states:
        assert state in words


def test_with_many_pulses_only_the_first_and_the_last_point_have_their_number():
    analysis = make_analysis()
    points = tuple(
        dataclasses.replace(analysis.trends[0].points[0], pulse=f"2026-{m:02d}", estimate=Estimate.ok(m / 100, 0, 1, 9))
        for m in range(1, 13)
    )
    trend = dataclasses.replace(analysis.trends[0], points=points)
    words = words_of(to_svg(trend_chart(dataclasses.replace(analysis, trends=(trend,)))))
    labels = [word for word in words.split() if re.fullmatch(r"\+\d\d?", word)]
    assert set(labels) == {"+1", "+12"}
