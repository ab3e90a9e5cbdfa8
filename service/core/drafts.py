"""Two drafts of a statement beside the same comments: what resonates, what stays silent, what neither mentions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from service.core.aggregate import Bootstrap
from service.core.batch import Batch, counts
from service.core.disclosure import BoolVector, Disclosure
from service.core.insights.sources import NOTABLE_PREVALENCE
from service.core.insights.themes import UNMENTIONED_SHARE
from service.core.measures import Measured
from service.core.tables import Tables
from service.core.themes import FoundTheme
from service.core.verbatims import quotable_units
from service.errors import InvalidPurpose
from service.results import (
    Comparison,
    Draft,
    DraftFacet,
    Estimate,
    Facet,
    FacetResult,
    Provenance,
    Purpose,
    UnmentionedTheme,
)
from service.results.analysis import count_suppressed
from service.results.comparison import Resonance
from service.results.wording import listed


def check_drafts(purposes: Sequence[Purpose]) -> tuple[Purpose, Purpose]:
    """The two drafts to compare.

    Raises:
        InvalidPurpose: there are not two of them, or both say the same in the same words.
    """
    if len(purposes) != 2:
        raise InvalidPurpose(
            f"a comparison needs exactly two purposes, one for each draft; {len(purposes)} given", where="purposes"
        )
    first, second = purposes
    if _words(first) == _words(second):
        raise InvalidPurpose(
            "both purposes have the same text, so there is nothing to compare; give two drafts that differ",
            where="purposes[1]",
        )
    return first, second


def in_both(first: Purpose, second: Purpose) -> tuple[str, ...]:
    """A sentence on the facets that stand in both drafts, for their numbers are not quite the same in each."""
    words = _words(second)
    titles = [f"“{facet.title}”" for facet in first.facets if _plain(facet) in words]
    if not titles:
        return ()
    return (
        f"Both drafts have {listed(titles)}. Each facet is held against the others of its draft, so the same words can "
        "have other numbers in the other draft; that is no difference in what people say.",
    )


def _words(purpose: Purpose) -> list[str]:
    """What the facets say, whatever their order."""
    return sorted(_plain(facet) for facet in purpose.facets)


def _plain(facet: Facet) -> str:
    """The text of a facet, whatever its spacing and capitals."""
    return " ".join(facet.text.casefold().split()).rstrip(".")


def compare_drafts(
    batch: Batch,
    measured: tuple[Measured, Measured],
    found: Sequence[FoundTheme],
    disclosure: Disclosure,
    provenance: Provenance,
    *,
    seed: int,
) -> Comparison:
    """Put what was measured beside each draft together.

    Args:
        batch: the comments, without duplicates.
        measured: the same comments, units and themes beside the first draft and beside the second.
        found: the themes, in the order of the theme columns.
        disclosure: thresholds; nothing leaves here without them.
        provenance: of the comparison.
        seed: of the bootstrap.
    """
    tables = [Tables(one, found, disclosure, seed, quotable_units(one, (), disclosure)) for one in measured]
    first, second = (_speaks(one) for one in measured)
    reach = Bootstrap(len(first), seed).means(np.column_stack([first, second]).astype(np.float64))
    shares = [disclosure.coverage(reach.share(column)) for column in range(2)]
    drafts = _draft(tables[0], shares[0]), _draft(tables[1], shares[1])
    shown = all(share.shown for share in shares) and _differ_by_enough(first, second, disclosure)
    difference = disclosure.number(reach.difference(1, 0).estimate) if shown else Estimate.suppressed()
    return Comparison(
        provenance=provenance,
        counts=counts(batch, measured[0], count_suppressed((drafts, difference))),
        drafts=drafts,
        reach_difference=difference,
        unmentioned=_unmentioned(tables[0], measured),
    )


def _speaks(measured: Measured) -> BoolVector:
    """Who speaks to any facet, (n_respondents,)."""
    return np.asarray(~np.isnan(measured.facet).all(axis=1), dtype=np.bool_)


def _differ_by_enough(first: BoolVector, second: BoolVector, disclosure: Disclosure) -> bool:
    """Whether the difference of two shares of the same respondents gives no few people away.

    Its interval tells how many are counted by the one only, by the other only and by both, so each of these must be
    nobody or enough respondents.
    """
    parts = (int(part.sum()) for part in (first & ~second, second & ~first, first & second))
    return all(people == 0 or disclosure.enough(people) for people in parts)


def _draft(tables: Tables, reach: Estimate) -> Draft:
    return Draft(
        statement=tables.measured.purpose.statement,
        alignment=tables.alignment(),
        coverage=tables.coverage(),
        reach=reach,
        facets=tuple(
            DraftFacet(
                facet_id=facet.facet_id,
                title=facet.title,
                state=facet.state,
                resonance=_resonance(facet),
                alignment=facet.alignment,
                coverage=facet.coverage,
                quotes=facet.quotes,
            )
            for facet in tables.facets()
        ),
    )


def _resonance(facet: FacetResult) -> Resonance:
    """A facet that enough people speak to has one of the three clear states, or is uncertain."""
    if facet.state in ("silent", "uncertain"):
        return "silent" if facet.state == "silent" else "uncertain"
    return "resonates"


def _unmentioned(tables: Tables, measured: tuple[Measured, Measured]) -> tuple[UnmentionedTheme, ...]:
    """Themes that are shown and most of whose units touch no facet of either draft, most respondents first."""
    outside = measured[0].off_purpose & measured[1].off_purpose
    column = {theme.theme_id: place for place, theme in enumerate(tables.found)}
    return tuple(
        UnmentionedTheme(theme_id=theme.theme_id, name=theme.name, kind=theme.kind, prevalence=theme.prevalence)
        for theme in tables.themes()
        # A theme within another says part of what that one says.
        if (theme.kind == "codebook" or theme.parent is None)
        and (theme.prevalence.value or 0.0) >= NOTABLE_PREVALENCE
        and _mostly_outside(tables, column[theme.theme_id], outside)
    )


def _mostly_outside(tables: Tables, column: int, outside: BoolVector) -> bool:
    """Whether most of what is said on a theme lies ``outside``, (n_units,), and enough respondents say it there."""
    measured = tables.measured
    units = measured.unit_theme[:, column] > 0
    people = len(set(measured.unit_respondent[units & outside].tolist()))
    return bool(outside[units].mean() >= UNMENTIONED_SHARE) and tables.disclosure.enough(people)
