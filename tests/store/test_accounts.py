"""Organisations, users, keys."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from service.errors import Conflict, InvalidField, Unauthenticated

PASSWORD = "correct horse battery"


def _column(repository, query: str) -> list[object]:
    with repository._engine.connect() as connection:
        return list(connection.execute(text(query)).scalars())


def test_an_organisation_is_made_once(repository):
    first, second = (repository.ensure_organisation("Valley Care") for _ in range(2))
    assert first == second
    assert _column(repository, "SELECT count(*) FROM organisations") == [1]


def test_a_user_signs_in_with_address_in_any_case_and_the_right_password(repository, organisation_id):
    repository.create_user(organisation_id, "Ann@Example.org", PASSWORD, "leader")
    user = repository.authenticate(" ann@example.ORG ", PASSWORD)
    assert (user.email, user.role, user.organisation_name) == ("ann@example.org", "leader", "Valley Care")


@pytest.mark.parametrize(("email", "password"), [("ann@example.org", "wrong"), ("nobody@example.org", PASSWORD)])
def test_a_wrong_address_and_a_wrong_password_give_the_same_answer(repository, organisation_id, email, password):
    repository.create_user(organisation_id, "ann@example.org", PASSWORD, "leader")
    with pytest.raises(Unauthenticated, match=r"^the e-mail address or the password is wrong$"):
        repository.authenticate(email, password)


def test_passwords_are_stored_as_argon2_hashes(repository, organisation_id):
    repository.create_user(organisation_id, "ann@example.org", PASSWORD, "leader")
    (stored,) = _column(repository, "SELECT password_hash FROM users")
    assert str(stored).startswith("$argon2id$")
    assert PASSWORD not in str(stored)


@pytest.mark.parametrize(
    ("email", "password", "role", "field"),
    [
        ("no-at-sign", PASSWORD, "leader", "email"),
        ("a@b.c", "short", "leader", "password"),
        ("a@b.c", PASSWORD, "king", "role"),
    ],
)
def test_a_user_with_a_wrong_field_is_refused_with_its_name(repository, organisation_id, email, password, role, field):
    with pytest.raises(InvalidField) as caught:
        repository.create_user(organisation_id, email, password, role)
    assert caught.value.where == field
    assert password not in caught.value.detail


def test_an_address_is_taken_once(repository, organisation_id):
    repository.create_user(organisation_id, "ann@example.org", PASSWORD, "leader")
    with pytest.raises(Conflict, match=r"ann@example\.org"):
        repository.create_user(organisation_id, "ANN@example.org", PASSWORD, "analyst")


def test_a_key_opens_its_organisation_with_its_role(repository, organisation_id):
    key = repository.authenticate_key(repository.create_api_key(organisation_id, "researcher"))
    assert (key.organisation_id, key.role) == (organisation_id, "researcher")


def test_only_a_hash_of_a_key_is_stored(repository, organisation_id):
    key = repository.create_api_key(organisation_id, "analyst")
    secret = key.rsplit("_", 1)[1]
    assert len(secret) == 64
    (stored,) = _column(repository, "SELECT secret_hash FROM api_keys")
    assert stored != secret
    assert len(str(stored)) == 64


@pytest.mark.parametrize("spoil", [lambda key: key[:-1], lambda key: key[:-1] + "x", lambda key: key[4:], lambda _: ""])
def test_a_key_that_is_off_by_anything_is_refused(repository, organisation_id, spoil):
    with pytest.raises(Unauthenticated):
        repository.authenticate_key(spoil(repository.create_api_key(organisation_id, "analyst")))


def test_the_use_of_a_key_is_noted_to_the_minute(repository, organisation_id, clock):
    key = repository.create_api_key(organisation_id, "analyst")
    used = "SELECT last_used_at FROM api_keys"
    assert _column(repository, used) == [None]
    repository.authenticate_key(key)
    first = _column(repository, used)
    assert first != [None]
    clock.move(seconds=59)
    repository.authenticate_key(key)
    assert _column(repository, used) == first
    clock.move(seconds=2)
    repository.authenticate_key(key)
    assert _column(repository, used) != first
