"""Reading request bodies: content type and JSON; each way to be wrong has its own error."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, NoReturn

from flask import Flask, Request, request
from flask.json.provider import DefaultJSONProvider

from service.errors import MalformedJson, UnsupportedMediaType

JSON_TYPE = "application/json"
FORM_TYPE = "multipart/form-data"


class StrictJson(DefaultJSONProvider):
    """JSON as RFC 8259 has it: no NaN, no infinity; in answers, keys stay in order and letters stay letters."""

    ensure_ascii = False
    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return json.loads(s, parse_constant=_refuse_constant, **kwargs)
        except RecursionError:
            raise ValueError("it is nested too deeply") from None


class JsonRequest(Request):
    """A request that says where its JSON is broken."""

    def on_json_loading_failed(self, e: ValueError | None) -> NoReturn:
        if isinstance(e, json.JSONDecodeError):
            raise MalformedJson(f"the request body is not JSON: line {e.lineno}, column {e.colno}: {e.msg}")
        if isinstance(e, UnicodeDecodeError):
            raise MalformedJson(f"the request body is not JSON: byte {e.start} is not {e.encoding}; send UTF-8")
        raise MalformedJson(f"the request body is not JSON: {e}")


def init_app(app: Flask, *, max_body_mb: int) -> None:
    """Read and write JSON strictly, and refuse bodies over the limit."""
    app.json = StrictJson(app)
    app.request_class = JsonRequest
    app.config.update(MAX_CONTENT_LENGTH=max_body_mb * 1024**2, MAX_FORM_MEMORY_SIZE=max_body_mb * 1024**2)


def check_content_type(accepted: Collection[str]) -> None:
    """The request body must have one of the ``accepted`` types.

    Raises:
        UnsupportedMediaType: it has none or another; both are named.
    """
    if request.mimetype not in accepted:
        sent = request.mimetype or "none"
        raise UnsupportedMediaType(
            f"the content type is {sent!r}; send {' or '.join(sorted(accepted))}", where="Content-Type"
        )


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value; use null")
