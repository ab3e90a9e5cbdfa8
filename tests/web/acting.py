"""What the tests of actions share: pulses made by hand, one before and one after."""

from __future__ import annotations

import pytest

from service.results import Estimate, Pulse, PulseSource, Trend, TrendPoint, TrendReport
from tests.builders import days

OK = Estimate.ok
BEFORE, AFTER, CHANGE = OK(0.41, 0.33, 0.48, 143), OK(0.55, 0.47, 0.63, 120), OK(0.14, 0.03, 0.25, 120)


def pulses(analysis_id: str) -> TrendReport:
    """Facet ``care`` rose between 2026-03 and 2026-05; nothing else is followed."""
    return TrendReport(
        statement="We care.",
        facets={"care": "Care for every patient", "planet": "Care for the valley"},
        themes={},
        pulses=tuple(
            Pulse(pulse=name, **days(name), respondents=200, sources=(PulseSource(analysis_id=source, name=name),))
            for name, source in (("2026-03", analysis_id), ("2026-05", "an_later"))
        ),
        trends=(
            Trend(
                measure="alignment",
                points=(TrendPoint(pulse="2026-03", estimate=BEFORE), TrendPoint(pulse="2026-05", estimate=AFTER)),
                change=CHANGE,
                facet_id="care",
                to_last=(CHANGE, OK(0.0, 0.0, 0.0, 120)),
            ),
        ),
    )


@pytest.fixture
def asked_for(monkeypatch) -> list[str]:
    """Pulses in the place of those that are computed; the analyses that they were asked for."""
    asked: list[str] = []

    def trend_report(organisation_id: str, analysis_id: str) -> TrendReport:
        asked.append(analysis_id)
        return pulses(analysis_id)

    monkeypatch.setattr("service.web.deciding.trend_report", trend_report)
    return asked
