"""Errors as RFC 9457 problem details, each with the stable code of ``service.errors``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from apiflask import HTTPError
from flask import Flask, Response, current_app, g, request
from flask_wtf.csrf import CSRFError
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from service.errors import (
    Forbidden,
    InternalError,
    InvalidField,
    InvalidInput,
    InvalidRating,
    MethodNotAllowed,
    NotFound,
    PlumblineError,
    RateLimited,
    TooLarge,
    Unauthenticated,
    UnsupportedMediaType,
)
from service.logs import log_fault

CONTENT_TYPE = "application/problem+json"
MAX_LISTED_ERRORS = 50


class InvalidFields(InvalidField):
    """Several fields are wrong.

    Args:
        errors: one ``{"path", "message"}`` for each.
    """

    def __init__(self, errors: Sequence[dict[str, str]]) -> None:
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{first['path'] or 'body'}: {first['message']}{more}", where=first["path"])
        self.errors = errors[:MAX_LISTED_ERRORS]


class InvalidRatings(InvalidFields):
    """Several ratings are not numbers, and nothing else is wrong."""

    code = InvalidRating.code
    title = InvalidRating.title


def init_app(app: Flask) -> None:
    """Answer every error of this application as a problem."""
    app.register_error_handler(PlumblineError, problem)
    app.register_error_handler(ValidationError, lambda error: problem(from_validation(error)))
    app.register_error_handler(HTTPError, _invalid_fields)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, lambda error: problem(from_fault(error)))


def problem(error: PlumblineError, *, headers: dict[str, str] | None = None) -> Response:
    """The response for ``error``."""
    body: dict[str, Any] = {
        "type": f"urn:plumbline:error:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "instance": f"urn:plumbline:request:{g.get('request_id', '')}",
    }
    if isinstance(error, InvalidFields):
        body["errors"] = list(error.errors)
    elif error.where is not None and isinstance(error, InvalidInput):
        body["errors"] = [{"path": error.where, "message": error.detail}]
    response = Response(
        json.dumps(body, ensure_ascii=False).encode(errors="replace"), status=error.status, content_type=CONTENT_TYPE
    )
    if isinstance(error, Unauthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    response.headers.update(headers or {})
    return response


def from_validation(error: ValidationError) -> InvalidFields:
    """Pydantic's errors with the path of each field; what was sent is not repeated."""
    wrong = error.errors(include_input=False, include_url=False, include_context=False)
    listed = [{"path": field_path(item["loc"]), "message": item["msg"].removeprefix("Value error, ")} for item in wrong]
    return (InvalidRatings if all(item["type"] == InvalidRating.code for item in wrong) else InvalidFields)(listed)


def field_path(location: Sequence[int | str]) -> str:
    """``("comments", 3, "text")`` as ``comments[3].text``."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def from_http(error: HTTPException) -> PlumblineError:
    """Werkzeug's errors as ours."""
    if isinstance(error, CSRFError):
        return Forbidden("the form is too old or came from another site; load the page again")
    known: dict[int | None, PlumblineError] = {
        404: NotFound(f"there is nothing at {request.path}"),
        405: MethodNotAllowed(f"{request.method} is not possible at {request.path}"),
        413: TooLarge(
            f"the request body is over the limit of {current_app.config['MAX_CONTENT_LENGTH'] // 1024**2} MB "
            "(PLUMBLINE_MAX_BODY_MB); send it in parts"
        ),
        415: UnsupportedMediaType("this address does not take that content type"),
        429: RateLimited(f"more than {error.description} were sent; wait and try again"),
    }
    return known.get(error.code) or InvalidInput(f"the request cannot be read: {error.name.lower()}")


def from_fault(error: Exception) -> InternalError:
    """A fault of ours: the log has where it happened, the caller gets a reference to it."""
    reference = log_fault(error)
    return InternalError(f"something went wrong on our side; it stands in the log as {reference}")


def _invalid_fields(error: HTTPError) -> Response:
    """APIFlask's own error for a body or query that does not fit; Pydantic's, with all places, is its cause."""
    assert isinstance(error.__cause__, ValidationError)
    return problem(from_validation(error.__cause__))


def _http_problem(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:  # a redirect
        return error
    return problem(from_http(error), headers=_kept_headers(error))


def _kept_headers(error: HTTPException) -> dict[str, str]:
    return {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
