"""Results as files: whole or not at all, and tables that a spreadsheet cannot run."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from service.results import Analysis

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_results(analysis: Analysis, folder: Path) -> None:
    """The four files of an analysis."""
    from service.report import render_html

    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "analysis.json", json.dumps(analysis.to_dict(), ensure_ascii=False, indent=2) + "\n")
    write_text(folder / "comments.csv", table_csv(analysis, "comments"))
    write_text(folder / "themes.csv", table_csv(analysis, "themes"))
    write_text(folder / "report.html", render_html(analysis))


def table_csv(analysis: Analysis, table: str) -> str:
    """One table as CSV."""
    return str(_safe_frame(analysis, table).to_csv(index=False))


def write_xlsx(analysis: Analysis, file: Path) -> None:
    """All tables as a workbook, a sheet each."""
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


def write_lines(lines: Iterable[dict[str, Any]], file: Path | None) -> None:
    """NDJSON, to ``file`` or to standard output."""
    if file is None:
        for line in lines:
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        return
    with _replacing(file) as stream:
        for line in lines:
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")


def write_text(file: Path, text: str) -> None:
    """One text as a file."""
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
