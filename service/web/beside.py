"""A worker in a process beside the server: started with it, started again when it dies, stopped with it.

``python -m service.web.beside`` is that process. It gets the settings through its standard input, and stops when that
ends, which it does however the server ended.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import structlog

from service.config import Settings
from service.errors import PlumblineError

RESTART_SECONDS = 5.0
STOP_SECONDS = 20.0


class WorkerBeside:
    """Keeps one worker process running, without a thread: a server that forks must not have any."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._started = float("-inf")

    def keep_running(self) -> None:
        """Start the worker if it does not run; to be called every second or so."""
        if self._process is not None and self._process.poll() is None:
            return
        if time.monotonic() < self._started + RESTART_SECONDS:
            return
        self._started = time.monotonic()
        self._process = subprocess.Popen([sys.executable, "-m", "service.web.beside"], stdin=subprocess.PIPE)
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it died at once; the next call starts another
            pickle.dump(self._settings, self._process.stdin)
            self._process.stdin.flush()

    def stop(self) -> None:
        """Let the worker put its job back, and wait for its end."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()


def _stop_with_server() -> None:
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Be the worker."""
    from service.jobs import run_worker

    settings: Settings = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own server wrote it, into our own pipe
    threading.Thread(target=_stop_with_server, daemon=True).start()
    try:
        run_worker(settings)
    except PlumblineError as error:
        structlog.get_logger().error("worker cannot start", code=error.code, detail=error.detail)
        sys.exit(2)


if __name__ == "__main__":
    main()
