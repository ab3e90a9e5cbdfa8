"""Recognisers of personal data with a recognisable form: this project's own, and those of Presidio."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from service.core.privacy.patterns import PATTERNS
from service.core.privacy.spans import Span

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer
    from presidio_analyzer.nlp_engine import NlpArtifacts

_COMPILED = [(kind, re.compile(pattern, re.MULTILINE)) for kind, patterns in PATTERNS.items() for pattern in patterns]
_MAY_HOLD_FORM = re.compile(
    r"\d\D*\d|@|www\.|://|\.(?:com|org|net|co|uk|io|info|gov|edu)|\bdot\b|\d[a-zA-Z]?,? [A-Z]|[^\W_]_[^\W_]"
    r"|\b(?i:flat|apt|suite|handle|user ?name)\b"
)
# Presidio's name for what its own recognisers find → ours.
_TYPES = {
    "CREDIT_CARD": "CARD",
    "IBAN_CODE": "ACCOUNT",
    "IP_ADDRESS": "ID",
    "PHONE_NUMBER": "PHONE",
    "UK_NINO": "ID",
    "UK_NHS": "ID",
    "UK_DRIVING_LICENCE": "ID",
}
_MIN_DIGITS = 6  # of a National Insurance number or driving licence; telephone numbers have more
_IP_ADDRESS = re.compile(r"\d\.\d{1,3}\.\d{1,3}\.\d|:[\da-fA-F]{0,4}:")
_NO_PHONE = re.compile(r"\d{3}-\d{2}-\d{4}|\d{1,3}(?:\.\d{1,3}){3}")  # social security numbers and IP addresses
_MIN_SCORE = 0.35


class FormRecognizer:
    """Finds personal data by its form; Presidio's recognisers are asked only of texts with enough digits for them."""

    def find(self, text: str) -> Iterator[Span]:
        """Spans in the normalised ``text``; they may overlap."""
        if not _MAY_HOLD_FORM.search(text):
            return
        for span in self._all(text):
            if span.type != "PHONE" or not _NO_PHONE.fullmatch(text, span.start, span.end):
                yield span

    def _all(self, text: str) -> Iterator[Span]:
        for kind, pattern in _COMPILED:
            group = "value" if "value" in pattern.groupindex else 0
            for match in pattern.finditer(text):
                yield Span(*match.span(group), kind)
        if sum(map(str.isdecimal, text)) >= _MIN_DIGITS or _IP_ADDRESS.search(text):
            yield from self._find_with_presidio(text)

    def _find_with_presidio(self, text: str) -> Iterator[Span]:
        for recognizer in self._presidio:
            for result in recognizer.analyze(text, recognizer.supported_entities, self._no_artifacts):
                if result.score >= _MIN_SCORE:
                    yield Span(result.start, result.end, _TYPES[result.entity_type])

    @cached_property
    def _no_artifacts(self) -> NlpArtifacts:
        """What a language model tells of a text to Presidio, whose recognisers of forms need none of it."""
        from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine
        from spacy.tokens import Doc
        from spacy.vocab import Vocab

        return NlpArtifacts([], Doc(Vocab()), [], [], SpacyNlpEngine(), "en")

    @cached_property
    def _presidio(self) -> list[EntityRecognizer]:
        from presidio_analyzer.predefined_recognizers import (
            CreditCardRecognizer,
            IbanRecognizer,
            IpRecognizer,
            NhsRecognizer,
            PhoneRecognizer,
            UkDrivingLicenceRecognizer,
            UkNinoRecognizer,
        )

        return [
            CreditCardRecognizer(),
            IbanRecognizer(),
            IpRecognizer(),
            NhsRecognizer(),
            PhoneRecognizer(supported_regions=("GB", "US")),
            UkDrivingLicenceRecognizer(),
            UkNinoRecognizer(),
        ]
