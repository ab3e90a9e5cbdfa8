"""An analysis as it is published, read as equations about people.

The attacker knows everybody's groups and pulses, and that each wrote one idea in each of their pulses. Overall
alignment and that on the facets are separate matters: how relevant an idea is to each facet, which the one is weighed
by, is published nowhere. What of the document is not held to be told:

- Ends of intervals, p values and correlations: they are no sums. How many people stand behind them is read.
- How many people do not speak to a facet or to the purpose, give no rating or state no goal, and how many comments were
  not used: coverage and the counts tell it, and it is nobody's opinion.
- How many took part at all, where they are few.
- That a number is suppressed, a facet silent or a theme new: it says that people are few, and not how many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from tests.attacker import sentences
from tests.attacker.solving import ALL, Cells, Equation, Measure, People, Place, Topic, cells
from tests.attacker.surveys import CUTS, PARENTS, PULSES, THEMES, Survey, best_theme

DIGITS = 5e-7
"""Half a unit of the last digit of published numbers."""
POINT = 0.005
"""Half a unit of a number in a sentence, which is in points or percent."""
SPOKEN = {"speaks": True}
SIDE = 0.15


class Reader:
    """Reads a document of a survey; the survey is only asked who belongs to which set, and to check the equations.

    Args:
        survey: who takes part in it.
        document: ``Analysis.to_dict``, with the theme map.
    """

    def __init__(self, survey: Survey, document: Mapping[str, Any]) -> None:
        self.survey = survey
        self.document = document
        self.who = People(_sets(survey))
        self.speaks = ~np.isnan(survey.alignment)
        self.facets = [f"f{k}" for k in range(survey.alignment.shape[1])]
        self.pulses = [date.isoformat() for date in PULSES if self.who.sets["pulse", date.isoformat()].any()]
        self.people = Topic("people", Cells(), np.zeros(survey.n_people, dtype=int))
        self.goals = _topic(
            "goals", self._goal_marks(), lambda cell: cell["goal"] or not cell["beside"], nobodys=frozenset({"goal"})
        )
        self.ratings = _topic("ratings", self._rating_marks(), nobodys=frozenset({"rated", "speaks", *self.facets}))
        self.counts = {theme: self._theme_counts(theme) for theme in THEMES}
        self.sums = {theme: self._theme_sums(theme) for theme in THEMES}
        self.sides = {facet: self._facet_sides(column) for column, facet in enumerate(self.facets)}
        self.scores = {facet: self._facet_scores(column) for column, facet in enumerate(self.facets)}

    def topics(self) -> Iterator[Topic]:
        """Every topic, with all that the document says of it."""
        self._read_totals()
        self._read_facets()
        self._read_themes()
        self._read_cuts()
        self._read_ratings()
        self._read_trends()
        self._read_insights()
        self._read_map()
        yield from (self.people, self.goals, self.ratings)
        for topics in (self.counts, self.sums, self.sides, self.scores):
            yield from topics.values()

    # What people may be in each matter.

    @cached_property
    def overall(self) -> np.ndarray:
        spoken = self.speaks.sum(axis=1)
        return np.nan_to_num(self.survey.alignment).sum(axis=1) / np.maximum(spoken, 1)

    def _theme_counts(self, theme: str) -> Topic:
        column, survey = THEMES.index(theme), self.survey
        said, own = survey.said[:, column], {}
        own["said"] = said
        own["speaks"] = self.speaks.any(axis=1)
        own["suggests"] = said & survey.suggests
        own["mainly"] = best_theme(survey, self.document) == column
        for part in (part for part, whole in PARENTS.items() if whole == theme):
            own[part] = survey.said[:, THEMES.index(part)]
        rule = lambda cell: cell["said"] or not any(cell[mark] for mark in own if mark not in ("said", "speaks"))  # noqa: E731
        harmless = frozenset(own) - {"said", "suggests"}
        return _topic(f"people who speak of {theme}", own, rule, nobodys=frozenset({"speaks"}), harmless=harmless)

    def _theme_sums(self, theme: str) -> Topic:
        own = {"said": self.survey.said[:, THEMES.index(theme)]}
        for part in (part for part, whole in PARENTS.items() if whole == theme):
            own[part] = self.survey.said[:, THEMES.index(part)]
        rule = lambda cell: cell["said"] or not any(cell.values())  # noqa: E731
        topic = _topic(f"alignment of people who speak of {theme}", own, rule, among=self.speaks.any(axis=1))
        topic.score = self.overall
        return topic

    def _facet_sides(self, column: int) -> Topic:
        values = np.nan_to_num(self.survey.alignment[:, column])
        own = {"so": values >= SIDE, "not": values <= -SIDE, "asks": self.survey.suggests & (values < 0)}
        rule = lambda cell: not cell["so"] or not (cell["not"] or cell["asks"])  # noqa: E731
        return _topic(f"sides of f{column}", own, rule, among=self.speaks[:, column])

    def _facet_scores(self, column: int) -> Topic:
        of = np.where(self.speaks[:, column], 0, -1)
        return Topic(f"alignment on f{column}", Cells(), of, np.nan_to_num(self.survey.alignment[:, column]))

    def _goal_marks(self) -> dict[str, np.ndarray]:
        goal = self.survey.goal
        return {"goal": goal, "beside": goal & ~(np.nan_to_num(self.survey.alignment) >= SIDE).any(axis=1)}

    def _rating_marks(self) -> dict[str, np.ndarray]:
        speaks = {"speaks": self.speaks.any(axis=1)} | dict(zip(self.facets, self.speaks.T, strict=True))
        return {"rated": ~np.isnan(self.survey.rating)} | speaks

    # What the forms of published numbers say.

    def _mean(self, place: Place, estimate: Mapping[str, Any], facet: str | None = None) -> None:
        """Mean alignment of those of a place who have one."""
        if estimate["status"] == "ok":
            n, value = estimate["n"], estimate["value"]
            self._speaking(place, n, facet)
            for topic in self._scores_of(facet):
                topic.know(n * value, Measure(place), tolerance=n * DIGITS)

    def _speaking(self, place: Place, n: float, facet: str | None) -> None:
        """How many people of a place speak to a facet, or to the purpose."""
        if facet is not None:
            self.sides[facet].know(n, Measure(place))
            return
        for topic in self.counts.values():
            topic.know(n, Measure(place, SPOKEN))

    def _scores_of(self, facet: str | None) -> list[Topic]:
        return [self.scores[facet]] if facet is not None else list(self.sums.values())

    def _share(self, place: Place, estimate: Mapping[str, Any], marks: Mapping[str, bool], *topics: Topic) -> None:
        """A share of the people of a place, and how many they are."""
        if estimate["status"] == "ok":
            self._n(place, estimate["n"])
            for topic in topics:
                topic.know(round(estimate["n"] * estimate["value"]), Measure(place, marks))

    def _n(self, place: Place, n: int) -> None:
        """How many people there are in a place."""
        self.people.know(n, Measure(place))
        for topic in self.counts.values():
            topic.know(n, Measure(place))

    def _said(self, place: Place, estimate: Mapping[str, Any], theme: str) -> None:
        self._share(place, estimate, {"said": True}, self.counts[theme])
        if theme in PARENTS:
            self._share(place, estimate, {theme: True}, self.counts[PARENTS[theme]])

    def _mean_of_theme(self, place: Place, estimate: Mapping[str, Any], theme: str) -> None:
        """Mean alignment of those of a place who speak of a theme."""
        if estimate["status"] != "ok":
            return
        n, value = estimate["n"], estimate["value"]
        for of, mark in [(theme, "said")] + ([(PARENTS[theme], theme)] if theme in PARENTS else []):
            self.counts[of].know(n, Measure(place, {mark: True} | SPOKEN))
            self.sums[of].know(n * value, Measure(place, {mark: True}), tolerance=n * DIGITS)

    # The parts of the document.

    def _read_totals(self) -> None:
        if self.survey.n_people >= self.document["provenance"]["thresholds"]["min_respondents"]:
            self._n(ALL, self.document["counts"]["respondents"])
        self._mean(ALL, self.document["alignment"])
        self._share(ALL, self.document["coverage"], SPOKEN, *self.counts.values())

    def _read_facets(self) -> None:
        for facet in self.document["facets"]:
            self._mean(ALL, facet["alignment"], facet["facet_id"])
            topic = self.sides[facet["facet_id"]]
            if facet["coverage"]["status"] == "ok":
                self._n(ALL, facet["coverage"]["n"])
                topic.know(round(facet["coverage"]["n"] * facet["coverage"]["value"]), Measure(ALL))
            for mark, share in (("so", facet["supports_share"]), ("not", facet["contradicts_share"])):
                if share is not None:
                    n = (topic.of >= 0).sum()
                    topic.know(0.0, Measure(ALL, {mark: True}), (-share, Measure(ALL)), tolerance=n * DIGITS)

    def _read_themes(self) -> None:
        for theme in self.document["themes"]:
            name = theme["theme_id"]
            self._said(ALL, theme["prevalence"], name)
            self._mean_of_theme(ALL, theme["alignment"], name)
            if theme["effect"]["status"] == "ok":
                self._difference(theme["effect"], self.counts[name], self.sums[name], {"said": True}, {"said": False})
            if (share := theme["suggestion_share"]) is not None:
                asking, saying = Measure(ALL, {"said": True, "suggests": True}), Measure(ALL, {"said": True})
                people = self.counts[name].people({"said": True}).sum()
                self.counts[name].know(0.0, asking, (-share, saying), tolerance=people * DIGITS)
        for cell in (theme for cut in self.document["cuts"] for group in cut["groups"] for theme in group["themes"]):
            assert cell["theme_id"] in THEMES

    def _difference(
        self,
        estimate: Mapping[str, Any],
        counts: Topic,
        sums: Topic,
        one: Mapping[str, bool],
        other: Mapping[str, bool],
    ) -> None:
        """Mean of those with marks less that of the others, over everybody; ``n`` is of the smaller side."""
        sides = [int(counts.people(dict(marks) | SPOKEN).sum()) for marks in (one, other)]
        assert min(sides) == estimate["n"]
        # Which side is the smaller one is soon guessed.
        counts.know(sides[0], Measure(ALL, dict(one) | SPOKEN))
        counts.know(sides[1], Measure(ALL, dict(other) | SPOKEN))
        sums.know(
            estimate["value"],
            (1 / sides[0], Measure(ALL, one)),
            (-1 / sides[1], Measure(ALL, other)),
            tolerance=DIGITS,
        )

    def _ideas(self, topic: Topic, marks: Mapping[str, bool], number: int) -> None:
        """How many ideas there are of people with marks: each person has one in each of their pulses."""
        topic.know(number, *(Measure(("pulse", pulse), marks) for pulse in self.pulses))

    def _read_cuts(self) -> None:
        for cut in self.document["cuts"]:
            for group in cut["groups"]:
                place = (cut["name"], group["name"])
                self._mean(place, group["alignment"])
                self._share(place, group["coverage"], SPOKEN, *self.counts.values())
                for theme in group["themes"]:
                    self._said(place, theme["prevalence"], theme["theme_id"])

    def _read_ratings(self) -> None:
        found = self.document["drivers"], self.document["provenance"]["local_validity"]
        numbers = [(one["effect"], one["facet_id"] or one["theme_id"]) for one in found[0]]
        numbers += [(one["together"], "all themes") for one in found[0] if one.get("together")]
        numbers += [(one["correlation"], "speaks") for one in found[1]]
        for estimate, about in numbers:
            if estimate["status"] == "ok":
                marks = {"rated": True} | ({about: True} if about == "speaks" or about in self.facets else {})
                self.ratings.know(estimate["n"], Measure(ALL, marks))

    def _read_trends(self) -> None:
        for trend in self.document["trends"]:
            for point in trend["points"]:
                place: Place = ("pulse", point["pulse"])
                if trend.get("group") is not None:
                    place = (trend["cut"], trend["group"], point["pulse"])
                if trend["measure"] == "coverage":
                    assert trend["theme_id"] is None, "coverage of a theme"
                    self._share(place, point, SPOKEN, *self.counts.values())
                elif trend["theme_id"] is None:
                    self._mean(place, point, trend["facet_id"])
                elif trend["measure"] == "prevalence":
                    self._said(place, point, trend["theme_id"])
                else:
                    self._mean_of_theme(place, point, trend["theme_id"])
            shown = sum(point["status"] == "ok" for point in trend["points"])
            for change in ("change", "since_last"):
                assert trend.get(change, {}).get("status") != "ok" or shown > 1, "a change of what is not shown"

    def _read_map(self) -> None:
        points = [point["theme_id"] for point in self.document["theme_map"]["points"]]
        for theme in {name for name in points if name is not None}:
            self._ideas(self.counts[theme], {"mainly": True}, points.count(theme))

    def _read_insights(self) -> None:
        for insight in self.document["insights"]:
            _INSIGHTS[insight["kind"]](self, insight)

    # Insights.

    def _repeats(self, insight: Mapping[str, Any]) -> None:
        """Its number, and those in its sentence, stand in a table as well."""
        known = self.in_tables
        assert insight["estimate"] in known, f"{insight['kind']}: {insight['estimate']} stands in no table"
        numbers = [(one["value"], one["n"]) for one in known if one["status"] == "ok"]
        for value, n in sentences.in_words(insight["text"]):
            assert any(n == other and abs(value - of) <= POINT + DIGITS for of, other in numbers), insight["text"]

    @cached_property
    def in_tables(self) -> list[Mapping[str, Any]]:
        """Every estimate that is published elsewhere than in an insight."""
        return list(_estimates({name: part for name, part in self.document.items() if name != "insights"}))

    def _state(self, insight: Mapping[str, Any]) -> None:
        self._repeats(insight)
        topic = self.sides[insight["facet_id"]]
        for share, side in sentences.sides(insight["text"]):
            terms = [(1.0, Measure(ALL, {side: True})), (-share, Measure(ALL))]
            topic.equations.append(Equation(terms, 0.0, POINT * (topic.of >= 0).sum()))

    def _apart(self, insight: Mapping[str, Any]) -> None:
        """The number of a facet less those of the others, all of which are shown."""
        shown = [facet["alignment"]["n"] for facet in self.document["facets"] if facet["alignment"]["status"] == "ok"]
        assert insight["estimate"]["n"] in shown

    def _gap(self, insight: Mapping[str, Any]) -> None:
        topic, estimate = self.sides[insight["facet_id"]], insight["estimate"]
        place = ("pulse", self.pulses[-1]) if len(self.pulses) > 1 else ALL
        topic.know(estimate["n"], Measure(place))
        topic.know(round(estimate["n"] * estimate["value"]), Measure(place, {"asks": True}))

    def _group(self, insight: Mapping[str, Any]) -> None:
        """A group and everybody else: how many, their alignment in points, and its difference."""
        facet, place = insight["facet_id"], (insight["cut"], insight["group"])
        sides = sentences.in_words(insight["text"])
        assert len(sides) == 2, insight["text"]
        inside, outside = (n for _, n in sides)
        self._speaking(place, inside, facet)
        self._speaking(ALL, inside + outside, facet)
        for topic in self._scores_of(facet):
            topic.know(inside * sides[0][0], Measure(place), tolerance=inside * POINT)
            rest = (1.0, Measure(ALL)), (-1.0, Measure(place))
            topic.know(outside * sides[1][0], *rest, tolerance=outside * POINT)
            terms = (1 / inside + 1 / outside, Measure(place)), (-1 / outside, Measure(ALL))
            topic.know(insight["estimate"]["value"], *terms, tolerance=DIGITS)

    def _suggestion(self, insight: Mapping[str, Any]) -> None:
        topic = self.counts[insight["theme_id"]]
        latest = f" in {self.pulses[-1]}" in insight["headline"] + insight["text"]
        place = ("pulse", self.pulses[-1]) if latest else ALL
        self._share(place, insight["estimate"], {"suggests": True}, topic)
        for people in sentences.people(insight["text"]):
            topic.know(people, Measure(place, {"suggests": True}))

    def _goal(self, insight: Mapping[str, Any]) -> None:
        for people in sentences.people(insight["text"]):
            self.goals.know(people, Measure(ALL, {"goal": True}))
        if insight["estimate"]["status"] == "ok":
            assert insight["kind"] == "goals_beside_purpose"
            n, value = insight["estimate"]["n"], insight["estimate"]["value"]
            self.goals.know(n, Measure(ALL, {"goal": True}))
            self.goals.know(round(n * value), Measure(ALL, {"beside": True}))


_INSIGHTS: dict[str, Callable[[Reader, Mapping[str, Any]], None]] = {
    **{f"facet_{state}": Reader._state for state in ("lived", "contradicted", "contested", "silent", "uncertain")},
    **{f"facet_{which}": Reader._apart for which in ("strongest", "weakest")},
    **{f"{what}_change": Reader._repeats for what in ("facet", "alignment")},
    **{f"theme_{how}": Reader._repeats for how in ("grew", "shrank", "moved", "new", "up", "down", "common")},
    **{f"unmentioned_{what}": Reader._repeats for what in ("value", "concern")},
    "facet_gap": Reader._gap,
    "group_differs": Reader._group,
    "suggestion": Reader._suggestion,
    "rating_agreement": Reader._repeats,
    "driver": Reader._repeats,
    "facet_without_goal": Reader._goal,
    "goals_beside_purpose": Reader._goal,
}
"""How each kind of insight is read; a kind that is not here is an error, so that none goes unread."""


def _sets(survey: Survey) -> dict[Place, np.ndarray]:
    """Who belongs to what: all that the attacker knows of people beside what is published."""
    sets: dict[Place, np.ndarray] = {ALL: np.ones(survey.n_people, bool)}
    pulses = {date.isoformat(): members for date, members in zip(PULSES, survey.pulses, strict=True)}
    for cut in CUTS:
        for group in sorted({str(group) for group in survey.groups[cut]}):
            sets[cut, group] = np.array([str(own) == group for own in survey.groups[cut]])
            sets |= {(cut, group, pulse): sets[cut, group] & members for pulse, members in pulses.items()}
    sets |= {("pulse", pulse): members for pulse, members in pulses.items()}
    return sets


def _topic(
    name: str,
    own: Mapping[str, np.ndarray],
    possible: Callable[[Mapping[str, bool]], bool] = lambda cell: True,
    among: np.ndarray | None = None,
    **how: frozenset[str],
) -> Topic:
    """A topic from the marks that each person has; nobody but ``among`` is in a cell."""
    of_topic = cells(own, possible, **how)
    number = {has: place for place, has in enumerate(of_topic.has)}
    of = np.array([number[marks] for marks in zip(*(has.tolist() for has in own.values()), strict=True)])
    return Topic(name, of_topic, of if among is None else np.where(among, of, -1))


def _estimates(document: Any) -> Iterator[Mapping[str, Any]]:
    """Every estimate in a document, as an insight holds it."""
    if isinstance(document, Mapping):
        if "status" in document:
            yield {name: item for name, item in document.items() if name != "pulse"}
        for item in document.values():
            yield from _estimates(item)
    elif isinstance(document, (list, tuple)):
        for item in document:
            yield from _estimates(item)
