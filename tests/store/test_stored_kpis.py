"""KPIs: replaced when given again, one organisation's own, gone with it and not with an analysis."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import delete

from service.errors import InvalidField, NotFound
from service.results.kpis import Kpi
from service.store.tables import KpiRow, OrganisationRow
from tests.builders import make_analysis

TURNOVER = Kpi(kpi="turnover", cut="department", group="Ambulance", period="2026-Q1", value=0.12)
LEASE = dt.timedelta(seconds=60)


def _complete(repository, organisation_id, asked, comments) -> str:
    analysis_id, job_id = repository.create_analysis(organisation_id, asked, comments)
    assert repository.complete_job(repository.claim_job(job_id, LEASE), make_analysis())
    return analysis_id


def test_a_value_given_again_replaces_the_one_before(repository, organisation_id, clock):
    assert repository.put_kpis(organisation_id, [TURNOVER, replace(TURNOVER, cut=None)]) == 2
    clock.move(hours=1)
    again = [replace(TURNOVER, value=-0.5), replace(TURNOVER, period="2026-Q2"), replace(TURNOVER, kpi="engagement")]
    assert repository.put_kpis(organisation_id, again) == 2
    found = {record.kpi: record.updated_at for record in repository.list_kpis(organisation_id).items}
    assert found.keys() == {replace(TURNOVER, cut=None), *again}
    assert found[again[0]] == clock.now
    assert found[replace(TURNOVER, cut=None)] == clock.now - dt.timedelta(hours=1)


def test_the_list_comes_in_pages_and_by_kpi_or_group(repository, organisation_id):
    kpis = [
        Kpi(kpi=kpi, cut=cut, group=group, period=period, value=1.5)
        for kpi in ("a", "b")
        for cut in (None, "department")
        for group in ("Fleet", "Légal")
        for period in ("2026", "2026-03")
    ]
    repository.put_kpis(organisation_id, kpis[::-1])
    found, cursor = [], None
    while True:
        page = repository.list_kpis(organisation_id, limit=3, cursor=cursor)
        found += [record.kpi for record in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == kpis
    assert {record.kpi.kpi for record in repository.list_kpis(organisation_id, kpi="b").items} == {"b"}
    assert {record.kpi.group for record in repository.list_kpis(organisation_id, group="Fleet").items} == {"Fleet"}
    assert set(repository.kpis_of_groups(organisation_id, ["Fleet", "none"])) == {k for k in kpis if k.group == "Fleet"}
    with pytest.raises(InvalidField):
        repository.list_kpis(organisation_id, cursor="nonsense")


def test_kpis_are_an_organisations_own(repository, organisation_id):
    other = repository.ensure_organisation("Other").organisation_id
    repository.put_kpis(organisation_id, [TURNOVER])
    assert repository.put_kpis(other, [replace(TURNOVER, value=9.0)]) == 1
    assert [record.kpi for record in repository.list_kpis(organisation_id).items] == [TURNOVER]


def test_values_are_deleted_by_kpi_group_cut_and_period_of_one_organisation(repository, organisation_id):
    other = repository.ensure_organisation("Other").organisation_id
    kept = [replace(TURNOVER, kpi="engagement"), replace(TURNOVER, group="Fleet")]
    repository.put_kpis(organisation_id, [TURNOVER, replace(TURNOVER, cut=None), *kept])
    repository.put_kpis(other, [TURNOVER])
    assert repository.delete_kpis(organisation_id, "turnover", group="Ambulance", cut="department", period="2026") == 0
    assert repository.delete_kpis(organisation_id, "turnover", group="Ambulance", cut="department") == 1
    assert repository.delete_kpis(organisation_id, "turnover", group="Ambulance", period="2026-Q1") == 1
    assert {record.kpi for record in repository.list_kpis(organisation_id).items} == set(kept)
    assert [record.kpi for record in repository.list_kpis(other).items] == [TURNOVER]
    assert repository.delete_kpis(organisation_id, "turnover") == 1
    assert repository.delete_kpis(organisation_id, "turnover") == 0


def test_groups_are_known_from_completed_analyses_alone(repository, organisation_id, asked, comments):
    waiting, _ = repository.create_analysis(organisation_id, asked, comments)
    assert repository.known_groups(organisation_id) == {}
    analysis_id = _complete(repository, organisation_id, asked, comments)
    expected = {cut.name: tuple(group.name for group in cut.groups) for cut in make_analysis().cuts}
    assert repository.known_groups(organisation_id) == expected
    assert repository.known_groups(organisation_id, analysis_id) == expected
    assert repository.known_groups(organisation_id, waiting) == {}
    other = repository.ensure_organisation("Other").organisation_id
    assert repository.known_groups(other) == {}
    with pytest.raises(NotFound):
        repository.known_groups(other, analysis_id)


def test_kpis_outlive_an_analysis_and_go_with_the_organisation(repository, organisation_id, asked, comments):
    analysis_id = _complete(repository, organisation_id, asked, comments)
    repository.put_kpis(organisation_id, [TURNOVER])
    repository.delete_analysis(organisation_id, analysis_id)
    assert len(repository.list_kpis(organisation_id).items) == 1
    with repository._sessions.begin() as session:
        session.execute(delete(OrganisationRow).where(OrganisationRow.id == organisation_id))
    with repository._sessions() as session:
        assert session.query(KpiRow).count() == 0


def test_the_longest_names_can_be_stored(repository, organisation_id):
    longest = Kpi(kpi="𝔨" * 200, cut="𝔠" * 200, group="𝔤" * 200, period="2026-03-31", value=1e308)
    repository.put_kpis(organisation_id, [longest])
    assert repository.list_kpis(organisation_id).items[0].kpi == longest
