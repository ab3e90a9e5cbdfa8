"""Themes: codebook and emergent themes of idea units, their names, quotes and stability."""

from service.core.themes.model import ThemeModel
from service.core.themes.quotes import representative
from service.core.themes.scores import OTHER_ID, FoundTheme, ThemeScores, comment_themes

__all__ = ["OTHER_ID", "FoundTheme", "ThemeModel", "ThemeScores", "comment_themes", "representative"]
