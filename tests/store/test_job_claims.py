"""The jobs table: one worker at a time, dead workers found out, nothing lost and nothing kept too long."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.builders import make_analysis

LEASE = dt.timedelta(seconds=60)


@pytest.fixture
def ids(repository, organisation_id, asked, comments) -> tuple[str, str]:
    return repository.create_analysis(organisation_id, asked, comments)


def _repair(repository) -> list[str]:
    return repository.repair_jobs(max_attempts=3, resend_after=LEASE)


def _inputs(repository) -> int:
    with repository._engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM analysis_inputs")).scalar_one()


def test_of_many_workers_one_gets_the_job(repository, ids):
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _: repository.claim_job(ids[1], LEASE), range(16)))
    assert sum(claim is not None for claim in claims) == 1


def test_an_ended_or_unknown_job_cannot_be_claimed(repository, ids):
    repository.complete_job(repository.claim_job(ids[1], LEASE), make_analysis())
    assert repository.claim_job(ids[1], LEASE) is None
    assert repository.claim_job("job_unknown", LEASE) is None


def test_progress_is_seen_by_who_asks(repository, organisation_id, ids):
    job = repository.claim_job(ids[1], LEASE)
    assert repository.heartbeat(job, LEASE, stage="score", done=30, total=120)
    summary = repository.get_summary(organisation_id, ids[0])
    assert (summary.status, summary.stage, summary.progress) == ("running", "score", 0.25)


def test_a_job_is_not_taken_from_a_worker_that_beats(repository, ids, clock):
    job = repository.claim_job(ids[1], LEASE)
    clock.move(seconds=50)
    repository.heartbeat(job, LEASE, stage=None, done=0, total=0)
    clock.move(seconds=50)
    assert _repair(repository) == []
    assert repository.claim_job(ids[1], LEASE) is None


def test_a_job_whose_worker_died_is_queued_again_with_its_comments(repository, ids, comments, clock):
    repository.claim_job(ids[1], LEASE)
    clock.move(seconds=61)
    assert _repair(repository) == [ids[1]]
    again = repository.claim_job(ids[1], LEASE)
    assert again.attempts == 2
    assert repository.load_input(again).comments == tuple(comments)


def test_a_worker_that_lost_its_claim_writes_nothing(repository, organisation_id, ids, clock):
    lost = repository.claim_job(ids[1], LEASE)
    clock.move(seconds=61)
    _repair(repository)
    held = repository.claim_job(ids[1], LEASE)
    assert not repository.heartbeat(lost, LEASE, stage="x", done=1, total=1)
    assert not repository.complete_job(lost, make_analysis())
    assert not repository.fail_job(lost, code="x", detail="y")
    assert not repository.release_job(lost)
    assert repository.get_analysis(organisation_id, ids[0]).result is None
    assert repository.complete_job(held, make_analysis())


def test_after_three_attempts_a_job_fails_with_a_reason_and_its_comments_are_deleted(
    repository, organisation_id, ids, clock
):
    for _ in range(3):
        assert repository.claim_job(ids[1], LEASE) is not None
        clock.move(seconds=61)
        _repair(repository)
    record = repository.get_analysis(organisation_id, ids[0])
    assert (record.status, record.error_code) == ("failed", "internal_error")
    assert "3 times" in record.error
    assert record.finished_at == clock()
    assert _inputs(repository) == 0


def test_a_lost_message_is_sent_again_once_it_is_old(repository, ids, clock):
    assert _repair(repository) == []
    clock.move(seconds=61)
    assert _repair(repository) == [ids[1]]
    assert _repair(repository) == []


def test_a_job_given_back_may_be_taken_at_once_and_the_attempt_does_not_count(repository, ids):
    assert repository.release_job(repository.claim_job(ids[1], LEASE))
    assert repository.claim_job(ids[1], LEASE).attempts == 1


def test_deleting_a_running_analysis_takes_the_claim_away(repository, organisation_id, ids):
    job = repository.claim_job(ids[1], LEASE)
    repository.delete_analysis(organisation_id, ids[0])
    assert not repository.heartbeat(job, LEASE, stage=None, done=0, total=0)
    assert not repository.complete_job(job, make_analysis())


def test_jobs_are_counted_by_state(repository, organisation_id, asked, comments, ids):
    repository.create_analysis(organisation_id, asked, comments)
    repository.fail_job(repository.claim_job(ids[1], LEASE), code="empty_batch", detail="nothing")
    assert repository.count_jobs() == {"queued": 1, "failed": 1}


@pytest.mark.parametrize("end", ["complete", "fail", "delete"])
def test_the_words_as_they_came_in_are_gone_when_the_job_has_ended(repository, organisation_id, ids, url, end):
    job = repository.claim_job(ids[1], LEASE)
    assert _inputs(repository) == 1
    if end == "complete":
        repository.complete_job(job, make_analysis())
    elif end == "fail":
        repository.fail_job(job, code="empty_batch", detail="nothing")
    else:
        repository.delete_analysis(organisation_id, ids[0])
    assert _inputs(repository) == 0
    if url.startswith("sqlite"):
        folder = Path(url.removeprefix("sqlite:///")).parent
        files = [file for file in folder.iterdir() if file.is_file()]
        assert files
        assert not [file.name for file in files if b"Rumpelstiltskin" in file.read_bytes()]
