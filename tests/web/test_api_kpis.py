"""KPIs over HTTP: in as JSON or CSV, listed, beside the alignment of an analysis; bad rows are named."""

from __future__ import annotations

import io

import pytest

GOOD = {"cut": "department", "group": "Ambulance", "period": "2026-Q1", "kpi": "turnover", "value": 0.12}
TENURE = ["Under 1 year", "1 to 4 years", "5 years and more"]
DEPARTMENTS = ["Ambulance", "Warehouse and equipment stores", "Booking office", "Community care", "Legal", "Fleet"]


def _csv(api, text: str, *, key: str | None = None, **form):
    data = {"file": (io.BytesIO(text.encode()), "kpis.csv"), **form}
    return api.post("/v1/kpis", data=data, headers={"Idempotency-Key": key} if key else {})


def _kept(api) -> list[dict]:
    return api.get("/v1/kpis").json["kpis"]


def _errors(response) -> dict[str, str]:
    assert response.status_code == 422, response.text
    return {error["path"]: error["message"] for error in response.json["errors"]}


def test_kpis_are_kept_listed_and_replaced_when_given_again(api, completed):
    response = api.post("/v1/kpis", json={"kpis": [GOOD, GOOD | {"cut": None, "kpi": "engagement", "value": 4}]})
    assert (response.status_code, response.headers["Location"]) == (201, "/v1/kpis")
    assert response.json == {"stored": 2, "created": 2, "replaced": 0}
    again = api.post("/v1/kpis", json={"analysis_id": completed, "kpis": [GOOD | {"value": -1}]})
    assert again.json == {"stored": 1, "created": 0, "replaced": 1}
    kept = _kept(api)
    assert [(item["kpi"], item["cut"], item["value"]) for item in kept] == [
        ("engagement", None, 4.0),
        ("turnover", "department", -1.0),
    ]
    assert [item["kpi"] for item in api.get("/v1/kpis?kpi=turnover").json["kpis"]] == ["turnover"]
    assert api.get("/v1/kpis?group=Fleet").json == {"kpis": [], "next_cursor": None}


def test_a_csv_is_kept_like_json(api, completed):
    text = "KPI;Group;Period;Value;Note\nproject completion;Ambulance;2026-03;87.5;x\nturnover; Fleet ;2026;1e-1;\n"
    response = _csv(api, text, analysis_id=completed)
    assert (response.status_code, response.json["stored"]) == (201, 2)
    assert [(k["kpi"], k["cut"], k["group"], k["period"], k["value"]) for k in _kept(api)] == [
        ("project completion", None, "Ambulance", "2026-03", 87.5),
        ("turnover", None, "Fleet", "2026", 0.1),
    ]


def test_the_list_comes_in_pages(api, completed):
    api.post("/v1/kpis", json={"kpis": [GOOD | {"period": f"2026-0{month}"} for month in range(1, 6)]})
    found, cursor = [], None
    for _ in range(3):
        page = api.get("/v1/kpis", query_string={"limit": 2} | ({"cursor": cursor} if cursor else {})).json
        found += [item["period"] for item in page["kpis"]]
        cursor = page["next_cursor"]
    assert (found, cursor) == ([f"2026-0{month}" for month in range(1, 6)], None)
    assert api.get("/v1/kpis?cursor=nonsense").status_code == 422


def test_the_same_key_is_answered_the_same_and_another_body_is_refused(api, completed):
    first = _csv(api, "group,period,kpi,value\nFleet,2026,turnover,1\n", key="k")
    second = _csv(api, "group,period,kpi,value\nFleet,2026,turnover,1\n", key="k")
    assert second.json == first.json == {"stored": 1, "created": 1, "replaced": 0}
    assert second.headers["Idempotency-Replayed"] == "true"
    other = _csv(api, "group,period,kpi,value\nFleet,2026,turnover,2\n", key="k")
    assert (other.status_code, other.json["code"]) == (409, "idempotency_conflict")


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        (
            {"group": "Ambulanz"},
            "group",
            "no completed analysis has a group 'Ambulanz' in cut 'department'; known: 'Amb",
        ),
        ({"group": "Day"}, "group", "has a group 'Day' in cut 'department'"),
        ({"cut": "site"}, "cut", "no completed analysis has a cut 'site'; known:"),
        ({"cut": None, "group": "Nowhere"}, "group", "and 2 more"),
        ({"group": " "}, "group", "it is empty"),
        ({"kpi": ""}, "kpi", "it is empty"),
        ({"kpi": "x" * 201}, "kpi", "it has 201 characters; give a name of at most 200"),
        ({"value": "a few"}, "value", "'a few' is not a finite number; write digits with a point"),
        ({"value": None}, "value", "it is not a finite number"),
        ({"value": True}, "value", "is not a finite number"),
        ({"value": "1_000"}, "value", "is not a finite number"),
        ({"value": 10**400}, "value", "is not a finite number"),
        ({"period": "03/04/2026"}, "period", "write the one that is meant as 2026-03-04 or 2026-04-03"),
        ({"period": "soon"}, "period", "write it like 2026, 2026-Q1, 2026-03 or 2026-03-31"),
        ({"unit": "%"}, "unit", "not permitted"),
    ],
)
def test_a_wrong_value_is_said_with_its_place_and_nothing_is_kept(api, completed, change, path, said):
    errors = _errors(api.post("/v1/kpis", json={"kpis": [GOOD, GOOD | {"period": "2026"} | change]}))
    assert list(errors) == [f"kpis[1].{path}"]
    assert said in errors[f"kpis[1].{path}"]
    assert _kept(api) == []


def test_wrong_rows_of_a_file_are_all_named_and_nothing_is_kept(api, completed):
    text = (
        "cut,group,period,kpi,value\ndepartment,Fleet,2026,turnover,1\n\n,Fleet,03/04/2026,turnover,nan\n"
        ',Fleet,2026,,inf\n,Fleet,2026,turnover,"3,5"\n'
    )
    errors = _errors(_csv(api, text))
    assert list(errors) == [
        "row 4, column 'period'",
        "row 4, column 'value'",
        "row 5, column 'kpi'",
        "row 5, column 'value'",
        "row 6, column 'value'",
    ]
    assert "'3,5' is not a finite number" in errors["row 6, column 'value'"]
    unknown = _errors(_csv(api, "group,period,kpi,value\nFleet,2026,turnover,1\nFloot,2026,turnover,1\n"))
    assert list(unknown) == ["row 3, column 'group'"]
    assert "'Fleet'" in unknown["row 3, column 'group'"]
    assert _kept(api) == []


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("group,period,kpi\nFleet,2026,turnover\n", "missing_column", "no column 'value'; its columns are 'group'"),
        ("group,period,kpi,value\n", "empty_batch", "has no KPIs in it"),
        ("", "empty_batch", "has no KPIs in it"),
        ("group,period,kpi,value\nFleet,2026\n", "broken_row", "row 2"),
        ("PK\x03\x04…", "unreadable_file", "not a CSV file"),
    ],
)
def test_a_file_that_is_no_table_of_kpis_is_refused(api, completed, text, code, said):
    response = _csv(api, text)
    assert (response.status_code, response.json["code"]) == (422, code)
    assert said in response.json["detail"]


def test_ten_thousand_rows_are_taken_and_one_more_is_not(api, completed):
    rows = [f"Fleet,{1900 + n // 300}-{1 + n % 12:02d}-{1 + n % 25:02d},k{n},{n}\n" for n in range(10_001)]
    many = _csv(api, "group,period,kpi,value\n" + "".join(rows))
    assert (many.status_code, many.json["code"]) == (413, "too_large")
    assert "10,001 KPIs are more than the limit of 10,000" in many.json["detail"]
    assert _kept(api) == []
    assert _csv(api, "group,period,kpi,value\n" + "".join(rows[:-1])).json["created"] == 10_000
    assert api.post("/v1/kpis", json={"kpis": []}).json["code"] == "empty_batch"


def test_two_values_for_the_same_are_refused_and_one_value_twice_is_kept_once(api, completed):
    errors = _errors(api.post("/v1/kpis", json={"kpis": [GOOD, GOOD | {"value": 3}]}))
    assert list(errors) == ["kpis[1].value"]
    assert "kpis[0] has another value" in errors["kpis[1].value"]
    assert api.post("/v1/kpis", json={"kpis": [GOOD, GOOD]}).json == {"stored": 1, "created": 1, "replaced": 0}


def test_the_groups_of_an_analysis_that_is_named_are_those_that_count(api, completed, batch):
    waiting = api.post("/v1/analyses", json=batch).json["id"]
    assert api.post("/v1/kpis", json={"analysis_id": waiting, "kpis": [GOOD]}).json["code"] == "not_ready"
    assert api.post("/v1/kpis", json={"analysis_id": "an_none", "kpis": [GOOD]}).json["code"] == "not_found"
    errors = _errors(api.post("/v1/kpis", json={"analysis_id": completed, "kpis": [GOOD | {"group": "X"}]}))
    assert errors["kpis[0].group"].startswith("that analysis has no group 'X'")


def test_without_an_analysis_there_are_no_groups_to_know(api):
    errors = _errors(api.post("/v1/kpis", json={"kpis": [GOOD | {"cut": None}]}))
    assert errors["kpis[0].group"] == "no completed analysis has a group 'Ambulance'; make an analysis with a cut first"


def test_an_analysis_shows_kpis_beside_alignment_of_the_groups_that_have_both(api, client_of, completed):
    kpis = [GOOD | {"group": group, "value": n} for n, group in enumerate(DEPARTMENTS)]
    kpis += [GOOD | {"group": group, "value": n, "period": "2025"} for n, group in enumerate(DEPARTMENTS)]
    kpis += [{"group": group, "period": "2026", "kpi": "engagement", "value": 4.5} for group in TENURE]
    api.post("/v1/kpis", json={"kpis": kpis})
    report = client_of("leader").get(f"/v1/analyses/{completed}/kpis").json
    assert [pulse["alignment"]["value"] for pulse in report["pulses"]] == [0.14, 0.1, 0.06]
    engagement, turnover = report["relations"]
    assert (engagement["kpi"], engagement["cut"], engagement["n"], engagement["rho"]) == (
        "engagement",
        "tenure",
        3,
        None,
    )
    assert "needs 4" in engagement["text"]
    assert [group["group"] for group in turnover["groups"]] == DEPARTMENTS[:4]  # the others are suppressed
    assert (turnover["n"], turnover["rho"], turnover["low"]) == (4, 0.4, None)
    assert turnover["groups"][1]["alignment"]["value"] == -0.34
    assert turnover["groups"][1]["history"] == [{"period": "2025", "value": 1.0}, {"period": "2026-Q1", "value": 1.0}]
    assert "few groups say little" in turnover["caution"] and "not a cause" in turnover["caution"]
    chosen = api.get(f"/v1/analyses/{completed}/kpis?period=2025").json["relations"]
    assert [(relation["kpi"], relation["groups"][0]["period"]) for relation in chosen] == [("turnover", "2025")]
    assert api.get(f"/v1/analyses/{completed}/kpis?period=03/04/2026").status_code == 422


def test_leaders_read_and_do_not_post(api, client_of, completed):
    leader = client_of("leader")
    assert leader.post("/v1/kpis", json={"kpis": [GOOD]}).json["code"] == "forbidden"
    assert client_of("researcher").post("/v1/kpis", json={"kpis": [GOOD]}).status_code == 201
    assert len(_kept(leader)) == 1


def test_another_organisation_sees_none_of_it(api, client_of, completed):
    api.post("/v1/kpis", json={"kpis": [GOOD]})
    other = client_of("analyst", "Other")
    assert _kept(other) == []
    assert other.get(f"/v1/analyses/{completed}/kpis").status_code == 404
    refused = other.post("/v1/kpis", json={"kpis": [GOOD]})
    assert refused.status_code == 422
    assert "Fleet" not in refused.text
    assert other.post("/v1/kpis", json={"analysis_id": completed, "kpis": [GOOD]}).status_code == 404


def test_an_analysis_that_is_not_done_has_no_kpis_and_a_deleted_one_leaves_them(api, completed, batch):
    waiting = api.post("/v1/analyses", json=batch).json["id"]
    assert api.get(f"/v1/analyses/{waiting}/kpis").json["code"] == "not_ready"
    api.post("/v1/kpis", json={"kpis": [GOOD]}, headers={"Idempotency-Key": "k"})
    api.delete(f"/v1/analyses/{completed}")
    assert len(_kept(api)) == 1
    assert api.post("/v1/kpis", json={"kpis": [GOOD]}).status_code == 422


def _left(api) -> list[tuple]:
    return [(item["kpi"], item["cut"], item["group"], item["period"]) for item in _kept(api)]


@pytest.mark.parametrize(
    ("query", "gone"),
    [
        ("kpi=turnover", [0, 1, 2, 3]),
        ("kpi=turnover&group=Fleet", [2]),
        ("kpi=turnover&period=2026-q1", [1, 2]),
        ("kpi=turnover&cut=department", [1, 2, 3]),
        ("kpi=turnover&cut=department&group=Ambulance&period=2026-Q1", [1]),
        ("kpi=%20engagement%20", [4]),
    ],
)
def test_values_given_by_mistake_are_deleted_and_no_others(api, client_of, completed, query, gone):
    kpis = [
        GOOD | {"cut": None, "period": "2025"},
        GOOD,
        GOOD | {"group": "Fleet"},
        GOOD | {"period": "2026-Q2"},
        GOOD | {"kpi": "engagement", "period": "2026-Q3"},
    ]
    api.post("/v1/kpis", json={"kpis": kpis})
    answer = client_of("researcher").delete(f"/v1/kpis?{query}")
    assert (answer.status_code, answer.json) == (200, {"deleted": len(gone)})
    expected = [k for n, k in enumerate(kpis) if n not in gone]
    assert sorted(_left(api), key=str) == sorted(
        ((k["kpi"], k["cut"], k["group"], k["period"]) for k in expected), key=str
    )


def test_deleted_values_no_longer_stand_beside_alignment(api, completed):
    api.post("/v1/kpis", json={"kpis": [GOOD]})
    assert len(api.get(f"/v1/analyses/{completed}/kpis").json["relations"]) == 1
    api.delete("/v1/kpis?kpi=turnover")
    assert api.get(f"/v1/analyses/{completed}/kpis").json["relations"] == []


def test_where_nothing_matches_nothing_is_deleted_and_it_is_said(api, completed):
    api.post("/v1/kpis", json={"kpis": [GOOD]})
    answer = api.delete("/v1/kpis?kpi=turnover&group=Legal&period=2026-Q1")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    said = "there is no value of KPI 'turnover' for group 'Legal', period '2026-Q1'; GET /v1/kpis lists"
    assert answer.json["detail"].startswith(said)
    assert api.delete("/v1/kpis?kpi=turn%").status_code == 404
    assert len(_kept(api)) == 1


@pytest.mark.parametrize(
    "query", ["", "?kpi=", "?group=Ambulance", "?kpi=turnover&period=soon", "?kpi=turnover&limit=5"]
)
def test_a_deletion_must_name_a_kpi_and_nothing_unknown(api, completed, query):
    api.post("/v1/kpis", json={"kpis": [GOOD]})
    assert api.delete(f"/v1/kpis{query}").status_code == 422
    assert len(_kept(api)) == 1


def test_leaders_delete_nothing_and_nobody_deletes_what_another_organisation_has(api, client_of, completed):
    api.post("/v1/kpis", json={"kpis": [GOOD]})
    assert client_of("leader").delete("/v1/kpis?kpi=turnover").json["code"] == "forbidden"
    other = client_of("analyst", "Other")
    assert other.delete("/v1/kpis?kpi=turnover").json["code"] == "not_found"
    assert api.application.test_client().delete("/v1/kpis?kpi=turnover").status_code == 401
    assert len(_kept(api)) == 1


def test_another_content_type_is_refused(api):
    response = api.post("/v1/kpis", data="group,period", content_type="text/csv")
    assert (response.status_code, response.json["code"]) == (415, "unsupported_media_type")
    assert api.post("/v1/kpis", data={"analysis_id": "x"}, content_type="multipart/form-data").json["errors"] == [
        {"path": "file", "message": "send the KPIs as a CSV file in the form field 'file'"}
    ]
