"""Charts as SVG text that stands alone: rendered offline, named and described for people who cannot see it."""

from __future__ import annotations

import hashlib
import re
from typing import Any
from xml.sax.saxutils import escape

import vl_convert

_VEGA_LITE = "6.4"
_ID = re.compile(r'(\bid="|url\(#|href="#)')


def to_svg(chart: Any) -> str:
    """Render an Altair chart of this package as ``<svg>…</svg>``.

    Ids carry a prefix made from the content, so that several charts can stand in one HTML page.
    """
    spec = chart.to_dict()
    svg = str(vl_convert.vegalite_to_svg(spec, vl_version=_VEGA_LITE, allowed_base_urls=[]))
    prefix = f"c{hashlib.sha256(svg.encode()).hexdigest()[:10]}"
    svg = _ID.sub(rf"\1{prefix}-", svg)
    title = escape(str(spec.get("usermeta", {}).get("title", "Chart")))
    description = escape(str(spec.get("description", "")))
    head, end, body = svg.partition(">")
    return (
        f'{head} role="img" aria-labelledby="{prefix}-title {prefix}-desc"{end}'
        f'<title id="{prefix}-title">{title}</title><desc id="{prefix}-desc">{description}</desc>{body}'
    )
