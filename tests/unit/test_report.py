import dataclasses
import re
from html.parser import HTMLParser

import pytest

from service.core.kpis import relate_kpis
from service.report import MAX_KPI_CHARTS, render_file, render_html, render_results
from service.report.view import ResultsView
from service.results import Analysis, Estimate, Quote
from service.results.kpis import Kpi, KpiReport
from tests.builders import make_analysis

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'
LEAKY = Estimate("suppressed", value=0.6271, low=0.6054, high=0.6466, n=3, reason="too_few_respondents")


class Words(HTMLParser):
    """Text, tags and addresses of a document."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "xlink:href", "action", "data")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


@pytest.fixture(scope="module")
def report() -> str:
    return render_html(make_analysis(), title="Spring pulse 2026", kpis=kpi_report())


def kpi_report(names=("turnover",), period=None, cut="shift") -> KpiReport:
    """KPIs of three groups over four quarters; the alignment of one, “Split”, is suppressed."""
    kpis = [
        Kpi(group=group, period=f"2025-Q{quarter}", kpi=name, value=1000.5 * quarter, cut=cut)
        for name in names
        for group in ("Day", "Night", "Split")
        for quarter in range(1, 5)
    ]
    return relate_kpis(make_analysis(), kpis, period=period)


def hostile(analysis: Analysis) -> Analysis:
    """The same with hostile words wherever people's or users' words can stand."""
    quote = (Quote(comment_id="c-1", text=HOSTILE, why=HOSTILE),)
    return dataclasses.replace(
        analysis,
        facets=tuple(dataclasses.replace(f, title=HOSTILE, quotes=quote) for f in analysis.facets),
        themes=tuple(
            dataclasses.replace(t, name=HOSTILE, definition=HOSTILE, keyphrases=(HOSTILE,), quotes=quote)
            for t in analysis.themes
        ),
        cuts=tuple(
            dataclasses.replace(c, name=HOSTILE, groups=tuple(dataclasses.replace(g, name=HOSTILE) for g in c.groups))
            for c in analysis.cuts
        ),
        insights=tuple(
            dataclasses.replace(i, headline=HOSTILE, text=HOSTILE, next_step=HOSTILE, kind=HOSTILE)
            for i in analysis.insights
        ),
        comments=tuple(dataclasses.replace(c, text=HOSTILE) for c in analysis.comments),
    )


def suppressed(analysis: Analysis) -> Analysis:
    """The same with every number suppressed, and each still in the object, as it never should be."""
    return dataclasses.replace(
        analysis,
        alignment=LEAKY,
        coverage=LEAKY,
        facets=tuple(
            dataclasses.replace(f, alignment=LEAKY, coverage=LEAKY, supports_share=0.6271, contradicts_share=0.6271)
            for f in analysis.facets
        ),
        themes=tuple(
            dataclasses.replace(t, prevalence=LEAKY, alignment=LEAKY, effect=LEAKY, suggestion_share=0.6271)
            for t in analysis.themes
        ),
        cuts=tuple(
            dataclasses.replace(
                c,
                groups=tuple(
                    dataclasses.replace(
                        g,
                        alignment=LEAKY,
                        coverage=LEAKY,
                        themes=tuple(dataclasses.replace(t, prevalence=LEAKY) for t in g.themes),
                    )
                    for g in c.groups
                ),
            )
            for c in analysis.cuts
        ),
        drivers=tuple(dataclasses.replace(d, effect=LEAKY, adjusted_p=0.6271) for d in analysis.drivers),
        trends=tuple(
            dataclasses.replace(t, change=LEAKY, points=tuple(dataclasses.replace(p, estimate=LEAKY) for p in t.points))
            for t in analysis.trends
        ),
        insights=tuple(dataclasses.replace(i, text="", estimate=LEAKY) for i in analysis.insights),
    )


def test_every_insight_appears_with_its_number_text_and_next_step(report):
    words = Words(report).words
    for insight in make_analysis().insights:
        assert insight.headline in words
        assert " ".join(insight.text.split()) in words
        assert insight.next_step in words
    for number in ("+41 (+33 to +48, 143 respondents)", "55% (38% to 71%, 35 respondents)", "+0.34 (+0.21 to +0.46,"):
        assert number in words


def test_every_facet_theme_group_and_pulse_appears(report):
    analysis, words = make_analysis(), Words(report).words
    names = [f.title for f in analysis.facets] + [t.name for t in analysis.themes]
    names += [g.name for c in analysis.cuts for g in c.groups] + ["2026-01", "2026-03", "2026-05"]
    for name in names:
        assert name in words


def test_hostile_words_are_escaped_everywhere():
    html = render_html(hostile(make_analysis()), title=HOSTILE)
    parsed = Words(html)
    assert "script" not in parsed.tags
    assert "img" not in parsed.tags
    assert parsed.words.count("alert(1)") > 30


def test_placeholders_of_redaction_are_shown_as_words(report):
    assert "&lt;PERSON&gt; sat with an old man" in report


def test_the_report_needs_no_other_file_and_no_script(report):
    parsed = Words(report)
    assert not {"script", "link", "iframe", "object", "embed", "img"} & set(parsed.tags)
    assert all(address.startswith("#") for address in parsed.addresses)
    assert not re.search(r"@import|url\((?!#)", report)


def test_links_within_the_report_lead_somewhere(report):
    targets = {a[1:] for a in Words(report).addresses}
    assert targets <= set(re.findall(r'\bid="([^"]+)"', report))


def test_no_id_comes_twice(report):
    ids = re.findall(r'\bid="([^"]+)"', report)
    assert len(ids) == len(set(ids))


def test_a_suppressed_number_is_nowhere_in_the_report():
    html = render_html(suppressed(make_analysis()))
    assert "not shown: it would tell of fewer than the minimum number of respondents" in html
    assert not re.search(r"0\.627|0\.63|62\.7|\+63|63%|60\.54|61%|64\.66|65%", html)
    assert not re.search(r">\s*3 respondents|, 3 respondents", html)


def test_evidence_of_an_insight_is_quoted_from_its_facet_theme_or_comments(report):
    card = report.split('id="insight-i-10"')[1].split("</li>\n")[0:6]
    text = " ".join(card)
    assert "Please replace the scanners" in text
    assert "&lt;EMAIL_ADDRESS&gt;" in text


def test_an_insight_without_texts_names_the_ids_of_its_evidence():
    analysis = dataclasses.replace(make_analysis(), comments=())
    assert "Evidence: c-101, c-102" in Words(render_html(analysis)).words


def test_where_people_disagree_both_sides_are_evidence():
    analysis = make_analysis()
    contested = next(i for i in analysis.insights if i.kind == "facet_contested")
    both = dataclasses.replace(contested, evidence=("c-004", "c-011", "c-033", "c-090", "c-101"))
    shown = [quote.comment_id for quote in ResultsView(analysis).evidence(both)]
    assert shown == ["c-004", "c-011", "c-101"]


def test_a_long_comment_is_shortened_where_it_is_evidence():
    analysis = make_analysis()
    comments = tuple(dataclasses.replace(c, text="word " * 400 + "end") for c in analysis.comments)
    html = render_html(dataclasses.replace(analysis, comments=comments))
    assert "word word …" in html
    assert "word end" not in html


def test_the_report_says_what_was_left_out_and_how_it_was_made(report):
    words = Words(report).words
    for expected in (
        "Received 512",
        "Without content (“n/a”, “none”, “.”) 31",
        "In a language that is not read 9",
        "Used 463",
        "all-MiniLM-L6-v2@53aa51172d14",
        "stance-head@2026.1",
        "shared-purpose, version 1",
        "Threshold: respondents a number needs 5",
        "Comments longer than 5,000 characters were cut.",
    ):
        assert expected in words


def test_confidential_is_the_word_and_anonymous_is_not(report):
    assert "confidential" in report.lower()
    assert "anonym" not in report.lower()


def test_without_a_rating_the_report_says_that_it_is_not_validated(report):
    unchecked = dataclasses.replace(make_analysis().provenance, local_validity=())
    html = render_html(dataclasses.replace(make_analysis(), provenance=unchecked))
    assert html.count("Not validated here") == 2
    assert "Not validated here" not in report


def test_beside_every_headline_stands_how_many_wrote_and_that_they_are_not_everyone(report):
    basis = "204 of 231 respondents (88%) wrote something that counts; people who comment are not everyone."
    parts = Words(report).words.split(basis)
    assert len(parts) - 1 >= 1 + len(make_analysis().insights)


def test_with_a_rating_the_report_gives_its_correlation_with_interval_and_n(report):
    assert "“engagement” , which the respondents gave themselves" in Words(report).words
    assert "+0.41 (+0.28 to +0.52, 160 respondents)" in Words(report).words


@pytest.mark.parametrize(
    ("alignment", "verdict"),
    [
        (Estimate.ok(0.2, 0.1, 0.3, 90), "supports the purpose more than it contradicts it"),
        (Estimate.ok(-0.2, -0.3, -0.1, 90), "contradicts the purpose more than it supports it"),
        (Estimate.ok(0.2, -0.1, 0.5, 90), "neither clearly supports nor clearly contradicts"),
        (Estimate.suppressed(), "Too few people speak to the purpose"),
    ],
)
def test_the_sentence_at_the_top_says_no_more_than_the_interval(alignment, verdict):
    assert verdict in ResultsView(dataclasses.replace(make_analysis(), alignment=alignment)).verdict


def test_an_analysis_with_nothing_but_facets_still_makes_a_report():
    analysis = dataclasses.replace(
        make_analysis(), themes=(), cuts=(), drivers=(), trends=(), insights=(), comments=(), alignment=LEAKY
    )
    words = Words(render_html(analysis)).words
    assert "No stable theme was found" in words
    assert "Nothing stands out firmly enough" in words


def test_the_file_and_the_page_hold_the_same_results():
    results = render_results(make_analysis())
    assert str(results) in render_file(results, title="x")


def test_kpis_stand_in_the_report_with_table_chart_text_and_caution(report):
    (relation,) = kpi_report().relations
    section = report.split('<section id="kpis"')[1].split("</section>")[0]
    words = Words(section).words
    assert relation.text in words
    assert relation.caution in words
    assert "turnover by shift, beside alignment" in words
    assert section.count('<svg xmlns="http://www.w3.org/2000/svg"') == 2
    rows = Words(section.split("<tbody>")[1].split("</tbody>")[0]).words
    assert rows == (
        "Day +17 (+9 to +24, 131 respondents) 4,002 2025-Q4 2025-Q1: 1,000.5, 2025-Q2: 2,001, 2025-Q3: 3,001.5 "
        "Night −9 (−20 to +3, 68 respondents) 4,002 2025-Q4 2025-Q1: 1,000.5, 2025-Q2: 2,001, 2025-Q3: 3,001.5"
    )
    assert "Split" not in words
    assert 'href="#kpis"' in report


def test_of_a_period_that_was_chosen_only_earlier_ones_stand_before_it():
    html = render_html(make_analysis(), kpis=kpi_report(period="2025-Q2"))
    rows = Words(html.split('<section id="kpis"')[1].split("<tbody>")[1].split("</tbody>")[0]).words
    assert "2,001 2025-Q2 2025-Q1: 1,000.5 Night" in rows


def test_without_kpis_there_is_no_section_and_no_link_to_one():
    nothing = relate_kpis(make_analysis(), [])
    for html in (render_html(make_analysis(), kpis=nothing), render_html(make_analysis())):
        assert "kpis" not in html


def test_many_kpis_all_have_a_table_and_the_first_a_chart():
    names = [f"kpi {n}" for n in range(MAX_KPI_CHARTS + 1)]
    html = render_html(make_analysis(), kpis=kpi_report(names))
    section = html.split('<section id="kpis"')[1].split("</section>")[0]
    assert section.count("<table") == MAX_KPI_CHARTS + 1
    assert section.count("<figure") == MAX_KPI_CHARTS
    assert f"The first {MAX_KPI_CHARTS} have a chart." in section
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_hostile_names_of_kpis_are_escaped():
    parsed = Words(render_html(make_analysis(), kpis=kpi_report([HOSTILE])))
    assert not {"script", "img"} & set(parsed.tags)
    assert parsed.words.count("alert(1)") > 3
