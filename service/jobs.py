"""The queue and its one task: run an analysis. Messages carry a job's id; the jobs table is the truth.

A job is queued, then running under a worker's claim, then completed or failed. The claim has a lease that a heartbeat
renews. A worker that dies lets its lease run out: the job is queued again, three times at most. A message that is lost
is sent again. So a job runs once or more, and its result is stored once.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import structlog
from huey import Huey, crontab

from service import build
from service.config import Settings
from service.errors import InternalError, PlumblineError
from service.logs import configure_logging, log_fault
from service.store import Job, Repository

if TYPE_CHECKING:
    from service.core.pipeline import Analyser
    from service.core.privacy.pseudonyms import Pseudonyms

MAX_ATTEMPTS = 3
_POLL_SECONDS = 0.5
_STOP_SECONDS = 10
_BEAT_SECONDS = 1.0

Progress = Callable[[str, int, int], None]


class ClaimLostError(Exception):
    """The job is not this worker's any more: deleted, given to another worker, or put back because it must stop."""


class Runner:
    """Runs jobs, one after the other.

    Args:
        repository: where the jobs are.
        analyser: does the work.
        pseudonyms: what respondents are called in what is kept.
        lease_seconds: a job whose worker is silent this long is given to another.
        send: puts a job's id in the queue.
    """

    def __init__(
        self,
        repository: Repository,
        analyser: Analyser,
        pseudonyms: Pseudonyms,
        *,
        lease_seconds: float,
        send: Callable[[str], None],
    ) -> None:
        self._repository = repository
        self._analyser = analyser
        self._pseudonyms = pseudonyms
        self._lease = dt.timedelta(seconds=lease_seconds)
        self._send = send
        self._stopping = threading.Event()
        self._job: Job | None = None

    def run(self, job_id: str) -> None:
        """Run a job to its end, unless somebody else has it or it has ended already."""
        job = None if self._stopping.is_set() else self._repository.claim_job(job_id, self._lease)
        if job is None:
            return
        self._job = job
        with structlog.contextvars.bound_contextvars(analysis_id=job.analysis_id, attempt=job.attempts):
            try:
                self._log("job started")
                self._end(job)
            except Exception as error:  # noqa: BLE001 - the job could not be ended: its lease will, and it runs again
                log_fault(error)
            finally:
                self._job = None

    def sweep(self) -> None:
        """Put right what was lost: requeue jobs whose worker died, send messages again that nobody took."""
        for job_id in self._repository.repair_jobs(max_attempts=MAX_ATTEMPTS, resend_after=self._lease):
            self._send(job_id)

    def stop(self) -> None:
        """Take no more jobs, and put the one at hand back at its next sign of progress."""
        self._stopping.set()

    def release(self) -> None:
        """Put the job at hand back now."""
        if (job := self._job) is not None and self._repository.release_job(job):
            self._send(job.job_id)

    def _end(self, job: Job) -> None:
        try:
            self._work(job)
        except ClaimLostError:
            self._log("job given up")
        except PlumblineError as error:
            self._repository.fail_job(job, code=error.code, detail=error.detail)
            self._log("job failed", code=error.code)
        except Exception as error:  # noqa: BLE001 - whatever it was, the job must end with a reason
            reference = log_fault(error)
            detail = f"something went wrong on our side; it stands in the log as {reference}"
            self._repository.fail_job(job, code=InternalError.code, detail=detail)
            self._log("job failed", code=InternalError.code)
        else:
            self._log("job completed")

    def _work(self, job: Job) -> None:
        given = self._repository.load_input(job)
        asked = given.request
        with self._heartbeat(job) as progress:
            analyser = self._analyser.using(asked.stance)
            study = analyser.study(
                given.comments,
                asked.purpose,
                codebook=asked.codebook,
                cuts=asked.cuts,
                ratings=asked.ratings,
                progress=progress,
            )
            packed = analyser.pack(study, partial(self._pseudonyms.of, given.organisation_id))
            if not self._repository.complete_job(job, study.analysis, packed, study.version):
                raise ClaimLostError

    @contextmanager
    def _heartbeat(self, job: Job) -> Iterator[Progress]:
        """Renew the lease while the block runs; yields the progress callback, which ends the work of a lost claim."""
        state: tuple[str | None, int, int] = (None, 0, 0)
        lost, finished = threading.Event(), threading.Event()

        def progress(stage: str, done: int, total: int) -> None:
            nonlocal state
            state = (stage, done, total)
            if self._stopping.is_set():
                self.release()
                lost.set()
            if lost.is_set():
                raise ClaimLostError

        def beat() -> None:
            while not finished.wait(min(self._lease.total_seconds() / 4, _BEAT_SECONDS)):
                stage, done, total = state
                try:
                    held = self._repository.heartbeat(job, self._lease, stage=stage, done=done, total=total)
                except Exception as error:  # noqa: BLE001 - the database may be back before the lease runs out
                    log_fault(error)
                    continue
                if not held:
                    lost.set()
                    return

        thread = threading.Thread(target=beat, name=f"heartbeat-{job.job_id}", daemon=True)
        thread.start()
        try:
            yield progress
        finally:
            finished.set()
            thread.join()

    def _log(self, event: str, **fields: str) -> None:
        structlog.get_logger().info(event, **fields)


class Queue:
    """A Huey queue with its one task. Web processes only send; a worker gives it a runner and consumes.

    Args:
        huey: from ``build_queue``.
    """

    def __init__(self, huey: Huey) -> None:
        self._huey = huey
        self._runner: Runner | None = None
        self._task = huey.task(name="run_job")(self._run)

    def send(self, job_id: str) -> None:
        """Put a job's id in the queue."""
        self._task(job_id)

    def consume(self, runner: Runner) -> None:
        """Run jobs until SIGTERM or SIGINT; blocks, and must be called in the main thread."""
        self._runner = runner
        self._huey.periodic_task(crontab(), name="sweep")(runner.sweep)
        consumer = self._huey.create_consumer(
            workers=1, max_delay=_POLL_SECONDS, graceful_signal="TERM", shutdown_timeout=_STOP_SECONDS
        )

        def stop_with_consumer() -> None:
            consumer.stop_flag.wait()
            runner.stop()

        threading.Thread(target=stop_with_consumer, daemon=True).start()
        runner.sweep()
        consumer.run()
        runner.release()

    def _run(self, job_id: str) -> None:
        assert self._runner is not None
        self._runner.run(job_id)


def run_worker(settings: Settings) -> None:
    """Run jobs from the queue until SIGTERM or SIGINT; the job at hand is then put back.

    Raises:
        ConfigurationError: the models cannot be loaded; no job is taken.
    """
    configure_logging(settings.log_level)
    repository = build.build_repository(settings)
    analyser = build.build_analyser(settings)
    analyser.warm_up()
    queue = Queue(build.build_queue(settings))
    runner = Runner(
        repository,
        analyser,
        build.build_pseudonyms(settings),
        lease_seconds=settings.job_lease_seconds,
        send=queue.send,
    )
    structlog.get_logger().info("worker started")
    queue.consume(runner)
    structlog.get_logger().info("worker stopped")
