"""Themes are edited over HTTP: what comes back, who may, and what is refused without anything changing."""

from __future__ import annotations

import datetime as dt

import pytest

from service.errors import NotFound
from service.ingest import parse_codebook

BATCH = {"purpose": "We listen to each other.", "comments": [{"text": "We are listened to."}]}
RENAME = {"op": "rename", "theme_id": "pay", "name": "What we earn"}
HIDE = {"op": "hide", "theme_id": "pay"}


@pytest.fixture
def client(client_of):
    return client_of("researcher")


def edits(client, analysis_id, version, *asked, **fields):
    body = {"version": version, "edits": list(asked)} | fields
    return client.post(f"/v1/analyses/{analysis_id}/theme-edits", json=body)


def themes(client, analysis_id):
    return client.get(f"/v1/analyses/{analysis_id}/themes").get_json()


def test_an_edit_is_answered_with_the_themes_in_their_new_version_and_stored(client, analysis_id):
    assert themes(client, analysis_id)["version"] == "1"
    answer = edits(client, analysis_id, "1", RENAME)
    assert answer.status_code == 200
    assert answer.get_json()["version"] == "1+1"
    assert answer.get_json()["themes"][0]["name"] == "What we earn"
    assert themes(client, analysis_id) == answer.get_json()
    whole = client.get(f"/v1/analyses/{analysis_id}").get_json()
    assert whole["provenance"]["codebook_version"] == "1+1"


def test_edits_follow_each_other_and_the_last_is_taken_back(client, analysis_id):
    edits(client, analysis_id, "1", RENAME)
    assert edits(client, analysis_id, "1+1", HIDE).get_json()["version"] == "1+2"
    undone = edits(client, analysis_id, "1+2", undo=True)
    assert undone.status_code == 200
    assert undone.get_json()["version"] == "1+3"


def test_an_edit_of_an_older_version_is_a_conflict_that_names_the_newest(client, analysis_id):
    edits(client, analysis_id, "1", RENAME)
    answer = edits(client, analysis_id, "1", HIDE)
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "stale_version"
    assert "'1+1'" in answer.get_json()["detail"]
    assert themes(client, analysis_id)["version"] == "1+1"


def test_of_two_edits_at_once_one_is_stored(repository, analysis_id, organisation_id):
    record = repository.load_study(organisation_id, analysis_id)
    asked = {"before": record.version, "version": "1+1"}
    assert repository.save_study(organisation_id, analysis_id, record.analysis, b"first", **asked)
    assert not repository.save_study(organisation_id, analysis_id, record.analysis, b"second", **asked)
    assert repository.load_study(organisation_id, analysis_id).study == b"first"


@pytest.mark.parametrize(
    ("body", "code", "where"),
    [
        ({"edits": [RENAME]}, "invalid_field", "version"),
        ({"version": "1"}, "invalid_field", "give edits, or undo"),
        ({"version": "1", "edits": [RENAME], "undo": True}, "invalid_field", "give edits, or undo"),
        ({"version": "1", "edits": [RENAME, {"op": "burn"}]}, "invalid_edit", "edits[1].op"),
        ({"version": "1", "edits": [{"op": "merge", "theme_ids": "pay"}]}, "invalid_edit", "edits[0].theme_ids"),
        ({"version": "1", "undo": True}, "invalid_edit", "no edit to take back"),
    ],
)
def test_what_is_no_edit_is_refused_with_its_place_and_changes_nothing(client, analysis_id, body, code, where):
    before = themes(client, analysis_id)
    answer = client.post(f"/v1/analyses/{analysis_id}/theme-edits", json=body)
    assert answer.status_code == 422
    problem = answer.get_json()
    assert problem["code"] == code
    assert where in str(problem)
    assert themes(client, analysis_id) == before


def test_leaders_and_strangers_edit_nothing(client_of, analysis_id):
    assert edits(client_of("leader"), analysis_id, "1", RENAME).status_code == 403
    assert client_of("leader").get(f"/v1/analyses/{analysis_id}/codebook").status_code == 403
    stranger = client_of("researcher", "Other Care")
    assert edits(stranger, analysis_id, "1", RENAME).status_code == 404
    assert stranger.get(f"/v1/analyses/{analysis_id}/codebook").status_code == 404


def test_an_edit_sent_twice_under_one_key_is_made_once(client, analysis_id):
    address, body = f"/v1/analyses/{analysis_id}/theme-edits", {"version": "1", "edits": [RENAME]}
    once, twice = (client.post(address, json=body, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (once.status_code, twice.status_code) == (200, 200)
    assert once.get_json() == twice.get_json()
    assert twice.headers["Idempotency-Replayed"] == "true"


def test_the_codebook_of_the_edited_themes_can_be_given_with_the_next_pulse(
    client, client_of, analysis_id, analyser, work
):
    edits(client, analysis_id, "1", RENAME)
    book = client.get(f"/v1/analyses/{analysis_id}/codebook").get_json()
    assert book["themes"][0]["name"] == "What we earn"
    assert client_of("analyst").post("/v1/analyses", json=BATCH | {"codebook": book}).status_code == 202
    work()
    assert analyser.calls[-1].codebook == parse_codebook(book)


def test_an_analysis_that_is_not_finished_cannot_be_edited(client, client_of):
    made = client_of("analyst").post("/v1/analyses", json=BATCH).get_json()["id"]
    assert edits(client, made, "1", RENAME).status_code == 409


def test_an_analysis_from_before_themes_could_be_edited_says_what_to_do(client, client_of, analyser, repository, sent):
    made = client_of("analyst").post("/v1/analyses", json=BATCH).get_json()["id"]
    job = repository.claim_job(sent.pop(), dt.timedelta(minutes=1))
    repository.complete_job(job, analyser.unpack(b"[]", None).analysis)
    answer = edits(client, made, "1", RENAME)
    assert answer.status_code == 404
    assert "make the analysis again" in answer.get_json()["detail"]


def test_the_study_goes_with_its_analysis(client_of, repository, organisation_id, analysis_id):
    record = repository.load_study(organisation_id, analysis_id)
    assert client_of("analyst").delete(f"/v1/analyses/{analysis_id}").status_code == 204
    with pytest.raises(NotFound):
        repository.load_study(organisation_id, analysis_id)
    assert record.study not in b"".join(file.read_bytes() for file in repository_files(repository))


def repository_files(repository):
    from pathlib import Path

    found = Path(repository._engine.url.database)
    return [file for file in found.parent.glob(f"{found.name}*") if file.is_file()]
