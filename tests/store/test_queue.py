"""The queue of either database: a message put in by one process is taken out, once, by another."""

from __future__ import annotations

from service import build
from service.config import Settings
from service.jobs import Queue


class Listener:
    """Stands in for a runner, and notes what it is told to run."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def run(self, job_id: str) -> None:
        self.ran.append(job_id)


def test_messages_carry_job_ids_in_order_and_nothing_else(url, tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=url)
    sending, taking = build.build_queue(settings), build.build_queue(settings)
    sender = Queue(sending)
    for job_id in ("job_1", "job_2"):
        sender.send(job_id)
    queue, listener = Queue(taking), Listener()
    queue._runner = listener
    while (task := taking.dequeue()) is not None:
        assert task.args[0].startswith("job_")
        taking.execute(task)
    assert listener.ran == ["job_1", "job_2"]
    for used in (sending, taking):
        used.storage.close()
