"""Edits of themes that were found: the same units, put together in another way.

An edit takes the themes and the units' scores in them and gives both back changed; it never touches what it was given,
and is refused whole. ``grown`` then turns the edited themes into a codebook that the next pulse is assigned to first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import singledispatchmethod
from itertools import pairwise

import numpy as np

from service.core.embedding import Embedder, FloatArray
from service.core.themes import names, phrases
from service.core.themes.clusters import SMALL, SPLITS, cut_by_ward, find_clusters
from service.core.themes.codebook import CodebookScorer
from service.core.themes.quotes import representative
from service.core.themes.scores import OTHER_ID, FoundTheme, IntArray, ThemeScores
from service.core.units import Unit
from service.errors import InvalidEdit
from service.results import Codebook, Correction, Theme
from service.results.codebook import next_version
from service.results.edits import Correct, Hide, Merge, Move, Rename, Split, ThemeEdit, UnitRef
from service.results.wording import listed

EXAMPLES = 12
"""Units that a theme takes along into the next pulse as its examples."""
MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class EditedThemes:
    """The themes of an analysis between two edits.

    Attributes:
        found: the themes, in the order of the columns of ``scores``.
        scores: of the units.
        codebook: what the units were assigned to, and the base of the next version.
        hidden: themes that are not shown any more, as they go into the next codebook.
        touched: ids of themes whose units are not those that the codebook gave them.
    """

    found: tuple[FoundTheme, ...]
    scores: ThemeScores
    codebook: Codebook
    hidden: tuple[Theme, ...] = ()
    touched: frozenset[str] = frozenset()


class ThemeEditor:
    """Edits the themes of one set of units.

    Args:
        embedder: the one that ``embeddings`` are of.
        units: idea units.
        embeddings: float32, (n_units, dim), rows of unit length.
        comment_ids: of each unit's comment, (n_units,).
        people: the respondent behind each unit, (n_units,).
        min_people: respondents that a theme needs before units of it become examples or make its name.
    """

    def __init__(
        self,
        embedder: Embedder,
        units: Sequence[Unit],
        embeddings: FloatArray,
        comment_ids: Sequence[str],
        people: Sequence[int],
        min_people: int,
    ) -> None:
        self._embedder = embedder
        self._units = units
        self._embeddings = embeddings
        self._people = np.asarray(people, dtype=np.intp)
        self._min_people = min_people
        self._row = {
            (comment, unit.start): row for row, (comment, unit) in enumerate(zip(comment_ids, units, strict=True))
        }

    def apply(self, themes: EditedThemes, edit: ThemeEdit) -> EditedThemes:
        """The themes after an edit, with the next version of the codebook.

        Raises:
            InvalidEdit: a theme or unit is unknown, a name is taken or empty, a theme is merged with itself alone, or
                one with a single unit is split.
        """
        edited = self._apply(edit, themes)
        return replace(edited, codebook=replace(edited.codebook, version=next_version(themes.codebook.version)))

    def grown(self, themes: EditedThemes) -> Codebook:
        """The codebook that the next pulse is assigned to: the themes as they are now, with examples of their units."""
        base = {theme.theme_id: theme for theme in themes.codebook.themes}
        made = [
            self._as_theme(themes, column, base.get(theme.theme_id))
            for column, theme in enumerate(themes.found)
            if theme.theme_id != OTHER_ID
        ]
        kept = {theme.theme_id for theme in (*made, *themes.hidden)}
        whole = tuple(replace(theme, parent=theme.parent if theme.parent in kept else None) for theme in made)
        corrections = tuple(one for one in themes.codebook.corrections if one.theme_id in kept)
        return replace(themes.codebook, themes=(*whole, *themes.hidden), corrections=corrections)

    @singledispatchmethod
    def _apply(self, edit: object, themes: EditedThemes) -> EditedThemes:
        raise TypeError(f"{type(edit).__name__} is no edit of themes")

    @_apply.register
    def _(self, edit: Merge, themes: EditedThemes) -> EditedThemes:
        columns = list(dict.fromkeys(_column(themes.found, theme) for theme in edit.theme_ids))
        if len(columns) < 2:
            raise InvalidEdit("merging needs two different themes; this names one", where="theme_ids")
        target, gone = columns[0], columns[1:]
        scores = themes.scores.scores.copy()
        scores[:, target] = scores[:, columns].max(axis=1)
        primary = np.where(np.isin(themes.scores.primary, gone), target, themes.scores.primary)
        into = themes.found[target]
        names_there = [theme for column, theme in enumerate(themes.found) if column not in columns]
        merged = replace(
            into,
            name=_free_name(edit.name or into.name, names_there),
            keyphrases=tuple(dict.fromkeys(phrase for c in columns for phrase in themes.found[c].keyphrases))[
                : names.KEYPHRASES
            ],
            practices=tuple(dict.fromkeys(p for c in columns for p in themes.found[c].practices)),
            stability=None,
            edited=True,
        )
        gone_ids = {themes.found[column].theme_id for column in gone}
        found = [merged if theme is into else theme for theme in themes.found]
        found = [
            replace(theme, parent=_not_itself(theme, into.theme_id) if theme.parent in gone_ids else theme.parent)
            for theme in found
        ]
        if merged.parent in gone_ids:
            found[target] = replace(found[target], parent=None)
        edited = replace(
            themes,
            found=tuple(found),
            scores=ThemeScores(scores, primary),
            codebook=_merged_codebook(themes.codebook, into, gone_ids),
            touched=(themes.touched - gone_ids) | {into.theme_id},
        )
        return _without(edited, gone)

    @_apply.register
    def _(self, edit: Rename, themes: EditedThemes) -> EditedThemes:
        column = _column(themes.found, edit.theme_id)
        theme = themes.found[column]
        others = [other for other in themes.found if other is not theme]
        definition = theme.definition if edit.definition is None else edit.definition.strip()
        renamed = replace(theme, name=_free_name(edit.name, others), definition=definition, edited=True)
        return replace(themes, found=(*themes.found[:column], renamed, *themes.found[column + 1 :]))

    @_apply.register
    def _(self, edit: Hide, themes: EditedThemes) -> EditedThemes:
        column = _column(themes.found, edit.theme_id)
        base = {theme.theme_id: theme for theme in themes.codebook.themes}
        hidden = replace(self._as_theme(themes, column, base.get(edit.theme_id)), hidden=True, parent=None)
        found = tuple(replace(t, parent=None) if t.parent == edit.theme_id else t for t in themes.found)
        return _without(replace(themes, found=found, hidden=(*themes.hidden, hidden)), [column])

    @_apply.register
    def _(self, edit: Split, themes: EditedThemes) -> EditedThemes:
        column = _column(themes.found, edit.theme_id)
        theme = themes.found[column]
        members = np.flatnonzero(themes.scores.scores[:, column] > 0)
        label = self._parts(members, edit)
        count = int(label.max()) + 1
        before = themes.scores.scores
        scores = np.hstack([before, np.zeros((len(before), count), dtype=np.float32)])
        primary = themes.scores.primary.copy()
        width = before.shape[1]
        for row, part in zip(members, label, strict=True):
            scores[row, width + part] = before[row, column]
            if primary[row] == column:
                primary[row] = width + part
        groups = [members[label == part] for part in range(count)]
        others = [other for other in themes.found if other is not theme]
        parts = self._named(groups, theme, others)
        found = tuple(replace(t, parent=theme.parent) if t.parent == theme.theme_id else t for t in themes.found)
        return _without(replace(themes, found=(*found, *parts), scores=ThemeScores(scores, primary)), [column])

    @_apply.register
    def _(self, edit: Move, themes: EditedThemes) -> EditedThemes:
        column, rows = _column(themes.found, edit.theme_id), self._rows(edit.units)
        scores, primary = themes.scores.scores.copy(), themes.scores.primary.copy()
        left = [(row, old) for row in rows for old in np.flatnonzero(scores[row] > 0) if old != column]
        scores[rows] = 0.0
        scores[rows, column] = 1.0
        for ancestor in _ancestors(themes.found, column):
            scores[rows, ancestor] = 1.0
        primary[rows] = column
        corrections = [self._correction(row, edit.theme_id, True) for row in rows]
        corrections += [self._correction(row, themes.found[old].theme_id, False) for row, old in left]
        codebook = replace(themes.codebook, corrections=(*themes.codebook.corrections, *corrections))
        touched = themes.touched | {edit.theme_id}
        return replace(themes, scores=ThemeScores(scores, primary), codebook=codebook, touched=touched)

    @_apply.register
    def _(self, edit: Correct, themes: EditedThemes) -> EditedThemes:
        column, rows = _column(themes.found, edit.theme_id), self._rows(edit.units)
        corrections = tuple(self._correction(row, edit.theme_id, edit.belongs) for row in rows)
        codebook = replace(themes.codebook, corrections=(*themes.codebook.corrections, *corrections))
        before, after = self.grown(themes), self.grown(replace(themes, codebook=codebook))
        at = [theme.theme_id for theme in before.themes].index(edit.theme_id)
        was, now = (CodebookScorer(self._embedder, book).scores(self._embeddings)[0][:, at] for book in (before, after))
        scores, primary = themes.scores.scores.copy(), themes.scores.primary.copy()
        joins, leaves = (now > 0) & (was == 0) & edit.belongs, (now == 0) & (was > 0) & (not edit.belongs)
        joins[rows], leaves[rows] = edit.belongs, not edit.belongs
        scores[joins, column] = np.maximum(np.maximum(scores[joins, column], now[joins]), 0.01)
        scores[leaves, column] = 0.0
        other = _other(themes.found)
        if other is not None:
            scores[joins, other] = 0.0
        alone = joins & ((primary < 0) | (primary == other))
        primary[alone] = column
        homeless = leaves & (primary == column)
        best = scores.argmax(axis=1)
        primary[homeless] = np.where(scores[homeless].max(axis=1) > 0, best[homeless], -1 if other is None else other)
        if other is not None:
            scores[homeless & (primary == other), other] = 1.0
        return replace(themes, scores=ThemeScores(scores, primary), codebook=codebook)

    def _rows(self, units: Sequence[UnitRef]) -> list[int]:
        if not units:
            raise InvalidEdit("there is no unit to move; name one at least", where="units")
        rows = []
        for place, unit in enumerate(units):
            row = self._row.get((unit.comment_id, unit.start))
            if row is None:
                raise InvalidEdit(
                    f"comment {unit.comment_id!r} has no unit that begins at character {unit.start}",
                    where=f"units[{place}]",
                )
            rows.append(row)
        return rows

    def _correction(self, row: int, theme_id: str, belongs: bool) -> Correction:
        return Correction(text=self._units[row].text, theme_id=theme_id, belongs=belongs)

    def _parts(self, members: IntArray, edit: Split) -> IntArray:
        """The part of each member of a theme, (n_members,), the largest part first."""
        texts = [self._units[row].text.strip().casefold() for row in members]
        distinct = sorted(set(texts), key=lambda text: hashlib.sha256(text.encode()).digest())
        wanted = 2 if edit.parts is None else edit.parts
        if len(distinct) < max(wanted, 2) or wanted < 2:
            raise InvalidEdit(
                f"theme {edit.theme_id!r} has {len(distinct)} different units and cannot be split into {wanted} parts",
                where="parts" if edit.parts is not None else "theme_id",
            )
        first = {text: int(row) for text, row in reversed(list(zip(texts, members, strict=True)))}
        rows = self._embeddings[[first[text] for text in distinct]]
        label = None
        if edit.parts is None and len(distinct) >= 2 * SMALL:
            bits = [[hashlib.sha256(text.encode()).digest()[split] & 1 for text in distinct] for split in range(SPLITS)]
            clusters = find_clusters(rows, np.array(bits, dtype=bool))
            if clusters.n_groups >= 2:
                nearest = clusters.assign(rows)[0]
                label = np.where(nearest < 0, 0, nearest)
        if label is None or len(set(label.tolist())) < 2:
            label = cut_by_ward(rows, wanted)
        part = dict(zip(distinct, label.tolist(), strict=True))
        return np.unique([part[text] for text in texts], return_inverse=True)[1].astype(np.intp)

    def _named(self, groups: Sequence[IntArray], theme: FoundTheme, others: Sequence[FoundTheme]) -> list[FoundTheme]:
        """The parts of a theme, with names and ids of their own."""
        extracted = phrases.extract([self._units[row].text for group in groups for row in group])
        starts = np.cumsum([0, *(len(group) for group in groups)]).tolist()
        rows = [list(range(first, end)) for first, end in pairwise(starts)]
        marked = phrases.distinctive(extracted, rows)
        centres = [_unit(self._embeddings[group].mean(axis=0)) for group in groups]
        own = [
            names.keyphrases(candidates, centre, self._embedder) if self._enough(group) else []
            for candidates, centre, group in zip(marked, centres, groups, strict=True)
        ]
        taken = [other.name for other in others]
        chosen = names.choose_names(own, taken, [None] * len(groups))
        ids = {other.theme_id for other in others} | {OTHER_ID, theme.theme_id}
        parts = []
        for name, found in zip(chosen, own, strict=True):
            marks = tuple(phrase.text for phrase in found)
            parts.append(
                replace(
                    theme,
                    theme_id=names.free_id(names.slug(name), ids),
                    name=name,
                    definition=names.definition(marks),
                    keyphrases=marks,
                    stability=None,
                    edited=True,
                )
            )
            ids.add(parts[-1].theme_id)
        return parts

    def _enough(self, rows: IntArray) -> bool:
        return len(set(self._people[rows].tolist())) >= self._min_people

    def _as_theme(self, themes: EditedThemes, column: int, base: Theme | None) -> Theme:
        theme = themes.found[column]
        rows = np.flatnonzero(themes.scores.scores[:, column] > 0)
        examples: tuple[str, ...] = ()
        if (base is None or theme.theme_id in themes.touched) and self._enough(rows):
            picks = representative(self._units, self._embeddings, themes.scores, column, EXAMPLES)
            examples = tuple(self._units[row].text for row, _ in picks)
        include = (*(base.include if base else ()), *theme.keyphrases, *examples)
        return Theme(
            theme_id=theme.theme_id,
            name=theme.name,
            definition=theme.definition,
            include=tuple(dict.fromkeys(include)),
            exclude=base.exclude if base else (),
            parent=theme.parent,
            kind=base.kind if base else "topic",
            practices=theme.practices,
        )


def _column(found: Sequence[FoundTheme], theme_id: str) -> int:
    ids = [theme.theme_id for theme in found]
    if theme_id not in ids or theme_id == OTHER_ID:
        known = listed([theme for theme in ids if theme != OTHER_ID]) or "none"
        raise InvalidEdit(f"there is no theme {theme_id!r} to edit; there are {known}", where="theme_id")
    return ids.index(theme_id)


def _free_name(name: str, others: Sequence[FoundTheme]) -> str:
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME:
        raise InvalidEdit(f"a name has 1 to {MAX_NAME} characters; this one has {len(name)}", where="name")
    if any(other.name.casefold() == name.casefold() for other in others):
        raise InvalidEdit(f"another theme is called {name!r}; names are unique", where="name")
    return name


def _merged_codebook(codebook: Codebook, into: FoundTheme, gone: set[str]) -> Codebook:
    """The codebook once the themes ``gone`` are one with ``into``: their examples and corrections are its own."""
    parts = [theme for theme in codebook.themes if theme.theme_id in gone or theme.theme_id == into.theme_id]
    others = tuple(theme for theme in codebook.themes if theme not in parts)
    if parts:
        own = next((theme for theme in parts if theme.theme_id == into.theme_id), None)
        first = own or Theme(theme_id=into.theme_id, name=into.name, definition=into.definition)
        texts = [text for theme in parts for text in (theme.name, theme.definition, *theme.include)]
        whole = replace(
            first,
            include=tuple(dict.fromkeys(text for text in texts if text)),
            exclude=tuple(dict.fromkeys(text for theme in parts for text in theme.exclude)),
        )
        others = (*others, whole)
    corrections = tuple(
        replace(one, theme_id=into.theme_id) if one.theme_id in gone else one for one in codebook.corrections
    )
    return replace(codebook, themes=others, corrections=corrections)


def _not_itself(theme: FoundTheme, parent: str) -> str | None:
    return None if theme.theme_id == parent else parent


def _ancestors(found: Sequence[FoundTheme], column: int) -> list[int]:
    place = {theme.theme_id: index for index, theme in enumerate(found)}
    line: list[int] = []
    while (parent := found[line[-1] if line else column].parent) in place and place[parent] not in line:
        line.append(place[parent])
    return line


def _other(found: Sequence[FoundTheme]) -> int | None:
    return next((column for column, theme in enumerate(found) if theme.theme_id == OTHER_ID), None)


def _without(themes: EditedThemes, gone: Sequence[int]) -> EditedThemes:
    """Themes without some columns; units of which one was the primary theme go to the best that is left them."""
    kept = [column for column in range(len(themes.found)) if column not in gone]
    number = np.full(len(themes.found) + 1, -1, dtype=np.intp)
    number[kept] = np.arange(len(kept))
    scores = themes.scores.scores[:, kept].copy()
    primary = number[themes.scores.primary]
    found = tuple(themes.found[column] for column in kept)
    homeless = np.isin(themes.scores.primary, gone)
    if scores.shape[1] and homeless.any():
        left = scores[homeless].max(axis=1) > 0
        other = _other(found)
        primary[homeless] = np.where(left, scores[homeless].argmax(axis=1), -1 if other is None else other)
        if other is not None:
            scores[homeless & (primary == other), other] = 1.0
    return replace(themes, found=found, scores=ThemeScores(scores, primary))


def _unit(row: FloatArray) -> FloatArray:
    return np.asarray(row / max(float(np.linalg.norm(row)), 1e-9), dtype=np.float32)
