"""HTTP client for notebooks and scripts: the service's answers as ``service.results`` types, its problems as errors."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

import httpx

from service import errors
from service.errors import InternalError, PlumblineError
from service.results import (
    Action,
    ActionReport,
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
    TrendReport,
)
from service.results.analysis import plain
from service.results.edits import ThemeEdit, edit_to
from service.results.kpis import Kpi, KpiReport

Progress = Callable[[str, int, int], None]

_TRIES = 3
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 2.0
_LONGEST_RETRY_PAUSE = 60.0
_PAGE = 500
_ERRORS: dict[str, type[PlumblineError]] = {
    item.code: item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, PlumblineError)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisStatus:
    """How far an analysis is: ``done`` of ``total`` items of ``stage``."""

    analysis_id: str
    name: str
    status: Literal["queued", "running", "completed", "failed"]
    stage: str | None
    done: int
    total: int
    created_at: dt.datetime
    finished_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPurpose:
    """A purpose as the service keeps it; ``version`` counts the changes of its facets."""

    purpose_id: str
    version: int
    purpose: Purpose


class Client:
    """The service at ``base_url``, for the organisation of ``key``.

    Args:
        base_url: for instance ``http://localhost:8000``.
        key: an API key (``python -m service keys create``).
        timeout: seconds to wait for each answer.
        transport: instead of the network; ``httpx.WSGITransport(app=app)`` calls an application in this process.

    Every method raises the errors of ``service.errors`` by the code of the problem the service answers, and
    ``httpx.TransportError`` when it cannot be reached.
    """

    def __init__(
        self, base_url: str, key: str, *, timeout: float = 60.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = httpx.Client(
            base_url=base_url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=timeout,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

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
            **_purpose_fields(purpose),
            "comments": [_comment_fields(comment) for comment in comments],
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
                raise _error(answer["error"]["code"], answer["error"]["detail"])
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
        lines = self._post("/v1/score", {**_purpose_fields(purpose), "texts": texts, **asked})["results"]
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
        return _stored(self._post("/v1/purposes", _purpose_body(purpose), once=True))

    def purpose(self, purpose_id: str) -> StoredPurpose:
        """A stored purpose with its newest facets."""
        return _stored(self._get(f"/v1/purposes/{purpose_id}"))

    def replace_facets(self, purpose_id: str, facets: Sequence[Facet]) -> StoredPurpose:
        """Give a stored purpose other facets: a new version."""
        answer = self._call("PUT", f"/v1/purposes/{purpose_id}/facets", json={"facets": plain(tuple(facets))})
        return _stored(answer.json())

    def add_kpis(self, kpis: Sequence[Kpi], *, analysis_id: str | None = None) -> int:
        """Keep KPIs of groups, all or none; returns how many had no value before.

        Args:
            kpis: at most 10,000; each takes the place of the one that its cut, group, period and KPI had.
            analysis_id: their groups must be groups of this analysis; None: of any that is completed.

        Raises:
            InvalidField: a value is wrong, or no analysis has its group.
            NotFound: there is no analysis of that id.
        """
        rows = [{item.name: getattr(kpi, item.name) for item in dataclasses.fields(kpi)} for kpi in kpis]
        created: int = self._post("/v1/kpis", {"analysis_id": analysis_id, "kpis": rows}, once=True)["created"]
        return created

    def delete_kpis(
        self, kpi: str, *, group: str | None = None, cut: str | None = None, period: str | None = None
    ) -> int:
        """Delete the values of a KPI, of a group, a cut or a period if one is named; returns how many there were.

        Args:
            kpi: as it was given.
            group: only of this one.
            cut: only those given for this one; None: for whatever cut, or without one.
            period: only of this one.

        Raises:
            NotFound: there is no such value.
        """
        wanted = {"kpi": kpi, "group": group, "cut": cut, "period": period}
        params = {name: value for name, value in wanted.items() if value is not None}
        deleted: int = self._call("DELETE", "/v1/kpis", params=params).json()["deleted"]
        return deleted

    def kpis(self, analysis_id: str, *, period: str | None = None) -> KpiReport:
        """The KPIs beside the alignment of an analysis: of a period, or the latest of each group.

        Raises:
            NotReady: it is not completed.
            NotFound: there is none of that id.
        """
        params = {"period": period} if period is not None else {}
        return KpiReport.from_dict(self._call("GET", f"/v1/analyses/{analysis_id}/kpis", params=params).json())

    def add_action(
        self,
        analysis_id: str,
        insight_id: str,
        *,
        description: str,
        owner: str,
        expected_change: float,
        date: dt.date | None = None,
    ) -> Action:
        """Decide on an insight.

        Args:
            analysis_id: of a completed analysis.
            insight_id: of one of its insights.
            description: what is done.
            owner: who sees to it.
            expected_change: signed, not 0; in points for alignment, in percentage points for a prevalence.
            date: from which day on it is done, two years ahead at most; None: today.

        Raises:
            InvalidField: the analysis has no such insight, or something else is wrong; it is named.
            NotReady: it is not completed.
            NotFound: there is none of that id.
        """
        body = {
            "analysis_id": analysis_id,
            "insight_id": insight_id,
            "description": description,
            "owner": owner,
            "date": date.isoformat() if date else None,
            "expected_change": expected_change,
        }
        return Action.from_dict(self._post("/v1/actions", body, once=True))

    def actions(self, analysis_id: str | None = None) -> list[ActionReport]:
        """The actions of an analysis or of all, newest first, each with what later pulses show of it now.

        Raises:
            NotFound: there is no analysis of that id.
        """
        params = {"analysis_id": analysis_id} if analysis_id is not None else {}
        return [ActionReport.from_dict(item) for item in self._pages("/v1/actions", "actions", **params)]

    def delete_action(self, action_id: str) -> None:
        """Delete an action.

        Raises:
            NotFound: there is none of that id.
        """
        self._call("DELETE", f"/v1/actions/{action_id}")

    def trends(self, *, purpose_id: str | None = None, analysis_ids: Sequence[str] = ()) -> TrendReport:
        """Pulses of one purpose side by side.

        Args:
            purpose_id: all completed analyses of this stored purpose.
            analysis_ids: instead; one for all of its purpose, several for these.

        Raises:
            DifferentPurposes: the analyses were made with different statements.
            NotReady: none has completed.
            NotFound: there is no such purpose or analysis.
        """
        params = {"purpose_id": purpose_id} if purpose_id is not None else {"analysis_id": list(analysis_ids)}
        return TrendReport.from_dict(self._call("GET", "/v1/trends", params=params).json())

    def info(self) -> dict[str, Any]:
        """Limits and model ids of the service."""
        return self._get("/v1/info")

    def _pages(self, path: str, field: str, **filters: str) -> Iterator[Any]:
        cursor: str | None = None
        while True:
            params = {"limit": _PAGE, **filters} | ({"cursor": cursor} if cursor else {})
            page = self._call("GET", path, params=params).json()
            yield from page[field]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _get(self, path: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._call("GET", path).json()
        return answer

    def _post(self, path: str, body: dict[str, Any], *, once: bool = False) -> dict[str, Any]:
        headers = {"Idempotency-Key": uuid.uuid4().hex} if once else {}
        answer: dict[str, Any] = self._call("POST", path, json=body, headers=headers).json()
        return answer

    def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request; one that never arrived or came too fast is sent again, which is safe for all of them."""
        for attempt in range(1, _TRIES + 1):
            last = attempt == _TRIES
            try:
                response = self._http.request(method, path, **options)
            except (httpx.ConnectError, httpx.RemoteProtocolError):
                # Not reached, or an idle connection that the service closed as it was used again.
                if last:
                    raise
                time.sleep(_FIRST_PAUSE * attempt)
                continue
            if response.status_code != httpx.codes.TOO_MANY_REQUESTS or last:
                break
            time.sleep(min(float(response.headers.get("Retry-After", "1")), _LONGEST_RETRY_PAUSE))
        if response.is_error:
            raise _problem(response)
        return response


def _purpose_fields(purpose: Purpose | StoredPurpose | str) -> dict[str, Any]:
    if isinstance(purpose, StoredPurpose):
        return {"purpose_id": purpose.purpose_id}
    return {"purpose": _purpose_body(purpose)}


def _purpose_body(purpose: Purpose | str) -> dict[str, Any]:
    if isinstance(purpose, str):
        return {"statement": purpose}
    return {"statement": purpose.statement, "facets": plain(purpose.facets)}


def _comment_fields(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.comment_id,
        "text": comment.text,
        "respondent_id": comment.respondent_id,
        "question": comment.question,
        "source": comment.source,
        "date": comment.date.isoformat() if comment.date else None,
        "groups": dict(comment.groups),
        "ratings": dict(comment.ratings),
    }


def _stored(answer: dict[str, Any]) -> StoredPurpose:
    facets = tuple(
        Facet(
            facet_id=facet["facet_id"],
            title=facet["title"],
            text=facet["text"],
            supports=tuple(facet["supports"]),
            contradicts=tuple(facet["contradicts"]),
        )
        for facet in answer["facets"]
    )
    purpose = Purpose(statement=answer["statement"], facets=facets)
    return StoredPurpose(purpose_id=answer["purpose_id"], version=answer["version"], purpose=purpose)


def _problem(response: httpx.Response) -> PlumblineError:
    """The error a problem stands for; an answer that is none came from something between here and the service."""
    try:
        body = response.json()
        code, detail = body["code"], body["detail"]
    except (ValueError, KeyError, TypeError):
        return InternalError(f"the service answered {response.status_code} and no problem; is {response.url} right?")
    listed = body.get("errors")
    return _error(code, detail, listed[0]["path"] if listed else None)


def _error(code: str, detail: str, where: str | None = None) -> PlumblineError:
    return _ERRORS.get(code, PlumblineError)(detail, where=where)
