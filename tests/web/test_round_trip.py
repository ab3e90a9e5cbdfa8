"""The whole service as it runs: gunicorn, its worker, the real queue and the real weights, over a real socket."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.client import Client
from service.results import Comment

pytestmark = pytest.mark.weights

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
PURPOSE = "We listen to each other. We learn from mistakes instead of blaming people."
SUPPORTS = "My manager listens to all of us and takes our worries seriously."
CONTRADICTS = "Nobody ever listens to us, we are ignored in every meeting."


class Service:
    """A running ``python -m service serve`` with a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        with contextlib.closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PLUMBLINE_")},
            "PLUMBLINE_DATA_DIR": str(folder / "data"),
            "PLUMBLINE_PORT": str(self.port),
            "PLUMBLINE_JOB_LEASE_SECONDS": "5",
        }
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service", "serve"], cwd=ROOT, env=self.environment, stderr=self.log, stdout=self.log
        )

    def run(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "service", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/readyz", timeout=60).status_code == 200:
                    return
            time.sleep(0.3)
        raise AssertionError(f"the service did not become ready: {self.log_text()}")

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def log_text(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-5_000:]

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("service"))
    try:
        service.wait_until_ready()
        yield service
    finally:
        service.stop()


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[Client]:
    key = service.run("keys", "create", "--organisation", "Valley Care", "--role", "analyst").splitlines()[-1]
    with Client(service.url, key) as client:
        yield client


def _batch() -> list[Comment]:
    texts = [SUPPORTS, CONTRADICTS, "We talk openly about errors and learn from them.", "n/a", "Pay is too low."]
    return [
        Comment(
            comment_id=f"{respondent}-{number}",
            text=f"{text} Case {respondent}." if text != "n/a" else text,
            respondent_id=f"r{respondent}",
            groups={"team": "North" if respondent % 2 else "South"},
        )
        for respondent in range(12)
        for number, text in enumerate(texts)
    ]


def test_a_batch_posted_over_http_is_analysed_by_the_worker_and_read_back(client, service):
    analysis = client.analyse(_batch(), PURPOSE, name="Round trip", cuts=["team"])
    assert analysis.counts.received == 60
    assert analysis.counts.no_content == 12
    assert analysis.counts.respondents == 12
    assert {facet.title for facet in analysis.facets}
    assert analysis.insights
    assert len(analysis.comments) == 60
    assert analysis.provenance.models == client.info()["models"]


def test_score_tells_support_from_contradiction(client):
    supports, contradicts = client.score([SUPPORTS, CONTRADICTS], PURPOSE)
    assert supports.alignment > 0.1
    assert contradicts.alignment < -0.1


def test_a_worker_that_is_killed_at_work_loses_nothing(client, service):
    """The keeper starts another worker; the job's lease runs out and the other one finishes it."""
    comments = [
        Comment(comment_id=f"{n}", text=f"{SUPPORTS if n % 2 else CONTRADICTS} It was case {n}.") for n in range(400)
    ]
    analysis_id = client.submit(comments, PURPOSE)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        (status,) = (item for item in client.analyses() if item.analysis_id == analysis_id)
        if status.status == "running":
            break
        assert status.status == "queued", "it was over before it could be killed"
        time.sleep(0.05)
    (worker,) = (
        pid for pid in service.children() if b"service.web.beside" in Path(f"/proc/{pid}/cmdline").read_bytes()
    )
    os.kill(worker, signal.SIGKILL)
    client.wait(analysis_id)
    assert client.analysis(analysis_id).counts.received == 400


def test_everything_stops_with_the_server(service):
    """The last test of this file: the others need the service."""
    service.wait_until_ready()
    started = service.children()
    assert len(started) == 2, "a web process and a worker"
    began = time.monotonic()
    service.stop()
    assert time.monotonic() - began < 30
    assert service.process.returncode == 0, service.log_text()
    assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == []
