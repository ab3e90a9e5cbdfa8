"""The result of holding the same comments against two drafts of a statement."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from service.results.analysis import Counts, Estimate, FacetState, Provenance, Quote, plain

Resonance = Literal["resonates", "silent", "uncertain"]
"""Whether people speak to a facet clearly enough to say which way, hardly speak of it, or neither can be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFacet:
    """One facet of a draft. It ``resonates`` when its state is lived, contradicted or contested: people speak to it,
    which does not mean that they say it is so.
    """

    facet_id: str
    title: str
    state: FacetState
    resonance: Resonance
    alignment: Estimate
    coverage: Estimate
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One draft. But for ``reach`` its estimates are those that an analysis beside it alone gives.

    Attributes:
        statement: as it was given.
        alignment: over the respondents that ``coverage`` counts.
        coverage: share of respondents who say anything relevant to it, however faintly.
        reach: share of respondents who speak to at least one of its facets, as a facet's own coverage counts them.
        facets: in the order of the draft.
    """

    statement: str
    alignment: Estimate
    coverage: Estimate
    reach: Estimate
    facets: tuple[DraftFacet, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmentionedTheme:
    """A theme most of what is said on touches no facet of either draft; ``prevalence`` is of the theme as a whole."""

    theme_id: str
    name: str
    kind: Literal["codebook", "emergent"]
    prevalence: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two drafts of a statement beside the same comments, after disclosure control.

    Attributes:
        provenance: how the numbers came about.
        counts: what became of the comments, the same for both drafts.
        drafts: the two, in the order they were given.
        reach_difference: reach of the second draft less that of the first, −1…1, over the same respondents.
        unmentioned: themes that neither draft mentions, most respondents first.
    """

    provenance: Provenance
    counts: Counts
    drafts: tuple[Draft, Draft]
    reach_difference: Estimate
    unmentioned: tuple[UnmentionedTheme, ...]

    def to_dict(self) -> dict[str, Any]:
        """The comparison as a JSON object; estimates in the two forms they have in ``analysis.json``."""
        return {item.name: plain(getattr(self, item.name)) for item in dataclasses.fields(self)}
