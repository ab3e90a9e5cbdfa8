"""Comments → a Batch: cut, checked for content and language, redacted, split into units, embedded and scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from service.core.aggregate import Progress
from service.core.alignment import SUGGESTS, AlignmentScorer, StancePair, UnitScores, log_odds
from service.core.batch import Batch
from service.core.embedding import EmbeddingCache, FloatArray, embed
from service.core.models import Models
from service.core.suggestions import find_suggestions
from service.core.text import LanguageDetector, is_no_content, normalise, split_units
from service.core.units import Unit
from service.results import Comment
from service.results.analysis import CommentStatus

BATCH_SIZE = 2_000


class CommentReader:
    """Reads comments with the models of an analyser.

    Args:
        models: embedder, stance model and redactor.
        detector: tells the languages that are analysed from others.
        max_chars: longer comments are cut and counted.
        cache: keeps embeddings between runs.
    """

    def __init__(
        self, models: Models, detector: LanguageDetector, max_chars: int, cache: EmbeddingCache | None
    ) -> None:
        self._models = models
        self._detector = detector
        self._max_chars = max_chars
        self._cache = cache

    def read_all(self, comments: Sequence[Comment], scorer: AlignmentScorer, tell: Progress, stage: str) -> list[Batch]:
        """Any number of comments, in batches; progress is told as that of ``stage``."""
        batches = []
        for start in range(0, len(comments), BATCH_SIZE):
            part = comments[start : start + BATCH_SIZE]
            batches.append(self.read(part, scorer, within(tell, stage, start, len(part), len(comments))))
        tell(stage, len(comments), len(comments))
        return batches

    def read(
        self,
        comments: Sequence[Comment],
        scorer: AlignmentScorer | None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Batch:
        """Some comments; the same whatever else is in the batch. Without a scorer nothing is scored."""
        cut = [normalise(comment.text[: self._max_chars]) for comment in comments]
        truncated = sum(len(comment.text) > self._max_chars for comment in comments)
        status: list[CommentStatus] = [
            "no_content" if is_no_content(text, comment.question) else "scored"
            for text, comment in zip(cut, comments, strict=True)
        ]
        rows = [row for row, state in enumerate(status) if state == "scored"]
        for row, supported in zip(rows, self._detector.supported([cut[row] for row in rows]), strict=True):
            if not supported:
                status[row] = "unsupported_language"
        rows = [row for row in rows if status[row] == "scored"]
        redactions = self._models.redactor.redact_many([cut[row] for row in rows])
        redacted = [""] * len(comments)
        units: list[Unit] = []
        for row, redaction in zip(rows, redactions, strict=True):
            redacted[row] = redaction.text
            comment = comments[row]
            for start, end in split_units(cut[row]):
                words = redaction.slice(start, end)
                # A unit that lies wholly inside a redacted span has no words left.
                if any(char.isalnum() for char in words):
                    units.append(Unit(row, start, end, words, comment.question, comment.source))
        embeddings = embed([unit.text for unit in units], self._models.embedder, self._cache)
        scores = scorer.transform(units, embeddings, progress=progress) if scorer else None
        suggestions = find_suggestions(units, self._suggests(units, scores), self._models.stance.suggests, embeddings)
        return Batch(comments, status, redacted, truncated, units, embeddings, scores, suggestions)

    def _suggests(self, units: Sequence[Unit], scores: UnitScores | None) -> FloatArray | None:
        """Log-odds that each unit says what should change, by the stance model, with a purpose or without one; None
        where it knows nothing of that or was made for the vectors of another embedder.
        """
        if scores is not None:
            return scores.suggests
        stance = self._models.stance
        if stance.suggests is None or stance.similar_by != self._models.embedder.model_id:
            return None
        pairs = [StancePair(unit.text, unit.question, SUGGESTS) for unit in units]
        return log_odds(stance.score(pairs).stance)


def within(tell: Progress, stage: str, start: int, size: int, total: int) -> Callable[[int, int], None]:
    """Progress of a part of the comments, told as progress of them all."""
    tell(stage, start, total)
    return lambda done, asked: tell(stage, start + size * done // max(asked, 1), total)
