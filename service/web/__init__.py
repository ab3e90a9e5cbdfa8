"""The web application: the API under /v1, the pages, and what is needed to run them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apiflask import APIFlask

    from service.config import Settings
    from service.core.pipeline import Analyser

__all__ = ["create_app", "serve"]


def create_app(
    settings: Settings, *, analyser: Analyser | None = None, send: Callable[[str], None] | None = None
) -> APIFlask:
    """The application, on a database that is brought up to date first.

    Args:
        settings: all of them.
        analyser: instead of the one ``build_analyser`` makes on first use.
        send: takes a job's id to a worker, instead of the queue of ``settings``.
    """
    from apiflask import APIFlask
    from flask_wtf import CSRFProtect

    from service import build, jobs
    from service.logs import configure_logging
    from service.version import VERSION
    from service.web import api, auth, bodies, openapi, ops, pages, problems
    from service.web.services import EXTENSION, Services

    configure_logging(settings.log_level)
    app = APIFlask(__name__, title="Plumbline", version=VERSION, docs_path=None)
    app.extensions[EXTENSION] = Services(
        settings=settings,
        repository=build.build_repository(settings),
        send=send or jobs.Queue(build.build_queue(settings)).send,
        load_analyser=(lambda: analyser) if analyser else lambda: build.build_analyser(settings),
    )
    ops.init_app(app, rate_limit=settings.rate_limit, secure=settings.environment == "production")
    bodies.init_app(app, max_body_mb=settings.max_body_mb)
    auth.init_app(app, settings)
    problems.init_app(app)
    openapi.init_app(app)
    csrf = CSRFProtect(app)
    from service.web import action_pages, theme_pages, trend_pages  # noqa: F401 - they add their routes to those of the pages

    for blueprint in (ops.blueprint, api.blueprint, pages.blueprint):
        app.register_blueprint(blueprint)
    csrf.exempt(api.blueprint)
    return app


def serve(settings: Settings) -> None:
    """Serve with gunicorn until stopped; see ``service.web.server``."""
    from service.web import server

    server.serve(settings)
