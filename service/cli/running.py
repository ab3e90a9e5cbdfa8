"""The commands that run and look after the service."""

from __future__ import annotations

import json
import sys

import click

from service.cli.app import main
from service.cli.inputs import settings_with_folder
from service.config import load_settings

ROLES = ("analyst", "researcher", "leader")


@main.command()
@click.option("--host", help="Address to listen on (default: PLUMBLINE_HOST).")
@click.option("--port", type=int, help="Port to listen on (default: PLUMBLINE_PORT).")
def serve(host: str | None, port: int | None) -> None:
    """Serve the API and the pages with gunicorn; by default with a worker beside it."""
    from service.web import serve as serve_web

    given = {"host": host, "port": port}
    serve_web(load_settings(**{name: value for name, value in given.items() if value is not None}))


@main.command()
def worker() -> None:
    """Run analyses from the queue until stopped."""
    from service.jobs import run_worker

    run_worker(load_settings())


@main.command()
def migrate() -> None:
    """Bring the database up to date."""
    from service.store import migrate as migrate_store

    settings = settings_with_folder()
    migrate_store(settings.resolved_database_url)
    click.echo("The database is up to date.")


@main.command()
def openapi() -> None:
    """Print the OpenAPI description of the HTTP API."""
    from service.web import create_app

    click.echo(json.dumps(create_app(settings_with_folder()).spec, indent=2, ensure_ascii=False))


@main.group()
def keys() -> None:
    """API keys."""


@keys.command("create")
@click.option("--organisation", required=True, help="Name of the organisation; made if there is none.")
@click.option("--role", type=click.Choice(ROLES), required=True)
def create_key(organisation: str, role: str) -> None:
    """Make an API key and print it, alone, on the last line; it is shown this once."""
    from service.build import build_repository

    repository = build_repository(settings_with_folder())
    key = repository.create_api_key(repository.ensure_organisation(organisation).organisation_id, role)
    click.echo("Keep this key; only its hash is stored.", err=True)
    click.echo(key)


@main.group()
def users() -> None:
    """People who sign in to the pages."""


@users.command("create")
@click.option("--organisation", required=True, help="Name of the organisation; made if there is none.")
@click.option("--email", required=True)
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
def create_user(organisation: str, email: str, role: str, password_stdin: bool) -> None:
    """Make a user; prints the password, alone, on the last line if it was made here."""
    import secrets

    from service.build import build_repository

    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(12)
    repository = build_repository(settings_with_folder())
    repository.create_user(repository.ensure_organisation(organisation).organisation_id, email, password, role)
    click.echo(f"{email} may sign in to {organisation} as {role}.", err=True)
    if not password_stdin:
        click.echo(password)
