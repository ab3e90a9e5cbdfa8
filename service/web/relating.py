"""The KPIs of an organisation beside one of its analyses, for the API and the page alike."""

from __future__ import annotations

from service.results import Analysis
from service.results.kpis import KpiReport
from service.web.services import services


def related_kpis(organisation_id: str, analysis: Analysis, *, period: str | None = None) -> KpiReport:
    """Each KPI beside the published alignment of the groups; see ``service.core.kpis.relate_kpis``.

    Args:
        organisation_id: whose KPIs.
        analysis: as it is published.
        period: of the values; None: the latest of each group.
    """
    from service.core.kpis import relate_kpis

    names = {group.name for cut in analysis.cuts for group in cut.groups}
    return relate_kpis(analysis, services().repository.kpis_of_groups(organisation_id, names), period=period)
