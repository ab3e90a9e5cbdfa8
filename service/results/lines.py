"""The NDJSON lines of ``score`` and ``themes``, as the contract fixes them; HTTP answers with the same objects."""

from __future__ import annotations

from typing import Any

from service.results.analysis import CommentResult, plain


def score_line(result: CommentResult) -> dict[str, Any]:
    """One text beside the purpose."""
    return {
        "id": result.comment_id,
        "status": result.status,
        "alignment": plain(result.alignment),
        "suggestion": result.suggestion,
        "facets": [plain(facet) for facet in result.facets],
    }


def theme_line(result: CommentResult) -> dict[str, Any]:
    """One text and its themes; the first theme is the primary one."""
    return {
        "id": result.comment_id,
        "primary": result.themes[0].theme_id if result.themes else None,
        "themes": [plain(theme) for theme in result.themes],
    }
