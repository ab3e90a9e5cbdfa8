"""The runner: one task, heartbeats, giving back, and the sweep."""

from __future__ import annotations

import datetime as dt
import threading
import time

import pytest

from service.core.privacy.pseudonyms import Pseudonyms
from service.jobs import Runner
from service.results import Comment, Purpose
from service.store import AnalysisRequest

LEASE_SECONDS = 1.0


@pytest.fixture
def ids(repository, organisation_id) -> tuple[str, str]:
    asked = AnalysisRequest(name="n", purpose=Purpose.from_text("We listen."))
    return repository.create_analysis(organisation_id, asked, [Comment(comment_id="a", text="They do.")])


@pytest.fixture
def runner(repository, analyser, sent) -> Runner:
    return Runner(repository, analyser, Pseudonyms("key"), lease_seconds=LEASE_SECONDS, send=sent.append)


def test_a_job_that_takes_longer_than_its_lease_keeps_it_by_heartbeat(
    repository, analyser, runner, organisation_id, ids
):
    stolen: list[str] = []

    def be_slow(**_):
        time.sleep(2.5 * LEASE_SECONDS)
        stolen.extend(repository.repair_jobs(max_attempts=3, resend_after=dt.timedelta(hours=1)))

    analyser.before = be_slow
    runner.run(ids[1])
    assert stolen == []
    assert repository.get_summary(organisation_id, ids[0]).status == "completed"


def test_a_runner_that_must_stop_gives_its_job_back_for_another_to_finish(
    repository, analyser, runner, organisation_id, ids, sent
):
    def be_told_to_stop(*, progress, **_):
        runner.stop()
        progress("score", 1, 2)
        raise AssertionError("it went on")

    analyser.before = be_told_to_stop
    runner.run(ids[1])
    assert repository.get_summary(organisation_id, ids[0]).status == "queued"
    assert sent == [ids[1]]
    runner.run(ids[1])
    assert repository.get_summary(organisation_id, ids[0]).status == "queued", "a stopping runner takes no job"
    analyser.before = lambda **_: None
    Runner(repository, analyser, Pseudonyms("key"), lease_seconds=30, send=sent.append).run(ids[1])
    assert repository.get_summary(organisation_id, ids[0]).status == "completed"


def test_release_frees_a_job_that_shows_no_progress(repository, analyser, runner, organisation_id, ids, sent):
    hanging, let_go = threading.Event(), threading.Event()

    def hang(**_):
        hanging.set()
        let_go.wait(20)

    analyser.before = hang
    thread = threading.Thread(target=runner.run, args=(ids[1],))
    thread.start()
    assert hanging.wait(20)
    runner.release()
    assert repository.get_summary(organisation_id, ids[0]).status == "queued"
    assert sent == [ids[1]]
    let_go.set()
    thread.join(20)
    assert repository.get_analysis(organisation_id, ids[0]).result is None


def test_a_job_that_another_worker_took_over_ends_without_a_trace(repository, analyser, organisation_id, ids, sent):
    def lose_the_claim(*, progress, **_):
        job = repository.claim_job(ids[1], dt.timedelta(seconds=30))
        assert job is None
        with repository._engine.begin() as connection:
            connection.exec_driver_sql("UPDATE jobs SET claim = 'somebody else'")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            progress("score", 0, 1)
            time.sleep(0.02)

    analyser.before = lose_the_claim
    Runner(repository, analyser, Pseudonyms("key"), lease_seconds=1, send=sent.append).run(ids[1])
    record = repository.get_analysis(organisation_id, ids[0])
    assert (record.status, record.result) == ("running", None)


def test_a_job_runs_once_however_often_its_message_comes(analyser, runner, ids):
    for _ in range(3):
        runner.run(ids[1])
    runner.run("job_of_a_deleted_analysis")
    assert len(analyser.calls) == 1


def test_a_job_that_cannot_be_ended_leaves_the_worker_alive(repository, analyser, runner, ids, monkeypatch):
    def gone(*_, **__):
        raise ConnectionError("database gone")

    monkeypatch.setattr(repository, "complete_job", gone)
    monkeypatch.setattr(repository, "fail_job", gone)
    runner.run(ids[1])
    assert len(analyser.calls) == 1


def test_the_sweep_sends_a_job_again_whose_worker_died(repository, runner, ids, sent):
    repository.claim_job(ids[1], dt.timedelta(seconds=-1))
    runner.sweep()
    assert sent == [ids[1]]
