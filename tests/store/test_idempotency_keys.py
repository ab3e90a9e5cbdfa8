"""A POST that is sent twice happens once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from service.errors import Conflict, IdempotencyConflict
from service.store import StoredResponse

ANSWER = StoredResponse(status=202, body='{"id": "an_1"}', location="/v1/analyses/an_1")


def test_the_same_request_gets_the_first_answer(repository, organisation_id):
    assert repository.begin_idempotent(organisation_id, "k", "hash") is None
    repository.finish_idempotent(organisation_id, "k", ANSWER, resource_id="an_1")
    assert repository.begin_idempotent(organisation_id, "k", "hash") == ANSWER


def test_another_request_with_the_same_key_is_refused(repository, organisation_id):
    repository.begin_idempotent(organisation_id, "k", "hash")
    repository.finish_idempotent(organisation_id, "k", ANSWER, resource_id="an_1")
    with pytest.raises(IdempotencyConflict):
        repository.begin_idempotent(organisation_id, "k", "other")


def test_the_same_key_of_another_organisation_is_another_key(repository, organisation_id):
    repository.begin_idempotent(organisation_id, "k", "hash")
    other = repository.ensure_organisation("Other").organisation_id
    assert repository.begin_idempotent(other, "k", "different") is None


def test_of_two_requests_at_once_one_goes_ahead(repository, organisation_id):
    def begin(_: int) -> str:
        try:
            return "ahead" if repository.begin_idempotent(organisation_id, "k", "hash") is None else "answered"
        except Conflict:
            return "refused"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(begin, range(4)))
    assert sorted(outcomes) == ["ahead", "refused", "refused", "refused"]


def test_a_request_that_failed_may_be_sent_again(repository, organisation_id):
    repository.begin_idempotent(organisation_id, "k", "hash")
    repository.abandon_idempotent(organisation_id, "k")
    assert repository.begin_idempotent(organisation_id, "k", "hash") is None


def test_a_request_whose_process_died_may_be_sent_again_after_a_while(repository, organisation_id, clock):
    repository.begin_idempotent(organisation_id, "k", "hash")
    clock.move(minutes=3)
    assert repository.begin_idempotent(organisation_id, "k", "hash") is None


def test_keys_are_forgotten_after_a_day(repository, organisation_id, clock):
    repository.begin_idempotent(organisation_id, "k", "hash")
    repository.finish_idempotent(organisation_id, "k", ANSWER, resource_id="an_1")
    clock.move(hours=25)
    assert repository.begin_idempotent(organisation_id, "k", "other") is None
