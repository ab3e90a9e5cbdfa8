"""Who is asking: API keys on /v1, a signed session on the pages, and what each role may do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, g, request, session

from service.config import Settings
from service.errors import Forbidden, Unauthenticated
from service.store import Role, User
from service.web.services import services

P = ParamSpec("P")
R = TypeVar("R")

_USER = "user_id"
_PRINCIPAL = "principal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who makes this request, and for which organisation.

    Attributes:
        subject: id of the user or key; rate limits count by it.
        name: the user's e-mail address, or the key's public prefix.
    """

    subject: str
    organisation_id: str
    organisation_name: str
    role: Role
    name: str


def init_app(app: Flask, settings: Settings) -> None:
    """Sign sessions with the secret key and keep them in a cookie that scripts and other sites cannot use."""
    app.config.update(
        SECRET_KEY=settings.resolved_secret_key(),
        SESSION_COOKIE_NAME="plumbline",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.environment == "production",
        PERMANENT_SESSION_LIFETIME=dt.timedelta(hours=settings.session_hours),
        SESSION_REFRESH_EACH_REQUEST=False,
    )


def login(user: User) -> None:
    """Begin a session for ``user``; whatever an earlier session held is dropped."""
    session.clear()
    session[_USER] = user.user_id
    session.permanent = True
    g.pop(_PRINCIPAL, None)


def logout() -> None:
    """End the session."""
    session.clear()
    g.pop(_PRINCIPAL, None)


def current_user() -> Principal | None:
    """Who asks: on /v1 by the ``Authorization: Bearer`` key, elsewhere by the session; None when nobody signed in.

    Raises:
        Unauthenticated: a key was sent and is not valid.
    """
    if _PRINCIPAL not in g:
        g.principal = _by_key() if request.path.startswith("/v1/") else _by_session()
    principal: Principal | None = g.principal
    return principal


def signed_in() -> Principal:
    """Who asks.

    Raises:
        Unauthenticated: nobody signed in and no key was sent.
    """
    principal = current_user()
    if principal is None:
        raise Unauthenticated("sign in, or send an API key as 'Authorization: Bearer plk_…'")
    return principal


def require_role(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view be called only by ``roles``; by every signed-in role when none is named.

    Raises:
        Unauthenticated: nobody signed in and no key was sent.
        Forbidden: the role is another one.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            principal = signed_in()
            if roles and principal.role not in roles:
                raise Forbidden(f"role {principal.role!r} may not do this; it takes {' or '.join(roles)}")
            return view(*args, **kwargs)

        return checked

    return decorate


def _by_key() -> Principal | None:
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, key = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("send the API key as 'Authorization: Bearer plk_…'")
    record = services().repository.authenticate_key(key.strip())
    return Principal(
        subject=record.key_id,
        organisation_id=record.organisation_id,
        organisation_name=record.organisation_name,
        role=record.role,
        name=record.prefix,
    )


def _by_session() -> Principal | None:
    user = services().repository.get_user(session[_USER]) if _USER in session else None
    if user is None:
        return None
    return Principal(
        subject=user.user_id,
        organisation_id=user.organisation_id,
        organisation_name=user.organisation_name,
        role=user.role,
        name=user.email,
    )
