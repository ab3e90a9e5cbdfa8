"""Bad input over HTTP: each kind has its status, code and place, and loses nothing."""

from __future__ import annotations

import io
import json

import pytest

from service.web.services import EXTENSION

TEXTS = [{"text": "They listen."}]


def _post(api, body, **options):
    return api.post("/v1/analyses", json=body, **options)


def _is_problem(response, status: int, code: str) -> dict:
    problem = response.json
    assert response.content_type == "application/problem+json"
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code), problem
    assert problem["type"] == f"urn:plumbline:error:{code}"
    assert problem["title"]
    assert problem["detail"]
    assert response.headers["X-Request-ID"] in problem["instance"]
    return problem


@pytest.mark.parametrize("path", ["/v1/analyses", "/v1/score"])
@pytest.mark.parametrize("purpose", [{}, {"purpose": ""}, {"purpose": " .!"}, {"purpose": {"statement": "  "}}])
def test_no_purpose(api, path, purpose):
    field = "texts" if path.endswith("score") else "comments"
    problem = _is_problem(api.post(path, json={**purpose, field: TEXTS}), 422, "missing_purpose")
    assert problem["errors"][0]["path"].startswith("purpose")


def test_two_purposes(api):
    problem = _is_problem(
        _post(api, {"purpose": "We listen.", "purpose_id": "x", "comments": TEXTS}), 422, "invalid_field"
    )
    assert problem["errors"][0]["path"] == "purpose_id"


def test_a_purpose_id_that_is_not_there(api):
    _is_problem(_post(api, {"purpose_id": "pur_none", "comments": TEXTS}), 404, "not_found")


def test_a_facet_without_words_is_named_by_its_path(api):
    purpose = {"statement": "We listen.", "facets": [{"text": "We listen."}, {"text": "..."}]}
    problem = _is_problem(_post(api, {"purpose": purpose, "comments": TEXTS}), 422, "invalid_purpose")
    assert problem["errors"][0]["path"] == "purpose.facets[1].text"


def test_a_codebook_that_is_wrong_is_named_by_its_path(api):
    body = {"purpose": "We listen.", "comments": TEXTS, "codebook": {"name": "x", "themes": [{"id": "a"}]}}
    problem = _is_problem(_post(api, body), 422, "invalid_codebook")
    assert problem["errors"][0]["path"].startswith("codebook")


def test_an_empty_batch(api, sent):
    _is_problem(_post(api, {"purpose": "We listen.", "comments": []}), 422, "empty_batch")
    assert sent == []


def test_duplicate_ids_are_named_with_both_places(api):
    comments = [{"id": "x", "text": "one"}, {"id": "y", "text": "two"}, {"id": "x", "text": "three"}]
    problem = _is_problem(_post(api, {"purpose": "We listen.", "comments": comments}), 422, "duplicate_ids")
    assert "comments[0]" in problem["detail"]
    assert "comments[2]" in problem["detail"]
    assert "'x'" in problem["detail"]


def test_a_comment_over_the_length_limit_is_taken_whole_for_the_analysis_to_cut_and_count(api, analyser, work):
    response = _post(api, {"purpose": "We listen.", "comments": [{"text": "a " * 50_000}]})
    assert response.status_code == 202
    work()
    assert len(analyser.calls[0].comments[0].text) == 100_000


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"comments": [', "line 1"),
        (b"", "line 1"),
        (b'{"comments": NaN}', "NaN"),
        (b"\xff\xfe\xff", "not JSON"),
        (b"[" * 100_000, "deep"),
        (b'{"a": "\xe4"}', "UTF-8"),
    ],
)
def test_malformed_json(api, body, place):
    problem = _is_problem(api.post("/v1/analyses", data=body, content_type="application/json"), 400, "malformed_json")
    assert place in problem["detail"]


@pytest.mark.parametrize("content_type", ["text/plain", "text/csv", "application/x-www-form-urlencoded", None])
@pytest.mark.parametrize("path", ["/v1/analyses", "/v1/score", "/v1/purposes"])
def test_a_wrong_content_type(api, path, content_type):
    problem = _is_problem(api.post(path, data=b"{}", content_type=content_type), 415, "unsupported_media_type")
    assert "application/json" in problem["detail"]


def test_a_form_where_only_json_is_taken(api):
    _is_problem(api.post("/v1/score", data={"file": (io.BytesIO(b"x"), "a")}), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"comments": [{"text": "a"}, {"text": 1.5, "id": []}]}, "comments[1].id"),
        ({"comments": [{"text": None}]}, "comments[0].text"),
        ({"comments": [{}]}, "comments[0].text"),
        ({"comments": [{"text": "a", "source": "blog"}]}, "comments[0].source"),
        ({"comments": [{"text": "a", "date": "31/31/2022"}]}, "comments[0].date"),
        ({"comments": [{"text": "a", "department": "x"}]}, "comments[0].department"),
        ({"comments": "a"}, "comments"),
        ({"comment": []}, "comment"),
        ({"cuts": "team"}, "cuts"),
        ({"name": ""}, "name"),
        ({"purpose": {"statement": "x", "facets": [{"text": 4.5, "title": {}}]}}, "purpose.facets[0].title"),
    ],
)
def test_an_invalid_field_is_named_by_its_path(api, batch, change, path):
    problem = _is_problem(_post(api, {**batch, **change}), 422, "invalid_field")
    assert path in [error["path"] for error in problem["errors"]]


RATINGS = ["good", "4 stars", "7,5", "NaN", "inf", "1_000", True, [4], 10**400]


@pytest.mark.parametrize("rating", RATINGS)
def test_a_rating_that_is_no_number_is_named_by_its_path_and_told_how_one_is_written(api, sent, rating):
    comments = [{"text": "a", "ratings": {"joy": 4}}, {"text": "b", "ratings": {"joy": rating}}]
    problem = _is_problem(_post(api, {"purpose": "We listen.", "comments": comments}), 422, "invalid_rating")
    (error,) = problem["errors"]
    assert error["path"] == "comments[1].ratings.joy"
    assert ("write 7.5" if rating == "7,5" else "write it in digits, like 4 or 4.5") in error["message"]
    assert _nothing_is_kept(api, sent)


def test_a_rating_that_no_comment_has_is_refused_at_the_post(api, sent):
    comments = [{"text": "a", "ratings": {"Joy": 4, "calm": None}}]
    body = {"purpose": "We listen.", "comments": comments, "ratings": ["calm", "joy"]}
    problem = _is_problem(_post(api, body), 422, "invalid_rating")
    assert problem["errors"][0]["path"] == "ratings[1]"
    assert _nothing_is_kept(api, sent)


def test_a_rating_that_is_no_number_beside_another_fault_is_one_of_several_invalid_fields(api):
    comments = [{"text": None, "ratings": {"joy": "high"}}]
    problem = _is_problem(_post(api, {"purpose": "We listen.", "comments": comments}), 422, "invalid_field")
    assert [error["path"] for error in problem["errors"]] == ["comments[0].text", "comments[0].ratings.joy"]


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("03/04/2026", "'03/04/2026' could be two days; write the one that is meant as 2026-04-03 or 2026-03-04"),
        ("25/04/2026", "'25/04/2026' is not written with the year first; write 2026-04-25"),
        ("05/05/2026", "write 2026-05-05"),
        ("2026-02-30", "'2026-02-30' is not a date; write it as YYYY-MM-DD"),
        ("Jan Kowalski", "write it as YYYY-MM-DD"),
        ("20260403", "write it as YYYY-MM-DD"),
        (1775174400, "write it as YYYY-MM-DD"),
        (True, "write it as YYYY-MM-DD"),
    ],
)
def test_a_date_that_is_none_or_could_be_two_is_named_by_its_path_and_told_how_it_is_written(api, sent, date, said):
    comments = [{"text": "a", "date": "2026-04-03"}, {"text": "b", "date": date}]
    problem = _is_problem(_post(api, {"purpose": "We listen.", "comments": comments}), 422, "invalid_field")
    (error,) = problem["errors"]
    assert error["path"] == "comments[1].date"
    assert said in error["message"]
    assert "Kowalski" not in str(problem)
    assert _nothing_is_kept(api, sent)


def _people(count: int, groups: int) -> list[dict]:
    return [
        {"text": "They listen.", "respondent_id": f"p{n}", "groups": {"badge": f"b{n % groups}"}} for n in range(count)
    ]


def _csv(rows: list[dict]) -> bytes:
    lines = [f"{row['text']},{row['respondent_id']},{row['groups']['badge']}" for row in rows]
    return "\n".join(["text,who,badge", *lines]).encode()


@pytest.fixture
def roomy(app, api):
    """A client of a service that takes ten thousand comments."""
    shared = app.extensions[EXTENSION]
    shared.settings = shared.settings.model_copy(update={"max_comments": 10_000})
    return api


def test_a_cut_with_five_thousand_values_is_refused_at_the_post(roomy, sent):
    body = {"purpose": "We listen.", "comments": _people(5_000, 5_000), "cuts": ["badge"]}
    problem = _is_problem(_post(roomy, body), 422, "invalid_cut")
    said = "cut 'badge' has 5,000 different values and looks like an id; choose one with at most 200 groups"
    assert problem["errors"] == [{"path": "cuts[0]", "message": said}]
    form = {"file": (io.BytesIO(_csv(_people(5_000, 5_000))), "a.csv"), "purpose": "We listen.", "respondent": "who"}
    problem = _is_problem(roomy.post("/v1/analyses", data={**form, "cut": "badge"}), 422, "invalid_cut")
    assert problem["errors"] == [{"path": "column badge", "message": said}]
    assert _nothing_is_kept(roomy, sent)


def test_of_few_people_a_cut_that_is_nearly_an_id_is_refused_and_one_of_groups_is_taken(roomy):
    for groups, status in ((31, 422), (30, 202)):
        body = {"purpose": "We listen.", "comments": _people(60, groups), "cuts": ["badge"]}
        assert _post(roomy, body).status_code == status


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ({"groups": {"team": "North"}}, "needs respondent ids, so that people can be counted; give each comment its"),
        ({"respondent_id": "p1", "groups": {"Team": "North"}}, "no respondent has a value for cut 'team'"),
        ({"respondent_id": "p1", "groups": {"team": None}}, "no respondent has a value for cut 'team'"),
    ],
)
def test_a_cut_that_nobody_can_be_counted_by_is_refused_at_the_post(api, sent, comment, said):
    body = {"purpose": "We listen.", "comments": [{"text": "a", **comment}], "cuts": ["team"]}
    problem = _is_problem(_post(api, body), 422, "invalid_cut")
    assert problem["errors"][0]["path"] == "cuts[0]"
    assert said in problem["detail"]
    assert _nothing_is_kept(api, sent)


def test_a_cut_of_a_file_without_respondents_says_to_name_their_column(api, sent):
    form = {"file": (io.BytesIO(b"text,team\nhi,North\n"), "a.csv"), "purpose": "We listen.", "cut": "team"}
    problem = _is_problem(api.post("/v1/analyses", data=form), 422, "invalid_cut")
    assert "name their column as the respondent" in problem["detail"]
    assert _nothing_is_kept(api, sent)


@pytest.mark.parametrize(
    ("rows", "form", "code", "place", "said"),
    [
        (
            "hi,2026-04-03,4\nyo,2026-04-03,good\n",
            {},
            "invalid_rating",
            "row 3, column 'joy'",
            "'good' is not a number",
        ),
        ('hi,2026-04-03,"7,5"\n', {}, "invalid_rating", "row 2, column 'joy'", "write 7.5"),
        ("hi,,4\nyo,03/04/2026,4\n", {}, "broken_row", "row 3, column 'date'", "could be two days"),
        ("hi,25/04/2026,4\nyo,04/25/2026,4\nup,03/04/2026,4\n", {}, "broken_row", "row 4, column 'date'", "two days"),
        ("hi,04/25/2026,4\n", {"dates": "day-first"}, "broken_row", "row 2, column 'date'", "DD/MM/YYYY"),
        ("hi,03/04/2026,4\n", {"dates": "european"}, "invalid_field", "dates", "'day-first' or 'month-first'"),
        ("hi,Kowalski was there,4\n", {}, "broken_row", "row 2, column 'date'", "is not a date"),
        ("hi,,Kowalski was there\n", {}, "invalid_rating", "row 2, column 'joy'", "is not a number"),
    ],
)
def test_a_cell_of_a_file_is_named_by_row_and_column_and_told_how_it_is_written(
    api, sent, capfd, rows, form, code, place, said
):
    data = {"file": (io.BytesIO(f"text,date,joy\n{rows}".encode()), "a.csv"), "purpose": "We listen.", "rating": "joy"}
    problem = _is_problem(api.post("/v1/analyses", data=data | form), 422, code)
    assert problem["errors"][0]["path"] == place
    assert said in problem["errors"][0]["message"]
    assert "Kowalski" not in str(problem) + capfd.readouterr().err
    assert _nothing_is_kept(api, sent)


def test_who_says_what_comes_first_in_dates_has_them_read_so(api, analyser, work):
    for order in ("day-first", "month-first"):
        form = {"file": (io.BytesIO(b"text,date\nhi,03/04/2026\n"), "a.csv"), "purpose": "We listen.", "dates": order}
        assert api.post("/v1/analyses", data=form).status_code == 202
    work()
    assert [call.comments[0].date.isoformat() for call in analyser.calls] == ["2026-04-03", "2026-03-04"]


def test_a_refused_batch_that_was_put_right_may_come_with_the_same_key(api):
    wrong = {"purpose": "We listen.", "comments": [{"text": "a", "date": "03/04/2026"}]}
    right = {"purpose": "We listen.", "comments": [{"text": "a", "date": "2026-04-03"}]}
    header = {"Idempotency-Key": "spring"}
    assert [_post(api, body, headers=header).status_code for body in (wrong, right)] == [422, 202]


def _nothing_is_kept(api, sent) -> bool:
    return api.get("/v1/analyses").json["analyses"] == [] and sent == []


@pytest.mark.parametrize("body", [[], "text", 3, None])
def test_a_body_that_is_not_an_object(api, body):
    response = api.post("/v1/score", data=json.dumps(body), content_type="application/json")
    _is_problem(response, 422, "invalid_field")


def test_problems_do_not_repeat_what_people_wrote(api):
    comments = [{"text": "Rumpelstiltskin", "source": "Rumpelstiltskin", "date": "Rumpelstiltskin"}]
    response = _post(api, {"purpose": "We listen.", "comments": comments})
    assert response.status_code == 422
    assert "Rumpelstiltskin" not in response.get_data(as_text=True)


def test_too_many_comments_name_the_limit(api):
    comments = [{"text": "a"}] * 21
    problem = _is_problem(_post(api, {"purpose": "We listen.", "comments": comments}), 413, "too_large")
    assert "20" in problem["detail"]
    assert "PLUMBLINE_MAX_COMMENTS" in problem["detail"]


def test_too_many_texts_to_score_name_the_limit(api):
    problem = _is_problem(api.post("/v1/score", json={"purpose": "We listen.", "texts": ["a"] * 4}), 413, "too_large")
    assert "PLUMBLINE_MAX_SCORE_TEXTS" in problem["detail"]


def test_a_body_over_the_limit_names_the_limit(api):
    body = {"purpose": "We listen.", "comments": [{"text": "a" * 1_100_000}]}
    problem = _is_problem(_post(api, body), 413, "too_large")
    assert "1 MB" in problem["detail"]
    assert "PLUMBLINE_MAX_BODY_MB" in problem["detail"]


@pytest.mark.parametrize(
    ("file", "form", "status", "code"),
    [
        (None, {"purpose": "We listen."}, 422, "invalid_field"),
        ((b"", "a.csv"), {"purpose": "We listen."}, 422, "empty_batch"),
        ((b"text\n", "a.csv"), {"purpose": "We listen."}, 422, "empty_batch"),
        ((b"text\nhi\n", "a.csv"), {}, 422, "missing_purpose"),
        ((b"one,two\n1,2\n", "a.csv"), {"purpose": "We listen.", "text_column": "three"}, 422, "missing_column"),
        ((b"text\nhi\n", "a.csv"), {"purpose": "We listen.", "cut": "team"}, 422, "missing_column"),
        ((b"\x00\x01\x02", "a.exe"), {"purpose": "We listen."}, 422, "unreadable_file"),
        ((b"text\nhi\n", "a.csv"), {"purpose": "{broken"}, 422, "invalid_field"),
        ((b"text\nhi\n", "a.csv"), {"purpose": "facets: [{}]"}, 422, "invalid_field"),
        ((b"text\nhi\n", "a.csv"), {"purpose": "facets: []"}, 422, "missing_purpose"),
        ((b"text\nhi\n", "a.csv"), {"purpose": "We listen.", "unknown": "x"}, 422, "invalid_field"),
        ((b"text\n" + b"hi\n" * 21, "a.csv"), {"purpose": "We listen."}, 413, "too_large"),
    ],
)
def test_a_bad_upload(api, sent, file, form, status, code):
    data = {**form, **({"file": (io.BytesIO(file[0]), file[1])} if file else {})}
    _is_problem(api.post("/v1/analyses", data=data, content_type="multipart/form-data"), status, code)
    assert sent == []


def test_characters_that_nothing_can_hold_are_replaced_one_for_one(api, analyser, work):
    body = json.dumps({"purpose": "We listen.", "comments": [{"id": "n\0", "text": "a\0b\ud800c"}]})
    response = api.post("/v1/analyses", data=body, content_type="application/json")
    assert response.status_code == 202
    work()
    (comment,) = analyser.calls[0].comments
    assert (comment.comment_id, comment.text) == ("n\ufffd", "a\ufffdb\ufffdc")


def test_an_unknown_field_with_a_broken_character_is_still_a_problem(api):
    response = api.post("/v1/score", data=b'{"\\ud800": 1}', content_type="application/json")
    _is_problem(response, 422, "invalid_field")


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "cursor=nonsense", "page=2"])
def test_a_bad_page(api, query):
    _is_problem(api.get(f"/v1/analyses?{query}"), 422, "invalid_field")


def test_an_address_that_is_not_there(api):
    _is_problem(api.get("/v1/nothing"), 404, "not_found")
    _is_problem(api.get("/v1/analyses/an_none"), 404, "not_found")


def test_a_method_that_is_not_possible(api):
    response = api.patch("/v1/analyses")
    _is_problem(response, 405, "method_not_allowed")
    assert "GET" in response.headers["Allow"]


def test_a_fault_of_ours_is_a_problem_with_a_reference_and_nobody_s_words(api, analyser, capfd):
    def break_down(*, comments):
        raise ValueError(f"cannot digest {comments[0].text}")

    analyser.before = break_down
    problem = _is_problem(
        api.post("/v1/score", json={"purpose": "We listen.", "texts": ["Rumpelstiltskin"]}), 500, "internal_error"
    )
    logged = capfd.readouterr().err
    assert problem["detail"].rsplit(" ", 1)[1] in logged
    assert "Rumpelstiltskin" not in logged + problem["detail"]
