"""Running the service: request log, security headers, rate limits, health, readiness, metrics."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import structlog
from apiflask import APIBlueprint
from flask import Flask, Response, current_app, g, jsonify, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from service.errors import Unauthenticated
from service.logs import log_fault
from service.web.auth import current_user
from service.web.services import services

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

blueprint = APIBlueprint("ops", __name__, enable_openapi=False)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METRICS = "plumbline_metrics"
_SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Metrics:
    """Prometheus metrics of one application."""

    def __init__(self) -> None:
        # Imported here: with several web processes the way it keeps values is chosen when it is imported.
        import prometheus_client as prometheus

        self.registry = prometheus.CollectorRegistry()
        self.requests = prometheus.Counter(
            "plumbline_requests", "Requests by route and status.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = prometheus.Histogram(
            "plumbline_request_seconds", "Time to answer.", ["method", "route"], registry=self.registry
        )

    def render(self, jobs: dict[str, int]) -> bytes:
        """The text format: what was counted, and the jobs in each state."""
        import os

        import prometheus_client as prometheus
        from prometheus_client import multiprocess

        registry = self.registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = prometheus.CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        states = prometheus.CollectorRegistry()
        states.register(_JobStates(jobs))
        return prometheus.generate_latest(registry) + prometheus.generate_latest(states)


class _JobStates:
    """The jobs table as a metric: read when asked for, so that every process gives the same."""

    def __init__(self, jobs: dict[str, int]) -> None:
        self._jobs = jobs

    def collect(self) -> Iterator[GaugeMetricFamily]:
        from prometheus_client.core import GaugeMetricFamily

        family = GaugeMetricFamily("plumbline_jobs", "Jobs in each state.", labels=["state"])
        for state in ("queued", "running", "completed", "failed"):
            family.add_metric([state], self._jobs.get(state, 0))
        yield family


def init_app(app: Flask, *, rate_limit: str, secure: bool) -> None:
    """Log every request, harden every response, limit rates."""
    app.extensions[_METRICS] = Metrics()
    app.before_request(_begin)
    app.after_request(lambda response: _finish(response, secure=secure))
    limiter = Limiter(_who, app=app, default_limits=[rate_limit], storage_uri="memory://", headers_enabled=True)
    limiter.exempt(blueprint)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """The database and the models answer: a real query and a real inference."""
    checks = {"database": _check(services().repository.ping), "models": _check(services().warm_up)}
    ready = all(state == "ok" for state in checks.values())
    return jsonify(status="ok" if ready else "unavailable", checks=checks), 200 if ready else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus metrics; nothing in them belongs to one organisation."""
    collected: Metrics = current_app.extensions[_METRICS]
    body = collected.render(services().repository.count_jobs())
    return Response(body, content_type="text/plain; version=0.0.4; charset=utf-8")


def _check(probe: Callable[[], None]) -> str:
    try:
        probe()
    except Exception as error:  # noqa: BLE001 - whatever the reason, the answer is that we are not ready
        return f"failed, in the log as {log_fault(error)}"
    return "ok"


def _who() -> str:
    """Rates are counted by key or user, and by address while nobody signed in."""
    try:
        principal = current_user()
    except Unauthenticated:
        principal = None
    return principal.subject if principal else get_remote_address()


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    g.began = time.perf_counter()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _finish(response: Response, *, secure: bool) -> Response:
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Request-ID"] = g.request_id
    seconds = time.perf_counter() - g.began
    route = request.url_rule.rule if request.url_rule else "none"
    collected: Metrics = current_app.extensions[_METRICS]
    collected.requests.labels(request.method, route, response.status_code).inc()
    collected.seconds.labels(request.method, route).observe(seconds)
    structlog.get_logger().info(
        "request",
        method=request.method,
        route=route,
        status=response.status_code,
        milliseconds=round(seconds * 1000, 1),
    )
    structlog.contextvars.unbind_contextvars("request_id")
    return response
