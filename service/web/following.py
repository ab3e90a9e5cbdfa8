"""The pulses of a purpose side by side, for the API and the pages alike; made when first asked for, then kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence

from flask import current_app

from service.errors import NotFound, NotReady
from service.results import TrendReport
from service.store import PulseRecord
from service.web.services import services

MAX_KEPT = 24
MAX_ANALYSES = 12
"""Analyses that are set beside each other, the newest."""
_EXTENSION = "plumbline_trends"


class KeptTrends:
    """The trend reports that were last asked for; what they are made of is their key, so none is ever stale."""

    def __init__(self, size: int = MAX_KEPT) -> None:
        self._size = size
        self._kept: dict[Hashable, TrendReport] = {}
        self._lock, self._making = threading.Lock(), threading.Lock()

    def get(self, key: Hashable, make: Callable[[], TrendReport]) -> TrendReport:
        """What ``make`` gave for this key; reports are made one at a time, and each once."""
        if (report := self._known(key)) is not None:
            return report
        with self._making:
            report = self._known(key) or make()
            with self._lock:
                self._kept[key] = report
                while len(self._kept) > self._size:
                    del self._kept[next(iter(self._kept))]
            return report

    def _known(self, key: Hashable) -> TrendReport | None:
        with self._lock:
            if (report := self._kept.pop(key, None)) is not None:
                self._kept[key] = report
            return report


def trend_report(organisation_id: str, analysis_id: str) -> TrendReport:
    """The pulses of the purpose of an analysis: its own and those of all that were made with the same purpose.

    Raises:
        NotFound: there is no such analysis.
        NotReady: it has not completed.
    """
    return trends_of(organisation_id, services().repository.pulses_like(organisation_id, analysis_id))


def purpose_trends(organisation_id: str, purpose_id: str) -> TrendReport:
    """The pulses of a stored purpose.

    Raises:
        NotFound: there is no such purpose.
        NotReady: no analysis of it has completed.
    """
    return trends_of(organisation_id, services().repository.pulses_of_purpose(organisation_id, purpose_id))


def chosen_trends(organisation_id: str, analysis_ids: Sequence[str]) -> TrendReport:
    """Pulses that were chosen by hand.

    Raises:
        NotFound: there is no such analysis.
        NotReady: one has not completed.
        DifferentPurposes: they were made with different statements.
    """
    return trends_of(organisation_id, services().repository.pulses_named(organisation_id, analysis_ids))


def trends_of(organisation_id: str, pulses: Sequence[PulseRecord]) -> TrendReport:
    """The report of these pulses.

    Raises:
        NotReady: there is none.
        NotFound: none has kept what is needed.
    """
    older, pulses = pulses[:-MAX_ANALYSES], pulses[-MAX_ANALYSES:]
    if not pulses:
        raise NotReady("no analysis of this purpose has completed yet; ask again when one has")
    wanted = services().repository.acted_on_themes(organisation_id, [pulse.analysis_id for pulse in pulses])
    key = (organisation_id, tuple((pulse.analysis_id, pulse.version) for pulse in pulses), wanted)
    kept: KeptTrends = current_app.extensions.setdefault(_EXTENSION, KeptTrends())
    return kept.get(key, lambda: _made(organisation_id, pulses, older, wanted))


def _made(
    organisation_id: str,
    pulses: Sequence[PulseRecord],
    older: Sequence[PulseRecord],
    wanted: Sequence[tuple[str, str]],
) -> TrendReport:
    from service.core.pulses import PulseStudy

    repository = services().repository
    left_out = [f"“{pulse.name}” was made before pulses could be compared" for pulse in pulses if pulse.version is None]
    left_out += [f"{MAX_ANALYSES} analyses are compared at most, and “{pulse.name}” is older" for pulse in older]
    kept = [pulse for pulse in pulses if pulse.version is not None]
    if not kept:
        raise NotFound("the analyses of this purpose were made before pulses could be compared; make them again")
    records = [repository.load_study(organisation_id, pulse.analysis_id) for pulse in kept]
    with services().analyser() as loaded:
        # All pulses are read as the newest was.
        analyser = loaded.using(records[-1].stance)
        report: TrendReport = analyser.trends(
            [
                PulseStudy(
                    analysis_id=pulse.analysis_id,
                    name=pulse.name,
                    date=pulse.created_at.date(),
                    study=analyser.unpack(record.study, record.analysis, to_edit=False),
                )
                for pulse, record in zip(kept, records, strict=True)
            ],
            wanted=wanted,
            left_out=left_out,
        )
    return report
