"""Text before it is analysed: cleaned, found empty or not, its language known, split into idea units."""

from service.core.text.content import is_no_content, presupposes
from service.core.text.language import LanguageDetector
from service.core.text.normalise import normalise
from service.core.text.units import split_units

__all__ = ["LanguageDetector", "is_no_content", "normalise", "presupposes", "split_units"]
