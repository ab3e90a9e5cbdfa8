"""What commands print for people: counts, and of an analysis its facets, themes and insights."""

from __future__ import annotations

import click

from service.results import Analysis, Counts

SHOWN_INSIGHTS = 12


def print_counts(counts: Counts) -> None:
    """Print how many comments came in, what became of them, and who stands behind the numbers."""
    from service.results.wording import basis

    click.echo(
        f"{counts.received} comments received, {counts.used} used ({counts.no_content} without content, "
        f"{counts.unsupported_language} in another language, {counts.duplicate} sent twice, "
        f"{counts.truncated} cut at the length limit)\n{basis(counts.respondents, counts.asked)}"
    )


def print_summary(analysis: Analysis) -> None:
    """Print facets, themes and insights for people."""
    from service.results.wording import basis, in_words, share_of_respondents

    wrote = basis(analysis.counts.respondents, analysis.counts.asked)
    print_counts(analysis.counts)
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
