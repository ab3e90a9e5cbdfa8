"""Actions: kept with the insight as it was, listed, one organisation's own, gone with their analysis."""

from __future__ import annotations

import datetime as dt

import pytest

from service.errors import InvalidField, NotFound
from service.store import StoredResponse
from service.store.repository.base import encode_cursor
from tests.builders import make_analysis

INSIGHTS = {insight.kind: insight for insight in make_analysis().insights}
DECIDED = {"description": "Talks every Friday", "owner": "Ada", "date": dt.date(2026, 5, 1), "expected_change": 7.5}


@pytest.fixture
def analysis_id(repository, organisation_id, asked, comments) -> str:
    return repository.create_analysis(organisation_id, asked, comments)[0]


def _add(repository, organisation_id, analysis_id, kind="facet_lived", **change):
    return repository.add_action(organisation_id, analysis_id, INSIGHTS[kind], **(DECIDED | change))


def test_an_action_is_kept_with_the_insight_as_it_was(repository, organisation_id, analysis_id, clock):
    made = _add(repository, organisation_id, analysis_id)
    assert repository.get_action(organisation_id, made.action_id) == made
    assert (made.headline, made.kind, made.facet_id) == (
        INSIGHTS["facet_lived"].headline,
        "facet_lived",
        INSIGHTS["facet_lived"].facet_id,
    )
    assert (made.measure, made.date, made.expected_change, made.created_at) == (
        "alignment",
        dt.date(2026, 5, 1),
        7.5,
        clock.now,
    )
    group = _add(repository, organisation_id, analysis_id, "group_differs", description="𝔡" * 2_000, owner="𝔬" * 200)
    assert repository.get_action(organisation_id, group.action_id) == group
    assert (group.cut, group.group, group.facet_id) == ("department", "Warehouse and equipment stores", None)
    theme = _add(repository, organisation_id, analysis_id, "suggestion")
    assert (theme.measure, theme.theme_id) == ("prevalence", "tools")


def test_the_list_is_newest_first_in_pages_and_by_analysis(repository, organisation_id, analysis_id, asked, comments):
    other, _ = repository.create_analysis(organisation_id, asked, comments)
    made = [_add(repository, organisation_id, analysis_id) for _ in range(5)]  # at one time
    elsewhere = _add(repository, organisation_id, other)
    found, cursor = [], None
    while True:
        page = repository.list_actions(organisation_id, limit=2, cursor=cursor)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(found, key=lambda action: action.action_id) == sorted(
        [*made, elsewhere], key=lambda action: action.action_id
    )
    assert repository.list_actions(organisation_id, analysis_id=other).items == (elsewhere,)
    assert repository.list_actions(organisation_id, analysis_id="an_none").items == ()
    for wrong in ("nonsense", encode_cursor(10**30, "x"), encode_cursor("x", 1)):
        with pytest.raises(InvalidField):
            repository.list_actions(organisation_id, cursor=wrong)


def test_a_later_action_stands_first(repository, organisation_id, analysis_id, clock):
    first = _add(repository, organisation_id, analysis_id)
    clock.move(seconds=1)
    second = _add(repository, organisation_id, analysis_id)
    assert repository.list_actions(organisation_id).items == (second, first)


def test_actions_are_an_organisations_own(repository, organisation_id, analysis_id):
    other = repository.ensure_organisation("Other").organisation_id
    action_id = _add(repository, organisation_id, analysis_id).action_id
    assert repository.list_actions(other).items == ()
    for attempt in (
        lambda: repository.get_action(other, action_id),
        lambda: repository.delete_action(other, action_id),
        lambda: _add(repository, other, analysis_id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert len(repository.list_actions(organisation_id).items) == 1


@pytest.mark.parametrize("what", ["action", "analysis"])
def test_an_action_goes_with_the_answer_that_told_of_it(repository, organisation_id, analysis_id, what):
    action_id = _add(repository, organisation_id, analysis_id).action_id
    repository.begin_idempotent(organisation_id, "k", "hash")
    answer = StoredResponse(status=201, body="{}", location=f"/v1/actions/{action_id}")
    repository.finish_idempotent(organisation_id, "k", answer, resource_id=action_id)
    if what == "action":
        repository.delete_action(organisation_id, action_id)
    else:
        repository.delete_analysis(organisation_id, analysis_id)
    with pytest.raises(NotFound):
        repository.get_action(organisation_id, action_id)
    with pytest.raises(NotFound):
        repository.delete_action(organisation_id, action_id)
    assert repository.begin_idempotent(organisation_id, "k", "another hash") is None


def test_nothing_is_decided_on_an_analysis_that_is_not_there(repository, organisation_id):
    with pytest.raises(NotFound):
        _add(repository, organisation_id, "an_none")
