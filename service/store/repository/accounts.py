"""Organisations, users and API keys."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError

from service.errors import Conflict, InvalidField, Unauthenticated
from service.store.records import ROLES, ApiKey, Organisation, Role, User
from service.store.repository.base import RepositoryBase, new_id
from service.store.tables import ApiKeyRow, OrganisationRow, UserRow

KEY_MARK = "plk"
MIN_PASSWORD_CHARS = 12
_LAST_USED_STEP = dt.timedelta(minutes=1)
_HASHER = PasswordHasher()
# Verified against when there is no such user, so that the answer takes as long as for a wrong password.
_DUMMY_HASH = _HASHER.hash(secrets.token_urlsafe(16))


class Accounts(RepositoryBase):
    """Who may do what."""

    def ensure_organisation(self, name: str) -> Organisation:
        """The organisation of that name, made when there is none.

        Raises:
            InvalidField: the name is empty or longer than 200 characters.
        """
        name = name.strip()
        if not 0 < len(name) <= 200:
            raise InvalidField("an organisation's name has 1 to 200 characters", where="organisation")
        wanted = select(OrganisationRow).where(OrganisationRow.name == name)
        with self._sessions() as session:
            row = session.scalar(wanted)
            if row is None:
                session.add(OrganisationRow(id=new_id("org"), name=name, created_at=self._now()))
                try:
                    session.commit()
                except IntegrityError:  # another process made it meanwhile
                    session.rollback()
                row = session.scalars(wanted).one()
            return Organisation(organisation_id=row.id, name=row.name)

    def create_user(self, organisation_id: str, email: str, password: str, role: str) -> User:
        """Add somebody who can sign in.

        Raises:
            InvalidField: the address has no ``@``, the password is too short, the role is unknown.
            Conflict: the address is taken.
        """
        email = _fold(email)
        if "@" not in email or len(email) > 320:
            raise InvalidField(f"{email!r} is not an e-mail address", where="email")
        if len(password) < MIN_PASSWORD_CHARS:
            raise InvalidField(f"a password needs at least {MIN_PASSWORD_CHARS} characters", where="password")
        row = UserRow(
            id=new_id("usr"),
            organisation_id=organisation_id,
            email=email,
            password_hash=_HASHER.hash(password),
            role=_check_role(role),
            created_at=self._now(),
        )
        try:
            with self._sessions.begin() as session:
                session.add(row)
        except IntegrityError:
            raise Conflict(f"there is already a user {email}", where="email") from None
        user = self.get_user(row.id)
        assert user is not None
        return user

    def authenticate(self, email: str, password: str) -> User:
        """The user with this address and password.

        Raises:
            Unauthenticated: there is none; whether the address or the password was wrong is not said.
        """
        with self._sessions.begin() as session:
            row = session.scalar(select(UserRow).where(UserRow.email == _fold(email)))
            try:
                _HASHER.verify(row.password_hash if row else _DUMMY_HASH, password)
            except (VerificationError, InvalidHashError):
                row = None
            if row is None:
                raise Unauthenticated("the e-mail address or the password is wrong")
            if _HASHER.check_needs_rehash(row.password_hash):
                row.password_hash = _HASHER.hash(password)
            user_id = row.id
        user = self.get_user(user_id)
        assert user is not None
        return user

    def get_user(self, user_id: str) -> User | None:
        query = (
            select(UserRow, OrganisationRow.name)
            .join(OrganisationRow, OrganisationRow.id == UserRow.organisation_id)
            .where(UserRow.id == user_id)
        )
        with self._sessions() as session:
            found = session.execute(query).one_or_none()
        if found is None:
            return None
        row, organisation = found
        return User(
            user_id=row.id,
            organisation_id=row.organisation_id,
            organisation_name=organisation,
            email=row.email,
            role=_check_role(row.role),
        )

    def create_api_key(self, organisation_id: str, role: str) -> str:
        """Make an API key and return it; it cannot be read again, only its hash is kept.

        Raises:
            InvalidField: the role is unknown.
        """
        prefix, secret = secrets.token_hex(6), secrets.token_hex(32)
        with self._sessions.begin() as session:
            session.add(
                ApiKeyRow(
                    id=new_id("key"),
                    organisation_id=organisation_id,
                    prefix=prefix,
                    secret_hash=_hash(secret),
                    role=_check_role(role),
                    created_at=self._now(),
                )
            )
        return f"{KEY_MARK}_{prefix}_{secret}"

    def authenticate_key(self, key: str) -> ApiKey:
        """The key's record; notes, to the minute, that it was used.

        Raises:
            Unauthenticated: there is no such key.
        """
        mark, _, rest = key.partition("_")
        prefix, _, secret = rest.partition("_")
        query = (
            select(ApiKeyRow, OrganisationRow.name)
            .join(OrganisationRow, OrganisationRow.id == ApiKeyRow.organisation_id)
            .where(ApiKeyRow.prefix == prefix)
        )
        with self._sessions() as session:
            found = session.execute(query).one_or_none() if mark == KEY_MARK and prefix.isalnum() else None
            stored = found[0].secret_hash if found else _hash("")
            if not hmac.compare_digest(stored, _hash(secret)) or found is None:
                raise Unauthenticated("the API key is not valid; make one with 'python -m service keys create'")
            row, organisation = found
            now = self._now()
            if row.last_used_at is None or now - row.last_used_at >= _LAST_USED_STEP:
                stale = or_(ApiKeyRow.last_used_at.is_(None), ApiKeyRow.last_used_at < now)
                session.execute(update(ApiKeyRow).where(ApiKeyRow.id == row.id, stale).values(last_used_at=now))
                session.commit()
            return ApiKey(
                key_id=row.id,
                organisation_id=row.organisation_id,
                organisation_name=organisation,
                prefix=row.prefix,
                role=_check_role(row.role),
            )


def _fold(email: str) -> str:
    return email.strip().casefold()


def _hash(secret: str) -> str:
    """sha256 is enough for a secret of 256 random bits; a slow hash is for passwords, which can be guessed."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _check_role(role: str) -> Role:
    for known in ROLES:
        if role == known:
            return known
    raise InvalidField(f"role {role!r} is not one of {', '.join(ROLES)}", where="role")
