"""The OpenAPI description: complete, and true of what the application answers to whatever fits it."""

from __future__ import annotations

import itertools

import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate
from schemathesis.specs.openapi.checks import positive_data_acceptance


def test_the_description_is_valid_openapi_3_1(app):
    spec = app.spec
    assert spec["openapi"].startswith("3.1")
    validate(spec)


def test_every_route_of_the_api_is_described_with_what_it_does(app):
    routes = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    operations = {
        (path, method): operation
        for path, methods in app.spec["paths"].items()
        for method, operation in methods.items()
    }
    assert operations.keys() == routes
    for operation in operations.values():
        assert operation["summary"]
        assert operation["security"]
        assert "application/problem+json" in operation["responses"]["default"]["content"]


def test_an_analysis_is_described_with_both_ways_to_send_it(app):
    create = app.spec["paths"]["/v1/analyses"]["post"]
    assert set(create["requestBody"]["content"]) == {"application/json", "multipart/form-data"}
    assert {"Idempotency-Key", "Prefer"} <= {parameter["name"] for parameter in create["parameters"]}


def test_kpis_are_described_with_both_ways_to_send_them(app):
    add = app.spec["paths"]["/v1/kpis"]["post"]
    assert set(add["requestBody"]["content"]) == {"application/json", "multipart/form-data"}
    assert "Idempotency-Key" in {parameter["name"] for parameter in add["parameters"]}
    rows = app.spec["components"]["schemas"]["KpisIn"]["properties"]["kpis"]
    assert (rows["minItems"], rows["maxItems"]) == (1, 10_000)


def test_every_reference_in_the_description_leads_somewhere(app):
    def references(node: object):
        if isinstance(node, dict):
            yield from ([node["$ref"]] if "$ref" in node else [])
            yield from itertools.chain.from_iterable(map(references, node.values()))
        elif isinstance(node, list):
            yield from itertools.chain.from_iterable(map(references, node))

    schemas = app.spec["components"]["schemas"]
    assert {ref.removeprefix("#/components/schemas/") for ref in references(app.spec)} <= schemas.keys()


def test_answers_to_whatever_fits_the_description_are_as_described(app, api):
    # What hypothesis sends is more than a key may send in a minute.
    next(iter(app.extensions["limiter"])).enabled = False
    headers = {"Authorization": api.environ_base["HTTP_AUTHORIZATION"]}
    description = schemathesis.openapi.from_wsgi("/openapi.json", app)
    operations = [result.ok() for result in description.get_all_operations()]
    assert len(operations) == 26
    for operation in operations:

        @settings(
            max_examples=12, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy())
        def answers_as_described(case):
            case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

        answers_as_described()
