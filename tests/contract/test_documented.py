"""Whatever a user can meet is in the README: commands, settings, routes, error codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from service import errors
from service.cli import main
from service.config import Settings
from service.errors import PlumblineError
from service.web import create_app
from service.web.services import EXTENSION

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def _kinds(root: type[PlumblineError]) -> Iterator[type[PlumblineError]]:
    for kind in root.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield kind
            yield from _kinds(kind)


def _commands(group: click.Group, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    settings = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("data"))
    app = create_app(settings, send=lambda _: None)
    app.extensions[EXTENSION].repository.close()
    return sorted({rule.rule for rule in app.url_map.iter_rules()})


@pytest.mark.parametrize("command", sorted(_commands(main)))
def test_every_command_is_documented(command):
    assert f"| `{command}" in README


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name):
    assert f"`PLUMBLINE_{name.upper()}`" in README


@pytest.mark.parametrize("code", sorted(kind.code for kind in _kinds(PlumblineError)))
def test_every_error_code_is_documented(code):
    assert f"`{code}`" in README


def test_every_error_code_is_used_once():
    codes = [kind.code for kind in _kinds(PlumblineError)]
    assert len(codes) == len(set(codes))


def test_every_route_for_programs_is_documented(routes):
    """Parameters are written as in OpenAPI: ``/v1/analyses/{id}``, whatever their name."""
    wanted = [
        re.sub(r"<\w+>", "{id}", rule)
        for rule in routes
        if rule.startswith("/v1/") or rule in ("/healthz", "/readyz", "/metrics", "/openapi.json")
    ]
    assert len(wanted) > 12
    assert [rule for rule in wanted if f"{rule}`" not in README] == []
