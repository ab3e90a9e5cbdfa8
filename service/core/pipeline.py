"""The whole way from comments to an Analysis, in two halves: ``map_batch`` for any part of the comments, ``reduce``."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from service.core.aggregate import Progress
from service.core.alignment import AlignmentScorer
from service.core.batch import (
    Batch,
    check_batch,
    comment_results,
    counts,
    join,
    measure,
    score_results,
    theme_results,
    without_duplicates,
)
from service.core.disclosure import Disclosure
from service.core.drafts import check_drafts, compare_drafts, in_both
from service.core.embedding import EmbeddingCache
from service.core.measures import Measured
from service.core.models import Models, load_models
from service.core.next_steps import NextSteps
from service.core.publication import publish
from service.core.pulses import PulseStudy, side_by_side
from service.core.purpose_checks import check_purpose
from service.core.reading import BATCH_SIZE, CommentReader, within
from service.core.study import Study
from service.core.study_file import pack, unpack
from service.core.tables import CONTESTED_BALANCE, CONTESTED_SHARE, DECIDED, SIDE, SILENT_COVERAGE
from service.core.text import LanguageDetector
from service.core.themes import FoundTheme, ThemeModel, ThemeScores
from service.core.themes.edits import EditedThemes
from service.core.tone import theme_tone
from service.errors import InvalidEdit, InvalidPurpose
from service.results import (
    Analysis,
    Codebook,
    Comment,
    CommentResult,
    Comparison,
    LocalValidity,
    Provenance,
    Purpose,
    StanceChoice,
    TrendReport,
)
from service.results.codebook import FOUND_VERSION
from service.results.wording import listed
from service.version import VERSION

NO_CODEBOOK = Codebook(name="Themes found", version=FOUND_VERSION, themes=())
"""What edits of emergent themes alone begin with."""


class Analyser:
    """Comments and a purpose in, an Analysis out.

    Args:
        models: embedder, stance model and redactor; None loads the shipped ones on first use.
        codebook: the default codebook; None takes the one a ``run`` is given, or emergent themes alone.
        languages: ISO 639-1 codes that are analysed; comments in others are counted and left out.
        min_respondents: respondents a number needs.
        min_verbatim_respondents: respondents a quote needs.
        max_comment_chars: longer comments are cut and counted.
        seed: of every random choice.
        cache: keeps embeddings between runs.
        next_steps: what insights propose to try; None for the shipped sentences.
    """

    def __init__(
        self,
        models: Models | None = None,
        *,
        codebook: Codebook | None = None,
        languages: Sequence[str] = ("en",),
        min_respondents: int = 5,
        min_verbatim_respondents: int = 10,
        max_comment_chars: int = 5_000,
        seed: int = 0,
        cache: EmbeddingCache | None = None,
        next_steps: NextSteps | None = None,
    ) -> None:
        self.models = models
        self.codebook = codebook
        self.languages = tuple(languages)
        self.min_respondents = min_respondents
        self.min_verbatim_respondents = min_verbatim_respondents
        self.max_comment_chars = max_comment_chars
        self.seed = seed
        self.cache = cache
        self.next_steps = next_steps
        self._detector = LanguageDetector(self.languages)

    def run(
        self,
        comments: Sequence[Comment],
        purpose: Purpose,
        *,
        codebook: Codebook | None = None,
        cuts: Sequence[str] = (),
        ratings: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> Analysis:
        """Analyse ``comments`` beside ``purpose``.

        Args:
            comments: at least one, with distinct ids.
            purpose: statement and facets.
            codebook: instead of the default one.
            cuts: group dimensions that numbers may be broken down by; only these exist afterwards.
            ratings: ratings that alignment is compared with.
            progress: called as ``progress(stage, done, total)``.

        Raises:
            EmptyBatch: there are no comments.
            DuplicateIds: two comments have the same id.
            InvalidCut: a cut cannot be used.
        """
        study = self.study(comments, purpose, codebook=codebook, cuts=cuts, ratings=ratings, progress=progress)
        return study.analysis

    def study(
        self,
        comments: Sequence[Comment],
        purpose: Purpose,
        *,
        codebook: Codebook | None = None,
        cuts: Sequence[str] = (),
        ratings: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> Study:
        """As ``run``, with what is needed to edit the themes: ``study.edit(Merge(…)).analysis``."""
        check_batch(comments)
        self.check(purpose)
        tell = progress or _silent
        batches = self._reader.read_all(comments, self._scorer(purpose), tell, "score")
        return self._study(batches, purpose, codebook, cuts, ratings, tell)

    def compare(
        self,
        comments: Sequence[Comment],
        purposes: Sequence[Purpose],
        *,
        codebook: Codebook | None = None,
        progress: Progress | None = None,
    ) -> Comparison:
        """Hold the same comments against two drafts of a statement; they are read and themed once.

        Args:
            comments: at least one, with distinct ids.
            purposes: the two drafts.
            codebook: instead of the default one.
            progress: called as ``progress(stage, done, total)``.

        Raises:
            EmptyBatch: there are no comments.
            DuplicateIds: two comments have the same id.
            InvalidPurpose: there are not two purposes, both have the same text, or one cannot be used.
        """
        check_batch(comments)
        drafts, tell = check_drafts(purposes), progress or _silent
        doubts = [doubt for number, draft in enumerate(drafts, start=1) for doubt in self._doubts(number, draft)]
        first, second = (self._scorer(draft) for draft in drafts)
        batch = without_duplicates(join(self._reader.read_all(comments, first, tell, "draft 1")))
        told = within(tell, "draft 2", 0, len(comments), len(comments))
        other = replace(batch, scores=second.transform(batch.units, batch.embeddings, progress=told))
        tell("draft 2", len(comments), len(comments))
        tell("themes", 0, 1)
        codebook = codebook or self.codebook
        found, themes = self._find_themes(batch, codebook, emergent=True)
        tell("themes", 1, 1)
        no_tone = np.full(themes.scores.shape, np.nan)
        measured = (
            measure(batch, drafts[0], themes, no_tone, first),
            measure(other, drafts[1], themes, no_tone, second),
        )
        provenance = self._provenance(codebook, first, measured[0], [*doubts, *in_both(*drafts)], ())
        disclosure = Disclosure(self.min_respondents, self.min_verbatim_respondents)
        return compare_drafts(batch, measured, found, disclosure, provenance, seed=self.seed)

    def map_batch(self, comments: Sequence[Comment], purpose: Purpose | None) -> Batch:
        """Redact, split, embed and score some comments; the same whatever else is in the batch."""
        return self._reader.read(comments, self._scorer(purpose) if purpose else None)

    def score(self, comments: Sequence[Comment], purpose: Purpose) -> list[CommentResult]:
        """Score each comment by itself, in order; nothing is left out and nothing counted.

        Raises:
            InvalidPurpose: as ``check``.
        """
        self.check(purpose)
        scorer = self._scorer(purpose)
        results: list[CommentResult] = []
        for start in range(0, len(comments), BATCH_SIZE):
            batch = self._reader.read(comments[start : start + BATCH_SIZE], scorer)
            results.extend(score_results(batch, purpose, scorer))
        return results

    def themes(
        self,
        comments: Sequence[Comment],
        *,
        codebook: Codebook | None = None,
        emergent: bool = True,
        progress: Progress | None = None,
    ) -> tuple[list[CommentResult], tuple[FoundTheme, ...]]:
        """Themes of each comment, in order, without a purpose: those of ``codebook`` and, if wanted, emergent ones.

        Themes come ordered by score, the primary one first.
        """
        tell = progress or _silent
        batches = []
        for start in range(0, len(comments), BATCH_SIZE):
            tell("embed", start, len(comments))
            batches.append(self._reader.read(comments[start : start + BATCH_SIZE], None))
        tell("themes", 0, 1)
        joined = join(batches)
        found, scores = self._find_themes(joined, codebook, emergent)
        results = theme_results(joined, found, scores)
        tell("themes", 1, 1)
        return results, found

    def reduce(
        self,
        batches: Sequence[Batch],
        purpose: Purpose,
        *,
        codebook: Codebook | None = None,
        cuts: Sequence[str] = (),
        ratings: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> Analysis:
        """Put batches together: duplicates, themes, tables, insights. Order of the batches is the order of comments."""
        return self._study(batches, purpose, codebook, cuts, ratings, progress or _silent).analysis

    def trends(
        self,
        studies: Sequence[PulseStudy],
        *,
        wanted: Sequence[tuple[str, str]] = (),
        left_out: Sequence[str] = (),
    ) -> TrendReport:
        """Set analyses of one purpose beside each other as pulses, on the same facets, models and themes.

        Args:
            studies: one at least, in any order.
            wanted: analysis id and theme id of themes that must be followed, also where they are not found again.
            left_out: why analyses that belong here are not there, in words that the report then says.

        Raises:
            EmptyBatch: there is no study.
            DifferentPurposes: their statements differ.
        """
        report = side_by_side(studies, self.loaded, seed=self.seed, cache=self.cache, wanted=wanted)
        gone = [f"{why}: it is left out." for why in left_out]
        return replace(report, notes=(*report.notes, *gone))

    def pack(self, study: Study, pseudonym: Callable[[str], str] | None = None) -> bytes:
        """A study as bytes, without the analysis that is made of it; ``pseudonym`` of a respondent id, or numbers."""
        return pack(study, pseudonym)

    def unpack(self, content: bytes, analysis: Analysis, *, to_edit: bool = True) -> Study:
        """A study that was packed and its analysis, ready for the next edit or, if not ``to_edit``, for trends.

        Raises:
            InvalidEdit: it was made with other models than these, so that not all its numbers would follow an edit.
            ValueError: it is of another format.
        """
        now = self.loaded.identities()
        other = [name for name, model in analysis.provenance.models.items() if now.get(name) != model]
        if to_edit and other:
            raise InvalidEdit(
                f"the analysis was made with another {listed(other)} model than the service has now; make it again to "
                "edit its themes",
                where="version",
            )
        return Study(**vars(unpack(content)), analysis=analysis, embedder=self.loaded.embedder, analyse=self._analyse)

    def _study(
        self,
        batches: Sequence[Batch],
        purpose: Purpose,
        codebook: Codebook | None,
        cuts: Sequence[str],
        ratings: Sequence[str],
        tell: Progress,
    ) -> Study:
        batch = without_duplicates(join(batches))
        codebook = codebook or self.codebook
        tell("themes", 0, 1)
        found, scores = self._find_themes(batch, codebook, emergent=True)
        tell("themes", 1, 1)
        tell("insights", 0, 1)
        themes = EditedThemes(found, scores, codebook or NO_CODEBOOK)
        analysis = self._analysis(batch, purpose, themes, codebook, cuts, ratings)
        tell("insights", 1, 1)
        return Study(
            cuts=tuple(cuts),
            ratings=tuple(ratings),
            batch=batch,
            first=themes,
            analysis=analysis,
            embedder=self.loaded.embedder,
            analyse=self._analyse,
        )

    def _analyse(self, study: Study, themes: EditedThemes) -> Analysis:
        """The analysis of a study whose themes were edited, with the minimum group sizes that it was made with."""
        before = study.analysis.provenance
        then = copy.copy(self)
        then.seed = before.seed
        then.min_respondents = int(before.thresholds["min_respondents"])
        then.min_verbatim_respondents = int(before.thresholds["min_verbatim_respondents"])
        codebook = replace(themes.codebook, version=study.version)
        return then._analysis(study.batch, study.analysis.purpose, themes, codebook, study.cuts, study.ratings)

    def _analysis(
        self,
        batch: Batch,
        purpose: Purpose,
        themes: EditedThemes,
        codebook: Codebook | None,
        cuts: Sequence[str],
        ratings: Sequence[str],
    ) -> Analysis:
        """Tables and insights; ``codebook`` is the one that provenance names."""
        found, theme_scores = themes.found, themes.scores
        scorer = self._scorer(None)
        disclosure = Disclosure(self.min_respondents, self.min_verbatim_respondents)
        tone = theme_tone(
            batch,
            found,
            theme_scores,
            self.loaded.stance,
            about=scorer.about_threshold,
            disclosure=disclosure,
            seed=self.seed,
        )
        measured = measure(batch, purpose, theme_scores, tone, scorer)
        made = publish(
            measured,
            found,
            disclosure,
            seed=self.seed,
            cuts=cuts,
            ratings=ratings,
            next_steps=self.next_steps,
        )
        shown = [theme.theme_id for theme in made.themes]
        return Analysis(
            provenance=self._provenance(codebook, scorer, measured, self.check(purpose), made.local_validity),
            purpose=purpose,
            counts=counts(batch, measured, made.suppressed),
            alignment=made.alignment,
            coverage=made.coverage,
            facets=made.facets,
            themes=made.themes,
            cuts=made.cuts,
            drivers=made.drivers,
            trends=made.trends,
            insights=made.insights,
            # None when there are fewer respondents than verbatims need.
            comments=comment_results(batch, purpose, found, theme_scores, shown, scorer)
            if disclosure.enough_for_words(measured.n_respondents)
            else (),
            theme_map=made.theme_map,
        )

    def check(self, purpose: Purpose) -> tuple[str, ...]:
        """What is doubtful about a purpose, in sentences; an analysis carries them as notes.

        Raises:
            InvalidPurpose: it is too short, too long, or in a language that is not analysed.
        """
        return check_purpose(purpose, self.loaded.embedder, self.loaded.stance, self._detector)

    def _doubts(self, number: int, draft: Purpose) -> list[str]:
        """As ``check``, each sentence and the error with the draft's number before it."""
        try:
            return [f"Draft {number}: {doubt}" for doubt in self.check(draft)]
        except InvalidPurpose as error:
            raise InvalidPurpose(f"draft {number}: {error.detail}", where=f"purposes[{number - 1}]") from None

    def warm_up(self) -> None:
        """Load the models, and run each once on a sentence of our own."""
        # The name makes the redactor load its language model as well.
        text = "Ada Lovelace tells us early what has been decided."
        self.score([Comment(comment_id="1", text=text)], Purpose.from_text("We tell each other the truth early."))

    def using(self, stance: StanceChoice | None) -> Analyser:
        """The same analyser with another stance model; None leaves the one it has.

        Raises:
            ModelUnavailable: the package of that model is not installed.
        """
        if stance is None:
            return self
        other = copy.copy(self)
        other.models = self.loaded.with_stance(stance)
        return other

    @property
    def loaded(self) -> Models:
        """The models; loaded on first use."""
        if self.models is None:
            self.models = load_models()
        return self.models

    @property
    def _reader(self) -> CommentReader:
        return CommentReader(self.loaded, self._detector, self.max_comment_chars, self.cache)

    def _scorer(self, purpose: Purpose | None) -> AlignmentScorer:
        """A scorer with the shipped thresholds, fitted if there is a purpose."""
        scorer = AlignmentScorer(self.loaded.embedder, self.loaded.stance)
        return scorer.fit(purpose) if purpose else scorer

    def _find_themes(
        self, batch: Batch, codebook: Codebook | None, emergent: bool
    ) -> tuple[tuple[FoundTheme, ...], ThemeScores]:
        model = ThemeModel(self.loaded.embedder, codebook, emergent=emergent, random_state=self.seed)
        scores = model.fit_transform(batch.units, batch.embeddings)
        return model.themes_, scores

    def _provenance(
        self,
        codebook: Codebook | None,
        scorer: AlignmentScorer,
        measured: Measured,
        doubts: Sequence[str],
        local_validity: tuple[LocalValidity, ...],
    ) -> Provenance:
        notes = list(doubts)
        if not measured.identified:
            notes.append(
                "There are no respondent ids: each comment is counted as a person of its own, and there are no cuts."
            )
        return Provenance(
            package_version=VERSION,
            models=self.loaded.identities(),
            codebook=codebook.name if codebook else "",
            codebook_version=codebook.version if codebook else "",
            seed=self.seed,
            thresholds={
                "relevance": scorer.relevance_threshold,
                "about": scorer.about_threshold,
                "side": SIDE,
                "decided": DECIDED,
                "contested_share": CONTESTED_SHARE,
                "contested_balance": CONTESTED_BALANCE,
                "silent_coverage": SILENT_COVERAGE,
                "min_respondents": self.min_respondents,
                "min_verbatim_respondents": self.min_verbatim_respondents,
            },
            settings={"languages": list(self.languages), "max_comment_chars": self.max_comment_chars},
            notes=tuple(notes),
            validity=self.loaded.validity,
            local_validity=local_validity,
        )


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody wants to know."""
