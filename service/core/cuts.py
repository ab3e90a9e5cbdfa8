"""The declared cuts: their groups' numbers, and each group against the rest; what may be shown of them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.core.aggregate import Bootstrap, Difference, FloatMatrix, adjust
from service.core.disclosure import BoolMatrix, BoolVector, Disclosure, PublishedSets
from service.core.measures import Measured, groups_by_size
from service.core.themes import FoundTheme
from service.errors import InvalidCut
from service.results import CutResult, Estimate, GroupResult, GroupTheme

MAX_GROUPS = 200


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """A group against the rest of its cut; ``facet`` is a column, or None for alignment as a whole."""

    cut: str
    group: str
    facet: int | None
    inside: Estimate
    outside: Estimate
    difference: Difference
    adjusted_p: float


class CutTables:
    """Computes the tables of the declared cuts.

    Groups of all cuts and the pulses are looked at together: a group or pulse is shown, and each of its numbers, only
    where none of these brings back fewer respondents than the minimum.

    Args:
        measured: matrices by comment and respondent.
        found: the themes, in the order of the theme columns.
        disclosure: thresholds.
        seed: of the bootstrap.
        cuts: group dimensions.

    Raises:
        InvalidCut: there are no respondent ids, no comment has the cut, or it has so many groups that it is an id.
    """

    def __init__(
        self, measured: Measured, found: Sequence[FoundTheme], disclosure: Disclosure, seed: int, cuts: Sequence[str]
    ) -> None:
        self._measured = measured
        self._found = found
        self._disclosure = disclosure
        self._seed = seed
        cuts = list(dict.fromkeys(cuts))
        self._names = [(cut, name) for cut in cuts for name in _groups(measured, cut)]
        self._members = self._membership(cuts)
        parts = [cuts.index(cut) for cut, _ in self._names]
        in_pulse = self._in_pulse = _in_pulse(measured)
        each_its_own = range(len(cuts), len(cuts) + len(in_pulse))
        everyone = np.ones(measured.n_respondents, dtype=np.bool_)
        self._parts, self._minimum = parts, disclosure.min_respondents
        self._sets = PublishedSets(np.vstack([self._members, in_pulse]), [*parts, *each_its_own], self._minimum)
        self._looked_at: dict[bytes, BoolVector] = {}
        self._all_shown = self._sets.publishable(everyone)
        self._shown: BoolVector = self._all_shown[: len(parts)]
        self.shown_pulses: BoolVector = self._all_shown[len(parts) :]
        """(n_pulses,), pulses that may have numbers, by who took part in them."""

    def results(self, shown_themes: Sequence[str]) -> tuple[CutResult, ...]:
        """Each declared cut with its groups; those that may not be shown keep their name."""
        wanted = [
            column
            for column, theme in enumerate(self._found)
            # Of a theme within another, what it leaves of that one in a group is soon a few people.
            if theme.theme_id in set(shown_themes) and not (theme.kind == "emergent" and theme.parent)
        ]
        overall = self._measured.overall
        speaks = ~np.isnan(overall)
        said = self._measured.theme[:, wanted]
        values = np.hstack([overall, speaks.astype(np.float64), said.astype(np.float64)])
        aligned = self._publishable(speaks[:, 0])
        shares = [self._publishable(said[:, place], ~said[:, place]) for place in range(len(wanted))]
        found: dict[str, list[GroupResult]] = {}
        for row, (cut, name) in enumerate(self._names):
            shown = [bool(aligned[row]), *(bool(share[row]) for share in shares)]
            result = self._group(name, values[self._members[row]], shown, [self._found[c].theme_id for c in wanted])
            found.setdefault(cut, []).append(result)
        return tuple(CutResult(name=cut, groups=tuple(_hidden_last(groups))) for cut, groups in found.items())

    def pulses_publishable(self, *counted: BoolVector) -> BoolVector:
        """Pulses whose number gives nobody away beside those of the groups, (n_pulses,).

        Args:
            counted: (n_respondents,), whom the number counts; of a share those who have it, and those who have not.
        """
        return self._together(counted)[len(self._names) :]

    def _publishable(self, *counted: BoolVector) -> BoolVector:
        """The same of the groups, (n_groups,)."""
        return self._together(counted)[: len(self._names)]

    def _beside_pulses(self, counted: BoolVector) -> BoolVector:
        """Groups of which a number can be told beside those of the pulses, (n_groups,)."""
        pulses = PublishedSets(self._in_pulse, range(len(self._in_pulse)), self._minimum)
        out = self._in_pulse[pulses.publishable(counted, self.shown_pulses)]
        return PublishedSets(self._members, self._parts, self._minimum, out).publishable(counted, self._shown)

    def _together(self, counted: Sequence[BoolVector]) -> BoolVector:
        shown = self._all_shown
        for people in counted:
            # The same people are counted by the groups' numbers and by the pulses'.
            key = people.tobytes()
            if key not in self._looked_at:
                self._looked_at[key] = self._sets.publishable(people, self._all_shown)
            shown = shown & self._looked_at[key]
        return shown

    def _group(self, name: str, values: FloatMatrix, shown: Sequence[bool], themes: Sequence[str]) -> GroupResult:
        """One group from its respondents' ``values``: alignment, whether they speak, and each theme."""
        nothing = Estimate.suppressed()
        if not any(shown):
            hidden = tuple(GroupTheme(theme_id=theme, prevalence=nothing) for theme in themes)
            return GroupResult(name=name, alignment=nothing, coverage=nothing, themes=hidden)
        means = Bootstrap(len(values), self._seed).means(values)
        return GroupResult(
            name=name,
            alignment=self._disclosure.number(means.estimate(0)) if shown[0] else nothing,
            coverage=self._disclosure.coverage(means.share(1)) if shown[0] else nothing,
            themes=tuple(
                GroupTheme(
                    theme_id=theme,
                    prevalence=self._disclosure.share(means.share(2 + place)) if shown[1 + place] else nothing,
                )
                for place, theme in enumerate(themes)
            ),
        )

    def differences(self) -> list[GroupDifference]:
        """Each group against the rest, on alignment as a whole and by facet; p values adjusted within each cut."""
        values = np.hstack([self._measured.overall, self._measured.facet])
        overall, *facets = ~np.isnan(values.T)
        shown = np.array([self._publishable(overall), *(self._beside_pulses(column) for column in facets)])
        bootstrap = Bootstrap(self._measured.n_respondents, self._seed)
        found: dict[str, list[tuple[str, int | None, Estimate, Estimate, Difference]]] = {}
        for row, (cut, name) in enumerate(self._names):
            if shown[:, row].any():
                members = self._members[row][:, None]
                means = bootstrap.means(
                    np.hstack([np.where(members, values, np.nan), np.where(members, np.nan, values)])
                )
            for column in np.flatnonzero(shown[:, row]).tolist():
                rest = values.shape[1] + column
                # Both sides need enough respondents, or the rest would tell about the group that is left.
                if self._disclosure.enough(int(min(means.n[column], means.n[rest]))):
                    sides = means.estimate(column), means.estimate(rest)
                    facet = None if column == 0 else column - 1
                    found.setdefault(cut, []).append((name, facet, *sides, means.difference(column, rest)))
        return [
            GroupDifference(cut, *one, p)
            for cut, own in found.items()
            for one, p in zip(own, adjust([one[-1].p for one in own]), strict=True)
        ]

    def _membership(self, cuts: Sequence[str]) -> BoolMatrix:
        """Who is in which group, (n_groups, n_respondents)."""
        of = {cut: np.array(self._measured.group_of(cut), dtype=object) for cut in cuts}
        rows = [of[cut] == name for cut, name in self._names]
        return np.array(rows, dtype=np.bool_).reshape(len(rows), self._measured.n_respondents)


def _groups(measured: Measured, cut: str) -> list[str]:
    """Names of the groups of a cut, the largest first."""
    if not measured.identified:
        raise InvalidCut(
            f"cut {cut!r} needs respondent ids, so that people can be counted; name their column",
            where=cut,
        )
    names = groups_by_size(measured.group_of(cut))
    if not names:
        raise InvalidCut(f"no comment has a value for cut {cut!r}", where=cut)
    if len(names) > MAX_GROUPS or len(names) > max(measured.n_respondents // 2, 20):
        raise InvalidCut(
            f"cut {cut!r} has {len(names)} different values and looks like an id; choose one with fewer groups",
            where=cut,
        )
    return names


def _hidden_last(groups: Sequence[GroupResult]) -> list[GroupResult]:
    """The largest first, as they come; those without a number by name, for their order would tell their sizes."""
    hidden = [group for group in groups if not group.alignment.shown]
    return [group for group in groups if group.alignment.shown] + sorted(hidden, key=lambda group: group.name)


def _in_pulse(measured: Measured) -> BoolMatrix:
    """Who wrote in which pulse, (n_pulses, n_respondents); no row where there are fewer than two pulses."""
    names, pulse = measured.pulses
    if len(names) < 2:
        return np.zeros((0, measured.n_respondents), dtype=np.bool_)
    out = np.zeros((len(names), measured.n_respondents), dtype=np.bool_)
    rows = measured.used[pulse[measured.used] >= 0]
    out[pulse[rows], measured.respondent[rows]] = True
    return out
