"""Actions through the Python client."""

from __future__ import annotations

import datetime as dt

import httpx
import pytest

from service import errors
from service.client import Client
from tests.web.acting import CHANGE, asked_for

__all__ = ["asked_for"]


@pytest.fixture
def client(app, repository, organisation_id):
    key = repository.create_api_key(organisation_id, "leader")
    with Client("http://plumbline.test", key, transport=httpx.WSGITransport(app=app)) as client:
        yield client


def test_an_action_is_decided_followed_and_deleted(client, analysis_id, asked_for):
    day = dt.date(2026, 4, 2)
    made = client.add_action(analysis_id, "i-01", description="Thanks", owner="Ada", expected_change=5, date=day)
    assert (made.date, made.facet_id, made.measure, made.expected_change) == (day, "care", "alignment", 5.0)
    (followed,) = client.actions(analysis_id)
    assert followed.action == made
    assert (followed.outcome.verdict, followed.outcome.change) == ("moved", CHANGE)
    assert [report.action for report in client.actions()] == [made]
    client.delete_action(made.action_id)
    assert client.actions() == []
    with pytest.raises(errors.NotFound):
        client.delete_action(made.action_id)


def test_what_is_wrong_is_raised_as_the_error_that_it_is(client, analysis_id):
    wanted = {"description": "Thanks", "owner": "Ada", "expected_change": 5.0}
    with pytest.raises(errors.InvalidField, match="no insight 'i-99'; it has i-01"):
        client.add_action(analysis_id, "i-99", **wanted)
    with pytest.raises(errors.InvalidField, match="0 is no change"):
        client.add_action(analysis_id, "i-01", **wanted | {"expected_change": 0})
    with pytest.raises(errors.NotFound):
        client.actions("an_none")
