"""What commands are given: a file of comments, a stance model, settings; and the progress bar they show."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.config import Settings, load_settings
from service.results import Comment, StanceChoice

if TYPE_CHECKING:
    from service.core.aggregate import Progress
    from service.ingest import DateOrder


def input_options(command: Callable[..., None]) -> Callable[..., None]:
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


stance_option = click.option(
    "--stance", type=click.Choice(["fast", "accurate"]), help="Stance model (default: PLUMBLINE_STANCE)."
)


dates_option = click.option(
    "--dates",
    type=click.Choice(["day-first", "month-first"]),
    help="What comes first in dates like 03/04/2026 (default: the column tells, or is refused).",
)


def choosing(settings: Settings, stance: StanceChoice | None) -> Settings:
    """The settings with the stance model that the command line asks for."""
    return settings.model_copy(update={"stance": stance}) if stance else settings


def read_comments(
    file: str,
    text_column: str | None,
    respondent: str | None,
    columns: Iterable[str],
    *,
    cuts: tuple[str, ...] = (),
    ratings: tuple[str, ...] = (),
    dates: DateOrder | None = None,
    dated: bool = True,
) -> list[Comment]:
    """The comments of a file, as the options of the command say where they stand.

    A command to which dates are nothing (``dated`` False) is not kept from its work by them.

    Raises:
        InvalidInput: the file or an option cannot be used.
    """
    from service import ingest

    pairs = [*columns, *([f"respondent_id={respondent}"] if respondent else [])]
    mapping = ingest.ColumnMapping.parse(pairs)
    if not dated and mapping.date is None:
        mapping = dataclasses.replace(mapping, date="")
    comments = ingest.read_comments(
        Path(file),
        mapping=mapping,
        text_column=text_column or ingest.TEXT_COLUMN,
        cuts=cuts,
        ratings=ratings,
        dates=dates,
    )
    for cut in dict.fromkeys(cuts):
        ingest.check_cut(comments, cut, where=f"column {cut}", column=True)
    return comments


def settings_with_folder() -> Settings:
    """The settings, with their data folder made."""
    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return settings


@contextlib.contextmanager
def progress_bar() -> Iterator[Progress]:
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
