"""Purposes and analyses: stored whole, one organisation's own, gone when deleted."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from service.errors import InvalidField, NotFound
from service.results import Analysis, Codebook, Facet, Purpose, Theme
from service.results.analysis import plain
from service.store import StoredResponse
from service.store.tables import Base
from tests.builders import make_analysis

LEASE = dt.timedelta(seconds=60)


def _complete(repository, job_id: str, analysis: Analysis) -> None:
    job = repository.claim_job(job_id, LEASE)
    assert repository.complete_job(job, analysis)


def _rows(repository) -> dict[str, int]:
    with repository._engine.connect() as connection:
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }
    return {name: count for name, count in counts.items() if count}


def test_a_purpose_comes_back_as_it_was_stored(repository, organisation_id):
    purpose = Purpose(
        statement="We listen.",
        facets=(Facet(facet_id="l", title="Listening", text="We listen.", supports=("heard",), contradicts=("deaf",)),),
    )
    stored = repository.create_purpose(organisation_id, purpose)
    assert repository.get_purpose(organisation_id, stored.purpose_id) == stored
    assert stored.purpose == purpose


def test_new_facets_are_a_new_version_and_the_old_one_is_kept(repository, organisation_id):
    stored = repository.create_purpose(organisation_id, Purpose.from_text("We listen. We learn."))
    changed = repository.replace_facets(organisation_id, stored.purpose_id, stored.purpose.facets[:1])
    assert (stored.version, changed.version) == (1, 2)
    assert len(repository.get_purpose(organisation_id, stored.purpose_id).purpose.facets) == 1
    assert _rows(repository)["purpose_versions"] == 2


def test_a_new_analysis_is_queued_with_what_was_asked(repository, organisation_id, asked, comments):
    codebook = Codebook(name="Own", version="3", themes=(Theme(theme_id="t", name="T", include=("x",)),))
    asked = replace(asked, codebook=codebook)
    analysis_id, _ = repository.create_analysis(organisation_id, asked, comments)
    record = repository.get_analysis(organisation_id, analysis_id)
    assert record.request == asked
    assert (record.status, record.progress, record.result, record.finished_at) == ("queued", 0.0, None, None)


def test_the_worker_gets_every_field_of_the_comments(repository, organisation_id, asked, comments):
    _, job_id = repository.create_analysis(organisation_id, asked, comments)
    given = repository.load_input(repository.claim_job(job_id, LEASE))
    assert given.comments == tuple(comments)
    assert given.request == asked


def test_a_result_comes_back_equal_with_its_comments_apart(repository, organisation_id, asked, comments):
    analysis = make_analysis()
    analysis_id, job_id = repository.create_analysis(organisation_id, asked, comments)
    _complete(repository, job_id, analysis)
    record = repository.get_analysis(organisation_id, analysis_id)
    assert record.result.to_dict(theme_map=True) == analysis.to_dict(theme_map=True)
    assert record.result.comments == ()
    assert record.counts["received"] == analysis.counts.received
    assert (record.status, record.progress) == ("completed", 1.0)
    assert record.finished_at is not None
    page = repository.list_comments(organisation_id, analysis_id, limit=500)
    assert list(page.items) == [plain(comment) for comment in analysis.comments]


def test_stored_comments_have_no_respondent_date_or_group(repository, organisation_id, asked, comments):
    analysis_id, job_id = repository.create_analysis(organisation_id, asked, comments)
    _complete(repository, job_id, make_analysis())
    (comment, *_) = repository.list_comments(organisation_id, analysis_id).items
    assert set(comment) == {"comment_id", "status", "text", "alignment", "suggestion", "facets", "themes", "units"}


def test_comments_come_in_pages_each_once_and_in_order(repository, organisation_id, asked, comments):
    analysis_id, job_id = repository.create_analysis(organisation_id, asked, comments)
    analysis = make_analysis()
    _complete(repository, job_id, analysis)
    seen: list[str] = []
    cursor = None
    while True:
        page = repository.list_comments(organisation_id, analysis_id, limit=3, cursor=cursor)
        assert len(page.items) <= 3
        seen += [comment["comment_id"] for comment in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == [comment.comment_id for comment in analysis.comments]


def test_analyses_come_in_pages_newest_first_each_once(repository, organisation_id, asked, comments, clock):
    made: list[str] = []
    for number in range(7):
        made.append(repository.create_analysis(organisation_id, asked, comments)[0])
        if number % 2:  # some share a time, so that the order needs more than it
            clock.move(seconds=1)
    seen: list[str] = []
    cursor = None
    while True:
        page = repository.list_analyses(organisation_id, limit=2, cursor=cursor)
        seen += [item.analysis_id for item in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert sorted(seen) == sorted(made)
    times = [repository.get_summary(organisation_id, analysis_id).created_at for analysis_id in seen]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("cursor", ["", "x", "WzFd", "W251bGwsIG51bGxd", "\u00e4"])
def test_a_cursor_of_another_list_is_refused(repository, organisation_id, cursor):
    with pytest.raises(InvalidField, match="cursor"):
        repository.list_analyses(organisation_id, cursor=cursor)


def test_nothing_of_another_organisation_is_found(repository, organisation_id, asked, comments):
    analysis_id, _ = repository.create_analysis(organisation_id, asked, comments)
    purpose_id = repository.create_purpose(organisation_id, asked.purpose).purpose_id
    other = repository.ensure_organisation("Other").organisation_id
    for call in (
        lambda: repository.get_analysis(other, analysis_id),
        lambda: repository.get_summary(other, analysis_id),
        lambda: repository.list_comments(other, analysis_id),
        lambda: repository.delete_analysis(other, analysis_id),
        lambda: repository.get_purpose(other, purpose_id),
        lambda: repository.replace_facets(other, purpose_id, asked.purpose.facets),
    ):
        with pytest.raises(NotFound):
            call()
    assert repository.list_analyses(other).items == ()
    assert repository.get_analysis(organisation_id, analysis_id).status == "queued"


def test_deleting_an_analysis_leaves_nothing_of_it(repository, organisation_id, asked, comments):
    before = _rows(repository)
    analysis_id, job_id = repository.create_analysis(organisation_id, asked, comments)
    repository.begin_idempotent(organisation_id, "k", "hash")
    response = StoredResponse(status=201, body="{}", location=f"/v1/analyses/{analysis_id}")
    repository.finish_idempotent(organisation_id, "k", response, resource_id=analysis_id)
    _complete(repository, job_id, make_analysis())
    repository.delete_analysis(organisation_id, analysis_id)
    assert _rows(repository) == before
