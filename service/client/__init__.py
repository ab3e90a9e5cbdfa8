"""HTTP client for notebooks and scripts: the service's answers as ``service.results`` types, its problems as errors."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from typing import Any

from service import errors
from service.client.connection import error_of
from service.client.following import Following
from service.client.shapes import (
    AnalysisStatus,
    StoredPurpose,
    comment_fields,
    purpose_body,
    purpose_fields,
    stored,
)
from service.results import (
    Analysis,
    Codebook,
    Comment,
    CommentResult,
    Correction,
    Facet,
    FacetScore,
    Purpose,
    StanceChoice,
    Theme,
)
from service.results.analysis import plain
from service.results.edits import ThemeEdit, edit_to

__all__ = ["AnalysisStatus", "Client", "Progress", "StoredPurpose"]

Progress = Callable[[str, int, int], None]

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 2.0


class Client(Following):
    """The service at ``base_url``, for the organisation of ``key``.

    Args:
        base_url: for instance ``http://localhost:8000``.
        key: an API key (``python -m service keys create``).
        timeout: seconds to wait for each answer.
        transport: instead of the network; ``httpx.WSGITransport(app=app)`` calls an application in this process.

    Every method raises the errors of ``service.errors`` by the code of the problem the service answers, and
    ``httpx.TransportError`` when it cannot be reached.
    """

    def analyse(
        self,
        comments: Sequence[Comment],
        purpose: Purpose | StoredPurpose | str,
        *,
        name: str | None = None,
        cuts: Sequence[str] = (),
        ratings: Sequence[str] = (),
        codebook: Codebook | None = None,
        stance: StanceChoice | None = None,
        progress: Progress | None = None,
    ) -> Analysis:
        """Send a batch, wait until it is analysed and return the analysis with its scored comments.

        Args:
            comments: the batch.
            purpose: a purpose, a stored one, or a statement.
            name: what to call the analysis.
            cuts: group dimensions to break numbers down by.
            ratings: ratings to compare alignment with.
            codebook: instead of the service's own.
            stance: "fast" or "accurate", instead of the service's own choice.
            progress: called as ``progress(stage, done, total)`` while the service works.

        Raises:
            PlumblineError: the one that ended the analysis, or that refused the batch.
        """
        analysis_id = self.submit(
            comments, purpose, name=name, cuts=cuts, ratings=ratings, codebook=codebook, stance=stance
        )
        self.wait(analysis_id, progress=progress)
        return self.analysis(analysis_id, comments=True)

    def submit(
        self,
        comments: Sequence[Comment],
        purpose: Purpose | StoredPurpose | str,
        *,
        name: str | None = None,
        cuts: Sequence[str] = (),
        ratings: Sequence[str] = (),
        codebook: Codebook | None = None,
        stance: StanceChoice | None = None,
    ) -> str:
        """Send a batch and return the analysis' id without waiting; arguments as for ``analyse``."""
        body = {
            **purpose_fields(purpose),
            "comments": [comment_fields(comment) for comment in comments],
            "cuts": list(cuts),
            "ratings": list(ratings),
        }
        if name is not None:
            body["name"] = name
        if codebook is not None:
            body["codebook"] = plain(codebook)
        if stance is not None:
            body["stance"] = stance
        analysis_id: str = self._post("/v1/analyses", body, once=True)["id"]
        return analysis_id

    def wait(self, analysis_id: str, *, progress: Progress | None = None) -> None:
        """Return when an analysis is completed.

        Raises:
            PlumblineError: the error that ended it, by its code.
        """
        pause = _FIRST_PAUSE
        while True:
            answer = self._get(f"/v1/analyses/{analysis_id}")
            if progress is not None and answer["stage"] is not None:
                progress(answer["stage"], answer["done"], answer["total"])
            if answer["status"] == "failed":
                raise error_of(answer["error"]["code"], answer["error"]["detail"])
            if answer["status"] == "completed":
                return
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def analysis(self, analysis_id: str, *, comments: bool = False) -> Analysis:
        """What an analysis found; with ``comments`` also the scored comments, which leaders may not read.

        Raises:
            NotReady: it is not completed.
            NotFound: there is none of that id.
        """
        answer = self._get(f"/v1/analyses/{analysis_id}")
        if answer["status"] != "completed":
            raise errors.NotReady(f"the analysis is {answer['status']}; wait(…) returns when it is completed")
        answer["theme_map"] = self._get(f"/v1/analyses/{analysis_id}/map")
        if comments:
            answer["comments"] = list(self._pages(f"/v1/analyses/{analysis_id}/comments", "comments"))
        return Analysis.from_dict(answer)

    def edit_themes(self, analysis_id: str, *edits: ThemeEdit, version: str) -> Analysis:
        """Edit the themes of an analysis, or without edits take the last one back; the analysis that comes of it.

        Args:
            analysis_id: of a completed analysis.
            edits: all are made, or none.
            version: ``codebook(analysis_id).version`` when the themes were looked at.

        Raises:
            InvalidEdit: an edit cannot be made.
            StaleVersion: the themes have been edited since.
            NotFound: there is none of that id, or it is too old to be edited.
        """
        body = {"version": version, "edits": [edit_to(edit) for edit in edits], "undo": not edits}
        self._post(f"/v1/analyses/{analysis_id}/theme-edits", body, once=True)
        return self.analysis(analysis_id)

    def codebook(self, analysis_id: str) -> Codebook:
        """The themes of an analysis as they are now edited, to be given with the next pulse."""
        answer = self._get(f"/v1/analyses/{analysis_id}/codebook")
        themes = tuple(
            Theme(**{**theme, **{name: tuple(theme[name]) for name in ("include", "exclude", "practices")}})
            for theme in answer["themes"]
        )
        corrections = tuple(Correction(**correction) for correction in answer["corrections"])
        return Codebook(name=answer["name"], version=answer["version"], themes=themes, corrections=corrections)

    def analyses(self) -> list[AnalysisStatus]:
        """All analyses of the organisation, newest first."""
        return [
            AnalysisStatus(
                analysis_id=item["id"],
                name=item["name"],
                status=item["status"],
                stage=item["stage"],
                done=item["done"],
                total=item["total"],
                created_at=dt.datetime.fromisoformat(item["created_at"]),
                finished_at=dt.datetime.fromisoformat(item["finished_at"]) if item["finished_at"] else None,
            )
            for item in self._pages("/v1/analyses", "analyses")
        ]

    def delete_analysis(self, analysis_id: str) -> None:
        """Delete an analysis and all it holds."""
        self._call("DELETE", f"/v1/analyses/{analysis_id}")

    def score(
        self,
        comments: Sequence[Comment | str],
        purpose: Purpose | StoredPurpose | str,
        *,
        stance: StanceChoice | None = None,
    ) -> list[CommentResult]:
        """Score a few texts at once, in order. The results carry no text: the service does not send it back."""
        texts = [
            comment
            if isinstance(comment, str)
            else {
                "id": comment.comment_id,
                "text": comment.text,
                "question": comment.question,
                "source": comment.source,
            }
            for comment in comments
        ]
        asked = {"stance": stance} if stance is not None else {}
        lines = self._post("/v1/score", {**purpose_fields(purpose), "texts": texts, **asked})["results"]
        return [
            CommentResult(
                comment_id=line["id"],
                status=line["status"],
                text="",
                alignment=line["alignment"],
                suggestion=line["suggestion"],
                facets=tuple(FacetScore(**facet) for facet in line["facets"]),
            )
            for line in lines
        ]

    def create_purpose(self, purpose: Purpose | str) -> StoredPurpose:
        """Store a purpose; a statement alone is split into facets."""
        return stored(self._post("/v1/purposes", purpose_body(purpose), once=True))

    def purpose(self, purpose_id: str) -> StoredPurpose:
        """A stored purpose with its newest facets."""
        return stored(self._get(f"/v1/purposes/{purpose_id}"))

    def replace_facets(self, purpose_id: str, facets: Sequence[Facet]) -> StoredPurpose:
        """Give a stored purpose other facets: a new version."""
        answer = self._call("PUT", f"/v1/purposes/{purpose_id}/facets", json={"facets": plain(tuple(facets))})
        return stored(answer.json())

    def info(self) -> dict[str, Any]:
        """Limits and model ids of the service."""
        return self._get("/v1/info")
