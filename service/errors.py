"""The one exception tree. Every error has a stable code, an HTTP status and a sentence that says what to do.

PlumblineError
├── InvalidInput                 what the user gave cannot be used
│   ├── MissingPurpose
│   ├── EmptyBatch
│   ├── MissingColumn
│   ├── BrokenRow
│   ├── UnreadableFile
│   ├── DuplicateIds
│   ├── InvalidPurpose
│   ├── InvalidCodebook
│   ├── InvalidEdit
│   ├── InvalidCut
│   ├── InvalidRating
│   ├── DifferentPurposes
│   ├── MalformedJson
│   ├── UnsupportedMediaType
│   ├── InvalidField
│   └── TooLarge
├── AccessError
│   ├── Unauthenticated
│   ├── Forbidden
│   └── RateLimited
├── NotFound
├── MethodNotAllowed
├── Conflict
│   ├── NotReady
│   ├── StaleVersion
│   └── IdempotencyConflict
├── ConfigurationError           the service cannot start as it is set up
│   └── ModelIntegrityError
└── InternalError                a fault of ours; never carries anybody's words
"""

from __future__ import annotations

from typing import ClassVar


class PlumblineError(Exception):
    """Root of every error Plumbline raises on purpose.

    Args:
        detail: a sentence that says what was wrong, with which value, where, and what would be right. It never
            contains a comment's text.
        where: the place, as precise as known: a field path (``comments[3].text``), a row and column, a file name.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Error"

    def __init__(self, detail: str, *, where: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.where = where


class InvalidInput(PlumblineError):
    """What the user gave cannot be used as it is."""

    code = "invalid_input"
    status = 422
    title = "Invalid input"


class MissingPurpose(InvalidInput):
    """No purpose statement was given, or it has no words in it."""

    code = "missing_purpose"
    title = "No purpose statement"


class EmptyBatch(InvalidInput):
    """There is not one comment to analyse."""

    code = "empty_batch"
    title = "No comments"


class MissingColumn(InvalidInput):
    """A column that was asked for, or the text column, is not in the file."""

    code = "missing_column"
    title = "Column not found"


class BrokenRow(InvalidInput):
    """A row of the file cannot be read; the row and column are named."""

    code = "broken_row"
    title = "Unreadable row"


class UnreadableFile(InvalidInput):
    """The file cannot be opened, decoded or parsed, or its kind is not one Plumbline reads."""

    code = "unreadable_file"
    title = "Unreadable file"


class DuplicateIds(InvalidInput):
    """Two comments carry the same id."""

    code = "duplicate_ids"
    title = "Duplicate comment ids"


class InvalidPurpose(InvalidInput):
    """The purpose file or its facets are malformed."""

    code = "invalid_purpose"
    title = "Invalid purpose"


class InvalidCodebook(InvalidInput):
    """The codebook is malformed: duplicate ids, missing parent, theme without definition or examples, a cycle."""

    code = "invalid_codebook"
    title = "Invalid codebook"


class InvalidEdit(InvalidInput):
    """An edit of the themes that cannot be made; nothing was changed."""

    code = "invalid_edit"
    title = "Invalid edit of themes"


class InvalidCut(InvalidInput):
    """A cut cannot be used: unknown, without respondent ids, or with so many values that it looks like an id."""

    code = "invalid_cut"
    title = "Invalid cut"


class InvalidRating(InvalidInput):
    """A rating column holds something that is not a number."""

    code = "invalid_rating"
    title = "Invalid rating"


class DifferentPurposes(InvalidInput):
    """Pulses of different purposes were to be set beside each other."""

    code = "different_purposes"
    title = "Different purposes"


class MalformedJson(InvalidInput):
    """The request body is not JSON."""

    code = "malformed_json"
    status = 400
    title = "Malformed JSON"


class UnsupportedMediaType(InvalidInput):
    """The request body has a content type that this address does not take."""

    code = "unsupported_media_type"
    status = 415
    title = "Unsupported content type"


class InvalidField(InvalidInput):
    """A field of the request has a wrong type or value; its path is named."""

    code = "invalid_field"
    title = "Invalid field"


class ModelUnavailable(InvalidInput):
    """A model was asked for whose package is not installed; says how to install it."""

    code = "model_unavailable"
    title = "Model not installed"


class TooLarge(InvalidInput):
    """The request is over a limit; the limit is named."""

    code = "too_large"
    status = 413
    title = "Too large"


class AccessError(PlumblineError):
    """The caller may not do this."""

    code = "access_error"
    status = 403
    title = "Access denied"


class Unauthenticated(AccessError):
    """No key or session, or one that is not valid."""

    code = "unauthenticated"
    status = 401
    title = "Sign in or send a key"


class Forbidden(AccessError):
    """The key or user is valid, but its role may not do this."""

    code = "forbidden"
    title = "Not allowed for this role"


class RateLimited(AccessError):
    """Too many requests in a short time."""

    code = "rate_limited"
    status = 429
    title = "Too many requests"


class NotFound(PlumblineError):
    """There is no such thing, or not for this organisation."""

    code = "not_found"
    status = 404
    title = "Not found"


class MethodNotAllowed(PlumblineError):
    """The address exists, but not with this HTTP method."""

    code = "method_not_allowed"
    status = 405
    title = "Method not allowed"


class Conflict(PlumblineError):
    """The request does not fit the state things are in."""

    code = "conflict"
    status = 409
    title = "Conflict"


class NotReady(Conflict):
    """The analysis has not finished, or has failed, so it has no results."""

    code = "not_ready"
    title = "Results are not ready"


class StaleVersion(Conflict):
    """What was to be edited has been edited since: the version named is not the newest. The newest is told."""

    code = "stale_version"
    title = "Not the newest version"


class IdempotencyConflict(Conflict):
    """The same Idempotency-Key came with a different body."""

    code = "idempotency_conflict"
    title = "Idempotency key reused"


class ConfigurationError(PlumblineError):
    """The service cannot start as it is set up; the setting is named."""

    code = "configuration_error"
    title = "Configuration error"


class ModelIntegrityError(ConfigurationError):
    """A weights file is missing or its sha256 is not the one in the manifest; the file and both hashes are named."""

    code = "model_integrity"
    title = "Model weights refused"


class InternalError(PlumblineError):
    """A fault of ours. Carries a reference to the log, never anybody's words."""

    code = "internal_error"
    title = "Internal error"
