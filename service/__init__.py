"""Plumbline: how what people say lines up with what their organisation says it is for.

The public names; ``Analyser`` and ``Client`` are imported when they are first asked for, since they bring the models'
libraries and an HTTP client with them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from service.results import Analysis, Codebook, Comment, Facet, Purpose

if TYPE_CHECKING:
    from service.client import Client
    from service.core.pipeline import Analyser

__all__ = ["Analyser", "Analysis", "Client", "Codebook", "Comment", "Facet", "Purpose"]

_LAZY = {"Analyser": "service.core.pipeline", "Client": "service.client"}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'service' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_LAZY[name]), name)
