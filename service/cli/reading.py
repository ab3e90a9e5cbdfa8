"""The commands that read comments or an analysis and write results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.app import main
from service.cli.inputs import choosing, dates_option, input_options, progress_bar, read_comments, stance_option
from service.cli.outputs import table_csv, write_lines, write_results, write_text, write_xlsx
from service.cli.summary import print_summary
from service.config import load_settings
from service.errors import UnreadableFile
from service.results import Analysis, Codebook, Purpose, StanceChoice
from service.results.lines import score_line, theme_line

if TYPE_CHECKING:
    from service.ingest import DateOrder

EXPORT_FORMATS = ("csv", "xlsx", "json", "html")


@main.command()
@input_options
@click.option("--purpose", "purpose_file", required=True, help="Text file with the statement, or YAML with facets.")
@click.option("--codebook", "codebook_file", help="YAML codebook instead of the shared-purpose one.")
@click.option("--cut", "cuts", multiple=True, help="Column to break numbers down by; may be repeated.")
@click.option("--rating", "ratings", multiple=True, help="Rating column, COL or COL=WORST..BEST; may be repeated.")
@dates_option
@stance_option
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
    dates: DateOrder | None,
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
    comments = read_comments(file, text_column, respondent, columns, cuts=cuts, ratings=ratings, dates=dates)
    with progress_bar() as progress:
        analysis = build_analyser(choosing(settings, stance), cached=False).run(
            comments,
            purpose,
            codebook=codebook,
            cuts=cuts,
            ratings=[spec.name for spec in specs],
            progress=progress,
        )
    if out_dir:
        write_results(analysis, out_dir)
    print_summary(analysis)
    if out_dir:
        click.echo(f"\nWritten to {out_dir}: analysis.json, comments.csv, themes.csv, report.html")


@main.command()
@input_options
@click.option("--purpose", "purpose_file", required=True, help="Text file with the statement, or YAML with facets.")
@stance_option
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
    comments = read_comments(file, text_column, respondent, columns, dated=False)
    results = build_analyser(choosing(settings, stance), cached=False).score(comments, purpose)
    write_lines(map(score_line, results), out_file)


@main.command()
@input_options
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
    comments = read_comments(file, text_column, respondent, columns, dated=False)
    with progress_bar() as progress:
        results, found = build_analyser(settings, cached=False).themes(
            comments, codebook=codebook, emergent=emergent or codebook is None, progress=progress
        )
    write_lines(map(theme_line, results), out_file)
    if summary_file:
        sizes: dict[str, int] = {}
        for result in results:
            for theme in result.themes:
                sizes[theme.theme_id] = sizes.get(theme.theme_id, 0) + 1
        summary = {"themes": [{**plain(theme), "size": sizes.get(theme.theme_id, 0)} for theme in found]}
        write_text(summary_file, json.dumps(summary, ensure_ascii=False, indent=2) + "\n")


@main.command()
@input_options
@click.option("--out", "out_file", type=click.Path(path_type=Path), help="NDJSON file (default: standard output).")
def redact(
    file: str, text_column: str | None, respondent: str | None, columns: tuple[str, ...], out_file: Path | None
) -> None:
    """Redact personal data in each text of FILE: an NDJSON line a text, in order; offsets are in the original."""
    from service.core.privacy import Redactor

    comments = read_comments(file, text_column, respondent, columns, dated=False)
    redactions = Redactor().redact_many([comment.text for comment in comments])
    lines = (
        {
            "id": comment.comment_id,
            "text": redaction.text,
            "spans": [{"start": span.start, "end": span.end, "type": span.type} for span in redaction.spans],
        }
        for comment, redaction in zip(comments, redactions, strict=True)
    )
    write_lines(lines, out_file)


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
        write_text(out_file, render_html(analysis))
    elif kind == "json":
        write_text(out_file, json.dumps(analysis.to_dict(), ensure_ascii=False, indent=2) + "\n")
    elif kind == "csv":
        write_text(out_file, table_csv(analysis, "themes"))
    else:
        write_xlsx(analysis, out_file)
