"""Surveys of which the truth is known, measured without any model: what people say is given as numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np

from service.core.aggregate import score_comments
from service.core.measures import Measured
from service.core.themes import ThemeScores
from service.core.units import Unit
from service.results import Comment, Facet, Purpose


def measured_of(
    *,
    alignment: np.ndarray,
    said: np.ndarray,
    person: np.ndarray,
    dates: Sequence[dt.date],
    groups: Mapping[str, Sequence[str | None]] | None = None,
    ratings: Mapping[str, np.ndarray] | None = None,
    suggestion: np.ndarray | None = None,
    tone: np.ndarray | None = None,
    source: str | Sequence[str] = "survey",
) -> Measured:
    """Comments of one unit each.

    Args:
        alignment: (n_comments, n_facets), NaN where a comment does not speak to the facet.
        said: bool, (n_comments, n_themes).
        person: (n_comments,), who wrote it.
        dates: (n_comments,).
        groups: for each cut the group of every person, None where it is not known.
        ratings: for each rating what every person gave, NaN where they gave none.
        suggestion: bool, (n_comments,); None for no suggestions.
        tone: (n_comments, n_themes), as ``Measured.theme_tone``; None for none.
        source: of all comments, or of each.
    """
    n_comments, n_facets = alignment.shape
    comments = [
        Comment(
            comment_id=f"c{row}",
            text="words",
            respondent_id=f"p{who}",
            date=date,
            groups={cut: group for cut, of in (groups or {}).items() if (group := of[who]) is not None},
            ratings={name: float(of[who]) for name, of in (ratings or {}).items() if not np.isnan(of[who])},
        )
        for row, (who, date) in enumerate(zip(person.tolist(), dates, strict=True))
    ]
    facets = tuple(Facet(facet_id=f"f{k}", title=f"Facet {k}", text=f"Facet {k}.") for k in range(n_facets))
    spoken = ~np.isnan(alignment)
    relevance, stance = spoken.astype(np.float32), np.nan_to_num(alignment).astype(np.float32)
    scores, rows = said.astype(np.float32), np.arange(n_comments)
    sources = [source] * n_comments if isinstance(source, str) else source
    respondent = np.unique(person, return_inverse=True)[1].astype(np.int64)
    return Measured(
        comments=comments,
        purpose=Purpose(statement="Facets.", facets=facets),
        units=[Unit(row, 0, 5, f"words of comment {row}", None, sources[row]) for row in range(n_comments)],
        unit_comment=rows,
        unit_alignment=alignment,
        embeddings=np.tile(np.eye(1, 4, dtype=np.float32), (n_comments, 1)),
        theme_scores=ThemeScores(scores=scores, primary=np.where(said.any(axis=1), said.argmax(axis=1), -1)),
        theme_tone=np.full(said.shape, np.nan) if tone is None else tone,
        unit_suggestion=np.zeros(n_comments, dtype=bool) if suggestion is None else suggestion,
        scores=score_comments(relevance, stance, rows, n_comments, 0.1, 0.5),
        comment_theme=said,
        respondent=respondent,
        n_respondents=int(respondent.max()) + 1,
        identified=True,
    )
