"""Keys, roles, organisations, rates, headers, logs."""

from __future__ import annotations

import json

import pytest

from service.config import Settings
from service.web import create_app
from service.web.services import EXTENSION

PASSWORD = "correct horse battery"
READABLE = ["", "/insights", "/facets", "/themes", "/map", "/groups", "/kpis"]
GET_ROUTES = [
    "/v1/info",
    "/v1/analyses",
    "/v1/analyses/x",
    "/v1/analyses/x/comments",
    "/v1/purposes/x",
    "/v1/kpis",
    "/v1/actions",
]


@pytest.mark.parametrize("path", GET_ROUTES)
@pytest.mark.parametrize("header", [None, "Bearer plk_000000000000_00", "Bearer ", "Basic YTpi", "plk_x_y"])
def test_without_a_valid_key_nothing_is_answered(app, path, header):
    response = app.test_client().get(path, headers={"Authorization": header} if header else {})
    assert (response.status_code, response.json["code"]) == (401, "unauthenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_every_route_of_the_api_needs_a_key(app):
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/v1/"):
            path = rule.rule.replace("<analysis_id>", "x").replace("<purpose_id>", "x")
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                response = client.open(path, method=method, json={} if method in ("POST", "PUT") else None)
                assert response.status_code == 401, f"{method} {path}"


def test_a_session_of_the_pages_is_no_key(app, repository, organisation_id):
    user = repository.create_user(organisation_id, "ann@example.org", PASSWORD, "analyst")
    client = app.test_client()
    with client.session_transaction() as session:
        session["user_id"] = user.user_id
    assert client.get("/v1/analyses").status_code == 401


@pytest.mark.parametrize("part", READABLE)
def test_a_leader_reads_summaries(client_of, completed, part):
    assert client_of("leader").get(f"/v1/analyses/{completed}{part}").status_code == 200


def test_a_leader_reads_no_comments_and_changes_nothing(client_of, completed, batch):
    leader = client_of("leader")
    purpose_id = client_of("analyst").post("/v1/purposes", json={"statement": "We listen."}).json["purpose_id"]
    for response in (
        leader.get(f"/v1/analyses/{completed}/comments"),
        leader.delete(f"/v1/analyses/{completed}"),
        leader.post("/v1/analyses", json=batch),
        leader.post("/v1/score", json={"purpose": "We listen.", "texts": ["a"]}),
        leader.post("/v1/purposes", json={"statement": "We listen."}),
        leader.put(f"/v1/purposes/{purpose_id}/facets", json={"facets": [{"text": "We listen."}]}),
    ):
        assert (response.status_code, response.json["code"]) == (403, "forbidden")
    assert leader.get(f"/v1/analyses/{completed}").status_code == 200


@pytest.mark.parametrize("part", [*READABLE, "/comments"])
def test_a_researcher_reads_everything(client_of, completed, part):
    assert client_of("researcher").get(f"/v1/analyses/{completed}{part}").status_code == 200


@pytest.mark.parametrize("part", [*READABLE, "/comments"])
def test_an_analysis_of_another_organisation_is_not_there(client_of, completed, part):
    other = client_of("analyst", "Other")
    response = other.get(f"/v1/analyses/{completed}{part}")
    assert (response.status_code, response.json["code"]) == (404, "not_found")
    assert other.get("/v1/analyses").json["analyses"] == []


def test_another_organisation_can_neither_delete_nor_use_what_is_not_its_own(client_of, completed, batch):
    other = client_of("analyst", "Other")
    purpose_id = client_of("analyst").post("/v1/purposes", json={"statement": "We listen."}).json["purpose_id"]
    assert other.delete(f"/v1/analyses/{completed}").status_code == 404
    assert other.get(f"/v1/purposes/{purpose_id}").status_code == 404
    assert other.post("/v1/score", json={"purpose_id": purpose_id, "texts": ["a"]}).status_code == 404
    assert client_of("analyst").get(f"/v1/analyses/{completed}").status_code == 200


def test_who_sends_too_much_is_told_so_and_others_are_not_held_up(tmp_path, analyser):
    settings = Settings(_env_file=None, data_dir=tmp_path, rate_limit="3 per minute")
    app = create_app(settings, analyser=analyser, send=lambda _: None)
    repository = app.extensions[EXTENSION].repository
    organisation_id = repository.ensure_organisation("Valley Care").organisation_id
    keys = [repository.create_api_key(organisation_id, "analyst") for _ in range(2)]
    client = app.test_client()

    def get(key: str):
        return client.get("/v1/analyses", headers={"Authorization": f"Bearer {key}"})

    assert [get(keys[0]).status_code for _ in range(3)] == [200] * 3
    refused = get(keys[0])
    assert (refused.status_code, refused.json["code"]) == (429, "rate_limited")
    assert refused.content_type == "application/problem+json"
    assert int(refused.headers["Retry-After"]) <= 61
    assert get(keys[1]).status_code == 200
    assert [client.get("/healthz").status_code for _ in range(5)] == [200] * 5
    repository.close()


def test_guessing_keys_is_held_up_by_address(tmp_path, analyser):
    settings = Settings(_env_file=None, data_dir=tmp_path, rate_limit="3 per minute")
    app = create_app(settings, analyser=analyser, send=lambda _: None)
    client = app.test_client()
    codes = [
        client.get("/v1/analyses", headers={"Authorization": f"Bearer plk_{n:012}_x"}).status_code for n in range(4)
    ]
    assert codes == [401, 401, 401, 429]
    app.extensions[EXTENSION].repository.close()


@pytest.mark.parametrize("path", ["/healthz", "/v1/analyses", "/nothing", "/sign-in"])
def test_every_answer_is_hardened(api, path):
    headers = api.get(path).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in headers["Cache-Control"]


def test_in_production_cookies_and_addresses_are_secure(tmp_path, analyser):
    settings = Settings(_env_file=None, data_dir=tmp_path, environment="production", secret_key="s" * 40)
    app = create_app(settings, analyser=analyser, send=lambda _: None)
    assert app.config["SESSION_COOKIE_SECURE"]
    assert app.config["SESSION_COOKIE_HTTPONLY"]
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert "max-age" in app.test_client().get("/healthz").headers["Strict-Transport-Security"]
    app.extensions[EXTENSION].repository.close()


def test_the_log_has_route_status_and_id_and_no_words(api, batch, capfd):
    request_id = "trace-42"
    api.post("/v1/analyses", json=batch, headers={"X-Request-ID": request_id})
    api.get("/v1/analyses/an_secret")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    first, second = (line for line in lines if line["event"] == "request")
    assert (first["route"], first["status"], first["request_id"]) == ("/v1/analyses", 202, request_id)
    assert first["milliseconds"] > 0
    assert (second["route"], second["status"]) == ("/v1/analyses/<analysis_id>", 404)
    assert "They listen" not in json.dumps(lines)


def test_a_request_id_that_could_break_a_log_is_replaced(api):
    response = api.get("/healthz", headers={"X-Request-ID": 'a"b c'})
    assert response.headers["X-Request-ID"] != 'a"b c'
