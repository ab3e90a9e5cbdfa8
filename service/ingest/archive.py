"""Hostile and damaged files: zip bombs are refused before they are unpacked, parser faults become one clear error."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from service.errors import PlumblineError, UnreadableFile

MAX_UNPACKED_BYTES = 200_000_000
# Spreadsheets of repeated values reach 60:1; a bomb is 1,000:1 and more. Small files may have any ratio.
_MAX_RATIO = 200
_RATIO_FROM_BYTES = 10_000_000


def check_archive(data: bytes, name: str, kind: str) -> None:
    """Refuse an XLSX or DOCX that would unpack to far more than it should.

    The sizes come from the archive's directory; zipfile never unpacks more of a member than it states there.

    Raises:
        UnreadableFile: not a zip archive, or over the limits, which are named.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise UnreadableFile(f"{name} is not a readable {kind} file; save it again as {kind}", where=name) from None
    ratio = unpacked / max(len(data), 1)
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > _RATIO_FROM_BYTES and ratio > _MAX_RATIO):
        raise UnreadableFile(
            f"{name} unpacks to {unpacked / 1e6:,.0f} MB ({ratio:,.0f} times its size); the limits are "
            f"{MAX_UNPACKED_BYTES / 1e6:,.0f} MB and {_MAX_RATIO} times. Save it as CSV, or split it",
            where=name,
        )


@contextmanager
def reading(name: str, kind: str) -> Iterator[None]:
    """Turn whatever a parser raises on a damaged file into one error that says which file and format.

    Raises:
        UnreadableFile: the parser failed; its own message is left out, because it may quote the file's words.
    """
    try:
        yield
    except PlumblineError:
        raise
    except Exception:  # noqa: BLE001 - parsers of binary formats fail on damaged input with any exception there is
        raise UnreadableFile(f"{name} is not a readable {kind} file; save it again as {kind}", where=name) from None
