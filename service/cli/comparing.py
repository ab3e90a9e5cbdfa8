"""The command that holds the same comments against two drafts, and what it prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.app import main
from service.cli.inputs import choosing, dates_option, input_options, progress_bar, read_comments, stance_option
from service.cli.outputs import write_text
from service.cli.summary import print_counts
from service.config import load_settings
from service.errors import InvalidPurpose
from service.results import Comparison, Draft, DraftFacet, Estimate, StanceChoice
from service.results.wording import MINUS, in_words, share_of_respondents, with_interval

if TYPE_CHECKING:
    from service.ingest import DateOrder

HEADINGS = {"resonates": "Resonates", "silent": "Stays silent", "uncertain": "Uncertain"}
SAID = {
    "lived": "people speak to it and say that it is so",
    "contradicted": "people speak to it and say that it is not so",
    "contested": "people speak to it and do not agree whether it is so",
    "silent": "hardly anybody speaks of it",
    "uncertain": "too little, or too mixed, to say which way it goes",
}


@main.command()
@input_options
@click.option("--purpose", "purpose_files", multiple=True, help="One of the two drafts, as for analyse; give it twice.")
@click.option("--codebook", "codebook_file", help="YAML codebook instead of the shared-purpose one.")
@dates_option
@stance_option
@click.option("--out", "out_file", type=click.Path(path_type=Path), help="JSON file for the comparison.")
def compare(
    file: str,
    text_column: str | None,
    respondent: str | None,
    columns: tuple[str, ...],
    purpose_files: tuple[str, ...],
    codebook_file: str | None,
    dates: DateOrder | None,
    stance: StanceChoice | None,
    out_file: Path | None,
) -> None:
    """Hold the comments of FILE against two drafts of a statement; print what of each resonates."""
    from service import ingest
    from service.build import build_analyser

    if len(purpose_files) != 2:
        raise InvalidPurpose(
            f"compare needs exactly two drafts, {len(purpose_files)} given: --purpose FIRST --purpose SECOND"
        )
    settings = load_settings()
    purposes = [ingest.read_purpose(Path(purpose_file)) for purpose_file in purpose_files]
    codebook = ingest.read_codebook(Path(codebook_file)) if codebook_file else None
    comments = read_comments(file, text_column, respondent, columns, dates=dates)
    with progress_bar() as progress:
        comparison = build_analyser(choosing(settings, stance), cached=False).compare(
            comments, purposes, codebook=codebook, progress=progress
        )
    if out_file:
        write_text(out_file, json.dumps(comparison.to_dict(), ensure_ascii=False, indent=2) + "\n")
    print_comparison(comparison, purpose_files)
    if out_file:
        click.echo(f"\nWritten to {out_file}")


def print_comparison(comparison: Comparison, names: Sequence[str]) -> None:
    """Print a comparison for people; ``names`` are what the drafts are called beside their number."""
    print_counts(comparison.counts)
    for place, (draft, name) in enumerate(zip(comparison.drafts, names, strict=True), start=1):
        click.echo(f"\nDraft {place} ({name})")
        _print_draft(draft)
    click.echo(f"\nThe two drafts\n  {_difference(comparison.reach_difference)}")
    click.echo("\nWhat neither draft mentions")
    for theme in comparison.unmentioned:
        said = f"{share_of_respondents(theme.prevalence)} speak of it, mostly without touching either draft"
        click.echo(f"  “{theme.name}”: {said}.")
    if not comparison.unmentioned:
        click.echo("  No theme that enough respondents speak of lies mostly outside both drafts.")
    for note in comparison.provenance.notes:
        click.echo(f"\nNote: {note}")


def _print_draft(draft: Draft) -> None:
    if draft.reach.shown:
        click.echo(f"  {share_of_respondents(draft.reach)} speak to at least one of its facets.")
    else:
        click.echo(f"  How many speak to its facets is {share_of_respondents(draft.reach)}.")
    for resonance, heading in HEADINGS.items():
        facets = [facet for facet in draft.facets if facet.resonance == resonance]
        if facets:
            click.echo(f"  {heading} ({len(facets)} of {len(draft.facets)} facets)")
        for facet in facets:
            click.echo(f"    “{facet.title}”: {SAID[facet.state]}{_numbers(facet)}.")
            # One of each side, so that the reader sees whether it is about the facet at all.
            for quote in {quote.why: quote for quote in facet.quotes if facet.resonance == "resonates"}.values():
                click.echo(f"      “{quote.text}” ({quote.why})")
    click.echo(f"  Alignment with it as a whole, −100 to +100: {in_words(draft.alignment)}")


def _numbers(facet: DraftFacet) -> str:
    """What stands behind the sentence on a facet; nothing where no number may be shown."""
    if not facet.coverage.shown or not facet.alignment.shown:
        return ""
    return f". {share_of_respondents(facet.coverage)} speak to it; alignment {with_interval(facet.alignment)}"


def _difference(difference: Estimate) -> str:
    if difference.value is None or difference.low is None or difference.high is None:
        return "Whether more people speak to one draft than to the other is not shown: too few tell them apart."
    if difference.low == difference.high == 0:
        return "The same people speak to both drafts."
    low, high = round(100 * difference.low), round(100 * difference.high)
    # What rounds to none is not worded as a difference either.
    if low <= 0 <= high:
        return (
            "It cannot be said that more people speak to one draft than to the other: draft 2 less draft 1 is "
            f"{_points(low)} to {_points(high)} percentage points of the respondents."
        )
    more, less = (2, 1) if low > 0 else (1, 2)
    least, most = sorted((abs(low), abs(high)))
    return (
        f"More people speak to draft {more} than to draft {less}: {abs(round(100 * difference.value))} percentage "
        f"points more of the respondents ({least} to {most})."
    )


def _points(value: int) -> str:
    return f"{value:+d}".replace("-", MINUS) if value else "0"
