"""gunicorn, run from Python."""

from __future__ import annotations

import os
import tempfile
import threading
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from service.config import Settings
from service.store import migrate
from service.web.beside import WorkerBeside


class _Master(Arbiter):  # type: ignore[misc]
    """gunicorn's master, which also looks after the worker beside it."""

    def manage_workers(self) -> None:
        super().manage_workers()
        if self.app.beside is not None:
            self.app.beside.keep_running()


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with the application of ``settings``; models are loaded after the fork, in each process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.beside = WorkerBeside(settings) if settings.embedded_worker else None
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        options: dict[str, Any] = {
            "bind": f"{settings.host}:{settings.port}",
            "workers": settings.web_workers,
            "threads": settings.web_threads,
            "worker_class": "gthread",
            "preload_app": False,
            "control_socket_disable": True,
            "timeout": 120,
            "graceful_timeout": 30,
            "keepalive": 30,
            "proc_name": "plumbline",
            "loglevel": settings.log_level.lower(),
            "on_exit": lambda _master: self.beside.stop() if self.beside is not None else None,
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

    def run(self) -> None:
        _Master(self).run()


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
