"""A whole analysis made by hand, for tests of everything that shows, stores or exports one."""

from __future__ import annotations

from dataclasses import replace

from service.results import (
    Analysis,
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
    LocalValidity,
    MapLabel,
    MapPoint,
    Provenance,
    Pulse,
    PulseSource,
    Purpose,
    Quote,
    ThemeMap,
    ThemeResult,
    ThemeScore,
    Trend,
    TrendPoint,
    TrendReport,
    UnitResult,
)
from service.results.kpis import period_order

HIDDEN = Estimate.suppressed()
PULSES = ("2026-01", "2026-03", "2026-05")

_FACETS = (
    ("care", "Care for every patient", "We care for every patient with skill and kindness.", "lived"),
    ("dignity", "Respect and dignity for each other", "We treat each other with respect and dignity.", "contradicted"),
    ("openness", "We share what we know, early and plainly", "We share what we know, early and plainly.", "contested"),
    ("decisions", "Decisions close to the work", "Those who do the work decide how it is done.", "uncertain"),
    ("learning", "Learning from what goes wrong", "We learn from what goes wrong instead of blaming.", "contradicted"),
    ("planet", "Care for the valley", "We leave the valley cleaner than we found it.", "silent"),
)

_FACET_NUMBERS = {
    "care": (Estimate.ok(0.41, 0.33, 0.48, 143), Estimate.ok(0.70, 0.63, 0.76, 204), 0.74, 0.14),
    "dignity": (Estimate.ok(-0.23, -0.31, -0.14, 57), Estimate.ok(0.28, 0.22, 0.34, 204), 0.21, 0.58),
    "openness": (Estimate.ok(-0.04, -0.15, 0.08, 66), Estimate.ok(0.32, 0.26, 0.39, 204), 0.41, 0.44),
    "decisions": (Estimate.ok(0.05, -0.19, 0.29, 14), Estimate.ok(0.07, 0.04, 0.11, 204), 0.43, 0.36),
    "learning": (Estimate.ok(-0.38, -0.52, -0.24, 31), Estimate.ok(0.15, 0.11, 0.20, 204), 0.16, 0.68),
    "planet": (HIDDEN, HIDDEN, None, None),
}

_FACET_QUOTES = {
    "care": (
        Quote(
            comment_id="c-004",
            text="The crew on my round never rush a patient, whatever the time.",
            why="clearest support for this facet",
        ),
        Quote(
            comment_id="c-011",
            text="<PERSON> sat with an old man for an hour until his daughter came.",
            why="close to what most respondents say",
        ),
    ),
    "dignity": (
        Quote(
            comment_id="c-052",
            text="We get shouted at in front of the drivers and nobody says a word about it.",
            why="clearest contradiction of this facet",
        ),
    ),
    "openness": (
        Quote(comment_id="c-071", text="I hear about rota changes on the bus.", why="clearest contradiction"),
        Quote(comment_id="c-072", text="The Friday round-up is honest, even when it hurts.", why="clearest support"),
    ),
    "learning": (
        Quote(
            comment_id="c-090",
            text="You report a near miss once. After what happened to <PERSON> you do not report another.",
            why="clearest contradiction of this facet",
        ),
    ),
}

_THEMES = (
    # id, name, kind, definition, keyphrases, prevalence, alignment, effect, stability, suggestions, quotes
    (
        "workload",
        "Workload",
        "codebook",
        "Too much to do for the people and the time there is.",
        ("double shifts", "short staffed", "no breaks"),
        Estimate.ok(0.36, 0.30, 0.43, 204),
        Estimate.ok(-0.31, -0.40, -0.22, 73),
        Estimate.ok(-0.28, -0.38, -0.17, 73),
        0.93,
        0.34,
        (Quote(comment_id="c-021", text="Three double shifts in one week, again.", why="most typical of the theme"),),
    ),
    (
        "collaboration",
        "Collaboration",
        "codebook",
        "People help each other and share what they know.",
        ("help each other", "good team", "back each other up"),
        Estimate.ok(0.29, 0.23, 0.36, 204),
        Estimate.ok(0.44, 0.35, 0.53, 59),
        Estimate.ok(0.31, 0.21, 0.41, 59),
        0.95,
        0.04,
        (Quote(comment_id="c-033", text="My depot backs each other up, always.", why="most typical of the theme"),),
    ),
    (
        "miscommunication",
        "Miscommunication",
        "codebook",
        "Messages that are late, inconsistent or not transparent.",
        ("last to know", "changed again", "nobody told us"),
        Estimate.ok(0.25, 0.19, 0.31, 204),
        Estimate.ok(-0.36, -0.47, -0.25, 51),
        Estimate.ok(-0.24, -0.36, -0.12, 51),
        0.91,
        0.29,
        (Quote(comment_id="c-071", text="I hear about rota changes on the bus.", why="most typical of the theme"),),
    ),
    (
        "pay",
        "Pay and recognition",
        "codebook",
        "What people are paid and whether their work is seen.",
        ("pay rise", "a thank you"),
        Estimate.ok(0.19, 0.14, 0.25, 204),
        Estimate.ok(-0.12, -0.25, 0.02, 39),
        Estimate.ok(-0.06, -0.19, 0.07, 39),
        0.88,
        0.41,
        (),
    ),
    (
        "tools",
        "Tools and workplace",
        "codebook",
        "Vehicles, devices, buildings and systems people work with.",
        ("old vans", "scanner freezes"),
        Estimate.ok(0.17, 0.12, 0.22, 204),
        Estimate.ok(-0.18, -0.31, -0.05, 35),
        Estimate.ok(-0.10, -0.24, 0.04, 35),
        0.90,
        0.55,
        (),
    ),
    (
        "coaching",
        "Coaching, mentoring and development",
        "codebook",
        "People are helped to learn and to grow.",
        ("training day", "mentor"),
        Estimate.ok(0.13, 0.09, 0.18, 204),
        Estimate.ok(0.22, 0.05, 0.38, 27),
        Estimate.ok(0.12, -0.05, 0.28, 27),
        0.86,
        0.30,
        (),
    ),
    (
        "inclusion",
        "Inclusion",
        "codebook",
        "Everyone belongs and is treated fairly.",
        (),
        Estimate.ok(0.07, 0.04, 0.11, 204),
        Estimate.ok(-0.15, -0.41, 0.10, 14),
        Estimate.ok(-0.05, -0.31, 0.20, 14),
        0.79,
        0.14,
        (),
    ),
    (
        "role-models",
        "Leaders as role models",
        "codebook",
        "Leaders do what they ask of others.",
        ("never see them",),
        Estimate.ok(0.06, 0.03, 0.10, 204),
        Estimate.ok(-0.27, -0.50, -0.03, 12),
        Estimate.ok(-0.16, -0.40, 0.07, 12),
        0.83,
        0.25,
        (),
    ),
    (
        "flexibility",
        "Flexibility",
        "codebook",
        "When and where people can work.",
        (),
        Estimate.ok(0.05, 0.03, 0.09, 204),
        Estimate.ok(0.08, -0.20, 0.36, 10),
        Estimate.ok(0.02, -0.26, 0.30, 10),
        0.81,
        0.40,
        (),
    ),
    (
        "rituals",
        "Rituals: check-ins, workshops, retreats",
        "codebook",
        "Regular moments to stop and talk.",
        (),
        Estimate.ok(0.03, 0.01, 0.06, 204),
        Estimate.ok(0.29, -0.02, 0.58, 6),
        Estimate.ok(0.17, -0.14, 0.47, 6),
        0.74,
        0.17,
        (),
    ),
    (
        "e-dog",
        "Therapy dog visits on the wards and at the depots",
        "emergent",
        "",
        ("the dog", "visits"),
        Estimate.ok(0.04, 0.02, 0.08, 204),
        Estimate.ok(0.33, 0.10, 0.55, 9),
        Estimate.ok(0.20, -0.04, 0.43, 9),
        0.71,
        0.11,
        (),
    ),
    ("e-parking", "Parking at the north depot", "emergent", "", (), HIDDEN, HIDDEN, HIDDEN, 0.66, None, ()),
)

_CUTS = (
    (
        "department",
        (
            ("Ambulance", Estimate.ok(0.28, 0.18, 0.37, 61), Estimate.ok(0.84, 0.74, 0.93, 61)),
            ("Warehouse and equipment stores", Estimate.ok(-0.34, -0.45, -0.22, 48), Estimate.ok(0.71, 0.58, 0.83, 48)),
            ("Booking office", Estimate.ok(0.02, -0.11, 0.16, 44), Estimate.ok(0.75, 0.61, 0.87, 44)),
            ("Community care", Estimate.ok(0.37, 0.25, 0.48, 38), Estimate.ok(0.87, 0.76, 0.96, 38)),
            ("Legal", HIDDEN, HIDDEN),
            ("Fleet", HIDDEN, HIDDEN),
        ),
    ),
    (
        "tenure",
        (
            ("Under 1 year", Estimate.ok(0.24, 0.10, 0.37, 39), Estimate.ok(0.69, 0.54, 0.83, 39)),
            ("1 to 4 years", Estimate.ok(0.11, 0.02, 0.20, 83), Estimate.ok(0.80, 0.71, 0.88, 83)),
            ("5 years and more", Estimate.ok(-0.02, -0.12, 0.09, 79), Estimate.ok(0.81, 0.72, 0.90, 79)),
        ),
    ),
    (
        "shift",
        (
            ("Day", Estimate.ok(0.17, 0.09, 0.24, 131), Estimate.ok(0.79, 0.72, 0.86, 131)),
            ("Night", Estimate.ok(-0.09, -0.20, 0.03, 68), Estimate.ok(0.76, 0.66, 0.86, 68)),
            ("Split", HIDDEN, HIDDEN),
        ),
    ),
)

_INSIGHTS = (
    (
        "facet_lived",
        "Care for every patient is what people live most",
        "Of the 143 respondents who speak to it, most describe it as real.",
        Estimate.ok(0.41, 0.33, 0.48, 143),
        ("c-004", "c-011"),
        "Say thank you for it in public, and ask the crews what makes it possible.",
        {"facet_id": "care"},
    ),
    (
        "facet_contradicted",
        "Learning from what goes wrong is contradicted",
        "Respondents describe blame after a report more often than learning.",
        Estimate.ok(-0.38, -0.52, -0.24, 31),
        ("c-090",),
        "Leaders as role models: begin the next meeting with a mistake of your own and what you learned from it.",
        {"facet_id": "learning"},
    ),
    (
        "facet_silent",
        "Nobody, or almost nobody, speaks of Care for the valley",
        "Too few respondents mention it to show a number.",
        HIDDEN,
        (),
        "Understanding of the purpose: ask each team what this part means in its own work.",
        {"facet_id": "planet"},
    ),
    (
        "facet_contested",
        "People disagree about openness",
        "41 % of those who speak to it support it and 44 % contradict it.",
        Estimate.ok(-0.04, -0.15, 0.08, 66),
        ("c-071", "c-072"),
        "Being heard and acted on: bring both sides together, and look where each works.",
        {"facet_id": "openness"},
    ),
    (
        "theme_down",
        "Workload pulls alignment down",
        "Respondents who write about workload are 28 points less aligned than the others.",
        Estimate.ok(-0.28, -0.38, -0.17, 73),
        ("c-021",),
        "Workload: agree what can wait, and say so plainly.",
        {"theme_id": "workload"},
    ),
    (
        "theme_up",
        "Collaboration lifts alignment",
        "Respondents who write about collaboration are 31 points more aligned than the others.",
        Estimate.ok(0.31, 0.21, 0.41, 59),
        ("c-033",),
        "Rituals: let the depots show each other how they do it.",
        {"theme_id": "collaboration"},
    ),
    (
        "group_differs",
        "Warehouse and equipment stores is less aligned than the rest",
        "Its respondents are 46 points below the others.",
        Estimate.ok(-0.46, -0.58, -0.33, 48),
        ("c-052",),
        "Being heard and acted on: talk with the team before you decide anything.",
        {"cut": "department", "group": "Warehouse and equipment stores"},
    ),
    (
        "facet_change",
        "Respect and dignity for each other has fallen since 2026-03",
        "It is 17 points lower than at the pulse before.",
        Estimate.ok(-0.17, -0.31, -0.04, 44),
        ("c-052",),
        "Consistent communication of the vision: say what is expected of everybody, and act on what you see.",
        {"facet_id": "dignity"},
    ),
    (
        "rating_driver",
        "Where collaboration is mentioned, engagement is rated higher",
        "An association over 188 respondents; it does not say what causes what.",
        Estimate.ok(0.34, 0.21, 0.46, 188),
        ("c-033",),
        "Rituals: protect the time teams have together.",
        {"theme_id": "collaboration"},
    ),
    (
        "suggestion",
        "People suggest better tools",
        "Of those who write about tools and workplace, 55 % say what should change.",
        Estimate.ok(0.55, 0.38, 0.71, 35),
        ("c-101", "c-102"),
        "Tools and workplace: answer each suggestion with yes, no or when.",
        {"theme_id": "tools"},
    ),
)


def make_analysis() -> Analysis:
    """Six facets in every state, twelve themes, three cuts with suppressed groups, three pulses, ten insights."""
    return Analysis(
        provenance=make_provenance(),
        purpose=Purpose(
            statement=" ".join(text for _, _, text, _ in _FACETS),
            facets=tuple(Facet(facet_id=facet_id, title=title, text=text) for facet_id, title, text, _ in _FACETS),
        ),
        counts=Counts(
            received=512,
            used=463,
            duplicate=9,
            no_content=31,
            unsupported_language=9,
            truncated=2,
            suppressed=14,
            asked=231,
            respondents=204,
            units=871,
        ),
        alignment=Estimate.ok(0.09, 0.03, 0.15, 181),
        coverage=Estimate.ok(0.79, 0.73, 0.84, 204),
        facets=tuple(_facet(facet_id, title, state) for facet_id, title, _, state in _FACETS),
        themes=tuple(_theme(*row) for row in _THEMES),
        cuts=tuple(_cut(name, groups) for name, groups in _CUTS),
        drivers=(
            Driver(
                target="engagement",
                theme_id="collaboration",
                effect=Estimate.ok(0.34, 0.21, 0.46, 188),
                adjusted_p=0.0004,
                held_out=True,
                adds=0.07,
                together=Estimate.ok(0.16, 0.07, 0.24, 188),
            ),
            Driver(
                target="engagement",
                theme_id="workload",
                effect=Estimate.ok(-0.27, -0.40, -0.13, 188),
                adjusted_p=0.003,
                held_out=False,
                adds=0.011,
                together=Estimate.ok(0.16, 0.07, 0.24, 188),
            ),
            Driver(target="engagement", facet_id="learning", effect=HIDDEN, adjusted_p=None),
        ),
        trends=_trends(),
        insights=tuple(_insight(number, *row) for number, row in enumerate(_INSIGHTS, start=1)),
        comments=_comments(),
        theme_map=_map(),
    )


def _map() -> ThemeMap:
    """Three themes with a heap of points each, and points of no theme all over."""
    names = {theme[0]: theme[1] for theme in _THEMES}
    heaps = (("workload", -0.5, 0.5, 24), ("collaboration", 0.5, 0.5, 18), ("miscommunication", -0.4, 0.4, 15))
    points = [
        MapPoint(x=round(x + n / 100, 3), y=round(y - n % 5 / 50, 3), theme_id=theme_id)
        for theme_id, x, y, size in heaps
        for n in range(size)
    ]
    points += [MapPoint(x=round(n / 20 - 1, 3), y=round(n * 7 % 40 / 20 - 1, 3), theme_id=None) for n in range(40)]
    labels = [MapLabel(theme_id=theme_id, name=names[theme_id], x=x, y=y) for theme_id, x, y, _ in heaps]
    return ThemeMap(points=tuple(points), labels=tuple(labels))


def make_provenance() -> Provenance:
    return Provenance(
        package_version="0.1.0",
        models={"embedder": "all-MiniLM-L6-v2@53aa51172d14", "stance": "stance-head@2026.1"},
        codebook="shared-purpose",
        codebook_version="1",
        seed=0,
        thresholds={"min_respondents": 5, "min_verbatim_respondents": 10, "relevance": 0.35},
        settings={"languages": "en"},
        notes=("Comments longer than 5,000 characters were cut.",),
        local_validity=(LocalValidity(rating="engagement", correlation=Estimate.ok(0.41, 0.28, 0.52, 160)),),
    )


def _facet(facet_id: str, title: str, state: str) -> FacetResult:
    alignment, coverage, supports, contradicts = _FACET_NUMBERS[facet_id]
    return FacetResult(
        facet_id=facet_id,
        title=title,
        state=state,
        alignment=alignment,
        coverage=coverage,
        supports_share=supports,
        contradicts_share=contradicts,
        quotes=_FACET_QUOTES.get(facet_id, ()),
    )


def _theme(
    theme_id, name, kind, definition, keyphrases, prevalence, alignment, effect, stability, suggestion_share, quotes
) -> ThemeResult:
    return ThemeResult(
        theme_id=theme_id,
        name=name,
        kind=kind,
        parent=None,
        definition=definition,
        keyphrases=keyphrases,
        prevalence=prevalence,
        alignment=alignment,
        effect=effect,
        stability=stability,
        suggestion_share=suggestion_share,
        quotes=quotes,
    )


def _cut(name, groups) -> CutResult:
    return CutResult(
        name=name,
        groups=tuple(
            GroupResult(
                name=group,
                alignment=alignment,
                coverage=coverage,
                themes=(
                    GroupTheme(
                        theme_id="workload",
                        prevalence=Estimate.ok(0.4, 0.3, 0.5, alignment.n) if alignment.shown else HIDDEN,
                    ),
                ),
            )
            for group, alignment, coverage in groups
        ),
    )


def days(pulse: str) -> dict[str, str]:
    """The first and the last day of a pulse whose comments came in all the time of its label."""
    last, first = period_order(pulse)
    return {"first": first.isoformat(), "last": last.isoformat()}


def make_trend_report(names=("March", "May"), analysis_ids=("an_1", "an_2")) -> TrendReport:
    """Three pulses: the trends of ``make_analysis``, those of a group, and what changed up to the last."""
    analysis = make_analysis()
    of_group = Trend(
        measure="alignment",
        points=tuple(
            TrendPoint(pulse=p, estimate=e)
            for p, e in zip(
                PULSES, (HIDDEN, Estimate.ok(-0.2, -0.3, -0.1, 20), Estimate.ok(0.1, 0.0, 0.2, 22)), strict=True
            )
        ),
        change=Estimate.ok(0.3, 0.15, 0.45, 20),
        cut="team",
        group="Days",
    )
    return TrendReport(
        statement=analysis.purpose.statement,
        facets={facet.facet_id: facet.title for facet in analysis.facets},
        themes={theme.theme_id: theme.name for theme in analysis.themes},
        pulses=tuple(
            Pulse(
                pulse=pulse,
                **days(pulse),
                respondents=100,
                sources=tuple(
                    PulseSource(analysis_id=own, name=name) for own, name in zip(analysis_ids, names, strict=True)
                ),
            )
            for pulse in PULSES
        ),
        trends=tuple(replace(trend, to_last=(trend.change, HIDDEN)) for trend in (*analysis.trends, of_group)),
        notes=("Themes are found in all pulses together, with the codebook “shared-purpose”, version 1.",),
    )


def _trends() -> tuple[Trend, ...]:
    def trend(measure, estimates, change, **of) -> Trend:
        points = tuple(TrendPoint(pulse=p, estimate=e) for p, e in zip(PULSES, estimates, strict=True))
        return Trend(measure=measure, points=points, change=change, **of)

    ok = Estimate.ok
    return (
        trend(
            "alignment",
            (ok(0.14, 0.05, 0.23, 96), ok(0.10, 0.01, 0.18, 101), ok(0.06, -0.02, 0.15, 98)),
            ok(-0.08, -0.19, 0.04, 96),
        ),
        trend(
            "alignment",
            (ok(0.36, 0.24, 0.47, 71), ok(0.42, 0.31, 0.52, 77), ok(0.44, 0.33, 0.54, 70)),
            ok(0.08, -0.06, 0.22, 70),
            facet_id="care",
        ),
        trend(
            "alignment",
            (ok(-0.11, -0.27, 0.05, 29), ok(-0.14, -0.30, 0.02, 27), ok(-0.31, -0.44, -0.17, 30)),
            ok(-0.20, -0.38, -0.02, 27),
            facet_id="dignity",
        ),
        trend(
            "alignment",
            (ok(-0.17, -0.34, 0.00, 24), HIDDEN, ok(0.08, -0.08, 0.25, 26)),
            ok(0.25, 0.04, 0.46, 24),
            facet_id="openness",
        ),
        trend("alignment", (HIDDEN, HIDDEN, HIDDEN), HIDDEN, facet_id="planet"),
        trend(
            "prevalence",
            (ok(0.31, 0.22, 0.40, 104), ok(0.35, 0.26, 0.44, 110), ok(0.44, 0.35, 0.54, 102)),
            ok(0.13, 0.01, 0.25, 102),
            theme_id="workload",
        ),
    )


def _insight(number, kind, headline, text, estimate, evidence, next_step, of) -> Insight:
    return Insight(
        insight_id=f"i-{number:02d}",
        kind=kind,
        headline=headline,
        text=text,
        estimate=estimate,
        evidence=evidence,
        next_step=next_step,
        score=1 - number / 20,
        **of,
    )


def _comments() -> tuple[CommentResult, ...]:
    texts = {quote.comment_id: quote.text for quotes in _FACET_QUOTES.values() for quote in quotes}
    texts |= {quote.comment_id: quote.text for row in _THEMES for quote in row[-1]}
    texts |= {
        "c-101": "Please replace the scanners, they freeze twice a shift.",
        "c-102": "We should have a second lift at the north depot, write to <EMAIL_ADDRESS> if you need the figures.",
    }
    return tuple(
        CommentResult(
            comment_id=comment_id,
            status="scored",
            text=text,
            alignment=0.2,
            suggestion=comment_id.startswith("c-10"),
            facets=(FacetScore(facet_id="care", relevance=0.5, stance=0.4, alignment=0.2),),
            themes=(ThemeScore(theme_id="workload", name="Workload", kind="codebook", score=0.7),),
            units=(UnitResult(start=0, end=len(text), text=text, suggestion=False, alignment=0.2),),
        )
        for comment_id, text in sorted(texts.items())
    )
