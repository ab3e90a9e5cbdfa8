"""A study: an analysis with the units behind it, so that its themes can be edited and everything follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from service.core.batch import Batch, unit_rows
from service.core.embedding import Embedder
from service.core.measures import number_respondents
from service.core.themes.edits import EditedThemes, ThemeEditor
from service.errors import InvalidEdit, StaleVersion
from service.results import Analysis, Codebook
from service.results.edits import ThemeEdit

People = Literal["given", "pseudonyms", "numbers"]


@dataclass(frozen=True, kw_only=True)
class Study:
    """An analysis whose themes can be edited. Nothing in it changes: an edit gives a new study.

    Attributes:
        cuts: group dimensions that numbers are broken down by.
        ratings: ratings that alignment is compared with.
        batch: comments and units, without duplicates.
        first: the themes as they were found.
        edits: what was done to them since, in order.
        changes: edits made and taken back since; the number behind the plus of the version.
        analysis: what is published of it; an edit keeps its purpose, seed and minimum group sizes.
        people: what the respondent ids are: those that were given, pseudonyms of them, or numbers of this study alone.
        embedder: the one of the batch's embeddings.
        analyse: makes the analysis of edited themes.
    """

    cuts: tuple[str, ...]
    ratings: tuple[str, ...]
    batch: Batch
    first: EditedThemes
    edits: tuple[ThemeEdit, ...] = ()
    changes: int = 0
    analysis: Analysis
    people: People = "given"
    embedder: Embedder = field(repr=False)
    analyse: Callable[[Study, EditedThemes], Analysis] = field(repr=False)

    @property
    def version(self) -> str:
        """Version of the codebook as it is now edited; that of the codebook it began with, before any edit."""
        begun = self.first.codebook.version
        return f"{begun}+{self.changes}" if self.changes else begun

    @property
    def codebook(self) -> Codebook:
        """The themes as a codebook for the next pulse, which is assigned to them first."""
        grown = self._editor().grown(self._themes(self.edits))
        return replace(grown, version=self.version)

    def edit(self, *edits: ThemeEdit, version: str | None = None) -> Study:
        """Edit the themes; all edits are made, or none.

        Args:
            edits: one at least, in order.
            version: what the editor believes is the newest version; None: whatever it is.

        Raises:
            InvalidEdit: an edit cannot be made; says which and why.
            StaleVersion: there is a newer version.
        """
        self._check(version)
        if not edits:
            raise InvalidEdit("there is no edit to make; give one at least", where="edits")
        return self._changed((*self.edits, *edits), len(edits))

    def undo(self, version: str | None = None) -> Study:
        """Take the last edit back; ``version`` and errors are as for ``edit``.

        Raises:
            InvalidEdit: there is no edit to take back.
        """
        self._check(version)
        if not self.edits:
            raise InvalidEdit("there is no edit to take back", where="undo")
        return self._changed(self.edits[:-1], 1)

    def _check(self, version: str | None) -> None:
        if version is not None and version != self.version:
            raise StaleVersion(
                f"version {version!r} is not the newest; that is {self.version!r}. Look at the themes as they are now "
                "and send the edit again with their version",
                where="version",
            )

    def _changed(self, edits: tuple[ThemeEdit, ...], changes: int) -> Study:
        themes = self._themes(edits)
        changed = replace(self, edits=edits, changes=self.changes + changes)
        return replace(changed, analysis=self.analyse(changed, themes))

    def _themes(self, edits: Sequence[ThemeEdit]) -> EditedThemes:
        editor, themes = self._editor(), self.first
        for place, edit in enumerate(edits):
            try:
                themes = editor.apply(themes, edit)
            except InvalidEdit as error:
                # Edits that were made before cannot fail, so it is one of the new ones.
                raise InvalidEdit(error.detail, where=f"edits[{place - len(self.edits)}].{error.where}") from None
        return themes

    def _editor(self) -> ThemeEditor:
        rows = unit_rows(self.batch)
        used = [state == "scored" for state in self.batch.status]
        people, _ = number_respondents(self.batch.comments, used)
        return ThemeEditor(
            self.embedder,
            self.batch.units,
            self.batch.embeddings,
            [self.batch.comments[row].comment_id for row in rows],
            people[rows].tolist(),
            int(self.analysis.provenance.thresholds["min_verbatim_respondents"]),
        )
