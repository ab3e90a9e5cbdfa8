"""The command line: ``python -m service COMMAND``. Errors go to standard error with exit code 2, results to files."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from service.config import Settings, load_settings
from service.errors import PlumblineError, UnreadableFile
from service.results import Analysis, Codebook, Comment, Purpose, StanceChoice
from service.results.lines import score_line, theme_line

if TYPE_CHECKING:
    from service.core.aggregate import Progress

ROLES = ("analyst", "researcher", "leader")
EXPORT_FORMATS = ("csv", "xlsx", "json", "html")
SHOWN_INSIGHTS = 12
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class _Group(click.Group):
    """Turns every ``PlumblineError`` into one line that says what to do, and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PlumblineError as error:
            click.echo(f"error: {error.detail}", err=True)
            ctx.exit(2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Plumbline measures how what people say lines up with what their organisation says it is for."""
    # Commands of this process never reach for a model hub: everything they load lies on this machine.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def _input_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of every command that reads a file of comments."""
    for option in reversed(
        (
            click.argument("file", metavar="FILE"),
            click.option("--text-column", help="Column with the comments (default: text, comment, answer …)."),
            click.option("--respondent", help="Column with the respondent ids."),
            click.option("--map", "columns", multiple=True, metavar="FIELD=COL", help="Where another field stands."),
        )
    ):
        command = option(command)
    return command


_stance_option = click.option(
    "--stance", type=click.Choice(["fast", "accurate"]), help="Stance model (default: PLUMBLINE_STANCE)."
)


def _choosing(settings: Settings, stance: StanceChoice | None) -> Settings:
    """The settings with the stance model that the command line asks for."""
    return settings.model_copy(update={"stance": stance}) if stance else settings


@main.command()
@_input_options
@click.option("--purpose", "purpose_file", required=True, help="Text file with the statement, or YAML with facets.")
@click.option("--codebook", "codebook_file", help="YAML codebook instead of the shared-purpose one.")
@click.option("--cut", "cuts", multiple=True, help="Column to break numbers down by; may be repeated.")
@click.option("--rating", "ratings", multiple=True, help="Rating column, COL or COL=WORST..BEST; may be repeated.")
@_stance_option
@click.option("--out", "out_dir", type=click.Path(path_type=Path), help="Folder for the results.")
def analyse(
    file: str,
    text_column: str | None,
    respondent: str | None,
    columns: tuple[str, ...],
    purpose_file: str,
    codebook_file: str | None,
    cuts: tuple[str, ...],
    ratings: tuple[str, ...],
    stance: StanceChoice | None,
    out_dir: Path | None,
) -> None:
    """Analyse FILE beside a purpose; print the insights and, with --out, write all results."""
    from service import ingest
    from service.build import build_analyser

    settings = load_settings()
    purpose = ingest.read_purpose(Path(purpose_file))
    codebook = ingest.read_codebook(Path(codebook_file)) if codebook_file else None
    specs = [ingest.parse_rating(rating) for rating in ratings]
    comments = _read(file, text_column, respondent, columns, cuts=cuts, ratings=ratings)
    with _progress_bar() as progress:
        analysis = build_analyser(_choosing(settings, stance), cached=False).run(
            comments,
            purpose,
            codebook=codebook,
            cuts=cuts,
            ratings=[spec.name for spec in specs],
            progress=progress,
        )
    if out_dir:
        _write_results(analysis, out_dir)
    print_summary(analysis)
    if out_dir:
        click.echo(f"\nWritten to {out_dir}: analysis.json, comments.csv, themes.csv, report.html")


@main.command()
@_input_options
@click.option("--purpose", "purpose_file", required=True, help="Text file with the statement, or YAML with facets.")
@_stance_option
@click.option("--out", "out_file", type=click.Path(path_type=Path), help="NDJSON file (default: standard output).")
def score(
    file: str,
    text_column: str | None,
    respondent: str | None,
    columns: tuple[str, ...],
    purpose_file: str,
    stance: StanceChoice | None,
    out_file: Path | None,
) -> None:
    """Score each text of FILE against a purpose: an NDJSON line a text, in order."""
    from service import ingest
    from service.build import build_analyser

    settings = load_settings()
    purpose: Purpose = ingest.read_purpose(Path(purpose_file))
    comments = _read(file, text_column, respondent, columns)
    results = build_analyser(_choosing(settings, stance), cached=False).score(comments, purpose)
    _write_lines(map(score_line, results), out_file)


@main.command()
@_input_options
@click.option("--codebook", "codebook_file", help="YAML codebook to assign from (default: emergent themes).")
@click.option("--emergent", is_flag=True, help="With --codebook: emergent themes as well.")
@click.option("--summary", "summary_file", type=click.Path(path_type=Path), help="JSON file for the themes themselves.")
@click.option("--out", "out_file", type=click.Path(path_type=Path), help="NDJSON file (default: standard output).")
def themes(
    file: str,
    text_column: str | None,
    respondent: str | None,
    columns: tuple[str, ...],
    codebook_file: str | None,
    emergent: bool,
    summary_file: Path | None,
    out_file: Path | None,
) -> None:
    """Find the themes of each text of FILE: an NDJSON line a text, in order."""
    from service import ingest
    from service.build import build_analyser
    from service.results.analysis import plain

    settings = load_settings()
    codebook: Codebook | None = ingest.read_codebook(Path(codebook_file)) if codebook_file else None
    comments = _read(file, text_column, respondent, columns)
    with _progress_bar() as progress:
        results, found = build_analyser(settings, cached=False).themes(
            comments, codebook=codebook, emergent=emergent or codebook is None, progress=progress
        )
    _write_lines(map(theme_line, results), out_file)
    if summary_file:
        sizes: dict[str, int] = {}
        for result in results:
            for theme in result.themes:
                sizes[theme.theme_id] = sizes.get(theme.theme_id, 0) + 1
        summary = {"themes": [{**plain(theme), "size": sizes.get(theme.theme_id, 0)} for theme in found]}
        _write_text(summary_file, json.dumps(summary, ensure_ascii=False, indent=2) + "\n")


@main.command()
@_input_options
@click.option("--out", "out_file", type=click.Path(path_type=Path), help="NDJSON file (default: standard output).")
def redact(
    file: str, text_column: str | None, respondent: str | None, columns: tuple[str, ...], out_file: Path | None
) -> None:
    """Redact personal data in each text of FILE: an NDJSON line a text, in order; offsets are in the original."""
    from service.core.privacy import Redactor

    comments = _read(file, text_column, respondent, columns)
    redactions = Redactor().redact_many([comment.text for comment in comments])
    lines = (
        {
            "id": comment.comment_id,
            "text": redaction.text,
            "spans": [{"start": span.start, "end": span.end, "type": span.type} for span in redaction.spans],
        }
        for comment, redaction in zip(comments, redactions, strict=True)
    )
    _write_lines(lines, out_file)


@main.command()
@click.argument("analysis_file", metavar="ANALYSIS.json", type=click.Path(path_type=Path))
@click.option("--format", "kind", type=click.Choice(EXPORT_FORMATS), required=True)
@click.option("--out", "out_file", type=click.Path(path_type=Path), required=True)
def export(analysis_file: Path, kind: str, out_file: Path) -> None:
    """Write an analysis in another format: themes as CSV, all tables as XLSX, JSON, or the HTML report."""
    from service.report import render_html

    try:
        data = json.loads(analysis_file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"cannot read {analysis_file} as JSON: {type(error).__name__}") from None
    analysis = Analysis.from_dict(data)
    if kind == "html":
        _write_text(out_file, render_html(analysis))
    elif kind == "json":
        _write_text(out_file, json.dumps(analysis.to_dict(), ensure_ascii=False, indent=2) + "\n")
    elif kind == "csv":
        _write_text(out_file, _csv(analysis, "themes"))
    else:
        _write_xlsx(analysis, out_file)


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

    settings = _settings_with_folder()
    migrate_store(settings.resolved_database_url)
    click.echo("The database is up to date.")


@main.command()
def openapi() -> None:
    """Print the OpenAPI description of the HTTP API."""
    from service.web import create_app

    click.echo(json.dumps(create_app(_settings_with_folder()).spec, indent=2, ensure_ascii=False))


@main.group()
def keys() -> None:
    """API keys."""


@keys.command("create")
@click.option("--organisation", required=True, help="Name of the organisation; made if there is none.")
@click.option("--role", type=click.Choice(ROLES), required=True)
def create_key(organisation: str, role: str) -> None:
    """Make an API key and print it, alone, on the last line; it is shown this once."""
    from service.build import build_repository

    repository = build_repository(_settings_with_folder())
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
    repository = build_repository(_settings_with_folder())
    repository.create_user(repository.ensure_organisation(organisation).organisation_id, email, password, role)
    click.echo(f"{email} may sign in to {organisation} as {role}.", err=True)
    if not password_stdin:
        click.echo(password)


def print_summary(analysis: Analysis) -> None:
    """Print facets, themes and insights for people."""
    from service.results.wording import basis, in_words, share_of_respondents

    counts = analysis.counts
    wrote = basis(counts.respondents, counts.asked)
    click.echo(
        f"{counts.received} comments received, {counts.used} used ({counts.no_content} without content, "
        f"{counts.unsupported_language} in another language, {counts.duplicate} sent twice, "
        f"{counts.truncated} cut at the length limit)\n{wrote}"
    )
    click.echo(f"\nAlignment with the purpose, −100 to +100: {in_words(analysis.alignment)}")
    width = max(len(facet.title) for facet in analysis.facets)
    for facet in analysis.facets:
        click.echo(f"  {facet.title:<{width}}  {facet.state:<13} {in_words(facet.alignment)}")
    click.echo("\nThemes")
    shown = [theme for theme in analysis.themes if theme.prevalence.shown]
    for theme in shown[:SHOWN_INSIGHTS]:
        said = f"{share_of_respondents(theme.prevalence)}; alignment {in_words(theme.alignment)}"
        click.echo(f"  {theme.name:<40} {said}")
    if not shown:
        click.echo("  No theme is spoken of by enough respondents to be shown.")
    click.echo("\nInsights")
    for number, insight in enumerate(analysis.insights[:SHOWN_INSIGHTS], start=1):
        click.echo(f"{number:>3}. {insight.headline}\n     {insight.text}")
        if insight.evidence:
            click.echo(f"     Evidence: {', '.join(insight.evidence)}")
        click.echo(f"     Next: {insight.next_step}\n     {wrote}")
    for local in analysis.provenance.local_validity:
        rho = in_words(local.correlation, "correlation")
        click.echo(f"\nChecked against “{local.rating}”: rank correlation with alignment {rho}")
    if not analysis.provenance.local_validity:
        click.echo("\nNot validated here: no rating came with the comments (--rating COL).")
    for note in analysis.provenance.notes:
        click.echo(f"\nNote: {note}")


def _read(
    file: str,
    text_column: str | None,
    respondent: str | None,
    columns: Iterable[str],
    *,
    cuts: tuple[str, ...] = (),
    ratings: tuple[str, ...] = (),
) -> list[Comment]:
    from service import ingest

    pairs = [*columns, *([f"respondent_id={respondent}"] if respondent else [])]
    return ingest.read_comments(
        Path(file),
        mapping=ingest.ColumnMapping.parse(pairs),
        text_column=text_column or ingest.TEXT_COLUMN,
        cuts=cuts,
        ratings=ratings,
    )


def _settings_with_folder() -> Settings:
    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return settings


@contextlib.contextmanager
def _progress_bar() -> Iterator[Progress]:
    """A bar on standard error, one for each stage; silent when nobody looks at a terminal."""
    from tqdm import tqdm

    bars: dict[str, tqdm[Any]] = {}

    def progress(stage: str, done: int, total: int) -> None:
        if stage not in bars:
            bars[stage] = tqdm(total=total, desc=stage, unit="", leave=False, disable=None)
        bars[stage].update(done - bars[stage].n)

    try:
        yield progress
    finally:
        for bar in bars.values():
            bar.close()


def _write_results(analysis: Analysis, folder: Path) -> None:
    from service.report import render_html

    folder.mkdir(parents=True, exist_ok=True)
    _write_text(folder / "analysis.json", json.dumps(analysis.to_dict(), ensure_ascii=False, indent=2) + "\n")
    _write_text(folder / "comments.csv", _csv(analysis, "comments"))
    _write_text(folder / "themes.csv", _csv(analysis, "themes"))
    _write_text(folder / "report.html", render_html(analysis))


def _csv(analysis: Analysis, table: str) -> str:
    return str(_safe_frame(analysis, table).to_csv(index=False))


def _write_xlsx(analysis: Analysis, file: Path) -> None:
    import pandas as pd

    with pd.ExcelWriter(file, engine="openpyxl") as writer:
        for table in ("facets", "themes", "groups", "insights", "trends"):
            _safe_frame(analysis, table).to_excel(writer, sheet_name=table, index=False)


def _safe_frame(analysis: Analysis, table: str) -> Any:
    """The table with lists joined, and with text that a spreadsheet would run as a formula made plain text."""

    def safe(value: object) -> object:
        if isinstance(value, list):
            value = "; ".join(str(item) for item in value)
        return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value

    return analysis.to_frame(table).map(safe)


def _write_lines(lines: Iterable[dict[str, Any]], file: Path | None) -> None:
    if file is None:
        for line in lines:
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        return
    with _replacing(file) as stream:
        for line in lines:
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")


def _write_text(file: Path, text: str) -> None:
    with _replacing(file) as stream:
        stream.write(text)


@contextlib.contextmanager
def _replacing(file: Path) -> Iterator[IO[str]]:
    """Write beside ``file`` and put it in place when all is written, so that nobody sees half a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, delete=False, newline="") as stream:
        try:
            yield stream
        except BaseException:
            Path(stream.name).unlink(missing_ok=True)
            raise
    Path(stream.name).chmod(0o644)
    Path(stream.name).replace(file)
