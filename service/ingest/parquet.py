"""Parquet, by way of pyarrow."""

from __future__ import annotations

import io
from typing import Any

from service.errors import UnreadableFile
from service.ingest.archive import MAX_UNPACKED_BYTES, reading
from service.ingest.table import Table, check_count, check_header, empty_batch

_BATCH_ROWS = 1_000


def read_parquet(data: bytes, name: str, *, limit: int | None = None) -> Table:
    """Read every column; rows are counted from 1.

    Raises:
        UnreadableFile: not a Parquet file, too large when unpacked, or a column named twice.
        EmptyBatch: it has no rows.
        TooLarge: more rows than ``limit``.
    """
    with reading(name, "Parquet"):
        return _read(data, name, limit)


def _read(data: bytes, name: str, limit: int | None) -> Table:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(io.BytesIO(data))
    names = [str(column) for column in file.schema_arrow.names]
    check_header(names, name)
    check_count(file.metadata.num_rows, limit, columns=len(names))
    columns: dict[str, list[Any]] = {column: [] for column in names}
    unpacked = 0
    for batch in file.iter_batches(batch_size=_BATCH_ROWS):
        unpacked += batch.nbytes
        if unpacked > MAX_UNPACKED_BYTES:
            raise UnreadableFile(
                f"{name} unpacks to more than {MAX_UNPACKED_BYTES / 1e6:,.0f} MB; split it, or leave columns out",
                where=name,
            )
        for column, cells in zip(names, batch.columns, strict=True):
            columns[column].extend(cells.to_pylist())
    count = len(next(iter(columns.values()), []))
    if not count:
        raise empty_batch(name)
    return Table(name=name, columns=columns, numbers=range(1, count + 1))
