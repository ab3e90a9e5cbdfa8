"""Where the benchmark data lies: the folder PLUMBLINE_BENCH_DATA, or what is missing from it."""

from __future__ import annotations

import os
from pathlib import Path

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "data"


class BenchmarkDataMissing(SystemExit):
    """The folder or a file in it is not there; the message says which, and ends a benchmark with it."""


def bench_data(*names: str) -> Path:
    """The data folder, with every file of ``names`` in it.

    Raises:
        BenchmarkDataMissing: naming the folder and each missing file.
    """
    folder = Path(os.environ.get("PLUMBLINE_BENCH_DATA", DEFAULT))
    if not folder.is_dir():
        wanted = ", ".join(names)
        raise BenchmarkDataMissing(
            f"benchmark data folder {folder} does not exist; set PLUMBLINE_BENCH_DATA to the folder with {wanted}"
        )
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise BenchmarkDataMissing(f"benchmark data folder {folder} lacks {', '.join(missing)}")
    return folder
