"""Studies of one purpose as pulses beside each other: on the same facets, models and themes, whatever each began with.

An analysis is a pulse, or as many as its dates tell. All comments are put together, themes are found in them all at
once, so that a theme means the same in every pulse, and each number is shown where the analysis it comes from shows it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from service.core.aggregate import Bootstrap, IntVector, adjust
from service.core.alignment import AlignmentScorer
from service.core.batch import Batch, join, measure, some_of, without_duplicates
from service.core.change_words import from_to, headline, scale_of
from service.core.disclosure import BoolMatrix, BoolVector, Disclosure, PublishedSets
from service.core.embedding import EmbeddingCache, embed
from service.core.insights.sources import NOTABLE_DIFFERENCE, NOTABLE_PREVALENCE, SIGNIFICANT, one_sided
from service.core.measures import Measured, groups_by_size, pulses_of
from service.core.models import Models
from service.core.study import Study
from service.core.tables import Tables
from service.core.themes import ThemeModel
from service.core.trends import Change, Group, PulseTables
from service.errors import DifferentPurposes, EmptyBatch
from service.results import Codebook, Pulse, PulseSource, Purpose, Trend, TrendReport
from service.results.kpis import period_order
from service.results.wording import listed


@dataclass(frozen=True, kw_only=True)
class PulseStudy:
    """A study that is set beside others of its purpose.

    Attributes:
        analysis_id: names it; evidence and groups of two studies are never mixed up.
        name: what people call it.
        date: of its comments, where none has one.
        study: as ``Analyser.study`` or ``Analyser.unpack`` gives it.
    """

    analysis_id: str
    name: str
    date: dt.date
    study: Study


@dataclass(frozen=True, slots=True)
class _Together:
    """The comments of all studies.

    Attributes:
        batch: without duplicates; comment ids have the study's number before them.
        study: (n_comments,), the study each came with.
        names: the pulses in their order.
        pulse: (n_comments,).
    """

    batch: Batch
    study: IntVector
    names: list[str]
    pulse: IntVector


def side_by_side(
    studies: Sequence[PulseStudy],
    models: Models,
    *,
    seed: int,
    cache: EmbeddingCache | None = None,
    wanted: Sequence[tuple[str, str]] = (),
) -> TrendReport:
    """Set the pulses of one purpose beside each other.

    Args:
        studies: one at least, in any order.
        models: what studies that were made with others are scored again with.
        seed: of every random choice.
        cache: of embeddings.
        wanted: analysis id and theme id of themes that must be followed, also where they are not found again.

    Raises:
        EmptyBatch: there is no study.
        DifferentPurposes: their statements differ; names them.
    """
    studies = _in_order(studies)
    newest = studies[-1].study
    purpose, codebook = newest.analysis.purpose, _codebook(studies, wanted)
    notes: list[str] = []
    batches = [_on_same_version(item, purpose, models, cache, notes) for item in studies]
    notes += _about_themes(studies)
    together = _together(studies, batches, notes)
    model = ThemeModel(models.embedder, codebook if codebook.themes else None, random_state=seed)
    scores = model.fit_transform(together.batch.units, together.batch.embeddings)
    scorer = AlignmentScorer(models.embedder, models.stance)
    measured = measure(together.batch, purpose, scores, np.full(scores.scores.shape, np.nan), scorer)
    disclosure = _strictest(studies)
    nobody = np.zeros(len(measured.units), dtype=np.bool_)
    tables = Tables(measured, model.themes_, disclosure, seed, nobody)
    must = {theme_id for _, theme_id in wanted}
    followed = sorted(
        {*tables.above_all_others(), *(c for c, theme in enumerate(model.themes_) if theme.theme_id in must)}
    )
    shown = _shown_pulses(studies, together)
    pulses = (together.names, together.pulse)
    bootstrap = Bootstrap(measured.n_respondents, seed)
    # An analysis that holds several pulses has published the numbers of them all together.
    total = len({number for place in range(len(shown)) for number in _sources(place, together)}) < len(shown)
    trends = PulseTables(measured, model.themes_, disclosure, bootstrap, pulses, shown, followed, total=total)
    facets = {facet.facet_id: facet.title for facet in purpose.facets}
    themes = {model.themes_[column].theme_id: model.themes_[column].name for column in followed}
    found = _adjusted(trends.changes(_groups(studies, together, measured, shown), to_last=True))
    return TrendReport(
        statement=purpose.statement,
        facets=facets,
        themes=themes,
        pulses=tuple(_pulse(place, studies, together, measured, disclosure, shown) for place in range(len(shown))),
        trends=found,
        changed=tuple(_changed(found, facets, themes)),
        notes=tuple(notes),
    )


def _adjusted(changes: Sequence[Change]) -> tuple[Trend, ...]:
    """The trends, with p values of what changed since the last pulse, adjusted over them all."""
    adjusted = iter(adjust([change.p for change in changes if change.trend.since_last.shown]))
    return tuple(
        replace(change.trend, adjusted_p=next(adjusted)) if change.trend.since_last.shown else change.trend
        for change in changes
    )


def _changed(trends: Sequence[Trend], facets: Mapping[str, str], themes: Mapping[str, str]) -> Iterator[str]:
    """What changed since the last pulse, in sentences, the surest first."""
    for trend in sorted(trends, key=lambda trend: (trend.adjusted_p is None, trend.adjusted_p)):
        change = trend.since_last
        notable = NOTABLE_PREVALENCE if trend.measure == "prevalence" else NOTABLE_DIFFERENCE
        if trend.adjusted_p is None or trend.adjusted_p >= SIGNIFICANT or one_sided(change) < 1:
            continue
        if abs(change.value or 0.0) >= notable:
            first, last = [point for point in trend.points if point.estimate.shown][-2:]
            name = trend.group or themes.get(trend.theme_id or "") or facets.get(trend.facet_id or "", "")
            said = headline(trend, name, change, first.pulse, last.pulse)
            yield f"{said}. {from_to(first, last, change, scale_of(trend))}"


def _in_order(studies: Sequence[PulseStudy]) -> list[PulseStudy]:
    """The earliest first.

    Raises:
        EmptyBatch: there is none.
        DifferentPurposes: their statements differ.
    """
    if not studies:
        raise EmptyBatch("there is no analysis to set beside others; give at least one", where="analysis_id")
    ordered = sorted(studies, key=lambda item: (_last_day(item), item.analysis_id))
    statements = {item.study.analysis.purpose.statement.strip(): item for item in ordered}
    if len(statements) > 1:
        names = listed([f"“{item.name}”" for item in statements.values()])
        raise DifferentPurposes(
            f"{names} were made with different purpose statements, and alignment with one says nothing of another; "
            "choose analyses of one purpose, or analyse the comments again with the same",
            where="analysis_id",
        )
    return ordered


def _last_day(item: PulseStudy) -> dt.date:
    return max((comment.date for comment in item.study.batch.comments if comment.date), default=item.date)


def _codebook(studies: Sequence[PulseStudy], wanted: Sequence[tuple[str, str]]) -> Codebook:
    """The codebook of the newest study, as it is edited there, and the wanted themes that it lacks."""
    newest = studies[-1].study
    codebook = newest.codebook if newest.edits else newest.first.codebook
    themes = {theme.theme_id: theme for theme in codebook.themes}
    grown: dict[str, Codebook] = {}
    by_id = {item.analysis_id: item.study for item in studies}
    for analysis_id, theme_id in wanted:
        if theme_id not in themes and analysis_id in by_id:
            own = grown.setdefault(analysis_id, by_id[analysis_id].codebook)
            for theme in own.themes:
                if theme.theme_id == theme_id:
                    themes[theme_id] = replace(theme, parent=None)
    return replace(codebook, themes=tuple(themes.values()))


def _on_same_version(
    item: PulseStudy, purpose: Purpose, models: Models, cache: EmbeddingCache | None, notes: list[str]
) -> Batch:
    """The study's units with the scores of these models on these facets; says so in ``notes`` where that is new."""
    batch, then, now = item.study.batch, item.study.analysis.provenance.models, models.identities()
    other = [name for name in ("embedder", "stance") if then.get(name) != now.get(name)]
    edited = item.study.analysis.purpose.facets != purpose.facets
    if not other and not edited:
        return batch
    if "embedder" in other:
        batch = replace(batch, embeddings=embed([unit.text for unit in batch.units], models.embedder, cache))
    scorer = AlignmentScorer(models.embedder, models.stance).fit(purpose)
    reasons = [f"another {listed(other)} model"] if other else []
    reasons += ["other facets"] if edited else []
    notes.append(f"“{item.name}” was made with {listed(reasons)}; here it is scored again as the newest pulse is.")
    return replace(batch, scores=scorer.transform(batch.units, batch.embeddings))


def _about_themes(studies: Sequence[PulseStudy]) -> list[str]:
    """That codebooks differ, and that themes are found anew."""
    if len(studies) < 2:
        return []
    codebooks = [(item.study.first.codebook.name, item.study.version) for item in studies]
    if len(set(codebooks)) == 1:
        return [f"Themes are found in all pulses together, with {_named(*codebooks[-1])}."]
    changed = [f"“{item.name}”" for item, own in zip(studies, codebooks, strict=True) if own != codebooks[-1]]
    return [
        f"The codebook changed: {listed(changed)} {'was' if len(changed) == 1 else 'were'} made with another than the "
        f"newest pulse. Here the themes of all pulses are found together, with {_named(*codebooks[-1])}."
    ]


def _named(name: str, version: str) -> str:
    return f"the codebook “{name}”, version {version}" if name else "no codebook"


def _together(studies: Sequence[PulseStudy], batches: Sequence[Batch], notes: list[str]) -> _Together:
    """All comments in one batch, people under one name wherever the studies know them by one.

    A pulse that several studies have comments of is taken from the one that has most: numbers of them together would,
    beside those that each publishes, tell of the few who are in one and not in another.
    """
    renamed: list[Batch] = []
    labels: list[str] = []
    of_study = [_labels(item) for item in studies]
    sizes = [Counter(label for label in own if label is not None) for own in of_study]
    source = {
        label: max(range(len(studies)), key=lambda number: (sizes[number][label], number))
        for label in {label for size in sizes for label in size}
    }
    for number, size in enumerate(sizes):
        for label in sorted(size):
            if source[label] != number:
                notes.append(
                    f"“{studies[source[label]].name}” has more comments of {label} than “{studies[number].name}”: that "
                    "pulse is shown as it is there. Comments of one pulse belong in one analysis."
                )
    for number, (item, batch) in enumerate(zip(studies, batches, strict=True)):
        own = f"{number}/" if item.study.people == "numbers" else ""
        keep = [label is not None and source[label] == number for label in of_study[number]]
        kept = some_of(batch, keep)
        renamed.append(
            replace(
                kept,
                comments=[
                    replace(
                        comment,
                        comment_id=f"{number}/{comment.comment_id}",
                        respondent_id=None if comment.respondent_id is None else own + comment.respondent_id,
                        # Or the same words in two pulses without dates would be taken for one answer sent twice.
                        date=comment.date or item.date,
                    )
                    for comment in kept.comments
                ],
            )
        )
        labels += [label for label in of_study[number] if label is not None and source[label] == number]
    names = sorted(set(labels), key=period_order)
    number_of = {name: number for number, name in enumerate(names)}
    return _Together(
        batch=without_duplicates(join(renamed)),
        study=np.repeat(np.arange(len(renamed)), [len(batch.comments) for batch in renamed]),
        names=names,
        pulse=np.array([number_of[label] for label in labels], dtype=np.int64),
    )


def _labels(item: PulseStudy) -> list[str | None]:
    """The pulse of each comment: one for the whole study, unless its dates tell of several."""
    comments = item.study.batch.comments
    names, pulse = pulses_of([comment.date for comment in comments])
    if len(names) < 2:
        return [names[0] if names else item.date.isoformat()] * len(comments)
    return [None if number < 0 else names[number] for number in pulse.tolist()]


def _strictest(studies: Sequence[PulseStudy]) -> Disclosure:
    thresholds = [item.study.analysis.provenance.thresholds for item in studies]
    return Disclosure(
        max(int(one["min_respondents"]) for one in thresholds),
        max(int(one["min_verbatim_respondents"]) for one in thresholds),
    )


def _sources(place: int, together: _Together) -> list[int]:
    """Numbers of the studies that a pulse has comments of."""
    return [int(number) for number in np.unique(together.study[together.pulse == place])]


def _shown_pulses(studies: Sequence[PulseStudy], together: _Together) -> BoolVector:
    """Pulses that every study they come from shows, (n_pulses,)."""
    return np.array(
        [
            all(_shows(studies[number], name) for number in _sources(place, together))
            for place, name in enumerate(together.names)
        ],
        dtype=np.bool_,
    )


def _shows(item: PulseStudy, pulse: str) -> bool:
    """Whether an analysis shows a number of all who took part in a pulse of it."""
    everybody = [t for t in item.study.analysis.trends if t.facet_id is None and t.theme_id is None]
    if not everybody:
        return True
    return any(point.pulse == pulse and point.estimate.shown for trend in everybody for point in trend.points)


def _pulse(
    place: int,
    studies: Sequence[PulseStudy],
    together: _Together,
    measured: Measured,
    disclosure: Disclosure,
    shown: BoolVector,
) -> Pulse:
    own = together.pulse == place
    dates = [comment.date for comment, mine in zip(together.batch.comments, own, strict=True) if mine and comment.date]
    people = len(np.unique(measured.respondent[own & (measured.respondent >= 0)]))
    return Pulse(
        pulse=together.names[place],
        first=min(dates).isoformat(),
        last=max(dates).isoformat(),
        respondents=people if shown[place] and disclosure.enough(people) else None,
        sources=tuple(
            PulseSource(analysis_id=studies[number].analysis_id, name=studies[number].name)
            for number in _sources(place, together)
        ),
    )


def _groups(studies: Sequence[PulseStudy], together: _Together, measured: Measured, shown: BoolVector) -> list[Group]:
    """Groups of all declared cuts, each with who belonged to it in which pulse, and where it may be shown."""
    found: list[Group] = []
    for cut in dict.fromkeys(cut for item in studies for cut in item.study.cuts):
        rows = [np.flatnonzero((together.pulse == p) & (measured.respondent >= 0)) for p in range(len(shown))]
        of_pulse = [np.array(measured.group_of(cut, own), dtype=object) for own in rows]
        names = groups_by_size([name for groups in of_pulse for name in groups])
        members = {name: np.array([groups == name for groups in of_pulse], dtype=np.bool_) for name in names}
        may = {name: shown.copy() for name in names}
        for number, item in enumerate(studies):
            for name, own in _shown_groups(item, number, cut, members, together, measured).items():
                may[name] &= own
        found += [Group(cut, name, members[name], may[name]) for name in names]
    return found


def _shown_groups(
    item: PulseStudy, number: int, cut: str, members: dict[str, BoolMatrix], together: _Together, measured: Measured
) -> dict[str, BoolVector]:
    """Where a study allows each group's number: (n_pulses,) by group; pulses that it has no part in are true."""
    published = {
        group.name: group.alignment.shown
        for result in item.study.analysis.cuts
        if result.name == cut
        for group in result.groups
    }
    own = [place for place in range(len(together.names)) if number in _sources(place, together)]
    others = np.ones(len(together.names), dtype=np.bool_)
    others[own] = False
    pulses = len({label for label in _labels(item) if label is not None})
    if pulses < 2:
        return {name: others | published.get(name, False) for name in members}
    if len(own) < pulses:  # what it publishes of a group is of comments that are not all here
        return dict.fromkeys(members, others)
    # The analysis shows its groups, and its pulses, and not each group in each pulse: what that adds is looked at here.
    rows = np.flatnonzero((together.study == number) & (measured.respondent >= 0))
    people = np.unique(measured.respondent[rows])
    latest = np.array(measured.group_of(cut, rows), dtype=object)
    shown = [name for name in members if published.get(name, False)]
    out = [latest[people] == name for name in shown]
    for place in own:
        took_part = np.zeros(measured.n_respondents, dtype=np.bool_)
        took_part[measured.respondent[rows[together.pulse[rows] == place]]] = True
        out.append(took_part[people])
    cells = [(name, place) for name in shown for place in own]
    may = {name: others.copy() for name in members}
    if cells:
        sets = np.array([members[name][place][people] for name, place in cells], dtype=np.bool_)
        speaks = ~np.isnan(measured.overall[people, 0])
        minimum = int(item.study.analysis.provenance.thresholds["min_respondents"])
        guarded = PublishedSets(sets, [place for _, place in cells], minimum, np.array(out, dtype=np.bool_))
        free = guarded.publishable(speaks, guarded.publishable(np.ones(len(people), dtype=np.bool_)))
        for (name, place), allowed in zip(cells, free, strict=True):
            may[name][place] = allowed
    return may
