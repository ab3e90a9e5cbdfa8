"""Presidio recognisers of this project: personal data of a recognisable form, and names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from presidio_analyzer import EntityRecognizer, RecognizerResult

from service.core.privacy.names import Words, find_names
from service.core.privacy.patterns import PATTERNS

if TYPE_CHECKING:
    from presidio_analyzer.nlp_engine import NlpArtifacts

_FORM_SCORE = 0.9
_NAME_SCORE = 0.85


class FormRecognizer(EntityRecognizer):
    """Finds one type of personal data by its ``PATTERNS``; where they have a group ``value``, that is the data."""

    def __init__(self, entity: str) -> None:
        self._compiled = [re.compile(pattern, re.MULTILINE) for pattern in PATTERNS[entity]]
        super().__init__(supported_entities=[entity], name=f"{entity.title()}FormRecognizer")

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        entity = self.supported_entities[0]
        results = []
        for pattern in self._compiled:
            group = "value" if "value" in pattern.groupindex else 0
            for match in pattern.finditer(text):
                results.append(RecognizerResult(entity, *match.span(group), _FORM_SCORE))
        return results


class NameRecognizer(EntityRecognizer):
    """Finds people's names: by what the language model found, by first names, and by titles and cues before them."""

    def __init__(self, words: Words) -> None:
        self._words = words
        super().__init__(supported_entities=["PERSON"], name="NameRecognizer")

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        people = [(entity.start_char, entity.end_char) for entity in nlp_artifacts.entities]
        return [
            RecognizerResult("PERSON", start, end, _NAME_SCORE)
            for start, end in find_names(text, people, self._words)
        ]
