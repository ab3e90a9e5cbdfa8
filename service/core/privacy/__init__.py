"""Personal data in text, found and replaced by typed placeholders before anything is embedded or stored."""

from service.core.privacy.redactor import Redactor
from service.core.privacy.spans import TYPES, Redaction, Span

__all__ = ["TYPES", "Redaction", "Redactor", "Span"]
