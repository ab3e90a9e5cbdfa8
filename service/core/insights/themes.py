"""Insights about themes: what goes with alignment, what many speak of, suggest, and miss in the statement."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from service.core.aggregate import adjust
from service.core.insights.sources import (
    EVIDENCE,
    NOTABLE_DIFFERENCE,
    NOTABLE_PREVALENCE,
    SIGNIFICANT,
    Found,
    Sources,
    one_sided,
    score,
)
from service.results import ThemeResult
from service.results.wording import in_words, interval, share_of_respondents

MAX_THEMES_A_SIDE = 4
MAX_COMMON_THEMES = 3
MAX_SUGGESTIONS = 4
SUGGESTED, FREQUENT = 0.7, 0.1
"""What stands for the distance from the rest where the number is itself a share of the respondents."""
UNMENTIONED_SHARE = 0.6
"""Of what is said on a theme, the share that must touch no facet; it was three quarters when codebook themes took fewer
units."""
UNMENTIONED_TONE = 0.1


def theme_effects(sources: Sources) -> Iterable[Found]:
    shown = [theme for theme in sources.themes if theme.effect.value is not None and theme.prevalence.value is not None]
    adjusted = adjust([sources.tables.theme_effect(sources.column[theme.theme_id]).p for theme in shown])
    clear = [
        (theme, p)
        for theme, p in zip(shown, adjusted, strict=True)
        if p < SIGNIFICANT
        and abs(theme.effect.value or 0.0) >= NOTABLE_DIFFERENCE
        and one_sided(theme.effect) == 1
        and sources.disclosure.enough_for_words(theme.effect.n or 0)
    ]
    found = [_theme_effect(sources, theme, p) for theme, p in clear]
    for kind in ("theme_down", "theme_up"):
        side = [item for item in found if item.kind == kind]
        yield from sorted(side, key=lambda item: -item.score)[:MAX_THEMES_A_SIDE]


def _theme_effect(sources: Sources, theme: ThemeResult, adjusted_p: float) -> Found:
    effect = theme.effect.value or 0.0
    prevalence = theme.prevalence.value or 0.0
    down = effect < 0
    column = sources.column[theme.theme_id]
    strength = sources.unit_overall() * np.sign(effect) * (sources.measured.unit_theme[:, column] > 0)
    practices = sources.tables.found[column].practices
    return Found(
        kind="theme_down" if down else "theme_up",
        headline=f"Where people speak of “{theme.name}”, the purpose is lived {'less' if down else 'more'}",
        text=f"Where people speak of “{theme.name}”, alignment is {abs(effect) * 100:.0f} points "
        f"{'lower' if down else 'higher'} than in the rest of what is said ({interval(theme.effect)}); "
        f"{share_of_respondents(theme.prevalence)} speak of it.",
        estimate=theme.effect,
        score=score(prevalence, 1 - adjusted_p, effect),
        evidence=sources.evidence(strength, EVIDENCE, theme.effect.n),
        theme_id=theme.theme_id,
        practice=practices[0] if down and practices else "",
    )


def common_themes(sources: Sources, said: set[str | None]) -> Iterable[Found]:
    """The most frequent themes about which nothing else is said."""
    shown = [
        theme
        for theme in sources.themes
        if (theme.prevalence.value or 0.0) >= NOTABLE_PREVALENCE and theme.theme_id not in said
    ]
    for theme in shown[:MAX_COMMON_THEMES]:
        column = sources.column[theme.theme_id]
        prevalence = theme.prevalence.value or 0.0
        tone = f" Alignment in what they say: {in_words(theme.alignment)}." if theme.alignment.shown else ""
        yield Found(
            kind="theme_common",
            headline=f"Many speak of “{theme.name}”",
            text=f"{share_of_respondents(theme.prevalence).capitalize()} speak of “{theme.name}”.{tone}",
            estimate=theme.prevalence,
            score=score(prevalence, 1.0, FREQUENT),
            evidence=sources.evidence(
                sources.measured.unit_theme[:, column].astype(np.float64), EVIDENCE, sources.people(column)
            ),
            theme_id=theme.theme_id,
        )


def suggestions(sources: Sources) -> Iterable[Found]:
    measured = sources.measured
    found: list[Found] = []
    for theme in sources.themes:
        column = sources.column[theme.theme_id]
        suggesting = measured.unit_suggestion & (measured.unit_theme[:, column] > 0)
        people = len(set(measured.unit_respondent[suggesting].tolist()))
        # Beside how many speak of it, their number tells how many of these suggest nothing.
        others = sources.people(column) - people
        if not (theme.prevalence.shown and sources.disclosure.enough(min(people, others))):
            continue
        said = np.zeros((measured.n_respondents, 1))
        said[np.unique(measured.unit_respondent[suggesting]), 0] = 1.0
        estimate = sources.disclosure.share(sources.tables.bootstrap.means(said).share(0))
        # Where nearly all suggest something, their number would tell how few do not.
        if not estimate.shown:
            continue
        strength = measured.unit_theme[:, column].astype(np.float64) * suggesting
        found.append(
            Found(
                kind="suggestion",
                headline=f"People suggest changes to “{theme.name}”",
                text=f"{people} people ({share_of_respondents(estimate)}) say what should change about “{theme.name}”.",
                estimate=estimate,
                score=score(estimate.value or 0.0, 1.0, SUGGESTED),
                evidence=sources.evidence(strength, EVIDENCE, people),
                theme_id=theme.theme_id,
            )
        )
    yield from sorted(found, key=lambda item: (-item.score, item.headline))[:MAX_SUGGESTIONS]


def unmentioned(sources: Sources) -> Iterable[Found]:
    """Themes people speak well or ill of in words that speak to no facet: candidates for the next draft."""
    measured = sources.measured
    off = measured.off_purpose
    for theme in sources.themes:
        column = sources.column[theme.theme_id]
        units = measured.unit_theme[:, column] > 0
        if (theme.prevalence.value or 0.0) < NOTABLE_PREVALENCE or off[units].mean() < UNMENTIONED_SHARE:
            continue
        tone = sources.tables.theme_tone(column)
        if abs(tone.value or 0.0) < UNMENTIONED_TONE or one_sided(tone) < 1:
            continue
        well = (tone.value or 0.0) > 0
        strength = np.nan_to_num(measured.theme_tone[:, column]) * (1 if well else -1)
        yield Found(
            kind="unmentioned_value" if well else "unmentioned_concern",
            headline=f"People {'value' if well else 'are troubled by'} “{theme.name}”, "
            "which the statement does not mention",
            text=f"{share_of_respondents(theme.prevalence).capitalize()} speak of “{theme.name}”, mostly "
            f"{'well' if well else 'ill'}, and most of what they say about it touches no part of the statement.",
            estimate=theme.prevalence,
            score=score(theme.prevalence.value or 0.0, one_sided(tone), (tone.value or 0.0) / 2),
            evidence=sources.evidence(strength, EVIDENCE, tone.n),
            theme_id=theme.theme_id,
        )
