"""Logging as JSON lines: what happened, where and how long it took, never anybody's words."""

from __future__ import annotations

import json
import logging
import sys
import traceback
import uuid

import structlog


class _JsonFormatter(logging.Formatter):
    """Library messages as JSON; of an exception its type alone, as its message may quote what it choked on."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"event": record.getMessage(), "logger": record.name, "level": record.levelname.lower()}
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__qualname__
        return json.dumps(line, ensure_ascii=False)


def configure_logging(level: str) -> None:
    """Send every log line of this process to standard error as JSON; libraries are heard from warnings on."""
    numeric = logging.getLevelNamesMapping()[level]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter())
    logging.basicConfig(level=max(numeric, logging.WARNING), handlers=[handler])
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
    )


def log_fault(error: BaseException) -> str:
    """Log a fault of ours and return the reference under which it stands in the log.

    Types and places of the whole chain are logged, messages are not: a library's message may quote what it choked on.
    """
    reference = uuid.uuid4().hex[:12]
    chain: list[str] = []
    current: BaseException | None = error
    while current is not None:
        chain.append(type(current).__qualname__)
        frames = traceback.extract_tb(current.__traceback__)
        chain.extend(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        current = current.__cause__ or current.__context__
    structlog.get_logger().error("fault", reference=reference, traceback=chain)
    return reference
