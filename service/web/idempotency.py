"""``Idempotency-Key``: the same POST sent twice happens once and is answered the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, request

from service.errors import InvalidField
from service.store import StoredResponse
from service.web.auth import signed_in
from service.web.services import services

P = ParamSpec("P")

HEADER = "Idempotency-Key"
_MAX_KEY_CHARS = 255


def idempotent(view: Callable[P, Response]) -> Callable[P, Response]:
    """Answer a repeated key as the first time. The view's answer must have a ``Location`` that ends in the new id.

    Raises:
        InvalidField: the key is too long.
        IdempotencyConflict: the key came before with another request.
    """

    @wraps(view)
    def once(*args: P.args, **kwargs: P.kwargs) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return view(*args, **kwargs)
        if not 0 < len(key) <= _MAX_KEY_CHARS:
            raise InvalidField(f"{HEADER} must have 1 to {_MAX_KEY_CHARS} characters", where=HEADER)
        repository, organisation_id = services().repository, signed_in().organisation_id
        earlier = repository.begin_idempotent(organisation_id, key, _fingerprint())
        if earlier is not None:
            return _replay(earlier)
        try:
            response = view(*args, **kwargs)
        except BaseException:
            repository.abandon_idempotent(organisation_id, key)
            raise
        location = response.headers["Location"]
        stored = StoredResponse(status=response.status_code, body=response.get_data(as_text=True), location=location)
        repository.finish_idempotent(organisation_id, key, stored, resource_id=location.rsplit("/", 1)[-1])
        return response

    return once


def _replay(earlier: StoredResponse) -> Response:
    response = Response(earlier.body, status=earlier.status, content_type="application/json")
    response.headers["Idempotency-Replayed"] = "true"
    if earlier.location:
        response.headers["Location"] = earlier.location
    return response


def _fingerprint() -> str:
    """Hash of method, path and body; of a form its fields and files, as the boundary between them differs each time."""
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    if request.mimetype != "multipart/form-data":
        digest.update(request.get_data())
        return digest.hexdigest()
    for name, value in sorted(request.form.items(multi=True)):
        digest.update(f"{name}={value}\n".encode(errors="replace"))
    for name, file in sorted(request.files.items(multi=True), key=lambda item: item[0]):
        digest.update(f"{name}:{file.filename}\n".encode(errors="replace"))
        digest.update(hashlib.file_digest(file.stream, "sha256").digest())  # type: ignore[arg-type]
        file.stream.seek(0)
    return digest.hexdigest()
