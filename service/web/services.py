"""What the requests of one application share: settings, repository, queue and the analyser, loaded on first use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from flask import current_app

from service.config import Settings
from service.store import Repository

if TYPE_CHECKING:
    from service.core.pipeline import Analyser

EXTENSION = "plumbline"


@dataclass(kw_only=True)
class Services:
    """One for each application.

    Attributes:
        settings: as the application was made with.
        repository: everything stored.
        send: gives a job's id to the queue.
        load_analyser: makes the analyser; called once, by the first request that needs it.
    """

    settings: Settings
    repository: Repository
    send: Callable[[str], None]
    load_analyser: Callable[[], Analyser]
    _analyser: Analyser | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def analyser(self) -> Iterator[Analyser]:
        """The analyser, for this thread alone while the block runs."""
        with self._lock:
            if self._analyser is None:
                self._analyser = self.load_analyser()
            yield self._analyser

    def warm_up(self) -> None:
        """Load the models and run each once."""
        with self.analyser() as analyser:
            analyser.warm_up()


def services() -> Services:
    """The services of the application that handles this request."""
    return cast(Services, current_app.extensions[EXTENSION])
