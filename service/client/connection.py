"""The connection to a service: requests that are sent again where that is safe, and its problems as errors."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import httpx

from service import errors
from service.errors import InternalError, PlumblineError

_TRIES = 3
_FIRST_PAUSE = 0.2
_LONGEST_RETRY_PAUSE = 60.0
_PAGE = 500
_ERRORS: dict[str, type[PlumblineError]] = {
    item.code: item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, PlumblineError)
}


class Connection:
    """Requests to the service at ``base_url`` with ``key``; see ``service.client.Client``."""

    def __init__(
        self, base_url: str, key: str, *, timeout: float = 60.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = httpx.Client(
            base_url=base_url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=timeout,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _pages(self, path: str, field: str, **filters: str) -> Iterator[Any]:
        cursor: str | None = None
        while True:
            params = {"limit": _PAGE, **filters} | ({"cursor": cursor} if cursor else {})
            page = self._call("GET", path, params=params).json()
            yield from page[field]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _get(self, path: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._call("GET", path).json()
        return answer

    def _post(self, path: str, body: dict[str, Any], *, once: bool = False) -> dict[str, Any]:
        headers = {"Idempotency-Key": uuid.uuid4().hex} if once else {}
        answer: dict[str, Any] = self._call("POST", path, json=body, headers=headers).json()
        return answer

    def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request; one that never arrived or came too fast is sent again, which is safe for all of them."""
        for attempt in range(1, _TRIES + 1):
            last = attempt == _TRIES
            try:
                response = self._http.request(method, path, **options)
            except (httpx.ConnectError, httpx.RemoteProtocolError):
                # Not reached, or an idle connection that the service closed as it was used again.
                if last:
                    raise
                time.sleep(_FIRST_PAUSE * attempt)
                continue
            if response.status_code != httpx.codes.TOO_MANY_REQUESTS or last:
                break
            time.sleep(min(float(response.headers.get("Retry-After", "1")), _LONGEST_RETRY_PAUSE))
        if response.is_error:
            raise _problem(response)
        return response


def _problem(response: httpx.Response) -> PlumblineError:
    """The error a problem stands for; an answer that is none came from something between here and the service."""
    try:
        body = response.json()
        code, detail = body["code"], body["detail"]
    except (ValueError, KeyError, TypeError):
        return InternalError(f"the service answered {response.status_code} and no problem; is {response.url} right?")
    listed = body.get("errors")
    return error_of(code, detail, listed[0]["path"] if listed else None)


def error_of(code: str, detail: str, where: str | None = None) -> PlumblineError:
    return _ERRORS.get(code, PlumblineError)(detail, where=where)
