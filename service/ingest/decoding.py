"""Bytes to text: byte order marks, UTF-8, and older encodings where they can be told with certainty."""

from __future__ import annotations

import codecs
import logging
import re
from itertools import islice

from service.errors import UnreadableFile

logger = logging.getLogger(__name__)

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ADVICE = "save it as UTF-8 (in Excel: Save As, 'CSV UTF-8') and try again"
_SAMPLE_LINES = 2_000
_TYPOGRAPHIC = frozenset("‘’‚“”„–—…•·€£¥¢§©®™°±²³¹¼½¾«»‹›¿¡ªº†‡ˆ˜¨´¸¯¬×÷µ¶¦\u00a0\u00ad")
# An accented capital or a symbol between two small letters: what an apostrophe becomes in the wrong encoding ("donÕt").
_MISREAD = re.compile(r"[a-z](?:[À-ÖØ-Þ]|[^\w\s!-~‘’–—…·\u00ad])[a-z]")
# "Nearly as good as the best guess", in charset-normalizer's measure of disorder (0 to 1).
_CHAOS_MARGIN = 0.02
_MAX_CHAOS = 0.1
_MIN_FOREIGN_SHARE = 0.05


def decode(data: bytes, name: str) -> str:
    """The text of ``data``; ``name`` is the file's name for messages. Line ends stay as they are.

    Raises:
        UnreadableFile: the encoding cannot be told, or the text holds NUL bytes.
    """
    text = _decode_marked(data, name)
    if text is None:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            text = _decode_unmarked(data, name, f"byte 0x{data[error.start]:02x} in line {line}")
    if (nul := text.find("\0")) >= 0:
        line = text.count("\n", 0, nul) + 1
        raise UnreadableFile(
            f"{name}, line {line}: NUL byte; the file is damaged, binary, or UTF-16 without a byte order mark; "
            f"{_ADVICE}",
            where=f"line {line}",
        )
    return text


def _decode_marked(data: bytes, name: str) -> str | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise UnreadableFile(
                    f"{name} begins with a byte order mark of {encoding.removesuffix('-sig').upper()}, but byte "
                    f"{error.start + 1} does not fit it; {_ADVICE}",
                    where=name,
                ) from None
    return None


def _decode_unmarked(data: bytes, name: str, place: str) -> str:
    """Decode text that is not UTF-8, only when the guess also reads like writing.

    Windows-1252 and Mac Roman come first: their neighbours (cp1250, cp775 …) explain a few curly quotes equally well.
    """
    from charset_normalizer import from_bytes

    foreign_lines = (line for line in data.splitlines() if not line.isascii())
    sample = b"\n".join(islice(foreign_lines, _SAMPLE_LINES))
    chaos: dict[str, float] = {}
    for guess in from_bytes(sample):
        for encoding in (guess.encoding, *guess.could_be_from_charset):
            chaos.setdefault(encoding, guess.chaos)
    best = min(chaos.values(), default=1.0)
    near = [encoding for encoding, value in chaos.items() if value <= min(best + _CHAOS_MARGIN, _MAX_CHAOS)]
    western = [encoding for encoding in ("cp1252", "mac_roman") if encoding in near]
    for encoding in western + near[:1]:
        try:
            plausible = _reads_like_writing(sample.decode(encoding), western=encoding in western)
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if plausible:
            logger.warning("%s is not UTF-8; read as %s", name, encoding)
            return text
    raise UnreadableFile(
        f"{name} is not UTF-8 ({place}), and its encoding cannot be told with certainty; {_ADVICE}", where=name
    )


def _reads_like_writing(text: str, *, western: bool) -> bool:
    foreign = [char for char in text if not char.isascii()]
    if not all(char.isalpha() or char in _TYPOGRAPHIC or (not western and char.isprintable()) for char in foreign):
        return False
    if western:
        return not _MISREAD.search(text)
    letters = sum(char.isalpha() for char in text)
    return sum(char.isalpha() for char in foreign) >= _MIN_FOREIGN_SHARE * letters
