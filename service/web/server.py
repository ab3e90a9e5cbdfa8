"""gunicorn, run from Python, with a worker process beside it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from typing import Any

from gunicorn.app.base import BaseApplication

from service.config import Settings
from service.jobs import run_worker
from service.store import migrate

_RESTART_SECONDS = 5.0
_STOP_SECONDS = 15.0


class WorkerBeside:
    """A worker in a process of its own; started again when it dies, stopped with the server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopping = threading.Event()
        self._process: BaseProcess | None = None

    def start(self) -> None:
        threading.Thread(target=self._keep_running, name="worker-keeper", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()
            connection.wait([self._process.sentinel], timeout=_STOP_SECONDS)

    def _keep_running(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        while not self._stopping.is_set():
            process = spawn.Process(target=_run_beside, args=(self._settings,), name="worker", daemon=True)
            process.start()
            self._process = process
            # Not join(): gunicorn reaps every child of this process, so join() would wait for ever.
            connection.wait([process.sentinel])
            self._stopping.wait(_RESTART_SECONDS)


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with the application of ``settings``; models are loaded after the fork, in each process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._worker = WorkerBeside(settings) if settings.embedded_worker else None
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        options: dict[str, Any] = {
            "bind": f"{settings.host}:{settings.port}",
            "workers": settings.web_workers,
            "threads": settings.web_threads,
            "worker_class": "gthread",
            "preload_app": False,
            "timeout": 120,
            "graceful_timeout": 30,
            "proc_name": "plumbline",
            "loglevel": settings.log_level.lower(),
            "when_ready": lambda _server: self._worker.start() if self._worker else None,
            "on_exit": lambda _server: self._worker.stop() if self._worker else None,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from service.web import create_app
        from service.web.services import EXTENSION

        app = create_app(self._settings)
        # The first request that needs the models need not wait for them.
        threading.Thread(target=app.extensions[EXTENSION].warm_up, daemon=True).start()
        return app


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, with a worker beside when ``embedded_worker`` is set."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    settings.resolved_secret_key()
    migrate(settings.resolved_database_url)
    if settings.web_workers == 1:
        Server(settings).run()
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        Server(settings).run()


def _run_beside(settings: Settings) -> None:
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    run_worker(settings)


def _stop_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
