"""Purposes, score, info, health, metrics, idempotency, OpenAPI."""

from __future__ import annotations

import io

import pytest


def test_a_purpose_is_split_into_facets_and_found_at_its_address(api):
    response = api.post("/v1/purposes", json={"statement": "We listen to each other. We learn from mistakes."})
    assert response.status_code == 201
    assert [facet["text"] for facet in response.json["facets"]] == [
        "We listen to each other.",
        "We learn from mistakes.",
    ]
    assert api.get(response.headers["Location"]).json == response.json


def test_facets_that_were_read_can_be_changed_and_put_back(api):
    made = api.post("/v1/purposes", json={"statement": "We listen to each other. We learn."}).json
    facets = made["facets"]
    facets[0]["contradicts"] = ["Nobody asks us."]
    facets.append({"text": "We share what we know."})
    put = api.put(f"/v1/purposes/{made['purpose_id']}/facets", json={"facets": facets})
    assert put.status_code == 200
    assert put.json["version"] == 2
    assert put.json["facets"][0]["contradicts"] == ["Nobody asks us."]
    assert put.json["facets"][0]["facet_id"] == made["facets"][0]["facet_id"]
    assert len(put.json["facets"]) == 3
    assert api.get(f"/v1/purposes/{made['purpose_id']}").json == put.json


def test_score_writes_the_lines_of_the_contract_in_order(api):
    texts = ["They listen.", {"id": "own", "text": "Never.", "question": "How?", "source": "goal"}]
    response = api.post("/v1/score", json={"purpose": "We listen.", "texts": texts})
    assert response.status_code == 200
    lines = response.json["results"]
    assert [line["id"] for line in lines] == ["c1", "own"]
    assert lines[0] == {
        "id": "c1",
        "status": "scored",
        "alignment": 0.25,
        "suggestion": False,
        "facets": [{"facet_id": "listen", "relevance": 0.5, "stance": 0.5, "alignment": 0.25}],
    }


def test_info_tells_limits_and_models(api, settings):
    info = api.get("/v1/info").json
    assert info["limits"]["max_comments"] == settings.max_comments
    assert info["limits"]["max_wait_seconds"] == 30
    assert info["disclosure"] == {"min_respondents": 5, "min_verbatim_respondents": 10}
    assert info["models"] == {"embedder": "fake@1", "stance": "fake@1"}


def test_info_has_the_validity_card(api):
    card = api.get("/v1/info").json["validity"]
    assert card["limits"] == ["It misses irony."]
    (figure,) = card["figures"]
    assert (figure["value"], figure["low"], figure["high"], figure["n"]) == (0.8, 0.7, 0.9, 50)
    assert (figure["baseline"], figure["against"]) == (0.5, "cosine")


def test_health_needs_no_key(app):
    assert app.test_client().get("/healthz").json == {"status": "ok"}


def test_ready_means_a_real_inference_and_a_real_query(app, analyser):
    response = app.test_client().get("/readyz")
    assert (response.status_code, response.json["checks"]) == (200, {"database": "ok", "models": "ok"})
    assert analyser.warmed == 1


def test_a_broken_model_or_database_is_not_ready_and_says_which(app, analyser, repository, monkeypatch):
    def fail() -> None:
        raise RuntimeError("secret place")

    monkeypatch.setattr(analyser, "warm_up", fail)
    response = app.test_client().get("/readyz")
    assert response.status_code == 503
    assert response.json["checks"]["database"] == "ok"
    assert response.json["checks"]["models"].startswith("failed")
    monkeypatch.setattr(repository, "ping", fail)
    assert app.test_client().get("/readyz").json["checks"]["database"].startswith("failed")
    assert "secret place" not in response.get_data(as_text=True)


def test_metrics_count_requests_and_jobs(api, batch):
    api.post("/v1/analyses", json=batch)
    text = api.get("/metrics").get_data(as_text=True)
    assert 'plumbline_requests_total{method="POST",route="/v1/analyses",status="202"} 1.0' in text
    assert 'plumbline_jobs{state="queued"} 1.0' in text
    assert "plumbline_request_seconds_bucket" in text


@pytest.mark.parametrize("path", ["/v1/analyses", "/v1/purposes"])
def test_the_same_key_with_the_same_body_happens_once(api, batch, sent, path):
    body = batch if path.endswith("analyses") else {"statement": "We listen."}
    first, again = (api.post(path, json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(sent) == path.endswith("analyses")


def test_the_same_key_with_another_body_is_a_conflict(api, batch, sent):
    api.post("/v1/analyses", json=batch, headers={"Idempotency-Key": "k1"})
    other = api.post("/v1/analyses", json={**batch, "name": "x"}, headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.json["code"]) == (409, "idempotency_conflict")
    assert len(sent) == 1


def test_a_request_that_was_refused_may_be_corrected_under_the_same_key(api, batch):
    headers = {"Idempotency-Key": "k1"}
    assert api.post("/v1/analyses", json={**batch, "comments": []}, headers=headers).status_code == 422
    assert api.post("/v1/analyses", json=batch, headers=headers).status_code == 202


def test_an_upload_is_the_same_whatever_the_boundary_between_its_parts(api, sent):
    def upload(text: bytes):
        form = {"file": (io.BytesIO(b"text\n" + text), "a.csv"), "purpose": "We listen."}
        return api.post("/v1/analyses", data=form, headers={"Idempotency-Key": "k1"})

    first, again, other = upload(b"hi\n"), upload(b"hi\n"), upload(b"ho\n")
    assert (first.status_code, again.json) == (202, first.json)
    assert other.json["code"] == "idempotency_conflict"
    assert len(sent) == 1


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_of_wrong_length_is_refused(api, batch, key):
    response = api.post("/v1/analyses", json=batch, headers={"Idempotency-Key": key})
    assert (response.status_code, response.json["code"]) == (422, "invalid_field")


def test_two_organisations_may_use_the_same_key(client_of, batch):
    codes = [
        client_of("analyst", name).post("/v1/analyses", json=batch, headers={"Idempotency-Key": "k"}).status_code
        for name in ("One", "Two")
    ]
    assert codes == [202, 202]


def test_a_purpose_that_cannot_be_used_is_refused_and_not_stored(api):
    response = api.post("/v1/purposes", json={"statement": "Excellence"})
    assert response.status_code == 422
    assert response.json["code"] == "invalid_purpose"


def test_what_is_doubtful_about_a_purpose_is_said_when_it_is_stored_and_when_it_is_read(api):
    made = api.post("/v1/purposes", json={"statement": "We do the same. We do the same thing."}).json
    assert made["notes"] == ["The facets say nearly the same."]
    assert api.get(f"/v1/purposes/{made['purpose_id']}").json["notes"] == made["notes"]
