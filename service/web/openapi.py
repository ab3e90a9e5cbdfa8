"""The OpenAPI 3.1 description: what APIFlask derives, and what it cannot: problems, keys, headers, the two bodies."""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask
from pydantic import BaseModel

from service.web.bodies import FORM_TYPE, JSON_TYPE
from service.web.problems import CONTENT_TYPE
from service.web.schemas import AnalysisIn, FileFormIn, KpiFormIn, KpisIn, ProblemOut

_REF = "#/components/schemas/"
_KEY_SCHEME = "ApiKey"
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same request is answered the same, once; kept for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_PREFER = {
    "name": "Prefer",
    "in": "header",
    "description": "wait=N waits up to N seconds, 30 at most, for the analysis to finish.",
    "schema": {"type": "string"},
    "example": "wait=20",
}


def init_app(app: APIFlask) -> None:
    """Describe what the errors look like and how to sign in."""
    app.config.update(
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_404_RESPONSE=False,
        AUTO_OPERATION_ID=True,
        SECURITY_SCHEMES={_KEY_SCHEME: {"type": "http", "scheme": "bearer", "description": "An API key, plk_…"}},
    )
    app.spec_processor(complete)


def complete(spec: dict[str, Any] | str) -> dict[str, Any] | str:
    """Add to APIFlask's description what it cannot derive."""
    assert isinstance(spec, dict)
    schemas = spec["components"]["schemas"]
    problem = {"description": "A problem", "content": {CONTENT_TYPE: {"schema": _register(schemas, ProblemOut)}}}
    for operations in spec["paths"].values():
        for operation in operations.values():
            operation["security"] = [{_KEY_SCHEME: []}]
            operation["responses"]["default"] = problem
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
    paths = spec["paths"]
    create = paths["/v1/analyses"]["post"]
    create["requestBody"] = _two_bodies(
        schemas, AnalysisIn, FileFormIn, "CSV, XLSX, NDJSON, Parquet, or a transcript as DOCX, VTT or TXT."
    )
    create["parameters"] += [_IDEMPOTENCY_KEY, _PREFER]
    for path in ("/v1/purposes", "/v1/actions"):
        paths[path]["post"]["parameters"] += [_IDEMPOTENCY_KEY]
    add = paths["/v1/kpis"]["post"]
    add["requestBody"] = _two_bodies(
        schemas, KpisIn, KpiFormIn, "CSV with the columns group, period, kpi and value, and cut where it is needed."
    )
    add["parameters"] += [_IDEMPOTENCY_KEY]
    return spec


def _register(schemas: dict[str, Any], model: type[BaseModel]) -> dict[str, str]:
    name = model.__name__
    schema = model.model_json_schema(ref_template=f"{_REF}{name}.{{model}}")
    for nested, definition in schema.pop("$defs", {}).items():
        schemas[f"{name}.{nested}"] = definition
    schemas[name] = schema
    return {"$ref": f"{_REF}{name}"}


def _two_bodies(schemas: dict[str, Any], body: type[BaseModel], form: type[BaseModel], file: str) -> dict[str, Any]:
    """A request that comes as JSON or as a form with a file; ``file`` says what kind of file."""
    return {
        "required": True,
        "content": {
            JSON_TYPE: {"schema": _register(schemas, body)},
            FORM_TYPE: {"schema": _register_form(schemas, form, file)},
        },
    }


def _register_form(schemas: dict[str, Any], model: type[BaseModel], file: str) -> dict[str, str]:
    """The form with its file, which is no field of the model."""
    reference = _register(schemas, model)
    form = schemas[model.__name__]
    form["properties"]["file"] = {"type": "string", "format": "binary", "description": file}
    form["required"] = ["file"]
    return reference
